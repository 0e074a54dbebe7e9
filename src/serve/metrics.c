/* metrics.c - histograms with fixed buckets: cheap to count, and summed over servers without loss.
 *
 * The text is the Prometheus exposition format 0.0.4. Only routes that were asked appear.
 */
#include "serve/metrics.h"

#include <jansson.h>

#include "base/clock.h"

static const unsigned statuses[RK_METRIC_STATUSES - 1] = {200, 400, 401, 403, 404, 405, 411,
                                                          413, 414, 429, 431, 500, 501, 503};

static const struct {
    int64_t ns;
    const char *seconds;
} limits[RK_METRIC_BUCKETS] = {
    {50000, "0.00005"},  {100000, "0.0001"},  {250000, "0.00025"}, {500000, "0.0005"},
    {1000000, "0.001"},  {2500000, "0.0025"}, {5000000, "0.005"},  {10000000, "0.01"},
    {25000000, "0.025"}, {50000000, "0.05"},  {100000000, "0.1"},  {250000000, "0.25"},
    {500000000, "0.5"},  {1000000000, "1"},   {2500000000, "2.5"}, {5000000000, "5"},
};

static void add(atomic_uint_least64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static unsigned long long get(const atomic_uint_least64_t *counter)
{
    return (unsigned long long)atomic_load_explicit(counter, memory_order_relaxed);
}

static size_t column_of(unsigned status)
{
    size_t column = 0;
    while (column < RK_METRIC_STATUSES - 1 && statuses[column] != status) {
        column++;
    }
    return column;
}

void rk_metrics_count(rk_metrics *metrics, size_t route, unsigned status, int64_t latency_ns)
{
    rk_route_metrics *counts = &metrics->route[route < RK_METRIC_ROUTES_MAX ? route : RK_METRIC_ROUTES_MAX - 1];
    size_t bucket = 0;
    while (bucket < RK_METRIC_BUCKETS && latency_ns > limits[bucket].ns) {
        bucket++;
    }
    add(&counts->by_status[column_of(status)], 1);
    add(&counts->bucket[bucket], 1);
    add(&counts->sum_ns, (uint64_t)(latency_ns > 0 ? latency_ns : 0));
}

static void head(rk_text *out, const char *name, const char *kind, const char *help)
{
    rk_text_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

/* One number without labels. */
static void write_number(rk_text *out, const char *name, const char *kind, const char *help, double value)
{
    head(out, name, kind, help);
    rk_text_addf(out, "%s ", name);
    rk_text_add_real(out, value);
    rk_text_add(out, "\n");
}

static void write_requests(const rk_metrics *metrics, const char *const *names, size_t n_routes, rk_text *out)
{
    head(out, "reckon_http_requests_total", "counter", "Requests ended, by route and status.");
    for (size_t r = 0; r < n_routes; r++) {
        for (size_t s = 0; s < RK_METRIC_STATUSES; s++) {
            unsigned long long n = get(&metrics->route[r].by_status[s]);
            if (n > 0) {
                rk_text_addf(out, "reckon_http_requests_total{route=\"%s\",status=\"", names[r]);
                rk_text_addf(out, s < RK_METRIC_STATUSES - 1 ? "%u" : "other",
                             s < RK_METRIC_STATUSES - 1 ? statuses[s] : 0);
                rk_text_addf(out, "\"} %llu\n", n);
            }
        }
    }
}

static void write_histogram(const rk_route_metrics *counts, const char *route, rk_text *out)
{
    static const char name[] = "reckon_http_request_duration_seconds";
    unsigned long long n = 0;
    for (size_t b = 0; b <= RK_METRIC_BUCKETS; b++) {
        n += get(&counts->bucket[b]);
    }
    if (n == 0) {
        return;
    }
    unsigned long long below = 0;
    for (size_t b = 0; b < RK_METRIC_BUCKETS; b++) {
        below += get(&counts->bucket[b]);
        rk_text_addf(out, "%s_bucket{route=\"%s\",le=\"%s\"} %llu\n", name, route, limits[b].seconds,
                     below < n ? below : n);
    }
    rk_text_addf(out, "%s_bucket{route=\"%s\",le=\"+Inf\"} %llu\n", name, route, n);
    rk_text_addf(out, "%s_sum{route=\"%s\"} ", name, route);
    rk_text_add_real(out, (double)get(&counts->sum_ns) / 1e9);
    rk_text_addf(out, "\n%s_count{route=\"%s\"} %llu\n", name, route, n);
}

/* Kind names and labels come from our own tables: nothing to escape. */
static void write_model(const rk_live *live, rk_text *out)
{
    const rk_model *model = live->model;
    if (!model) {
        return;
    }
    head(out, "reckon_model_info", "gauge", "The model that answers now; always 1.");
    rk_text_addf(out, "reckon_model_info{model=\"%s\",kind=\"%s\",type=\"%s\",dim=\"%u\"} 1\n", rk_model_label(model),
                 rk_model_kind_of(model)->name, rk_type_name(rk_model_type(model)), rk_model_dim(model));
    write_number(out, "reckon_model_items", "gauge", "Items the model knows.", rk_model_n_items(model));
    write_number(out, "reckon_model_users", "gauge", "Users the model knows.", rk_model_n_users(model));
    write_number(out, "reckon_model_bytes", "gauge", "Bytes of vectors, scales and biases that answering reads.",
                 (double)rk_model_form_bytes(model));
    const char *made = json_string_value(json_object_get(rk_artefact_making_json(rk_model_artefact(model)), "at"));
    int64_t made_unix_s = 0;
    if (made && rk_parse_time(rk_slice_of(made), &made_unix_s)) {
        write_number(out, "reckon_model_made_seconds", "gauge", "When the model was made, seconds since 1970.",
                     (double)made_unix_s);
    }
    write_number(out, "reckon_model_opened_seconds", "gauge", "When the model was opened, seconds since 1970.",
                 (double)live->opened_unix_s);
}

static void write_process(rk_text *out)
{
    write_number(out, "process_cpu_seconds_total", "counter", "Processor time of the process, user and system.",
                 (double)rk_clock_cpu_ns() / 1e9);
    write_number(out, "process_resident_memory_bytes", "gauge", "Resident memory of the process.",
                 (double)rk_memory_bytes());
}

void rk_metrics_format(const rk_metrics *metrics, const char *const *names, size_t n_routes, const rk_live *live,
                       rk_text *out)
{
    write_requests(metrics, names, n_routes, out);
    head(out, "reckon_http_request_duration_seconds", "histogram",
         "From the request line read to the answer handed to the system.");
    for (size_t r = 0; r < n_routes; r++) {
        write_histogram(&metrics->route[r], names[r], out);
    }
    write_number(out, "reckon_http_connections", "gauge", "Open connections.",
                 (double)atomic_load_explicit(&metrics->n_connections, memory_order_relaxed));
    write_number(out, "reckon_http_requests_active", "gauge", "Requests begun and not yet ended.",
                 (double)atomic_load_explicit(&metrics->n_active, memory_order_relaxed));
    write_number(out, "reckon_http_swept_connections_total", "counter", "Connections ended for being too slow.",
                 (double)get(&metrics->n_swept));
    write_number(out, "reckon_http_broken_requests_total", "counter",
                 "Requests that ended before they were whole and well formed.", (double)get(&metrics->n_broken));
    write_model(live, out);
    write_process(out);
}

void rk_metrics_answers(rk_answers *answers, rk_text *out)
{
    rk_answers_counts counts;
    rk_answers_count(answers, &counts);
    head(out, "reckon_cache_total", "counter", "Answers that were kept and given again, made, and dropped for room.");
    rk_text_addf(out,
                 "reckon_cache_total{outcome=\"hit\"} %llu\nreckon_cache_total{outcome=\"miss\"} %llu\n"
                 "reckon_cache_total{outcome=\"evicted\"} %llu\n",
                 (unsigned long long)counts.n_hits, (unsigned long long)counts.n_misses,
                 (unsigned long long)counts.n_evicted);
    write_number(out, "reckon_cache_answers", "gauge", "Answers that are kept now.", (double)counts.n);
    write_number(out, "reckon_cache_bytes", "gauge", "Bytes of them and of their questions.", (double)counts.bytes);
}

void rk_metrics_products(const rk_delivery_counts *counts, rk_text *out)
{
    head(out, "reckon_products_total", "counter", "Products put and taken away: on disk, or refused.");
    rk_text_addf(out, "reckon_products_total{outcome=\"kept\"} %llu\nreckon_products_total{outcome=\"refused\"} %llu\n",
                 get(&counts->n_kept), get(&counts->n_refused));
    write_number(out, "reckon_product_rounds_total", "counter", "Flushes of the disk that they took.",
                 (double)get(&counts->n_rounds));
    write_number(out, "reckon_products_waiting", "gauge", "Products on their way to the disk.",
                 (double)get(&counts->n_waiting));
    write_number(out, "reckon_product_lag_seconds", "gauge",
                 "How long the oldest product of the last round waited to be on disk.",
                 (double)atomic_load_explicit(&counts->lag_ns, memory_order_relaxed) / 1e9);
}

void rk_metrics_events(const rk_intake_counts *counts, rk_recent *recent, rk_text *out)
{
    head(out, "reckon_events_total", "counter", "Events acknowledged: kept, or known already.");
    rk_text_addf(out, "reckon_events_total{outcome=\"kept\"} %llu\nreckon_events_total{outcome=\"duplicate\"} %llu\n",
                 get(&counts->n_accepted), get(&counts->n_duplicates));
    write_number(out, "reckon_events_refused_requests_total", "counter", "Requests whose events were not kept.",
                 (double)get(&counts->n_refused));
    write_number(out, "reckon_events_requests_waiting", "gauge", "Requests whose events are on their way to the disk.",
                 (double)get(&counts->n_waiting));
    write_number(out, "reckon_event_lag_seconds", "gauge",
                 "How long the oldest request of the last round waited for its events to be on disk.",
                 (double)atomic_load_explicit(&counts->lag_ns, memory_order_relaxed) / 1e9);
    write_number(out, "reckon_event_newest_seconds", "gauge",
                 "When the newest event since the start was kept, seconds since 1970; 0: none yet.",
                 (double)atomic_load_explicit(&counts->newest_unix_s, memory_order_relaxed));
    write_number(out, "reckon_recent_users", "gauge", "Users with events since the log began.",
                 rk_recent_n_users(recent));
    write_number(out, "reckon_recent_turned_away_total", "counter",
                 "Events kept in the log only: there were as many users or items in memory as agreed.",
                 (double)rk_recent_n_turned_away(recent));
}
