/* rate.c - see rate.h. */
#include "serve/rate.h"

#include <stdlib.h>

#include "base/map.h"

rk_rate rk_rate_of(double per_s, double burst)
{
    if (per_s <= 0) {
        return (rk_rate){0};
    }
    double step_ns = 1e9 / (per_s > RK_RATE_MIN ? per_s : RK_RATE_MIN);
    return (rk_rate){(int64_t)step_ns > 0 ? (int64_t)step_ns : 1, (int64_t)((burst > 1 ? burst - 1 : 0) * step_ns)};
}

/* Moves the moment on when a token is there; else says how long until one is. */
static int64_t take(int64_t full_at_ns, rk_rate rate, int64_t now_ns, int64_t *next_ns)
{
    int64_t begin_ns = full_at_ns > now_ns ? full_at_ns : now_ns;
    *next_ns = begin_ns + rate.step_ns;
    int64_t ahead_ns = begin_ns - now_ns - rate.room_ns;
    return ahead_ns > 0 ? ahead_ns : 0;
}

int64_t rk_bucket_take(rk_bucket *bucket, rk_rate rate, int64_t now_ns)
{
    if (rate.step_ns == 0) {
        return 0;
    }
    int64_t was_ns = atomic_load_explicit(&bucket->full_at_ns, memory_order_relaxed), next_ns, wait_ns;
    do {
        wait_ns = take(was_ns, rate, now_ns, &next_ns);
    } while (wait_ns == 0 && !atomic_compare_exchange_weak_explicit(&bucket->full_at_ns, &was_ns, next_ns,
                                                                    memory_order_relaxed, memory_order_relaxed));
    return wait_ns;
}

bool rk_crowd_init(rk_crowd *crowd, uint64_t seed)
{
    *crowd = (rk_crowd){.sets = calloc(RK_CROWD_SETS, sizeof *crowd->sets), .seed = seed};
    for (size_t i = 0; i < RK_CROWD_LOCKS; i++) {
        pthread_mutex_init(&crowd->locks[i], NULL);
    }
    return crowd->sets != NULL;
}

void rk_crowd_release(rk_crowd *crowd)
{
    if (!crowd->sets) {
        return;
    }
    for (size_t i = 0; i < RK_CROWD_LOCKS; i++) {
        pthread_mutex_destroy(&crowd->locks[i]);
    }
    free(crowd->sets);
    *crowd = (rk_crowd){0};
}

/* His place, or the one whose bucket is fullest: that of the least is forgotten. */
static rk_crowd_place *place_of(rk_crowd_place set[RK_CROWD_WAYS], uint64_t who)
{
    rk_crowd_place *best = &set[0];
    for (size_t i = 0; i < RK_CROWD_WAYS; i++) {
        if (set[i].who == who) {
            return &set[i];
        }
        if (set[i].full_at_ns < best->full_at_ns) {
            best = &set[i];
        }
    }
    *best = (rk_crowd_place){.who = who};
    return best;
}

int64_t rk_crowd_take(rk_crowd *crowd, const void *who, size_t n_bytes, rk_rate rate, int64_t now_ns)
{
    if (rate.step_ns == 0) {
        return 0;
    }
    uint64_t hash = rk_hash((rk_slice){who, n_bytes}, crowd->seed) | 1;
    size_t set = (hash >> 1) % RK_CROWD_SETS;
    int64_t next_ns;
    pthread_mutex_t *lock = &crowd->locks[set % RK_CROWD_LOCKS];
    pthread_mutex_lock(lock);
    rk_crowd_place *place = place_of(crowd->sets[set], hash);
    int64_t wait_ns = take(place->full_at_ns, rate, now_ns, &next_ns);
    if (wait_ns == 0) {
        place->full_at_ns = next_ns;
    }
    pthread_mutex_unlock(lock);
    return wait_ns;
}
