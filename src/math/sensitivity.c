/* sensitivity.c - first-order: A. Saltelli et al., "Variance based sensitivity analysis of model output" (2010), table
 * 2 (b): mean(f(B) (f(AB_i) - f(A))) / variance. Total: M. J. W. Jansen, "Analysis of variance designs for model
 * output" (1999): mean((f(A) - f(AB_i))^2) / 2 / variance.
 *
 * Outcomes are centred first: the first formula multiplies them, and a large mean would drown it. Everything is kept as
 * sums of batches, so that leaving one out (Efron and Stein's jackknife) is a subtraction; unlike a bootstrap it draws
 * nothing and needs no seed.
 */
#include "math/sensitivity.h"

#include <assert.h>
#include <math.h>

#include "math/beta.h"

enum { BATCHES = RK_SENSITIVITY_BATCHES };

typedef struct {
    double n, outcome, square; /* of a and b together: n is twice the rows */
    double product;            /* b (ab - a) */
    double difference;         /* (a - ab)^2 */
} sums;

typedef struct {
    double first, total;
} indices;

static double mean_of_both(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        double part = 0;
        for (size_t i = batch * n / BATCHES; i < (batch + 1) * n / BATCHES; i++) {
            part += a[i] - a[0] + (b[i] - a[0]);
        }
        sum += part;
    }
    return a[0] + sum / (2 * (double)n);
}

static sums sums_of(const double *a, const double *b, const double *ab, size_t n, double centre)
{
    sums s = {.n = 2 * (double)n};
    for (size_t i = 0; i < n; i++) {
        double x = a[i] - centre, y = b[i] - centre, change = ab[i] - a[i];
        s.outcome += x + y;
        s.square += x * x + y * y;
        s.product += y * change;
        s.difference += change * change;
    }
    return s;
}

/* whole + sign * part */
static sums added(sums whole, sums part, double sign)
{
    return (sums){whole.n + sign * part.n, whole.outcome + sign * part.outcome, whole.square + sign * part.square,
                  whole.product + sign * part.product, whole.difference + sign * part.difference};
}

static indices indices_of(sums s)
{
    double mean = s.outcome / s.n, variance = s.square / s.n - mean * mean;
    if (!(variance > 0)) {
        return (indices){0, 0};
    }
    return (indices){s.product / (s.n / 2) / variance, s.difference / s.n / variance};
}

/* left_out: [BATCHES] the figure without each batch. */
static rk_estimate jackknife(double whole, const double *left_out, double confidence)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < BATCHES; i++) {
        mean += left_out[i] / BATCHES;
    }
    for (size_t i = 0; i < BATCHES; i++) {
        square += (left_out[i] - mean) * (left_out[i] - mean);
    }
    double error = sqrt(square * (BATCHES - 1) / BATCHES);
    double half_width = -rk_student_quantile(BATCHES - 1, (1 - confidence) / 2) * error;
    return (rk_estimate){whole, whole - half_width, whole + half_width};
}

rk_sensitivity rk_sensitivity_of(const double *a, const double *b, const double *ab, size_t n, double confidence)
{
    assert(n >= BATCHES && confidence > 0 && confidence < 1);
    double centre = mean_of_both(a, b, n), first[BATCHES], total[BATCHES];
    sums batch[BATCHES], whole = {0};
    for (size_t i = 0; i < BATCHES; i++) {
        size_t begin = i * n / BATCHES, end = (i + 1) * n / BATCHES;
        batch[i] = sums_of(a + begin, b + begin, ab + begin, end - begin, centre);
        whole = added(whole, batch[i], 1);
    }
    for (size_t i = 0; i < BATCHES; i++) {
        indices without = indices_of(added(whole, batch[i], -1));
        first[i] = without.first;
        total[i] = without.total;
    }
    indices all = indices_of(whole);
    return (rk_sensitivity){jackknife(all.first, first, confidence), jackknife(all.total, total, confidence)};
}
