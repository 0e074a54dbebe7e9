/* live.h - the model that answers, and its replacement while requests are running.
 *
 * An rk_live is an opened model with what an answer needs beside it: what is popular, an index for search, scenes. It
 * never changes. The slot holds the one that answers now. A request takes a reference and gives it back; a swap puts a
 * newer one into the slot, and the old one closes when its last reader is done.
 */
#ifndef RECKON_SERVE_LIVE_H
#define RECKON_SERVE_LIVE_H

#include <pthread.h>
#include <stdatomic.h>

#include "experiment/experiment.h"
#include "model/model.h"
#include "scene/scene_set.h"
#include "serve/finder.h"
#include "serve/joined.h"
#include "serve/nears.h"

typedef struct {
    rk_model *model;     /* NULL: search only */
    rk_nears *nears;     /* NULL: all items are scored */
    rk_finder *finder;   /* NULL: no search */
    rk_stock *stock;     /* borrowed; NULL: the products are not live */
    rk_joined *joined;   /* the model and the stock; NULL: not both */
    rk_dataset data;     /* n_items 0: none given */
    uint32_t *data_item; /* [n_items of the model] the same item in data, or RK_NO_ID; NULL: not needed */
    uint32_t *popular;   /* [n_popular] items by number of takers, most first, ties by smaller item */
    float *takers;       /* [n_popular] */
    uint32_t n_popular;
    rk_scenes *scenes;           /* NULL: none */
    rk_scene_set *scene_set;     /* the scenes, joined to the model */
    rk_experiments *experiments; /* on the scenes; NULL: none */
    int64_t opened_unix_s;
    uint64_t number;       /* in the slot: 0, 1, ... no other one had it */
    atomic_uint n_readers; /* the slot counts as one */
} rk_live;

/* Of model_path and search_path one may be NULL, and the others with it. All files are read into memory, and every byte
 * is held against its checksum: what happens to the files later, even cutting them short in place, does not reach what
 * answers. The result has one reference: the caller's. */
typedef struct {
    const char *model_path, *data_path, *index_path; /* index_path: of the model's vectors; NULL: none */
    const char *search_path, *ranker_path;           /* an index, and weights of its second look */
    const char *scenes_path;                         /* needs a model */
    const char *experiments_path;                    /* needs scenes */
    rk_stock *stock; /* in the place of search_path: a live index; borrowed. NULL: none */
    bool is_first;   /* the model is mapped, and only its shape and small parts are checked: to answer soon, until an
                        opening of all of it takes its place. Who cuts the file short meanwhile ends the process */
} rk_live_source;
RK_MUST_CHECK rk_status rk_live_open(const rk_live_source *source, const rk_run *run, rk_live **out, rk_error *err);
const char *rk_live_label(const rk_live *live); /* of the model, or of the index */
void rk_live_release(rk_live *live);            /* gives one reference back; the last closes; accepts NULL */

typedef struct {
    pthread_mutex_t lock;
    rk_live *live;
} rk_live_slot;
void rk_live_slot_init(rk_live_slot *slot, rk_live *live); /* takes the reference over */
rk_live *rk_live_acquire(rk_live_slot *slot);
void rk_live_swap(rk_live_slot *slot, rk_live *live); /* takes the reference over */
void rk_live_slot_release(rk_live_slot *slot);

#endif
