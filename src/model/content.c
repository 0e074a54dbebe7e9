/* content.c - items by what is said of them: cold items find their place, new ones too.
 *
 * An item is a vector of weighted terms (content_terms.h); a term weighs log((N + 1) / (n + 1/2)) by how many items
 * have it (Salton, Buckley, "Term-weighting approaches in automatic text retrieval", 1988). Two items are as alike as
 * the cosine of their vectors; each keeps its nearest as neighbours, so that a history finds items like what is in it,
 * whether anybody took them or not.
 *
 * The postings of the terms stay in the model: a product that comes after training is compared with every item that
 * shares a word with it, exactly as if it had been there.
 *
 *   encode.state[0..4]  weights of title, text, brand, category, attributes
 *   term.weight         f32 [n_terms]; names terms.*
 *   posting.start, posting.item, posting.weight: terms x items
 */
#include "model/content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/overlap.h"
#include "model/model_inside.h"
#include "model/popular.h"

enum { N_WEIGHTS = 5 };
static const float BIAS = 1e-6F; /* of the most popular item, where no word speaks: far below any cosine */

typedef struct {
    rk_content_weights weights;
    double common;
    uint64_t neighbours;
} settings;

#define WEIGHT(key, where, fall, words)                                                                                \
    {                                                                                                                  \
        .name = key, .kind = RK_OPT_REAL, .field = offsetof(settings, weights.where), .value = "X", .fallback = fall,  \
        .help = words, .max = 100                                                                                      \
    }

static const rk_option options[] = {
    WEIGHT("title", title, "1", "weight of words of the title"),
    WEIGHT("text", text, "0.3", "weight of words of the text"),
    WEIGHT("brand", brand, "0.5", "weight of the brand"),
    WEIGHT("category", category, "1", "weight of the category and those above it"),
    WEIGHT("attributes", attributes, "0.5", "weight of an attribute's value"),
    {.name = "stemmer",
     .kind = RK_OPT_TEXT,
     .field = offsetof(settings, weights.stemmer),
     .value = "NAME",
     .fallback = "english",
     .help = "of words: english, porter, german, ... or none"},
    {.name = "common",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, common),
     .value = "SHARE",
     .fallback = "0.1",
     .help = "terms that more items have than this say nothing",
     .min = 0.0001,
     .max = 1},
    {.name = "neighbours",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, neighbours),
     .value = "N",
     .fallback = "100",
     .help = "how many each item keeps",
     .min = 1,
     .max = 100000,
     .is_log_scale = true},
};

/* ---- items x terms ---- */

typedef struct {
    rk_vec col, value; /* uint32_t, float */
    uint64_t *start;
    rk_content_reader *reader;
} gathered;

static rk_status read_items(const rk_dataset *dataset, gathered *g, rk_error *err)
{
    size_t most = rk_content_most_attributes(dataset);
    rk_slice *room = calloc(2 * most + 1, sizeof *room);
    rk_status status = room ? RK_OK : rk_fail_memory(err, "attributes");
    for (uint32_t i = 0; !status && i < dataset->n_items; i++) {
        const rk_content_term *terms = NULL;
        size_t n = 0;
        rk_product product = rk_content_product(dataset, i, room, room + most);
        status = rk_content_read(g->reader, &product, true, &terms, &n, err);
        for (size_t t = 0; !status && t < n; t++) {
            bool is_kept = rk_vec_push(&g->col, &terms[t].term) && rk_vec_push(&g->value, &terms[t].weight);
            status = is_kept ? RK_OK : rk_fail_memory(err, "the terms of items");
        }
        g->start[i + 1] = g->col.n;
    }
    free(room);
    return status;
}

/* What a term weighs: 0 for those that too many have. */
static float *weigh_terms(const rk_csr *items, double common)
{
    uint32_t *n_items = calloc((size_t)items->n_cols + 1, sizeof *n_items);
    float *weight = calloc((size_t)items->n_cols + 1, sizeof *weight);
    for (uint64_t e = 0; n_items && weight && e < items->start[items->n_rows]; e++) {
        n_items[items->col[e]]++;
    }
    for (uint32_t t = 0; n_items && weight && t < items->n_cols; t++) {
        bool says_something = n_items[t] <= fmax(common * items->n_rows, 2);
        weight[t] = says_something ? (float)log((items->n_rows + 1.0) / (n_items[t] + 0.5)) : 0;
    }
    free(n_items);
    return weight;
}

/* Rows of weight * term weight, without what weighs nothing, of length 1. */
static void normalise(rk_csr *items, const float *term_weight)
{
    uint64_t kept = 0, begin = 0;
    for (uint32_t i = 0; i < items->n_rows; i++) {
        uint64_t end = items->start[i + 1], first = kept;
        double square = 0;
        for (uint64_t e = begin; e < end; e++) {
            float value = items->value[e] * term_weight[items->col[e]];
            if (value > 0) {
                items->col[kept] = items->col[e];
                items->value[kept++] = value;
                square += (double)value * (double)value;
            }
        }
        for (uint64_t e = first; e < kept; e++) {
            items->value[e] = (float)((double)items->value[e] / sqrt(square));
        }
        items->start[i + 1] = kept;
        begin = end;
    }
}

static rk_status gather(const rk_dataset *dataset, const settings *s, rk_csr *items, rk_model_draft *out, rk_error *err)
{
    gathered g = {.col = {.item_bytes = sizeof(uint32_t)},
                  .value = {.item_bytes = sizeof(float)},
                  .start = calloc((size_t)dataset->n_items + 1, sizeof *g.start)};
    rk_status status =
        g.start ? rk_content_reader_new(&s->weights, &g.reader, err) : rk_fail_memory(err, "the terms of items");
    status = status ? status : read_items(dataset, &g, err);
    if (!status) {
        rk_interner *terms = rk_content_terms(g.reader);
        *items =
            (rk_csr){dataset->n_items, rk_interner_count(terms), g.start, rk_vec_move(&g.col), rk_vec_move(&g.value)};
        g.start = NULL;
        out->term_weight = weigh_terms(items, s->common);
        status = out->term_weight ? rk_content_take_terms(g.reader, &out->terms, err)
                                  : rk_fail_memory(err, "the weights of terms");
    }
    if (!status) {
        normalise(items, out->term_weight);
    }
    free(g.start);
    rk_vec_release(&g.col);
    rk_vec_release(&g.value);
    rk_content_reader_free(g.reader);
    return status;
}

/* ---- training ---- */

static rk_status need_words(const rk_dataset *d, rk_error *err)
{
    bool has_any = d->title.n || d->text.n || d->brand.n || d->category.n || d->attribute_start;
    return has_any ? RK_OK
                   : rk_fail(err, RK_BAD_INPUT,
                             "content: the dataset says nothing of its items; reckon ingest --catalogue FILE --into "
                             "D.rk adds titles, brands, categories and attributes");
}

static rk_status find_neighbours(const settings *s, const rk_csr *items, const rk_run *run, rk_model_draft *out,
                                 rk_error *err)
{
    float *ones = malloc(((size_t)items->n_rows + 1) * sizeof *ones);
    rk_status status = ones ? rk_csr_transpose(items, &out->posting, err) : rk_fail_memory(err, "norms");
    for (uint32_t i = 0; ones && i < items->n_rows; i++) {
        ones[i] = 1;
    }
    rk_likeness cosine = {.row = ones, .col = ones, .power = 1};
    status =
        status ? status : rk_overlap_best(items, &out->posting, &cosine, s->neighbours, run->pool, &out->near, err);
    free(ones);
    return status;
}

static rk_status keep_weights(const settings *s, rk_model_draft *out, rk_error *err)
{
    const double weights[N_WEIGHTS] = {s->weights.title, s->weights.text, s->weights.brand, s->weights.category,
                                       s->weights.attributes};
    out->encode = malloc(N_WEIGHTS * sizeof *out->encode);
    out->n_encode = out->encode ? N_WEIGHTS : 0;
    for (size_t i = 0; i < out->n_encode; i++) {
        out->encode[i] = (float)weights[i];
    }
    return out->encode ? RK_OK : rk_fail_memory(err, "weights");
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    const settings *s = settings_;
    rk_csr items = {0};
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    rk_status status = need_words(dataset, err);
    status = status ? status : rk_dataset_matrix(dataset, RK_PAIR_ONE, &out->seen, err);
    status = status ? status : gather(dataset, s, &items, out, err);
    status = status ? status : find_neighbours(s, &items, run, out, err);
    status = status ? status : keep_weights(s, out, err);
    if (!status) {
        out->item_bias = rk_popular_bias(&out->seen, BIAS);
        status = out->item_bias ? RK_OK : rk_fail_memory(err, "item counts");
    }
    rk_csr_release(&items);
    return status;
}

/* Terms are not known before they are read: about one for each five bytes, and a new one now and then. */
static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    const rk_names *const tables[] = {&dataset->title, &dataset->text, &dataset->brand, &dataset->category};
    uint64_t terms = dataset->attribute_start ? dataset->attribute_start[dataset->n_items] : 0;
    for (size_t i = 0; i < RK_COUNT_OF(tables); i++) {
        terms += tables[i]->n > 0 ? tables[i]->start[tables[i]->n] / 5 : 0;
    }
    return terms * 24 + dataset->n_events * 8 +
           rk_overlap_bytes(dataset->n_items, (uint32_t)(terms < UINT32_MAX ? terms : UINT32_MAX), s->neighbours,
                            n_threads);
}

const rk_model_kind rk_model_kind_content = {
    .name = "content",
    .summary = "items by their words, brand, category and attributes: cold and new ones, too",
    .needs_no_events = true,
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
};

/* ---- products that come later ---- */

struct rk_content_desk {
    const rk_model *model;
    rk_content_reader *reader;
    float *score; /* [n_items] */
    char stemmer[64];
};

static rk_status fill_terms(rk_content_desk *desk, rk_error *err)
{
    rk_interner *terms = rk_content_terms(desk->reader);
    for (uint32_t t = 0; t < desk->model->terms.n; t++) {
        if (rk_interner_add(terms, rk_names_get(&desk->model->terms, t)) != t) {
            return rk_fail_memory(err, "terms");
        }
    }
    return RK_OK;
}

rk_status rk_content_desk_new(const rk_model *model, rk_content_desk **out, rk_error *err)
{
    const rk_section *state = model->encode_state;
    const char *stemmer = json_string_value(json_object_get(json_object_get(model->meta, "options"), "stemmer"));
    if (model->kind != &rk_model_kind_content || !model->posting_start || !state || state->rows != N_WEIGHTS) {
        return rk_fail(err, RK_UNSUPPORTED, "a model '%s' knows no words; one of 'content' does", model->kind->name);
    }
    rk_content_desk *desk = calloc(1, sizeof *desk);
    if (!desk) {
        return rk_fail_memory(err, "a desk");
    }
    const float *w = state->data;
    rk_content_weights weights = {(double)w[0], (double)w[1], (double)w[2],
                                  (double)w[3], (double)w[4], stemmer ? stemmer : "none"};
    desk->model = model;
    desk->score = calloc((size_t)model->n_items + 1, sizeof *desk->score);
    rk_status status =
        desk->score ? rk_content_reader_new(&weights, &desk->reader, err) : rk_fail_memory(err, "a desk");
    status = status ? status : fill_terms(desk, err);
    if (status) {
        rk_content_desk_free(desk);
        return status;
    }
    *out = desk;
    return RK_OK;
}

void rk_content_desk_free(rk_content_desk *desk)
{
    if (desk) {
        rk_content_reader_free(desk->reader);
        free(desk->score);
        free(desk);
    }
}

/* The product's length, without terms that weigh nothing. */
static double length_of(const rk_model *m, const rk_content_term *terms, size_t n)
{
    double square = 0;
    for (size_t t = 0; t < n; t++) {
        double value = (double)(terms[t].weight * m->term_weight[terms[t].term]);
        square += value * value;
    }
    return sqrt(square);
}

rk_status rk_content_similar(rk_content_desk *desk, const rk_product *product, uint32_t n, uint32_t *items,
                             float *scores, uint32_t *n_found, rk_error *err)
{
    const rk_model *m = desk->model;
    const rk_content_term *terms = NULL;
    size_t n_terms = 0;
    *n_found = 0;
    rk_status status = rk_content_read(desk->reader, product, false, &terms, &n_terms, err);
    double length = status ? 0 : length_of(m, terms, n_terms);
    if (status || !(length > 0) || n == 0) {
        return status;
    }
    rk_topk *topk = rk_topk_new(n);
    if (!topk) {
        return rk_fail_memory(err, "a list of similar items");
    }
    memset(desk->score, 0, m->n_items * sizeof *desk->score);
    for (size_t t = 0; t < n_terms; t++) {
        uint32_t term = terms[t].term;
        float value = (float)((double)(terms[t].weight * m->term_weight[term]) / length);
        for (uint64_t e = m->posting_start[term]; e < m->posting_start[term + 1]; e++) {
            desk->score[m->posting_item[e]] += value * m->posting_weight[e];
        }
    }
    for (uint32_t i = 0; i < m->n_items; i++) {
        if (desk->score[i] > 0) {
            rk_topk_offer_one(topk, i, desk->score[i]);
        }
    }
    *n_found = (uint32_t)rk_topk_take(topk, items, scores);
    rk_topk_free(topk);
    return RK_OK;
}
