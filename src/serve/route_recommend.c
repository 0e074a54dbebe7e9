/* route_recommend.c - the model's best for a user, or a scene. */
#include "serve/route_recommend.h"

#include "serve/ask_explain.h"
#include "serve/ask_scene.h"

const rk_param rk_recommend_params[RK_N_RECOMMEND_PARAMS] = {
    [RK_RECOMMEND_USER] = {.name = "user",
                           .kind = RK_PARAM_TEXT,
                           .is_required = true,
                           .help = "who is asking; a user the model does not know is offered what is popular"},
    [RK_RECOMMEND_N] =
        {.name = "n", .kind = RK_PARAM_COUNT, .fallback = 10, .min = 1, .max = RK_ITEMS_MAX, .help = "how many items"},
    [RK_RECOMMEND_EXCLUDE] = {.name = "exclude",
                              .kind = RK_PARAM_LIST,
                              .help = "items not to offer, beside those the user already has"},
    [RK_RECOMMEND_CATEGORY] = {.name = "category",
                               .kind = RK_PARAM_TEXT,
                               .help = "just items of this category and of those below it"},
    [RK_RECOMMEND_SCENE] = {.name = "scene",
                            .kind = RK_PARAM_TEXT,
                            .is_drawn = true, /* and logged, and knows what time it is */
                            .help = "where it is shown: a scene of the server's; none: the model alone answers"},
    [RK_RECOMMEND_ITEM] = {.name = "item", .kind = RK_PARAM_TEXT, .help = "of a scene: the item that is looked at"},
    [RK_RECOMMEND_BASKET] = {.name = "basket", .kind = RK_PARAM_LIST, .help = "of a scene: items in the basket"},
    [RK_RECOMMEND_Q] = {.name = "q", .kind = RK_PARAM_TEXT, .help = "of a scene: the words that are searched for"},
    [RK_RECOMMEND_EXPLAIN] = {.name = "explain",
                              .kind = RK_PARAM_COUNT,
                              .max = 1,
                              .help = "of a scene: 1: what each source gave to the score of each item"},
};

static void answer_plain(rk_exchange *exchange)
{
    const rk_param_value *values = exchange->values;
    rk_recommend_ask ask = {
        .user = values[RK_RECOMMEND_USER].text,
        .n = (uint32_t)values[RK_RECOMMEND_N].count,
        .exclude = values[RK_RECOMMEND_EXCLUDE].list,
        .n_exclude = values[RK_RECOMMEND_EXCLUDE].n_list,
        .category = values[RK_RECOMMEND_CATEGORY].text,
        .recent = exchange->recent,
        .is_barred = rk_exchange_bars(exchange, values[RK_RECOMMEND_USER].text),
    };
    rk_error err;
    for (size_t p = RK_RECOMMEND_ITEM; p < RK_N_RECOMMEND_PARAMS; p++) {
        if (values[p].is_given) {
            rk_problem_set(&exchange->problem, 400, rk_recommend_params[p].name, "%s belongs to a scene",
                           rk_recommend_params[p].name);
            return;
        }
    }
    rk_status status = rk_ask_recommend(exchange->live, &ask, &exchange->with, &err);
    if (status != RK_OK) {
        rk_exchange_fail(exchange, status, "category", &err);
    }
}

static void answer_scene(rk_exchange *exchange)
{
    const rk_param_value *values = exchange->values;
    rk_scene_wish wish = {
        .scene = values[RK_RECOMMEND_SCENE].text,
        .user = values[RK_RECOMMEND_USER].text,
        .item = values[RK_RECOMMEND_ITEM].text,
        .category = values[RK_RECOMMEND_CATEGORY].text,
        .words = values[RK_RECOMMEND_Q].text,
        .basket = values[RK_RECOMMEND_BASKET].list,
        .n_basket = values[RK_RECOMMEND_BASKET].n_list,
        .exclude = values[RK_RECOMMEND_EXCLUDE].list,
        .n_exclude = values[RK_RECOMMEND_EXCLUDE].n_list,
        .n = (uint32_t)values[RK_RECOMMEND_N].count,
        .explains = values[RK_RECOMMEND_EXPLAIN].count > 0,
        .recent = exchange->recent,
        .is_barred = rk_exchange_bars(exchange, values[RK_RECOMMEND_USER].text),
        .exposures = exchange->exposures,
    };
    const char *field;
    rk_error err;
    rk_status status = rk_ask_scene(exchange->live, &wish, &exchange->with, &field, &err);
    if (status == RK_BAD_USAGE) {
        rk_problem_set(&exchange->problem, 400, "q", "%s", err.message);
    } else if (status != RK_OK) {
        rk_exchange_fail(exchange, status, field, &err);
    }
}

void rk_handle_recommend(rk_exchange *exchange)
{
    if (!rk_exchange_has_model(exchange)) {
        return;
    }
    (exchange->values[RK_RECOMMEND_SCENE].text.n > 0 ? answer_scene : answer_plain)(exchange);
}

const rk_param rk_explain_params[RK_N_EXPLAIN_PARAMS] = {
    [RK_EXPLAIN_USER] = {.name = "user", .kind = RK_PARAM_TEXT, .is_required = true, .help = "who would be asking"},
    [RK_EXPLAIN_ITEM] = {.name = "item", .kind = RK_PARAM_TEXT, .is_required = true, .help = "the item in question"},
    [RK_EXPLAIN_N] = {.name = "n",
                      .kind = RK_PARAM_COUNT,
                      .fallback = 10,
                      .min = 1,
                      .max = RK_ITEMS_MAX,
                      .help = "how many of the things taken are told"},
};

void rk_handle_explain(rk_exchange *exchange)
{
    if (!rk_exchange_has_model(exchange)) {
        return;
    }
    const rk_param_value *values = exchange->values;
    rk_explain_ask ask = {.user = values[RK_EXPLAIN_USER].text,
                          .item = values[RK_EXPLAIN_ITEM].text,
                          .n = values[RK_EXPLAIN_N].count,
                          .is_barred = rk_exchange_bars(exchange, values[RK_EXPLAIN_USER].text),
                          .recent = exchange->recent};
    rk_error err;
    rk_status status = rk_ask_explain(exchange->live, &ask, &exchange->with, &err);
    if (status != RK_OK) {
        rk_exchange_fail(exchange, status, "item", &err);
    }
}
