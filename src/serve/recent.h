/* recent.h - what shoppers have done since the model was made: the newest items of each, in memory.
 *
 * Bounded: a shopper keeps the newest RK_RECENT_ITEMS_MAX items, and when there are as many shoppers or items as
 * agreed, a new one is not taken in (the log keeps the event all the same). Threads: any; one lock, many readers.
 */
#ifndef RECKON_SERVE_RECENT_H
#define RECKON_SERVE_RECENT_H

#include <pthread.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"

enum { RK_RECENT_ITEMS_MAX = 200 };

typedef struct {
    pthread_rwlock_t lock;
    rk_interner *users, *items;
    rk_vec lists;           /* of each user */
    uint64_t n_changes;     /* of lists */
    uint32_t n_max;         /* users, and items */
    uint64_t n_turned_away; /* events that were not taken in */
} rk_recent;

/* false when memory is short. */
bool rk_recent_init(rk_recent *recent, uint32_t n_max);
void rk_recent_release(rk_recent *recent); /* accepts a zeroed one */

/* An item that the user has taken now; one that he had before becomes the newest. false when memory is short. */
bool rk_recent_add(rk_recent *recent, rk_slice user, rk_slice item);
/* His items, newest first, copied into the arena: [n]. NULL and n 0: none, or memory is short. */
rk_slice *rk_recent_items(rk_recent *recent, rk_slice user, rk_arena *arena, size_t *n);

/* Which change of all lists was the last of this user's: as long as it is the same, so are his items, and no other user
 * has it. 0: he has none. */
uint64_t rk_recent_stamp(rk_recent *recent, rk_slice user);

/* The i-th user and his newest item, copied into the arena; false: no such user, he has none, or memory is short. */
bool rk_recent_newest(rk_recent *recent, uint32_t i, rk_arena *arena, rk_slice *user, rk_slice *item);

/* Forgets a user: his items, and his name's bytes. Returns how many items he had. */
size_t rk_recent_erase(rk_recent *recent, rk_slice user);

uint32_t rk_recent_n_users(rk_recent *recent);
uint64_t rk_recent_n_turned_away(rk_recent *recent);

#endif
