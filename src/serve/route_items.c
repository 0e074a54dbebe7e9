/* route_items.c - see route_items.h. */
#include "serve/route_items.h"

const rk_param rk_items_params[RK_N_ITEMS_PARAMS] = {
    [RK_ITEMS_ID] = {.name = "id",
                     .kind = RK_PARAM_PATH,
                     .is_required = true,
                     .help = "the product, as the shop names it"},
};

static bool has_stock(rk_exchange *exchange)
{
    return exchange->live->stock ||
           rk_problem_set(&exchange->problem, 501, NULL, "the server was started without a live index (reckon live)");
}

static rk_slice id_of(const rk_exchange *exchange) { return exchange->values[RK_ITEMS_ID].text; }

void rk_handle_item_get(rk_exchange *exchange)
{
    rk_wares_view *view = NULL;
    rk_error err;
    rk_json json = {.text = exchange->with.out};
    if (!has_stock(exchange)) {
        return;
    }
    rk_status status = rk_wares_view_new(rk_stock_wares(exchange->live->stock), &view, &err);
    if (status) {
        rk_exchange_fail(exchange, status, NULL, &err);
        return;
    }
    uint32_t item = rk_corpus_find_item(rk_wares_view_corpus(view), id_of(exchange));
    if (item == RK_NO_ID) {
        rk_slice id = id_of(exchange);
        rk_problem_set(&exchange->problem, 404, "id", "no such item '%.*s'", (int)(id.n < 80 ? id.n : 80), id.at);
    } else {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "request_id", exchange->with.request_id);
        status = rk_item_write(rk_wares_view_corpus(view), item, &json, &err);
        rk_json_end_object(&json);
    }
    if (status) {
        rk_exchange_fail(exchange, status, NULL, &err);
    }
    rk_wares_view_free(view);
}

/* The attribute that says what is in stock in the products that there are. */
static rk_status name_stock(rk_exchange *exchange, rk_slice *out, rk_error *err)
{
    rk_wares_view *view = NULL;
    rk_status status = rk_wares_view_new(rk_stock_wares(exchange->live->stock), &view, err);
    *out = RK_SLICE("stock");
    if (!status) {
        rk_slice name = rk_stock_attribute(rk_wares_view_corpus(view));
        const char *copy = name.n > 0 ? rk_arena_copy(exchange->with.arena, name.at, name.n) : NULL;
        *out = copy ? (rk_slice){copy, name.n} : *out;
    }
    rk_wares_view_free(view);
    return status;
}

void rk_handle_item_put(rk_exchange *exchange)
{
    rk_slice stock_name;
    rk_error err;
    if (!has_stock(exchange)) {
        return;
    }
    rk_status status = name_stock(exchange, &stock_name, &err);
    if (status) {
        rk_exchange_fail(exchange, status, NULL, &err);
        return;
    }
    *exchange->delivery = (rk_delivery){0};
    if (rk_item_parse(exchange->body, id_of(exchange), stock_name, exchange->with.arena,
                      &exchange->delivery->op.product, &exchange->problem)) {
        exchange->wait = RK_WAIT_PRODUCT;
    }
}

void rk_handle_item_delete(rk_exchange *exchange)
{
    if (has_stock(exchange)) {
        *exchange->delivery = (rk_delivery){.op = {.product.id = id_of(exchange), .is_delete = true}};
        exchange->wait = RK_WAIT_PRODUCT;
    }
}
