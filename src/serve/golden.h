/* golden.h - golden queries: questions whose answers must hold before a model, or an index, may answer shoppers.
 *
 *   - {user: "17850", at_least: 10}                          # answered with 10 items or more
 *   - {user: "17850", n: 20, expect: ["22423", "84879"]}     # both among the best 20
 *   - {similar: "22423", expect: ["22630", "22629"], share: 0.5}
 *   - {search: "tea pot", at_least: 3}
 *
 * Strict YAML, read anew at every check, so that it may be mended while a server runs.
 */
#ifndef RECKON_SERVE_GOLDEN_H
#define RECKON_SERVE_GOLDEN_H

#include "serve/live.h"

enum { RK_GOLDEN_MAX = 10000 };

/* Asks all of a file's queries. RK_BAD_INPUT names the first that does not hold, with its line: "golden.yaml:3:3: ...".
 * n: how many were asked. */
RK_MUST_CHECK rk_status rk_golden_check(const char *path, const rk_live *live, size_t *n, rk_error *err);

#endif
