/* bench_als.c - seconds an iteration of implicit ALS takes, by factors and solver, on a log of the `lists` format.
 *
 *     bench_als [LISTS [THREADS]]     default: $SHARED_DATA/gowalla/train.txt.gz, 2 threads
 *
 * The median over ROUNDS iterations after the first. Loss: the objective after all of them, to show that speed is not
 * bought with quality. For Gowalla the figures of implicit 0.7.3 stand beside, taken on two Zen 4 cores: read the ratio
 * across machines with a pinch of salt. That loss is not comparable: implicit fixes the unobserved weight at 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/ingest.h"
#include "model/model.h"

enum { ROUNDS = 5 };

typedef struct {
    rk_stopwatch watch;
    double wall_s[ROUNDS + 1], cpu_s[ROUNDS + 1];
} laps;

static void lap(void *context, const char *step, const char *unit, uint64_t done, uint64_t total)
{
    laps *l = context;
    (void)step, (void)unit, (void)total;
    if (done > 0 && done <= ROUNDS + 1) {
        rk_usage usage = rk_stopwatch_stop(l->watch);
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
static double median(double *values)
{
    qsort(values + 1, ROUNDS, sizeof *values, by_size);
    return values[1 + ROUNDS / 2];
}

static rk_status train(const rk_dataset *dataset, const char *factors, const char *solver, bool with_loss, rk_run run,
                       laps *l, double *loss, rk_error *err)
{
    const rk_model_kind *kind = rk_model_kind_find("als");
    rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes)};
    rk_voice voice = {.context = l, .progress = lap};
    rk_model_draft draft = {0};
    char rounds[32];
    snprintf(rounds, sizeof rounds, "iterations=%d", ROUNDS + 1);
    run.voice = &voice;
    rk_options_defaults(table);
    rk_status status = rk_options_set(table, factors, err);
    status = status ? status : rk_options_set(table, solver, err);
    status = status ? status : rk_options_set(table, rounds, err);
    status = status || !with_loss ? status : rk_options_set(table, "loss", err);
    status = status ? status : kind->train(dataset, table.settings, &run, &draft, err);
    if (!status && with_loss) {
        *loss = json_number_value(json_array_get(json_object_get(draft.figures, "loss"), ROUNDS));
    }
    rk_model_draft_release(&draft);
    rk_options_release(table);
    free(table.settings);
    return status;
}

static rk_status bench(const rk_dataset *dataset, rk_run run, rk_error *err)
{
    static const struct {
        const char *factors, *solver;
        double implicit_s; /* on Gowalla */
    } cases[] = {
        {"factors=64", "solver=cg", .23},
        {"factors=128", "solver=cg", .39},
        {"factors=64", "solver=cholesky", 1.30},
        {"factors=128", "solver=cholesky", 4.75},
    };
    printf("%-13s %-17s %9s %9s %12s %12s\n", "", "", "wall s", "cpu s", "loss", "implicit s");
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        laps l = {.watch = rk_stopwatch_start()};
        double loss = 0;
        rk_status status = train(dataset, cases[c].factors, cases[c].solver, false, run, &l, &loss, err);
        double wall_s = median(l.wall_s), cpu_s = median(l.cpu_s);
        status = status ? status : train(dataset, cases[c].factors, cases[c].solver, true, run, &l, &loss, err);
        if (status) {
            return status;
        }
        printf("%-13s %-17s %9.3f %9.3f %12.0f %12.2f\n", cases[c].factors, cases[c].solver, wall_s, cpu_s, loss,
               cases[c].implicit_s);
    }
    return RK_OK;
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

int main(int argc, char **argv)
{
    char lists[4096], path[] = "/tmp/reckon-bench-XXXXXX";
    const char *shared = getenv("SHARED_DATA");
    snprintf(lists, sizeof lists, "%s/gowalla/train.txt.gz", shared ? shared : ".");
    if (argc < 2 && access(lists, R_OK) != 0) {
        printf("nothing measured: no %s\n", lists);
        return 0;
    }
    rk_error err = {0};
    rk_dataset dataset = {0};
    rk_run run = {.pool = rk_pool_new(argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2), .seed = 1};
    int fd = mkstemp(path);
    rk_status status = fd < 0 ? rk_fail(&err, RK_IO, "no room under /tmp") : RK_OK;
    status = status ? status : ingest(argc > 1 ? argv[1] : lists, path, &run, &err);
    status = status ? status : rk_dataset_open(path, &dataset, &err);
    if (!status) {
        printf("%u users, %u items, %llu events, %u threads\n", dataset.n_users, dataset.n_items,
               (unsigned long long)dataset.n_events, rk_pool_threads(run.pool));
        status = bench(&dataset, run, &err);
    }
    if (status) {
        fprintf(stderr, "bench_als: %s\n", err.message);
    }
    rk_dataset_close(&dataset);
    rk_pool_free(run.pool);
    remove(path);
    return rk_exit_code(status);
}
