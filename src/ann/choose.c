/* choose.c - see choose.h.
 *
 * flat is exact and the simplest; another kind must be a quarter faster to take its place.
 */
#include "ann/choose.h"

#include <string.h>

#include "base/clock.h"

static const double FASTER = 1.25;

static void fill_trial(const rk_ann *ann, double recall, rk_ann_trial *trial)
{
    const rk_ann_step *steps;
    size_t n = rk_ann_steps(ann, &steps);
    trial->effort = rk_ann_effort_for(ann, recall);
    for (size_t i = 0; i < n; i++) {
        if (steps[i].effort == trial->effort || i + 1 == n) {
            trial->recall = steps[i].recall;
            trial->query_s = steps[i].query_s;
            break;
        }
    }
    trial->kind = rk_ann_kind_of(ann);
    trial->bytes = rk_ann_bytes(ann);
}

static rk_status try_kind(const rk_ann_rows *base, const rk_ann_wish *wish, const rk_ann_rows *asked, double recall,
                          const rk_run *run, rk_ann **out, rk_ann_trial *trial, rk_error *err)
{
    rk_ann *ann = NULL;
    int64_t begin = rk_clock_cpu_ns();
    rk_status status = rk_ann_build(base, wish, run, &ann, err);
    trial->build_s = (double)(rk_clock_cpu_ns() - begin) * 1e-9;
    status = status ? status : rk_ann_measure(ann, asked, run, err);
    if (status) {
        rk_ann_free(ann);
        return status;
    }
    fill_trial(ann, recall, trial);
    *out = ann;
    return RK_OK;
}

static bool is_better(const rk_ann_trial *a, const rk_ann_trial *b, double recall)
{
    bool a_reaches = a->recall >= recall, b_reaches = b->recall >= recall;
    if (a_reaches != b_reaches) {
        return a_reaches;
    }
    return a->query_s * FASTER < b->query_s;
}

static const char *reason(const rk_ann_choice *c, const rk_ann_wish *wish, size_t n_items)
{
    if (wish->kind) {
        return "it was asked for";
    }
    if (n_items <= RK_ANN_FEW_ITEMS) {
        return "so few items are compared all in no time, and nothing is missed";
    }
    return c->chosen == 0 ? "none other is a quarter faster, and it misses nothing"
                          : "it is the fastest of those that reach the recall";
}

rk_status rk_ann_choose(const rk_ann_rows *base, const rk_ann_wish *wish, const rk_ann_rows *asked, double recall,
                        const rk_run *run, rk_ann **out, rk_ann_choice *choice, rk_error *err)
{
    rk_ann *best = NULL;
    rk_status status = RK_OK;
    *choice = (rk_ann_choice){0};
    bool is_one = wish->kind || base->n <= RK_ANN_FEW_ITEMS;
    for (size_t i = 0; !status && rk_ann_kind_at(i) && i < (is_one ? 1 : RK_ANN_TRIALS_MAX); i++) {
        rk_ann *ann = NULL;
        rk_ann_wish one = *wish;
        rk_ann_trial *trial = &choice->trial[i];
        one.kind = wish->kind ? wish->kind : rk_ann_kind_at(i);
        status = try_kind(base, &one, asked, recall, run, &ann, trial, err);
        choice->n += !status;
        bool is_new = !status && (!best || is_better(trial, &choice->trial[choice->chosen], recall));
        choice->chosen = is_new ? i : choice->chosen;
        rk_ann_free(is_new ? best : ann);
        best = is_new ? ann : best;
    }
    if (status) {
        rk_ann_free(best);
        return status;
    }
    choice->why = reason(choice, wish, base->n);
    *out = best;
    return RK_OK;
}
