/* ets_start.c - the heuristic of Hyndman, Koehler, Snyder and Grose (2002), with gaps.
 *
 * Season: what a centred moving average over one season leaves, averaged by place in the season and normalised to sum 0
 * (additive) or to mean 1 (multiplicative). Level and trend: a straight line through the first values, the season taken
 * out. Both are only where the search begins.
 */
#include "forecast/ets_start.h"

#include <math.h>

enum { LINE_VALUES = 10 }; /* or two seasons */

/* A copy without gaps: a missing value is that of a season before, else of a season after, else the mean. */
static void fill_gaps(const double *value, size_t n, size_t period, double *out)
{
    double sum = 0;
    size_t n_known = 0;
    for (size_t t = 0; t < n; t++) {
        if (!isnan(value[t])) {
            sum += value[t];
            n_known++;
        }
    }
    for (size_t t = 0; t < n; t++) {
        out[t] = isnan(value[t]) && t >= period ? out[t - period] : value[t];
    }
    for (size_t t = n; t-- > 0;) {
        if (isnan(out[t])) {
            out[t] = t + period < n ? out[t + period] : sum / (double)n_known;
        }
    }
}

/* The mean of one season around each t of [period / 2, n - period / 2); ends of an even season count half. */
static void smooth(const double *value, size_t n, size_t period, double *out)
{
    size_t half = period / 2;
    for (size_t t = half; t + half < n; t++) {
        double sum = 0;
        for (size_t i = t - half; i <= t + half; i++) {
            bool is_half = period % 2 == 0 && (i == t - half || i == t + half);
            sum += is_half ? value[i] / 2 : value[i];
        }
        out[t] = sum / (double)period;
    }
}

static bool find_season(const rk_ets_form *form, const double *filled, const double *smoothed, size_t n, double *season)
{
    size_t period = form->period, half = period / 2;
    bool multiplies = form->season == RK_SEASON_MULTIPLICATIVE;
    double all = 0;
    for (size_t place = 0; place < period; place++) {
        double sum = 0;
        size_t n_values = 0;
        for (size_t t = place; t + half < n; t += period) {
            if (t >= half) {
                sum += multiplies ? filled[t] / smoothed[t] : filled[t] - smoothed[t];
                n_values++;
            }
        }
        season[place] = sum / (double)n_values;
        if (!isfinite(season[place]) || (multiplies && season[place] <= 0)) {
            return false;
        }
        all += season[place] / (double)period;
    }
    for (size_t place = 0; place < period; place++) {
        season[place] = multiplies ? season[place] / all : season[place] - all;
    }
    return true;
}

/* The least-squares line through the first known values: *level at the step before the first. */
static void find_line(const rk_ets_form *form, const double *value, size_t n, const double *season, double *level,
                      double *trend)
{
    size_t n_wanted = 2 * form->period > LINE_VALUES ? 2 * form->period : LINE_VALUES, n_values = 0;
    double sum_t = 0, sum_v = 0, sum_tt = 0, sum_tv = 0;
    for (size_t t = 0; t < n && n_values < n_wanted; t++) {
        double v = form->season == RK_SEASON_NONE       ? value[t]
                   : form->season == RK_SEASON_ADDITIVE ? value[t] - season[t % form->period]
                                                        : value[t] / season[t % form->period];
        if (!isnan(v)) {
            double x = (double)(t + 1);
            sum_t += x;
            sum_v += v;
            sum_tt += x * x;
            sum_tv += x * v;
            n_values++;
        }
    }
    double count = (double)n_values, spread = count * sum_tt - sum_t * sum_t;
    bool has_trend = form->trend != RK_TREND_NONE && spread > 0;
    *trend = has_trend ? (count * sum_tv - sum_t * sum_v) / spread : 0;
    *level = (sum_v - *trend * sum_t) / count;
}

bool rk_ets_start(const rk_ets_form *form, const double *value, size_t n, double *room, double *level, double *trend,
                  double *season)
{
    if (form->season != RK_SEASON_NONE) {
        double *filled = room, *smoothed = room + n;
        fill_gaps(value, n, form->period, filled);
        smooth(filled, n, form->period, smoothed);
        if (!find_season(form, filled, smoothed, n, season)) {
            return false;
        }
    }
    find_line(form, value, n, season, level, trend);
    return isfinite(*level) && isfinite(*trend);
}
