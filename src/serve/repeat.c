/* repeat.c - see repeat.h. */
#include "serve/repeat.h"

#include <string.h>

#include "base/map.h"

#define BEGINNING "{\"request_id\":\""

/* What an answer depends on beside its parameters. Compared as bytes: no gaps. */
typedef struct {
    uint64_t live, stock, published, stamp;
    uint32_t route, user;
    uint64_t is_barred;
} state;

static bool is_user(const rk_param *param) { return strcmp(param->name, "user") == 0; }

static bool may_repeat(const rk_exchange *exchange, const rk_route *route)
{
    bool may = exchange->answers && route->is_repeatable;
    for (size_t p = 0; may && p < route->n_params; p++) {
        may = !(route->params[p].is_drawn && exchange->values[p].is_given);
    }
    return may;
}

/* Who the model does not know and of whom nothing was told is the same for all answers. */
static void read_user(const rk_exchange *exchange, rk_slice user, state *out)
{
    const rk_model *model = exchange->live->model;
    out->user = model ? rk_names_find(rk_model_users(model), user) : RK_NO_ID;
    out->stamp = exchange->recent ? rk_recent_stamp(exchange->recent, user) : 0;
    out->is_barred = rk_exchange_bars(exchange, user);
}

static void read_state(const rk_exchange *exchange, const rk_route *route, state *out)
{
    const rk_live *live = exchange->live;
    *out = (state){.live = live->number, .route = (uint32_t)(route - rk_route_at(0)), .user = RK_NO_ID};
    if (live->stock) {
        out->stock = rk_stock_n_changes(live->stock);
        out->published = rk_wares_n_published(rk_stock_wares(live->stock));
    }
    for (size_t p = 0; p < route->n_params; p++) {
        if (is_user(&route->params[p]) && exchange->values[p].text.n > 0) {
            read_user(exchange, exchange->values[p].text, out);
        }
    }
}

static size_t value_bytes(const rk_param_value *value)
{
    size_t n = sizeof value->count + 2 * sizeof(uint32_t) + value->text.n;
    for (size_t i = 0; i < value->n_list; i++) {
        n += sizeof(uint32_t) + value->list[i].n;
    }
    return n;
}

static char *put(char *to, const void *from, size_t n)
{
    if (n > 0) {
        memcpy(to, from, n);
    }
    return to + n;
}

static char *put_text(char *to, rk_slice text)
{
    uint32_t n = (uint32_t)text.n;
    return put(put(to, &n, sizeof n), text.at, n);
}

static char *put_value(char *to, const rk_param_value *value)
{
    uint32_t n_list = (uint32_t)value->n_list;
    to = put_text(put(to, &value->count, sizeof value->count), value->text);
    to = put(to, &n_list, sizeof n_list);
    for (size_t i = 0; i < value->n_list; i++) {
        to = put_text(to, value->list[i]);
    }
    return to;
}

/* at NULL: memory is short. */
static rk_slice write_question(const rk_exchange *exchange, const rk_route *route)
{
    state now;
    size_t n = sizeof now;
    for (size_t p = 0; p < route->n_params; p++) {
        n += is_user(&route->params[p]) ? 0 : value_bytes(&exchange->values[p]);
    }
    char *question = RK_TAKE(exchange->with.arena, char, n);
    if (!question) {
        return (rk_slice){0};
    }
    read_state(exchange, route, &now);
    char *to = put(question, &now, sizeof now);
    for (size_t p = 0; p < route->n_params; p++) {
        to = is_user(&route->params[p]) ? to : put_value(to, &exchange->values[p]);
    }
    return (rk_slice){question, n};
}

bool rk_repeat_find(rk_exchange *exchange, const rk_route *route, rk_repeat *out)
{
    rk_text *text = exchange->with.out;
    *out = (rk_repeat){0};
    if (!may_repeat(exchange, route)) {
        return false;
    }
    out->question = write_question(exchange, route);
    if (out->question.n == 0) {
        return false;
    }
    rk_text_add_slice(text, RK_SLICE(BEGINNING));
    rk_text_add_slice(text, rk_slice_of(exchange->with.request_id));
    bool is_found = rk_answers_find(exchange->answers, out->question, text);
    if (!is_found) {
        rk_text_clear(text);
    }
    return is_found;
}

void rk_repeat_keep(const rk_exchange *exchange, const rk_repeat *repeat)
{
    const rk_text *text = exchange->with.out;
    size_t n_id = strlen(exchange->with.request_id), n = sizeof BEGINNING - 1 + n_id;
    bool is_answer = repeat->question.n > 0 && exchange->problem.status == 0 && exchange->wait == RK_WAIT_NONE &&
                     !text->failed && text->n > n && memcmp(text->at, BEGINNING, sizeof BEGINNING - 1) == 0 &&
                     memcmp(text->at + n - n_id, exchange->with.request_id, n_id) == 0;
    if (is_answer) {
        rk_answers_add(exchange->answers, repeat->question, (rk_slice){text->at + n, text->n - n});
    }
}
