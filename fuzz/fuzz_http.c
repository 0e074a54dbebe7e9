/* fuzz_http.c - any bytes as a request: "METHOD TARGET" on the first line, "name: value" on the others.
 *
 * Beyond not crashing: what was accepted keeps its promises (UTF-8, limits, the table's ranges), and what was refused
 * says why with an HTTP error status.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const rk_param params[] = {
    {.name = "user", .kind = RK_PARAM_TEXT, .is_required = true},
    {.name = "n", .kind = RK_PARAM_COUNT, .fallback = 10, .min = 1, .max = RK_ITEMS_MAX},
    {.name = "exclude", .kind = RK_PARAM_LIST},
    {.name = "item", .kind = RK_PARAM_PATH, .is_required = true},
};
enum { N_PARAMS = 4 };

static void insist(bool holds)
{
    if (!holds) {
        abort();
    }
}

static rk_slice next_line(rk_slice *rest)
{
    const char *end = rest->n ? memchr(rest->at, '\n', rest->n) : NULL;
    rk_slice line = {rest->at, end ? (size_t)(end - rest->at) : rest->n};
    size_t used = end ? line.n + 1 : line.n;
    *rest = (rk_slice){rest->at + used, rest->n - used};
    return line;
}

static void check_text(rk_slice text) { insist(text.n <= RK_VALUE_BYTES_MAX && rk_utf8_valid_prefix(text) == text.n); }

static void check_values(const rk_param_value *values)
{
    check_text(values[0].text);
    check_text(values[3].text);
    insist(values[0].text.n > 0 && values[1].count >= 1 && values[1].count <= RK_ITEMS_MAX);
    insist(values[2].n_list <= RK_LIST_VALUES_MAX);
    for (size_t i = 0; i < values[2].n_list; i++) {
        check_text(values[2].list[i]);
    }
}

static void check_problem(const rk_problem *problem)
{
    rk_text text = {0};
    rk_problem_format(problem, &text);
    insist(problem->status >= 400 && problem->status < 600 && problem->detail[0]);
    insist(!text.failed && rk_utf8_valid_prefix((rk_slice){text.at, text.n}) == text.n);
    rk_text_release(&text);
}

static bool try_target(rk_slice line, rk_arena *arena, rk_problem *problem)
{
    const char *blank = line.n ? memchr(line.at, ' ', line.n) : NULL;
    size_t skipped = blank ? (size_t)(blank - line.at) + 1 : 0;
    rk_target target;
    rk_param_value values[N_PARAMS];
    rk_slice variable = {"", 0};
    if (!rk_target_split((rk_slice){line.at + skipped, line.n - skipped}, &target, problem)) {
        return false;
    }
    (void)rk_path_match("/v1/similar/{item}", target.path, &variable);
    if (!rk_params_parse(params, N_PARAMS, variable, target.query, arena, values, problem)) {
        return false;
    }
    check_values(values);
    return true;
}

static bool try_headers(rk_slice rest, rk_problem *problem)
{
    rk_header_facts facts = {0};
    size_t n_bytes = rest.n;
    while (rest.n > 0) {
        rk_slice line = next_line(&rest);
        const char *colon = line.n ? memchr(line.at, ':', line.n) : NULL;
        size_t n = colon ? (size_t)(colon - line.at) : line.n;
        rk_slice value = colon ? rk_slice_trim((rk_slice){colon + 1, line.n - n - 1}) : (rk_slice){"", 0};
        rk_headers_note(&facts, (rk_slice){line.at, n}, value);
    }
    if (!rk_headers_judge(&facts, n_bytes, false, RK_BODY_BYTES_MAX, problem)) {
        return false;
    }
    insist(facts.n_host == 1 && facts.n_content_length <= 1 && facts.content_length <= RK_BODY_BYTES_MAX);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_slice rest = {(const char *)data, size};
    rk_slice line = next_line(&rest);
    rk_arena arena = {0};
    rk_problem problem = {0};
    if (!try_target(line, &arena, &problem)) {
        check_problem(&problem);
    }
    if (!try_headers(rest, &problem)) {
        check_problem(&problem);
    }
    rk_arena_release(&arena);
    return 0;
}
