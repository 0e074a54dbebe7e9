/* figures.c - from a table with a row per user to figures: averages, resamples, and what lists hold together. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/user_table.h"
#include "math/sorted.h"

rk_status rk_user_table_estimate(const rk_user_table *table, const uint32_t *row, size_t n, const rk_run *run,
                                 rk_estimate *out, rk_error *err)
{
    double mean[RK_SAMPLE_COLS_MAX];
    rk_interval interval[RK_SAMPLE_COLS_MAX];
    rk_sample sample = {table->value, n, table->n_columns, table->over, row};
    rk_sample_mean(&sample, mean);
    rk_status status = rk_sample_interval(&sample, RK_EVAL_RESAMPLES, run, interval, err);
    for (size_t c = 0; c < table->n_columns && status == RK_OK; c++) {
        out[c] = (rk_estimate){mean[c], interval[c].low, interval[c].high};
    }
    return status;
}

/* ---- one figure ---- */

static void name_figure(rk_figure *figure, const rk_metric *metric, uint32_t k)
{
    int n = metric->has_cut ? snprintf(figure->key, sizeof figure->key, "%s@%u", metric->name, k)
                            : snprintf(figure->key, sizeof figure->key, "%s", metric->name);
    assert(n > 0 && (size_t)n < sizeof figure->key);
    (void)n;
}

static bool fill_mean(const rk_user_table *t, const rk_metric *metric, uint32_t k, rk_figures_wish wish, rk_figure *out)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        const rk_user_column *column = &t->column[c];
        if (column->metric == metric && column->k == k && column->part == wish.part) {
            out->value = rk_metric_finish(metric, wish.estimate[c].value);
            out->low = rk_metric_finish(metric, wish.estimate[c].low);
            out->high = rk_metric_finish(metric, wish.estimate[c].high);
            out->has_interval = true;
            out->column = c;
            out->over = t->over[c];
            return !isnan(out->value);
        }
    }
    return false;
}

/* room: [n_items] */
static bool fill_shown(const rk_user_table *t, const rk_metric *metric, size_t cut, uint32_t *room, rk_figure *out)
{
    size_t n_items = t->taken.n_items;
    memcpy(room, t->shown + cut * n_items, n_items * sizeof *room);
    rk_sort_u32(room, n_items);
    out->value = metric->of_shown(room, n_items);
    return !isnan(out->value);
}

/* ---- all of them ---- */

rk_status rk_user_table_figures(const rk_user_table *table, rk_figures_wish wish, rk_figure **figure, size_t *n_figures,
                                rk_error *err)
{
    const rk_metric *metric;
    size_t n_rows = 0, n = 0;
    while (wish.part == RK_STRATA ? rk_metric_at(n_rows) : rk_part_metric_at(n_rows)) {
        n_rows++;
    }
    rk_figure *made = calloc(n_rows * table->plan->n_cuts + 1, sizeof *made);
    uint32_t *room = malloc(((size_t)table->taken.n_items + 1) * sizeof *room);
    if (!made || !room) {
        free(made);
        free(room);
        return rk_fail_memory(err, "the figures");
    }
    for (size_t i = 0; i < n_rows; i++) {
        metric = wish.part == RK_STRATA ? rk_metric_at(i) : rk_part_metric_at(i);
        for (size_t cut = 0; cut < (metric->has_cut ? table->plan->n_cuts : 1); cut++) {
            uint32_t k = metric->has_cut ? table->plan->cut[cut] : 0;
            made[n] = (rk_figure){.metric = metric};
            name_figure(&made[n], metric, k);
            n += metric->of_user ? fill_mean(table, metric, k, wish, &made[n])
                                 : wish.with_shown && fill_shown(table, metric, cut, room, &made[n]);
        }
    }
    free(room);
    *figure = made;
    *n_figures = n;
    return RK_OK;
}
