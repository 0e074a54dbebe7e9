/* test_checks.c - what a new model must show before it answers, and when a file counts as replaced. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "model/answer.h"
#include "serve/checks.h"
#include "serve/golden.h"
#include "serve/watch.h"
#include "unit/serve/stage.h"

/* Two models over the same names, and a file for golden queries. */
typedef struct {
    char folder[64], data[96], path[2][96], golden[96];
    rk_live *live[2];
} shops;

static void write_words(const char *path, const char *words)
{
    rk_error err;
    rk_text text = {0};
    rk_text_add(&text, words);
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    rk_text_release(&text);
}

static int open_shops(void **state)
{
    static shops s = {.folder = "/tmp/test_checks_XXXXXX"};
    static const rk_run quiet;
    rk_error err;
    assert_non_null(mkdtemp(s.folder));
    snprintf(s.data, sizeof s.data, "%s/d.rk", s.folder);
    snprintf(s.golden, sizeof s.golden, "%s/golden.yaml", s.folder);
    for (unsigned i = 0; i < 2; i++) {
        shop_model shop = stage_shop;
        shop.seed = i + 1;
        snprintf(s.path[i], sizeof s.path[i], "%s/m%u.rk", s.folder, i);
        shop_model_write(&shop, s.data, s.path[i]);
        assert_int_equal(rk_live_open(&(rk_live_source){.model_path = s.path[i]}, &quiet, &s.live[i], &err), RK_OK);
    }
    *state = &s;
    return 0;
}

static int close_shops(void **state)
{
    shops *s = *state;
    for (unsigned i = 0; i < 2; i++) {
        rk_live_release(s->live[i]);
        unlink(s->path[i]);
    }
    unlink(s->data);
    unlink(s->golden);
    return rmdir(s->folder);
}

/* ---- golden queries ---- */

static void assert_golden(const shops *s, const char *yaml, const char *message)
{
    rk_error err;
    size_t n;
    write_words(s->golden, yaml);
    rk_status status = rk_golden_check(s->golden, s->live[0], &n, &err);
    if (!message) {
        assert_int_equal(status, RK_OK);
        return;
    }
    assert_int_equal(status, RK_BAD_INPUT);
    const char *said = err.message + strlen(s->golden); /* ":1:3: ..." */
    assert_string_equal(said, message);
}

static void golden_queries_hold_or_are_named_with_their_line(void **state)
{
    shops *s = *state;
    rk_desk *desk = rk_desk_new();
    rk_answer answer;
    rk_error err;
    assert_int_equal(rk_answer_recommend(desk, s->live[0]->model, &(rk_wish){.user = 7, .n = 2}, &answer, &err), RK_OK);
    char yaml[400];
    snprintf(yaml, sizeof yaml,
             "- {user: u7, at_least: 10}\n- {user: stranger}\n- {similar: i3, n: 5, at_least: 5}\n"
             "- {user: u7, n: 2, expect: [i%u, i%u]}\n- {user: u7, n: 2, expect: [i%u, nonsense], share: 0.5}\n",
             answer.item[0], answer.item[1], answer.item[1]);
    rk_desk_free(desk);
    assert_golden(s, yaml, NULL);
    assert_golden(s, "- {user: u7, n: 5, at_least: 6}", ":1:3: 'u7' is answered with 5 items, 6 are needed");
    assert_golden(s, "- {user: u1}\n- {user: u7, expect: [nonsense]}",
                  ":2:3: 'u7' is answered with 0 of the 1 expected items among the first 20");
    assert_golden(s, "- {similar: nonsense}", ":1:3: not answered: no such item 'nonsense'");
    assert_golden(s, "- {search: tea}", ":1:3: not answered: there is no index for search");
    assert_golden(s, "- {user: u7, similar: i3}", ":1:3: a golden query has one of 'user', 'similar' and 'search'");
    assert_golden(s, "- {usr: u7}", ":1:4: the golden query has no key 'usr'; did you mean 'user'?");
    assert_golden(s, "user: u7", ":1:1: golden queries are a list of at most 10000");
}

/* ---- quality ---- */

/* Shoppers have just taken what the model `of` would have offered them first. */
static void take_best_of(const rk_live *of, uint32_t n_users, rk_recent *recent)
{
    rk_desk *desk = rk_desk_new();
    assert_true(rk_recent_init(recent, 1000));
    for (uint32_t u = 0; u < n_users; u++) {
        rk_answer answer;
        rk_error err;
        char user[16], item[16];
        assert_int_equal(rk_answer_recommend(desk, of->model, &(rk_wish){.user = u, .n = 1}, &answer, &err), RK_OK);
        snprintf(user, sizeof user, "u%u", u);
        snprintf(item, sizeof item, "i%u", answer.item[0]);
        assert_true(rk_recent_add(recent, rk_slice_of(user), rk_slice_of(item)));
    }
    rk_desk_free(desk);
}

static void a_model_that_finds_clearly_less_is_refused(void **state)
{
    shops *s = *state;
    rk_recent recent;
    rk_check_result found;
    rk_error err;
    take_best_of(s->live[0], 49, &recent);
    rk_check_options options = {.quality_drop = 0.2};
    assert_int_equal(rk_checks_run(&options, s->live[0], s->live[1], &recent, &found, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "a fall by more than 20%"));
    assert_true(found.n_held_out > 30 && found.n_found_before == found.n_held_out &&
                found.n_found_now < found.n_found_before / 2);
    /* the other way round it is better, */
    assert_int_equal(rk_checks_run(&options, s->live[1], s->live[0], &recent, &found, &err), RK_OK);
    assert_int_equal(found.n_found_now, found.n_held_out);
    /* against itself as good, */
    assert_int_equal(rk_checks_run(&options, s->live[0], s->live[0], &recent, &found, &err), RK_OK);
    assert_int_equal(found.n_found_now, found.n_found_before);
    /* and nobody looks when told so, or when there is none before. */
    options.quality_drop = 1;
    assert_int_equal(rk_checks_run(&options, s->live[0], s->live[1], &recent, &found, &err), RK_OK);
    options.quality_drop = 0.2;
    assert_int_equal(rk_checks_run(&options, NULL, s->live[1], &recent, &found, &err), RK_OK);
    rk_recent_release(&recent);
}

static void two_shoppers_prove_nothing(void **state)
{
    shops *s = *state;
    rk_recent recent;
    rk_check_result found;
    rk_error err;
    take_best_of(s->live[0], 2, &recent);
    rk_check_options options = {.quality_drop = 0.2};
    assert_int_equal(rk_checks_run(&options, s->live[0], s->live[1], &recent, &found, &err), RK_OK);
    assert_true(found.n_held_out <= 2);
    rk_recent_release(&recent);
}

/* ---- files ---- */

static void a_file_is_taken_when_it_was_replaced_and_rests(void **state)
{
    shops *s = *state;
    char path[96], next[96];
    snprintf(path, sizeof path, "%s/file", s->folder);
    snprintf(next, sizeof next, "%s/next", s->folder);
    write_words(path, "one");
    rk_watch watch;
    rk_watch_init(&watch, (const char *const[]){path, NULL}, 2);
    assert_int_equal(watch.n, 1);
    assert_false(rk_watch_look(&watch));
    write_words(next, "two");
    assert_int_equal(rename(next, path), 0);
    assert_false(rk_watch_look(&watch)); /* seen for the first time */
    assert_true(rk_watch_look(&watch));
    assert_true(rk_watch_look(&watch)); /* until it is taken */
    rk_watch_take(&watch);
    assert_false(rk_watch_look(&watch));
    unlink(path); /* gone is not new */
    assert_false(rk_watch_look(&watch));
    assert_false(rk_watch_look(&watch));
    write_words(path, "two");
    assert_false(rk_watch_look(&watch));
    write_words(path, "three: still being written");
    assert_false(rk_watch_look(&watch));
    assert_true(rk_watch_look(&watch));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_queries_hold_or_are_named_with_their_line),
        cmocka_unit_test(a_model_that_finds_clearly_less_is_refused),
        cmocka_unit_test(two_shoppers_prove_nothing),
        cmocka_unit_test(a_file_is_taken_when_it_was_replaced_and_rests),
    };
    return cmocka_run_group_tests(tests, open_shops, close_shops);
}
