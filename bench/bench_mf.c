/* bench_mf.c - seconds that mf takes to learn from ratings, and the error on ratings held back.
 *
 *     bench_mf --beside TRAIN.rk TEST.rk THREADS KEY=VALUE...
 *
 * Both datasets have the same ids (reckon ingest --like). Time is from an open dataset to a finished model in memory.
 * Answers with one line of JSON, for bench/peers/mf.py.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/model.h"

static double rmse_of(const rk_model_draft *draft, const rk_dataset *test)
{
    double sum = 0;
    for (uint32_t u = 0; u < test->n_users; u++) {
        const float *p = draft->user_vector + (size_t)u * draft->dim;
        for (uint64_t e = test->user_start[u]; e < test->user_start[u + 1]; e++) {
            uint32_t i = test->event_item[e];
            const float *q = draft->item_vector + (size_t)i * draft->dim;
            double said = draft->mu + (double)draft->user_bias[u] + (double)draft->item_bias[i];
            for (uint32_t d = 0; d < draft->dim; d++) {
                said += (double)p[d] * (double)q[d];
            }
            sum += ((double)test->event_value[e] - said) * ((double)test->event_value[e] - said);
        }
    }
    return sqrt(sum / (double)test->n_events);
}

static rk_status measure(const rk_dataset *train, const rk_dataset *test, rk_run run, char **set, rk_error *err)
{
    const rk_model_kind *kind = rk_model_kind_find("mf");
    rk_option_table table = {kind->options, kind->n_options, calloc(1, kind->settings_bytes)};
    rk_model_draft draft = {0};
    rk_status status = RK_OK;
    rk_options_defaults(table);
    for (; !status && *set; set++) {
        status = rk_options_set(table, *set, err);
    }
    rk_stopwatch watch = rk_stopwatch_start();
    status = status ? status : kind->train(train, table.settings, &run, &draft, err);
    rk_usage usage = rk_stopwatch_stop(watch);
    if (!status && (test->n_users != draft.n_users || test->n_items != draft.n_items || !test->event_value)) {
        status = rk_fail(err, RK_BAD_INPUT, "the datasets have other ids: make one with --like the other");
    }
    if (!status) {
        printf("{\"wall_s\":%.6f,\"cpu_s\":%.6f,\"rmse\":%.6f}\n", usage.wall_s, usage.cpu_s, rmse_of(&draft, test));
    }
    rk_model_draft_release(&draft);
    rk_options_release(table);
    free(table.settings);
    return status;
}

int main(int argc, char **argv)
{
    rk_dataset train = {0}, test = {0};
    rk_error err = {0};
    if (argc < 5 || strcmp(argv[1], "--beside") != 0) {
        fprintf(stderr, "usage: bench_mf --beside TRAIN.rk TEST.rk THREADS KEY=VALUE...\n");
        return 2;
    }
    rk_run run = {.pool = rk_pool_new((unsigned)strtoul(argv[4], NULL, 10)), .seed = 1};
    rk_status status = rk_dataset_open(argv[2], &train, &err);
    status = status ? status : rk_dataset_open(argv[3], &test, &err);
    status = status ? status : measure(&train, &test, run, argv + 5, &err);
    if (status) {
        fprintf(stderr, "bench_mf: %s\n", err.message);
    }
    rk_dataset_close(&train);
    rk_dataset_close(&test);
    rk_pool_free(run.pool);
    return rk_exit_code(status);
}
