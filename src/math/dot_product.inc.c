/* dot_product.inc.c - many queries against many rows, so that what is loaded once is used TILE times.
 *
 * TILE rows of a meet TILE rows of b in as many sums as the registers hold; each sum is that of dot_rows.inc.c, so the
 * bits are the same. Nothing is packed: TILE rows of b stay in the first-level cache while a block of a, in the second,
 * passes by. Beside a product that broadcasts single numbers this pays one adding up of lanes for each result, which
 * the next tile hides, and saves two copies; at 64 dimensions it runs at three quarters of the processor's peak.
 *
 * dot_kernel.inc.c includes this after rows_f32; the file that includes it defines TILE and
 *   tile_totals(float *out, size_t stride, const lanes s[TILE * TILE])   s[r * TILE + c] to out[r * stride + c]
 */
enum { BLOCK_FLOATS = 1 << 16 }; /* of a: 256 KiB */

static inline TARGET __attribute__((always_inline)) void tile(float *out, size_t out_stride, const rk_dot_product *p,
                                                              const float *a, const float *b)
{
    lanes s[TILE * TILE], right[TILE];
    size_t i = 0;
    for (size_t t = 0; t < TILE * TILE; t++) {
        s[t] = zero();
    }
    for (; i + 16 <= p->dim; i += 16) {
        for (size_t c = 0; c < TILE; c++) {
            right[c] = load(b + c * p->b_stride + i);
        }
        for (size_t r = 0; r < TILE; r++) {
            for (size_t c = 0; c < TILE; c++) {
                s[r * TILE + c] = add(s[r * TILE + c], a + r * p->a_stride + i, right[c]);
            }
        }
    }
    if (i < p->dim) {
        for (size_t c = 0; c < TILE; c++) {
            right[c] = load_part(b + c * p->b_stride + i, p->dim - i);
        }
        for (size_t r = 0; r < TILE; r++) {
            for (size_t c = 0; c < TILE; c++) {
                s[r * TILE + c] = add_part(s[r * TILE + c], a + r * p->a_stride + i, right[c], p->dim - i);
            }
        }
    }
    tile_totals(out, out_stride, s);
}

/* Rows from .. from + m - 1 of a, m a multiple of TILE, with all of b. */
static TARGET void product_block(const rk_dot_product *p, size_t from, size_t m)
{
    const float *a = p->a + from * p->a_stride;
    float *out = p->out + from * p->out_stride;
    size_t j = 0;
    for (; j + TILE <= p->n; j += TILE) {
        for (size_t i = 0; i < m; i += TILE) {
            tile(out + i * p->out_stride + j, p->out_stride, p, a + i * p->a_stride, p->b + j * p->b_stride);
        }
    }
    for (size_t i = 0; i < m && j < p->n; i++) {
        rows_f32(out + i * p->out_stride + j, p->b + j * p->b_stride, p->b_stride, p->n - j, a + i * p->a_stride,
                 p->dim);
    }
}

static TARGET void product_f32(const rk_dot_product *p)
{
    size_t most = BLOCK_FLOATS / (p->dim + 1) / TILE * TILE, even = p->m / TILE * TILE;
    most = most > 4 * TILE ? most : 4 * TILE;
    for (size_t from = 0; from < even; from += most) {
        product_block(p, from, even - from < most ? even - from : most);
    }
    for (size_t i = even; i < p->m; i++) {
        rows_f32(p->out + i * p->out_stride, p->b, p->b_stride, p->n, p->a + i * p->a_stride, p->dim);
    }
}
