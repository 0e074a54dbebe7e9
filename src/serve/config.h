/* config.h - `reckon serve CONFIG.yaml`: the options of a server as strict YAML.
 *
 *   model: als.rk        # beside this file
 *   address: 0.0.0.0
 *   port: 8080
 */
#ifndef RECKON_SERVE_CONFIG_H
#define RECKON_SERVE_CONFIG_H

#include "base/arena.h"
#include "serve/serve.h"

/* Relative paths count from the file's own folder. Texts in *out live in the arena. Keys that are not given keep
 * rk_serve_defaults; an unknown or ill-formed one is "path:line:column: ...". */
RK_MUST_CHECK rk_status rk_serve_config_read(const char *path, rk_arena *arena, rk_serve_options *out, rk_error *err);

/* The same for one who wants to know all that is wrong: each key by itself is told of in a line, and *out has what
 * could be read. RK_OK unless the file is no YAML map at all, or memory is short. */
RK_MUST_CHECK rk_status rk_serve_config_try(const char *path, rk_arena *arena, rk_serve_options *out,
                                            void (*tell)(void *context, const char *problem), void *context,
                                            rk_error *err);

#endif
