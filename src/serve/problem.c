/* problem.c - RFC 9457. The type is always about:blank: the status says what kind of problem it is, the detail which.
 */
#include "serve/problem.h"

#include <stdarg.h>
#include <stdio.h>

bool rk_problem_set(rk_problem *problem, unsigned status, const char *field, const char *fmt, ...)
{
    problem->status = status;
    problem->retry_after_s = 0;
    snprintf(problem->field, sizeof problem->field, "%s", field ? field : "");
    va_list args;
    va_start(args, fmt);
    vsnprintf(problem->detail, sizeof problem->detail, fmt, args);
    va_end(args);
    return false;
}

const char *rk_http_title(unsigned status)
{
    static const struct {
        unsigned status;
        const char *title;
    } titles[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(titles); i++) {
        if (titles[i].status == status) {
            return titles[i].title;
        }
    }
    return "Error";
}

void rk_problem_format(const rk_problem *problem, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "type", "about:blank");
    rk_json_cstring(&json, "title", rk_http_title(problem->status));
    rk_json_u64(&json, "status", problem->status);
    rk_json_cstring(&json, "detail", problem->detail);
    if (problem->field[0]) {
        rk_json_cstring(&json, "field", problem->field);
    }
    rk_json_end_object(&json);
}
