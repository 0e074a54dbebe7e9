/* bench_als.c - seconds an iteration of implicit ALS takes, by factors and solver, on a log of the `lists` format.
 *
 *     bench_als [LISTS [THREADS]]     default: $SHARED_DATA/gowalla/train.txt.gz, 2 threads
 *     bench_als --beside DATA.rk FACTORS ITERATIONS THREADS
 *
 * The median over the iterations after the first. Loss: the objective after all of them, to show that speed is not
 * bought with quality; it is found by a second training, so that looking for it costs the first one nothing.
 * --beside minimises what the library implicit minimises at alpha 40 (its confidence 40 is our 1 for every pair and 39
 * more) and answers with one line of JSON, for bench/peers/als.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/ingest.h"
#include "model/model.h"

enum { ROUNDS = 6, ROUNDS_MAX = 64 };

typedef struct {
    rk_stopwatch watch;
    size_t n; /* iterations */
    double wall_s[ROUNDS_MAX], cpu_s[ROUNDS_MAX];
} laps;

static void lap(void *context, const char *step, const char *unit, uint64_t done, uint64_t total)
{
    laps *l = context;
    (void)step, (void)unit, (void)total;
    if (done > 0 && done <= ROUNDS_MAX) {
        rk_usage usage = rk_stopwatch_stop(l->watch);
        l->n = (size_t)done;
        l->wall_s[done - 1] = usage.wall_s;
        l->cpu_s[done - 1] = usage.cpu_s;
    }
    l->watch = rk_stopwatch_start();
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the rounds after the first. */
static double median(double *values, size_t n)
{
    qsort(values + 1, n - 1, sizeof *values, by_size);
    return values[1 + (n - 1) / 2];
}

/* set ends with NULL. */
static rk_status train(const rk_dataset *dataset, const char *const *set, bool with_loss, rk_run run, laps *l,
                       double *loss, rk_error *err)
{
    const rk_model_kind *kind = rk_model_kind_find("als");
    rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes)};
    rk_voice voice = {.context = l, .progress = lap};
    rk_model_draft draft = {0};
    rk_status status = RK_OK;
    run.voice = &voice;
    rk_options_defaults(table);
    for (; !status && *set; set++) {
        status = rk_options_set(table, *set, err);
    }
    status = status || !with_loss ? status : rk_options_set(table, "loss", err);
    status = status ? status : kind->train(dataset, table.settings, &run, &draft, err);
    if (!status && with_loss) {
        const json_t *losses = json_object_get(draft.figures, "loss");
        *loss = json_number_value(json_array_get(losses, json_array_size(losses) - 1));
    }
    rk_model_draft_release(&draft);
    rk_options_release(table);
    free(table.settings);
    return status;
}

/* Trains twice: for the time, and for the loss. */
static rk_status measure(const rk_dataset *dataset, const char *const *set, rk_run run, rk_usage *median_lap,
                         double *loss, rk_error *err)
{
    laps l = {.watch = rk_stopwatch_start()};
    rk_status status = train(dataset, set, false, run, &l, loss, err);
    if (!status && l.n < 2) {
        return rk_fail(err, RK_BAD_USAGE, "one iteration is none to measure");
    }
    if (!status) {
        *median_lap = (rk_usage){.wall_s = median(l.wall_s, l.n), .cpu_s = median(l.cpu_s, l.n)};
    }
    return status ? status : train(dataset, set, true, run, &l, loss, err);
}

static rk_status bench(const rk_dataset *dataset, rk_run run, rk_error *err)
{
    static const char *const cases[][2] = {{"factors=64", "solver=cg"},
                                           {"factors=128", "solver=cg"},
                                           {"factors=64", "solver=cholesky"},
                                           {"factors=128", "solver=cholesky"}};
    char rounds[32];
    snprintf(rounds, sizeof rounds, "iterations=%d", ROUNDS);
    printf("%-13s %-17s %9s %9s %12s\n", "", "", "wall s", "cpu s", "loss");
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        rk_usage usage = {0};
        double loss = 0;
        const char *const set[] = {cases[c][0], cases[c][1], rounds, NULL};
        rk_status status = measure(dataset, set, run, &usage, &loss, err);
        if (status) {
            return status;
        }
        printf("%-13s %-17s %9.3f %9.3f %12.0f\n", cases[c][0], cases[c][1], usage.wall_s, usage.cpu_s, loss);
    }
    return RK_OK;
}

static rk_status beside(char **words, rk_error *err)
{
    char factors[32], iterations[32];
    const char *const set[] = {factors,      iterations,   "alpha=39",          "unobserved=1",
                               "exponent=0", "lambda=.01", "confidence=linear", "weigh=one",
                               NULL};
    rk_usage usage = {0};
    double loss = 0;
    rk_dataset dataset = {0};
    rk_run run = {.pool = rk_pool_new((unsigned)strtoul(words[3], NULL, 10)), .seed = 1};
    snprintf(factors, sizeof factors, "factors=%s", words[1]);
    snprintf(iterations, sizeof iterations, "iterations=%s", words[2]);
    rk_status status = rk_dataset_open(words[0], &dataset, err);
    status = status ? status : measure(&dataset, set, run, &usage, &loss, err);
    if (!status) {
        printf("{\"wall_s\":%.6f,\"cpu_s\":%.6f,\"loss\":%.10g}\n", usage.wall_s, usage.cpu_s, loss);
    }
    rk_dataset_close(&dataset);
    rk_pool_free(run.pool);
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
        status = bench(&dataset, run, err);
    }
    rk_dataset_close(&dataset);
    rk_pool_free(run.pool);
    remove(path);
    return status;
}

int main(int argc, char **argv)
{
    char lists[4096];
    const char *shared = getenv("SHARED_DATA");
    rk_error err = {0};
    rk_status status;
    snprintf(lists, sizeof lists, "%s/gowalla/train.txt.gz", shared ? shared : ".");
    if (argc == 6 && strcmp(argv[1], "--beside") == 0) {
        status = beside(argv + 2, &err);
    } else if (argc < 2 && access(lists, R_OK) != 0) {
        printf("nothing measured: no %s\n", lists);
        return 0;
    } else {
        status = on_lists(argc > 1 ? argv[1] : lists, argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2, &err);
    }
    if (status) {
        fprintf(stderr, "bench_als: %s\n", err.message);
    }
    return rk_exit_code(status);
}
