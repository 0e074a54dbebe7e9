/* nears.c - see nears.h. Rooms are made when they are first needed, and kept: there are never more of them than answers
 * have been sought at a time.
 */
#include "serve/nears.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/vec.h"

struct rk_nears {
    rk_near *first; /* owns the index */
    pthread_mutex_t lock;
    rk_vec idle; /* rk_near * */
};

rk_status rk_nears_open(const char *path, const rk_model *model, const rk_run *run, rk_nears **out, rk_error *err)
{
    rk_nears *n = calloc(1, sizeof *n);
    if (!n) {
        return rk_fail_memory(err, "an index");
    }
    pthread_mutex_init(&n->lock, NULL);
    n->idle.item_bytes = sizeof(rk_near *);
    rk_status status = rk_near_load(path, model, run, &n->first, err);
    if (status) {
        rk_nears_close(n);
        return status;
    }
    *out = n;
    return RK_OK;
}

void rk_nears_close(rk_nears *n)
{
    if (!n) {
        return;
    }
    for (size_t i = 0; i < n->idle.n; i++) {
        rk_near_close(((rk_near **)n->idle.data)[i]);
    }
    rk_vec_release(&n->idle);
    rk_near_close(n->first);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

rk_status rk_nears_lend(rk_nears *n, rk_near **out, rk_error *err)
{
    rk_near *near = NULL;
    pthread_mutex_lock(&n->lock);
    if (n->idle.n > 0) {
        near = ((rk_near **)n->idle.data)[--n->idle.n];
    }
    pthread_mutex_unlock(&n->lock);
    *out = near;
    return near ? RK_OK : rk_near_again(n->first, out, err);
}

void rk_nears_return(rk_nears *n, rk_near *near)
{
    if (!near) {
        return;
    }
    pthread_mutex_lock(&n->lock);
    bool is_kept = rk_vec_push(&n->idle, &near);
    pthread_mutex_unlock(&n->lock);
    if (!is_kept) {
        rk_near_close(near);
    }
}
