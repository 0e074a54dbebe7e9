/* outcome_text.c - an outcome as JSON, and in a sentence. */
#include <math.h>
#include <stdio.h>

#include "experiment/outcome.h"
#include "experiment/what_if.h"

/* To nine significant digits: what lies beyond is rounding errors of sums over users. */
static void figure(rk_json *json, const char *key, double value)
{
    double scale = value != 0 && isfinite(value) ? pow(10, 8 - floor(log10(fabs(value)))) : 1;
    rk_json_real(json, key, isfinite(scale) ? rint(value * scale) / scale : value);
}

/* An estimate as two keys: "revenue", "revenue_ci". */
static void estimate_json(rk_json *json, const char *key, rk_estimate e)
{
    char interval[64];
    snprintf(interval, sizeof interval, "%s_ci", key);
    figure(json, key, e.value);
    rk_json_array(json, interval);
    figure(json, NULL, e.low);
    figure(json, NULL, e.high);
    rk_json_end_array(json);
}

static void figure_json(rk_json *json, const rk_figure_result *r, size_t f, bool is_control)
{
    rk_json_object(json, rk_figure_rows[f].name);
    estimate_json(json, "value", r->value);
    if (!is_control) {
        estimate_json(json, "difference", r->difference);
        estimate_json(json, "uplift", r->uplift);
        figure(json, "p", r->p);
    }
    if (r->kept_variance < 1) {
        figure(json, "variance_kept", r->kept_variance);
    }
    rk_json_end_object(json);
}

static void variant_json(rk_json *json, const rk_outcome *o, size_t v)
{
    const rk_variant_result *r = &o->variant[v];
    rk_json_object(json, NULL);
    rk_json_cstring(json, "name", r->name);
    rk_json_u64(json, "users", r->n_users);
    rk_json_u64(json, "answers", r->n_answers);
    figure(json, "propensity", r->propensity);
    figure(json, "cpu_ms_per_answer", (double)r->cpu_ns / 1e6 / (double)r->n_answers);
    figure(json, "bytes_per_answer", (double)r->bytes / (double)r->n_answers);
    if (o->has_cost) {
        figure(json, "cost_per_1000_answers", r->cost_per_1000);
    }
    for (size_t f = 0; f < RK_N_FIGURES; f++) {
        if (o->has_cost || !rk_figure_rows[f].needs_cost) {
            figure_json(json, &r->figure[f], f, v == 0);
        }
    }
    rk_json_end_object(json);
}

static void preference_json(rk_json *json, const rk_preference *p)
{
    rk_json_u64(json, "answers", p->n_answers);
    rk_json_array(json, "variants");
    for (size_t t = 0; t < 2; t++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "name", p->name[t]);
        rk_json_u64(json, "users_who_prefer_it", p->n_wins[t]);
        rk_json_u64(json, "credits", p->n_credits[t]);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_u64(json, "ties", p->n_ties);
    rk_json_cstring(json, "of", p->name[1]);
    estimate_json(json, "preference", p->preference);
    figure(json, "p", p->p);
}

void rk_outcome_json(const rk_outcome *o, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "experiment", o->name);
    rk_json_cstring(json, "kind", rk_experiment_kind_names[o->kind]);
    rk_json_u64(json, "users", o->n_users);
    if (o->kind == RK_INTERLEAVE) {
        preference_json(json, &o->preference);
    } else {
        rk_json_u64(json, "switched_users", o->n_switched);
        figure(json, "mismatch_p", o->mismatch_p);
        if (o->currency) {
            rk_json_cstring(json, "currency", o->currency);
        }
        rk_json_array(json, "variants");
        for (size_t v = 0; v < o->n_variants; v++) {
            variant_json(json, o, v);
        }
        rk_json_end_array(json);
    }
    rk_json_end_object(json);
}

/* ---- what if ---- */

void rk_what_if_json(const rk_what_if *w, rk_reward reward, rk_json *json)
{
    rk_json_string(json, "shown", (rk_slice){w->scene, w->scene_bytes});
    rk_json_cstring(json, "reward", rk_reward_names[reward]);
    rk_json_u64(json, "users", w->n_users);
    rk_json_u64(json, "answers", w->n_answers);
    rk_json_u64(json, "unsupported_answers", w->n_unsupported);
    rk_json_u64(json, "matched_answers", w->n_matched);
    figure(json, "effective_answers", w->effective);
    figure(json, "largest_weight", w->weight_most);
    estimate_json(json, "logged", w->logged);
    estimate_json(json, "ips", w->ips);
    estimate_json(json, "ips_gain", w->ips_gain);
    estimate_json(json, "snips", w->snips);
    estimate_json(json, "snips_gain", w->snips_gain);
}

/* ---- sentences ---- */

static const char *verdict(double p) { return p < 0.05 ? "" : ": may be chance"; }

static void preference_sentence(const rk_preference *p, rk_text *out)
{
    rk_text_addf(out, "%.60s is preferred by %.1f %% (%.1f to %.1f) of %llu users who preferred one, p = %.2g%s",
                 p->name[1], p->preference.value * 100, p->preference.low * 100, p->preference.high * 100,
                 (unsigned long long)(p->n_wins[0] + p->n_wins[1]), p->p, verdict(p->p));
}

void rk_outcome_sentence(const rk_outcome *o, size_t variant, rk_text *out)
{
    if (o->kind == RK_INTERLEAVE) {
        preference_sentence(&o->preference, out);
        return;
    }
    const rk_figure_result *r = &o->variant[variant].figure[o->has_cost ? RK_FIGURE_NET : RK_FIGURE_REVENUE];
    rk_estimate d = r->difference;
    rk_text_addf(out, "%.60s brings %.2f%s%.8s %s per 1,000 users than %.60s (%.2f to %.2f)%s, p = %.2g%s",
                 o->variant[variant].name, fabs(d.value) * 1000, o->currency ? " " : "", o->currency ? o->currency : "",
                 d.value < 0 ? "less" : "more", o->variant[0].name, d.low * 1000, d.high * 1000,
                 o->has_cost ? " after its cost" : "", r->p, verdict(r->p));
}
