/* bench_knn.c - seconds to find the nearest neighbours of every item, and microseconds to answer somebody new.
 *
 *     bench_knn [LISTS [THREADS]]     default: $SHARED_DATA/gowalla/train.txt.gz, 2 threads
 *     bench_knn --beside DATA.rk NEIGHBOURS THREADS
 *
 * "Adding alone" is the loop that no way of doing it can leave out: every pair of items of every user added into a
 * dense row, by one thread, nothing noted, rated or picked. --beside answers with one line of JSON, for
 * bench/peers/knn.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/ingest.h"
#include "model/model.h"

enum { ROUNDS = 5, ASKED = 2000 };

typedef struct {
    double wall_s, cpu_s;
} lap;

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_size);
    return values[n / 2];
}

/* The plain cosine: what every library has. */
static rk_status train(const rk_dataset *dataset, const char *neighbours, rk_run run, lap *out, rk_error *err)
{
    const rk_model_kind *kind = rk_model_kind_find("itemknn");
    rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes)};
    rk_model_draft draft = {0};
    char words[64];
    snprintf(words, sizeof words, "neighbours=%s", neighbours);
    rk_options_defaults(table);
    rk_status status = rk_options_set(table, "activity=0", err);
    status = status ? status : rk_options_set(table, words, err);
    rk_stopwatch watch = rk_stopwatch_start();
    status = status ? status : kind->train(dataset, table.settings, &run, &draft, err);
    rk_usage usage = rk_stopwatch_stop(watch);
    *out = (lap){usage.wall_s, usage.cpu_s};
    rk_model_draft_release(&draft);
    rk_options_release(table);
    free(table.settings);
    return status;
}

static double count_pairs(const rk_csr *csr)
{
    double pairs = 0;
    for (uint32_t u = 0; u < csr->n_rows; u++) {
        double n = (double)(csr->start[u + 1] - csr->start[u]);
        pairs += n * n;
    }
    return pairs;
}

static rk_status add_alone(const rk_dataset *dataset, double *cpu_s, double *pairs, rk_error *err)
{
    rk_csr by_user, by_item;
    rk_status status = rk_dataset_matrix(dataset, RK_PAIR_ONE, &by_user, err);
    status = status ? status : rk_csr_transpose(&by_user, &by_item, err);
    float *sum = calloc((size_t)dataset->n_items + 1, sizeof *sum);
    if (status || !sum) {
        return status ? status : rk_fail_memory(err, "sums");
    }
    rk_stopwatch watch = rk_stopwatch_start();
    for (uint32_t i = 0; i < by_item.n_rows; i++) {
        for (uint64_t at = by_item.start[i]; at < by_item.start[i + 1]; at++) {
            uint32_t u = by_item.col[at];
            for (uint64_t e = by_user.start[u]; e < by_user.start[u + 1]; e++) {
                sum[by_user.col[e]] += 1;
            }
        }
    }
    *cpu_s = rk_stopwatch_stop(watch).cpu_s;
    *pairs = count_pairs(&by_user);
    free(sum);
    rk_csr_release(&by_user);
    rk_csr_release(&by_item);
    return RK_OK;
}

static rk_status bench_training(const rk_dataset *dataset, rk_run run, rk_error *err)
{
    double least = 0, pairs = 1, wall[ROUNDS] = {0}, cpu[ROUNDS] = {0};
    rk_status status = add_alone(dataset, &least, &pairs, err);
    for (size_t r = 0; !status && r < ROUNDS; r++) {
        lap l;
        status = train(dataset, "200", run, &l, err);
        wall[r] = l.wall_s;
        cpu[r] = l.cpu_s;
    }
    if (!status) {
        double cpu_s = median(cpu, ROUNDS);
        printf(
            "itemknn, 200 neighbours: %.3f s, %.3f cpu s; %.1f million pairs, %.2f ns each; adding alone %.3f cpu s, "
            "%.2f of it all\n",
            median(wall, ROUNDS), cpu_s, pairs / 1e6, cpu_s / pairs * 1e9, least, least / cpu_s);
    }
    return status;
}

/* The median and the worst of ASKED users, told as histories of nobody known, and their best 20. */
static rk_status bench_answers(const char *path, const char *name, rk_run run, rk_error *err)
{
    char out[300];
    rk_model *model = NULL;
    snprintf(out, sizeof out, "%.200s.%s", path, name);
    rk_status status = rk_model_train(path, name, NULL, 0, out, &run, err);
    status = status ? status : rk_model_open(out, &model, err);
    double *encode_us = calloc(ASKED, sizeof *encode_us), *all_us = calloc(ASKED, sizeof *all_us);
    rk_arena arena = {0};
    size_t n = 0;
    for (uint32_t u = 0; !status && u < rk_model_n_users(model) && n < ASKED; u += 13, n++) {
        uint32_t items[20], n_found;
        float scores[20];
        rk_query query;
        rk_history seen = rk_model_seen(model, u);
        rk_arena_clear(&arena);
        rk_stopwatch watch = rk_stopwatch_start();
        status = rk_model_encode(model, seen, &arena, &query, err);
        encode_us[n] = rk_stopwatch_stop(watch).wall_s * 1e6;
        status = status ? status : rk_model_best(model, &query, seen.item, seen.n, 20, items, scores, &n_found, err);
        all_us[n] = rk_stopwatch_stop(watch).wall_s * 1e6;
    }
    if (!status) {
        qsort(encode_us, n, sizeof *encode_us, by_size);
        qsort(all_us, n, sizeof *all_us, by_size);
        printf("%s: a history is folded in in %.0f us, 99 of 100 in %.0f; with the best 20 items %.0f us, %.0f\n", name,
               encode_us[n / 2], encode_us[n * 99 / 100], all_us[n / 2], all_us[n * 99 / 100]);
    }
    free(encode_us);
    free(all_us);
    rk_arena_release(&arena);
    rk_model_close(model);
    remove(out);
    return status;
}

static rk_status ingest(const char *lists, const char *path, const rk_run *run, rk_error *err)
{
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report = {0};
    options.paths = &lists;
    options.n_paths = 1;
    options.out_path = path;
    options.format = RK_FORMAT_LISTS;
    rk_status status = rk_ingest(&options, run, &report, err);
    rk_ingest_report_release(&report);
    return status;
}

static rk_status on_lists(const char *lists, unsigned n_threads, rk_error *err)
{
    static const char *const kinds[] = {"itemknn", "userknn", "session", "bought-together"};
    char path[] = "/tmp/reckon-bench-XXXXXX";
    rk_dataset dataset = {0};
    rk_run run = {.pool = rk_pool_new(n_threads), .seed = 1};
    int fd = mkstemp(path);
    rk_status status = fd < 0 ? rk_fail(err, RK_IO, "no room under /tmp") : RK_OK;
    status = status ? status : ingest(lists, path, &run, err);
    status = status ? status : rk_dataset_open(path, &dataset, err);
    if (!status) {
        printf("%u users, %u items, %llu events, %u threads\n", dataset.n_users, dataset.n_items,
               (unsigned long long)dataset.n_events, rk_pool_threads(run.pool));
        status = bench_training(&dataset, run, err);
    }
    for (size_t k = 0; !status && k < RK_COUNT_OF(kinds); k++) {
        status = bench_answers(path, kinds[k], run, err);
    }
    rk_dataset_close(&dataset);
    rk_pool_free(run.pool);
    remove(path);
    return status;
}

static rk_status beside(char **words, rk_error *err)
{
    rk_dataset dataset;
    lap l = {0};
    rk_run run = {.pool = rk_pool_new((unsigned)strtoul(words[2], NULL, 10)), .seed = 1};
    rk_status status = rk_dataset_open(words[0], &dataset, err);
    if (!status) {
        status = train(&dataset, words[1], run, &l, err);
        rk_dataset_close(&dataset);
    }
    rk_pool_free(run.pool);
    printf("{\"wall_s\":%.6f,\"cpu_s\":%.6f}\n", l.wall_s, l.cpu_s);
    return status;
}

int main(int argc, char **argv)
{
    rk_error err = {0};
    rk_status status = RK_OK;
    char lists[4096];
    const char *shared = getenv("SHARED_DATA");
    snprintf(lists, sizeof lists, "%s/gowalla/train.txt.gz", shared ? shared : ".");
    if (argc == 5 && strcmp(argv[1], "--beside") == 0) {
        status = beside(argv + 2, &err);
    } else if (argc < 2 && access(lists, R_OK) != 0) {
        printf("nothing measured: no %s\n", lists);
    } else {
        status = on_lists(argc > 1 ? argv[1] : lists, argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2, &err);
    }
    if (status) {
        fprintf(stderr, "bench_knn: %s\n", err.message);
    }
    return rk_exit_code(status);
}
