/* action_model.c - a smaller model that is still good enough, and data that need not grow. */
#include <string.h>

#include "cost/plan.h"
#include "decide/action.h"

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

/* ---- data that stop growing ---- */

static bool has_namesake(const rk_plan *plan, uint32_t e)
{
    for (uint32_t i = 0; i < plan->n_elements; i++) {
        if (i != e && strcmp(plan->elements[i].name, plan->elements[e].name) == 0) {
            return true;
        }
    }
    return false;
}

static void propose_growth(rk_proposer *p, const char *kind)
{
    for (uint32_t e = 0; e < p->plan->n_elements; e++) {
        const rk_element *element = &p->plan->elements[e];
        if (!rk_yaml_find(element->node, "grows_per_month") || !rk_yaml_find(element->node, "use")) {
            continue;
        }
        const char *change = has_namesake(p->plan, e)
                                 ? rk_propose_words(p, "elements.%u.grows_per_month=", e)
                                 : rk_propose_words(p, "elements.%s.grows_per_month=", element->name);
        rk_action action = {
            .kind = kind,
            .about = rk_propose_words(p, "%s", element->name),
            .what = rk_propose_words(p, "keep '%s' at its size of the first month", element->name),
            .gives_up = "history: what does not fit any more is thrown away, or packed tighter"};
        rk_propose(p, action, &change, 1);
    }
}

const rk_action_kind rk_action_variant = {"smaller variant", propose_variants};
const rk_action_kind rk_action_growth = {"retention", propose_growth};
