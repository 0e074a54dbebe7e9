/* ridge_kernel.inc.c - the inner loops of ridge.h over the vectors of lanes.h; included once per instruction set.
 *
 * The includer has included lanes.h and defines TILE_ROWS x TILE (vectors; a tile's sums must fit the registers),
 * TABLE and NAME.
 * Rows come in fours: four products share each load of the other operand, and four sums over lanes cost little more
 * than one. That is what makes a row of 27 events worth a kernel of its own: BLAS sets out for bigger things.
 */
enum { ROWS = 4 };

TARGET static inline float total(lanes sum)
{
    float out[4];
    sum4(out, sum, (lanes){0}, (lanes){0}, (lanes){0});
    return out[0];
}

TARGET static void gather(float *rows, const rk_ridge_gather *from)
{
    enum { AHEAD = 16, LINE = 16 };
    size_t width = from->width, n = from->n;
    for (size_t j = 0; j < n; j++) {
        if (j + AHEAD < n) {
            const float *next = from->source + from->id[j + AHEAD] * width;
            for (size_t i = 0; i < width; i += LINE) {
                __builtin_prefetch(next + i);
            }
        }
        const float *source = from->source + from->id[j] * width;
        lanes weight = spread(from->weight[j]);
        for (size_t i = 0; i < width; i += LANES) {
            store(rows + j * width + i, load(source + i) * (load(from->scale + i) * weight));
        }
    }
    for (size_t j = n * width; j < (n + ROWS - 1) / ROWS * ROWS * width; j += LANES) {
        store(rows + j, (lanes){0});
    }
}

/* sum += t[0] row 0 + ... + t[3] row 3 */
TARGET static inline void add_four(float *sum, const float *rows, const float *t, size_t width)
{
    lanes t0 = spread(t[0]), t1 = spread(t[1]), t2 = spread(t[2]), t3 = spread(t[3]);
    for (size_t i = 0; i < width; i += LANES) {
        lanes v = fused(load(rows + i), t0, load(sum + i));
        lanes w = load(rows + 2 * width + i) * t2;
        v = fused(load(rows + width + i), t1, v);
        w = fused(load(rows + 3 * width + i), t3, w);
        store(sum + i, v + w);
    }
}

TARGET static void sum_rows(float *sum, const float *rows, const float *target, size_t n, size_t width)
{
    for (size_t j = 0; j < n; j += ROWS) {
        add_four(sum, rows + j * width, target + j, width);
    }
}

/* out = (I + rows' rows) p; returns the squared length of rows p. */
TARGET static float apply(float *out, const float *p, const float *rows, size_t n, size_t width)
{
    float t[ROWS], square[ROWS] = {0};
    memcpy(out, p, width * sizeof *out);
    for (size_t j = 0; j < n; j += ROWS) {
        const float *r = rows + j * width;
        lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (size_t i = 0; i < width; i += LANES) {
            lanes v = load(p + i);
            s0 = fused(load(r + i), v, s0);
            s1 = fused(load(r + width + i), v, s1);
            s2 = fused(load(r + 2 * width + i), v, s2);
            s3 = fused(load(r + 3 * width + i), v, s3);
        }
        sum4(t, s0, s1, s2, s3);
        add_four(out, r, t, width);
        for (size_t i = 0; i < ROWS; i++) {
            square[i] += t[i] * t[i];
        }
    }
    return (square[0] + square[1]) + (square[2] + square[3]);
}

/* z += length direction, residual -= length image; returns the residual's squared length. */
TARGET static float step(float *z, float *residual, const float *direction, const float *image, float length,
                         size_t width)
{
    lanes forth = spread(length), back = spread(-length), square = {0};
    for (size_t i = 0; i < width; i += LANES) {
        lanes r = fused(load(image + i), back, load(residual + i));
        store(z + i, fused(load(direction + i), forth, load(z + i)));
        store(residual + i, r);
        square = fused(r, r, square);
    }
    return total(square);
}

/* direction = residual + keep direction; returns its squared length. */
TARGET static float turn(float *direction, const float *residual, float keep, size_t width)
{
    lanes kept = spread(keep), square = {0};
    for (size_t i = 0; i < width; i += LANES) {
        lanes d = fused(load(direction + i), kept, load(residual + i));
        store(direction + i, d);
        square = fused(d, d, square);
    }
    return total(square);
}

/* <p, (I + R'R) p> is |p|^2 + |R p|^2, and both are at hand. */
TARGET static void descend(float *z, const float *sum, const float *rows, size_t n, size_t width, unsigned n_steps,
                           float *work)
{
    const float negligible = 1e-12F; /* of the squared length of sum: floats end there */
    float *residual = work, *direction = work + width, *image = work + 2 * width;
    lanes left = {0}, all = {0};
    apply(image, z, rows, n, width);
    for (size_t i = 0; i < width; i += LANES) {
        lanes s = load(sum + i), r = s - load(image + i);
        store(residual + i, r);
        store(direction + i, r);
        left = fused(r, r, left);
        all = fused(s, s, all);
    }
    float square = total(left), enough = negligible * total(all), direction_square = square;
    while (n_steps-- > 0 && square > enough) {
        float before = square, curvature = direction_square + apply(image, direction, rows, n, width);
        square = step(z, residual, direction, image, before / curvature, width);
        direction_square = turn(direction, residual, square / before, width);
    }
}

TARGET static void gram_rows(float *matrix, const float *rows, size_t n, size_t width)
{
    for (size_t a = 0; a < n; a += ROWS) {
        for (size_t b = 0; b <= a; b += ROWS) {
            lanes sum[ROWS][ROWS] = {{{0}}};
            for (size_t i = 0; i < width; i += LANES) {
                lanes v0 = load(rows + b * width + i), v1 = load(rows + (b + 1) * width + i);
                lanes v2 = load(rows + (b + 2) * width + i), v3 = load(rows + (b + 3) * width + i);
                for (size_t r = 0; r < ROWS; r++) {
                    lanes u = load(rows + (a + r) * width + i);
                    sum[r][0] = fused(u, v0, sum[r][0]);
                    sum[r][1] = fused(u, v1, sum[r][1]);
                    sum[r][2] = fused(u, v2, sum[r][2]);
                    sum[r][3] = fused(u, v3, sum[r][3]);
                }
            }
            for (size_t r = 0; r < ROWS; r++) {
                sum4(matrix + (a + r) * n + b, sum[r][0], sum[r][1], sum[r][2], sum[r][3]);
            }
        }
    }
}

/* The block of TILE_ROWS rows from row a and n_vectors vectors from column b of matrix += rows' rows. */
TARGET __attribute__((always_inline)) static inline void add_tile(float *matrix, const float *rows, size_t n,
                                                                  size_t width, size_t a, size_t b, size_t n_vectors)
{
    lanes sum[TILE_ROWS][TILE] = {{{0}}};
    for (size_t j = 0; j < n; j++) {
        const float *left = rows + j * width + a, *right = rows + j * width + b;
        for (size_t r = 0; r < TILE_ROWS; r++) {
            lanes u = spread(left[r]);
            for (size_t t = 0; t < n_vectors; t++) {
                sum[r][t] = fused(u, load(right + t * LANES), sum[r][t]);
            }
        }
    }
    for (size_t r = 0; r < TILE_ROWS; r++) {
        for (size_t t = 0; t < n_vectors; t++) {
            float *at = matrix + (a + r) * width + b + t * LANES;
            store(at, load(at) + sum[r][t]);
        }
    }
}

/* A tile is wider than it is high, so something above the diagonal is computed too. */
TARGET static void gram_columns(float *matrix, const float *rows, size_t n, size_t width)
{
    enum { BLOCK = 128, STEP = TILE * LANES };
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t m = n - from < BLOCK ? n - from : BLOCK;
        for (size_t a = 0; a < width; a += TILE_ROWS) {
            size_t b = 0;
            for (; b + STEP <= width && b < a + TILE_ROWS; b += STEP) {
                add_tile(matrix, rows + from * width, m, width, a, b, TILE);
            }
            for (; b < a + TILE_ROWS; b += LANES) {
                add_tile(matrix, rows + from * width, m, width, a, b, 1);
            }
        }
    }
}

const rk_ridge_kernels TABLE = {NAME, gather, sum_rows, gram_rows, gram_columns, descend};
