/* analyse.c - see analyse.h.
 *
 * A text is folded into words (analyse_words.c), and `emit` makes terms of them: it looks each word up in a table of
 * words seen before, which knows its stem: a shop's words are few and come again and again, so most are stemmed once.
 */
#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>

#include "text/analyse_parts.h"
#include "text/letters.h"
#include "text/units.h"

enum { JOIN_WORDS_MAX = 6, JOIN_BYTES_MAX = 64, KNOWN_MAX = 1 << 18 };

typedef rk_folded_word word;
typedef rk_letter_place place;

typedef struct {
    rk_slice text; /* at NULL: a stop word */
    uint32_t tag[2];
} known_stem;

typedef struct {
    size_t token, stem;
} tagged;

/* ---- the analyser ---- */

static rk_status no_stemmer(const char *name, rk_error *err)
{
    const char **known = sb_stemmer_list();
    size_t n = 0;
    while (known[n]) {
        n++;
    }
    const char *nearest = rk_nearest_name(name, known, n);
    return rk_fail(err, RK_BAD_USAGE, "no stemmer '%.40s'%s%s%s", name, nearest ? ", did you mean '" : "",
                   nearest ? nearest : "", nearest ? "'?" : "; 'english', 'porter', 'german' and more are known");
}

rk_status rk_analyser_new(const rk_analysis *analysis, rk_analyser **out, rk_error *err)
{
    bool has_stems = analysis->stemmer && strcmp(analysis->stemmer, "none") != 0;
    struct sb_stemmer *stemmer = has_stems ? sb_stemmer_new(analysis->stemmer, NULL) : NULL;
    if (has_stems && !stemmer) {
        return no_stemmer(analysis->stemmer, err);
    }
    rk_analyser *a = calloc(1, sizeof *a);
    if (a) {
        *a = (rk_analyser){.stemmer = stemmer,
                           .keep_stops = analysis->keep_stops,
                           .known = rk_interner_new(),
                           .stem = {.item_bytes = sizeof(known_stem)},
                           .folded = {.item_bytes = 1},
                           .words = {.item_bytes = sizeof(word)},
                           .places = {.item_bytes = sizeof(place)},
                           .tokens = {.item_bytes = sizeof(rk_token)},
                           .tagged = {.item_bytes = sizeof(tagged)}};
    } else if (stemmer) {
        sb_stemmer_delete(stemmer);
    }
    if (a && analysis->segmenter) {
        a->cutter = rk_cutter_new(analysis->segmenter);
    }
    if (!a || !a->known || (analysis->segmenter && !a->cutter)) {
        rk_analyser_free(a);
        return rk_fail_memory(err, "an analyser of texts");
    }
    *out = a;
    return RK_OK;
}

void rk_analyser_free(rk_analyser *a)
{
    if (a) {
        if (a->stemmer) {
            sb_stemmer_delete(a->stemmer);
        }
        rk_cutter_free(a->cutter);
        rk_interner_free(a->known);
        rk_arena_release(&a->stems);
        rk_arena_release(&a->joined);
        rk_vec_release(&a->stem);
        rk_vec_release(&a->folded);
        rk_vec_release(&a->words);
        rk_vec_release(&a->places);
        rk_vec_release(&a->tokens);
        rk_vec_release(&a->tagged);
        free(a);
    }
}

rk_status rk_analyser_write_cuts(const rk_analyser *a, rk_artefact_writer *writer, rk_error *err)
{
    return a->cutter ? rk_cutter_write(a->cutter, writer, err) : RK_OK;
}

/* ---- emit ---- */

static void push(rk_analyser *a, rk_slice term, const word *first, const word *last, uint32_t position, size_t n_words)
{
    rk_token *token = rk_vec_next(&a->tokens);
    if (token) {
        *token = (rk_token){term, term, position, first->begin, last->end, (uint16_t)n_words, NULL};
    }
    a->is_short |= !token;
}

/* The stem, kept; at NULL: a stop word. */
static rk_slice make_stem(rk_analyser *a, rk_slice text, rk_word_kind k)
{
    if (k == RK_LETTERS && !a->keep_stops && rk_is_stop_word(text)) {
        return (rk_slice){NULL, 0};
    }
    if (k == RK_LETTERS && a->stemmer) {
        const unsigned char *stem = sb_stemmer_stem(a->stemmer, (const unsigned char *)text.at, (int)text.n);
        int n = stem ? sb_stemmer_length(a->stemmer) : 0;
        text = n > 0 ? (rk_slice){(const char *)stem, (size_t)n} : text;
    }
    const char *copy = rk_arena_copy(&a->stems, text.at, text.n);
    a->is_short |= !copy;
    return (rk_slice){copy, text.n};
}

/* Forgets all words when they grow too many: between texts. */
static void trim_known(rk_analyser *a)
{
    if (rk_interner_count(a->known) > KNOWN_MAX) {
        rk_interner *fresh = rk_interner_new();
        a->is_short |= !fresh;
        if (fresh) {
            rk_interner_free(a->known);
            a->known = fresh;
            rk_vec_clear(&a->stem);
            rk_arena_clear(&a->stems);
        }
    }
}

/* NULL: memory is short. Moves when the next one is asked for. */
static known_stem *stem_of(rk_analyser *a, const word *w)
{
    rk_slice text = rk_folded_text(a, w);
    uint32_t id = rk_interner_add(a->known, text);
    if (id == a->stem.n) {
        known_stem stem = {make_stem(a, text, w->kind), {0, 0}};
        a->is_short |= !rk_vec_push(&a->stem, &stem);
    }
    a->is_short |= id == RK_NO_ID;
    return a->is_short ? NULL : (known_stem *)a->stem.data + id;
}

static rk_slice join(rk_analyser *a, const rk_slice *parts, size_t n_parts)
{
    size_t n = 0;
    for (size_t i = 0; i < n_parts; i++) {
        n += parts[i].n;
    }
    char *bytes = rk_arena_take(&a->joined, n + 1, 1, 1);
    a->is_short |= !bytes;
    n = 0;
    for (size_t i = 0; bytes && i < n_parts; i++) {
        memcpy(bytes + n, parts[i].at, parts[i].n);
        n += parts[i].n;
    }
    return (rk_slice){bytes, n};
}

/* A number and its unit, joined; "500gb" alone is a word that only needs the short form of its unit. */
static void emit_measure(rk_analyser *a, const word *w, const word *end, uint32_t position)
{
    const word *next = w + 1;
    bool is_number = w->kind == RK_DIGITS && next < end && (next->kind == RK_LETTERS || next->kind == RK_INCH) &&
                     next->hold != RK_APART;
    bool goes_on = is_number && next + 1 < end && next[1].hold == RK_JOINED; /* 3-in-1 */
    const char *unit = is_number && !goes_on ? rk_unit_of(rk_folded_text(a, next)) : NULL;
    if (unit) {
        const rk_slice parts[] = {rk_folded_text(a, w), rk_slice_of(unit)};
        push(a, join(a, parts, 2), w, next, position, 2);
    }
}

static void emit_word(rk_analyser *a, const word *w, uint32_t position)
{
    size_t n_digits;
    rk_slice text = rk_folded_text(a, w);
    const char *unit = w->kind == RK_MIXED ? rk_unit_behind(text, &n_digits) : NULL;
    if (unit) {
        const rk_slice parts[] = {{text.at, n_digits}, rk_slice_of(unit)};
        push(a, join(a, parts, 2), w, w, position, 1);
        return;
    }
    const known_stem *stem = stem_of(a, w);
    if (!stem || !stem->text.at) {
        return;
    }
    push(a, stem->text, w, w, position, 1);
    tagged *tag = rk_vec_next(&a->tagged);
    a->is_short |= !tag;
    if (!a->is_short) {
        *tag = (tagged){a->tokens.n - 1, (size_t)(stem - (known_stem *)a->stem.data)};
        ((rk_token *)a->tokens.data)[a->tokens.n - 1].word = text;
    }
}

/* All words of a compound as one. */
static void emit_compound(rk_analyser *a, const word *w, size_t n, uint32_t position)
{
    rk_slice parts[JOIN_WORDS_MAX];
    size_t n_bytes = 0;
    for (size_t i = 0; i < n && i < JOIN_WORDS_MAX; i++) {
        parts[i] = rk_folded_text(a, &w[i]);
        n_bytes += parts[i].n;
    }
    if (n >= 2 && n <= JOIN_WORDS_MAX && n_bytes <= JOIN_BYTES_MAX) {
        rk_slice joined = join(a, parts, n);
        const rk_token *last = a->tokens.n > 0 ? (const rk_token *)a->tokens.data + a->tokens.n - 1 : NULL;
        bool is_there = last && last->position == position && rk_slice_equal(last->term, joined);
        if (!is_there) { /* a measure may be the same */
            push(a, joined, w, w + n - 1, position, n);
        }
    }
}

/* "2 x 4", "60 x 40 x 20": as "2x4" is written. From the first number on. */
static void emit_size(rk_analyser *a, const word *w, const word *end, uint32_t position)
{
    rk_slice parts[JOIN_WORDS_MAX];
    size_t n = 1;
    parts[0] = rk_folded_text(a, w);
    while (n + 1 < JOIN_WORDS_MAX && w + n + 1 < end && w[n].hold != RK_APART && w[n + 1].hold != RK_APART &&
           rk_slice_equal(rk_folded_text(a, &w[n]), RK_SLICE("x")) && w[n + 1].kind == RK_DIGITS) {
        parts[n] = rk_folded_text(a, &w[n]);
        parts[n + 1] = rk_folded_text(a, &w[n + 1]);
        n += 2;
    }
    if (w->kind == RK_DIGITS && n > 1) {
        push(a, join(a, parts, n), w, w + n - 1, position, n);
    }
}

/* How many words from w on hang together. */
static size_t compound_words(const word *w, const word *end)
{
    size_t n = 1;
    while (w + n < end && (w[n].hold == RK_JOINED || w[n].hold == RK_FLUSH) && w[n].kind != RK_HAN &&
           w[n].kind != RK_INCH && w[n - 1].kind != RK_HAN) {
        n++;
    }
    return n;
}

/* A run of Han characters: where each begins in its text, and what it is. */
typedef struct {
    const word *word;
    rk_slice text;
    uint16_t start[RK_CUT_LETTERS_MAX + 1];
    uint32_t letter[RK_CUT_LETTERS_MAX];
    size_t n;
} han_run;

static void read_han(const rk_analyser *a, const word *w, han_run *run)
{
    run->word = w;
    run->text = rk_folded_text(a, w);
    run->n = 0;
    const char *begin = run->text.at, *end = begin + run->text.n;
    for (const char *at = begin; at < end;) {
        size_t bytes = rk_letter_after(at, end);
        run->start[run->n] = (uint16_t)(at - begin);
        run->letter[run->n++] = rk_letter_code(at, bytes);
        at += bytes;
    }
    run->start[run->n] = (uint16_t)run->text.n;
}

/* Characters from..to - 1 as a token. */
static void push_han(rk_analyser *a, const han_run *run, size_t from, size_t to, uint32_t position, size_t n_words)
{
    const place *places = (const place *)a->places.data + run->word->first;
    rk_slice term = {run->text.at + run->start[from], (size_t)(run->start[to] - run->start[from])};
    rk_token token = {term, term, position, places[from].begin, places[to - 1].end, (uint16_t)n_words, NULL};
    a->is_short |= !rk_vec_push(&a->tokens, &token);
}

/* Overlapping pairs; a lone character is itself. Returns how many positions they take. */
static uint32_t emit_pairs(rk_analyser *a, const han_run *run, size_t from, size_t to, uint32_t position)
{
    if (to - from == 1) {
        push_han(a, run, from, to, position, 1);
        return 1;
    }
    for (size_t i = from; i + 1 < to; i++) {
        push_han(a, run, i, i + 2, position + (uint32_t)(i - from), 1);
    }
    return (uint32_t)(to - from - 1);
}

/* A word of the dictionary, and shorter ones of two and three letters in it. */
static void emit_cut(rk_analyser *a, const han_run *run, size_t from, size_t to, uint32_t position)
{
    push_han(a, run, from, to, position, 1);
    for (size_t n = 2; n <= 3 && n < to - from; n++) {
        for (size_t i = from; i + n <= to; i++) {
            if (rk_cut_knows(a->cutter, run->letter + i, n)) {
                push_han(a, run, i, i + n, position, 0);
            }
        }
    }
}

/* Returns how many positions the words of a run take. */
static uint32_t emit_han(rk_analyser *a, const word *w, uint32_t position)
{
    han_run run;
    uint8_t lengths[RK_CUT_LETTERS_MAX];
    uint32_t first = position;
    read_han(a, w, &run);
    if (!a->cutter) {
        return emit_pairs(a, &run, 0, run.n, position);
    }
    size_t n = rk_cut(a->cutter, run.letter, run.n, lengths), at = 0, loose = 0; /* loose: single letters before at */
    for (size_t i = 0; i <= n; i++) {
        bool is_word = i < n && lengths[i] > 1;
        if (loose > 0 && (is_word || i == n)) {
            position += emit_pairs(a, &run, at - loose, at, position);
            loose = 0;
        }
        if (is_word) {
            emit_cut(a, &run, at, at + lengths[i], position++);
        } else {
            loose++;
        }
        at += i < n ? lengths[i] : 0;
    }
    return position - first;
}

static void emit_tokens(rk_analyser *a)
{
    const word *words = a->words.data, *end = words ? words + a->words.n : NULL;
    uint32_t position = 0;
    size_t left = 0; /* words of the compound at hand */
    for (const word *w = words; w < end && !a->is_short; w++) {
        if (w->kind == RK_HAN) {
            position += emit_han(a, w, position);
            left = 0;
            continue;
        }
        if (w->kind != RK_INCH) {
            emit_word(a, w, position);
        } else {
            push(a, rk_folded_text(a, w), w, w, position, 1);
        }
        emit_measure(a, w, end, position);
        if (w == words || !rk_slice_equal(rk_folded_text(a, w - 1), RK_SLICE("x"))) {
            emit_size(a, w, end, position);
        }
        if (left == 0) {
            left = compound_words(w, end);
            emit_compound(a, w, left, position);
        }
        left--;
        position++;
    }
}

rk_status rk_analyse(rk_analyser *a, rk_slice text, const rk_token **tokens, size_t *n, rk_error *err)
{
    if (text.n > INT32_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "a text of %zu bytes is too long to be analysed", text.n);
    }
    rk_vec_clear(&a->folded);
    rk_vec_clear(&a->words);
    rk_vec_clear(&a->places);
    rk_vec_clear(&a->tokens);
    rk_vec_clear(&a->tagged);
    rk_arena_clear(&a->joined);
    a->is_short = false;
    trim_known(a);
    rk_analyser_fold(a, text);
    if (!a->is_short) {
        emit_tokens(a);
    }
    for (size_t i = 0; i < a->tagged.n && !a->is_short; i++) {
        const tagged *t = (const tagged *)a->tagged.data + i;
        ((rk_token *)a->tokens.data)[t->token].tag = ((known_stem *)a->stem.data)[t->stem].tag;
    }
    *tokens = a->tokens.data;
    *n = a->tokens.n;
    return a->is_short ? rk_fail_memory(err, "the words of a text") : RK_OK;
}
