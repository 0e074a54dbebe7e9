/* Worked examples of the footprint: every expected figure is derived by hand in the comment beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cost/footprint.h"
#include "support/faults.h"
#include "support/test.h"

static const char book[] =
    "reckon: prices/1\ncurrency: USD\nsource: made up\nprices:\n"
    "  m: {kind: machine, vcpu: 4, memory_gib: 16, hour: {on_demand: 1}, processor: p, server: s}\n"
    "  plain: {kind: machine, vcpu: 4, memory_gib: 16, hour: {on_demand: 1}, region: here}\n"
    "  kilowatts: {kind: machine, hour: {on_demand: 1}, power_kw: 0.5, idle_kw: 0.2}\n"
    "  box: {kind: asset, price: 1200, life_months: 48, power_kw: 2, embodied_kg: 1300}\n"
    "  bare: {kind: asset, price: 1200, life_months: 12}\n"
    "  kwh: {kind: rate, unit: kWh, price: 0.25}\n"
    "  disk: {kind: rate, unit: GB-month, price: 1}\n"
    "  out: {kind: rate, unit: GB, price: 1}\n"
    "  free: {kind: rate, unit: GB-month, price: 0}\n"
    "  p: {kind: processor, year: 2020, idle_watts: 1, full_watts: 3, memory_gib_per_vcpu: 2, watts_per_gib: 0.5}\n"
    "  s: {kind: server, year: 2021, embodied_kg: 1000, vcpu: 64, life_months: 48}\n"
    "  here: {kind: grid, year: 2024, gco2e_per_kwh: 400}\n"
    "  there: {kind: grid, year: 2023, gco2e_per_kwh: 50, source: the utility}\n"
    "  e: {kind: energy, year: 2020, unit: GB-month, kwh: 0.001, pue: on_top}\n"
    "  n: {kind: energy, year: 2020, unit: GB, kwh: 0.5}\n";
static const char head[] = "reckon: plan/1\ncurrency: USD\nstart: 2024-02\nmonths: 2\nprices: [b.yaml]\n";

static char folder[] = "/tmp/reckon-footprint-XXXXXX", plan_path[64], book_path[64];

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

/* A ledger and its footprint. */
typedef struct {
    rk_ledger *ledger;
    rk_footprint *footprint;
} made;

static rk_status make(const char *rest, made *out, rk_error *err)
{
    static const rk_run quiet;
    rk_text text = {0};
    *out = (made){0};
    rk_text_addf(&text, "%s%s", head, rest);
    rk_plan_source source = {.path = plan_path, .text = {text.at, text.n}};
    rk_status status = text.failed ? RK_NO_MEMORY : rk_cost_run(&source, &quiet, &out->ledger, err);
    status = status ? status : rk_footprint_make(out->ledger, &quiet, &out->footprint, err);
    rk_text_release(&text);
    return status;
}

static void release(made *m)
{
    rk_footprint_free(m->footprint);
    rk_ledger_free(m->ledger);
}

static made must(const char *rest)
{
    made m;
    rk_error err;
    if (make(rest, &m, &err)) {
        fail_msg("%s", err.message);
    }
    return m;
}

/* The line of this name, month and service. */
static const rk_footprint_line *line(const made *m, const char *name, uint32_t month, uint32_t service)
{
    static const rk_footprint_line none;
    for (size_t i = 0; i < rk_footprint_n_lines(m->footprint); i++) {
        const rk_footprint_line *at = rk_footprint_line_at(m->footprint, i);
        if (strcmp(at->name, name) == 0 && at->month == month && at->service == service) {
            return at;
        }
    }
    fail_msg("no line '%s' of month %u and service %u", name, month, service);
    return &none;
}

static bool is_omitted(const made *m, const char *words)
{
    for (size_t i = 0; i < rk_footprint_n_omitted(m->footprint); i++) {
        if (strstr(rk_footprint_omitted(m->footprint, i), words)) {
            return true;
        }
    }
    return false;
}

#define ONE_A_SECOND(machine)                                                                                          \
    "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}, capacity: {rps: 2}, fleet: "                \
    "{machine: " machine "}}\n"

static void rented_machines_draw_by_paid_hours_and_by_work(void **state)
{
    (void)state;
    /* 1 request/s on 1 machine of 2: February 2024 has 696 h, 348 at work. Idle 4 x 1 W + (16 - 4 x 2) GiB x 0.5 W = 8
     * W, at work 4 x (3 - 1) = 8 W more: (696 x 8 + 348 x 8) / 1000 x 1.25 = 10.44 kWh x 400 g = 4.176 kg. Made of a
     * server: 1000 kg x 696 / (48 x 730) x 4 / 64 = 43,500 / 35,040 = 1.2414384 kg. 2,505,600 requests: (4,176,000 +
     * 1,241,438) mg / 2,505,600 = 2.1621320 g per 1,000. */
    made m = must(ONE_A_SECOND("m") "footprint: {grid: here, pue: 1.25}\n");
    const rk_footprint_line *at = line(&m, "a machine", 0, 0);
    assert_true(at->kwh_micros == 10440000);
    assert_true(at->operational_mg == 4176000);
    assert_true(at->embodied_mg == 1241438);
    assert_string_equal(at->energy, "(696 h paid x 8 W + 348 h at work x 8 W) / 1000 x 1.25 = 10.44 kWh");
    assert_string_equal(at->operational, "10.44 kWh x 400 g (here, 2024) / 1000 = 4.176 kg");
    assert_string_equal(at->embodied, "1000 kg x 696 h / (48 x 730 h) x 4 / 64 vcpu = 1.241438 kg");
    rk_footprint_sum sum = rk_footprint_sum_of(m.footprint, (rk_footprint_pick){0, 0, NULL});
    assert_true(sum.has_sci && sum.sci_micros == 2162132);
    release(&m);
}

static void power_of_the_entry_stands_for_a_processor(void **state)
{
    (void)state;
    /* (696 x 200 W + 348 x 300 W) / 1000 x 1 = 243.6 kWh x 50 g = 12.18 kg; what it embodies is not known, and said */
    made m = must(ONE_A_SECOND("kilowatts") "footprint: {grid: there, pue: 1}\n");
    const rk_footprint_line *at = line(&m, "a machine", 0, 0);
    assert_true(at->kwh_micros == 243600000 && at->operational_mg == 12180000 && at->embodied_mg == 0);
    assert_true(is_omitted(&m, "what kilowatts embodies"));
    release(&m);
}

static void the_nearest_grid_counts(void **state)
{
    (void)state;
    /* the service's, the footprint's, that of the machine's region: 10.44 kWh at 50, 400 and 400 g */
    made m =
        must("services:\n  a: {product_line: x, grid: there, traffic: {requests_per_day: 86400}, capacity: {rps: 2}, "
             "fleet: {machine: m}}\nfootprint: {grid: here, pue: 1.25}\n");
    assert_true(line(&m, "a machine", 0, 0)->operational_mg == 522000);
    release(&m);
    m = must(ONE_A_SECOND("plain") "footprint: {pue: 1.25, processor: p, server: s}\n");
    assert_true(line(&m, "a machine", 0, 0)->operational_mg == 4176000);
    assert_true(line(&m, "a machine", 0, 0)->embodied_mg == 1241438);
    release(&m);
}

#define TWO_SERVICES                                                                                                   \
    "services:\n  a: {product_line: x, traffic: {requests_per_day: 1}}\n  b: {product_line: y, traffic: "              \
    "{requests_per_day: 2}}\n"

static void owned_machines_draw_what_the_ledger_prices(void **state)
{
    (void)state;
    /* 2 kW x 1.5 x 0.5 x 696 h = 1,044 kWh at 50 g = 52.2 kg; 1,300 kg / 48 months = 27.0833333 kg a month, from the
     * month after the purchase. By requests 1 : 2: 348 and 696 kWh, 17.4 and 34.8 kg, 9.027778 and 18.055555 kg: the
     * whole is 27.083333, its third is 9.027777 2/3. */
    made m =
        must(TWO_SERVICES
             "elements:\n  - {name: rack, category: hardware, layer: model, service: shared, share_by: requests, own: "
             "box, bought: 2024-01, energy: kwh, utilisation: 0.5, pue: 1.5, grid: there}\n"
             "footprint: {grid: here}\n");
    const rk_footprint_line *a = line(&m, "rack", 0, 0), *b = line(&m, "rack", 0, 1);
    assert_true(a->kwh_micros == 348000000 && b->kwh_micros == 696000000);
    assert_true(a->operational_mg == 17400000 && b->operational_mg == 34800000);
    assert_true(a->embodied_mg == 9027778 && b->embodied_mg == 18055555);
    for (uint32_t month = 0; month < 2; month++) {
        const rk_cost_line *priced =
            rk_ledger_find(m.ledger, month ? "2024-03/rack-energy/b" : "2024-02/rack-energy/b");
        assert_non_null(priced);
        assert_true(priced->quantity_micros == line(&m, "rack", month, 1)->kwh_micros);
    }
    release(&m);
}

static void making_it_counts_in_its_life_only(void **state)
{
    (void)state;
    /* bought in February: nothing in its own month, the first of 48 parts in March; energy without a rate counts, too
     */
    made m =
        must(TWO_SERVICES "elements:\n  - {name: rack, category: hardware, layer: model, service: a, own: box, bought: "
                          "2024-02}\nfootprint: {grid: here}\n");
    assert_true(line(&m, "rack", 0, 0)->embodied_mg == 0);
    assert_true(line(&m, "rack", 1, 0)->embodied_mg == 27083333);
    assert_true(line(&m, "rack", 0, 0)->kwh_micros == INT64_C(1392000000)); /* 2 kW x 696 h */
    release(&m);
}

static void units_have_the_energy_that_the_plan_gives_them(void **state)
{
    (void)state;
    /* 100 GB-months x 0.001 x 1.25 = 0.125 kWh x 400 g = 0.05 kg; GB out: 3 x 0.5 = 1.5 kWh, the room is in it */
    made m = must(TWO_SERVICES
                  "elements:\n  - {name: log, category: data, layer: data, service: a, use: disk, quantity: 100}\n"
                  "  - {name: sent, category: data, layer: data, service: a, use: out, quantity: 3}\n"
                  "footprint: {grid: here, pue: 1.25, energy_of: {disk: e, out: n}}\n");
    assert_true(line(&m, "log", 0, 0)->kwh_micros == 125000 && line(&m, "log", 0, 0)->operational_mg == 50000);
    assert_true(line(&m, "sent", 1, 0)->kwh_micros == 1500000);
    assert_string_equal(line(&m, "sent", 0, 0)->energy, "3 GB x 0.5 = 1.5 kWh");
    release(&m);
}

static void what_is_left_out_is_said(void **state)
{
    (void)state;
    made m =
        must(TWO_SERVICES
             "elements:\n  - {name: old, category: hardware, layer: model, service: a, own: bare, bought: 2024-01}\n"
             "  - {name: log, category: data, layer: data, service: a, use: disk, quantity: 100}\n"
             "footprint: {grid: here, pue: 1.25, energy_of: {free: e}}\n");
    assert_int_equal(rk_footprint_n_lines(m.footprint), 0);
    assert_true(is_omitted(&m, "machines of 'a'") && is_omitted(&m, "machines of 'b'"));
    assert_true(is_omitted(&m, "energy of 'old': 'bare' has no power_kw"));
    assert_true(is_omitted(&m, "what 'old' embodies"));
    assert_true(is_omitted(&m, "energy of 'disk' (GB-month): it is not named"));
    assert_true(is_omitted(&m, "energy of 'free': it costs nothing"));
    assert_int_equal(rk_footprint_n_omitted(m.footprint), 6);
    release(&m);
}

static void assert_refused(const char *rest, const char *words)
{
    made m;
    rk_error err;
    assert_int_equal(make(rest, &m, &err), RK_BAD_INPUT);
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
    release(&m);
}

static void a_missing_factor_is_an_error_where_it_is_asked_for(void **state)
{
    (void)state;
    assert_refused(ONE_A_SECOND("m"), "needs a 'grid', of the service or under 'footprint'");
    assert_refused(ONE_A_SECOND("m") "footprint: {grid: here}\n", "needs the key 'pue' under 'footprint'");
    assert_refused(ONE_A_SECOND("m") "footprint: {grid: her, pue: 1}\n",
                   "no price book has the grid 'her'; did you mean");
    assert_refused(ONE_A_SECOND("m") "footprint: {grid: m, pue: 1}\n", "'m' must be a grid, but ");
    assert_refused(ONE_A_SECOND("plain") "footprint: {pue: 1}\n", "needs a 'processor' or 'power_kw' in its entry");
    assert_refused(ONE_A_SECOND("kilowatts") "footprint: {grid: here, pue: 1, server: s}\n", "counted by 'vcpu'");
    assert_refused(TWO_SERVICES "footprint: {energy_of: {out: e}}\n", "is priced per GB (");
    assert_refused(TWO_SERVICES "elements:\n  - {name: r, category: data, layer: data, service: a, own: box, bought: "
                                "2024-01}\n",
                   "the footprint of 'r' needs a 'grid', of the element or under 'footprint'");
}

static rk_footprint_sum add(rk_footprint_sum a, rk_footprint_sum b)
{
    return (rk_footprint_sum){.kwh_micros = a.kwh_micros + b.kwh_micros,
                              .operational_mg = a.operational_mg + b.operational_mg,
                              .embodied_mg = a.embodied_mg + b.embodied_mg,
                              .requests_micros = a.requests_micros + b.requests_micros};
}

static void assert_same(rk_footprint_sum a, rk_footprint_sum b)
{
    assert_true(a.kwh_micros == b.kwh_micros && a.operational_mg == b.operational_mg);
    assert_true(a.embodied_mg == b.embodied_mg && a.requests_micros == b.requests_micros);
}

static void every_view_adds_up_to_the_total(void **state)
{
    (void)state;
    made m =
        must("services:\n  a: {product_line: x, traffic: {requests_per_day: 86401, growth_per_month: 0.037}, "
             "capacity: {rps: 0.3}, fleet: {machine: m}}\n  b: {product_line: y, grid: there, traffic: "
             "{requests_per_day: 7}, capacity: {rps: 3}, fleet: {machine: kilowatts}}\n  c: {product_line: x, traffic: "
             "{requests_per_day: 3}}\nelements:\n  - {name: rack, category: hardware, layer: model, service: shared, "
             "share_by: {a: 1, b: 1, c: 1}, own: box, count: 0.7, bought: 2023-11, utilisation: 0.377}\n"
             "footprint: {grid: here, pue: 1.137}\n");
    rk_footprint_sum total =
        rk_footprint_sum_of(m.footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, NULL});
    rk_footprint_sum cells = {0}, lines = {0}, services = {0};
    assert_true(total.kwh_micros > 0 && total.has_sci);
    for (uint32_t s = 0; s < 3; s++) {
        services = add(services, rk_footprint_sum_of(m.footprint, (rk_footprint_pick){s, RK_ALL_MONTHS, NULL}));
        for (uint32_t month = 0; month < 2; month++) {
            cells = add(cells, rk_footprint_sum_of(m.footprint, (rk_footprint_pick){s, month, NULL}));
        }
    }
    lines = add(rk_footprint_sum_of(m.footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, "x"}),
                rk_footprint_sum_of(m.footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, "y"}));
    assert_same(cells, total);
    assert_same(lines, total);
    assert_same(services, total);
    release(&m);
}

static void a_figure_says_where_it_stands_and_of_what_year(void **state)
{
    (void)state;
    made m = must(ONE_A_SECOND("m") "footprint: {grid: there, pue: 1.25}\n");
    const rk_footprint_line *at = line(&m, "a machine", 0, 0);
    bool found = false;
    for (uint32_t i = 0; i < at->n_inputs; i++) {
        assert_true(*at->inputs[i].from);
        found = found || (strcmp(at->inputs[i].name, "gco2e_per_kwh") == 0 && strcmp(at->inputs[i].value, "50") == 0 &&
                          strstr(at->inputs[i].from, "b.yaml:17, 'there', year 2023, source: the utility"));
    }
    assert_true(found);
    release(&m);
}

static bool try_footprint(void *context)
{
    made m;
    rk_error err;
    rk_text out = {0};
    rk_status status = make(context, &m, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY || status == RK_BAD_INPUT);
    if (status == RK_OK) {
        rk_footprint_json(m.footprint, &out);
        status = out.failed ? RK_NO_MEMORY : RK_OK;
    }
    rk_text_release(&out);
    release(&m);
    return status == RK_OK;
}

static void short_memory_is_survived_everywhere(void **state)
{
    (void)state;
    static char rest[] =
        ONE_A_SECOND("m") "elements:\n  - {name: rack, category: hardware, layer: model, service: shared, "
                          "share_by: even, own: box, bought: 2024-01}\n  - {name: log, category: data, "
                          "layer: data, service: a, use: disk, quantity: 100}\n"
                          "footprint: {grid: here, pue: 1.25, energy_of: {disk: e}}\n";
    assert_true(fault_each(try_footprint, rest) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rented_machines_draw_by_paid_hours_and_by_work),
        cmocka_unit_test(power_of_the_entry_stands_for_a_processor),
        cmocka_unit_test(the_nearest_grid_counts),
        cmocka_unit_test(owned_machines_draw_what_the_ledger_prices),
        cmocka_unit_test(making_it_counts_in_its_life_only),
        cmocka_unit_test(units_have_the_energy_that_the_plan_gives_them),
        cmocka_unit_test(what_is_left_out_is_said),
        cmocka_unit_test(a_missing_factor_is_an_error_where_it_is_asked_for),
        cmocka_unit_test(every_view_adds_up_to_the_total),
        cmocka_unit_test(a_figure_says_where_it_stands_and_of_what_year),
        cmocka_unit_test(short_memory_is_survived_everywhere),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
