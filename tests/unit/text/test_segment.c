/* test_segment.c - a run of Chinese is cut in the likeliest of all ways; an index cuts alike without its dictionary. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/shop_index.h"
#include "support/test.h"
#include "text/index_parts.h"
#include "text/letters.h"
#include "text/question.h"
#include "text/segment.h"

static const char dictionary[] =
    "红色 500 a\n杯子 300 n\n笔记本 200 n\n笔记 100 n\n电脑 900 n\n笔记本电脑 60 n\n记本 1\n"
    "色 10\n杯 20\n的 5000 uj\nAT&T 3 nz\n华为 60\n手机 700\n\n手机壳 9\n";

static rk_segmenter *parse(const char *text)
{
    rk_segmenter *s = NULL;
    rk_error err;
    assert_int_equal(rk_segmenter_parse(rk_slice_of(text), "dict.txt", &s, &err), RK_OK);
    return s;
}

static size_t letters_of(const char *text, uint32_t *letters)
{
    size_t n = 0;
    for (const char *at = text, *end = text + strlen(text); at < end; at += rk_letter_after(at, end)) {
        letters[n++] = rk_letter_code(at, rk_letter_after(at, end));
    }
    return n;
}

static void assert_cut(rk_cutter *cutter, const char *text, const char *wanted)
{
    uint32_t letters[RK_CUT_LETTERS_MAX];
    uint8_t lengths[RK_CUT_LETTERS_MAX];
    rk_text said = {0};
    size_t n = rk_cut(cutter, letters, letters_of(text, letters), lengths);
    const char *at = text, *end = text + strlen(text);
    rk_text_add(&said, "");
    for (size_t w = 0; w < n; w++) {
        rk_text_add(&said, w ? " " : "");
        for (size_t i = 0; i < lengths[w]; i++) {
            size_t bytes = rk_letter_after(at, end);
            rk_text_add_slice(&said, (rk_slice){at, bytes});
            at += bytes;
        }
    }
    assert_string_equal(said.at, wanted);
    rk_text_release(&said);
}

static void words_of_the_dictionary_are_found(void **state)
{
    (void)state;
    rk_segmenter *s = parse(dictionary);
    rk_cutter *cutter = rk_cutter_new(s);
    assert_int_equal(rk_segmenter_n_words(s), 13);
    assert_cut(cutter, "红色笔记本电脑", "红色 笔记本电脑");
    assert_cut(cutter, "红色的杯子", "红色 的 杯子");
    assert_cut(cutter, "荣耀手机", "荣 耀 手机");
    assert_cut(cutter, "", "");
    rk_cutter_free(cutter);
    rk_segmenter_free(s);
}

/* Every way to cut, one after the other; a letter is loose where no word begins. */
static double best_of_all(const uint32_t *word, size_t n, uint32_t (*words)[3], const size_t *lengths,
                          const double *share, size_t n_words, double loose)
{
    double best = -INFINITY;
    for (size_t w = 0; w < n_words && n > 0; w++) {
        if (lengths[w] <= n && memcmp(words[w], word, lengths[w] * sizeof *word) == 0) {
            double sum =
                share[w] + best_of_all(word + lengths[w], n - lengths[w], words, lengths, share, n_words, loose);
            best = sum > best ? sum : best;
        }
    }
    if (n == 0) {
        return 0;
    }
    return isinf(best) ? loose + best_of_all(word + 1, n - 1, words, lengths, share, n_words, loose) : best;
}

static void the_cut_is_the_likeliest_of_all(void **state)
{
    (void)state;
    enum { WORDS = 12 };
    static const char *const letters[] = {"红", "色", "杯", "子"};
    uint64_t seed = 6;
    for (int round = 0; round < 300; round++) {
        uint32_t words[WORDS][3], run[9];
        size_t lengths[WORDS], n = 0, total = 0;
        uint32_t counts[WORDS];
        double share[WORDS], sum = 0;
        rk_text text = {0};
        for (size_t w = 0; w < WORDS; w++) {
            rk_text one = {0};
            lengths[w] = 1 + test_random(&seed) % 3;
            counts[w] = 1 + test_random(&seed) % 50;
            for (size_t i = 0; i < lengths[w]; i++) {
                rk_text_add(&one, letters[test_random(&seed) % 4]);
            }
            letters_of(one.at, words[w]);
            bool is_new = !text.at || !strstr(text.at, one.at); /* each once: the last would count */
            n += is_new;
            if (is_new) {
                memmove(words[n - 1], words[w], sizeof words[w]);
                lengths[n - 1] = lengths[w];
                counts[n - 1] = counts[w];
                total += counts[w];
                rk_text_addf(&text, "%s %u\n", one.at, counts[w]);
            }
            rk_text_release(&one);
        }
        rk_segmenter *s = parse(text.at);
        rk_cutter *cutter = rk_cutter_new(s);
        uint8_t cut[9];
        for (size_t i = 0; i < 9; i++) {
            letters_of(letters[test_random(&seed) % 4], &run[i]);
        }
        for (size_t w = 0; w < n; w++) {
            share[w] = log(counts[w]) - log((double)total);
        }
        size_t n_cut = rk_cut(cutter, run, 9, cut), at = 0;
        for (size_t c = 0; c < n_cut; c++) {
            double one = -log((double)total);
            for (size_t w = 0; w < n; w++) {
                bool is_it = lengths[w] == cut[c] && memcmp(words[w], run + at, cut[c] * sizeof *run) == 0;
                one = is_it ? share[w] : one;
            }
            sum += one;
            at += cut[c];
        }
        assert_int_equal(at, 9);
        double loose = -log((double)total);
        double best = best_of_all(run, 9, words, lengths, share, n, loose);
        assert_true(fabs(sum - best) < 1e-9);
        rk_cutter_free(cutter);
        rk_segmenter_free(s);
        rk_text_release(&text);
    }
}

static void assert_tokens(const rk_segmenter *s, const char *text, const char *wanted)
{
    rk_analyser *analyser = NULL;
    const rk_token *tokens;
    rk_text said = {0};
    rk_error err;
    size_t n;
    assert_int_equal(rk_analyser_new(&(rk_analysis){.stemmer = "english", .segmenter = s}, &analyser, &err), RK_OK);
    assert_int_equal(rk_analyse(analyser, rk_slice_of(text), &tokens, &n, &err), RK_OK);
    rk_text_add(&said, "");
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(&said, "%s%u:%.*s/%u[%.*s]", i ? " " : "", tokens[i].position, (int)tokens[i].term.n,
                     tokens[i].term.at, tokens[i].n_words, (int)(tokens[i].end - tokens[i].begin),
                     text + tokens[i].begin);
    }
    assert_string_equal(said.at, wanted);
    rk_text_release(&said);
    rk_analyser_free(analyser);
}

static void texts_hold_words_their_parts_and_pairs_of_the_rest(void **state)
{
    (void)state;
    rk_segmenter *s = parse(dictionary);
    assert_tokens(s, "红色杯子", "0:红色/1[红色] 1:杯子/1[杯子]");
    assert_tokens(s, "笔记本电脑",
                  "0:笔记本电脑/1[笔记本电脑] 0:笔记/0[笔记] 0:记本/0[记本] 0:电脑/0[电脑] 0:笔记本/0[笔记本]");
    assert_tokens(s, "买荣耀手机", "0:买荣/1[买荣] 1:荣耀/1[荣耀] 2:手机/1[手机]");
    assert_tokens(s, "红色的", "0:红色/1[红色] 1:的/1[的]");
    assert_tokens(s, "Nike红色 shoes", "0:nike/1[Nike] 1:红色/1[红色] 2:shoe/1[shoes]");
    assert_tokens(s, "华为P40手机壳", "0:华为/1[华为] 1:p40/1[P40] 2:手机壳/1[手机壳] 2:手机/0[手机]");
    rk_segmenter_free(s);
}

static const char products[] = "id,title\n1,红色笔记本电脑 15 inch\n2,华为P40手机壳\n3,荣耀手机\n4,Red laptop\n";

static size_t found(rk_index *index, const char *text)
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
    rk_arena_release(&arena);
    rk_asker_free(asker);
    return n;
}

static rk_index *index_by(const char *text, char path[32])
{
    rk_text file = {0};
    rk_error err;
    strcpy(path, "/tmp/reckon-dict-XXXXXX");
    assert_true(mkstemp(path) >= 0);
    rk_text_add(&file, text);
    assert_int_equal(rk_file_write_text(path, &file, &err), RK_OK);
    rk_text_release(&file);
    rk_index_options options = rk_index_defaults();
    options.dictionary = path;
    return test_index_of(products, &options);
}

static void an_index_keeps_the_words_it_was_cut_with(void **state)
{
    (void)state;
    char path[32];
    rk_index *index = index_by(dictionary, path);
    unlink(path); /* the index does without */
    assert_int_equal(rk_segmenter_n_words(index->segmenter), 10);
    assert_true(rk_index_find(index, RK_SLICE("笔记本电脑")) != RK_NO_ID);
    assert_true(rk_index_find(index, RK_SLICE("色笔")) == RK_NO_ID);
    assert_int_equal(found(index, "笔记本"), 1);
    assert_int_equal(found(index, "手机"), 2);
    assert_int_equal(found(index, "荣耀"), 1);
    assert_int_equal(found(index, "+笔记本电脑 15"), 1);
    assert_int_equal(found(index, "\"笔记本\""), 1);
    test_assert_index_refused("cuts.bytes", 0, 60);
}

static void without_a_dictionary_pairs_are_kept(void **state)
{
    (void)state;
    rk_index_options options = rk_index_defaults();
    options.dictionary = "none";
    rk_index *index = test_index_of(products, &options);
    assert_null(index->segmenter);
    assert_true(rk_index_find(index, RK_SLICE("色笔")) != RK_NO_ID);
    assert_int_equal(found(index, "笔记本"), 1);
}

static void bad_dictionaries_are_told_with_their_line(void **state)
{
    (void)state;
    static const char *const bad[] = {"红色 5\n杯子\n", "红色 5\n杯子 -1\n", "红色 5\n 3\n", "红色 5\n\xff 3\n",
                                      "红色 5\n杯子 99999999999\n"};
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_segmenter *s = NULL;
        rk_error err;
        assert_int_equal(rk_segmenter_parse(rk_slice_of(bad[i]), "d.txt", &s, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, "d.txt:2"));
        assert_null(s);
    }
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
        cmocka_unit_test(words_of_the_dictionary_are_found),
        cmocka_unit_test(the_cut_is_the_likeliest_of_all),
        cmocka_unit_test(texts_hold_words_their_parts_and_pairs_of_the_rest),
        cmocka_unit_test(an_index_keeps_the_words_it_was_cut_with),
        cmocka_unit_test(without_a_dictionary_pairs_are_kept),
        cmocka_unit_test(bad_dictionaries_are_told_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
