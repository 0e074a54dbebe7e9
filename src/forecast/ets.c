/* ets.c - see ets.h. */
#include "forecast/ets.h"

#include <assert.h>
#include <math.h>

void rk_ets_name(rk_ets_form form, rk_text *out)
{
    static const char *const errors[] = {"A", "M"}, *const trends[] = {"N", "A", "Ad"},
                             *const seasons[] = {"N", "A", "M"};
    rk_text_addf(out, "ETS(%s,%s,%s)", errors[form.error], trends[form.trend], seasons[form.season]);
    if (form.season != RK_SEASON_NONE) {
        rk_text_addf(out, "[%zu]", form.period);
    }
}

double rk_ets_foresee(const rk_ets_form *form, const rk_ets_state *state)
{
    double base = state->level + state->phi * state->trend;
    switch (form->season) {
    case RK_SEASON_ADDITIVE:
        return base + state->season[state->phase];
    case RK_SEASON_MULTIPLICATIVE:
        return base * state->season[state->phase];
    default:
        return base;
    }
}

void rk_ets_step(const rk_ets_form *form, rk_ets_state *state, double r)
{
    double base = state->level + state->phi * state->trend, to_base = r;
    if (form->season != RK_SEASON_NONE) {
        double *season = &state->season[state->phase];
        bool multiplies = form->season == RK_SEASON_MULTIPLICATIVE;
        to_base = multiplies ? r / *season : r;
        *season += state->gamma * (multiplies ? r / base : r);
        state->phase = state->phase + 1 == form->period ? 0 : state->phase + 1;
    }
    state->level = base + state->alpha * to_base;
    state->trend = state->phi * state->trend + state->beta * to_base;
}

bool rk_ets_is_linear(const rk_ets_form *form)
{
    return form->error == RK_ERROR_ADDITIVE && form->season != RK_SEASON_MULTIPLICATIVE;
}

double rk_ets_echo(const rk_ets_form *form, const rk_ets_state *state, size_t j)
{
    assert(j >= 1 && form->season != RK_SEASON_MULTIPLICATIVE);
    double echo = state->alpha;
    if (form->trend == RK_TREND_ADDITIVE) {
        echo += state->beta * (double)j;
    } else if (form->trend == RK_TREND_DAMPED) {
        double phi = state->phi;
        echo += state->beta * phi * (1 - pow(phi, (double)j)) / (1 - phi);
    }
    return form->season == RK_SEASON_ADDITIVE && j % form->period == 0 ? echo + state->gamma : echo;
}
