/* kept.c - two models on the same users: the ratio of their figures and how sure it is.
 *
 * Both figures are sums over users divided by the same weights, so the ratio of the means is the ratio of the sums, and
 * the bootstrap of bootstrap.h takes it as one more figure: column "model" weighed by column "reference". Where the
 * figure is the root of a mean, the ratio is the root of the ratio.
 */
#include <math.h>
#include <stdlib.h>

#include "eval/bootstrap.h"
#include "eval/eval.h"
#include "eval/metric.h"

enum { REFERENCE, MODEL, N_COLUMNS };

static double cell(const rk_evaluation *evaluation, size_t row, size_t column)
{
    return evaluation->table[row * evaluation->n_columns + column];
}

static bool is_comparable(const rk_evaluation *a, const rk_figure *fa, const rk_evaluation *b, const rk_figure *fb)
{
    if (!fa || !fb || !fa->has_interval || !fb->has_interval || a->n_rows != b->n_rows) {
        return false;
    }
    if (fa->metric->finish && fa->metric->finish != sqrt) {
        return false;
    }
    for (size_t row = 0; row < a->n_rows; row++) {
        if (cell(a, row, fa->over) != cell(b, row, fb->over)) {
            return false;
        }
    }
    return true;
}

static rk_status fill(const rk_sample *sample, const rk_run *run, rk_figure *out, rk_error *err)
{
    bool is_root = out->metric->finish != NULL;
    double mean[N_COLUMNS];
    rk_interval interval[N_COLUMNS];
    rk_sample_mean(sample, mean);
    rk_status status = rk_sample_interval(sample, RK_EVAL_RESAMPLES, run, interval, err);
    if (status == RK_OK) {
        out->value = is_root ? sqrt(mean[MODEL]) : mean[MODEL];
        out->low = is_root ? sqrt(interval[MODEL].low) : interval[MODEL].low;
        out->high = is_root ? sqrt(interval[MODEL].high) : interval[MODEL].high;
        out->has_interval = true;
    }
    return status;
}

rk_status rk_evaluation_kept(const rk_evaluation *reference, const rk_evaluation *model, const char *key,
                             const rk_run *run, rk_figure *out, rk_error *err)
{
    static const size_t over[N_COLUMNS] = {REFERENCE, REFERENCE};
    const rk_figure *of_reference = rk_evaluation_find(reference, key), *of_model = rk_evaluation_find(model, key);
    if (!is_comparable(reference, of_reference, model, of_model)) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' of the two models cannot be compared user by user", key);
    }
    double *table = malloc((reference->n_rows * N_COLUMNS + 1) * sizeof *table);
    if (!table) {
        return rk_fail_memory(err, "a comparison");
    }
    for (size_t row = 0; row < reference->n_rows; row++) {
        table[row * N_COLUMNS + REFERENCE] = cell(reference, row, of_reference->column);
        table[row * N_COLUMNS + MODEL] = cell(model, row, of_model->column);
    }
    *out = *of_model;
    rk_sample sample = {table, reference->n_rows, N_COLUMNS, over};
    rk_status status = fill(&sample, run, out, err);
    free(table);
    return status;
}
