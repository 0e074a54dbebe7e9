/* spd.c - see spd.h. The symmetric sweep, a tile at a time.
 *
 * To sweep the tile K of a symmetric matrix A, with P = A_KK^-1:
 *     A_ij -= A_iK P A_Kj       A_iK = A_iK P       A_KK = -P          for all tiles i, j but K
 * After each has been swept once, A has become -A^-1 (Goodnight, "A tutorial on the SWEEP operator", 1979; for positive
 * definite matrices no pivoting is called for). With A_KK = L L' and V = A_iK L^-T the first is A_ij -= V_i V_j', so
 * the matrix stays symmetric to the bit and the half above the diagonal is never stored.
 *
 * Why not Cholesky, inverse of the triangle, product, as LAPACK does: the same n^3 operations in three passes whose
 * parallel part shrinks and grows, with the operands gathered anew for every product. Here each step does the same
 * thing to all of the matrix, both sides of its product are strips that were laid out once, and threads share it evenly
 * to the end.
 *
 * Tiles lie row by row, [tile x tile] floats each. n is filled up to whole tiles by a diagonal of ones.
 */
#include "math/spd.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "math/eigen.h"
#include "math/spd_kernel.h"

enum { PAGE = 2 << 20, STRIP = RK_SPD_STRIP };

struct rk_spd {
    size_t n, tile, n_tiles; /* n_tiles: in a column */
    float *tiles;
};

/* A step costs the pivot's own inverse on one thread, and one reading and writing of the matrix: small tiles for small
 * matrices. The rounding depends on the size, so the size depends on nothing but n. */
static size_t tile_size(uint32_t n) { return n <= 2048 ? 64 : n <= 8192 ? 128 : 256; }

static size_t count_tiles(size_t n, size_t tile)
{
    size_t in_column = (n + tile - 1) / tile;
    return in_column * (in_column + 1) / 2;
}

static float *tile_at(const rk_spd *spd, size_t i, size_t j)
{
    return spd->tiles + (i * (i + 1) / 2 + j) * spd->tile * spd->tile;
}

/* Rows of tiles i that are more than filling, in whole steps of the kernel. */
static size_t rows_of(const rk_spd *spd, size_t i)
{
    size_t left = (spd->n - i * spd->tile + RK_SPD_STEP - 1) / RK_SPD_STEP * RK_SPD_STEP;
    return left < spd->tile ? left : spd->tile;
}

static void *room(size_t bytes)
{
    void *at = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
    if (at) {
        madvise(at, bytes, MADV_HUGEPAGE); /* a wish: rows of a tile are on pages of their own */
        memset(at, 0, bytes);
    }
    return at;
}

rk_spd *rk_spd_new(uint32_t n)
{
    rk_spd *spd = calloc(1, sizeof *spd);
    if (!spd) {
        return NULL;
    }
    *spd = (rk_spd){.n = n, .tile = tile_size(n)};
    spd->n_tiles = (n + spd->tile - 1) / spd->tile;
    spd->tiles = room(count_tiles(n, spd->tile) * spd->tile * spd->tile * sizeof(float));
    if (!spd->tiles) {
        free(spd);
        return NULL;
    }
    float *last = tile_at(spd, spd->n_tiles - 1, spd->n_tiles - 1);
    for (size_t i = n; i < spd->n_tiles * spd->tile; i++) {
        last[i % spd->tile * (spd->tile + 1)] = 1;
    }
    return spd;
}

void rk_spd_free(rk_spd *spd)
{
    if (spd) {
        free(spd->tiles);
        free(spd);
    }
}

void rk_spd_put_row(rk_spd *spd, uint32_t i, const float *row)
{
    size_t size = spd->tile, count = (size_t)i + 1;
    for (size_t from = 0; from < count; from += size) {
        size_t n = count - from < size ? count - from : size;
        memcpy(tile_at(spd, i / size, from / size) + i % size * size, row + from, n * sizeof *row);
    }
}

float rk_spd_at(const rk_spd *spd, uint32_t i, uint32_t j)
{
    size_t row = i > j ? i : j, column = i > j ? j : i, size = spd->tile;
    return tile_at(spd, row / size, column / size)[row % size * size + column % size];
}

void rk_spd_get_rows(const rk_spd *spd, uint32_t first, float *rows)
{
    size_t n = spd->n, size = spd->tile, begin = first % size;
    for (size_t j = 0; j < n; j++) {
        bool is_left = j / size < first / size;
        const float *tile = is_left ? tile_at(spd, first / size, j / size) : tile_at(spd, j / size, first / size);
        size_t at = j % size;
        for (size_t r = 0; r < RK_SPD_ROWS; r++) {
            size_t row = begin + r;
            bool is_mirrored = !is_left && (j / size > first / size || at > row);
            rows[r * n + j] = first + r >= n ? 0 : is_mirrored ? tile[at * size + row] : tile[row * size + at];
        }
    }
}

/* ---- one step ---- */

typedef struct {
    rk_spd *spd;
    rk_spd_kernel *multiply;
    size_t pivot;
    double *block, *half; /* [tile x tile] the pivot, and L^-1 */
    float *half_strips;   /* L^-1 */
    float *panel;         /* [n_tiles] tiles in strips: V, but for its sign */
    float *scratch;       /* [workers x 2 tiles] */
} sweep;

/* strips[row / 16][k][row % 16] = rows[row][k] */
static void lay_strips(float *strips, const float *rows, size_t size)
{
    for (size_t row = 0; row < size; row += STRIP) {
        for (size_t k = 0; k < size; k++) {
            for (size_t r = 0; r < STRIP; r++) {
                *strips++ = rows[(row + r) * size + k];
            }
        }
    }
}

/* The same of the columns: strips[column / 16][k][column % 16] = rows[k][column] */
static void lay_turned(float *strips, const float *rows, size_t size)
{
    for (size_t column = 0; column < size; column += STRIP) {
        for (size_t k = 0; k < size; k++, strips += STRIP) {
            memcpy(strips, rows + k * size + column, STRIP * sizeof *rows);
        }
    }
}

/* The pivot's own L^-1, in double precision; as the panel's row for the pivot -L^-T, so that what the step does to all
 * other tiles gives the pivot's, which were set to zero, their new values too:
 *     0 - V_i (-L^-T)' = V_i L^-1 = A_iK P,     0 - L^-T L^-1 = -P */
static bool prepare_pivot(sweep *s)
{
    size_t size = s->spd->tile, cells = size * size;
    float *tile = tile_at(s->spd, s->pivot, s->pivot), *turned = s->panel + s->pivot * cells;
    for (size_t i = 0; i < cells; i++) {
        s->block[i] = (double)tile[i];
    }
    if (!rk_cholesky_inverse(s->block, s->half, size)) {
        return false;
    }
    for (size_t i = 0; i < cells; i++) {
        tile[i] = (float)s->half[i];
        if (!isfinite(tile[i])) {
            return false; /* OpenBLAS factorises NaN without a word */
        }
    }
    lay_strips(s->half_strips, tile, size);
    lay_turned(turned, tile, size);
    memset(tile, 0, cells * sizeof *tile);
    return true;
}

/* Row of tiles i of the pivot's column, which becomes zero, and its V in the panel. The kernel subtracts, so the panel
 * holds -V, and of the pivot L^-T. */
static void prepare_row(void *context, rk_span span)
{
    const sweep *s = context;
    size_t size = s->spd->tile, cells = size * size, i = span.begin;
    float *strips = s->scratch + span.worker * 2 * cells, *product = strips + cells;
    if (i == s->pivot) {
        return;
    }
    bool is_below = i > s->pivot;
    float *tile = is_below ? tile_at(s->spd, i, s->pivot) : tile_at(s->spd, s->pivot, i);
    (is_below ? lay_strips : lay_turned)(strips, tile, size);
    memset(tile, 0, cells * sizeof *tile);
    memset(product, 0, cells * sizeof *product);
    s->multiply(&(rk_spd_product){.c = product,
                                  .a = strips,
                                  .b = s->half_strips,
                                  .size = size,
                                  .rows = rows_of(s->spd, i),
                                  .columns = size,
                                  .is_b_triangular = true});
    lay_strips(s->panel + i * cells, product, size);
}

/* Tile number span.begin, in the order in which they lie. */
static void sweep_tile(void *context, rk_span span)
{
    const sweep *s = context;
    size_t size = s->spd->tile, cells = size * size;
    size_t i = (size_t)((sqrt(8 * (double)span.begin + 1) - 1) / 2);
    i -= i * (i + 1) / 2 > span.begin;
    i += (i + 1) * (i + 2) / 2 <= span.begin;
    size_t j = span.begin - i * (i + 1) / 2;
    s->multiply(&(rk_spd_product){.c = s->spd->tiles + span.begin * cells,
                                  .a = s->panel + i * cells,
                                  .b = s->panel + j * cells,
                                  .size = size,
                                  .rows = rows_of(s->spd, i),
                                  .columns = rows_of(s->spd, j),
                                  .is_half = i == j});
}

static void negate_tile(void *context, rk_span span)
{
    const sweep *s = context;
    size_t cells = s->spd->tile * s->spd->tile;
    float *tile = s->spd->tiles + span.begin * cells;
    for (size_t i = 0; i < cells; i++) {
        tile[i] = -tile[i];
    }
}

static rk_status sweep_all(sweep *s, const rk_run *run, rk_error *err)
{
    size_t n_tiles = s->spd->n_tiles, n_all = n_tiles * (n_tiles + 1) / 2;
    for (s->pivot = 0; s->pivot < n_tiles; s->pivot++) {
        rk_progress(run, "inverse", "steps", s->pivot, n_tiles);
        if (!prepare_pivot(s)) {
            return rk_fail(err, RK_BAD_INPUT,
                           "the matrix is not positive definite in single precision, seen at row %zu",
                           s->pivot * s->spd->tile);
        }
        rk_parallel_for(run->pool, n_tiles, 1, prepare_row, s);
        rk_parallel_for(run->pool, n_all, 1, sweep_tile, s);
    }
    rk_parallel_for(run->pool, n_all, 1, negate_tile, s);
    rk_progress(run, "inverse", "steps", n_tiles, n_tiles);
    return RK_OK;
}

/* ---- all of them ---- */

/* Floats of everything but the matrix. */
static size_t sweep_floats(size_t n_tiles, size_t tile, unsigned n_threads)
{
    return (1 + n_tiles + 2 * (size_t)n_threads) * tile * tile;
}

uint64_t rk_spd_bytes(uint32_t n, unsigned n_threads)
{
    size_t tile = tile_size(n), cells = tile * tile, n_tiles = (n + tile - 1) / tile;
    return (count_tiles(n, tile) * cells + sweep_floats(n_tiles, tile, n_threads)) * sizeof(float) +
           2 * cells * sizeof(double) + 2 * PAGE;
}

rk_status rk_spd_invert(rk_spd *spd, const rk_run *run, rk_error *err)
{
    size_t cells = spd->tile * spd->tile;
    size_t n_floats = sweep_floats(spd->n_tiles, spd->tile, rk_pool_threads(run->pool));
    rk_status status = RK_OK;
    float *floats = room(n_floats * sizeof *floats);
    double *doubles = malloc(2 * cells * sizeof *doubles);
    if (!floats || !doubles) {
        status = rk_fail_memory(err, "room to invert a matrix in");
    } else {
        sweep s = {.spd = spd,
                   .multiply = rk_spd_kernel_best(),
                   .block = doubles,
                   .half = doubles + cells,
                   .half_strips = floats,
                   .panel = floats + cells,
                   .scratch = floats + (1 + spd->n_tiles) * cells};
        status = sweep_all(&s, run, err);
    }
    free(floats);
    free(doubles);
    return status;
}
