/* what_if.h - what another policy would have brought, from the log of one that explored: before anybody sees it.
 *
 * A scene that explores draws the item of a place, now and then, among those that might stand there, and logs the
 * chance that what stood there had. So answers in which the other policy would have put that very item are a sample of
 * what it would have brought, each counted 1 / chance times: w   = [policy's choice = what stood there] / chance IPS =
 * sum of w r / answers        unbiased; swings with the weights SNIPS = sum of w r / sum of w       biased by about 1 /
 * answers, and much steadier (Horvitz and Thompson, JASA 1952; Swaminathan and Joachims, "The self-normalized estimator
 * for counterfactual learning", NIPS 2015). r is what came of the item at the place: clicks, purchases or revenue.
 * Everything is summed by user and the intervals are the delta method's, so that answers of one user go together.
 *
 * What can be told: the value of another choice for the explored place, among the logged choices. What cannot: what
 * another list as a whole would have done, or an item that had no chance to be shown.
 */
#ifndef RECKON_EXPERIMENT_WHAT_IF_H
#define RECKON_EXPERIMENT_WHAT_IF_H

#include "experiment/journal.h"
#include "math/estimate.h"

typedef enum { RK_REWARD_CLICKS, RK_REWARD_PURCHASES, RK_REWARD_REVENUE, RK_N_REWARDS } rk_reward;
extern const char *const rk_reward_names[RK_N_REWARDS];

/* What the policy would have put at the place: one of shown->choice, or RK_NO_ID: none of them. */
typedef rk_status rk_policy(void *context, const rk_shown *shown, uint32_t *choice, rk_error *err);

typedef struct {
    const char *scene; /* whose explored answers; NULL: of a log with just one that explores */
    rk_reward reward;
    int64_t window_s; /* after an answer */
    double confidence;
} rk_what_if_options;

typedef struct {
    const char *scene; /* borrowed from the journal's names: as long as that */
    size_t scene_bytes;
    uint64_t n_answers, n_users;      /* explored */
    uint64_t n_unsupported;           /* of them the policy would have put none of the choices there: not counted */
    uint64_t n_matched;               /* it would have put what stood there */
    double effective, weight_most;    /* (sum of w)^2 / sum of w^2; the largest w */
    rk_estimate logged, ips, snips;   /* reward an answer */
    rk_estimate ips_gain, snips_gain; /* against what was logged */
} rk_what_if;

/* RK_NOT_FOUND: no explored answers. Whatever the policy says is passed on. */
RK_MUST_CHECK rk_status rk_what_if_estimate(const rk_journal *journal, const rk_what_if_options *options,
                                            rk_policy *policy, void *context, rk_what_if *out, rk_error *err);

/* Members of an object that is open. */
void rk_what_if_json(const rk_what_if *what_if, rk_reward reward, rk_json *json);

#endif
