/* tune_sides.c - what trials learn from and what they are judged by. */
#include <inttypes.h>
#include <stdio.h>

#include "tune/tune_parts.h"

enum { USERS_LEAST = 100 }; /* to judge by, in the smallest share of a halving */

static double share_of_rung(unsigned rung)
{
    double share = 1;
    for (unsigned r = 0; r < rung; r++) {
        share /= 3;
    }
    return share;
}

/* ---- all users ---- */

static rk_split_rule rule_of(const rk_tune_options *options, const rk_dataset *dataset)
{
    return !options->splits_by_itself ? options->split.rule : dataset->event_time ? RK_SPLIT_TIME : RK_SPLIT_RANDOM;
}

/* "random 0.1", "leave-one-out", or the hash of a file. */
static void name_validation(rk_bench *bench)
{
    char *out = bench->tuning->validation;
    size_t out_bytes = sizeof bench->tuning->validation;
    const rk_split_options *split = &bench->split;
    if (bench->options->valid_path) {
        snprintf(out, out_bytes, "file %016" PRIx64, rk_artefact_hash(bench->side[0].valid.artefact));
    } else if (split->rule == RK_SPLIT_LEAVE_ONE_OUT) {
        snprintf(out, out_bytes, "%s", rk_split_rule_name(split->rule));
    } else {
        rk_text share = {0};
        rk_text_add_real(&share, split->test_share);
        snprintf(out, out_bytes, "%s %s", rk_split_rule_name(split->rule), share.failed ? "" : share.at);
        rk_text_release(&share);
    }
}

rk_status rk_tune_choose_validation(rk_bench *bench, const rk_dataset *dataset, rk_error *err)
{
    const rk_tune_options *options = bench->options;
    rk_side *side = &bench->side[0];
    bench->split = options->split;
    bench->split.rule = rule_of(options, dataset);
    rk_status status = RK_OK;
    if (options->valid_path) {
        snprintf(side->train_path, sizeof side->train_path, "%s", options->dataset_path);
        snprintf(side->valid_path, sizeof side->valid_path, "%s", options->valid_path);
        status = rk_dataset_open(side->valid_path, &side->valid, err);
    } else {
        snprintf(side->train_path, sizeof side->train_path, "%s/train.rk", bench->scratch);
        snprintf(side->valid_path, sizeof side->valid_path, "%s/valid.rk", bench->scratch);
    }
    if (!status) {
        name_validation(bench);
    }
    return status;
}

static rk_status split_data(rk_bench *bench, rk_error *err)
{
    rk_side *side = &bench->side[0];
    rk_split_report report;
    rk_status status = rk_split(bench->options->dataset_path, &bench->split, side->train_path, side->valid_path,
                                bench->run, &report, err);
    if (!status && (report.n_test == 0 || report.n_train == 0)) {
        status =
            rk_fail(err, RK_BAD_INPUT, "%s: nothing is left to %s after a split by %s", bench->options->dataset_path,
                    report.n_test == 0 ? "judge by" : "learn from", bench->tuning->validation);
    }
    status = status ? status : rk_dataset_open(side->valid_path, &side->valid, err);
    if (!status) {
        rk_log(bench->run, RK_LOG_INFO, "%" PRIu64 " events to learn from, %" PRIu64 " of %u users to judge by (%s)",
               report.n_train, report.n_test, report.n_test_users, bench->tuning->validation);
    }
    return status;
}

/* ---- shares of the users ---- */

static uint32_t users_with_events(const rk_dataset *dataset)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < dataset->n_users; u++) {
        n += dataset->user_start[u + 1] > dataset->user_start[u];
    }
    return n;
}

static unsigned rungs_of(const rk_dataset *valid)
{
    unsigned n = 1;
    for (uint32_t users = users_with_events(valid) / 3; users >= USERS_LEAST && n < RK_RUNGS_MAX; users /= 3) {
        n++;
    }
    return n;
}

static rk_status sample_side(rk_bench *bench, unsigned rung, rk_error *err)
{
    rk_side *side = &bench->side[rung];
    uint64_t n_train, n_valid;
    double share = share_of_rung(rung);
    snprintf(side->train_path, sizeof side->train_path, "%s/train.%u.rk", bench->scratch, rung);
    snprintf(side->valid_path, sizeof side->valid_path, "%s/valid.%u.rk", bench->scratch, rung);
    rk_status status = rk_sample_users(bench->side[0].train_path, share, side->train_path, bench->run, &n_train, err);
    status = status ? status
                    : rk_sample_users(bench->side[0].valid_path, share, side->valid_path, bench->run, &n_valid, err);
    status = status ? status : rk_dataset_open(side->train_path, &side->train, err);
    return status ? status : rk_dataset_open(side->valid_path, &side->valid, err);
}

/* The sides of models whose training has no length to give shares of. */
static rk_status sample_users(rk_bench *bench, rk_error *err)
{
    unsigned n_rungs = 1, n_there = rungs_of(&bench->side[0].valid);
    for (size_t c = 0; c < bench->tuning->n_models; c++) {
        rk_tuned *tuned = &bench->tuning->models[c];
        if (!tuned->resource) {
            tuned->n_rungs = n_rungs = n_there;
        }
        if (tuned->n_rungs == 1) {
            return rk_fail(err, RK_BAD_INPUT, "halving judges %s by shares of the users, and wants %d of them, not %u",
                           tuned->model->name, 3 * USERS_LEAST, users_with_events(&bench->side[0].valid));
        }
    }
    rk_status status = RK_OK;
    for (unsigned rung = 1; rung < n_rungs && !status; rung++) {
        status = sample_side(bench, rung, err);
    }
    return status;
}

/* ---- all sides ---- */

rk_status rk_tune_open_sides(rk_bench *bench, rk_error *err)
{
    rk_side *side = &bench->side[0];
    rk_status status = bench->options->valid_path ? RK_OK : split_data(bench, err);
    status = status ? status : rk_dataset_open(side->train_path, &side->train, err);
    if (!status && bench->options->search == &rk_search_halving) {
        status = sample_users(bench, err);
    }
    return status;
}

void rk_tune_close_sides(rk_bench *bench)
{
    for (unsigned rung = 0; rung < RK_RUNGS_MAX; rung++) {
        rk_dataset_close(&bench->side[rung].train);
        rk_dataset_close(&bench->side[rung].valid);
    }
}

const rk_side *rk_tune_side(const rk_bench *bench, const rk_tuned *tuned, double share)
{
    unsigned rung = 0;
    while (!tuned->resource && rung + 1 < tuned->n_rungs &&
           share < 0.5 * (share_of_rung(rung) + share_of_rung(rung + 1))) {
        rung++;
    }
    return &bench->side[rung];
}
