/* test_highlight.c - words are marked where they were found, and nothing else of a text changes. */
#include <stdlib.h>
#include <string.h>

#include "support/shop_index.h"
#include "support/test.h"
#include "text/highlight.h"

static const char products[] = "id,title,text\n"
                               "1,Red running shoes,for runners\n"
                               "2,\"Laptop dv7-1211ea 17\"\" 500 GB\",\n"
                               "3,Caf\xC3\xA9 cups,\n"
                               "4,\xE7\xAC\x94\xE8\xAE\xB0\xE6\x9C\xAC\xE7\x94\xB5\xE8\x84\x91\xE5\x8C\x85,\n";

static int set_up(void **state)
{
    rk_asker *asker = NULL;
    rk_error err;
    assert_int_equal(rk_asker_new(rk_index_corpus(test_index_of(products, NULL)), &asker, &err), RK_OK);
    *state = asker;
    return 0;
}

static int tear_down(void **state)
{
    rk_asker_free(*state);
    test_index_release();
    return 0;
}

static rk_question read(rk_asker *asker, const char *text)
{
    rk_question q;
    rk_error err;
    assert_int_equal(rk_question_read(asker, rk_slice_of(text), &q, &err), RK_OK);
    return q;
}

static const rk_marks brackets = {{"[", 1}, {"]", 1}, false}, html = {{"<b>", 3}, {"</b>", 4}, true};

static void assert_marked(rk_asker *asker, const char *question, const char *text, size_t n_bytes,
                          const rk_marks *marks, const char *wanted)
{
    rk_question q = read(asker, question);
    rk_text out = {0};
    rk_error err;
    assert_int_equal(rk_highlight(asker, &q, rk_slice_of(text), n_bytes, marks, &out, NULL, &err), RK_OK);
    assert_string_equal(out.at, wanted);
    rk_text_release(&out);
}

static void stems_compounds_and_units_are_marked(void **state)
{
    assert_marked(*state, "run", "Running shoes, run. Runner!", 0, &brackets, "[Running] shoes, [run]. Runner!");
    assert_marked(*state, "dv71211ea", "An HP dv7-1211ea here", 0, &brackets, "An HP [dv7-1211ea] here");
    assert_marked(*state, "17inch", "17\" or 17 inches", 0, &brackets, "[17\"] or [17 inches]");
    assert_marked(*state, "cafe", "Caf\xC3\xA9 or cafe\xCC\x81 or CAFE", 0, &brackets,
                  "[Caf\xC3\xA9] or [cafe\xCC\x81] or [CAFE]");
    assert_marked(*state, "\"running shoes\" -cups", "cups and running shoes", 0, &brackets,
                  "cups and [running] [shoes]");
}

static void chinese_words_are_marked_in_their_places(void **state)
{
    assert_marked(*state, "\xE7\x94\xB5\xE8\x84\x91", "HP \xE7\x94\xB5\xE8\x84\x91 \xE5\x8C\x85", 0, &brackets,
                  "HP [\xE7\x94\xB5\xE8\x84\x91] \xE5\x8C\x85");
}

static void html_is_escaped_but_the_marks(void **state)
{
    assert_marked(*state, "shoes", "<script> & \"shoes\"", 0, &html, "&lt;script&gt; &amp; &quot;<b>shoes</b>&quot;");
}

static void a_snippet_is_where_the_words_are(void **state)
{
    assert_marked(*state, "red shoes", "one two three four five six seven red shoes eight nine ten eleven twelve", 24,
                  &brackets, "\xE2\x80\xA6[red] [shoes] eight nine ten\xE2\x80\xA6");
    assert_marked(*state, "red shoes", "short red", 24, &brackets, "short [red]");
    assert_marked(*state, "red", "nothing of it is here at all", 12, &brackets, "nothing of\xE2\x80\xA6");
}

/* Texts of pieces: what is left when marks and ellipses are taken out is a part of the text, whole characters, and not
 * longer than asked unless a mark is. */
static void what_is_shown_is_a_part_of_the_text(void **state)
{
    static const char *const pieces[] = {
        "red", " ", "shoes",      "caf\xC3\xA9", "\xE7\x94\xB5", "\xE8\x84\x91",     "e\xCC\x81", "-",
        "<",   "x", "dv7-1211ea", "  ",          "17\"",         "\xF0\x9F\x91\x9F", "run"};
    static const rk_marks marks = {{"\x01", 1}, {"\x02", 1}, false};
    rk_asker *asker = *state;
    rk_question q = read(asker, "red shoes cafe run dv7-1211ea \xE7\x94\xB5\xE8\x84\x91 17inch");
    rk_text text = {0}, out = {0}, bare = {0};
    rk_error err;
    uint64_t seed = 8;
    size_t n_all = 0;
    for (size_t round = 0; round < 20000; round++) {
        size_t n_bytes = test_random(&seed) % 3 ? 1 + test_random(&seed) % 60 : 0, n_marked = 0, n_open = 0;
        rk_text_clear(&text);
        rk_text_clear(&out);
        rk_text_clear(&bare);
        rk_text_add(&bare, "");
        for (uint32_t n = test_random(&seed) % 20; n > 0; n--) {
            rk_text_add(&text, pieces[test_random(&seed) % RK_COUNT_OF(pieces)]);
        }
        rk_slice whole = {text.at, text.n};
        assert_int_equal(rk_highlight(asker, &q, whole, n_bytes, &marks, &out, &n_marked, &err), RK_OK);
        for (size_t i = 0; i < out.n; i++) {
            bool is_ellipsis = strncmp(out.at + i, "\xE2\x80\xA6", 3) == 0;
            n_open += out.at[i] == 1;
            if (!is_ellipsis && out.at[i] != 1 && out.at[i] != 2) {
                rk_text_addf(&bare, "%c", out.at[i]);
            }
            i += is_ellipsis ? 2 : 0;
        }
        assert_int_equal(n_open, n_marked);
        assert_int_equal(rk_utf8_valid_prefix((rk_slice){out.at, out.n}), out.n);
        assert_true(bare.n == 0 || (text.n > 0 && strstr(text.at, bare.at) != NULL));
        assert_true(n_bytes == 0 ? bare.n == text.n : bare.n <= n_bytes);
        n_all += n_marked;
    }
    assert_true(n_all > 20000);
    rk_text_release(&text);
    rk_text_release(&out);
    rk_text_release(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stems_compounds_and_units_are_marked),
        cmocka_unit_test(chinese_words_are_marked_in_their_places),
        cmocka_unit_test(html_is_escaped_but_the_marks),
        cmocka_unit_test(a_snippet_is_where_the_words_are),
        cmocka_unit_test(what_is_shown_is_a_part_of_the_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
