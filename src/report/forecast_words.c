/* forecast_words.c - see forecast_words.h. */
#include "report/forecast_words.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"

/* What stands in a row: the days begin .. end - 1 of the forecast, all of one month. */
typedef struct {
    size_t i, begin, end;
    int64_t month_begin, month_end; /* days */
    char name[11];
} outlook_row;

static bool is_by_month(const rk_outlook *o) { return o->ask->n_blocks > 0; }

static const rk_foretold *foretold_of(const rk_outlook *o)
{
    return is_by_month(o) ? &o->forecast->block : &o->forecast->step;
}

static int64_t first_foretold_day(const rk_outlook *o) { return o->history->first_day + (int64_t)o->history->n_days; }

static outlook_row row_at(const rk_outlook *o, size_t i)
{
    outlook_row r = {.i = i, .begin = i, .end = i + 1};
    if (is_by_month(o)) {
        r.begin = i > 0 ? o->ask->block_end[i - 1] : 0;
        r.end = o->ask->block_end[i];
    }
    int64_t day = first_foretold_day(o) + (int64_t)r.begin;
    int year;
    unsigned month, of_month;
    rk_date_of_days(day, &year, &month, &of_month);
    r.month_begin = day - of_month + 1;
    r.month_end = r.month_begin + rk_days_in_month(year, month);
    rk_format_date(day, r.name);
    r.name[is_by_month(o) ? 7 : 10] = '\0';
    return r;
}

/* ---- for people ---- */

static void say_history(const rk_outlook *o, rk_text *out)
{
    const rk_history *h = o->history;
    char first[11], last[11];
    rk_format_date(h->first_day, first);
    rk_format_date(first_foretold_day(o) - 1, last);
    rk_text_addf(out, "history: %zu %s, %s to %s, ", h->n_days, h->n_days == 1 ? "day" : "days", first, last);
    rk_text_add_fixed(out, rk_history_sum(h, h->first_day, first_foretold_day(o)), 0);
    rk_text_add(out, " requests");
    if (h->n_missing > 0) {
        rk_text_addf(out, "; %zu %s missing", h->n_missing, h->n_missing == 1 ? "day is" : "days are");
    }
    rk_text_add(out, "\n");
}

static void say_model(const rk_outlook *o, rk_text *out)
{
    const rk_forecast_model *m = o->model;
    bool is_relative = m->form.error == RK_ERROR_MULTIPLICATIVE;
    rk_text_add(out, "model: ");
    rk_forecast_model_name(m, out);
    rk_text_addf(out, ", %s", m->why);
    if (!isnan(m->deviation)) {
        rk_text_add(out, "; the next day's standard error: ");
        rk_text_add_fixed(out, is_relative ? 100 * m->deviation : m->deviation, is_relative ? 1 : 0);
        rk_text_add(out, is_relative ? " %" : " requests");
    }
    rk_text_add(out, "\n\n");
}

static void add_number(rk_table *t, double value)
{
    rk_text text = {0};
    rk_text_add_fixed(&text, value, 0);
    rk_table_take(t, &text);
    rk_text_release(&text);
}

static void add_row(const rk_outlook *o, const outlook_row *r, rk_table *t)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const rk_foretold *f = foretold_of(o);
    rk_table_add(t, r->name);
    if (is_by_month(o)) {
        rk_table_addf(t, "%zu of %d", r->end - r->begin, (int)(r->month_end - r->month_begin));
        if (r->month_begin < first_foretold_day(o)) {
            add_number(t, rk_history_sum(o->history, r->month_begin, r->month_end));
        } else {
            rk_table_add(t, "");
        }
    } else {
        rk_table_add(t, days[rk_weekday_of_days(first_foretold_day(o) + (int64_t)r->begin)]);
    }
    add_number(t, f->value[r->i]);
    for (size_t l = 0; l < o->ask->n_levels; l++) {
        add_number(t, f->low[l * f->n + r->i]);
        add_number(t, f->high[l * f->n + r->i]);
    }
}

void rk_report_outlook(const rk_outlook *o, rk_table_style style, rk_text *out)
{
    const rk_foretold *f = foretold_of(o);
    char titles[2 * RK_OUTLOOK_LEVELS_MAX][24];
    rk_column heads[4 + 2 * RK_OUTLOOK_LEVELS_MAX] = {{"day", false}, {"", false}, {"foretold", true}};
    size_t n = 3;
    if (is_by_month(o)) {
        heads[0].title = "month";
        heads[1] = (rk_column){"days", true};
        heads[2] = (rk_column){"known", true};
        heads[n++] = (rk_column){"foretold", true};
    }
    for (size_t l = 0; l < o->ask->n_levels; l++) {
        snprintf(titles[2 * l], sizeof *titles, "%g %% from", 100 * o->ask->level[l]);
        snprintf(titles[2 * l + 1], sizeof *titles, "to");
        heads[n++] = (rk_column){titles[2 * l], true};
        heads[n++] = (rk_column){titles[2 * l + 1], true};
    }
    rk_table t = {.columns = heads, .n_columns = n};
    for (size_t i = 0; i < f->n; i++) {
        outlook_row r = row_at(o, i);
        add_row(o, &r, &t);
    }
    say_history(o, out);
    say_model(o, out);
    rk_table_print(&t, style, out);
    rk_table_release(&t);
    if (is_by_month(o)) {
        rk_text_add(
            out,
            "\nknown: requests that the history has in the month; foretold: of its other days, those of the table\n");
    }
}

/* ---- for machines ---- */

/* Thousandths of a request: the rest is the luck of the simplex, and differs between processors. */
static double rounded(double requests) { return round(requests * 1000) / 1000; }

static void history_json(const rk_outlook *o, rk_json *json)
{
    const rk_history *h = o->history;
    char day[11];
    rk_json_object(json, "history");
    rk_json_cstring(json, "file", o->path);
    rk_format_date(h->first_day, day);
    rk_json_cstring(json, "first", day);
    rk_format_date(first_foretold_day(o) - 1, day);
    rk_json_cstring(json, "last", day);
    rk_json_u64(json, "days", h->n_days);
    rk_json_u64(json, "missing", h->n_missing);
    rk_json_real(json, "requests", rk_history_sum(h, h->first_day, first_foretold_day(o)));
    rk_json_end_object(json);
}

static void model_json(const rk_forecast_model *m, rk_json *json)
{
    rk_text name = {0};
    rk_forecast_model_name(m, &name);
    rk_json_object(json, "model");
    rk_json_string(json, "name", (rk_slice){name.at, name.n});
    rk_json_cstring(json, "why", m->why);
    rk_json_u64(json, "forms", m->n_tried);
    if (m->kind == RK_FORECAST_ETS) {
        rk_json_real(json, "alpha", m->state.alpha);
        rk_json_real(json, "beta", m->state.beta);
        rk_json_real(json, "gamma", m->state.gamma);
        rk_json_real(json, "phi", m->state.phi);
        rk_json_real(json, "aicc", m->aicc);
    }
    rk_json_cstring(json, "error", m->form.error == RK_ERROR_MULTIPLICATIVE ? "share" : "requests");
    rk_json_real(json, "standard_error", m->deviation);
    rk_json_end_object(json);
    rk_text_release(&name);
}

static void row_json(const rk_outlook *o, const outlook_row *r, rk_json *json)
{
    const rk_foretold *f = foretold_of(o);
    rk_json_object(json, NULL);
    rk_json_cstring(json, is_by_month(o) ? "month" : "date", r->name);
    if (is_by_month(o)) {
        rk_json_u64(json, "days", r->end - r->begin);
        rk_json_u64(json, "of_days", (uint64_t)(r->month_end - r->month_begin));
        rk_json_real(json, "known", rk_history_sum(o->history, r->month_begin, r->month_end));
    }
    rk_json_real(json, "foretold", rounded(f->value[r->i]));
    rk_json_array(json, "intervals");
    for (size_t l = 0; l < o->ask->n_levels; l++) {
        rk_json_object(json, NULL);
        rk_json_real(json, "level", o->ask->level[l]);
        rk_json_real(json, "low", rounded(f->low[l * f->n + r->i]));
        rk_json_real(json, "high", rounded(f->high[l * f->n + r->i]));
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
}

void rk_outlook_json(const rk_outlook *o, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    history_json(o, &json);
    model_json(o->model, &json);
    rk_json_cstring(&json, "intervals", foretold_of(o)->is_simulated ? "simulated" : "formula");
    rk_json_array(&json, is_by_month(o) ? "months" : "days");
    for (size_t i = 0; i < foretold_of(o)->n; i++) {
        outlook_row r = row_at(o, i);
        row_json(o, &r, &json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}
