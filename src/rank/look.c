/* look.c - see look.h. */
#include "rank/look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/vec.h"
#include "model/answer.h"

enum { NOT_ASKED = RK_LOOK_WORDS_MAX, HASH_SEED = 7, BEST = 10 };

struct rk_looker {
    const rk_corpus *corpus;
    rk_analyser *analyser;
    rk_shopper shopper;
    rk_desk *desk;
    rk_vec said; /* uint32_t of the item at hand */
};

/* ---- the looker ---- */

rk_status rk_looker_new(const rk_corpus *corpus, rk_looker **out, rk_error *err)
{
    rk_looker *v = calloc(1, sizeof *v);
    if (!v) {
        return rk_fail_memory(err, "a reader of items");
    }
    *v = (rk_looker){.corpus = corpus, .said = {.item_bytes = sizeof(uint32_t)}};
    v->desk = rk_desk_new();
    rk_status status = v->desk ? RK_OK : rk_fail_memory(err, "a reader of items");
    status = status ? status : rk_analyser_new(&corpus->analysis, &v->analyser, err);
    if (status) {
        rk_looker_free(v);
        return status;
    }
    *out = v;
    return RK_OK;
}

void rk_looker_free(rk_looker *looker)
{
    if (looker) {
        rk_analyser_free(looker->analyser);
        rk_vec_release(&looker->said);
        rk_desk_free(looker->desk);
        free(looker);
    }
}

void rk_looker_be(rk_looker *looker, const rk_shopper *shopper) { looker->shopper = *shopper; }

bool rk_looker_has_shopper(const rk_looker *looker)
{
    const rk_shopper *s = &looker->shopper;
    bool is_known = s->model && s->user != RK_NO_ID &&
                    (rk_model_seen(s->model, s->user).n > 0 || rk_model_section(s->model, "user.vector"));
    return s->model && (is_known || s->history.n > 0);
}

/* ---- the question ---- */

static double idf_of(double n_items, double n) { return log1p(fmax(n_items - n + 0.5, 0.5) / (n + 0.5)); }

static bool is_model(rk_slice term)
{
    bool has_digit = false, has_letter = false;
    for (size_t i = 0; i < term.n; i++) {
        bool is_digit = term.at[i] >= '0' && term.at[i] <= '9';
        has_digit |= is_digit;
        has_letter |= !is_digit && term.at[i] != '.';
    }
    return has_digit && has_letter;
}

/* Words that were not typed are synonyms: they count by their weight, and are no part of what there is to be had. */
static void weigh_words(const rk_looker *v, const rk_question *q, rk_looks *out)
{
    const rk_corpus *c = v->corpus;
    for (size_t i = 0; i < out->n_words; i++) {
        rk_look_word *w = &out->word[i];
        double weight = fmin(q->term[i].weight, 1);
        w->idf = weight * idf_of((double)c->n_items, rk_corpus_docs(c, w->term));
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            w->field_idf[f] = weight * idf_of((double)c->sums[f].n, rk_corpus_field_docs(c, w->term, f));
        }
        out->idf += w->typed.n > 0 ? w->idf : 0;
    }
    bool is_typed = out->idf > 0;
    for (size_t i = 0; i < out->n_words && !is_typed; i++) {
        out->idf += out->word[i].idf;
    }
}

/* Which word of the question a token is. */
static size_t word_of(const rk_looks *looks, rk_slice term)
{
    for (size_t w = 0; w < looks->n_words; w++) {
        if (rk_slice_equal(looks->word[w].term, term)) {
            return w;
        }
    }
    return NOT_ASKED;
}

/* The forms in which the words were typed. */
static rk_status read_forms(rk_looker *v, rk_slice text, const rk_question *q, rk_looks *looks, rk_error *err)
{
    for (size_t t = 0; t < q->n_terms && t < RK_LOOK_WORDS_MAX; t++) {
        rk_slice term = q->term[t].term;
        looks->word[looks->n_words++] = (rk_look_word){.term = term, .is_model = is_model(term)};
    }
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(v->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        size_t w = word_of(looks, tokens[i].term);
        if (w != NOT_ASKED && looks->word[w].typed.n == 0) {
            looks->word[w].typed = (rk_slice){text.at + tokens[i].begin, tokens[i].end - tokens[i].begin};
        }
    }
    return status;
}

static bool is_typed_so(rk_slice typed, rk_slice text, const rk_token *token)
{
    return typed.n > 0 && typed.n == token->end - token->begin &&
           strncasecmp(typed.at, text.at + token->begin, typed.n) == 0;
}

/* ---- an item ---- */

static rk_status read_text(rk_looker *v, const rk_looks *looks, rk_slice text, rk_look_field *f, bool is_said,
                           rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0, before = NOT_ASKED, n_words = 0, n_asked = 0;
    uint32_t before_at = 0, last = 0;
    uint64_t seen = 0;
    double whole = 0;
    rk_status status = text.n > 0 ? rk_analyse(v->analyser, text, &tokens, &n, err) : RK_OK;
    for (size_t i = 0; !status && i < n; i++) {
        size_t w = word_of(looks, tokens[i].term);
        bool is_asked = w != NOT_ASKED, is_word = tokens[i].n_words == 1;
        uint32_t hash = (uint32_t)rk_hash(tokens[i].term, HASH_SEED);
        if (is_said && !rk_vec_push(&v->said, &hash)) {
            return rk_fail_memory(err, "the words of an item");
        }
        if (is_asked) {
            bool is_full = f->times[w] == UINT16_MAX;
            f->times[w] = (uint16_t)(f->times[w] + !is_full);
            f->exact[w] = (uint16_t)(f->exact[w] + (!is_full && is_typed_so(looks->word[w].typed, text, &tokens[i])));
            whole += seen >> w & 1 ? 0 : looks->word[w].idf;
            seen |= UINT64_C(1) << w;
        }
        if (!is_word) {
            continue;
        }
        if (is_asked) {
            f->n_pairs += before != NOT_ASKED && w == before + 1 && tokens[i].position == before_at + 1;
            f->first = f->n_asked + n_asked == 0 ? f->n_words + (uint32_t)n_words : f->first;
            last = (uint32_t)n_words + 1;
            n_asked++;
        }
        before = w;
        before_at = tokens[i].position;
        n_words++;
    }
    if (last > 0) {
        f->last = (uint32_t)n_words - last;
    } else {
        f->last += (uint32_t)n_words;
    }
    f->first = f->n_asked + n_asked == 0 ? f->n_words + (uint32_t)n_words : f->first;
    f->n_words += (uint32_t)n_words;
    f->n_asked += (uint32_t)n_asked;
    f->n_bytes += (uint32_t)text.n;
    if (n_asked == n_words && looks->idf > 0) {
        f->whole = fmax(f->whole, fmin(whole / looks->idf, 1));
    }
    return status;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static rk_status keep_said(rk_looker *v, rk_arena *arena, rk_look *look, rk_error *err)
{
    uint32_t *said = RK_TAKE(arena, uint32_t, v->said.n);
    if (!said) {
        return rk_fail_memory(err, "the words of an item");
    }
    if (v->said.n > 0) {
        qsort(v->said.data, v->said.n, sizeof(uint32_t), ascending);
    }
    for (size_t i = 0; i < v->said.n; i++) {
        uint32_t hash = ((const uint32_t *)v->said.data)[i];
        if (look->n_said == 0 || said[look->n_said - 1] != hash) {
            said[look->n_said++] = hash;
        }
    }
    look->said = said;
    return RK_OK;
}

static rk_status read_item(rk_looker *v, const rk_looks *looks, rk_arena *arena, rk_look *look, rk_error *err)
{
    const rk_index *x = look->segment->index;
    const rk_dataset *d = rk_index_items(x);
    rk_status status = RK_OK;
    rk_vec_clear(&v->said);
    for (rk_field f = 0; !status && f < RK_FIELD_ATTRIBUTES; f++) {
        bool is_said = f == RK_FIELD_TITLE || f == RK_FIELD_TEXT;
        status = read_text(v, looks, rk_index_text(x, look->within, f), &look->field[f], is_said, err);
    }
    uint64_t a = d->attribute_start ? d->attribute_start[look->within] : 0;
    uint64_t end = d->attribute_start ? d->attribute_start[look->within + 1] : 0;
    for (; !status && a < end; a++) {
        rk_slice value = rk_names_get(&d->values, d->attribute_value[a]);
        status = read_text(v, looks, value, &look->field[RK_FIELD_ATTRIBUTES], false, err);
    }
    return status ? status : keep_said(v, arena, look, err);
}

/* ---- a shopper ---- */

typedef struct {
    uint32_t item, look; /* of the model; of the candidates */
} twin;

static int by_item(const void *a, const void *b)
{
    uint32_t x = ((const twin *)a)->item, y = ((const twin *)b)->item;
    return (x > y) - (x < y);
}

/* Candidates that the model knows, by its own numbers. */
static size_t find_twins(const rk_looker *v, const rk_looks *looks, twin *twins)
{
    size_t n = 0;
    for (size_t i = 0; i < looks->n; i++) {
        rk_slice id = rk_corpus_id(v->corpus, looks->look[i].item);
        uint32_t item = rk_names_find(rk_model_items(v->shopper.model), id);
        if (item != RK_NO_ID) {
            twins[n++] = (twin){item, (uint32_t)i};
        }
    }
    if (n > 1) {
        qsort(twins, n, sizeof *twins, by_item);
    }
    return n;
}

static rk_status read_taste(rk_looker *v, const twin *twins, size_t n, rk_looks *looks, rk_arena *arena, rk_error *err)
{
    uint32_t *only = RK_TAKE(arena, uint32_t, n);
    rk_answer answer;
    if (!only) {
        return rk_fail_memory(err, "a shopper's taste");
    }
    for (size_t i = 0; i < n; i++) {
        only[i] = twins[i].item;
    }
    rk_wish wish = {
        .user = v->shopper.user, .history = v->shopper.history, .only = only, .n_only = n, .n = (uint32_t)n};
    rk_status status = rk_answer_recommend(v->desk, v->shopper.model, &wish, &answer, err);
    for (uint32_t r = 0; !status && r < answer.n; r++) {
        const twin *found = bsearch(&(twin){answer.item[r], 0}, twins, n, sizeof *twins, by_item);
        if (found) {
            looks->look[found->look].taste = (double)(answer.n - r) / answer.n;
        }
    }
    return status;
}

/* ---- vectors ---- */

/* The model, or the first part of a blend, that has item vectors; NULL: none. */
static const rk_model *with_vectors(const rk_model *model)
{
    const rk_model *found = rk_model_dim(model) > 0 ? model : NULL;
    for (size_t p = 0; !found && rk_model_part_at(model, p); p++) {
        found = rk_model_dim(rk_model_part_at(model, p)) > 0 ? rk_model_part_at(model, p) : NULL;
    }
    return found;
}

static double dot(const float *a, const float *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

/* To length 1; a vector of zeros stays. */
static void shorten(float *vector, uint32_t dim)
{
    double length = sqrt(dot(vector, vector, dim));
    for (uint32_t i = 0; i < dim && length > 0; i++) {
        vector[i] = (float)((double)vector[i] / length);
    }
}

/* What the words mean as a vector is the mean of what they find first, by its scores. */
static rk_status read_vectors(const rk_model *model, const twin *twins, size_t n, rk_looks *looks, rk_arena *arena,
                              rk_error *err)
{
    uint32_t dim = rk_model_dim(model);
    float *vectors = RK_TAKE(arena, float, n *dim), *query = RK_TAKE(arena, float, dim);
    if (!vectors || !query) {
        return rk_fail_memory(err, "item vectors");
    }
    for (size_t i = 0; i < n; i++) {
        rk_model_item_vector(model, twins[i].item, vectors + i * dim);
        shorten(vectors + i * dim, dim);
        for (uint32_t d = 0; twins[i].look < BEST && d < dim; d++) {
            query[d] += (float)looks->look[twins[i].look].score * vectors[i * dim + d];
        }
    }
    shorten(query, dim);
    for (size_t i = 0; i < n; i++) {
        looks->look[twins[i].look].vector = dot(vectors + i * dim, query, dim);
    }
    return RK_OK;
}

static rk_status read_model(rk_looker *v, rk_looks *looks, rk_arena *arena, rk_error *err)
{
    const rk_model *model = with_vectors(v->shopper.model);
    twin *twins = RK_TAKE(arena, twin, looks->n);
    size_t n = twins ? find_twins(v, looks, twins) : 0;
    rk_status status = twins ? RK_OK : rk_fail_memory(err, "a shopper's taste");
    looks->has_shopper = rk_looker_has_shopper(v);
    if (!status && n > 0 && looks->has_shopper) {
        status = read_taste(v, twins, n, looks, arena, err);
    }
    return status || n == 0 || !model ? status : read_vectors(model, twins, n, looks, arena, err);
}

rk_status rk_looker_read(rk_looker *looker, rk_slice text, const rk_question *question, const rk_findings *findings,
                         size_t n, rk_arena *arena, rk_looks *out, rk_error *err)
{
    n = n < findings->n ? n : findings->n;
    *out = (rk_looks){.corpus = looker->corpus, .look = RK_TAKE(arena, rk_look, n), .n = n};
    if (!out->look) {
        return rk_fail_memory(err, "candidates");
    }
    rk_status status = read_forms(looker, text, question, out, err);
    weigh_words(looker, question, out);
    for (size_t i = 0; !status && i < n; i++) {
        out->look[i].item = findings->item[i];
        out->look[i].segment = rk_corpus_segment_of(looker->corpus, findings->item[i], &out->look[i].within);
        out->look[i].score = (double)findings->score[i];
        status = read_item(looker, out, arena, &out->look[i], err);
    }
    return status || !looker->shopper.model || n == 0 ? status : read_model(looker, out, arena, err);
}
