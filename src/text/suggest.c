/* suggest.c - see suggest.h. Phrases lie in order, so those that begin with something are a range; the best of a range
 * is asked of a tree of maxima, and the range falls in two around it: k best of any range in k log n steps, whatever
 * its length. A heap holds the ranges by their best.
 */
#include "text/suggest.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "text/index_parts.h"
#include "text/letters.h"
#include "text/phrases.h"
#include "text/together.h"

enum {
    TYPED_BYTES_MAX = 4096,
    BEFORE_TERMS = 8,
    TOGETHER_TRIED = 16,
    TOGETHER_ITEMS = 32,
    TOGETHER_BUDGET = 400,
    RANGES_MAX = 4096,
    TAKEN_TIMES = 4 /* of several segments */
};

/* Phrases begin..end - 1 of a segment, and the best of them. */
typedef struct {
    uint32_t segment, begin, end, best;
    double score; /* of the best */
    uint8_t edits;
} range;

struct rk_suggester {
    const rk_corpus *corpus;
    double most; /* what scores are parts of; of all segments */
    bool has_dead;
    rk_analyser *analyser, *folder;
    rk_vec ranges; /* range: a heap */
    rk_vec hits;   /* rk_fuzzy_hit */
    rk_vec taken;  /* range: by itself, of one phrase */
    rk_text key, stems;
    rk_interner *given; /* stems of what was given in this call */
    rk_arena room;
};

static const rk_index *index_at(const rk_suggester *s, uint32_t segment) { return s->corpus->segment[segment].index; }

/* ---- the suggester ---- */

rk_status rk_suggester_new(const rk_corpus *corpus, rk_suggester **out, rk_error *err)
{
    rk_suggester *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "a suggester");
    }
    *s = (rk_suggester){.corpus = corpus,
                        .ranges = {.item_bytes = sizeof(range)},
                        .hits = {.item_bytes = sizeof(rk_fuzzy_hit)},
                        .taken = {.item_bytes = sizeof(range)}};
    for (uint32_t i = 0; i < corpus->n_segments; i++) {
        s->most += index_at(s, i)->phrases.most;
        s->has_dead |= index_at(s, i)->dead != NULL;
    }
    rk_status status = rk_analyser_new(&corpus->analysis, &s->analyser, err);
    status = status ? status : rk_analyser_new(&(rk_analysis){.stemmer = "none", .keep_stops = true}, &s->folder, err);
    if (status) {
        rk_suggester_free(s);
        return status;
    }
    *out = s;
    return RK_OK;
}

void rk_suggester_free(rk_suggester *s)
{
    if (s) {
        rk_analyser_free(s->analyser);
        rk_analyser_free(s->folder);
        rk_vec_release(&s->ranges);
        rk_vec_release(&s->hits);
        rk_vec_release(&s->taken);
        rk_text_release(&s->key);
        rk_text_release(&s->stems);
        rk_interner_free(s->given);
        rk_arena_release(&s->room);
        free(s);
    }
}

/* ---- ranges, best first ---- */

static uint32_t best_of(const rk_index *x, uint32_t begin, uint32_t end)
{
    const uint32_t *tree = x->lookup.phrase_best;
    uint32_t n = x->phrases.keys.n, best = begin;
    for (uint32_t a = begin + n, b = end + n; a < b; a /= 2, b /= 2) {
        if (a & 1) {
            best = rk_phrases_better(&x->phrases, best, tree[a++]);
        }
        if (b & 1) {
            best = rk_phrases_better(&x->phrases, best, tree[--b]);
        }
    }
    return best;
}

/* What was asked has a score of 1 and more in every segment; what is below 1 is a part of all items. */
static double score_of(const rk_suggester *s, uint32_t segment, uint32_t place)
{
    const rk_phrases *p = &index_at(s, segment)->phrases;
    double score = (double)p->score[place];
    return score >= 1 || s->corpus->n_segments == 1 ? score : score * p->most / s->most;
}

static rk_slice said_at(const rk_suggester *s, const range *r)
{
    return rk_names_get(&index_at(s, r->segment)->phrases.said, r->best);
}

static rk_slice key_at(const rk_suggester *s, const range *r)
{
    return rk_names_get(&index_at(s, r->segment)->phrases.keys, r->best);
}

static bool comes_before(const rk_suggester *s, const range *a, const range *b)
{
    if (a->edits != b->edits || a->score != b->score) {
        return a->edits != b->edits ? a->edits < b->edits : a->score > b->score;
    }
    if (a->segment == b->segment) {
        return a->best < b->best;
    }
    int side = rk_slice_compare(key_at(s, a), key_at(s, b));
    return side != 0 ? side < 0 : a->segment < b->segment;
}

static bool push_range(rk_suggester *s, uint32_t segment, uint32_t begin, uint32_t end, uint8_t edits)
{
    if (begin >= end) {
        return true;
    }
    range fresh = {segment, begin, end, best_of(index_at(s, segment), begin, end), 0, edits};
    fresh.score = score_of(s, segment, fresh.best);
    if (!rk_vec_push(&s->ranges, &fresh)) {
        return false;
    }
    range *heap = s->ranges.data;
    size_t i = s->ranges.n - 1;
    for (; i > 0 && comes_before(s, &fresh, &heap[(i - 1) / 2]); i = (i - 1) / 2) {
        heap[i] = heap[(i - 1) / 2];
    }
    heap[i] = fresh;
    return true;
}

static range pop_range(rk_suggester *s)
{
    range *heap = s->ranges.data, top = heap[0], last = heap[--s->ranges.n];
    size_t n = s->ranges.n, i = 0;
    for (size_t child = 1; child < n; child = 2 * i + 1) {
        child += child + 1 < n && comes_before(s, &heap[child + 1], &heap[child]);
        if (!comes_before(s, &heap[child], &last)) {
            break;
        }
        heap[i] = heap[child];
        i = child;
    }
    if (n > 0) {
        heap[i] = last;
    }
    return top;
}

/* The best phrase of all ranges, taken out of them; false: none is left. */
static bool take_best(rk_suggester *s, range *out, bool *is_short)
{
    if (s->ranges.n == 0) {
        return false;
    }
    range r = pop_range(s);
    *is_short |=
        !push_range(s, r.segment, r.begin, r.best, r.edits) || !push_range(s, r.segment, r.best + 1, r.end, r.edits);
    *out = r;
    return true;
}

/* The first place whose key is not below; with `behind`, the first that does not begin so either. */
static uint32_t bound(const rk_names *keys, rk_slice start, bool behind)
{
    uint32_t low = 0, high = keys->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        rk_slice key = rk_names_get(keys, middle);
        bool begins = behind && key.n >= start.n && memcmp(key.at, start.at, start.n) == 0;
        if (begins || rk_slice_compare(key, start) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool ranges_of(rk_suggester *s, rk_slice start)
{
    bool is_done = true;
    rk_vec_clear(&s->ranges);
    for (uint32_t i = 0; i < s->corpus->n_segments && is_done; i++) {
        const rk_names *keys = &index_at(s, i)->phrases.keys;
        is_done = push_range(s, i, bound(keys, start, false), bound(keys, start, true), 0);
    }
    return is_done;
}

/* ---- what is given ---- */

typedef struct {
    rk_suggester *suggester;
    rk_suggestion *out;
    size_t n_max, n;
} giving;

/* Whether the stems of a text were not given before; from now on they were. */
static rk_status is_fresh(rk_suggester *s, rk_slice text, bool *fresh, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_text_clear(&s->stems);
    rk_status status = rk_analyse(s->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        if (tokens[i].n_words == 1) {
            rk_text_add_slice(&s->stems, tokens[i].term); /* dv7-1211ea and dv71211ea are one */
        }
    }
    if (!status && n == 0) { /* stop words alone */
        rk_text_add_slice(&s->stems, text);
    }
    uint32_t n_before = rk_interner_count(s->given);
    uint32_t id = status || s->stems.failed ? RK_NO_ID : rk_interner_add(s->given, (rk_slice){s->stems.at, s->stems.n});
    *fresh = id == n_before;
    return !status && id == RK_NO_ID ? rk_fail_memory(err, "suggestions") : status;
}

static rk_status give(giving *g, rk_slice text, double score, uint8_t edits, bool is_put_together, rk_error *err)
{
    bool fresh = false;
    rk_status status = is_fresh(g->suggester, text, &fresh, err);
    if (!status && fresh) {
        g->out[g->n++] = (rk_suggestion){text, score, edits, is_put_together};
    }
    return status;
}

/* ---- the last word beside those before ---- */

/* Terms of a text's words, at most n_max; *n_words counts those that no item has, too. */
static rk_status terms_of(rk_suggester *s, rk_slice text, rk_slice *terms, size_t n_max, size_t *n, size_t *n_words,
                          rk_error *err)
{
    const rk_token *tokens;
    size_t n_tokens = 0;
    rk_status status = rk_analyse(s->analyser, text, &tokens, &n_tokens, err);
    for (size_t i = 0; !status && i < n_tokens; i++) {
        if (tokens[i].n_words != 1) {
            continue;
        }
        uint32_t unused;
        rk_slice term = rk_corpus_find(s->corpus, tokens[i].term, &unused);
        bool is_new = term.n > 0 && *n < n_max;
        for (size_t k = 0; k < *n; k++) {
            is_new &= !rk_slice_equal(terms[k], term);
        }
        if (is_new) {
            terms[(*n)++] = term;
        }
        *n_words += 1;
    }
    return status;
}

/* How many items have all the words of a phrase and the terms before, up to TOGETHER_ITEMS. */
static rk_status count_together(rk_suggester *s, const rk_slice *before, size_t n_before, rk_slice phrase,
                                size_t *count, rk_error *err)
{
    rk_slice terms[RK_TOGETHER_TERMS_MAX];
    size_t n = n_before, n_words = 0;
    memcpy(terms, before, n_before * sizeof *terms);
    rk_status status = terms_of(s, phrase, terms, RK_TOGETHER_TERMS_MAX, &n, &n_words, err);
    *count = status || n == n_before ? 0 : rk_together_count(s->corpus, terms, n, TOGETHER_ITEMS, TOGETHER_BUDGET);
    return status;
}

static rk_slice join(rk_suggester *s, rk_slice before, rk_slice phrase)
{
    char *bytes = rk_arena_take(&s->room, before.n + phrase.n + 2, 1, 1);
    if (bytes) {
        memcpy(bytes, before.at, before.n);
        bytes[before.n] = ' ';
        memcpy(bytes + before.n + 1, phrase.at, phrase.n);
    }
    return (rk_slice){bytes, before.n + 1 + phrase.n};
}

/* A phrase for the last word, and how many items have it with the words before. */
typedef struct {
    range phrase;
    uint32_t rank;
    size_t together;
} partner;

static int most_together(const void *a, const void *b)
{
    const partner *x = a, *y = b;
    return x->together != y->together ? (x->together < y->together) - (x->together > y->together)
                                      : (x->rank > y->rank) - (x->rank < y->rank);
}

/* The most popular phrases for the last word that items have with the terms before, those of most items first. */
static rk_status find_partners(rk_suggester *s, const rk_slice *before, size_t n_before, rk_slice last,
                               partner out[TOGETHER_TRIED], size_t *n, rk_error *err)
{
    bool is_short = !ranges_of(s, last);
    rk_status status = RK_OK;
    partner one = {.rank = 0};
    for (; !status && !is_short && one.rank < TOGETHER_TRIED && take_best(s, &one.phrase, &is_short); one.rank++) {
        status = count_together(s, before, n_before, said_at(s, &one.phrase), &one.together, err);
        if (!status && one.together > 0) {
            out[(*n)++] = one;
        }
    }
    qsort(out, *n, sizeof *out, most_together);
    return !status && is_short ? rk_fail_memory(err, "suggestions") : status;
}

static rk_status give_put_together(giving *g, rk_slice before, rk_slice last, rk_error *err)
{
    rk_suggester *s = g->suggester;
    rk_slice terms[BEFORE_TERMS];
    partner partners[TOGETHER_TRIED];
    size_t n = 0, n_words = 0, n_partners = 0;
    rk_status status = terms_of(s, before, terms, BEFORE_TERMS, &n, &n_words, err);
    if (status || n == 0 || n < n_words) {
        return status;
    }
    status = find_partners(s, terms, n, last, partners, &n_partners, err);
    for (size_t i = 0; !status && i < n_partners && g->n < g->n_max; i++) {
        rk_slice text = join(s, before, said_at(s, &partners[i].phrase));
        status = text.at ? give(g, text, partners[i].phrase.score, 0, true, err) : rk_fail_memory(err, "suggestions");
    }
    return status;
}

/* The words before the last: as typed, where a blank parts them from it; else as folded. */
static rk_slice words_before(rk_slice typed, rk_slice key, size_t n_folded)
{
    const char *blank = memrchr(typed.at, ' ', typed.n);
    rk_slice before = blank ? rk_slice_trim((rk_slice){typed.at, (size_t)(blank - typed.at)}) : (rk_slice){typed.at, 0};
    size_t n_after = blank ? typed.n - (size_t)(blank - typed.at) - 1 : 0;
    return before.n > 0 && n_after == key.n - n_folded - 1 ? before : (rk_slice){key.at, n_folded};
}

/* ---- phrases of one piece ---- */

/* All phrases of the ranges, best first. */
static rk_status give_ranges(giving *g, rk_error *err)
{
    rk_suggester *s = g->suggester;
    rk_status status = RK_OK;
    bool is_short = false;
    range best;
    for (size_t tries = 0; !status && g->n < g->n_max && tries < 8 * g->n_max && take_best(s, &best, &is_short);
         tries++) {
        status = is_short ? rk_fail_memory(err, "suggestions")
                          : give(g, said_at(s, &best), best.score, best.edits, false, err);
    }
    return status;
}

/* What all segments say of a phrase that is below 1 in its own. */
static double weigh(const rk_suggester *s, const range *r)
{
    double sum = 0;
    for (uint32_t i = 0; i < s->corpus->n_segments; i++) {
        const rk_names *keys = &index_at(s, i)->phrases.keys;
        uint32_t place = keys->n > 0 ? rk_names_find(keys, key_at(s, r)) : RK_NO_ID;
        sum += place == RK_NO_ID ? 0 : score_of(s, i, place);
    }
    return r->score >= 1 ? r->score : sum;
}

static int best_first(const void *a, const void *b, void *suggester)
{
    return comes_before(suggester, a, b) ? -1 : comes_before(suggester, b, a);
}

/* Whether a living item has its words. */
static rk_status is_alive(rk_suggester *s, const range *r, bool *is, rk_error *err)
{
    rk_slice terms[RK_TOGETHER_TERMS_MAX];
    size_t n = 0, n_words = 0;
    rk_status status =
        s->has_dead ? terms_of(s, said_at(s, r), terms, RK_TOGETHER_TERMS_MAX, &n, &n_words, err) : RK_OK;
    bool has_all = n == n_words || n == RK_TOGETHER_TERMS_MAX;
    *is = n_words == 0 || (has_all && rk_together_count(s->corpus, terms, n, 1, TOGETHER_BUDGET) > 0);
    return status;
}

/* Of several segments: more than are wanted, weighed anew. */
static rk_status give_united(giving *g, rk_error *err)
{
    rk_suggester *s = g->suggester;
    rk_status status = RK_OK;
    bool is_short = false;
    range best;
    rk_vec_clear(&s->taken);
    for (size_t tries = 0; tries < TAKEN_TIMES * g->n_max && !is_short && take_best(s, &best, &is_short); tries++) {
        best.score = weigh(s, &best);
        is_short |= !rk_vec_push(&s->taken, &best);
    }
    range *taken = s->taken.data;
    if (is_short) {
        return rk_fail_memory(err, "suggestions");
    }
    if (s->taken.n > 1) {
        qsort_r(taken, s->taken.n, sizeof *taken, best_first, s);
    }
    for (size_t i = 0; !status && g->n < g->n_max && i < s->taken.n; i++) {
        bool is = false;
        status = is_alive(s, &taken[i], &is, err);
        status = status || !is ? status : give(g, said_at(s, &taken[i]), taken[i].score, taken[i].edits, false, err);
    }
    return status;
}

static rk_status give_phrases(giving *g, rk_error *err)
{
    bool is_one = g->suggester->corpus->n_segments == 1 && !g->suggester->has_dead;
    return is_one ? give_ranges(g, err) : give_united(g, err);
}

/* ---- with edits ---- */

static bool push_near(rk_suggester *s, uint32_t segment, rk_slice start, unsigned edits)
{
    const rk_index *x = index_at(s, segment);
    rk_lexicon lexicon = {&x->phrases.keys, NULL, x->phrases.shared, x->lookup.phrase_least, false};
    rk_vec_clear(&s->hits);
    bool is_done = rk_fuzzy_starts(&lexicon, start, edits, &s->hits);
    const rk_fuzzy_hit *hits = s->hits.data;
    for (size_t i = 0; i < s->hits.n && i < RANGES_MAX && is_done; i++) {
        is_done = push_range(s, segment, hits[i].begin, hits[i].end, hits[i].edits);
    }
    return is_done;
}

/* Phrases that begin with a word near to the one typed: where all of it was typed, edits may be anywhere in it. */
static bool push_near_words(rk_suggester *s, uint32_t segment, rk_slice word)
{
    const rk_index *x = index_at(s, segment);
    rk_lexicon forward, backward;
    rk_index_lexicons(x, &forward, &backward);
    rk_vec_clear(&s->hits);
    bool is_done = rk_fuzzy_words(&forward, &backward, word, rk_fuzzy_edits_for(word), &s->hits);
    const rk_fuzzy_hit *hits = s->hits.data;
    for (size_t i = 0; i < s->hits.n && i < RANGES_MAX && is_done; i++) {
        rk_slice meant = rk_names_get(&x->words.names, hits[i].begin);
        for (uint32_t other = 0; other < s->corpus->n_segments && is_done; other++) {
            const rk_names *keys = &index_at(s, other)->phrases.keys;
            is_done = push_range(s, other, bound(keys, meant, false), bound(keys, meant, true), hits[i].edits);
        }
    }
    return is_done;
}

static rk_status give_near(giving *g, rk_slice start, rk_error *err)
{
    rk_suggester *s = g->suggester;
    bool is_done = true;
    rk_vec_clear(&s->ranges);
    for (unsigned edits = 1; edits <= rk_fuzzy_edits_for(start) && s->ranges.n == 0 && is_done; edits++) {
        for (uint32_t i = 0; i < s->corpus->n_segments && is_done; i++) {
            is_done = push_near(s, i, start, edits);
        }
    }
    bool is_word = s->ranges.n == 0 && !memchr(start.at, ' ', start.n);
    for (uint32_t i = 0; i < s->corpus->n_segments && is_word && is_done; i++) {
        is_done = push_near_words(s, i, start);
    }
    return is_done ? give_phrases(g, err) : rk_fail_memory(err, "suggestions");
}

/* ---- all of it ---- */

static rk_status check_typed(rk_slice typed, rk_error *err)
{
    if (typed.n > TYPED_BYTES_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "suggestions are given for at most %d bytes, these are %zu",
                       (int)TYPED_BYTES_MAX, typed.n);
    }
    size_t valid = rk_utf8_valid_prefix(typed);
    return valid == typed.n ? RK_OK
                            : rk_fail(err, RK_BAD_USAGE, "what is typed is not UTF-8 from its byte %zu on", valid + 1);
}

static rk_status clear(rk_suggester *s, rk_error *err)
{
    rk_interner_free(s->given);
    s->given = rk_interner_new();
    rk_arena_clear(&s->room);
    return s->given ? RK_OK : rk_fail_memory(err, "suggestions");
}

rk_status rk_suggest(rk_suggester *s, rk_slice typed, rk_suggestion *out, size_t n_max, size_t *n, rk_error *err)
{
    giving g = {s, out, n_max < RK_SUGGEST_MAX ? n_max : RK_SUGGEST_MAX, 0};
    *n = 0;
    rk_status status = check_typed(typed, err);
    status = status ? status : clear(s, err);
    status = status ? status : rk_phrase_fold(s->folder, typed, true, &s->key, err);
    if (status || s->key.n == 0) {
        return status;
    }
    rk_slice key = {s->key.at, s->key.n};
    status = ranges_of(s, key) ? give_phrases(&g, err) : rk_fail_memory(err, "suggestions");
    const char *blank = memrchr(key.at, ' ', key.n);
    size_t n_before = blank ? (size_t)(blank - key.at) : 0;
    if (!status && g.n < g.n_max && blank && n_before + 1 < key.n) {
        rk_slice last = {blank + 1, key.n - n_before - 1};
        status = give_put_together(&g, words_before(typed, key, n_before), last, err);
    }
    status = status || g.n > 0 ? status : give_near(&g, key, err);
    *n = status ? 0 : g.n;
    return status;
}
