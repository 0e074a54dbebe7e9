/* index_open.c - an index, mapped and checked: what a search trusts is proved here once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "text/index_parts.h"

static rk_status damaged(const rk_index *x, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: %s", rk_artefact_path(x->artefact), what);
}

/* ---- meta ---- */

static bool read_fields(const json_t *object, double values[RK_N_FIELDS])
{
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        const json_t *value = json_object_get(object, rk_field_names[f]);
        if (!json_is_number(value) || !(json_number_value(value) >= 0) || json_number_value(value) > 1e6) {
            return false;
        }
        values[f] = json_number_value(value);
    }
    return true;
}

/* Files of before have no sums. */
static bool read_sums(rk_index *x, const json_t *sums)
{
    for (rk_field f = 0; sums && f < RK_N_FIELDS; f++) {
        const json_t *sum = json_object_get(sums, rk_field_names[f]);
        json_int_t n = json_integer_value(json_array_get(sum, 0)), bytes = json_integer_value(json_array_get(sum, 1));
        if (n < 0 || n > UINT32_MAX || bytes < 0) {
            return false;
        }
        x->sums[f] = (rk_field_sum){(uint64_t)n, (uint64_t)bytes};
    }
    return true;
}

static rk_status open_meta(rk_index *x, rk_error *err)
{
    const json_t *meta = rk_artefact_meta(x->artefact);
    const char *stemmer = json_string_value(json_object_get(meta, "stemmer"));
    x->options.k1 = json_number_value(json_object_get(meta, "k1"));
    x->options.tie = json_number_value(json_object_get(meta, "tie"));
    bool is_good = read_fields(json_object_get(meta, "weight"), x->options.weight) &&
                   read_fields(json_object_get(meta, "b"), x->options.b) &&
                   read_fields(json_object_get(meta, "mean_bytes"), x->mean_bytes) && x->options.k1 > 0 &&
                   x->options.k1 < 1e6 && x->options.tie >= 0 && x->options.tie <= 1 && stemmer &&
                   strlen(stemmer) < sizeof x->stemmer && read_sums(x, json_object_get(meta, "fields"));
    if (!is_good) {
        return damaged(x, "its meta lacks weights, b, k1 or stemmer", err);
    }
    memcpy(x->options.mean, x->mean_bytes, sizeof x->mean_bytes);
    x->options.has_means = true;
    snprintf(x->stemmer, sizeof x->stemmer, "%s", stemmer);
    x->options.analysis = (rk_analysis){x->stemmer, json_is_true(json_object_get(meta, "keep_stops")), NULL};
    for (size_t level = 0; level < RK_LEVELS; level++) {
        double tf = rk_level_value((uint8_t)level);
        x->gain[level] = (x->options.k1 + 1) * tf / (x->options.k1 + tf);
    }
    return RK_OK;
}

static rk_status open_items_of(rk_index *x, rk_error *err)
{
    rk_status status = rk_dataset_open_items(x->artefact, &x->items, err);
    x->n_items = x->items.n_items;
    return status;
}

/* ---- lists ---- */

static rk_status open_sections(rk_index *x, uint64_t *n_ids, uint64_t *n_levels, rk_error *err)
{
    const rk_section *docs, *block, *posting, *most, *last, *at, *bits, *block_most, *id, *level, *fields;
    const rk_artefact *a = x->artefact;
    uint64_t n = x->n_terms;
    rk_status status = rk_artefact_need(a, "term.docs", RK_U32, n, 1, &docs, err);
    status = status ? status : rk_artefact_need(a, "term.block", RK_U32, n + 1, 1, &block, err);
    status = status ? status : rk_artefact_need(a, "term.posting", RK_U64, n + 1, 1, &posting, err);
    status = status ? status : rk_artefact_need(a, "term.most", RK_U8, n, 1, &most, err);
    status = status ? status : rk_artefact_need(a, "block.last", RK_U32, UINT64_MAX, 1, &last, err);
    status = status ? status : rk_artefact_need(a, "block.at", RK_U32, last->rows, 1, &at, err);
    status = status ? status : rk_artefact_need(a, "block.bits", RK_U8, last->rows, 1, &bits, err);
    status = status ? status : rk_artefact_need(a, "block.most", RK_U8, last->rows, 1, &block_most, err);
    status = status ? status : rk_artefact_need(a, "posting.id", RK_U32, UINT64_MAX, 1, &id, err);
    status = status ? status : rk_artefact_need(a, "posting.level", RK_U8, UINT64_MAX, 1, &level, err);
    status = status ? status : rk_artefact_need(a, "term.fields", RK_U32, n, RK_N_FIELDS, &fields, err);
    if (status) {
        return status;
    }
    x->n_blocks = (uint32_t)last->rows;
    x->term_docs = docs->data;
    x->term_block = block->data;
    x->term_posting = posting->data;
    x->term_most = most->data;
    x->term_fields = fields->data;
    x->block_last = last->data;
    x->block_at = at->data;
    x->block_bits = bits->data;
    x->block_most = block_most->data;
    x->posting_id = id->data;
    x->posting_level = level->data;
    *n_ids = id->rows;
    *n_levels = level->rows;
    return last->rows < UINT32_MAX ? RK_OK : damaged(x, "too many blocks", err);
}

/* The ids of a block ascend from before on to its last, below n_items. */
static bool is_good_block(const rk_index *x, uint32_t block, uint32_t n, bool is_first, uint32_t before)
{
    uint32_t ids[RK_BLOCK];
    const uint32_t *at = x->posting_id + (size_t)x->block_at[block] * 4;
    if (x->block_bits[block] == RK_RAW_BITS) {
        memcpy(ids, at, n * sizeof *ids);
    } else {
        rk_block_unpack(at, before, x->block_bits[block], ids);
    }
    for (uint32_t i = 0; i < n; i++) {
        bool is_after = (is_first && i == 0) || ids[i] > (i > 0 ? ids[i - 1] : before);
        if (!is_after || ids[i] >= x->n_items) {
            return false;
        }
    }
    return ids[n - 1] == x->block_last[block];
}

static bool is_good_list(const rk_index *x, uint32_t term, uint64_t n_ids)
{
    uint32_t n = x->term_docs[term], first = x->term_block[term], end = x->term_block[term + 1];
    if (n == 0 || end < first || end > x->n_blocks || end - first != (n + RK_BLOCK - 1) / RK_BLOCK ||
        x->term_posting[term + 1] - x->term_posting[term] != n) {
        return false;
    }
    for (uint32_t b = first, before = 0; b < end; before = x->block_last[b++]) {
        uint32_t here = b + 1 < end ? RK_BLOCK : n - (end - 1 - first) * RK_BLOCK;
        bool is_raw = x->block_bits[b] == RK_RAW_BITS;
        uint64_t words = is_raw ? (here + 3) / 4 : x->block_bits[b];
        if ((here < RK_BLOCK) != is_raw || (!is_raw && x->block_bits[b] > 32) || x->block_at[b] + words > n_ids / 4 ||
            !is_good_block(x, b, here, b == first, before)) {
            return false;
        }
    }
    return true;
}

/* A block promises its largest level, a term its largest block: else a search would pass over what it should find. */
static bool are_good_levels(const rk_index *x, uint32_t term)
{
    uint32_t n = x->term_docs[term];
    uint8_t most = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t level = x->posting_level[x->term_posting[term] + i];
        uint32_t block = x->term_block[term] + i / RK_BLOCK;
        if (level > x->block_most[block] || x->block_most[block] > x->term_most[term]) {
            return false;
        }
        most = level > most ? level : most;
    }
    return most == x->term_most[term];
}

static rk_status open_lists(rk_index *x, rk_error *err)
{
    uint64_t n_ids = 0, n_levels = 0;
    rk_status status = rk_names_open(x->artefact, "terms", false, &x->terms, err);
    x->n_terms = x->terms.n;
    if (!status && !x->terms.order) {
        return damaged(x, "its terms cannot be looked up", err);
    }
    status = status ? status : open_sections(x, &n_ids, &n_levels, err);
    if (status) {
        return status;
    }
    if (x->term_posting[0] != 0 || x->term_posting[x->n_terms] != n_levels || x->term_block[0] != 0 ||
        x->term_block[x->n_terms] != x->n_blocks) {
        return damaged(x, "its lists do not span the postings", err);
    }
    for (uint32_t t = 0; t < x->n_terms; t++) {
        if (!is_good_list(x, t, n_ids) || !are_good_levels(x, t)) {
            return damaged(x, "a posting list is not what it says", err);
        }
    }
    return RK_OK;
}

static rk_status open_synonyms(rk_index *x, rk_error *err)
{
    const rk_section *list = rk_artefact_find(x->artefact, "synonyms");
    if (!list) {
        return RK_OK;
    }
    rk_status status = rk_artefact_need(x->artefact, "synonyms", RK_U8, UINT64_MAX, 1, &list, err);
    rk_slice text = {list->data, (size_t)list->bytes};
    return status ? status
                  : rk_synonyms_parse(text, rk_artefact_path(x->artefact), &x->options.analysis, &x->synonyms, err);
}

rk_status rk_index_use_synonyms(rk_index *x, const char *path, rk_error *err)
{
    rk_mapped file;
    rk_synonyms *fresh = NULL;
    rk_status status = rk_mapped_open(path, &file, err);
    if (!status) {
        rk_slice text = {(const char *)file.at, file.n_bytes};
        status = rk_synonyms_parse(text, path, &x->options.analysis, &fresh, err);
        rk_mapped_close(&file);
    }
    if (!status) {
        rk_synonyms_free(x->synonyms);
        x->synonyms = fresh;
        x->corpus.synonyms = fresh;
    }
    return status;
}

static rk_status make_lookup(rk_index *x, rk_error *err)
{
    uint32_t n_words = x->words.names.n, n_phrases = x->phrases.keys.n;
    size_t runs = ((size_t)n_words + RK_FUZZY_RUN - 1) / RK_FUZZY_RUN;
    x->lookup = (rk_lookup){.word_least = malloc(2 * runs + 1),
                            .phrase_least = malloc((size_t)n_phrases / RK_FUZZY_RUN + 1),
                            .phrase_best = rk_phrases_best(&x->phrases)};
    if (!x->lookup.word_least || !x->lookup.phrase_least || !x->lookup.phrase_best) {
        return rk_fail_memory(err, "the words of an index");
    }
    rk_lexicon_fill_least(x->words.shared, n_words, x->lookup.word_least);
    rk_lexicon_fill_least(x->words.ended, n_words, x->lookup.word_least + runs);
    rk_lexicon_fill_least(x->phrases.shared, n_phrases, x->lookup.phrase_least);
    return RK_OK;
}

static void stand_alone(rk_index *x)
{
    x->alone = (rk_segment){x, 0};
    x->whole = &x->corpus;
    x->corpus = (rk_corpus){.segment = &x->alone,
                            .n_segments = 1,
                            .n_items = x->n_items,
                            .n_numbers = x->n_items,
                            .analysis = x->options.analysis,
                            .synonyms = x->synonyms};
    memcpy(x->corpus.mean_bytes, x->mean_bytes, sizeof x->mean_bytes);
    memcpy(x->corpus.sums, x->sums, sizeof x->sums);
}

rk_status rk_index_open_artefact(rk_artefact *artefact, rk_index **out, rk_error *err)
{
    rk_index *x = calloc(1, sizeof *x);
    if (!x) {
        rk_artefact_close(artefact);
        return rk_fail_memory(err, "an index");
    }
    x->artefact = artefact;
    rk_status status = open_meta(x, err);
    status = status ? status : open_items_of(x, err);
    status = status ? status : open_lists(x, err);
    status = status ? status : rk_segmenter_open(x->artefact, &x->segmenter, err);
    x->options.analysis.segmenter = x->segmenter;
    status = status ? status : open_synonyms(x, err);
    status = status ? status : rk_words_open(x->artefact, &x->words, err);
    status = status ? status : rk_phrases_open(x->artefact, &x->phrases, err);
    status = status ? status : rk_columns_open(x->artefact, &x->items, &x->columns, err);
    status = status ? status : make_lookup(x, err);
    if (status) {
        rk_index_close(x);
        return status;
    }
    stand_alone(x);
    *out = x;
    return RK_OK;
}

rk_status rk_index_open(const char *path, rk_index **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_open(path, "search", &artefact, err);
    return status ? status : rk_index_open_artefact(artefact, out, err);
}

void rk_index_close(rk_index *x)
{
    if (x) {
        rk_artefact_close(x->artefact);
        rk_segmenter_free(x->segmenter);
        rk_synonyms_free(x->synonyms);
        free(x->lookup.word_least);
        free(x->lookup.phrase_least);
        free(x->lookup.phrase_best);
        free(x);
    }
}

const rk_corpus *rk_index_corpus(const rk_index *x) { return &x->corpus; }
uint32_t rk_index_n_items(const rk_index *x) { return x->n_items; }
uint32_t rk_index_n_terms(const rk_index *x) { return x->n_terms; }
const rk_artefact *rk_index_artefact(const rk_index *x) { return x->artefact; }
const rk_index_options *rk_index_options_of(const rk_index *x) { return &x->options; }
const rk_synonyms *rk_index_synonyms(const rk_index *x) { return x->synonyms; }
const rk_dataset *rk_index_items(const rk_index *x) { return &x->items; }
const rk_field_sum *rk_index_sums(const rk_index *x) { return x->sums; }

uint32_t rk_index_find(const rk_index *x, rk_slice term) { return rk_names_find(&x->terms, term); }
rk_slice rk_index_term(const rk_index *x, uint32_t term) { return rk_names_get(&x->terms, term); }
uint32_t rk_index_docs(const rk_index *x, uint32_t term) { return x->term_docs[term]; }
double rk_index_mean_bytes(const rk_index *x, rk_field field) { return x->mean_bytes[field]; }

uint32_t rk_index_field_docs(const rk_index *x, uint32_t term, rk_field field)
{
    return x->term_fields[(size_t)term * RK_N_FIELDS + field];
}

uint32_t rk_index_events(const rk_index *x, uint32_t item) { return x->columns.events ? x->columns.events[item] : 0; }
int64_t rk_index_since(const rk_index *x, uint32_t item)
{
    return x->columns.since ? x->columns.since[item] : INT64_MIN;
}

rk_slice rk_index_text(const rk_index *x, uint32_t item, rk_field field)
{
    const rk_names *const tables[] = {&x->items.title, &x->items.text, &x->items.brand, &x->items.category};
    bool is_there = field < RK_FIELD_ATTRIBUTES && item < tables[field]->n;
    return is_there ? rk_names_get(tables[field], item) : (rk_slice){"", 0};
}
