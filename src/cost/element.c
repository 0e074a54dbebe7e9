/* element.c - reading elements: find the kind by the key that marks it, then fill common and own keys from one table.
 */
#include "cost/element.h"
#include "cost/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 64, COMMON_BYTES = 256 };

static const rk_element_kind *const kinds[] = {
    &rk_element_use,  &rk_element_store, &rk_element_network,   &rk_element_clean,  &rk_element_train,
    &rk_element_rent, &rk_element_own,   &rk_element_incidents, &rk_element_person, &rk_element_amount,
};

const rk_element_kind *rk_element_kind_at(size_t i) { return i < RK_COUNT_OF(kinds) ? kinds[i] : NULL; }

rk_place rk_element_place(const rk_element *element, const char *key)
{
    const rk_yaml_node *value = rk_yaml_find(element->node, key);
    return value ? value->at : element->at;
}

typedef struct {
    const char *name, *service;
    int category, layer;
    const rk_yaml_node *share_by, *when;
} common_keys;
_Static_assert(sizeof(common_keys) <= COMMON_BYTES, "settings of a kind start behind the common ones");

static const rk_key common_rows[] = {
    {"name", RK_KEY_TEXT, offsetof(common_keys, name), .required = true, .help = "of the element"},
    {"category", RK_KEY_CHOICE, offsetof(common_keys, category), .required = true,
     .choices = "hardware|software|data|labour|operations", .help = "what kind of cost"},
    {"layer", RK_KEY_CHOICE, offsetof(common_keys, layer), .required = true,
     .choices = "data|model|service|application", .help = "what part of the system"},
    {"service", RK_KEY_TEXT, offsetof(common_keys, service), .required = true,
     .help = "a service's name, 'each' (a line of its own for every service) or 'shared'"},
    {"share_by", RK_KEY_NODE, offsetof(common_keys, share_by),
     .help = "with service: shared - requests, cpu_seconds, gb, ... even, or weights by service"},
    {"when", RK_KEY_LIST, offsetof(common_keys, when), .help = "only in these months"},
};

const rk_key *rk_element_common_keys(size_t *n)
{
    *n = RK_COUNT_OF(common_rows);
    return common_rows;
}

/* ---- which kind ---- */

static bool is_marked(const rk_yaml_node *map, const char *marks)
{
    for (const char *at = marks; *at;) {
        size_t n = strcspn(at, "|");
        for (const rk_yaml_node *c = map->first; c; c = c->next) {
            if (strlen(c->key->text) == n && memcmp(c->key->text, at, n) == 0) {
                return true;
            }
        }
        at += n + (at[n] == '|');
    }
    return false;
}

static bool has_key(const rk_key *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* No mark: a misspelt key is the likeliest reason, so all keys of all kinds are compared. */
static rk_status no_kind(const rk_yaml_node *map, const char *what, rk_error *err)
{
    const char *names[KEYS_MAX * 2];
    size_t n = 0;
    for (size_t k = 0; k < RK_COUNT_OF(common_rows); k++) {
        names[n++] = common_rows[k].name;
    }
    for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
        for (size_t k = 0; k < kinds[i]->n_keys && n < RK_COUNT_OF(names); k++) {
            names[n++] = kinds[i]->keys[k].name;
        }
    }
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        bool known = false;
        for (size_t i = 0; i < n; i++) {
            known = known || strcmp(names[i], c->key->text) == 0;
        }
        const char *near = known ? NULL : rk_nearest_name(c->key->text, names, n);
        if (near) {
            return rk_fail_at(err, c->key->at, "%s has no key '%.60s'; did you mean '%s'?", what, c->key->text, near);
        }
    }
    return rk_fail_at(err, map->at,
                      "%s does not say what it uses: it needs one of use, store, network, clean, train, rent, own, "
                      "person, incidents_per_month, amount",
                      what);
}

static rk_status find_kind(const rk_yaml_node *map, const char *what, const rk_element_kind **out, rk_error *err)
{
    const rk_element_kind *kind = NULL;
    for (size_t i = 0; i < RK_COUNT_OF(kinds) && !kind; i++) {
        kind = is_marked(map, kinds[i]->marks) ? kinds[i] : NULL;
    }
    if (!kind) {
        return no_kind(map, what, err);
    }
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        const char *name = c->key->text;
        if (has_key(common_rows, RK_COUNT_OF(common_rows), name) || has_key(kind->keys, kind->n_keys, name)) {
            continue;
        }
        for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
            if (has_key(kinds[i]->keys, kinds[i]->n_keys, name)) {
                return rk_fail_at(err, c->key->at, "%s is of the kind '%s', which has no key '%s' (that is for '%s')",
                                  what, kind->name, name, kinds[i]->name);
            }
        }
    }
    *out = kind;
    return RK_OK;
}

/* ---- who bears it, and when ---- */

static rk_status no_service(const rk_plan *plan, const char *name, rk_place at, rk_error *err)
{
    const char **names = calloc(plan->n_services, sizeof *names);
    for (uint32_t i = 0; names && i < plan->n_services; i++) {
        names[i] = plan->services[i].name;
    }
    const char *near = names ? rk_nearest_name(name, names, plan->n_services) : NULL;
    free(names);
    return rk_fail_at(err, at, "the plan has no service '%.60s'%s%s%s", name, near ? "; did you mean '" : "",
                      near ? near : "", near ? "'?" : "");
}

static rk_status find_service(const rk_plan *plan, const char *name, rk_place at, uint32_t *out, rk_error *err)
{
    for (uint32_t i = 0; i < plan->n_services; i++) {
        if (strcmp(plan->services[i].name, name) == 0) {
            *out = i;
            return RK_OK;
        }
    }
    return no_service(plan, name, at, err);
}

static rk_status read_weights(rk_plan *plan, const rk_yaml_node *map, rk_element *element, rk_error *err)
{
    rk_number *weights = RK_TAKE(&plan->arena, rk_number, plan->n_services);
    if (!weights) {
        return rk_fail_memory(err, "weights of services");
    }
    if (map->n == 0) {
        return rk_fail_at(err, map->at, "'share_by' names no service");
    }
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        uint32_t s = 0;
        rk_key key = {.name = c->key->text, .kind = RK_KEY_NUMBER};
        rk_status status = find_service(plan, c->key->text, c->key->at, &s, err);
        status = status ? status : rk_yaml_number(c, &key, &weights[s], err);
        if (status) {
            return status;
        }
    }
    element->weights = weights;
    element->share_by = RK_SHARE_MAP;
    return RK_OK;
}

static rk_status read_share(rk_plan *plan, const rk_yaml_node *node, rk_element *element, rk_error *err)
{
    char got[96];
    if (node->kind == RK_YAML_MAP) {
        return read_weights(plan, node, element, err);
    }
    if (node->kind != RK_YAML_SCALAR) {
        return rk_fail_at(err, node->at, "'share_by' must be a word such as requests, or weights by service, got %s",
                          rk_yaml_describe(node, got, sizeof got));
    }
    bool is_even = strcmp(node->text, "even") == 0;
    element->share_by = is_even ? RK_SHARE_EVEN : RK_SHARE_DRIVER;
    return is_even ? RK_OK : rk_driver_find_share(node->text, node->at, &element->share_driver, err);
}

static rk_status read_target(rk_plan *plan, const rk_yaml_node *map, const common_keys *c, rk_element *element,
                             rk_error *err)
{
    bool shared = strcmp(c->service, "shared") == 0;
    element->target = shared ? RK_TARGET_SHARED : strcmp(c->service, "each") == 0 ? RK_TARGET_EACH : RK_TARGET_ONE;
    if (shared && !c->share_by) {
        return rk_fail_at(err, map->at, "element '%.60s' is shared and needs the key 'share_by'", c->name);
    }
    if (!shared && c->share_by) {
        return rk_fail_at(err, c->share_by->key->at, "'share_by' goes with 'service: shared' only");
    }
    if (shared) {
        return read_share(plan, c->share_by, element, err);
    }
    if (element->target == RK_TARGET_EACH) {
        return RK_OK;
    }
    return find_service(plan, c->service, rk_yaml_find(map, "service")->at, &element->service, err);
}

static rk_status read_months(rk_plan *plan, const rk_yaml_node *list, rk_element *element, rk_error *err)
{
    if (!list) {
        return RK_OK;
    }
    rk_when *when = RK_TAKE(&plan->arena, rk_when, list->n);
    if (!when) {
        return rk_fail_memory(err, "months");
    }
    if (list->n == 0) {
        return rk_fail_at(err, list->at, "'when' must name at least one month");
    }
    element->when = when;
    for (const rk_yaml_node *c = list->first; c; c = c->next) {
        rk_when *month = &when[element->n_when++];
        rk_status status = rk_yaml_month(c, month, err);
        for (uint32_t i = 0; !status && i + 1 < element->n_when; i++) {
            if (when[i].value == month->value) {
                status = rk_fail_at(err, c->at, "the month %s is named twice", c->text);
            }
        }
        int32_t m = month->value - plan->start.value;
        if (!status && (m < 0 || m >= (int32_t)plan->n_months)) {
            status = rk_plan_note(plan, err, "%s:%zu: %s of '%s' is not a month of this plan", c->at.path, c->at.line,
                                  c->text, element->name);
        }
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

/* ---- an element ---- */

/* Common keys and those of the kind as one table over one block: the kind's settings stand COMMON_BYTES behind. */
static rk_status fill(rk_plan *plan, const rk_yaml_node *map, const char *what, const rk_element_kind *kind,
                      common_keys **common, rk_error *err)
{
    rk_key keys[KEYS_MAX];
    size_t n = RK_COUNT_OF(common_rows);
    char *block = rk_arena_take(&plan->arena, 1, COMMON_BYTES + kind->settings_bytes, _Alignof(max_align_t));
    if (!block) {
        return rk_fail_memory(err, "an element");
    }
    memcpy(keys, common_rows, sizeof common_rows);
    for (size_t i = 0; i < kind->n_keys && n < KEYS_MAX; i++) {
        keys[n] = kind->keys[i];
        keys[n++].field += COMMON_BYTES;
    }
    *common = (common_keys *)(void *)block;
    return rk_yaml_fill(map, what, keys, n, block, err);
}

static rk_status read_element(rk_plan *plan, const rk_yaml_node *map, rk_element *out, rk_error *err)
{
    char what[96] = "the element", got[96];
    common_keys *common = NULL;
    if (map->kind != RK_YAML_MAP) {
        return rk_fail_at(err, map->at, "an element must be a map of keys, got %s",
                          rk_yaml_describe(map, got, sizeof got));
    }
    const rk_yaml_node *name = rk_yaml_find(map, "name");
    if (name && name->kind == RK_YAML_SCALAR) {
        snprintf(what, sizeof what, "element '%.60s'", name->text);
    }
    rk_status status = find_kind(map, what, &out->kind, err);
    status = status ? status : fill(plan, map, what, out->kind, &common, err);
    if (status) {
        return status;
    }
    out->name = common->name;
    out->at = map->at;
    out->node = map;
    out->category = (rk_category)common->category;
    out->layer = (rk_layer)common->layer;
    status = read_target(plan, map, common, out, err);
    status = status ? status : read_months(plan, common->when, out, err);
    void *settings = (char *)common + COMMON_BYTES;
    out->settings = settings;
    return status || !out->kind->check ? status : out->kind->check(plan, out, settings, err);
}

static int by_name(const void *a, const void *b)
{
    const rk_element *x = *(const rk_element *const *)a, *y = *(const rk_element *const *)b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->at.line > y->at.line) - (x->at.line < y->at.line);
}

/* Twice the same name is legal and probably a slip of copy and paste. */
static rk_status warn_of_namesakes(rk_plan *plan, rk_error *err)
{
    const rk_element **sorted = malloc((plan->n_elements + 1) * sizeof *sorted);
    if (!sorted) {
        return rk_fail_memory(err, "elements");
    }
    for (uint32_t i = 0; i < plan->n_elements; i++) {
        sorted[i] = &plan->elements[i];
    }
    qsort(sorted, plan->n_elements, sizeof *sorted, by_name);
    rk_status status = RK_OK;
    for (uint32_t i = 1; i < plan->n_elements && !status; i++) {
        if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0) {
            status = rk_plan_note(plan, err, "%s:%zu: a second element is called '%s'; both are counted", plan->path,
                                  sorted[i]->at.line, sorted[i]->name);
        }
    }
    free(sorted);
    return status;
}

/* What could not be known before all were read. */
static rk_status check_links(const rk_plan *plan, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < plan->n_elements && !status; i++) {
        const rk_element *element = &plan->elements[i];
        char rule[64];
        if (element->share_driver) {
            snprintf(rule, sizeof rule, "is shared by %s", rk_driver_share(element->share_driver));
            status =
                rk_driver_check(element->share_driver, plan, element, rk_element_place(element, "share_by"), rule, err);
        }
        status = status || !element->kind->link ? status : element->kind->link(plan, element, err);
    }
    return status;
}

rk_status rk_plan_read_elements(rk_plan *plan, const rk_yaml_node *list, rk_error *err)
{
    plan->elements = RK_TAKE(&plan->arena, rk_element, list->n);
    if (!plan->elements) {
        return rk_fail_memory(err, "elements");
    }
    for (const rk_yaml_node *c = list->first; c; c = c->next) {
        rk_element *element = &plan->elements[plan->n_elements++];
        element->ordinal = plan->n_elements;
        rk_status status = read_element(plan, c, element, err);
        if (status) {
            return status;
        }
    }
    if ((uint64_t)plan->n_elements * plan->n_services * plan->n_months > RK_LINES_MAX) {
        return rk_fail_at(err, list->at, "%u elements x %u services x %u months are more than %d lines",
                          plan->n_elements, plan->n_services, plan->n_months, RK_LINES_MAX);
    }
    rk_status status = check_links(plan, err);
    return status ? status : warn_of_namesakes(plan, err);
}
