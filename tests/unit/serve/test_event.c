/* test_event.c - bodies of events: what is read, and the words for what is not. */
#include <stdlib.h>
#include <string.h>

#include "serve/event.h"
#include "support/test.h"

typedef struct {
    rk_flat *flat;
    rk_arena arena;
    rk_event *events;
    size_t n;
    rk_problem problem;
} parsed;

static parsed parse(const char *body)
{
    parsed p = {.flat = calloc(1, sizeof *p.flat)};
    assert_non_null(p.flat);
    bool is_good = rk_events_parse(rk_slice_of(body), 1000, p.flat, &p.arena, &p.events, &p.n, &p.problem);
    assert_int_equal(is_good, p.problem.status == 0);
    return p;
}

static void release(parsed *p)
{
    rk_arena_release(&p->arena);
    free(p->flat);
}

static void one_event_has_all_of_its_fields(void **state)
{
    (void)state;
    parsed p = parse("{\"event_id\":\"e-1\",\"user\":\"17850\",\"item\":\"caf\\u00e9 \\\"x\\\"\",\"type\":\"purchase\","
                     "\"time\":\"2026-11-23T10:15:00Z\",\"quantity\":2,\"price\":1.69,\"value\":4.5}");
    rk_text line = {0};
    assert_int_equal(p.problem.status, 0);
    assert_int_equal(p.n, 1);
    rk_event_write(&p.events[0], &line);
    assert_string_equal(
        line.at, "{\"event_id\":\"e-1\",\"user\":\"17850\",\"item\":\"caf\xc3\xa9 \\\"x\\\"\",\"event\":\"purchase\","
                 "\"time\":1795428900,\"quantity\":2,\"price\":1.69,\"value\":4.5}");
    parsed again = parse(line.at); /* what is kept reads back as the same */
    rk_text second = {0};
    rk_event_write(&again.events[0], &second);
    assert_string_equal(second.at, line.at);
    rk_text_release(&line);
    rk_text_release(&second);
    release(&again);
    release(&p);
}

static void many_come_as_an_array_or_one_after_the_other(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        size_t n;
    } bodies[] = {
        {"{\"user\":1,\"item\":2}", 1},
        {" [ {\"user\":\"a\",\"item\":\"b\"} , {\"user\":\"c\",\"item\":\"}{]\\\"[\"} ]\n", 2},
        {"{\"user\":\"a\",\"item\":\"b\"}\n{\"user\":\"c\",\"item\":\"d\"}\r\n\n{\"user\":\"e\",\"item\":\"f\"}", 3},
        {"{\n  \"user\": \"a\",\n  \"item\": \"b\",\n  \"price\": null\n}\n", 1},
        {"[]", 0},
    };
    for (size_t i = 0; i < RK_COUNT_OF(bodies); i++) {
        parsed p = parse(bodies[i].body);
        assert_int_equal(p.problem.status, 0);
        assert_int_equal(p.n, bodies[i].n);
        assert_true(p.n == 0 || p.events[0].time_s == 1000);
        release(&p);
    }
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *body, *detail;
    } bodies[] = {
        {"", "event 1: expected an object"},
        {"   ", "event 1: expected an object"},
        {"7", "event 1: expected an object"},
        {"{\"user\":\"a\"}", "event 1: item is missing"},
        {"{\"user\":\"a\",\"item\":\"b\"} {\"item\":\"b\"}", "event 2: user is missing"},
        {"{\"user\":\"\",\"item\":\"b\"}", "event 1: user must be a text of 1 to 512 bytes without control characters"},
        {"{\"user\":\"a\\u0007\",\"item\":\"b\"}", "event 1: user must be a text"},
        {"{\"user\":true,\"item\":\"b\"}", "event 1: user must be a text"},
        {"{\"user\":\"a\",\"item\":\"b\",\"time\":\"soon\"}", "event 1: time must be a time"},
        {"{\"user\":\"a\",\"item\":\"b\",\"price\":\"1\"}", "event 1: price must be a number"},
        {"{\"user\":\"a\",\"item\":\"b\",\"price\":1e999}", "event 1: "},
        {"{\"usr\":\"a\",\"item\":\"b\"}", "event 1: there is no field 'usr'; did you mean 'user'?"},
        {"{\"user\":\"a\",\"item\":\"b\",\"basket\":{\"deep\":[1]}}", "event 1: there is no field 'basket'"},
        {"{\"user\":\"a\",\"user\":\"b\",\"item\":\"b\"}", "event 1: "},
        {"{\"user\":\"\xff\",\"item\":\"b\"}", "event 1: "},
        {"{\"user\":\"a\",\"item\":\"b\"", "event 1: "},
        {"[{\"user\":\"a\",\"item\":\"b\"}", "event 1: expected ',' or ']' behind it"},
        {"[{\"user\":\"a\",\"item\":\"b\"},]", "event 2: expected an object"},
        {"[{\"user\":\"a\",\"item\":\"b\"}] x", "something stands behind the array of events"},
        {"{\"user\":\"a\",\"item\":\"b\"},{\"user\":\"a\",\"item\":\"b\"}", "event 2: expected an object"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(bodies); i++) {
        parsed p = parse(bodies[i].body);
        assert_int_equal(p.problem.status, 400);
        if (strncmp(p.problem.detail, bodies[i].detail, strlen(bodies[i].detail)) != 0) {
            fail_msg("'%s' says '%s', not '%s'", bodies[i].body, p.problem.detail, bodies[i].detail);
        }
        release(&p);
    }
}

static void too_many_are_refused(void **state)
{
    (void)state;
    rk_text body = {0};
    for (int i = 0; i <= RK_EVENTS_MAX; i++) {
        rk_text_add(&body, "{\"user\":\"a\",\"item\":\"b\"}\n");
    }
    parsed p = parse(body.at);
    assert_int_equal(p.problem.status, 413);
    rk_text_release(&body);
    release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_event_has_all_of_its_fields),
        cmocka_unit_test(many_come_as_an_array_or_one_after_the_other),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
