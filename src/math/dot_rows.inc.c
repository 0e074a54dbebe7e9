/* dot_rows.inc.c - one query against many rows: the loop that all kernels and element types share.
 *
 * BATCH rows walk together, so that each piece of the query is loaded once for all of them and their sums do not wait
 * for each other. They ask for the rows eight further on, which the processor does not foresee across so many streams:
 * 5 to 20 % faster from the third-level cache and from memory. The tail of a row is a group padded with zeros.
 *
 * Before each inclusion, dot_kernel.inc.c defines
 *   ROWS, ONE           names of the two functions: many rows, one row
 *   OUT, ROW, QUERY     types of results and elements
 *   GROUP               elements taken at a time
 *   SUMS, QUERY_GROUP   types: partial sums of one row, one group of the query
 *   START(query, dim)   the sums before the first group
 *   LOAD, LOAD_PART     a group of the query; its first n elements and zeros
 *   ADD, ADD_PART       sums plus the products of a group; of its first n elements
 *   TOTAL, TOTALS       the result of one row; of BATCH rows
 */
static TARGET OUT ONE(const ROW *row, const QUERY *query, size_t dim, SUMS s)
{
    size_t i = 0;
    for (; i + GROUP <= dim; i += GROUP) {
        s = ADD(s, row + i, LOAD(query + i));
    }
    if (i < dim) {
        s = ADD_PART(s, row + i, LOAD_PART(query + i, dim - i), dim - i);
    }
    return TOTAL(s);
}

static TARGET void ROWS(OUT *out, const ROW *rows, size_t stride, size_t n_rows, const QUERY *query, size_t dim)
{
    const SUMS start = START(query, dim);
    size_t r = 0;
    for (; r + BATCH <= n_rows; r += BATCH, rows += BATCH * stride) {
        SUMS s[BATCH];
        size_t i = 0;
        for (size_t b = 0; b < BATCH; b++) {
            s[b] = start;
        }
        for (; i + GROUP <= dim; i += GROUP) {
            const QUERY_GROUP q = LOAD(query + i);
            for (size_t b = 0; b < BATCH; b++) {
                const ROW *row = rows + b * stride + i;
                prefetch(row, AHEAD * stride * sizeof *row);
                s[b] = ADD(s[b], row, q);
            }
        }
        if (i < dim) {
            const QUERY_GROUP q = LOAD_PART(query + i, dim - i);
            for (size_t b = 0; b < BATCH; b++) {
                s[b] = ADD_PART(s[b], rows + b * stride + i, q, dim - i);
            }
        }
        TOTALS(out + r, s);
    }
    for (; r < n_rows; r++, rows += stride) {
        out[r] = ONE(rows, query, dim, start);
    }
}

#undef ROWS
#undef ONE
#undef OUT
#undef ROW
#undef QUERY
#undef GROUP
#undef SUMS
#undef QUERY_GROUP
#undef START
#undef LOAD
#undef LOAD_PART
#undef ADD
#undef ADD_PART
#undef TOTAL
#undef TOTALS
