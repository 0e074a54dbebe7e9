/* uncertain.c - see uncertain.h. */
#include "cost/uncertain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cost/plan.h"

enum { NAMES_MAX = 32, LAW_PARAMS_MAX = 2000 };
static const double absurd = 1e15;

static const char *name_of(const rk_uncertain *record)
{
    return record->node->key ? record->node->key->text : "a number";
}

/* ---- which law ---- */

static const rk_distribution_kind *first_of_name(const char *name)
{
    for (size_t i = 0; i < rk_n_distribution_kinds; i++) {
        if (strcmp(rk_distribution_kinds[i].name, name) == 0) {
            return &rk_distribution_kinds[i];
        }
    }
    return NULL;
}

static rk_status unknown_law(const rk_uncertain *record, rk_error *err)
{
    const char *names[NAMES_MAX], *law = record->law->key->text;
    rk_text known = {0};
    size_t n = 0;
    for (size_t i = 0; i < rk_n_distribution_kinds && n < NAMES_MAX; i++) {
        if (first_of_name(rk_distribution_kinds[i].name) == &rk_distribution_kinds[i]) {
            names[n++] = rk_distribution_kinds[i].name;
            rk_text_addf(&known, "%s%s", n > 1 ? ", " : "", names[n - 1]);
        }
    }
    const char *near = rk_nearest_name(law, names, n);
    rk_status status =
        near ? rk_fail_at(err, record->law->key->at, "there is no law '%.40s'; did you mean '%s'?", law, near)
             : rk_fail_at(err, record->law->key->at, "there is no law '%.40s'; known are %s", law,
                          known.at ? known.at : "");
    rk_text_release(&known);
    return status;
}

/* "[low, mode, high]", or with {p10, p90} behind: what a law may be given. */
static void add_forms(const char *law, rk_text *out)
{
    bool first = true;
    for (size_t i = 0; i < rk_n_distribution_kinds; i++) {
        const rk_distribution_kind *kind = &rk_distribution_kinds[i];
        if (strcmp(kind->name, law) != 0) {
            continue;
        }
        rk_text_add(out, first ? "" : ", or ");
        if (kind->is_list) {
            rk_text_addf(out, "{%s: %s, ...}", kind->params[0], kind->params[1]);
        } else {
            rk_text_add(out, first ? "[" : "{");
            for (size_t p = 0; p < kind->n_params; p++) {
                rk_text_addf(out, "%s%s%s", p ? ", " : "", kind->params[p], first ? "" : ": ...");
            }
            rk_text_add(out, first ? "]" : "}");
        }
        first = false;
    }
}

static rk_status bad_form(const rk_uncertain *record, rk_error *err)
{
    char got[96];
    rk_text forms = {0};
    const rk_yaml_node *law = record->law;
    add_forms(law->key->text, &forms);
    rk_status status = law->kind == RK_YAML_LIST
                           ? rk_fail_at(err, law->at, "'%.40s' of '%.60s' takes %s, got a list of %u", law->key->text,
                                        name_of(record), forms.at ? forms.at : "", law->n)
                           : rk_fail_at(err, law->at, "'%.40s' of '%.60s' takes %s, got %s%s", law->key->text,
                                        name_of(record), forms.at ? forms.at : "",
                                        rk_yaml_describe(law, got, sizeof got),
                                        law->kind == RK_YAML_MAP ? " of other names" : "");
    rk_text_release(&forms);
    return status;
}

/* ---- its parameters ---- */

static rk_status read_param(const rk_yaml_node *node, const char *name, double *out, rk_error *err)
{
    const rk_key key = {.name = name, .kind = RK_KEY_NUMBER, .certain = true, .min = -absurd, .max = absurd};
    rk_number number = {0};
    rk_status status = rk_yaml_number(node, &key, &number, err);
    *out = rk_decimal_real(number.value);
    return status;
}

/* [low, mode, high] */
static rk_status read_list(const rk_uncertain *record, const rk_distribution_kind *kind, double *param, rk_error *err)
{
    rk_status status = kind->is_list || record->law->n != kind->n_params ? bad_form(record, err) : RK_OK;
    size_t n = 0;
    for (const rk_yaml_node *c = record->law->first; c && !status; c = c->next, n++) {
        status = read_param(c, kind->params[n], &param[n], err);
    }
    return status;
}

/* {p10: 80, p90: 150}, in any order */
static rk_status read_names(const rk_uncertain *record, const rk_distribution_kind **kind, double *param,
                            rk_error *err)
{
    const char *names[RK_DISTRIBUTION_PARAMS_MAX];
    size_t n = 0;
    for (const rk_yaml_node *c = record->law->first; c && n < RK_DISTRIBUTION_PARAMS_MAX; c = c->next) {
        names[n++] = c->key->text;
    }
    *kind = n == record->law->n ? rk_distribution_kind_find((*kind)->name, names, n) : NULL;
    rk_status status = *kind ? RK_OK : bad_form(record, err);
    for (size_t i = 0; i < n && !status; i++) {
        status = read_param(rk_yaml_find(record->law, (*kind)->params[i]), (*kind)->params[i], &param[i], err);
    }
    return status;
}

/* {0.02: 3, 0.05: 1}: weights by value */
static rk_status read_weights(const rk_uncertain *record, double *param, rk_error *err)
{
    rk_status status = record->law->n > 0 ? RK_OK : bad_form(record, err);
    for (const rk_yaml_node *c = record->law->first; c && !status; c = c->next, param += 2) {
        status = read_param(c->key, "a value", &param[0], err);
        status = status ? status : read_param(c, "a weight", &param[1], err);
    }
    return status;
}

static rk_status make_law(const rk_uncertain *record, rk_distribution **out, rk_error *err)
{
    const rk_yaml_node *law = record->law;
    const rk_distribution_kind *kind = first_of_name(law->key->text);
    if (!kind) {
        return unknown_law(record, err);
    }
    if (law->n > LAW_PARAMS_MAX) {
        return rk_fail_at(err, law->at, "'%.40s' has %u numbers, at most %d are allowed", law->key->text, law->n,
                          LAW_PARAMS_MAX);
    }
    size_t n_param = kind->is_list ? 2 * (size_t)law->n : kind->n_params;
    double *param = calloc(n_param + RK_DISTRIBUTION_PARAMS_MAX, sizeof *param);
    rk_status status = !param                                            ? rk_fail_memory(err, "a law")
                       : law->kind == RK_YAML_LIST                       ? read_list(record, kind, param, err)
                       : law->kind == RK_YAML_MAP && kind->is_list       ? read_weights(record, param, err)
                       : law->kind == RK_YAML_MAP && !rk_yaml_find(law, "point") ? read_names(record, &kind, param, err)
                                                                         : bad_form(record, err);
    rk_error why = {0};
    if (!status) {
        status = rk_distribution_new(kind, param, kind->is_list ? n_param : kind->n_params, out, &why);
        if (status) {
            status = status == RK_BAD_INPUT ? rk_fail_at(err, law->at, "the law of '%.60s': %s", name_of(record),
                                                         why.message)
                                            : rk_fail_memory(err, "a law");
        }
    }
    free(param);
    return status;
}

/* ---- against the range of the key ---- */

static rk_status outside(const rk_uncertain *record, double end, rk_error *err)
{
    return end < record->min || (record->above && end <= record->min)
               ? rk_fail_at(err, record->law->at, "'%.60s' must be %s%.15g%s, and its law reaches down to %.15g",
                            name_of(record), record->above ? "above " : "", record->min,
                            record->above ? "" : " or more", end)
               : rk_fail_at(err, record->law->at, "'%.60s' must be at most %.15g, and its law reaches up to %.15g",
                            name_of(record), record->max, end);
}

static rk_status check_ends(const rk_plan_input *input, rk_error *err)
{
    const rk_uncertain *record = input->record;
    rk_spread spread = rk_distribution_spread(input->law);
    bool has_ends = isfinite(spread.low) && isfinite(spread.high);
    if (record->above && (spread.low < record->min || (has_ends && spread.low == record->min))) {
        return isfinite(spread.low)
                   ? outside(record, spread.low, err)
                   : rk_fail_at(err, record->law->at,
                                "'%.60s' must be above %.15g, and a normal law has no lower end; take lognormal or "
                                "triangular",
                                name_of(record), record->min);
    }
    if (has_ends && (spread.low < record->min || spread.high > record->max)) {
        return outside(record, spread.low < record->min ? spread.low : spread.high, err);
    }
    if (input->point < spread.low || input->point > spread.high) {
        return rk_fail_at(err, record->node->at, "the point of '%.60s', %.15g, lies outside its law, %.15g to %.15g",
                          name_of(record), input->point, spread.low, spread.high);
    }
    return RK_OK;
}

size_t rk_plan_input_draw(const rk_plan_input *input, size_t n, double *value)
{
    double low = input->record->min, high = input->record->max;
    size_t n_moved = 0;
    rk_distribution_fill(input->law, value, n, value);
    for (size_t i = 0; i < n; i++) {
        n_moved += value[i] < low || value[i] > high;
        value[i] = value[i] < low ? low : value[i] > high ? high : value[i];
    }
    return n_moved;
}

/* ---- all of them ---- */

static rk_status read_one(rk_plan *plan, const rk_yaml *yaml, rk_uncertain *record, rk_error *err)
{
    rk_plan_input input = {.record = record, .is_in_book = yaml != plan->yaml};
    rk_text path = {0};
    rk_decimal point = {0};
    (void)rk_decimal_parse(rk_slice_of(rk_yaml_find(record->node, "point")->text), &point); /* was read as one */
    input.point = rk_decimal_real(point);
    rk_status status = make_law(record, &input.law, err);
    status = status ? status : check_ends(&input, err);
    if (!status) {
        (void)rk_yaml_path(yaml, record->node, &path);
        record->index = (uint32_t)plan->uncertain.n;
        input.path = path.failed ? NULL : rk_arena_copy(&plan->arena, path.at ? path.at : "", path.n);
        status = input.path && rk_vec_push(&plan->uncertain, &input) ? RK_OK : rk_fail_memory(err, "a law");
    }
    if (status) {
        rk_distribution_free(input.law);
    }
    rk_text_release(&path);
    return status;
}

static rk_status read_document(rk_plan *plan, const rk_yaml *yaml, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < rk_yaml_n_uncertain(yaml) && !status; i++) {
        rk_uncertain *record = rk_yaml_uncertain(yaml, i);
        status = record->is_read ? read_one(plan, yaml, record, err) : RK_OK;
    }
    return status;
}

rk_status rk_plan_read_uncertain(rk_plan *plan, rk_error *err)
{
    rk_status status = read_document(plan, plan->yaml, err);
    for (size_t i = 0; i < rk_prices_n_documents(plan->prices) && !status; i++) {
        status = read_document(plan, rk_prices_document(plan->prices, i), err);
    }
    return status;
}

void rk_plan_forget_uncertain(rk_plan *plan)
{
    rk_plan_input *inputs = plan->uncertain.data;
    for (size_t i = 0; i < plan->uncertain.n; i++) {
        rk_distribution_free(inputs[i].law);
    }
    rk_vec_release(&plan->uncertain);
}
