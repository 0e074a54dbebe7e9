/* test_request.c - targets, percent-encoding, parameters and headers: what is let in and what is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "math/random.h"
#include "serve/request.h"

static const rk_param params[] = {
    {.name = "user", .kind = RK_PARAM_TEXT, .is_required = true},
    {.name = "n", .kind = RK_PARAM_COUNT, .fallback = 10, .min = 1, .max = 1000},
    {.name = "exclude", .kind = RK_PARAM_LIST},
};
enum { USER, N, EXCLUDE, N_PARAMS };

typedef struct {
    rk_arena arena;
    rk_param_value values[N_PARAMS];
    rk_problem problem;
} parsed;

static bool parse(parsed *out, const char *query)
{
    memset(out, 0, sizeof *out);
    return rk_params_parse(params, N_PARAMS, (rk_slice){"", 0}, rk_slice_of(query), &out->arena, out->values,
                           &out->problem);
}

static void assert_refused(const char *query, const char *field, const char *detail)
{
    parsed p;
    assert_false(parse(&p, query));
    assert_int_equal(p.problem.status, 400);
    assert_string_equal(p.problem.field, field);
    assert_string_equal(p.problem.detail, detail);
    rk_arena_release(&p.arena);
}

static void assert_slice(rk_slice slice, const char *text)
{
    assert_int_equal(slice.n, strlen(text));
    assert_memory_equal(slice.at, text, slice.n);
}

static void a_query_fills_the_table(void **state)
{
    (void)state;
    parsed p;
    assert_true(parse(&p, "user=17850&n=7&exclude=a,b%2Cc,,d&exclude=e+f"));
    assert_slice(p.values[USER].text, "17850");
    assert_int_equal(p.values[N].count, 7);
    static const char *const excluded[] = {"a", "b,c", "d", "e f"};
    assert_int_equal(p.values[EXCLUDE].n_list, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_slice(p.values[EXCLUDE].list[i], excluded[i]);
    }
    rk_arena_release(&p.arena);
}

static void what_is_not_given_has_its_default(void **state)
{
    (void)state;
    parsed p;
    assert_true(parse(&p, "&user=%E4%BA%AC&"));
    assert_slice(p.values[USER].text, "\xe4\xba\xac");
    assert_int_equal(p.values[N].count, 10);
    assert_int_equal(p.values[EXCLUDE].n_list, 0);
    rk_arena_release(&p.arena);
}

static void refusals_name_the_parameter(void **state)
{
    (void)state;
    assert_refused("", "user", "user is required");
    assert_refused("user=", "user", "user must not be empty");
    assert_refused("user=a&user=b", "user", "user is given twice");
    assert_refused("user=a&n=0", "n", "n must be 1 to 1000, got '0'");
    assert_refused("user=a&n=1001", "n", "n must be 1 to 1000, got '1001'");
    assert_refused("user=a&n=-1", "n", "n must be 1 to 1000, got '-1'");
    assert_refused("user=a&n=", "n", "n must be 1 to 1000, got ''");
    assert_refused("user=a&n=99999999999999999999", "n", "n must be 1 to 1000, got '99999999999999999999'");
    assert_refused("usr=a", "usr", "unknown parameter 'usr', did you mean 'user'");
    assert_refused("user=a&flavour=b", "flavour", "unknown parameter 'flavour'");
    assert_refused("user=%", "user", "user has a '%' without two hex digits");
    assert_refused("user=%4", "user", "user has a '%' without two hex digits");
    assert_refused("user=%4x", "user", "user has a '%' without two hex digits");
    assert_refused("user=a%00b", "user", "user must not hold control characters");
    assert_refused("user=%ff", "user", "user must be UTF-8");
    assert_refused("user=%ED%A0%80", "user", "user must be UTF-8");
}

static void an_escape_may_end_the_value(void **state)
{
    (void)state;
    parsed p;
    assert_true(parse(&p, "user=a%2f"));
    assert_slice(p.values[USER].text, "a/");
    rk_arena_release(&p.arena);
}

static void long_values_and_lists_have_limits(void **state)
{
    (void)state;
    char query[RK_TARGET_BYTES_MAX];
    memset(query, 'a', sizeof query);
    memcpy(query, "user=", 5);
    query[5 + RK_VALUE_BYTES_MAX] = '\0';
    parsed p;
    assert_true(parse(&p, query));
    rk_arena_release(&p.arena);
    memcpy(query + 5 + RK_VALUE_BYTES_MAX, "a", 2);
    assert_refused(query, "user", "user has more than 512 bytes");
    size_t n = (size_t)snprintf(query, sizeof query, "user=a&exclude=");
    for (int i = 0; i <= RK_LIST_VALUES_MAX; i++) {
        n += (size_t)snprintf(query + n, sizeof query - n, "x,");
    }
    assert_refused(query, "exclude", "exclude holds more than 256 values");
}

static void encoding_and_decoding_are_inverse(void **state)
{
    (void)state;
    rk_random random = rk_random_of(7, 0);
    for (int round = 0; round < 500; round++) {
        char plain[64], sent[200];
        size_t n = rk_random_below(&random, 60), n_sent = 0;
        for (size_t i = 0; i < n; i++) {
            plain[i] = (char)(0x20 + rk_random_below(&random, 0x5f));
            n_sent += (size_t)snprintf(sent + n_sent, sizeof sent - n_sent, "%%%02X", (unsigned)plain[i]);
        }
        rk_arena arena = {0};
        rk_problem problem = {0};
        rk_slice out;
        assert_true(rk_percent_decode((rk_slice){sent, n_sent}, true, "x", &arena, &out, &problem));
        assert_int_equal(out.n, n);
        assert_memory_equal(out.at, plain, n);
        rk_arena_release(&arena);
    }
}

static void targets_split_at_the_first_mark(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *path, *query;
    } cases[] = {
        {"/a?b?c", "/a", "b?c"},
        {"/", "/", ""},
        {"/a", "/a", ""},
        {"http://shop:80/a?b", "/a", "b"},
        {"HTTP://shop/a/b", "/a/b", ""},
        {"http://shop", "/", ""},
        {"http://shop?b/c", "/", "b/c"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_target target;
        rk_problem problem = {0};
        assert_true(rk_target_split(rk_slice_of(cases[i].raw), &target, &problem));
        assert_slice(target.path, cases[i].path);
        assert_slice(target.query, cases[i].query);
    }
}

static void odd_targets_are_refused(void **state)
{
    (void)state;
    rk_target target;
    rk_problem problem = {0};
    assert_false(rk_target_split(rk_slice_of(""), &target, &problem));
    assert_false(rk_target_split(rk_slice_of("*"), &target, &problem));
    assert_false(rk_target_split(rk_slice_of("shop:443"), &target, &problem));
    assert_false(rk_target_split(rk_slice_of("/a b"), &target, &problem));
    assert_false(rk_target_split(rk_slice_of("/a?\tb"), &target, &problem));
    assert_int_equal(problem.status, 400);
    char *raw = malloc(RK_TARGET_BYTES_MAX + 1);
    memset(raw, '/', RK_TARGET_BYTES_MAX + 1);
    assert_true(rk_target_split((rk_slice){raw, RK_TARGET_BYTES_MAX}, &target, &problem));
    assert_false(rk_target_split((rk_slice){raw, RK_TARGET_BYTES_MAX + 1}, &target, &problem));
    assert_int_equal(problem.status, 414);
    free(raw);
}

static void a_pattern_takes_one_segment(void **state)
{
    (void)state;
    rk_slice item;
    assert_true(rk_path_match("/v1/similar/{item}", RK_SLICE("/v1/similar/a%2Fb"), &item));
    assert_slice(item, "a%2Fb");
    assert_false(rk_path_match("/v1/similar/{item}", RK_SLICE("/v1/similar/"), &item));
    assert_false(rk_path_match("/v1/similar/{item}", RK_SLICE("/v1/similar/a/b"), &item));
    assert_false(rk_path_match("/v1/similar/{item}", RK_SLICE("/v1/simila"), &item));
    assert_true(rk_path_match("/v1/{x}/y", RK_SLICE("/v1/a/y"), &item));
    assert_false(rk_path_match("/healthz", RK_SLICE("/healthz/"), &item));
    assert_true(rk_path_match("/healthz", RK_SLICE("/healthz"), &item));
}

static unsigned judge(const char *const *headers, size_t n, bool is_old)
{
    rk_header_facts facts = {0};
    for (size_t i = 0; i < n; i++) {
        const char *colon = strchr(headers[i], ':');
        rk_headers_note(&facts, (rk_slice){headers[i], (size_t)(colon - headers[i])}, rk_slice_of(colon + 1));
    }
    rk_problem problem = {0};
    return rk_headers_judge(&facts, 100, is_old, RK_BODY_BYTES_MAX, &problem) ? 200 : problem.status;
}
#define JUDGE(is_old, ...)                                                                                             \
    judge((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), is_old)

static void headers_that_could_smuggle_are_refused(void **state)
{
    (void)state;
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:5"), 200);
    assert_int_equal(JUDGE(false, "host:a", "CONTENT-length:0"), 200);
    assert_int_equal(JUDGE(false, "Accept:a"), 400);
    assert_int_equal(JUDGE(true, "Accept:a"), 200);
    assert_int_equal(JUDGE(false, "Host:a", "Host:a"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:5", "content-length:5"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:5", "Transfer-Encoding:chunked"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Transfer-Encoding:chunked"), 411);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:+5"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:5,5"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:0x10"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:99999999999999999999999"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length:65537"), 413);
    assert_int_equal(JUDGE(false, "Host:a", "Content-Length :5"), 400);
    assert_int_equal(JUDGE(false, "Host:a", "\tX:5"), 400);
    assert_int_equal(JUDGE(false, "Host:a", ":5"), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_fills_the_table),           cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(refusals_name_the_parameter),       cmocka_unit_test(an_escape_may_end_the_value),
        cmocka_unit_test(long_values_and_lists_have_limits), cmocka_unit_test(encoding_and_decoding_are_inverse),
        cmocka_unit_test(targets_split_at_the_first_mark),   cmocka_unit_test(odd_targets_are_refused),
        cmocka_unit_test(a_pattern_takes_one_segment),       cmocka_unit_test(headers_that_could_smuggle_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
