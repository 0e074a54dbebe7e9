/* bench_vectors.c - questions a second to indexes of vectors, one thread, by the recall of the ten best.
 *
 *     bench_vectors [--items N] [--kind NAME] [--export DIR] [MODEL.rk]
 *
 * Two catalogues of 100,000 items with 64 numbers, and the first with 1,000,000:
 *   factors    what a matrix factorisation leaves: variances that fall as 1 / d, lengths that differ as exp(.3 normal),
 *              users of the same space; the score is the inner product. With MODEL.rk: its items, each repeated with a
 *              twentieth of noise until there are enough, and its users.
 *   clustered  1,000 centres and a third of their spread around each, brought to length 1
 * Every index is asked 500 queries that were no part of its making, at each of its efforts; a rate is that of the
 * cheapest effort that reaches the recall, in cpu time, the best of three rounds. The loop one would write first, flat
 * with f32, is asked in the same run. --export writes base.f32 and query.f32 for bench/peers/vectors.py instead.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann.h"
#include "base/clock.h"
#include "math/random.h"
#include "model/model.h"

enum { DIM = 64, QUERIES = 500, SAMPLE = 5000, CENTRES = 1000 };

typedef struct {
    const char *name;
    size_t n, dim;
    float *base, *sample, *query; /* [n], [SAMPLE], [QUERIES] x dim */
} catalogue;

static void check(rk_status status, const rk_error *err)
{
    if (status) {
        fprintf(stderr, "bench_vectors: %s\n", err->message);
        exit(1);
    }
}

static float *rows_new(size_t n, size_t dim)
{
    float *rows = malloc(n * dim * sizeof *rows);
    if (!rows) {
        fprintf(stderr, "bench_vectors: no memory for %zu vectors\n", n);
        exit(1);
    }
    return rows;
}

static void draw_factors(float *rows, size_t n, uint64_t stream, double spread)
{
    rk_random random = rk_random_of(1, stream);
    for (size_t r = 0; r < n; r++) {
        double length = exp(spread * rk_random_normal(&random));
        for (size_t d = 0; d < DIM; d++) {
            rows[r * DIM + d] = (float)(length * rk_random_normal(&random) / sqrt((double)d + 1));
        }
    }
}

static void draw_clustered(float *rows, size_t n, uint64_t stream)
{
    static float centre[CENTRES * DIM];
    rk_random random = rk_random_of(1, 99);
    for (size_t i = 0; i < CENTRES * DIM; i++) {
        centre[i] = (float)rk_random_normal(&random);
    }
    random = rk_random_of(1, stream);
    for (size_t r = 0; r < n; r++) {
        const float *c = centre + rk_random_below(&random, CENTRES) * DIM;
        double square = 0;
        for (size_t d = 0; d < DIM; d++) {
            rows[r * DIM + d] = c[d] + (float)rk_random_normal(&random) / 3;
            square += (double)rows[r * DIM + d] * (double)rows[r * DIM + d];
        }
        for (size_t d = 0; d < DIM; d++) {
            rows[r * DIM + d] *= (float)(1 / sqrt(square));
        }
    }
}

static catalogue catalogue_new(const char *name, size_t n, size_t dim)
{
    return (catalogue){name, n, dim, rows_new(n, dim), rows_new(SAMPLE, dim), rows_new(QUERIES, dim)};
}

static void catalogue_release(catalogue *c)
{
    free(c->base);
    free(c->sample);
    free(c->query);
}

static catalogue of_synthesis(bool is_clustered, size_t n)
{
    catalogue c = catalogue_new(is_clustered ? "clustered" : "factors", n, DIM);
    if (is_clustered) {
        draw_clustered(c.base, n, 1);
        draw_clustered(c.sample, SAMPLE, 2);
        draw_clustered(c.query, QUERIES, 3);
    } else {
        draw_factors(c.base, n, 1, .3);
        draw_factors(c.sample, SAMPLE, 2, 0);
        draw_factors(c.query, QUERIES, 3, 0);
    }
    return c;
}

static void take_users(const rk_model *model, rk_random *random, size_t n, float *out)
{
    rk_arena arena = {0};
    rk_error err;
    size_t dim = rk_model_dim(model);
    for (size_t i = 0; i < n; i++) {
        rk_query query;
        rk_arena_clear(&arena);
        check(rk_model_user_query(model, rk_random_below(random, rk_model_n_users(model)), &arena, &query, &err), &err);
        memcpy(out + i * dim, query.vector, dim * sizeof *out);
    }
    rk_arena_release(&arena);
}

static catalogue of_model(const char *path, size_t n)
{
    rk_model *model = NULL;
    rk_error err;
    rk_random random = rk_random_of(1, 4);
    check(rk_model_open(path, &model, &err), &err);
    size_t dim = rk_model_dim(model), n_items = rk_model_n_items(model);
    if (dim == 0) {
        fprintf(stderr, "bench_vectors: %s has no vectors\n", path);
        exit(1);
    }
    catalogue c = catalogue_new("model", n, dim);
    for (size_t i = 0; i < n; i++) {
        float *row = c.base + i * dim;
        double square = 0;
        rk_model_item_vector(model, (uint32_t)(i % n_items), row);
        for (size_t d = 0; d < dim; d++) {
            square += (double)row[d] * (double)row[d] / (double)dim;
        }
        for (size_t d = 0; d < dim && i >= n_items; d++) {
            row[d] += (float)(sqrt(square) / 20 * rk_random_normal(&random));
        }
    }
    take_users(model, &random, SAMPLE, c.sample);
    take_users(model, &random, QUERIES, c.query);
    rk_model_close(model);
    return c;
}

/* ---- asking ---- */

static void tell_rate(const rk_ann *ann, double recall, double reference)
{
    const rk_ann_step *steps;
    size_t n = rk_ann_steps(ann, &steps);
    double best = 0, found = 0;
    for (size_t i = 0; i < n; i++) {
        double rate = 1 / steps[i].query_s;
        if (steps[i].recall >= recall && rate > best) {
            best = rate;
            found = steps[i].recall;
        }
    }
    if (best > 0) {
        printf(" %8.0f (%.3f) %6.1fx |", best, found, reference > 0 ? best / reference : 1);
    } else {
        printf("        -                  |");
    }
}

/* Returns the rate at which everything is found. */
static double measure(const catalogue *c, const rk_ann_kind *kind, const char *set, double reference)
{
    rk_ann *ann = NULL;
    rk_run run = {.seed = 1};
    rk_error err = {0};
    rk_ann_rows base = {c->base, c->n, c->dim, c->dim}, query = {c->query, QUERIES, c->dim, c->dim};
    rk_ann_wish wish = {.kind = kind, .set = &set, .n_set = set != NULL};
    wish.queries = (rk_ann_rows){c->sample, SAMPLE, c->dim, c->dim};
    int64_t begin = rk_clock_cpu_ns();
    check(rk_ann_build(&base, &wish, &run, &ann, &err), &err);
    double build_s = (double)(rk_clock_cpu_ns() - begin) * 1e-9;
    check(rk_ann_measure(ann, &query, &run, &err), &err);
    const rk_ann_step *steps;
    size_t n_steps = rk_ann_steps(ann, &steps);
    double exact = 1 / steps[n_steps - 1].query_s;
    printf("| %-9s | %7zu | %-4s %-12s | %6.1f | %5.0f |", c->name, c->n, kind->name, set ? set : "", build_s,
           (double)rk_ann_bytes(ann) * 1e-6);
    tell_rate(ann, .95, reference > 0 ? reference : exact);
    tell_rate(ann, .99, reference > 0 ? reference : exact);
    printf("\n");
    if (getenv("BENCH_STEPS")) {
        size_t n = rk_ann_steps(ann, &steps);
        for (size_t i = 0; i < n; i++) {
            printf("    effort %u: recall %.4f, %.0f a second\n", steps[i].effort, steps[i].recall,
                   1 / steps[i].query_s);
        }
    }
    fflush(stdout);
    rk_ann_free(ann);
    return exact;
}

static void measure_all(catalogue c, const char *only)
{
    const rk_ann_kind *flat = NULL;
    rk_error err;
    check(rk_ann_kind_need("flat", &flat, &err), &err);
    double reference = measure(&c, flat, "numbers=f32", 0);
    for (size_t i = 0; rk_ann_kind_at(i); i++) {
        const rk_ann_kind *kind = rk_ann_kind_at(i);
        if (!only || strcmp(only, kind->name) == 0) {
            measure(&c, kind, NULL, reference);
        }
    }
    catalogue_release(&c);
}

/* ---- for others ---- */

static void write_rows(const char *folder, const char *name, const float *rows, size_t n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(rows, sizeof *rows, n, file) != n || fclose(file) != 0) {
        fprintf(stderr, "bench_vectors: cannot write %s\n", path);
        exit(1);
    }
}

static void export_to(const char *folder, catalogue c)
{
    char name[64];
    snprintf(name, sizeof name, "%s-%zu-%zu.base.f32", c.name, c.n, c.dim);
    write_rows(folder, name, c.base, c.n * c.dim);
    snprintf(name, sizeof name, "%s-%zu-%zu.query.f32", c.name, c.n, c.dim);
    write_rows(folder, name, c.query, QUERIES * c.dim);
    catalogue_release(&c);
}

typedef struct {
    const char *folder, *kind, *model;
    size_t n;
} wishes;

static void handle(const wishes *w, catalogue c)
{
    if (w->folder) {
        export_to(w->folder, c);
    } else {
        measure_all(c, w->kind);
    }
}

int main(int argc, char **argv)
{
    wishes w = {0};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--items") == 0) {
            w.n = (size_t)strtoull(value, NULL, 10);
            i++;
        } else if (strcmp(argv[i], "--kind") == 0) {
            w.kind = value;
            i++;
        } else if (strcmp(argv[i], "--export") == 0) {
            w.folder = value;
            i++;
        } else {
            w.model = argv[i];
        }
    }
    if (!w.folder) {
        printf("| vectors   |   items | index             | made s |    MB | a second at .95 (recall)   | at .99"
               "                     |\n|---|---:|---|---:|---:|---:|---:|\n");
    }
    size_t sizes[] = {w.n ? w.n : 100000, 1000000}, n_sizes = w.n ? 1 : 2;
    for (size_t i = 0; i < n_sizes; i++) {
        handle(&w, w.model ? of_model(w.model, sizes[i]) : of_synthesis(false, sizes[i]));
        if (!w.model && sizes[i] <= 100000) {
            handle(&w, of_synthesis(true, sizes[i]));
        }
    }
    return 0;
}
