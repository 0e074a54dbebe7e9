/* index.h - an inverted index over the items of a dataset, and the best items for the terms of a query.
 *
 * Ranking is BM25F (Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004):
 *     tf(t, d) = best field's + tie * the other fields' weight * times / (1 - b + b * length / mean length)
 *     score    = sum over terms of weight_t * idf(t) * (k1 + 1) tf / (k1 + tf)
 *     idf      = ln(1 + (N - n + 1/2) / (n + 1/2))
 * with the length of a field in bytes, which are known before it is read. tf is kept in one byte, in steps of a
 * 25th of an octave; a term's contribution is a whole number of 2^-16, so that sums do not depend on their order and
 * every way of finding the best items finds the same ones.
 *
 * An artefact of kind "search":
 *   terms.*                              names with order
 *   term.docs      u32  [n_terms]        items that have it
 *   term.block     u32  [n_terms + 1]    its blocks
 *   term.posting   u64  [n_terms + 1]    its levels
 *   term.most      u8   [n_terms]        its largest level
 *   term.fields    u32  [n_terms x 5]    items that have it in each field
 *   block.last     u32  [n_blocks]       last item of each; all but a term's last block hold 128
 *   block.at       u32  [n_blocks]       where its ids begin in posting.id, in units of 16 bytes
 *   block.bits     u8   [n_blocks]       how they are packed (block.h); 255: plain numbers, a term's last block
 *   block.most     u8   [n_blocks]       its largest level
 *   posting.id     u32  [...]            padded to 16 bytes a block
 *   posting.level  u8   [n_postings]
 *   cuts.* cut.count                     words of a dictionary that stand in Chinese texts (segment.h)
 *   synonyms       u8   [...]            a list of them, as it was written (synonyms.h)
 *   words.* word.*                       words as they are written (words.h)
 *   phrases.* phrase.* said.*            what may be suggested (phrases.h)
 *   column.*                             values to filter, count and sort by (columns.h)
 *   items.* title.* ... attribute.*      as in the dataset
 * Meta: least_items where terms were left out; fields, their weights, b and mean lengths, k1, tie, stemmer;
 * how many items have a field, and its bytes in all.
 *
 * Threads: an open index is read only; a search has a desk of its own.
 */
#ifndef RECKON_TEXT_INDEX_H
#define RECKON_TEXT_INDEX_H

#include "base/arena.h"
#include "base/run.h"
#include "base/vec.h"
#include "data/dataset.h"
#include "math/topk.h"
#include "text/analyse.h"
#include "text/synonyms.h"

typedef enum {
    RK_FIELD_TITLE,
    RK_FIELD_TEXT,
    RK_FIELD_BRAND,
    RK_FIELD_CATEGORY,
    RK_FIELD_ATTRIBUTES,
    RK_N_FIELDS
} rk_field;
extern const char *const rk_field_names[RK_N_FIELDS];

typedef struct {
    double weight[RK_N_FIELDS]; /* 0: not read */
    double b[RK_N_FIELDS];      /* 0..1: how much length is held against an item */
    double k1;
    double tie; /* 0..1: how much a word's other fields count beside its best; 1: the sum of all */
    rk_analysis analysis;
    double mean[RK_N_FIELDS]; /* bytes of a field, of the items that have it: what lengths are measured by */
    bool has_means;           /* by those; false: by the items' own */
    uint32_t least_items;     /* terms that fewer items have are left out, and words; 0, 1: none */
    bool is_bare;             /* no words for corrections and no phrases for suggestions are kept */
    const char *dictionary;   /* of Chinese words (segment.h); NULL: the installed one, if there is; "none" */
    const char *synonyms;     /* NULL, or a list of them (synonyms.h) */
    const char *queries;      /* NULL, or a CSV of what was asked (phrases.h) */
} rk_index_options;
rk_index_options rk_index_defaults(void);

typedef struct {
    uint32_t n_items, n_terms, n_dropped; /* dropped: terms left out */
    uint64_t n_postings, text_bytes;
    double wall_s, cpu_s;
} rk_index_report;

/* Reads the items of a dataset, writes the index. One thread. */
RK_MUST_CHECK rk_status rk_index_build(const char *dataset_path, const rk_index_options *options, const char *out_path,
                                       const rk_run *run, rk_index_report *report, rk_error *err);

/* The same of item tables at hand (rk_dataset_open_items), into a writer of kind "search" that the caller commits. */
RK_MUST_CHECK rk_status rk_index_add(rk_artefact_writer *writer, const rk_dataset *items,
                                     const rk_index_options *options, const rk_run *run, rk_index_report *report,
                                     rk_error *err);

typedef struct rk_index rk_index;
typedef struct rk_corpus rk_corpus;
/* Checks every shape and place, so that no search reads outside the file. */
RK_MUST_CHECK rk_status rk_index_open(const char *path, rk_index **out, rk_error *err);
/* The artefact becomes the index's, or is closed. */
RK_MUST_CHECK rk_status rk_index_open_artefact(rk_artefact *artefact, rk_index **out, rk_error *err);
void rk_index_close(rk_index *index); /* accepts NULL */

/* A list of synonyms in the place of the index's own. */
RK_MUST_CHECK rk_status rk_index_use_synonyms(rk_index *index, const char *path, rk_error *err);

/* How many items have a field, and its bytes in all of them. */
typedef struct {
    uint64_t n, bytes;
} rk_field_sum;
const rk_field_sum *rk_index_sums(const rk_index *index); /* [RK_N_FIELDS]; all 0 in files that do not tell */
/* Bytes that an item has in a field. */
uint64_t rk_field_bytes(const rk_dataset *items, rk_field field, uint32_t item);
/* A term of an item, and the fields that have it: 1 << field for each. */
typedef struct {
    uint32_t term, fields;
} rk_index_hit;
/* Different terms of an item, ascending, into terms (rk_index_hit): those whose lists it stands in; and its different
 * words (words.h), ascending, into words (uint32_t). The analyser is one of the index's analysis. */
RK_MUST_CHECK rk_status rk_index_terms_of(const rk_index *index, rk_analyser *analyser, uint32_t item, rk_vec *terms,
                                          rk_vec *words, rk_error *err);

const rk_corpus *rk_index_corpus(const rk_index *index); /* the index as all that is searched (corpus.h) */
uint32_t rk_index_n_items(const rk_index *index);
uint32_t rk_index_n_terms(const rk_index *index);
const rk_artefact *rk_index_artefact(const rk_index *index);
const rk_index_options *rk_index_options_of(const rk_index *index);
const rk_synonyms *rk_index_synonyms(const rk_index *index); /* NULL: none */
/* Item tables; n 0 when absent. Fields of a search are the catalogue's. */
const rk_dataset *rk_index_items(const rk_index *index);      /* its item tables only */
uint32_t rk_index_find(const rk_index *index, rk_slice term); /* RK_NO_ID */
rk_slice rk_index_term(const rk_index *index, uint32_t term);
uint32_t rk_index_docs(const rk_index *index, uint32_t term);                       /* items that have it */
uint32_t rk_index_field_docs(const rk_index *index, uint32_t term, rk_field field); /* items that have it there */
double rk_index_mean_bytes(const rk_index *index, rk_field field); /* of the items that have the field; 0: none */
uint32_t rk_index_events(const rk_index *index, uint32_t item);    /* in the log; 0 without one */
int64_t rk_index_since(const rk_index *index, uint32_t item);      /* time of the first; INT64_MIN: not known */
/* What an item says in a field, attributes aside; empty: nothing. */
rk_slice rk_index_text(const rk_index *index, uint32_t item, rk_field field);

/* ---- searching ---- */

enum { RK_SEARCH_TERMS_MAX = 64 };

/* A term and how much it counts. */
typedef struct {
    uint32_t term;
    double weight;
} rk_search_term;

/* All items of a list of terms (any of them), or the items that have all of some lists. */
typedef struct {
    const rk_search_term *terms; /* [n_terms] each once; their contributions add up */
    size_t n_terms;
    size_t n_required;      /* the first n_required must be there */
    const uint64_t *barred; /* a bit for each item: no candidate; NULL = none */
    const uint64_t *among;  /* a bit for each item: the only candidates, of which all match; NULL = all that match */
} rk_search;

/* One of several indexes that are searched as if they were one: its items are numbered from base on. */
typedef struct {
    const rk_index *index;
    const rk_search *search;
    uint32_t base;
} rk_search_part;

typedef struct rk_search_desk rk_search_desk;
rk_search_desk *rk_search_desk_new(void); /* NULL: no memory */
void rk_search_desk_free(rk_search_desk *desk);

/* The k best items, higher score first, equal ones by smaller item, into items, scores: [k]; returns how many. */
size_t rk_search_best(rk_search_desk *desk, const rk_index *index, const rk_search *search, size_t k, uint32_t *items,
                      float *scores);
/* The same over parts, bases ascending: the k best of all. */
size_t rk_search_best_of(rk_search_desk *desk, const rk_search_part *parts, size_t n_parts, size_t k, uint32_t *items,
                         float *scores);
/* A bit for each item that matches, into bits: [(n_items + 63) / 64]; returns how many. */
uint64_t rk_search_all(rk_search_desk *desk, const rk_index *index, const rk_search *search, uint64_t *bits);
/* What the terms give to one item, as rk_search_best counts it; 0: a required one is not there, or none. */
float rk_search_score(const rk_index *index, const rk_search *search, uint32_t item);

#endif
