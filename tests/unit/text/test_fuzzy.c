/* test_fuzzy.c - words within a few edits are exactly those that a table of distances gives. */
#include <stdlib.h>
#include <string.h>

#include "support/test.h"
#include "text/fuzzy.h"
#include "text/letters.h"

enum { WORDS = 3000, LONGEST = 12, ROOM = WORDS * 40 };

typedef struct {
    uint64_t start[WORDS + 1];
    char bytes[ROOM];
    rk_names names;
    uint32_t *back;
    uint8_t shared[WORDS], ended[WORDS], least[2][WORDS / RK_FUZZY_RUN + 1];
    rk_lexicon forward, backward;
} table;

static int by_bytes(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* Letters: a to d, an accented one and one that is not Latin, so that many words are near each other. */
static char *random_word(uint64_t *seed, size_t n_letters)
{
    static const char *const letters[] = {"a", "b", "c", "d", "é", "界"};
    char *word = calloc(1, 3 * LONGEST + 8);
    size_t n = 1 + test_random(seed) % LONGEST, at = 0;
    for (size_t i = 0; i < n; i++) {
        const char *letter = letters[test_random(seed) % n_letters];
        memcpy(word + at, letter, strlen(letter));
        at += strlen(letter);
    }
    return word;
}

static void fill(table *t, uint64_t seed, size_t n_letters)
{
    static char *words[WORDS];
    uint32_t n = 0;
    for (size_t i = 0; i < WORDS; i++) {
        words[i] = random_word(&seed, n_letters);
    }
    qsort(words, WORDS, sizeof *words, by_bytes);
    t->start[0] = 0;
    for (size_t i = 0; i < WORDS; i++) {
        if (i == 0 || strcmp(words[i], words[i - 1]) != 0) {
            memcpy(t->bytes + t->start[n], words[i], strlen(words[i]));
            t->start[n + 1] = t->start[n] + strlen(words[i]);
            n++;
        }
    }
    for (size_t i = 0; i < WORDS; i++) {
        free(words[i]);
    }
    t->names = (rk_names){n, t->start, t->bytes, NULL};
    t->back = rk_lexicon_backward_order(&t->names);
    assert_non_null(t->back);
    rk_lexicon_fill_shared(&t->names, NULL, false, t->shared);
    rk_lexicon_fill_shared(&t->names, t->back, true, t->ended);
    rk_lexicon_fill_least(t->shared, n, t->least[0]);
    rk_lexicon_fill_least(t->ended, n, t->least[1]);
    t->forward = (rk_lexicon){&t->names, NULL, t->shared, t->least[0], false};
    t->backward = (rk_lexicon){&t->names, t->back, t->ended, t->least[1], true};
}

static size_t letters_of(rk_slice word, uint32_t *out)
{
    size_t n = 0;
    for (const char *at = word.at, *end = word.at + word.n; at < end; at += rk_letter_after(at, end)) {
        out[n++] = rk_letter_code(at, rk_letter_after(at, end));
    }
    return n;
}

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* By the whole table; starts: to the nearest prefix of b, with fewer than two edits within the first half of a. */
static unsigned distance(rk_slice a, rk_slice b, bool starts)
{
    uint32_t x[64], y[64];
    unsigned d[64][64], best;
    size_t n = letters_of(a, x), m = letters_of(b, y);
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            d[i][j] = i == 0 ? (unsigned)j : (unsigned)i;
            if (i > 0 && j > 0) {
                d[i][j] = least(least(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + (x[i - 1] != y[j - 1]));
            }
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1]) {
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
            }
            d[i][j] += starts && i < n / 2 && d[i][j] > 1 ? 100 : 0;
        }
    }
    best = d[n][m];
    for (size_t j = 0; starts && j < m; j++) {
        best = least(best, d[n][j]);
    }
    return best;
}

static void check_word(const table *t, rk_slice word, unsigned n_edits, rk_vec *hits)
{
    size_t at = 0;
    rk_vec_clear(hits);
    assert_true(rk_fuzzy_words(&t->forward, &t->backward, word, n_edits, hits));
    for (uint32_t i = 0; i < t->names.n; i++) {
        unsigned edits = distance(word, rk_names_get(&t->names, i), false);
        const rk_fuzzy_hit *hit = (const rk_fuzzy_hit *)hits->data + at;
        if (edits <= n_edits) {
            assert_true(at < hits->n && hit->begin == i && hit->end == i + 1 && hit->edits == edits);
            at++;
        }
    }
    assert_int_equal(at, hits->n);
}

static void check_start(const table *t, rk_slice start, unsigned n_edits, rk_vec *hits)
{
    uint32_t at = 0;
    rk_vec_clear(hits);
    assert_true(rk_fuzzy_starts(&t->forward, start, n_edits, hits));
    for (size_t h = 0; h < hits->n; h++) {
        const rk_fuzzy_hit *hit = (const rk_fuzzy_hit *)hits->data + h;
        for (; at < hit->begin; at++) {
            assert_true(distance(start, rk_names_get(&t->names, at), true) > n_edits);
        }
        for (; at < hit->end; at++) {
            assert_int_equal(distance(start, rk_names_get(&t->names, at), true), hit->edits);
        }
    }
    for (; at < t->names.n; at++) {
        assert_true(distance(start, rk_names_get(&t->names, at), true) > n_edits);
    }
}

static void near_words_are_all_found_and_no_others(void **state)
{
    (void)state;
    static table t;
    rk_vec hits = {.item_bytes = sizeof(rk_fuzzy_hit)};
    uint64_t seed = 4;
    for (size_t n_letters = 2; n_letters <= 6; n_letters += 2) {
        fill(&t, n_letters, n_letters);
        for (int round = 0; round < 40; round++) {
            char *word = random_word(&seed, n_letters);
            for (unsigned edits = 0; edits <= RK_FUZZY_EDITS_MAX; edits++) {
                check_word(&t, rk_slice_of(word), edits, &hits);
                check_start(&t, rk_slice_of(word), edits, &hits);
            }
            free(word);
        }
        free(t.back);
    }
    rk_vec_release(&hits);
}

static void a_table_that_lies_is_walked_within_its_bounds(void **state)
{
    (void)state;
    static table t;
    rk_vec hits = {.item_bytes = sizeof(rk_fuzzy_hit)};
    uint64_t seed = 9;
    fill(&t, 6, 6);
    for (uint32_t i = 0; i < t.names.n; i++) {
        t.shared[i] = (uint8_t)test_random(&seed);
        t.ended[i] = (uint8_t)test_random(&seed);
        t.back[i] = test_random(&seed) % t.names.n;
    }
    for (int round = 0; round < 200; round++) {
        char *word = random_word(&seed, 6);
        assert_true(rk_fuzzy_words(&t.forward, &t.backward, rk_slice_of(word), 2, &hits));
        assert_true(rk_fuzzy_starts(&t.forward, rk_slice_of(word), 2, &hits));
        free(word);
    }
    for (size_t h = 0; h < hits.n; h++) {
        assert_true(((const rk_fuzzy_hit *)hits.data)[h].end <= t.names.n);
    }
    free(t.back);
    rk_vec_release(&hits);
}

static void edits_grow_with_letters_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(rk_fuzzy_edits_for(RK_SLICE("tea")), 0);
    assert_int_equal(rk_fuzzy_edits_for(RK_SLICE("téa")), 0);
    assert_int_equal(rk_fuzzy_edits_for(RK_SLICE("teas")), 1);
    assert_int_equal(rk_fuzzy_edits_for(RK_SLICE("teapots")), 1);
    assert_int_equal(rk_fuzzy_edits_for(RK_SLICE("notebook")), 2);
}

static void words_too_long_have_no_neighbours(void **state)
{
    (void)state;
    static table t;
    char word[RK_FUZZY_LETTERS_MAX + 2];
    rk_vec hits = {.item_bytes = sizeof(rk_fuzzy_hit)};
    memset(word, 'a', sizeof word);
    fill(&t, 1, 2);
    assert_true(rk_fuzzy_words(&t.forward, &t.backward, (rk_slice){word, sizeof word}, 2, &hits));
    assert_true(rk_fuzzy_words(&t.forward, &t.backward, (rk_slice){word, 0}, 2, &hits));
    assert_int_equal(hits.n, 0);
    free(t.back);
    rk_vec_release(&hits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_words_are_all_found_and_no_others),
        cmocka_unit_test(a_table_that_lies_is_walked_within_its_bounds),
        cmocka_unit_test(edits_grow_with_letters_not_bytes),
        cmocka_unit_test(words_too_long_have_no_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
