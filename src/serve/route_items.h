/* route_items.h - /v1/items/{id}: the products of a live index, one at a time. */
#ifndef RECKON_SERVE_ROUTE_ITEMS_H
#define RECKON_SERVE_ROUTE_ITEMS_H

#include "serve/item.h"
#include "serve/routes.h"

enum { RK_ITEMS_ID, RK_N_ITEMS_PARAMS };
extern const rk_param rk_items_params[RK_N_ITEMS_PARAMS];

void rk_handle_item_get(rk_exchange *exchange);
/* Answered once the product is on disk: by then searches find it and answers know of it. The worker waits for that. */
void rk_handle_item_put(rk_exchange *exchange);
void rk_handle_item_delete(rk_exchange *exchange);

#endif
