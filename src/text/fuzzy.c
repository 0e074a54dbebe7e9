/* fuzzy.c - an automaton of bits walked over sorted words, from both ends.
 *
 * The automaton (Wu and Manber, "Fast text searching allowing errors", CACM 1992) has a state (i, e) for i characters
 * of the pattern matched with e edits: bit i of word e. A swap waits one character in a word of its own. A sorted list
 * is a trie written down: each word says how many bytes it shares with the one before, so a walk keeps the states of
 * the present word's prefixes and goes on from where the next word differs; when no state is alive, all words with that
 * prefix are passed over.
 *
 * Two edits let the walk wander through most short prefixes, so the budget is split (Mihov and Schulz, "Fast
 * approximate search in large dictionaries", Computational Linguistics 2004). Let h be half the pattern. Either a word
 * can be read so that fewer than k edits are spent before h characters are matched, which a walk forwards finds and
 * keeps narrow at the start; or all k were spent by then, so that the word ends exactly as the pattern does from h on,
 * which a walk backwards finds, exact down to h. A swap across h belongs to the first kind: its edit counts when both
 * are read.
 */
#include "text/fuzzy.h"

#include <stdlib.h>
#include <string.h>

#include "text/letters.h"

enum { KINDS = RK_FUZZY_EDITS_MAX + 1, NONE = 255 };

typedef struct {
    size_t n; /* characters */
    unsigned n_edits;
    uint64_t open[KINDS]; /* states with e edits that are allowed */
    uint64_t ascii[128];  /* bit i: character i of the pattern is this */
    uint32_t code[RK_FUZZY_LETTERS_MAX];
} pattern;

typedef struct {
    uint64_t matched[KINDS], swapping[KINDS];
} states;

/* ---- the automaton ---- */

static bool make_pattern(pattern *p, rk_slice word, unsigned n_edits, bool is_backward)
{
    size_t n = 0;
    memset(p, 0, sizeof *p);
    if (word.n == 0 || rk_letters_count(word) > RK_FUZZY_LETTERS_MAX) {
        return false;
    }
    for (const char *at = word.at, *end = word.at + word.n; at < end;) {
        size_t bytes = is_backward ? rk_letter_before(at, end) : rk_letter_after(at, end);
        uint32_t code = rk_letter_code(is_backward ? end - bytes : at, bytes);
        p->code[n] = code;
        if (code < 128) {
            p->ascii[code] |= UINT64_C(1) << n;
        }
        n++;
        at += is_backward ? 0 : bytes;
        end -= is_backward ? bytes : 0;
    }
    p->n = n;
    p->n_edits = n_edits;
    for (unsigned e = 0; e <= n_edits; e++) {
        p->open[e] = (UINT64_C(2) << n) - 1;
    }
    return true;
}

/* No state with from edits or more before character i. */
static void limit(pattern *p, unsigned from, size_t i)
{
    for (unsigned e = from; e <= p->n_edits; e++) {
        p->open[e] &= ~((UINT64_C(1) << i) - 1);
    }
}

static uint64_t places_of(const pattern *p, uint32_t code)
{
    uint64_t places = 0;
    if (code < 128) {
        return p->ascii[code];
    }
    for (size_t i = 0; i < p->n; i++) {
        places |= p->code[i] == code ? UINT64_C(1) << i : 0;
    }
    return places;
}

static states first_states(const pattern *p)
{
    states s = {.matched = {1}};
    for (unsigned e = 1; e <= p->n_edits; e++) {
        s.matched[e] = s.matched[e - 1] << 1 & p->open[e];
    }
    return s;
}

/* After one more character of a word, which the pattern has at `places`. false: no state is left. */
static bool step(const pattern *p, const states *from, uint64_t places, states *to)
{
    const uint64_t *m = from->matched;
    to->matched[0] = (m[0] & places) << 1;
    to->swapping[0] = m[0] & places >> 1;
    uint64_t alive = to->matched[0] | (p->n_edits > 0 ? to->swapping[0] : 0);
    for (unsigned e = 1; e <= p->n_edits; e++) {
        uint64_t put_in_or_changed = m[e - 1] | m[e - 1] << 1, left_out = to->matched[e - 1] << 1;
        uint64_t swapped = (from->swapping[e - 1] & places) << 2;
        to->matched[e] = ((m[e] & places) << 1 | put_in_or_changed | left_out | swapped) & p->open[e];
        to->swapping[e] = m[e] & places >> 1;
        alive |= to->matched[e] | (e < p->n_edits ? to->swapping[e] : 0);
    }
    return alive != 0;
}

static uint8_t edits_of(const pattern *p, const states *s)
{
    for (unsigned e = 0; e <= p->n_edits; e++) {
        if (s->matched[e] >> p->n & 1) {
            return (uint8_t)e;
        }
    }
    return NONE;
}

/* ---- the walk ---- */

typedef struct {
    const rk_lexicon *lexicon;
    const pattern *pattern;
    bool is_start; /* words that begin so, not words */
    rk_vec *hits;
    states at[RK_FUZZY_BYTES_MAX + 1];    /* after so many bytes of the word at hand */
    uint8_t best[RK_FUZZY_BYTES_MAX + 1]; /* fewest edits of a prefix up to there */
    bool is_short;
} walk;

/* The first place from i on that shares fewer than n bytes with the one before. */
static uint32_t pass_over(const rk_lexicon *l, uint32_t i, size_t n)
{
    uint32_t end = l->names->n;
    while (i < end && l->shared[i] >= n) {
        i++;
        while (i % RK_FUZZY_RUN == 0 && i < end && l->least[i / RK_FUZZY_RUN] >= n) {
            i = end - i > RK_FUZZY_RUN ? i + RK_FUZZY_RUN : end;
        }
    }
    return i;
}

/* Whole characters among the first `shared` bytes of a walk. */
static size_t whole(rk_slice word, size_t shared, bool is_backward)
{
    shared = shared < word.n ? shared : word.n;
    while (shared > 0 && shared < word.n) {
        unsigned char edge = (unsigned char)(is_backward ? word.at[word.n - shared] : word.at[shared]);
        if ((edge & 0xc0) != 0x80) {
            break;
        }
        shared--;
    }
    return shared;
}

/* Whether a longer prefix could do with fewer edits than the best so far. */
static bool may_better(const states *s, uint8_t best)
{
    uint64_t alive = 0;
    for (unsigned e = 0; e < KINDS && e < best; e++) {
        alive |= s->matched[e] | (e + 1u < best ? s->swapping[e] : 0);
    }
    return alive != 0;
}

/* Reads on from `depth` bytes; returns how many were read when the word ended, or nothing was left alive. */
static size_t read_word(walk *w, rk_slice word, size_t depth, bool *is_alive)
{
    bool is_backward = w->lexicon->is_backward;
    *is_alive = true;
    while (depth < word.n && *is_alive) {
        const char *begin = word.at + (is_backward ? 0 : depth), *end = word.at + word.n - (is_backward ? depth : 0);
        size_t n = is_backward ? rk_letter_before(begin, end) : rk_letter_after(begin, end);
        uint64_t places = places_of(w->pattern, rk_letter_code(is_backward ? end - n : begin, n));
        *is_alive = step(w->pattern, &w->at[depth], places, &w->at[depth + n]);
        if (w->is_start) {
            uint8_t here = *is_alive ? edits_of(w->pattern, &w->at[depth + n]) : (uint8_t)NONE;
            w->best[depth + n] = here < w->best[depth] ? here : w->best[depth];
            *is_alive = *is_alive && may_better(&w->at[depth + n], w->best[depth + n]);
        }
        depth += n;
    }
    return depth;
}

static void hit(walk *w, uint32_t begin, uint32_t end, uint8_t edits)
{
    rk_fuzzy_hit one = {begin, end, edits};
    if (edits != NONE) {
        w->is_short |= !rk_vec_push(w->hits, &one);
    }
}

static void walk_all(walk *w)
{
    const rk_lexicon *l = w->lexicon;
    size_t read = 0;
    w->at[0] = first_states(w->pattern);
    w->best[0] = w->is_start ? edits_of(w->pattern, &w->at[0]) : (uint8_t)NONE;
    for (uint32_t i = 0; i < l->names->n && !w->is_short;) {
        uint32_t id = l->order ? l->order[i] : i;
        rk_slice word = rk_names_get(l->names, id);
        bool is_alive;
        size_t shared = l->shared[i] < read ? l->shared[i] : read;
        read = read_word(w, word, i > 0 ? whole(word, shared, l->is_backward) : 0, &is_alive);
        uint32_t next = is_alive ? i + 1 : pass_over(l, i + 1, read);
        if (w->is_start) {
            hit(w, i, next, w->best[read]);
        } else if (is_alive) {
            hit(w, id, id + 1, edits_of(w->pattern, &w->at[read]));
        }
        i = next;
    }
}

/* ---- questions ---- */

static int by_begin(const void *a, const void *b)
{
    const rk_fuzzy_hit *x = a, *y = b;
    return x->begin != y->begin ? (x->begin > y->begin) - (x->begin < y->begin) : (int)x->edits - (int)y->edits;
}

/* Those from `first` on by id, each once, with its fewest edits. */
static void unite(rk_vec *hits, size_t first)
{
    rk_fuzzy_hit *all = hits->data;
    size_t kept = first;
    if (hits->n > first) {
        qsort(all + first, hits->n - first, sizeof *all, by_begin);
    }
    for (size_t i = first; i < hits->n; i++) {
        if (kept == first || all[kept - 1].begin != all[i].begin) {
            all[kept++] = all[i];
        }
    }
    hits->n = kept;
}

bool rk_fuzzy_words(const rk_lexicon *forward, const rk_lexicon *backward, rk_slice word, unsigned n_edits,
                    rk_vec *hits)
{
    pattern p;
    size_t first = hits->n;
    if (!make_pattern(&p, word, n_edits, false)) {
        return true;
    }
    size_t half = p.n / 2;
    walk w = {.lexicon = forward, .pattern = &p, .hits = hits};
    if (n_edits > 0) {
        limit(&p, n_edits, half);
    }
    walk_all(&w);
    if (n_edits > 0 && half > 0 && !w.is_short && make_pattern(&p, word, n_edits, true)) {
        limit(&p, 1, p.n - half);
        w = (walk){.lexicon = backward, .pattern = &p, .hits = hits};
        walk_all(&w);
    }
    unite(hits, first);
    return !w.is_short;
}

bool rk_fuzzy_starts(const rk_lexicon *forward, rk_slice start, unsigned n_edits, rk_vec *hits)
{
    pattern p;
    if (!make_pattern(&p, start, n_edits, false)) {
        return true;
    }
    if (n_edits > 1) {
        limit(&p, n_edits, p.n / 2);
    }
    walk w = {.lexicon = forward, .pattern = &p, .is_start = true, .hits = hits};
    walk_all(&w);
    return !w.is_short;
}

unsigned rk_fuzzy_edits_for(rk_slice word)
{
    size_t n = rk_letters_count(word);
    return n < 4 ? 0 : n < 8 ? 1 : 2;
}

/* ---- tables ---- */

static unsigned char from_end(rk_slice s, size_t i, bool is_backward)
{
    return (unsigned char)(is_backward ? s.at[s.n - 1 - i] : s.at[i]);
}

void rk_lexicon_fill_shared(const rk_names *names, const uint32_t *order, bool is_backward, uint8_t *shared)
{
    rk_slice before = {"", 0};
    for (uint32_t i = 0; i < names->n; i++) {
        rk_slice word = rk_names_get(names, order ? order[i] : i);
        size_t n = 0;
        while (n < word.n && n < before.n && n < RK_FUZZY_BYTES_MAX &&
               from_end(word, n, is_backward) == from_end(before, n, is_backward)) {
            n++;
        }
        shared[i] = (uint8_t)n;
        before = word;
    }
}

void rk_lexicon_fill_least(const uint8_t *shared, uint32_t n, uint8_t *least)
{
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *of_run = &least[i / RK_FUZZY_RUN];
        *of_run = i % RK_FUZZY_RUN == 0 || shared[i] < *of_run ? shared[i] : *of_run;
    }
}

typedef struct {
    uint64_t tail; /* the last eight bytes, the last one highest */
    uint32_t id;
} backward_key;

static int compare_backward(const void *a, const void *b, void *names)
{
    const backward_key *x = a, *y = b;
    if (x->tail != y->tail) {
        return x->tail < y->tail ? -1 : 1;
    }
    rk_slice s = rk_names_get(names, x->id), t = rk_names_get(names, y->id);
    size_t n = s.n < t.n ? s.n : t.n;
    for (size_t i = 8; i < n; i++) {
        int side = from_end(s, i, true) - from_end(t, i, true);
        if (side != 0) {
            return side;
        }
    }
    return (s.n > t.n) - (s.n < t.n);
}

uint32_t *rk_lexicon_backward_order(const rk_names *names)
{
    backward_key *key = malloc(((size_t)names->n + 1) * sizeof *key);
    uint32_t *order = malloc(((size_t)names->n + 1) * sizeof *order);
    rk_names table = *names;
    if (!key || !order) {
        free(key);
        free(order);
        return NULL;
    }
    for (uint32_t i = 0; i < names->n; i++) {
        rk_slice word = rk_names_get(names, i);
        key[i] = (backward_key){0, i};
        for (size_t b = 0; b < 8; b++) {
            key[i].tail = key[i].tail << 8 | (b < word.n ? from_end(word, b, true) : 0);
        }
    }
    qsort_r(key, names->n, sizeof *key, compare_backward, &table);
    for (uint32_t i = 0; i < names->n; i++) {
        order[i] = key[i].id;
    }
    free(key);
    return order;
}
