/* item.c - see item.h. A table of texts; price, stock and attributes have readers of their own. */
#include "serve/item.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "text/columns.h"
#include "text/question.h"

static const struct {
    const char *name;
    size_t at; /* in rk_wares_product */
} texts[] = {
    {"title", offsetof(rk_wares_product, title)},
    {"text", offsetof(rk_wares_product, text)},
    {"brand", offsetof(rk_wares_product, brand)},
    {"category", offsetof(rk_wares_product, category)},
};
static const char *const fields[] = {"id", "title", "text", "brand", "category", "price", "stock", "attributes"};

/* ---- reading ---- */

typedef struct {
    rk_arena *arena;
    rk_problem *problem;
    rk_vec attributes; /* rk_wares_attribute */
} reading;

static bool refuse(reading *r, const char *field, const char *what)
{
    return rk_problem_set(r->problem, 400, field, "%s %s", field, what);
}

static bool refuse_memory(reading *r) { return rk_problem_set(r->problem, 503, NULL, "out of memory"); }

static bool has_control(rk_slice text)
{
    bool has = false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.at[i];
        has |= (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f;
    }
    return has;
}

static bool keep(reading *r, rk_slice text, rk_slice *out)
{
    const char *copy = rk_arena_copy(r->arena, text.at, text.n);
    *out = (rk_slice){copy, text.n};
    return copy || refuse_memory(r);
}

static rk_slice text_of(const json_t *value) { return (rk_slice){json_string_value(value), json_string_length(value)}; }

static bool take_text(reading *r, const char *field, const json_t *value, rk_slice *out)
{
    if (!json_is_string(value) || has_control(text_of(value))) {
        return refuse(r, field, "must be a text without control characters");
    }
    return keep(r, text_of(value), out);
}

/* A text, a number or a bool as a value of an attribute. */
static bool take_value(reading *r, rk_slice name, const json_t *value)
{
    char number[40];
    rk_text real = {0};
    rk_wares_attribute one = {.name = name};
    rk_slice text = {"", 0};
    if (json_is_string(value)) {
        text = text_of(value);
    } else if (json_is_boolean(value)) {
        text = json_is_true(value) ? RK_SLICE("yes") : RK_SLICE("no");
    } else if (json_is_integer(value)) {
        int n = snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        text = (rk_slice){number, (size_t)n};
    } else if (json_is_real(value)) {
        rk_text_add_real(&real, json_real_value(value));
        text = (rk_slice){real.at, real.n};
    }
    bool is_good = text.n > 0 && !has_control(text);
    bool is_done = is_good ? keep(r, text, &one.value) : refuse(r, "attributes", "have texts, numbers, true and false");
    rk_text_release(&real);
    if (is_done && r->attributes.n == RK_ITEM_ATTRIBUTES_MAX) {
        return refuse(r, "attributes", "are at most 512");
    }
    return is_done && (rk_vec_push(&r->attributes, &one) || refuse_memory(r));
}

static bool take_attribute(reading *r, rk_slice name, const json_t *value)
{
    size_t i;
    const json_t *one;
    bool is_done = true;
    if (!json_is_array(value)) {
        return take_value(r, name, value);
    }
    json_array_foreach(value, i, one) { is_done = is_done && take_value(r, name, one); }
    return is_done;
}

static bool take_attributes(reading *r, json_t *object, rk_slice stock_name)
{
    const char *key;
    json_t *value;
    bool is_done = json_is_object(object) || refuse(r, "attributes", "must be an object of names and values");
    json_object_foreach(object, key, value)
    {
        rk_slice name = rk_slice_of(key);
        if (!is_done) {
            break;
        }
        if (name.n == 0 || name.n > RK_ITEM_NAME_BYTES_MAX || has_control(name)) {
            return refuse(r, "attributes", "have names of 1 to 128 bytes without control characters");
        }
        if (rk_slice_equal(name, stock_name)) {
            return rk_problem_set(r->problem, 400, "attributes", "attributes: '%s' is said by stock", key);
        }
        is_done = keep(r, name, &name) && take_attribute(r, name, value);
    }
    return is_done;
}

static bool take_price(reading *r, const json_t *value, float *out)
{
    double price = json_is_number(value) ? json_number_value(value) : -1;
    if (!(price >= 0 && price <= (double)FLT_MAX)) {
        return refuse(r, "price", "must be a number from 0 on");
    }
    *out = (float)price;
    return true;
}

static bool take_stock(reading *r, rk_slice stock_name, const json_t *value)
{
    bool is_good = json_is_boolean(value) || (json_is_number(value) && json_number_value(value) >= 0);
    return is_good ? take_value(r, stock_name, value)
                   : refuse(r, "stock", "must be a number from 0 on, or true or false");
}

static bool refuse_key(reading *r, const char *key)
{
    const char *nearest = rk_nearest_name(key, fields, RK_COUNT_OF(fields));
    return rk_problem_set(r->problem, 400, NULL, "there is no field '%.60s'%s%s%s", key,
                          nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

static bool take_member(reading *r, const char *key, json_t *value, rk_slice id, rk_slice stock_name,
                        rk_wares_product *out)
{
    for (size_t t = 0; t < RK_COUNT_OF(texts); t++) {
        if (strcmp(key, texts[t].name) == 0) {
            return take_text(r, key, value, (rk_slice *)(void *)((char *)out + texts[t].at));
        }
    }
    if (strcmp(key, "id") == 0) {
        bool is_same = json_is_string(value) && rk_slice_equal(text_of(value), id);
        return is_same || refuse(r, "id", "must be the one in the path, or left out");
    }
    if (strcmp(key, "price") == 0) {
        return take_price(r, value, &out->price);
    }
    if (strcmp(key, "stock") == 0) {
        return take_stock(r, stock_name, value);
    }
    return strcmp(key, "attributes") == 0 ? take_attributes(r, value, stock_name) : refuse_key(r, key);
}

static bool take_all(reading *r, json_t *object, rk_slice id, rk_slice stock_name, rk_wares_product *out)
{
    const char *key;
    json_t *value;
    bool is_done = true;
    json_object_foreach(object, key, value)
    {
        is_done = is_done && (json_is_null(value) || take_member(r, key, value, id, stock_name, out));
    }
    if (is_done && rk_slice_trim(out->title).n == 0) {
        return refuse(r, "title", "must say something");
    }
    out->n_attributes = r->attributes.n;
    rk_wares_attribute *copy = RK_TAKE(r->arena, rk_wares_attribute, r->attributes.n);
    if (copy && r->attributes.n > 0) {
        memcpy(copy, r->attributes.data, r->attributes.n * sizeof *copy);
    }
    out->attributes = copy;
    return is_done && (copy || refuse_memory(r));
}

bool rk_item_parse(rk_slice body, rk_slice id, rk_slice stock_name, rk_arena *arena, rk_wares_product *out,
                   rk_problem *problem)
{
    json_error_t fault;
    reading r = {arena, problem, {.item_bytes = sizeof(rk_wares_attribute)}};
    json_t *object = json_loadb(body.at ? body.at : "", body.n, JSON_REJECT_DUPLICATES, &fault);
    *out = (rk_wares_product){.id = id, .price = NAN};
    bool is_done = false;
    if (!object) {
        rk_problem_set(problem, 400, NULL, "the body is no JSON: %s, at its byte %d", fault.text, fault.position + 1);
    } else if (!json_is_object(object)) {
        rk_problem_set(problem, 400, NULL, "the body must be one JSON object");
    } else {
        is_done = take_all(&r, object, id, stock_name, out);
    }
    json_decref(object);
    rk_vec_release(&r.attributes);
    return is_done;
}

/* ---- writing ---- */

static void write_value(rk_json *json, const char *key, rk_slice value)
{
    double number;
    if (rk_parse_real(value, &number)) {
        rk_json_real(json, key, number);
    } else {
        rk_json_string(json, key, value);
    }
}

/* The values of an attribute of an item; several as an array, where the first of them stands. */
static void write_attribute(const rk_dataset *d, uint64_t first, uint64_t at, uint64_t end, const char *key,
                            rk_json *json)
{
    uint32_t name = d->attribute_name[at];
    size_t n = 0;
    for (uint64_t a = first; a < at; a++) {
        n += d->attribute_name[a] == name;
    }
    if (n > 0) {
        return;
    }
    for (uint64_t a = at; a < end; a++) {
        n += d->attribute_name[a] == name;
    }
    if (n == 1) {
        rk_json_string(json, key, rk_names_get(&d->values, d->attribute_value[at]));
        return;
    }
    rk_json_array(json, key);
    for (uint64_t a = at; a < end; a++) {
        if (d->attribute_name[a] == name) {
            rk_json_string(json, NULL, rk_names_get(&d->values, d->attribute_value[a]));
        }
    }
    rk_json_end_array(json);
}

static bool write_attributes(const rk_dataset *d, uint32_t item, rk_slice stock_name, rk_json *json)
{
    uint64_t first = d->attribute_start ? d->attribute_start[item] : 0;
    uint64_t end = d->attribute_start ? d->attribute_start[item + 1] : 0;
    rk_arena arena = {0};
    bool is_short = false;
    for (uint64_t a = first; a < end; a++) {
        if (rk_slice_equal(rk_names_get(&d->attributes, d->attribute_name[a]), stock_name)) {
            write_value(json, "stock", rk_names_get(&d->values, d->attribute_value[a]));
            break;
        }
    }
    rk_json_object(json, "attributes");
    for (uint64_t a = first; a < end && !is_short; a++) {
        rk_slice name = rk_names_get(&d->attributes, d->attribute_name[a]);
        const char *key = rk_slice_equal(name, stock_name) ? NULL : rk_arena_copy(&arena, name.at, name.n);
        is_short = !key && !rk_slice_equal(name, stock_name);
        if (key) {
            write_attribute(d, first, a, end, key, json);
        }
    }
    rk_json_end_object(json);
    rk_arena_release(&arena);
    return !is_short;
}

rk_status rk_item_write(const rk_corpus *corpus, uint32_t item, rk_json *json, rk_error *err)
{
    static const rk_field order[] = {RK_FIELD_TITLE, RK_FIELD_TEXT, RK_FIELD_BRAND, RK_FIELD_CATEGORY};
    uint32_t within;
    const rk_dataset *d = rk_index_items(rk_corpus_segment_of(corpus, item, &within)->index);
    double price = rk_corpus_price(corpus, item);
    rk_analyser *folder = NULL;
    bool is_out = false;
    rk_status status = rk_analyser_new(&rk_value_analysis, &folder, err);
    status = status ? status : rk_corpus_is_out(corpus, folder, item, &is_out, err);
    rk_analyser_free(folder);
    if (status) {
        return status;
    }
    rk_json_string(json, "id", rk_corpus_id(corpus, item));
    for (size_t f = 0; f < RK_COUNT_OF(order); f++) {
        rk_slice text = rk_corpus_text(corpus, item, order[f]);
        if (text.n > 0) {
            rk_json_string(json, rk_field_names[order[f]], text);
        }
    }
    if (!isnan(price)) {
        rk_json_real(json, "price", rint(price * 1e4) / 1e4);
    }
    bool is_done = write_attributes(d, within, rk_stock_attribute(corpus), json);
    rk_json_bool(json, "in_stock", !is_out);
    return is_done ? RK_OK : rk_fail_memory(err, "a product");
}
