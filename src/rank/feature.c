/* feature.c - see feature.h. */
#include "rank/feature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { TOP = 10 };
static const uint32_t UNKNOWN = UINT32_MAX;

static const double K1 = 1.2, B = 0.6;
static const double best_weight[RK_N_FIELDS] = {1, 1, 1, 1, 0.7};

/* What all candidates have in common. */
typedef struct {
    const rk_looks *looks;
    double median_price; /* natural logarithm; NaN: no price */
    double most_events;  /* of a candidate */
    double first, last;  /* times at which candidates were new; first > last: not known */
    rk_interner *kinds;  /* owned: names of the attributes that the best candidates have, */
    double *kind;        /* and their weights, of length 1 */
    uint32_t **kind_of;  /* [segments] by attribute: 1 + its number there, UNKNOWN: none; 0: not looked up yet */
    uint32_t *said;      /* [n_said] words of the best candidates, ascending, */
    double *said_weight; /* and their weights, of length 1 */
    size_t n_said;
} context;

/* ---- words in fields ---- */

/* Gain of a word in a field: 0 .. k1 + 1. */
static double gain_of(const rk_looks *looks, const rk_look_field *f, rk_field field, double times)
{
    double mean = looks->corpus->mean_bytes[field], length = mean > 0 ? f->n_bytes / mean : 1;
    double tf = times / (1 - B + B * length);
    return (K1 + 1) * tf / (K1 + tf);
}

static double gain(const rk_looks *looks, const rk_look_field *f, rk_field field, size_t word)
{
    return gain_of(looks, f, field, f->times[word]);
}

static double bm25_of(const context *c, const rk_look *v, rk_field field)
{
    const rk_looks *looks = c->looks;
    double sum = 0;
    for (size_t w = 0; w < looks->n_words; w++) {
        sum += looks->word[w].field_idf[field] * gain(looks, &v->field[field], field, w);
    }
    return sum / looks->idf;
}

/* Each word by its best field. */
static double best_of(const context *c, const rk_look *v, const double weight[RK_N_FIELDS])
{
    const rk_looks *looks = c->looks;
    double sum = 0;
    for (size_t w = 0; w < looks->n_words; w++) {
        double best = 0;
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            best = fmax(best, weight[f] * looks->word[w].field_idf[f] * gain(looks, &v->field[f], f, w));
        }
        sum += best;
    }
    return sum / looks->idf;
}

static double covered(const context *c, const rk_look *v, unsigned fields)
{
    const rk_looks *looks = c->looks;
    double sum = 0;
    for (size_t w = 0; w < looks->n_words; w++) {
        bool has = false;
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            has |= (fields >> f & 1) && v->field[f].times[w] > 0;
        }
        sum += has ? looks->word[w].idf : 0;
    }
    return fmin(sum / looks->idf, 1); /* a word and its synonym are no two */
}

static double read_best_exact(const context *c, const rk_look *v)
{
    const rk_looks *looks = c->looks;
    double sum = 0;
    for (size_t w = 0; w < looks->n_words; w++) {
        double best = 0;
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            double one = gain_of(looks, &v->field[f], f, v->field[f].exact[w]);
            best = fmax(best, best_weight[f] * looks->word[w].field_idf[f] * one);
        }
        sum += best;
    }
    return sum / looks->idf;
}
static double read_exact(const context *c, const rk_look *v)
{
    const rk_looks *looks = c->looks;
    double sum = 0;
    for (size_t w = 0; w < looks->n_words; w++) {
        bool has = false;
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            has |= v->field[f].exact[w] > 0;
        }
        sum += has ? looks->word[w].idf : 0;
    }
    return sum / looks->idf;
}

static double read_first_look(const context *c, const rk_look *v) { return v->score / c->looks->idf; }
static double read_title(const context *c, const rk_look *v) { return bm25_of(c, v, RK_FIELD_TITLE); }
static double read_text(const context *c, const rk_look *v) { return bm25_of(c, v, RK_FIELD_TEXT); }
static double read_brand(const context *c, const rk_look *v) { return bm25_of(c, v, RK_FIELD_BRAND); }
static double read_category(const context *c, const rk_look *v) { return bm25_of(c, v, RK_FIELD_CATEGORY); }
static double read_attributes(const context *c, const rk_look *v) { return bm25_of(c, v, RK_FIELD_ATTRIBUTES); }
static double read_best_title_text(const context *c, const rk_look *v)
{
    static const double weight[RK_N_FIELDS] = {1, 1, 0, 0, 0};
    return best_of(c, v, weight);
}
static double read_best(const context *c, const rk_look *v) { return best_of(c, v, best_weight); }
static double read_covered(const context *c, const rk_look *v) { return covered(c, v, 31); }
static double read_all(const context *c, const rk_look *v) { return covered(c, v, 31) > 0.999; }
static double read_covered_title(const context *c, const rk_look *v) { return covered(c, v, 1); }
static double read_covered_text(const context *c, const rk_look *v) { return covered(c, v, 2); }
static double read_covered_attributes(const context *c, const rk_look *v) { return covered(c, v, 16); }
static double read_all_title(const context *c, const rk_look *v) { return covered(c, v, 1) > 0.999; }

/* ---- where words stand ---- */

static double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

static double read_title_density(const context *c, const rk_look *v)
{
    (void)c;
    return share(v->field[RK_FIELD_TITLE].n_asked, v->field[RK_FIELD_TITLE].n_words);
}
static double read_text_density(const context *c, const rk_look *v)
{
    (void)c;
    return share(v->field[RK_FIELD_TEXT].n_asked, v->field[RK_FIELD_TEXT].n_words);
}
static double pairs(const context *c, const rk_look_field *f)
{
    double most = (double)c->looks->n_words - 1;
    return most > 0 ? fmin(f->n_pairs / most, 1) : f->n_asked > 0;
}
static double read_title_pairs(const context *c, const rk_look *v) { return pairs(c, &v->field[RK_FIELD_TITLE]); }
static double read_any_pairs(const context *c, const rk_look *v)
{
    double most = 0;
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        most = fmax(most, pairs(c, &v->field[f]));
    }
    return most;
}
static double near(uint32_t distance, const rk_look_field *f) { return f->n_asked > 0 ? 1 / (1.0 + distance) : 0; }
static double read_title_start(const context *c, const rk_look *v)
{
    (void)c;
    return near(v->field[RK_FIELD_TITLE].first, &v->field[RK_FIELD_TITLE]);
}
static double read_title_end(const context *c, const rk_look *v)
{
    (void)c;
    return near(v->field[RK_FIELD_TITLE].last, &v->field[RK_FIELD_TITLE]);
}
static double read_text_start(const context *c, const rk_look *v)
{
    (void)c;
    return near(v->field[RK_FIELD_TEXT].first, &v->field[RK_FIELD_TEXT]);
}
static double read_text_end(const context *c, const rk_look *v)
{
    (void)c;
    return near(v->field[RK_FIELD_TEXT].last, &v->field[RK_FIELD_TEXT]);
}
static double read_whole(const context *c, const rk_look *v)
{
    double most = 0;
    (void)c;
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        most = fmax(most, v->field[f].whole);
    }
    return most;
}
static double read_model(const context *c, const rk_look *v)
{
    size_t n = 0, n_there = 0;
    for (size_t w = 0; w < c->looks->n_words; w++) {
        bool has = false;
        for (rk_field f = 0; f < RK_N_FIELDS; f++) {
            has |= v->field[f].times[w] > 0;
        }
        n += c->looks->word[w].is_model;
        n_there += c->looks->word[w].is_model && has;
    }
    return share((double)n_there, (double)n);
}

/* ---- the item itself ---- */

static double read_title_length(const context *c, const rk_look *v)
{
    (void)c;
    return log1p(v->field[RK_FIELD_TITLE].n_words);
}
static double read_text_length(const context *c, const rk_look *v)
{
    (void)c;
    return log1p(v->field[RK_FIELD_TEXT].n_words);
}
static uint64_t n_attributes(const rk_look *v)
{
    const rk_dataset *d = rk_index_items(v->segment->index);
    return d->attribute_start ? d->attribute_start[v->within + 1] - d->attribute_start[v->within] : 0;
}
static double read_detail(const context *c, const rk_look *v)
{
    (void)c;
    return log1p((double)n_attributes(v));
}
static double price_of(const rk_look *v)
{
    const rk_dataset *d = rk_index_items(v->segment->index);
    return d->item_price && d->item_price[v->within] > 0 ? log((double)d->item_price[v->within]) : (double)NAN;
}
static double read_price(const context *c, const rk_look *v)
{
    double price = price_of(v);
    return isnan(price) || isnan(c->median_price) ? 0 : fmax(-5, fmin(5, price - c->median_price));
}
static double read_popularity(const context *c, const rk_look *v)
{
    return share(log1p(rk_index_events(v->segment->index, v->within)), log1p(c->most_events));
}
static double read_newness(const context *c, const rk_look *v)
{
    int64_t since = rk_index_since(v->segment->index, v->within);
    return since == INT64_MIN ? 0 : share((double)since - c->first, c->last - c->first);
}
static double read_taste(const context *c, const rk_look *v)
{
    (void)c;
    return v->taste;
}

static double read_vector(const context *c, const rk_look *v)
{
    (void)c;
    return v->vector;
}

/* ---- like the best ---- */

static rk_slice attribute_at(const rk_look *v, uint64_t a, uint32_t *number)
{
    const rk_dataset *d = rk_index_items(v->segment->index);
    *number = d->attribute_name[d->attribute_start[v->within] + a];
    return rk_names_get(&d->attributes, *number);
}

/* The number among the kinds of an item's a-th attribute; RK_NO_ID: none of the best has it. */
static uint32_t kind_of(const context *c, const rk_look *v, uint64_t a)
{
    uint32_t number;
    rk_slice name = attribute_at(v, a, &number);
    uint32_t *known = &c->kind_of[v->segment - c->looks->corpus->segment][number];
    if (*known == 0) {
        uint32_t found = rk_interner_find(c->kinds, name);
        *known = found == RK_NO_ID ? UNKNOWN : found + 1;
    }
    return *known == UNKNOWN ? RK_NO_ID : *known - 1;
}
static double read_kind(const context *c, const rk_look *v)
{
    double sum = 0;
    uint64_t n = n_attributes(v);
    for (uint64_t a = 0; a < n; a++) {
        uint32_t kind = kind_of(c, v, a);
        sum += kind != RK_NO_ID ? c->kind[kind] : 0;
    }
    return n > 0 ? sum / sqrt((double)n) : 0;
}
static rk_slice category_of(const rk_look *v) { return rk_index_text(v->segment->index, v->within, RK_FIELD_CATEGORY); }
static double read_shelf(const context *c, const rk_look *v)
{
    rk_slice category = category_of(v);
    double same = 0, all = 0;
    for (size_t i = 0; i < c->looks->n && i < TOP && category.n > 0; i++) {
        const rk_look *other = &c->looks->look[i];
        same += rk_slice_equal(category_of(other), category) ? other->score : 0;
        all += other->score;
    }
    return share(same, all);
}
static double read_feedback(const context *c, const rk_look *v)
{
    double sum = 0;
    for (size_t i = 0, j = 0; i < v->n_said && j < c->n_said;) {
        if (v->said[i] == c->said[j]) {
            sum += c->said_weight[j];
            i++;
            j++;
        } else if (v->said[i] < c->said[j]) {
            i++;
        } else {
            j++;
        }
    }
    return v->n_said > 0 ? sum / sqrt((double)v->n_said) : 0;
}

/* ---- the table ---- */

#define ROWS(X)                                                                                                        \
    X(first_look, 1, "score of the index")                                                                             \
    X(title, 0, "BM25 of the title")                                                                                   \
    X(text, 0, "BM25 of the text")                                                                                     \
    X(brand, 0, "BM25 of the brand")                                                                                   \
    X(category, 0, "BM25 of the category")                                                                             \
    X(attributes, 0, "BM25 of the attributes")                                                                         \
    X(best, 0, "each word by its best field")                                                                          \
    X(best_title_text, 0.25, "each word by the better of title and text")                                              \
    X(covered, 0, "share of the words that stand anywhere")                                                            \
    X(all, 0.25, "all words stand somewhere")                                                                          \
    X(exact, 0.5, "share of the words that stand anywhere as typed")                                                   \
    X(best_exact, 0, "each word by its best field, only as typed")                                                     \
    X(covered_title, 0, "share of the words that stand in the title")                                                  \
    X(covered_text, 0, "share of the words that stand in the text")                                                    \
    X(covered_attributes, 0, "share of the words that stand in attributes")                                            \
    X(all_title, 0, "all words stand in the title")                                                                    \
    X(title_density, 0.5, "share of the title that was asked for")                                                     \
    X(text_density, 0, "share of the text that was asked for")                                                         \
    X(title_pairs, 0.25, "words side by side in the title")                                                            \
    X(any_pairs, 0.25, "words side by side in one field")                                                              \
    X(title_start, 0, "how early the title says one")                                                                  \
    X(title_end, 0, "how late the title says one")                                                                     \
    X(text_start, 0, "how early the text says one")                                                                    \
    X(text_end, 0, "how late the text says one")                                                                       \
    X(whole, 0, "share of the question that a field says, and nothing else")                                           \
    X(model, 0, "share of the model numbers that it has")                                                              \
    X(title_length, 0, "words of the title, ln")                                                                       \
    X(text_length, 0, "words of the text, ln")                                                                         \
    X(detail, 0, "attributes, ln")                                                                                     \
    X(price, 0, "price by the candidates' median, ln")                                                                 \
    X(popularity, 0.1, "events in the log, ln, by the candidates' most")                                               \
    X(newness, 0, "how late it came, between the first and the last of the candidates")                                \
    X(taste, 0.25, "share of the candidates that suit the shopper less")                                               \
    X(vector, 0, "how like the best it is by the model's item vectors")                                                \
    X(kind, 0, "it has the attributes that the best have")                                                             \
    X(shelf, 0, "it is in the categories that the best are in")                                                        \
    X(feedback, 0.5, "it says the words that the best say")

#define ROW(name, weight, what) {#name, what, weight},
#define READ(name, weight, what) read_##name,

const rk_feature rk_features[] = {ROWS(ROW)};
const size_t rk_n_features = RK_COUNT_OF(rk_features);
static double (*const readers[])(const context *, const rk_look *) = {ROWS(READ)};
_Static_assert(RK_COUNT_OF(readers) <= RK_FEATURES_MAX, "a feature too many");

size_t rk_feature_find(const char *name)
{
    size_t f = 0;
    while (f < rk_n_features && strcmp(rk_features[f].name, name) != 0) {
        f++;
    }
    return f;
}

/* ---- the context ---- */

static int compare_reals(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_price(const rk_looks *looks, double *room)
{
    size_t n = 0;
    for (size_t i = 0; i < looks->n; i++) {
        double price = price_of(&looks->look[i]);
        if (!isnan(price)) {
            room[n++] = price;
        }
    }
    if (n > 1) {
        qsort(room, n, sizeof *room, compare_reals);
    }
    return n > 0 ? room[n / 2] : (double)NAN;
}

static void learn_history(context *c)
{
    c->first = INFINITY;
    c->last = -INFINITY;
    for (size_t i = 0; i < c->looks->n; i++) {
        const rk_look *v = &c->looks->look[i];
        int64_t since = rk_index_since(v->segment->index, v->within);
        c->most_events = fmax(c->most_events, rk_index_events(v->segment->index, v->within));
        c->first = since == INT64_MIN ? c->first : fmin(c->first, (double)since);
        c->last = since == INT64_MIN ? c->last : fmax(c->last, (double)since);
    }
}

static void normalise(double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i] * values[i];
    }
    for (size_t i = 0; i < n && sum > 0; i++) {
        values[i] /= sqrt(sum);
    }
}

/* By the order in which the best candidates name them, so that it does not depend on how an index numbers them. */
static bool learn_kind(context *c, rk_arena *arena)
{
    const rk_looks *looks = c->looks;
    const rk_corpus *corpus = looks->corpus;
    uint64_t n_all = 0;
    uint32_t number;
    for (size_t i = 0; i < looks->n && i < TOP; i++) {
        n_all += n_attributes(&looks->look[i]);
    }
    c->kind = RK_TAKE(arena, double, n_all);
    c->kind_of = RK_TAKE(arena, uint32_t *, corpus->n_segments);
    bool is_done = c->kind && c->kind_of && (c->kinds = rk_interner_new());
    for (size_t s = 0; s < corpus->n_segments && is_done; s++) {
        c->kind_of[s] = RK_TAKE(arena, uint32_t, rk_index_items(corpus->segment[s].index)->attributes.n);
        is_done = c->kind_of[s] != NULL;
    }
    for (size_t i = 0; i < looks->n && i < TOP && is_done; i++) {
        const rk_look *v = &looks->look[i];
        uint64_t n = n_attributes(v);
        for (uint64_t a = 0; a < n && is_done; a++) {
            uint32_t kind = rk_interner_add(c->kinds, attribute_at(v, a, &number));
            is_done = kind != RK_NO_ID;
            if (is_done) {
                c->kind[kind] += v->score / sqrt((double)n);
            }
        }
    }
    if (is_done) {
        normalise(c->kind, rk_interner_count(c->kinds));
    }
    return is_done;
}

typedef struct {
    uint32_t hash;
    double weight;
} said_word;

static int by_hash(const void *a, const void *b)
{
    uint32_t x = ((const said_word *)a)->hash, y = ((const said_word *)b)->hash;
    return (x > y) - (x < y);
}

static bool learn_said(context *c, rk_arena *arena)
{
    size_t n = 0;
    for (size_t i = 0; i < c->looks->n && i < TOP; i++) {
        n += c->looks->look[i].n_said;
    }
    said_word *words = RK_TAKE(arena, said_word, n);
    c->said = RK_TAKE(arena, uint32_t, n);
    c->said_weight = RK_TAKE(arena, double, n);
    if (!words || !c->said || !c->said_weight) {
        return false;
    }
    n = 0;
    for (size_t i = 0; i < c->looks->n && i < TOP; i++) {
        const rk_look *v = &c->looks->look[i];
        for (size_t s = 0; s < v->n_said; s++) {
            words[n++] = (said_word){v->said[s], v->score / sqrt((double)v->n_said)};
        }
    }
    if (n > 1) {
        qsort(words, n, sizeof *words, by_hash);
    }
    for (size_t i = 0; i < n; i++) {
        if (c->n_said == 0 || c->said[c->n_said - 1] != words[i].hash) {
            c->said[c->n_said++] = words[i].hash;
        }
        c->said_weight[c->n_said - 1] += words[i].weight;
    }
    normalise(c->said_weight, c->n_said);
    return true;
}

rk_status rk_features_read(const rk_looks *looks, rk_arena *arena, float *feature, rk_error *err)
{
    context c = {.looks = looks};
    double *room = RK_TAKE(arena, double, looks->n);
    if (!room || !learn_said(&c, arena) || !learn_kind(&c, arena)) {
        rk_interner_free(c.kinds);
        return rk_fail_memory(err, "features");
    }
    c.median_price = median_price(looks, room);
    learn_history(&c);
    for (size_t i = 0; i < looks->n; i++) {
        for (size_t f = 0; f < rk_n_features; f++) {
            feature[i * rk_n_features + f] = (float)(looks->idf > 0 ? readers[f](&c, &looks->look[i]) : 0);
        }
    }
    rk_interner_free(c.kinds);
    return RK_OK;
}
