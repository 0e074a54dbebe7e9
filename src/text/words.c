/* words.c - words are numbered as they come and written in their order. A word without a letter, longer than
 * RK_WORD_BYTES_MAX or of Han characters, which nobody misspells letter by letter, is not kept.
 */
#include "text/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "text/letters.h"

/* ---- reading ---- */

static rk_status damaged(const rk_artefact *a, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: %s", rk_artefact_path(a), what);
}

static rk_status check_words(const rk_artefact *a, const rk_words *w, rk_error *err)
{
    for (uint32_t i = 0; i < w->names.n; i++) {
        size_t n = rk_names_get(&w->names, i).n;
        if (n == 0 || n > RK_WORD_BYTES_MAX || w->names.order[i] != i || w->backward[i] >= w->names.n) {
            return damaged(a, "its words are not what they say", err);
        }
    }
    return RK_OK;
}

rk_status rk_words_open(const rk_artefact *a, rk_words *out, rk_error *err)
{
    const rk_section *items, *backward, *shared, *ended;
    rk_words w = {0};
    *out = w;
    rk_status status = rk_names_open(a, "words", true, &w.names, err);
    if (status || w.names.n == 0) {
        return status;
    }
    if (!w.names.order) {
        return damaged(a, "its words cannot be looked up", err);
    }
    status = rk_artefact_need(a, "word.items", RK_U32, w.names.n, 1, &items, err);
    status = status ? status : rk_artefact_need(a, "word.backward", RK_U32, w.names.n, 1, &backward, err);
    status = status ? status : rk_artefact_need(a, "word.shared", RK_U8, w.names.n, 1, &shared, err);
    status = status ? status : rk_artefact_need(a, "word.ended", RK_U8, w.names.n, 1, &ended, err);
    if (status) {
        return status;
    }
    w.items = items->data;
    w.backward = backward->data;
    w.shared = shared->data;
    w.ended = ended->data;
    status = check_words(a, &w, err);
    if (!status) {
        *out = w;
    }
    return status;
}

/* ---- building ---- */

typedef struct {
    uint32_t items, last; /* items that have the word; the last of them */
    double weight;
} count;

struct rk_words_builder {
    const rk_dataset *dataset;
    rk_interner *words;
    rk_vec counts;  /* count of each */
    uint32_t least; /* items that a word must have */
};

double rk_item_weight(const rk_dataset *d, uint32_t item)
{
    return 1 + (d->item_start ? (double)(d->item_start[item + 1] - d->item_start[item]) : 0);
}

rk_words_builder *rk_words_builder_new(const rk_dataset *dataset, uint32_t least)
{
    rk_words_builder *b = calloc(1, sizeof *b);
    if (b) {
        *b = (rk_words_builder){dataset, rk_interner_new(), {.item_bytes = sizeof(count)}, least};
    }
    if (b && !b->words) {
        free(b);
        return NULL;
    }
    return b;
}

void rk_words_builder_free(rk_words_builder *b)
{
    if (b) {
        rk_interner_free(b->words);
        rk_vec_release(&b->counts);
        free(b);
    }
}

static bool is_kept(rk_slice word)
{
    bool has_letter = false;
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.at[i];
        has_letter |= c >= 0x80 || (c >= 'a' && c <= 'z');
    }
    return has_letter && word.n <= RK_WORD_BYTES_MAX && !rk_starts_han(word);
}

static const uint32_t LEFT_OUT = UINT32_MAX;

/* The number of a token's word plus one, LEFT_OUT, or 0: no memory. */
static uint32_t number_of(rk_words_builder *b, const rk_token *token)
{
    if (token->tag && token->tag[1]) {
        return token->tag[1];
    }
    uint32_t number = LEFT_OUT;
    if (is_kept(token->word)) {
        number = rk_interner_add(b->words, token->word);
        count fresh = {0, RK_NO_ID, 0};
        if (number == RK_NO_ID || (number == b->counts.n && !rk_vec_push(&b->counts, &fresh))) {
            return 0;
        }
        number++;
    }
    if (token->tag) {
        token->tag[1] = number;
    }
    return number;
}

rk_status rk_words_builder_add(rk_words_builder *b, uint32_t item, const rk_token *tokens, size_t n, rk_error *err)
{
    double weight = rk_item_weight(b->dataset, item);
    for (size_t i = 0; i < n; i++) {
        uint32_t number = number_of(b, &tokens[i]);
        if (number == 0) {
            return rk_fail_memory(err, "the words of an index");
        }
        if (number != LEFT_OUT) {
            count *c = (count *)b->counts.data + number - 1;
            if (c->last != item) {
                c->items++;
                c->weight += weight;
                c->last = item;
            }
        }
    }
    return RK_OK;
}

uint32_t rk_words_builder_count(const rk_words_builder *b) { return rk_interner_count(b->words); }

bool rk_words_builder_keeps(const rk_words_builder *b, uint32_t i)
{
    return ((const count *)b->counts.data)[i].items >= b->least;
}

rk_slice rk_words_builder_get(const rk_words_builder *b, uint32_t i, double *weight)
{
    *weight = ((const count *)b->counts.data)[i].weight;
    return rk_interner_key(b->words, i);
}

/* ---- writing ---- */

/* Words in order, and how many items each has. */
typedef struct {
    uint64_t *start;
    char *bytes;
    rk_names names; /* of those */
    uint32_t *items, *backward;
    uint8_t *shared, *ended;
} sorted;

typedef struct {
    uint64_t head; /* the first eight bytes, the first one highest */
    uint32_t id;
} sort_key;

static int by_bytes(const void *a, const void *b, void *words)
{
    const sort_key *x = a, *y = b;
    if (x->head != y->head) {
        return x->head < y->head ? -1 : 1;
    }
    return rk_slice_compare(rk_interner_key(words, x->id), rk_interner_key(words, y->id));
}

static uint32_t *sort_words(const rk_words_builder *b, uint32_t *n_kept)
{
    uint32_t n_all = rk_interner_count(b->words), n = 0;
    uint32_t *ids = malloc(((size_t)n_all + 1) * sizeof *ids);
    sort_key *keys = malloc(((size_t)n_all + 1) * sizeof *keys);
    for (uint32_t i = 0; keys && i < n_all; i++) {
        rk_slice word = rk_interner_key(b->words, i);
        if (!rk_words_builder_keeps(b, i)) {
            continue;
        }
        sort_key *key = &keys[n++];
        *key = (sort_key){0, i};
        for (size_t at = 0; at < 8; at++) {
            key->head = key->head << 8 | (at < word.n ? (unsigned char)word.at[at] : 0);
        }
    }
    if (ids && keys) {
        qsort_r(keys, n, sizeof *keys, by_bytes, b->words);
        for (uint32_t i = 0; i < n; i++) {
            ids[i] = keys[i].id;
        }
    }
    bool is_done = ids && keys;
    *n_kept = n;
    free(keys);
    if (!is_done) {
        free(ids);
    }
    return is_done ? ids : NULL;
}

static bool fill_names(const rk_words_builder *b, const uint32_t *ids, uint32_t n, sorted *s)
{
    uint64_t *start = malloc(((size_t)n + 1) * sizeof *start), n_bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        n_bytes += rk_interner_key(b->words, ids[i]).n;
    }
    char *bytes = malloc(n_bytes + 1);
    s->start = start;
    s->bytes = bytes;
    s->names = (rk_names){n, start, bytes, NULL};
    if (!start || !bytes) {
        return false;
    }
    start[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        rk_slice word = rk_interner_key(b->words, ids[i]);
        memcpy(bytes + start[i], word.at, word.n);
        start[i + 1] = start[i] + word.n;
        s->items[i] = ((const count *)b->counts.data)[ids[i]].items;
    }
    return true;
}

static bool sort(const rk_words_builder *b, sorted *s)
{
    uint32_t n = 0, *ids = sort_words(b, &n);
    s->items = malloc(((size_t)n + 1) * sizeof *s->items);
    s->shared = malloc((size_t)n + 1);
    s->ended = malloc((size_t)n + 1);
    bool is_done = ids && s->items && s->shared && s->ended && fill_names(b, ids, n, s);
    free(ids);
    s->backward = is_done ? rk_lexicon_backward_order(&s->names) : NULL;
    if (!s->backward) {
        return false;
    }
    rk_lexicon_fill_shared(&s->names, NULL, false, s->shared);
    rk_lexicon_fill_shared(&s->names, s->backward, true, s->ended);
    return true;
}

rk_status rk_words_builder_write(const rk_words_builder *b, rk_artefact_writer *writer, rk_error *err)
{
    sorted s = {0};
    rk_status status = sort(b, &s) ? RK_OK : rk_fail_memory(err, "the words of an index");
    uint32_t n = s.names.n;
    status = status ? status : rk_names_add(writer, "words", n, s.names.start, s.names.bytes, true, err);
    status = status ? status : rk_artefact_add(writer, "word.items", RK_U32, n, 1, s.items, err);
    status = status ? status : rk_artefact_add(writer, "word.backward", RK_U32, n, 1, s.backward, err);
    status = status ? status : rk_artefact_add(writer, "word.shared", RK_U8, n, 1, s.shared, err);
    status = status ? status : rk_artefact_add(writer, "word.ended", RK_U8, n, 1, s.ended, err);
    free(s.start);
    free(s.bytes);
    free(s.items);
    free(s.backward);
    free(s.shared);
    free(s.ended);
    return status;
}
