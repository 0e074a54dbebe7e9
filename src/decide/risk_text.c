/* risk_text.c - risk for machines. Money in units of the currency, to a hundredth of a hundredth. */
#include <math.h>

#include "decide/risk.h"

static void add_money(rk_json *json, const char *key, double value)
{
    rk_json_real(json, key, round(value * 1e4) / 1e4);
}

static void add_estimate(rk_json *json, const char *key, rk_estimate estimate)
{
    rk_json_object(json, key);
    add_money(json, "value", estimate.value);
    add_money(json, "low", estimate.low); /* null where the sample sets no bound */
    add_money(json, "high", estimate.high);
    rk_json_end_object(json);
}

static void add_share(rk_json *json, const char *key, rk_estimate estimate)
{
    rk_json_object(json, key);
    rk_json_real(json, "value", round(estimate.value * 1e6) / 1e6);
    rk_json_real(json, "low", round(estimate.low * 1e6) / 1e6);
    rk_json_real(json, "high", round(estimate.high * 1e6) / 1e6);
    rk_json_end_object(json);
}

static void add_row(rk_json *json, const rk_risk_row *row)
{
    static const char *const tails[RK_RISK_TAILS] = {"tail_mean_90", "tail_mean_95", "tail_mean_99"};
    rk_json_object(json, NULL);
    rk_json_cstring(json, "of", row->name ? rk_dimension_name(row->dimension) : "total");
    rk_json_cstring(json, "name", row->name);
    add_money(json, "point", row->point);
    add_estimate(json, "mean", row->mean);
    add_money(json, "sd", row->sd);
    add_estimate(json, "p10", row->p10);
    add_estimate(json, "p50", row->p50);
    add_estimate(json, "p90", row->p90);
    add_estimate(json, "p99", row->p99);
    for (size_t t = 0; t < RK_RISK_TAILS; t++) {
        add_estimate(json, tails[t], row->tail_mean[t]);
    }
    if (row->budget > 0) {
        add_money(json, "budget", row->budget);
        add_share(json, "chance_above_budget", row->above);
    }
    rk_json_end_object(json);
}

static void add_input(rk_json *json, const rk_risk_input *input)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "path", input->input->path);
    rk_json_cstring(json, "file", input->input->record->node->at.path);
    rk_json_u64(json, "line", input->input->record->node->at.line);
    rk_json_cstring(json, "law", rk_distribution_kind_of(input->input->law)->name);
    rk_json_real(json, "point", input->input->point);
    rk_json_real(json, "p10", input->p10);
    rk_json_real(json, "p90", input->p90);
    add_money(json, "total_at_p10", input->low);
    add_money(json, "total_at_p90", input->high);
    add_money(json, "swing", input->swing);
    add_share(json, "first_order_index", input->index.first);
    add_share(json, "total_index", input->index.total);
    rk_json_u64(json, "draws_moved_into_range", input->n_moved);
    rk_json_end_object(json);
}

static void add_steps(rk_json *json, const rk_risk *risk)
{
    rk_json_array(json, "convergence");
    for (size_t i = 0; i < risk->n_steps; i++) {
        rk_json_object(json, NULL);
        rk_json_u64(json, "draws", risk->steps[i].n);
        add_estimate(json, "mean", risk->steps[i].mean);
        add_estimate(json, "p90", risk->steps[i].p90);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

void rk_risk_json(const rk_risk *risk, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "name", rk_ledger_name(risk->ledger));
    rk_json_cstring(&json, "currency", rk_ledger_currency(risk->ledger));
    rk_json_cstring(&json, "method", risk->points == RK_POINTS_RANDOM ? "montecarlo" : "sobol");
    rk_json_u64(&json, "seed", risk->seed);
    rk_json_u64(&json, "draws", risk->n_draws);
    rk_json_u64(&json, "index_draws", risk->n_index_draws);
    rk_json_array(&json, "figures");
    for (size_t i = 0; i < risk->n_rows; i++) {
        add_row(&json, &risk->rows[i]);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "inputs");
    for (size_t i = 0; i < risk->n_inputs; i++) {
        add_input(&json, &risk->inputs[i]);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "without_effect");
    for (size_t i = 0; i < risk->n_idle; i++) {
        rk_json_cstring(&json, NULL, risk->idle[i]->path);
    }
    rk_json_end_array(&json);
    add_steps(&json, risk);
    rk_json_end_object(&json);
}
