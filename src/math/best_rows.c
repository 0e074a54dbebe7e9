/* best_rows.c - see best_rows.h.
 *
 * Each row has room in the result for the most it can keep, so threads write where the row belongs and nothing is
 * copied but once, when the rows are moved together. Room that no row fills is never touched, so it costs no memory.
 */
#include "math/best_rows.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_ROWS = 32 };

typedef struct {
    const rk_best_rows *rows;
    rk_row_bench *benches; /* [threads] */
    rk_csr *out;           /* start: where the room of each row begins */
    uint32_t *n_kept;      /* [n_rows] */
} job;

static size_t leave_self_out(uint32_t row, uint32_t *col, float *score, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (col[i] == row) {
            col[i] = col[n - 1];
            score[i] = score[n - 1];
            return n - 1;
        }
    }
    return n;
}

static void make_row(const job *j, uint32_t row, rk_row_bench *bench)
{
    const rk_best_rows *rows = j->rows;
    rk_pile *pile = &bench->pile;
    uint64_t at = j->out->start[row];
    uint32_t step = rows->block_cols ? rows->block_cols : rows->n_cols;
    for (uint32_t first = 0; first < rows->n_cols; first = bench->end) {
        bench->first = first;
        bench->end = rows->n_cols - first > step ? first + step : rows->n_cols;
        rows->pour(rows->context, row, bench);
        rk_pile_settle(pile);
    }
    pile->n = pile->n_settled = rows->rate ? rows->rate(rows->context, row, pile->col, pile->score, pile->n)
                                           : leave_self_out(row, pile->col, pile->score, pile->n);
    size_t n = rk_pile_pick(pile, rows->n_best, j->out->col + at, j->out->value + at);
    j->n_kept[row] = (uint32_t)n;
    if (rows->finish) {
        rows->finish(rows->context, row, j->out->col + at, j->out->value + at, n);
    }
}

static void make_rows(void *context, rk_span span)
{
    const job *j = context;
    for (size_t r = span.begin; r < span.end; r++) {
        make_row(j, (uint32_t)r, &j->benches[span.worker]);
    }
}

static uint64_t room_of(const rk_best_rows *rows, uint32_t row)
{
    uint64_t most = rows->most ? rows->most(rows->context, row) : rows->n_cols;
    most = most < rows->n_cols ? most : rows->n_cols;
    return most < rows->n_best ? most : rows->n_best;
}

static rk_status allocate(job *j, unsigned n_threads, rk_error *err)
{
    const rk_best_rows *rows = j->rows;
    rk_csr *out = j->out;
    *out = (rk_csr){.n_rows = rows->n_rows, .n_cols = rows->n_cols};
    out->start = malloc(((size_t)rows->n_rows + 1) * sizeof *out->start);
    j->n_kept = calloc((size_t)rows->n_rows + 1, sizeof *j->n_kept);
    j->benches = calloc(n_threads, sizeof *j->benches);
    if (!out->start || !j->n_kept || !j->benches) {
        return rk_fail_memory(err, "rows of neighbours");
    }
    out->start[0] = 0;
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        out->start[r + 1] = out->start[r] + room_of(rows, r);
    }
    out->col = malloc((out->start[rows->n_rows] + 1) * sizeof *out->col);
    out->value = malloc((out->start[rows->n_rows] + 1) * sizeof *out->value);
    bool is_good = out->col && out->value;
    for (unsigned t = 0; is_good && t < n_threads; t++) {
        j->benches[t].cursor = malloc((rows->n_cursors + 1) * sizeof(uint64_t));
        is_good = j->benches[t].cursor && rk_pile_init(&j->benches[t].pile, rows->n_cols);
    }
    return is_good ? RK_OK : rk_fail_memory(err, "rows of neighbours");
}

/* Rows move together, and the room behind them is given back; that may fail, and then stays. */
static void close_gaps(job *j)
{
    rk_csr *out = j->out;
    uint64_t n = 0;
    for (uint32_t r = 0; r < out->n_rows; r++) {
        uint64_t from = out->start[r];
        memmove(out->col + n, out->col + from, j->n_kept[r] * sizeof *out->col);
        memmove(out->value + n, out->value + from, j->n_kept[r] * sizeof *out->value);
        out->start[r] = n;
        n += j->n_kept[r];
    }
    out->start[out->n_rows] = n;
    uint32_t *col = realloc(out->col, (n + 1) * sizeof *col);
    out->col = col ? col : out->col;
    float *value = realloc(out->value, (n + 1) * sizeof *value);
    out->value = value ? value : out->value;
}

rk_status rk_best_rows_make(const rk_best_rows *rows, rk_pool *pool, rk_csr *out, rk_error *err)
{
    unsigned n_threads = rk_pool_threads(pool);
    rk_csr made;
    job j = {.rows = rows, .out = &made};
    rk_status status = allocate(&j, n_threads, err);
    if (!status) {
        rk_parallel_for(pool, rows->n_rows, CHUNK_ROWS, make_rows, &j);
        close_gaps(&j);
    }
    for (unsigned t = 0; j.benches && t < n_threads; t++) {
        rk_pile_release(&j.benches[t].pile);
        free(j.benches[t].cursor);
    }
    free(j.benches);
    free(j.n_kept);
    if (status) {
        rk_csr_release(&made);
        return status;
    }
    *out = made;
    return RK_OK;
}

uint64_t rk_best_rows_bytes(const rk_best_rows *rows, unsigned n_threads)
{
    return n_threads * (rk_pile_bytes(rows->n_cols) + rows->n_cursors * sizeof(uint64_t)) +
           rows->n_rows * sizeof(uint32_t);
}
