/* ivf_words.c - parts of a vector, and the words that each is told in.
 *
 * Numbers come by falling variance and a part costs the same whatever it holds. W words for m independent numbers of
 * variances v leave about m (prod v)^(1/m) W^(-2/m) of their sum (Shannon's bound for Gaussians, which good words are
 * proportional to), never more than the sum. The parts that leave least are found by dynamic programming over where
 * each ends.
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
    double log_words;
} prefixes;

/* What remains of the numbers first .. first + m - 1 in one part. */
static double remains(const prefixes *before, size_t first, size_t m)
{
    double sum = before->sum[first + m] - before->sum[first], logs = before->logs[first + m] - before->logs[first];
    double bound = (double)m * exp((logs - 2 * before->log_words) / (double)m);
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

rk_status rk_ivf_parts(const double *variance, size_t dim, size_t n_parts, size_t n_words, uint32_t *part,
                       rk_error *err)
{
    size_t cells = (n_parts + 1) * (dim + 1), even = 2 * ((dim + n_parts - 1) / n_parts);
    prefixes before = {malloc((dim + 1) * sizeof(double)), malloc((dim + 1) * sizeof(double)), log((double)n_words)};
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

rk_status rk_ivf_words(const rk_ann_rows *rows, const rk_ivf_book *book, const rk_run *run, rk_error *err)
{
    size_t n_words = book->n_words;
    float *centre = malloc(n_words * rows->dim * sizeof *centre);
    rk_status status = centre ? RK_OK : rk_fail_memory(err, "words");
    for (size_t p = 0; !status && p < book->n_parts; p++) {
        size_t first = book->part[p], width = book->part[p + 1] - book->part[p];
        rk_ann_rows numbers = {rows->at + first, rows->n, width, rows->stride};
        rk_kmeans_wish wish = {n_words, WORDS_ROUNDS, run->seed, 1000 + p};
        status = width > 0 ? rk_kmeans(&numbers, wish, run->pool, centre, err) : RK_OK;
        for (size_t d = 0; d < width; d++) {
            for (size_t w = 0; w < n_words; w++) {
                book->word[(first + d) * n_words + w] = centre[w * width + d];
            }
        }
    }
    free(centre);
    return status;
}

/* A number of a row beside all words of its part. */
static void add_squares(float *square, const float *word, float value, size_t n_words)
{
    for (size_t w = 0; w < n_words; w++) {
        float off = value - word[w];
        square[w] += off * off;
    }
}

/* Of the smallest, the first. Sixteen at a time, so that it is one pass of vectors and one over what they left. */
static size_t least_of(const float *value, size_t n)
{
    float least[RK_IVF_WORDS], all;
    memcpy(least, value, sizeof least);
    for (size_t i = RK_IVF_WORDS; i < n; i += RK_IVF_WORDS) {
        for (size_t l = 0; l < RK_IVF_WORDS; l++) {
            least[l] = value[i + l] < least[l] ? value[i + l] : least[l];
        }
    }
    all = least[0];
    for (size_t l = 1; l < RK_IVF_WORDS; l++) {
        all = least[l] < all ? least[l] : all;
    }
    for (size_t i = 0; i < n; i++) {
        if (value[i] == all) {
            return i;
        }
    }
    return 0;
}

void rk_ivf_code(const float *row, const rk_ivf_book *book, uint8_t *code)
{
    float square[RK_IVF_WORDS_MAX];
    for (size_t p = 0; p < book->n_parts; p++) {
        memset(square, 0, book->n_words * sizeof *square);
        for (size_t d = book->part[p]; d < book->part[p + 1]; d++) {
            add_squares(square, book->word + d * book->n_words, row[d], book->n_words);
        }
        code[p] = (uint8_t)least_of(square, book->n_words);
    }
}

double rk_ivf_decode(const float *row, const rk_ivf_book *book, const uint8_t *code, float *out)
{
    double square = 0;
    for (size_t p = 0; p < book->n_parts; p++) {
        for (size_t d = book->part[p]; d < book->part[p + 1]; d++) {
            out[d] = book->word[d * book->n_words + code[p]];
            square += ((double)row[d] - (double)out[d]) * ((double)row[d] - (double)out[d]);
        }
    }
    return square;
}
