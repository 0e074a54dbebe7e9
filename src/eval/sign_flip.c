/* sign_flip.c - see sign_flip.h.
 *
 * Eight users at a time: the sums of their differences under all 256 choices of signs are made once, each from the one
 * that differs in a single sign, and a flip then adds one of them for a random byte. So a flip of 30,000 users costs
 * 3,750 additions a column, not 30,000. The unflipped sum is added up in the same way, so that it is found equal to
 * itself.
 */
#include "eval/sign_flip.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"

enum { FLIPS_PER_CHUNK = 1000, GROUP = 8, CHOICES = 1 << GROUP, EXACT_ROWS = 15 };
static_assert(1 << EXACT_ROWS <= RK_FLIPS, "all flips of few rows are no more than the many of many rows");
static const uint64_t flip_stream = UINT64_C(0xf11b) << 32; /* apart from other uses of the seed */
static const double tie = 1e-12; /* of the sum of all sizes: sums that near are one sum, added in another order */

typedef struct {
    const double *difference; /* [n_rows x n_cols], the last group filled up with zeros */
    size_t n_groups, n_cols, n_flips;
    bool is_exact; /* flip f is the bits of f; else random */
    uint64_t seed;
    const double *limit; /* [n_cols] */
    uint64_t *n_beyond;  /* [chunks x n_cols] */
    double *room;        /* [threads x room_of] */
} flip_loop;

/* Of one thread: the sums of a group, and of the flips of a chunk. */
static size_t room_of(size_t n_cols) { return (CHOICES + FLIPS_PER_CHUNK) * n_cols; }

/* sums: [CHOICES x n_cols]; bit j of a choice: user j's sign is turned. */
static void sum_choices(const double *group, size_t n_cols, double *sums)
{
    memset(sums, 0, n_cols * sizeof *sums);
    for (size_t i = 0; i < GROUP * n_cols; i++) {
        sums[i % n_cols] += group[i];
    }
    for (size_t choice = 1; choice < CHOICES; choice++) {
        const double *without = sums + (choice & (choice - 1)) * n_cols;
        const double *user = group + (size_t)__builtin_ctzl(choice) * n_cols;
        for (size_t c = 0; c < n_cols; c++) {
            sums[choice * n_cols + c] = without[c] - 2 * user[c];
        }
    }
}

/* The byte of each flip for group g: every fourth group draws a new word. */
static void choose(const flip_loop *loop, rk_span span, size_t g, rk_random *random, uint32_t *word)
{
    for (size_t f = span.begin; f < span.end; f++) {
        if (loop->is_exact) {
            word[f - span.begin] = (uint32_t)(f >> (GROUP * g));
        } else if (g % 4 == 0) {
            word[f - span.begin] = rk_random_u32(&random[f - span.begin]);
        } else {
            word[f - span.begin] >>= GROUP;
        }
    }
}

static void flip_chunk(void *context, rk_span span)
{
    const flip_loop *loop = context;
    size_t n_cols = loop->n_cols, n = span.end - span.begin;
    double *sums = loop->room + span.worker * room_of(n_cols), *total = sums + CHOICES * n_cols;
    rk_random random[FLIPS_PER_CHUNK];
    uint32_t word[FLIPS_PER_CHUNK];
    for (size_t f = 0; f < n; f++) {
        random[f] = rk_random_of(loop->seed, flip_stream + span.begin + f);
    }
    memset(total, 0, n * n_cols * sizeof *total);
    for (size_t g = 0; g < loop->n_groups; g++) {
        sum_choices(loop->difference + g * GROUP * n_cols, n_cols, sums);
        choose(loop, span, g, random, word);
        for (size_t f = 0; f < n; f++) {
            const double *chosen = sums + (word[f] % CHOICES) * n_cols;
            for (size_t c = 0; c < n_cols; c++) {
                total[f * n_cols + c] += chosen[c];
            }
        }
    }
    uint64_t *n_beyond = loop->n_beyond + span.chunk * n_cols;
    for (size_t i = 0; i < n * n_cols; i++) {
        n_beyond[i % n_cols] += fabs(total[i]) >= loop->limit[i % n_cols];
    }
}

/* How far from 0 a flip's sum must be: as far as the data's own, less what adding in another order may lose. */
static void find_limits(const flip_loop *loop, double *limit, double *sums)
{
    size_t n_cols = loop->n_cols;
    double size[RK_FLIP_COLS_MAX] = {0}, total[RK_FLIP_COLS_MAX] = {0};
    for (size_t g = 0; g < loop->n_groups; g++) {
        const double *group = loop->difference + g * GROUP * n_cols;
        sum_choices(group, n_cols, sums);
        for (size_t c = 0; c < n_cols; c++) {
            total[c] += sums[c];
        }
        for (size_t i = 0; i < GROUP * n_cols; i++) {
            size[i % n_cols] += fabs(group[i]);
        }
    }
    for (size_t c = 0; c < n_cols; c++) {
        limit[c] = fabs(total[c]) - tie * size[c];
    }
}

/* Rows in which nobody differs say nothing under any flip: they are left out. Returns how many stay. */
static size_t copy_rows(const double *difference, size_t n_rows, size_t n_cols, double *out)
{
    size_t n = 0;
    for (size_t r = 0; r < n_rows; r++) {
        bool is_zero = true;
        for (size_t c = 0; c < n_cols; c++) {
            out[n * n_cols + c] = difference[r * n_cols + c];
            is_zero &= difference[r * n_cols + c] == 0;
        }
        n += !is_zero;
    }
    memset(out + n * n_cols, 0, GROUP * n_cols * sizeof *out);
    return n;
}

static void run_flips(flip_loop *loop, const rk_run *run, double *limit, double *p)
{
    size_t n_chunks = rk_chunk_count(loop->n_flips, FLIPS_PER_CHUNK);
    find_limits(loop, limit, loop->room);
    loop->limit = limit;
    rk_parallel_for(run->pool, loop->n_flips, FLIPS_PER_CHUNK, flip_chunk, loop);
    for (size_t c = 0; c < loop->n_cols; c++) {
        uint64_t n = 0;
        for (size_t chunk = 0; chunk < n_chunks; chunk++) {
            n += loop->n_beyond[chunk * loop->n_cols + c];
        }
        /* The data themselves are one of the flips; among all flips they have been met. */
        p[c] = loop->is_exact ? (double)n / (double)loop->n_flips : (double)(n + 1) / (double)(loop->n_flips + 1);
    }
}

rk_status rk_sign_flip(const double *difference, size_t n_rows, size_t n_cols, const rk_run *run, double *p,
                       size_t *n_flips, rk_error *err)
{
    assert(n_cols > 0 && n_cols <= RK_FLIP_COLS_MAX);
    double limit[RK_FLIP_COLS_MAX];
    double *rows = malloc((n_rows + GROUP) * n_cols * sizeof *rows);
    double *room = malloc(rk_pool_threads(run->pool) * room_of(n_cols) * sizeof *room);
    uint64_t *n_beyond = calloc(rk_chunk_count(RK_FLIPS, FLIPS_PER_CHUNK) * n_cols, sizeof *n_beyond);
    rk_status status = rows && room && n_beyond ? RK_OK : rk_fail_memory(err, "a paired test");
    if (status == RK_OK) {
        size_t n = copy_rows(difference, n_rows, n_cols, rows);
        flip_loop loop = {rows, (n + GROUP - 1) / GROUP, n_cols, RK_FLIPS, n <= EXACT_ROWS, run->seed, NULL, n_beyond,
                          room};
        loop.n_flips = loop.is_exact ? (size_t)1 << n : RK_FLIPS;
        run_flips(&loop, run, limit, p);
        *n_flips = loop.n_flips;
    }
    free(rows);
    free(room);
    free(n_beyond);
    return status;
}

/* ---- many questions at once ---- */

typedef struct {
    double p;
    size_t i;
} ranked_p;

static int compare_p(const void *a, const void *b)
{
    const ranked_p *x = a, *y = b;
    return x->p != y->p ? (x->p > y->p) - (x->p < y->p) : (x->i > y->i) - (x->i < y->i);
}

rk_status rk_holm(const double *p, size_t n, double *adjusted, rk_error *err)
{
    ranked_p *ranked = malloc((n + 1) * sizeof *ranked);
    double most = 0;
    if (!ranked) {
        return rk_fail_memory(err, "p-values");
    }
    for (size_t i = 0; i < n; i++) {
        ranked[i] = (ranked_p){p[i], i};
    }
    qsort(ranked, n, sizeof *ranked, compare_p);
    for (size_t r = 0; r < n; r++) {
        double corrected = fmin(1, (double)(n - r) * ranked[r].p);
        most = fmax(most, corrected);
        adjusted[ranked[r].i] = most;
    }
    free(ranked);
    return RK_OK;
}
