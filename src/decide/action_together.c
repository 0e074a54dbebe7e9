/* action_together.c - services on machines of one kind, each with a fleet of its own: one fleet for all of them.
 *
 * What is saved is rounding: spare machines, minimums and the last, half-full machine of every service. The shared
 * fleet keeps the strictest of what the services ask for: the lowest utilisation, the greatest minimum and spare.
 */
#include <string.h>

#include "cost/plan.h"
#include "decide/action.h"

enum { TOGETHER_MAX = 32 };

typedef struct {
    const rk_service *service[TOGETHER_MAX];
    size_t n;
} group;

static bool is_alone(const rk_service *service)
{
    const rk_fleet *fleet = &service->fleet;
    return fleet->price && !fleet->name && fleet->n_others == 0 && fleet->on_demand;
}

/* The services on the machine of the first one. */
static group group_of(const rk_plan *plan, const rk_service *first)
{
    group g = {.n = 0};
    for (uint32_t s = 0; s < plan->n_services && g.n < TOGETHER_MAX; s++) {
        const rk_service *service = &plan->services[s];
        if (is_alone(service) && service->fleet.price == first->fleet.price) {
            g.service[g.n++] = service;
        }
    }
    return g;
}

/* "{machine: M, utilisation: U, min: m, spare: s, reserved: {...}}" */
static const char *shared_fleet(rk_proposer *p, const group *g)
{
    rk_decimal utilisation = g->service[0]->fleet.utilisation.value;
    int64_t min = 0, spare = 0, max = 0;
    bool is_bounded = true;
    const rk_hour_price *reserved = NULL;
    for (size_t i = 0; i < g->n; i++) {
        const rk_fleet *fleet = &g->service[i]->fleet;
        bool is_lower = rk_decimal_real(fleet->utilisation.value) < rk_decimal_real(utilisation);
        utilisation = is_lower ? fleet->utilisation.value : utilisation;
        min = fleet->min.value.units > min ? fleet->min.value.units : min;
        spare = fleet->spare.value.units > spare ? fleet->spare.value.units : spare;
        max += fleet->max.value.units;
        is_bounded = is_bounded && fleet->max.is_set;
        reserved = reserved ? reserved : fleet->reserved;
    }
    rk_text text = {0};
    rk_text_addf(&text, "{machine: %s, utilisation: ", g->service[0]->fleet.machine);
    rk_decimal_print(utilisation, false, &text);
    rk_text_addf(&text, ", min: %lld, spare: %lld", (long long)min, (long long)spare);
    if (is_bounded) {
        rk_text_addf(&text, ", max: %lld", (long long)max);
    }
    if (reserved) {
        rk_text_addf(&text, ", reserved: {option: %s, count: best}", reserved->option);
    }
    rk_text_add(&text, "}");
    const char *kept = rk_propose_words(p, "%s", text.at ? text.at : "");
    p->failed = p->failed || text.failed;
    rk_text_release(&text);
    return kept;
}

/* "home, search and ads" */
static const char *names_of(rk_proposer *p, const group *g)
{
    rk_text text = {0};
    for (size_t i = 0; i < g->n; i++) {
        rk_text_addf(&text, "%s%s", i == 0 ? "" : i + 1 == g->n ? " and " : ", ", g->service[i]->name);
    }
    const char *kept = rk_propose_words(p, "%s", text.at ? text.at : "");
    p->failed = p->failed || text.failed;
    rk_text_release(&text);
    return kept;
}

static void propose_group(rk_proposer *p, const char *kind, const group *g)
{
    const char *changes[TOGETHER_MAX + 1];
    const char *fleet = shared_fleet(p, g), *names = names_of(p, g);
    changes[0] = p->plan->n_fleets > 0 ? rk_propose_words(p, "fleets.together=%s", fleet)
                                       : rk_propose_words(p, "fleets={together: %s}", fleet);
    for (size_t i = 0; i < g->n; i++) {
        changes[i + 1] = rk_propose_words(p, "services.%s.fleet=together", g->service[i]->name);
    }
    rk_action action = {
        .kind = kind,
        .about = names,
        .what = rk_propose_words(p, "run %s on one fleet of %s", names, g->service[0]->fleet.machine),
        .gives_up = "separation: what one service does to a machine, a surge or a crash, the others feel too"};
    rk_propose(p, action, changes, g->n + 1);
}

static void propose_together(rk_proposer *p, const char *kind)
{
    for (uint32_t s = 0; s < p->plan->n_services; s++) {
        const rk_service *first = &p->plan->services[s];
        group g = is_alone(first) ? group_of(p->plan, first) : (group){.n = 0};
        if (g.n > 1 && g.service[0] == first) {
            propose_group(p, kind, &g);
        }
    }
}

const rk_action_kind rk_action_together = {"share a fleet", propose_together};
