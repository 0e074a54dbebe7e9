/* baseline.c - see baseline.h. */
#include "compress/baseline.h"

#include <stdlib.h>
#include <string.h>

/* How often each item was taken, as scores. */
static float *popularity(const rk_model *teacher)
{
    float *score = calloc((size_t)rk_model_n_items(teacher) + 1, sizeof *score);
    for (uint32_t u = 0; score && u < rk_model_n_users(teacher); u++) {
        rk_history seen = rk_model_seen(teacher, u);
        for (size_t h = 0; h < seen.n; h++) {
            score[seen.item[h]]++;
        }
    }
    return score;
}

static bool same_names(const rk_names *a, const rk_names *b)
{
    bool is_same = a->n == b->n;
    for (uint32_t i = 0; is_same && i < a->n; i++) {
        rk_slice x = rk_names_get(a, i), y = rk_names_get(b, i);
        is_same = x.n == y.n && memcmp(x.at, y.at, x.n) == 0;
    }
    return is_same;
}

static rk_status open_baseline(const rk_model *teacher, const char *path, rk_model **out, rk_error *err)
{
    rk_status status = rk_model_open(path, out, err);
    if (!status && (!same_names(rk_model_users(teacher), rk_model_users(*out)) ||
                    !same_names(rk_model_items(teacher), rk_model_items(*out)))) {
        return rk_fail(err, RK_BAD_INPUT, "%s knows other users or items than %s", path,
                       rk_artefact_path(rk_model_artefact(teacher)));
    }
    return status;
}

typedef struct {
    const rk_model *teacher, *other; /* other NULL: by popularity */
    const float *popularity;
    uint32_t first;
    uint32_t *list; /* [first] */
    float *score;   /* [first] */
    rk_topk *topk;
    rk_arena arena;
} ranks;

static rk_status list_of(ranks *r, uint32_t user, uint32_t *n, rk_error *err)
{
    rk_history seen = rk_model_seen(r->teacher, user);
    rk_query query;
    if (!r->other) {
        rk_topk_offer(r->topk, 0, r->popularity, rk_model_n_items(r->teacher), seen.item, seen.n);
        *n = (uint32_t)rk_topk_take(r->topk, r->list, r->score);
        return RK_OK;
    }
    rk_arena_clear(&r->arena);
    rk_status status = rk_model_user_query(r->other, user, &r->arena, &query, err);
    return status ? status : rk_model_best(r->other, &query, seen.item, seen.n, r->first, r->list, r->score, n, err);
}

static rk_status count_all(ranks *r, const rk_lists *lists, const uint32_t *user, size_t n, double *out, rk_error *err)
{
    uint64_t common = 0, all = 0;
    rk_status status = RK_OK;
    for (size_t u = 0; u < n && !status; u++) {
        const uint32_t *wanted = lists->item + (size_t)user[u] * lists->depth;
        uint32_t n_list = 0;
        status = list_of(r, user[u], &n_list, err);
        for (uint32_t w = 0; w < r->first && wanted[w] != RK_NO_ID; w++) {
            all++;
            for (uint32_t i = 0; i < n_list; i++) {
                common += r->list[i] == wanted[w];
            }
        }
    }
    *out = all > 0 ? (double)common / (double)all : 1;
    return status;
}

rk_status rk_baseline_agreement(const rk_model *teacher, const rk_lists *lists, const uint32_t *user, size_t n,
                                uint32_t first, const char *path, double *out, rk_error *err)
{
    rk_model *other = NULL;
    float *score = NULL;
    first = first < lists->depth ? first : lists->depth;
    ranks r = {.teacher = teacher, .first = first};
    rk_status status = path ? open_baseline(teacher, path, &other, err) : RK_OK;
    if (!status) {
        score = path ? NULL : popularity(teacher);
        r.list = malloc(first * sizeof *r.list);
        r.score = malloc(first * sizeof *r.score);
        r.topk = rk_topk_new(first);
        bool is_good = (score || path) && r.list && r.score && r.topk;
        r.other = other;
        r.popularity = score;
        status = is_good ? count_all(&r, lists, user, n, out, err) : rk_fail_memory(err, "lists of a baseline");
    }
    rk_arena_release(&r.arena);
    rk_topk_free(r.topk);
    free(r.list);
    free(r.score);
    free(score);
    rk_model_close(other);
    return status;
}
