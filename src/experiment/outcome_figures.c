/* outcome_figures.c - ratios of sums over users, their variances, and what sets them apart. */
#include <math.h>

#include "experiment/outcome_parts.h"
#include "math/beta.h"
#include "math/normal.h"

/* ---- moments of one figure in one variant ---- */

typedef struct {
    double n, y, d;            /* users; means */
    double yy, yd, dd, yx, xx; /* covariances, over n - 1 */
    double x;
} moments;

/* y - slope * x in the place of y. */
static double adjusted(const user_row *row, size_t f, double slope) { return row->y[f] - slope * row->x[f]; }

/* Two passes: sums of squares about the mean lose no digits. */
static moments moments_of(const user_row *rows, size_t n, size_t variant, size_t f, double slope)
{
    moments m = {0};
    for (size_t i = 0; i < n; i++) {
        if (rows[i].variant == variant) {
            m.n++;
            m.y += adjusted(&rows[i], f, slope);
            m.d += rows[i].d[f];
            m.x += rows[i].x[f];
        }
    }
    m.y /= m.n;
    m.d /= m.n;
    m.x /= m.n;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].variant == variant) {
            double y = adjusted(&rows[i], f, slope) - m.y, d = rows[i].d[f] - m.d, x = rows[i].x[f] - m.x;
            m.yy += y * y;
            m.yd += y * d;
            m.dd += d * d;
            m.yx += y * x;
            m.xx += x * x;
        }
    }
    double over = m.n > 1 ? m.n - 1 : NAN; /* one user says nothing of how users differ */
    m.yy /= over;
    m.yd /= over;
    m.dd /= over;
    m.yx /= over;
    m.xx /= over;
    return m;
}

/* ---- the adjustment by what was before ---- */

typedef struct {
    double slope, x; /* of y by x, pooled over variants; the mean of x over all users */
} adjustment;

static adjustment adjustment_of(const measuring *m, const user_row *rows, size_t n, size_t f)
{
    adjustment a = {0, 0};
    double yx = 0, xx = 0, x = 0;
    if (m->options->before_s == 0 || !rk_figure_rows[f].is_per_user) {
        return a;
    }
    for (size_t v = 0; v < m->n_variants; v++) {
        moments s = moments_of(rows, n, v, f, 0);
        if (s.n > 1) {
            yx += s.yx * (s.n - 1);
            xx += s.xx * (s.n - 1);
        }
        x += s.x * s.n;
    }
    return xx > 0 ? (adjustment){yx / xx, x / (double)n} : a;
}

/* ---- a variant, and against the control ---- */

typedef struct {
    double value, variance, kept;
} measured;

static measured measure(const user_row *rows, size_t n, size_t v, size_t f, adjustment a)
{
    moments s = moments_of(rows, n, v, f, a.slope);
    double y = s.y + a.slope * a.x, ratio = y / s.d;
    measured out = {ratio, (s.yy - 2 * ratio * s.yd + ratio * ratio * s.dd) / (s.n * s.d * s.d), 1};
    if (a.slope != 0) {
        double before = moments_of(rows, n, v, f, 0).yy;
        out.kept = before > 0 ? s.yy / before : 1;
    }
    return out;
}

static rk_estimate around(double value, double error, double z)
{
    return (rk_estimate){value, value - z * error, value + z * error};
}

static rk_figure_result compare(measured control, measured own, double z)
{
    double difference = own.value - control.value, error = sqrt(own.variance + control.variance);
    double ratio = own.value / control.value, c2 = control.value * control.value;
    double ratio_error = sqrt(own.variance / c2 + ratio * ratio * control.variance / c2);
    rk_figure_result r = {.value = around(own.value, sqrt(own.variance), z),
                          .difference = around(difference, error, z),
                          .uplift = around(ratio - 1, ratio_error, z),
                          .p = error > 0         ? erfc(fabs(difference) / error / sqrt(2))
                               : difference == 0 ? 1
                                                 : 0,
                          .kept_variance = own.kept};
    if (!(control.value > 0)) { /* a share of nothing, or of a loss, says nothing */
        r.uplift = (rk_estimate){NAN, NAN, NAN};
    }
    return r;
}

void measure_figures(const measuring *m, const user_row *rows, size_t n, rk_outcome *out)
{
    double z = rk_normal_quantile(0.5 + m->options->confidence / 2);
    for (size_t f = 0; f < RK_N_FIGURES; f++) {
        adjustment a = adjustment_of(m, rows, n, f);
        measured control = measure(rows, n, 0, f, a);
        for (size_t v = 0; v < out->n_variants; v++) {
            out->variant[v].figure[f] = compare(control, v > 0 ? measure(rows, n, v, f, a) : control, z);
        }
        out->variant[0].figure[f].difference = out->variant[0].figure[f].uplift = (rk_estimate){0, 0, 0};
        out->variant[0].figure[f].p = 1;
    }
    for (size_t v = 0; v < out->n_variants; v++) {
        rk_variant_result *r = &out->variant[v];
        r->cost_per_1000 =
            m->has_cost ? r->figure[RK_FIGURE_COST].value.value * (double)r->n_users / (double)r->n_answers * 1000
                        : NAN;
    }
}

/* ---- interleaving ---- */

/* Credits of one user: whoever showed an item that he then clicked or bought, in the last list that had it. */
static void count_credits(const measuring *m, const rk_journal_user *user, uint64_t credits[2])
{
    for (size_t i = 0; i < user->n_deeds; i++) {
        const rk_deed *deed = &m->journal->deed[user->first_deed + i];
        size_t at;
        const rk_shown *shown = deed->kind != RK_DEED_OTHER ? shown_before(m, user, deed, &at) : NULL;
        if (shown && shown->team && deed->time_s - shown->time_s < m->options->window_s) {
            credits[shown->team[at]]++;
        }
    }
}

/* The exact interval of a share (Clopper and Pearson). */
static rk_estimate share_of(uint64_t k, uint64_t n, double confidence)
{
    double tail = (1 - confidence) / 2, a = (double)k, b = (double)(n - k);
    return (rk_estimate){n ? a / (double)n : NAN, k > 0 ? rk_beta_quantile(a, b + 1, tail) : 0,
                         k < n ? 1 - rk_beta_quantile(b, a + 1, tail) : 1};
}

static double sign_test(uint64_t a, uint64_t b)
{
    uint64_t most = a > b ? a : b;
    double p = a + b > 0 ? 2 * rk_binomial_at_least(most, a + b, 0.5) : 1;
    return p < 1 ? p : 1;
}

rk_status measure_preference(const measuring *m, rk_outcome *out, rk_error *err)
{
    const rk_journal *j = m->journal;
    rk_preference *p = &out->preference;
    out->first_s = INT64_MAX;
    out->newest_s = j->newest_s;
    for (size_t i = 0; i < j->n_shown; i++) {
        const rk_shown *s = &j->shown[i];
        if (s->experiment != m->experiment || !s->team) {
            continue;
        }
        p->n_answers++;
        p->n_users += i == 0 || j->shown[i - 1].user != s->user || j->shown[i - 1].experiment != m->experiment;
        out->first_s = s->time_s < out->first_s ? s->time_s : out->first_s;
        for (size_t t = 0; t < 2 && !p->name[t]; t++) {
            rk_slice name = rk_interner_key(j->names, s->variants[t]);
            p->name[t] = rk_arena_copy(&out->arena, name.at, name.n);
            if (!p->name[t]) {
                return rk_fail_memory(err, "variants");
            }
        }
    }
    for (uint32_t u = 0; u < rk_interner_count(j->users); u++) {
        uint64_t credits[2] = {0, 0};
        count_credits(m, &j->by_user[u], credits);
        p->n_credits[0] += credits[0];
        p->n_credits[1] += credits[1];
        p->n_wins[0] += credits[0] > credits[1];
        p->n_wins[1] += credits[1] > credits[0];
        p->n_ties += credits[0] == credits[1] && credits[0] > 0;
    }
    p->preference = share_of(p->n_wins[1], p->n_wins[0] + p->n_wins[1], m->options->confidence);
    p->p = sign_test(p->n_wins[0], p->n_wins[1]);
    out->n_users = p->n_users;
    return RK_OK;
}
