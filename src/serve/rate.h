/* rate.h - how often somebody may ask: token buckets, and one for each client address in bounded memory.
 *
 * A bucket is one number, the moment when it will be full again (the generic cell rate algorithm, ITU-T I.371): taking
 * a token moves that moment on by 1/rate, and is refused when it would lie further ahead than the burst allows. No
 * clock ticks, nothing is refilled, and one compare-and-swap is all that concurrent takers need.
 */
#ifndef RECKON_SERVE_RATE_H
#define RECKON_SERVE_RATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t step_ns, room_ns; /* 1 / rate, and what the burst leaves; step_ns 0: no limit */
} rk_rate;
/* per_s 0: no limit; below RK_RATE_MIN counts as that, burst below 1 as 1. At most 10^6 each: times stay in 64 bits. */
#define RK_RATE_MIN 0.001
rk_rate rk_rate_of(double per_s, double burst);

typedef struct {
    atomic_int_least64_t full_at_ns;
} rk_bucket;
/* 0: taken; else nothing was taken, and one token will be there after so many nanoseconds. Any thread. */
int64_t rk_bucket_take(rk_bucket *bucket, rk_rate rate, int64_t now_ns);

/* Buckets of as many strangers as there are: sets of a few places, found by a keyed hash of who it is, so that nobody
 * can choose whose place he takes. A newcomer takes the place whose bucket is fullest; a flood of addresses can make
 * the server forget how often one of them asked, and never makes it grow. */
enum { RK_CROWD_SETS = 16384, RK_CROWD_WAYS = 4, RK_CROWD_LOCKS = 64 };
typedef struct {
    uint64_t who; /* 0: free */
    int64_t full_at_ns;
} rk_crowd_place;
typedef struct {
    rk_crowd_place (*sets)[RK_CROWD_WAYS]; /* [RK_CROWD_SETS] 1 MB */
    pthread_mutex_t locks[RK_CROWD_LOCKS];
    uint64_t seed;
} rk_crowd;
bool rk_crowd_init(rk_crowd *crowd, uint64_t seed); /* false when memory is short */
void rk_crowd_release(rk_crowd *crowd);             /* accepts a zeroed one */
/* As rk_bucket_take, for whoever these bytes are. */
int64_t rk_crowd_take(rk_crowd *crowd, const void *who, size_t n_bytes, rk_rate rate, int64_t now_ns);

#endif
