/* ridge_kernel.inc.c - the inner loops of ridge.h over vectors of LANES floats; included once per instruction set.
 *
 * The includer defines LANES, TILE_ROWS x TILE (vectors; a tile's sums must fit the registers), TARGET (a function
 * attribute), TABLE, NAME, and the inline functions
 *   lanes fused(lanes a, lanes b, lanes c)             a * b + c
 *   void sum4(float *out, lanes a, lanes b, lanes c, lanes d)   the four sums over lanes
 * Rows come in fours: four products share each load of the other operand, and four sums over lanes cost little more
 * than one. That is what makes a row of 27 events worth a kernel of its own: BLAS sets out for bigger things.
 */
enum { ROWS = 4 };

TARGET static inline lanes load(const float *at) { return *(const lanes *)(const void *)at; }
TARGET static inline void store(float *at, lanes v) { *(lanes *)(void *)at = v; }
TARGET static inline lanes spread(float value) { return value - (lanes){0}; }

TARGET static float dot(const float *a, const float *b, size_t width)
{
    lanes sum[2] = {{0}, {0}};
    float out[4];
    size_t i = 0;
    for (; i + 2 * LANES <= width; i += 2 * LANES) {
        sum[0] = fused(load(a + i), load(b + i), sum[0]);
        sum[1] = fused(load(a + i + LANES), load(b + i + LANES), sum[1]);
    }
    for (; i < width; i += LANES) {
        sum[0] = fused(load(a + i), load(b + i), sum[0]);
    }
    sum4(out, sum[0] + sum[1], (lanes){0}, (lanes){0}, (lanes){0});
    return out[0];
}

/* y = x * a + y */
TARGET static void axpy(float *y, const float *x, float a, size_t width)
{
    lanes factor = spread(a);
    for (size_t i = 0; i < width; i += LANES) {
        store(y + i, fused(load(x + i), factor, load(y + i)));
    }
}

TARGET static void gather(float *rows, const rk_ridge_gather *from)
{
    enum { AHEAD = 6, LINE = 16 };
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

/* out = (I + rows' rows) p */
TARGET static void apply(float *out, const float *p, const float *rows, size_t n, size_t width)
{
    float t[ROWS];
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
    }
}

TARGET static void descend(float *z, const float *sum, const float *rows, size_t n, size_t width, unsigned n_steps,
                           float *work)
{
    const float negligible = 1e-12F; /* of the squared length of sum: floats end there */
    float *residual = work, *direction = work + width, *image = work + 2 * width;
    apply(image, z, rows, n, width);
    for (size_t i = 0; i < width; i += LANES) {
        store(residual + i, load(sum + i) - load(image + i));
    }
    memcpy(direction, residual, width * sizeof *direction);
    float square = dot(residual, residual, width), enough = negligible * dot(sum, sum, width);
    for (unsigned step = 0; step < n_steps && square > enough; step++) {
        apply(image, direction, rows, n, width);
        float length = square / dot(direction, image, width);
        axpy(z, direction, length, width);
        axpy(residual, image, -length, width);
        float before = square;
        square = dot(residual, residual, width);
        lanes keep = spread(square / before);
        for (size_t i = 0; i < width; i += LANES) {
            store(direction + i, fused(load(direction + i), keep, load(residual + i)));
        }
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
