/* ivf_words.c - parts of a vector, and the sixteen words that each is told in.
 *
 * Numbers come by falling variance and a part costs half a byte whatever it holds. Sixteen words for m independent
 * numbers of variances v leave about m (prod v)^(1/m) 16^(-2/m) of their sum (Shannon's bound for Gaussians, which
 * good words are proportional to), never more than the sum. The parts that leave least are found by dynamic
 * programming over where each ends.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ivf.h"
#include "ann/kmeans.h"

enum { WIDE_MAX = 64, WORDS_ROUNDS = 12 };
static const double VARIANCE_MIN = 1e-300;

/* Sums of the variances, and of their logarithms, before each number. */
typedef struct {
    double *sum, *logs; /* [dim + 1] */
} prefixes;

/* What remains of the numbers first .. first + m - 1 in one part. */
static double remains(const prefixes *before, size_t first, size_t m)
{
    double sum = before->sum[first + m] - before->sum[first], logs = before->logs[first + m] - before->logs[first];
    double bound = (double)m * exp((logs - 2 * log(RK_IVF_WORDS)) / (double)m);
    return bound < sum ? bound : sum;
}

/* least[p][end]: what remains of numbers 0 .. end - 1 in p parts, and how wide the last of them is. */
typedef struct {
    double *least;   /* [n_parts + 1 x dim + 1] */
    uint32_t *width; /* */
} plans;

static void plan(const prefixes *before, size_t dim, size_t n_parts, size_t wide, plans *out)
{
    size_t stride = dim + 1;
    for (size_t end = 0; end <= dim; end++) {
        out->least[end] = end == 0 ? 0 : INFINITY;
    }
    for (size_t p = 1; p <= n_parts; p++) {
        for (size_t end = 0; end <= dim; end++) {
            double *best = &out->least[p * stride + end];
            *best = out->least[(p - 1) * stride + end]; /* an empty part */
            for (size_t m = 1; m <= end && m <= wide; m++) {
                double here = out->least[(p - 1) * stride + end - m] + remains(before, end - m, m);
                if (here < *best) {
                    *best = here;
                    out->width[p * stride + end] = (uint32_t)m;
                }
            }
        }
    }
}

static void add_up(const double *variance, size_t dim, prefixes *out)
{
    out->sum[0] = out->logs[0] = 0;
    for (size_t d = 0; d < dim; d++) {
        out->sum[d + 1] = out->sum[d] + variance[d];
        out->logs[d + 1] = out->logs[d] + log(variance[d] + VARIANCE_MIN);
    }
}

rk_status rk_ivf_parts(const double *variance, size_t dim, size_t n_parts, uint32_t *part, rk_error *err)
{
    size_t cells = (n_parts + 1) * (dim + 1), even = 2 * ((dim + n_parts - 1) / n_parts);
    prefixes before = {malloc((dim + 1) * sizeof(double)), malloc((dim + 1) * sizeof(double))};
    plans p = {malloc(cells * sizeof *p.least), calloc(cells, sizeof *p.width)};
    bool is_short = !before.sum || !before.logs || !p.least || !p.width;
    if (!is_short) {
        add_up(variance, dim, &before);
        plan(&before, dim, n_parts, even > WIDE_MAX ? even : WIDE_MAX, &p);
        part[n_parts] = (uint32_t)dim;
        for (size_t i = n_parts; i > 0; i--) {
            part[i - 1] = part[i] - p.width[i * (dim + 1) + part[i]];
        }
    }
    free(before.sum);
    free(before.logs);
    free(p.least);
    free(p.width);
    return is_short ? rk_fail_memory(err, "parts of vectors") : RK_OK;
}

rk_status rk_ivf_words(const rk_ann_rows *rows, const uint32_t *part, size_t n_parts, const rk_run *run, float *word,
                       rk_error *err)
{
    float *centre = malloc(RK_IVF_WORDS * rows->dim * sizeof *centre);
    rk_status status = centre ? RK_OK : rk_fail_memory(err, "words");
    for (size_t p = 0; !status && p < n_parts; p++) {
        size_t first = part[p], width = part[p + 1] - part[p];
        rk_ann_rows numbers = {rows->at + first, rows->n, width, rows->stride};
        rk_kmeans_wish wish = {RK_IVF_WORDS, WORDS_ROUNDS, run->seed, 1000 + p};
        status = width > 0 ? rk_kmeans(&numbers, wish, run->pool, centre, err) : RK_OK;
        for (size_t d = 0; d < width; d++) {
            for (size_t w = 0; w < RK_IVF_WORDS; w++) {
                word[(first + d) * RK_IVF_WORDS + w] = centre[w * width + d];
            }
        }
    }
    free(centre);
    return status;
}

void rk_ivf_code(const float *row, const uint32_t *part, size_t n_parts, const float *word, uint8_t *code)
{
    for (size_t p = 0; p < n_parts; p++) {
        float square[RK_IVF_WORDS] = {0};
        for (size_t d = part[p]; d < part[p + 1]; d++) {
            for (size_t w = 0; w < RK_IVF_WORDS; w++) {
                float off = row[d] - word[d * RK_IVF_WORDS + w];
                square[w] += off * off;
            }
        }
        code[p] = 0;
        for (uint8_t w = 1; w < RK_IVF_WORDS; w++) {
            code[p] = square[w] < square[code[p]] ? w : code[p];
        }
    }
}
