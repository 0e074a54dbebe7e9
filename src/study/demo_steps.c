/* demo_steps.c - from the raw log to measured variants: one row of functions a step.
 *
 * What a step says is read back from what it wrote, so that a reused step says the same.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "compress/compress.h"
#include "data/ingest.h"
#include "data/split.h"
#include "eval/eval.h"
#include "measure/measure.h"
#include "model/model.h"
#include "study/demo_parts.h"
#include "study/story.h"

enum { MEASURE_TRIES = 3 };

/* The best of the grid that scripts/choose-demo-options prints: judged by ndcg@20 on the newest fifth of the training
 * events (0.1022; the defaults: 0.087), never on the test part. */
static const char *const als_set[] = {"factors=128", "weigh=one", "lambda=0.01", "unobserved=0.3"};
static const char als_words[] = "factors=128 weigh=one lambda=0.01 unobserved=0.3";

/* Rows of the log that are no products: postage, fees, samples, vouchers. */
static const char no_products[] = "POST,DOT,D,C2,M,m,S,B,PADS,CRUK,AMAZONFEE,BANK CHARGES,DCGS*,gift_*,TEST*";

static void set_files(rk_step *step, const char *const *inputs, size_t n_inputs, const char *const *outputs,
                      size_t n_outputs)
{
    memcpy(step->inputs, inputs, n_inputs * sizeof *inputs);
    memcpy(step->outputs, outputs, n_outputs * sizeof *outputs);
}

#define PATH(name) rk_demo_path(demo, name)
#define SET_FILES(step, inputs, outputs) set_files(step, inputs, RK_COUNT_OF(inputs), outputs, RK_COUNT_OF(outputs))

/* "seed=1", with what else changes a step; in the arena. */
static const char *options_of(rk_demo_state *demo, const char *words)
{
    rk_text text = {0};
    rk_text_addf(&text, "%s seed=%" PRIu64, words, demo->run->seed);
    const char *kept = text.failed ? NULL : rk_arena_copy(&demo->arena, text.at, text.n);
    rk_text_release(&text);
    return kept ? kept : "";
}

static void add_count(rk_text *out, uint64_t n, const char *unit)
{
    rk_text_add_fixed(out, (double)n, 0);
    rk_text_addf(out, " %s", unit);
}

static rk_status write_json(const char *path, rk_text *text, rk_error *err)
{
    rk_text_add(text, "\n");
    return text->failed ? rk_fail_memory(err, "a JSON text") : rk_file_write_text(path, text, err);
}

/* ---- 1 ingest ---- */

static void ingest_files(rk_demo_state *demo, rk_step *step)
{
    const char *const inputs[] = {demo->log_path}, *const outputs[] = {PATH("retail.rk"), PATH("cleaning.json")};
    step->options = options_of(demo, no_products);
    SET_FILES(step, inputs, outputs);
}

static rk_status ingest(rk_demo_state *demo, rk_error *err)
{
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_text text = {0};
    rk_json json = {.text = &text};
    options.paths = &demo->log_path;
    options.n_paths = 1;
    options.out_path = PATH("retail.rk");
    options.clean.drop_items = no_products;
    options.clean.min_user = options.clean.min_item = 5;
    rk_status status = rk_ingest(&options, demo->run, &report, err);
    if (status)
        return status;
    rk_ingest_report_json(&report, &json, NULL);
    status = write_json(PATH("cleaning.json"), &text, err);
    rk_ingest_report_release(&report);
    rk_text_release(&text);
    return status;
}

static rk_status describe_ingest(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    rk_dataset dataset;
    rk_status status = rk_dataset_open(PATH("retail.rk"), &dataset, err);
    if (status)
        return status;
    add_count(out, dataset.n_events, "events of ");
    add_count(out, dataset.n_users, "users and ");
    add_count(out, dataset.n_items, "items kept");
    rk_dataset_close(&dataset);
    return RK_OK;
}

/* ---- 2 split ---- */

static void split_files(rk_demo_state *demo, rk_step *step)
{
    const char *const inputs[] = {PATH("retail.rk")}, *const outputs[] = {PATH("train.rk"), PATH("test.rk")};
    step->options = "time 0.2";
    SET_FILES(step, inputs, outputs);
}

static rk_status split(rk_demo_state *demo, rk_error *err)
{
    rk_split_options options = {.rule = RK_SPLIT_TIME, .test_share = 0.2};
    rk_split_report report;
    return rk_split(PATH("retail.rk"), &options, PATH("train.rk"), PATH("test.rk"), demo->run, &report, err);
}

static rk_status describe_split(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    rk_dataset train = {0}, test = {0};
    rk_status status = rk_dataset_open(PATH("train.rk"), &train, err);
    status = status ? status : rk_dataset_open(PATH("test.rk"), &test, err);
    if (!status) {
        add_count(out, train.n_events, "events to learn from, ");
        add_count(out, test.n_events, "later ones of known users and items, new to them, to judge by");
    }
    rk_dataset_close(&train);
    rk_dataset_close(&test);
    return status;
}

/* ---- 3 train ---- */

static void train_files(rk_demo_state *demo, rk_step *step)
{
    const char *const inputs[] = {PATH("train.rk")}, *const outputs[] = {PATH("popular.rk"), PATH("als.fp32.rk")};
    step->options = options_of(demo, als_words);
    SET_FILES(step, inputs, outputs);
}

static rk_status train(rk_demo_state *demo, rk_error *err)
{
    rk_status status = rk_model_train(PATH("train.rk"), "popular", NULL, 0, PATH("popular.rk"), demo->run, err);
    return status ? status
                  : rk_model_train(PATH("train.rk"), "als", als_set, RK_COUNT_OF(als_set), PATH("als.fp32.rk"),
                                   demo->run, err);
}

static rk_status describe_train(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    rk_model *model;
    rk_status status = rk_model_open(PATH("als.fp32.rk"), &model, err);
    if (status)
        return status;
    rk_text_addf(out, "popular and %s, %u factors, model file ", rk_model_label(model), rk_model_dim(model));
    rk_text_add_bytes(out, (double)rk_artefact_bytes(rk_model_artefact(model)));
    rk_model_close(model);
    return RK_OK;
}

/* ---- 4 evaluate, 5 compress ---- */

static rk_status evaluate_model(rk_demo_state *demo, const char *model, rk_evaluation *out, rk_error *err)
{
    const rk_eval_plan plan = {.cut = {10, RK_DEMO_K}, .n_cuts = 2};
    return rk_evaluate_files(PATH(model), PATH("test.rk"), NULL, &plan, demo->run, out, err);
}

/* kept: NULL, or the share of the reference's ndcg that is kept. */
static rk_status write_evaluation(rk_demo_state *demo, const char *name, const rk_evaluation *evaluation,
                                  const rk_figure *kept, rk_error *err)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_json_object(&json, NULL);
    rk_evaluation_json(evaluation, &json);
    if (kept) {
        rk_json_real(&json, "ndcg_kept", kept->value);
        rk_json_array(&json, "ndcg_kept_ci");
        rk_json_real(&json, NULL, kept->low);
        rk_json_real(&json, NULL, kept->high);
        rk_json_end_array(&json);
    }
    rk_json_end_object(&json);
    rk_status status = write_json(PATH(name), &text, err);
    rk_text_release(&text);
    return status;
}

static void evaluate_files(rk_demo_state *demo, rk_step *step)
{
    const char *const inputs[] = {PATH("popular.rk"), PATH("als.fp32.rk"), PATH("test.rk")};
    const char *const outputs[] = {PATH("evaluation.popular.json"), PATH(rk_demo_variants[0].evaluation)};
    step->options = options_of(demo, "cuts 10,20");
    SET_FILES(step, inputs, outputs);
}

static rk_status evaluate_one(rk_demo_state *demo, const char *model, const char *name, rk_error *err)
{
    rk_evaluation evaluation;
    rk_status status = evaluate_model(demo, model, &evaluation, err);
    if (status)
        return status;
    status = write_evaluation(demo, name, &evaluation, NULL, err);
    rk_evaluation_release(&evaluation);
    return status;
}

static rk_status evaluate(rk_demo_state *demo, rk_error *err)
{
    rk_status status = evaluate_one(demo, "popular.rk", "evaluation.popular.json", err);
    return status ? status : evaluate_one(demo, rk_demo_variants[0].model, rk_demo_variants[0].evaluation, err);
}

/* "popular 0.0421 (0.0409 to 0.0433)" */
static rk_status add_ndcg(rk_demo_state *demo, const char *label, const char *name, rk_text *out, rk_error *err)
{
    rk_report_quality quality;
    rk_estimate kept;
    rk_status status = rk_story_quality(PATH(name), &quality, &kept, NULL, err);
    if (status)
        return status;
    rk_text_addf(out, "%s ", label);
    rk_text_add_fixed(out, quality.ndcg.value, 4);
    rk_text_add(out, " (");
    rk_text_add_fixed(out, quality.ndcg.low, 4);
    rk_text_add(out, " to ");
    rk_text_add_fixed(out, quality.ndcg.high, 4);
    rk_text_add(out, ")");
    return RK_OK;
}

static rk_status describe_evaluate(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    rk_text_addf(out, "ndcg@%d of ", RK_DEMO_K);
    rk_status status = add_ndcg(demo, "popular", "evaluation.popular.json", out, err);
    rk_text_add(out, ", ");
    return status ? status : add_ndcg(demo, "als", rk_demo_variants[0].evaluation, out, err);
}

static void compress_files(rk_demo_state *demo, rk_step *step)
{
    const char *const inputs[] = {PATH("als.fp32.rk"), PATH("test.rk")};
    const char *const outputs[] = {PATH("als.fp16.rk"), PATH("als.int8.rk"), PATH("evaluation.fp16.json"),
                                   PATH("evaluation.int8.json")};
    step->options = options_of(demo, "cuts 10,20");
    SET_FILES(step, inputs, outputs);
}

/* The smaller model, judged on the same users as the reference. */
static rk_status compress_one(rk_demo_state *demo, const rk_demo_variant *variant, const rk_evaluation *reference,
                              rk_error *err)
{
    char key[24];
    rk_evaluation evaluation = {0};
    rk_figure kept;
    rk_compression report;
    snprintf(key, sizeof key, "ndcg@%d", RK_DEMO_K);
    rk_status status = rk_compress(PATH(rk_demo_variants[0].model), variant->to, NULL, 0, PATH(variant->model),
                                   demo->run, &report, err);
    status = status ? status : evaluate_model(demo, variant->model, &evaluation, err);
    status = status ? status : rk_evaluation_kept(reference, &evaluation, key, demo->run, &kept, err);
    status = status ? status : write_evaluation(demo, variant->evaluation, &evaluation, &kept, err);
    rk_evaluation_release(&evaluation);
    return status;
}

static rk_status compress(rk_demo_state *demo, rk_error *err)
{
    rk_evaluation reference;
    rk_status status = evaluate_model(demo, rk_demo_variants[0].model, &reference, err);
    if (status)
        return status;
    for (size_t i = 1; i < RK_DEMO_VARIANTS && !status; i++)
        status = compress_one(demo, &rk_demo_variants[i], &reference, err);
    rk_evaluation_release(&reference);
    return status;
}

static rk_status describe_compress(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 1; i < RK_DEMO_VARIANTS && !status; i++) {
        rk_report_quality quality;
        rk_estimate kept;
        status = rk_story_quality(PATH(rk_demo_variants[i].evaluation), &quality, &kept, NULL, err);
        rk_text_addf(out, "%s%s keeps ", i > 1 ? ", " : "", rk_demo_variants[i].name);
        rk_text_add_fixed(out, 100 * kept.value, 2);
        rk_text_add(out, " %");
    }
    rk_text_addf(out, " of the ndcg@%d", RK_DEMO_K);
    return status;
}

/* ---- 6 serve and measure ---- */

static void measure_files(rk_demo_state *demo, rk_step *step)
{
    rk_machine machine = rk_machine_read();
    rk_text text = {0};
    size_t n_in = 0, n_out = 0;
    rk_text_addf(&text, "quick=%d slo=%g cpu=%s cores=%u", demo->options->quick, demo->options->slo_ms, machine.cpu,
                 machine.cores);
    step->options = options_of(demo, text.at ? text.at : "");
    rk_text_release(&text);
    for (size_t i = 0; i < RK_DEMO_VARIANTS; i++) {
        step->inputs[n_in++] = PATH(rk_demo_variants[i].model);
        for (unsigned r = 0; r < rk_demo_repeats(demo); r++)
            step->outputs[n_out++] = rk_demo_profile_path(demo, &rk_demo_variants[i], r);
    }
}

static bool is_any_within(const rk_profile *profile)
{
    for (size_t i = 0; i < profile->points.n; i++)
        if (rk_profile_point_at(profile, i)->within_slo)
            return true;
    return false;
}

/* One measurement; again when no rate at all was inside the limit, which is what a busy minute of the machine does. */
static rk_status measure_patiently(const rk_demo_state *demo, const rk_demo_variant *variant,
                                   const rk_measure_options *options, rk_profile *out, rk_error *err)
{
    for (unsigned n_tries = 1;; n_tries++) {
        rk_status status = rk_measure(options, demo->run, out, err);
        if (status || is_any_within(out))
            return status;
        rk_profile_release(out);
        if (n_tries == MEASURE_TRIES)
            return rk_fail(err, RK_IO,
                           "%s answered at no rate with p99 <= %g ms, %u times over: the machine is busy or too slow; "
                           "end what else runs, or allow more with --slo-ms",
                           variant->name, demo->options->slo_ms, n_tries);
        rk_log(demo->run, RK_LOG_WARNING, "%s: no rate with p99 <= %g ms; the machine seems busy, measuring again",
               variant->name, demo->options->slo_ms);
    }
}

static rk_status measure_once(rk_demo_state *demo, const rk_demo_variant *variant, unsigned repeat, rk_error *err)
{
    rk_measure_options options = rk_measure_defaults();
    rk_profile profile;
    options.model_path = PATH(variant->model);
    options.program = demo->options->program;
    options.slo_ms_p99 = demo->options->slo_ms;
    options.seconds = demo->options->quick ? 2 : 12;
    options.points = demo->options->quick ? 8 : options.points;
    rk_status status = measure_patiently(demo, variant, &options, &profile, err);
    if (status)
        return status;
    status = rk_profile_write(&profile, rk_demo_profile_path(demo, variant, repeat), err);
    rk_profile_release(&profile);
    return status;
}

/* Round after round, so that a slow minute of the machine falls on all variants alike. */
static rk_status measure(rk_demo_state *demo, rk_error *err)
{
    rk_status status = RK_OK;
    unsigned n_repeats = rk_demo_repeats(demo);
    for (unsigned r = 0; r < n_repeats; r++)
        for (size_t i = 0; i < RK_DEMO_VARIANTS && !status; i++) {
            rk_progress(demo->run, "measuring", "runs", r * RK_DEMO_VARIANTS + i, n_repeats * RK_DEMO_VARIANTS);
            status = measure_once(demo, &rk_demo_variants[i], r, err);
        }
    return status;
}

static rk_status describe_measure(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    rk_status status = RK_OK;
    unsigned n_repeats = rk_demo_repeats(demo);
    rk_text_addf(out, "highest rate answered with p99 <= %g ms: ", demo->options->slo_ms);
    for (size_t i = 0; i < RK_DEMO_VARIANTS && !status; i++) {
        double least = 0, most = 0;
        for (unsigned r = 0; r < n_repeats && !status; r++) {
            rk_profile profile;
            status = rk_profile_read(rk_demo_profile_path(demo, &rk_demo_variants[i], r), &profile, err);
            if (status)
                break;
            least = r == 0 || profile.knee_rps < least ? profile.knee_rps : least;
            most = profile.knee_rps > most ? profile.knee_rps : most;
            rk_profile_release(&profile);
        }
        rk_text_addf(out, "%s%s ", i ? ", " : "", rk_demo_variants[i].name);
        rk_text_add_fixed(out, least, 0);
        rk_text_add(out, " to ");
        rk_text_add_fixed(out, most, 0);
        rk_text_add(out, "/s");
    }
    rk_text_addf(out, ", in %u search%s each", n_repeats, n_repeats == 1 ? "" : "es");
    return status;
}

const rk_demo_step rk_demo_steps[] = {
    {"ingest and clean", ingest_files, ingest, describe_ingest},
    {"split by time", split_files, split, describe_split},
    {"train", train_files, train, describe_train},
    {"evaluate", evaluate_files, evaluate, describe_evaluate},
    {"compress", compress_files, compress, describe_compress},
    {"serve and measure", measure_files, measure, describe_measure},
};
const size_t rk_demo_n_steps = RK_COUNT_OF(rk_demo_steps);
