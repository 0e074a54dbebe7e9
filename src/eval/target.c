/* target.c - the figure that models are chosen by, as it is written on a command line. */
#include <stdio.h>
#include <string.h>

#include "eval/eval.h"
#include "eval/metric.h"

enum { NAMES_MAX = 64 };

static rk_status refuse_name(const char *text, rk_slice name, rk_error *err)
{
    const char *names[NAMES_MAX];
    char word[40];
    size_t n = 0;
    for (const rk_metric *metric; n < NAMES_MAX && (metric = rk_metric_at(n)); n++) {
        names[n] = metric->name;
    }
    snprintf(word, sizeof word, "%.*s", (int)(name.n < 39 ? name.n : 39), name.at);
    const char *nearest = rk_nearest_name(word, names, n);
    return rk_fail(err, RK_BAD_USAGE, "no figure is called '%.40s'%s%s%s", text, nearest ? ", did you mean '" : "",
                   nearest ? nearest : "", nearest ? "'?" : "");
}

static rk_status read_cut(const rk_metric *metric, const char *text, const char *at, uint32_t *out, rk_error *err)
{
    uint64_t k = 0;
    if (metric->has_cut && !at) {
        return rk_fail(err, RK_BAD_USAGE, "%s is of the first k of a list: write %s@10", metric->name, metric->name);
    }
    if (!metric->has_cut && at) {
        return rk_fail(err, RK_BAD_USAGE, "%s has no length of list, got '%.40s'", metric->name, text);
    }
    if (at && (!rk_parse_u64(rk_slice_of(at + 1), &k) || k < 1 || k > RK_EVAL_CUT_MAX)) {
        return rk_fail(err, RK_BAD_USAGE, "a length of list must be 1 to %d, got '%.40s'", RK_EVAL_CUT_MAX, text);
    }
    *out = (uint32_t)k;
    return RK_OK;
}

rk_status rk_eval_parse_target(const char *text, rk_eval_target *out, rk_error *err)
{
    const char *at = strchr(text, '@');
    rk_slice name = {text, at ? (size_t)(at - text) : strlen(text)};
    const rk_metric *metric = NULL;
    for (size_t i = 0; (metric = rk_metric_at(i)) && !rk_slice_is(name, metric->name); i++) {
    }
    if (!metric) {
        return refuse_name(text, name, err);
    }
    if (metric->better == RK_NEITHER_IS_BETTER) {
        return rk_fail(err, RK_BAD_USAGE, "%s says nothing of how good a list is; choose by another figure",
                       metric->name);
    }
    uint32_t cut = 0;
    rk_status status = read_cut(metric, text, at, &cut, err);
    if (status == RK_OK) {
        *out = (rk_eval_target){.cut = cut, .is_lower_better = metric->better == RK_LOWER_IS_BETTER};
        snprintf(out->key, sizeof out->key, cut ? "%s@%u" : "%s", metric->name, cut);
    }
    return status;
}
