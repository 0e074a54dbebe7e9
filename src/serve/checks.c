/* checks.c - see checks.h. */
#include "serve/checks.h"

#include <math.h>
#include <stdlib.h>

#include "base/map.h"
#include "model/answer.h"
#include "serve/golden.h"

typedef struct {
    rk_slice user, item;
} held_out;

/* Pairs of which only the old, or only the new model finds the item. */
typedef struct {
    uint32_t lost, won;
} discord;

static int by_item(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool has_learned(const rk_model *model, const held_out *pair)
{
    uint32_t user = rk_names_find(rk_model_users(model), pair->user);
    uint32_t item = rk_names_find(rk_model_items(model), pair->item);
    if (user == RK_NO_ID || item == RK_NO_ID) {
        return false;
    }
    rk_history seen = rk_model_seen(model, user);
    return seen.n > 0 && bsearch(&item, seen.item, seen.n, sizeof item, by_item) != NULL;
}

/* A user without a history is shown what is popular, as by ask.c. */
static rk_status finds(rk_desk *desk, const rk_live *live, const held_out *pair, bool *out, rk_error *err)
{
    uint32_t item = rk_names_find(rk_model_items(live->model), pair->item);
    uint32_t user = rk_names_find(rk_model_users(live->model), pair->user);
    const uint32_t *best = live->popular;
    uint32_t n = live->n_popular < RK_CHECK_TOP ? live->n_popular : RK_CHECK_TOP;
    rk_answer answer;
    *out = false;
    if (item != RK_NO_ID && user != RK_NO_ID && rk_model_seen(live->model, user).n > 0) {
        rk_wish wish = {.user = user, .n = RK_CHECK_TOP};
        rk_status status = rk_answer_recommend(desk, live->model, &wish, &answer, err);
        if (status) {
            return status;
        }
        best = answer.item;
        n = answer.n;
    }
    for (uint32_t i = 0; i < n && item != RK_NO_ID; i++) {
        *out = *out || best[i] == item;
    }
    return RK_OK;
}

static rk_status compare(rk_desk *desk, const rk_live *before, const rk_live *now, const held_out *pair,
                         rk_check_result *out, discord *d, rk_error *err)
{
    bool was_found, is_found;
    rk_status status = finds(desk, before, pair, &was_found, err);
    status = status ? status : finds(desk, now, pair, &is_found, err);
    if (status == RK_OK) {
        out->n_held_out++;
        out->n_found_before += was_found;
        out->n_found_now += is_found;
        d->lost += was_found && !is_found;
        d->won += is_found && !was_found;
    }
    return status;
}

/* Users at even distances, so that the first and the latest of the log are among them. */
static rk_status compare_all(rk_desk *desk, const rk_live *before, const rk_live *now, rk_recent *recent,
                             rk_check_result *out, discord *d, rk_error *err)
{
    uint32_t n_users = rk_recent_n_users(recent);
    uint32_t step = n_users / RK_CHECK_USERS_MAX + 1;
    rk_arena arena = {0};
    rk_status status = RK_OK;
    for (uint32_t u = 0; u < n_users && !status; u += step) {
        held_out pair;
        rk_arena_clear(&arena);
        if (rk_recent_newest(recent, u, &arena, &pair.user, &pair.item) && !has_learned(before->model, &pair) &&
            !has_learned(now->model, &pair)) {
            status = compare(desk, before, now, &pair, out, d, err);
        }
    }
    rk_arena_release(&arena);
    return status;
}

static rk_status check_quality(double drop, const rk_live *before, const rk_live *now, rk_recent *recent,
                               rk_check_result *out, rk_error *err)
{
    static const double one_in_twenty = 1.645; /* of the normal distribution, one side */
    discord d = {0};
    rk_desk *desk = rk_desk_new();
    rk_status status =
        desk ? compare_all(desk, before, now, recent, out, &d, err) : rk_fail_memory(err, "a trial of the model");
    rk_desk_free(desk);
    if (status) {
        return status;
    }
    bool is_less = (double)out->n_found_now < (1 - drop) * (double)out->n_found_before;
    bool is_no_chance = (double)d.lost - (double)d.won > one_in_twenty * sqrt((double)(d.lost + d.won));
    return is_less && is_no_chance
               ? rk_fail(
                     err, RK_BAD_INPUT,
                     "of %u items taken lately it finds %u among its best %d, the old model %u: a fall by more than "
                     "%.3g%%",
                     out->n_held_out, out->n_found_now, RK_CHECK_TOP, out->n_found_before, 100 * drop)
               : RK_OK;
}

rk_status rk_checks_run(const rk_check_options *options, const rk_live *before, const rk_live *now, rk_recent *recent,
                        rk_check_result *out, rk_error *err)
{
    *out = (rk_check_result){0};
    rk_status status = options->golden_path ? rk_golden_check(options->golden_path, now, &out->n_golden, err) : RK_OK;
    bool is_comparable = before && before->model && now->model && recent && options->quality_drop < 1;
    return status == RK_OK && is_comparable ? check_quality(options->quality_drop, before, now, recent, out, err)
                                            : status;
}
