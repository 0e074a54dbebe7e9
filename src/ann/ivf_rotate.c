/* ivf_rotate.c - the rotation behind which words lose least: Ge, He, Ke, Sun, "Optimized product quantization", 2013.
 *
 * In turns: every row is told in words, the rotation that brings rows nearest to what was told is found (Procrustes:
 * the orthogonal factor of sum row told'), words move to the middle of what they tell. None of the three makes the
 * squared error larger. What we do differently: it begins where ivf_basis.c and ivf_words.c end, with numbers by
 * falling variance in parts as wide as that asks for, so an error of a row is one of scores, and few rounds are left
 * to do.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ivf.h"
#include "math/blas.h"

enum { ROWS_MAX = 16384, CHUNK = 64, LAST_ROUNDS = 4 };

typedef struct {
    const rk_ivf_book *book;
    const rk_run *run;
    size_t n;
    float *was, *now, *told; /* [n x dim] rows as they came, rotated, and in words */
    uint8_t *code;           /* [n x n_parts] */
    float *back;             /* [dim x dim] */
} turning;

static void tell(void *context, rk_span span)
{
    const turning *t = context;
    size_t dim = t->book->dim;
    for (size_t r = span.begin; r < span.end; r++) {
        uint8_t *code = t->code + r * t->book->n_parts;
        rk_ivf_code(t->now + r * dim, t->book, code);
        if (t->told) {
            (void)rk_ivf_decode(t->now + r * dim, t->book, code, t->told + r * dim);
        }
    }
}

/* Words without rows stay where they are. */
static void move_words(void *context, rk_span span)
{
    const turning *t = context;
    const rk_ivf_book *book = t->book;
    for (size_t p = span.begin; p < span.end; p++) {
        const uint8_t *code = t->code + p;
        uint32_t count[RK_IVF_WORDS_MAX] = {0};
        for (size_t r = 0; r < t->n; r++) {
            count[code[r * book->n_parts]]++;
        }
        for (size_t d = book->part[p]; d < book->part[p + 1]; d++) {
            double sum[RK_IVF_WORDS_MAX] = {0};
            for (size_t r = 0; r < t->n; r++) {
                sum[code[r * book->n_parts]] += (double)t->now[r * book->dim + d];
            }
            for (size_t w = 0; w < book->n_words; w++) {
                float *word = &book->word[d * book->n_words + w];
                *word = count[w] > 0 ? (float)(sum[w] / count[w]) : *word;
            }
        }
    }
}

static void rotate(void *context, rk_span span)
{
    const turning *t = context;
    size_t dim = t->book->dim;
    rk_gemm_nn(t->now + span.begin * dim, dim, t->was + span.begin * dim, dim, t->back, dim, span.end - span.begin, dim,
               dim, 1, 0);
}

/* back = U V' of sum row told' = U S V': of all rotations, rows times it are nearest to what was told. */
static rk_status find_rotation(const turning *t, float *vt, float *value, rk_error *err)
{
    size_t dim = t->book->dim;
    float *u = vt + dim * dim;
    rk_gemm_tn(u, dim, t->was, dim, t->told, dim, dim, dim, t->n, 1, 0);
    if (!rk_svd_thin(u, dim, dim, value, vt)) {
        return rk_fail(err, RK_BAD_INPUT, "the vectors' numbers are too large or too small to be rotated");
    }
    rk_gemm_nn(t->back, dim, u, dim, vt, dim, dim, dim, dim, 1, 0);
    return RK_OK;
}

static rk_status take_turns(turning *t, size_t n_rounds, rk_error *err)
{
    size_t dim = t->book->dim;
    float *room = malloc((2 * dim * dim + dim) * sizeof *room);
    rk_status status = room ? RK_OK : rk_fail_memory(err, "a rotation");
    for (size_t round = 0; !status && round < n_rounds; round++) {
        rk_progress(t->run, "rotating", "rounds", round, n_rounds);
        rk_parallel_for(t->run->pool, t->n, CHUNK, tell, t);
        status = find_rotation(t, room, room + 2 * dim * dim, err);
        if (!status) {
            rk_parallel_for(t->run->pool, t->n, CHUNK, rotate, t);
            rk_parallel_for(t->run->pool, t->book->n_parts, 1, move_words, t);
        }
    }
    free(room);
    return status;
}

/* Some of the rows, spread over all. */
static rk_status take_some(const rk_ann_rows *rows, turning *t, rk_error *err)
{
    size_t dim = rows->dim;
    t->n = rows->n < ROWS_MAX ? rows->n : ROWS_MAX;
    t->was = malloc(t->n * dim * sizeof *t->was);
    t->now = malloc(t->n * dim * sizeof *t->now);
    t->told = malloc(t->n * dim * sizeof *t->told);
    t->code = malloc(rows->n * t->book->n_parts);
    if (!t->was || !t->now || !t->told || !t->code) {
        return rk_fail_memory(err, "a sample of vectors");
    }
    for (size_t i = 0; i < t->n; i++) {
        memcpy(t->was + i * dim, rk_ann_row(rows, i * rows->n / t->n), dim * sizeof *t->was);
    }
    memcpy(t->now, t->was, t->n * dim * sizeof *t->now);
    return RK_OK;
}

/* All rows, rotated, a chunk at a time; words learn from all of them at last. */
static void rotate_all(const turning *t, const rk_ann_rows *rows)
{
    size_t dim = rows->dim;
    float *all = (float *)(uintptr_t)rows->at;
    turning every = {.book = t->book, .run = t->run, .n = rows->n, .now = all, .code = t->code};
    for (size_t r = 0; r < rows->n; r += t->n) {
        size_t n = rows->n - r < t->n ? rows->n - r : t->n;
        memcpy(t->was, all + r * dim, n * dim * sizeof *all);
        rk_parallel_for(t->run->pool, n, CHUNK, rotate,
                        &(turning){.book = t->book, .was = t->was, .now = all + r * dim, .back = t->back});
    }
    for (size_t round = 0; round < LAST_ROUNDS; round++) {
        rk_parallel_for(t->run->pool, rows->n, CHUNK, tell, &every);
        rk_parallel_for(t->run->pool, t->book->n_parts, 1, move_words, &every);
    }
}

rk_status rk_ivf_rotate(const rk_ann_rows *rows, const rk_ivf_book *book, size_t n_rounds, const rk_run *run,
                        float *back, rk_error *err)
{
    turning t = {.book = book, .run = run, .back = back};
    rk_blas_init();
    rk_status status = take_some(rows, &t, err);
    status = status ? status : take_turns(&t, n_rounds, err);
    if (!status) {
        rotate_all(&t, rows);
    }
    free(t.was);
    free(t.now);
    free(t.told);
    free(t.code);
    return status;
}
