/* action_model.c - a smaller model that is still good enough; less of what data and training take. */
#include <string.h>

#include "cost/plan.h"
#include "decide/action.h"
#include "math/rational.h"

/* ---- a smaller variant ---- */

static void propose_variant(rk_proposer *p, const char *kind, const rk_service *service, const rk_variant *other)
{
    const rk_variant *now = service->variant;
    bool is_known = now->quality.is_set && other->quality.is_set && now->quality.value.units > 0;
    double kept = is_known ? rk_decimal_real(other->quality.value) / rk_decimal_real(now->quality.value) : 0;
    if (is_known && kept < p->options->keep_quality) {
        return;
    }
    const char *change = rk_propose_words(p, "services.%s.variant=%s", service->name, other->name);
    rk_action action = {
        .kind = kind,
        .about = rk_propose_words(p, "%s", service->name),
        .what = rk_propose_words(p, "answer %s with variant %s instead of %s", service->name, other->name, now->name),
        .gives_up = is_known ? rk_propose_words(p, "quality: %.2f %% of it is kept (%.4g of %.4g)", kept * 100,
                                                rk_decimal_real(other->quality.value),
                                                rk_decimal_real(now->quality.value))
                             : "quality, by how much the plan does not say"};
    rk_propose(p, action, &change, 1);
}

static void propose_variants(rk_proposer *p, const char *kind)
{
    for (uint32_t s = 0; s < p->plan->n_services; s++) {
        const rk_service *service = &p->plan->services[s];
        for (uint32_t v = 0; v < service->n_variants; v++) {
            if (&service->variants[v] != service->variant) {
                propose_variant(p, kind, service, &service->variants[v]);
            }
        }
    }
}

/* ---- less of what an element says ---- */

typedef enum { NONE_OF_IT, HALF_OF_IT, HALF_IN_WHOLE } less;

typedef struct {
    const char *kind, *mark; /* the key that tells the kind of element */
    const char *key;         /* of which less will do */
    less less;
    const char *verb, *rest, *unit; /* "keep", "for", "days" */
    const char *gives_up;
} saving;

static const saving savings[] = {
    {"retention", "use", "grows_per_month", NONE_OF_IT, "keep", "at its size of the first month", NULL,
     "history: what does not fit any more is thrown away, or packed tighter"},
    {"retention", "store", "retention_days", HALF_IN_WHOLE, "keep", "for", "days",
     "history: models and analyses see half as far back"},
    {"train less", "train", "runs_per_month", HALF_OF_IT, "make", "in", "runs a month",
     "freshness: models are twice as old"},
    {"tune less", "train", "trials", HALF_IN_WHOLE, "tune", "with", "trials",
     "quality: fewer settings are tried"},
};

static bool has_namesake(const rk_plan *plan, uint32_t e)
{
    for (uint32_t i = 0; i < plan->n_elements; i++) {
        if (i != e && strcmp(plan->elements[i].name, plan->elements[e].name) == 0) {
            return true;
        }
    }
    return false;
}

/* Half of the number at node as text, exact to a millionth; "" when it is no plain number or half is nothing. */
static const char *half_of(rk_proposer *p, const rk_yaml_node *node, bool in_whole)
{
    rk_decimal now;
    int64_t micros = 0;
    if (node->kind != RK_YAML_SCALAR || rk_decimal_parse(rk_slice_of(node->text), &now) != NULL) {
        return "";
    }
    rk_text text = {0};
    mpq_t half, two;
    mpq_inits(half, two, NULL);
    mpq_set_ui(two, 2, 1);
    rk_rational_set(half, now);
    mpq_div(half, half, two);
    bool fits = rk_rational_micros(half, &micros);
    mpq_clears(half, two, NULL);
    if (fits && in_whole && micros >= 1000000) {
        rk_text_addf(&text, "%lld", (long long)(micros / 1000000));
    } else if (fits && !in_whole && micros > 0) {
        rk_rational_print_micros(micros, &text);
    }
    const char *kept = rk_propose_words(p, "%s", text.at ? text.at : "");
    rk_text_release(&text);
    return kept;
}

static void propose_saving(rk_proposer *p, const saving *row, uint32_t e)
{
    const rk_element *element = &p->plan->elements[e];
    const rk_yaml_node *node = rk_yaml_find(element->node, row->key);
    if (!node || !rk_yaml_find(element->node, row->mark)) {
        return;
    }
    const char *then = row->less == NONE_OF_IT ? "" : half_of(p, node, row->less == HALF_IN_WHOLE);
    if (row->less != NONE_OF_IT && !*then) {
        return;
    }
    const char *change = has_namesake(p->plan, e)
                             ? rk_propose_words(p, "elements.%u.%s=%s", e, row->key, then)
                             : rk_propose_words(p, "elements.%s.%s=%s", element->name, row->key, then);
    const char *instead = row->unit ? rk_propose_words(p, " %s %s instead of %s", then, row->unit, node->text) : "";
    rk_action action = {.kind = row->kind,
                        .about = rk_propose_words(p, "%s", element->name),
                        .what = rk_propose_words(p, "%s '%s' %s%s", row->verb, element->name, row->rest, instead),
                        .gives_up = row->gives_up};
    rk_propose(p, action, &change, 1);
}

static void propose_savings(rk_proposer *p, const char *kind)
{
    (void)kind; /* each row has its own */
    for (uint32_t e = 0; e < p->plan->n_elements; e++) {
        for (size_t i = 0; i < RK_COUNT_OF(savings); i++) {
            propose_saving(p, &savings[i], e);
        }
    }
}

const rk_action_kind rk_action_variant = {"smaller variant", propose_variants};
const rk_action_kind rk_action_less = {"less", propose_savings};
