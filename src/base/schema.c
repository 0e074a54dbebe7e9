/* schema.c - reading a map of yaml.h by a table of keys: the strict half of strict YAML. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/yaml.h"

enum { NAMES_MAX = 64 };
static const double absurd = 1e15; /* no quantity in a plan is larger */

static bool is_nothing(const rk_yaml_node *node)
{
    return node->kind == RK_YAML_SCALAR && node->is_plain &&
           (!*node->text || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *rk_yaml_describe(const rk_yaml_node *node, char *out, size_t out_bytes)
{
    if (node->kind != RK_YAML_SCALAR) {
        snprintf(out, out_bytes, "%s", node->kind == RK_YAML_LIST ? "a list" : "a map");
    } else if (is_nothing(node)) {
        snprintf(out, out_bytes, "nothing");
    } else {
        snprintf(out, out_bytes, "%s'%.60s'", node->is_plain ? "" : "the quoted text ", node->text);
    }
    return out;
}

static const char *name_of(const rk_yaml_node *node, const rk_key *key)
{
    return key ? key->name : node->key ? node->key->text : "this";
}

/* "'utilisation' must be WANTED, got '1.2'" */
static rk_status refuse(const rk_yaml_node *node, const rk_key *key, const char *wanted, const char *why, rk_error *err)
{
    char got[96];
    return rk_fail_at(err, node->at, "'%.60s' must be %s, got %s%s%s%s", name_of(node, key), wanted,
                      rk_yaml_describe(node, got, sizeof got), why ? " (" : "", why ? why : "", why ? ")" : "");
}

/* ---- numbers ---- */

static double top_of(const rk_key *key) { return key->min == 0 && key->max == 0 ? absurd : key->max; }

static const char *range_words(const rk_key *key, char *out, size_t out_bytes)
{
    const char *kind = key->kind == RK_KEY_COUNT ? "a whole number" : "a number";
    if (fabs(top_of(key)) < absurd) {
        snprintf(out, out_bytes, "%s %s %.15g %s %.15g", kind, key->above ? "above" : "from", key->min,
                 key->above ? "and at most" : "to", key->max);
    } else if (key->min <= -absurd) {
        snprintf(out, out_bytes, "%s", kind);
    } else {
        snprintf(out, out_bytes, "%s %s%.15g%s", kind, key->above ? "above " : "", key->min,
                 key->above ? "" : " or more");
    }
    return out;
}

/* {point: 10, triangular: [1, 10, 20]}: the point is the number, the rest is kept for whoever draws. */
static rk_status read_uncertain(const rk_yaml_node *node, const rk_key *key, rk_number *out, rk_error *err)
{
    const rk_yaml_node *point = rk_yaml_find(node, "point"), *law = NULL;
    if (key->certain || key->kind == RK_KEY_COUNT) {
        return rk_fail_at(err, node->at, "'%.60s' cannot be uncertain: write one number", key->name);
    }
    for (const rk_yaml_node *c = node->first; c; c = c->next) {
        if (c != point && law) {
            return rk_fail_at(err, c->key->at, "'%.60s' has two laws, '%.40s' and '%.40s'", key->name, law->key->text,
                              c->key->text);
        }
        law = c != point ? c : law;
    }
    if (!law) {
        return rk_fail_at(err, node->at, "'%.60s' has a point and no law: write {point: ..., triangular: [...]}",
                          key->name);
    }
    rk_status status = point->kind == RK_YAML_SCALAR ? rk_yaml_number(point, key, out, err)
                                                     : refuse(point, key, "a number", "the point", err);
    if (!status) {
        out->uncertain = node->uncertain;
        *node->uncertain =
            (rk_uncertain){node, law, key->min, top_of(key), key->above, true, node->uncertain->index};
    }
    return status;
}

rk_status rk_yaml_number(const rk_yaml_node *node, const rk_key *key, rk_number *out, rk_error *err)
{
    char words[96];
    const char *wanted = range_words(key, words, sizeof words);
    if (node->uncertain) {
        return read_uncertain(node, key, out, err);
    }
    if (node->kind != RK_YAML_SCALAR || !node->is_plain || is_nothing(node)) {
        return refuse(node, key, wanted, NULL, err);
    }
    const char *wrong = rk_decimal_parse(rk_slice_of(node->text), &out->value);
    if (wrong) {
        return refuse(node, key, wanted, wrong, err);
    }
    double value = rk_decimal_real(out->value);
    bool is_whole = key->kind != RK_KEY_COUNT || out->value.places == 0;
    if (!is_whole || value < key->min || (key->above && value <= key->min) || value > top_of(key)) {
        bool is_absurd = value > top_of(key) && top_of(key) >= absurd;
        return refuse(node, key, wanted, is_absurd ? "absurdly large" : NULL, err);
    }
    out->is_set = true;
    out->at = node->at;
    return RK_OK;
}

/* ---- dates ---- */

/* Two or four digits. */
static bool take_digits(const char **at, int n, int *out)
{
    *out = 0;
    for (; n > 0; n--, ++*at) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool parse_date(const char *at, bool with_day, int *year, int *month, int *day)
{
    *day = 1;
    if (!take_digits(&at, 4, year) || *at++ != '-' || !take_digits(&at, 2, month)) {
        return false;
    }
    if (with_day && (*at++ != '-' || !take_digits(&at, 2, day))) {
        return false;
    }
    return *at == '\0' && *year >= 1970 && *month >= 1 && *month <= 12 && *day >= 1 &&
           (unsigned)*day <= rk_days_in_month(*year, (unsigned)*month);
}

static rk_status read_when(const rk_yaml_node *node, bool with_day, rk_when *out, rk_error *err)
{
    int year, month, day;
    if (node->kind != RK_YAML_SCALAR || !parse_date(node->text, with_day, &year, &month, &day)) {
        return refuse(node, NULL, with_day ? "a date like 2026-10-31" : "a month like 2026-10", NULL, err);
    }
    out->value = with_day ? (int32_t)rk_days_of_date(year, (unsigned)month, (unsigned)day) : year * 12 + month - 1;
    out->is_set = true;
    out->at = node->at;
    return RK_OK;
}

rk_status rk_yaml_month(const rk_yaml_node *node, rk_when *out, rk_error *err)
{
    return read_when(node, false, out, err);
}

rk_status rk_yaml_date(const rk_yaml_node *node, rk_when *out, rk_error *err)
{
    return read_when(node, true, out, err);
}

/* ---- texts and choices ---- */

rk_status rk_yaml_text(const rk_yaml_node *node, const char *what, const char **out, rk_error *err)
{
    if (node->kind != RK_YAML_SCALAR || is_nothing(node) || !*node->text) {
        rk_key key = {.name = what};
        return refuse(node, &key, "a text", NULL, err);
    }
    *out = node->text;
    return RK_OK;
}

static rk_status read_choice(const rk_yaml_node *node, const rk_key *key, int *out, rk_error *err)
{
    char wanted[160] = "one of ";
    int i = 0;
    for (const char *at = key->choices; node->kind == RK_YAML_SCALAR && *at; i++) {
        size_t n = strcspn(at, "|");
        if (strlen(node->text) == n && memcmp(node->text, at, n) == 0) {
            *out = i;
            return RK_OK;
        }
        at += n + (at[n] == '|');
    }
    size_t used = strlen(wanted);
    for (const char *at = key->choices; *at && used + 3 < sizeof wanted; at++) {
        wanted[used++] = *at == '|' ? ',' : *at;
        if (*at == '|') {
            wanted[used++] = ' ';
        }
    }
    wanted[used] = '\0';
    return refuse(node, key, wanted, NULL, err);
}

/* ---- maps ---- */

static rk_status read_value(const rk_yaml_node *node, const rk_key *key, void *field, rk_error *err)
{
    switch (key->kind) {
    case RK_KEY_TEXT:
        return rk_yaml_text(node, key->name, field, err);
    case RK_KEY_NUMBER:
    case RK_KEY_COUNT:
        return rk_yaml_number(node, key, field, err);
    case RK_KEY_MONTH:
        return rk_yaml_month(node, field, err);
    case RK_KEY_DATE:
        return rk_yaml_date(node, field, err);
    case RK_KEY_CHOICE:
        return read_choice(node, key, field, err);
    case RK_KEY_LATER:
        return rk_fail_at(err, node->key->at, "'%s' is part of the method but not built yet", key->name);
    case RK_KEY_LIST:
    case RK_KEY_MAP:
        if (node->kind != (key->kind == RK_KEY_LIST ? RK_YAML_LIST : RK_YAML_MAP)) {
            return refuse(node, key, key->kind == RK_KEY_LIST ? "a list" : "a map", NULL, err);
        }
        break;
    case RK_KEY_NODE:
        break;
    }
    *(const rk_yaml_node **)field = node;
    return RK_OK;
}

static rk_status unknown_key(const rk_yaml_node *name, const char *what, const rk_key *keys, size_t n_keys,
                             rk_error *err)
{
    const char *names[NAMES_MAX] = {0};
    size_t n = 0;
    for (; n < n_keys && n < NAMES_MAX; n++) {
        names[n] = keys[n].name;
    }
    const char *near = rk_nearest_name(name->text, names, n);
    if (near) {
        return rk_fail_at(err, name->at, "%s has no key '%.60s'; did you mean '%s'?", what, name->text, near);
    }
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < n_keys && used < sizeof list; i++) {
        if (keys[i].kind != RK_KEY_LATER) {
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", keys[i].name);
        }
    }
    return rk_fail_at(err, name->at, "%s has no key '%.60s'; known are %s", what, name->text, list);
}

static void set_absent(const rk_key *key, void *field)
{
    if (key->kind == RK_KEY_CHOICE) {
        *(int *)field = -1;
    }
}

rk_status rk_yaml_fill(const rk_yaml_node *map, const char *what, const rk_key *keys, size_t n_keys, void *into,
                       rk_error *err)
{
    char got[96];
    if (map->kind != RK_YAML_MAP) {
        return rk_fail_at(err, map->at, "%s must be a map of keys, got %s", what,
                          rk_yaml_describe(map, got, sizeof got));
    }
    for (size_t k = 0; k < n_keys; k++) {
        set_absent(&keys[k], (char *)into + keys[k].field);
    }
    for (const rk_yaml_node *child = map->first; child; child = child->next) {
        size_t k = 0;
        while (k < n_keys && strcmp(keys[k].name, child->key->text) != 0) {
            k++;
        }
        if (k == n_keys) {
            return unknown_key(child->key, what, keys, n_keys, err);
        }
        rk_status status = read_value(child, &keys[k], (char *)into + keys[k].field, err);
        if (status) {
            return status;
        }
    }
    for (size_t k = 0; k < n_keys; k++) {
        if (keys[k].required && !rk_yaml_find(map, keys[k].name)) {
            return rk_fail_at(err, map->at, "%s needs the key '%s' (%s)", what, keys[k].name, keys[k].help);
        }
    }
    return RK_OK;
}
