/* plan.c - the head of a plan: books, months, currencies; services and elements have files of their own. */
#include "cost/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cost/capacity.h"
#include "cost/element.h"
#include "cost/footprint_plan.h"
#include "cost/match.h"
#include "cost/uncertain.h"
#include "math/rational.h"

enum { PATH_BYTES_MAX = 4096 };

typedef struct {
    const char *reckon, *name, *currency;
    rk_when start;
    rk_number months;
    const rk_yaml_node *prices, *exchange, *services, *fleets, *elements, *bill, *budget, *footprint, *measures[RK_N_MEASURES];
    rk_number events_per_day;
} plan_head;

#define MEASURE(kind) offsetof(plan_head, measures) + (kind) * sizeof(const rk_yaml_node *)

static const rk_key plan_keys[] = {
    {"reckon", RK_KEY_TEXT, offsetof(plan_head, reckon), .required = true, .help = "plan/1"},
    {"name", RK_KEY_TEXT, offsetof(plan_head, name), .help = "of the plan, for titles"},
    {"currency", RK_KEY_TEXT, offsetof(plan_head, currency), .required = true, .help = "of the ledger, three letters"},
    {"start", RK_KEY_MONTH, offsetof(plan_head, start), .required = true, .help = "first month"},
    {"months", RK_KEY_COUNT, offsetof(plan_head, months), .required = true, .min = 1, .max = RK_MONTHS_MAX,
     .help = "how many"},
    {"prices", RK_KEY_LIST, offsetof(plan_head, prices),
     .help = "price books, later ones over earlier; reckon ships 'default' and, of factors, 'footprint'"},
    {"exchange", RK_KEY_MAP, offsetof(plan_head, exchange), .help = "the plan's currency per one unit of another"},
    {"services", RK_KEY_MAP, offsetof(plan_head, services), .required = true, .help = "by name"},
    {"fleets", RK_KEY_MAP, offsetof(plan_head, fleets), .help = "by name: fleets that several services share"},
    {"elements", RK_KEY_LIST, offsetof(plan_head, elements), .help = "what else costs money"},
    {"bill", RK_KEY_MAP, offsetof(plan_head, bill), .help = "which lines of a cloud bill belong to which element"},
    {"footprint", RK_KEY_MAP, offsetof(plan_head, footprint), .help = "what energy and carbon are counted with"},
    {"budget", RK_KEY_MAP, offsetof(plan_head, budget), .help = "what may be spent, in the plan's currency"},
    {"active_users", RK_KEY_NODE, MEASURE(RK_ACTIVE_USERS),
     .help = "in a month, of all services together: a number or a measure"},
    {"orders", RK_KEY_NODE, MEASURE(RK_ORDERS), .help = "in a month: a number or a measure"},
    {"revenue", RK_KEY_NODE, MEASURE(RK_REVENUE), .help = "in a month, in the plan's currency: a number or a measure"},
    {"heads", RK_KEY_NODE, MEASURE(RK_HEADS), .help = "people who work on it in a month: a number or a measure"},
    {"events_per_day", RK_KEY_NUMBER, offsetof(plan_head, events_per_day),
     .help = "behaviour events of all services together (default: the sum of theirs)"},
};
#undef MEASURE

/* ---- months ---- */

void rk_plan_month(const rk_plan *plan, uint32_t m, char *out)
{
    unsigned index = (unsigned)plan->start.value + m;
    snprintf(out, 8, "%04u-%02u", index / 12 % 10000, index % 12 + 1);
}

int64_t rk_plan_first_day(const rk_plan *plan, uint32_t m)
{
    int index = plan->start.value + (int)m;
    return rk_days_of_date(index / 12, (unsigned)(index % 12) + 1, 1);
}

unsigned rk_plan_days(const rk_plan *plan, uint32_t m)
{
    int index = plan->start.value + (int)m;
    return rk_days_in_month(index / 12, (unsigned)(index % 12) + 1);
}

/* ---- notes ---- */

rk_status rk_plan_note(rk_plan *plan, rk_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *kept = rk_arena_words(&plan->arena, fmt, args);
    va_end(args);
    return kept && rk_vec_push(&plan->notes, &kept) ? RK_OK : rk_fail_memory(err, "a plan's notes");
}

/* ---- prices and currencies ---- */

static rk_status read_book(rk_plan *plan, const rk_yaml_node *node, rk_error *err)
{
    char path[PATH_BYTES_MAX];
    const char *name = NULL;
    if (node->kind == RK_YAML_MAP) {
        return rk_prices_add_map(plan->prices, node, err);
    }
    rk_status status = rk_yaml_text(node, "a price book", &name, err);
    if (status) {
        return status;
    }
    bool shipped = rk_prices_is_shipped(name);
    if (!shipped && !rk_path_beside(plan->path, name, path, sizeof path)) {
        return rk_fail_at(err, node->at, "the path '%.60s...' is too long", name);
    }
    status = rk_prices_add_file(plan->prices, shipped ? name : path, err);
    return status == RK_NOT_FOUND || status == RK_IO
               ? rk_fail_at(err, node->at, "price book '%.200s' cannot be read: no such file or not allowed", path)
               : status;
}

static rk_status read_books(rk_plan *plan, const rk_yaml_node *list, rk_error *err)
{
    rk_status status = RK_OK;
    for (const rk_yaml_node *c = list ? list->first : NULL; c && !status; c = c->next) {
        status = read_book(plan, c, err);
    }
    return status;
}

/* One warning for each book that starts after the plan does. */
static rk_status warn_of_late_books(rk_plan *plan, rk_error *err)
{
    const char *warned = NULL;
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < rk_prices_count(plan->prices) && !status; i++) {
        const rk_price *price = rk_prices_at(plan->prices, i);
        bool late = price->valid_from.is_set && price->valid_from.value > rk_plan_first_day(plan, 0);
        if (late && price->at.path != warned) {
            char day[24], month[8];
            rk_format_time((int64_t)price->valid_from.value * 86400, day);
            rk_plan_month(plan, 0, month);
            status = rk_plan_note(plan, err,
                                  "%s: prices are valid from %.10s, after the plan starts in %s; used all the same",
                                  price->at.path, day, month);
            warned = price->at.path;
        }
    }
    return status;
}

/* A rate that is dated after the start of the plan is used with a warning. */
static rk_status read_exchange(rk_plan *plan, const rk_yaml_node *map, rk_error *err)
{
    rk_status status = map ? rk_exchange_read(map, plan->currency, &plan->exchange, err) : RK_OK;
    const rk_exchange *rows = plan->exchange.data;
    for (size_t i = 0; i < plan->exchange.n && !status; i++) {
        if (rows[i].valid_from.is_set && rows[i].valid_from.value > rk_plan_first_day(plan, 0)) {
            char day[24], month[8];
            rk_format_time((int64_t)rows[i].valid_from.value * 86400, day);
            rk_plan_month(plan, 0, month);
            status = rk_plan_note(plan, err,
                                  "%s:%zu: the rate of %s is valid from %.10s, after the plan starts in %s; used all "
                                  "the same",
                                  rows[i].rate.at.path, rows[i].rate.at.line, rows[i].currency, day, month);
        }
    }
    return status;
}

const rk_exchange *rk_plan_exchange_row(const rk_plan *plan, const char *currency)
{
    const rk_exchange *own = rk_exchange_find(&plan->exchange, currency, plan->currency);
    return own ? own : rk_exchange_find(rk_prices_exchange(plan->prices), currency, plan->currency);
}

void rk_plan_exchange(const rk_plan *plan, const char *currency, mpq_t out)
{
    const rk_exchange *row = rk_plan_exchange_row(plan, currency);
    if (row) {
        rk_rational_set(out, row->rate.value);
    } else {
        mpq_set_ui(out, 1, 1);
    }
}

rk_status rk_plan_price(rk_plan *plan, const char *key, rk_price_kind kind, rk_place at, const rk_price **out,
                        rk_error *err)
{
    const rk_price *price = NULL;
    rk_status status = rk_prices_need(plan->prices, key, kind, at, &price, err);
    if (status) {
        return status;
    }
    if (strcmp(price->currency, plan->currency) != 0 && !rk_plan_exchange_row(plan, price->currency)) {
        return rk_fail_at(
            err, at,
            "'%.60s' is priced in %s (%s:%zu), and neither the plan nor a book in %s has a rate for %s in 'exchange'",
            key, price->currency, price->at.path, price->at.line, plan->currency, price->currency);
    }
    *out = price;
    return RK_OK;
}

/* ---- the whole ---- */

static rk_status read_head(rk_plan *plan, plan_head *head, rk_error *err)
{
    const rk_yaml_node *root = rk_yaml_root(plan->yaml);
    const rk_yaml_node *mark = root->kind == RK_YAML_MAP ? rk_yaml_find(root, "reckon") : NULL;
    if (mark && mark->kind == RK_YAML_SCALAR && strcmp(mark->text, "plan/1") != 0) {
        return rk_fail_at(err, mark->at, "a plan starts with 'reckon: plan/1', got '%.40s'", mark->text);
    }
    rk_status status = rk_yaml_fill(root, "the plan", plan_keys, RK_COUNT_OF(plan_keys), head, err);
    status = status ? status : rk_currency_check(head->currency, rk_yaml_find(root, "currency")->at, err);
    if (status) {
        return status;
    }
    plan->name = head->name ? head->name : "plan";
    plan->currency = head->currency;
    plan->start = head->start;
    plan->months = head->months;
    plan->events_per_day = head->events_per_day;
    plan->n_months = (uint32_t)head->months.value.units;
    if (plan->start.value + (int32_t)plan->n_months > 9999 * 12) {
        return rk_fail_at(err, head->start.at, "the plan must end before the year 9999");
    }
    return RK_OK;
}

static rk_status read_measures(rk_plan *plan, const plan_head *head, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_N_MEASURES && !status; i++) {
        char what[32];
        snprintf(what, sizeof what, "'%s'", rk_measure_rows[i].name);
        status = rk_measure_read(plan, head->measures[i], what, &plan->measures[i], err);
    }
    return status;
}

static rk_status read_body(rk_plan *plan, rk_error *err)
{
    plan_head head = {0};
    rk_status status = read_head(plan, &head, err);
    status = status ? status : read_books(plan, head.prices, err);
    status = status ? status : warn_of_late_books(plan, err);
    status = status ? status : read_exchange(plan, head.exchange, err);
    if (!status && head.fleets) {
        status = rk_plan_read_fleets(plan, head.fleets, err);
    }
    status = status ? status : rk_plan_read_services(plan, head.services, err);
    status = status ? status : rk_plan_check_fleets(plan, err);
    status = status ? status : read_measures(plan, &head, err);
    if (!status && head.budget) {
        status = rk_budget_read(plan, head.budget, err);
    }
    if (!status && head.elements) {
        status = rk_plan_read_elements(plan, head.elements, err);
    }
    if (!status && head.bill) {
        status = rk_match_read(plan, head.bill, err);
    }
    if (!status && head.footprint) {
        status = rk_footprint_keys_read(plan, head.footprint, err);
    }
    return status ? status : rk_plan_read_uncertain(plan, err);
}

/* Takes yaml over. */
static rk_status build(rk_yaml *yaml, const char *path, rk_plan **out, rk_error *err)
{
    rk_plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        rk_yaml_free(yaml);
        return rk_fail_memory(err, "a plan");
    }
    plan->yaml = yaml;
    plan->notes.item_bytes = sizeof(const char *);
    plan->exchange.item_bytes = sizeof(rk_exchange);
    plan->uncertain.item_bytes = sizeof(rk_plan_input);
    plan->prices = rk_prices_new();
    plan->path = rk_arena_copy(&plan->arena, path, strlen(path));
    rk_status status = plan->prices && plan->path ? read_body(plan, err) : rk_fail_memory(err, "a plan");
    if (status) {
        rk_plan_free(plan);
        return status;
    }
    *out = plan;
    return RK_OK;
}

rk_status rk_plan_read(const rk_plan_source *source, rk_plan **out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = source->text.at ? rk_yaml_parse(source->text, source->path, &yaml, err)
                                       : rk_yaml_read(source->path, &yaml, err);
    for (size_t i = 0; !status && i < source->n_changes; i++) {
        status = rk_yaml_change(yaml, source->changes[i], err);
        if (status) {
            rk_yaml_free(yaml);
        }
    }
    return status ? status : build(yaml, source->path, out, err);
}

void rk_plan_free(rk_plan *plan)
{
    if (!plan) {
        return;
    }
    for (uint32_t i = 0; i < plan->n_services; i++) {
        rk_service *service = &plan->services[i];
        mpq_clear(service->capacity.rps);
        for (uint32_t k = 0; service->others && k < service->fleet.n_others; k++) {
            mpq_clear(service->others[k].rps);
        }
        rk_capacity_source_release(service->source);
    }
    if (plan->budget) {
        rk_vec_release(&plan->budget->rows);
    }
    rk_plan_forget_uncertain(plan);
    rk_prices_free(plan->prices);
    rk_yaml_free(plan->yaml);
    rk_vec_release(&plan->notes);
    rk_vec_release(&plan->exchange);
    rk_arena_release(&plan->arena);
    free(plan);
}

/* ---- for the docs ---- */

static const rk_key_table plan_table = {"plan", plan_keys, RK_COUNT_OF(plan_keys)};

static void price_table(size_t i, rk_key_table *out)
{
    out->name = i == 0 ? "price book" : rk_price_kind_name((rk_price_kind)(i - 1));
    out->keys = i == 0 ? rk_price_book_keys(&out->n_keys) : rk_price_keys((rk_price_kind)(i - 1), &out->n_keys);
}

bool rk_plan_key_table(size_t i, rk_key_table *out)
{
    if (i == 0) {
        *out = plan_table;
        return true;
    }
    i--;
    static const struct {
        const rk_key_table *rows;
        const size_t *n;
    } lists[] = {{rk_service_tables, &rk_n_service_tables},
                 {rk_capacity_tables, &rk_n_capacity_tables},
                 {rk_fleet_tables, &rk_n_fleet_tables}};
    for (size_t l = 0; l < RK_COUNT_OF(lists); l++) {
        if (i < *lists[l].n) {
            *out = lists[l].rows[i];
            return true;
        }
        i -= *lists[l].n;
    }
    if (i == 0) {
        *out = rk_measure_table;
        return true;
    }
    i--;
    if (i < rk_n_budget_tables) {
        *out = rk_budget_tables[i];
        return true;
    }
    i -= rk_n_budget_tables;
    if (i == 0) {
        out->name = "element";
        out->keys = rk_element_common_keys(&out->n_keys);
        return true;
    }
    const rk_element_kind *kind = rk_element_kind_at(i - 1);
    if (kind) {
        *out = (rk_key_table){kind->name, kind->keys, kind->n_keys};
        return true;
    }
    size_t n_kinds = 0;
    while (rk_element_kind_at(n_kinds)) {
        n_kinds++;
    }
    i -= 1 + n_kinds;
    if (i < rk_n_match_tables) {
        *out = rk_match_tables[i];
        return true;
    }
    i -= rk_n_match_tables;
    if (i == 0) {
        *out = rk_footprint_table;
        return true;
    }
    i--;
    if (i <= RK_N_PRICE_KINDS) {
        price_table(i, out);
    } else if (i == RK_N_PRICE_KINDS + 1) {
        *out = rk_price_terms_table;
    } else {
        out->name = "exchange rate";
        out->keys = rk_exchange_keys(&out->n_keys);
    }
    return i <= RK_N_PRICE_KINDS + 2;
}
