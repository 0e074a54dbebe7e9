/* shortlist.c - see shortlist.h.
 *
 * Blocks grow from 32 items to 512: the first ones fill the lists with what is likely to stay, so that the limits are
 * near their ends before most items have passed. A block of bytes is in the first-level cache for all users.
 */
#include "model/shortlist.h"

#include <math.h>
#include <stdlib.h>

#include "math/sieve.h"
#include "model/model_inside.h"

enum { BLOCK_MAX = 512, GROUP = 16, TEAM = RK_SIEVE_QUERIES };

struct rk_shortlist {
    const rk_model *model;
    uint32_t *item; /* [sieve.n] by falling length */
    rk_sieve sieve;
    float most_extra;
};

/* Users that are asked for together. */
typedef struct {
    rk_sieve_queries queries;
    float length[TEAM];
} team;

bool rk_shortlist_fits(const rk_model *model)
{
    bool is_inner = rk_model_dim(model) > 0 && rk_model_n_near(model) == 0 && !rk_model_part_at(model, 0);
    return is_inner && !rk_model_is_scaled(model) && rk_sieve_is_fast();
}

typedef struct {
    float length;
    uint32_t item;
} standing;

static int by_length(const void *a, const void *b)
{
    const standing *x = a, *y = b;
    int order = (x->length < y->length) - (x->length > y->length);
    return order ? order : (x->item > y->item) - (x->item < y->item);
}

static float length_of(const float *vector, size_t dim)
{
    double square = 0;
    for (size_t d = 0; d < dim; d++) {
        square += (double)vector[d] * (double)vector[d];
    }
    return (float)sqrt(square);
}

static size_t stand_in_order(const rk_model *model, const float *veil, standing *order)
{
    float vector[RK_MODEL_DIM_MAX];
    size_t n = 0;
    for (uint32_t i = 0; i < rk_model_n_items(model); i++) {
        if (rk_model_shows(model, i) && (!veil || !isnan(veil[i]))) {
            rk_model_item_vector(model, i, vector);
            order[n++] = (standing){length_of(vector, rk_model_dim(model)), i};
        }
    }
    qsort(order, n, sizeof *order, by_length);
    return n;
}

static void pack(rk_shortlist *list, const standing *order)
{
    float vector[RK_MODEL_DIM_MAX];
    const float *bias = rk_model_item_bias(list->model);
    list->most_extra = bias ? -INFINITY : 0;
    for (size_t at = 0; at < list->sieve.n; at++) {
        uint32_t item = list->item[at] = order[at].item;
        float extra = bias ? bias[item] : 0;
        rk_model_item_vector(list->model, item, vector);
        rk_sieve_put(&list->sieve, at, vector, extra);
        list->most_extra = fmaxf(list->most_extra, extra);
    }
}

rk_status rk_shortlist_new(const rk_model *model, const float *veil, rk_shortlist **out, rk_error *err)
{
    rk_shortlist *list = calloc(1, sizeof *list);
    standing *order = malloc(((size_t)rk_model_n_items(model) + 1) * sizeof *order);
    if (list && order) {
        size_t n = stand_in_order(model, veil, order);
        list->model = model;
        list->item = malloc((n + 1) * sizeof *list->item);
        if (list->item && rk_sieve_init(&list->sieve, n, rk_model_dim(model))) {
            pack(list, order);
            free(order);
            *out = list;
            return RK_OK;
        }
    }
    free(order);
    rk_shortlist_free(list);
    return rk_fail_memory(err, "items in order of length");
}

void rk_shortlist_free(rk_shortlist *list)
{
    if (list) {
        rk_sieve_release(&list->sieve);
        free(list->item);
        free(list);
    }
}

/* ---- asking ---- */

static size_t n_teams(size_t n_users) { return (n_users + TEAM - 1) / TEAM; }

size_t rk_shortlist_room(const rk_shortlist *list, size_t n_users)
{
    size_t bytes = n_teams(n_users) * (sizeof(team) + rk_sieve_query_bytes(&list->sieve));
    return (bytes + 63) / 64 * 64;
}

static void gather(const rk_shortlist *list, const rk_shortlist_user *users, size_t n_users, team *teams, int8_t *bytes)
{
    for (size_t t = 0; t < n_teams(n_users); t++) {
        rk_sieve_queries_clear(&list->sieve, bytes + t * rk_sieve_query_bytes(&list->sieve), &teams[t].queries);
    }
    for (size_t u = 0; u < n_users; u++) {
        const float *vector = users[u].query->vector;
        rk_sieve_ask(&list->sieve, &teams[u / TEAM].queries, u % TEAM, vector);
        teams[u / TEAM].length[u % TEAM] = length_of(vector, list->sieve.dim);
    }
}

/* Sets the limits of n users; false: not one of them can be reached by an item of this length. */
static bool set_limits(const rk_shortlist *list, const rk_shortlist_user *users, size_t n, float length, team *all)
{
    const double rounding = 1 + 1e-4; /* of a float product of the longest rows there are */
    bool is_open = false;
    for (size_t q = 0; q < n; q++) {
        float least = rk_topk_least(users[q].topk);
        double reach = (double)all->length[q] * (double)length * rounding + (double)list->most_extra;
        bool can_reach = !(reach < (double)least);
        all->queries.least[q] = can_reach ? least : NAN;
        is_open |= can_reach;
    }
    return is_open;
}

static void offer_passed(const rk_shortlist *list, const rk_shortlist_user *users, size_t from, size_t n,
                         const uint16_t *may)
{
    for (size_t i = 0; i < n / GROUP * TEAM; i++) {
        for (unsigned bits = may[i]; bits; bits &= bits - 1) {
            const rk_shortlist_user *user = &users[i % TEAM];
            uint32_t item = list->item[from + i / TEAM * GROUP + (size_t)__builtin_ctz(bits)];
            float score;
            rk_model_scores(list->model, user->query, item, 1, &score);
            rk_topk_offer(user->topk, item, &score, 1, user->taken.item, user->taken.n);
        }
    }
}

void rk_shortlist_offer(const rk_shortlist *list, const rk_shortlist_user *users, size_t n_users, void *room)
{
    uint16_t may[BLOCK_MAX / GROUP * TEAM];
    team *teams = room;
    bool is_open = true;
    size_t n = (list->sieve.n + RK_SIEVE_ITEMS - 1) / RK_SIEVE_ITEMS * RK_SIEVE_ITEMS, block = RK_SIEVE_ITEMS;
    gather(list, users, n_users, teams, (int8_t *)(teams + n_teams(n_users)));
    for (size_t from = 0; is_open && from < n; from += block) {
        if (from > 0) {
            block = from < BLOCK_MAX ? from : BLOCK_MAX;
        }
        size_t m = n - from < block ? n - from : block;
        is_open = false;
        for (size_t u = 0; u < n_users; u += TEAM) {
            size_t n_team = n_users - u < TEAM ? n_users - u : TEAM;
            if (set_limits(list, users + u, n_team, list->sieve.length[from], &teams[u / TEAM])) {
                rk_sieve_pass(&list->sieve, &teams[u / TEAM].queries, from, m, may);
                offer_passed(list, users + u, from, m, may);
                is_open = true;
            }
        }
    }
}
