/* ranker.h - what orders the candidates of a question: a blend of features, and trees on top of it, if any; or places
 * in several orders. */
#ifndef RECKON_RANK_RANKER_H
#define RECKON_RANK_RANKER_H

#include "rank/forest.h"

enum { RK_RANKER_DEPTH = 200 }; /* findings that get a second look; the others stay behind them */

typedef struct {
    rk_blend blend;
    rk_forest forest;  /* owned; n 0: none */
    bool is_fused;     /* neither: the places in a few orders are fused (fuse.h) */
    bool is_untrained; /* for a shopper of whom something is known, places are fused, too: see rk_ranker_default */
} rk_ranker;

/* Nothing trained: the blend, as it is for everybody. For a known shopper (look.h) two orders are fused by their places:
 * by the blend without taste, where what is within a 20th of the best score stands at one place; and by taste. So taste
 * decides among what answers the words alike, and little else. */
rk_ranker rk_ranker_default(void);
rk_ranker rk_ranker_fused(void);           /* nothing trained, and no weights either */
void rk_ranker_release(rk_ranker *ranker); /* accepts a zeroed one */
double rk_ranker_score(const rk_ranker *ranker, const float *feature);
/* Whether it fuses places for whom the looker is. */
bool rk_ranker_fuses(const rk_ranker *ranker, const rk_looker *looker);

/* Sorts the first RK_RANKER_DEPTH findings by their score, which takes the place of the one they had, equal ones by
 * smaller item; those behind them keep their order and get what keeps scores descending. text: of the question. */
RK_MUST_CHECK rk_status rk_ranker_rank(const rk_ranker *ranker, rk_looker *looker, rk_slice text,
                                       const rk_question *question, rk_arena *arena, rk_findings *findings,
                                       rk_error *err);

/* Learns a blend, and with most_trees > 0 a forest on top of it. */
RK_MUST_CHECK rk_status rk_ranker_learn(const rk_lesson *lesson, const uint32_t *query, size_t n, size_t most_trees,
                                        const rk_run *run, rk_ranker *out, rk_learned *blend, rk_learned *forest,
                                        rk_error *err);

/* An artefact of kind "ranker":
 *   tree.feature  u8   [n x 7]  number in meta "features"; absent: no trees
 *   tree.cut      f32  [n x 7]
 *   tree.leaf     f32  [n x 8]
 * Meta: {"weights":{"first_look":1,...},"features":["first_look",...]}; how: what else its meta says of its making,
 * NULL: nothing. */
RK_MUST_CHECK rk_status rk_ranker_write(const rk_ranker *ranker, const json_t *how, const char *path,
                                        const rk_usage *making, rk_error *err);
RK_MUST_CHECK rk_status rk_ranker_open(const char *path, rk_ranker *out, rk_error *err);

#endif
