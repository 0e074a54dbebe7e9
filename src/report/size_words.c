/* size_words.c - see size_words.h. */
#include "report/size_words.h"

#include <math.h>

static void add_bytes(rk_text *out, const char *before, double bytes, const char *after)
{
    rk_text_add(out, before);
    rk_text_add_bytes(out, bytes);
    rk_text_add(out, after);
}

/* One row of name, figure, remark. */
static void row(rk_table *t, const char *name, rk_text *figure, const char *remark)
{
    rk_table_add(t, name);
    rk_table_take(t, figure);
    rk_table_add(t, remark);
}

static void seconds_row(rk_table *t, const char *name, double seconds, const char *remark)
{
    rk_text text = {0};
    rk_text_add_seconds(&text, seconds);
    row(t, name, &text, remark);
    rk_text_release(&text);
}

static void number_row(rk_table *t, const char *name, double value, int digits, const char *unit, const char *remark)
{
    rk_text text = {0};
    rk_text_add_fixed(&text, value, digits);
    rk_text_add(&text, unit);
    row(t, name, &text, remark);
    rk_text_release(&text);
}

static void money_row(rk_table *t, const char *name, rk_money amount, unsigned digits, const char *remark)
{
    rk_text text = {0};
    rk_text_add(&text, "USD ");
    rk_money_print(amount, digits, &text);
    row(t, name, &text, remark);
    rk_text_release(&text);
}

static void add_memory(const rk_size_ask *ask, const rk_size_answer *a, rk_text *out)
{
    const rk_size_memory *m = &a->memory;
    rk_text_addf(out, "%s on tp %llu x pp %llu: ", a->fits ? "fits" : "does not fit", (unsigned long long)a->tp,
                 (unsigned long long)a->pp);
    add_bytes(out, "weights ", m->weights, "");
    add_bytes(out, " + activations ", m->activations, "");
    add_bytes(out, " + one request's cache ", m->cache_per_token * (ask->isl + ask->osl), "");
    add_bytes(out, " = ", m->need, "");
    add_bytes(out, a->fits ? " of " : ", but there are ", m->have, " usable\n");
    if (a->least_tp && (!a->fits || a->least_tp * a->least_pp < a->tp * a->pp)) {
        rk_text_addf(out, "the fewest devices that fit: %llu (tp %llu x pp %llu)\n",
                     (unsigned long long)(a->least_tp * a->least_pp), (unsigned long long)a->least_tp,
                     (unsigned long long)a->least_pp);
    } else if (!a->least_tp) {
        rk_text_add(out, "it fits on no tp up to 8 x pp up to 16\n");
    }
}

static void add_times(const rk_size_ask *ask, const rk_size_answer *a, rk_table *t)
{
    rk_text words = {0};
    rk_text_addf(&words, "%llu replicas of %llu", (unsigned long long)a->replicas, (unsigned long long)(a->tp * a->pp));
    number_row(t, "devices", (double)a->devices, 0, "", words.at);
    rk_text_clear(&words);
    rk_text_addf(&words,
                 "the step is %.0f %% products, %.0f %% weights, %.0f %% cache, %.0f %% all-reduce, %.0f %% launches",
                 100 * a->step.compute / a->step.total, 100 * a->step.weights / a->step.total,
                 100 * a->step.cache / a->step.total, 100 * a->step.reduce / a->step.total,
                 100 * a->step.launch / a->step.total);
    seconds_row(t, ask->osl > 0 ? "time to first token" : "time to read a text", a->first_token,
                "alone on the machine");
    if (ask->osl > 0) {
        seconds_row(t, "time to first token, loaded", a->first_token_loaded, "and a step of waiting");
        seconds_row(t, "time per token", a->token, words.at);
        number_row(t, "requests at once", a->batch, 0, "", a->meets ? "per replica" : "even one misses the limit");
    }
    number_row(t, ask->osl > 0 ? "output tokens/s" : "tokens read/s", a->tokens_per_second, 1, "", "per replica");
    number_row(t, "requests/s", a->requests_per_second, 3, "", "per replica, at most");
    rk_text_release(&words);
}

static void add_money(const rk_size_ask *ask, const rk_size_answer *a, rk_table *t)
{
    const rk_size_accelerator *d = &ask->accelerator;
    rk_text source = {0};
    if (!a->has_price) {
        return;
    }
    if (d->price) {
        rk_text_addf(&source, "list, %s / %u, %s", d->product, d->devices, d->day);
    } else {
        rk_text_add(&source, "as given");
    }
    money_row(t, "a device hour", a->device_hour, 6, source.at);
    money_row(t, "a month of 730 hours", a->month, 2, "all replicas");
    if (ask->osl > 0) {
        money_row(t, "a million output tokens", a->per_million_out, 6, "all cost on the output, at full load");
    }
    money_row(t, "a million tokens", a->per_million, 6, "in and out alike, at full load");
    money_row(t, "1,000 requests", a->per_1000, 6, "at full load");
    rk_text_clear(&source);
    rk_text_addf(&source, "%.0f texts of %.0f tokens read", ask->candidates, ask->isl);
    money_row(t, "a reranked request", a->per_rerank, 6, source.at);
    money_row(t, "1,000 reranked requests", a->per_1000_reranks, 6, "");
    rk_text_release(&source);
}

static void add_api(const rk_size_ask *ask, const rk_size_answer *a, rk_table *t)
{
    if (!a->has_api) {
        return;
    }
    money_row(t, "a request by API", a->api_request, 6, "");
    if (ask->rate > 0) {
        money_row(t, "a month by API", a->api_month, 2, "at the rate asked");
    }
    if (a->break_even_rate > 0) {
        number_row(t, "break-even", a->break_even_rate, 3, " requests/s",
                   a->break_even_fits ? "from there one replica costs less than the API"
                                      : "more than a replica carries: the API costs less");
    }
}

static void add_training(const rk_size_ask *ask, const rk_size_answer *a, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {
        {"training", false}, {"MFU", true}, {"device hours", true}, {"price USD", true}, {"days", true}};
    rk_table t = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    const char *const names[] = {"best", "typical", "worst"};
    const double mfu[] = {a->train_mfu.high, a->train_mfu.typical, a->train_mfu.low};
    const double hours[] = {a->train_hours.low, a->train_hours.typical, a->train_hours.high};
    const double days[] = {a->train_days.low, a->train_days.typical, a->train_days.high};
    rk_text text = {0};
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        rk_table_add(&t, names[i]);
        rk_table_addf(&t, "%.2f", mfu[i]);
        rk_text_add_fixed(&text, hours[i], 0);
        rk_table_take(&t, &text);
        if (a->has_price) {
            rk_money_print(a->train_price[i], 0, &text);
        }
        rk_table_take(&t, &text);
        if (ask->train_devices > 0) {
            rk_text_add_fixed(&text, days[i], 1);
        }
        rk_table_take(&t, &text);
    }
    rk_text_add(out, "\n");
    rk_table_print(&t, style, out);
    rk_text_release(&text);
    rk_table_release(&t);
}

void rk_report_size(const rk_size_ask *ask, const rk_size_answer *a, rk_table_style style, rk_text *out)
{
    static const char *const types[] = {"bf16", "fp8", "fp4"};
    static const rk_column heads[] = {{"what", false}, {"figure", true}, {"how", false}};
    rk_table t = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    rk_text_addf(out, "%s, %.1f billion parameters (%.1f active), %s, on %s; %.0f tokens in, %.0f out\n",
                 ask->shape.name, a->counts.total / 1e9, a->counts.active / 1e9, types[ask->type],
                 ask->accelerator.name, ask->isl, ask->osl);
    add_memory(ask, a, out);
    if (a->fits) {
        add_times(ask, a, &t);
        add_money(ask, a, &t);
    }
    add_api(ask, a, &t);
    if (rk_table_n_rows(&t) > 0) {
        rk_text_add(out, "\n");
        rk_table_print(&t, style, out);
    }
    rk_table_release(&t);
    if (ask->train_tokens > 0) {
        add_training(ask, a, style, out);
    }
    rk_text_addf(out, "\nassumed: MFU %.2f, MBU %.2f, link %.2f, %.0f us a layer; formulas and errors: docs/size.md\n",
                 ask->factors.mfu, ask->factors.mbu, ask->factors.link, ask->factors.layer_us);
}

/* ---- calibration ---- */

static void add_share(rk_table *t, double share)
{
    if (isnan(share)) {
        rk_table_add(t, "n/a");
    } else {
        rk_table_addf(t, "%.2f %%", 100 * share);
    }
}

/* Reasons, each once, with the number of rows. */
static void add_asides(const rk_size_fit *f, rk_text *out)
{
    const rk_size_row *rows = f->rows.data;
    for (size_t i = 0; i < f->rows.n; i++) {
        size_t n = 0;
        bool first = rows[i].aside != NULL;
        for (size_t k = 0; k < f->rows.n && first; k++) {
            bool same = rows[k].aside == rows[i].aside;
            first = !same || k >= i;
            n += same;
        }
        if (first) {
            rk_text_addf(out, "  %zu: %s (first: line %zu, %.60s, %.40s)\n", n, rows[i].aside, rows[i].line,
                         rows[i].model, rows[i].hardware);
        }
    }
}

static void add_rows(const rk_size_fit *f, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"line", true},       {"model", false},           {"hardware", false},
                                      {"metric", false},    {"measured", true},         {"uncalibrated", true},
                                      {"calibrated", true}, {"hardware left out", true}};
    rk_table t = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    const rk_size_row *rows = f->rows.data;
    for (size_t i = 0; i < f->rows.n; i++) {
        if (!rows[i].aside) {
            rk_table_addf(&t, "%zu", rows[i].line);
            rk_table_add(&t, rows[i].model);
            rk_table_add(&t, rows[i].hardware);
            rk_table_add(&t, rows[i].metric);
            rk_table_addf(&t, "%.5g", rows[i].value);
            rk_table_addf(&t, "%+.1f %%", 100 * (rows[i].plain / rows[i].value - 1));
            rk_table_addf(&t, "%+.1f %%", 100 * (rows[i].fitted / rows[i].value - 1));
            rk_table_addf(&t, "%+.1f %%", 100 * (rows[i].crossed / rows[i].value - 1));
        }
    }
    rk_table_print(&t, style, out);
    rk_table_release(&t);
}

void rk_report_size_fit(const rk_size_fit *f, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"mean absolute error", false}, {"rows", true},
                                      {"uncalibrated", true},         {"calibrated", true},
                                      {"hardware left out", true},    {"its worst row", true}};
    rk_table t = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    add_rows(f, style, out);
    rk_text_add(out, "\n");
    for (size_t i = 0; i < f->n_errors; i++) {
        rk_table_add(&t, f->errors[i].what);
        rk_table_addf(&t, "%zu", f->errors[i].n);
        add_share(&t, f->errors[i].plain);
        add_share(&t, f->errors[i].fitted);
        add_share(&t, f->errors[i].crossed);
        add_share(&t, f->errors[i].worst);
    }
    rk_table_print(&t, style, out);
    rk_table_release(&t);
    if (f->kind == RK_FIT_SERVING) {
        rk_text_addf(out, "\nfitted: MFU %.3f, MBU %.3f, link %.3f, %.1f us a layer\n", f->factors.mfu, f->factors.mbu,
                     f->factors.link, f->factors.layer_us);
    } else if (f->kind == RK_FIT_RUNS) {
        rk_text_addf(out, "\n%.0f %% of the runs lie inside the band of their hardware; nothing is fitted\n",
                     100 * f->inside);
    }
    if (f->rows.n > f->n_used) {
        rk_text_addf(out, "\n%zu rows set aside:\n", f->rows.n - f->n_used);
        add_asides(f, out);
    }
}

/* ---- the tables ---- */

static void add_shapes(rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"model", false},     {"billions", true}, {"active", true},   {"layers", true},
                                      {"hidden", true},     {"heads", true},    {"kv heads", true}, {"ffn", true},
                                      {"vocabulary", true}, {"experts", true},  {"tied", false},    {"source", false}};
    rk_table t = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    const rk_size_shape *s;
    for (size_t i = 0; (s = rk_size_shape_at(i)) != NULL; i++) {
        rk_size_counts c = rk_size_count(s);
        const uint64_t counts[] = {s->layers, s->hidden, s->heads, s->kv_heads, s->ffn, s->vocabulary};
        rk_table_add(&t, s->name);
        rk_table_addf(&t, "%.2f", c.total / 1e9);
        rk_table_addf(&t, "%.2f", c.active / 1e9);
        for (size_t k = 0; k < RK_COUNT_OF(counts); k++) {
            rk_table_addf(&t, "%llu", (unsigned long long)counts[k]);
        }
        if (s->experts) {
            rk_table_addf(&t, "%llu of %llu", (unsigned long long)s->active_experts, (unsigned long long)s->experts);
        } else {
            rk_table_add(&t, "");
        }
        rk_table_add(&t, s->tied ? "yes" : "no");
        rk_table_add(&t, s->source);
    }
    rk_table_print(&t, style, out);
    rk_table_release(&t);
}

void rk_report_size_tables(rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"accelerator", false}, {"bf16 TFLOP/s", true}, {"fp8", true},
                                      {"fp4", true},          {"GB/s", true},         {"memory GB", true},
                                      {"link GB/s", true},    {"training MFU", true}, {"list price", false}};
    rk_table t = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    const rk_size_accelerator *d;
    add_shapes(style, out);
    rk_text_add(out, "\n");
    for (size_t i = 0; (d = rk_size_accelerator_at(i)) != NULL; i++) {
        const double figures[] = {d->bf16 / 1e12,     d->fp8 / 1e12,   d->fp4 / 1e12,
                                  d->bandwidth / 1e9, d->memory / 1e9, d->link / 1e9};
        rk_table_add(&t, d->name);
        for (size_t k = 0; k < RK_COUNT_OF(figures); k++) {
            rk_table_addf(&t, "%.5g", figures[k]);
        }
        rk_table_addf(&t, "%.2f-%.2f", d->train_low, d->train_high);
        if (d->price) {
            rk_table_addf(&t, "USD %s / %u an hour, %s, %s", d->price, d->devices, d->product, d->day);
        } else {
            rk_table_add(&t, "unknown: --price");
        }
    }
    rk_table_print(&t, style, out);
    rk_table_release(&t);
}
