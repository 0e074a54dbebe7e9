/* traffic_change.c - see traffic_change.h. */
#include "decide/traffic_change.h"

#include "math/money.h"

const char *rk_traffic_change(const rk_plan *plan, const char *service, const int64_t *micros, rk_arena *arena)
{
    rk_text text = {0};
    const char *between = "";
    char month[8];
    rk_text_addf(&text, "services.%s.traffic.months={", service);
    for (uint32_t m = 0; m < plan->n_months; m++) {
        if (micros[m] != RK_NOT_WRITTEN) {
            rk_plan_month(plan, m, month);
            rk_text_addf(&text, "%s%s: ", between, month);
            rk_money_print_exact((rk_money){micros[m]}, &text);
            between = ", ";
        }
    }
    rk_text_add(&text, "}");
    const char *kept = text.failed ? NULL : rk_arena_copy(arena, text.at, text.n);
    rk_text_release(&text);
    return kept;
}
