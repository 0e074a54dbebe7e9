/* bench_ingest.c - ratings in CSV to a dataset: MB a second, beside reading the same bytes alone.
 *
 * usage: bench_ingest [--csv FILE] [ROWS [FOLDER]]   (default 20000000 rows in /dev/shm, like MovieLens 20M: 456 MB)
 * --csv writes the log and stops, so that other programs can read the same (bench/ingest.sh). The log is the same on
 * every machine: users in order, each with 20 or more items, ascending, half-star ratings, times without order.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/ingest.h"
#include "math/random.h"

enum { N_ITEMS = 26744, ITEMS_MAX = 3000, RUNS = 3, READ_BYTES = 1 << 20 };

static void check(rk_status status, const rk_error *err)
{
    if (status != RK_OK) {
        fprintf(stderr, "bench_ingest: %s\n", err->message);
        exit(1);
    }
}

/* ---- the log ---- */

static int by_number(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static char *put_number(char *out, uint64_t value)
{
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (n > 0) {
        *out++ = digits[--n];
    }
    return out;
}

static void put_user(FILE *file, rk_random *random, uint32_t user, uint64_t *n_left)
{
    uint32_t items[ITEMS_MAX], last = UINT32_MAX;
    double heavy = 20 + 48 * exp(1.3 * rk_random_normal(random)); /* median 68, mean 132 */
    uint32_t n = heavy < ITEMS_MAX ? (uint32_t)heavy : ITEMS_MAX;
    uint64_t first = 789652009 + rk_random_below(random, 600000000);
    for (uint32_t i = 0; i < n; i++) {
        items[i] = (uint32_t)(N_ITEMS * pow(rk_random_uniform(random), 3));
    }
    qsort(items, n, sizeof *items, by_number);
    for (uint32_t i = 0; i<n && * n_left> 0; i++) {
        char row[96], *out = row;
        uint32_t stars = 1 + rk_random_below(random, 10);
        if (items[i] == last) {
            continue;
        }
        last = items[i];
        out = put_number(out, user);
        *out++ = ',';
        out = put_number(out, 1 + items[i] * 131262ull / N_ITEMS);
        *out++ = ',';
        out = put_number(out, stars / 2);
        *out++ = '.';
        *out++ = stars % 2 ? '5' : '0';
        *out++ = ',';
        out = put_number(out, first + rk_random_below(random, 10000000));
        *out++ = '\n';
        fwrite(row, 1, (size_t)(out - row), file);
        --*n_left;
    }
}

static void write_log(const char *path, uint64_t n_rows)
{
    rk_random random = rk_random_of(20, 0);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fputs("userId,movieId,rating,timestamp\n", file);
    for (uint32_t user = 1; n_rows > 0; user++) {
        put_user(file, &random, user, &n_rows);
    }
    if (fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

/* ---- the measure ---- */

static double read_alone(const char *path, uint64_t *n_bytes)
{
    char *buffer = malloc(READ_BYTES);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int64_t begin = rk_clock_ns();
    *n_bytes = 0;
    for (ssize_t n; buffer && (n = read(file, buffer, READ_BYTES)) > 0;) {
        *n_bytes += (uint64_t)n;
    }
    close(file);
    free(buffer);
    return (double)(rk_clock_ns() - begin) * 1e-9;
}

static rk_usage ingest(const char *path, const char *out_path, bool with_duplicates, rk_pool *pool, uint64_t *n_kept)
{
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_error err;
    options.paths = &path;
    options.n_paths = 1;
    options.out_path = out_path;
    options.clean.mode[RK_RULE_DUPLICATE] = with_duplicates ? RK_RULE_ON : RK_RULE_OFF;
    rk_stopwatch watch = rk_stopwatch_start();
    check(rk_ingest(&options, &(rk_run){.pool = pool}, &report, &err), &err);
    rk_usage usage = rk_stopwatch_stop(watch);
    *n_kept = report.n_kept;
    rk_ingest_report_release(&report);
    return usage;
}

static void measure(const char *path, const char *out_path, bool with_duplicates, rk_pool *pool)
{
    rk_usage best = {0};
    uint64_t n_kept = 0, n_bytes = 0;
    double alone = 0;
    for (int run = 0; run < RUNS; run++) {
        double again = read_alone(path, &n_bytes);
        rk_usage usage = ingest(path, out_path, with_duplicates, pool, &n_kept);
        alone = run == 0 || again < alone ? again : alone;
        best = run == 0 || usage.wall_s < best.wall_s ? usage : best;
    }
    double mb = (double)n_bytes * 1e-6;
    printf("| reckon%s | %u | %.2f | %.0f | %.2f | %.0f | %.0f | %.1f | %llu |\n",
           with_duplicates ? "" : ", duplicates not looked for", rk_pool_threads(pool), best.wall_s, mb / best.wall_s,
           best.cpu_s, mb / best.cpu_s, (double)best.peak_bytes * 1e-6, best.wall_s / alone,
           (unsigned long long)n_kept);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    bool only_csv = argc > 2 && strcmp(argv[1], "--csv") == 0;
    int at = only_csv ? 3 : 1;
    uint64_t n_rows = argc > at ? strtoull(argv[at], NULL, 10) : 20000000;
    const char *folder = argc > at + 1 ? argv[at + 1] : "/dev/shm";
    char path[512], out_path[512];
    if (only_csv) {
        write_log(argv[2], n_rows);
        return 0;
    }
    snprintf(path, sizeof path, "%s/reckon-bench-%ld.csv", folder, (long)getpid());
    snprintf(out_path, sizeof out_path, "%s/reckon-bench-%ld.rk", folder, (long)getpid());
    write_log(path, n_rows);
    rk_pool *pool = rk_pool_new(0);
    printf("| program | threads | wall s | MB/s | cpu s | MB per cpu s | peak MB | times as long as reading | rows |\n"
           "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    measure(path, out_path, false, pool);
    measure(path, out_path, true, pool);
    rk_pool_free(pool);
    unlink(path);
    unlink(out_path);
    return 0;
}
