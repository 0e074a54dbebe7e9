/* What was tried comes back bit for bit, also from a file that was never closed; other files are refused untouched. */
#include "support/test.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tune/trial.h"

static const rk_option options[] = {
    {.name = "lambda", .kind = RK_OPT_REAL, .min = 1e-9, .max = 1e9, .is_log_scale = true, .tune = "1e-4..10"},
    {.name = "factors", .kind = RK_OPT_COUNT, .min = 1, .max = 4096, .tune = "8..512"},
    {.name = "weigh", .kind = RK_OPT_CHOICE, .choices = "one|count", .tune = "one,count"},
};
static const rk_trial_mark marks[] = {
    {"data", "0123", false}, {"metric", "ndcg@10", false}, {"space of als", "a", true}};

typedef struct {
    char folder[64], path[96];
    rk_space space;
    rk_arena arena;
} place;

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/reckon-trials-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/study.db", p->folder);
    for (size_t i = 0; i < RK_COUNT_OF(options); i++) {
        assert_int_equal(rk_space_add(&p->space, &options[i], NULL, NULL), RK_OK);
    }
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    place *p = *state;
    for (size_t i = 0; i < RK_COUNT_OF(ends); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", p->path, ends[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(p->folder), 0);
    rk_space_release(&p->space);
    rk_arena_release(&p->arena);
    free(p);
    return 0;
}

static rk_trial_file *open_file(const place *p, size_t n_marks)
{
    rk_trial_file *file = NULL;
    rk_error err = {0};
    if (rk_trial_file_open(p->path, marks, n_marks, &file, &err)) {
        fail_msg("%s", err.message);
    }
    return file;
}

static void refused(const place *p, const rk_trial_mark *others, size_t n, const char *words)
{
    rk_trial_file *file = NULL;
    rk_error err = {0};
    rk_status status = rk_trial_file_open(p->path, others, n, &file, &err);
    assert_null(file);
    assert_true(status == RK_BAD_INPUT || status == RK_IO);
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
}

static rk_trial trial_of(size_t number, const double *x)
{
    return (rk_trial){.number = number,
                      .share = 1 / 3.0,
                      .x = x,
                      .value = 0.1 + (double)number / 3,
                      .low = 0.1,
                      .high = NAN,
                      .seconds = 1.25,
                      .train_s = 0.7};
}

static void add(const place *p, rk_trial_file *file, const rk_trial *trial)
{
    rk_error err = {0};
    if (rk_trial_file_add(file, "als", &p->space, trial, &err)) {
        fail_msg("%s", err.message);
    }
}

static bool find(place *p, rk_trial_file *file, const char *model, size_t number, rk_trial *out)
{
    bool is_there;
    rk_error err = {0};
    if (rk_trial_file_find(file, model, &p->space, number, &p->arena, out, &is_there, &err)) {
        fail_msg("%s", err.message);
    }
    return is_there;
}

static const double x0[] = {0.00312, 77, 1}, x1[] = {1e-4, 512, 0};

static void a_trial_comes_back_bit_for_bit(void **state)
{
    place *p = *state;
    rk_trial trial = trial_of(0, x0), back;
    rk_trial_file *file = open_file(p, 3);
    add(p, file, &trial);
    rk_trial_file_close(file);
    file = open_file(p, 3);
    assert_true(find(p, file, "als", 0, &back));
    assert_memory_equal(back.x, x0, sizeof x0);
    assert_memory_equal(&back.value, &trial.value, sizeof back.value);
    assert_memory_equal(&back.share, &trial.share, sizeof back.share);
    assert_true(isnan(back.high) && back.low == trial.low && back.train_s == trial.train_s && back.is_done);
    assert_null(back.error);
    assert_false(find(p, file, "als", 1, &back));
    assert_false(find(p, file, "mf", 0, &back));
    rk_trial_file_close(file);
}

static void a_failure_comes_back_with_its_reason(void **state)
{
    place *p = *state;
    rk_trial trial = trial_of(4, x1), back;
    trial.error = "it's \"diverged\"; -- \xC3\xA9";
    rk_trial_file *file = open_file(p, 3);
    add(p, file, &trial);
    assert_true(find(p, file, "als", 4, &back));
    assert_string_equal(back.error, trial.error);
    assert_true(isnan(back.value));
    rk_trial_file_close(file);
}

static void another_study_is_refused_saying_what_differs(void **state)
{
    place *p = *state;
    rk_trial_file_close(open_file(p, 3));
    const rk_trial_mark data[] = {{"data", "0124", false}},
                        metric[] = {{"data", "0123", false}, {"metric", "rmse", false}};
    const rk_trial_mark space[] = {{"space of als", "b", true}}, seed[] = {{"seed", "1", false}};
    refused(p, data, 1, "its data is '0123', not '0124'");
    refused(p, metric, 2, "its metric is 'ndcg@10', not 'rmse'");
    refused(p, space, 1, "its space of als is 'a', not 'b'");
    refused(p, seed, 1, "its seed is '', not '1'");
}

static void one_more_model_may_join(void **state)
{
    place *p = *state;
    const rk_trial_mark first[] = {{"space of mf", "c", true}}, other[] = {{"space of mf", "d", true}};
    rk_trial_file_close(open_file(p, 3));
    rk_trial_file *file = NULL;
    assert_int_equal(rk_trial_file_open(p->path, first, 1, &file, NULL), RK_OK);
    rk_trial_file_close(file);
    refused(p, other, 1, "its space of mf is 'c', not 'd'");
}

static void one_run_writes_at_a_time_and_others_may_read(void **state)
{
    place *p = *state;
    rk_trial trial = trial_of(0, x0);
    rk_trial_file *file = open_file(p, 3);
    add(p, file, &trial);
    refused(p, marks, 3, "is being written by another run");
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM trials", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 1);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    trial.number = 1;
    add(p, file, &trial); /* the reader has changed nothing */
    rk_trial_file_close(file);
}

static void what_was_added_survives_a_killed_run(void **state)
{
    place *p = *state;
    rk_trial first = trial_of(0, x0), second = trial_of(1, x1), back;
    pid_t child = fork();
    if (child == 0) {
        rk_trial_file *file = NULL;
        bool is_fine = !rk_trial_file_open(p->path, marks, 3, &file, NULL) &&
                       !rk_trial_file_add(file, "als", &p->space, &first, NULL) &&
                       !rk_trial_file_add(file, "als", &p->space, &second, NULL);
        _exit(is_fine ? 0 : 1); /* nothing is closed */
    }
    int code;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    rk_trial_file *file = open_file(p, 3);
    assert_true(find(p, file, "als", 0, &back) && find(p, file, "als", 1, &back));
    assert_memory_equal(back.x, x1, sizeof x1);
    rk_trial_file_close(file);
}

static void execute(const place *p, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static rk_text bytes_of(const char *path)
{
    rk_mapped file;
    rk_text text = {0};
    assert_int_equal(rk_mapped_load(path, &file, NULL), RK_OK);
    rk_text_add_slice(&text, (rk_slice){(const char *)file.at, file.n_bytes});
    rk_mapped_close(&file);
    return text;
}

static void files_of_others_are_refused_untouched(void **state)
{
    place *p = *state;
    rk_text words = {0};
    for (int i = 0; i < 100; i++) {
        rk_text_add(&words, "no database at all\n");
    }
    assert_int_equal(rk_file_write_text(p->path, &words, NULL), RK_OK);
    refused(p, marks, 3, "is no study: it is not an SQLite database");
    rk_text after = bytes_of(p->path);
    assert_true(after.n == words.n && !memcmp(after.at, words.at, words.n));
    rk_text_release(&words);
    rk_text_release(&after);
    unlink(p->path);
    execute(p, "CREATE TABLE marks (key, value); INSERT INTO marks VALUES ('data', '0123')");
    words = bytes_of(p->path);
    refused(p, marks, 3, "is an SQLite database, but no study");
    after = bytes_of(p->path);
    assert_true(after.n == words.n && !memcmp(after.at, words.at, words.n));
    rk_text_release(&words);
    rk_text_release(&after);
}

static void a_newer_study_is_refused(void **state)
{
    place *p = *state;
    rk_trial_file_close(open_file(p, 3));
    execute(p, "PRAGMA user_version = 9");
    refused(p, marks, 3, "is a study of version 9, this program reads version 1");
}

static void not_found(place *p, const char *words)
{
    rk_trial back;
    bool is_there;
    rk_error err = {0};
    rk_trial_file *file = open_file(p, 3);
    assert_int_equal(rk_trial_file_find(file, "als", &p->space, 0, &p->arena, &back, &is_there, &err), RK_BAD_INPUT);
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
    rk_trial_file_close(file);
}

static void settings_outside_the_space_are_damage(void **state)
{
    place *p = *state;
    rk_trial trial = trial_of(0, x0);
    rk_trial_file *file = open_file(p, 3);
    add(p, file, &trial);
    rk_trial_file_close(file);
    execute(p, "UPDATE settings SET value = '9000' WHERE name = 'factors'");
    not_found(p, "factors of trial 1 of als is '9000'");
    execute(p, "UPDATE settings SET value = '77' WHERE name = 'factors'; DELETE FROM settings WHERE name = 'weigh'");
    not_found(p, "weigh of trial 1 of als is ''");
    execute(p, "UPDATE trials SET value = NULL");
    not_found(p, "trial 1 has neither value nor error");
    execute(p, "DROP TABLE settings");
    not_found(p, "damaged");
}

/* Flips bytes all over the file: opening and reading must end in an answer or a message. */
static void spoilt_pages_are_told_or_harmless(void **state)
{
    place *p = *state;
    rk_trial trial = trial_of(0, x0), back;
    rk_trial_file *file = open_file(p, 3);
    for (trial.number = 0; trial.number < 20; trial.number++) {
        add(p, file, &trial);
    }
    rk_trial_file_close(file);
    rk_text whole = bytes_of(p->path);
    uint64_t random = 1;
    unsigned n_refused = 0;
    for (int round = 0; round < 200; round++) {
        rk_text spoilt = {0};
        bool is_there;
        rk_error err = {0};
        rk_text_add_slice(&spoilt, (rk_slice){whole.at, round % 10 == 0 ? test_random(&random) % whole.n : whole.n});
        for (int flip = 0; flip < 8 && spoilt.n > 0; flip++) {
            spoilt.at[test_random(&random) % spoilt.n] = (char)test_random(&random);
        }
        assert_int_equal(rk_file_write_text(p->path, &spoilt, NULL), RK_OK);
        file = NULL;
        rk_status status = rk_trial_file_open(p->path, marks, 3, &file, &err);
        for (size_t number = 0; !status && number < 20; number++) {
            status = rk_trial_file_find(file, "als", &p->space, number, &p->arena, &back, &is_there, &err);
        }
        assert_true(!status || err.message[0]);
        n_refused += status != RK_OK;
        rk_trial_file_close(file);
        rk_text_release(&spoilt);
    }
    assert_true(n_refused > 20);
    rk_text_release(&whole);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(a_trial_comes_back_bit_for_bit),
        CLAIM(a_failure_comes_back_with_its_reason),
        CLAIM(another_study_is_refused_saying_what_differs),
        CLAIM(one_more_model_may_join),
        CLAIM(one_run_writes_at_a_time_and_others_may_read),
        CLAIM(what_was_added_survives_a_killed_run),
        CLAIM(files_of_others_are_refused_untouched),
        CLAIM(a_newer_study_is_refused),
        CLAIM(settings_outside_the_space_are_damage),
        CLAIM(spoilt_pages_are_told_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
