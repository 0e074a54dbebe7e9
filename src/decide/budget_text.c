/* budget_text.c - a budget for machines: JSON in millionths, CSV in the currency. */
#include <math.h>

#include "base/clock.h"
#include "decide/budget.h"

/* ---- JSON ---- */

static void month_json(const rk_budget_forecast *f, const rk_budget_month *month, const char *key, rk_json *json)
{
    rk_json_object(json, key);
    if (!key) {
        rk_json_cstring(json, "month", month->name);
    }
    rk_json_object(json, "requests");
    for (int end = 0; end < RK_N_ENDS; end++) {
        rk_json_real(json, rk_traffic_end_name((rk_traffic_end)end), (double)month->requests_micros[end] / 1e6);
    }
    rk_json_end_object(json);
    rk_json_object(json, "cost");
    for (int end = 0; end < RK_N_ENDS; end++) {
        rk_json_i64(json, rk_traffic_end_name((rk_traffic_end)end), month->cost[end].micros);
    }
    rk_json_end_object(json);
    if (f->has_budget) {
        rk_json_i64(json, "budget", month->budget.micros);
        rk_json_i64(json, "left", month->budget.micros - month->cost[RK_AT_POINT].micros);
    }
    rk_json_end_object(json);
}

static void history_json(const rk_budget_service *s, rk_json *json)
{
    char day[11];
    rk_json_object(json, "history");
    rk_json_cstring(json, "file", s->path);
    rk_format_date(s->traffic.first_day, day);
    rk_json_cstring(json, "first", day);
    rk_format_date(s->traffic.last_day, day);
    rk_json_cstring(json, "last", day);
    rk_json_u64(json, "days", s->traffic.n_days);
    rk_json_u64(json, "missing", s->traffic.n_missing);
    rk_json_u64(json, "event_days", s->traffic.n_events);
    rk_json_u64(json, "filled", s->traffic.n_filled);
    rk_json_end_object(json);
}

/* A ten-thousandth: the rest is the luck of the simplex, and differs between processors. */
static double rounded(double share) { return round(share * 1e4) / 1e4; }

static void forecast_json(const rk_traffic_forecast *t, rk_json *json)
{
    rk_json_u64(json, "days_ahead", t->n_ahead);
    if (t->n_ahead == 0) {
        return;
    }
    rk_json_cstring(json, "model", t->model);
    rk_json_cstring(json, "trend", rk_trends_name(t->taken));
    rk_json_object(json, "backtest");
    rk_json_u64(json, "block_days", RK_TRAFFIC_BLOCK_DAYS);
    rk_json_u64(json, "starts", t->backtest.n_origins);
    rk_json_u64(json, "sums", t->backtest.n_blocks);
    rk_json_u64(json, "inside", t->backtest.n_inside);
    rk_json_real(json, "mape", rounded(t->backtest.error));
    rk_json_real(json, "mape_of_other_trend", rounded(t->other_error));
    rk_json_end_object(json);
    rk_json_real(json, "widened", rounded(t->widened));
}

static void service_json(const rk_budget_service *s, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "name", s->name);
    if (!s->path) {
        rk_json_null(json, "history");
    } else {
        history_json(s, json);
        forecast_json(&s->traffic, json);
        rk_json_object(json, "set");
        for (int end = 0; end < RK_N_ENDS; end++) {
            rk_json_cstring(json, rk_traffic_end_name((rk_traffic_end)end), s->change[end]);
        }
        rk_json_cstring(json, "weekdays", s->weekdays);
        rk_json_end_object(json);
    }
    rk_json_end_object(json);
}

void rk_budget_json(const rk_budget_forecast *f, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", f->name);
    rk_json_cstring(&json, "currency", f->currency);
    rk_json_cstring(&json, "basis", rk_basis_name(f->basis));
    rk_json_real(&json, "level", f->level);
    rk_json_array(&json, "months");
    for (uint32_t m = 0; m < f->n_months; m++) {
        month_json(f, &f->months[m], NULL, &json);
    }
    rk_json_end_array(&json);
    month_json(f, &f->total, "total", &json);
    rk_json_object(&json, "shortfall_requests");
    for (int end = 0; end < RK_N_ENDS; end++) {
        rk_json_real(&json, rk_traffic_end_name((rk_traffic_end)end), (double)f->shortfall_micros[end] / 1e6);
    }
    rk_json_end_object(&json);
    rk_json_array(&json, "services");
    for (uint32_t s = 0; s < f->n_services; s++) {
        service_json(&f->services[s], &json);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "notes");
    for (size_t i = 0; i < f->n_notes; i++) {
        rk_json_cstring(&json, NULL, f->notes[i]);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* ---- CSV ---- */

void rk_budget_csv(const rk_budget_forecast *f, rk_text *out)
{
    static const rk_traffic_end order[] = {RK_AT_LOW, RK_AT_POINT, RK_AT_HIGH};
    rk_text_add(out, "month,requests_low,requests,requests_high,cost_low,cost,cost_high");
    rk_text_addf(out, "%s,currency\n", f->has_budget ? ",budget,left" : "");
    for (uint32_t m = 0; m < f->n_months; m++) {
        const rk_budget_month *month = &f->months[m];
        rk_text_add(out, month->name);
        for (size_t i = 0; i < RK_COUNT_OF(order); i++) {
            rk_text_add(out, ",");
            rk_money_print_exact((rk_money){month->requests_micros[order[i]]}, out);
        }
        for (size_t i = 0; i < RK_COUNT_OF(order); i++) {
            rk_text_add(out, ",");
            rk_money_print_exact(month->cost[order[i]], out);
        }
        if (f->has_budget) {
            rk_text_add(out, ",");
            rk_money_print_exact(month->budget, out);
            rk_text_add(out, ",");
            rk_money_print_exact((rk_money){month->budget.micros - month->cost[RK_AT_POINT].micros}, out);
        }
        rk_text_addf(out, ",%s\n", f->currency);
    }
}
