/* bench_words.c - corrections and suggestions on an index of a million titles, one thread.
 *
 * Titles of three to eight words, drawn from 400,000 made of syllables by a power law, and a model number in every
 * other one: a vocabulary larger than any shop's. Words of the index are then misspelt with as many random edits as are
 * forgiven, and corrected alone, and in a question beside a word of the same title; titles are cut off while they are
 * typed, with and without a typo. The slow side is the loop one would write first: the distance to every word, row by
 * row, given up when a row is beyond the limit. bench_words INDEX.rk asks an index of one's own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/catalogue.h"
#include "math/random.h"
#include "text/index_parts.h"
#include "text/spell.h"
#include "text/suggest.h"

enum { TITLES = 1000000, VOCABULARY = 400000, ASKED = 4000, SLOW = 40, TYPED_MAX = 256, WORD_MAX = 64 };

static int64_t took[ASKED];

static void check(rk_status status, const rk_error *err)
{
    if (status) {
        fprintf(stderr, "bench_words: %s\n", err->message);
        exit(1);
    }
}

/* ---- a shop ---- */

static void make_word(uint32_t rank, char out[WORD_MAX])
{
    static const char consonants[] = "bcdfghjklmnprstvwz", vowels[] = "aeiou";
    rk_random random = rk_random_of(11, rank);
    size_t n = 0, syllables = 1 + rk_random_below(&random, 3) + (rank > 2000);
    for (size_t s = 0; s < syllables; s++) {
        out[n++] = consonants[rk_random_below(&random, sizeof consonants - 1)];
        out[n++] = vowels[rk_random_below(&random, sizeof vowels - 1)];
        if (rk_random_below(&random, 2)) {
            out[n++] = consonants[rk_random_below(&random, sizeof consonants - 1)];
        }
    }
    out[n] = '\0';
}

static uint32_t draw_rank(rk_random *random)
{
    double u = (rk_random_below(random, 1u << 30) + 0.5) / (1u << 30);
    return (uint32_t)(pow(VOCABULARY, u)) - 1; /* by 1 / rank */
}

static void write_products(const char *path)
{
    FILE *file = fopen(path, "w");
    rk_random random = rk_random_of(5, 1);
    if (!file) {
        exit(1);
    }
    fprintf(file, "id,title\n");
    for (uint32_t i = 0; i < TITLES; i++) {
        uint32_t n = 3 + rk_random_below(&random, 6);
        fprintf(file, "%u,", i);
        for (uint32_t k = 0; k < n; k++) {
            char word[WORD_MAX];
            make_word(draw_rank(&random), word);
            fprintf(file, "%s%s", k ? " " : "", word);
        }
        if (i % 2) {
            fprintf(file, " %c%c%u-%u", 'a' + i % 26, 'a' + i / 26 % 26, i % 97, rk_random_below(&random, 9999));
        }
        fprintf(file, "\n");
    }
    fclose(file);
}

static rk_index *make_index(bool is_bare, rk_index_report *built)
{
    char folder[] = "/tmp/reckon-bench-words-"
                    "XX"
                    "XXXX",
         csv[64], shop[64], path[64];
    rk_index *index = NULL;
    rk_index_options options = rk_index_defaults();
    rk_catalogue_report read;
    rk_run run = {.seed = 1};
    rk_error err;
    if (!mkdtemp(folder)) {
        exit(1);
    }
    snprintf(csv, sizeof csv, "%s/p.csv", folder);
    snprintf(shop, sizeof shop, "%s/p.rk", folder);
    snprintf(path, sizeof path, "%s/i.rk", folder);
    write_products(csv);
    rk_catalogue_options from = {.path = csv, .out_path = shop};
    options.is_bare = is_bare;
    check(rk_catalogue_ingest(&from, &run, &read, &err), &err);
    check(rk_index_build(shop, &options, path, &run, built, &err), &err);
    check(rk_index_open(path, &index, &err), &err);
    unlink(csv);
    unlink(shop);
    unlink(path);
    rmdir(folder);
    return index;
}

/* ---- typos ---- */

static size_t misspell(rk_random *random, rk_slice word, unsigned n_edits, char *out)
{
    size_t n = word.n;
    memcpy(out, word.at, n);
    for (unsigned e = 0; e < n_edits; e++) {
        size_t at = rk_random_below(random, (uint32_t)n);
        char letter = (char)('a' + rk_random_below(random, 26));
        uint32_t kind = rk_random_below(random, 4);
        if (kind == 0) {
            out[at] = letter;
        } else if (kind == 1) {
            memmove(out + at + 1, out + at, n++ - at);
            out[at] = letter;
        } else if (kind == 2 && n > 4) {
            memmove(out + at, out + at + 1, --n - at);
        } else if (at + 1 < n) {
            char c = out[at];
            out[at] = out[at + 1];
            out[at + 1] = c;
        }
    }
    return n;
}

static bool is_ascii(rk_slice word)
{
    bool is = true;
    for (size_t i = 0; i < word.n; i++) {
        is &= word.at[i] >= 'a' && word.at[i] <= 'z';
    }
    return is;
}

/* A word of letters of the index, and how it was typed. */
static uint32_t draw_typo(const rk_index *index, rk_random *random, char *typed, size_t *n)
{
    const rk_words *w = &index->words;
    uint32_t id = 0;
    rk_slice word = {"", 0};
    while (word.n < 4 || word.n > 40 || !is_ascii(word)) {
        id = rk_random_below(random, w->names.n);
        word = rk_names_get(&w->names, id);
    }
    *n = misspell(random, word, rk_fuzzy_edits_for(word), typed);
    return id;
}

/* ---- the loop one would write first ---- */

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

static bool is_near(rk_slice a, rk_slice b, unsigned limit)
{
    unsigned rows[3][WORD_MAX + 8];
    size_t gap = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (gap > limit || b.n > WORD_MAX) {
        return false;
    }
    for (size_t j = 0; j <= b.n; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        unsigned *row = rows[i % 3], *up = rows[(i + 2) % 3], *two = rows[(i + 1) % 3], best = row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            row[j] = least(least(up[j], row[j - 1]) + 1, up[j - 1] + (a.at[i - 1] != b.at[j - 1]));
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1]) {
                row[j] = least(row[j], two[j - 2] + 1);
            }
            best = least(best, row[j]);
        }
        if (best > limit) {
            return false;
        }
    }
    return rows[a.n % 3][b.n] <= limit;
}

static double slow_ms(const rk_index *index)
{
    rk_random random = rk_random_of(3, 1);
    const rk_words *w = &index->words;
    char typed[TYPED_MAX];
    size_t n, found = 0;
    int64_t begin = rk_clock_thread_ns();
    for (int q = 0; q < SLOW; q++) {
        draw_typo(index, &random, typed, &n);
        rk_slice word = {typed, n};
        for (uint32_t i = 0; i < w->names.n; i++) {
            found += is_near(word, rk_names_get(&w->names, i), rk_fuzzy_edits_for(word));
        }
    }
    double ms = (double)(rk_clock_thread_ns() - begin) / 1e6 / SLOW;
    return found > 0 ? ms : 0;
}

/* ---- measuring ---- */

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Every measurement runs twice, and the first only warms. */
static bool is_warm;

static void say(const char *what, const char *how_good)
{
    if (!is_warm) {
        return;
    }
    qsort(took, ASKED, sizeof *took, ascending);
    printf("| %s | %.3f | %.3f | %.3f | %s |\n", what, (double)took[ASKED / 2] / 1e6,
           (double)took[ASKED * 99 / 100] / 1e6, (double)took[ASKED - 1] / 1e6, how_good);
}

static void measure_words(const rk_index *index, rk_speller *speller)
{
    rk_random random = rk_random_of(3, 1);
    size_t right = 0;
    char good[96];
    for (int q = 0; q < ASKED; q++) {
        char typed[TYPED_MAX];
        rk_spelling best;
        rk_error err;
        size_t n, found;
        uint32_t id = draw_typo(index, &random, typed, &n);
        int64_t begin = rk_clock_thread_ns();
        check(rk_spell_correct(speller, (rk_slice){typed, n}, NULL, 0, &best, 1, &found, &err), &err);
        took[q] = rk_clock_thread_ns() - begin;
        right += found > 0 && rk_slice_equal(best.word, rk_names_get(&index->words.names, id));
    }
    snprintf(good, sizeof good, "%.1f %% as meant", 100.0 * (double)right / ASKED);
    say("a word", good);
}

/* Two words of a title, the second misspelt. */
static void measure_questions(const rk_index *index, rk_speller *speller)
{
    rk_random random = rk_random_of(9, 1);
    rk_analyser *analyser = NULL;
    rk_arena arena = {0};
    size_t right = 0;
    char good[96];
    rk_error err;
    check(rk_analyser_new(&index->options.analysis, &analyser, &err), &err);
    for (int q = 0; q < ASKED;) {
        uint32_t item = rk_random_below(&random, index->n_items);
        rk_slice title = rk_names_get(&index->items.title, item);
        const rk_token *tokens;
        size_t n_tokens;
        check(rk_analyse(analyser, title, &tokens, &n_tokens, &err), &err);
        if (n_tokens < 2 || tokens[0].n_words != 1 || tokens[1].n_words != 1 || tokens[1].word.n < 4 ||
            tokens[1].word.n > 40 || !is_ascii(tokens[1].word)) {
            continue;
        }
        char text[TYPED_MAX + WORD_MAX], wanted[WORD_MAX];
        size_t n_first = tokens[0].word.n, n_wanted = tokens[1].word.n;
        uint32_t unused;
        rk_slice known = rk_corpus_find(rk_index_corpus(index), tokens[0].term, &unused);
        memcpy(text, tokens[0].word.at, n_first);
        text[n_first] = ' ';
        memcpy(wanted, tokens[1].word.at, n_wanted);
        size_t n = misspell(&random, tokens[1].word, rk_fuzzy_edits_for(tokens[1].word), text + n_first + 1);
        rk_slice unknown = {text + n_first + 1, n};
        rk_correction got;
        rk_arena_clear(&arena);
        int64_t begin = rk_clock_thread_ns();
        check(rk_spell_mend(speller, (rk_slice){text, n_first + 1 + n}, &unknown, 1, &known, 1, &arena, &got, &err),
              &err);
        took[q++] = rk_clock_thread_ns() - begin;
        right += got.text.n == n_first + 1 + n_wanted && memcmp(got.text.at + n_first + 1, wanted, n_wanted) == 0;
    }
    snprintf(good, sizeof good, "%.1f %% as meant", 100.0 * (double)right / ASKED);
    say("a word beside a known one", good);
    rk_analyser_free(analyser);
    rk_arena_release(&arena);
}

/* A title cut off after its first letters. */
static void measure_suggestions(const rk_index *index, rk_suggester *suggester, bool has_typo, const char *what)
{
    rk_random random = rk_random_of(13, 1);
    size_t some = 0;
    char good[96];
    for (int q = 0; q < ASKED; q++) {
        rk_slice title = rk_names_get(&index->items.title, rk_random_below(&random, index->n_items));
        uint32_t most = title.n < 24 ? (uint32_t)title.n : 24, first = has_typo ? 6 : 1;
        size_t cut = most <= first ? most : first + rk_random_below(&random, most - first);
        char typed[TYPED_MAX];
        rk_suggestion out[10];
        rk_error err;
        size_t n;
        while (cut > 0 && cut < title.n && ((unsigned char)title.at[cut] & 0xc0) == 0x80) {
            cut--;
        }
        memcpy(typed, title.at, cut);
        size_t n_typed = has_typo && is_ascii((rk_slice){title.at, 4})
                             ? misspell(&random, (rk_slice){title.at, cut}, 1, typed)
                             : cut;
        n_typed = rk_utf8_valid_prefix((rk_slice){typed, n_typed});
        int64_t begin = rk_clock_thread_ns();
        check(rk_suggest(suggester, (rk_slice){typed, n_typed}, out, 10, &n, &err), &err);
        took[q] = rk_clock_thread_ns() - begin;
        some += n > 0;
    }
    snprintf(good, sizeof good, "%.1f %% have any", 100.0 * (double)some / ASKED);
    say(what, good);
}

int main(int argc, char **argv)
{
    rk_index *index = NULL;
    rk_speller *speller = NULL;
    rk_suggester *suggester = NULL;
    rk_index_report built, bare;
    rk_error err;
    if (argc > 1) {
        check(rk_index_open(argv[1], &index, &err), &err);
    } else {
        rk_index_close(make_index(true, &bare));
        index = make_index(false, &built);
        printf("%u titles indexed in %.2f s of processor time, %.2f s with --bare\n", built.n_items, built.cpu_s,
               bare.cpu_s);
    }
    check(rk_speller_new(rk_index_corpus(index), &speller, &err), &err);
    int64_t begin = rk_clock_thread_ns();
    check(rk_suggester_new(rk_index_corpus(index), &suggester, &err), &err);
    double made_ms = (double)(rk_clock_thread_ns() - begin) / 1e6;
    printf("%u words, %u phrases; a suggester is made in %.1f ms; all words one by one: %.1f ms a word\n\n"
           "| | median ms | p99 ms | most ms | |\n|---|---:|---:|---:|---|\n",
           index->words.names.n, index->phrases.keys.n, made_ms, slow_ms(index));
    for (int round = 0; round < 2; round++) {
        is_warm = round > 0;
        measure_words(index, speller);
        measure_questions(index, speller);
        measure_suggestions(index, suggester, false, "suggestions");
        measure_suggestions(index, suggester, true, "suggestions, with a typo");
    }
    rk_suggester_free(suggester);
    rk_speller_free(speller);
    rk_index_close(index);
    return 0;
}
