/* sort.h - short runs of numbers into ascending order. */
#ifndef RECKON_DATA_SORT_H
#define RECKON_DATA_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Sorts keys[n] by their bits from low_bit up, stable; scratch: [n]. */
void rk_sort_u64(uint64_t *keys, size_t n, unsigned low_bit, uint64_t *scratch);

#endif
