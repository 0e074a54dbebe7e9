/* index_build.c - from items to posting lists in one pass.
 *
 * An item's terms are summed in an array that every term has a place in; a word that was seen before carries its
 * term's number with it (analyse.h: tag), so that it is not looked up twice. Postings gather as (term, item, level) in
 * batches of 65,536 items, each sorted by term with a counting sort; a term's list is then the batches' runs one after
 * the other, packed block by block.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "text/index_parts.h"
#include "text/index_words.h"

enum { BATCH_ITEMS = 1 << 16, PROGRESS_ITEMS = 1 << 14 };

const char *const rk_field_names[RK_N_FIELDS] = {"title", "text", "brand", "category", "attributes"};

rk_index_options rk_index_defaults(void)
{
    return (rk_index_options){.weight = {1, 1, 0.5, 0.5, 0.2},
                              .b = {0.4, 0.8, 0, 0, 0.6},
                              .k1 = 0.45,
                              .tie = 0.5,
                              .analysis = {.stemmer = "english"}};
}

static const double LEVEL_STEPS = 25.6, LEVEL_LOW = -5;

uint8_t rk_level_of(double tf)
{
    double level = rint((log2(tf) - LEVEL_LOW) * LEVEL_STEPS);
    return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

double rk_level_value(uint8_t level) { return exp2(level / LEVEL_STEPS + LEVEL_LOW); }

/* Postings of a batch, by term. */
typedef struct {
    uint32_t n_terms;
    uint32_t *start; /* [n_terms + 1] */
    uint32_t *item;
    uint8_t *level;
} batch;

/* What a term has in the item at hand. */
typedef struct {
    float now;       /* in the field at hand */
    float best, sum; /* over the fields before it */
} weighing;

typedef struct {
    const rk_index_options *options;
    const rk_dataset *dataset;
    rk_analyser *analyser;
    rk_interner *terms;
    double mean[RK_N_FIELDS]; /* what lengths are measured by */
    rk_field_sum sums[RK_N_FIELDS];
    /* of the item at hand, by term */
    rk_vec weighing;        /* weighing */
    rk_vec fields;          /* uint32_t [RK_N_FIELDS]: items that have the term in each */
    rk_vec touched, so_far; /* uint32_t terms: of the field at hand, of the fields before it */
    /* of the batch at hand */
    rk_vec term, item, level; /* uint32_t, uint32_t, uint8_t */
    rk_vec batches;           /* batch */
    uint32_t at;              /* the item at hand */
    rk_field field;           /* of it, being read */
    rk_index_words *words;    /* NULL: none are kept */
    uint64_t text_bytes;
    bool is_short;
} building;

/* ---- one item ---- */

static uint32_t term_of(building *b, const rk_token *token)
{
    if (token->tag && *token->tag) {
        return *token->tag - 1;
    }
    uint32_t term = rk_interner_add(b->terms, token->term);
    if (term == b->weighing.n) {
        b->is_short |= !rk_vec_extend(&b->weighing, NULL, 1) || !rk_vec_extend(&b->fields, NULL, 1);
    }
    b->is_short |= term == RK_NO_ID;
    if (token->tag && !b->is_short) {
        *token->tag = term + 1;
    }
    return term;
}

/* A text of a field: each of its terms counts `each`. */
static rk_status add_text(building *b, rk_slice text, double each, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(b->analyser, text, &tokens, &n, err);
    if (!status && !rk_vec_reserve(&b->touched, b->touched.n + n)) {
        return rk_fail_memory(err, "the terms of an index");
    }
    for (size_t i = 0; !status && i < n; i++) {
        uint32_t term = term_of(b, &tokens[i]);
        if (b->is_short) {
            return rk_fail_memory(err, "the terms of an index");
        }
        float *now = &((weighing *)b->weighing.data)[term].now;
        if (!(*now > 0)) {
            ((uint32_t *)b->touched.data)[b->touched.n++] = term;
        }
        *now += (float)each;
    }
    b->text_bytes += text.n;
    return status ? status : rk_index_words_add(b->words, b->at, b->field, tokens, n, err);
}

/* The field at hand joins the fields before it. */
static void close_field(building *b, rk_field field)
{
    const uint32_t *touched = b->touched.data;
    uint32_t *so_far = rk_vec_reserve(&b->so_far, b->so_far.n + b->touched.n) ? b->so_far.data : NULL;
    uint32_t(*fields)[RK_N_FIELDS] = b->fields.data;
    weighing *weighings = b->weighing.data;
    b->is_short |= !so_far && b->touched.n > 0;
    for (size_t i = 0; so_far && i < b->touched.n; i++) {
        weighing *w = &weighings[touched[i]];
        if (!(w->sum > 0)) {
            so_far[b->so_far.n++] = touched[i];
        }
        w->best = w->now > w->best ? w->now : w->best;
        w->sum += w->now;
        w->now = 0;
        fields[touched[i]][field]++;
    }
    rk_vec_clear(&b->touched);
}

static double each_of(const building *b, rk_field field, uint64_t n_bytes)
{
    double length = b->mean[field] > 0 ? (double)n_bytes / b->mean[field] : 1;
    double slope = b->options->b[field];
    return b->options->weight[field] / (1 - slope + slope * length);
}

static const rk_names *names_of(const rk_dataset *d, rk_field field)
{
    const rk_names *const tables[] = {&d->title, &d->text, &d->brand, &d->category};
    return field < RK_FIELD_ATTRIBUTES ? tables[field] : NULL;
}

uint64_t rk_field_bytes(const rk_dataset *d, rk_field field, uint32_t item)
{
    const rk_names *names = names_of(d, field);
    uint64_t n = names && item < names->n ? rk_names_get(names, item).n : 0;
    for (uint64_t a = !names && d->attribute_start ? d->attribute_start[item] : 0;
         !names && d->attribute_start && a < d->attribute_start[item + 1]; a++) {
        n += rk_names_get(&d->values, d->attribute_value[a]).n;
    }
    return n;
}

static rk_status add_attributes(building *b, uint32_t item, rk_error *err)
{
    const rk_dataset *d = b->dataset;
    rk_status status = RK_OK;
    if (!d->attribute_start || !(b->options->weight[RK_FIELD_ATTRIBUTES] > 0)) {
        return RK_OK;
    }
    double each = each_of(b, RK_FIELD_ATTRIBUTES, rk_field_bytes(d, RK_FIELD_ATTRIBUTES, item));
    b->field = RK_FIELD_ATTRIBUTES;
    for (uint64_t a = d->attribute_start[item]; !status && a < d->attribute_start[item + 1]; a++) {
        status = add_text(b, rk_names_get(&d->values, d->attribute_value[a]), each, err);
    }
    return status;
}

/* The terms of the item at hand, with their levels. Most have the level of the one before. */
static rk_status add_postings(building *b, rk_error *err)
{
    size_t n = b->so_far.n;
    const uint32_t *terms = b->so_far.data;
    weighing *weighings = b->weighing.data;
    uint32_t *term = rk_vec_extend(&b->term, NULL, n), *item = rk_vec_extend(&b->item, NULL, n);
    uint8_t *level = rk_vec_extend(&b->level, NULL, n), last_level = 0;
    double last = 0;
    if (n > 0 && (!term || !item || !level)) {
        return rk_fail_memory(err, "the postings of an index");
    }
    for (size_t i = 0; i < n; i++) {
        weighing *w = &weighings[terms[i]];
        double weight = (double)w->best + b->options->tie * ((double)w->sum - (double)w->best);
        last_level = weight > last || weight < last ? rk_level_of(weight) : last_level;
        last = weight;
        *w = (weighing){0};
        term[i] = terms[i];
        item[i] = b->at;
        level[i] = last_level;
    }
    return RK_OK;
}

static rk_status add_item(building *b, uint32_t item, rk_error *err)
{
    rk_status status = RK_OK;
    b->at = item;
    for (rk_field f = 0; !status && f < RK_FIELD_ATTRIBUTES; f++) {
        const rk_names *names = names_of(b->dataset, f);
        rk_slice text = item < names->n ? rk_names_get(names, item) : (rk_slice){"", 0};
        if (text.n > 0 && b->options->weight[f] > 0) {
            b->field = f;
            status = add_text(b, text, each_of(b, f, text.n), err);
            close_field(b, f);
        }
    }
    status = status ? status : add_attributes(b, item, err);
    close_field(b, RK_FIELD_ATTRIBUTES);
    status = status ? status : add_postings(b, err);
    rk_vec_clear(&b->so_far);
    return !status && b->is_short ? rk_fail_memory(err, "the postings of an index") : status;
}

/* ---- a batch ---- */

static rk_status close_batch(building *b, rk_error *err)
{
    size_t n = b->term.n;
    uint32_t n_terms = rk_interner_count(b->terms);
    const uint32_t *term = b->term.data, *item = b->item.data;
    const uint8_t *level = b->level.data;
    batch out = {.n_terms = n_terms,
                 .start = calloc((size_t)n_terms + 2, sizeof *out.start),
                 .item = malloc((n + 1) * sizeof *out.item),
                 .level = malloc(n + 1)};
    if (!out.start || !out.item || !out.level || !rk_vec_push(&b->batches, &out)) {
        free(out.start);
        free(out.item);
        free(out.level);
        return rk_fail_memory(err, "the postings of an index");
    }
    uint32_t *at = out.start + 1; /* one ahead: while it fills, start[t + 1] is where term t goes on */
    for (size_t i = 0; i < n; i++) {
        at[term[i] + 1]++;
    }
    for (uint32_t t = 0; t < n_terms; t++) {
        at[t + 1] += at[t];
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t to = at[term[i]]++;
        out.item[to] = item[i];
        out.level[to] = level[i];
    }
    rk_vec_clear(&b->term);
    rk_vec_clear(&b->item);
    rk_vec_clear(&b->level);
    return RK_OK;
}

static void measure_fields(building *b)
{
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        rk_field_sum *sum = &b->sums[f];
        for (uint32_t i = 0; i < b->dataset->n_items; i++) {
            uint64_t one = rk_field_bytes(b->dataset, f, i);
            sum->n += one > 0;
            sum->bytes += one;
        }
        double own = sum->n > 0 ? (double)sum->bytes / (double)sum->n : 0;
        b->mean[f] = b->options->has_means ? b->options->mean[f] : own;
    }
}

static rk_status read_items(building *b, const rk_run *run, rk_error *err)
{
    rk_status status = RK_OK;
    uint32_t n = b->dataset->n_items;
    measure_fields(b);
    for (uint32_t i = 0; !status && i < n; i++) {
        status = add_item(b, i, err);
        if (!status && (i + 1 == n || (i + 1) % BATCH_ITEMS == 0)) {
            status = close_batch(b, err);
        }
        if (i % PROGRESS_ITEMS == 0) {
            rk_progress(run, "indexing", "items", i, n);
        }
    }
    return status;
}

/* ---- lists ---- */

typedef struct {
    rk_artefact_writer *writer;
    rk_vec docs, block, posting, most;                   /* by term: uint32_t, uint32_t, uint64_t, uint8_t */
    rk_vec block_last, block_at, block_bits, block_most; /* by block */
    rk_vec ids;                                          /* uint32_t, all blocks */
    rk_vec levels;                                       /* uint8_t */
    rk_vec list;                                         /* uint32_t items of the term at hand */
    bool is_short;
} lists;

static void put(lists *l, rk_vec *to, const void *value) { l->is_short |= !rk_vec_push(to, value); }

static void add_block(lists *l, const uint32_t *ids, size_t n, uint32_t before, const uint8_t *levels)
{
    uint32_t at = (uint32_t)(l->ids.n / 4), last = ids[n - 1];
    uint8_t most = 0, bits = RK_RAW_BITS;
    for (size_t i = 0; i < n; i++) {
        most = levels[i] > most ? levels[i] : most;
    }
    if (n == RK_BLOCK) {
        bits = (uint8_t)rk_block_bits(ids, before);
        uint32_t *room = rk_vec_extend(&l->ids, NULL, 4 * (size_t)bits);
        l->is_short |= !room && bits > 0;
        if (room) {
            rk_block_pack(ids, before, bits, room);
        }
    } else {
        uint32_t *room = rk_vec_extend(&l->ids, NULL, (n + 3) / 4 * 4);
        l->is_short |= !room;
        if (room) {
            memcpy(room, ids, n * sizeof *ids);
        }
    }
    put(l, &l->block_last, &last);
    put(l, &l->block_at, &at);
    put(l, &l->block_bits, &bits);
    put(l, &l->block_most, &most);
}

static void add_list(lists *l, const batch *batches, size_t n_batches, uint32_t term)
{
    size_t first = l->levels.n;
    rk_vec_clear(&l->list);
    for (size_t b = 0; b < n_batches; b++) {
        if (term < batches[b].n_terms) {
            uint32_t begin = batches[b].start[term], n = batches[b].start[term + 1] - begin;
            l->is_short |= n > 0 && (!rk_vec_extend(&l->list, batches[b].item + begin, n) ||
                                     !rk_vec_extend(&l->levels, batches[b].level + begin, n));
        }
    }
    const uint32_t *ids = l->list.data;
    const uint8_t *levels = (const uint8_t *)l->levels.data + first;
    uint32_t n = (uint32_t)l->list.n, before = 0, block = (uint32_t)l->block_last.n;
    uint64_t posting = first;
    uint8_t most = 0;
    for (uint32_t at = 0; at < n && !l->is_short; at += RK_BLOCK) {
        uint32_t here = n - at < RK_BLOCK ? n - at : RK_BLOCK;
        add_block(l, ids + at, here, before, levels + at);
        before = ids[at + here - 1];
    }
    for (uint32_t i = 0; i < n; i++) {
        most = levels[i] > most ? levels[i] : most;
    }
    put(l, &l->docs, &n);
    put(l, &l->block, &block);
    put(l, &l->posting, &posting);
    put(l, &l->most, &most);
}

static rk_status add_vec(rk_artefact_writer *w, const char *name, rk_type type, const rk_vec *vec, rk_error *err)
{
    static const uint64_t nothing = 0;
    return rk_artefact_add(w, name, type, vec->n, 1, vec->n ? vec->data : &nothing, err);
}

static rk_status write_lists(lists *l, rk_error *err)
{
    uint32_t block = (uint32_t)l->block_last.n;
    uint64_t posting = l->levels.n;
    put(l, &l->block, &block);
    put(l, &l->posting, &posting);
    const struct {
        const char *name;
        rk_type type;
        const rk_vec *vec;
    } sections[] = {{"term.docs", RK_U32, &l->docs},        {"term.block", RK_U32, &l->block},
                    {"term.posting", RK_U64, &l->posting},  {"term.most", RK_U8, &l->most},
                    {"block.last", RK_U32, &l->block_last}, {"block.at", RK_U32, &l->block_at},
                    {"block.bits", RK_U8, &l->block_bits},  {"block.most", RK_U8, &l->block_most},
                    {"posting.id", RK_U32, &l->ids},        {"posting.level", RK_U8, &l->levels}};
    rk_status status = l->is_short ? rk_fail_memory(err, "posting lists") : RK_OK;
    for (size_t i = 0; !status && i < RK_COUNT_OF(sections); i++) {
        status = add_vec(l->writer, sections[i].name, sections[i].type, sections[i].vec, err);
    }
    return status;
}

static void release_lists(lists *l)
{
    rk_vec *const all[] = {&l->docs,       &l->block,      &l->posting, &l->most,   &l->block_last, &l->block_at,
                           &l->block_bits, &l->block_most, &l->ids,     &l->levels, &l->list};
    for (size_t i = 0; i < RK_COUNT_OF(all); i++) {
        rk_vec_release(all[i]);
    }
}

/* Terms that enough items have, in the order of their numbers, and as names. */
typedef struct {
    uint32_t *term; /* [n] */
    uint32_t n;
    rk_interner *names; /* the building's own where all are kept */
} choice;

static uint64_t docs_of(const building *b, uint32_t term)
{
    uint64_t n = 0;
    for (size_t i = 0; i < b->batches.n; i++) {
        const batch *one = (const batch *)b->batches.data + i;
        n += term < one->n_terms ? one->start[term + 1] - one->start[term] : 0;
    }
    return n;
}

static rk_status choose_terms(const building *b, choice *c, rk_error *err)
{
    uint32_t n_all = rk_interner_count(b->terms);
    bool is_all = b->options->least_items <= 1, is_short = false;
    c->term = malloc(((size_t)n_all + 1) * sizeof *c->term);
    c->names = is_all ? b->terms : rk_interner_new();
    for (uint32_t t = 0; c->term && c->names && t < n_all; t++) {
        if (is_all || docs_of(b, t) >= b->options->least_items) {
            c->term[c->n++] = t;
            is_short |= !is_all && rk_interner_add(c->names, rk_interner_key(b->terms, t)) == RK_NO_ID;
        }
    }
    return c->term && c->names && !is_short ? RK_OK : rk_fail_memory(err, "the terms of an index");
}

static void release_choice(const building *b, choice *c)
{
    free(c->term);
    if (c->names != b->terms) {
        rk_interner_free(c->names);
    }
}

static rk_status write_fields(const building *b, const choice *c, rk_artefact_writer *writer, rk_error *err)
{
    uint32_t(*fields)[RK_N_FIELDS] = b->fields.data; /* terms only move forward */
    for (uint32_t i = 0; i < c->n; i++) {
        memmove(fields[i], fields[c->term[i]], sizeof *fields);
    }
    return rk_artefact_add(writer, "term.fields", RK_U32, c->n, RK_N_FIELDS, c->n > 0 ? (void *)fields : b->mean, err);
}

static rk_status make_lists(const building *b, const choice *c, rk_artefact_writer *writer, rk_index_report *report,
                            rk_error *err)
{
    lists l = {.writer = writer,
               .docs = {.item_bytes = 4},
               .block = {.item_bytes = 4},
               .posting = {.item_bytes = 8},
               .most = {.item_bytes = 1},
               .block_last = {.item_bytes = 4},
               .block_at = {.item_bytes = 4},
               .block_bits = {.item_bytes = 1},
               .block_most = {.item_bytes = 1},
               .ids = {.item_bytes = 4},
               .levels = {.item_bytes = 1},
               .list = {.item_bytes = 4}};
    for (uint32_t i = 0; i < c->n && !l.is_short; i++) {
        add_list(&l, b->batches.data, b->batches.n, c->term[i]);
    }
    report->n_postings = l.levels.n;
    rk_status status = write_lists(&l, err);
    release_lists(&l);
    return status;
}

/* ---- the file ---- */

static json_t *by_field(const double values[RK_N_FIELDS])
{
    json_t *object = json_object();
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        json_object_set_new(object, rk_field_names[f], json_real(values[f]));
    }
    return object;
}

static json_t *sums_by_field(const rk_field_sum sums[RK_N_FIELDS])
{
    json_t *object = json_object();
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        json_object_set_new(object, rk_field_names[f],
                            json_pack("[I,I]", (json_int_t)sums[f].n, (json_int_t)sums[f].bytes));
    }
    return object;
}

static void fill_meta(json_t *meta, const building *b)
{
    const rk_index_options *o = b->options;
    json_object_set_new(meta, "items", json_integer(b->dataset->n_items));
    json_object_set_new(meta, "mean_bytes", by_field(b->mean));
    json_object_set_new(meta, "fields", sums_by_field(b->sums));
    json_object_set_new(meta, "weight", by_field(o->weight));
    json_object_set_new(meta, "b", by_field(o->b));
    json_object_set_new(meta, "k1", json_real(o->k1));
    json_object_set_new(meta, "tie", json_real(o->tie));
    json_object_set_new(meta, "stemmer", json_string(o->analysis.stemmer ? o->analysis.stemmer : "none"));
    if (o->least_items > 1) {
        json_object_set_new(meta, "least_items", json_integer(o->least_items));
    }
    json_object_set_new(meta, "keep_stops", json_boolean(o->analysis.keep_stops));
}

static rk_status write_index(const building *b, rk_artefact_writer *writer, rk_index_report *report, rk_error *err)
{
    choice c = {0};
    rk_status status = choose_terms(b, &c, err);
    status = status ? status : rk_names_add_keys(writer, "terms", c.names, NULL, c.n, true, err);
    status = status ? status : make_lists(b, &c, writer, report, err);
    status = status ? status : rk_index_words_write(b->words, writer, err);
    status = status ? status : write_fields(b, &c, writer, err);
    report->n_terms = c.n;
    report->n_dropped = rk_interner_count(b->terms) - c.n;
    release_choice(b, &c);
    status = status ? status : rk_analyser_write_cuts(b->analyser, writer, err);
    status = status ? status : rk_index_add_synonyms(b->options->synonyms, &b->options->analysis, writer, err);
    status = status ? status : rk_artefact_add_copies(writer, b->dataset->artefact, rk_dataset_item_sections, err);
    status = status ? status : rk_columns_write(b->dataset, writer, err);
    fill_meta(rk_artefact_writer_meta(writer), b);
    return status;
}

static void release(building *b)
{
    for (size_t i = 0; i < b->batches.n; i++) {
        const batch *one = (const batch *)b->batches.data + i;
        free(one->start);
        free(one->item);
        free(one->level);
    }
    rk_vec_release(&b->batches);
    rk_vec_release(&b->weighing);
    rk_vec_release(&b->fields);
    rk_vec_release(&b->touched);
    rk_vec_release(&b->so_far);
    rk_vec_release(&b->term);
    rk_vec_release(&b->item);
    rk_vec_release(&b->level);
    rk_interner_free(b->terms);
    rk_index_words_free(b->words);
    rk_analyser_free(b->analyser);
}

rk_status rk_index_add(rk_artefact_writer *writer, const rk_dataset *dataset, const rk_index_options *options,
                       const rk_run *run, rk_index_report *report, rk_error *err)
{
    building b = {.options = options,
                  .dataset = dataset,
                  .terms = rk_interner_new(),
                  .weighing = {.item_bytes = sizeof(weighing)},
                  .fields = {.item_bytes = RK_N_FIELDS * sizeof(uint32_t)},
                  .touched = {.item_bytes = sizeof(uint32_t)},
                  .so_far = {.item_bytes = sizeof(uint32_t)},
                  .term = {.item_bytes = sizeof(uint32_t)},
                  .item = {.item_bytes = sizeof(uint32_t)},
                  .level = {.item_bytes = 1},
                  .batches = {.item_bytes = sizeof(batch)}};
    rk_analysis analysis = options->analysis;
    rk_segmenter *segmenter = NULL;
    rk_status status = rk_index_dictionary(dataset, options, &segmenter, err);
    analysis.segmenter = segmenter ? segmenter : analysis.segmenter;
    status = status    ? status
             : b.terms ? rk_analyser_new(&analysis, &b.analyser, err)
                       : rk_fail_memory(err, "the terms of an index");
    status = status ? status : rk_index_words_new(dataset, b.terms, options, &b.words, err);
    status = status ? status : read_items(&b, run, err);
    status = status ? status : write_index(&b, writer, report, err);
    report->n_items = dataset->n_items;
    report->text_bytes = b.text_bytes;
    release(&b);
    rk_segmenter_free(segmenter);
    return status;
}

static rk_status build(const rk_dataset *dataset, const rk_index_options *options, const char *path, const rk_run *run,
                       rk_index_report *report, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create(path, "search", &writer, err);
    status = status ? status : rk_artefact_add_parent(writer, dataset->artefact, err);
    status = status ? status : rk_index_add(writer, dataset, options, run, report, err);
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    rk_usage making = rk_stopwatch_stop(watch);
    making.bytes_in = rk_artefact_bytes(dataset->artefact);
    report->wall_s = making.wall_s;
    report->cpu_s = making.cpu_s;
    return rk_artefact_commit(writer, &making, err);
}

rk_status rk_index_check_items(const rk_dataset *d, const char *path, rk_error *err)
{
    bool has_texts = d->title.n || d->text.n || d->brand.n || d->category.n || d->attribute_start;
    return has_texts ? RK_OK
                     : rk_fail(err, RK_BAD_INPUT,
                               "%s says nothing of its items that could be searched; reckon ingest --catalogue FILE "
                               "adds it",
                               path);
}

rk_status rk_index_build(const char *dataset_path, const rk_index_options *options, const char *out_path,
                         const rk_run *run, rk_index_report *report, rk_error *err)
{
    rk_dataset dataset = {0};
    *report = (rk_index_report){0};
    rk_status status = rk_path_keep_apart(out_path, dataset_path, err);
    status = status ? status : rk_dataset_open(dataset_path, &dataset, err);
    status = status ? status : rk_index_check_items(&dataset, dataset_path, err);
    status = status ? status : build(&dataset, options, out_path, run, report, err);
    rk_dataset_close(&dataset);
    return status;
}
