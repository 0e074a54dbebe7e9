/* users.h - one user's data: all that is held of him, and its erasure. Both read the whole log of events, so a thread
 * of its own does them, one after another, while events and questions go on.
 */
#ifndef RECKON_SERVE_USERS_H
#define RECKON_SERVE_USERS_H

#include "serve/answers.h"
#include "serve/exposures.h"
#include "serve/intake.h"
#include "serve/line.h"
#include "serve/live.h"

enum { RK_USER_EVENTS_MAX = 10000 }; /* of a log, in one answer, which says where the rest begins */

typedef enum { RK_USER_SHOW, RK_USER_ERASE } rk_user_task;

/* The caller's until it is handed in, and again from `done` on. */
typedef struct rk_user_job {
    rk_waiting waiting;
    rk_user_task task;
    rk_slice user;
    uint64_t from, exposures_from; /* SHOW: the records of the logs to begin at */
    rk_text *out;                  /* the answer */
    char request_id[32];
    rk_problem problem;
    void (*done)(struct rk_user_job *job); /* in the thread of this room */
} rk_user_job;

typedef struct rk_users rk_users;

/* All borrowed. exposures NULL: none are logged; answers NULL: none are kept. */
RK_MUST_CHECK rk_status rk_users_start(rk_intake *intake, rk_exposures *exposures, rk_live_slot *live,
                                       rk_answers *answers, const rk_run *run, rk_users **out, rk_error *err);
/* false: the room is closing, and done is not called. */
bool rk_users_hand_in(rk_users *users, rk_user_job *job);
void rk_users_stop(rk_users *users); /* answers those who wait; nothing is taken any more. Accepts NULL */
void rk_users_free(rk_users *users); /* accepts NULL */

#endif
