/* cors.h - which pages of other origins a browser may let ask (the Fetch standard's CORS protocol). None, unless
 * listed.
 */
#ifndef RECKON_SERVE_CORS_H
#define RECKON_SERVE_CORS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

typedef struct {
    const char *const *origins; /* [n] "https://shop.example", or "*": all */
    size_t n;
} rk_cors_options;

/* Whether each is an origin: scheme://host[:port], no path, lower case. */
RK_MUST_CHECK rk_status rk_cors_check(const rk_cors_options *options, rk_error *err);
/* What Access-Control-Allow-Origin answers to this Origin, borrowed from options; NULL: it may not ask. */
const char *rk_cors_match(const rk_cors_options *options, rk_slice origin);

struct MHD_Response;
/* allowed: as matched. is_preflight: a browser asks what it may ask. */
void rk_cors_add_headers(struct MHD_Response *response, const char *allowed, bool is_preflight);

#endif
