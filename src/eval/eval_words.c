/* eval_words.c - the cuts as they are written on a command line, the figures as they are told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/eval.h"

static int compare_cuts(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void sort_cuts(rk_eval_plan *plan)
{
    size_t n = 0;
    qsort(plan->cut, plan->n_cuts, sizeof *plan->cut, compare_cuts);
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

void rk_evaluation_json(const rk_evaluation *evaluation, rk_json *json)
{
    for (size_t i = 0; i < evaluation->n_figures; i++) {
        const rk_figure *figure = &evaluation->figure[i];
        char key[32];
        rk_json_real(json, figure->key, figure->value);
        if (figure->has_interval) {
            snprintf(key, sizeof key, "%s_ci", figure->key);
            rk_json_array(json, key);
            rk_json_real(json, NULL, figure->low);
            rk_json_real(json, NULL, figure->high);
            rk_json_end_array(json);
        }
    }
    rk_json_u64(json, "users", evaluation->users);
    rk_json_u64(json, "test_pairs", evaluation->test_pairs);
    rk_json_u64(json, "repeats", evaluation->repeats);
    rk_json_u64(json, "unknown_users", evaluation->unknown_users);
    rk_json_u64(json, "unknown_items", evaluation->unknown_items);
    rk_json_u64(json, "unknown_pairs", evaluation->unknown_pairs);
    rk_json_real(json, "seconds", evaluation->seconds);
}

/* The figure, then its interval, in columns. */
static void print_figure(const rk_figure *figure, rk_text *out)
{
    rk_text_addf(out, "  %-14s  %8.4f", figure->key, figure->value);
    if (figure->has_interval) {
        rk_text_addf(out, "  %8.4f to %.4f", figure->low, figure->high);
    }
    rk_text_add(out, "\n");
}

static void print_count(rk_text *out, uint64_t n, const char *words)
{
    if (n > 0) {
        rk_text_add_fixed(out, (double)n, 0);
        rk_text_add(out, words);
    }
}

void rk_evaluation_print(const rk_evaluation *evaluation, rk_text *out)
{
    rk_text_addf(out, "  %-14s  %8s  %s\n", "figure", "value", "95 % interval over users");
    for (size_t i = 0; i < evaluation->n_figures; i++) {
        print_figure(&evaluation->figure[i], out);
    }
    rk_text_add(out, "\n");
    print_count(out, evaluation->users, " users with test items, ");
    rk_text_add_fixed(out, (double)evaluation->test_pairs, 0);
    rk_text_add(out, " test pairs, full ranking in ");
    rk_text_add_seconds(out, evaluation->seconds);
    rk_text_addf(out, " (%.0f users/s)\n", evaluation->seconds > 0 ? evaluation->users / evaluation->seconds : 0);
    print_count(out, evaluation->repeats,
                " pairs of the test set name an item that the user had taken before, which is never recommended\n");
    print_count(out, evaluation->unknown_users, " test users are unknown to the model and were left out\n");
    print_count(out, evaluation->unknown_items, " test items are unknown to the model and were left out\n");
    print_count(out, evaluation->unknown_pairs, " pairs were left out because of that\n");
}
