/* price_find.c - see price_find.h. Every comparison is of exact fractions, so that equal prices are equal. */
#include "price/price_find.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "math/rational.h"

enum { MAX_PRICE_BYTES = 12 };

typedef struct {
    const rk_prices *prices;
    const rk_find_query *query;
    rk_found *found;
    bool *has_region;   /* [regions] */
    const char **known; /* [n_known] regions and options seen, for messages */
    size_t n_known;
    bool has_option;
} search;

static bool is_in(const rk_vec *regions, const char *region, bool *has_region)
{
    for (size_t i = 0; regions && i < regions->n; i++) {
        if (region && strcmp(region, ((const char **)regions->data)[i]) == 0) {
            has_region[i] = true;
            return true;
        }
    }
    return !regions || regions->n == 0;
}

static const rk_hour_price *hour_of(const rk_machine_price *machine, const char *option)
{
    for (uint32_t i = 0; i < machine->n_prices; i++) {
        if (strcmp(machine->prices[i].option, option) == 0) {
            return &machine->prices[i];
        }
    }
    return NULL;
}

/* The rate of the price's currency, NULL for the search's own; *missing when there is none. */
static const rk_exchange *rate_of(const search *s, const rk_price *price, bool *missing)
{
    const char *to = s->found->currency;
    const rk_exchange *row = NULL;
    if (strcmp(price->currency, to) != 0) {
        row = s->query->exchange ? rk_exchange_find(s->query->exchange, price->currency, to) : NULL;
        row = row ? row : rk_exchange_find(rk_prices_exchange(s->prices), price->currency, to);
        *missing = !row;
    }
    return row;
}

static void divide(mpq_t out, const mpq_t price, const rk_number *by)
{
    if (by->is_set && by->value.units > 0) {
        mpq_t size;
        mpq_init(size);
        rk_rational_set(size, by->value);
        mpq_div(out, price, size);
        mpq_clear(size);
    }
}

static void keep(search *s, const rk_price *price, const rk_hour_price *hour, const rk_exchange *rate)
{
    rk_found_machine *machine = &s->found->machines[s->found->n++];
    *machine = (rk_found_machine){.price = price, .hour = hour};
    mpq_inits(machine->per_hour, machine->per_vcpu, machine->per_gib, NULL);
    rk_rational_set(machine->per_hour, hour->hour.value);
    if (rate) {
        rk_rational_mul(machine->per_hour, rate->rate.value);
    }
    divide(machine->per_vcpu, machine->per_hour, &price->as.machine.vcpu);
    divide(machine->per_gib, machine->per_hour, &price->as.machine.memory_gib);
}

static bool is_sized(const rk_machine_price *m) { return m->vcpu.is_set && m->memory_gib.is_set; }

/* Counts the price under what leaves it out, or keeps it. */
static void weigh(search *s, const rk_price *price)
{
    const rk_find_query *q = s->query;
    const rk_machine_price *m = &price->as.machine;
    bool needs_size = q->vcpu > 0 || q->memory_gib > 0 || q->order != RK_FIND_BY_PRICE, is_rateless = false;
    const rk_hour_price *hour = hour_of(m, q->option);
    s->has_option = s->has_option || hour;
    if (!is_in(q->regions, price->region, s->has_region)) {
        s->found->n_other_region++;
    } else if (!hour) {
        s->found->n_without_option++;
    } else if (needs_size && !is_sized(m)) {
        s->found->n_without_size++;
    } else if (needs_size &&
               (rk_decimal_real(m->vcpu.value) < q->vcpu || rk_decimal_real(m->memory_gib.value) < q->memory_gib)) {
        s->found->n_small++;
    } else {
        const rk_exchange *rate = rate_of(s, price, &is_rateless);
        if (is_rateless) {
            s->found->n_without_rate++;
            memcpy(s->found->rateless, price->currency, 4);
        } else {
            keep(s, price, hour, rate);
        }
    }
}

/* ---- order ---- */

static int compare(const rk_found_machine *a, const rk_found_machine *b, const mpq_t x, const mpq_t y)
{
    int order = mpq_cmp(x, y);
    order = order ? order : mpq_cmp(a->per_hour, b->per_hour);
    return order ? order : strcmp(a->price->key, b->price->key);
}

static int by_price(const void *x, const void *y)
{
    const rk_found_machine *a = x, *b = y;
    return compare(a, b, a->per_hour, b->per_hour);
}

static int by_vcpu(const void *x, const void *y)
{
    const rk_found_machine *a = x, *b = y;
    return compare(a, b, a->per_vcpu, b->per_vcpu);
}

static int by_gib(const void *x, const void *y)
{
    const rk_found_machine *a = x, *b = y;
    return compare(a, b, a->per_gib, b->per_gib);
}

/* ---- what nobody has ---- */

/* Every region, or every option, of the machines into s->known. */
static bool collect(search *s, bool regions)
{
    rk_vec known = {.item_bytes = sizeof(const char *)};
    bool is_short = false;
    for (uint32_t i = 0; i < rk_prices_count(s->prices); i++) {
        const rk_price *price = rk_prices_at(s->prices, i);
        const rk_machine_price *m = &price->as.machine;
        if (price->kind == RK_PRICE_MACHINE && regions && price->region) {
            is_short = !rk_vec_push(&known, &price->region) || is_short;
        }
        for (uint32_t k = 0; price->kind == RK_PRICE_MACHINE && !regions && k < m->n_prices; k++) {
            is_short = !rk_vec_push(&known, &m->prices[k].option) || is_short;
        }
    }
    s->n_known = known.n;
    s->known = known.data;
    return !is_short;
}

static rk_status nobody_has(search *s, const char *what, const char *word, bool regions, rk_error *err)
{
    const char *near = collect(s, regions) && s->n_known ? rk_nearest_name(word, s->known, s->n_known) : NULL;
    rk_status status = rk_fail(err, RK_BAD_INPUT, "no machine of these books has the %s '%.60s'%s%s%s", what, word,
                               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    free((void *)s->known);
    return status;
}

static rk_status check_words(search *s, rk_error *err)
{
    const rk_vec *regions = s->query->regions;
    for (size_t i = 0; regions && i < regions->n; i++) {
        if (!s->has_region[i]) {
            return nobody_has(s, "region", ((const char **)regions->data)[i], true, err);
        }
    }
    return s->has_option ? RK_OK : nobody_has(s, "price", s->query->option, false, err);
}

rk_status rk_prices_find(const rk_prices *prices, const rk_find_query *query, rk_found *out, rk_error *err)
{
    static int (*const orders[])(const void *, const void *) = {by_price, by_vcpu, by_gib};
    uint32_t n = rk_prices_count(prices);
    search s = {.prices = prices, .query = query, .found = out};
    *out = (rk_found){.currency = query->currency ? query->currency : rk_prices_currency(prices)};
    out->machines = calloc((size_t)n + 1, sizeof *out->machines);
    s.has_region = calloc((query->regions ? query->regions->n : 0) + 1, sizeof *s.has_region);
    if (!out->machines || !s.has_region) {
        free(s.has_region);
        return rk_fail_memory(err, "a search of prices");
    }
    for (uint32_t i = 0; i < n; i++) {
        const rk_price *price = rk_prices_at(prices, i);
        if (price->kind == RK_PRICE_MACHINE) {
            weigh(&s, price);
        }
    }
    qsort(out->machines, out->n, sizeof *out->machines, orders[query->order]);
    rk_status status = check_words(&s, err);
    free(s.has_region);
    return status;
}

void rk_found_release(rk_found *found)
{
    for (size_t i = 0; i < found->n; i++) {
        mpq_clears(found->machines[i].per_hour, found->machines[i].per_vcpu, found->machines[i].per_gib, NULL);
    }
    free(found->machines);
    *found = (rk_found){0};
}

/* ---- shown ---- */

void rk_found_print_price(const mpq_t price, rk_text *out)
{
    int64_t micros;
    rk_text exact = {0};
    rk_rational_print(price, &exact);
    if (exact.at && exact.n <= MAX_PRICE_BYTES && !strchr(exact.at, '/')) {
        rk_text_add(out, exact.at);
    } else if (rk_rational_micros(price, &micros)) {
        rk_rational_print_micros(micros, out);
    } else {
        rk_text_add_real(out, rk_rational_real(price));
    }
    rk_text_release(&exact);
}

static void json_price(rk_json *json, const char *key, const mpq_t price)
{
    rk_text text = {0};
    if (mpq_sgn(price) > 0) {
        rk_found_print_price(price, &text);
    }
    json->text->failed = json->text->failed || text.failed;
    rk_json_raw(json, key, text.at ? text.at : "null");
    rk_text_release(&text);
}

static void json_number(rk_json *json, const char *key, const rk_number *number)
{
    rk_text text = {0};
    if (number->is_set) {
        rk_decimal_print(number->value, false, &text);
    }
    rk_json_raw(json, key, text.at ? text.at : "null");
    rk_text_release(&text);
}

static void json_machine(rk_json *json, const rk_found_machine *machine)
{
    const rk_price *price = machine->price;
    char day[24] = "";
    if (price->valid_from.is_set) {
        rk_format_time((int64_t)price->valid_from.value * 86400, day);
        day[10] = '\0';
    }
    rk_json_object(json, NULL);
    rk_json_cstring(json, "key", price->key);
    rk_json_cstring(json, "region", price->region);
    json_number(json, "vcpu", &price->as.machine.vcpu);
    json_number(json, "memory_gib", &price->as.machine.memory_gib);
    rk_json_cstring(json, "option", machine->hour->option);
    json_price(json, "per_hour", machine->per_hour);
    json_price(json, "per_vcpu_hour", machine->per_vcpu);
    json_price(json, "per_gib_hour", machine->per_gib);
    json_number(json, "listed_per_hour", &machine->hour->hour);
    rk_json_cstring(json, "listed_currency", price->currency);
    rk_json_cstring(json, "valid_from", *day ? day : NULL);
    rk_json_cstring(json, "source", price->source);
    rk_json_cstring(json, "file", price->at.path);
    rk_json_u64(json, "line", price->at.line);
    rk_json_end_object(json);
}

void rk_found_json(const rk_found *found, size_t n, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "currency", found->currency);
    rk_json_u64(&json, "n_found", found->n);
    rk_json_u64(&json, "n_small", found->n_small);
    rk_json_u64(&json, "n_without_size", found->n_without_size);
    rk_json_u64(&json, "n_without_option", found->n_without_option);
    rk_json_u64(&json, "n_without_rate", found->n_without_rate);
    rk_json_u64(&json, "n_other_region", found->n_other_region);
    rk_json_array(&json, "machines");
    for (size_t i = 0; i < found->n && i < n; i++) {
        json_machine(&json, &found->machines[i]);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}
