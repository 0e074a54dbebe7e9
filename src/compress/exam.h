/* exam.h - how well a student ranks what it has not been told, while it learns. Private to compress/.
 *
 * Of some users, drawn by the seed, a fifth of what they took is hidden: the student is told neither of it nor of lists
 * that were made in its knowledge. After each epoch its NDCG@20 of what is hidden is taken over all items that the user
 * is not known to have. Few users tell the best epoch only roughly, and steps fall, so that a later one is the better
 * where they cannot tell: kept are the vectors of the last epoch that is not worse than the best by more than a
 * standard error of the difference. When some epochs in a row are worse than that, it is over.
 */
#ifndef RECKON_COMPRESS_EXAM_H
#define RECKON_COMPRESS_EXAM_H

#include "compress/lists.h"
#include "model/contrast.h"

typedef struct {
    const rk_model *teacher;
    const rk_run *run;
    uint32_t n;               /* users; 0: there is no exam */
    uint32_t *user;           /* [n] ascending */
    uint64_t *start;          /* [n + 1] */
    uint32_t *known, *hidden; /* [start[n]] ascending: of user i those from start[i] on, */
    uint32_t *n_known;        /* [n] so many, and as many hidden as are left */
    double *score, *most;     /* [n] of this epoch, of that with the highest mean */
    uint8_t *is_bad;          /* [n] memory was short */
    uint64_t patience, best_epoch, n_epochs;
    double best;
} rk_exam;

/* n_users: wanted, a tenth of all at most; users with too little to hide any of it are not drawn. */
RK_MUST_CHECK rk_status rk_exam_set(const rk_model *teacher, uint32_t n_users, uint64_t patience, const rk_run *run,
                                    rk_exam *out, rk_error *err);
void rk_exam_release(rk_exam *exam); /* accepts a zeroed one */

/* What the student may know of a user. */
rk_history rk_exam_known(const rk_exam *exam, uint32_t user);
/* The lists of those examined are made anew, of what they are known to have. */
RK_MUST_CHECK rk_status rk_exam_forget(const rk_exam *exam, rk_lists *lists, rk_error *err);
/* For rk_contrast_watch; context: the exam. */
rk_status rk_exam_look(void *context, const rk_contrast *c, uint64_t epoch, bool *is_best, bool *is_over,
                       rk_error *err);

#endif
