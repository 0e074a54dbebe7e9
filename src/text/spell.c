/* spell.c - see spell.h. A word w typed for a word v has the score ln items(v) - 4 edits, less 1.5 when its first
 * letter is another (people start a word right), plus what the other words say: up to 2.5 when many items have v with
 * them, and -2.5 when none has: the noisy channel (Kernighan, Church, Gale, "A spelling correction program based on a
 * noisy channel model", COLING 1990) with round numbers for the odds of an edit.
 */
#include "text/spell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "text/index_parts.h"
#include "text/letters.h"
#include "text/together.h"

enum { TOGETHER_TRIED = 8, TOGETHER_ITEMS = 16, TOGETHER_BUDGET = 1024, KNOWN_TERMS = 3, PART_LETTERS_MIN = 3 };
static const double EDIT = 4, FIRST_LETTER = 1.5, TOGETHER = 2.5;

struct rk_speller {
    const rk_corpus *corpus;
    rk_analyser *analyser;
    rk_vec hits;       /* rk_fuzzy_hit */
    rk_vec candidates; /* rk_spelling */
    rk_arena room;     /* words in two, of the call at hand */
};

/* ---- the speller ---- */

rk_status rk_speller_new(const rk_corpus *corpus, rk_speller **out, rk_error *err)
{
    rk_speller *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "a speller");
    }
    *s = (rk_speller){.corpus = corpus,
                      .hits = {.item_bytes = sizeof(rk_fuzzy_hit)},
                      .candidates = {.item_bytes = sizeof(rk_spelling)}};
    rk_status status = rk_analyser_new(&corpus->analysis, &s->analyser, err);
    if (status) {
        rk_speller_free(s);
        return status;
    }
    *out = s;
    return RK_OK;
}

void rk_speller_free(rk_speller *s)
{
    if (s) {
        rk_analyser_free(s->analyser);
        rk_vec_release(&s->hits);
        rk_vec_release(&s->candidates);
        rk_arena_release(&s->room);
        free(s);
    }
}

/* ---- candidates ---- */

static bool same_start(rk_slice a, rk_slice b)
{
    size_t n = a.n ? rk_letter_after(a.at, a.at + a.n) : 0;
    return n <= b.n && memcmp(a.at, b.at, n) == 0;
}

static double score_of(rk_slice typed, rk_slice word, uint32_t items, unsigned edits)
{
    return log(items) - EDIT * edits - (same_start(typed, word) ? 0 : FIRST_LETTER);
}

/* The words of one segment, each with the items of all. */
static bool add_near_words(rk_speller *s, const rk_index *x, rk_slice word)
{
    const rk_words *w = &x->words;
    rk_lexicon forward, backward;
    bool is_alone = s->corpus->n_segments == 1 && !x->dead;
    rk_index_lexicons(x, &forward, &backward);
    rk_vec_clear(&s->hits);
    if (!rk_fuzzy_words(&forward, &backward, word, rk_fuzzy_edits_for(word), &s->hits)) {
        return false;
    }
    const rk_fuzzy_hit *hits = s->hits.data;
    for (size_t i = 0; i < s->hits.n; i++) {
        rk_slice found = rk_names_get(&w->names, hits[i].begin);
        uint32_t items = is_alone ? w->items[hits[i].begin] : rk_corpus_word_docs(s->corpus, found);
        rk_spelling one = {found, items, hits[i].edits, 0};
        one.score = items > 0 ? score_of(word, found, items, hits[i].edits) : 0;
        if (items > 0 && !rk_vec_push(&s->candidates, &one)) {
            return false;
        }
    }
    return true;
}

static int by_word(const void *a, const void *b)
{
    return rk_slice_compare(((const rk_spelling *)a)->word, ((const rk_spelling *)b)->word);
}

/* What several segments have, once. */
static void drop_repeats(rk_speller *s)
{
    rk_spelling *all = s->candidates.data;
    size_t kept = 0;
    if (s->corpus->n_segments > 1 && s->candidates.n > 1) {
        qsort(all, s->candidates.n, sizeof *all, by_word);
        for (size_t i = 0; i < s->candidates.n; i++) {
            if (kept == 0 || !rk_slice_equal(all[kept - 1].word, all[i].word)) {
                all[kept++] = all[i];
            }
        }
        s->candidates.n = kept;
    }
}

static uint32_t items_of(const rk_speller *s, rk_slice word) { return rk_corpus_word_docs(s->corpus, word); }

/* Terms of a text's words, each once, behind those in terms; at most n_max in all. */
static rk_status find_terms(rk_speller *s, rk_slice text, rk_slice *terms, size_t *n, size_t n_max, rk_error *err)
{
    const rk_token *tokens;
    size_t n_tokens = 0;
    rk_status status = rk_analyse(s->analyser, text, &tokens, &n_tokens, err);
    for (size_t i = 0; !status && i < n_tokens && *n < n_max; i++) {
        uint32_t unused;
        rk_slice term = tokens[i].n_words == 1 ? rk_corpus_find(s->corpus, tokens[i].term, &unused) : (rk_slice){"", 0};
        bool is_new = term.n > 0;
        for (size_t k = 0; k < *n; k++) {
            is_new &= !rk_slice_equal(terms[k], term);
        }
        if (is_new) {
            terms[(*n)++] = term;
        }
    }
    return status;
}

/* How many items have a text's words and all the known terms, up to TOGETHER_ITEMS. */
static rk_status count_together(rk_speller *s, rk_slice text, const rk_slice *known, size_t n_known, size_t *n,
                                rk_error *err)
{
    enum { TERMS_MAX = KNOWN_TERMS + 4 };
    rk_slice terms[TERMS_MAX];
    size_t n_terms = n_known < KNOWN_TERMS ? n_known : KNOWN_TERMS;
    for (size_t i = 0; i < n_terms; i++) {
        terms[i] = known[i];
    }
    rk_status status = find_terms(s, text, terms, &n_terms, TERMS_MAX, err);
    *n = status || n_terms == 0 ? 0 : rk_together_count(s->corpus, terms, n_terms, TOGETHER_ITEMS, TOGETHER_BUDGET);
    return status;
}

/* A word in two, when both are words that items have together. */
static rk_status add_splits(rk_speller *s, rk_slice word, rk_error *err)
{
    const char *end = word.at + word.n;
    size_t n = rk_letters_count(word), i = 0;
    rk_status status = RK_OK;
    for (const char *at = word.at; !status && at < end && n <= RK_FUZZY_LETTERS_MAX; i++) {
        rk_slice left = {word.at, (size_t)(at - word.at)}, right = {at, (size_t)(end - at)};
        at += rk_letter_after(at, end);
        if (i < PART_LETTERS_MIN || n - i < PART_LETTERS_MIN) {
            continue;
        }
        uint32_t a = items_of(s, left), b = a > 0 ? items_of(s, right) : 0, items = a < b ? a : b;
        char *both = items > 0 ? rk_arena_take(&s->room, word.n + 2, 1, 1) : NULL;
        if (!both && items > 0) {
            return rk_fail_memory(err, "corrections");
        }
        if (both) {
            memcpy(both, left.at, left.n);
            both[left.n] = ' ';
            memcpy(both + left.n + 1, right.at, right.n);
            size_t together = 0;
            rk_spelling one = {{both, word.n + 1}, items, 1, score_of(word, left, items, 1)};
            status = count_together(s, one.word, NULL, 0, &together, err);
            if (!status && together > 0 && !rk_vec_push(&s->candidates, &one)) {
                return rk_fail_memory(err, "corrections");
            }
        }
    }
    return status;
}

static int best_first(const void *a, const void *b)
{
    const rk_spelling *x = a, *y = b;
    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return rk_slice_compare(x->word, y->word);
}

static void sort_candidates(rk_speller *s)
{
    if (s->candidates.n > 1) {
        qsort(s->candidates.data, s->candidates.n, sizeof(rk_spelling), best_first);
    }
}

/* What the other words say of the best few. */
static rk_status weigh_together(rk_speller *s, const rk_slice *known, size_t n_known, rk_error *err)
{
    rk_spelling *c = s->candidates.data;
    rk_status status = RK_OK;
    for (size_t i = 0; !status && i < s->candidates.n; i++) {
        size_t n = 0;
        if (i < TOGETHER_TRIED) {
            status = count_together(s, c[i].word, known, n_known, &n, err);
        }
        c[i].score += n > 0 ? TOGETHER * log1p((double)n) / log1p(TOGETHER_ITEMS) : -TOGETHER;
    }
    return status;
}

/* Fills s->candidates, best first. */
static rk_status find_candidates(rk_speller *s, rk_slice word, const rk_slice *known, size_t n_known, rk_error *err)
{
    rk_vec_clear(&s->candidates);
    rk_arena_clear(&s->room);
    for (size_t i = 0; i < s->corpus->n_segments; i++) {
        if (!add_near_words(s, s->corpus->segment[i].index, word)) {
            return rk_fail_memory(err, "corrections");
        }
    }
    drop_repeats(s);
    rk_status status = items_of(s, word) == 0 ? add_splits(s, word, err) : RK_OK;
    sort_candidates(s);
    if (!status && n_known > 0) {
        status = weigh_together(s, known, n_known, err);
        sort_candidates(s);
    }
    return status;
}

rk_status rk_spell_correct(rk_speller *s, rk_slice word, const rk_slice *known, size_t n_known, rk_spelling *out,
                           size_t n_max, size_t *n, rk_error *err)
{
    rk_status status = find_candidates(s, word, known, n_known, err);
    *n = status ? 0 : s->candidates.n < n_max ? s->candidates.n : n_max;
    if (*n > 0) {
        memcpy(out, s->candidates.data, *n * sizeof *out);
    }
    return status;
}

/* ---- questions ---- */

static bool has_digit(rk_slice word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.at[i] >= '0' && word.at[i] <= '9') {
            return true;
        }
    }
    return false;
}

static bool is_letter(char c) { return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* The word on one side of another, one blank between them; n 0: none. */
static rk_slice beside(rk_slice text, rk_slice word, bool is_behind)
{
    const char *at = is_behind ? word.at + word.n : word.at, *end = text.at + text.n, *begin;
    if (is_behind) {
        begin = at < end && *at == ' ' ? ++at : at;
        while (at < end && is_letter(*at)) {
            at++;
        }
        bool is_whole = at == end || *at == ' ';
        return begin > word.at + word.n && is_whole ? (rk_slice){begin, (size_t)(at - begin)} : (rk_slice){begin, 0};
    }
    end = at > text.at && at[-1] == ' ' ? --at : at;
    while (at > text.at && is_letter(at[-1])) {
        at--;
    }
    bool is_whole = at == text.at || at[-1] == ' ';
    return end < word.at && is_whole ? (rk_slice){at, (size_t)(end - at)} : (rk_slice){at, 0};
}

/* The best candidate; of a word with digits, which is a name that one letter changes, only one in two. */
static rk_status find_best(rk_speller *s, rk_slice word, const rk_slice *known, size_t n_known, rk_spelling *best,
                           size_t *n, rk_error *err)
{
    rk_status status = find_candidates(s, word, known, n_known, err);
    const rk_spelling *all = s->candidates.data;
    *n = 0;
    for (size_t i = 0; !status && i < s->candidates.n && *n == 0; i++) {
        if (!has_digit(word) || memchr(all[i].word.at, ' ', all[i].word.n)) {
            *best = all[i];
            *n = 1;
        }
    }
    return status;
}

/* The folded form of what may be corrected, in the arena; n 0: not one word. */
static rk_status fold_word(rk_speller *s, rk_slice typed, rk_arena *arena, rk_slice *out, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    *out = (rk_slice){"", 0};
    rk_status status = rk_analyse(s->analyser, typed, &tokens, &n, err);
    if (status || n != 1 || rk_starts_han(tokens[0].word)) {
        return status;
    }
    const char *copy = rk_arena_copy(arena, tokens[0].word.at, tokens[0].word.n);
    *out = (rk_slice){copy, tokens[0].word.n};
    return copy ? RK_OK : rk_fail_memory(err, "corrections");
}

/* A part of the question and what takes its place. */
typedef struct {
    rk_slice typed, word;
} mending;

/* Two typed words that are one of the index: the unknown one with the one behind or before it. */
static rk_status mend_joined(rk_speller *s, rk_slice text, rk_slice unknown, rk_arena *arena, mending *out,
                             rk_error *err)
{
    uint32_t most = 0;
    for (int side = 0; side < 2; side++) {
        rk_slice other = beside(text, unknown, side == 1), word, parts[2] = {other, unknown};
        if (other.n == 0 || other.n + unknown.n > RK_WORD_BYTES_MAX) {
            continue;
        }
        if (side == 1) {
            parts[0] = unknown;
            parts[1] = other;
        }
        char joined[RK_WORD_BYTES_MAX];
        memcpy(joined, parts[0].at, parts[0].n);
        memcpy(joined + parts[0].n, parts[1].at, parts[1].n);
        rk_status status = fold_word(s, (rk_slice){joined, parts[0].n + parts[1].n}, arena, &word, err);
        if (status) {
            return status;
        }
        uint32_t items = word.n > 0 ? items_of(s, word) : 0;
        if (items > most) {
            most = items;
            *out = (mending){{parts[0].at, (size_t)(parts[1].at + parts[1].n - parts[0].at)}, word};
        }
    }
    return RK_OK;
}

static rk_status mend_word(rk_speller *s, rk_slice text, rk_slice unknown, const rk_slice *known, size_t n_known,
                           rk_arena *arena, mending *out, rk_error *err)
{
    rk_spelling best;
    size_t n = 0;
    rk_slice word;
    *out = (mending){unknown, {"", 0}};
    rk_status status = fold_word(s, unknown, arena, &word, err);
    if (status || word.n == 0) {
        return status;
    }
    status = mend_joined(s, text, unknown, arena, out, err);
    if (status || out->word.n > 0) {
        return status;
    }
    status = find_best(s, word, known, n_known, &best, &n, err);
    if (!status && n > 0 && !rk_slice_equal(best.word, word)) {
        const char *copy = rk_arena_copy(arena, best.word.at, best.word.n);
        out->word = (rk_slice){copy, best.word.n};
        status = copy ? RK_OK : rk_fail_memory(err, "corrections");
    }
    return status;
}

/* The text with the mendings, in order, in their places. */
static rk_status put_in(rk_slice text, const mending *mendings, size_t n, rk_arena *arena, rk_correction *out,
                        rk_error *err)
{
    size_t n_bytes = text.n;
    for (size_t i = 0; i < n; i++) {
        n_bytes += mendings[i].word.n;
    }
    char *bytes = rk_arena_take(arena, n_bytes + 1, 1, 1), *to = bytes;
    const char *from = text.at;
    if (!bytes) {
        return rk_fail_memory(err, "corrections");
    }
    for (size_t i = 0; i < n; i++) {
        const mending *m = &mendings[i];
        if (m->typed.at < from) {
            continue; /* went into the one before */
        }
        memcpy(to, from, (size_t)(m->typed.at - from));
        to += m->typed.at - from;
        memcpy(to, m->word.at, m->word.n);
        to += m->word.n;
        from = m->typed.at + m->typed.n;
        out->n_changed++;
    }
    memcpy(to, from, (size_t)(text.at + text.n - from));
    to += text.at + text.n - from;
    out->text = (rk_slice){bytes, (size_t)(to - bytes)};
    return RK_OK;
}

rk_status rk_spell_mend(rk_speller *s, rk_slice text, const rk_slice *unknown, size_t n_unknown, const rk_slice *known,
                        size_t n_known, rk_arena *arena, rk_correction *out, rk_error *err)
{
    rk_slice terms[KNOWN_TERMS];
    size_t n_terms = n_known < KNOWN_TERMS ? n_known : KNOWN_TERMS, n = 0;
    mending *mendings = RK_TAKE(arena, mending, n_unknown + 1);
    rk_status status = mendings ? RK_OK : rk_fail_memory(err, "corrections");
    *out = (rk_correction){{"", 0}, 0};
    for (size_t i = 0; i < n_terms; i++) {
        terms[i] = known[i];
    }
    for (size_t i = 0; !status && i < n_unknown; i++) {
        mending *m = &mendings[n];
        status = mend_word(s, text, unknown[i], terms, n_terms, arena, m, err);
        if (!status && m->word.n > 0) {
            n++;
            status = find_terms(s, m->word, terms, &n_terms, KNOWN_TERMS, err);
        }
    }
    return status || n == 0 ? status : put_in(text, mendings, n, arena, out, err);
}
