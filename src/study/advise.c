/* advise.c - the rule of advise.h, and its words.
 *
 * Why "not undercut" and not "ties with the cheapest": ties are not transitive. A walk from the simplest upwards could
 * stop at the first tie and miss a variant that is clearly cheaper than both; and the cheapest by its middle may have
 * so wide an interval that everything ties with it, though a third variant is clearly cheaper. Asking whether anybody
 * is cheaper beyond the noise has neither trap.
 */
#include "study/advise.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { CANDIDATES_MAX = 32 };

static bool is_sound(rk_estimate e)
{
    return isfinite(e.value) && isfinite(e.low) && isfinite(e.high) && e.low <= e.value && e.value <= e.high;
}

static bool keeps(const rk_candidate *candidates, size_t i, rk_advice_rule rule)
{
    return i == 0 ||
           (is_sound(candidates[i].kept) && is_sound(candidates[i].cost) && candidates[i].kept.low >= rule.keep_share);
}

static bool is_clearly_less(rk_estimate a, rk_estimate b, rk_advice_rule rule)
{
    return is_sound(b) && a.high < b.low - rule.cost_grain * fabs(b.low);
}

/* Does any candidate that keeps the quality cost less than this one beyond noise and grain? */
static bool is_undercut(const rk_candidate *candidates, size_t n, size_t i, rk_advice_rule rule)
{
    for (size_t j = 0; j < n; j++)
        if (keeps(candidates, j, rule) && is_clearly_less(candidates[j].cost, candidates[i].cost, rule))
            return true;
    return false;
}

static rk_verdict verdict_of(const rk_candidate *candidate, bool keeps_quality, double keep_share)
{
    if (keeps_quality)
        return RK_VERDICT_NOT_CHEAPER;
    return candidate->kept.high < keep_share ? RK_VERDICT_LOSES_QUALITY : RK_VERDICT_MAY_LOSE;
}

size_t rk_advise(const rk_candidate *candidates, size_t n, rk_advice_rule rule, rk_verdict *verdicts)
{
    size_t advised = 0;
    while (!keeps(candidates, advised, rule) || is_undercut(candidates, n, advised, rule))
        advised++; /* ends: whoever has the lowest upper end is not undercut */
    for (size_t i = 0; i < n; i++)
        verdicts[i] =
            i == advised ? RK_VERDICT_ADVISED : verdict_of(&candidates[i], keeps(candidates, i, rule), rule.keep_share);
    return advised;
}

/* ---- words ---- */

static void add_share(rk_text *out, rk_estimate kept)
{
    rk_text_add_fixed(out, 100 * kept.value, 1);
    rk_text_add(out, " %");
    if (kept.high > kept.low) {
        rk_text_add(out, " (");
        rk_text_add_fixed(out, 100 * kept.low, 1);
        rk_text_add(out, " to ");
        rk_text_add_fixed(out, 100 * kept.high, 1);
        rk_text_add(out, ")");
    }
}

/* At least three figures, four places as a rule: 0.0123, 2.4135, 0.000214. */
static void add_cost(rk_text *out, double cost)
{
    int n_digits = cost > 0 && cost < 0.1 ? (int)fmin(9, 2 - floor(log10(cost))) : 4;
    rk_text_add_fixed(out, cost, n_digits);
}

/* Why the advised one, when it is not the reference. */
static void add_gain(const rk_candidate *reference, const rk_candidate *advised, const char *metric, const char *unit,
                     rk_text *out)
{
    rk_text_addf(out, "it keeps ");
    add_share(out, advised->kept);
    rk_text_addf(out, " of the %s of %s and costs ", metric, reference->name);
    add_cost(out, advised->cost.value);
    rk_text_add(out, " instead of ");
    add_cost(out, reference->cost.value);
    rk_text_addf(out, " %s, ", unit);
    rk_text_add_fixed(out, 100 * (1 - advised->cost.value / reference->cost.value), 1);
    rk_text_add(out, " % less");
}

/* How a candidate that keeps the quality stands on cost against the advised one. */
typedef enum { COSTS_THE_SAME, COSTS_WITHIN_NOISE, COSTS_MORE, N_STANDINGS } standing;

static standing standing_of(rk_estimate cost, rk_estimate advised, rk_advice_rule rule)
{
    if (is_clearly_less(advised, cost, rule))
        return COSTS_MORE;
    double spread = fmax(cost.high, advised.high) - fmin(cost.low, advised.low);
    return spread <= rule.cost_grain * fabs(cost.low) ? COSTS_THE_SAME : COSTS_WITHIN_NOISE;
}

/* One sentence in the making: clauses with "; " between. */
typedef struct {
    const rk_candidate *candidates;
    const rk_verdict *verdicts;
    size_t n, advised;
    rk_advice_rule rule;
    const char *metric;
    bool has_clause;
    rk_text *out;
} speech;

static void begin_clause(speech *s)
{
    rk_text_add(s->out, s->has_clause ? "; " : "");
    s->has_clause = true;
}

static bool stands(const speech *s, size_t i, standing kind)
{
    return s->verdicts[i] == RK_VERDICT_NOT_CHEAPER && i > 0 &&
           standing_of(s->candidates[i].cost, s->candidates[s->advised].cost, s->rule) == kind;
}

/* "fp16 and int8 cost the same": all candidates of one standing in one clause. Returns how many. */
static size_t add_standing(speech *s, standing kind)
{
    static const char *const words[N_STANDINGS] = {"the same", "the same within the timing noise", "more"};
    size_t n_all = 0, n_done = 0;
    for (size_t i = 0; i < s->n; i++)
        n_all += stands(s, i, kind);
    if (n_all == 0)
        return 0;
    begin_clause(s);
    for (size_t i = 0; i < s->n; i++)
        if (stands(s, i, kind)) {
            rk_text_add(s->out, n_done == 0 ? "" : n_done + 1 == n_all ? " and " : ", ");
            rk_text_add(s->out, s->candidates[i].name);
            n_done++;
        }
    rk_text_addf(s->out, n_all > 1 ? " cost %s" : " costs %s", words[kind]);
    return n_all;
}

static void add_losses(speech *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->verdicts[i] != RK_VERDICT_LOSES_QUALITY && s->verdicts[i] != RK_VERDICT_MAY_LOSE)
            continue;
        begin_clause(s);
        rk_text_add(s->out, s->candidates[i].name);
        if (s->verdicts[i] == RK_VERDICT_LOSES_QUALITY) {
            rk_text_add(s->out, " keeps only ");
            add_share(s->out, s->candidates[i].kept);
            rk_text_addf(s->out, " of the %s", s->metric);
        } else {
            rk_text_add(s->out, " may keep less than ");
            rk_text_add_fixed(s->out, 100 * s->rule.keep_share, 0);
            rk_text_addf(s->out, " %% of the %s, measured ", s->metric);
            add_share(s->out, s->candidates[i].kept);
        }
    }
}

void rk_advise_words(const rk_candidate *candidates, size_t n, rk_advice_rule rule, const char *metric,
                     const char *unit, rk_text *out)
{
    rk_verdict verdicts[CANDIDATES_MAX];
    n = n < CANDIDATES_MAX ? n : CANDIDATES_MAX;
    size_t advised = rk_advise(candidates, n, rule, verdicts);
    speech s = {candidates, verdicts, n, advised, rule, metric, advised > 0, out};
    rk_text_addf(out, "%s %s", advised ? "Deploy" : "Keep", candidates[advised].name);
    rk_text_add(out, n > 1 ? ": " : "");
    if (advised)
        add_gain(&candidates[0], &candidates[advised], metric, unit, out);
    add_losses(&s);
    add_standing(&s, COSTS_MORE);
    size_t n_ties = add_standing(&s, COSTS_THE_SAME) + add_standing(&s, COSTS_WITHIN_NOISE);
    rk_text_add(out, n_ties ? ", and a tie goes to the simpler variant." : ".");
}
