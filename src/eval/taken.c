/* taken.c - see taken.h.
 *
 * The cosines of a list are not added pair by pair: with x_i the users who took item i, scaled to length 1, the sum of
 * the cosines of item r with all before it is <x_r, x_0 + ... + x_(r-1)>. So a list costs the takers of its items, not
 * the pairs times the takers, and every shorter list's sum comes along.
 */
#include "eval/taken.h"

#include <math.h>
#include <stdlib.h>

enum { ALIKE_USERS_MIN = 1000 };
static const uint64_t alike_steps = UINT64_C(2000000000); /* some seconds of one core */

bool rk_taken_row(const rk_model *model, const rk_csr *train, uint32_t user, rk_vec *out)
{
    rk_history seen = rk_model_seen(model, user);
    const uint32_t *more = train ? train->col + train->start[user] : NULL;
    size_t n_more = train ? (size_t)(train->start[user + 1] - train->start[user]) : 0;
    for (size_t i = 0, j = 0; i < seen.n || j < n_more;) {
        bool from_seen = j == n_more || (i < seen.n && seen.item[i] <= more[j]);
        uint32_t item = from_seen ? seen.item[i] : more[j];
        j += !from_seen || (j < n_more && more[j] == item);
        i += from_seen;
        if (!rk_vec_push(out, &item)) {
            return false;
        }
    }
    return true;
}

/* ---- counting and listing ---- */

static bool count_takers(const rk_model *model, const rk_csr *train, rk_vec *row, rk_taken *taken)
{
    for (uint32_t u = 0; u < taken->n_users; u++) {
        rk_vec_clear(row);
        if (!rk_taken_row(model, train, u, row)) {
            return false;
        }
        const uint32_t *item = row->data;
        for (size_t i = 0; i < row->n; i++) {
            taken->taker[item[i]]++;
        }
        taken->n_takers += row->n > 0;
        taken->n_pairs += row->n;
    }
    return true;
}

/* The second pass; start[i + 1] is where item i stands while it fills. */
static bool list_takers(const rk_model *model, const rk_csr *train, rk_vec *row, rk_taken *taken)
{
    taken->user = malloc((taken->n_pairs + 1) * sizeof *taken->user);
    if (!taken->user) {
        return false;
    }
    for (uint32_t i = 1; i < taken->n_items; i++) {
        taken->start[i + 1] = taken->start[i] + taken->taker[i - 1];
    }
    for (uint32_t u = 0; u < taken->n_users; u++) {
        rk_vec_clear(row);
        if (!rk_taken_row(model, train, u, row)) {
            return false;
        }
        const uint32_t *item = row->data;
        for (size_t i = 0; i < row->n; i++) {
            taken->user[taken->start[item[i] + 1]++] = u;
        }
    }
    return true;
}

static void weigh_surprise(rk_taken *taken)
{
    for (uint32_t i = 0; i < taken->n_items; i++) {
        double n = taken->taker[i] ? taken->taker[i] : 1;
        taken->surprise[i] = taken->n_takers ? log2(taken->n_takers / n) : 0;
    }
}

/* ---- strata ---- */

/* held: [n_users + 1] pairs held by the items with so many takers. An item is in the head while the more popular ones
 * hold less than a third, in the middle while they hold less than two; so equally popular items stay together. */
static void cut_strata(rk_taken *taken, const uint64_t *held)
{
    uint64_t above = 0;
    rk_stratum stratum = RK_HEAD;
    for (uint32_t n = taken->n_users; n > 0; n--) {
        while (stratum < RK_TAIL && 3 * above >= (stratum + 1) * taken->n_pairs) {
            stratum++;
        }
        if (held[n] > 0) {
            taken->least[stratum] = n;
            taken->most[stratum] = taken->most[stratum] ? taken->most[stratum] : n;
        }
        above += held[n];
    }
    for (uint32_t i = 0; i < taken->n_items; i++) {
        uint32_t n = taken->taker[i];
        stratum = n == 0 ? RK_COLD : RK_HEAD;
        while (stratum < RK_TAIL && !(taken->least[stratum] && n >= taken->least[stratum])) {
            stratum++;
        }
        taken->stratum[i] = (uint8_t)stratum;
        taken->n_items_of[stratum]++;
    }
}

static void count_steps(rk_taken *taken, const uint64_t *held, uint64_t n_list)
{
    for (uint32_t n = taken->n_users; n > 0 && n_list > 0; n--) {
        uint64_t n_items = held[n] / n < n_list ? held[n] / n : n_list;
        taken->list_steps += n_items * n;
        n_list -= n_items;
    }
}

static bool find_strata(rk_taken *taken, size_t n_list)
{
    uint64_t *held = calloc((size_t)taken->n_users + 1, sizeof *held);
    if (!held) {
        return false;
    }
    for (uint32_t i = 0; i < taken->n_items; i++) {
        held[taken->taker[i]] += taken->taker[i];
    }
    cut_strata(taken, held);
    count_steps(taken, held, n_list);
    free(held);
    return true;
}

/* ---- the whole ---- */

rk_status rk_taken_open(const rk_model *model, const rk_csr *train, size_t n_list, rk_taken *out, rk_error *err)
{
    rk_taken taken = {.n_users = rk_model_n_users(model), .n_items = rk_model_n_items(model)};
    rk_vec row = {.item_bytes = sizeof(uint32_t)};
    size_t n = (size_t)taken.n_items + 2;
    taken.taker = calloc(n, sizeof *taken.taker);
    taken.surprise = malloc(n * sizeof *taken.surprise);
    taken.stratum = malloc(n);
    taken.start = calloc(n, sizeof *taken.start);
    bool is_good = taken.taker && taken.surprise && taken.stratum && taken.start &&
                   count_takers(model, train, &row, &taken) && list_takers(model, train, &row, &taken) &&
                   find_strata(&taken, n_list);
    rk_vec_release(&row);
    if (!is_good) {
        rk_taken_release(&taken);
        return rk_fail_memory(err, "who took what");
    }
    weigh_surprise(&taken);
    *out = taken;
    return RK_OK;
}

void rk_taken_release(rk_taken *taken)
{
    free(taken->taker);
    free(taken->surprise);
    free(taken->stratum);
    free(taken->start);
    free(taken->user);
    *taken = (rk_taken){0};
}

/* ---- likeness ---- */

void rk_taken_alike(const rk_taken *taken, const uint32_t *list, size_t n, double *room, double *alike)
{
    double sum = 0;
    for (size_t r = 0; r < n; r++) {
        double weight = taken->taker[list[r]] ? 1 / sqrt(taken->taker[list[r]]) : 0, product = 0;
        for (uint64_t at = taken->start[list[r]]; at < taken->start[list[r] + 1]; at++) {
            product += room[taken->user[at]];
            room[taken->user[at]] += weight;
        }
        sum += weight * product;
        alike[r] = sum;
    }
    for (size_t r = 0; r < n; r++) {
        for (uint64_t at = taken->start[list[r]]; at < taken->start[list[r] + 1]; at++) {
            room[taken->user[at]] = 0;
        }
    }
}

size_t rk_taken_alike_users(const rk_taken *taken, size_t n)
{
    uint64_t most = taken->list_steps ? alike_steps / taken->list_steps : n;
    most = most > ALIKE_USERS_MIN ? most : ALIKE_USERS_MIN;
    return most < n ? (size_t)most : n;
}

bool rk_taken_is_chosen(size_t i, size_t n_chosen, size_t n)
{
    return (uint64_t)(i + 1) * n_chosen / n > (uint64_t)i * n_chosen / n;
}
