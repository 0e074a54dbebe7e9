/* contest.h - several models judged on the same users: which is better, and could that be chance?
 *
 * All are asked the same questions: the test pairs whose user and item every model knows, found by name. The first
 * model is the baseline. Two models' figures move together when the users change, so their difference is resampled user
 * by user, and tested by flipping the users' signs (sign_flip.h); p is corrected for all figures and models asked at
 * once.
 */
#ifndef RECKON_EVAL_CONTEST_H
#define RECKON_EVAL_CONTEST_H

#include "eval/eval.h"

enum { RK_CONTEST_MAX = 8 };
#define RK_CONTEST_LEVEL 0.05 /* corrected p below which a difference is more than chance */

typedef enum { RK_NO_DIFFERENCE, RK_IS_BETTER, RK_IS_WORSE, RK_IS_HIGHER, RK_IS_LOWER } rk_verdict;

/* One figure of a model against the baseline's. */
typedef struct {
    char key[24];
    double baseline, model;  /* over the users that both were judged by */
    double value, low, high; /* model - baseline; 95 % by resampling the users once for both */
    double p, p_holm;        /* two-sided; corrected for all of the contest */
    rk_verdict verdict;
} rk_difference;

typedef struct {
    rk_difference *difference;      /* owned */
    size_t n_differences, headline; /* headline: the one that says which model to take: rmse, or the longest ndcg */
    uint32_t users;                 /* that both were asked */
    size_t n_flips;                 /* that p rests on: 50,000, or of 15 users or fewer all there are */
} rk_duel;

typedef struct {
    size_t n_models;
    char *path[RK_CONTEST_MAX];               /* owned */
    char label[RK_CONTEST_MAX][64];           /* "als-1a2b" */
    rk_evaluation evaluation[RK_CONTEST_MAX]; /* without their tables */
    rk_duel duel[RK_CONTEST_MAX];             /* of each model but the first, against the first */
    size_t n_tests;                           /* asked at once */
} rk_contest;

/* What to ask: the fewer figures, the less the correction takes from each. */
typedef struct {
    const rk_eval_target *figure; /* [n_figures] the first is the headline; none: all there are */
    size_t n_figures;
} rk_contest_wish;

/* paths: [n], 2 .. RK_CONTEST_MAX models; train_path may be NULL. plan's cuts must hold those of the wish. */
RK_MUST_CHECK rk_status rk_contest_files(const char *const *paths, size_t n, const char *test_path,
                                         const char *train_path, const rk_eval_plan *plan, rk_contest_wish wish,
                                         const rk_run *run, rk_contest *out, rk_error *err);
void rk_contest_release(rk_contest *contest); /* accepts a zeroed one */

/* "B.rk ranks better than A.rk: ndcg@20 +.012 (.010 to .014), p < .001". */
void rk_duel_sentence(const rk_contest *contest, size_t model, rk_text *out);
/* {"models":[{"path","model",...as
 * rk_evaluation_json}],"comparisons":[{"baseline","model","users","flips","difference":
 * {"ndcg@20":0.012,"ndcg@20_ci":[...],"ndcg@20_p":...,"ndcg@20_p_holm":...,"ndcg@20_verdict":"better",...},"headline",
 * "verdict","words"}],"tests"}, as members of an object that is open. */
void rk_contest_json(const rk_contest *contest, rk_json *json);
const char *rk_verdict_name(rk_verdict verdict); /* "better" */

#endif
