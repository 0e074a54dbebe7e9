/* problem.h - what a client is told when a request fails: RFC 9457 problem details.
 *
 *   {"type":"about:blank","title":"Bad Request","status":400,"detail":"n must be 1 to 1000, got '0'","field":"n"}
 */
#ifndef RECKON_SERVE_PROBLEM_H
#define RECKON_SERVE_PROBLEM_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

typedef struct {
    unsigned status;        /* HTTP; 0 = no problem */
    char field[64];         /* the parameter or header at fault; "" = none */
    char detail[320];       /* one line, no full stop */
    unsigned retry_after_s; /* of 429 and 503; 0: a second */
} rk_problem;

/* Fills problem and returns false, so that a refusal is one line. field may be NULL. */
bool rk_problem_set(rk_problem *problem, unsigned status, const char *field, const char *fmt, ...) RK_PRINTF(4, 5);
void rk_problem_format(const rk_problem *problem, rk_text *out);
const char *rk_http_title(unsigned status); /* "Bad Request" */

#endif
