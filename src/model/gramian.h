/* gramian.h - Y'Y of many vectors, the same bits for any number of threads. */
#ifndef RECKON_MODEL_GRAMIAN_H
#define RECKON_MODEL_GRAMIAN_H

#include <stdint.h>

#include "base/error.h"
#include "base/thread.h"

/* gram: [width x width], both triangles, of vectors [n x width] (64-byte aligned, width a multiple of 16).
 * Chunks of rows are added up in single precision, the chunks in order in double. */
RK_MUST_CHECK rk_status rk_gramian(rk_pool *pool, const float *vectors, uint32_t n, size_t width, double *gram,
                                   rk_error *err);

/* Turns every vector: v becomes basis v; basis: [width x width], rows 64-byte aligned. */
RK_MUST_CHECK rk_status rk_gramian_turn(rk_pool *pool, float *vectors, uint32_t n, size_t width, const float *basis,
                                        rk_error *err);

#endif
