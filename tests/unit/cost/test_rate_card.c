/* Rate cards: the worked example of docs/cost.md by hand, the ledger it must come back to, and files that mean harm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cost/rate_card.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/test.h"

static const char book[] = "reckon: prices/1\ncurrency: USD\nprices:\n"
                           "  m: {kind: machine, vcpu: 2, memory_gib: 4, hour: {on_demand: 0.36}}\n"
                           "  bare: {kind: machine, hour: {on_demand: 0.36}}\n"
                           "  gb: {kind: rate, unit: GB, price: 1}\n";
static const char head[] = "reckon: plan/1\ncurrency: USD\nstart: 2024-02\nmonths: 1\nprices: [b.yaml]\n";

static char folder[] = "/tmp/reckon-rates-XXXXXX", plan_path[64], book_path[64];

static int make_folder(void **state)
{
    (void)state;
    rk_error err;
    rk_text text = {0};
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(plan_path, sizeof plan_path, "%s/p.yaml", folder);
    snprintf(book_path, sizeof book_path, "%s/b.yaml", folder);
    rk_text_add(&text, book);
    int failed = rk_file_write_text(book_path, &text, &err) != RK_OK;
    rk_text_release(&text);
    return failed;
}

static int drop_folder(void **state)
{
    (void)state;
    (void)unlink(book_path);
    return rmdir(folder);
}

static rk_status make(const char *rest, rk_rate_card *out, rk_error *err)
{
    static const rk_run quiet;
    rk_text text = {0};
    rk_text_addf(&text, "%s%s", head, rest);
    rk_plan_source source = {.path = plan_path, .text = {text.at, text.n}};
    rk_status status = text.failed ? RK_NO_MEMORY : rk_rate_card_make(&source, &quiet, out, err);
    rk_text_release(&text);
    return status;
}

static void must(const char *rest, rk_rate_card *out)
{
    rk_error err;
    if (make(rest, out, &err)) {
        fail_msg("%s", err.message);
    }
}

static const rk_rates *need(const rk_rate_card *card, const char *service, const char *variant)
{
    static const rk_rates none;
    const rk_rates *rates = rk_rate_card_find(card, service, variant);
    if (!rates) {
        fail_msg("no rates of '%s'", service);
    }
    return rates ? rates : &none;
}

#define ONE_A_SECOND                                                                                                   \
    "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}, capacity: {rps: 2}, response_bytes: 1000, " \
    "cpu_ms_per_request: 500, fleet: {machine: m, utilisation: 0.5, spare: 1}}\n"                                      \
    "elements:\n  - {name: out, category: hardware, layer: service, service: each, use: gb, per: response_gb}\n"       \
    "  - {name: care, category: labour, layer: service, service: a, amount: 2505.6}\n"

static void rates_follow_from_hours_processor_time_and_load(void **state)
{
    (void)state;
    /* 1 request/s on machines planned with 2 x 0.5: one machine and a spare, 696 h. A request takes 0.5 s, so 0.5 of 2
     * vcpu are busy at the planned load, a quarter: 0.36 / (2 x 3600 x 0.25) = 0.0002. Two machines are paid for that
     * work: 2 x 696 x 0.36 = 501.12 over 2,505,600 x 0.5 s = 0.0004. 2,505.6 of care over 2,505,600 requests = 0.001.
     * A GiB of 4 for 730 h: 0.36 x 730 / 4 = 65.7. */
    rk_rate_card card;
    must(ONE_A_SECOND, &card);
    const rk_rates *rates = need(&card, "a", NULL);
    assert_true(rates->cpu_second_nanos == 200000);
    assert_true(rates->cpu_second_with_idle_nanos == 400000);
    assert_true(rates->gb_nanos == 1000000000);
    assert_true(rates->request_nanos == 0 && rates->request_share_nanos == 1000000);
    assert_true(rates->memory_gib_month_nanos == INT64_C(65700000000));
    /* 0.5 s x 0.0002 + 1,000 bytes of 1 a GB = 0.0001 + 0.000001 */
    assert_true(rk_rate_card_cost(rates, 500000000, 1000) == 101000);
    rk_rate_usage one = {1, 500000000, 1000};
    assert_true(rk_rate_card_cost_of(rates, &one, RK_FULL) == 200000 + 1000 + 1000000);
    rk_rate_card_release(&card);
}

static void a_month_of_requests_comes_back_to_the_ledger(void **state)
{
    (void)state;
    /* 2,505,600 requests at 0.000101 = 253.0656; in full 501.12 + 2.5056 + 2,505.6 */
    rk_rate_card card;
    must(ONE_A_SECOND, &card);
    const rk_rate_check *check = card.checks.data;
    assert_true(check->marginal_by_card == 253065600 && check->marginal_by_ledger == 253065600);
    assert_true(check->full_by_card == INT64_C(3009225600) && check->full_by_ledger == INT64_C(3009225600));
    rk_rate_usage month = {2505600, UINT64_C(2505600) * 500000000, UINT64_C(2505600) * 1000};
    assert_true(rk_rate_card_cost_of(need(&card, "a", NULL), &month, RK_FULL) == INT64_C(3009225600000));
    rk_rate_card_release(&card);
}

static void uneven_rates_miss_the_ledger_by_their_rounding_only(void **state)
{
    (void)state;
    /* each rate is off by half a nano at most, so a month by that times its seconds, GB and requests (twice) */
    rk_rate_card card;
    must("services:\n  a: {product_line: x, traffic: {requests_per_day: 777777}, capacity: {rps: 7.3}, response_bytes: "
         "3331, cpu_ms_per_request: 1.7, fleet: {machine: m, utilisation: 0.37, min: 3}}\n"
         "elements:\n  - {name: out, category: hardware, layer: service, service: each, use: gb, per: response_gb}\n"
         "  - {name: care, category: labour, layer: service, service: a, amount: 999.99}\n",
         &card);
    const rk_rate_check *check = card.checks.data;
    double requests = 777777.0 * 29, half = 0.0005; /* millionths */
    double most = half * (requests * 0.0017 + requests * 3331e-9 + 2 * requests) + 1;
    assert_true((double)llabs(check->full_by_card - check->full_by_ledger) <= most);
    most = half * (requests * 0.0017 + requests * 3331e-9) + 1;
    assert_true((double)llabs(check->marginal_by_card - check->marginal_by_ledger) <= most);
    rk_rate_card_release(&card);
}

static void requests_priced_one_by_one_miss_their_sum_by_half_a_nano_each(void **state)
{
    (void)state;
    enum { N = 10000 };
    const rk_rates rates = {.cpu_second_nanos = 20661, .gb_nanos = 90000001, .request_nanos = 3};
    rk_random random = rk_random_of(7, 0);
    rk_rate_usage sum = {0};
    int64_t parts = 0;
    for (uint32_t i = 0; i < N; i++) {
        uint64_t cpu_ns = rk_random_below(&random, 900000), bytes = rk_random_below(&random, 16000);
        parts += rk_rate_card_cost(&rates, cpu_ns, bytes);
        sum.requests++;
        sum.cpu_ns += cpu_ns;
        sum.bytes += bytes;
    }
    assert_true(llabs(parts - rk_rate_card_cost_of(&rates, &sum, RK_MARGINAL)) <= N / 2 + 1);
    assert_true(parts > 3 * N);
}

static void nothing_overflows(void **state)
{
    (void)state;
    const rk_rates most = {.cpu_second_nanos = RK_RATE_NANOS_MAX,
                           .cpu_second_with_idle_nanos = RK_RATE_NANOS_MAX,
                           .gb_nanos = RK_RATE_NANOS_MAX,
                           .request_nanos = RK_RATE_NANOS_MAX,
                           .request_share_nanos = RK_RATE_NANOS_MAX};
    const rk_rate_usage all = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    assert_true(rk_rate_card_cost(&most, UINT64_MAX, UINT64_MAX) == INT64_MAX);
    assert_true(rk_rate_card_cost_of(&most, &all, RK_FULL) == INT64_MAX);
    const rk_rates one = {.cpu_second_nanos = 1};
    assert_true(rk_rate_card_cost(&one, 499999999, 0) == 0 && rk_rate_card_cost(&one, 500000000, 0) == 1);
    /* 2^64 - 1 ns are 18,446,744,073.7 s */
    assert_true(rk_rate_card_cost(&one, UINT64_MAX, 0) == INT64_C(18446744074));
}

static void every_variant_has_rates_of_its_own(void **state)
{
    (void)state;
    /* 0.36 / (2 x 3600) / 0.5 s = 0.0001 a second; twice the capacity at half the time is the same second */
    rk_rate_card card;
    must("services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}, variants: {large: {capacity: {rps: 2}, "
         "cpu_ms_per_request: 500}, \"4 bit\": {capacity: {rps: 8}, cpu_ms_per_request: 250}}, fleet: {machine: m}}\n"
         "  b: {product_line: y, traffic: {requests_per_day: 1}}\n",
         &card);
    assert_int_equal(card.rates.n, 2);
    assert_true(need(&card, "a", "large")->cpu_second_nanos == 100000);
    assert_true(need(&card, "a", "4 bit")->cpu_second_nanos == 50000);
    assert_ptr_equal(need(&card, "a", NULL), need(&card, "a", "large"));
    assert_null(rk_rate_card_find(&card, "a", "small"));
    assert_null(rk_rate_card_find(&card, "b", NULL));
    assert_int_equal(card.notes.n, 1); /* b has no fleet */
    rk_rate_card_release(&card);
}

static void without_processor_time_a_machine_is_busy_at_capacity(void **state)
{
    (void)state;
    /* 2 vcpu / 2 requests/s = 1 s a request: 0.36 / (2 x 3600 x 0.5) = 0.0001 a second */
    rk_rate_card card;
    rk_error err;
    must(
        "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}, capacity: {rps: 2}, fleet: {machine: m, "
        "utilisation: 0.5}}\n",
        &card);
    assert_true(need(&card, "a", NULL)->cpu_second_nanos == 100000);
    assert_true(need(&card, "a", NULL)->cpu_ms_per_request == 1000);
    assert_int_equal(card.notes.n, 1);
    rk_rate_card_release(&card);
    assert_int_equal(
        make("services:\n  a: {product_line: x, traffic: {requests_per_day: 1}, capacity: {rps: 2}, fleet: "
             "{machine: bare}}\n",
             &card, &err),
        RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "the rates of 'a' need its cpu_ms_per_request, or the vcpu of 'bare'"));
    assert_int_equal(make("services:\n  a: {product_line: x, traffic: {requests_per_day: 1}}\n", &card, &err),
                     RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "no service has a fleet"));
}

static void a_card_is_the_same_after_a_file(void **state)
{
    (void)state;
    rk_rate_card card, back;
    rk_error err;
    rk_text text = {0}, again = {0};
    must(ONE_A_SECOND, &card);
    rk_rate_card_format(&card, &text);
    assert_int_equal(rk_rate_card_parse((rk_slice){text.at, text.n}, "card", &back, &err), RK_OK);
    rk_rate_card_format(&back, &again);
    assert_string_equal(text.at, again.at);
    assert_true(rk_rate_card_cost(need(&back, "a", NULL), 500000000, 1000) == 101000);
    assert_int_equal(back.checks.n, 0);
    rk_text_release(&text);
    rk_text_release(&again);
    rk_rate_card_release(&card);
    rk_rate_card_release(&back);
}

#define TOP                                                                                                            \
    "{\"reckon\":\"rates/"                                                                                             \
    "1\",\"plan\":\"p\",\"currency\":\"USD\",\"first_month\":\"a\",\"last_month\":\"b\",\"rates\":"
#define ROW(cpu)                                                                                                       \
    "{\"service\":\"a\",\"variant\":null,\"machine\":\"m\",\"cpu_second_nanos\":" cpu                                  \
    ",\"cpu_second_with_idle_nanos\":1,\"gb_nanos\":1,\"request_nanos\":0,\"request_share_nanos\":0,"                  \
    "\"memory_gib_month_nanos\":0,\"cpu_ms_per_request\":1,\"response_bytes\":1}"

static void assert_refused(const char *json, const char *words)
{
    rk_rate_card card;
    rk_error err;
    assert_int_equal(rk_rate_card_parse(rk_slice_of(json), "card.json", &card, &err), RK_BAD_INPUT);
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
}

static void bad_cards_are_told_what_is_wrong(void **state)
{
    (void)state;
    rk_rate_card card;
    rk_error err;
    assert_int_equal(rk_rate_card_parse(RK_SLICE(TOP "[" ROW("5") "]}"), "card.json", &card, &err), RK_OK);
    rk_rate_card_release(&card);
    assert_refused("", "card.json:1:");
    assert_refused("[]", "a rate card must be a JSON object");
    assert_refused("{\"reckon\":\"profile/1\"}", "card.json: a 'rates/1' is needed here, this is 'profile/1'");
    assert_refused(TOP "[]}", "rates must be an array of 1 to");
    assert_refused(TOP "[7]}", "rates[0].service must be a text");
    assert_refused(TOP "[" ROW("-1") "]}", "rates[0].cpu_second_nanos must be a whole number of nanos, 0 to 10^18");
    assert_refused(TOP "[" ROW("1.5") "]}", "rates[0].cpu_second_nanos must be");
    assert_refused(TOP "[" ROW("1000000000000000001") "]}", "rates[0].cpu_second_nanos must be");
    assert_refused(TOP "[" ROW("1") "," ROW("2") "]}", "rates[1].variant must be another");
    assert_int_equal(rk_rate_card_read("/no/such/card.json", &card, &err), RK_NOT_FOUND);
}

static bool try_card(void *context)
{
    rk_rate_card card, back;
    rk_error err;
    rk_text text = {0};
    rk_status status = make(context, &card, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY || status == RK_BAD_INPUT);
    if (status) {
        return false;
    }
    rk_rate_card_format(&card, &text);
    status = text.failed ? RK_NO_MEMORY : rk_rate_card_parse((rk_slice){text.at, text.n}, "card", &back, &err);
    if (!status) {
        rk_rate_card_release(&back);
    }
    rk_text_release(&text);
    rk_rate_card_release(&card);
    return status == RK_OK;
}

static void short_memory_is_survived_everywhere(void **state)
{
    (void)state;
    static char rest[] = ONE_A_SECOND;
    assert_true(fault_each(try_card, rest) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_follow_from_hours_processor_time_and_load),
        cmocka_unit_test(a_month_of_requests_comes_back_to_the_ledger),
        cmocka_unit_test(uneven_rates_miss_the_ledger_by_their_rounding_only),
        cmocka_unit_test(requests_priced_one_by_one_miss_their_sum_by_half_a_nano_each),
        cmocka_unit_test(nothing_overflows),
        cmocka_unit_test(every_variant_has_rates_of_its_own),
        cmocka_unit_test(without_processor_time_a_machine_is_busy_at_capacity),
        cmocka_unit_test(a_card_is_the_same_after_a_file),
        cmocka_unit_test(bad_cards_are_told_what_is_wrong),
        cmocka_unit_test(short_memory_is_survived_everywhere),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
