/* sobol_table.h - what the table of direction numbers holds. Private to math/. */
#ifndef RECKON_MATH_SOBOL_TABLE_H
#define RECKON_MATH_SOBOL_TABLE_H

#include <stdint.h>

#include "math/sobol.h"

enum { RK_SOBOL_DEGREE_MAX = 13 };

/* The polynomial's degree is the number of initial numbers that count. */
typedef struct {
    uint16_t polynomial;                   /* bit k: the coefficient of x^k */
    uint16_t initial[RK_SOBOL_DEGREE_MAX]; /* the k-th (k = 1, 2, ...) is odd and below 2^k */
} rk_sobol_row;

extern const rk_sobol_row rk_sobol_table[RK_SOBOL_DIMS - 1];

#endif
