/* view.c - sums of lines in a grid. Amounts are never negative and their total fits, so no sum here can overflow. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "cost/ledger_parts.h"

static const struct {
    const char *name, *words;
} dimensions[RK_N_DIMENSIONS] = {
    [RK_BY_CATEGORY] = {"category", "category"},
    [RK_BY_LAYER] = {"layer", "layer"},
    [RK_BY_PRODUCT_LINE] = {"product_line", "product line"},
    [RK_BY_MONTH] = {"month", "month"},
    [RK_BY_YEAR] = {"year", "year"},
    [RK_BY_SERVICE] = {"service", "service"},
    [RK_BY_ELEMENT] = {"element", "element"},
    [RK_BY_ORIGIN] = {"origin", "origin"},
    [RK_BY_BEHAVIOUR] = {"behaviour", "behaviour"},
    [RK_BY_SPEND] = {"spend", "spend"},
};

const char *rk_dimension_name(rk_dimension dimension) { return dimensions[dimension].name; }
const char *rk_dimension_words(rk_dimension dimension) { return dimensions[dimension].words; }

static rk_status parse_dimension(rk_slice word, rk_dimension *out, rk_error *err)
{
    const char *names[RK_N_DIMENSIONS];
    for (size_t i = 0; i < RK_N_DIMENSIONS; i++) {
        names[i] = dimensions[i].name;
        if (rk_slice_equal(word, rk_slice_of(names[i]))) {
            *out = (rk_dimension)i;
            return RK_OK;
        }
    }
    char got[32];
    snprintf(got, sizeof got, "%.*s", (int)(word.n < sizeof got ? word.n : sizeof got - 1), word.at);
    const char *near = rk_nearest_name(got, names, RK_N_DIMENSIONS);
    return rk_fail(
        err, RK_BAD_USAGE, "a ledger has no dimension '%s'%s%s%s", got,
        near ? "; did you mean '"
             : "; known are category, layer, product_line, month, year, service, element, origin, behaviour, spend",
        near ? near : "", near ? "'?" : "");
}

rk_status rk_dimensions_parse(const char *words, rk_dimension *rows, rk_dimension *columns, rk_error *err)
{
    const char *comma = strchr(words, ',');
    if (!comma) {
        return rk_fail(err, RK_BAD_USAGE, "rows and columns must look like service,month, got '%.60s'", words);
    }
    rk_status status = parse_dimension((rk_slice){words, (size_t)(comma - words)}, rows, err);
    return status ? status : parse_dimension(rk_slice_of(comma + 1), columns, err);
}

static const char *name_of(const rk_ledger *ledger, const rk_cost_line *line, rk_dimension dimension)
{
    switch (dimension) {
    case RK_BY_CATEGORY:
        return rk_category_name(line->category);
    case RK_BY_LAYER:
        return rk_layer_name(line->layer);
    case RK_BY_PRODUCT_LINE:
        return line->product_line;
    case RK_BY_MONTH:
        return ledger->month[line->month];
    case RK_BY_YEAR:
        return ledger->year[line->month];
    case RK_BY_SERVICE:
        return line->service_name;
    case RK_BY_ELEMENT:
        return line->element;
    case RK_BY_ORIGIN:
        return rk_origin_name(line->origin);
    case RK_BY_BEHAVIOUR:
        return rk_behaviour_name(line->behaviour);
    case RK_BY_SPEND:
        return rk_spend_name(line->spend);
    case RK_N_DIMENSIONS:
        break;
    }
    return "";
}

/* Months, years and services have their place whether or not they cost anything. */
static bool add_planned(const rk_ledger *ledger, rk_dimension dimension, rk_interner *names)
{
    bool ok = true;
    for (uint32_t m = 0; dimension == RK_BY_MONTH && m < ledger->plan->n_months; m++) {
        ok = ok && rk_interner_add(names, rk_slice_of(ledger->month[m])) != RK_NO_ID;
    }
    for (uint32_t m = 0; dimension == RK_BY_YEAR && m < ledger->plan->n_months; m++) {
        ok = ok && rk_interner_add(names, rk_slice_of(ledger->year[m])) != RK_NO_ID;
    }
    for (uint32_t s = 0; dimension == RK_BY_SERVICE && s < ledger->plan->n_services; s++) {
        ok = ok && rk_interner_add(names, rk_slice_of(ledger->plan->services[s].name)) != RK_NO_ID;
    }
    return ok;
}

static bool add_used(const rk_ledger *ledger, rk_basis basis, rk_dimension dimension, const char *name,
                     rk_interner *names)
{
    for (size_t i = 0; i < rk_ledger_n_entries(ledger, basis); i++) {
        const rk_cost_line *line = rk_ledger_entry(ledger, basis, i);
        if (line && strcmp(name_of(ledger, line, dimension), name) == 0) {
            return rk_interner_add(names, rk_slice_of(name)) != RK_NO_ID;
        }
    }
    return true;
}

/* Categories, layers, origins and kinds of spend that cost anything stand in the order of the method, not of the plan.
 */
static bool add_fixed(const rk_ledger *ledger, rk_basis basis, rk_dimension dimension, rk_interner *names)
{
    bool ok = true;
    for (int i = 0; ok && dimension == RK_BY_CATEGORY && i < (int)RK_N_CATEGORIES; i++) {
        ok = add_used(ledger, basis, dimension, rk_category_name((rk_category)i), names);
    }
    for (int i = 0; ok && dimension == RK_BY_LAYER && i < (int)RK_N_LAYERS; i++) {
        ok = add_used(ledger, basis, dimension, rk_layer_name((rk_layer)i), names);
    }
    for (int i = 0; ok && dimension == RK_BY_ORIGIN && i <= (int)RK_BILLED; i++) {
        ok = add_used(ledger, basis, dimension, rk_origin_name((rk_origin)i), names);
    }
    for (int i = 0; ok && dimension == RK_BY_SPEND && i <= (int)RK_CAPEX; i++) {
        ok = add_used(ledger, basis, dimension, rk_spend_name((rk_spend)i), names);
    }
    return ok;
}

static bool collect(const rk_ledger *ledger, rk_basis basis, rk_dimension dimension, rk_interner *names)
{
    bool ok = add_planned(ledger, dimension, names) && add_fixed(ledger, basis, dimension, names);
    for (size_t i = 0; ok && i < rk_ledger_n_entries(ledger, basis); i++) {
        const rk_cost_line *line = rk_ledger_entry(ledger, basis, i);
        ok = !line || rk_interner_add(names, rk_slice_of(name_of(ledger, line, dimension))) != RK_NO_ID;
    }
    return ok;
}

/* Names that live as long as the ledger: those of the interner are copied into one block of the view. */
static const char **copy_names(const rk_interner *names)
{
    uint32_t n = rk_interner_count(names);
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        bytes += rk_interner_key(names, i).n + 1;
    }
    const char **out = malloc(((size_t)n + 1) * sizeof *out + bytes);
    if (!out) {
        return NULL;
    }
    char *at = (char *)(out + n + 1);
    for (uint32_t i = 0; i < n; i++) {
        rk_slice key = rk_interner_key(names, i);
        memcpy(at, key.at, key.n);
        at[key.n] = '\0';
        out[i] = at;
        at += key.n + 1;
    }
    out[n] = NULL;
    return out;
}

typedef struct {
    rk_dimension dimension;
    rk_interner *names;
} axis;

static void sum_up(const rk_ledger *ledger, rk_basis basis, const axis *rows, const axis *columns, rk_view *view)
{
    for (size_t i = 0; i < rk_ledger_n_entries(ledger, basis); i++) {
        const rk_cost_line *line = rk_ledger_entry(ledger, basis, i);
        if (!line) {
            continue;
        }
        uint32_t r = rk_interner_find(rows->names, rk_slice_of(name_of(ledger, line, rows->dimension)));
        uint32_t c = rk_interner_find(columns->names, rk_slice_of(name_of(ledger, line, columns->dimension)));
        view->cell[(size_t)r * view->n_columns + c].micros += line->amount.micros;
        view->row_sum[r].micros += line->amount.micros;
        view->column_sum[c].micros += line->amount.micros;
        view->total.micros += line->amount.micros;
    }
}

rk_status rk_ledger_view(const rk_ledger *ledger, rk_basis basis, rk_dimension rows, rk_dimension columns, rk_view *out,
                         rk_error *err)
{
    rk_view view = {0};
    axis down = {rows, rk_interner_new()}, across = {columns, rk_interner_new()};
    bool ok = down.names && across.names && collect(ledger, basis, rows, down.names) &&
              collect(ledger, basis, columns, across.names);
    if (ok) {
        view.n_rows = rk_interner_count(down.names);
        view.n_columns = rk_interner_count(across.names);
        view.row = copy_names(down.names);
        view.column = copy_names(across.names);
        view.cell = calloc((size_t)view.n_rows * view.n_columns + 1, sizeof *view.cell);
        view.row_sum = calloc((size_t)view.n_rows + 1, sizeof *view.row_sum);
        view.column_sum = calloc((size_t)view.n_columns + 1, sizeof *view.column_sum);
        ok = view.row && view.column && view.cell && view.row_sum && view.column_sum;
    }
    if (ok) {
        sum_up(ledger, basis, &down, &across, &view);
        *out = view;
    } else {
        rk_view_release(&view);
    }
    rk_interner_free(down.names);
    rk_interner_free(across.names);
    return ok ? RK_OK : rk_fail_memory(err, "a view of a ledger");
}

void rk_view_release(rk_view *view)
{
    free(view->row);
    free(view->column);
    free(view->cell);
    free(view->row_sum);
    free(view->column_sum);
    *view = (rk_view){0};
}
