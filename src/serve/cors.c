/* cors.c - see cors.h. */
#include "serve/cors.h"

#include <microhttpd.h>
#include <string.h>

static bool is_origin(const char *text)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < RK_COUNT_OF(schemes); i++) {
        size_t n = strlen(schemes[i]);
        if (strncmp(text, schemes[i], n) == 0) {
            const char *host = text + n;
            return *host && host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]")] == '\0';
        }
    }
    return strcmp(text, "*") == 0;
}

rk_status rk_cors_check(const rk_cors_options *options, rk_error *err)
{
    for (size_t i = 0; i < options->n; i++) {
        if (!is_origin(options->origins[i])) {
            return rk_fail(err, RK_BAD_USAGE, "an origin must look like https://shop.example, got '%.100s'",
                           options->origins[i]);
        }
    }
    return RK_OK;
}

const char *rk_cors_match(const rk_cors_options *options, rk_slice origin)
{
    for (size_t i = 0; origin.n > 0 && i < options->n; i++) {
        if (strcmp(options->origins[i], "*") == 0 || rk_slice_is(origin, options->origins[i])) {
            return options->origins[i];
        }
    }
    return NULL;
}

void rk_cors_add_headers(struct MHD_Response *response, const char *allowed, bool is_preflight)
{
    MHD_add_response_header(response, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    MHD_add_response_header(response, "Access-Control-Expose-Headers", "Retry-After, X-Reckon-Cost, traceparent");
    if (strcmp(allowed, "*") != 0) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "Origin");
    }
    if (is_preflight) {
        MHD_add_response_header(response, "Access-Control-Allow-Methods", "GET, POST");
        MHD_add_response_header(response, "Access-Control-Allow-Headers", "Authorization, Content-Type, traceparent");
        MHD_add_response_header(response, "Access-Control-Max-Age", "600");
    }
}
