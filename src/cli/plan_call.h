/* plan_call.h - what commands over a plan share: account for it and say its warnings. */
#ifndef RECKON_CLI_PLAN_CALL_H
#define RECKON_CLI_PLAN_CALL_H

#include "cli/command.h"

/* The ledger of call->plan, its notes said as warnings. */
RK_MUST_CHECK rk_status rk_call_ledger(const rk_call *call, rk_ledger **out, rk_error *err);

#endif
