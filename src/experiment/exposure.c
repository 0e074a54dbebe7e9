/* exposure.c - see exposure.h. */
#include "experiment/exposure.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* ---- writing ---- */

static void write_list(rk_json *json, const char *key, const rk_slice *texts, size_t n)
{
    rk_json_array(json, key);
    for (size_t i = 0; i < n; i++) {
        rk_json_string(json, NULL, texts[i]);
    }
    rk_json_end_array(json);
}

static void write_some(rk_json *json, const char *key, rk_slice text)
{
    if (text.n > 0) {
        rk_json_string(json, key, text);
    }
}

static void write_teams(rk_json *json, const rk_exposure *e)
{
    write_list(json, "variants", e->variants, 2);
    rk_json_array(json, "teams");
    for (size_t i = 0; i < e->n_items; i++) {
        rk_json_u64(json, NULL, e->teams[i]);
    }
    rk_json_end_array(json);
}

static void write_explored(rk_json *json, const rk_exposure *e)
{
    rk_json_object(json, "explored");
    rk_json_u64(json, "place", e->place);
    rk_json_real(json, "propensity", e->place_propensity);
    write_list(json, "choices", e->choices, e->n_choices);
    rk_json_end_object(json);
    rk_json_object(json, "asked");
    rk_json_u64(json, "n", e->asked_n);
    write_some(json, "item", e->asked_item);
    write_some(json, "category", e->asked_category);
    if (e->n_asked_basket > 0) {
        write_list(json, "basket", e->asked_basket, e->n_asked_basket);
    }
    rk_json_end_object(json);
}

void rk_exposure_write(const rk_exposure *e, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_string(&json, "exposure", e->id);
    rk_json_i64(&json, "time", e->time_s);
    rk_json_string(&json, "user", e->user);
    write_some(&json, "experiment", e->experiment);
    write_some(&json, "variant", e->variant);
    rk_json_real(&json, "propensity", e->propensity);
    write_some(&json, "scene", e->scene);
    write_some(&json, "model", e->model);
    write_list(&json, "items", e->items, e->n_items);
    if (e->teams) {
        write_teams(&json, e);
    }
    if (e->place > 0) {
        write_explored(&json, e);
    }
    rk_json_u64(&json, "cpu_ns", e->cpu_ns);
    rk_json_u64(&json, "bytes", e->bytes);
    rk_json_end_object(&json);
}

/* ---- reading ---- */

typedef struct {
    json_t *json;
    rk_place at;
    rk_arena *arena;
    rk_error *err;
    rk_status status;
} reading;

static void refuse(reading *r, const char *key, const char *wanted)
{
    if (!r->status) {
        r->status = rk_fail_at(r->err, r->at, "'%s' of an exposure must be %s", key, wanted);
    }
}

static rk_slice keep(reading *r, const json_t *text)
{
    size_t n = json_string_length(text);
    const char *at = rk_arena_copy(r->arena, json_string_value(text), n);
    if (!at && !r->status) {
        r->status = rk_fail_memory(r->err, "an exposure");
    }
    return (rk_slice){at ? at : "", at ? n : 0};
}

static rk_slice get_text(reading *r, const json_t *object, const char *key, bool is_required)
{
    const json_t *value = json_object_get(object, key);
    if ((!value && is_required) || (value && !json_is_string(value))) {
        refuse(r, key, "a text");
        return (rk_slice){"", 0};
    }
    return value ? keep(r, value) : (rk_slice){"", 0};
}

static const rk_slice *get_list(reading *r, const json_t *object, const char *key, size_t *n)
{
    const json_t *list = json_object_get(object, key);
    *n = json_array_size(list);
    rk_slice *texts = RK_TAKE(r->arena, rk_slice, *n);
    for (size_t i = 0; texts && i < *n; i++) {
        const json_t *text = json_array_get(list, i);
        if (!json_is_string(text)) {
            refuse(r, key, "a list of texts");
            return NULL;
        }
        texts[i] = keep(r, text);
    }
    if (!texts && !r->status) {
        r->status = rk_fail_memory(r->err, "an exposure");
    }
    return texts;
}

static uint64_t get_count(reading *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (value && (!json_is_integer(value) || json_integer_value(value) < 0)) {
        refuse(r, key, "a count");
        return 0;
    }
    return (uint64_t)json_integer_value(value);
}

/* (0, 1]. */
static double get_chance(reading *r, const json_t *object, const char *key)
{
    double chance = json_number_value(json_object_get(object, key));
    if (!(chance > 0 && chance <= 1)) {
        refuse(r, key, "above 0 and at most 1");
    }
    return chance;
}

static void get_teams(reading *r, rk_exposure *e)
{
    const json_t *teams = json_object_get(r->json, "teams");
    size_t n_variants;
    const rk_slice *variants = get_list(r, r->json, "variants", &n_variants);
    unsigned char *team = RK_TAKE(r->arena, unsigned char, e->n_items);
    if (r->status || !team) {
        return;
    }
    if (n_variants != 2 || json_array_size(teams) != e->n_items) {
        refuse(r, "teams", "one of two variants for each item");
        return;
    }
    for (size_t i = 0; i < e->n_items; i++) {
        json_int_t value = json_integer_value(json_array_get(teams, i));
        if (value != 0 && value != 1) {
            refuse(r, "teams", "0 or 1");
            return;
        }
        team[i] = (unsigned char)value;
    }
    e->teams = team;
    memcpy(e->variants, variants, sizeof e->variants);
}

static void get_explored(reading *r, const json_t *explored, rk_exposure *e)
{
    const json_t *asked = json_object_get(r->json, "asked");
    uint64_t place = get_count(r, explored, "place");
    e->place_propensity = get_chance(r, explored, "propensity");
    e->choices = get_list(r, explored, "choices", &e->n_choices);
    if (!r->status && (place < 1 || place > e->n_items)) {
        refuse(r, "place", "one of the items'");
    }
    e->place = (uint32_t)place;
    e->asked_n = get_count(r, asked, "n");
    e->asked_item = get_text(r, asked, "item", false);
    e->asked_category = get_text(r, asked, "category", false);
    e->asked_basket = get_list(r, asked, "basket", &e->n_asked_basket);
}

static void get_all(reading *r, rk_exposure *e)
{
    const json_t *time = json_object_get(r->json, "time"), *explored = json_object_get(r->json, "explored");
    if (!json_is_integer(time)) {
        refuse(r, "time", "whole seconds since 1970");
    }
    e->id = get_text(r, r->json, "exposure", true);
    e->time_s = json_integer_value(time);
    e->user = get_text(r, r->json, "user", true);
    e->experiment = get_text(r, r->json, "experiment", false);
    e->variant = get_text(r, r->json, "variant", false);
    e->propensity = get_chance(r, r->json, "propensity");
    e->scene = get_text(r, r->json, "scene", false);
    e->model = get_text(r, r->json, "model", false);
    e->items = get_list(r, r->json, "items", &e->n_items);
    e->cpu_ns = get_count(r, r->json, "cpu_ns");
    e->bytes = get_count(r, r->json, "bytes");
    if (!r->status && json_object_get(r->json, "teams")) {
        get_teams(r, e);
    }
    if (!r->status && explored) {
        get_explored(r, explored, e);
    }
}

rk_status rk_exposure_parse(rk_slice line, rk_place at, rk_arena *arena, rk_exposure *out, rk_error *err)
{
    json_error_t wrong;
    reading r = {.at = at, .arena = arena, .err = err};
    r.json = json_loadb(line.at, line.n, JSON_REJECT_DUPLICATES, &wrong);
    if (!json_is_object(r.json)) {
        json_decref(r.json);
        return rk_fail_at(err, at, "an exposure must be an object of JSON, got '%.*s'",
                          (int)(line.n < 40 ? line.n : 40), line.at);
    }
    *out = (rk_exposure){0};
    get_all(&r, out);
    json_decref(r.json);
    return r.status;
}
