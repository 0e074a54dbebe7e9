/* golden.c - see golden.h. Asked as a client asks, up to the JSON of the answer: what holds here holds for shoppers. */
#include "serve/golden.h"

#include <jansson.h>
#include <string.h>

#include "base/yaml.h"
#include "serve/ask.h"

typedef struct {
    const char *user, *similar, *search;
    rk_number n, at_least, share;
    const rk_yaml_node *expect;
} query;

static const rk_key keys[] = {
    {"user", RK_KEY_TEXT, offsetof(query, user), .help = "who is recommended to"},
    {"similar", RK_KEY_TEXT, offsetof(query, similar), .help = "the item to resemble"},
    {"search", RK_KEY_TEXT, offsetof(query, search), .help = "what is typed"},
    {"n", RK_KEY_COUNT, offsetof(query, n), .min = 1, .max = 1000, .certain = true, .help = "items asked for (20)"},
    {"at_least", RK_KEY_COUNT, offsetof(query, at_least), .min = 0, .max = 1000, .certain = true,
     .help = "items that the answer must have (1)"},
    {"expect", RK_KEY_LIST, offsetof(query, expect), .help = "items that must be among them"},
    {"share", RK_KEY_NUMBER, offsetof(query, share), .above = true, .max = 1, .certain = true,
     .help = "of the expected ones that is enough (1: all)"},
};

/* What asking needs. */
typedef struct {
    const rk_live *live;
    rk_desk *desk;
    rk_arena arena;
    rk_text answer;
} asker;

static double number_or(const rk_number *number, double fallback)
{
    return number->is_set ? rk_decimal_real(number->value) : fallback;
}

static rk_status ask(asker *a, const query *q, rk_error *err)
{
    rk_asking with = {a->desk, &a->arena, &a->answer, "golden", NULL, NULL};
    uint32_t n = (uint32_t)number_or(&q->n, 20);
    rk_arena_clear(&a->arena);
    rk_text_clear(&a->answer);
    if (q->search) {
        rk_inquiry inquiry = {.text = rk_slice_of(q->search), .page = {.n = n}, .n_values = 1};
        return a->live->finder ? rk_finder_search(a->live->finder, &inquiry, NULL, "golden", &a->arena, &a->answer, err)
                               : rk_fail(err, RK_BAD_INPUT, "there is no index for search");
    }
    if (!a->live->model) {
        return rk_fail(err, RK_BAD_INPUT, "there is no model");
    }
    return q->user ? rk_ask_recommend(a->live, &(rk_recommend_ask){.user = rk_slice_of(q->user), .n = n}, &with, err)
                   : rk_ask_similar(a->live, rk_slice_of(q->similar), n, &with, err);
}

static bool is_listed(const json_t *items, const char *id)
{
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        const char *listed = json_string_value(json_object_get(item, "id"));
        if (listed && strcmp(listed, id) == 0) {
            return true;
        }
    }
    return false;
}

static rk_status judge(const query *q, rk_place at, const json_t *items, rk_error *err)
{
    const char *whom = q->user ? q->user : q->similar ? q->similar : q->search;
    size_t n = json_array_size(items), n_expected = q->expect ? q->expect->n : 0, n_found = 0;
    size_t at_least = (size_t)number_or(&q->at_least, 1);
    double wanted = number_or(&q->share, 1) * (double)n_expected;
    if (n < at_least) {
        return rk_fail_at(err, at, "'%.60s' is answered with %zu items, %zu are needed", whom, n, at_least);
    }
    for (const rk_yaml_node *c = n_expected ? q->expect->first : NULL; c; c = c->next) {
        const char *id = NULL;
        rk_status status = rk_yaml_text(c, "an expected item", &id, err);
        if (status) {
            return status;
        }
        n_found += is_listed(items, id);
    }
    return (double)n_found >= wanted - 1e-9
               ? RK_OK
               : rk_fail_at(err, at, "'%.60s' is answered with %zu of the %zu expected items among the first %.0f",
                            whom, n_found, n_expected, number_or(&q->n, 20));
}

static rk_status check(asker *a, const rk_yaml_node *node, rk_error *err)
{
    query q = {0};
    rk_error why;
    rk_status status = rk_yaml_fill(node, "the golden query", keys, RK_COUNT_OF(keys), &q, err);
    if (status) {
        return status;
    }
    if ((q.user != NULL) + (q.similar != NULL) + (q.search != NULL) != 1) {
        return rk_fail_at(err, node->at, "a golden query has one of 'user', 'similar' and 'search'");
    }
    status = ask(a, &q, &why);
    if (status) {
        return status == RK_NO_MEMORY ? rk_fail_memory(err, "golden queries")
                                      : rk_fail_at(err, node->at, "not answered: %s", why.message);
    }
    json_t *answer = json_loadb(a->answer.at, a->answer.n, 0, NULL);
    status = answer ? judge(&q, node->at, json_object_get(answer, "items"), err)
                    : rk_fail_at(err, node->at, "the answer is no JSON");
    json_decref(answer);
    return status;
}

rk_status rk_golden_check(const char *path, const rk_live *live, size_t *n, rk_error *err)
{
    rk_yaml *yaml = NULL;
    asker a = {.live = live, .desk = rk_desk_new()};
    *n = 0;
    rk_status status = a.desk ? rk_yaml_read(path, &yaml, err) : rk_fail_memory(err, "golden queries");
    const rk_yaml_node *root = status ? NULL : rk_yaml_root(yaml);
    if (!status && (root->kind != RK_YAML_LIST || root->n > RK_GOLDEN_MAX)) {
        status = rk_fail_at(err, root->at, "golden queries are a list of at most %d", RK_GOLDEN_MAX);
    }
    for (const rk_yaml_node *c = status ? NULL : root->first; c && !status; c = c->next) {
        status = check(&a, c, err);
        *n += status == RK_OK;
    }
    rk_yaml_free(yaml);
    rk_text_release(&a.answer);
    rk_arena_release(&a.arena);
    rk_desk_free(a.desk);
    return status;
}
