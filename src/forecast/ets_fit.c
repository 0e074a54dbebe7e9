/* ets_fit.c - see ets_fit.h.
 *
 * Minimises n log(sum of e^2) + 2 sum of log|k|, k = 1 for additive errors and the foreseen value for multiplicative
 * ones: -2 log of the likelihood with its variance put in (Ord, Koehler and Snyder 1997). The search runs over
 * alpha, beta / alpha, gamma / (1 - alpha) and phi, so that the usual region is a box, and over the first level and
 * trend; the first seasons stay as the heuristic found them: see README.md.
 */
#include "forecast/ets_fit.h"

#include <math.h>
#include <string.h>

#include "forecast/ets_start.h"
#include "math/simplex.h"

enum { ALPHA, BETA_SHARE, GAMMA_SHARE, PHI, N_WEIGHTS, LEVEL = N_WEIGHTS, TREND, N_PLACES };
enum { ROUNDS = 400 };

/* ---- one pass ---- */

typedef struct {
    double squares, log_sizes;
} sums;

/* The loop of every fit: compiled for each kind of season and error, no call inside, no division without a season, and
 * one logarithm for many steps. false: a foreseen value that the form does not allow. */
static inline bool pass(const rk_ets_history *history, rk_ets_state *state, rk_ets_season season, bool is_relative,
                        size_t period, sums *out)
{
    double level = state->level, trend = state->trend, product = 1;
    size_t phase = state->phase;
    *out = (sums){0, 0};
    for (size_t t = 0; t < history->n; t++) {
        double base = level + state->phi * trend, around = season == RK_SEASON_NONE ? 0 : state->season[phase];
        double foreseen = season == RK_SEASON_MULTIPLICATIVE ? base * around : base + around;
        if ((is_relative && !(foreseen > 1e-9)) || (season == RK_SEASON_MULTIPLICATIVE && !(base > 0 && around > 0))) {
            return false;
        }
        double r = history->value[t] - foreseen, to_base = 0;
        if (!isnan(r)) {
            double error = is_relative ? r / foreseen : r;
            out->squares += error * error;
            if (is_relative) {
                product *= foreseen;
                if (product > 1e200 || product < 1e-200) {
                    out->log_sizes += log(product);
                    product = 1;
                }
            }
            to_base = season == RK_SEASON_MULTIPLICATIVE ? r / around : r;
            if (season != RK_SEASON_NONE) {
                state->season[phase] = around + state->gamma * (season == RK_SEASON_MULTIPLICATIVE ? r / base : r);
            }
        }
        if (season != RK_SEASON_NONE) {
            phase = phase + 1 == period ? 0 : phase + 1;
        }
        level = base + state->alpha * to_base;
        trend = state->phi * trend + state->beta * to_base;
    }
    out->log_sizes += log(product);
    state->level = level;
    state->trend = trend;
    state->phase = phase;
    return true;
}

static bool pass_form(const rk_ets_form *form, const rk_ets_history *history, rk_ets_state *state, sums *out)
{
    bool is_relative = form->error == RK_ERROR_MULTIPLICATIVE;
    switch (form->season) {
    case RK_SEASON_ADDITIVE:
        return is_relative ? pass(history, state, RK_SEASON_ADDITIVE, true, form->period, out)
                           : pass(history, state, RK_SEASON_ADDITIVE, false, form->period, out);
    case RK_SEASON_MULTIPLICATIVE:
        return is_relative ? pass(history, state, RK_SEASON_MULTIPLICATIVE, true, form->period, out)
                           : pass(history, state, RK_SEASON_MULTIPLICATIVE, false, form->period, out);
    default:
        return is_relative ? pass(history, state, RK_SEASON_NONE, true, 1, out)
                           : pass(history, state, RK_SEASON_NONE, false, 1, out);
    }
}

/* ---- the search ---- */

/* Which of the six numbers are searched; the others stand still. */
typedef struct {
    const rk_ets_form *form;
    const rk_ets_history *history;
    double place[N_PLACES]; /* weights as shares, then the first level and trend */
    size_t free[N_PLACES], n_free;
    const double *first_season; /* [period] */
    double *season;             /* [period] the moving one */
} search;

static void begin(const search *s, rk_ets_state *state)
{
    const double *p = s->place;
    *state = (rk_ets_state){.alpha = p[ALPHA], .phi = 1, .level = p[LEVEL], .season = s->season};
    if (s->form->trend != RK_TREND_NONE) {
        state->beta = p[ALPHA] * p[BETA_SHARE];
        state->trend = p[TREND];
    }
    if (s->form->trend == RK_TREND_DAMPED) {
        state->phi = p[PHI];
    }
    if (s->form->season != RK_SEASON_NONE) {
        state->gamma = (1 - p[ALPHA]) * p[GAMMA_SHARE];
        memcpy(s->season, s->first_season, s->form->period * sizeof *s->season);
    }
}

static double run(const search *s, rk_ets_state *state, sums *out)
{
    begin(s, state);
    if (!pass_form(s->form, s->history, state, out)) {
        return INFINITY;
    }
    double n = (double)s->history->n_known;
    return n * log(fmax(out->squares / n, 1e-24)) + 2 * out->log_sizes; /* a perfect fit is no better than 1e-12 */
}

static double loss_at(void *context, const double *at)
{
    search *s = context;
    rk_ets_state state;
    sums out;
    for (size_t i = 0; i < s->n_free; i++) {
        s->place[s->free[i]] = at[i];
    }
    return run(s, &state, &out);
}

static void free_places(search *s)
{
    const rk_ets_form *form = s->form;
    const bool is_free[N_PLACES] = {
        true, form->trend != RK_TREND_NONE, form->season != RK_SEASON_NONE, form->trend == RK_TREND_DAMPED,
        true, form->trend != RK_TREND_NONE};
    s->n_free = 0;
    for (size_t i = 0; i < N_PLACES; i++) {
        if (is_free[i]) {
            s->free[s->n_free++] = i;
        }
    }
}

/* From the place at hand, with edges as long as given. */
static double descend(search *s, double edge, double tolerance)
{
    static const double low[N_PLACES] = {1e-4, 1e-4, 1e-4, 0.8, -1e9, -1e9},
                        high[N_PLACES] = {0.9999, 0.9999, 0.9999, 0.98, 1e9, 1e9},
                        step[N_PLACES] = {0.2, 0.2, 0.1, 0.05, 0.1, 0.02};
    double at[N_PLACES], at_low[N_PLACES], at_high[N_PLACES], at_step[N_PLACES];
    for (size_t i = 0; i < s->n_free; i++) {
        size_t f = s->free[i];
        at[i] = s->place[f];
        at_low[i] = low[f];
        at_high[i] = high[f];
        at_step[i] = edge * step[f];
    }
    rk_simplex how = {s->n_free, at_step, at_low, at_high, tolerance, ROUNDS};
    double loss = rk_simplex_descend(&how, loss_at, s, at);
    (void)loss_at(s, at); /* leaves the place of the best */
    return loss;
}

static double search_weights(search *s)
{
    static const double starts[][N_WEIGHTS] = {{0.3, 0.1, 0.1, 0.95}, {0.9, 0.1, 0.3, 0.9}, {0.05, 0.05, 0.05, 0.97}};
    double best[N_PLACES], best_loss = INFINITY, level = s->place[LEVEL], trend = s->place[TREND];
    memcpy(best, s->place, sizeof best);
    for (size_t i = 0; i < RK_COUNT_OF(starts); i++) {
        memcpy(s->place, starts[i], sizeof starts[i]);
        s->place[LEVEL] = level;
        s->place[TREND] = trend;
        double loss = descend(s, 1, 1e-2);
        if (loss < best_loss) {
            best_loss = loss;
            memcpy(best, s->place, sizeof best);
        }
    }
    memcpy(s->place, best, sizeof best);
    return isfinite(best_loss) ? descend(s, 0.5, 1e-6) : best_loss;
}

size_t rk_ets_room(const rk_ets_form *form, size_t n) { return 2 * n + 2 * form->period; }

static size_t count_parameters(const rk_ets_form *form)
{
    size_t n = 3; /* alpha, the level, the variance */
    n += form->trend != RK_TREND_NONE ? 2 : 0;
    n += form->trend == RK_TREND_DAMPED ? 1 : 0;
    return n + (form->season != RK_SEASON_NONE ? form->period : 0); /* gamma, and period - 1 seasons */
}

size_t rk_ets_values_min(const rk_ets_form *form)
{
    size_t n = count_parameters(form) + 2, n_seasons = form->season != RK_SEASON_NONE ? 2 * form->period : 0;
    return n > n_seasons ? n : n_seasons;
}

void rk_ets_fit_form(const rk_ets_form *form, const rk_ets_history *history, double *room, rk_ets_fit *out)
{
    double *season = room, *first_season = season + form->period, *rest = first_season + form->period;
    search s = {.form = form, .history = history, .first_season = first_season, .season = season};
    double n = (double)history->n_known, k = (double)count_parameters(form);
    *out = (rk_ets_fit){.likelihood = INFINITY, .aicc = INFINITY, .n_parameters = count_parameters(form)};
    if (!rk_ets_start(form, history->value, history->n, rest, &s.place[LEVEL], &s.place[TREND], first_season)) {
        return;
    }
    free_places(&s);
    sums reached;
    (void)search_weights(&s);
    out->likelihood = run(&s, &out->state, &reached);
    out->squares = reached.squares;
    if (isfinite(out->likelihood) && n > k + 1) {
        out->aicc = out->likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1);
    }
}
