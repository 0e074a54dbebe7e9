/* match.c - see match.h. */
#include "cost/match.h"

#include <jansson.h>
#include <string.h>

#include "bill/focus.h"

typedef struct {
    int cost;
    const rk_yaml_node *rules;
} bill_map;

typedef struct {
    const char *element, *service;
    const rk_yaml_node *line;
    int quantity;
    rk_number units_each;
} rule_map;

typedef struct {
    const char *pattern[RK_MATCH_N_PATTERNS];
    const rk_yaml_node *tags;
} line_map;

static const rk_focus_column costs[] = {RK_F_EFFECTIVE_COST, RK_F_BILLED_COST, RK_F_LIST_COST, RK_F_CONTRACTED_COST};

static const rk_key bill_keys[] = {
    {"cost", RK_KEY_CHOICE, offsetof(bill_map, cost), .choices = "effective|billed|list|contracted",
     .help = "which of a bill's costs is compared (default effective)"},
    {"rules", RK_KEY_LIST, offsetof(bill_map, rules), .required = true, .help = "the first that fits a line takes it"},
};

static const rk_key rule_keys[] = {
    {"element", RK_KEY_TEXT, offsetof(rule_map, element), .required = true,
     .help = "as the lines of the ledger are called, such as 'search machine on demand'"},
    {"service", RK_KEY_TEXT, offsetof(rule_map, service), .help = "only its lines (default: all services together)"},
    {"line", RK_KEY_MAP, offsetof(rule_map, line), .required = true,
     .help = "what the line of the bill must look like"},
    {"quantity", RK_KEY_CHOICE, offsetof(rule_map, quantity), .choices = "pricing|consumed|none",
     .help = "of the bill; none: money alone is compared (default pricing)"},
    {"units_each", RK_KEY_NUMBER, offsetof(rule_map, units_each), .above = true,
     .help = "units of the plan in one unit of the bill (default 1)"},
};

#define PATTERN(i) offsetof(line_map, pattern) + (i) * sizeof(const char *)
static const rk_key line_keys[] = {
    {"service_name", RK_KEY_TEXT, PATTERN(0), .help = "pattern of ServiceName; * is any text, ? any one character"},
    {"resource", RK_KEY_TEXT, PATTERN(1), .help = "pattern of ResourceId"},
    {"sku", RK_KEY_TEXT, PATTERN(2), .help = "pattern of SkuId"},
    {"charge_category", RK_KEY_TEXT, PATTERN(3), .help = "pattern of ChargeCategory"},
    {"unit", RK_KEY_TEXT, PATTERN(4), .help = "pattern of PricingUnit"},
    {"provider", RK_KEY_TEXT, PATTERN(5), .help = "pattern of ProviderName"},
    {"region", RK_KEY_TEXT, PATTERN(6), .help = "pattern of RegionId"},
    {"sub_account", RK_KEY_TEXT, PATTERN(7), .help = "pattern of SubAccountId"},
    {"description", RK_KEY_TEXT, PATTERN(8), .help = "pattern of ChargeDescription"},
    {"tags", RK_KEY_MAP, offsetof(line_map, tags), .help = "patterns by tag; all must be there"},
};
#undef PATTERN

const rk_focus_column rk_match_columns[RK_MATCH_N_PATTERNS] = {
    RK_F_SERVICE_NAME,  RK_F_RESOURCE_ID, RK_F_SKU_ID,         RK_F_CHARGE_CATEGORY,   RK_F_PRICING_UNIT,
    RK_F_PROVIDER_NAME, RK_F_REGION_ID,   RK_F_SUB_ACCOUNT_ID, RK_F_CHARGE_DESCRIPTION};

const rk_key_table rk_match_tables[] = {{"bill", bill_keys, RK_COUNT_OF(bill_keys)},
                                        {"bill rule", rule_keys, RK_COUNT_OF(rule_keys)},
                                        {"bill line", line_keys, RK_COUNT_OF(line_keys)}};
const size_t rk_n_match_tables = RK_COUNT_OF(rk_match_tables);

/* ---- reading ---- */

static rk_status read_tags(rk_plan *plan, const rk_yaml_node *map, rk_match_rule *rule, rk_error *err)
{
    rk_match_tag *tags = RK_TAKE(&plan->arena, rk_match_tag, map ? map->n : 0);
    if (!tags) {
        return rk_fail_memory(err, "the rules of a bill");
    }
    rule->tags = tags;
    rk_status status = RK_OK;
    for (const rk_yaml_node *c = map ? map->first : NULL; c && !status; c = c->next) {
        tags[rule->n_tags].key = c->key->text;
        status = rk_yaml_text(c, c->key->text, &tags[rule->n_tags++].pattern, err);
    }
    return status;
}

static rk_status check_service(const rk_plan *plan, const rk_match_rule *rule, const rk_yaml_node *node, rk_error *err)
{
    const char *names[RK_SERVICES_MAX];
    if (!rule->service) {
        return RK_OK;
    }
    for (uint32_t s = 0; s < plan->n_services; s++) {
        names[s] = plan->services[s].name;
        if (strcmp(rule->service, names[s]) == 0) {
            return RK_OK;
        }
    }
    const char *near = rk_nearest_name(rule->service, names, plan->n_services);
    return rk_fail_at(err, rk_yaml_find(node, "service")->at, "there is no service '%.60s'%s%s%s", rule->service,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static rk_status read_rule(rk_plan *plan, const rk_yaml_node *node, rk_match_rule *out, rk_error *err)
{
    rule_map map = {0};
    line_map line = {0};
    rk_status status = rk_yaml_fill(node, "a rule of a bill", rule_keys, RK_COUNT_OF(rule_keys), &map, err);
    status =
        status ? status : rk_yaml_fill(map.line, "the line of a rule", line_keys, RK_COUNT_OF(line_keys), &line, err);
    if (status) {
        return status;
    }
    if (map.line->n == 0) {
        return rk_fail_at(err, map.line->at,
                          "a rule needs at least one pattern in 'line'; to take every line write "
                          "{charge_category: \"*\"}");
    }
    *out = (rk_match_rule){.element = map.element,
                           .service = map.service,
                           .at = node->at,
                           .quantity = map.quantity < 0 ? RK_QUANTITY_PRICING : map.quantity,
                           .units_each = map.units_each};
    memcpy(out->pattern, line.pattern, sizeof out->pattern);
    status = check_service(plan, out, node, err);
    return status ? status : read_tags(plan, line.tags, out, err);
}

/* Lines of an element are compared service by service or all together, not both. */
static rk_status check_mixture(const rk_match_rule *rules, uint32_t n, rk_error *err)
{
    for (uint32_t i = 1; i < n; i++) {
        for (uint32_t k = 0; k < i; k++) {
            bool is_same = strcmp(rules[i].element, rules[k].element) == 0;
            if (is_same && !rules[i].service != !rules[k].service) {
                return rk_fail_at(err, rules[i].at,
                                  "'%.60s' has a rule with a service and one without; give all of them one, or none",
                                  rules[i].element);
            }
        }
    }
    return RK_OK;
}

rk_status rk_match_read(rk_plan *plan, const rk_yaml_node *node, rk_error *err)
{
    bill_map map = {0};
    rk_status status = rk_yaml_fill(node, "the key 'bill'", bill_keys, RK_COUNT_OF(bill_keys), &map, err);
    if (status) {
        return status;
    }
    struct rk_matching *matching = RK_TAKE(&plan->arena, struct rk_matching, 1);
    rk_match_rule *rules = RK_TAKE(&plan->arena, rk_match_rule, map.rules->n);
    if (!matching || !rules) {
        return rk_fail_memory(err, "the rules of a bill");
    }
    *matching = (struct rk_matching){costs[map.cost < 0 ? 0 : map.cost], rules, map.rules->n};
    uint32_t n = 0;
    for (const rk_yaml_node *c = map.rules->first; c && !status; c = c->next) {
        status = read_rule(plan, c, &rules[n++], err);
    }
    plan->matching = matching;
    return status ? status : check_mixture(rules, n, err);
}

/* ---- matching ---- */

bool rk_match_glob(const char *pattern, rk_slice text)
{
    const char *star = NULL;
    size_t at = 0, star_at = 0;
    while (at < text.n) {
        if (*pattern == '*') {
            star = ++pattern;
            star_at = at;
        } else if (*pattern && (*pattern == '?' || *pattern == text.at[at])) {
            pattern++;
            at++;
        } else if (star) {
            pattern = star;
            at = ++star_at;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

static bool fits_cells(const rk_match_rule *rule, const rk_bill *bill, const rk_bill_row *row)
{
    for (size_t i = 0; i < RK_MATCH_N_PATTERNS; i++) {
        if (!rule->pattern[i]) {
            continue;
        }
        rk_bill_cell cell = rk_bill_cell_of(bill, row, rk_match_columns[i]);
        if (cell.is_null || !rk_match_glob(rule->pattern[i], cell.text)) {
            return false;
        }
    }
    return true;
}

static bool fits_tags(const rk_match_rule *rule, const json_t *tags)
{
    for (uint32_t i = 0; i < rule->n_tags; i++) {
        const json_t *value = json_object_get(tags, rule->tags[i].key);
        const char *text = json_is_string(value) ? json_string_value(value) : json_is_true(value) ? "true" : NULL;
        if (!text || !rk_match_glob(rule->tags[i].pattern, rk_slice_of(text))) {
            return false;
        }
    }
    return true;
}

const rk_match_rule *rk_match_find(const struct rk_matching *matching, const rk_bill *bill, const rk_bill_row *row)
{
    rk_bill_cell cell = rk_bill_cell_of(bill, row, RK_F_TAGS);
    const rk_match_rule *found = NULL;
    json_t *tags = NULL;
    for (uint32_t i = 0; i < matching->n_rules && !found; i++) {
        const rk_match_rule *rule = &matching->rules[i];
        if (rule->n_tags > 0 && !tags && !cell.is_null) {
            tags = json_loadb(cell.text.at, cell.text.n, 0, NULL);
        }
        found = fits_cells(rule, bill, row) && fits_tags(rule, tags) ? rule : NULL;
    }
    json_decref(tags);
    return found;
}
