/* ivf_build.c - from vectors to lists of codes.
 *
 * A sample of the items trains centres, parts and words; then every item passes by once, in fixed chunks: turned, put
 * into its list, coded. Codes of a list are packed by item number, so that one thread or many leave the same bytes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ivf.h"
#include "ann/kmeans.h"
#include "math/blas.h"
#include "math/dot.h"
#include "math/random.h"

enum {
    SAMPLE_PER_LIST = 64,
    WORDS_SAMPLE = 65536,
    QUERIES_OF_ITEMS = 200,
    LADDER_QUERIES = 200,
    HALF = RK_IVF_BLOCK / 2
};
static const uint64_t STREAM_CENTRES = 3;

typedef struct {
    const rk_ann_material *from;
    rk_ivf *ivf; /* its arrays below, as far as they are there, to be written to */
    float *turn, *item_turn, *centre, *word;
    uint32_t *part, *start, *item;
    uint8_t *code;
    rk_ivf_rung *rung;
    rk_ann_rows sample;  /* turned; becomes what is left of centre */
    rk_ann_rows queries; /* that the ladder is found with */
    float *own_queries;  /* items that stand in */
    uint32_t *list_of;   /* [n] */
    uint8_t *loose;      /* [n x n_parts] a byte a part, until packed */
} making;

static rk_ivf_book book_of(const making *m)
{
    return (rk_ivf_book){m->part, m->word, m->ivf->dim, m->ivf->n_parts, m->ivf->n_words};
}

static size_t clamp(size_t value, size_t low, size_t high) { return value < low ? low : value > high ? high : value; }

/* About 2 sqrt(n) lists of 32 items or more: a question looks at as many centres as at items. */
static void choose_shape(rk_ivf *ivf, const rk_ann_rows *base, const rk_ivf_settings *s)
{
    size_t bytes = s->bytes > 0 ? (size_t)s->bytes : (base->dim + 3) / 4;
    ivf->n = base->n;
    ivf->dim = base->dim;
    ivf->n_lists = s->lists > 0 ? (size_t)s->lists : (size_t)(2 * sqrt((double)base->n));
    ivf->n_lists = clamp(ivf->n_lists, 1, clamp(base->n, 1, RK_IVF_LISTS_MAX));
    ivf->n_words = s->by_bytes ? RK_IVF_WORDS_MAX : RK_IVF_WORDS;
    ivf->n_parts =
        clamp(((s->by_bytes ? bytes : 2 * bytes) + RK_IVF_PARTS_STEP - 1) / RK_IVF_PARTS_STEP * RK_IVF_PARTS_STEP,
              RK_IVF_PARTS_STEP, RK_IVF_PARTS_MAX);
}

/* ---- samples ---- */

/* The numbers of n of all rows, drawn once each, ascending. */
static uint32_t *draw(size_t all, size_t n, uint64_t seed, uint64_t stream)
{
    uint32_t *picked = malloc((n + 1) * sizeof *picked);
    rk_random random = rk_random_of(seed, stream);
    size_t n_picked = 0;
    for (size_t i = 0; picked && n_picked < n; i++) { /* the i-th is in with the chance of those still wanted */
        if (rk_random_uniform(&random) * (double)(all - i) < (double)(n - n_picked)) {
            picked[n_picked++] = (uint32_t)i;
        }
    }
    return picked;
}

static void turn_rows(const float *turn, const rk_ann_rows *rows, float *out)
{
    rk_dot_product product = {.out = out,
                              .out_stride = rows->dim,
                              .a = rows->at,
                              .a_stride = rows->stride,
                              .m = rows->n,
                              .b = turn,
                              .b_stride = rows->dim,
                              .n = rows->dim,
                              .dim = rows->dim};
    rk_kernels_best()->product_f32(&product);
}

static rk_status take_sample(making *m, rk_error *err)
{
    const rk_ann_rows *base = m->from->base;
    size_t dim = base->dim, n = clamp(m->ivf->n_lists * SAMPLE_PER_LIST, WORDS_SAMPLE, SIZE_MAX);
    n = n < base->n ? n : base->n;
    uint32_t *picked = draw(base->n, n, m->from->run->seed, 1);
    float *rows = malloc(n * dim * sizeof *rows);
    if (!picked || !rows) {
        free(picked);
        free(rows);
        return rk_fail_memory(err, "a sample of vectors");
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(rows + i * dim, rk_ann_row(base, picked[i]), dim * sizeof *rows);
    }
    m->sample = (rk_ann_rows){rows, n, dim, dim};
    free(picked);
    return RK_OK;
}

/* Without queries, items stand in. */
static rk_status take_queries(making *m, rk_error *err)
{
    const rk_ann_rows *base = m->from->base;
    m->queries = *m->from->queries;
    if (m->queries.n > 0) {
        return RK_OK;
    }
    size_t n = base->n < QUERIES_OF_ITEMS ? base->n : QUERIES_OF_ITEMS, dim = base->dim;
    uint32_t *picked = draw(base->n, n, m->from->run->seed, 2);
    m->own_queries = malloc(n * dim * sizeof *m->own_queries);
    for (size_t i = 0; picked && m->own_queries && i < n; i++) {
        memcpy(m->own_queries + i * dim, rk_ann_row(base, picked[i]), dim * sizeof *m->own_queries);
    }
    m->queries = (rk_ann_rows){m->own_queries, n, dim, dim};
    free(picked);
    return picked && m->own_queries ? RK_OK : rk_fail_memory(err, "queries");
}

/* ---- training ---- */

/* The sample in the new space. */
static rk_status turn_sample(making *m, rk_error *err)
{
    size_t dim = m->sample.dim;
    const rk_ann_rows *moments = m->from->queries->n > 0 ? &m->queries : &m->sample;
    rk_status status = rk_ivf_basis(&m->sample, moments, m->turn, m->item_turn, err);
    float *turned = status ? NULL : malloc(m->sample.n * dim * sizeof *turned);
    if (!turned) {
        return status ? status : rk_fail_memory(err, "a sample of vectors");
    }
    for (size_t r = 0; r < m->sample.n; r += RK_CENTRES_ROWS) {
        size_t n = m->sample.n - r < RK_CENTRES_ROWS ? m->sample.n - r : RK_CENTRES_ROWS;
        rk_ann_rows some = {rk_ann_row(&m->sample, r), n, dim, dim};
        turn_rows(m->item_turn, &some, turned + r * dim);
    }
    free((void *)(uintptr_t)m->sample.at);
    m->sample.at = turned;
    return RK_OK;
}

static void subtract(const float *centre, float *row, size_t dim)
{
    for (size_t d = 0; d < dim; d++) {
        row[d] -= centre[d];
    }
}

/* The first rows of the sample become what is left of their centres; how much each number varies in them. */
static rk_status leave_rest(making *m, double *variance, rk_error *err)
{
    float *room = malloc(RK_CENTRES_ROWS * RK_CENTRES_TILE * sizeof *room);
    rk_centres centres = {0};
    rk_status status = rk_centres_init(m->centre, m->ivf->n_lists, m->ivf->dim, &centres, err);
    status = status || room ? status : rk_fail_memory(err, "centres");
    m->sample.n = m->sample.n < WORDS_SAMPLE ? m->sample.n : WORDS_SAMPLE;
    size_t dim = m->sample.dim;
    for (size_t r = 0; !status && r < m->sample.n; r += RK_CENTRES_ROWS) {
        uint32_t nearest[RK_CENTRES_ROWS];
        size_t n = m->sample.n - r < RK_CENTRES_ROWS ? m->sample.n - r : RK_CENTRES_ROWS;
        float *at = (float *)(uintptr_t)rk_ann_row(&m->sample, r);
        rk_centres_nearest(&centres, &(rk_ann_rows){at, n, dim, dim}, room, nearest);
        for (size_t i = 0; i < n; i++) {
            subtract(m->centre + nearest[i] * dim, at + i * dim, dim);
            for (size_t d = 0; d < dim; d++) {
                variance[d] += (double)at[i * dim + d] * (double)at[i * dim + d] / (double)m->sample.n;
            }
        }
    }
    rk_centres_release(&centres);
    free(room);
    return status;
}

/* rows = rows * back: each is rotated. */
static rk_status rotate_rows(float *rows, size_t n, const float *back, size_t dim, rk_error *err)
{
    float *was = malloc((n * dim + 1) * sizeof *was);
    if (!was) {
        return rk_fail_memory(err, "a rotation");
    }
    memcpy(was, rows, n * dim * sizeof *was);
    rk_gemm_nn(rows, dim, was, dim, back, dim, n, dim, dim, 1, 0);
    free(was);
    return RK_OK;
}

/* turn = rotation * turn. */
static rk_status rotate_turn(float *turn, const float *back, size_t dim, rk_error *err)
{
    float *was = malloc(dim * dim * sizeof *was);
    if (!was) {
        return rk_fail_memory(err, "a rotation");
    }
    memcpy(was, turn, dim * dim * sizeof *was);
    rk_gemm_tn(turn, dim, back, dim, was, dim, dim, dim, dim, 1, 0);
    free(was);
    return RK_OK;
}

/* The space is turned once more, for the words. */
static rk_status add_rotation(making *m, size_t n_rounds, rk_error *err)
{
    size_t dim = m->ivf->dim;
    rk_ivf_book book = book_of(m);
    float *back = n_rounds > 0 ? malloc(dim * dim * sizeof *back) : NULL;
    if (!back) {
        return n_rounds > 0 ? rk_fail_memory(err, "a rotation") : RK_OK;
    }
    rk_status status = rk_ivf_rotate(&m->sample, &book, n_rounds, m->from->run, back, err);
    status = status ? status : rotate_turn(m->turn, back, dim, err);
    status = status ? status : rotate_turn(m->item_turn, back, dim, err);
    status = status ? status : rotate_rows(m->centre, m->ivf->n_lists, back, dim, err);
    free(back);
    return status;
}

static rk_status train(making *m, const rk_ivf_settings *s, rk_error *err)
{
    const rk_run *run = m->from->run;
    double *variance = calloc(m->ivf->dim, sizeof *variance);
    rk_status status = variance ? take_sample(m, err) : rk_fail_memory(err, "an index");
    status = status ? status : turn_sample(m, err);
    rk_kmeans_wish wish = {m->ivf->n_lists, (size_t)s->rounds, run->seed, STREAM_CENTRES};
    rk_ivf_book book = book_of(m);
    rk_progress(run, "building ivf", "steps", 0, 3);
    status = status ? status : rk_kmeans(&m->sample, wish, run->pool, m->centre, err);
    rk_progress(run, "building ivf", "steps", 1, 3);
    status = status ? status : leave_rest(m, variance, err);
    status = status ? status : rk_ivf_parts(variance, m->ivf->dim, m->ivf->n_parts, m->ivf->n_words, m->part, err);
    status = status ? status : rk_ivf_words(&m->sample, &book, run, err);
    status = status ? status : add_rotation(m, (size_t)s->rotations, err);
    free(variance);
    return status;
}

/* ---- all items ---- */

typedef struct {
    making *m;
    rk_centres centres;
    float *room; /* per thread: turned rows and products */
    size_t room_floats;
    double *square, *lost; /* [chunks] of what is coded, and of what codes leave */
} coding;

static void code_rows(void *context, rk_span span)
{
    const coding *c = context;
    making *m = c->m;
    size_t dim = m->ivf->dim, n = span.end - span.begin, n_parts = m->ivf->n_parts;
    rk_ivf_book book = book_of(m);
    float *rows = c->room + span.worker * c->room_floats, *products = rows + RK_CENTRES_ROWS * dim;
    rk_ann_rows some = {rk_ann_row(m->from->base, span.begin), n, dim, m->from->base->stride};
    turn_rows(m->item_turn, &some, rows);
    rk_centres_nearest(&c->centres, &(rk_ann_rows){rows, n, dim, dim}, products, m->list_of + span.begin);
    for (size_t i = 0; i < n; i++) {
        float *row = rows + i * dim;
        uint8_t *code = m->loose + (span.begin + i) * n_parts;
        subtract(m->centre + m->list_of[span.begin + i] * dim, row, dim);
        rk_ivf_code(row, &book, code);
        c->square[span.chunk] += (double)rk_kernels_best()->dot_f32(row, row, dim);
        c->lost[span.chunk] += rk_ivf_decode(row, &book, code, products);
    }
}

static double share_of(const double *part, const double *whole, size_t n)
{
    double sum = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        sum += part[i];
        all += whole[i];
    }
    return all > 0 ? sum / all : 0;
}

static rk_status code_all(making *m, rk_error *err)
{
    const rk_run *run = m->from->run;
    size_t n = m->ivf->n;
    coding c = {.m = m, .room_floats = RK_CENTRES_ROWS * (m->ivf->dim + RK_CENTRES_TILE)};
    size_t n_chunks = rk_chunk_count(n, RK_CENTRES_ROWS);
    rk_status status = rk_centres_init(m->centre, m->ivf->n_lists, m->ivf->dim, &c.centres, err);
    c.room = malloc(rk_pool_threads(run->pool) * c.room_floats * sizeof *c.room);
    c.square = calloc(2 * n_chunks + 1, sizeof *c.square);
    c.lost = c.square ? c.square + n_chunks : NULL;
    m->list_of = malloc(n * sizeof *m->list_of);
    m->loose = malloc(n * m->ivf->n_parts);
    if (!status && (!c.room || !c.square || !m->list_of || !m->loose)) {
        status = rk_fail_memory(err, "codes");
    }
    if (!status) {
        rk_parallel_for(run->pool, n, RK_CENTRES_ROWS, code_rows, &c);
        m->ivf->lost = share_of(c.lost, c.square, n_chunks);
        rk_progress(run, "building ivf", "steps", 2, 3);
    }
    rk_centres_release(&c.centres);
    free(c.room);
    free(c.square);
    return status;
}

static void pack_one(const making *m, size_t at, uint32_t item)
{
    size_t n_parts = m->ivf->n_parts, i = at % RK_IVF_BLOCK;
    size_t line = rk_ivf_line(m->ivf->n_words), half = line == RK_IVF_BLOCK ? RK_IVF_BLOCK : HALF;
    uint8_t *block = m->code + at / RK_IVF_BLOCK * n_parts * line;
    m->item[at] = item;
    for (size_t p = 0; p < n_parts; p++) {
        uint8_t *two = &block[p * line + i % half];
        *two = (uint8_t)(*two | m->loose[item * n_parts + p] << (i < half ? 0 : 4));
    }
}

static rk_status pack(making *m, rk_error *err)
{
    rk_ivf *ivf = m->ivf;
    uint32_t *next = calloc(ivf->n_lists, sizeof *next);
    for (size_t i = 0; next && i < ivf->n; i++) {
        next[m->list_of[i]]++;
    }
    for (size_t l = 0; next && l < ivf->n_lists; l++) {
        m->start[l + 1] = m->start[l] + (next[l] + RK_IVF_BLOCK - 1) / RK_IVF_BLOCK;
        next[l] = m->start[l] * RK_IVF_BLOCK;
    }
    ivf->n_blocks = m->start[ivf->n_lists];
    ivf->item = m->item = malloc(ivf->n_blocks * RK_IVF_BLOCK * sizeof *m->item);
    ivf->code = m->code = calloc(ivf->n_blocks, ivf->n_parts * rk_ivf_line(ivf->n_words));
    if (!next || !m->item || !m->code) {
        free(next);
        return rk_fail_memory(err, "lists");
    }
    memset(m->item, 0xff, ivf->n_blocks * RK_IVF_BLOCK * sizeof *m->item); /* RK_NO_ID */
    for (size_t i = 0; i < ivf->n; i++) {
        pack_one(m, next[m->list_of[i]]++, (uint32_t)i);
    }
    free(next);
    return RK_OK;
}

static rk_status allocate(making *m, rk_error *err)
{
    rk_ivf *ivf = m->ivf;
    ivf->is_own = true;
    ivf->turn = m->turn = malloc(ivf->dim * ivf->dim * sizeof *m->turn);
    m->item_turn = malloc(ivf->dim * ivf->dim * sizeof *m->item_turn);
    ivf->centre = m->centre = malloc(ivf->n_lists * ivf->dim * sizeof *m->centre);
    ivf->word = m->word = calloc(ivf->dim * ivf->n_words, sizeof *m->word);
    ivf->part = m->part = calloc(ivf->n_parts + 1, sizeof *m->part);
    ivf->start = m->start = calloc(ivf->n_lists + 1, sizeof *m->start);
    ivf->rung = m->rung = calloc(RK_ANN_STEPS_MAX, sizeof *m->rung);
    return m->turn && m->item_turn && m->centre && m->word && m->part && m->start && m->rung
               ? RK_OK
               : rk_fail_memory(err, "an index");
}

rk_status rk_ivf_build(const rk_ann_material *from, const rk_ivf_settings *settings, rk_ivf *out, rk_error *err)
{
    making m = {.from = from, .ivf = out};
    choose_shape(out, from->base, settings);
    rk_status status = allocate(&m, err);
    status = status ? status : take_queries(&m, err);
    status = status ? status : train(&m, settings, err);
    status = status ? status : code_all(&m, err);
    status = status ? status : pack(&m, err);
    m.queries.n = m.queries.n < LADDER_QUERIES ? m.queries.n : LADDER_QUERIES;
    status = status ? status : rk_ivf_ladder(out, from->base, &m.queries, m.rung, &out->n_rungs, err);
    rk_progress(from->run, "building ivf", "steps", 3, 3);
    free((void *)(uintptr_t)m.sample.at);
    free(m.own_queries);
    free(m.item_turn);
    free(m.list_of);
    free(m.loose);
    return status;
}
