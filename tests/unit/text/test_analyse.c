/* test_analyse.c - what a text becomes, word by word; and that no text is too strange. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/test.h"
#include "text/analyse.h"
#include "text/units.h"

static rk_analyser *new_analyser(const char *stemmer, bool keep_stops)
{
    rk_analyser *analyser = NULL;
    rk_error err = {0};
    assert_int_equal(rk_analyser_new(&(rk_analysis){.stemmer = stemmer, .keep_stops = keep_stops}, &analyser, &err),
                     RK_OK);
    return analyser;
}

/* "position:term" of each token, "position:term/n" of one that joins n words. */
static void assert_tokens(rk_analyser *analyser, const char *text, const char *wanted)
{
    const rk_token *tokens;
    size_t n;
    rk_error err = {0};
    rk_text said = {0};
    assert_int_equal(rk_analyse(analyser, rk_slice_of(text), &tokens, &n, &err), RK_OK);
    rk_text_add(&said, "");
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(&said, "%s%u:%.*s", i ? " " : "", tokens[i].position, (int)tokens[i].term.n, tokens[i].term.at);
        if (tokens[i].n_words > 1) {
            rk_text_addf(&said, "/%u", tokens[i].n_words);
        }
    }
    if (strcmp(said.at, wanted) != 0) {
        print_error("'%s'\n   gives %s\n  wanted %s\n", text, said.at, wanted);
    }
    assert_string_equal(said.at, wanted);
    rk_text_release(&said);
}

typedef struct {
    const char *text, *tokens;
} pair;

static void assert_all(const char *stemmer, bool keep_stops, const pair *pairs, size_t n)
{
    rk_analyser *analyser = new_analyser(stemmer, keep_stops);
    for (size_t i = 0; i < n; i++) {
        assert_tokens(analyser, pairs[i].text, pairs[i].tokens);
    }
    rk_analyser_free(analyser);
}

static void words_are_folded(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"", ""},
        {" ,;! ", ""},
        {"Red CUP", "0:red 1:cup"},
        {"Café, Øre", "0:cafe 1:øre"},
        {"CAFE\xcc\x81", "0:cafe"},
        {"\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\x91", "0:ab1"}, /* full-width AB1 */
        {"Straße ﬁlm", "0:strasse 1:film"},
        {"Ёлка", "0:елка"},
        {"bad\xff\xfe"
         "bytes",
         "0:bad 1:bytes"},
    };
    assert_all(NULL, true, pairs, RK_COUNT_OF(pairs));
}

static void compounds_are_found_whole_and_in_parts(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"dv7-1211ea", "0:dv7 0:dv71211ea/2 1:1211ea"},
        {"dv7 1211ea dv71211ea", "0:dv7 1:1211ea 2:dv71211ea"},
        {"C++, c# a++b", "0:c++ 1:c# 2:a 3:b"},
        {"usb-c USB+ 5#", "0:usb 0:usbc/2 1:c 2:usb 3:5"},
        {"wi-fi T-shirt", "0:wi 0:wifi/2 1:fi 2:t 2:tshirt/2 3:shirt"},
        {"AT&T U.S.A.", "0:at 0:att/2 1:t 2:u 2:usa/3 3:s 4:a"},
        {"iphone6s galaxy 10", "0:iphone 0:iphone6s/3 1:6 2:s 3:galaxy 4:10"},
        {"men's l'oreal", "0:men 1:l 1:loreal/2 2:oreal"},
        {"Men\xe2\x80\x99s", "0:men"},
        {"a - b, c-d.", "0:a 1:b 2:c 2:cd/2 3:d"},
        {"802.11ac", "0:802 0:80211ac/2 1:11ac"},
        {"a-b-c-d-e-f-g", "0:a 1:b 2:c 3:d 4:e 5:f 6:g"}, /* too many to be a word */
        {"red,green", "0:red 1:green"},
    };
    assert_all(NULL, true, pairs, RK_COUNT_OF(pairs));
}

static void numbers_keep_their_units(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"1,440 x 900", "0:1440 0:1440x900/3 1:x 2:900"},
        {"1440x900 60×40", "0:1440x900 1:60x40"},
        {"60 × 40 x 20 cm x", "0:60 0:60x40x20/5 1:x 2:40 3:x 4:20 4:20cm/2 5:cm 6:x"},
        {"1,5 l 1.5l", "0:1.5 0:1.5l/2 1:l 2:1.5l"},
        {"3-in-1", "0:3 0:3in1/3 1:in 2:1"},
        {"2-pack", "0:2 0:2pack/2 1:pack"},
        {"15,6 15.6 0,123", "0:15.6 1:15.6 2:0.123"},
        {"500 GB", "0:500 0:500gb/2 1:gb"},
        {"500gb 500Gigabyte", "0:500gb 1:500gb"},
        {"500-gigabyte", "0:500 0:500gb/2 0:500gigabyte/2 1:gigabyte"},
        {"15.6 inch", "0:15.6 0:15.6inch/2 1:inch"},
        {"17\" TV", "0:17 0:17inch/2 1:inch 2:tv"},
        {"43.2 cm (17\")", "0:43.2 0:43.2cm/2 1:cm 2:17 2:17inch/2 3:inch"},
        {"43.2cm", "0:43.2cm"},
        {"\"quoted\"", "0:quoted"},
        {"5 red", "0:5 1:red"},
    };
    assert_all(NULL, true, pairs, RK_COUNT_OF(pairs));
}

static void stems_and_stop_words_follow_the_language(void **state)
{
    (void)state;
    static const pair english[] = {
        {"the Cups of running shoes", "1:cup 3:run 4:shoe"},
        {"cases case cased", "0:case 1:case 2:case"},
        {"the iphone6", "1:iphon 1:iphone6/2 2:6"},
    };
    static const pair german[] = {{"H\xc3\xa4user Haus", "0:haus 1:haus"}};
    assert_all("english", false, english, RK_COUNT_OF(english));
    assert_all("german", true, german, RK_COUNT_OF(german));
    rk_analyser *analyser = NULL;
    rk_error err = {0};
    assert_int_equal(rk_analyser_new(&(rk_analysis){.stemmer = "englisch", .keep_stops = false}, &analyser, &err),
                     RK_BAD_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'english'?"));
}

static void chinese_is_cut_into_pairs(void **state)
{
    (void)state;
    static const pair pairs[] = {
        {"红色杯子", "0:红色 1:色杯 2:杯子"},
        {"杯", "0:杯"},
        {"Nike红色 鞋", "0:nike 1:红色 2:鞋"},
        {"华为P40手机", "0:华为 1:p40 2:手机"},
    };
    assert_all(NULL, true, pairs, RK_COUNT_OF(pairs));
}

static void places_in_the_text_are_kept(void **state)
{
    (void)state;
    static const char text[] = "Caf\xc3\xa9 17\" dv7-1211ea";
    static const struct {
        uint32_t begin, end;
    } wanted[] = {{0, 5}, {6, 8}, {6, 9}, {8, 9}, {10, 13}, {10, 20}, {14, 20}};
    rk_analyser *analyser = new_analyser(NULL, true);
    const rk_token *tokens;
    size_t n;
    rk_error err;
    assert_int_equal(rk_analyse(analyser, rk_slice_of(text), &tokens, &n, &err), RK_OK);
    assert_int_equal(n, RK_COUNT_OF(wanted));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(tokens[i].begin, wanted[i].begin);
        assert_int_equal(tokens[i].end, wanted[i].end);
    }
    rk_analyser_free(analyser);
}

/* A fresh analyser and one that has seen a million other words say the same. */
static void what_was_seen_before_changes_nothing(void **state)
{
    (void)state;
    rk_analyser *analyser = new_analyser("english", false);
    char text[64];
    for (int i = 0; i < 300000; i++) {
        const rk_token *tokens;
        size_t n;
        rk_error err;
        snprintf(text, sizeof text, "w%xings x%dz", (unsigned)i, i);
        assert_int_equal(rk_analyse(analyser, rk_slice_of(text), &tokens, &n, &err), RK_OK);
    }
    assert_tokens(analyser, "the Cups of running shoes", "1:cup 3:run 4:shoe");
    rk_analyser_free(analyser);
}

static void units_and_stops_are_sorted(void **state)
{
    (void)state;
    static const char *const words[] = {"amp", "cm", "g", "inches", "kg", "mp", "w", "zoll"};
    static const char *const stops[] = {"a", "into", "with", "their"};
    for (size_t i = 0; i < RK_COUNT_OF(words); i++) {
        assert_non_null(rk_unit_of(rk_slice_of(words[i])));
    }
    for (size_t i = 0; i < RK_COUNT_OF(stops); i++) {
        assert_true(rk_is_stop_word(rk_slice_of(stops[i])));
    }
    assert_null(rk_unit_of(RK_SLICE("cup")));
    assert_false(rk_is_stop_word(RK_SLICE("cup")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_folded),
        cmocka_unit_test(compounds_are_found_whole_and_in_parts),
        cmocka_unit_test(numbers_keep_their_units),
        cmocka_unit_test(stems_and_stop_words_follow_the_language),
        cmocka_unit_test(chinese_is_cut_into_pairs),
        cmocka_unit_test(places_in_the_text_are_kept),
        cmocka_unit_test(what_was_seen_before_changes_nothing),
        cmocka_unit_test(units_and_stops_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
