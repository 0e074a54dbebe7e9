/* journal.h - the two logs read together: who was shown what, and what those users did, before and after.
 *
 * Of events just those of users who were shown something are kept. Each user's exposures and deeds stand together, in
 * the order of their times.
 */
#ifndef RECKON_EXPERIMENT_JOURNAL_H
#define RECKON_EXPERIMENT_JOURNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "base/run.h"
#include "experiment/exposure.h"

typedef enum { RK_DEED_OTHER, RK_DEED_CLICK, RK_DEED_PURCHASE } rk_deed_kind;

typedef struct {
    int64_t time_s;
    uint32_t user, item; /* of users, items */
    rk_deed_kind kind;
    double revenue; /* of a purchase: price x quantity, 0 where the event has no price; a return's is negative */
} rk_deed;

/* An exposure in numbers; names of experiments, variants and scenes in `names`, RK_NO_ID: none. */
typedef struct {
    int64_t time_s;
    uint32_t user, experiment, variant, variants[2], scene;
    double propensity;
    const uint32_t *item;      /* [n_items] */
    const unsigned char *team; /* [n_items] 0 or 1, NULL: nothing was interleaved */
    size_t n_items;
    uint32_t place; /* explored, from 1; 0: not */
    double place_propensity;
    const uint32_t *choice; /* [n_choices] */
    size_t n_choices;
    uint64_t asked_n;
    uint32_t asked_item; /* RK_NO_ID: none */
    rk_slice asked_category;
    const uint32_t *asked_basket; /* [n_asked_basket] */
    size_t n_asked_basket;
    uint64_t cpu_ns, bytes;
} rk_shown;

/* Where one user's stand. */
typedef struct {
    size_t first_shown, n_shown, first_deed, n_deeds;
} rk_journal_user;

typedef struct {
    rk_arena arena;
    rk_interner *users, *items, *names;
    rk_shown *shown; /* [n_shown] by user, then time */
    rk_deed *deed;   /* [n_deeds] the same */
    size_t n_shown, n_deeds;
    rk_journal_user *by_user;       /* [users] */
    int64_t newest_s;               /* of both logs */
    uint64_t n_events, n_exposures; /* read; of events, more than deeds */
} rk_journal;

typedef struct {
    const char *events, *exposures; /* folders of the logs */
    const char *purchases, *clicks; /* types of events, between commas, letters of any case */
} rk_journal_options;
/* An event without a type is a purchase, as `reckon ingest` has it. */
rk_journal_options rk_journal_defaults(void);

/* RK_BAD_INPUT: a record that is no event or exposure, with folder and number. Owned by the caller. */
RK_MUST_CHECK rk_status rk_journal_read(const rk_journal_options *options, const rk_run *run, rk_journal **out,
                                        rk_error *err);
void rk_journal_free(rk_journal *journal); /* accepts NULL */

#endif
