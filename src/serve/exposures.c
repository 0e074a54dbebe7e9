/* exposures.c - two texts: one is being filled while the clerk writes the other down. */
#include "serve/exposures.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/vec.h"
#include "store/wal.h"

/* Records one after the other, and where each ends. */
typedef struct {
    rk_text lines;
    rk_vec ends; /* size_t */
} pile;

struct rk_exposures {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t clerk;
    bool is_ending, is_failing; /* is_failing: the last write did, which has been said */
    pile piles[2];
    unsigned filling;
    uint64_t n_kept, n_dropped;
    uint64_t n_added, n_done; /* to the piles, and off them */
    char folder[PATH_MAX];
    rk_wal *wal;
    rk_erased *erased;
    rk_vec records; /* rk_slice; the clerk's */
    const rk_run *run;
};

static void pile_clear(pile *p)
{
    rk_text_clear(&p->lines);
    rk_vec_clear(&p->ends);
}

static rk_status write_pile(rk_exposures *x, const pile *p, rk_error *err)
{
    size_t begin = 0;
    const size_t *end = p->ends.data;
    rk_vec_clear(&x->records);
    for (size_t i = 0; i < p->ends.n; i++) {
        if (!rk_vec_push(&x->records, &(rk_slice){p->lines.at + begin, end[i] - begin})) {
            return rk_fail_memory(err, "exposures");
        }
        begin = end[i];
    }
    return rk_wal_append(x->wal, x->records.data, x->records.n, NULL, err);
}

/* What failed is dropped: a log that misses records says how many, one that waits for room fills the memory. */
static void do_round(rk_exposures *x, pile *p)
{
    rk_error err;
    bool is_kept = write_pile(x, p, &err) == RK_OK;
    if (!is_kept && !x->is_failing) {
        rk_log(x->run, RK_LOG_WARNING, "exposures are dropped: %s", err.message);
    } else if (is_kept && x->is_failing) {
        rk_log(x->run, RK_LOG_INFO, "exposures are kept again");
    }
    pthread_mutex_lock(&x->lock);
    x->is_failing = !is_kept;
    *(is_kept ? &x->n_kept : &x->n_dropped) += p->ends.n;
    x->n_done += p->ends.n;
    pthread_mutex_unlock(&x->lock);
    pile_clear(p);
}

static void *clerk(void *context)
{
    rk_exposures *x = context;
    pthread_mutex_lock(&x->lock);
    while (!x->is_ending || x->piles[x->filling].ends.n > 0) {
        if (x->piles[x->filling].ends.n == 0) {
            pthread_cond_wait(&x->changed, &x->lock);
            continue;
        }
        bool is_ending = x->is_ending;
        pthread_mutex_unlock(&x->lock);
        if (!is_ending) { /* more will come: one flush for all of it */
            nanosleep(&(struct timespec){0, RK_EXPOSURES_MS * 1000000L}, NULL);
        }
        pthread_mutex_lock(&x->lock);
        pile *p = &x->piles[x->filling];
        x->filling = !x->filling;
        pthread_mutex_unlock(&x->lock);
        do_round(x, p);
        pthread_mutex_lock(&x->lock);
    }
    pthread_mutex_unlock(&x->lock);
    return NULL;
}

/* Back to where it was, when memory was short. */
static void cut(pile *p, size_t n)
{
    p->lines.failed = false;
    p->lines.n = n;
}

void rk_exposures_add(rk_exposures *x, const rk_exposure *exposure)
{
    pthread_mutex_lock(&x->lock);
    pile *p = &x->piles[x->filling];
    size_t before = p->lines.n;
    bool is_kept = !x->is_ending && before < RK_EXPOSURES_BYTES_MAX;
    if (is_kept) {
        rk_exposure_write(exposure, &p->lines);
        is_kept = !p->lines.failed && rk_vec_push(&p->ends, &p->lines.n);
        if (!is_kept) {
            cut(p, before);
        }
    }
    x->n_dropped += !is_kept;
    x->n_added += is_kept;
    pthread_cond_signal(&x->changed);
    pthread_mutex_unlock(&x->lock);
}

static void release(rk_exposures *x)
{
    rk_wal_close(x->wal);
    rk_erased_close(x->erased);
    for (size_t i = 0; i < RK_COUNT_OF(x->piles); i++) {
        rk_text_release(&x->piles[i].lines);
        rk_vec_release(&x->piles[i].ends);
    }
    rk_vec_release(&x->records);
    pthread_mutex_destroy(&x->lock);
    pthread_cond_destroy(&x->changed);
    free(x);
}

rk_status rk_exposures_start(const char *folder, const rk_run *run, rk_exposures **out, rk_error *err)
{
    rk_exposures *x = calloc(1, sizeof *x);
    *out = NULL;
    if (!x) {
        return rk_fail_memory(err, "the log of exposures");
    }
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->changed, NULL);
    x->run = run;
    x->records.item_bytes = sizeof(rk_slice);
    x->piles[0].ends.item_bytes = x->piles[1].ends.item_bytes = sizeof(size_t);
    snprintf(x->folder, sizeof x->folder, "%s", folder);
    rk_status status = rk_wal_open(folder, (rk_wal_options){0}, &x->wal, NULL, err);
    status = status ? status : rk_erase_open(folder, x->wal, run, &x->erased, err);
    int failure = status ? 0 : pthread_create(&x->clerk, NULL, clerk, x);
    if (!status && failure) {
        status = rk_fail_errno(err, RK_IO, failure, "cannot start a thread");
    }
    if (status) {
        release(x);
        return status;
    }
    *out = x;
    return RK_OK;
}

void rk_exposures_stop(rk_exposures *x)
{
    if (!x) {
        return;
    }
    pthread_mutex_lock(&x->lock);
    x->is_ending = true;
    pthread_cond_signal(&x->changed);
    pthread_mutex_unlock(&x->lock);
    pthread_join(x->clerk, NULL);
    release(x);
}

const char *rk_exposures_settle(rk_exposures *x)
{
    pthread_mutex_lock(&x->lock);
    for (uint64_t n = x->n_added; x->n_done < n;) {
        pthread_mutex_unlock(&x->lock);
        nanosleep(&(struct timespec){0, RK_EXPOSURES_MS * 1000000L}, NULL);
        pthread_mutex_lock(&x->lock);
    }
    pthread_mutex_unlock(&x->lock);
    return x->folder;
}

rk_status rk_exposures_erase(rk_exposures *x, rk_slice user, int64_t now_s, rk_erase_proof *proof, rk_error *err)
{
    rk_exposures_settle(x);
    rk_status status = rk_erased_add(x->erased, user, rk_wal_end(x->wal), now_s, err);
    return status ? status : rk_erase_noted(x->wal, x->erased, user, proof, err);
}

rk_exposures_counts rk_exposures_count(rk_exposures *x)
{
    pthread_mutex_lock(&x->lock);
    rk_exposures_counts counts = {x->n_kept, x->n_dropped};
    pthread_mutex_unlock(&x->lock);
    return counts;
}

void rk_exposures_format(rk_exposures *x, rk_text *out)
{
    rk_exposures_counts counts = rk_exposures_count(x);
    rk_text_addf(out,
                 "# HELP reckon_exposures_total What was shown to whom, kept in the log of exposures or dropped.\n"
                 "# TYPE reckon_exposures_total counter\n"
                 "reckon_exposures_total{outcome=\"kept\"} %" PRIu64 "\n"
                 "reckon_exposures_total{outcome=\"dropped\"} %" PRIu64 "\n",
                 counts.n_kept, counts.n_dropped);
}
