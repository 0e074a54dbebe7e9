/* test_exposures.c - records reach the log whole, once and in order, whoever hands them in; an end loses none. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/exposures.h"
#include "store/wal.h"
#include "support/test.h"

enum { THREADS = 4, EACH = 500 };

typedef struct {
    rk_exposures *exposures;
    unsigned number;
} writer;

static void *write_all(void *context)
{
    const writer *w = context;
    for (unsigned i = 0; i < EACH; i++) {
        char id[32];
        snprintf(id, sizeof id, "%u-%u", w->number, i);
        rk_exposure exposure = {.id = rk_slice_of(id), .user = RK_SLICE("u"), .propensity = 1, .time_s = i};
        rk_exposures_add(w->exposures, &exposure);
    }
    return NULL;
}

static void nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    char folder[] = "/tmp/reckon-exposures-XXXXXX", path[96];
    rk_exposures *exposures;
    rk_error err;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(rk_exposures_start(folder, &(rk_run){0}, &exposures, &err), RK_OK);
    pthread_t thread[THREADS];
    writer writers[THREADS];
    for (unsigned t = 0; t < THREADS; t++) {
        writers[t] = (writer){exposures, t};
        assert_int_equal(pthread_create(&thread[t], NULL, write_all, &writers[t]), 0);
    }
    for (unsigned t = 0; t < THREADS; t++) {
        pthread_join(thread[t], NULL);
    }
    assert_int_equal(rk_exposures_count(exposures).n_dropped, 0);
    rk_exposures_stop(exposures);

    rk_wal_reader *reader;
    rk_slice record = {"", 0};
    rk_arena arena = {0};
    unsigned next[THREADS] = {0}, n = 0;
    uint64_t number;
    assert_int_equal(rk_wal_reader_open(folder, 0, &reader, &err), RK_OK);
    while (rk_wal_next(reader, &number, &record, &err) == RK_OK && record.at) {
        rk_exposure read;
        unsigned writer_number, i;
        assert_int_equal(rk_exposure_parse(record, (rk_place){"log", 1, 0}, &arena, &read, &err), RK_OK);
        assert_int_equal(sscanf(read.id.at, "%u-%u", &writer_number, &i), 2);
        assert_int_equal(i, next[writer_number]++);
        n++;
        rk_arena_clear(&arena);
    }
    assert_int_equal(n, THREADS * EACH);
    rk_wal_reader_close(reader);
    rk_arena_release(&arena);
    snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(system(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost_or_doubled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
