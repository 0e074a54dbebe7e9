/* rate_card.c - see rate_card.h: pricing, and cards as files. Making one: rate_card_make.c. */
#include "cost/rate_card.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"

__extension__ typedef unsigned __int128 wide;

static const char version[] = "rates/1";

void rk_rate_card_init(rk_rate_card *card)
{
    *card = (rk_rate_card){.rates = {.item_bytes = sizeof(rk_rates)},
                           .checks = {.item_bytes = sizeof(rk_rate_check)},
                           .notes = {.item_bytes = sizeof(const char *)}};
}

void rk_rate_card_release(rk_rate_card *card)
{
    rk_vec_release(&card->rates);
    rk_vec_release(&card->checks);
    rk_vec_release(&card->notes);
    rk_arena_release(&card->arena);
}

const rk_rates *rk_rate_card_at(const rk_rate_card *card, size_t i)
{
    return i < card->rates.n ? (const rk_rates *)card->rates.data + i : NULL;
}

const rk_rates *rk_rate_card_find(const rk_rate_card *card, const char *service, const char *variant)
{
    for (size_t i = 0; i < card->rates.n; i++) {
        const rk_rates *rates = rk_rate_card_at(card, i);
        bool is_variant = !variant || (rates->variant && strcmp(rates->variant, variant) == 0);
        if (is_variant && strcmp(rates->service, service) == 0) {
            return rates;
        }
    }
    return NULL;
}

/* ---- pricing ---- */

/* Rates are below 2^63 and usages below 2^64, so that a product is below 2^127: two fit, and so does a half. */
int64_t rk_rate_card_cost_of(const rk_rates *rates, const rk_rate_usage *used, rk_rate_basis basis)
{
    bool is_full = basis == RK_FULL;
    uint64_t second = (uint64_t)(is_full ? rates->cpu_second_with_idle_nanos : rates->cpu_second_nanos);
    uint64_t request = (uint64_t)rates->request_nanos + (is_full ? (uint64_t)rates->request_share_nanos : 0);
    wide sum = (wide)used->cpu_ns * second + (wide)used->bytes * (uint64_t)rates->gb_nanos;
    sum = (sum + 500000000) / 1000000000 + (wide)used->requests * request;
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

int64_t rk_rate_card_cost(const rk_rates *rates, uint64_t cpu_ns, uint64_t bytes)
{
    return rk_rate_card_cost_of(rates, &(rk_rate_usage){1, cpu_ns, bytes}, RK_MARGINAL);
}

/* ---- writing ---- */

/* The money of a rate, in the order of the file. */
static const struct {
    const char *key;
    size_t field;
    bool is_optional;
} nanos[] = {
    {"machine_hour_nanos", offsetof(rk_rates, machine_hour_nanos), .is_optional = true},
    {"cpu_second_nanos", offsetof(rk_rates, cpu_second_nanos)},
    {"cpu_second_with_idle_nanos", offsetof(rk_rates, cpu_second_with_idle_nanos)},
    {"gb_nanos", offsetof(rk_rates, gb_nanos)},
    {"request_nanos", offsetof(rk_rates, request_nanos)},
    {"request_share_nanos", offsetof(rk_rates, request_share_nanos)},
    {"memory_gib_month_nanos", offsetof(rk_rates, memory_gib_month_nanos)},
};

/* The parts of a rate, in the order of rk_rate_part. */
static const struct {
    const char *key;
    size_t whole;
} parts[RK_RATE_PARTS] = {
    {"gb_nanos", offsetof(rk_rates, gb_nanos)},
    {"request_nanos", offsetof(rk_rates, request_nanos)},
    {"request_share_nanos", offsetof(rk_rates, request_share_nanos)},
};

/* {"operations":{"gb_nanos":9},"labour":{"request_share_nanos":3}}: what is nought is left out. */
static void write_categories(rk_json *json, const rk_rates *rates)
{
    rk_json_object(json, "by_category");
    for (int c = 0; c < RK_N_CATEGORIES; c++) {
        bool is_open = false;
        for (int p = 0; p < RK_RATE_PARTS; p++) {
            if (rates->by_category[p][c] > 0) {
                if (!is_open) {
                    rk_json_object(json, rk_category_name((rk_category)c));
                }
                is_open = true;
                rk_json_i64(json, parts[p].key, rates->by_category[p][c]);
            }
        }
        if (is_open) {
            rk_json_end_object(json);
        }
    }
    rk_json_end_object(json);
}

static void write_rates(rk_json *json, const rk_rates *rates)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "service", rates->service);
    rk_json_cstring(json, "variant", rates->variant);
    rk_json_cstring(json, "machine", rates->machine);
    for (size_t i = 0; i < RK_COUNT_OF(nanos); i++) {
        int64_t value = 0;
        memcpy(&value, (const char *)rates + nanos[i].field, sizeof value);
        rk_json_i64(json, nanos[i].key, value);
    }
    write_categories(json, rates);
    rk_json_real(json, "cpu_ms_per_request", rates->cpu_ms_per_request);
    rk_json_real(json, "response_bytes", rates->response_bytes);
    rk_json_end_object(json);
}

void rk_rate_card_format(const rk_rate_card *card, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "reckon", version);
    rk_json_cstring(&json, "plan", card->plan);
    rk_json_cstring(&json, "currency", card->currency);
    rk_json_cstring(&json, "first_month", card->first_month);
    rk_json_cstring(&json, "last_month", card->last_month);
    rk_json_array(&json, "rates");
    for (size_t i = 0; i < card->rates.n; i++) {
        write_rates(&json, rk_rate_card_at(card, i));
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "notes");
    for (size_t i = 0; i < card->notes.n; i++) {
        rk_json_cstring(&json, NULL, ((const char *const *)card->notes.data)[i]);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    rk_text_add(out, "\n");
}

/* ---- reading ---- */

/* What a reader carries: the first failure sticks, and later reads do nothing. */
typedef struct {
    const char *path;
    rk_rate_card *card;
    rk_interner *seen; /* services with their variants */
    rk_error *err;
    rk_status status;
    char where[32]; /* "rates[3]." */
} reader;

static void refuse(reader *r, const char *key, const char *wanted)
{
    if (r->status == RK_OK) {
        r->status = rk_fail(r->err, RK_BAD_INPUT, "%s: %s%s must be %s", r->path, r->where, key, wanted);
    }
}

static const char *read_text(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || json_string_length(value) == 0) {
        refuse(r, key, "a text");
        return "";
    }
    const char *kept = rk_arena_copy(&r->card->arena, json_string_value(value), json_string_length(value));
    if (!kept && r->status == RK_OK) {
        r->status = rk_fail_memory(r->err, "a rate card");
    }
    return kept ? kept : "";
}

static int64_t read_nanos(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    json_int_t nano = json_is_integer(value) ? json_integer_value(value) : -1;
    if (nano < 0 || nano > RK_RATE_NANOS_MAX) {
        refuse(r, key, "a whole number of nanos, 0 to 10^18");
        return 0;
    }
    return nano;
}

static double read_real(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    double real = json_is_number(value) ? json_number_value(value) : -1;
    if (!(real >= 0) || !isfinite(real)) {
        refuse(r, key, "a number 0 or more");
    }
    return real;
}

/* Parts that add up to their rate; where none are written, the rate is one of operations. */
static void read_categories(reader *r, const json_t *json, rk_rates *out)
{
    const json_t *categories = json_object_get(json, "by_category");
    for (int p = 0; p < RK_RATE_PARTS && r->status == RK_OK; p++) {
        int64_t whole = 0, sum = 0;
        memcpy(&whole, (const char *)out + parts[p].whole, sizeof whole);
        out->by_category[p][RK_OPERATIONS] = categories ? 0 : whole;
        for (int c = 0; c < RK_N_CATEGORIES && categories; c++) {
            const json_t *row = json_object_get(categories, rk_category_name((rk_category)c));
            int64_t part = json_object_get(row, parts[p].key) ? read_nanos(r, row, parts[p].key) : 0;
            out->by_category[p][c] = part;
            sum += part;
        }
        if (categories && sum != whole) {
            refuse(r, "by_category", "parts that add up to each rate");
        }
    }
}

/* Remembers the pair; false when it was there. */
static bool is_new(reader *r, const rk_rates *rates)
{
    rk_text key = {0};
    uint32_t n = rk_interner_count(r->seen);
    rk_text_addf(&key, "%s\n%s", rates->service, rates->variant ? rates->variant : "");
    bool ok = !key.failed && rk_interner_add(r->seen, (rk_slice){key.at, key.n}) != RK_NO_ID;
    rk_text_release(&key);
    if (!ok) {
        r->status = rk_fail_memory(r->err, "a rate card");
    }
    return !ok || rk_interner_count(r->seen) > n;
}

static void read_rates(reader *r, const json_t *json)
{
    rk_rates rates = {.service = read_text(r, json, "service"), .machine = read_text(r, json, "machine")};
    if (!json_is_null(json_object_get(json, "variant"))) {
        rates.variant = read_text(r, json, "variant");
    }
    for (size_t i = 0; i < RK_COUNT_OF(nanos); i++) {
        bool is_left_out = nanos[i].is_optional && !json_object_get(json, nanos[i].key);
        int64_t value = is_left_out ? 0 : read_nanos(r, json, nanos[i].key);
        memcpy((char *)&rates + nanos[i].field, &value, sizeof value);
    }
    read_categories(r, json, &rates);
    rates.cpu_ms_per_request = read_real(r, json, "cpu_ms_per_request");
    rates.response_bytes = read_real(r, json, "response_bytes");
    if (r->status == RK_OK && !is_new(r, &rates)) {
        refuse(r, "variant", "another than those before it");
    }
    if (r->status == RK_OK && !rk_vec_push(&r->card->rates, &rates)) {
        r->status = rk_fail_memory(r->err, "a rate card");
    }
}

static void read_notes(reader *r, const json_t *json)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json, i, item)
    {
        const char *note = json_is_string(item) ? json_string_value(item) : "";
        const char *kept = rk_arena_copy(&r->card->arena, note, strlen(note));
        if (r->status == RK_OK && (!kept || !rk_vec_push(&r->card->notes, &kept))) {
            r->status = rk_fail_memory(r->err, "a rate card");
        }
    }
}

static void read_all(reader *r, const json_t *json)
{
    const char *kind = read_text(r, json, "reckon");
    if (r->status == RK_OK && strcmp(kind, version) != 0) {
        r->status = rk_fail(r->err, RK_BAD_INPUT, "%s: a '%s' is needed here, this is '%.40s'", r->path, version, kind);
    }
    r->card->plan = read_text(r, json, "plan");
    r->card->currency = read_text(r, json, "currency");
    r->card->first_month = read_text(r, json, "first_month");
    r->card->last_month = read_text(r, json, "last_month");
    const json_t *rates = json_object_get(json, "rates"), *item;
    if (!json_is_array(rates) || json_array_size(rates) == 0 || json_array_size(rates) > RK_RATES_MAX) {
        refuse(r, "rates", "an array of 1 to 32000 objects");
    }
    size_t i;
    json_array_foreach(rates, i, item)
    {
        snprintf(r->where, sizeof r->where, "rates[%zu].", i);
        if (r->status == RK_OK) {
            read_rates(r, item);
        }
    }
    read_notes(r, json_object_get(json, "notes"));
}

rk_status rk_rate_card_parse(rk_slice text, const char *name, rk_rate_card *out, rk_error *err)
{
    json_error_t bad;
    if (text.n > RK_RATES_BYTES_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "%s: a rate card has at most %d bytes", name, RK_RATES_BYTES_MAX);
    }
    json_t *json = json_loadb(text.n ? text.at : "", text.n, JSON_REJECT_DUPLICATES, &bad);
    if (!json_is_object(json)) {
        rk_place at = {name, json ? 1 : (size_t)bad.line, json ? 1 : (size_t)bad.column};
        json_decref(json);
        return rk_fail_at(err, at, "a rate card must be a JSON object");
    }
    rk_rate_card_init(out);
    reader r = {.path = name, .card = out, .err = err, .seen = rk_interner_new()};
    r.status = r.seen ? RK_OK : rk_fail_memory(err, "a rate card");
    read_all(&r, json);
    rk_interner_free(r.seen);
    json_decref(json);
    if (r.status != RK_OK) {
        rk_rate_card_release(out);
    }
    return r.status;
}

rk_status rk_rate_card_read(const char *path, rk_rate_card *out, rk_error *err)
{
    rk_mapped file;
    rk_status status = rk_mapped_open(path, &file, err);
    if (status != RK_OK) {
        return status;
    }
    status = rk_rate_card_parse((rk_slice){(const char *)file.at, file.n_bytes}, path, out, err);
    rk_mapped_close(&file);
    return status;
}
