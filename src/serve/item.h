/* item.h - a product as a shop tells it and is told it, one JSON object:
 *
 *   {"title":"Red lamp","text":"...","brand":"Acme","category":"home > lamps","price":19.5,"stock":3,
 *    "attributes":{"colour":"red","size_cm":40,"material":["wood","steel"]}}
 *
 * title is wanted. stock: pieces, or true and false; 0 and false: not to be had. Strict: what is not known here is
 * refused by name.
 */
#ifndef RECKON_SERVE_ITEM_H
#define RECKON_SERVE_ITEM_H

#include "base/arena.h"
#include "base/text.h"
#include "serve/problem.h"
#include "text/wares.h"

enum { RK_ITEM_BYTES_MAX = 1 << 18, RK_ITEM_ATTRIBUTES_MAX = 512, RK_ITEM_NAME_BYTES_MAX = 128 };

/* id: as the path has it; one in the body must be the same. stock_name: the attribute that stock becomes. Texts are
 * copied into the arena. */
bool rk_item_parse(rk_slice body, rk_slice id, rk_slice stock_name, rk_arena *arena, rk_wares_product *out,
                   rk_problem *problem);

/* Item `item` of a corpus, as members of an object that is open. */
RK_MUST_CHECK rk_status rk_item_write(const rk_corpus *corpus, uint32_t item, rk_json *json, rk_error *err);

#endif
