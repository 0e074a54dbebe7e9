/* spd_kernel.inc.c - C -= A B' of strips over vectors of LANES floats; included once per instruction set.
 *
 * The includer defines LANES, ROWS x VECTORS (the sums that its registers hold), TARGET, KERNEL, the type lanes and
 *   lanes fused(lanes a, lanes b, lanes c)             a * b + c
 * A run of B's columns stays in the first-level cache while the rows of a block of A, in the second, pass by.
 */
enum { COLUMNS = VECTORS * LANES, BLOCK = 128 };

/* The ROWS x COLUMNS entries of C at c; a: from its row in the strip on; b: from its column in its first strip on. C
 * comes from memory while the sum is made. */
TARGET __attribute__((always_inline)) static inline void subtract(float *c, const float *a, const float *b, size_t size,
                                                                  size_t depth)
{
    lanes sum[ROWS][VECTORS] = {{{0}}};
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t v = 0; v < VECTORS; v++) {
            __builtin_prefetch(c + r * size + v * LANES, 1);
        }
    }
    for (size_t k = 0; k < depth; k++, a += RK_SPD_STRIP, b += RK_SPD_STRIP) {
        lanes right[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) {
            size_t column = v * LANES;
            right[v] =
                *(const lanes *)(const void *)(b + column / RK_SPD_STRIP * RK_SPD_STRIP * size + column % RK_SPD_STRIP);
        }
        for (size_t r = 0; r < ROWS; r++) {
            lanes left = a[r] - (lanes){0};
            for (size_t v = 0; v < VECTORS; v++) {
                sum[r][v] = fused(left, right[v], sum[r][v]);
            }
        }
    }
    for (size_t r = 0; r < ROWS; r++) {
        for (size_t v = 0; v < VECTORS; v++) {
            lanes *at = (lanes *)(void *)(c + r * size + v * LANES);
            *at -= sum[r][v];
        }
    }
}

/* What the terms from .. from + depth - 1 of each sum come to, for a block of rows. */
TARGET static void subtract_block(const rk_spd_product *p, size_t first_row, size_t end_row, size_t from, size_t depth)
{
    size_t size = p->size;
    for (size_t column = 0; column < p->columns && !(p->is_half && column >= end_row); column += COLUMNS) {
        size_t end = p->is_b_triangular ? column + COLUMNS : size; /* of the terms that are not zero */
        size_t n = end <= from ? 0 : end - from < depth ? end - from : depth;
        const float *b = p->b + column / RK_SPD_STRIP * RK_SPD_STRIP * size + column % RK_SPD_STRIP;
        size_t row = p->is_half && column > first_row ? column / ROWS * ROWS : first_row;
        for (; n > 0 && row < end_row; row += ROWS) {
            const float *a = p->a + row / RK_SPD_STRIP * RK_SPD_STRIP * size + row % RK_SPD_STRIP;
            subtract(p->c + row * size + column, a + from * RK_SPD_STRIP, b + from * RK_SPD_STRIP, size, n);
        }
    }
}

TARGET void KERNEL(const rk_spd_product *p)
{
    for (size_t from = 0; from < p->size; from += RK_SPD_RUN) {
        size_t depth = p->size - from < RK_SPD_RUN ? p->size - from : RK_SPD_RUN;
        for (size_t row = 0; row < p->rows; row += BLOCK) {
            subtract_block(p, row, row + BLOCK < p->rows ? row + BLOCK : p->rows, from, depth);
        }
    }
}
