/* live_call.h - a search in a live index, for the commands that search. */
#ifndef RECKON_CLI_LIVE_CALL_H
#define RECKON_CLI_LIVE_CALL_H

#include "cli/command.h"
#include "text/wares.h"

bool rk_call_is_live(const char *path); /* a folder with a live index */
RK_MUST_CHECK rk_status rk_call_live_search(const rk_call *call, const char *folder, const char *words, size_t n,
                                            rk_error *err);

#endif
