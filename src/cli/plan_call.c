/* plan_call.c - see plan_call.h. */
#include "cli/plan_call.h"

rk_status rk_call_ledger(const rk_call *call, rk_ledger **out, rk_error *err)
{
    rk_status status = rk_cost_run(&call->plan, &call->run, out, err);
    for (size_t i = 0; !status && i < rk_ledger_n_notes(*out); i++) {
        rk_log(&call->run, RK_LOG_WARNING, "%s", rk_ledger_note(*out, i));
    }
    return status;
}
