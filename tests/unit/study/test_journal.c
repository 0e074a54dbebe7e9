/* A step is done again exactly when what goes in, how, or what came out has changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "study/journal.h"

typedef struct {
    char folder[64], in[96], out[96], steps[96];
} place;

static void write_words(const char *path, const char *words)
{
    rk_text text = {0};
    rk_text_add(&text, words);
    assert_int_equal(rk_file_write_text(path, &text, NULL), RK_OK);
    rk_text_release(&text);
}

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    strcpy(p->folder, "/tmp/reckon-journal-XXXXXX");
    if (!mkdtemp(p->folder))
        return 1;
    snprintf(p->in, sizeof p->in, "%s/in.csv", p->folder);
    snprintf(p->out, sizeof p->out, "%s/out.json", p->folder);
    snprintf(p->steps, sizeof p->steps, "%s/steps.json", p->folder);
    write_words(p->in, "in");
    write_words(p->out, "out");
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    unlink(p->in);
    unlink(p->out);
    unlink(p->steps);
    rmdir(p->folder);
    free(p);
    return 0;
}

static bool is_done(const place *p, const rk_step *step)
{
    rk_journal *journal;
    bool done;
    double seconds;
    assert_int_equal(rk_journal_open(p->folder, &journal, NULL), RK_OK);
    assert_int_equal(rk_journal_check(journal, step, &done, &seconds, NULL), RK_OK);
    assert_true(!done || seconds == 1.5);
    rk_journal_close(journal);
    return done;
}

static void do_it(const place *p, const rk_step *step)
{
    rk_journal *journal;
    assert_int_equal(rk_journal_open(p->folder, &journal, NULL), RK_OK);
    assert_int_equal(rk_journal_add(journal, step, 1.5, NULL), RK_OK);
    rk_journal_close(journal);
}

static void a_step_is_done_once_it_is_recorded(void **state)
{
    place *p = *state;
    rk_step step = {"train", "factors=64", {p->in}, {p->out}};
    assert_false(is_done(p, &step));
    do_it(p, &step);
    assert_true(is_done(p, &step));
}

static void other_options_or_inputs_undo_it(void **state)
{
    place *p = *state;
    rk_step step = {"train", "factors=64", {p->in}, {p->out}};
    do_it(p, &step);
    step.options = "factors=32";
    assert_false(is_done(p, &step));
    step.options = "factors=64";
    write_words(p->in, "changed");
    assert_false(is_done(p, &step));
    write_words(p->in, "in"); /* the same bytes are the same file */
    assert_true(is_done(p, &step));
}

static void a_spoilt_or_missing_output_undoes_it(void **state)
{
    place *p = *state;
    rk_step step = {"train", "", {p->in}, {p->out}};
    do_it(p, &step);
    write_words(p->out, "oux");
    assert_false(is_done(p, &step));
    unlink(p->out);
    assert_false(is_done(p, &step));
}

static void steps_do_not_know_each_other(void **state)
{
    place *p = *state;
    rk_step train = {"train", "", {p->in}, {p->out}}, measure = {"measure", "", {p->in}, {p->out}};
    do_it(p, &train);
    assert_false(is_done(p, &measure));
    do_it(p, &measure);
    assert_true(is_done(p, &train));
}

static void a_missing_input_is_an_error_that_names_it(void **state)
{
    place *p = *state;
    rk_step step = {"train", "", {"/nowhere/at/all.csv"}, {NULL}};
    rk_journal *journal;
    rk_error err;
    bool done;
    double seconds;
    assert_int_equal(rk_journal_open(p->folder, &journal, &err), RK_OK);
    assert_int_equal(rk_journal_check(journal, &step, &done, &seconds, &err), RK_NOT_FOUND);
    assert_non_null(strstr(err.message, "/nowhere/at/all.csv"));
    rk_journal_close(journal);
}

static void a_file_that_is_no_journal_is_refused(void **state)
{
    place *p = *state;
    const char *const bad[] = {"",
                               "{",
                               "[]",
                               "{\"reckon\":\"steps/2\",\"steps\":{}}",
                               "{\"reckon\":\"steps/1\"}",
                               "{\"reckon\":\"steps/1\",\"steps\":[]}"};
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_journal *journal;
        rk_error err;
        write_words(p->steps, bad[i]);
        assert_int_equal(rk_journal_open(p->folder, &journal, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, "steps.json is not a journal of steps"));
    }
    rk_step step = {"train", "", {p->in}, {p->out}};
    write_words(p->steps, "{\"reckon\":\"steps/1\",\"steps\":{\"train\":[1],\"x\":null}}"); /* odd rows: not done */
    assert_false(is_done(p, &step));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_step_is_done_once_it_is_recorded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_options_or_inputs_undo_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_spoilt_or_missing_output_undoes_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(steps_do_not_know_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_input_is_an_error_that_names_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_journal_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
