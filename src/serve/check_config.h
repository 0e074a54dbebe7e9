/* check_config.h - a server's configuration tried without serving: all that is wrong with it, at once.
 *
 * Every key by itself, then every file that is named: opened as the server opens it, every byte against its checksum,
 * model and index joined, scenes and golden queries tried. Nothing is written, and a server that runs by the same
 * configuration is not disturbed: its port and its log are not touched.
 */
#ifndef RECKON_SERVE_CHECK_CONFIG_H
#define RECKON_SERVE_CHECK_CONFIG_H

#include "base/arena.h"
#include "base/run.h"
#include "base/vec.h"

typedef struct {
    rk_arena arena;
    rk_vec problems; /* const char *: one line each, in arena */
    rk_vec facts;    /* const char *: what is sound, "model als.rk: als-1a2b" */
} rk_config_report;

/* RK_OK with problems or without; else there was no checking. Ended with rk_config_report_release. */
RK_MUST_CHECK rk_status rk_config_check(const char *path, const rk_run *run, rk_config_report *out, rk_error *err);
void rk_config_report_release(rk_config_report *report);

#endif
