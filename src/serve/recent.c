/* recent.c - see recent.h. */
#include "serve/recent.h"

#include <stdlib.h>
#include <string.h>

/* Oldest first. */
typedef struct {
    uint32_t *items;
    uint32_t n, room;
    uint64_t stamp; /* of its last change */
} list;

bool rk_recent_init(rk_recent *recent, uint32_t n_max)
{
    *recent = (rk_recent){.users = rk_interner_new(), .items = rk_interner_new(), .n_max = n_max};
    recent->lists.item_bytes = sizeof(list);
    pthread_rwlock_init(&recent->lock, NULL);
    return recent->users && recent->items;
}

void rk_recent_release(rk_recent *recent)
{
    if (!recent->lists.item_bytes) {
        return;
    }
    for (size_t u = 0; u < recent->lists.n; u++) {
        free(((list *)recent->lists.data)[u].items);
    }
    rk_vec_release(&recent->lists);
    rk_interner_free(recent->users);
    rk_interner_free(recent->items);
    pthread_rwlock_destroy(&recent->lock);
    *recent = (rk_recent){0};
}

/* The list of a user, made where there is none; NULL when memory is short. */
static list *list_of(rk_recent *recent, rk_slice user)
{
    if (!rk_vec_reserve(&recent->lists, recent->lists.n + 1)) {
        return NULL;
    }
    uint32_t id = rk_interner_add(recent->users, user);
    if (id != RK_NO_ID && id == recent->lists.n) {
        rk_vec_push(&recent->lists, &(list){0});
    }
    return id != RK_NO_ID ? (list *)recent->lists.data + id : NULL;
}

static bool put_last(list *of, uint32_t item)
{
    uint32_t at = 0;
    while (at < of->n && of->items[at] != item) {
        at++;
    }
    if (at == of->n && of->n == RK_RECENT_ITEMS_MAX) {
        at = 0; /* the oldest goes */
    }
    if (at < of->n) {
        memmove(of->items + at, of->items + at + 1, (of->n - at - 1) * sizeof *of->items);
        of->items[of->n - 1] = item;
        return true;
    }
    if (of->n == of->room) {
        uint32_t room = of->room > 0 ? 2 * of->room : 4;
        uint32_t *items = realloc(of->items, room * sizeof *items);
        if (!items) {
            return false;
        }
        of->items = items;
        of->room = room;
    }
    of->items[of->n++] = item;
    return true;
}

static bool has_place(const rk_interner *names, rk_slice name, uint32_t n_max)
{
    return rk_interner_count(names) < n_max || rk_interner_find(names, name) != RK_NO_ID;
}

bool rk_recent_add(rk_recent *recent, rk_slice user, rk_slice item)
{
    bool is_done = true;
    pthread_rwlock_wrlock(&recent->lock);
    if (!has_place(recent->users, user, recent->n_max) || !has_place(recent->items, item, recent->n_max)) {
        recent->n_turned_away++;
    } else {
        list *of = list_of(recent, user);
        uint32_t id = of ? rk_interner_add(recent->items, item) : RK_NO_ID;
        is_done = id != RK_NO_ID && put_last(of, id);
        if (is_done) {
            of->stamp = ++recent->n_changes;
        }
    }
    pthread_rwlock_unlock(&recent->lock);
    return is_done;
}

rk_slice *rk_recent_items(rk_recent *recent, rk_slice user, rk_arena *arena, size_t *n)
{
    rk_slice *out = NULL;
    *n = 0;
    pthread_rwlock_rdlock(&recent->lock);
    uint32_t id = rk_interner_find(recent->users, user);
    const list *of = id != RK_NO_ID ? (const list *)recent->lists.data + id : NULL;
    out = of && of->n > 0 ? RK_TAKE(arena, rk_slice, of->n) : NULL;
    for (uint32_t i = of ? of->n : 0; out && i-- > 0;) {
        rk_slice name = rk_interner_key(recent->items, of->items[i]);
        const char *copy = rk_arena_copy(arena, name.at, name.n);
        if (!copy) {
            break;
        }
        out[(*n)++] = (rk_slice){copy, name.n};
    }
    pthread_rwlock_unlock(&recent->lock);
    return *n > 0 ? out : NULL;
}

uint64_t rk_recent_stamp(rk_recent *recent, rk_slice user)
{
    pthread_rwlock_rdlock(&recent->lock);
    uint32_t id = rk_interner_find(recent->users, user);
    uint64_t stamp = id != RK_NO_ID ? ((const list *)recent->lists.data)[id].stamp : 0;
    pthread_rwlock_unlock(&recent->lock);
    return stamp;
}

static bool keep_name(const rk_interner *names, uint32_t id, rk_arena *arena, rk_slice *out)
{
    rk_slice name = rk_interner_key(names, id);
    *out = (rk_slice){rk_arena_copy(arena, name.at, name.n), name.n};
    return out->at != NULL;
}

bool rk_recent_newest(rk_recent *recent, uint32_t i, rk_arena *arena, rk_slice *user, rk_slice *item)
{
    pthread_rwlock_rdlock(&recent->lock);
    const list *of = i < recent->lists.n ? (const list *)recent->lists.data + i : NULL;
    bool is_there = of && of->n > 0 && keep_name(recent->users, i, arena, user) &&
                    keep_name(recent->items, of->items[of->n - 1], arena, item);
    pthread_rwlock_unlock(&recent->lock);
    return is_there;
}

size_t rk_recent_erase(rk_recent *recent, rk_slice user)
{
    size_t n = 0;
    pthread_rwlock_wrlock(&recent->lock);
    uint32_t id = rk_interner_find(recent->users, user);
    if (id != RK_NO_ID) {
        list *of = (list *)recent->lists.data + id;
        n = of->n;
        free(of->items);
        *of = (list){0};
        rk_interner_forget(recent->users, id);
    }
    pthread_rwlock_unlock(&recent->lock);
    return n;
}

uint32_t rk_recent_n_users(rk_recent *recent)
{
    pthread_rwlock_rdlock(&recent->lock);
    uint32_t n = rk_interner_count(recent->users);
    pthread_rwlock_unlock(&recent->lock);
    return n;
}

uint64_t rk_recent_n_turned_away(rk_recent *recent)
{
    pthread_rwlock_rdlock(&recent->lock);
    uint64_t n = recent->n_turned_away;
    pthread_rwlock_unlock(&recent->lock);
    return n;
}
