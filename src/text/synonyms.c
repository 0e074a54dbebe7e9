/* synonyms.c - a phrase is the terms of its words with a line end behind each, interned; what it leads to are pairs of
 * such numbers, sorted. A side that is one compound ("wi-fi") is known by its joined form, too.
 */
#include "text/synonyms.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "base/vec.h"

enum { KEY_BYTES_MAX = 1024 };
const double rk_synonym_weight = 0.6;

typedef struct {
    uint32_t from, to;
} way;

struct rk_synonyms {
    rk_interner *phrases;
    rk_vec ways; /* way, sorted, each once */
};

void rk_synonyms_free(rk_synonyms *s)
{
    if (s) {
        rk_interner_free(s->phrases);
        rk_vec_release(&s->ways);
        free(s);
    }
}

/* ---- reading ---- */

/* Both forms of a side; the second RK_NO_ID when there is but one. */
typedef struct {
    uint32_t form[2];
} side;

typedef struct {
    rk_synonyms *out;
    rk_analyser *analyser;
    rk_place place;
    rk_text key;
    side sides[2][RK_SYNONYM_SIDES_MAX]; /* left and right of the arrow */
    size_t n[2];
} reading;

static rk_status refuse(const reading *r, const char *what, rk_slice found, rk_error *err)
{
    return rk_fail_at(err, r->place, "%s, got '%.*s'", what, (int)(found.n < 40 ? found.n : 40), found.at);
}

static bool put_term(rk_text *key, rk_slice term)
{
    rk_text_add_slice(key, term);
    rk_text_add(key, "\n");
    return !key->failed;
}

static uint32_t intern(reading *r)
{
    return r->key.failed ? RK_NO_ID : rk_interner_add(r->out->phrases, (rk_slice){r->key.at, r->key.n});
}

static rk_status read_side(reading *r, rk_slice text, side *out, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0, n_words = 0;
    rk_slice joined = {NULL, 0};
    rk_text_clear(&r->key);
    rk_status status = rk_analyse(r->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        if (tokens[i].n_words == 1) {
            put_term(&r->key, tokens[i].term);
            n_words++;
        }
    }
    if (status) {
        return status;
    }
    if (n_words == 0 || n_words > RK_SYNONYM_WORDS_MAX || r->key.n > KEY_BYTES_MAX) {
        return refuse(r, n_words ? "a synonym has at most 8 words" : "a synonym is a word that can be searched", text,
                      err);
    }
    for (size_t i = 0; i < n; i++) {
        joined = tokens[i].n_words > 1 && tokens[i].n_words == n_words ? tokens[i].term : joined;
    }
    *out = (side){{intern(r), RK_NO_ID}};
    bool is_kept = out->form[0] != RK_NO_ID;
    if (joined.at && is_kept) {
        rk_text_clear(&r->key);
        put_term(&r->key, joined);
        out->form[1] = intern(r);
        is_kept = out->form[1] != RK_NO_ID;
    }
    return is_kept ? RK_OK : rk_fail_memory(err, "synonyms");
}

/* The sides between commas. */
static rk_status read_sides(reading *r, rk_slice text, size_t which, rk_error *err)
{
    rk_status status = RK_OK;
    const char *at = text.at, *end = text.at + text.n;
    r->n[which] = 0;
    while (!status && at <= end) {
        const char *comma = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
        rk_slice one = rk_slice_trim((rk_slice){at, (size_t)((comma ? comma : end) - at)});
        if (r->n[which] == RK_SYNONYM_SIDES_MAX) {
            return refuse(r, "a line has at most 64 synonyms", text, err);
        }
        status = read_side(r, one, &r->sides[which][r->n[which]++], err);
        at = comma ? comma + 1 : end + 1;
    }
    return status;
}

static bool add_way(rk_synonyms *s, uint32_t from, uint32_t to)
{
    return from == RK_NO_ID || from == to || rk_vec_push(&s->ways, &(way){from, to});
}

/* From both forms of each on the left to each on the right, but not to itself. */
static bool add_ways(reading *r, const side *left, size_t n_left, const side *right, size_t n_right)
{
    bool is_done = true;
    for (size_t i = 0; i < n_left; i++) {
        for (size_t k = 0; k < n_right && is_done; k++) {
            if (left[i].form[0] != right[k].form[0]) {
                is_done = add_way(r->out, left[i].form[0], right[k].form[0]) &&
                          add_way(r->out, left[i].form[1], right[k].form[0]);
            }
        }
    }
    return is_done;
}

static rk_status read_line(reading *r, rk_slice line, rk_error *err)
{
    const char *arrow = memmem(line.at, line.n, "=>", 2);
    rk_slice left = {line.at, arrow ? (size_t)(arrow - line.at) : line.n};
    rk_slice right = {arrow ? arrow + 2 : line.at + line.n, arrow ? line.n - left.n - 2 : 0};
    if (rk_utf8_valid_prefix(line) < line.n) {
        return rk_fail_at(err, r->place, "is not UTF-8");
    }
    if (arrow && memmem(right.at, right.n, "=>", 2)) {
        return refuse(r, "a line has one => at most", line, err);
    }
    rk_status status = read_sides(r, left, 0, err);
    if (!status && arrow) {
        status = read_sides(r, right, 1, err);
    } else if (!status && r->n[0] < 2) {
        status = refuse(r, "a line of synonyms is 'a, b' or 'a => b'", line, err);
    }
    if (status) {
        return status;
    }
    size_t to = arrow ? 1 : 0;
    bool is_done = add_ways(r, r->sides[0], r->n[0], r->sides[to], r->n[to]);
    return is_done ? RK_OK : rk_fail_memory(err, "synonyms");
}

static rk_status read_lines(reading *r, rk_slice text, rk_error *err)
{
    rk_status status = RK_OK;
    for (const char *at = text.at, *end = text.at + text.n; !status && at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        rk_slice line = rk_slice_trim((rk_slice){at, (size_t)((stop ? stop : end) - at)});
        r->place.line++;
        at = stop ? stop + 1 : end;
        if (line.n > 0 && *line.at != '#') {
            status = read_line(r, line, err);
        }
    }
    return status;
}

static int by_from(const void *a, const void *b)
{
    const way *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->to > y->to) - (x->to < y->to);
}

static void sort_ways(rk_vec *ways)
{
    way *all = ways->data;
    size_t kept = 0;
    if (ways->n > 1) {
        qsort(all, ways->n, sizeof *all, by_from);
    }
    for (size_t i = 0; i < ways->n; i++) {
        if (i == 0 || by_from(&all[i], &all[kept - 1]) != 0) {
            all[kept++] = all[i];
        }
    }
    ways->n = kept;
}

rk_status rk_synonyms_parse(rk_slice text, const char *name, const rk_analysis *analysis, rk_synonyms **out,
                            rk_error *err)
{
    if (text.n > RK_SYNONYMS_BYTES_MAX) {
        return rk_fail_at(err, (rk_place){.path = name}, "synonyms have at most %d bytes, these are %zu",
                          (int)RK_SYNONYMS_BYTES_MAX, text.n);
    }
    reading *r = calloc(1, sizeof *r); /* its sides are large for a stack */
    rk_synonyms *s = calloc(1, sizeof *s);
    rk_status status = r && s ? RK_OK : rk_fail_memory(err, "synonyms");
    if (!status) {
        *s = (rk_synonyms){rk_interner_new(), {.item_bytes = sizeof(way)}};
        *r = (reading){.out = s, .place = {.path = name}};
        status = s->phrases ? rk_analyser_new(analysis, &r->analyser, err) : rk_fail_memory(err, "synonyms");
    }
    status = status ? status : read_lines(r, text, err);
    if (r) {
        rk_analyser_free(r->analyser);
        rk_text_release(&r->key);
        free(r);
    }
    if (status) {
        rk_synonyms_free(s);
        return status;
    }
    sort_ways(&s->ways);
    *out = s;
    return RK_OK;
}

/* ---- widening ---- */

typedef struct {
    const rk_synonyms *synonyms;
    const rk_token *tokens;
    size_t n_tokens;
    rk_synonym *out;
    size_t n, n_max;
} widening;

static void put(widening *w, rk_slice term, double weight)
{
    for (size_t i = 0; i < w->n_tokens; i++) {
        if (rk_slice_equal(w->tokens[i].term, term)) {
            return;
        }
    }
    for (size_t i = 0; i < w->n; i++) {
        if (rk_slice_equal(w->out[i].term, term)) {
            w->out[i].weight = weight > w->out[i].weight ? weight : w->out[i].weight;
            return;
        }
    }
    if (w->n < w->n_max) {
        w->out[w->n++] = (rk_synonym){term, weight};
    }
}

static void put_phrase(widening *w, rk_slice phrase)
{
    size_t n_words = 0;
    for (size_t i = 0; i < phrase.n; i++) {
        n_words += phrase.at[i] == '\n';
    }
    for (const char *at = phrase.at, *end = phrase.at + phrase.n; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        put(w, (rk_slice){at, (size_t)(stop - at)}, rk_synonym_weight / (double)n_words);
        at = stop + 1;
    }
}

static void follow(widening *w, rk_slice key)
{
    const way *ways = w->synonyms->ways.data;
    uint32_t from = rk_interner_find(w->synonyms->phrases, key);
    size_t low = 0, high = from == RK_NO_ID ? 0 : w->synonyms->ways.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ways[middle].from < from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; from != RK_NO_ID && low < w->synonyms->ways.n && ways[low].from == from; low++) {
        put_phrase(w, rk_interner_key(w->synonyms->phrases, ways[low].to));
    }
}

/* All phrases that begin with a token: of words one after the other, or a compound. */
static void follow_from(widening *w, size_t first)
{
    char key[KEY_BYTES_MAX];
    size_t n = 0, n_words = 0;
    for (size_t i = first; i < w->n_tokens && n_words < RK_SYNONYM_WORDS_MAX; i++) {
        const rk_token *t = &w->tokens[i];
        if (i > first && t->n_words != 1) {
            continue;
        }
        if (n + t->term.n + 1 > sizeof key) {
            return;
        }
        memcpy(key + n, t->term.at, t->term.n);
        n += t->term.n;
        key[n++] = '\n';
        n_words++;
        follow(w, (rk_slice){key, n});
        if (t->n_words > 1) {
            return;
        }
    }
}

size_t rk_synonyms_widen(const rk_synonyms *synonyms, const rk_token *tokens, size_t n_tokens, rk_synonym *out,
                         size_t n_max)
{
    widening w = {synonyms, tokens, n_tokens, out, 0, n_max};
    for (size_t i = 0; synonyms && i < n_tokens; i++) {
        if (tokens[i].n_words > 0) {
            follow_from(&w, i);
        }
    }
    return w.n;
}
