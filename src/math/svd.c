/* svd.c - see svd.h: a block of random vectors, and what the matrix makes of it again and again.
 *
 * Golub, Underwood, "The block Lanczos method for computing eigenvalues" (1977); Musco, Musco, "Randomized block Krylov
 * methods for stronger and faster approximate singular value decomposition" (NIPS 2015), the sharper sibling of the
 * power iterations of Halko, Martinsson, Tropp (2011): from the same products it keeps every block, not only the last.
 *
 * With Q the blocks so far, at right angles to each other, the eigenvectors of T = Q'A'AQ give the best vectors within
 * reach of Q. A new block is A'A times the last, with everything that Q has taken out of it; twice, because once leaves
 * a rest of rounding that grows. What then is left of it says how good the vectors are, so the search ends by itself.
 *
 * Invariants
 *   A basis block has columns of length 1 at right angles to all others, or of zeros, which do no harm: T has an
 *   eigenvalue of 0 for each.
 *   Directions that vanish (the block has met the end of its space) are replaced by random ones, so that an eigenvalue
 *   that is there more often than a block is wide is found as often.
 * Why blocks of 32: a row of a strip is two cache lines, and products of blocks are matrix products. Narrower ones need
 *   fewer vectors in all, wider ones fewer steps.
 */
#include "math/svd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/blas.h"
#include "math/eigen.h"
#include "math/random.h"
#include "math/strip.h"

enum { B = RK_STRIP, CELLS = B * B, CHUNK_ROWS = 1024, ROOM = 4, BLOCKS_MORE = 8, PASSES = 3 };

static const double GONE = 2e-6;       /* of A'A: a column this short is rounding */
static const double SHORT = 1e-3;      /* of 1: nothing is left beside the basis */
static const double LONG = 0.5;        /* of 1: rounding has not grown */
static const double RANK_FLOOR = 4e-6; /* of the largest square: 0 for a float */
static const double BASIS = 2.5;       /* of the vectors wanted: found by trial */

typedef struct {
    const rk_csr *a, *transposed;
    rk_pool *pool;
    size_t n, n_rows; /* columns and rows of a */
    size_t n_chunks, n_blocks, room;
    uint64_t seed, n_drawn;   /* random columns so far */
    float **basis;            /* [room] strips of n */
    float *image;             /* strip of n_rows: a times a block */
    float *next, *spare;      /* strips of n */
    float *parts;             /* [n_chunks x room x CELLS] */
    float *share;             /* [room x CELLS] Q'next */
    rk_strip_square *squares; /* [strip chunks] */
    rk_strip_square left;     /* next'next, when the basis has been taken out of it */
    double *t;                /* [room B x room B] Q'A'AQ, the first n_blocks B of either */
    double *ritz, *value;     /* [room B x room B] its eigenvectors, a row each; [room B] ascending */
    double scale;             /* the longest column of A'AQ so far */
} search;

/* ---- loops over chunks of rows ---- */

static void share_chunk(void *context, rk_span span)
{
    const search *s = context;
    for (size_t b = 0; b < s->n_blocks; b++) {
        rk_gemm_tn(s->parts + (span.chunk * s->room + b) * CELLS, B, s->basis[b] + span.begin * B, B,
                   s->next + span.begin * B, B, B, B, span.end - span.begin, 1, 0);
    }
}

static void subtract_chunk(void *context, rk_span span)
{
    const search *s = context;
    for (size_t b = 0; b < s->n_blocks; b++) {
        rk_gemm_nn(s->next + span.begin * B, B, s->basis[b] + span.begin * B, B, s->share + b * CELLS, B,
                   span.end - span.begin, B, B, -1, 1);
    }
}

/* Takes the basis out of next; share says how much of it there was. */
static void take_out_basis(search *s)
{
    rk_parallel_for(s->pool, s->n, CHUNK_ROWS, share_chunk, s);
    for (size_t i = 0; i < s->n_blocks * CELLS; i++) {
        double sum = 0;
        for (size_t c = 0; c < s->n_chunks; c++) {
            sum += (double)s->parts[c * s->room * CELLS + i];
        }
        s->share[i] = (float)sum;
    }
    rk_parallel_for(s->pool, s->n, CHUNK_ROWS, subtract_chunk, s);
}

typedef struct {
    float *to;
    const float *from, *matrix; /* [B x B] */
} turn_job;

static void turn_chunk(void *context, rk_span span)
{
    const turn_job *job = context;
    rk_gemm_nn(job->to + span.begin * B, B, job->from + span.begin * B, B, job->matrix, B, span.end - span.begin, B, B,
               1, 0);
}

/* ---- a block at right angles to the others ---- */

static void draw_column(search *s, size_t column)
{
    for (size_t r = 0; r < s->n; r++) {
        rk_random random = rk_random_of(s->seed, s->n_drawn << 32 | r);
        s->next[r * B + column] = (float)(rk_random_normal(&random) / sqrt((double)s->n));
    }
    s->n_drawn++;
}

static void turn(search *s, const float *matrix)
{
    turn_job job = {s->spare, s->next, matrix};
    rk_parallel_for(s->pool, s->n, CHUNK_ROWS, turn_chunk, &job);
    float *turned = s->spare;
    s->spare = s->next;
    s->next = turned;
}

/* What straightening found. */
typedef struct {
    bool kept[B];
    size_t n_kept;
    double shortest; /* of those kept */
} columns;

/* Makes the columns of next orthonormal by the eigenvectors of their products, `left` (Stathopoulos, Wu, "A block
 * orthogonalization procedure with constant synchronization requirements", 2002); directions up to `least` become 0. */
static rk_status straighten(search *s, double least, columns *found, rk_error *err)
{
    double square[CELLS], value[B];
    float matrix[CELLS] = {0};
    *found = (columns){.shortest = INFINITY};
    memcpy(square, s->left, sizeof square);
    if (!rk_eigen_symmetric(square, B, value)) {
        return rk_fail(err, RK_BAD_INPUT, "singular values: the matrix holds what is no number, or too large");
    }
    for (size_t c = 0; c < B; c++) {
        double length = sqrt(fmax(value[c], 0));
        if (length > least) {
            found->kept[c] = true;
            found->n_kept++;
            found->shortest = fmin(found->shortest, length);
            for (size_t i = 0; i < B; i++) {
                matrix[i * B + c] = (float)(square[c * B + i] / length);
            }
        }
    }
    turn(s, matrix);
    return RK_OK;
}

/* Columns that are near the basis lose most of their length to it, and rounding grows as they are made longer again: so
 * often that nothing is lost. */
static rk_status settle(search *s, size_t *n_kept, rk_error *err)
{
    columns found;
    for (int pass = 0; pass < PASSES; pass++) {
        take_out_basis(s);
        rk_strip_dot(s->next, s->next, s->n, s->squares, s->pool, s->left);
        rk_status status = straighten(s, SHORT, &found, err);
        if (status) {
            return status;
        }
        if (found.shortest > LONG) {
            break;
        }
    }
    *n_kept = found.n_kept;
    return RK_OK;
}

/* next becomes a block of the basis. */
static rk_status keep_block(search *s, rk_error *err)
{
    float *strip = rk_strip_new(s->n);
    if (!strip) {
        return rk_fail_memory(err, "a basis for singular vectors");
    }
    s->basis[s->n_blocks++] = s->next;
    s->next = strip;
    return RK_OK;
}

static rk_status first_block(search *s, rk_error *err)
{
    size_t n_kept = 0;
    for (size_t c = 0; c < B; c++) {
        draw_column(s, c);
    }
    rk_status status = settle(s, &n_kept, err);
    return status ? status : keep_block(s, err);
}

/* From what is left of A'A times the last block. *is_last: the basis spans all there is. */
static rk_status next_block(search *s, bool *is_last, rk_error *err)
{
    columns found;
    size_t n_kept = 0;
    rk_status status = straighten(s, GONE * s->scale, &found, err);
    for (size_t c = 0; !status && c < B; c++) {
        if (!found.kept[c]) {
            draw_column(s, c);
        }
    }
    status = status ? status : settle(s, &n_kept, err);
    *is_last = n_kept == 0;
    return status || *is_last ? status : keep_block(s, err);
}

/* ---- the best vectors within reach ---- */

/* A'A times the last block, the basis taken out: what it had of the basis is the last columns of T. */
static void multiply(search *s)
{
    size_t last = s->n_blocks - 1, width = s->room * B;
    rk_strip_times(s->a, s->basis[last], s->image, s->pool);
    rk_strip_times(s->transposed, s->image, s->next, s->pool);
    take_out_basis(s);
    rk_strip_dot(s->next, s->next, s->n, s->squares, s->pool, s->left);
    for (size_t c = 0; c < B; c++) {
        double square = s->left[c * B + c];
        for (size_t r = 0; r < s->n_blocks * B; r++) {
            double share = (double)s->share[r * B + c];
            s->t[r * width + last * B + c] = s->t[(last * B + c) * width + r] = share;
            square += share * share;
        }
        s->scale = fmax(s->scale, sqrt(square));
    }
}

static rk_status find_ritz(search *s, rk_error *err)
{
    size_t m = s->n_blocks * B, width = s->room * B;
    for (size_t r = 0; r < m; r++) {
        memcpy(s->ritz + r * m, s->t + r * width, m * sizeof *s->ritz);
    }
    return rk_eigen_symmetric(s->ritz, m, s->value)
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "singular values: the matrix holds what is no number, or too large");
}

/* The largest |A'A v - s^2 v| of the best k, by what is left of the last block. */
static double residual_left(const search *s, size_t k)
{
    size_t m = s->n_blocks * B;
    double worst = 0;
    for (size_t v = 0; v < k && v < m; v++) {
        const double *e = s->ritz + (m - 1 - v) * m + (m - B);
        double square = 0;
        for (size_t i = 0; i < B; i++) {
            for (size_t j = 0; j < B; j++) {
                square += e[i] * s->left[i * B + j] * e[j];
            }
        }
        worst = fmax(worst, square);
    }
    return sqrt(worst);
}

/* A value of 0 among the best k is no reason to stop: it may be one that comes often and that random vectors have yet
 * to meet again. */
static bool is_enough(const search *s, size_t k, double tolerance)
{
    const double *best = s->value + s->n_blocks * B - 1;
    return best[1 - (ptrdiff_t)k] > RANK_FLOOR * best[0] && residual_left(s, k) <= tolerance * best[0];
}

/* T's eigenvectors are looked at when there is room for all vectors, then whenever the basis has grown by an eighth. */
static rk_status extend(search *s, size_t k, double tolerance, rk_error *err)
{
    size_t n_check = (k + B - 1) / B + 1;
    bool is_last = false;
    rk_status status = first_block(s, err);
    while (!status) {
        multiply(s);
        if (s->n_blocks == s->room || s->n_blocks >= n_check) {
            status = find_ritz(s, err);
            if (status || s->n_blocks == s->room || is_enough(s, k, tolerance)) {
                return status;
            }
            n_check = s->n_blocks + s->n_blocks / 8 + 1;
        }
        status = next_block(s, &is_last, err);
        if (!status && is_last) {
            return find_ritz(s, err);
        }
    }
    return status;
}

/* ---- the result ---- */

typedef struct {
    const search *s;
    const float *turn; /* [n_blocks B x k]: the k best eigenvectors, a column each */
    float *vector;     /* [n x k] */
    size_t k;
} vector_job;

static void vector_chunk(void *context, rk_span span)
{
    const vector_job *job = context;
    size_t k = job->k;
    for (size_t b = 0; b < job->s->n_blocks; b++) {
        rk_gemm_nn(job->vector + span.begin * k, k, job->s->basis[b] + span.begin * B, B, job->turn + b * B * k, k,
                   span.end - span.begin, k, B, 1, b > 0 ? 1 : 0);
    }
}

static rk_status take_vectors(search *s, size_t k, rk_svd *out, rk_error *err)
{
    size_t m = s->n_blocks * B, n_found = 0;
    double largest = s->value[m - 1];
    while (n_found < k && n_found < m && s->value[m - 1 - n_found] > RANK_FLOOR * largest) {
        n_found++;
    }
    *out = (rk_svd){.n = n_found,
                    .n_basis = m,
                    .value = malloc((n_found + 1) * sizeof *out->value),
                    .vector = malloc((s->n * n_found + 1) * sizeof *out->vector)};
    float *turned = malloc((m * n_found + 1) * sizeof *turned);
    if (!out->value || !out->vector || !turned) {
        free(turned);
        return rk_fail_memory(err, "singular vectors");
    }
    for (size_t v = 0; v < n_found; v++) {
        out->value[v] = (float)sqrt(s->value[m - 1 - v]);
        for (size_t i = 0; i < m; i++) {
            turned[i * n_found + v] = (float)s->ritz[(m - 1 - v) * m + i];
        }
    }
    vector_job job = {s, turned, out->vector, n_found};
    if (n_found > 0) {
        rk_parallel_for(s->pool, s->n, CHUNK_ROWS, vector_chunk, &job);
    }
    free(turned);
    return RK_OK;
}

/* Columns first .. first + B - 1 of the vectors, as a strip; zeros behind the last. */
static void strip_of(const rk_svd *svd, size_t n, size_t first, float *strip)
{
    size_t width = svd->n - first < B ? svd->n - first : B;
    memset(strip, 0, n * B * sizeof *strip);
    for (size_t r = 0; r < n; r++) {
        memcpy(strip + r * B, svd->vector + r * svd->n + first, width * sizeof *strip);
    }
}

/* Multiplies all out: the check of the result does not lean on how it was found. */
static void check(search *s, rk_svd *svd)
{
    double worst = 0;
    for (size_t first = 0; first < svd->n; first += B) {
        strip_of(svd, s->n, first, s->spare);
        rk_strip_times(s->a, s->spare, s->image, s->pool);
        rk_strip_times(s->transposed, s->image, s->next, s->pool);
        for (size_t v = first; v < svd->n && v < first + B; v++) {
            double square = 0, value = (double)svd->value[v] * (double)svd->value[v];
            for (size_t r = 0; r < s->n; r++) {
                double off = (double)s->next[r * B + v - first] - value * (double)s->spare[r * B + v - first];
                square += off * off;
            }
            worst = fmax(worst, sqrt(square));
        }
    }
    svd->residual = svd->n > 0 ? worst / ((double)svd->value[0] * (double)svd->value[0]) : 0;
}

static size_t room_of(size_t n_cols, size_t k)
{
    size_t all = (n_cols + B - 1) / B, most = (ROOM * k + B - 1) / B + BLOCKS_MORE;
    return all < most ? all : most;
}

static rk_status set_up(search *s, size_t k, rk_error *err)
{
    rk_blas_init();
    s->room = room_of(s->n, k);
    s->n_chunks = rk_chunk_count(s->n, CHUNK_ROWS);
    size_t width = s->room * B;
    s->basis = calloc(s->room, sizeof *s->basis);
    s->image = rk_strip_new(s->n_rows);
    s->next = rk_strip_new(s->n);
    s->spare = rk_strip_new(s->n);
    s->parts = malloc(s->n_chunks * s->room * CELLS * sizeof *s->parts);
    s->share = malloc(s->room * CELLS * sizeof *s->share);
    s->squares = malloc(rk_strip_chunks(s->n) * sizeof *s->squares);
    s->t = malloc(width * width * sizeof *s->t);
    s->ritz = malloc(width * width * sizeof *s->ritz);
    s->value = malloc(width * sizeof *s->value);
    bool is_good = s->basis && s->image && s->next && s->spare && s->parts && s->share && s->squares && s->t &&
                   s->ritz && s->value;
    return is_good ? RK_OK : rk_fail_memory(err, "a basis for singular vectors");
}

static void release(search *s)
{
    for (size_t b = 0; b < s->n_blocks; b++) {
        free(s->basis[b]);
    }
    free(s->basis);
    free(s->image);
    free(s->next);
    free(s->spare);
    free(s->parts);
    free(s->share);
    free(s->squares);
    free(s->t);
    free(s->ritz);
    free(s->value);
}

rk_status rk_svd_largest(const rk_csr *a, const rk_csr *transposed, rk_svd_wish wish, rk_pool *pool, rk_svd *out,
                         rk_error *err)
{
    search s = {.a = a, .transposed = transposed, .pool = pool, .n = a->n_cols, .n_rows = a->n_rows, .seed = wish.seed};
    rk_svd found = {0};
    if (a->start[a->n_rows] == 0) {
        *out = found;
        return RK_OK;
    }
    rk_status status = set_up(&s, wish.n_vectors, err);
    status = status ? status : extend(&s, wish.n_vectors, wish.tolerance, err);
    status = status ? status : take_vectors(&s, wish.n_vectors, &found, err);
    if (!status) {
        check(&s, &found);
        *out = found;
        found = (rk_svd){0};
    }
    rk_svd_release(&found);
    release(&s);
    return status;
}

void rk_svd_release(rk_svd *svd)
{
    free(svd->value);
    free(svd->vector);
    *svd = (rk_svd){0};
}

uint64_t rk_svd_bytes(uint32_t n_rows, uint32_t n_cols, size_t n_vectors)
{
    uint64_t m = room_of(n_cols, n_vectors) * B, n_chunks = rk_chunk_count(n_cols, CHUNK_ROWS);
    uint64_t strips = ((uint64_t)n_cols * 3 + n_rows) * B + n_cols * (m + n_vectors);
    return (strips + n_chunks * m * B + m * n_vectors) * sizeof(float) + 2 * m * m * sizeof(double);
}

/* The basis is taken out of each block of it three times at the most, twice as a rule: 4 n m^2; turning it 2 n m k. */
rk_work rk_svd_work(uint64_t n_entries, uint32_t n_cols, size_t n_vectors)
{
    double k = (double)n_vectors, n = n_cols, m = k > 0 ? fmin(BASIS * k + B, n) : 0;
    return (rk_work){.flops = 4 * n * m * m + 2 * n * m * k + 10 * m * m * m,
                     .bytes = 2 * (m + k) * (double)n_entries * sizeof(float)};
}
