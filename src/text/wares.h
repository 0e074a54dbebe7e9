/* wares.h - an index that changes while it is searched: products are put, replaced and deleted; what is acknowledged is
 * on disk and found by the next search.
 *
 * A folder:
 *   live.rk         the manifest: an artefact of kind "live" that names the segments, who of them is dead, and from
 *                   which record on the log tells more. Replaced whole, so that a crash finds the old one or the new.
 *   segment-N.rk    an index (index.h) of some of the products; never changed
 *   log/            what was put and deleted since (store/wal.h)
 *   dictionary.txt, synonyms.txt   of Chinese words (segment.h), and of words that mean the same (synonyms.h), where
 *                   there are: as they were when the index was made
 *
 * It is searched through a view (below) by all that searches one index: question.h, spell.h, suggest.h, rank/inquiry.h.
 *
 * Products put are indexed in memory at once, in small segments; a thread of its own merges those, and segments on disk
 * of like size, into one. A product is replaced by a new one, in the last place, and the death of the old. Whoever
 * searches holds a snapshot: it never changes, is never waited for, and its files stay until it is released.
 *
 * Scores are those of one index built of the living products in the order in which they were last put, to the bit:
 * how rare a word is is counted over the living of all segments. One thing differs between compactions: the length of a
 * text is measured by means (index.h: mean) that all segments have in common, and they are those of the living when
 * everything was last put into one segment - by rk_wares_compact, or by the merger when 1,024 products have changed and
 * a mean by more than an eighth. So results are those of rk_index_build with has_means, and right after a compaction of
 * rk_index_build alone. (The other way, to keep lengths apart and apply means while searching, would be exact always;
 * it costs a byte a posting and field, and the best scores of blocks, which is what makes searches fast.)
 * Fields and Chinese words are known as long as something not yet merged away has them. Events of a log are not kept.
 *
 * After a crash nothing that was acknowledged is lost and nothing is there twice. With a full disk a put is refused and
 * can be tried again; searches go on.
 *
 * Threads: all calls may be made at once from any. One process writes a live index at a time, any number read it.
 */
#ifndef RECKON_TEXT_WARES_H
#define RECKON_TEXT_WARES_H

#include "text/question.h"

typedef struct {
    rk_index_options index; /* of a new one; an old one has its own. No queries */
    uint32_t flush_items;   /* products in memory that are enough for a segment on disk; 0: 16,384, */
    uint64_t flush_bytes;   /* or bytes of their segments; 0: 64 MiB */
    bool is_reader;         /* another process may write: opened as it is now, and stays so */
    bool has_no_merger;     /* merged only by rk_wares_flush and rk_wares_compact */
} rk_wares_options;
rk_wares_options rk_wares_defaults(void);

typedef struct {
    rk_slice name, value;
} rk_wares_attribute;

/* A product; empty: unknown. */
typedef struct {
    rk_slice id, title, category, brand, text;
    float price;                          /* NaN: unknown */
    const rk_wares_attribute *attributes; /* [n_attributes] */
    size_t n_attributes;
} rk_wares_product;

/* One thing that is done to a product. */
typedef struct {
    rk_wares_product product; /* of a deletion, its id */
    bool is_delete;
    bool was_there; /* told by rk_wares_change */
} rk_wares_op;

/* Makes a folder with the items of a dataset; NULL: none. RK_BAD_USAGE: there is a live index already. */
RK_MUST_CHECK rk_status rk_wares_create(const char *folder, const char *dataset_path, const rk_wares_options *options,
                                        const rk_run *run, rk_error *err);

/* Whether a folder holds a live index; NULL holds none. */
bool rk_wares_is_there(const char *folder);

typedef struct rk_wares rk_wares;
/* RK_IO: another process writes it. A damaged file is RK_BAD_INPUT that says which and where. */
RK_MUST_CHECK rk_status rk_wares_open(const char *folder, const rk_wares_options *options, rk_wares **out,
                                      rk_error *err);
/* When no call is under way and every view is freed. Accepts NULL. */
void rk_wares_close(rk_wares *live);

/* Puts and deletions, in their order, as one: returns when they are on disk and found; on failure none of them is.
 * Calls at the same time share their way to the disk. */
RK_MUST_CHECK rk_status rk_wares_change(rk_wares *live, rk_wares_op *ops, size_t n, rk_error *err);
/* Puts products in the place of those with their ids, or as new ones; of two with one id the last counts. */
RK_MUST_CHECK rk_status rk_wares_put(rk_wares *live, const rk_wares_product *products, size_t n, rk_error *err);
/* All items of a dataset, in groups. */
RK_MUST_CHECK rk_status rk_wares_put_items(rk_wares *live, const rk_dataset *items, rk_error *err);
/* Ids that are not there are passed over; *n_gone, NULL = not wanted: how many were. */
RK_MUST_CHECK rk_status rk_wares_delete(rk_wares *live, const rk_slice *ids, size_t n, uint64_t *n_gone, rk_error *err);

/* What is in memory goes into a segment on disk, merged with those of like size; the log begins anew. */
RK_MUST_CHECK rk_status rk_wares_flush(rk_wares *live, rk_error *err);
/* Everything goes into one segment, with means of its own. */
RK_MUST_CHECK rk_status rk_wares_compact(rk_wares *live, rk_error *err);

typedef struct {
    uint32_t n_items, n_dead;      /* living; not yet merged away */
    size_t n_on_disk, n_in_memory; /* segments */
    uint64_t disk_bytes, memory_bytes;
    uint64_t n_log_records; /* that opening would read again */
    double mean[RK_N_FIELDS];
    char trouble[512]; /* why the merger last failed; empty: it did not */
} rk_wares_state;
void rk_wares_status(rk_wares *live, rk_wares_state *out);

/* ---- searching ---- */

/* The index as it was when the view was made: a corpus for an asker (question.h), an inquirer (rank/inquiry.h) or a
 * suggester, which all go before it. It never changes and holds up nobody; a new view shows what came since. */
typedef struct rk_wares_view rk_wares_view;
RK_MUST_CHECK rk_status rk_wares_view_new(rk_wares *live, rk_wares_view **out, rk_error *err);
void rk_wares_view_free(rk_wares_view *view); /* accepts NULL */
const rk_corpus *rk_wares_view_corpus(const rk_wares_view *view);
bool rk_wares_view_is_old(const rk_wares_view *view); /* something was put, deleted or merged since */
/* How often something has been put, deleted or merged: while it stays the same, so do the answers of new views. */
uint64_t rk_wares_n_published(rk_wares *live);

#endif
