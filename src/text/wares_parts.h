/* wares_parts.h - what a live index is made of; for wares_*.c and its tests only. */
#ifndef RECKON_TEXT_WARES_PARTS_H
#define RECKON_TEXT_WARES_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "data/shelf.h"
#include "store/wal.h"
#include "text/index_parts.h"
#include "text/wares.h"

enum { RK_WARES_FLUSH_ITEMS = 16384, RK_WARES_FLUSH_BYTES = 64 << 20, RK_WARES_PATH_BYTES = 4096 };

/* ---- records of the log: wares_record.c ---- */

/* Ops as records of the log, into a vec of rk_slice; their bytes are in the arena. RK_BAD_INPUT: a product without an
 * id, with text that is no UTF-8, or too large for a record. */
RK_MUST_CHECK rk_status rk_wares_record_format(const rk_wares_op *ops, size_t n, rk_arena *arena, rk_vec *records,
                                               rk_error *err);
/* Appends the ops of a record to a vec of rk_wares_op; they borrow the record and have attributes in the arena. place:
 * for the message. */
RK_MUST_CHECK rk_status rk_wares_record_parse(rk_slice record, const char *place, uint64_t number, rk_arena *arena,
                                              rk_vec *ops, rk_error *err);

/* ---- segments, the dead, snapshots: wares_part.c ---- */

/* How texts and questions are read: the same for all segments, and outlives them. */
typedef struct {
    rk_analysis analysis;
    const rk_synonyms *synonyms; /* NULL: none */
    rk_segmenter *met;           /* of analysis, too; learns the Chinese words of each segment. NULL: no dictionary */
} rk_wares_tongue;

/* An index, in memory or in a file; shared by snapshots. */
typedef struct {
    atomic_uint refs;
    atomic_bool is_doomed; /* its file goes with the last reference */
    bool is_met;           /* a tongue knows its words; told by rk_wares_draft_seal, of which one runs at a time */
    char *path;            /* owned; NULL: in memory */
    rk_index *index;       /* owned */
} rk_wares_segment;

/* Who of a segment is no more; shared by snapshots, and then never changed. */
typedef struct {
    atomic_uint refs;
    uint32_t n;
    uint64_t *bits;                 /* a bit for each item */
    uint32_t *docs;                 /* [n_terms x RK_DEAD_COUNTS] */
    uint32_t *words;                /* [words] how many of the dead have each */
    rk_field_sum sums[RK_N_FIELDS]; /* of the dead */
} rk_wares_dead;

typedef struct {
    rk_wares_segment *segment;
    rk_wares_dead *dead; /* NULL: none */
    bool is_own;         /* dead is nobody else's yet */
    rk_index view;       /* the segment's index as a part of the whole; of a snapshot */
} rk_wares_part;

typedef struct {
    atomic_uint refs;
    rk_corpus corpus;
    rk_segment *segments; /* owned; [n_parts] of the corpus */
    size_t n_parts;
    rk_wares_part *parts; /* owned; those on disk first; in the order in which their items were put */
    uint64_t n_items;     /* the dead among them */
    double mean[RK_N_FIELDS];
    bool has_means;
} rk_wares_snapshot;

void rk_wares_snapshot_release(rk_wares_snapshot *snapshot); /* accepts NULL */

/* A snapshot in the making. */
typedef struct {
    rk_vec parts; /* rk_wares_part; owned */
    double mean[RK_N_FIELDS];
    bool has_means;
} rk_wares_draft;

RK_MUST_CHECK rk_status rk_wares_draft_of(const rk_wares_snapshot *snapshot, rk_wares_draft *out, rk_error *err);
void rk_wares_draft_release(rk_wares_draft *draft);
/* The segment and the dead become the draft's, or are released. */
RK_MUST_CHECK rk_status rk_wares_draft_add(rk_wares_draft *draft, rk_wares_segment *segment, rk_wares_dead *dead,
                                           rk_error *err);
void rk_wares_draft_cut(rk_wares_draft *draft, size_t begin, size_t end); /* drops parts */
/* Ends the draft. */
RK_MUST_CHECK rk_status rk_wares_draft_seal(rk_wares_draft *draft, const rk_wares_tongue *tongue,
                                            rk_wares_snapshot **out, rk_error *err);

static inline uint32_t rk_wares_n_alive(const rk_wares_part *part)
{
    return part->segment->index->n_items - (part->dead ? part->dead->n : 0);
}
/* What is in memory: items, the dead among them, and bytes. */
typedef struct {
    uint64_t items, alive, bytes;
} rk_wares_load;
static inline rk_wares_load rk_wares_load_of(const rk_wares_snapshot *s)
{
    rk_wares_load load = {0};
    for (size_t p = 0; p < s->n_parts; p++) {
        const rk_wares_segment *segment = s->parts[p].segment;
        if (!segment->path) {
            load.items += segment->index->n_items;
            load.alive += rk_wares_n_alive(&s->parts[p]);
            load.bytes += rk_artefact_bytes(segment->index->artefact);
        }
    }
    return load;
}
static inline bool rk_wares_is_dead(const rk_wares_part *part, uint32_t item)
{
    return part->dead && (part->dead->bits[item / 64] >> (item % 64) & 1);
}

/* Reads texts again to know which lists lose an item. */
typedef struct {
    rk_analyser *analyser;
    rk_vec terms; /* rk_index_hit */
    rk_vec words; /* uint32_t */
} rk_wares_reaper;
RK_MUST_CHECK rk_status rk_wares_kill(rk_wares_part *part, uint32_t item, rk_wares_reaper *reaper, rk_error *err);

/* An index of what is on the shelf, in the file or, where path is NULL, in memory. */
RK_MUST_CHECK rk_status rk_wares_segment_make(const rk_shelf *shelf, const rk_index_options *options, const char *path,
                                              rk_wares_segment **out, rk_error *err);
/* The same of items at hand. */
RK_MUST_CHECK rk_status rk_wares_segment_of(const rk_dataset *items, const rk_index_options *options, const char *path,
                                            const rk_run *run, rk_wares_segment **out, rk_error *err);
RK_MUST_CHECK rk_status rk_wares_segment_open(const char *path, rk_wares_segment **out, rk_error *err);
void rk_wares_segment_release(rk_wares_segment *segment); /* accepts NULL */
rk_wares_dead *rk_wares_dead_new(const rk_index *index);  /* NULL: no memory */
void rk_wares_dead_release(rk_wares_dead *dead);          /* accepts NULL */
/* The living of a part, in their order. */
RK_MUST_CHECK rk_status rk_wares_part_load(const rk_wares_part *part, rk_shelf *shelf, rk_error *err);

/* ---- the index itself: wares.c ---- */

struct rk_wares {
    char *folder;
    rk_wares_options options; /* with the index's own; its texts are owned */
    char *stemmer;
    rk_wal *wal; /* NULL: a reader */

    pthread_mutex_t door; /* held for a moment: now */
    rk_wares_snapshot *now;
    uint64_t n_published; /* snapshots after the first */

    pthread_mutex_t change; /* held by whoever makes the next snapshot: the fields below */
    rk_wares_reaper reaper;
    rk_wares_tongue tongue; /* of what it owns: */
    rk_segmenter *dictionary;
    rk_synonyms *synonyms;
    size_t n_fixed;     /* parts in front that are being merged: not to be absorbed */
    uint64_t n_read;    /* records that opening read */
    uint64_t log_from;  /* record that the manifest's log begins with */
    uint64_t n_changed; /* products since the means were measured */
    uint64_t next_file; /* number of the next segment's */

    pthread_mutex_t queue; /* calls that wait */
    pthread_cond_t turn;
    struct rk_wares_call *first, *last;
    bool is_led; /* one of the callers writes for all */

    pthread_mutex_t merging; /* held during a merge; taken before change */
    pthread_mutex_t bell;    /* of the merger */
    pthread_cond_t wake;
    pthread_t merger;
    bool has_merger, is_woken, is_ending;
    char trouble[512];
};

rk_wares_snapshot *rk_wares_take(rk_wares *live);                   /* the snapshot of now, for the caller to release */
void rk_wares_publish(rk_wares *live, rk_wares_snapshot *snapshot); /* holds change */
/* What the log says, or what is to be written there, done to a draft. analysis of options; n_fixed: parts in front that
 * stay as they are. */
RK_MUST_CHECK rk_status rk_wares_apply(rk_wares_draft *draft, rk_wares_op *ops, size_t n,
                                       const rk_index_options *options, size_t n_fixed, rk_wares_reaper *reaper,
                                       rk_error *err);

/* ---- the manifest: wares_manifest.c ---- */

typedef struct {
    rk_index_options index;
    char stemmer[40];
    uint64_t log_from, next_file;
} rk_wares_head;

RK_MUST_CHECK rk_status rk_wares_manifest_write(const char *folder, const rk_wares_head *head,
                                                const rk_wares_snapshot *snapshot, rk_error *err);
/* Whether the manifest on disk names a segment, or nobody can say: after a write that failed in an unknown place. */
bool rk_wares_manifest_names(const char *folder, const char *segment_path);
/* Opens the segments, too. draft: to be released by the caller, on failure as well. */
RK_MUST_CHECK rk_status rk_wares_manifest_read(const char *folder, rk_wares_head *head, rk_wares_draft *draft,
                                               rk_error *err);

/* ---- what texts and questions are read by: wares_tongue.c ---- */

/* Keeps the dictionary and the synonyms that options name in the folder; without a name, the installed dictionary where
 * items have Chinese texts. *dictionary: opened, owned by the caller; NULL: none. items NULL: none are known. */
RK_MUST_CHECK rk_status rk_wares_tongue_keep(const char *folder, const rk_index_options *options,
                                             const rk_dataset *items, rk_segmenter **dictionary, rk_error *err);
/* What the folder keeps, into live; options.index is read and told of the dictionary. */
RK_MUST_CHECK rk_status rk_wares_tongue_open(rk_wares *live, rk_error *err);
void rk_wares_tongue_close(rk_wares *live);

/* ---- merging: wares_merge.c ---- */

bool rk_wares_is_due(const rk_wares *live, const rk_wares_snapshot *snapshot); /* holds change */
RK_MUST_CHECK rk_status rk_wares_merger_start(rk_wares *live, rk_error *err);
void rk_wares_merger_stop(rk_wares *live);
void rk_wares_merger_wake(rk_wares *live);

#endif
