/* match.c - see match.h. Two datasets made with --like have equal ids, but names are what is believed. */
#include "eval/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

uint32_t rk_match_id(const rk_names *from, uint32_t id, const rk_names *to)
{
    rk_slice name = rk_names_get(from, id);
    bool is_same = id < to->n && rk_slice_equal(name, rk_names_get(to, id)); /* the usual case costs no look-up */
    return is_same ? id : rk_names_find(to, name);
}

/* The id in `to` of each name of `from`, RK_NO_ID where there is none. Owned by the caller; NULL when memory is short.
 */
static uint32_t *translate(const rk_names *from, const rk_names *to)
{
    uint32_t *id = malloc(((size_t)from->n + 1) * sizeof *id);
    for (uint32_t i = 0; id && i < from->n; i++) {
        id[i] = rk_match_id(from, i, to);
    }
    return id;
}

static uint32_t count_unknown_rows(const rk_csr *pairs, const uint32_t *user)
{
    uint32_t n = 0;
    for (uint32_t r = 0; r < pairs->n_rows; r++) {
        n += user[r] == RK_NO_ID && pairs->start[r + 1] > pairs->start[r];
    }
    return n;
}

/* seen: [n_cols], zeroed; an item counts once. */
static uint32_t count_unknown_cols(const rk_csr *pairs, const uint32_t *item, bool *seen)
{
    uint32_t n = 0;
    for (uint64_t e = 0; e < pairs->start[pairs->n_rows]; e++) {
        uint32_t col = pairs->col[e];
        n += item[col] == RK_NO_ID && !seen[col];
        seen[col] = true;
    }
    return n;
}

typedef struct {
    uint32_t *row, *col; /* owned */
    float *value;
    uint64_t n;
} triples;

static bool triples_of(const rk_csr *pairs, const uint32_t *user, const uint32_t *item, triples *out)
{
    size_t room = pairs->start[pairs->n_rows] + 1;
    out->row = malloc(room * sizeof *out->row);
    out->col = malloc(room * sizeof *out->col);
    out->value = malloc(room * sizeof *out->value);
    if (!out->row || !out->col || !out->value) {
        return false;
    }
    for (uint32_t r = 0; r < pairs->n_rows; r++) {
        for (uint64_t e = pairs->start[r]; e < pairs->start[r + 1] && user[r] != RK_NO_ID; e++) {
            if (item[pairs->col[e]] != RK_NO_ID) {
                out->row[out->n] = user[r];
                out->col[out->n] = item[pairs->col[e]];
                out->value[out->n++] = pairs->value ? pairs->value[e] : 1;
            }
        }
    }
    return true;
}

/* Who of the dataset has a pair that was kept; the pairs come user by user. */
static bool list_users(const triples *kept, rk_match *match)
{
    match->user = malloc((kept->n + 1) * sizeof *match->user);
    for (uint64_t e = 0; match->user && e < kept->n; e++) {
        if (e == 0 || kept->row[e] != kept->row[e - 1]) {
            match->user[match->n_users++] = kept->row[e];
        }
    }
    return match->user != NULL;
}

static void leave_out(uint32_t *id, const bool *is_known, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        id[i] = is_known[i] ? id[i] : RK_NO_ID;
    }
}

rk_status rk_match_open(const rk_model *model, const rk_dataset *dataset, const rk_common *common, rk_match *out,
                        rk_error *err)
{
    rk_csr pairs = {0};
    triples kept = {0};
    rk_match match = {0};
    rk_status status = rk_dataset_matrix(dataset, RK_PAIR_LAST, &pairs, err);
    if (status != RK_OK) {
        return status;
    }
    uint32_t *user = translate(&dataset->users, rk_model_users(model));
    uint32_t *item = translate(&dataset->items, rk_model_items(model));
    bool *seen = calloc((size_t)dataset->n_items + 1, sizeof *seen);
    if (common && user && item) {
        leave_out(user, common->user, dataset->n_users);
        leave_out(item, common->item, dataset->n_items);
    }
    if (!user || !item || !seen || !triples_of(&pairs, user, item, &kept) || !list_users(&kept, &match)) {
        status = rk_fail_memory(err, "the pairs of a test set");
        goto done;
    }
    match.unknown_users = count_unknown_rows(&pairs, user);
    match.unknown_items = count_unknown_cols(&pairs, item, seen);
    match.unknown_pairs = pairs.start[pairs.n_rows] - kept.n;
    status = rk_csr_of_triples(rk_model_n_users(model), rk_model_n_items(model), kept.n, kept.row, kept.col, kept.value,
                               &match.matrix, err);
    if (status == RK_OK) {
        *out = match;
        match = (rk_match){0}; /* moved */
    }
done:
    rk_match_release(&match);
    free(user);
    free(item);
    free(seen);
    free(kept.row);
    free(kept.col);
    free(kept.value);
    rk_csr_release(&pairs);
    return status;
}

void rk_match_release(rk_match *match)
{
    rk_csr_release(&match->matrix);
    free(match->user);
    *match = (rk_match){0};
}

/* ---- what all know ---- */

static bool strike_unknown(const rk_names *names, const rk_names *known, bool *is_known)
{
    uint32_t *id = translate(names, known);
    for (uint32_t i = 0; id && i < names->n; i++) {
        is_known[i] &= id[i] != RK_NO_ID;
    }
    free(id);
    return id != NULL;
}

rk_status rk_common_open(const rk_model *const *models, size_t n_models, const rk_dataset *dataset, rk_common *out,
                         rk_error *err)
{
    rk_common common = {malloc((size_t)dataset->n_users + 1), malloc((size_t)dataset->n_items + 1)};
    bool is_good = common.user && common.item;
    if (is_good) {
        memset(common.user, true, dataset->n_users);
        memset(common.item, true, dataset->n_items);
    }
    for (size_t m = 0; m < n_models && is_good; m++) {
        is_good = strike_unknown(&dataset->users, rk_model_users(models[m]), common.user) &&
                  strike_unknown(&dataset->items, rk_model_items(models[m]), common.item);
    }
    if (!is_good) {
        rk_common_release(&common);
        return rk_fail_memory(err, "the users and items of a test set");
    }
    *out = common;
    return RK_OK;
}

void rk_common_release(rk_common *common)
{
    free(common->user);
    free(common->item);
    *common = (rk_common){0};
}
