/* hood.c - see hood.h.
 *
 * The users of the candidates are gathered once per item, each with the candidates it took: a column of the little Gram
 * matrix then walks over the users of one item and adds what candidates they took. On short histories that is a tenth
 * of looking the same entries up in a stored Gram matrix, whose rows run over all the catalogue.
 */
#include "model/hood.h"

#include <stdlib.h>
#include <string.h>

static float value_at(const rk_csr *csr, uint64_t e) { return csr->value ? csr->value[e] : 1; }

rk_status rk_hood_init(rk_hood *hood, const rk_item_gram *gram, rk_error *err)
{
    size_t n_users = gram->by_user.n_rows;
    *hood = (rk_hood){
        .gram = gram,
        .users = malloc((n_users + 1) * sizeof *hood->users),
        .place = calloc(n_users + 1, sizeof *hood->place),
        .start = malloc((n_users + 2) * sizeof *hood->start),
    };
    return hood->users && hood->place && hood->start ? RK_OK : rk_fail_memory(err, "the users of an item");
}

void rk_hood_release(rk_hood *hood)
{
    free(hood->users);
    free(hood->place);
    free(hood->start);
    free(hood->slot);
    free(hood->value);
    *hood = (rk_hood){0};
}

/* The users of the candidates, and in start how many each took. Returns their sum. */
static size_t count_users(rk_hood *hood)
{
    const rk_csr *by_item = &hood->gram->by_item;
    size_t n = 0;
    for (size_t r = 0; r < hood->n_users; r++) {
        hood->place[hood->users[r]] = 0;
    }
    hood->n_users = 0;
    for (uint32_t c = 0; c < hood->n; c++) {
        for (uint64_t e = by_item->start[hood->id[c]]; e < by_item->start[hood->id[c] + 1]; e++, n++) {
            uint32_t u = by_item->col[e];
            if (hood->place[u] == 0) {
                hood->users[hood->n_users] = u;
                hood->place[u] = (uint32_t)++hood->n_users;
                hood->start[hood->n_users] = 0;
            }
            hood->start[hood->place[u]]++;
        }
    }
    return n;
}

static rk_status make_room(rk_hood *hood, size_t n, rk_error *err)
{
    if (n <= hood->room) {
        return RK_OK;
    }
    free(hood->slot);
    free(hood->value);
    hood->room = n + n / 2;
    hood->slot = malloc(hood->room * sizeof *hood->slot);
    hood->value = malloc(hood->room * sizeof *hood->value);
    if (!hood->slot || !hood->value) {
        hood->room = 0;
        return rk_fail_memory(err, "what the users of an item took");
    }
    return RK_OK;
}

rk_status rk_hood_gather(rk_hood *hood, const uint32_t *id, uint32_t n, rk_error *err)
{
    const rk_csr *by_item = &hood->gram->by_item;
    hood->id = id;
    hood->n = n;
    size_t n_taken = count_users(hood);
    rk_status status = make_room(hood, n_taken, err);
    hood->start[0] = 0;
    for (size_t p = 1; p <= hood->n_users; p++) {
        hood->start[p] += hood->start[p - 1];
    }
    hood->start[hood->n_users + 1] = n_taken;
    for (uint32_t c = n; !status && c-- > 0;) { /* each user's fill from their end, so that ends become starts */
        for (uint64_t e = by_item->start[id[c]]; e < by_item->start[id[c] + 1]; e++) {
            size_t at = --hood->start[hood->place[by_item->col[e]]];
            hood->slot[at] = c;
            hood->value[at] = value_at(by_item, e);
        }
    }
    return status;
}

void rk_hood_column(const rk_hood *hood, uint32_t item, uint32_t n, float *column)
{
    const rk_csr *by_item = &hood->gram->by_item;
    memset(column, 0, n * sizeof *column);
    for (uint64_t e = by_item->start[item]; e < by_item->start[item + 1]; e++) {
        uint32_t place = hood->place[by_item->col[e]];
        float value = value_at(by_item, e);
        size_t end = place > 0 ? hood->start[place + 1] : 0;
        for (size_t f = hood->start[place]; f < end && hood->slot[f] < n; f++) {
            column[hood->slot[f]] += value * hood->value[f];
        }
    }
}
