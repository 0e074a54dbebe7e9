/* eval_words.c - the cuts as they are written on a command line, the figures as machines read them. */
#include <stdio.h>
#include <string.h>

#include "eval/eval.h"
#include "math/sorted.h"

static void sort_cuts(rk_eval_plan *plan)
{
    size_t n = 0;
    rk_sort_u32(plan->cut, plan->n_cuts);
    for (size_t i = 0; i < plan->n_cuts; i++) {
        if (n == 0 || plan->cut[i] != plan->cut[n - 1]) {
            plan->cut[n++] = plan->cut[i];
        }
    }
    plan->n_cuts = n;
}

rk_status rk_eval_parse_cuts(const char *text, rk_eval_plan *plan, rk_error *err)
{
    plan->n_cuts = 0;
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");
        uint64_t k;
        if (!rk_parse_u64(rk_slice_trim((rk_slice){at, n}), &k) || k < 1 || k > RK_EVAL_CUT_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "a length of list must be 1 to %d, got '%.*s'", RK_EVAL_CUT_MAX,
                           (int)(n < 40 ? n : 40), at);
        }
        if (plan->n_cuts == RK_EVAL_CUTS_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "at most %d lengths of list at once, got '%.80s'", RK_EVAL_CUTS_MAX,
                           text);
        }
        plan->cut[plan->n_cuts++] = (uint32_t)k;
        at += n;
        if (*at == '\0') {
            break;
        }
    }
    sort_cuts(plan);
    return RK_OK;
}

/* "recall@20":0.17,"recall@20_ci":[0.16,0.18] */
static void figures_json(const rk_figure *figures, size_t n, rk_json *json)
{
    for (size_t i = 0; i < n; i++) {
        char key[32];
        rk_json_real(json, figures[i].key, figures[i].value);
        if (figures[i].has_interval) {
            snprintf(key, sizeof key, "%s_ci", figures[i].key);
            rk_json_array(json, key);
            rk_json_real(json, NULL, figures[i].low);
            rk_json_real(json, NULL, figures[i].high);
            rk_json_end_array(json);
        }
    }
}

static void strata_json(const rk_evaluation *evaluation, rk_json *json)
{
    rk_json_array(json, "strata");
    for (size_t i = 0; i < evaluation->n_strata; i++) {
        const rk_eval_stratum *s = &evaluation->stratum[i];
        rk_json_object(json, NULL);
        rk_json_cstring(json, "by", s->by);
        rk_json_cstring(json, "stratum", s->name);
        rk_json_u64(json, "from", s->least);
        if (s->most != UINT32_MAX) {
            rk_json_u64(json, "to", s->most);
        }
        if (s->items > 0) {
            rk_json_u64(json, "items", s->items);
        }
        rk_json_u64(json, "users", s->users);
        rk_json_u64(json, "test_pairs", s->test_pairs);
        figures_json(s->figure, s->n_figures, json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void leak_json(const rk_leak *leak, rk_json *json)
{
    if (leak->has_times) {
        rk_json_object(json, "leakage");
        rk_json_cstring(json, "training", leak->training);
        rk_json_u64(json, "test_pairs", leak->test_pairs);
        rk_json_u64(json, "before_newest", leak->before_newest);
        rk_json_u64(json, "before_own", leak->before_own);
        rk_json_u64(json, "same_events", leak->same_events);
        rk_json_end_object(json);
    }
    rk_json_array(json, "warnings");
    for (size_t i = 0; i < leak->n_warnings; i++) {
        rk_json_cstring(json, NULL, leak->warning[i]);
    }
    rk_json_end_array(json);
}

void rk_evaluation_json(const rk_evaluation *evaluation, rk_json *json)
{
    figures_json(evaluation->figure, evaluation->n_figures, json);
    rk_json_u64(json, "users", evaluation->users);
    rk_json_u64(json, "test_pairs", evaluation->test_pairs);
    rk_json_u64(json, "repeats", evaluation->repeats);
    rk_json_u64(json, "unknown_users", evaluation->unknown_users);
    rk_json_u64(json, "unknown_items", evaluation->unknown_items);
    rk_json_u64(json, "unknown_pairs", evaluation->unknown_pairs);
    rk_json_u64(json, "diversity_users", evaluation->alike_users);
    if (evaluation->n_strata > 0) {
        strata_json(evaluation, json);
    }
    leak_json(&evaluation->leak, json);
    rk_json_real(json, "seconds", evaluation->seconds);
}
