/* test_spell.c - misspelt words of a small shop, and the questions they stand in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/shop_index.h"
#include "support/test.h"
#include "text/spell.h"

static const char products[] =
    "id,title,brand\n"
    "1,Laptop 15 inch,Acme\n2,Laptop bag,Acme\n3,Laptop stand,Zeta\n4,Notebook cover,Zeta\n"
    "5,Red tea pot,Potters\n6,Blue tea pot,Potters\n7,Café cups,Potters\n8,Lapdog toy,Acme\n"
    "9,Notebook ruled,Zeta\n10,Bluetooth headphones,Acme\n11,Blue lamp,Acme\n12,HP dv7 1211ea,HP\n";

static int set_up(void **state)
{
    rk_speller *speller = NULL;
    rk_error err;
    rk_index *index = test_index_of(products, NULL);
    assert_int_equal(rk_speller_new(rk_index_corpus(index), &speller, &err), RK_OK);
    *state = speller;
    return 0;
}

static int tear_down(void **state)
{
    rk_speller_free(*state);
    test_index_release();
    return 0;
}

static void assert_best(rk_speller *speller, const char *word, const char *wanted)
{
    rk_spelling best;
    size_t n;
    rk_error err;
    assert_int_equal(rk_spell_correct(speller, rk_slice_of(word), NULL, 0, &best, 1, &n, &err), RK_OK);
    if (!wanted) {
        assert_int_equal(n, 0);
        return;
    }
    assert_int_equal(n, 1);
    if (!rk_slice_is(best.word, wanted)) {
        print_error("'%s' gives '%.*s'\n", word, (int)best.word.n, best.word.at);
    }
    assert_true(rk_slice_is(best.word, wanted));
}

static void the_likeliest_word_comes_first(void **state)
{
    assert_best(*state, "laptpo", "laptop");
    assert_best(*state, "lapto", "laptop");
    assert_best(*state, "notbeok", NULL); /* two edits, and too short for them */
    assert_best(*state, "notebok", "notebook");
    assert_best(*state, "bluetoothe", "bluetooth");
    assert_best(*state, "headfones", "headphones");
    assert_best(*state, "pto", NULL);
    assert_best(*state, "laptopbag", "laptop bag");
    assert_best(*state, "bluelamp", "blue lamp");
    assert_best(*state, "potlaptop", NULL); /* no item has both */
    assert_best(*state, "caffe", "cafe");
}

static void other_words_decide(void **state)
{
    rk_spelling best;
    size_t n;
    rk_error err;
    rk_slice toy = RK_SLICE("toy");
    assert_int_equal(rk_spell_correct(*state, RK_SLICE("lapdop"), NULL, 0, &best, 1, &n, &err), RK_OK);
    assert_true(n == 1 && rk_slice_is(best.word, "laptop"));
    assert_int_equal(rk_spell_correct(*state, RK_SLICE("lapdop"), &toy, 1, &best, 1, &n, &err), RK_OK);
    assert_true(n == 1 && rk_slice_is(best.word, "lapdog"));
}

/* unknown: the words of text between brackets. */
static void assert_mended(rk_speller *speller, const char *text, const char *wanted)
{
    char plain[256];
    rk_slice unknown[8];
    size_t n = 0, n_unknown = 0;
    rk_arena arena = {0};
    rk_correction got;
    rk_error err;
    for (const char *at = text; *at; at++) {
        if (*at == '[') {
            unknown[n_unknown].at = plain + n;
        } else if (*at == ']') {
            unknown[n_unknown].n = (size_t)(plain + n - unknown[n_unknown].at);
            n_unknown++;
        } else {
            plain[n++] = *at;
        }
    }
    assert_int_equal(rk_spell_mend(speller, (rk_slice){plain, n}, unknown, n_unknown, NULL, 0, &arena, &got, &err),
                     RK_OK);
    if (!rk_slice_is(got.text, wanted)) {
        print_error("'%s' gives '%.*s'\n", text, (int)got.text.n, got.text.at);
    }
    assert_true(rk_slice_is(got.text, wanted));
    assert_int_equal(got.n_changed > 0, *wanted != '\0');
    rk_arena_release(&arena);
}

static void questions_keep_all_but_the_word(void **state)
{
    assert_mended(*state, "red [laptpo] -brand:Acme", "red laptop -brand:Acme");
    assert_mended(*state, "+[Laptpo]  \"[notebok] cover\"", "+laptop  \"notebook cover\"");
    assert_mended(*state, "[laptopbag] price<20", "laptop bag price<20");
    assert_mended(*state, "[note] [book] ruled", "notebook ruled");
    assert_mended(*state, "ruled [note] book", "ruled notebook");
    assert_mended(*state, "blue [tooth]", "bluetooth");
    assert_mended(*state, "[CAFFÉ] cups", "cafe cups");
    assert_mended(*state, "[dv71211fa]", "");
    assert_mended(*state, "[dv71211ea]", "dv7 1211ea");
    assert_mended(*state, "[zzzzzz]", "");
    assert_mended(*state, "[电脑]", "");
    assert_mended(*state, "", "");
}

static void an_index_without_words_corrects_nothing(void **state)
{
    (void)state;
    rk_index_options options = rk_index_defaults();
    options.is_bare = true;
    rk_speller *speller = NULL;
    rk_error err;
    rk_index *index = test_index_of(products, &options);
    assert_int_equal(rk_speller_new(rk_index_corpus(index), &speller, &err), RK_OK);
    assert_best(speller, "laptpo", NULL);
    rk_speller_free(speller);
}

static void words_that_lie_are_refused(void **state)
{
    (void)state;
    test_index_of(products, NULL);
    test_assert_index_refused("words.bytes", 0, 60);
    test_assert_index_refused("words.start", 1, 100);
    test_assert_index_refused("words.order", 1, 1);
    test_assert_index_refused("word.backward", 0, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_likeliest_word_comes_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_words_decide, set_up, tear_down),
        cmocka_unit_test_setup_teardown(questions_keep_all_but_the_word, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_index_without_words_corrects_nothing, NULL, tear_down),
        cmocka_unit_test_setup_teardown(words_that_lie_are_refused, NULL, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
