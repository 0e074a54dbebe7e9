/* live_call.h - a live index as it is now, for the commands that search. */
#ifndef RECKON_CLI_LIVE_CALL_H
#define RECKON_CLI_LIVE_CALL_H

#include "text/wares.h"


/* All NULL until it is open, and when it is closed. */
typedef struct {
    rk_wares *wares;
    rk_wares_view *view;
    const rk_corpus *corpus;
} rk_live_call;
/* To be closed by the caller, on failure as well. */
RK_MUST_CHECK rk_status rk_live_call_open(const char *folder, rk_live_call *out, rk_error *err);
void rk_live_call_close(rk_live_call *live);

#endif
