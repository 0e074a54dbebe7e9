/* ivf.h - lists of near items, half a byte or a byte for each part of a vector, and floats for the few that are left.
 *
 * Space:  items and queries are turned (ivf_basis.c) so that a query's numbers are alike and independent, as far as
 *         the sample of queries tells: <q, y> stays what it was, and an error |e|^2 of an item costs every query alike
 *         on average. So k-means and the codes below lower the error of scores, not of vectors.
 * Lists:  every item is in the list of its nearest centre (kmeans.h).
 * Codes:  y - centre in n_parts parts of neighbouring numbers, each the nearest of 16 words, or of 256. Parts are
 *         narrow where the numbers vary much and wide where little (ivf_words.c), so that every code tells as much. A
 *         rotation may follow that the words lose less behind (ivf_rotate.c); it is part of the turn, so asking does
 *         not know of it.
 * Asking: <q, y> ~ <q, centre> + sum over parts of <q, word>. The table of all <q, word> is one for all lists, and 16
 *         entries of a part are one register: a byte shuffle looks up 16 to 64 items at once ("Quicker ADC", Andre et
 *         al. 2019); 256 entries are four registers of AVX-512, or sixteen rows. The best by that are scored in floats.
 * Effort: rung e of a ladder that was found on the sample (ivf_ladder.c): so many lists, so many items in floats. The
 *         last rung is a scan of everything.
 */
#ifndef RECKON_ANN_IVF_H
#define RECKON_ANN_IVF_H

#include "ann/ann.h"

enum {
    RK_IVF_WORDS = 16,      /* of half a byte */
    RK_IVF_WORDS_MAX = 256, /* of a byte */
    RK_IVF_BLOCK = 32,      /* items of a list that are coded together */
    RK_IVF_PARTS_MAX = 256, /* 256 x 255 stays below 2^16 */
    RK_IVF_PARTS_STEP = 4,  /* n_parts is a multiple */
    RK_IVF_LISTS_MAX = 65536,
    RK_IVF_STRIPE = 64, /* blocks that are looked up before their best are taken */
};

typedef struct {
    uint32_t lists, candidates; /* candidates for a question of k = RK_ANN_RECALL_AT */
} rk_ivf_rung;

/* Pointers are owned when built, else the artefact's. */
typedef struct {
    size_t n, dim, n_lists, n_parts, n_words, n_blocks, n_rungs;
    const float *turn;     /* [dim x dim] of queries; row-major, new = turn * old */
    const float *centre;   /* [n_lists x dim] */
    const uint32_t *part;  /* [n_parts + 1] the first number of each part */
    const float *word;     /* [dim x n_words]: number d of the words of its part */
    const uint32_t *start; /* [n_lists + 1] blocks of each list */
    const uint32_t *item;  /* [n_blocks x 32] RK_NO_ID behind a list's last */
    /* [n_blocks][n_parts][16]: low halves of the first 16 items, high halves of the others; of 256 words
     * [n_blocks][n_parts][32]: a byte an item. */
    const uint8_t *code;
    const rk_ivf_rung *rung; /* [n_rungs] */
    double lost;             /* built: the mean square that codes leave, as a share of that about the centres */
    bool is_own;
} rk_ivf;

/* Of the codes of one part of a block. */
static inline size_t rk_ivf_line(size_t n_words) { return n_words > RK_IVF_WORDS ? RK_IVF_BLOCK : RK_IVF_BLOCK / 2; }

typedef struct {
    uint64_t lists, bytes, rounds;
    uint64_t rotations; /* rounds of ivf_rotate.c; 0: none */
    bool by_bytes;      /* a code is a byte */
} rk_ivf_settings;

void rk_ivf_free(rk_ivf *ivf); /* accepts NULL */
RK_MUST_CHECK rk_status rk_ivf_build(const rk_ann_material *from, const rk_ivf_settings *settings, rk_ivf *out,
                                     rk_error *err);

/* ---- the steps of a build ---- */

/* turn, item_turn: [dim x dim], so that <turn q, item_turn y> = <q, y>. */
RK_MUST_CHECK rk_status rk_ivf_basis(const rk_ann_rows *items, const rk_ann_rows *queries, float *turn,
                                     float *item_turn, rk_error *err);
/* The parts that lose least, from how much each number varies; part: [n_parts + 1]. */
RK_MUST_CHECK rk_status rk_ivf_parts(const double *variance, size_t dim, size_t n_parts, size_t n_words, uint32_t *part,
                                     rk_error *err);

/* Vectors in words: [dim x n_words], by number. */
typedef struct {
    const uint32_t *part; /* [n_parts + 1] */
    float *word;
    size_t dim, n_parts, n_words;
} rk_ivf_book;
/* Fills book->word; rows: what is to be coded. */
RK_MUST_CHECK rk_status rk_ivf_words(const rk_ann_rows *rows, const rk_ivf_book *book, const rk_run *run,
                                     rk_error *err);
/* The nearest word of every part of one row, of equally near ones the first; code: [n_parts]. */
void rk_ivf_code(const float *row, const rk_ivf_book *book, uint8_t *code);
/* What the words of a code make of a row, out: [dim]; returns the squared distance of the two. */
double rk_ivf_decode(const float *row, const rk_ivf_book *book, const uint8_t *code, float *out);
/* Rotates rows, in place, so that the words lose less, and fits these, too: book->word is there to begin with.
 * back: [dim x dim], row-major, the transpose of the rotation: new row = old row * back. */
RK_MUST_CHECK rk_status rk_ivf_rotate(const rk_ann_rows *rows, const rk_ivf_book *book, size_t n_rounds,
                                      const rk_run *run, float *back, rk_error *err);
/* Fills rung: [RK_ANN_STEPS_MAX]; returns how many. ivf is complete but for its ladder. queries: at least one. */
RK_MUST_CHECK rk_status rk_ivf_ladder(const rk_ivf *ivf, const rk_ann_rows *base, const rk_ann_rows *queries,
                                      rk_ivf_rung *rung, size_t *n_rungs, rk_error *err);

/* ---- asking ---- */

/* An item, or a list, with its score: larger is better, of equal scores the smaller number. */
typedef uint64_t rk_ivf_key;
uint32_t rk_ivf_number(rk_ivf_key key);

typedef struct {
    float *query;   /* [dim] turned */
    float *scores;  /* [n_lists] */
    uint32_t *list; /* [n_lists] best first, as far as they were asked for */
    float *list_score;
    rk_topk *topk;  /* of lists, */
    size_t n_topk;  /* so many */
    float *exact;   /* [n_parts x n_words] products of the query with all words */
    uint8_t *table; /* [n_parts x n_words] the same in bytes: (exact - the part's least) / step */
    float offset, step;
    rk_ivf_key *candidate; /* [room] */
    size_t room, n_candidates;
    uint16_t sum[RK_IVF_STRIPE * RK_IVF_BLOCK];
    uint32_t may[RK_IVF_STRIPE];
} rk_ivf_desk;

RK_MUST_CHECK rk_status rk_ivf_desk_new(const rk_ivf *ivf, rk_ivf_desk **out, rk_error *err);
void rk_ivf_desk_free(rk_ivf_desk *desk); /* accepts NULL */
/* The n_wanted best by their codes of the n_lists nearest lists, and of more lists while they are fewer than n_least;
 * into desk->candidate, in no order. */
RK_MUST_CHECK rk_status rk_ivf_collect(const rk_ivf *ivf, rk_ivf_desk *desk, const float *query, size_t n_lists,
                                       size_t n_wanted, size_t n_least, const uint64_t *barred, rk_error *err);

/* ---- the loops, one per size of a code and instruction set, the same in all ---- */

typedef struct {
    const uint8_t *code;  /* of the first block */
    const uint8_t *table; /* [n_parts x n_words] */
    size_t n_parts, n_blocks;
    uint32_t least; /* the sum that is wanted, 0 .. 65535 */
} rk_ivf_scan;

/* sum: [n_blocks x 32]; may: [n_blocks] bit i: item i of the block has at least the sum wanted. */
typedef void rk_ivf_kernel(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may);
rk_ivf_kernel rk_ivf_kernel_portable, rk_ivf_bytes_portable;
#if defined(__x86_64__)
rk_ivf_kernel rk_ivf_kernel_avx2, rk_ivf_kernel_avx512, rk_ivf_bytes_avx2, rk_ivf_bytes_vbmi;
bool rk_ivf_has_vbmi(void);
#endif
rk_ivf_kernel *rk_ivf_kernel_best(size_t n_words);

#endif
