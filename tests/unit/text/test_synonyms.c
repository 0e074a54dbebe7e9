/* test_synonyms.c - what a list of synonyms makes of a question, and what a bad line is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/shop_index.h"
#include "support/test.h"
#include "text/question.h"
#include "text/synonyms.h"

static const rk_analysis english = {.stemmer = "english"};

static const char list[] = "# screens\n"
                           "TV, television, telly\n"
                           "\n"
                           "hard drive, HDD\n"
                           "smartphone => phone, mobile phone\n"
                           "wi-fi, wireless lan\n"
                           "café => coffee shop\r\n"
                           "笔记本, laptop\n";

static rk_synonyms *parse(const char *text)
{
    rk_synonyms *s = NULL;
    rk_error err;
    assert_int_equal(rk_synonyms_parse(rk_slice_of(text), "words.txt", &english, &s, &err), RK_OK);
    return s;
}

static void assert_widened(const rk_synonyms *s, const char *text, const char *wanted)
{
    rk_analyser *analyser = NULL;
    const rk_token *tokens;
    rk_synonym out[32];
    rk_text said = {0};
    rk_error err;
    size_t n;
    assert_int_equal(rk_analyser_new(&english, &analyser, &err), RK_OK);
    assert_int_equal(rk_analyse(analyser, rk_slice_of(text), &tokens, &n, &err), RK_OK);
    size_t n_out = rk_synonyms_widen(s, tokens, n, out, 32);
    rk_text_add(&said, "");
    for (size_t i = 0; i < n_out; i++) {
        rk_text_addf(&said, "%s%.*s:%.1f", i ? " " : "", (int)out[i].term.n, out[i].term.at, out[i].weight);
    }
    assert_string_equal(said.at, wanted);
    rk_text_release(&said);
    rk_analyser_free(analyser);
}

static void others_are_found_both_ways_or_one(void **state)
{
    (void)state;
    rk_synonyms *s = parse(list);
    assert_widened(s, "tv", "televis:0.6 telli:0.6");
    assert_widened(s, "red TELEVISIONS", "tv:0.6 telli:0.6");
    assert_widened(s, "tv television", "telli:0.6");
    assert_widened(s, "smartphone", "phone:0.6 mobil:0.3");
    assert_widened(s, "phone", "");
    assert_widened(s, "Cafe", "coffe:0.3 shop:0.3");
    assert_widened(s, "coffee shop", "");
    assert_widened(s, "笔记本", "laptop:0.6");
    assert_widened(s, "", "");
    rk_synonyms_free(s);
}

static void phrases_are_found_whole(void **state)
{
    (void)state;
    rk_synonyms *s = parse(list);
    assert_widened(s, "fast hard drives", "hdd:0.6");
    assert_widened(s, "hard red drive", "");
    assert_widened(s, "drive", "");
    assert_widened(s, "hdd", "hard:0.3 drive:0.3");
    assert_widened(s, "wi-fi", "wireless:0.3 lan:0.3");
    assert_widened(s, "wifi", "wireless:0.3 lan:0.3");
    assert_widened(s, "wireless lan", "wi:0.3 fi:0.3");
    assert_widened(NULL, "tv", "");
    rk_synonyms_free(s);
}

static void bad_lines_are_told(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"tv, television\nalone\n", "words.txt:2: a line of synonyms is 'a, b' or 'a => b', got 'alone'"},
        {"tv,\n", "words.txt:1: a synonym is a word that can be searched, got ''"},
        {"tv => \n", "words.txt:1: a synonym is a word that can be searched, got ''"},
        {"=> tv\n", "words.txt:1: a synonym is a word that can be searched, got ''"},
        {"\n\na, the\n", "words.txt:3: a synonym is a word that can be searched, got 'a'"},
        {"x1 => y1 => z1\n", "words.txt:1: a line has one => at most, got 'x1 => y1 => z1'"},
        {"q1 q2 q3 q4 q5 q6 q7 q8 q9, tv\n", "words.txt:1: a synonym has at most 8 words"},
        {"tv, \xff\n", "words.txt:1: is not UTF-8"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_synonyms *s = NULL;
        rk_error err;
        assert_int_equal(rk_synonyms_parse(rk_slice_of(bad[i][0]), "words.txt", &english, &s, &err), RK_BAD_INPUT);
        if (!strstr(err.message, bad[i][1])) {
            print_error("%s\n", err.message);
        }
        assert_non_null(strstr(err.message, bad[i][1]));
        assert_null(s);
    }
}

static size_t found(rk_index *index, const char *text, uint32_t *first)
{
    rk_asker *asker = NULL;
    rk_question question;
    rk_findings findings;
    rk_arena arena = {0};
    rk_error err;
    assert_int_equal(rk_asker_new(rk_index_corpus(index), &asker, &err), RK_OK);
    assert_int_equal(rk_question_read(asker, rk_slice_of(text), &question, &err), RK_OK);
    assert_int_equal(rk_question_answer(asker, &question, 10, &arena, &findings, &err), RK_OK);
    size_t n = findings.n;
    *first = n ? findings.item[0] : UINT32_MAX;
    rk_arena_release(&arena);
    rk_asker_free(asker);
    return n;
}

static void an_index_keeps_its_synonyms(void **state)
{
    (void)state;
    static const char products[] = "id,title\n1,Television red\n2,TV stand\n3,Laptop\n4,Hard drive\n";
    char path[] = "/tmp/reckon-synonyms-XXXXXX";
    rk_text text = {0};
    rk_error err;
    assert_true(mkstemp(path) >= 0);
    rk_text_add(&text, list);
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    rk_index_options options = rk_index_defaults();
    options.synonyms = path;
    rk_index *index = test_index_of(products, &options);
    uint32_t first;
    assert_widened(rk_index_synonyms(index), "tv", "televis:0.6 telli:0.6");
    assert_int_equal(found(index, "tv", &first), 2);
    assert_int_equal(first, 1); /* what was typed counts most */
    assert_int_equal(found(index, "telly", &first), 2);
    assert_int_equal(found(index, "fast hdd", &first), 1);
    assert_int_equal(found(index, "hard drive", &first), 1);
    assert_int_equal(found(index, "tv -television", &first), 1);
    assert_int_equal(found(index, "+telly", &first), 0);   /* a word that must be there is meant as it stands */
    test_assert_index_refused("synonyms", 12, 0xff - ','); /* "TV, ..." is no UTF-8 any more */
    rk_text_clear(&text);
    rk_text_add(&text, "telly => laptop\n");
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    assert_int_equal(rk_index_use_synonyms(index, path, &err), RK_OK);
    assert_widened(rk_index_synonyms(index), "telly", "laptop:0.6");
    unlink(path);
    assert_int_equal(rk_index_use_synonyms(index, path, &err), RK_NOT_FOUND);
    rk_text_release(&text);
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
        cmocka_unit_test(others_are_found_both_ways_or_one),
        cmocka_unit_test(phrases_are_found_whole),
        cmocka_unit_test(bad_lines_are_told),
        cmocka_unit_test(an_index_keeps_its_synonyms),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
