/* contest_words.c - what came out of a contest, in a sentence and for machines. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "eval/contest.h"

const char *rk_verdict_name(rk_verdict verdict)
{
    static const char *const names[] = {
        [RK_NO_DIFFERENCE] = "none", [RK_IS_BETTER] = "better", [RK_IS_WORSE] = "worse",
        [RK_IS_HIGHER] = "higher",   [RK_IS_LOWER] = "lower",
    };
    return names[verdict];
}

/* As many places as show two figures of the interval's width, four at least. */
static int places_of(const rk_difference *d)
{
    double width = d->high - d->low;
    int n = width > 0 ? (int)ceil(-log10(width)) + 1 : 4;
    return n < 4 ? 4 : n > 9 ? 9 : n;
}

static void add_p(double p, rk_text *out)
{
    if (p < 0.001) {
        rk_text_add(out, "p < 0.001");
    } else {
        rk_text_addf(out, "p = %.2g", p);
    }
}

void rk_duel_sentence(const rk_contest *contest, size_t model, rk_text *out)
{
    const rk_duel *duel = &contest->duel[model];
    const char *a = contest->path[0], *b = contest->path[model];
    if (duel->n_differences == 0) {
        rk_text_addf(out, "%s and %s have no figure in common", b, a);
        return;
    }
    const rk_difference *d = &duel->difference[duel->headline];
    const char *does = strcmp(d->key, "rmse") == 0 ? "foretells ratings" : "ranks";
    if (d->verdict == RK_NO_DIFFERENCE) {
        rk_text_addf(out, "%s and %s: no difference that these users could show: ", b, a);
    } else {
        rk_text_addf(out, "%s %s %s than %s: ", b, does, rk_verdict_name(d->verdict), a);
    }
    int n = places_of(d);
    rk_text_addf(out, "%s %+.*f (%.*f to %.*f), ", d->key, n, d->value, n, d->low, n, d->high);
    add_p(d->p_holm, out);
    if (d->verdict == RK_NO_DIFFERENCE && d->p < RK_CONTEST_LEVEL) {
        rk_text_addf(out, " (%.2g before the correction for %zu questions)", d->p, contest->n_tests);
    }
}

static void add_member(rk_json *json, const char *figure, const char *what, double value)
{
    char key[48];
    snprintf(key, sizeof key, "%s%s", figure, what);
    rk_json_real(json, key, value);
}

static void differences_json(const rk_duel *duel, rk_json *json)
{
    char key[48];
    rk_json_object(json, "difference");
    for (size_t i = 0; i < duel->n_differences; i++) {
        const rk_difference *d = &duel->difference[i];
        rk_json_real(json, d->key, d->value);
        snprintf(key, sizeof key, "%s_ci", d->key);
        rk_json_array(json, key);
        rk_json_real(json, NULL, d->low);
        rk_json_real(json, NULL, d->high);
        rk_json_end_array(json);
        add_member(json, d->key, "_p", d->p);
        add_member(json, d->key, "_p_holm", d->p_holm);
        snprintf(key, sizeof key, "%s_verdict", d->key);
        rk_json_cstring(json, key, rk_verdict_name(d->verdict));
    }
    rk_json_end_object(json);
}

static void duel_json(const rk_contest *contest, size_t model, rk_json *json)
{
    const rk_duel *duel = &contest->duel[model];
    rk_text words = {0};
    rk_json_object(json, NULL);
    rk_json_cstring(json, "baseline", contest->path[0]);
    rk_json_cstring(json, "model", contest->path[model]);
    rk_json_u64(json, "users", duel->users);
    rk_json_u64(json, "flips", duel->n_flips);
    differences_json(duel, json);
    if (duel->n_differences > 0) {
        rk_json_cstring(json, "headline", duel->difference[duel->headline].key);
        rk_json_cstring(json, "verdict", rk_verdict_name(duel->difference[duel->headline].verdict));
    }
    rk_duel_sentence(contest, model, &words);
    rk_json_cstring(json, "words", words.at);
    rk_json_end_object(json);
    json->text->failed |= words.failed;
    rk_text_release(&words);
}

void rk_contest_json(const rk_contest *contest, rk_json *json)
{
    rk_json_array(json, "models");
    for (size_t m = 0; m < contest->n_models; m++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "path", contest->path[m]);
        rk_json_cstring(json, "model", contest->label[m]);
        rk_evaluation_json(&contest->evaluation[m], json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_array(json, "comparisons");
    for (size_t m = 1; m < contest->n_models; m++) {
        duel_json(contest, m, json);
    }
    rk_json_end_array(json);
    rk_json_u64(json, "tests", contest->n_tests);
}
