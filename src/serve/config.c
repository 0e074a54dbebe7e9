/* config.c - one table of keys, filled by base/yaml. */
#include "serve/config.h"

#include <limits.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"

typedef struct {
    const char *model, *data, *search, *rank, *events, *sources, *scenes, *experiments, *exposures, *address,
        *port_file, *keys;
    const char *tls_cert, *tls_key, *audit, *pseudonyms;
    const rk_yaml_node *cors, *trusted_proxies;
    int open_metrics;
    rk_number client_rate, client_burst, slo_ms, in_flight;
    const char *index, *rates, *service, *variant, *golden;
    rk_number quality_drop, log_sample;
    int watch, log, quick_start;
    rk_number port, threads, connections, drain_s, request_s, idle_s, recent_max, items_max, cache_bytes;
} config;

static const rk_key keys[] = {
    {"model", RK_KEY_TEXT, offsetof(config, model), .help = "the model that answers"},
    {"search", RK_KEY_TEXT, offsetof(config, search), .help = "index that searches are answered from"},
    {"rank", RK_KEY_TEXT, offsetof(config, rank), .help = "weights of the second look at what was found"},
    {"data", RK_KEY_TEXT, offsetof(config, data), .help = "dataset that says what is popular"},
    {"address", RK_KEY_TEXT, offsetof(config, address), .help = "numeric address to listen on"},
    {"port", RK_KEY_COUNT, offsetof(config, port), .max = 65535, .help = "0 picks a free one"},
    {"port_file", RK_KEY_TEXT, offsetof(config, port_file), .help = "written once the server listens"},
    {"threads", RK_KEY_COUNT, offsetof(config, threads), .min = 1, .max = 1024, .help = "workers"},
    {"connections", RK_KEY_COUNT, offsetof(config, connections), .min = 1, .max = 1000000, .help = "open at once"},
    {"drain_s", RK_KEY_COUNT, offsetof(config, drain_s), .max = 3600, .help = "seconds left to requests at the end"},
    {"request_s", RK_KEY_COUNT, offsetof(config, request_s), .min = 1, .max = 3600, .help = "seconds of one request"},
    {"idle_s", RK_KEY_COUNT, offsetof(config, idle_s), .min = 1, .max = 86400, .help = "seconds between two requests"},
    {"events", RK_KEY_TEXT, offsetof(config, events), .help = "folder of the log of events"},
    {"index", RK_KEY_TEXT, offsetof(config, index),
     .help = "of the model's vectors: candidates without scoring all items"},
    {"sources", RK_KEY_TEXT, offsetof(config, sources), .help = "file of sources whose events are fetched"},
    {"rates", RK_KEY_TEXT, offsetof(config, rates), .help = "rate card that prices each answer"},
    {"service", RK_KEY_TEXT, offsetof(config, service), .help = "whose rates of the card; without it its first"},
    {"variant", RK_KEY_TEXT, offsetof(config, variant), .help = "of that service; without it its first"},
    {"golden", RK_KEY_TEXT, offsetof(config, golden), .help = "questions whose answers a new model must hold"},
    {"quality_drop", RK_KEY_NUMBER, offsetof(config, quality_drop), .max = 1, .certain = true,
     .help = "share of what the old model finds that a new one may miss; 1: not looked at"},
    {"log", RK_KEY_CHOICE, offsetof(config, log), .choices = "text|json", .help = "what is said on standard error"},
    {"log_sample", RK_KEY_NUMBER, offsetof(config, log_sample), .max = 1, .certain = true,
     .help = "with log json, the share of requests written down beside failed and slow ones"},
    {"quick_start", RK_KEY_CHOICE, offsetof(config, quick_start), .choices = "no|yes",
     .help = "answer before every byte of the model has been read"},
    {"watch", RK_KEY_CHOICE, offsetof(config, watch), .choices = "no|yes", .help = "reload when a file is replaced"},
    {"recent_max", RK_KEY_COUNT, offsetof(config, recent_max), .min = 1, .max = 1000000000,
     .help = "users and items whose events are kept in memory"},
    {"items_max", RK_KEY_COUNT, offsetof(config, items_max), .min = 1, .max = 1000000000,
     .help = "products of a live index; a new one more is refused"},
    {"cache_bytes", RK_KEY_COUNT, offsetof(config, cache_bytes), .max = RK_CACHE_BYTES_MAX,
     .help = "memory for answers that may be given again; 0: none"},
    {"keys", RK_KEY_TEXT, offsetof(config, keys), .help = "file of reckon keys; who has none is refused"},
    {"open_metrics", RK_KEY_CHOICE, offsetof(config, open_metrics), .choices = "no|yes",
     .help = "/metrics takes no key"},
    {"client_rate", RK_KEY_NUMBER, offsetof(config, client_rate), .max = 1000000, .certain = true,
     .help = "requests a second of one address, where no key is asked for"},
    {"slo_ms", RK_KEY_COUNT, offsetof(config, slo_ms), .max = 600000,
     .help = "milliseconds within which answers should leave; 0 refuses none for waiting"},
    {"in_flight", RK_KEY_COUNT, offsetof(config, in_flight), .min = 1, .max = 1000000,
     .help = "requests let in and not yet answered, at most"},
    {"client_burst", RK_KEY_NUMBER, offsetof(config, client_burst), .min = 1, .max = 1000000, .certain = true,
     .help = "requests at once of one address"},
    {"trusted_proxies", RK_KEY_LIST, offsetof(config, trusted_proxies),
     .help = "networks of proxies that are believed whom they ask for"},
    {"scenes", RK_KEY_TEXT, offsetof(config, scenes), .help = "file of what is shown where"},
    {"experiments", RK_KEY_TEXT, offsetof(config, experiments), .help = "file of which users see which variant"},
    {"exposures", RK_KEY_TEXT, offsetof(config, exposures), .help = "folder of the log of what was shown to whom"},
    {"tls_cert", RK_KEY_TEXT, offsetof(config, tls_cert), .help = "certificate chain, PEM: answers over TLS alone"},
    {"tls_key", RK_KEY_TEXT, offsetof(config, tls_key), .help = "its key, PEM"},
    {"cors", RK_KEY_LIST, offsetof(config, cors), .help = "origins whose pages browsers let ask"},
    {"pseudonyms", RK_KEY_TEXT, offsetof(config, pseudonyms), .help = "key by which users' names are replaced"},
    {"audit", RK_KEY_TEXT, offsetof(config, audit), .help = "log of who changed what"},
};

/* The table keeps every count small enough. */
static void take_count(const rk_number *number, unsigned *out)
{
    if (number->is_set) {
        *out = (unsigned)rk_decimal_real(number->value);
    }
}

/* A copy in the arena; NULL stays NULL. beside: the file it counts from, NULL = as it is. */
static rk_status take_text(const char *text, const char *beside, rk_arena *arena, const char **out, rk_error *err)
{
    char path[PATH_MAX];
    if (!text) {
        return RK_OK;
    }
    if (beside && !rk_path_beside(beside, text, path, sizeof path)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: the path '%.80s' is too long", beside, text);
    }
    const char *words = beside ? path : text;
    *out = rk_arena_copy(arena, words, strlen(words));
    return *out ? RK_OK : rk_fail_memory(err, "the configuration");
}

static void take_real(const rk_number *number, double *out)
{
    if (number->is_set) {
        *out = rk_decimal_real(number->value);
    }
}

static rk_status take_guard(const config *from, const char *path, rk_arena *arena, rk_guard_options *out, rk_error *err)
{
    take_real(&from->client_rate, &out->client_rate);
    take_real(&from->client_burst, &out->client_burst);
    take_count(&from->slo_ms, &out->load.slo_ms);
    take_count(&from->in_flight, &out->load.n_in_flight);
    out->has_open_metrics = from->open_metrics == 1;
    return take_text(from->keys, path, arena, &out->keys_path, err);
}

static rk_status check_origin(const char *text, rk_error *err)
{
    return rk_cors_check(&(rk_cors_options){&text, 1}, err);
}

static rk_status check_network(const char *text, rk_error *err)
{
    rk_network ignored;
    return rk_network_parse(text, &ignored, err);
}

typedef struct {
    const rk_yaml_node *list; /* NULL: not there */
    const char *key;
    rk_status (*check)(const char *text, rk_error *err);
    const char *const **out; /* [*n_out] */
    size_t *n_out;
} text_list;

static rk_status take_list(const text_list *from, rk_arena *arena, rk_error *err)
{
    const char **texts = from->list ? RK_TAKE(arena, const char *, from->list->n) : NULL;
    rk_status status = from->list && !texts ? rk_fail_memory(err, "the configuration") : RK_OK;
    size_t n = 0;
    for (const rk_yaml_node *node = from->list ? from->list->first : NULL; !status && node; node = node->next, n++) {
        const char *text;
        rk_error bad;
        status = rk_yaml_text(node, from->key, &text, err);
        status = status ? status : take_text(text, NULL, arena, &texts[n], err);
        if (!status && from->check(text, &bad)) {
            status = rk_fail_at(err, node->at, "%s: %s", from->key, bad.message);
        }
    }
    if (!status && from->list) {
        *from->out = texts;
        *from->n_out = n;
    }
    return status;
}

typedef struct {
    void (*tell)(void *context, const char *problem); /* NULL: the first problem ends it */
    void *context;
} listener;

static rk_status take_lists(const config *from, listener ear, rk_arena *arena, rk_serve_options *out, rk_error *err)
{
    const text_list lists[] = {
        {from->cors, "cors", check_origin, &out->cors.origins, &out->cors.n},
        {from->trusted_proxies, "trusted_proxies", check_network, &out->guard.proxies, &out->guard.n_proxies},
    };
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_COUNT_OF(lists) && !status; i++) {
        status = take_list(&lists[i], arena, err);
        if (status == RK_BAD_INPUT && ear.tell) {
            ear.tell(ear.context, err->message);
            status = RK_OK;
        }
    }
    return status;
}

static rk_status take_trust(const config *from, const char *path, rk_arena *arena, rk_serve_options *out, rk_error *err)
{
    rk_status status = take_guard(from, path, arena, &out->guard, err);
    status = status ? status : take_text(from->tls_cert, path, arena, &out->tls_cert, err);
    status = status ? status : take_text(from->tls_key, path, arena, &out->tls_key, err);
    status = status ? status : take_text(from->pseudonyms, path, arena, &out->pseudonyms_path, err);
    return status ? status : take_text(from->audit, path, arena, &out->audit_path, err);
}

static rk_status take_all(const config *from, const char *path, rk_arena *arena, rk_serve_options *out, rk_error *err)
{
    unsigned port = out->port;
    take_count(&from->port, &port);
    out->port = (uint16_t)port;
    take_count(&from->threads, &out->threads);
    take_count(&from->connections, &out->connections);
    take_count(&from->drain_s, &out->drain_s);
    take_count(&from->request_s, &out->request_s);
    take_count(&from->idle_s, &out->idle_s);
    take_count(&from->recent_max, &out->recent_max);
    take_count(&from->items_max, &out->items_max);
    if (from->cache_bytes.is_set) {
        out->cache_bytes = (size_t)rk_decimal_real(from->cache_bytes.value);
    }
    out->watches = from->watch == 1;
    out->starts_quickly = from->quick_start == 1;
    out->logs_json = from->log == 1;
    if (from->log_sample.is_set) {
        out->log_sample = rk_decimal_real(from->log_sample.value);
    }
    if (from->quality_drop.is_set) {
        out->checks.quality_drop = rk_decimal_real(from->quality_drop.value);
    }
    const struct {
        const char *text, **out;
        bool is_path;
    } texts[] = {
        {from->model, &out->model_path, true},
        {from->data, &out->data_path, true},
        {from->port_file, &out->port_file, true},
        {from->events, &out->events_path, true},
        {from->sources, &out->sources_path, true},
        {from->scenes, &out->scenes_path, true},
        {from->experiments, &out->experiments_path, true},
        {from->exposures, &out->exposures_path, true},
        {from->search, &out->search_path, true},
        {from->rank, &out->ranker_path, true},
        {from->rates, &out->rates_path, true},
        {from->index, &out->index_path, true},
        {from->golden, &out->checks.golden_path, true},
        {from->service, &out->service, false},
        {from->variant, &out->variant, false},
        {from->address, &out->address, false},
    };
    rk_status status = take_trust(from, path, arena, out, err);
    for (size_t i = 0; i < RK_COUNT_OF(texts) && !status; i++) {
        status = take_text(texts[i].text, texts[i].is_path ? path : NULL, arena, texts[i].out, err);
    }
    return status;
}

rk_status rk_serve_config_read(const char *path, rk_arena *arena, rk_serve_options *out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    config read = {0};
    *out = rk_serve_defaults();
    rk_status status = rk_yaml_read(path, &yaml, err);
    if (status == RK_OK) {
        status = rk_yaml_fill(rk_yaml_root(yaml), "the configuration", keys, RK_COUNT_OF(keys), &read, err);
    }
    if (status == RK_OK && !read.model && !read.search) {
        status = rk_fail(err, RK_BAD_INPUT, "%s: the configuration needs 'model', 'search' or both", path);
    }
    if (status == RK_OK) {
        status = take_all(&read, path, arena, out, err);
    }
    status = status ? status : take_lists(&read, (listener){0}, arena, out, err);
    rk_yaml_free(yaml);
    return status;
}

rk_status rk_serve_config_try(const char *path, rk_arena *arena, rk_serve_options *out,
                              void (*tell)(void *context, const char *problem), void *context, rk_error *err)
{
    rk_yaml *yaml = NULL;
    config read = {0};
    rk_error wrong;
    *out = rk_serve_defaults();
    rk_status status = rk_yaml_read(path, &yaml, err);
    const rk_yaml_node *root = status ? NULL : rk_yaml_root(yaml);
    if (root && root->kind != RK_YAML_MAP) { /* says so in its own words */
        status = rk_yaml_fill(root, "the configuration", keys, RK_COUNT_OF(keys), &read, err);
    }
    for (const rk_yaml_node *c = root && !status ? root->first : NULL; c; c = c->next) {
        rk_yaml_node *just = RK_TAKE(arena, rk_yaml_node, 1); /* a list is looked at later, and in it */
        rk_yaml_node map = *root;                             /* of this key alone */
        if (!just) {
            status = rk_fail_memory(err, "the configuration");
            break;
        }
        *just = *c;
        just->next = NULL;
        map.first = just;
        map.n = 1;
        if (rk_yaml_fill(&map, "the configuration", keys, RK_COUNT_OF(keys), &read, &wrong)) {
            tell(context, wrong.message);
        }
    }
    if (!status && !read.model && !read.search) {
        tell(context, "the configuration needs 'model', 'search' or both");
    }
    status = status ? status : take_all(&read, path, arena, out, err);
    status = status ? status : take_lists(&read, (listener){tell, context}, arena, out, err);
    rk_yaml_free(yaml);
    return status;
}
