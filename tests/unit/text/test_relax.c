/* test_relax.c - a question that finds nothing is asked for as little less as is enough, and that is said. */
#include <stdlib.h>
#include <string.h>

#include "support/shop_index.h"
#include "support/test.h"
#include "text/relax.h"

static const char products[] = "id,title,brand,price,colour\n"
                               "1,red tea pot,Acme,20,red\n"
                               "2,blue tea pot,Bolt,15,blue\n"
                               "3,tea towel,Acme,5,red\n"
                               "4,garden pot,Core,12,green\n"
                               "5,router,Core,49,white\n";

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

/* said: "kind:text" of each, with blanks between. */
static void assert_relaxed(rk_asker *asker, const char *text, const char *said, uint64_t total)
{
    rk_arena arena = {0};
    rk_text got = {0};
    rk_question q;
    rk_findings found;
    rk_relaxed relaxed[RK_RELAXED_MAX];
    rk_error err;
    size_t n = 0;
    rk_page page = {.n = 10};
    assert_int_equal(rk_question_read(asker, rk_slice_of(text), &q, &err), RK_OK);
    assert_int_equal(rk_question_page(asker, &q, &page, &arena, &found, &err), RK_OK);
    assert_int_equal(rk_question_relax(asker, &q, &page, &arena, &found, relaxed, &n, &err), RK_OK);
    rk_text_add(&got, "");
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(&got, "%s%s:%.*s", i ? " " : "", rk_relaxed_names[relaxed[i].kind], (int)relaxed[i].text.n,
                     relaxed[i].text.at);
    }
    assert_string_equal(got.at, said);
    assert_int_equal(found.total, total);
    assert_int_equal(found.n, total);
    rk_text_release(&got);
    rk_arena_release(&arena);
}

static void what_finds_something_stays(void **state) { assert_relaxed(*state, "+tea brand:acme", "", 2); }

static void required_words_become_words(void **state)
{
    assert_relaxed(*state, "+tea +router", "required:+tea required:+router", 4);
    assert_relaxed(*state, "+unicorn tea", "required:+unicorn", 3);
    assert_relaxed(*state, "\"pot tea\"", "phrase:pot tea", 4);
}

static void the_condition_that_frees_most_is_dropped(void **state)
{
    assert_relaxed(*state, "tea price<2 brand:acme", "filter:price<2", 2);
    assert_relaxed(*state, "tea brand:core colour:blue", "filter:brand:core", 1);
    assert_relaxed(*state, "pot brand:(Bolt,\"Core\") price>30", "filter:price>30", 2);
}

static void alternatives_of_a_field_go_together(void **state)
{
    assert_relaxed(*state, "towel colour:(blue,green) colour:white", "filter:colour:(blue,green) filter:colour:white",
                   1);
}

static void conditions_go_before_words_when_they_are_to_blame(void **state)
{
    assert_relaxed(*state, "+towel price>1000", "filter:price>1000", 1);
}

static void several_conditions_go_when_one_is_not_enough(void **state)
{
    assert_relaxed(*state, "towel price>1000 colour:blue brand:core",
                   "filter:price>1000 filter:colour:blue filter:brand:core", 1);
}

static void unknown_words_leave_the_conditions(void **state)
{
    assert_relaxed(*state, "unicorn brand:acme", "word:unicorn", 2);
    assert_relaxed(*state, "+unicorn brand:acme price<1", "word:unicorn filter:price<1", 2);
}

static void what_must_not_be_there_stays(void **state)
{
    assert_relaxed(*state, "unicorn", "", 0);
    assert_relaxed(*state, "unicorn -brand:acme", "", 0);
    assert_relaxed(*state, "tea -tea", "", 0);
    assert_relaxed(*state, "", "", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_finds_something_stays),
        cmocka_unit_test(required_words_become_words),
        cmocka_unit_test(the_condition_that_frees_most_is_dropped),
        cmocka_unit_test(alternatives_of_a_field_go_together),
        cmocka_unit_test(conditions_go_before_words_when_they_are_to_blame),
        cmocka_unit_test(several_conditions_go_when_one_is_not_enough),
        cmocka_unit_test(unknown_words_leave_the_conditions),
        cmocka_unit_test(what_must_not_be_there_stays),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
