/* size_rows.c - measured rows from a CSV, and the case that each describes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "size/size_fit.h"

enum { CELLS_MAX = 40, ROWS_MAX = 100000 };

typedef struct {
    const char *at, *end;
    size_t line, begun; /* lines from 1; begun: where the record started */
    rk_arena *arena;
    size_t unclosed; /* the line of a record whose quote does not end; 0 = none */
    bool failed;
} reader;

/* One cell, its quotes gone; *at stays on the comma or line end behind it. */
static const char *take_cell(reader *r)
{
    char *out;
    const char *from = r->at;
    if (r->at < r->end && *r->at == '"') {
        for (r->at++; r->at < r->end && (*r->at != '"' || (r->at + 1 < r->end && r->at[1] == '"')); r->at++) {
            r->line += *r->at == '\n';
            r->at += *r->at == '"';
        }
        out = rk_arena_copy(r->arena, from + 1, (size_t)(r->at - from) - 1);
        r->unclosed = r->at == r->end ? r->begun : r->unclosed;
        r->at += r->at < r->end;
        char *to = out;
        for (const char *p = out; p && *p; p++) {
            *to++ = *p;
            p += *p == '"';
        }
        if (to) {
            *to = '\0';
        }
        while (r->at < r->end && *r->at != ',' && *r->at != '\n') {
            r->at++;
        }
    } else {
        while (r->at < r->end && *r->at != ',' && *r->at != '\n') {
            r->at++;
        }
        size_t n = (size_t)(r->at - from);
        n -= n > 0 && from[n - 1] == '\r';
        out = rk_arena_copy(r->arena, from, n);
    }
    r->failed = r->failed || !out;
    return out ? out : "";
}

/* A record into cells[CELLS_MAX]; 0 at the end. Cells beyond are dropped. */
static size_t take_record(reader *r, const char **cells)
{
    size_t n = 0;
    r->begun = r->line;
    while (r->at < r->end) {
        const char *cell = take_cell(r);
        if (n < CELLS_MAX) {
            cells[n++] = cell;
        }
        if (r->at == r->end || *r->at++ == '\n') {
            r->line++;
            break;
        }
    }
    return n;
}

typedef struct {
    const char *names[CELLS_MAX], *cells[CELLS_MAX];
    size_t n_names, n;
} table;

static const char *cell(const table *t, const char *name)
{
    for (size_t i = 0; i < t->n_names; i++) {
        if (strcmp(t->names[i], name) == 0) {
            return i < t->n ? t->cells[i] : "";
        }
    }
    return NULL;
}

static double number(const table *t, const char *name)
{
    double value = NAN;
    const char *text = cell(t, name);
    return text && rk_parse_real(rk_slice_of(text), &value) ? value : NAN;
}

static const char *text_of(const table *t, const char *name)
{
    const char *text = cell(t, name);
    return text ? text : "";
}

/* ---- serving ---- */

static const char *const metrics[] = {"output_tok_s", "itl_ms",        "decode_ms_per_tok", "ttft_ms",
                                      "prefill_ms",   "prefill_tok_s", "decode_tok_s",      "total_ms"};

static bool is_known_metric(const char *metric)
{
    for (size_t i = 0; i < RK_COUNT_OF(metrics); i++) {
        if (strcmp(metric, metrics[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void choose_case(const char *model, const char *hardware, rk_size_row *row)
{
    const rk_size_shape *shape = rk_size_shape_find(model);
    const rk_size_accelerator *device = rk_size_accelerator_find(hardware);
    if (!shape) {
        row->aside = "the model is not in the table";
    } else if (!device) {
        row->aside = "the hardware is not in the table";
    } else {
        row->ask.shape = *shape;
        row->ask.accelerator = *device;
        row->is_sparse = shape->experts > 0;
        row->hardware = device->name;
    }
}

static void read_serving(const table *t, rk_size_row *row)
{
    static const struct {
        const char *word;
        int type;
    } types[] = {{"bf16", RK_BF16}, {"fp16", RK_BF16}, {"fp8", RK_FP8}, {"fp4", RK_FP4}, {"nvfp4", RK_FP4}};
    size_t i = 0;
    while (i < RK_COUNT_OF(types) && strcmp(text_of(t, "precision"), types[i].word) != 0) {
        i++;
    }
    double isl = number(t, "isl"), osl = number(t, "osl"), gpus = number(t, "gpus"), value = number(t, "value");
    choose_case(text_of(t, "model"), text_of(t, "hardware"), row);
    if (!row->aside && i == RK_COUNT_OF(types)) {
        row->aside = "the precision is not modelled";
    } else if (!row->aside && !is_known_metric(row->metric)) {
        row->aside = "the metric is not modelled";
    } else if (!row->aside && !(value > 0)) {
        row->aside = "the value is not a number above 0";
    } else if (!row->aside && !(isl > 0 && osl > 0 && gpus >= 1 && gpus <= 1024)) {
        row->aside = "tokens in and out or devices are missing";
    }
    if (row->aside) {
        return;
    }
    row->value = value;
    row->ask.type = types[i].type;
    row->ask.isl = isl;
    row->ask.osl = osl;
    row->ask.tp = (uint64_t)gpus;
    row->ask.pp = 1;
    double many = number(t, "concurrency");
    row->concurrency = many > 0 ? many : 0;
}

/* ---- training ---- */

static void read_run(const table *t, rk_size_row *row)
{
    double hours = number(t, "gpu_hours"), tokens = number(t, "tokens_b"), active = number(t, "active_params_b");
    double parameters = active > 0 ? active : number(t, "params_b");
    const rk_size_accelerator *d = rk_size_accelerator_find(text_of(t, "hardware"));
    row->metric = "gpu_hours";
    if (!(hours > 0 && tokens > 0 && parameters > 0)) {
        row->aside = "hours, tokens or parameters are missing";
    } else if (!d) {
        row->aside = "the hardware is not in the table";
    } else if (strstr(text_of(t, "note"), "6ND does not apply")) {
        row->aside = "by its own note 6 P T does not apply";
    }
    if (!row->aside) {
        row->value = hours;
        row->hardware = d->name;
        row->low = rk_size_train_hours(parameters * 1e9, tokens * 1e9, d->bf16, d->train_high);
        row->high = rk_size_train_hours(parameters * 1e9, tokens * 1e9, d->bf16, d->train_low);
        row->plain = sqrt(row->low * row->high);
    }
}

/* The peak is that of the precision: amp_fp8 has the fp8 peak. */
static void read_throughput(const table *t, rk_size_row *row)
{
    char name[64], hardware[64];
    snprintf(name, sizeof name, "mpt-%s", text_of(t, "Model"));
    snprintf(hardware, sizeof hardware, "%s", text_of(t, "GPU"));
    row->metric = "mfu_percent";
    choose_case(name, hardware, row);
    double n = number(t, "NumParams"), rate = number(t, "Throughput (T/s)") / number(t, "# GPUs");
    double context = number(t, "SeqLen (T)"), mfu = number(t, "MFU");
    if (!row->aside && !(n > 0 && rate > 0 && context > 0 && mfu > 0)) {
        row->aside = "a figure is missing";
    }
    if (!row->aside) {
        double peak = rk_size_peak(&row->ask.accelerator, strstr(text_of(t, "Precision"), "fp8") ? RK_FP8 : RK_BF16);
        row->value = mfu;
        row->plain = 100 * rk_size_train_mfu(n, (double)row->ask.shape.layers, (double)row->ask.shape.hidden, context,
                                             rate, peak);
    }
}

/* ---- the file ---- */

static rk_status find_kind(const char *path, const table *t, rk_size_fit_kind *kind, rk_error *err)
{
    if (cell(t, "metric") && cell(t, "value") && cell(t, "isl") && cell(t, "osl")) {
        *kind = RK_FIT_SERVING;
    } else if (cell(t, "gpu_hours") && cell(t, "tokens_b")) {
        *kind = RK_FIT_RUNS;
    } else if (cell(t, "MFU") && cell(t, "NumParams") && cell(t, "SeqLen (T)")) {
        *kind = RK_FIT_THROUGHPUT;
    } else {
        return rk_fail_at(err, (rk_place){path, 1, 0},
                          "the columns are none of model,hardware,gpus,precision,isl,osl,concurrency,metric,value or "
                          "gpu_hours,tokens_b,params_b,hardware or MFU,NumParams,SeqLen (T)");
    }
    return RK_OK;
}

static rk_status read_rows(reader *r, const char *path, const rk_size_ask *start, rk_size_fit *out, rk_error *err)
{
    static void (*const readers[])(const table *, rk_size_row *) = {read_serving, read_run, read_throughput};
    table t = {0};
    t.n_names = t.n = take_record(r, t.names);
    memcpy(t.cells, t.names, sizeof t.cells);
    rk_status status = find_kind(path, &t, &out->kind, err);
    while (!status && (t.n = take_record(r, t.cells)) > 0) {
        rk_size_row row = {.line = r->begun, .ask = *start};
        if (t.n == 1 && !*t.cells[0]) {
            continue;
        }
        row.model = text_of(&t, out->kind == RK_FIT_THROUGHPUT ? "Model" : "model");
        row.hardware = text_of(&t, out->kind == RK_FIT_THROUGHPUT ? "GPU" : "hardware");
        row.metric = text_of(&t, "metric");
        readers[out->kind](&t, &row);
        if (out->rows.n >= ROWS_MAX) {
            status = rk_fail_at(err, (rk_place){path, r->begun, 0}, "more than %d rows", (int)ROWS_MAX);
        } else if (!rk_vec_push(&out->rows, &row)) {
            status = rk_fail_memory(err, "measured rows");
        }
        out->n_used += !row.aside;
    }
    return status;
}

rk_status rk_size_rows_read(const char *path, const rk_size_ask *start, rk_size_fit *out, rk_error *err)
{
    rk_mapped file = {0};
    rk_status status = rk_mapped_open(path, &file, err);
    if (status) {
        return status;
    }
    out->rows.item_bytes = sizeof(rk_size_row);
    const char *at = (const char *)file.at;
    reader r = {.at = at, .end = at + file.n_bytes, .line = 1, .arena = &out->arena};
    status = read_rows(&r, path, start, out, err);
    if (!status && r.failed) {
        status = rk_fail_memory(err, "measured rows");
    } else if (!status && r.unclosed) {
        status = rk_fail_at(err, (rk_place){path, r.unclosed, 0}, "a quote is not closed");
    } else if (!status && out->n_used == 0) {
        status = rk_fail_at(err, (rk_place){path, 0, 0}, "no row can be used");
    }
    rk_mapped_close(&file);
    return status;
}
