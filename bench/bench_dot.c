/* bench_dot.c - how near the dot kernels come to the memory's own speed.
 *
 * One thread, one query against rows that fit the second-level cache (256 KiB) and rows that fit none (128 MiB). Beside
 * them what the memory gives to memchr(). Best of several rounds that take turns, by processor time, so that other work
 * on the machine shows less. Prints a Markdown table.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "math/dot.h"

enum { SMALL = 256 << 10, LARGE = 128 << 20, ROUNDS = 4, KERNELS_MAX = 8, DIM_MAX = 256, ABSENT = 0xEE };

typedef struct {
    const rk_kernels *kernels;
    const char *element;
    size_t element_bytes, dim;
} task;

typedef struct {
    unsigned char *rows; /* LARGE; valid as any element type */
    void *out;           /* a result for each of LARGE / 64 rows */
    float query[DIM_MAX];
    int8_t query_i8[DIM_MAX];
} room;

static void run(const room *r, const task *t, size_t n_bytes)
{
    size_t n_rows = n_bytes / t->element_bytes / t->dim;
    if (t->element_bytes == 4) {
        t->kernels->rows_f32(r->out, (const float *)(const void *)r->rows, t->dim, n_rows, r->query, t->dim);
    } else if (t->element_bytes == 2) {
        t->kernels->rows_f16(r->out, (const rk_half *)(const void *)r->rows, t->dim, n_rows, r->query, t->dim);
    } else {
        t->kernels->rows_i8(r->out, (const int8_t *)r->rows, t->dim, n_rows, r->query_i8, t->dim);
    }
}

/* The least that a program which needs every byte can do: the library's vectorised search for a byte that is not there.
 */
static void read_all(const room *r, size_t n_bytes)
{
    memcpy(r->out, &(const void *){memchr(r->rows, ABSENT, n_bytes)}, sizeof(void *));
}

typedef struct {
    double kernel, reading; /* bytes per second, best of ROUNDS */
} speed;

static double bytes_per_s(size_t n_bytes, size_t repeats, int64_t start_ns)
{
    return (double)n_bytes * (double)repeats / ((double)(rk_clock_thread_ns() - start_ns) * 1e-9);
}

/* In turns, so that both see the same neighbours on a shared machine. */
static speed measure(const room *r, const task *t, size_t n_bytes)
{
    speed best = {0};
    size_t repeats = LARGE / n_bytes > 100 ? 100 : LARGE / n_bytes;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = rk_clock_thread_ns();
        for (size_t i = 0; i < repeats; i++) {
            run(r, t, n_bytes);
        }
        best.kernel = fmax(best.kernel, bytes_per_s(n_bytes, repeats, start));
        start = rk_clock_thread_ns();
        for (size_t i = 0; i < repeats; i++) {
            read_all(r, n_bytes);
        }
        best.reading = fmax(best.reading, bytes_per_s(n_bytes, repeats, start));
    }
    return best;
}

static void print_row(const room *r, const task *t)
{
    double row_bytes = (double)(t->dim * t->element_bytes);
    printf("| %s | %s | %zu |", t->kernels->name, t->element, t->dim);
    for (int i = 0; i < 2; i++) {
        speed s = measure(r, t, i == 0 ? SMALL : LARGE);
        printf(" %.1f | %.0f | %.2f |", s.kernel / 1e9, s.kernel / row_bytes / 1e6, s.kernel / s.reading);
    }
    printf("\n");
    fflush(stdout);
}

/* Ordinary numbers in every element type: tiny ones would measure the processor's trap for them. */
static void fill(room *r, size_t element_bytes)
{
    for (size_t i = 0; i < LARGE; i++) {
        bool is_top = i % element_bytes == element_bytes - 1 && element_bytes > 1;
        r->rows[i] = is_top ? 0x3d : (unsigned char)(i * 2654435761u >> 24 & 0x7f);
    }
}

int main(void)
{
    static const struct {
        const char *name;
        size_t bytes;
    } elements[] = {{"fp32", 4}, {"fp16", 2}, {"int8", 1}};
    static const size_t dims[] = {64, 128, 256};
    static room r;
    for (int i = 0; i < DIM_MAX; i++) {
        r.query[i] = (float)(i % 7) - 3.0f;
        r.query_i8[i] = (int8_t)(i * 37 % 256 - 128);
    }
    const rk_kernels *all[KERNELS_MAX];
    size_t n = rk_kernels_all(all, KERNELS_MAX);
    r.rows = aligned_alloc(64, LARGE);
    r.out = malloc(LARGE / 64 * sizeof(float));
    if (!r.rows || !r.out) {
        fprintf(stderr, "bench_dot: no memory for 128 MiB of rows\n");
        return 1;
    }
    memset(r.out, 0, LARGE / 64 * sizeof(float));
    rk_machine machine = rk_machine_read();
    printf("%s, %u cores; one thread.\n\n", machine.cpu, machine.cores);
    printf("| kernel | element | dim | 256 KiB: GB/s | million rows/s | of reading | 128 MiB: GB/s | million rows/s | "
           "of reading |\n|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for (size_t e = 0; e < RK_COUNT_OF(elements); e++) {
        fill(&r, elements[e].bytes);
        for (size_t i = 0; i < n * RK_COUNT_OF(dims); i++) {
            task t = {all[i / 3], elements[e].name, elements[e].bytes, dims[i % 3]};
            print_row(&r, &t);
        }
    }
    free(r.rows);
    free(r.out);
    return 0;
}
