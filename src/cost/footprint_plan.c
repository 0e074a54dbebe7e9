/* footprint_plan.c - see footprint_plan.h. Every factor that is named must be in a book, also when nobody asks for a
 * footprint. */
#include "cost/footprint_plan.h"

#include <string.h>

typedef struct {
    const char *grid, *processor, *server;
    rk_number pue;
    const rk_yaml_node *energy_of;
} keys;

static const rk_key rows[] = {
    {"grid", RK_KEY_TEXT, offsetof(keys, grid),
     .help = "that feeds the machines, an entry of a book (default for rented ones: the region of their entry)"},
    {"pue", RK_KEY_NUMBER, offsetof(keys, pue), .min = 1, .max = 10,
     .help = "power of the whole room per power of the machines, where they are rented"},
    {"processor", RK_KEY_TEXT, offsetof(keys, processor), .help = "of rented machines whose entry names none"},
    {"server", RK_KEY_TEXT, offsetof(keys, server),
     .help =
         "that rented machines whose entry names none are parts of; without it they embody nothing, and that is said"},
    {"energy_of", RK_KEY_MAP, offsetof(keys, energy_of),
     .help = "energy of a unit of what rates price, {storage.ssd: energy.ssd}; others count nothing"},
};

const rk_key_table rk_footprint_table = {"footprint", rows, RK_COUNT_OF(rows)};

static rk_status need(const rk_plan *plan, const rk_yaml_node *map, const char *key, const char *name,
                      rk_price_kind kind, const rk_price **out, rk_error *err)
{
    return name ? rk_prices_need(plan->prices, name, kind, rk_yaml_find(map, key)->at, out, err) : RK_OK;
}

static rk_status read_unit(const rk_plan *plan, const rk_yaml_node *node, rk_unit_energy *out, rk_error *err)
{
    const char *name = NULL;
    rk_status status = rk_prices_need(plan->prices, node->key->text, RK_PRICE_RATE, node->key->at, &out->rate, err);
    status = status ? status : rk_yaml_text(node, node->key->text, &name, err);
    status = status ? status : rk_prices_need(plan->prices, name, RK_FACTOR_ENERGY, node->at, &out->energy, err);
    if (status) {
        return status;
    }
    out->at = node->at;
    const char *priced = out->rate->as.rate.unit, *counted = out->energy->as.energy.unit;
    return strcmp(priced, counted) == 0
               ? RK_OK
               : rk_fail_at(err, node->at, "'%.60s' is priced per %.40s (%s:%zu), the energy '%.60s' is of a %.40s",
                            node->key->text, priced, out->rate->at.path, out->rate->at.line, name, counted);
}

static rk_status read_units(rk_plan *plan, const rk_yaml_node *map, rk_footprint_keys *out, rk_error *err)
{
    rk_unit_energy *units = RK_TAKE(&plan->arena, rk_unit_energy, map ? map->n : 0);
    if (!units) {
        return rk_fail_memory(err, "the footprint");
    }
    out->units = units;
    for (const rk_yaml_node *c = map ? map->first : NULL; c; c = c->next) {
        rk_status status = read_unit(plan, c, &units[out->n_units++], err);
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

rk_status rk_footprint_keys_read(rk_plan *plan, const rk_yaml_node *map, rk_error *err)
{
    keys k = {0};
    rk_footprint_keys *out = RK_TAKE(&plan->arena, rk_footprint_keys, 1);
    if (!out) {
        return rk_fail_memory(err, "the footprint");
    }
    rk_status status = rk_yaml_fill(map, "the footprint", rows, RK_COUNT_OF(rows), &k, err);
    out->at = map->at;
    out->pue = k.pue;
    status = status ? status : need(plan, map, "grid", k.grid, RK_FACTOR_GRID, &out->grid, err);
    status = status ? status : need(plan, map, "processor", k.processor, RK_FACTOR_PROCESSOR, &out->processor, err);
    status = status ? status : need(plan, map, "server", k.server, RK_FACTOR_SERVER, &out->server, err);
    status = status ? status : read_units(plan, k.energy_of, out, err);
    plan->footprint = out;
    return status;
}
