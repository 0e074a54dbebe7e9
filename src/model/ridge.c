/* ridge.c - see ridge.h. */
#include "model/ridge.h"

#include <stdlib.h>
#include <string.h>

#include "math/blas.h"
#include "math/dot.h"
#include "math/eigen.h"

enum { LANE = 16, FOUR = 4, ALIGN = 64, ROOM_BYTES = 1 << 22, CAPACITY_MIN = 64 };

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

size_t rk_ridge_width(size_t dim) { return round_up(dim, LANE); }

static size_t capacity_of(size_t width)
{
    size_t rows = ROOM_BYTES / (width * sizeof(float)) / LANE * LANE;
    return rows > CAPACITY_MIN ? rows : CAPACITY_MIN;
}

static size_t n_floats(size_t width, size_t capacity) { return capacity * (width + 1) + width * width + 4 * width; }

size_t rk_ridge_bytes(size_t width) { return n_floats(width, capacity_of(width)) * sizeof(float); }

/* A step reads a row twice for four operations on each number, so it is far from the pace of a matrix product. */
rk_work rk_ridge_work(size_t width, uint64_t n_rows, unsigned n_steps)
{
    enum { STEP_FLOPS = 4, STEP_SLOWER = 3 };
    double n = (double)n_rows, w = (double)width;
    rk_work work = {.bytes = n * w * sizeof(float)};
    bool is_folded = n_rows > capacity_of(width);
    if (n_steps > 0 && !is_folded) {
        work.flops = STEP_SLOWER * STEP_FLOPS * n * w * (n_steps + 1);
    } else if (n < w && !is_folded) {
        work.flops = n * n * w + n * n * n / 3;
    } else {
        work.flops = n * w * w + w * w * w / 3;
    }
    return work;
}

static void lay_out(rk_ridge *ridge, size_t width, size_t capacity, float *at)
{
    *ridge = (rk_ridge){.kernels = rk_ridge_kernels_best(), .width = width, .capacity = capacity};
    ridge->rows = at;
    ridge->matrix = ridge->rows + capacity * width;
    ridge->sum = ridge->matrix + width * width;
    ridge->work = ridge->sum + width;
    ridge->target = ridge->work + 3 * width;
}

rk_status rk_ridge_init(rk_ridge *ridge, size_t width, rk_error *err)
{
    float *block = aligned_alloc(ALIGN, rk_ridge_bytes(width));
    if (!block) {
        return rk_fail_memory(err, "room to solve in");
    }
    lay_out(ridge, width, capacity_of(width), block);
    ridge->block = block;
    return RK_OK;
}

rk_status rk_ridge_init_small(rk_ridge *ridge, size_t width, size_t n, rk_arena *arena, rk_error *err)
{
    size_t capacity = round_up(n, FOUR);
    float *block = rk_arena_take(arena, n_floats(width, capacity), sizeof *block, ALIGN);
    if (!block) {
        return rk_fail_memory(err, "room to solve in");
    }
    lay_out(ridge, width, capacity, block);
    return RK_OK;
}

void rk_ridge_release(rk_ridge *ridge)
{
    free(ridge->block);
    *ridge = (rk_ridge){0};
}

void rk_ridge_load(rk_ridge *ridge, const rk_ridge_gather *from, const float *target)
{
    size_t width = ridge->width;
    ridge->n = from->n;
    ridge->is_folded = from->n > ridge->capacity;
    memset(ridge->sum, 0, width * sizeof *ridge->sum);
    if (ridge->is_folded) {
        memset(ridge->matrix, 0, width * width * sizeof *ridge->matrix);
    }
    for (size_t begin = 0; begin < from->n; begin += ridge->capacity) {
        rk_ridge_gather part = *from;
        part.id += begin;
        part.weight += begin;
        part.n = from->n - begin < ridge->capacity ? from->n - begin : ridge->capacity;
        size_t n = round_up(part.n, FOUR);
        memcpy(ridge->target, target + begin, part.n * sizeof *target);
        memset(ridge->target + part.n, 0, (n - part.n) * sizeof *target);
        ridge->kernels->gather(ridge->rows, &part);
        ridge->kernels->sum_rows(ridge->sum, ridge->rows, ridge->target, n, width);
        if (ridge->is_folded) {
            ridge->kernels->gram_columns(ridge->matrix, ridge->rows, n, width);
        }
    }
}

void rk_ridge_squares(const rk_ridge *ridge, float *square)
{
    size_t width = ridge->width, n = ridge->is_folded ? 0 : ridge->n;
    for (size_t d = 0; d < width; d++) {
        square[d] = ridge->is_folded ? ridge->matrix[d * width + d] : 0;
    }
    for (size_t j = 0; j < n; j++) {
        const float *row = ridge->rows + j * width;
        for (size_t d = 0; d < width; d++) {
            square[d] += row[d] * row[d];
        }
    }
}

static void add_identity(float *matrix, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        matrix[i * n + i] += 1;
    }
}

static rk_status not_positive(rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "a least squares problem has no finite solution: the numbers grew too large");
}

/* Through G'G. */
static rk_status solve_columns(rk_ridge *ridge, float *z, rk_error *err)
{
    size_t width = ridge->width;
    if (!ridge->is_folded) {
        memset(ridge->matrix, 0, width * width * sizeof *ridge->matrix);
        ridge->kernels->gram_columns(ridge->matrix, ridge->rows, round_up(ridge->n, FOUR), width);
    }
    add_identity(ridge->matrix, width);
    memcpy(z, ridge->sum, width * sizeof *z);
    return rk_solve_spd(ridge->matrix, width, z, width) ? RK_OK : not_positive(err);
}

/* Through GG'. */
static rk_status solve_rows(rk_ridge *ridge, float *z, rk_error *err)
{
    size_t n = round_up(ridge->n, FOUR);
    ridge->kernels->gram_rows(ridge->matrix, ridge->rows, n, ridge->width);
    add_identity(ridge->matrix, n);
    if (!rk_solve_spd(ridge->matrix, n, ridge->target, n)) {
        return not_positive(err);
    }
    memset(z, 0, ridge->width * sizeof *z);
    ridge->kernels->sum_rows(z, ridge->rows, ridge->target, n, ridge->width);
    return RK_OK;
}

rk_status rk_ridge_solve(rk_ridge *ridge, float *z, rk_error *err)
{
    if (ridge->n == 0) {
        memset(z, 0, ridge->width * sizeof *z);
        return RK_OK;
    }
    bool is_short = !ridge->is_folded && round_up(ridge->n, FOUR) <= ridge->width;
    return is_short ? solve_rows(ridge, z, err) : solve_columns(ridge, z, err);
}

rk_status rk_ridge_descend(rk_ridge *ridge, float *z, unsigned n_steps, rk_error *err)
{
    if (ridge->is_folded) {
        return solve_columns(ridge, z, err);
    }
    ridge->kernels->descend(z, ridge->sum, ridge->rows, round_up(ridge->n, FOUR), ridge->width, n_steps, ridge->work);
    return RK_OK;
}

rk_status rk_ridge_shares(rk_ridge *ridge, float *probes, size_t n_probes, float *shares, rk_error *err)
{
    size_t width = ridge->width, n = ridge->n, n_padded = round_up(n, FOUR);
    rk_dot_product product = {shares, n, probes, width, n_probes, ridge->rows, width, n, width};
    bool is_solved;
    if (n == 0 || n_probes == 0) {
        return RK_OK;
    }
    if (n_padded <= width) {
        ridge->kernels->gram_rows(ridge->matrix, ridge->rows, n_padded, width);
        add_identity(ridge->matrix, n_padded);
        rk_kernels_best()->product_f32(&product);
        is_solved = rk_solve_spd_many(ridge->matrix, n_padded, shares, n, n, n_probes);
    } else {
        memset(ridge->matrix, 0, width * width * sizeof *ridge->matrix);
        ridge->kernels->gram_columns(ridge->matrix, ridge->rows, n_padded, width);
        add_identity(ridge->matrix, width);
        is_solved = rk_solve_spd_many(ridge->matrix, width, probes, width, width, n_probes);
        rk_kernels_best()->product_f32(&product);
    }
    for (size_t p = 0; p < n_probes; p++) {
        for (size_t j = 0; j < n; j++) {
            shares[p * n + j] *= ridge->target[j];
        }
    }
    return is_solved ? RK_OK : not_positive(err);
}

/* ---- rooms ---- */

static size_t room_bytes(size_t width, size_t longest)
{
    size_t floats = 3 * longest + 2 * width;
    return (floats * sizeof(float) + ALIGN - 1) / ALIGN * ALIGN;
}

static void lay_out_room(rk_ridge_room *room, float *at, size_t width, size_t longest)
{
    room->scale = at;
    room->z = room->scale + width;
    room->weight = room->z + width;
    room->target = room->weight + longest;
    room->id = (uint32_t *)(void *)(room->target + longest);
}

rk_status rk_ridge_room_init(rk_ridge_room *room, size_t width, size_t longest, rk_error *err)
{
    room->block = aligned_alloc(ALIGN, room_bytes(width, longest));
    if (!room->block) {
        return rk_fail_memory(err, "room for a history");
    }
    lay_out_room(room, room->block, width, longest);
    return rk_ridge_init(&room->ridge, width, err);
}

rk_status rk_ridge_room_init_small(rk_ridge_room *room, size_t width, size_t n, rk_arena *arena, rk_error *err)
{
    void *block = rk_arena_take(arena, room_bytes(width, n), 1, ALIGN);
    if (!block) {
        return rk_fail_memory(err, "room for a history");
    }
    room->block = NULL;
    lay_out_room(room, block, width, n);
    return rk_ridge_init_small(&room->ridge, width, n, arena, err);
}

void rk_ridge_room_release(rk_ridge_room *room)
{
    rk_ridge_release(&room->ridge);
    free(room->block);
    *room = (rk_ridge_room){0};
}
