/* line.c - see line.h. */
#include "serve/line.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"

struct rk_line {
    rk_line_serve *serve;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    rk_waiting *waiting, **last;
    bool is_ending;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t serving;             /* held while somebody is served */
    atomic_int_least64_t served_from_ns; /* 0: nobody is */
};

void rk_line_is_through(rk_line *line)
{
    atomic_store_explicit(&line->served_from_ns, 0, memory_order_relaxed);
}

static void *work(void *context)
{
    rk_line *line = context;
    pthread_mutex_lock(&line->lock);
    while (!line->is_ending || line->waiting) {
        if (!line->waiting) {
            pthread_cond_wait(&line->changed, &line->lock);
            continue;
        }
        rk_waiting *first = line->waiting;
        line->waiting = NULL;
        line->last = &line->waiting;
        pthread_mutex_unlock(&line->lock);
        atomic_store_explicit(&line->served_from_ns, rk_clock_ns(), memory_order_relaxed);
        pthread_mutex_lock(&line->serving);
        line->serve(line->context, first);
        pthread_mutex_unlock(&line->serving);
        rk_line_is_through(line);
        pthread_mutex_lock(&line->lock);
    }
    pthread_mutex_unlock(&line->lock);
    return NULL;
}

rk_status rk_line_start(rk_line_serve *serve, void *context, rk_line **out, rk_error *err)
{
    rk_line *line = calloc(1, sizeof *line);
    *out = NULL;
    if (!line) {
        return rk_fail_memory(err, "a line");
    }
    line->serve = serve;
    line->context = context;
    line->last = &line->waiting;
    pthread_mutex_init(&line->lock, NULL);
    pthread_mutex_init(&line->serving, NULL);
    pthread_cond_init(&line->changed, NULL);
    int failure = pthread_create(&line->thread, NULL, work, line);
    line->has_thread = failure == 0;
    if (failure) {
        rk_line_free(line);
        return rk_fail_errno(err, RK_IO, failure, "cannot start a thread");
    }
    *out = line;
    return RK_OK;
}

bool rk_line_hand_in(rk_line *line, rk_waiting *one)
{
    *one = (rk_waiting){.handed_ns = rk_clock_ns()};
    pthread_mutex_lock(&line->lock);
    bool is_taken = !line->is_ending;
    if (is_taken) {
        *line->last = one;
        line->last = &one->next;
        pthread_cond_signal(&line->changed);
    }
    pthread_mutex_unlock(&line->lock);
    return is_taken;
}

int64_t rk_line_busy_ns(const rk_line *line, int64_t now_ns)
{
    int64_t from_ns = atomic_load_explicit(&line->served_from_ns, memory_order_relaxed);
    return from_ns > 0 ? now_ns - from_ns : 0;
}

void rk_line_pause(rk_line *line) { pthread_mutex_lock(&line->serving); }

void rk_line_resume(rk_line *line) { pthread_mutex_unlock(&line->serving); }

void rk_line_stop(rk_line *line)
{
    if (!line || !line->has_thread) {
        return;
    }
    pthread_mutex_lock(&line->lock);
    line->is_ending = true;
    pthread_cond_signal(&line->changed);
    pthread_mutex_unlock(&line->lock);
    line->has_thread = false;
    pthread_join(line->thread, NULL);
}

void rk_line_free(rk_line *line)
{
    if (line) {
        rk_line_stop(line);
        pthread_mutex_destroy(&line->lock);
        pthread_mutex_destroy(&line->serving);
        pthread_cond_destroy(&line->changed);
        free(line);
    }
}
