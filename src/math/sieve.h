/* sieve.h - which of many inner products may reach a limit, told from bytes, four times as fast as floats tell.
 *
 * A vector v is scale * bytes + error, the bytes as rk_int8_of_row makes them. Then for a query q and an item y
 *     <q, y> <= scale_q scale_y <bytes_q, bytes_y> + |q - error_q| |error_y| + |error_q| |y|        (Cauchy, Schwarz)
 * with all lengths known: what stays below a limit is out for certain, and the few that are left are worth a float
 * product. For the vectors of a factorisation the bound is a percent or two of |q| |y| above the truth.
 * Rows may be of any length up to RK_SIEVE_DIM_MAX. Threads: the packed side is read only once it is filled.
 */
#ifndef RECKON_MATH_SIEVE_H
#define RECKON_MATH_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RK_SIEVE_QUERIES = 8, RK_SIEVE_ITEMS = 32, RK_SIEVE_DIM_MAX = 4096 };

/* One side, packed: item i of a group of 16 is lane i. Padded to RK_SIEVE_ITEMS with what never passes. */
typedef struct {
    size_t n, dim, n_quads; /* items put, or to be put; elements of a row; runs of four bytes of a row */
    uint8_t *bytes;         /* [n / 16][n_quads][16][4] bytes + 128 */
    float *scale, *error;   /* [n] of the error: its length */
    float *length, *extra;  /* [n] of the item; what is added to its inner products */
    bool is_fast;           /* the processor has VNNI */
} rk_sieve;

/* Whether this processor has the instruction that makes it worth while (RECKON_KERNELS is heeded). */
bool rk_sieve_is_fast(void);
bool rk_sieve_init(rk_sieve *sieve, size_t n, size_t dim); /* false: memory is short; may be released */
void rk_sieve_release(rk_sieve *sieve);                    /* accepts a zeroed one */
/* vector: [dim], finite. */
void rk_sieve_put(rk_sieve *sieve, size_t at, const float *vector, float extra);

/* Queries that are asked together. */
typedef struct {
    size_t n_quads;
    int8_t *bytes; /* the caller's, [RK_SIEVE_QUERIES x 4 n_quads] */
    int32_t start[RK_SIEVE_QUERIES];
    float scale[RK_SIEVE_QUERIES], error[RK_SIEVE_QUERIES], length[RK_SIEVE_QUERIES]; /* of what the bytes say */
    float least[RK_SIEVE_QUERIES]; /* the limits: the caller sets them. NaN: nothing passes */
} rk_sieve_queries;

/* Bytes of queries->bytes. */
size_t rk_sieve_query_bytes(const rk_sieve *sieve);
/* Zeroes all of them; their limits are NaN. */
void rk_sieve_queries_clear(const rk_sieve *sieve, int8_t *bytes, rk_sieve_queries *queries);
void rk_sieve_ask(const rk_sieve *sieve, rk_sieve_queries *queries, size_t at, const float *vector);

/* may[g * RK_SIEVE_QUERIES + q]: bit i tells whether item from + 16 g + i may reach query q's limit; from and n are
 * multiples of RK_SIEVE_ITEMS. Sure of no, never of yes. */
void rk_sieve_pass(const rk_sieve *sieve, const rk_sieve_queries *queries, size_t from, size_t n, uint16_t *may);

#endif
