/* bench_evaluate.c - users ranked per second: the evaluator's blocks and one-by-one answering, in fp32, fp16 and int8,
 * next to the loop one would write first. Per second of processor time, so that other work on the machine hardly shows;
 * ratios of one run are what to read.
 *
 * usage: bench_evaluate [USERS [ITEMS [DIM]]]   (default 8192 40981 64: the catalogue of Gowalla)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/compress.h"
#include "eval/eval.h"
#include "math/random.h"

enum { K = 20, TESTS_PER_USER = 7, NAIVE_USERS = 128 };

typedef struct {
    uint32_t n_users, n_items, dim;
    char folder[64];
    rk_pool *pool;
} bench;

static void check(rk_status status, const rk_error *err)
{
    if (status != RK_OK) {
        fprintf(stderr, "bench_evaluate: %s\n", err->message);
        exit(1);
    }
}

static const char *path_of(const bench *b, const char *name)
{
    static char path[4][128];
    static unsigned n;
    char *out = path[n++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", b->folder, name);
    return out;
}

/* ---- input ---- */

static void add_names(rk_artefact_writer *writer, const char *prefix, uint32_t n)
{
    rk_error err;
    uint64_t *start = calloc((size_t)n + 1, sizeof *start);
    char *bytes = malloc((size_t)n * 12 + 12);
    for (uint32_t i = 0; i < n; i++) {
        start[i + 1] = start[i] + (uint64_t)snprintf(bytes + start[i], 12, "%u", i);
    }
    check(rk_names_add(writer, prefix, n, start, bytes, true, &err), &err);
    free(start);
    free(bytes);
}

static void add_vectors(rk_artefact_writer *writer, const char *name, uint32_t n, uint32_t dim, size_t stride)
{
    rk_error err;
    rk_random random = rk_random_of(1, n);
    float *row = calloc(stride, sizeof *row);
    check(rk_artefact_begin(writer, name, RK_F32, stride, &err), &err);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t d = 0; d < dim; d++) {
            row[d] = (float)rk_random_normal(&random);
        }
        check(rk_artefact_append(writer, row, 1, &err), &err);
    }
    check(rk_artefact_end(writer, &err), &err);
    free(row);
}

static void write_model(const bench *b)
{
    rk_error err;
    rk_artefact_writer *writer;
    uint64_t *nothing = calloc((size_t)b->n_users + 1, sizeof *nothing);
    check(rk_artefact_create(path_of(b, "fp32.rk"), "model", &writer, &err), &err);
    add_names(writer, "users", b->n_users);
    add_names(writer, "items", b->n_items);
    add_vectors(writer, "item.vector", b->n_items, b->dim, rk_model_stride(RK_F32, b->dim));
    add_vectors(writer, "user.vector", b->n_users, b->dim, b->dim);
    check(rk_artefact_add(writer, "seen.start", RK_U64, (uint64_t)b->n_users + 1, 1, nothing, &err), &err);
    check(rk_artefact_add(writer, "seen.item", RK_U32, 0, 1, NULL, &err), &err);
    json_t *meta = rk_artefact_writer_meta(writer);
    json_object_set_new(meta, "model", json_string("als"));
    json_object_set_new(meta, "form", json_string("vectors"));
    json_object_set_new(meta, "dim", json_integer(b->dim));
    check(rk_artefact_commit(writer, NULL, &err), &err);
    free(nothing);
}

/* Random test items; the other direction need only be well formed. */
static void write_test(const bench *b)
{
    rk_error err;
    rk_artefact_writer *writer;
    rk_random random = rk_random_of(2, 0);
    uint64_t n = (uint64_t)b->n_users * TESTS_PER_USER;
    uint64_t *start = calloc((size_t)b->n_users + 1, sizeof *start);
    uint64_t *item_start = malloc(((size_t)b->n_items + 1) * sizeof *item_start);
    uint32_t *item = malloc(n * sizeof *item), *event = calloc(n, sizeof *event);
    for (uint32_t u = 0; u < b->n_users; u++) {
        start[u + 1] = start[u] + TESTS_PER_USER;
    }
    for (uint64_t e = 0; e < n; e++) {
        item[e] = rk_random_below(&random, b->n_items);
    }
    for (uint32_t i = 0; i <= b->n_items; i++) {
        item_start[i] = i ? n : 0;
    }
    check(rk_artefact_create(path_of(b, "test.rk"), "dataset", &writer, &err), &err);
    add_names(writer, "users", b->n_users);
    add_names(writer, "items", b->n_items);
    check(rk_artefact_add(writer, "user.start", RK_U64, (uint64_t)b->n_users + 1, 1, start, &err), &err);
    check(rk_artefact_add(writer, "event.item", RK_U32, n, 1, item, &err), &err);
    check(rk_artefact_add(writer, "item.start", RK_U64, (uint64_t)b->n_items + 1, 1, item_start, &err), &err);
    check(rk_artefact_add(writer, "item.event", RK_U32, n, 1, event, &err), &err);
    check(rk_artefact_commit(writer, NULL, &err), &err);
    free(start);
    free(item_start);
    free(item);
    free(event);
}

/* ---- the three ways ---- */

typedef struct {
    const rk_model *model;
    const float *items, *users; /* naive only */
    size_t stride, dim;
    uint32_t n_items;
} answering;

/* Scores every item with a plain loop and keeps a sorted list. */
static void naive(void *context, rk_span span)
{
    const answering *a = context;
    for (size_t u = span.begin; u < span.end; u++) {
        float best[K];
        uint32_t id[K], n = 0;
        for (uint32_t i = 0; i < a->n_items; i++) {
            float score = 0;
            for (size_t d = 0; d < a->dim; d++) {
                score += a->users[u * a->dim + d] * a->items[i * a->stride + d];
            }
            if (n == K && score <= best[K - 1]) {
                continue;
            }
            uint32_t at = n < K ? n++ : K - 1;
            for (; at > 0 && best[at - 1] < score; at--) {
                best[at] = best[at - 1];
                id[at] = id[at - 1];
            }
            best[at] = score;
            id[at] = i;
        }
        volatile uint32_t sink = id[0];
        (void)sink;
    }
}

static void one_by_one(void *context, rk_span span)
{
    const answering *a = context;
    rk_arena arena = {0};
    rk_error err;
    rk_query query;
    for (size_t u = span.begin; u < span.end; u++) {
        uint32_t items[K], n;
        float scores[K];
        check(rk_model_user_query(a->model, (uint32_t)u, &arena, &query, &err), &err);
        check(rk_model_best(a->model, &query, NULL, 0, K, items, scores, &n, &err), &err);
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
}

static double users_per_s(const bench *b, size_t n, rk_loop_body *body, answering *a)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_parallel_for(b->pool, n, 16, body, a);
    return (double)n / rk_stopwatch_stop(watch).cpu_s;
}

static double evaluate_per_s(const bench *b, const rk_model *model)
{
    rk_error err;
    rk_dataset test;
    rk_evaluation evaluation;
    rk_eval_plan plan = {{K}, 1, false};
    check(rk_dataset_open(path_of(b, "test.rk"), &test, &err), &err);
    rk_stopwatch watch = rk_stopwatch_start();
    check(rk_evaluate(model, &test, NULL, &plan, &(rk_run){.pool = b->pool, .seed = 1}, &evaluation, &err), &err);
    double rate = evaluation.users / rk_stopwatch_stop(watch).cpu_s;
    rk_evaluation_release(&evaluation);
    rk_dataset_close(&test);
    return rate;
}

static double bench_naive(const bench *b)
{
    rk_error err;
    rk_model *model;
    check(rk_model_open(path_of(b, "fp32.rk"), &model, &err), &err);
    const rk_section *items = rk_artefact_find(rk_model_artefact(model), "item.vector");
    const rk_section *users = rk_artefact_find(rk_model_artefact(model), "user.vector");
    answering a = {model, items->data, users->data, (size_t)items->cols, b->dim, b->n_items};
    double rate = users_per_s(b, b->n_users < NAIVE_USERS ? b->n_users : NAIVE_USERS, naive, &a);
    rk_model_close(model);
    return rate;
}

static void bench_form(const bench *b, const char *form, double naive_rate)
{
    char name[32];
    rk_error err;
    rk_model *model;
    snprintf(name, sizeof name, "%s.rk", form);
    check(rk_model_open(path_of(b, name), &model, &err), &err);
    answering a = {.model = model, .dim = b->dim};
    double single = users_per_s(b, b->n_users, one_by_one, &a), whole = evaluate_per_s(b, model);
    printf("%-6s %12.1f %14.0f %9.1f %14.0f %9.1f\n", form, (double)rk_model_form_bytes(model) / 1e6, single,
           single / naive_rate, whole, whole / naive_rate);
    rk_model_close(model);
}

static uint32_t number(int argc, char **argv, int i, uint32_t fallback)
{
    uint64_t value;
    return i < argc && rk_parse_u64(rk_slice_of(argv[i]), &value) && value > 0 && value < 100000000 ? (uint32_t)value
                                                                                                    : fallback;
}

int main(int argc, char **argv)
{
    static const char *const forms[] = {"fp32", "fp16", "int8"};
    rk_error err;
    rk_compression report;
    bench b = {number(argc, argv, 1, 8192), number(argc, argv, 2, 40981), number(argc, argv, 3, 64),
               "/tmp/reckon-bench-XXXXXX", rk_pool_new(0)};
    if (!mkdtemp(b.folder) || !b.pool) {
        return 1;
    }
    write_model(&b);
    write_test(&b);
    rk_run run = {.pool = b.pool};
    check(rk_compress(path_of(&b, "fp32.rk"), "fp16", NULL, 0, path_of(&b, "fp16.rk"), &run, &report, &err), &err);
    check(rk_compress(path_of(&b, "fp32.rk"), "int8", NULL, 0, path_of(&b, "int8.rk"), &run, &report, &err), &err);
    printf("%u users x %u items, %u dimensions, top %d, %u threads; users per second of processor time\n", b.n_users,
           b.n_items, b.dim, K, rk_pool_threads(b.pool));
    double rate = bench_naive(&b);
    printf("%-6s %12s %14s %9s %14s %9s\n", "form", "vectors MB", "one by one", "x naive", "evaluated", "x naive");
    printf("%-6s %12s %14.0f %9.1f\n", "naive", "", rate, 1.0);
    for (size_t i = 0; i < RK_COUNT_OF(forms); i++) {
        bench_form(&b, forms[i], rate);
    }
    static const char *const files[] = {"fp32.rk", "fp16.rk", "int8.rk", "test.rk"};
    for (size_t i = 0; i < RK_COUNT_OF(files); i++) {
        unlink(path_of(&b, files[i]));
    }
    rmdir(b.folder);
    rk_pool_free(b.pool);
    return 0;
}
