/* test_suggest.c - what is suggested begins as typed, is the most popular, and is never the same twice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/shop_index.h"
#include "support/test.h"
#include "text/index_parts.h"
#include "text/suggest.h"

static const char products[] = "id,title,brand,category\n"
                               "1,Laptop bag,Acme,Bags > Laptop bags\n2,Laptop bag red,Acme,Bags > Laptop bags\n"
                               "3,Laptops 15 inch,Zeta,Computers\n4,Laptop stand,Lapland,Desks\n"
                               "5,\"Case, for a phone\",Zeta,Phones\n6,Case for tablets,Zeta,Tablets\n"
                               "7,Café crème cups,Zeta,Kitchen\n8,Notebook HP dv7-1211ea,HP,Computers\n"
                               "9,红色笔记本电脑,联想,电脑\n10,笔记本电脑包,联想,电脑\n11,Red carpet,Zeta,Home\n";

/* Suggestions joined by '|'. */
static void assert_given(rk_suggester *suggester, const char *typed, size_t n_max, const char *wanted)
{
    rk_suggestion all[RK_SUGGEST_MAX];
    rk_text said = {0};
    rk_error err;
    size_t n;
    assert_int_equal(rk_suggest(suggester, rk_slice_of(typed), all, n_max, &n, &err), RK_OK);
    rk_text_add(&said, "");
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(&said, "%s%.*s", i ? "|" : "", (int)all[i].text.n, all[i].text.at);
    }
    if (strcmp(said.at, wanted) != 0) {
        print_error("'%s' gives %s\n", typed, said.at);
    }
    assert_string_equal(said.at, wanted);
    rk_text_release(&said);
}

static rk_suggester *open_suggester(rk_index *index)
{
    rk_suggester *suggester = NULL;
    rk_error err;
    assert_int_equal(rk_suggester_new(rk_index_corpus(index), &suggester, &err), RK_OK);
    return suggester;
}

static void phrases_go_on_as_typed(void **state)
{
    (void)state;
    rk_suggester *s = open_suggester(test_index_of(products, NULL));
    assert_given(s, "lap", 4, "laptop|laptop bag|Lapland|laptop bag red");
    assert_given(s, "LAPTOP B", 5, "laptop bag|laptop bag red");
    assert_given(s, "café cr", 5, "café crème cups|café crème");
    assert_given(s, "cafe cre", 1, "café crème cups");
    assert_given(s, "case for t", 5, "case for tablets");
    assert_given(s, "dv7-12", 5, "dv7-1211ea");
    assert_given(s, "dv712", 5, "dv71211ea");
    assert_given(s, "笔记", 2, "笔记|笔记本电脑");
    assert_given(s, "笔记本电", 1, "笔记本电脑");
    assert_given(s, "联", 3, "联想");
    assert_given(s, "", 5, "");
    assert_given(s, "?!", 5, "");
    assert_given(s, "zzz", 5, "");
    assert_given(s, "laptop ", 0, "");
    rk_suggester_free(s);
}

static void words_before_choose_the_last(void **state)
{
    (void)state;
    rk_suggester *s = open_suggester(test_index_of(products, NULL));
    assert_given(s, "red lap", 5, "red laptop|red laptop bag|red laptop bag red");
    assert_given(s, "red lapl", 5, ""); /* nothing red is of Lapland */
    assert_given(s, "Zeta ca", 3, "Zeta case|Zeta café|Zeta café crème cups");
    assert_given(s, "unicorn lap", 5, "");
    rk_suggester_free(s);
}

static void typos_are_forgiven_when_nothing_fits(void **state)
{
    (void)state;
    rk_suggester *s = open_suggester(test_index_of(products, NULL));
    rk_suggestion all[3];
    rk_error err;
    size_t n;
    assert_given(s, "lpatop", 1, "laptop");
    assert_given(s, "latpop bg", 1, "laptop bag");
    assert_given(s, "lpt", 5, ""); /* too short for an edit */
    assert_given(s, "xxtebook", 1, "notebook"); /* both edits in its first half */
    assert_int_equal(rk_suggest(s, RK_SLICE("lpatop"), all, 3, &n, &err), RK_OK);
    assert_true(n > 0 && all[0].edits == 1);
    rk_suggester_free(s);
}

static void what_was_asked_comes_first(void **state)
{
    (void)state;
    char path[] = "/tmp/reckon-queries-XXXXXX";
    rk_text text = {0};
    rk_error err;
    assert_true(mkstemp(path) >= 0);
    rk_text_add(&text, "query,count\nlap desk,7\nLaptop  Stand,40\nlaptop stand,2\nnever,0\n\"the\",3\n");
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    rk_index_options options = rk_index_defaults();
    options.queries = path;
    rk_suggester *s = open_suggester(test_index_of(products, &options));
    rk_suggestion best;
    size_t n;
    assert_given(s, "lap", 3, "laptop stand|lap desk|laptop");
    assert_given(s, "nev", 3, "");
    assert_given(s, "th", 3, "the");
    assert_int_equal(rk_suggest(s, RK_SLICE("laptop s"), &best, 1, &n, &err), RK_OK);
    assert_true(best.score == 43);
    rk_suggester_free(s);
    unlink(path);
    rk_text_release(&text);
}

static void bad_queries_are_told_with_their_line(void **state)
{
    (void)state;
    char path[] = "/tmp/reckon-queries-XXXXXX", out[64];
    rk_text text = {0};
    rk_error err;
    rk_run run = {0};
    rk_index_report built;
    rk_index_options options = rk_index_defaults();
    options.queries = path;
    assert_true(mkstemp(path) >= 0);
    test_index_of(products, NULL);
    snprintf(out, sizeof out, "%s", test_index_path());
    char *shop = strrchr(out, '/');
    memcpy(shop, "/p.rk", 6);
    static const char *const bad[][2] = {{"query,count\nlap,7\nred,-1\n", ":3: count must be a number"},
                                         {"query,count\nlap,many\n", ":2: count must be a number"},
                                         {"words,count\nlap,7\n", "wants a column 'query'"}};
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_text_clear(&text);
        rk_text_add(&text, bad[i][0]);
        assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
        assert_int_equal(rk_index_build(out, &options, test_index_path(), &run, &built, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, bad[i][1]));
    }
    unlink(path);
    rk_text_release(&text);
}

/* Every prefix of every phrase against a walk over all of them. */
static void the_best_of_a_range_are_those_of_a_walk(void **state)
{
    (void)state;
    rk_index *index = test_index_of(products, NULL);
    const rk_phrases *p = &index->phrases;
    rk_suggester *s = open_suggester(index);
    for (uint32_t i = 0; i < p->keys.n; i++) {
        rk_slice key = rk_names_get(&p->keys, i);
        for (size_t cut = 1; cut <= key.n; cut++) {
            rk_suggestion best;
            rk_error err;
            size_t n;
            float most = 0;
            rk_slice typed = {key.at, cut};
            if (rk_utf8_valid_prefix(typed) < cut || key.at[cut - 1] == ' ') {
                continue;
            }
            for (uint32_t k = 0; k < p->keys.n; k++) {
                rk_slice other = rk_names_get(&p->keys, k);
                bool fits = other.n >= cut && memcmp(other.at, key.at, cut) == 0;
                most = fits && p->score[k] > most ? p->score[k] : most;
            }
            assert_int_equal(rk_suggest(s, typed, &best, 1, &n, &err), RK_OK);
            assert_int_equal(n, 1);
            assert_true(best.score == (double)most && best.edits == 0);
        }
    }
    rk_suggester_free(s);
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    rk_suggester *s = open_suggester(test_index_of(products, NULL));
    static char much[5000];
    rk_suggestion best;
    rk_error err;
    size_t n;
    memset(much, 'a', sizeof much);
    assert_int_equal(rk_suggest(s, RK_SLICE("lap\xff"), &best, 1, &n, &err), RK_BAD_USAGE);
    assert_int_equal(rk_suggest(s, (rk_slice){much, sizeof much}, &best, 1, &n, &err), RK_BAD_USAGE);
    rk_suggester_free(s);
}

static void phrases_that_lie_are_refused(void **state)
{
    (void)state;
    test_index_of(products, NULL);
    test_assert_index_refused("phrases.bytes", 0, 60);
    test_assert_index_refused("phrases.order", 1, 1);
    test_assert_index_refused("said.start", 1, 100);
    rk_index_options bare = rk_index_defaults();
    bare.is_bare = true;
    rk_suggester *s = open_suggester(test_index_of(products, &bare));
    assert_given(s, "lap", 5, "");
    rk_suggester_free(s);
}

static int tear_down(void **state)
{
    (void)state;
    test_index_release();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_go_on_as_typed),
        cmocka_unit_test(words_before_choose_the_last),
        cmocka_unit_test(typos_are_forgiven_when_nothing_fits),
        cmocka_unit_test(what_was_asked_comes_first),
        cmocka_unit_test(bad_queries_are_told_with_their_line),
        cmocka_unit_test(the_best_of_a_range_are_those_of_a_walk),
        cmocka_unit_test(what_is_no_text_is_refused),
        cmocka_unit_test(phrases_that_lie_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
