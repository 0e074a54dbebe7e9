/* usl.c - see usl.h. N. J. Gunther, Guerrilla Capacity Planning (2007), chapters 4 to 6.
 *
 * With a = 1 / lambda, b = sigma / lambda, c = kappa / lambda the law reads N / X = a + b (N - 1) + c N (N - 1), and
 * the relative residual of a measurement, X / fitted - 1, is
 *
 *   (X / N) (a + b (N - 1) + c N (N - 1)) - 1
 *
 * which is linear in a, b, c. Noise of throughput is proportional to it, so the sum of squares of these is the right
 * one to make small, and it has one minimum. Gunther fits a parabola to the same equation without the weight X / N,
 * which lets the largest machine, the one that matters, count least. The bounds b, c >= 0 leave four cases: each is
 * solved with its bounded terms at 0, and the best admissible one is the answer. Nothing is iterated.
 */
#include "measure/usl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TERMS = 3 }; /* a, b, c */

/* Sums over the points: rows of the linear system are products of terms. */
typedef struct {
    double square[TERMS][TERMS], target[TERMS];
    size_t n;
} sums;

typedef struct {
    unsigned terms[TERMS], n_terms; /* those that are free */
    double value[TERMS];            /* by term; 0 where bounded */
    double inverse[TERMS][TERMS];   /* of the matrix of the free terms */
    double loss;                    /* sum of squared residuals; HUGE_VAL = not admissible */
} fit;

static void row_of(const rk_usl_point *p, double *row)
{
    double w = p->rps / p->cores;
    row[0] = w;
    row[1] = w * (p->cores - 1);
    row[2] = w * p->cores * (p->cores - 1);
}

static void add_point(sums *s, const rk_usl_point *p)
{
    double row[TERMS];
    row_of(p, row);
    for (unsigned i = 0; i < TERMS; i++) {
        for (unsigned j = 0; j < TERMS; j++) {
            s->square[i][j] += row[i] * row[j];
        }
        s->target[i] += row[i];
    }
    s->n++;
}

/* Inverse of the free part by Gauss and Jordan, its diagonal scaled to 1 first; false when it is as good as singular.
 */
static bool invert(const sums *s, fit *f)
{
    enum { WIDE = 2 * TERMS };
    double m[TERMS][WIDE] = {{0}}, scale[TERMS];
    const double tiny = 1e-12;
    unsigned n = f->n_terms;
    for (unsigned i = 0; i < n; i++) {
        scale[i] = sqrt(s->square[f->terms[i]][f->terms[i]]);
        if (!(scale[i] > 0)) {
            return false;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        for (unsigned j = 0; j < n; j++) {
            m[i][j] = s->square[f->terms[i]][f->terms[j]] / (scale[i] * scale[j]);
        }
        m[i][n + i] = 1;
    }
    for (unsigned k = 0; k < n; k++) { /* positive definite: the diagonal is the pivot */
        if (!(m[k][k] > tiny)) {
            return false;
        }
        for (unsigned j = 2 * n; j-- > k;) {
            m[k][j] /= m[k][k];
        }
        for (unsigned i = 0; i < n; i++) {
            for (unsigned j = 2 * n; i != k && j-- > k;) {
                m[i][j] -= m[i][k] * m[k][j];
            }
        }
    }
    for (unsigned i = 0; i < n; i++) {
        for (unsigned j = 0; j < n; j++) {
            f->inverse[i][j] = m[i][n + j] / (scale[i] * scale[j]);
        }
    }
    return true;
}

static double loss_of(const rk_usl_point *points, size_t n, const double *value)
{
    double sum = 0, row[TERMS];
    for (size_t i = 0; i < n; i++) {
        row_of(&points[i], row);
        double residual = row[0] * value[0] + row[1] * value[1] + row[2] * value[2] - 1;
        sum += residual * residual;
    }
    return sum;
}

/* With sigma or kappa free as the flags say. */
static fit solve(const sums *s, const rk_usl_point *points, size_t n, unsigned with_sigma, unsigned with_kappa)
{
    fit f = {.n_terms = 1, .loss = HUGE_VAL};
    if (with_sigma) {
        f.terms[f.n_terms++] = 1;
    }
    if (with_kappa) {
        f.terms[f.n_terms++] = 2;
    }
    if (!invert(s, &f)) {
        return f;
    }
    bool admissible = true;
    for (unsigned i = 0; i < f.n_terms; i++) {
        double sum = 0;
        for (unsigned j = 0; j < f.n_terms; j++) {
            sum += f.inverse[i][j] * s->target[f.terms[j]];
        }
        f.value[f.terms[i]] = sum;
        admissible = admissible && sum >= 0;
    }
    if (admissible && f.value[0] > 0) {
        f.loss = loss_of(points, n, f.value);
    }
    return f;
}

/* Standard errors by the rule of propagation: sigma = b / a, so d sigma = (d b - sigma d a) / a. */
static void judge(const fit *f, size_t n, rk_usl *out)
{
    double a = f->value[0], free = (double)n - f->n_terms, noise = free > 0 ? f->loss / free : NAN;
    double *errors[TERMS] = {&out->lambda_error, &out->sigma_error, &out->kappa_error};
    for (unsigned t = 0; t < TERMS; t++) {
        *errors[t] = 0;
    }
    for (unsigned i = 0; i < f->n_terms; i++) {
        double ratio = f->value[f->terms[i]] / a, variance = f->inverse[0][0];
        if (f->terms[i] != 0) {
            variance = f->inverse[i][i] - 2 * ratio * f->inverse[0][i] + ratio * ratio * f->inverse[0][0];
        }
        double step = f->terms[i] == 0 ? a * a : a;
        *errors[f->terms[i]] = sqrt(fmax(0, variance) * noise) / step;
    }
    out->misfit = sqrt(f->loss / (double)n);
}

static size_t count_cores(const rk_usl_point *points, size_t n)
{
    size_t distinct = 0;
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < i && points[j].cores != points[i].cores) {
            j++;
        }
        distinct += j == i;
    }
    return distinct;
}

/* Two numbers of cores or more. Of equally good fits the one with fewer parameters. */
static void fit_points(const rk_usl_point *points, size_t n, rk_usl *out)
{
    sums s = {.n = 0};
    for (size_t i = 0; i < n; i++) {
        add_point(&s, &points[i]);
    }
    *out = (rk_usl){.has_kappa = count_cores(points, n) >= 3, .left_out_error = NAN, .cores_min = HUGE_VAL};
    fit best = solve(&s, points, n, 0, 0);
    for (unsigned kind = 1; kind < (out->has_kappa ? 4u : 2u); kind++) {
        fit other = solve(&s, points, n, kind & 1, kind >> 1);
        best = other.loss < best.loss ? other : best;
    }
    out->lambda = 1 / best.value[0];
    out->sigma = best.value[1] / best.value[0];
    out->kappa = best.value[2] / best.value[0];
    judge(&best, n, out);
    for (size_t i = 0; i < n; i++) {
        out->cores_min = fmin(out->cores_min, points[i].cores);
        out->cores_max = fmax(out->cores_max, points[i].cores);
    }
}

/* Each point is predicted from the others, as if it had not been measured. */
static bool leave_out(const rk_usl_point *points, size_t n, double *out)
{
    double sum = 0;
    rk_usl_point *rest = malloc(n * sizeof *rest);
    for (size_t i = 0; rest && i < n; i++) {
        rk_usl usl;
        memcpy(rest, points, i * sizeof *rest);
        memcpy(rest + i, points + i + 1, (n - i - 1) * sizeof *rest);
        fit_points(rest, n - 1, &usl);
        sum += fabs(rk_usl_at(&usl, points[i].cores) - points[i].rps) / points[i].rps;
    }
    *out = sum / (double)n;
    free(rest);
    return rest != NULL;
}

rk_status rk_usl_fit(const rk_usl_point *points, size_t n, rk_usl *out, rk_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!(points[i].cores > 0) || !(points[i].rps > 0) || !isfinite(points[i].cores) || !isfinite(points[i].rps)) {
            return rk_fail(err, RK_BAD_INPUT, "a fit needs cores and requests/s above 0, got %g cores at %g requests/s",
                           points[i].cores, points[i].rps);
        }
    }
    size_t distinct = count_cores(points, n);
    if (distinct < 2) {
        return rk_fail(err, RK_BAD_INPUT,
                       "a scaling law needs measurements at two numbers of cores or more (three for kappa), got %zu",
                       distinct);
    }
    fit_points(points, n, out);
    return distinct < 3 || leave_out(points, n, &out->left_out_error) ? RK_OK : rk_fail_memory(err, "a scaling law");
}

double rk_usl_at(const rk_usl *usl, double cores)
{
    double slow = 1 + usl->sigma * (cores - 1) + usl->kappa * cores * (cores - 1);
    return slow > 0 ? usl->lambda * cores / slow : 0;
}

double rk_usl_peak(const rk_usl *usl) { return usl->kappa > 0 ? sqrt(fmax(0, 1 - usl->sigma) / usl->kappa) : HUGE_VAL; }
