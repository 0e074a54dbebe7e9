/* holdout.c - see holdout.h. */
#include "data/holdout.h"

#include <stdlib.h>
#include <string.h>

#include "math/random.h"

typedef struct {
    const rk_dataset *whole;
    double share;
    uint64_t seed;
    uint64_t *user_start, *item_start;
    uint32_t *event_item, *item_event;
    float *value, *price;
    int64_t *time;
    uint32_t *test_user, *test_item;
    uint64_t n_test;
} cut;

static bool is_held(const cut *c, uint32_t user, uint32_t item)
{
    rk_random random = rk_random_of(c->seed ^ ((uint64_t)user << 32 | item), user);
    bool is_first = c->whole->event_item[c->whole->user_start[user]] == item;
    return !is_first && rk_random_uniform(&random) < c->share;
}

static void cut_user(cut *c, uint32_t user, uint64_t *at)
{
    const rk_dataset *w = c->whole;
    for (uint64_t e = w->user_start[user]; e < w->user_start[user + 1]; e++) {
        uint32_t item = w->event_item[e];
        if (is_held(c, user, item)) {
            c->test_user[c->n_test] = user;
            c->test_item[c->n_test++] = item;
            continue;
        }
        c->event_item[*at] = item;
        if (w->event_time) {
            c->time[*at] = w->event_time[e];
        }
        if (w->event_value) {
            c->value[*at] = w->event_value[e];
        }
        if (w->event_price) {
            c->price[*at] = w->event_price[e];
        }
        ++*at;
    }
    c->user_start[user + 1] = *at;
}

/* The events of each item, ascending: a counting sort. */
static void turn(cut *c, uint64_t n, uint32_t n_items)
{
    for (uint64_t e = 0; e < n; e++) {
        c->item_start[c->event_item[e] + 1]++;
    }
    for (uint32_t i = 0; i < n_items; i++) {
        c->item_start[i + 1] += c->item_start[i];
    }
    for (uint64_t e = 0; e < n; e++) {
        c->item_event[c->item_start[c->event_item[e]]++] = (uint32_t)e;
    }
    memmove(c->item_start + 1, c->item_start, n_items * sizeof *c->item_start);
    c->item_start[0] = 0;
}

/* rk_csr_of_triples adds up duplicates; a pair taken twice is one to be found. */
static rk_status gather_test(const cut *c, rk_csr *out, rk_error *err)
{
    rk_status status =
        rk_csr_of_triples(c->whole->n_users, c->whole->n_items, c->n_test, c->test_user, c->test_item, NULL, out, err);
    if (!status) {
        free(out->value);
        out->value = NULL;
    }
    return status;
}

rk_status rk_holdout_make(const rk_dataset *whole, double share, uint64_t seed, rk_holdout *out, rk_error *err)
{
    size_t n = (size_t)whole->n_events + 1;
    cut c = {.whole = whole,
             .share = share,
             .seed = seed,
             .user_start = calloc((size_t)whole->n_users + 1, sizeof *c.user_start),
             .item_start = calloc((size_t)whole->n_items + 2, sizeof *c.item_start),
             .event_item = malloc(n * sizeof *c.event_item),
             .item_event = malloc(n * sizeof *c.item_event),
             .value = whole->event_value ? malloc(n * sizeof *c.value) : NULL,
             .price = whole->event_price ? malloc(n * sizeof *c.price) : NULL,
             .time = whole->event_time ? malloc(n * sizeof *c.time) : NULL,
             .test_user = malloc(n * sizeof *c.test_user),
             .test_item = malloc(n * sizeof *c.test_item)};
    *out = (rk_holdout){.train = *whole,
                        .owned = {c.user_start, c.item_start, c.event_item, c.item_event, c.value, c.price, c.time}};
    bool is_short = !c.user_start || !c.item_start || !c.event_item || !c.item_event || !c.test_user || !c.test_item ||
                    (whole->event_value && !c.value) || (whole->event_price && !c.price) ||
                    (whole->event_time && !c.time);
    rk_status status = is_short ? rk_fail_memory(err, "a part held out") : RK_OK;
    uint64_t kept = 0;
    for (uint32_t u = 0; !status && u < whole->n_users; u++) {
        cut_user(&c, u, &kept);
    }
    if (!status) {
        turn(&c, kept, whole->n_items);
        out->train.n_events = kept;
        out->train.user_start = c.user_start;
        out->train.item_start = c.item_start;
        out->train.event_item = c.event_item;
        out->train.item_event = c.item_event;
        out->train.event_value = c.value;
        out->train.event_price = c.price;
        out->train.event_time = c.time;
        status = gather_test(&c, &out->test, err);
    }
    free(c.test_user);
    free(c.test_item);
    if (status) {
        rk_holdout_release(out);
    }
    return status;
}

void rk_holdout_release(rk_holdout *holdout)
{
    for (size_t i = 0; i < RK_COUNT_OF(holdout->owned); i++) {
        free(holdout->owned[i]);
    }
    rk_csr_release(&holdout->test);
    *holdout = (rk_holdout){0};
}
