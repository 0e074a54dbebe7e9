/* test_meter.c - answers, other and idle come to the machine's price; what one answer leaves over the next one pays. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "serve/meter.h"
#include "unit/serve/rate_cards.h"

enum { PROCESSORS = 2, HOUR_NANOS = 97654321 };
static const char *const names[] = {"/a", "/b", "other"};

static rk_meter *meter_of(const char *json)
{
    rk_meter *meter = NULL;
    rk_rate_card card;
    rk_error err;
    if (rk_rate_card_parse(rk_slice_of(json), "card.json", &card, &err)) {
        fail_msg("%s", err.message);
    }
    if (rk_meter_new(&card, NULL, NULL, PROCESSORS, &meter, &err)) {
        fail_msg("%s", err.message);
    }
    rk_rate_card_release(&card);
    return meter;
}

/* Uses the processor for about so long. */
static void work_us(int64_t us)
{
    int64_t end_ns = rk_clock_thread_ns() + us * 1000;
    while (rk_clock_thread_ns() < end_ns) {
    }
}

static uint64_t hardware_nanos(const rk_meter *meter, const rk_meter_reading *reading)
{
    uint64_t nanos = reading->idle_nanos + rk_meter_cpu_nanos(meter, reading->other_ns);
    for (size_t r = 0; r < RK_METER_ROUTES_MAX; r++) {
        for (int s = 0; s < RK_STAGES; s++) {
            nanos += rk_meter_cpu_nanos(meter, reading->route[r].cpu_ns[s]);
        }
    }
    return nanos;
}

static void answers_other_and_idle_are_the_machines_price(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps laps = {.ns = {[RK_STAGE_PARSE] = 100, [RK_STAGE_SCORE] = 15000}};
    int64_t now_ns = rk_meter_start_ns(meter);
    for (unsigned i = 0; i < 300; i++) {
        rk_meter_reading reading;
        rk_meter_charge(meter, i % 5, &laps, i % 7 ? 0 : 12345, 100);
        now_ns += 1001234567 + (int64_t)(i * i) * 98765; /* so that idle grows by more than work is */
        rk_meter_read_at(meter, rk_clock_cpu_ns(), now_ns, &reading);
        uint64_t whole = (uint64_t)(now_ns - rk_meter_start_ns(meter));
        __extension__ typedef unsigned __int128 wide;
        uint64_t price = (uint64_t)((wide)whole * HOUR_NANOS / 3600000000000U);
        assert_int_equal(hardware_nanos(meter, &reading), price);
    }
    rk_meter_free(meter);
}

static uint64_t usage_ns(const rk_meter_usage *usage)
{
    uint64_t ns = 0;
    for (int s = 0; s < RK_STAGES; s++) {
        ns += usage->cpu_ns[s];
    }
    return ns;
}

/* Clocks that disagree, processors that are busier than there is time. */
static void a_reading_never_falls(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_random random = rk_random_of(11, 0);
    rk_meter_reading before = {0}, after;
    int64_t now_ns = rk_meter_start_ns(meter), process_ns = rk_clock_cpu_ns();
    for (unsigned i = 0; i < 2000; i++) {
        rk_laps laps = {.ns = {[RK_STAGE_SCORE] = 1000}};
        now_ns += rk_random_below(&random, 3000);
        process_ns += rk_random_below(&random, 7000);
        if (i % 3) {
            rk_meter_charge(meter, 1, &laps, rk_random_below(&random, 3000), 1);
        }
        rk_meter_read_at(meter, process_ns, now_ns, &after);
        assert_true(after.other_ns >= before.other_ns && after.idle_ns >= before.idle_ns &&
                    after.idle_nanos >= before.idle_nanos && after.route[1].n >= before.route[1].n);
        before = after;
    }
    rk_meter_free(meter);
}

static void what_answers_say_they_cost_adds_up_to_the_counters(void **state)
{
    (void)state;
    enum { ANSWERS = 500, BYTES = 777 };
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps laps = {.ns = {[RK_STAGE_SCORE] = 2000}};
    rk_meter_charge(meter, 2, &laps, 0, 0); /* from here on all of this thread is charged to /a */
    rk_meter_reading before, after;
    rk_meter_read(meter, &before);
    uint64_t femtos = 0;
    for (unsigned i = 0; i < ANSWERS; i++) {
        work_us(i % 20);
        femtos += rk_meter_charge(meter, 0, &laps, i, BYTES);
    }
    rk_meter_read(meter, &after);
    /* by hand: the machine's part, 3 nanos a GB's part of the bytes, 40 for each request */
    long double nanos = (long double)usage_ns(&after.route[0]) * HOUR_NANOS / 3.6e12L / PROCESSORS;
    nanos += (long double)ANSWERS * BYTES * 3000000 / 1e9L + (long double)ANSWERS * 40;
    long double difference = (long double)femtos / 1e6L - nanos;
    assert_true(difference > -2e-6L && difference < 2e-6L); /* a carry in, a carry out */
    assert_int_equal(after.route[0].n, ANSWERS);
    assert_int_equal(after.route[0].bytes, ANSWERS * BYTES);
    rk_meter_free(meter);
}

/* 3 ms of work, of which 1 ms was scoring and 0.5 ms parsing; then one whose stages were timed longer than it ran. */
static void processor_time_is_shared_by_stage(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps none = {0}, laps = {.ns = {[RK_STAGE_PARSE] = 500000, [RK_STAGE_SCORE] = 1000000}};
    rk_meter_charge(meter, 1, &none, 0, 0);
    work_us(3000);
    rk_meter_charge(meter, 0, &laps, 0, 0);
    rk_meter_reading reading;
    rk_meter_read(meter, &reading);
    assert_int_equal(reading.route[0].cpu_ns[RK_STAGE_SCORE], 1000000);
    assert_int_equal(reading.route[0].cpu_ns[RK_STAGE_PARSE], 500000);
    assert_true(reading.route[0].cpu_ns[RK_STAGE_HTTP] >= 1500000);
    laps.ns[RK_STAGE_SCORE] = 1500000000;
    work_us(100);
    rk_meter_charge(meter, 2, &laps, 0, 0);
    rk_meter_read(meter, &reading);
    assert_true(usage_ns(&reading.route[2]) >= 100000 && usage_ns(&reading.route[2]) < 1000000000);
    uint64_t score = reading.route[2].cpu_ns[RK_STAGE_SCORE], parse = reading.route[2].cpu_ns[RK_STAGE_PARSE];
    assert_true(score >= 3000 * parse && score < 3000 * (parse + 1));
    rk_meter_free(meter);
}

/* Every line of the exposition, and the statement, come to the same. */
static void counters_and_statement_agree(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps laps = {.ns = {[RK_STAGE_SCORE] = 20000}};
    for (unsigned i = 0; i < 50; i++) {
        work_us(50);
        rk_meter_charge(meter, i % 2, &laps, 0, 5000);
    }
    rk_text text = {0}, statement = {0};
    rk_meter_format(meter, names, RK_COUNT_OF(names), &text);
    rk_meter_statement(meter, names, RK_COUNT_OF(names), &statement);
    unsigned long long shared = 0, requests = 0;
    for (char *at = text.at; (at = strstr(at, "\nreckon_cost_nanos_total{")) != NULL; at++) {
        unsigned long long nanos = strtoull(strchr(at, '}') + 2, NULL, 10);
        char *end = strchr(at + 1, '\n');
        assert_non_null(end);
        char line[300];
        snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
        assert_non_null(strstr(line, "service=\"we\\\"b\",variant=\"\""));
        shared += strstr(line, "stage=\"shared\",category=\"labour\"") ? nanos : 0;
        requests += strstr(line, "stage=\"request\",category=\"data\"") ? nanos : 0;
    }
    assert_int_equal(shared, 50 * 900);
    assert_int_equal(requests, 50 * 40);
    assert_non_null(strstr(statement.at, "\"labour\":45000,"));
    assert_non_null(strstr(statement.at, "\"data\":2000,"));
    assert_non_null(strstr(statement.at, "{\"route\":\"/a\",\"answers\":25,"));
    rk_text_release(&text);
    rk_text_release(&statement);
    rk_meter_free(meter);
}

static void a_card_must_price_the_machine_and_know_the_service(void **state)
{
    (void)state;
    rk_rate_card card;
    rk_meter *meter = NULL;
    rk_error err;
    assert_int_equal(rk_rate_card_parse(rk_slice_of(RATE_CARD(0)), "card.json", &card, &err), RK_OK);
    assert_int_equal(rk_meter_new(&card, NULL, NULL, 1, &meter, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "lacks machine_hour_nanos"));
    assert_int_equal(rk_meter_new(&card, "shop", NULL, 1, &meter, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "the rate card has no rates of the service 'shop'");
    assert_int_equal(rk_meter_new(&card, "we\"b", "int8", 1, &meter, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "the rate card has no rates of the service 'we\"b' in the variant int8");
    rk_rate_card_release(&card);
    assert_null(meter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_other_and_idle_are_the_machines_price),
        cmocka_unit_test(a_reading_never_falls),
        cmocka_unit_test(what_answers_say_they_cost_adds_up_to_the_counters),
        cmocka_unit_test(processor_time_is_shared_by_stage),
        cmocka_unit_test(counters_and_statement_agree),
        cmocka_unit_test(a_card_must_price_the_machine_and_know_the_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
