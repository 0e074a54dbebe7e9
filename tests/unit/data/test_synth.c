/* test_synth.c - a synthetic shop is the same for any number of threads, as large as asked for, and shaped as promised.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset.h"
#include "data/synth.h"
#include "support/test.h"

static rk_dataset make(const char *path, rk_synth_options options, uint64_t seed, unsigned n_threads)
{
    rk_dataset dataset;
    rk_synth_report report;
    rk_error err = {0};
    rk_run run = {.pool = rk_pool_new(n_threads), .seed = seed};
    rk_status status = rk_synth(&options, path, NULL, &run, &report, &err);
    status = status ? status : rk_dataset_open(path, &dataset, &err);
    if (status) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, RK_OK);
    assert_int_equal(report.n_events, dataset.n_events);
    rk_pool_free(run.pool);
    return dataset;
}

static char path[64];

static int make_path(void **state)
{
    (void)state;
    strcpy(path, "/tmp/reckon-synth-XX"
                 "XXXX");
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static void threads_change_nothing_and_seeds_all(void **state)
{
    (void)state;
    rk_synth_options options = rk_synth_defaults();
    uint64_t hash[4];
    options.n_users = 700;
    options.n_items = 150;
    options.n_events = 9000;
    for (unsigned t = 0; t < 4; t++) {
        rk_dataset d = make(path, options, t == 3 ? 2 : 1, t < 3 ? 1u << t : 1);
        hash[t] = rk_artefact_hash(d.artefact);
        rk_dataset_close(&d);
    }
    assert_true(hash[0] == hash[1] && hash[0] == hash[2]);
    assert_true(hash[0] != hash[3]);
}

static void the_shop_is_as_large_as_asked_for(void **state)
{
    (void)state;
    rk_synth_options options = rk_synth_defaults();
    options.n_users = 3000;
    options.n_items = 500;
    options.n_events = 40000;
    rk_dataset d = make(path, options, 1, 2);
    assert_int_equal(d.n_users, 3000);
    assert_int_equal(d.n_items, 500);
    assert_true(d.n_events > 39900 && d.n_events <= 40000);
    for (uint32_t u = 0; u < d.n_users; u++) {
        assert_true(d.user_start[u + 1] > d.user_start[u]);
    }
    for (uint64_t e = 0; e < d.n_events; e++) {
        assert_true(d.event_time[e] < 1767225600 && d.event_time[e] >= 1767225600 - 365 * 86400);
        assert_true(d.event_value[e] >= 1 && d.event_price[e] == d.item_price[d.event_item[e]]);
    }
    rk_dataset_close(&d);
}

static int more_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* Without favourites the counts follow the power law: rank r has about r^-power of the first. */
static void popularity_follows_the_power_law(void **state)
{
    (void)state;
    rk_synth_options options = rk_synth_defaults();
    options.n_users = 2000;
    options.n_items = 1000;
    options.n_events = 400000;
    options.loyalty = 0;
    options.power = 1;
    rk_dataset d = make(path, options, 1, 2);
    uint64_t count[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        count[i] = d.item_start[i + 1] - d.item_start[i];
    }
    qsort(count, 1000, sizeof *count, more_first);
    for (uint32_t rank = 10; rank <= 300; rank *= 2) { /* a mass of log((r + 1) / r) / log(1001) */
        double wanted = (double)d.n_events * log((rank + 2.0) / (rank + 1.0)) / log(1001);
        assert_true(fabs((double)count[rank] / wanted - 1) < 0.15);
    }
    rk_dataset_close(&d);
}

static void foolish_shops_are_refused(void **state)
{
    (void)state;
    rk_synth_options none = rk_synth_defaults(), steep = rk_synth_defaults();
    rk_synth_report report;
    rk_run run = {0};
    rk_error err;
    none.n_items = 0;
    steep.power = 3;
    assert_int_equal(rk_synth(&none, path, NULL, &run, &report, &err), RK_BAD_USAGE);
    assert_int_equal(rk_synth(&steep, path, NULL, &run, &report, &err), RK_BAD_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing_and_seeds_all),
        cmocka_unit_test(the_shop_is_as_large_as_asked_for),
        cmocka_unit_test(popularity_follows_the_power_law),
        cmocka_unit_test(foolish_shops_are_refused),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
