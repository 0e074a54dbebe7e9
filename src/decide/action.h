/* action.h - what could be done to make a plan cheaper: proposed by rules, each tried by accounting for it, ranked.
 *
 * A kind of action is a row (action_*.c): it looks at the plan and its ledger and proposes changes. Every proposal is
 * then run through the accountant as it stands, so a saving is never an estimate; what the accountant refuses, or what
 * would leave more requests unanswered, is kept apart with its reason. Of proposals for one thing (ten other machines
 * for one service) the best is listed. At the end the listed ones are tried together, best first, each kept if the
 * whole gets cheaper by it: savings of actions overlap, and their sum is no saving.
 */
#ifndef RECKON_DECIDE_ACTION_H
#define RECKON_DECIDE_ACTION_H

#include "base/run.h"
#include "base/vec.h"
#include "decide/what_if.h"

struct rk_plan;

typedef struct {
    const char *kind;           /* "other machine" */
    const char *about;          /* the one thing that proposals of a kind compete for: "recommend" */
    const char *what;           /* "run recommend on c8g.large instead of c7g.large" */
    const char *gives_up;       /* what is given up, or the risk taken */
    const char *const *changes; /* [n_changes] as --set takes them */
    size_t n_changes;
    /* filled by trying */
    rk_status status;   /* not RK_OK: `reason` says why it cannot be done */
    const char *reason; /* NULL = it can */
    rk_money saving;    /* over the horizon; not above 0: no saving */
    rk_money yearly;    /* saving x 12 / months */
    const rk_outcome_change *lines; /* [n_lines] elements that would cost something else */
    size_t n_lines;
    bool in_combination; /* part of the cheapest combination */
} rk_action;

typedef struct {
    rk_arena arena;
    const char *currency, *name;
    uint32_t n_months;
    rk_outcome base;
    rk_action *actions; /* [n_actions] that save, largest saving first; ties by kind, then as proposed */
    size_t n_actions;
    rk_action *refused; /* [n_refused] that cannot be done */
    size_t n_refused;
    size_t n_tried, n_dearer; /* all proposals; those that save nothing or lost to a better one of their kind */
    rk_money together;        /* saving of the combination over the horizon */
    rk_money together_yearly, total_yearly;
} rk_actions;

typedef struct {
    double keep_quality; /* a smaller variant must keep so much of the quality of the one that answers: 0.99 */
} rk_action_options;

/* Tries everything. *out is released by the caller when RK_OK; texts live in it. */
RK_MUST_CHECK rk_status rk_actions_find(const rk_plan_source *source, const rk_action_options *options,
                                        const rk_run *run, rk_actions *out, rk_error *err);
void rk_actions_release(rk_actions *actions);
void rk_actions_json(const rk_actions *actions, rk_text *out);

/* ---- for kinds of actions ---- */
typedef struct {
    const struct rk_plan *plan;
    const rk_ledger *ledger;
    const rk_action_options *options;
    rk_arena *arena;
    rk_vec *proposals; /* rk_action */
    bool failed;       /* memory was short */
} rk_proposer;

/* A formatted text that lives as long as the actions. */
const char *rk_propose_words(rk_proposer *p, const char *fmt, ...) RK_PRINTF(2, 3);
/* changes: [n] are copied as they are, their texts are not. */
void rk_propose(rk_proposer *p, rk_action action, const char *const *changes, size_t n);

typedef struct {
    const char *name;
    void (*propose)(rk_proposer *p, const char *kind);
} rk_action_kind;
extern const rk_action_kind rk_action_machine, rk_action_reserve, rk_action_minimum, rk_action_spare,
    rk_action_utilisation, rk_action_together, rk_action_variant, rk_action_less;
const rk_action_kind *rk_action_kind_at(size_t i); /* NULL past the end */

#endif
