/* contrast_kernel.inc.c - the inner loops of contrast.h over the vectors of lanes.h; included once per instruction set.
 *
 * The includer has included lanes.h and defines TABLE and NAME.
 * A list of scores is worked on in whole vectors; what stands behind its end is overwritten with what changes nothing.
 */
enum { ROWS = 4, PANEL = 4, AHEAD = 8 };

typedef int32_t bits __attribute__((vector_size(4 * LANES), may_alias));

/* yes where the mask is set, else no. */
TARGET static inline lanes choose(bits mask, lanes yes, lanes no)
{
    return (lanes)(((bits)yes & mask) | ((bits)no & ~mask));
}

/* 2^n times a polynomial for the rest, |rest| <= ln 2 / 2: within 2 units in the last place. Below -87 it is 0. */
TARGET static inline lanes exp_of(lanes x)
{
    const lanes least = spread(-87), most = spread(88), magic = spread(12582912); /* 1.5 * 2^23: rounds */
    bits is_nothing = (bits)(x < least);
    x = choose((bits)(x > most), most, choose(is_nothing, least, x));
    lanes n = fused(x, spread(1.44269504F), magic) - magic;
    lanes rest = fused(n, spread(-0.693359375F), x); /* ln 2 in two parts, the first exact in n * it */
    rest = fused(n, spread(2.12194440e-4F), rest);
    lanes sum = spread(1.F / 5040);
    sum = fused(sum, rest, spread(1.F / 720));
    sum = fused(sum, rest, spread(1.F / 120));
    sum = fused(sum, rest, spread(1.F / 24));
    sum = fused(sum, rest, spread(1.F / 6));
    sum = fused(sum, rest, spread(.5F));
    sum = fused(sum, rest, spread(1));
    sum = fused(sum, rest, spread(1));
    bits exponent = ((bits)(n + magic) - (bits)magic) << 23;
    return choose(is_nothing, (lanes){0}, (lanes)((bits)sum + exponent));
}

/* Four rows share each load of x, and four sums over lanes cost little more than one. */
TARGET __attribute__((always_inline)) static inline void score_four(float *scores, const float *const y[ROWS],
                                                                    const float *x, lanes scale, size_t width)
{
    lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    for (size_t i = 0; i < width; i += LANES) {
        lanes v = load(x + i) * scale;
        s0 = fused(load(y[0] + i), v, s0);
        s1 = fused(load(y[1] + i), v, s1);
        s2 = fused(load(y[2] + i), v, s2);
        s3 = fused(load(y[3] + i), v, s3);
    }
    sum4(scores, s0, s1, s2, s3);
}

TARGET static void score(float *scores, const float *vectors, const uint32_t *row, size_t n, const float *x,
                         float scale, size_t width)
{
    lanes by = spread(scale);
    size_t j = 0;
    for (; j + ROWS + AHEAD <= n; j += ROWS) {
        for (size_t r = 0; r < ROWS; r++) {
            __builtin_prefetch(vectors + row[j + AHEAD + r] * width);
        }
        const float *const y[ROWS] = {vectors + row[j] * width, vectors + row[j + 1] * width,
                                      vectors + row[j + 2] * width, vectors + row[j + 3] * width};
        score_four(scores + j, y, x, by, width);
    }
    for (; j < n; j += ROWS) {
        const float *y[ROWS];
        for (size_t r = 0; r < ROWS; r++) {
            y[r] = vectors + row[j + r < n ? j + r : n - 1] * width;
        }
        score_four(scores + j, y, x, by, width);
    }
}

/* Fills the last vector of a list. */
static void pad(float *values, size_t n, float with)
{
    for (; n % LANES != 0; n++) {
        values[n] = with;
    }
}

TARGET static float soften(float *values, size_t n, float *top)
{
    lanes most = spread(values[0]), sum = {0};
    float each[LANES], total = 0;
    pad(values, n, values[0]);
    for (size_t j = 0; j < n; j += LANES) {
        lanes v = load(values + j);
        most = choose((bits)(v > most), v, most);
    }
    *top = most[0];
    for (size_t l = 1; l < LANES; l++) {
        *top = most[l] > *top ? most[l] : *top;
    }
    pad(values, n, *top - 1000); /* exp gives 0 */
    for (size_t j = 0; j < n; j += LANES) {
        lanes v = exp_of(load(values + j) - spread(*top));
        store(values + j, v);
        sum += v;
    }
    memcpy(each, &sum, sizeof each);
    for (size_t l = 0; l < LANES; l++) {
        total += each[l];
    }
    return total;
}

TARGET static void squash(float *values, size_t n)
{
    pad(values, n, 0);
    for (size_t j = 0; j < n; j += LANES) {
        store(values + j, spread(1) / (spread(1) + exp_of(-load(values + j))));
    }
}

/* Each place of the vector has a purse: small values are paid in, as shares of the limit, and a full one is paid out.
 */
TARGET static void draw_lots(float *values, size_t n, float limit, float *purse)
{
    enum { PARTS = RK_CONTRAST_LANES / LANES };
    lanes most = spread(limit), share = spread(1 / limit), nothing = {0}, full = spread(1);
    pad(values, n, 0);
    for (size_t j = 0; j < n; j += LANES) {
        float *mine = purse + j / LANES % PARTS * LANES;
        lanes v = load(values + j);
        bits is_large = (bits)(v >= most);
        lanes have = load(mine) + choose(is_large, nothing, v * share);
        bits is_full = (bits)(have >= full) & ~is_large;
        store(mine, have - choose(is_full, full, nothing));
        store(values + j, choose(is_large, v, choose(is_full, most, nothing)));
    }
}

/* A panel of columns at a time, so that x and what is gathered stay in registers from row to row. */
TARGET __attribute__((always_inline)) static inline void move_panel(float *vectors, const rk_contrast_move *moves,
                                                                    size_t n, const float *x, float *gathered,
                                                                    size_t width, size_t n_vectors)
{
    lanes mine[PANEL], sum[PANEL];
    for (size_t v = 0; v < n_vectors; v++) {
        mine[v] = load(x + v * LANES);
        sum[v] = load(gathered + v * LANES);
    }
    for (size_t j = 0; j < n; j++) {
        float *y = vectors + moves[j].row * width;
        lanes pull = spread(moves[j].pull), keep = spread(moves[j].keep), add = spread(moves[j].add);
        for (size_t v = 0; v < n_vectors; v++) {
            lanes before = load(y + v * LANES);
            sum[v] = fused(before, pull, sum[v]);
            store(y + v * LANES, fused(before, keep, mine[v] * add));
        }
    }
    for (size_t v = 0; v < n_vectors; v++) {
        store(gathered + v * LANES, sum[v]);
    }
}

TARGET static void move(float *vectors, const rk_contrast_move *moves, size_t n, const float *x, float *gathered,
                        size_t width)
{
    size_t i = 0;
    for (; i + PANEL * LANES <= width; i += PANEL * LANES) {
        move_panel(vectors + i, moves, n, x + i, gathered + i, width, PANEL);
    }
    for (; i < width; i += LANES) {
        move_panel(vectors + i, moves, n, x + i, gathered + i, width, 1);
    }
}

const rk_contrast_kernels TABLE = {NAME, score, soften, squash, draw_lots, move};
