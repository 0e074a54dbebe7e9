/* answer.c - see answer.h.
 *
 * What a shopper has taken and what the caller excludes are two ascending lists; they become one, so that the scan over
 * the items skips with a single cursor.
 */
#include "model/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_inside.h"
#include "model/near.h"

struct rk_desk {
    rk_topk *topk;
    uint32_t k;      /* of topk */
    uint32_t room;   /* items, scores */
    uint32_t *items; /* [room] */
    float *scores;   /* [room] */
    rk_arena arena;  /* everything else, until the next answer */
};

rk_desk *rk_desk_new(void) { return calloc(1, sizeof(rk_desk)); }

void rk_desk_free(rk_desk *desk)
{
    if (desk) {
        rk_topk_free(desk->topk);
        free(desk->items);
        free(desk->scores);
        rk_arena_release(&desk->arena);
        free(desk);
    }
}

/* Clears the desk for an answer of up to n items. */
static rk_status clear(rk_desk *desk, uint32_t n, rk_error *err)
{
    rk_arena_clear(&desk->arena);
    if (n < 1 || n > RK_ANSWER_ITEMS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "an answer has 1 to %d items, not %u", (int)RK_ANSWER_ITEMS_MAX, n);
    }
    if (desk->k != n) {
        rk_topk_free(desk->topk);
        desk->topk = rk_topk_new(n);
        desk->k = desk->topk ? n : 0;
    } else {
        rk_topk_clear(desk->topk);
    }
    if (desk->room < n) {
        free(desk->items);
        free(desk->scores);
        desk->items = malloc(n * sizeof *desk->items);
        desk->scores = malloc(n * sizeof *desk->scores);
        desk->room = desk->items && desk->scores ? n : 0;
    }
    return desk->topk && desk->room >= n ? RK_OK : rk_fail_memory(err, "an answer");
}

typedef struct {
    const uint32_t *item;
    size_t n;
} id_list;

/* Two ascending lists as one without duplicates. false: no memory. */
static bool merge(id_list a, id_list b, rk_arena *arena, id_list *out)
{
    if (a.n == 0 || b.n == 0) {
        *out = a.n == 0 ? b : a;
        return true;
    }
    uint32_t *at = RK_TAKE(arena, uint32_t, a.n + b.n);
    if (!at) {
        return false;
    }
    out->item = at;
    while (a.n > 0 || b.n > 0) {
        bool is_a = b.n == 0 || (a.n > 0 && *a.item <= *b.item);
        uint32_t next = is_a ? *a.item : *b.item;
        for (; a.n > 0 && *a.item == next; a.item++) {
            a.n--;
        }
        for (; b.n > 0 && *b.item == next; b.item++) {
            b.n--;
        }
        *at++ = next;
    }
    out->n = (size_t)(at - out->item);
    return true;
}

/* ---- recommend ---- */

typedef struct {
    rk_history history; /* what was taken */
    rk_query query;
} shopper;

static rk_status meet(rk_desk *desk, const rk_model *model, const rk_wish *wish, shopper *out, rk_error *err)
{
    bool is_known = wish->user != RK_NO_ID, is_told = wish->history.n > 0;
    if (is_known && wish->user >= rk_model_n_users(model)) {
        return rk_fail(err, RK_NOT_FOUND, "no user number %u", wish->user);
    }
    out->history = is_told || !is_known ? wish->history : rk_model_seen(model, wish->user);
    return is_known && !is_told ? rk_model_user_query(model, wish->user, &desk->arena, &out->query, err)
                                : rk_model_encode(model, out->history, &desk->arena, &out->query, err);
}

static void offer_only(const rk_model *model, const rk_wish *wish, rk_query *query, rk_filter skip, rk_topk *topk,
                       uint64_t *total)
{
    for (size_t i = 0; i < wish->n_only; i++) {
        float score;
        while (skip.n_skip > 0 && *skip.skip < wish->only[i]) {
            skip.skip++;
            skip.n_skip--;
        }
        bool is_skipped = skip.n_skip > 0 && *skip.skip == wish->only[i];
        if (!is_skipped && rk_model_shows(model, wish->only[i]) && rk_filter_allows(model, &skip, wish->only[i])) {
            rk_model_scores(model, query, wish->only[i], 1, &score);
            rk_topk_offer_one(topk, wish->only[i], score);
            ++*total;
        }
    }
}

static rk_status offer_all(const rk_model *model, const rk_wish *wish, rk_query *query, const rk_filter *filter,
                           rk_topk *topk, rk_error *err)
{
    if (wish->near) {
        return rk_near_offer(wish->near, query, filter, wish->n, topk, err);
    }
    rk_model_offer(model, query, filter, topk);
    return RK_OK;
}

/* Scores of a rating model become ratings; the order stays. */
static void shift_to_ratings(const rk_model *model, float user_bias, float *scores, uint32_t n)
{
    for (uint32_t i = 0; rk_model_is_rating(model) && i < n; i++) {
        scores[i] = (float)(rk_model_mu(model) + (double)user_bias + (double)scores[i]);
    }
}

static rk_status add_reasons(rk_desk *desk, const rk_model *model, const shopper *who, uint32_t n_reasons,
                             rk_answer *out, rk_error *err)
{
    uint32_t n_each = n_reasons < RK_ANSWER_REASONS_MAX ? n_reasons : RK_ANSWER_REASONS_MAX;
    uint32_t *reason = RK_TAKE(&desk->arena, uint32_t, (size_t)out->n * n_each);
    if (!reason) {
        return rk_fail_memory(err, "reasons");
    }
    out->reason = reason;
    out->n_reasons = n_each;
    return rk_model_reasons(model, who->history, out->item, out->n, n_each, &desk->arena, reason, err);
}

rk_status rk_answer_recommend(rk_desk *desk, const rk_model *model, const rk_wish *wish, rk_answer *out, rk_error *err)
{
    shopper who;
    rk_status status = clear(desk, wish->n, err);
    status = status ? status : meet(desk, model, wish, &who, err);
    if (status) {
        return status;
    }
    id_list taken = {who.history.item, wish->only ? 0 : who.history.n}, skip = {NULL, 0};
    if (!merge(taken, (id_list){wish->skip, wish->n_skip}, &desk->arena, &skip)) {
        return rk_fail_memory(err, "a list of items to leave out");
    }
    *out = (rk_answer){.item = desk->items, .score = desk->scores};
    rk_filter filter = {skip.item, skip.n, wish->categories};
    if (wish->only) {
        offer_only(model, wish, &who.query, filter, desk->topk, &out->total);
    } else {
        status = offer_all(model, wish, &who.query, &filter, desk->topk, err);
        out->total = rk_filter_count(model, &filter);
        if (status) {
            return status;
        }
    }
    out->n = (uint32_t)rk_topk_take(desk->topk, desk->items, desk->scores);
    shift_to_ratings(model, who.query.bias, desk->scores, out->n);
    return add_reasons(desk, model, &who, wish->n_reasons, out, err);
}

static rk_status offer_similar(const rk_model *model, const rk_like_wish *wish, rk_topk *topk, rk_error *err)
{
    if (wish->near && rk_near_knows_likeness(wish->near, wish->item)) {
        return rk_near_offer_similar(wish->near, wish->item, wish->skip, wish->n_skip, wish->n, topk, err);
    }
    rk_model_offer_similar(model, wish->item, wish->skip, wish->n_skip, topk);
    return RK_OK;
}

rk_status rk_answer_similar(rk_desk *desk, const rk_model *model, const rk_like_wish *wish, rk_answer *out,
                            rk_error *err)
{
    rk_status status = clear(desk, wish->n, err);
    status = status ? status : rk_model_need_similar(model, err);
    status = status ? status : offer_similar(model, wish, desk->topk, err);
    if (status) {
        return status;
    }
    uint64_t at = rk_find_from(wish->skip, 0, wish->n_skip, wish->item);
    bool is_itself_skipped = at < wish->n_skip && wish->skip[at] == wish->item;
    *out = (rk_answer){.item = desk->items, .score = desk->scores};
    out->total = rk_model_n_items(model) - wish->n_skip - !is_itself_skipped;
    out->is_similar = true;
    out->similar_to = wish->item;
    out->n = (uint32_t)rk_topk_take(desk->topk, desk->items, desk->scores);
    return RK_OK;
}

size_t rk_answer_facts(const rk_model *model, const rk_answer *answer, uint32_t i, rk_fact *facts)
{
    const rk_model_kind *kind = rk_model_kind_of(model);
    return answer->is_similar && kind->facts
               ? kind->facts(model, answer->similar_to, answer->item[i], answer->score[i], facts)
               : 0;
}

/* ---- JSON ---- */

void rk_answer_item_json(const rk_model *model, const rk_answer *answer, uint32_t i, rk_json *json)
{
    const rk_names *titles = rk_model_titles(model);
    rk_json_object(json, NULL);
    rk_json_string(json, "id", rk_names_get(rk_model_items(model), answer->item[i]));
    rk_json_real(json, "score",
                 rint((double)answer->score[i] * 1e6) / 1e6); /* a float's seventeen digits say nothing */
    if (titles->n > 0) {
        rk_json_string(json, "title", rk_names_get(titles, answer->item[i]));
    }
    rk_fact facts[RK_FACTS_MAX];
    size_t n_facts = rk_answer_facts(model, answer, i, facts);
    for (size_t f = 0; f < n_facts; f++) {
        rk_json_real(json, facts[f].name, rint(facts[f].value * 1e6) / 1e6);
    }
    if (answer->reason) {
        rk_json_array(json, "reasons");
        for (uint32_t r = 0; r < answer->n_reasons; r++) {
            uint32_t reason = answer->reason[i * answer->n_reasons + r];
            if (reason != RK_NO_ID) {
                rk_json_object(json, NULL);
                rk_json_cstring(json, "kind", "bought");
                rk_json_string(json, "item", rk_names_get(rk_model_items(model), reason));
                rk_json_end_object(json);
            }
        }
        rk_json_end_array(json);
    }
    rk_json_end_object(json);
}

void rk_answer_json(const rk_model *model, const rk_answer *answer, const char *request_id, rk_json *json)
{
    rk_json_object(json, NULL);
    if (request_id) {
        rk_json_cstring(json, "request_id", request_id);
    }
    rk_names_expect(rk_model_items(model), answer->item, answer->n);
    rk_names_expect(rk_model_titles(model), answer->item, answer->n);
    if (answer->reason) {
        rk_names_expect(rk_model_items(model), answer->reason, (size_t)answer->n * answer->n_reasons);
    }
    rk_json_cstring(json, "model", rk_model_label(model));
    rk_json_array(json, "items");
    for (uint32_t i = 0; i < answer->n; i++) {
        rk_answer_item_json(model, answer, i, json);
    }
    rk_json_end_array(json);
    rk_json_u64(json, "total", answer->total);
    rk_json_end_object(json);
}
