/* growth_words.c - see growth_words.h. */
#include "report/growth_words.h"

#include <math.h>
#include <stdio.h>

typedef enum { BYTES, SECONDS, MILLISECONDS } unit;

static const struct {
    const char *key, *words;
    unit unit;
} figures[RK_SCALE_FIGURES] = {
    [RK_SCALE_TRAINING_S] = {"training_s", "time of training", SECONDS},
    [RK_SCALE_TRAINING_BYTES] = {"training_bytes", "memory of training", BYTES},
    [RK_SCALE_MODEL_BYTES] = {"model_bytes", "model file", BYTES},
    [RK_SCALE_RESIDENT_BYTES] = {"resident_bytes", "memory of a server", BYTES},
    [RK_SCALE_CPU_MS] = {"cpu_ms_per_request", "processor time of an answer", MILLISECONDS},
};

const char *rk_scale_figure_key(rk_scale_figure figure) { return figures[figure].key; }
const char *rk_scale_figure_words(rk_scale_figure figure) { return figures[figure].words; }

/* What is beyond all machines or all patience is not told to the byte or the hour. */
static void add_figure(rk_scale_figure figure, double value, rk_text *out)
{
    static const double bytes_told = 1e18, seconds_told = 100 * 365.25 * 86400;
    double seconds = figures[figure].unit == SECONDS ? value : value / 1000;
    if (!isfinite(value)) {
        rk_text_add(out, "n/a");
    } else if (figures[figure].unit == BYTES) {
        rk_text_add(out, value > bytes_told ? "over " : "");
        rk_text_add_bytes(out, fmin(value, bytes_told));
    } else if (seconds > seconds_told) {
        rk_text_add(out, "over 100 years");
    } else {
        rk_text_add_seconds(out, seconds);
    }
}

static void add_band(rk_scale_figure figure, rk_estimate e, rk_text *out)
{
    add_figure(figure, e.value, out);
    rk_text_add(out, " (");
    add_figure(figure, e.low, out);
    rk_text_add(out, " to ");
    add_figure(figure, e.high, out);
    rk_text_add(out, ")");
}

/* ---- tables ---- */

static void shops_table(const rk_scale_report *r, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"users", true},    {"items", true},  {"events", true},
                                        {"training", true}, {"memory", true}, {"model", true},
                                        {"server", true},   {"cpu", true},    {"capacity/s", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_text cell = {0};
    for (size_t i = 0; i < r->n_shops; i++) {
        const rk_scale_shop *shop = &r->shops[i];
        rk_table_add_fixed(&table, shop->users, 0);
        rk_table_add_fixed(&table, shop->items, 0);
        rk_table_add_fixed(&table, (double)shop->events, 0);
        for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
            add_figure((rk_scale_figure)f, shop->figure[f], &cell);
            rk_table_take(&table, &cell);
        }
        rk_table_add_fixed(&table, shop->capacity_rps, 0);
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_text_release(&cell);
}

static void add_exponent(rk_estimate e, rk_text *out)
{
    if (!isfinite(e.value)) {
        rk_text_add(out, "none seen");
        return;
    }
    rk_text_add_fixed(out, e.value, 2);
    rk_text_add(out, " (");
    rk_text_add_fixed(out, e.low, 2);
    rk_text_add(out, " to ");
    rk_text_add_fixed(out, e.high, 2);
    rk_text_add(out, ")");
}

static void fits_table(const rk_scale_report *r, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"to the power of", false},
                                        {"both", true},
                                        {"users alone", true},
                                        {"items alone", true},
                                        {"largest shop, foretold by the others", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_text cell = {0};
    for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
        const rk_scale_fit *fit = &r->fit[f];
        rk_table_add(&table, figures[f].words);
        if (!fit->is_fitted) {
            rk_table_add(&table, "not fitted");
            for (size_t c = 0; c < 3; c++) {
                rk_table_add(&table, NULL);
            }
            continue;
        }
        const rk_estimate exponents[] = {fit->both, fit->users, fit->items};
        for (size_t c = 0; c < RK_COUNT_OF(exponents); c++) {
            add_exponent(exponents[c], &cell);
            rk_table_take(&table, &cell);
        }
        if (isfinite(fit->foretold) && fit->measured > 0) {
            rk_text_addf(&cell, "%+.0f %%", 100 * (fit->foretold / fit->measured - 1));
        }
        rk_table_take(&table, &cell);
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_text_release(&cell);
}

static void sizes_table(const rk_scale_report *r, rk_table_style style, rk_text *out)
{
    rk_column columns[RK_SCALE_FIGURES + 1] = {{"items", true}};
    rk_table table = {.columns = columns, .n_columns = RK_SCALE_FIGURES + 1};
    rk_text cell = {0};
    for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
        columns[f + 1] = (rk_column){figures[f].words, true};
    }
    for (size_t i = 0; i < RK_SCALE_SIZES; i++) {
        rk_table_add_fixed(&table, r->size[i].items, 0);
        for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
            add_band((rk_scale_figure)f, r->size[i].figure[f], &cell);
            rk_table_take(&table, &cell);
        }
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_text_release(&cell);
}

/* An end where no fleet would do has no cost. */
static void add_cost(rk_estimate cost, rk_text *out)
{
    rk_text_add_fixed(out, cost.value, 0);
    rk_text_add(out, " (");
    rk_text_add_fixed(out, cost.low, 0);
    if (isfinite(cost.high)) {
        rk_text_add(out, " to ");
        rk_text_add_fixed(out, cost.high, 0);
        rk_text_add(out, ")");
    } else {
        rk_text_add(out, ", or none will do)");
    }
}

static void cells_table(const rk_scale_report *r, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"items", true},    {"requests/s", true}, {"machines", true},
                                        {"of kind", false}, {"a year", true},     {"per 1,000", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_text cell = {0};
    for (size_t i = 0; i < RK_SCALE_SIZES; i++) {
        for (size_t k = 0; k < RK_SCALE_RATES; k++) {
            const rk_scale_cell *c = &r->size[i].cell[k];
            rk_table_add_fixed(&table, r->size[i].items, 0);
            rk_table_add_fixed(&table, r->rate[k], 0);
            if (!c->machine) {
                rk_table_add(&table, "none will do");
                rk_table_add(&table, NULL);
                rk_table_add(&table, NULL);
                rk_table_add(&table, NULL);
                continue;
            }
            rk_table_add_fixed(&table, (double)c->n_machines, 0);
            rk_table_add(&table, c->machine);
            add_cost(c->cost_per_year, &cell);
            rk_table_take(&table, &cell);
            rk_table_add_fixed(&table, c->cost_per_1000, (int)fmin(9, fmax(2, 2 - floor(log10(c->cost_per_1000)))));
        }
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_text_release(&cell);
}

static bool has_none(const rk_scale_report *r)
{
    for (size_t i = 0; i < RK_SCALE_SIZES; i++) {
        for (size_t k = 0; k < RK_SCALE_RATES; k++) {
            if (!r->size[i].cell[k].machine || !isfinite(r->size[i].cell[k].cost_per_year.high)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- sentences ---- */

static void add_items(double items, rk_text *out)
{
    if (items < 1e15) {
        double digits = pow(10, fmax(0, floor(log10(items)) - 1)); /* two figures are all that is known */
        rk_text_add_fixed(out, round(items / digits) * digits, 0);
    } else {
        rk_text_add(out, "any number");
    }
}

static void limits_words(const rk_scale_report *r, rk_text *out)
{
    for (size_t i = 0; i < r->n_limits; i++) {
        const rk_scale_limit *limit = &r->limits[i];
        rk_text_addf(out, "  %zu. %s, %s: ", i + 1, limit->words, limit->limit);
        if (limit->items.value < 1e15) {
            rk_text_add(out, "at about ");
            add_items(limit->items.value, out);
            rk_text_add(out, " items (");
            add_items(limit->items.low, out);
            rk_text_add(out, " to ");
            add_items(limit->items.high, out);
            rk_text_add(out, ")\n");
        } else {
            rk_text_add(out, "not reached\n");
        }
    }
}

void rk_scale_words(const rk_scale_report *r, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "\n%s on synthetic shops, the first of them as good as empty:\n\n", r->model);
    shops_table(r, style, out);
    rk_text_add(out, "\nWhat the empty shop takes aside, each figure grows so (95 % intervals):\n\n");
    fits_table(r, style, out);
    if (r->has_traffic) {
        rk_text_add(out, "\nProcessor time grows with requests a second to the power of ");
        add_exponent(r->by_traffic, out);
        rk_text_add(out, ".\n");
    }
    rk_text_addf(out,
                 "\nOn paper, with %g users an item (in brackets: where a shop lies 95 times of 100, if it grows on "
                 "like this):\n\n",
                 r->users_per_item);
    sizes_table(r, style, out);
    rk_text_addf(out,
                 "\nMachines that answer inside p99 %g ms, planned %g %% full, and one retraining a day, in %s; the "
                 "cheapest kind with the memory (a machine carries ",
                 r->p99_max_ms, 100 * r->utilisation, r->currency);
    rk_text_add_fixed(out, 100 * r->load_share, 0);
    rk_text_add(out, " % of its processor time inside the limit):\n\n");
    cells_table(r, style, out);
    if (has_none(r)) {
        rk_text_addf(
            out,
            "\nNone will do: no machine for rent holds the server or trains the model within a month, or an answer "
            "alone takes more than %g ms, or a million machines are too few.\n",
            r->p99_max_ms);
    }
    rk_text_add(out, "\nWhat ends first:\n");
    limits_words(r, out);
}

/* ---- JSON ---- */

static void json_shops(const rk_scale_report *r, rk_json *json)
{
    rk_json_array(json, "shops");
    for (size_t i = 0; i < r->n_shops; i++) {
        const rk_scale_shop *shop = &r->shops[i];
        rk_json_object(json, NULL);
        rk_json_u64(json, "users", shop->users);
        rk_json_u64(json, "items", shop->items);
        rk_json_u64(json, "events", shop->events);
        for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
            rk_json_real(json, figures[f].key, shop->figure[f]);
        }
        rk_json_real(json, "rps", shop->capacity_rps);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void json_fits(const rk_scale_report *r, rk_json *json)
{
    rk_json_object(json, "growth");
    for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
        const rk_scale_fit *fit = &r->fit[f];
        if (!fit->is_fitted) {
            rk_json_null(json, figures[f].key);
            continue;
        }
        rk_json_object(json, figures[f].key);
        rk_json_real(json, "floor", fit->floor);
        rk_estimate_json(json, "exponent", fit->both);
        rk_estimate_json(json, "users_exponent", fit->users);
        rk_estimate_json(json, "items_exponent", fit->items);
        rk_json_real(json, "largest_foretold", fit->foretold);
        rk_json_real(json, "largest_measured", fit->measured);
        rk_json_end_object(json);
    }
    rk_json_end_object(json);
}

static void json_sizes(const rk_scale_report *r, rk_json *json)
{
    rk_json_array(json, "sizes");
    for (size_t i = 0; i < RK_SCALE_SIZES; i++) {
        const rk_scale_size *size = &r->size[i];
        rk_json_object(json, NULL);
        rk_json_real(json, "items", size->items);
        rk_json_real(json, "users", size->users);
        for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
            rk_estimate_json(json, figures[f].key, size->figure[f]);
        }
        rk_json_array(json, "fleets");
        for (size_t k = 0; k < RK_SCALE_RATES; k++) {
            const rk_scale_cell *cell = &size->cell[k];
            rk_json_object(json, NULL);
            rk_json_real(json, "requests_per_s", r->rate[k]);
            rk_json_cstring(json, "machine", cell->machine);
            if (cell->machine) {
                rk_json_i64(json, "machines", cell->n_machines);
                rk_estimate_json(json, "cost_per_year", cell->cost_per_year);
                rk_json_real(json, "cost_per_1000", cell->cost_per_1000);
            }
            rk_json_end_object(json);
        }
        rk_json_end_array(json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

void rk_scale_json(const rk_scale_report *r, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "reckon", "scale/1");
    rk_json_cstring(&json, "model", r->model);
    rk_json_cstring(&json, "made_at", r->made_at);
    rk_json_cstring(&json, "machine", r->machine);
    rk_json_cstring(&json, "build", r->build);
    rk_json_u64(&json, "seed", r->seed);
    rk_json_real(&json, "latency_ms_p99_max", r->p99_max_ms);
    rk_json_real(&json, "users_per_item", r->users_per_item);
    rk_json_real(&json, "load_share", r->load_share);
    rk_json_cstring(&json, "currency", r->currency);
    json_shops(r, &json);
    json_fits(r, &json);
    if (r->has_traffic) {
        rk_estimate_json(&json, "traffic_exponent", r->by_traffic);
    }
    json_sizes(r, &json);
    rk_json_array(&json, "limits");
    for (size_t i = 0; i < r->n_limits; i++) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "what", r->limits[i].words);
        rk_json_cstring(&json, "limit", r->limits[i].limit);
        rk_estimate_json(&json, "items", r->limits[i].items);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}
