/* phrases_build.c - runs of words that titles share, level by level: a run of n words is counted only where its first
 * n - 1 are frequent (Agrawal, Srikant, "Fast algorithms for mining association rules", VLDB 1994). A run goes over
 * stop words but not over a comma, a bracket or a dash between blanks; runs are equal when the stems of their words
 * are, and shown as the first of them is written. A compound ("dv7-1211ea") is kept however rare it is. A run that is
 * nearly always followed by the same word is dropped for the longer one.
 *
 * Of large shops every s-th title is read, and what is counted there is taken s times.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/map.h"
#include "base/vec.h"
#include "data/csv.h"
#include "text/letters.h"
#include "text/phrases.h"

enum { TITLES_MAX = 1 << 16, RUN_MAX = 4, SMALL_SHOP = 1000, GAP_MAX = 12 };
static const double COVERED = 0.95; /* share of a run that goes on with the same word */

/* A word of a title; term RK_NO_ID: a run may not go on here. */
typedef struct {
    uint32_t term, begin, end;
} step;

typedef struct {
    uint32_t item, first; /* step */
} title;

typedef struct {
    uint32_t before, term;     /* the run of all words but the last (RK_NO_ID: none), and the last */
    uint32_t item, begin, end; /* where it stands first: bytes of a title */
    uint32_t n;                /* words */
    uint32_t items, last;
    double weight;
    bool is_covered, is_compound;
} run;

/* What may be suggested; of equal keys the one with the higher rank is shown. */
typedef enum { FROM_WORD, FROM_RUN, FROM_CATEGORY, FROM_BRAND, FROM_QUERY } source;
typedef struct {
    rk_slice key, said;
    double weight;
    source source;
} candidate;

struct rk_phrases_builder {
    const rk_dataset *dataset;
    const rk_interner *terms;
    uint32_t stride;
    rk_analyser *folder;
    rk_vec steps, titles, runs; /* step, title, run */
    rk_intmap *compounds;       /* term: run */
    rk_vec at;                  /* uint32_t: by step, the run of n words that begins there */
    rk_vec candidates;          /* candidate */
    rk_arena arena;             /* their words */
    rk_text key, said;
};

rk_status rk_phrases_builder_new(const rk_dataset *dataset, const rk_interner *terms, rk_phrases_builder **out,
                                 rk_error *err)
{
    rk_phrases_builder *b = calloc(1, sizeof *b);
    if (!b) {
        return rk_fail_memory(err, "the phrases of an index");
    }
    *b = (rk_phrases_builder){.dataset = dataset,
                              .terms = terms,
                              .stride = (dataset->n_items + TITLES_MAX - 1) / TITLES_MAX,
                              .compounds = rk_intmap_new(64),
                              .steps = {.item_bytes = sizeof(step)},
                              .titles = {.item_bytes = sizeof(title)},
                              .runs = {.item_bytes = sizeof(run)},
                              .at = {.item_bytes = sizeof(uint32_t)},
                              .candidates = {.item_bytes = sizeof(candidate)}};
    rk_status status = b->compounds
                           ? rk_analyser_new(&(rk_analysis){.stemmer = "none", .keep_stops = true}, &b->folder, err)
                           : rk_fail_memory(err, "the phrases of an index");
    if (status) {
        rk_phrases_builder_free(b);
        return status;
    }
    *out = b;
    return RK_OK;
}

void rk_phrases_builder_free(rk_phrases_builder *b)
{
    if (b) {
        rk_analyser_free(b->folder);
        rk_intmap_free(b->compounds);
        rk_vec_release(&b->steps);
        rk_vec_release(&b->titles);
        rk_vec_release(&b->runs);
        rk_vec_release(&b->at);
        rk_vec_release(&b->candidates);
        rk_arena_release(&b->arena);
        rk_text_release(&b->key);
        rk_text_release(&b->said);
        free(b);
    }
}

static rk_slice title_of(const rk_phrases_builder *b, uint32_t item) { return rk_names_get(&b->dataset->title, item); }

/* Whether a run may go from one word to the next: few bytes between, and no sign that parts, which one that joins is,
 * too, with a blank beside it. */
static bool hangs_together(rk_slice text, uint32_t end, uint32_t begin)
{
    static const char parting[] = ",;:()[]{}/|\"*!?<>=", joining[] = "-_.&+";
    for (uint32_t i = end; i < begin; i++) {
        bool has_blank = text.at[i + 1] == ' ' || (i > end && text.at[i - 1] == ' ');
        if (strchr(parting, text.at[i]) || (has_blank && strchr(joining, text.at[i]))) {
            return false;
        }
    }
    return begin <= end + GAP_MAX;
}

/* 17" : a word for people who read units, not for a phrase. */
static bool is_sign(rk_slice text, const rk_token *t)
{
    rk_slice typed = {text.at + t->begin, t->end - t->begin};
    return rk_slice_equal(t->term, RK_SLICE("inch")) &&
           (typed.n == 0 || *typed.at == '"' || (unsigned char)*typed.at >= 0x80);
}

/* Words written together with a sign between: "500 GB" and "17\"" are joined, too, but no name of anything. */
static bool is_compound(rk_slice text, const rk_token *t)
{
    return !memchr(text.at + t->begin, ' ', t->end - t->begin) && !memchr(text.at + t->begin, '"', t->end - t->begin);
}

static void count_item(const rk_phrases_builder *b, run *r, uint32_t item)
{
    if (r->last != item) {
        r->last = item;
        r->items++;
        r->weight += rk_item_weight(b->dataset, item) * b->stride;
    }
}

static bool add_compound(rk_phrases_builder *b, uint32_t item, const rk_token *t)
{
    bool is_new;
    uint32_t *id = rk_intmap_put(b->compounds, rk_interner_find(b->terms, t->term), &is_new);
    run fresh = {RK_NO_ID, RK_NO_ID, item, t->begin, t->end, t->n_words, .last = RK_NO_ID, .is_compound = true};
    if (!id || (is_new && !rk_vec_push(&b->runs, &fresh))) {
        return false;
    }
    *id = is_new ? (uint32_t)b->runs.n - 1 : *id;
    count_item(b, (run *)b->runs.data + *id, item);
    return true;
}

rk_status rk_phrases_builder_add(rk_phrases_builder *b, uint32_t item, const rk_token *tokens, size_t n, rk_error *err)
{
    if (item % b->stride != 0) {
        return RK_OK;
    }
    bool is_kept = rk_vec_push(&b->titles, &(title){item, (uint32_t)b->steps.n});
    const rk_token *before = NULL;
    rk_slice text = title_of(b, item);
    for (size_t i = 0; i < n && is_kept; i++) {
        const rk_token *t = &tokens[i];
        if (t->n_words != 1) {
            is_kept = t->n_words == 0 || !is_compound(text, t) || add_compound(b, item, t);
            continue;
        }
        if (is_sign(text, t)) {
            is_kept = rk_vec_push(&b->steps, &(step){RK_NO_ID, 0, 0});
            continue;
        }
        uint32_t term = t->tag && t->tag[0] ? t->tag[0] - 1 : rk_interner_find(b->terms, t->term);
        if (before && !hangs_together(text, before->end, t->begin)) {
            is_kept = rk_vec_push(&b->steps, &(step){RK_NO_ID, 0, 0});
        }
        is_kept = is_kept && rk_vec_push(&b->steps, &(step){term, t->begin, t->end});
        before = t;
    }
    is_kept = is_kept && rk_vec_push(&b->steps, &(step){RK_NO_ID, 0, 0});
    return is_kept ? RK_OK : rk_fail_memory(err, "the phrases of an index");
}

/* ---- runs ---- */

static uint32_t items_min(const rk_phrases_builder *b) { return b->dataset->n_items < SMALL_SHOP ? 1 : 2; }

/* The run of n words at step i, counted once an item; false: no memory. */
static bool count_run(rk_phrases_builder *b, rk_intmap *known, uint32_t i, uint32_t n, uint32_t item)
{
    const step *steps = b->steps.data;
    uint32_t *at = (uint32_t *)b->at.data + i, before = *at, term = steps[i + n - 1].term;
    bool is_new, may_be = term != RK_NO_ID && (n == 1 || before != RK_NO_ID);
    if (!may_be || (n > 1 && ((run *)b->runs.data)[before].items < items_min(b))) {
        *at = RK_NO_ID;
        return true;
    }
    uint32_t *id = rk_intmap_put(known, (uint64_t)before << 32 | term, &is_new);
    if (!id) {
        return false;
    }
    if (is_new) {
        run fresh = {before, term, item, steps[i].begin, steps[i + n - 1].end, n, .last = RK_NO_ID};
        *id = (uint32_t)b->runs.n;
        if (!rk_vec_push(&b->runs, &fresh)) {
            return false;
        }
    }
    *at = *id;
    count_item(b, (run *)b->runs.data + *id, item);
    return true;
}

static bool count_level(rk_phrases_builder *b, uint32_t n)
{
    rk_intmap *known = rk_intmap_new(b->steps.n / 2 + 1);
    const title *titles = b->titles.data;
    bool is_done = known != NULL;
    for (size_t t = 0; t < b->titles.n && is_done; t++) {
        size_t end = t + 1 < b->titles.n ? titles[t + 1].first : b->steps.n;
        for (uint32_t i = titles[t].first; i < end && is_done; i++) {
            if (i + n <= end) {
                is_done = count_run(b, known, i, n, titles[t].item);
            } else {
                ((uint32_t *)b->at.data)[i] = RK_NO_ID;
            }
        }
    }
    rk_intmap_free(known);
    return is_done;
}

static bool count_runs(rk_phrases_builder *b)
{
    uint32_t *at = b->steps.n ? rk_vec_extend(&b->at, NULL, b->steps.n) : NULL;
    bool is_done = at || b->steps.n == 0;
    for (size_t i = 0; at && i < b->steps.n; i++) {
        at[i] = RK_NO_ID;
    }
    for (uint32_t n = 1; n <= RUN_MAX && is_done; n++) {
        is_done = count_level(b, n);
    }
    run *runs = b->runs.data;
    for (size_t i = 0; i < b->runs.n && is_done; i++) {
        bool is_longer = runs[i].n >= 3 && !runs[i].is_compound && runs[i].items >= items_min(b);
        if (is_longer && runs[i].weight >= COVERED * runs[runs[i].before].weight) {
            runs[runs[i].before].is_covered = true;
        }
    }
    return is_done;
}

/* ---- candidates ---- */

static rk_slice keep(rk_phrases_builder *b, const rk_text *words)
{
    const char *copy = rk_arena_copy(&b->arena, words->n ? words->at : "", words->n);
    return (rk_slice){copy, words->n};
}

static bool push_candidate(rk_phrases_builder *b, rk_slice key, rk_slice said, double weight, source from)
{
    candidate one = {key, said, weight, from};
    return key.at && said.at && rk_vec_push(&b->candidates, &one);
}

/* Said as it stands; its key is folded. Too long ones are left out. */
static rk_status add_candidate(rk_phrases_builder *b, rk_slice said, double weight, source from, rk_error *err)
{
    rk_status status = rk_phrase_fold(b->folder, said, false, &b->key, err);
    if (status || b->key.n == 0 || b->key.n > RK_PHRASE_BYTES_MAX || said.n > RK_PHRASE_BYTES_MAX) {
        return status;
    }
    rk_slice copy = {rk_arena_copy(&b->arena, said.at, said.n), said.n};
    bool is_kept = push_candidate(b, keep(b, &b->key), copy, weight, from);
    return is_kept ? RK_OK : rk_fail_memory(err, "the phrases of an index");
}

/* In lower case, blanks between words single; into b->said. */
static void lower(rk_phrases_builder *b, rk_slice text)
{
    rk_text_clear(&b->said);
    bool was_blank = true;
    for (size_t at = 0; at < text.n;) {
        utf8proc_int32_t c;
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t n =
            utf8proc_iterate((const utf8proc_uint8_t *)text.at + at, (utf8proc_ssize_t)(text.n - at), &c);
        at += n > 0 ? (size_t)n : 1;
        bool is_blank = n <= 0 || c <= ' ' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
        if (!is_blank) {
            utf8proc_ssize_t n_lower = utf8proc_encode_char(utf8proc_tolower(c), bytes);
            rk_text_add_slice(&b->said, (rk_slice){(const char *)bytes, (size_t)n_lower});
        } else if (!was_blank) {
            rk_text_add(&b->said, " ");
        }
        was_blank = is_blank;
    }
}

static bool is_ascii(rk_slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.at[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

static rk_status add_runs(rk_phrases_builder *b, rk_error *err)
{
    const run *runs = b->runs.data;
    rk_status status = RK_OK;
    for (size_t i = 0; !status && i < b->runs.n; i++) {
        const run *r = &runs[i];
        rk_slice text = {title_of(b, r->item).at + r->begin, r->end - r->begin};
        bool is_word = r->n == 1 && is_ascii(text); /* add_words has it, others without their accents */
        if (r->is_compound || (!is_word && !r->is_covered && r->items >= items_min(b))) {
            lower(b, text);
            status = b->said.failed ? rk_fail_memory(err, "the phrases of an index")
                                    : add_candidate(b, (rk_slice){b->said.at, b->said.n}, r->weight, FROM_RUN, err);
        }
    }
    return status;
}

static bool has_digit(rk_slice word)
{
    bool has = false;
    for (size_t i = 0; i < word.n; i++) {
        has |= word.at[i] >= '0' && word.at[i] <= '9';
    }
    return has;
}

/* Words are folded already, and are borrowed from their builder. */
static rk_status add_words(rk_phrases_builder *b, const rk_words_builder *words, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint32_t i = 0; !status && i < rk_words_builder_count(words); i++) {
        double weight;
        rk_slice word = rk_words_builder_get(words, i, &weight);
        if (!rk_words_builder_keeps(words, i)) {
            continue;
        }
        if (has_digit(word)) { /* "iphone6s" is looked up as iphone 6 s */
            status = add_candidate(b, word, weight, FROM_WORD, err);
        } else if (!push_candidate(b, word, word, weight, FROM_WORD)) {
            status = rk_fail_memory(err, "the phrases of an index");
        }
    }
    return status;
}

/* "clothes > shoes" is found by "shoes". */
static rk_slice leaf_of(rk_slice path)
{
    size_t begin = 0;
    for (size_t i = 0; i < path.n; i++) {
        begin = path.at[i] == '>' || path.at[i] == '|' ? i + 1 : begin;
    }
    return rk_slice_trim((rk_slice){path.at + begin, path.n - begin});
}

/* Values of a table of items, each with the weight of the items that have it. */
static rk_status add_values(rk_phrases_builder *b, const rk_names *table, source from, rk_error *err)
{
    rk_interner *values = rk_interner_new();
    rk_vec weights = {.item_bytes = sizeof(double)};
    rk_status status = values ? RK_OK : rk_fail_memory(err, "the phrases of an index");
    for (uint32_t i = 0; !status && i < table->n; i++) {
        rk_slice value = rk_names_get(table, i);
        uint32_t id = value.n ? rk_interner_add(values, from == FROM_CATEGORY ? leaf_of(value) : value) : 0;
        if (id == RK_NO_ID || (value.n && id == weights.n && !rk_vec_extend(&weights, NULL, 1))) {
            status = rk_fail_memory(err, "the phrases of an index");
        } else if (value.n) {
            ((double *)weights.data)[id] += rk_item_weight(b->dataset, i);
        }
    }
    for (uint32_t id = 0; !status && id < weights.n; id++) {
        status = add_candidate(b, rk_interner_key(values, id), ((double *)weights.data)[id], from, err);
    }
    rk_interner_free(values);
    rk_vec_release(&weights);
    return status;
}

static rk_status add_query(rk_phrases_builder *b, const rk_csv *csv, const rk_csv_row *row, int query, int count,
                           rk_error *err)
{
    double n = 1;
    if (count >= 0 && !(rk_parse_real(row->cells[count].text, &n) && n >= 0 && n <= 1e15)) {
        rk_slice cell = row->cells[count].text;
        return rk_fail_at(err, (rk_place){rk_csv_name(csv), row->line, 0},
                          "count must be a number from 0 on, got '%.*s'", (int)(cell.n < 40 ? cell.n : 40), cell.at);
    }
    lower(b, row->cells[query].text);
    if (b->said.failed) {
        return rk_fail_memory(err, "the phrases of an index");
    }
    rk_slice said = rk_slice_trim((rk_slice){b->said.n ? b->said.at : "", b->said.n});
    return n > 0 ? add_candidate(b, said, n, FROM_QUERY, err) : RK_OK;
}

static rk_status add_queries(rk_phrases_builder *b, const char *path, rk_error *err)
{
    rk_csv *csv = NULL;
    const rk_csv_row *row;
    rk_status status = rk_csv_open(path, &csv, err);
    int query = status ? -1 : rk_csv_find(csv, "query"), count = status ? -1 : rk_csv_find(csv, "count");
    if (!status && query < 0) {
        status = rk_fail_at(err, (rk_place){path, 1, 0}, "a list of queries wants a column 'query'");
    }
    while (!status && !(status = rk_csv_next(csv, &row, err)) && row) {
        status = add_query(b, csv, row, query, count, err);
    }
    rk_csv_close(csv);
    return status;
}

/* ---- writing ---- */

static int by_key(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    int side = rk_slice_compare(x->key, y->key);
    if (side != 0 || x->source != y->source) {
        return side != 0 ? side : (int)y->source - (int)x->source;
    }
    if (x->weight != y->weight) {
        return x->weight < y->weight ? 1 : -1;
    }
    return rk_slice_compare(x->said, y->said);
}

/* Each key once, as its best source says it; what was asked in several ways adds up. */
static size_t unite(candidate *all, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_same = kept > 0 && rk_slice_equal(all[kept - 1].key, all[i].key);
        if (!is_same) {
            all[kept++] = all[i];
        } else if (all[kept - 1].source == FROM_QUERY) {
            all[kept - 1].weight += all[i].source == FROM_QUERY ? all[i].weight : 0;
        } else if (all[i].weight > all[kept - 1].weight) {
            all[kept - 1].weight = all[i].weight;
        }
    }
    return kept;
}

typedef struct {
    uint64_t *key_start, *said_start;
    rk_vec keys, said; /* char */
    float *score;
    uint8_t *shared;
    double most;
} columns;

static bool fill(const candidate *all, uint32_t n, columns *c)
{
    c->key_start = calloc((size_t)n + 1, sizeof *c->key_start);
    c->said_start = calloc((size_t)n + 1, sizeof *c->said_start);
    c->score = malloc(((size_t)n + 1) * sizeof *c->score);
    c->shared = malloc((size_t)n + 1);
    for (uint32_t i = 0; i < n; i++) {
        c->most = all[i].source != FROM_QUERY && all[i].weight > c->most ? all[i].weight : c->most;
    }
    bool is_done = c->key_start && c->said_start && c->score && c->shared;
    for (uint32_t i = 0; i < n && is_done; i++) {
        is_done = rk_vec_extend(&c->keys, all[i].key.at, all[i].key.n) &&
                  rk_vec_extend(&c->said, all[i].said.at, all[i].said.n);
        c->key_start[i + 1] = c->keys.n;
        c->said_start[i + 1] = c->said.n;
        c->score[i] = (float)(all[i].source == FROM_QUERY ? 1 + all[i].weight : all[i].weight / (c->most + 1));
    }
    return is_done;
}

static rk_status write_columns(rk_artefact_writer *w, columns *c, uint32_t n, rk_error *err)
{
    const char *keys = c->keys.n ? c->keys.data : "", *said = c->said.n ? c->said.data : "";
    rk_names table = {n, c->key_start, keys, NULL};
    rk_lexicon_fill_shared(&table, NULL, false, c->shared);
    rk_status status = rk_names_add(w, "phrases", n, c->key_start, keys, true, err);
    status = status ? status : rk_names_add(w, "said", n, c->said_start, said, false, err);
    status = status ? status : rk_artefact_add(w, "phrase.shared", RK_U8, n, 1, c->shared, err);
    json_object_set_new(rk_artefact_writer_meta(w), "phrase_most", json_real(c->most));
    return status ? status : rk_artefact_add(w, "phrase.score", RK_F32, n, 1, c->score, err);
}

rk_status rk_phrases_builder_write(rk_phrases_builder *b, const rk_words_builder *words, const char *queries,
                                   rk_artefact_writer *writer, rk_error *err)
{
    columns c = {.keys = {.item_bytes = 1}, .said = {.item_bytes = 1}};
    rk_status status = count_runs(b) ? RK_OK : rk_fail_memory(err, "the phrases of an index");
    status = status ? status : add_runs(b, err);
    status = status ? status : add_words(b, words, err);
    status = status ? status : add_values(b, &b->dataset->brand, FROM_BRAND, err);
    status = status ? status : add_values(b, &b->dataset->category, FROM_CATEGORY, err);
    status = status || !queries ? status : add_queries(b, queries, err);
    if (!status) {
        candidate *all = b->candidates.data;
        if (b->candidates.n > 1) {
            qsort(all, b->candidates.n, sizeof *all, by_key);
        }
        uint32_t n = (uint32_t)unite(all, b->candidates.n);
        status = fill(all, n, &c) ? write_columns(writer, &c, n, err) : rk_fail_memory(err, "the phrases of an index");
    }
    free(c.key_start);
    free(c.said_start);
    free(c.score);
    free(c.shared);
    rk_vec_release(&c.keys);
    rk_vec_release(&c.said);
    return status;
}
