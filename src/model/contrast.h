/* contrast.h - vectors learnt by setting what a user took against a sample of what the user did not take.
 *
 * The engine of bpr.c and logistic.c, which are option tables over it. With scores s = <x_u, y_i>, for what user u
 * took:
 *
 *   softmax   the sum over taken i of -log(e^{s_i} / (e^{s_i} + W mean of e^{s_j} over sampled j)); with W = 1 and
 *             one j for each i this is BPR's -log sigma(s_i - s_j)
 *   logistic  the sum over taken i of -c_i log sigma(s_i), and over sampled j of -log sigma(-s_j)
 *
 * Vectors are free (with a penalty, and biases as columns of their own) or of length 1 (then s = cosine / temperature).
 *
 * contrast.c        begin, epochs, end
 * contrast_deal.c   who is met with what, and in which order
 * contrast_visit.c  one user's step
 * contrast_fold.c   new users, and reasons
 */
#ifndef RECKON_MODEL_CONTRAST_H
#define RECKON_MODEL_CONTRAST_H

#include <math.h>

#include "math/dot.h"
#include "model/contrast_kernel.h"
#include "model/model.h"

typedef enum { RK_CONTRAST_SOFTMAX, RK_CONTRAST_LOGISTIC } rk_contrast_loss;
enum { RK_CONTRAST_PRODUCT, RK_CONTRAST_COSINE };             /* likeness */
enum { RK_CONTRAST_ADAPTIVE, RK_CONTRAST_EQUAL };             /* rates */
enum { RK_CONTRAST_ONE, RK_CONTRAST_COUNT, RK_CONTRAST_SUM }; /* weigh */

typedef struct {
    uint64_t factors, epochs, negatives, moved;
    double step, lambda, temperature, against, popularity, alpha;
    int likeness, rates, weigh;
    bool with_loss;
} rk_contrast_settings;

/* Rows that both option tables have. */
#define RK_CONTRAST_ROWS(epochs_by_default)                                                                            \
    {.name = "factors",                                                                                                \
     .kind = RK_OPT_COUNT,                                                                                             \
     .field = offsetof(rk_contrast_settings, factors),                                                                 \
     .value = "N",                                                                                                     \
     .fallback = "64",                                                                                                 \
     .help = "length of the vectors",                                                                                  \
     .min = 1,                                                                                                         \
     .max = RK_MODEL_DIM_MAX - 2,                                                                                      \
     .is_log_scale = true,                                                                                             \
     .tune = "32..256"},                                                                                               \
        {.name = "epochs",                                                                                             \
         .kind = RK_OPT_COUNT,                                                                                         \
         .field = offsetof(rk_contrast_settings, epochs),                                                              \
         .value = "N",                                                                                                 \
         .fallback = epochs_by_default,                                                                                \
         .help = "rounds over all events",                                                                             \
         .min = 1,                                                                                                     \
         .max = 100000,                                                                                                \
         .is_budget = true},                                                                                           \
        {.name = "moved",                                                                                              \
         .kind = RK_OPT_COUNT,                                                                                         \
         .field = offsetof(rk_contrast_settings, moved),                                                               \
         .value = "N",                                                                                                 \
         .fallback = "8",                                                                                              \
         .help = "about so many of the drawn are moved, the hardest surely, others by lot; 0 = all",                   \
         .max = 4096},                                                                                                 \
        {.name = "rates",                                                                                              \
         .kind = RK_OPT_CHOICE,                                                                                        \
         .field = offsetof(rk_contrast_settings, rates),                                                               \
         .value = "HOW",                                                                                               \
         .fallback = "adaptive",                                                                                       \
         .help = "a row's steps shrink with the gradients it has met, or all rows step alike",                         \
         .choices = "adaptive|equal"},                                                                                 \
    {                                                                                                                  \
        .name = "loss", .kind = RK_OPT_FLAG, .field = offsetof(rk_contrast_settings, with_loss),                       \
        .help = "record the loss of every epoch, as it was met on the way"                                             \
    }

/* One event, where it is met. */
typedef struct {
    uint32_t user;
    uint32_t slot; /* of the item in this epoch's order */
    float weight;
} rk_contrast_event;

/* How an epoch goes: users and items are dealt into n_blocks x n_blocks tiles; inside a tile a user's events stand
 * together. Tiles of one diagonal touch different users and items, so any number of threads may work on them at once.
 */
typedef struct {
    size_t n_blocks; /* a side; depends on the data and the settings alone */
    uint32_t n_users, n_items;
    uint32_t *user_at;           /* [n_users] the order of users */
    uint32_t *item_at, *slot_of; /* [n_items] the order of items, and the way back; a block is a run of slots */
    uint16_t *block_of;          /* [n_items] */
    rk_contrast_event *events;   /* tile by tile */
    uint64_t *start;             /* [n_blocks^2 + 1] of tile user block * n_blocks + item block */
    float alpha;                 /* weight of an event of value 1 */
    float *weight;               /* [n_items] of an item as a negative: its cards, on the average */
    uint32_t *cards;             /* slots of items to be drawn as negatives, shuffled, block by block */
    uint64_t *cards_start;       /* [n_blocks + 1] */
} rk_contrast_deal;

RK_MUST_CHECK rk_status rk_contrast_deal_init(rk_contrast_deal *deal, const rk_csr *taken, size_t width,
                                              double popularity, double alpha, rk_error *err);
void rk_contrast_deal_release(rk_contrast_deal *deal); /* accepts a zeroed one */
/* Deals an epoch anew. */
void rk_contrast_deal_epoch(rk_contrast_deal *deal, const rk_csr *taken, uint64_t epoch, const rk_run *run);
uint32_t rk_contrast_block_begin(const rk_contrast_deal *deal, size_t block); /* first slot; of n_blocks: n_items */

/* Of an event of this value: none if it speaks against the item or says nothing. */
static inline float rk_contrast_weight(float alpha, float value)
{
    return isfinite(value) && value > 0 ? alpha * value : 0;
}

/* Streams of random numbers. */
enum {
    RK_CONTRAST_STREAM_USERS,
    RK_CONTRAST_STREAM_ITEMS,
    RK_CONTRAST_STREAM_DEAL,
    RK_CONTRAST_STREAM_TILE,
    RK_CONTRAST_STREAM_SAMPLE
};
static inline uint64_t rk_contrast_stream(uint64_t purpose, uint64_t epoch, uint64_t i)
{
    return purpose << 60 | epoch << 32 | i;
}

/* What pulls at the vectors of whom; for training and for folding in. */
typedef struct {
    const rk_contrast_kernels *kernels;
    rk_contrast_loss loss;
    bool is_cosine, with_loss;
    float scale;     /* of scores: 1 / temperature, or 1 */
    float against;   /* W */
    float negatives; /* what the drawn weigh all together, for each taken; logistic */
} rk_contrast_aim;

/* Scores of one user, then pulls in their place. */
typedef struct {
    float *taken, *weight, *drawn; /* drawn: 64-byte aligned, room for whole vectors */
    size_t n_taken, n_drawn;       /* n_drawn >= 1 */
} rk_contrast_match;

/* Pulls: minus the gradient by the scores of the taken, and the gradient by the scores of the drawn. Returns the sum of
 * the latter; *loss is 0 unless aim->with_loss. */
float rk_contrast_pulls(const rk_contrast_aim *aim, const rk_contrast_match *match, double *loss);

typedef struct {
    uint32_t n;
    float *vector; /* [n x width] */
    float *energy; /* [n] squared lengths of the gradients so far */
} rk_contrast_side;

/* Columns: [0, dim) the factors, and for likeness by product [dim] the bias of an item, where a user has a 1, and for
 * the logistic loss [dim + 1] the bias of a user, where an item has a 1. Zeros beyond. */
typedef struct {
    const rk_contrast_settings *s;
    const rk_run *run;
    const rk_kernels *dots;
    rk_contrast_aim aim;
    size_t dim, n_used, width; /* n_used: columns that are not padding */
    rk_csr taken;              /* users x items; values: weights */
    rk_contrast_side users, items;
    rk_contrast_deal deal;
    float rate; /* of this epoch */
} rk_contrast;

/* Whoever looks on while vectors learn. */
typedef struct {
    void *context;
    /* After each epoch, from 1: *is_best: the vectors as they are now are to be kept in the place of those kept before;
     * *is_over: learning ends. */
    rk_status (*look)(void *context, const rk_contrast *c, uint64_t epoch, bool *is_best, bool *is_over, rk_error *err);
} rk_contrast_watch;

/* A worker's room. */
typedef struct {
    rk_contrast_match match;
    uint32_t *taken, *drawn, *chosen; /* items */
    float *score;                     /* of the chosen */
    rk_contrast_move *moves;          /* of the chosen */
    float *gathered;                  /* [width] what pulls at the user */
    float *purse;                     /* of the lots */
    uint32_t *stamp;                  /* [items of a block] the visit that met each last */
    uint32_t visit;
    void *block;
} rk_contrast_room;

RK_MUST_CHECK rk_status rk_contrast_room_init(rk_contrast_room *room, const rk_contrast *c, rk_error *err);
void rk_contrast_room_release(rk_contrast_room *room); /* accepts a zeroed one */
size_t rk_contrast_room_bytes(const rk_contrast *c);
/* Every user of a tile learns. Returns the loss met on the way, 0 unless it is asked for. */
double rk_contrast_tile(const rk_contrast *c, rk_contrast_room *room, size_t tile, uint64_t epoch);

/* ---- for the rows of the registry ---- */

RK_MUST_CHECK rk_status rk_contrast_train(const rk_dataset *dataset, const rk_contrast_settings *settings,
                                          rk_contrast_loss loss, const rk_run *run, rk_model_draft *out, rk_error *err);
/* The same of pairs with weights, users x items; taken over, and empty then. watch: NULL, or who says which epoch's
 * vectors are kept. */
RK_MUST_CHECK rk_status rk_contrast_fit(rk_csr *taken, const rk_contrast_settings *settings, rk_contrast_loss loss,
                                        const rk_contrast_watch *watch, const rk_run *run, rk_model_draft *out,
                                        rk_error *err);
uint64_t rk_contrast_bytes(const rk_dataset *dataset, const rk_contrast_settings *settings, unsigned n_threads);
rk_work rk_contrast_work(const rk_dataset *dataset, const rk_contrast_settings *settings);

#endif
