/* ivf_basis.c - the space in which an error of an item costs every query alike.
 *
 * With C the mean of q q' over the sample of queries, an error e of an item makes the mean square error e' C e of its
 * scores. In A = C^1/2 (any root) that is |A e|^2; queries become A^-1' q, whose mean square is the unit matrix, and
 * products stay. Any rotation may follow: V', the eigenvectors of the items' covariance there, so that the numbers of
 * an item are uncorrelated and come by falling variance.
 * C gets a share of the unit matrix: a sample need not have seen every direction, and no inverse is to be enormous.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ivf.h"
#include "math/eigen.h"

static const double SHARE = 1e-2;

/* sum: [dim x dim] lower triangle; the mean of row row', of (row - mean)(row - mean)' when mean is given. */
static void second_moment(const rk_ann_rows *rows, const double *mean, double *sum)
{
    size_t dim = rows->dim;
    memset(sum, 0, dim * dim * sizeof *sum);
    for (size_t r = 0; r < rows->n; r++) {
        const float *row = rk_ann_row(rows, r);
        for (size_t i = 0; i < dim; i++) {
            double value = (double)row[i] - (mean ? mean[i] : 0);
            for (size_t j = 0; j <= i; j++) {
                sum[i * dim + j] += value * ((double)row[j] - (mean ? mean[j] : 0));
            }
        }
    }
    for (size_t i = 0; i < dim * dim; i++) {
        sum[i] /= (double)rows->n;
    }
}

static void mean_of(const rk_ann_rows *rows, double *mean)
{
    memset(mean, 0, rows->dim * sizeof *mean);
    for (size_t r = 0; r < rows->n; r++) {
        for (size_t d = 0; d < rows->dim; d++) {
            mean[d] += (double)rk_ann_row(rows, r)[d] / (double)rows->n;
        }
    }
}

static void add_share(double *c, size_t dim)
{
    double trace = 0;
    for (size_t i = 0; i < dim; i++) {
        trace += c[i * dim + i];
    }
    double share = trace > 0 ? SHARE * trace / (double)dim : 1;
    for (size_t i = 0; i < dim; i++) {
        c[i * dim + i] += share;
    }
}

/* out[i][j] = sum over a, b of left[i][a] c[a][b] left[j][b]; c by its lower triangle; scratch [dim x dim]. */
static void sandwich(const double *left, const double *c, size_t dim, double *scratch, double *out)
{
    for (size_t i = 0; i < dim; i++) {
        for (size_t b = 0; b < dim; b++) {
            double sum = 0;
            for (size_t a = 0; a < dim; a++) {
                sum += left[i * dim + a] * (a >= b ? c[a * dim + b] : c[b * dim + a]);
            }
            scratch[i * dim + b] = sum;
        }
    }
    for (size_t i = 0; i < dim; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t b = 0; b < dim; b++) {
                sum += scratch[i * dim + b] * left[j * dim + b];
            }
            out[i * dim + j] = sum;
        }
    }
}

/* out = rows of v, the last first, times left. */
static void product(const double *v, const double *left, size_t dim, float *out)
{
    for (size_t i = 0; i < dim; i++) {
        for (size_t j = 0; j < dim; j++) {
            double sum = 0;
            for (size_t a = 0; a < dim; a++) {
                sum += v[(dim - 1 - i) * dim + a] * left[a * dim + j];
            }
            out[i * dim + j] = (float)sum;
        }
    }
}

typedef struct {
    double *c, *root, *inverse, *items, *scratch, *value, *mean;
} room;

static rk_status find_basis(const room *m, const rk_ann_rows *items, const rk_ann_rows *queries, float *turn,
                            float *item_turn, rk_error *err)
{
    size_t dim = items->dim;
    second_moment(queries, NULL, m->c);
    add_share(m->c, dim);
    if (!rk_eigen_symmetric(m->c, dim, m->value)) {
        return rk_fail(err, RK_BAD_INPUT, "the queries' numbers are too large or too small to be compared");
    }
    for (size_t i = 0; i < dim; i++) { /* rows of c are eigenvectors: C^1/2 is one of its roots with them as rows */
        double size = sqrt(m->value[i] > 0 ? m->value[i] : 1e-300);
        for (size_t j = 0; j < dim; j++) {
            m->root[i * dim + j] = m->c[i * dim + j] * size;
            m->inverse[i * dim + j] = m->c[i * dim + j] / size;
        }
    }
    mean_of(items, m->mean);
    second_moment(items, m->mean, m->items);
    sandwich(m->root, m->items, dim, m->scratch, m->c);
    if (!rk_eigen_symmetric(m->c, dim, m->value)) {
        return rk_fail(err, RK_BAD_INPUT, "the items' numbers are too large or too small to be compared");
    }
    product(m->c, m->root, dim, item_turn);
    product(m->c, m->inverse, dim, turn);
    return RK_OK;
}

rk_status rk_ivf_basis(const rk_ann_rows *items, const rk_ann_rows *queries, float *turn, float *item_turn,
                       rk_error *err)
{
    size_t square = items->dim * items->dim;
    double *all = malloc((5 * square + 2 * items->dim) * sizeof *all);
    if (!all) {
        return rk_fail_memory(err, "the space of an index");
    }
    room m = {all,
              all + square,
              all + 2 * square,
              all + 3 * square,
              all + 4 * square,
              all + 5 * square,
              all + 5 * square + items->dim};
    rk_status status = find_basis(&m, items, queries, turn, item_turn, err);
    free(all);
    return status;
}
