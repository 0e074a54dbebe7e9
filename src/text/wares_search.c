/* wares_search.c - a snapshot held for who asks. */
#include <stdlib.h>

#include "text/wares_parts.h"

struct rk_wares_view {
    rk_wares *live;
    rk_wares_snapshot *snapshot;
};

rk_status rk_wares_view_new(rk_wares *live, rk_wares_view **out, rk_error *err)
{
    rk_wares_view *view = calloc(1, sizeof *view);
    if (!view) {
        return rk_fail_memory(err, "a view of a live index");
    }
    *view = (rk_wares_view){live, rk_wares_take(live)};
    *out = view;
    return RK_OK;
}

void rk_wares_view_free(rk_wares_view *view)
{
    if (view) {
        rk_wares_snapshot_release(view->snapshot);
        free(view);
    }
}

const rk_corpus *rk_wares_view_corpus(const rk_wares_view *view) { return &view->snapshot->corpus; }

bool rk_wares_view_is_old(const rk_wares_view *view)
{
    rk_wares *live = view->live;
    pthread_mutex_lock(&live->door);
    bool is_old = live->now != view->snapshot;
    pthread_mutex_unlock(&live->door);
    return is_old;
}

uint64_t rk_wares_n_published(rk_wares *live)
{
    pthread_mutex_lock(&live->door);
    uint64_t n = live->n_published;
    pthread_mutex_unlock(&live->door);
    return n;
}
