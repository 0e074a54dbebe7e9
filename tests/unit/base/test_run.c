/* test_run.c - a step speaks, and whoever listens hears it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/run.h"

typedef struct {
    char line[64], step[16], unit[16];
    rk_log_level level;
    uint64_t done, total;
} heard;

static void hear_log(void *context, rk_log_level level, const char *line)
{
    heard *h = context;
    h->level = level;
    strncpy(h->line, line, sizeof h->line - 1);
}

static void hear_progress(void *context, const char *step, const char *unit, uint64_t done, uint64_t total)
{
    heard *h = context;
    strncpy(h->step, step, sizeof h->step - 1);
    strncpy(h->unit, unit, sizeof h->unit - 1);
    h->done = done;
    h->total = total;
}

static void a_listener_hears_lines_and_progress(void **state)
{
    (void)state;
    heard h = {0};
    const rk_voice voice = {&h, hear_log, hear_progress};
    const rk_run run = {.voice = &voice};
    rk_log(&run, RK_LOG_WARNING, "%d rows dropped", 3);
    rk_progress(&run, "ingest", "rows", 7, 10);
    assert_string_equal(h.line, "3 rows dropped");
    assert_int_equal(h.level, RK_LOG_WARNING);
    assert_string_equal(h.step, "ingest");
    assert_string_equal(h.unit, "rows");
    assert_int_equal(h.done, 7);
    assert_int_equal(h.total, 10);
}

static void a_silent_run_is_no_error(void **state)
{
    (void)state;
    const rk_voice deaf = {0};
    const rk_run runs[] = {{0}, {.voice = &deaf}};
    for (int i = 0; i < 3; i++) {
        const rk_run *run = i < 2 ? &runs[i] : NULL;
        rk_log(run, RK_LOG_INFO, "nobody listens");
        rk_progress(run, "step", "rows", 1, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listener_hears_lines_and_progress),
        cmocka_unit_test(a_silent_run_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
