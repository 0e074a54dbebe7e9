/* Estimates against the exact accountant: at the points, and with drawn numbers written into the plan.
 *
 * Random plans with a law on many numbers. An estimate is a sum of doubles; what the accountant rounds, the quantity
 * and the amount of every line to a millionth, is the only difference allowed beyond 1e-9 of the sum.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cost/element.h"
#include "cost/estimator.h"
#include "cost/ledger_parts.h"
#include "math/tape.h"
#include "support/faults.h"
#include "support/test.h"

enum { N_PLANS = 60, N_DRAWS = 5, NUMBERS_MAX = 64, PLAN_NUMBERS_MAX = 400 };

static char folder[] = "/tmp/reckon-estimator-XXXXXX", plan_path[64], book_path[64];

static int open_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(plan_path, sizeof plan_path, "%s/p.yaml", folder);
    snprintf(book_path, sizeof book_path, "%s/b.yaml", folder);
    return 0;
}

static int close_folder(void **state)
{
    (void)state;
    (void)unlink(book_path);
    return rmdir(folder);
}

/* ---- plans ---- */

/* Writes numbers: as a law, or as what was drawn for the number of that turn. */
typedef struct {
    uint64_t seed;
    rk_text text;
    const double *drawn; /* [numbers of the document, by turn] NULL = laws */
    size_t turn;
    bool is_shared;      /* a and c run on one fleet */
    char where[PLAN_NUMBERS_MAX][80]; /* path of the number of a turn, as the book knows it */
} writer;

static bool flip(writer *w, unsigned one_in) { return test_random(&w->seed) % one_in == 0; }

/* path NULL: the plan's, which --set reaches. */
static void number(writer *w, const char *path, double low, double high)
{
    double point = low + (high - low) * (test_random(&w->seed) % 1001) / 1000;
    bool is_uncertain = flip(w, 2);
    if (path) {
        snprintf(w->where[w->turn], sizeof w->where[0], "%s", path);
    }
    if (!is_uncertain || w->drawn) {
        rk_text_addf(&w->text, "%.6f", is_uncertain ? w->drawn[w->turn] : point);
    } else {
        rk_text_addf(&w->text, "{point: %.6f, uniform: [%.6f, %.6f]}", point, low, high + 0.001);
    }
    w->turn++;
}

static void write_book(writer *w)
{
    rk_text *t = &w->text;
    rk_text_add(t, "reckon: prices/1\ncurrency: USD\nprices:\n  m: {kind: machine, vcpu: 4, hour: {on_demand: ");
    number(w, "prices.m.hour.on_demand", 0.4, 0.6);
    rk_text_add(t, ", r: ");
    number(w, "prices.m.hour.r", 0.2, 0.35);
    rk_text_add(t, "}, terms: {r: {term_months: 4, upfront: ");
    number(w, "prices.m.terms.r.upfront", 100, 500);
    rk_text_add(t, ", restart_hours: 0.5, interruption_rate: ");
    number(w, "prices.m.terms.r.interruption_rate", 0.001, 0.01);
    rk_text_add(t, "}}}\n  gpu: {kind: asset, life_months: 9, price: ");
    number(w, "prices.gpu.price", 1000, 2000);
    rk_text_add(t, ", salvage: ");
    number(w, "prices.gpu.salvage", 10, 300);
    rk_text_add(t, ", maintenance_per_year: ");
    number(w, "prices.gpu.maintenance_per_year", 0.05, 0.2);
    rk_text_add(t, ", power_kw: ");
    number(w, "prices.gpu.power_kw", 0.5, 2);
    rk_text_add(t, flip(w, 2) ? ", method: sum_of_years}\n" : "}\n");
    rk_text_add(t, "  fade: {kind: asset, life_months: 20, currency: EUR, method: declining_balance, price: ");
    number(w, "prices.fade.price", 1000, 2000);
    rk_text_add(t, ", salvage: ");
    number(w, "prices.fade.salvage", 100, 600);
    rk_text_add(t, ", rate: ");
    number(w, "prices.fade.rate", 0.5, 5);
    rk_text_add(t, "}\n  kwh: {kind: rate, unit: kWh, price: ");
    number(w, "prices.kwh.price", 0.1, 0.3);
    rk_text_add(t, "}\n  gb: {kind: rate, unit: GB, currency: EUR, price: ");
    number(w, "prices.gb.price", 0.01, 0.1);
    rk_text_add(t, "}\n  gbm: {kind: rate, unit: GB-month, price: ");
    number(w, "prices.gbm.price", 0.01, 0.1);
    rk_text_add(t, "}\n  dev: {kind: person, currency: EUR, month: ");
    number(w, "prices.dev.month", 5000, 9000);
    rk_text_add(t, ", overhead: ");
    number(w, "prices.dev.overhead", 0, 0.5);
    rk_text_add(t, ", training_per_month: ");
    number(w, "prices.dev.training_per_month", 0, 200);
    rk_text_add(t, "}\n");
}

static void write_list(writer *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        rk_text_add(&w->text, i ? ", " : "[");
        number(w, NULL, 0.5, 4);
    }
    rk_text_add(&w->text, "]");
}

static void write_fleet(writer *w)
{
    rk_text *t = &w->text;
    rk_text_add(t, "{machine: m, utilisation: ");
    number(w, NULL, 0.4, 0.9);
    rk_text_addf(t, ", min: %u, spare: %u", test_random(&w->seed) % 4, test_random(&w->seed) % 2);
    rk_text_add(t, flip(w, 3) ? ", max: 6" : "");
    rk_text_add(t, flip(w, 2) ? ", reserved: {option: r, count: best}}\n" : "}\n");
}

static void write_service(writer *w, const char *name, const char *line)
{
    rk_text *t = &w->text;
    rk_text_addf(t, "  %s:\n    product_line: %s\n    response_bytes: ", name, line);
    number(w, NULL, 500, 5000);
    rk_text_add(t, "\n    cpu_ms_per_request: ");
    number(w, NULL, 1, 5);
    rk_text_add(t, flip(w, 2) ? "\n    events_per_day: " : "\n    events_per_request: ");
    number(w, NULL, 1, 5);
    rk_text_add(t, "\n    active_users: ");
    number(w, NULL, 100, 500);
    rk_text_add(t, "\n    orders: {first: ");
    number(w, NULL, 100, 500);
    rk_text_add(t, ", growth_per_month: ");
    number(w, NULL, -0.1, 0.2);
    rk_text_add(t, ", months: {2026-11: ");
    number(w, NULL, 100, 900);
    rk_text_add(t, "}}\n    revenue: ");
    number(w, NULL, 100, 900);
    rk_text_add(t, "\n    capacity: {rps: ");
    number(w, NULL, 20, 40);
    rk_text_add(t, "}\n    traffic:\n      requests_per_day: ");
    number(w, NULL, 1e6, 1e7);
    rk_text_add(t, "\n      growth_per_month: ");
    number(w, NULL, -0.1, 0.2);
    if (flip(w, 2)) {
        rk_text_add(t, "\n      months: {2026-11: ");
        number(w, NULL, 4e7, 3e8);
        rk_text_add(t, "}");
    }
    if (flip(w, 2)) {
        rk_text_add(t, "\n      hours: ");
        write_list(w, 24);
    }
    if (flip(w, 2)) {
        rk_text_add(t, "\n      weekdays: ");
        write_list(w, 7);
    }
    if (flip(w, 2)) {
        rk_text_add(t, "\n      events:\n        - {name: sale, from: 2026-11-10, to: 2026-11-12, factor: ");
        number(w, NULL, 1, 6);
        rk_text_add(t, "}\n        - {name: peak, from: 2026-11-11, factor: ");
        number(w, NULL, 0.5, 2);
        rk_text_add(t, "}");
    }
    rk_text_add(t, "\n    fleet: ");
    if (w->is_shared && *name != 'b') {
        rk_text_add(t, "web\n");
    } else {
        write_fleet(w);
    }
}

/* In all months. */
static void begin_lasting(writer *w, const char *name, const char *category)
{
    static const char *const share[] = {"requests", "even", "{a: 1, b: 3}", "{a: 1, b: 2, c: 0}", "gb", "cpu_seconds",
                                        "events", "active_users", "orders", "revenue", "head", "machine_hours",
                                        "direct_cost"};
    static const char *const target[] = {"a", "b", "c", "each"};
    rk_text_addf(&w->text, "  - {name: %s, category: %s, layer: service, ", name, category);
    if (flip(w, 2)) {
        rk_text_addf(&w->text, "service: shared, share_by: %s, ", share[test_random(&w->seed) % RK_COUNT_OF(share)]);
    } else {
        rk_text_addf(&w->text, "service: %s, ", target[test_random(&w->seed) % 4]);
    }
}

static void begin_element(writer *w, const char *name, const char *category)
{
    begin_lasting(w, name, category);
    rk_text_add(&w->text, flip(w, 4) ? "when: [2026-11, 2026-12], " : "");
}

static void end_element(writer *w, const char *before, double low, double high)
{
    rk_text_add(&w->text, before);
    number(w, NULL, low, high);
}

static void write_elements(writer *w)
{
    static const char *const per[] = {"month", "hour", "request", "thousand_requests", "cpu_second", "event",
                                      "active_user", "order", "revenue", "head", "instance", "core"};
    rk_text *t = &w->text;
    begin_element(w, "disk", "data");
    end_element(w, "use: gb, quantity: ", 100, 900);
    end_element(w, ", grows_per_month: ", -10, 50);
    rk_text_add(t, "}\n");
    begin_element(w, "out", "hardware");
    end_element(w, "use: gb, per: response_gb, quantity: ", 0.5, 2);
    rk_text_add(t, "}\n");
    for (int i = 0; i < 3; i++) {
        begin_element(w, (const char *[]){"x", "y", "z"}[i], "software");
        rk_text_addf(t, "use: gb, per: %s", per[test_random(&w->seed) % RK_COUNT_OF(per)]);
        end_element(w, ", quantity: ", 0.1, 0.2);
        rk_text_add(t, "}\n");
    }
    begin_element(w, "log", "data");
    end_element(w, "store: gbm, bytes_per_event: ", 10, 90);
    end_element(w, ", replicas: ", 1, 3);
    rk_text_add(t, flip(w, 2) ? ", retention_days: 45, since: 2026-05}\n" : ", since: 2026-10}\n");
    begin_element(w, "model", "data");
    end_element(w, "store: gbm, bytes: ", 1e9, 9e9);
    rk_text_add(t, "}\n");
    begin_element(w, "zones", "data");
    if (flip(w, 2)) {
        rk_text_add(t, "network: gb, per: response_gb");
    } else {
        end_element(w, "network: gb, bytes: ", 1e9, 9e9);
        end_element(w, ", times_per_month: ", 1, 9);
    }
    end_element(w, ", copies: ", 1, 3);
    end_element(w, ", cross_share: ", 0.1, 0.9);
    rk_text_add(t, "}\n");
    begin_element(w, "cleaning", "data");
    end_element(w, "clean: m, cpu_s_per_million: ", 1e4, 9e4);
    rk_text_add(t, "}\n");
    begin_element(w, "training", "hardware");
    end_element(w, "train: m, runs_per_month: ", 1, 4);
    end_element(w, ", hours: ", 1, 20);
    end_element(w, ", trials: ", 0, 5);
    end_element(w, ", experiments_per_month: ", 0, 5);
    end_element(w, ", failed_share: ", 0.05, 0.5);
    rk_text_add(t, "}\n");
    begin_lasting(w, "batch", "hardware");
    end_element(w, "rent: m, option: r, count: ", 1, 3);
    end_element(w, flip(w, 2) ? ", from: 2026-07, share: " : ", from: 2026-10, share: ", 0.1, 0.9);
    end_element(w, ", fallback_share: ", 0.1, 0.5);
    rk_text_add(t, "}\n");
    begin_element(w, "card", "hardware");
    end_element(w, "own: gpu, bought: 2026-08, energy: kwh, count: ", 1, 9);
    end_element(w, ", utilisation: ", 0.3, 0.9);
    end_element(w, ", pue: ", 1.1, 1.6);
    rk_text_add(t, "}\n");
    begin_element(w, "old", "hardware");
    end_element(w, "own: fade, bought: 2026-06, count: ", 1, 3);
    rk_text_add(t, "}\n");
    begin_element(w, "team", "labour");
    end_element(w, "person: dev, fte: ", 1, 3);
    end_element(w, ", grows_per_month: ", -0.05, 0.2);
    rk_text_add(t, "}\n");
    begin_element(w, "trouble", "operations");
    end_element(w, "incidents_per_month: ", 1, 5);
    end_element(w, ", hours_each: ", 1, 20);
    end_element(w, ", person: dev, loss_per_minute: ", 0, 50);
    end_element(w, ", availability: ", 0.99, 0.998);
    rk_text_add(t, "}\n");
    begin_element(w, "fee", "software");
    end_element(w, "amount: ", 100, 5000);
    rk_text_add(t, flip(w, 2) ? ", spread_months: 7}\n" : "}\n");
}

static void write_plan(writer *w)
{
    rk_text *t = &w->text;
    rk_text_addf(t, "reckon: plan/1\ncurrency: USD\nstart: 2026-09\nmonths: %u\nprices: [b.yaml]\nexchange: {EUR: ",
                 3 + test_random(&w->seed) % 6);
    number(w, NULL, 1.0, 1.2);
    rk_text_add(t, "}\nactive_users: ");
    number(w, NULL, 1000, 2000);
    rk_text_add(t, flip(w, 2) ? "\nevents_per_day: 1000\n" : "\n");
    w->is_shared = flip(w, 2);
    if (w->is_shared) {
        rk_text_add(t, "fleets:\n  web: ");
        write_fleet(w);
    }
    rk_text_add(t, "services:\n");
    write_service(w, "a", "search");
    write_service(w, "b", "ads");
    write_service(w, "c", "search");
    rk_text_add(t, "elements:\n");
    write_elements(w);
}

static void save_book(const writer *book)
{
    FILE *file = fopen(book_path, "wb"); /* hundreds of times: not synced to the disk */
    assert_non_null(file);
    assert_int_equal(fwrite(book->text.at, 1, book->text.n, file), book->text.n);
    assert_int_equal(fclose(file), 0);
}

static rk_ledger *account_for(const rk_text *plan, const char *const *changes, size_t n_changes)
{
    static const rk_run quiet;
    rk_error err;
    rk_ledger *ledger = NULL;
    rk_plan_source source = {
        .path = plan_path, .text = {plan->at, plan->n}, .changes = changes, .n_changes = n_changes};
    if (rk_cost_run(&source, &quiet, &ledger, &err)) {
        fail_msg("%s\n%s", err.message, plan->at);
    }
    return ledger;
}

/* ---- comparing ---- */

/* What the accountant may have rounded away: half a millionth of the quantity and of the amount of each line. */
static double rounding_of(const rk_ledger *ledger)
{
    double sum = 1e-9 * (double)rk_ledger_total(ledger).micros / 1e6;
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        const char *price = rk_ledger_line(ledger, i)->unit_price, *bar = strchr(price, '/');
        double unit = strtod(price, NULL) / (bar ? strtod(bar + 1, NULL) : 1);
        sum += 1e-6 * (1 + unit);
    }
    return sum + 1e-6;
}

/* How much a rounding in direct costs moves what is shared by them: the total over the least month of direct costs. */
static double leverage_of(const rk_ledger *ledger)
{
    double direct[RK_MONTHS_MAX] = {0}, least = INFINITY;
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        direct[line->month] += line->is_shared ? 0 : (double)line->amount.micros;
    }
    for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
        least = direct[m] < least ? direct[m] : least;
    }
    return 1 + (double)rk_ledger_total(ledger).micros / least;
}

static double exact_output(const rk_ledger *ledger, const rk_estimated *output)
{
    int64_t sum = 0;
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        const char *name = output->dimension == RK_BY_MONTH      ? rk_ledger_month(ledger, line->month)
                           : output->dimension == RK_BY_CATEGORY ? rk_category_name(line->category)
                                                                 : line->product_line;
        sum += !output->name || strcmp(output->name, name) == 0 ? line->amount.micros : 0;
    }
    return (double)sum / 1e6;
}

/* Runs one draw in every lane; outputs: [n_columns x lanes], the caller frees. */
static double *estimate(const rk_estimator *estimator, const double *values)
{
    size_t n_inputs = rk_estimator_n_inputs(estimator);
    double *inputs = calloc((n_inputs + 1) * RK_TAPE_LANES, sizeof *inputs);
    double *outputs = malloc(rk_estimator_n_columns(estimator) * RK_TAPE_LANES * sizeof *outputs);
    double *room = malloc((rk_estimator_room(estimator) + 1) * sizeof *room);
    assert_true(inputs && outputs && room);
    for (size_t i = 0; i < n_inputs * RK_TAPE_LANES; i++) {
        inputs[i] = values[i / RK_TAPE_LANES];
    }
    rk_estimator_prepare(estimator, room);
    rk_estimator_run(estimator, inputs, outputs, room);
    assert_null(rk_estimator_overrun(estimator, outputs, RK_TAPE_LANES));
    free(inputs);
    free(room);
    return outputs;
}

static void assert_same(const rk_estimator *estimator, const double *values, const rk_ledger *exact)
{
    double *outputs = estimate(estimator, values), allowed = rounding_of(exact);
    for (size_t i = 0; i < rk_estimator_n_outputs(estimator); i++) {
        const rk_estimated *output = rk_estimator_output(estimator, i);
        double wanted = exact_output(exact, output), got = outputs[i * RK_TAPE_LANES + 17];
        double factor = output->dimension == RK_BY_PRODUCT_LINE ? leverage_of(exact) : 1;
        if (!(fabs(got - wanted) <= allowed * factor)) {
            fail_msg("%s is %.6f, estimated as %.6f", output->name ? output->name : "the whole", wanted, got);
        }
    }
    free(outputs);
}

/* ---- the tests ---- */

static size_t set_reserved(const rk_ledger *ledger, char (*changes)[160])
{
    size_t n = 0;
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        const rk_cost_fleet *fleet = rk_ledger_fleet(ledger, i);
        if (ledger->plan->services[fleet->service[0]].fleet.reserved) {
            snprintf(changes[n++], sizeof *changes, "%s.%s.%sreserved.count=%lld",
                     fleet->is_shared ? "fleets" : "services", fleet->name, fleet->is_shared ? "" : "fleet.",
                     (long long)fleet->n_reserved[0]);
        }
    }
    return n;
}

/* One draw, to six places: into the estimator, and as numbers into plan and book. */
static void compare_draw(const rk_ledger *ledger, const rk_estimator *estimator, const writer *plan, writer *book,
                         uint64_t *seed)
{
    static char changes[PLAN_NUMBERS_MAX][160];
    static const char *list[PLAN_NUMBERS_MAX];
    double values[PLAN_NUMBERS_MAX], drawn[NUMBERS_MAX] = {0};
    size_t n = set_reserved(ledger, changes);
    for (size_t i = 0; i < rk_estimator_n_inputs(estimator); i++) {
        const rk_plan_input *input = rk_estimator_input(estimator, i);
        rk_spread ends = rk_distribution_spread(input->law);
        values[i] = ends.low + (ends.high - ends.low) * (test_random(seed) % 10000) / 1e4;
        values[i] = round(values[i] * 1e6) / 1e6;
        for (size_t k = 0; k < book->turn; k++) {
            drawn[k] = input->is_in_book && strcmp(book->where[k], input->path) == 0 ? values[i] : drawn[k];
        }
        if (!input->is_in_book) {
            snprintf(changes[n++], sizeof *changes, "%s=%.6f", input->path, values[i]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        list[i] = changes[i];
    }
    writer other = {.seed = book->seed, .drawn = drawn};
    write_book(&other);
    save_book(&other);
    rk_ledger *exact = account_for(&plan->text, list, n);
    assert_same(estimator, values, exact);
    rk_ledger_free(exact);
    rk_text_release(&other.text);
}

static void a_draw_costs_what_the_accountant_says_of_its_numbers(void **state)
{
    (void)state;
    size_t n_inputs = 0;
    for (uint64_t seed = 1; seed <= N_PLANS; seed++) {
        static writer plan, book;
        rk_error err;
        rk_estimator *estimator = NULL;
        double points[PLAN_NUMBERS_MAX];
        plan = (writer){.seed = seed};
        book = (writer){.seed = seed + 1000};
        write_plan(&plan);
        write_book(&book);
        book.seed = seed + 1000;
        save_book(&book);
        rk_ledger *ledger = account_for(&plan.text, NULL, 0);
        assert_int_equal(rk_estimator_new(ledger, &estimator, &err), RK_OK);
        for (size_t i = 0; i < rk_estimator_n_inputs(estimator); i++) {
            points[i] = rk_estimator_input(estimator, i)->point;
        }
        assert_same(estimator, points, ledger);
        n_inputs += rk_estimator_n_inputs(estimator);
        uint64_t at = seed;
        for (int d = 0; d < N_DRAWS; d++) {
            compare_draw(ledger, estimator, &plan, &book, &at);
        }
        rk_estimator_free(estimator);
        rk_ledger_free(ledger);
        rk_text_release(&plan.text);
        rk_text_release(&book.text);
    }
    assert_true(n_inputs > 30 * N_PLANS);
}

static rk_ledger *small_ledger(const char *quantity, const char *more)
{
    writer book = {.seed = 2, .drawn = (double[NUMBERS_MAX]){0}};
    rk_text plan = {0};
    rk_text_add(&book.text, "reckon: prices/1\ncurrency: USD\nprices:\n"
                            "  m: {kind: machine, hour: {on_demand: 0.5}}\n  r: {kind: machine, hour: {only: 0.5}}\n"
                            "  gb: {kind: rate, unit: GB, price: 2}\n");
    save_book(&book);
    rk_text_release(&book.text);
    rk_text_addf(&plan,
                 "reckon: plan/1\ncurrency: USD\nstart: 2026-09\nmonths: 12\nprices: [b.yaml]\nservices:\n"
                 "  a: {product_line: a, traffic: {requests_per_day: 100}%s}\n"
                 "elements:\n  - {name: disk, category: data, layer: data, service: a, use: gb, quantity: %s}\n",
                 more, quantity);
    rk_ledger *ledger = account_for(&plan, NULL, 0);
    rk_text_release(&plan);
    return ledger;
}

static void a_plan_costs_to_draw_what_varies_in_it(void **state)
{
    (void)state;
    rk_error err;
    rk_estimator *estimator = NULL;
    rk_ledger *ledger = small_ledger("{point: 5, uniform: [4, 8]}", "");
    assert_int_equal(rk_estimator_new(ledger, &estimator, &err), RK_OK);
    assert_int_equal(rk_estimator_n_inputs(estimator), 1);
    /* the whole, twelve months, a category and a product line; and that a quantity is at least 0 */
    assert_int_equal(rk_estimator_n_steps(estimator), 1 + 12 + 1 + 1 + 1);
    double *outputs = estimate(estimator, (double[]){7});
    assert_true(outputs[0] == 7 * 2 * 12);
    free(outputs);
    rk_estimator_free(estimator);
    rk_ledger_free(ledger);
}

static void a_number_that_no_cost_depends_on_is_told(void **state)
{
    (void)state;
    rk_error err;
    rk_estimator *estimator = NULL;
    rk_ledger *ledger = small_ledger("5", ", cpu_ms_per_request: {point: 5, uniform: [4, 8]}");
    assert_int_equal(rk_estimator_new(ledger, &estimator, &err), RK_OK);
    assert_int_equal(rk_estimator_n_inputs(estimator), 0);
    assert_int_equal(rk_estimator_n_idle(estimator), 1);
    assert_string_equal(rk_estimator_idle(estimator, 0)->path, "services.a.cpu_ms_per_request");
    rk_estimator_free(estimator);
    rk_ledger_free(ledger);
}

static void a_draw_that_needs_absurdly_many_machines_is_found(void **state)
{
    (void)state;
    rk_error err;
    rk_estimator *estimator = NULL;
    rk_ledger *ledger = small_ledger("5", ", capacity: {rps: {point: 5, lognormal: [5, 1]}}, fleet: {machine: m}");
    double inputs[RK_TAPE_LANES], room[64 * RK_TAPE_LANES], outputs[32 * RK_TAPE_LANES];
    assert_int_equal(rk_estimator_new(ledger, &estimator, &err), RK_OK);
    assert_true(rk_estimator_room(estimator) <= RK_COUNT_OF(room));
    assert_true(rk_estimator_n_columns(estimator) * RK_TAPE_LANES <= RK_COUNT_OF(outputs));
    for (size_t i = 0; i < RK_TAPE_LANES; i++) {
        inputs[i] = i == 7 ? 1e-10 : 5; /* 100 a day are 0.00116 a second */
    }
    rk_estimator_prepare(estimator, room);
    rk_estimator_run(estimator, inputs, outputs, room);
    assert_null(rk_estimator_overrun(estimator, outputs, 7));
    assert_string_equal(rk_estimator_overrun(estimator, outputs, 8), "a");
    rk_estimator_free(estimator);
    rk_ledger_free(ledger);
}

static void a_fleet_without_a_price_on_demand_cannot_be_drawn(void **state)
{
    (void)state;
    rk_error err;
    rk_estimator *estimator = NULL;
    rk_ledger *ledger = small_ledger("5", ", capacity: {rps: {point: 5, lognormal: [5, 1]}}, "
                                          "fleet: {machine: r, reserved: {option: only, count: 1}}");
    assert_int_equal(rk_estimator_new(ledger, &estimator, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "p.yaml:7:"));
    assert_non_null(strstr(err.message, "'r' has no on_demand price, and a draw may need more than its 1 reserved"));
    rk_ledger_free(ledger);
}

static void every_kind_of_element_can_be_drawn(void **state)
{
    (void)state;
    for (size_t i = 0; rk_element_kind_at(i); i++) {
        if (!rk_element_kind_at(i)->estimate) {
            fail_msg("elements of the kind '%s' have no estimate", rk_element_kind_at(i)->name);
        }
    }
}

static bool attempt(void *context)
{
    rk_error err;
    rk_estimator *estimator = NULL;
    rk_status status = rk_estimator_new(context, &estimator, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    if (!status) {
        rk_estimator_free(estimator);
    }
    return status == RK_OK;
}

static void every_short_allocation_is_told(void **state)
{
    (void)state;
    rk_ledger *ledger = small_ledger("{point: 5, uniform: [4, 8]}",
                                     ", capacity: {rps: {point: 5, lognormal: [5, 1]}}, fleet: {machine: m}");
    assert_true(fault_each(attempt, ledger) > 10);
    rk_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_draw_costs_what_the_accountant_says_of_its_numbers),
        cmocka_unit_test(a_plan_costs_to_draw_what_varies_in_it),
        cmocka_unit_test(a_number_that_no_cost_depends_on_is_told),
        cmocka_unit_test(a_draw_that_needs_absurdly_many_machines_is_found),
        cmocka_unit_test(a_fleet_without_a_price_on_demand_cannot_be_drawn),
        cmocka_unit_test(every_kind_of_element_can_be_drawn),
        cmocka_unit_test(every_short_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
