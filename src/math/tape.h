/* tape.h - arithmetic on many draws at once: formulas are written down once and run over blocks of lanes.
 *
 *     rk_figure traffic = rk_tape_input(tape, 0), price = rk_tape_constant(tape, 0.12);
 *     rk_tape_output(tape, 0, rk_tape_mul(tape, traffic, price), 1);
 *     status = rk_tape_finish(tape, 1, err);
 *     rk_tape_run(tape, inputs, outputs, room);
 *
 * A figure is a number that may differ from lane to lane. What depends on no input is computed while it is written
 * down; the same formula written twice is one figure; what no output asks for is not run. So a run costs what varies.
 * Running allocates nothing, keeps few columns in use at a time, and each lane has the same bits in any company.
 *
 * Layout:  a column is RK_TAPE_LANES doubles; inputs, outputs and room are columns one behind the other.
 * Threads: after _finish the tape is read-only; one room per thread.
 * Errors:  memory that was short while writing down is said by _finish.
 */
#ifndef RECKON_MATH_TAPE_H
#define RECKON_MATH_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { RK_TAPE_LANES = 256 };

typedef struct rk_tape rk_tape;
typedef uint32_t rk_figure; /* of one tape; 0 is the constant 0 */

rk_tape *rk_tape_new(void); /* NULL when memory is short */
void rk_tape_free(rk_tape *tape); /* accepts NULL */

/* ---- writing down ---- */
rk_figure rk_tape_constant(rk_tape *tape, double value);
rk_figure rk_tape_input(rk_tape *tape, uint32_t column);
rk_figure rk_tape_add(rk_tape *tape, rk_figure a, rk_figure b);
rk_figure rk_tape_sub(rk_tape *tape, rk_figure a, rk_figure b);
rk_figure rk_tape_mul(rk_tape *tape, rk_figure a, rk_figure b);
rk_figure rk_tape_div(rk_tape *tape, rk_figure a, rk_figure b);
rk_figure rk_tape_max(rk_tape *tape, rk_figure a, rk_figure b);
rk_figure rk_tape_min(rk_tape *tape, rk_figure a, rk_figure b);
rk_figure rk_tape_scale(rk_tape *tape, rk_figure a, double factor);
rk_figure rk_tape_power(rk_tape *tape, rk_figure base, unsigned exponent);
/* a / b; where b is 0, otherwise. */
rk_figure rk_tape_part(rk_tape *tape, rk_figure a, rk_figure b, rk_figure otherwise);

/* How many whole things so many hours need, and what lies above a level:
 *   sum over steps of hours x max(0, min(most, max(least, ceil(load x factor)) + spare) - level)
 * The ceiling forgives 10^-9. Loads are from 0 to 2^50. */
typedef struct {
    rk_figure load;
    double factor, hours;
} rk_step;
typedef struct {
    const rk_step *steps; /* [n_steps], borrowed during the call only */
    size_t n_steps;
    double least, spare, most, level;
} rk_stairs;
rk_figure rk_tape_stairs(rk_tape *tape, const rk_stairs *stairs);

/* Whether no input has a part in it; then *value (may be NULL) is what it is. */
bool rk_tape_is_constant(const rk_tape *tape, rk_figure figure, double *value);

/* Output column `output` has factor x figure in it, on top of what was said of it before. */
void rk_tape_output(rk_tape *tape, uint32_t output, rk_figure figure, double factor);

/* ---- running ---- */
/* No more is written down after it. */
RK_MUST_CHECK rk_status rk_tape_finish(rk_tape *tape, uint32_t n_outputs, rk_error *err);
size_t rk_tape_room(const rk_tape *tape); /* doubles */
/* Makes a new room ready for runs of this tape. */
void rk_tape_prepare(const rk_tape *tape, double *room);
/* All lanes of inputs to outputs; what outputs held is overwritten. Inputs must be set in every lane, if only to 0. */
void rk_tape_run(const rk_tape *tape, const double *inputs, double *outputs, double *room);
size_t rk_tape_n_steps(const rk_tape *tape); /* operations of a run: what it costs */

#endif
