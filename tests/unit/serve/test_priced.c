/* test_priced.c - a server with a rate card: each answer says what it cost, and all of it comes to the machine's price.
 */
#include "support/test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "unit/serve/rate_cards.h"
#include "unit/serve/stage.h"

enum { HOUR_NANOS = 360000000 }; /* 100,000 nanos a second */

typedef struct {
    stage stage;
    char card[96];
} priced;

static int open_priced(void **state)
{
    static priced p;
    rk_error err;
    rk_text text = {0};
    stage_prepare(&p.stage);
    snprintf(p.card, sizeof p.card, "%s/card.json", p.stage.folder);
    rk_text_add(&text, RATE_CARD(360000000));
    assert_int_equal(rk_file_write_text(p.card, &text, &err), RK_OK);
    rk_text_release(&text);
    stage_start(&p.stage, &(rk_serve_options){.rates_path = p.card});
    *state = &p;
    return 0;
}

static int close_priced(void **state)
{
    priced *p = *state;
    unlink(p->card);
    stage_close(&p->stage);
    return 0;
}

/* Nanos of an answer; fails without the header. */
static double cost_of(const raw_answer *answer)
{
    const char *at = strstr(answer->bytes, "X-Reckon-Cost: ");
    assert_non_null(at);
    assert_true(at < answer->body);
    return at ? strtod(at + 15, NULL) : 0;
}

static void every_answer_says_what_it_cost(void **state)
{
    priced *p = *state;
    static const char *const targets[] = {"/v1/recommend?user=u3&n=50", "/v1/similar/i3", "/healthz",
                                          "/v1/recommend?user=u3&n=0", "/nothing"};
    raw_answer answer;
    for (size_t i = 0; i < RK_COUNT_OF(targets); i++) {
        stage_get(&p->stage, targets[i], &answer);
        /* 40 for the request; 10 ms of a processor would be 500 nanos */
        assert_true(cost_of(&answer) > 40 && cost_of(&answer) < 100000);
    }
    raw_ask(p->stage.port, "GET / HTTP/1.1\r\n\r\n", &answer);
    assert_int_equal(answer.status, 400);
    assert_true(cost_of(&answer) > 40);
}

static uint64_t number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void the_statement_comes_to_the_machines_price(void **state)
{
    priced *p = *state;
    raw_answer answer;
    stage_get(&p->stage, "/v1/cost", &answer);
    assert_int_equal(answer.status, 200);
    json_t *json = json_loads(answer.body, JSON_REJECT_DUPLICATES, NULL), *since = json_object_get(json, "since_start");
    assert_non_null(since);
    double price = json_number_value(json_object_get(since, "seconds")) * HOUR_NANOS / 3600;
    double hardware = (double)number(json_object_get(since, "by_category"), "hardware");
    assert_true(hardware > price - 10 && hardware < price + 10); /* seconds are written to 10^-6 or so */
    assert_int_equal(number(json_object_get(since, "by_category"), "labour"), 900 * number(since, "answers"));
    assert_true(number(json_object_get(since, "by_stage"), "idle") > 0);
    assert_true(number(json_object_get(since, "by_stage"), "score") > 0);
    uint64_t sum = 0, nanos;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(since, "by_stage"), key, value)
    {
        nanos = (uint64_t)json_integer_value(value);
        sum += nanos;
    }
    assert_int_equal(sum, number(since, "nanos"));
    json_decref(json);
}

static void counters_have_a_row_for_each_stage(void **state)
{
    priced *p = *state;
    raw_answer answer;
    stage_get(&p->stage, "/metrics", &answer);
    static const char *const rows[] = {
        ("reckon_cost_nanos_total{service=\"we\\\"b\",variant=\"\",route=\"/v1/recommend\",outcome=\"answered\","
         "experiment=\"none\",experiment_variant=\"\",stage=\"score\",category=\"hardware\"} "),
        "route=\"none\",outcome=\"none\",experiment=\"none\",experiment_variant=\"\",stage=\"idle\",category="
        "\"hardware\"} ",
        "experiment_variant=\"\",stage=\"request\",category=\"data\"} ",
        "reckon_machine_hour_nanos{machine=\"m\",currency=\"EUR\"} 360000000\n",
        ("reckon_stage_cpu_seconds_total{route=\"/v1/recommend\",outcome=\"refused\",experiment=\"none\","
         "experiment_variant=\"\",stage=\"http\"} 0.0"),
    };
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        assert_non_null(strstr(answer.body, rows[i]));
    }
}

static void without_a_card_nothing_is_priced(void **state)
{
    (void)state;
    stage s;
    raw_answer answer;
    stage_open(&s, 0);
    stage_get(&s, "/v1/cost", &answer);
    assert_int_equal(answer.status, 501);
    assert_null(strstr(answer.bytes, "X-Reckon-Cost"));
    stage_get(&s, "/metrics", &answer);
    assert_null(strstr(answer.body, "reckon_cost_nanos_total"));
    assert_non_null(strstr(answer.body, "reckon_stage_cpu_seconds_total{route=\"/v1/cost\",outcome=\"refused\","));
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_says_what_it_cost),
        cmocka_unit_test(the_statement_comes_to_the_machines_price),
        cmocka_unit_test(counters_have_a_row_for_each_stage),
        cmocka_unit_test(without_a_card_nothing_is_priced),
    };
    return cmocka_run_group_tests(tests, open_priced, close_priced);
}
