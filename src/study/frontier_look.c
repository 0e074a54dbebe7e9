/* frontier_look.c - the steps that look at a variant: judge it, measure it as fast as it goes, and at the planned load.
 */
#include <inttypes.h>
#include <math.h>

#include "measure/measure.h"
#include "study/frontier_step.h"

enum { MEASURE_TRIES = 3 };

/* ---- evaluate ---- */

static void evaluate_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    const char *const inputs[] = {rk_frontier_model(f, s->variant), rk_frontier_test_path(f),
                                  rk_frontier_index(f, s->variant)};
    const char *const outputs[] = {rk_frontier_file(f, "evaluations", s->variant, "json"),
                                   rk_frontier_file(f, "evaluations", s->variant, "rk")};
    out->options = rk_frontier_text(f, "%s %s seed=%" PRIu64, RK_FRONTIER_STEP_VERSION, f->target.key, f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static rk_status evaluate(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    rk_eval_plan plan = {
        .cut = {f->target.cut ? f->target.cut : 20}, .n_cuts = 1, .index_path = rk_frontier_index(f, s->variant)};
    rk_evaluation evaluation;
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_status status = rk_evaluate_files(rk_frontier_model(f, s->variant), rk_frontier_test_path(f), NULL, &plan,
                                         f->run, &evaluation, err);
    if (status) {
        return status;
    }
    rk_json_object(&json, NULL);
    rk_evaluation_json(&evaluation, &json);
    rk_json_end_object(&json);
    status = rk_frontier_write_json(rk_frontier_file(f, "evaluations", s->variant, "json"), &text, err);
    status = status ? status
                    : rk_user_figures_write(&evaluation, f->target.key,
                                            rk_frontier_file(f, "evaluations", s->variant, "rk"), err);
    rk_evaluation_release(&evaluation);
    rk_text_release(&text);
    return status;
}

/* ---- measure ---- */

static void measure_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    rk_machine machine = rk_machine_read();
    const char *const inputs[] = {rk_frontier_model(f, s->variant), rk_frontier_index(f, s->variant)};
    const char *const outputs[] = {rk_frontier_profile(f, s->variant, s->repeat)};
    out->options = rk_frontier_text(f, "%s seconds=%g slo=%g cpu=%s cores=%u seed=%" PRIu64, RK_FRONTIER_STEP_VERSION,
                                    f->grid.seconds, f->slo_ms, machine.cpu, machine.cores, f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static bool is_any_within(const rk_profile *profile)
{
    for (size_t i = 0; i < profile->points.n; i++) {
        if (rk_profile_point_at(profile, i)->within_slo) {
            return true;
        }
    }
    return false;
}

/* Again when no rate at all was inside the limit, which is what a busy minute of the machine does. */
static rk_status measure(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    rk_measure_options options = rk_measure_defaults();
    options.model_path = rk_frontier_model(f, s->variant);
    options.index_path = rk_frontier_index(f, s->variant);
    options.program = f->options->program;
    options.slo_ms_p99 = f->slo_ms;
    options.seconds = f->grid.seconds;
    options.points = f->grid.seconds < 4 ? 8 : options.points;
    for (unsigned n_tries = 1; n_tries <= MEASURE_TRIES; n_tries++) {
        rk_profile profile;
        rk_status status = rk_measure(&options, f->run, &profile, err);
        if (status) {
            return status;
        }
        bool is_good = is_any_within(&profile);
        status = is_good ? rk_profile_write(&profile, rk_frontier_profile(f, s->variant, s->repeat), err) : RK_OK;
        rk_profile_release(&profile);
        if (is_good) {
            return status;
        }
    }
    return rk_fail(err, RK_BAD_INPUT, "no rate was answered with p99 <= %g ms, %d times over", f->slo_ms,
                   MEASURE_TRIES);
}

/* ---- load ---- */

/* The planned rate, or what a second must hold at least for its figures to mean anything. */
static double load_rate(const rk_frontier *f, size_t v)
{
    enum { RPS_MIN = 100 };
    return fmax(RPS_MIN, f->variants[v].load_rps);
}

static void load_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    rk_machine machine = rk_machine_read();
    const char *const inputs[] = {rk_frontier_model(f, s->variant), rk_frontier_index(f, s->variant)};
    const char *const outputs[] = {rk_frontier_load_profile(f, s->variant, s->repeat)};
    out->options =
        rk_frontier_text(f, "%s seconds=%g rate=%.6g cpu=%s cores=%u seed=%" PRIu64, RK_FRONTIER_STEP_VERSION,
                         f->grid.seconds, load_rate(f, s->variant), machine.cpu, machine.cores, f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static rk_status load(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    rk_measure_options options = rk_measure_defaults();
    rk_profile profile;
    options.model_path = rk_frontier_model(f, s->variant);
    options.index_path = rk_frontier_index(f, s->variant);
    options.program = f->options->program;
    options.slo_ms_p99 = f->slo_ms;
    options.rate_rps = load_rate(f, s->variant);
    options.seconds = f->grid.seconds;
    rk_status status = rk_measure(&options, f->run, &profile, err);
    if (!status) {
        status = rk_profile_write(&profile, rk_frontier_load_profile(f, s->variant, s->repeat), err);
        rk_profile_release(&profile);
    }
    return status;
}

const rk_frontier_step_kind rk_frontier_step_evaluate = {"evaluate", evaluate_files, evaluate},
                            rk_frontier_step_measure = {"measure", measure_files, measure},
                            rk_frontier_step_load = {"load", load_files, load};
