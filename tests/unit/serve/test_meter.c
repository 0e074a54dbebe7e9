/* test_meter.c - answers, other and idle come to the machine's price, however they ended and in whose experiment they
 * were; what one answer leaves over the next one pays. */
#include "support/test.h"

#include <jansson.h>
#include <pthread.h>
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

static void read_now(rk_meter *meter, rk_arena *arena, rk_meter_reading *out)
{
    assert_true(rk_meter_read(meter, arena, out));
}

static uint64_t usage_ns(const rk_meter_usage *usage)
{
    uint64_t ns = 0;
    for (int s = 0; s < RK_STAGES; s++) {
        ns += usage->cpu_ns[s];
    }
    return ns;
}

/* Of all accounts of a route. */
static rk_meter_usage usage_of(const rk_meter *meter, const rk_meter_reading *reading, size_t route)
{
    rk_meter_usage sum = {0};
    for (size_t i = 0; i < reading->n; i++) {
        const rk_meter_usage *usage = &reading->usage[i];
        if (rk_meter_account(meter, i).route == route) {
            sum.n += usage->n;
            sum.bytes += usage->bytes;
            for (int s = 0; s < RK_STAGES; s++) {
                sum.cpu_ns[s] += usage->cpu_ns[s];
            }
        }
    }
    return sum;
}

static uint64_t hardware_nanos(const rk_meter *meter, const rk_meter_reading *reading)
{
    uint64_t nanos = reading->idle_nanos + rk_meter_cpu_nanos(meter, reading->other_ns);
    for (size_t i = 0; i < reading->n; i++) {
        for (int s = 0; s < RK_STAGES; s++) {
            nanos += rk_meter_cpu_nanos(meter, reading->usage[i].cpu_ns[s]);
        }
    }
    return nanos;
}

static uint64_t price_of(int64_t ns)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)ns * HOUR_NANOS / 3600000000000U);
}

static void answers_other_and_idle_are_the_machines_price(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps laps = {.ns = {[RK_STAGE_PARSE] = 100, [RK_STAGE_SCORE] = 15000}};
    int64_t now_ns = rk_meter_start_ns(meter);
    rk_arena arena = {0};
    for (unsigned i = 0; i < 300; i++) {
        rk_meter_reading reading;
        char variant[8];
        snprintf(variant, sizeof variant, "v%u", i / 20); /* another experiment each time */
        size_t arm = i % 3 ? rk_meter_arm(meter, "x", variant) : RK_ARM_NONE;
        rk_meter_charge(meter, &(rk_charge){i % 5, arm, (rk_outcome)(i % RK_OUTCOMES), &laps, i % 7 ? 0 : 12345, 100});
        now_ns += 1001234567 + (int64_t)(i * i) * 98765; /* so that idle grows by more than work is */
        assert_true(rk_meter_read_at(meter, rk_clock_cpu_ns(), now_ns, &arena, &reading));
        assert_int_equal(hardware_nanos(meter, &reading), price_of(now_ns - rk_meter_start_ns(meter)));
    }
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

/* By clocks that say that nothing else was done meanwhile. */
static void what_refusals_take_does_not_idle(void **state)
{
    (void)state;
    enum { REFUSALS = 200, WORK_US = 20 };
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_arena arena = {0};
    rk_meter_reading before, after;
    int64_t now_ns = rk_meter_start_ns(meter) + 100000000000, process_ns = rk_clock_cpu_ns() + 10000000000;
    rk_meter_charge(meter, &(rk_charge){.route = 2}); /* from here on this thread is charged as refused */
    assert_true(rk_meter_read_at(meter, process_ns, now_ns, &arena, &before));
    for (unsigned i = 0; i < REFUSALS; i++) {
        work_us(WORK_US);
        rk_meter_charge(meter, &(rk_charge){.route = i % 3, .outcome = RK_REFUSED, .bytes = 90});
    }
    assert_true(rk_meter_read_at(meter, process_ns, now_ns, &arena, &after));
    uint64_t refused_ns = 0, n = 0;
    for (size_t i = 0; i < after.n; i++) {
        if (rk_meter_account(meter, i).outcome == RK_REFUSED) {
            refused_ns += usage_ns(&after.usage[i]);
            n += after.usage[i].n;
        }
    }
    assert_int_equal(n, REFUSALS);
    assert_true(refused_ns >= REFUSALS * WORK_US * 1000);
    now_ns += 1000000000;
    assert_true(rk_meter_read_at(meter, process_ns + (int64_t)refused_ns, now_ns, &arena, &after));
    assert_int_equal(after.other_ns, before.other_ns);
    assert_int_equal(after.idle_ns - before.idle_ns, UINT64_C(1000000000) * PROCESSORS - refused_ns);
    assert_int_equal(hardware_nanos(meter, &after), price_of(now_ns - rk_meter_start_ns(meter)));
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

/* Who is charged with what, by a table of all that could be. */
static void every_charge_goes_to_its_account(void **state)
{
    (void)state;
    enum { ROUTES = 4, ARMS = 6, CHARGES = 5000 };
    static struct {
        uint64_t n, bytes, clerk_ns;
    } expected[ROUTES][RK_OUTCOMES][ARMS + 2];
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_random random = rk_random_of(5, 0);
    for (unsigned i = 0; i < CHARGES; i++) {
        char experiment[16], variant[16];
        unsigned number = (unsigned)rk_random_below(&random, ARMS + 1);
        size_t route = rk_random_below(&random, ROUTES), arm = RK_ARM_NONE;
        rk_outcome outcome = (rk_outcome)rk_random_below(&random, RK_OUTCOMES);
        if (number > 0) {
            snprintf(experiment, sizeof experiment, "e%u", number % 2);
            snprintf(variant, sizeof variant, "v%u", number / 2);
            arm = rk_meter_arm(meter, experiment, variant);
            assert_string_equal(rk_meter_arm_at(meter, arm).experiment, experiment);
            assert_string_equal(rk_meter_arm_at(meter, arm).variant, variant);
        }
        assert_true(arm < ARMS + 2);
        uint64_t clerk_ns = rk_random_below(&random, 1000), bytes = rk_random_below(&random, 1000);
        rk_meter_charge(meter, &(rk_charge){route, arm, outcome, NULL, clerk_ns, bytes});
        expected[route][outcome][arm].n += outcome != RK_BROKEN;
        expected[route][outcome][arm].bytes += bytes;
        expected[route][outcome][arm].clerk_ns += clerk_ns;
    }
    rk_arena arena = {0};
    rk_meter_reading reading;
    read_now(meter, &arena, &reading);
    assert_int_equal(reading.n, ROUTES * RK_OUTCOMES * (ARMS + 1));
    for (size_t i = 0; i < reading.n; i++) {
        rk_account account = rk_meter_account(meter, i);
        const rk_meter_usage *usage = &reading.usage[i];
        assert_int_equal(usage->n, expected[account.route][account.outcome][account.arm].n);
        assert_int_equal(usage->bytes, expected[account.route][account.outcome][account.arm].bytes);
        assert_int_equal(usage->cpu_ns[RK_STAGE_LOG], expected[account.route][account.outcome][account.arm].clerk_ns);
        expected[account.route][account.outcome][account.arm].n = UINT64_MAX; /* each stands there once */
    }
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

/* Experiments that are reloaded under new names for ever: the sums still hold, the names end in `other`. */
static void beyond_the_room_for_variants_they_are_other(void **state)
{
    (void)state;
    enum { NAMES = RK_METER_ARMS_MAX + 500 };
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_arena arena = {0};
    rk_meter_reading reading;
    for (unsigned i = 0; i < NAMES; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%u", i);
        size_t arm = rk_meter_arm(meter, name, "new");
        assert_true(i < RK_METER_ARMS_MAX ? arm > RK_ARM_OTHER : arm == RK_ARM_OTHER);
        for (size_t route = 0; route < 4; route++) {
            rk_meter_charge(meter, &(rk_charge){route, arm, RK_ANSWERED, NULL, 1000, 1});
        }
    }
    for (unsigned route = 0; route <= RK_METER_ROUTES_MAX; route++) {
        for (int outcome = 0; outcome < RK_OUTCOMES; outcome++) {
            rk_meter_charge(meter, &(rk_charge){route, route % 2, (rk_outcome)outcome, NULL, 1000, 1});
        }
    }
    read_now(meter, &arena, &reading);
    assert_true(reading.n <= RK_METER_ACCOUNTS_MAX);
    uint64_t bytes = 0;
    for (size_t i = 0; i < reading.n; i++) {
        bytes += reading.usage[i].bytes;
    }
    assert_int_equal(bytes, NAMES * 4 + (RK_METER_ROUTES_MAX + 1) * RK_OUTCOMES);
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

enum { THREADS = 4, TURNS = 2000, VARIANTS = 40 };

static void *charge_all(void *context)
{
    rk_meter *meter = context;
    for (unsigned i = 0; i < TURNS; i++) {
        char variant[8];
        snprintf(variant, sizeof variant, "v%u", i * 7 % VARIANTS);
        size_t arm = rk_meter_arm(meter, "x", variant);
        rk_meter_charge(meter, &(rk_charge){i % 3, arm, i % 2 ? RK_ANSWERED : RK_REFUSED, NULL, 0, 1});
    }
    return NULL;
}

/* Threads that open the same accounts at the same time, and one that reads. */
static void threads_share_accounts(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    pthread_t thread[THREADS];
    rk_arena arena = {0};
    rk_meter_reading reading;
    for (unsigned t = 0; t < THREADS; t++) {
        assert_int_equal(pthread_create(&thread[t], NULL, charge_all, meter), 0);
    }
    for (unsigned i = 0; i < 20; i++) {
        rk_text text = {0};
        rk_meter_format(meter, names, RK_COUNT_OF(names), &arena, &text);
        rk_text_release(&text);
    }
    for (unsigned t = 0; t < THREADS; t++) {
        pthread_join(thread[t], NULL);
    }
    read_now(meter, &arena, &reading);
    assert_int_equal(reading.n, 3 * VARIANTS); /* i says whether it is refused, and its variant the same of i */
    for (size_t i = 0; i < reading.n; i++) {
        assert_true(reading.usage[i].n > 0 && reading.usage[i].n % THREADS == 0);
        assert_int_equal(reading.usage[i].n, reading.usage[i].bytes);
    }
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

/* Clocks that disagree, processors that are busier than there is time. */
static void a_reading_never_falls(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_random random = rk_random_of(11, 0);
    rk_arena arena = {0};
    rk_meter_reading before = {0}, after;
    uint64_t n_before = 0;
    int64_t now_ns = rk_meter_start_ns(meter), process_ns = rk_clock_cpu_ns();
    for (unsigned i = 0; i < 2000; i++) {
        rk_laps laps = {.ns = {[RK_STAGE_SCORE] = 1000}};
        now_ns += rk_random_below(&random, 3000);
        process_ns += rk_random_below(&random, 7000);
        if (i % 3) {
            rk_outcome outcome = i % 5 ? RK_ANSWERED : RK_REFUSED;
            rk_meter_charge(meter, &(rk_charge){1, RK_ARM_NONE, outcome, &laps, rk_random_below(&random, 3000), 1});
        }
        assert_true(rk_meter_read_at(meter, process_ns, now_ns, &arena, &after));
        uint64_t n = usage_of(meter, &after, 1).n;
        assert_true(after.other_ns >= before.other_ns && after.idle_ns >= before.idle_ns &&
                    after.idle_nanos >= before.idle_nanos && n >= n_before);
        before = after;
        n_before = n;
    }
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

static void what_answers_say_they_cost_adds_up_to_the_counters(void **state)
{
    (void)state;
    enum { ANSWERS = 500, BYTES = 777 };
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps laps = {.ns = {[RK_STAGE_SCORE] = 2000}};
    rk_meter_charge(meter, &(rk_charge){.route = 2}); /* from here on all of this thread is charged to /a */
    rk_arena arena = {0};
    rk_meter_reading after;
    uint64_t femtos = 0;
    for (unsigned i = 0; i < ANSWERS; i++) {
        work_us(i % 20);
        femtos += rk_meter_charge(meter, &(rk_charge){0, i % 2, i % 3 ? RK_REFUSED : RK_ANSWERED, &laps, i, BYTES});
    }
    read_now(meter, &arena, &after);
    rk_meter_usage usage = usage_of(meter, &after, 0);
    /* by hand: the machine's part, 3 nanos a GB's part of the bytes, 40 for each request */
    long double nanos = (long double)usage_ns(&usage) * HOUR_NANOS / 3.6e12L / PROCESSORS;
    nanos += (long double)ANSWERS * BYTES * 3000000 / 1e9L + (long double)ANSWERS * 40;
    long double difference = (long double)femtos / 1e6L - nanos;
    assert_true(difference > -2e-6L && difference < 2e-6L); /* a carry in, a carry out */
    assert_int_equal(usage.n, ANSWERS);
    assert_int_equal(usage.bytes, ANSWERS * BYTES);
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

/* 3 ms of work, of which 1 ms was scoring and 0.5 ms parsing; then one whose stages were timed longer than it ran. */
static void processor_time_is_shared_by_stage(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps laps = {.ns = {[RK_STAGE_PARSE] = 500000, [RK_STAGE_SCORE] = 1000000}};
    rk_meter_charge(meter, &(rk_charge){.route = 1});
    work_us(3000);
    rk_meter_charge(meter, &(rk_charge){.laps = &laps});
    rk_arena arena = {0};
    rk_meter_reading reading;
    read_now(meter, &arena, &reading);
    rk_meter_usage usage = usage_of(meter, &reading, 0);
    assert_int_equal(usage.cpu_ns[RK_STAGE_SCORE], 1000000);
    assert_int_equal(usage.cpu_ns[RK_STAGE_PARSE], 500000);
    assert_true(usage.cpu_ns[RK_STAGE_HTTP] >= 1500000);
    laps.ns[RK_STAGE_SCORE] = 1500000000;
    work_us(100);
    rk_meter_charge(meter, &(rk_charge){.route = 2, .laps = &laps});
    read_now(meter, &arena, &reading);
    usage = usage_of(meter, &reading, 2);
    assert_true(usage_ns(&usage) >= 100000 && usage_ns(&usage) < 1000000000);
    uint64_t score = usage.cpu_ns[RK_STAGE_SCORE], parse = usage.cpu_ns[RK_STAGE_PARSE];
    assert_true(score >= 3000 * parse && score < 3000 * (parse + 1));
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

static uint64_t number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* Each way to group what answers cost comes to the same: all, less what other and idle are, and what is shared. */
static void assert_groups_agree(const json_t *since)
{
    static const char *const groups[] = {"by_route", "by_outcome", "by_experiment"};
    const json_t *stages = json_object_get(since, "by_stage");
    uint64_t direct =
        number(since, "nanos") - number(stages, "shared") - number(stages, "other") - number(stages, "idle");
    for (size_t g = 0; g < RK_COUNT_OF(groups); g++) {
        uint64_t nanos = 0, n = 0;
        size_t i;
        json_t *row;
        json_array_foreach(json_object_get(since, groups[g]), i, row)
        {
            nanos += number(row, "nanos");
            n += number(row, "answers");
        }
        assert_int_equal(nanos, direct);
        assert_int_equal(n, number(since, "answers"));
    }
}

/* The thread goes on with another request, which pays for itself alone. */
static void who_waits_pays_for_his_own(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_arena arena = {0};
    rk_meter_reading reading;
    rk_meter_charge(meter, &(rk_charge){.route = 2});
    work_us(20000);
    uint64_t held_ns = rk_meter_hold();
    rk_meter_charge(meter, &(rk_charge){.route = 1});
    rk_meter_charge(meter, &(rk_charge){.route = 0, .held_ns = held_ns});
    read_now(meter, &arena, &reading);
    rk_meter_usage waited = usage_of(meter, &reading, 0), other = usage_of(meter, &reading, 1);
    assert_true(usage_ns(&waited) >= 20000000 && usage_ns(&other) < 20000000);
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

/* Every line of the exposition, and the statement, come to the same. */
static void counters_and_statement_agree(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_laps laps = {.ns = {[RK_STAGE_SCORE] = 20000}};
    rk_arena arena = {0};
    for (unsigned i = 0; i < 50; i++) {
        size_t arm = i % 5 ? RK_ARM_NONE : rk_meter_arm(meter, "new\nface", i % 2 ? "a" : "b");
        rk_outcome outcome = i % 10 == 1 ? RK_REFUSED : i % 10 == 2 ? RK_REPEATED : RK_ANSWERED;
        work_us(50);
        rk_meter_charge(meter, &(rk_charge){i % 2, arm, outcome, &laps, 0, 5000});
    }
    rk_meter_charge(meter, &(rk_charge){.route = 2, .outcome = RK_BROKEN});
    rk_text text = {0}, statement = {0};
    rk_meter_format(meter, names, RK_COUNT_OF(names), &arena, &text);
    rk_meter_statement(meter, names, RK_COUNT_OF(names), &arena, &statement);
    unsigned long long shared = 0, requests = 0, refused = 0;
    for (char *at = text.at; (at = strstr(at, "\nreckon_cost_nanos_total{")) != NULL; at++) {
        unsigned long long nanos = strtoull(strchr(at, '}') + 2, NULL, 10);
        char *end = strchr(at + 1, '\n');
        assert_non_null(end);
        char line[300];
        snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
        assert_non_null(strstr(line, "service=\"we\\\"b\",variant=\"\""));
        shared += strstr(line, "stage=\"shared\",category=\"labour\"") ? nanos : 0;
        requests += strstr(line, "stage=\"request\",category=\"data\"") ? nanos : 0;
        refused += strstr(line, "outcome=\"refused\"") && strstr(line, "stage=\"request\"") ? nanos : 0;
    }
    assert_int_equal(shared, 50 * 900);
    assert_int_equal(requests, 50 * 40);
    assert_int_equal(refused, 5 * 40);
    assert_non_null(strstr(text.at, "reckon_answers_total{route=\"/b\",outcome=\"answered\",experiment=\"new\\nface\","
                                    "experiment_variant=\"a\"} 5\n"));
    assert_non_null(strstr(text.at, "{route=\"other\",outcome=\"broken\",experiment=\"none\","
                                    "experiment_variant=\"\",stage=\"http\"} 0."));
    assert_null(strstr(text.at, "reckon_answers_total{route=\"other\""));
    json_t *json = json_loads(statement.at, JSON_REJECT_DUPLICATES, NULL),
           *since = json_object_get(json, "since_start");
    assert_non_null(since);
    assert_groups_agree(since);
    assert_groups_agree(json_object_get(json, "last_hour"));
    assert_int_equal(number(json_object_get(since, "by_category"), "labour"), 45000);
    assert_int_equal(number(json_object_get(since, "by_category"), "data"), 2000);
    assert_int_equal(json_array_size(json_object_get(since, "by_experiment")), 3);
    double share = json_real_value(json_object_get(since, "repeated_share"));
    assert_true(share > 5.0 / 45 - 1e-9 && share < 5.0 / 45 + 1e-9); /* of 50, 5 are refused */
    assert_non_null(strstr(statement.at, "{\"route\":\"/a\",\"answers\":25,"));
    json_decref(json);
    rk_text_release(&text);
    rk_text_release(&statement);
    rk_arena_release(&arena);
    rk_meter_free(meter);
}

/* An hour of readings, told by a clock that runs ahead; then accounts that it does not know yet. */
static void the_last_hour_is_what_came_since(void **state)
{
    (void)state;
    rk_meter *meter = meter_of(RATE_CARD(97654321));
    rk_arena arena = {0};
    rk_text statement = {0};
    for (unsigned i = 0; i < 10; i++) {
        rk_meter_charge(meter, &(rk_charge){.route = 0});
    }
    for (int64_t minute = 1; minute <= RK_METER_MINUTES; minute++) {
        rk_meter_tick(meter, rk_meter_start_ns(meter) + minute * 60000000000);
    }
    for (unsigned i = 0; i < 12; i++) {
        size_t arm = i < 5 ? RK_ARM_NONE : rk_meter_arm(meter, "x", "new");
        rk_meter_charge(meter, &(rk_charge){i >= 5, arm, i < 5 ? RK_ANSWERED : RK_REFUSED, NULL, 1000000, 0});
    }
    rk_meter_statement(meter, names, RK_COUNT_OF(names), &arena, &statement);
    json_t *json = json_loads(statement.at, JSON_REJECT_DUPLICATES, NULL), *hour = json_object_get(json, "last_hour");
    assert_non_null(hour);
    assert_int_equal(number(json_object_get(json, "since_start"), "answers"), 22);
    assert_int_equal(number(hour, "answers"), 12);
    assert_groups_agree(hour);
    assert_int_equal(number(json_array_get(json_object_get(hour, "by_route"), 0), "answers"), 5);
    assert_int_equal(number(json_array_get(json_object_get(hour, "by_experiment"), 1), "answers"), 7);
    assert_int_equal(number(json_object_get(hour, "by_stage"), "log"),
                     rk_meter_cpu_nanos(meter, 5000000) + rk_meter_cpu_nanos(meter, 7000000));
    json_decref(json);
    rk_text_release(&statement);
    rk_arena_release(&arena);
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
        cmocka_unit_test(what_refusals_take_does_not_idle),
        cmocka_unit_test(every_charge_goes_to_its_account),
        cmocka_unit_test(beyond_the_room_for_variants_they_are_other),
        cmocka_unit_test(threads_share_accounts),
        cmocka_unit_test(a_reading_never_falls),
        cmocka_unit_test(what_answers_say_they_cost_adds_up_to_the_counters),
        cmocka_unit_test(processor_time_is_shared_by_stage),
        cmocka_unit_test(who_waits_pays_for_his_own),
        cmocka_unit_test(counters_and_statement_agree),
        cmocka_unit_test(the_last_hour_is_what_came_since),
        cmocka_unit_test(a_card_must_price_the_machine_and_know_the_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
