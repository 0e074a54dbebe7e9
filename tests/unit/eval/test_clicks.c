/* test_clicks.c - chances that clicks were drawn by are found again; a low place is no bad item. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "eval/clicks.h"
#include "eval/judge.h"
#include "math/random.h"
#include "support/test.h"

enum { QUERIES = 20, DOCS = 10, SHOWN = 2000 };

static double true_look(size_t place) { return pow((double)place, -0.7); }
static double true_draw(size_t query, size_t doc) { return 0.05 + 0.08 * (double)((query * 7 + doc * 3) % DOCS); }

/* Every item stands at three places. */
static size_t make_log(rk_showing *rows)
{
    size_t n = 0;
    rk_random random = rk_random_of(5, 0);
    for (uint32_t q = 0; q < QUERIES; q++) {
        for (uint32_t d = 0; d < DOCS; d++) {
            for (uint32_t turn = 0; turn < 3; turn++) {
                uint32_t place = 1 + (d + 3 * turn) % DOCS;
                rk_showing row = {q, d, place, SHOWN, 0};
                for (size_t i = 0; i < SHOWN; i++) {
                    row.clicked += rk_random_uniform(&random) < true_look(place) * true_draw(q, d);
                }
                rows[n++] = row;
            }
        }
    }
    return n;
}

static void looks_and_draws_are_found_again(void **state)
{
    static rk_showing rows[QUERIES * DOCS * 3];
    static double draw[QUERIES * DOCS * 3];
    double look[RK_CLICKS_PLACES_MAX];
    rk_error err = {0};
    size_t n = make_log(rows);
    (void)state;
    assert_int_equal(rk_clicks_weigh(rows, n, draw, look, &err), RK_OK);
    for (size_t place = 1; place <= DOCS; place++) {
        assert_true(fabs(look[place - 1] / true_look(place) - 1) < 0.05);
    }
    for (size_t i = 0; i < n; i++) {
        double wanted = true_draw(rows[i].query, rows[i].doc);
        assert_true(fabs(draw[i] - wanted) < 0.03 + 0.1 * wanted);
    }
}

static void a_low_place_is_no_bad_item(void **state)
{
    static rk_showing rows[QUERIES * DOCS * 3 + 2];
    static double draw[QUERIES * DOCS * 3 + 2];
    double look[RK_CLICKS_PLACES_MAX];
    rk_error err = {0};
    size_t n = make_log(rows);
    (void)state;
    rows[n++] = (rk_showing){QUERIES, 0, 1, 1000, 300};
    rows[n++] = (rk_showing){QUERIES, 1, 8, 1000, 120}; /* 8 is looked at a quarter as often */
    assert_int_equal(rk_clicks_weigh(rows, n, draw, look, &err), RK_OK);
    assert_true(draw[n - 1] > 1.3 * draw[n - 2]);
}

static void one_click_is_no_certainty(void **state)
{
    rk_showing rows[] = {{0, 0, 1, 1, 1}, {0, 1, 1, 1000, 400}};
    double draw[2], look[RK_CLICKS_PLACES_MAX];
    rk_error err = {0};
    (void)state;
    assert_int_equal(rk_clicks_weigh(rows, 2, draw, look, &err), RK_OK);
    assert_true(draw[0] < draw[1]);
    assert_true(fabs(look[1] - 0.5) < 1e-9 && fabs(look[9] - 0.1) < 1e-9); /* nothing was learned of them */
}

static void more_clicks_than_shown_are_refused(void **state)
{
    rk_showing rows[] = {{0, 0, 1, 1, 2}};
    double draw[1], look[RK_CLICKS_PLACES_MAX];
    rk_error err = {0};
    (void)state;
    assert_int_equal(rk_clicks_weigh(rows, 1, draw, look, &err), RK_BAD_INPUT);
}

/* ---- files ---- */

static char path[64];

static rk_status read_csv(const char *csv, rk_judgements *out, rk_error *err)
{
    rk_text text = {0};
    rk_text_add(&text, csv);
    assert_int_equal(rk_file_write_text(path, &text, err), RK_OK);
    rk_text_release(&text);
    return rk_judgements_read(path, out, err);
}

static void clicks_are_read_as_ratings(void **state)
{
    rk_judgements j;
    rk_error err = {0};
    (void)state;
    assert_int_equal(
        read_csv("query,docid,position,impressions,clicks\ntea,a,1,100,40\ntea,b,2,100,0\ntea,a,2,100,20\n", &j, &err),
        RK_OK);
    assert_int_equal(j.n_ratings, 2);
    assert_true(j.rating[0].rating > 0.3 && j.rating[0].rating < 0.5);
    assert_true(j.rating[1].rating == 0);
    rk_judgements_release(&j);
    assert_int_equal(read_csv("docid,query,position,clicks\na,tea,1,1\n", &j, &err), RK_OK);
    assert_true(j.rating[0].rating > 0);
    rk_judgements_release(&j);
}

static void bad_clicks_are_refused_with_their_line(void **state)
{
    static const char *const bad[][2] = {
        {"query,docid,clicks\ntea,a,1\n", "no column 'position'"},
        {"query,docid,position,clicks\ntea,a,1,1\ntea,b,0,1\n", ":3: 1 clicks of 1 impressions at position 0"},
        {"query,docid,position,clicks\ntea,a,first,1\n", ":2: a position is a number, got 'first'"},
        {"query,docid,position,clicks,impressions\ntea,a,1,3,2\n", ":2: 3 clicks of 2 impressions"},
        {"query,docid,position,clicks\ntea,a,1,-1\n", ":2: -1 clicks"},
    };
    (void)state;
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_judgements j;
        rk_error err = {0};
        assert_int_equal(read_csv(bad[i][0], &j, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, bad[i][1]));
    }
}

static int make_path(void **state)
{
    (void)state;
    strcpy(path, "/tmp/reckon-clicks-XXXXXX");
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int drop_path(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_and_draws_are_found_again), cmocka_unit_test(a_low_place_is_no_bad_item),
        cmocka_unit_test(one_click_is_no_certainty),       cmocka_unit_test(more_clicks_than_shown_are_refused),
        cmocka_unit_test(clicks_are_read_as_ratings),      cmocka_unit_test(bad_clicks_are_refused_with_their_line),
    };
    return cmocka_run_group_tests_name("clicks", tests, make_path, drop_path);
}
