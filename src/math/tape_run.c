/* tape_run.c - running a tape: one loop over the lanes of a block for each operation.
 *
 * The loops are plain enough for a compiler to turn into vector instructions. ceil() is not, on the processors that
 * every build must run on; adding and taking away 2^52 rounds to a whole number, and a comparison mends the direction.
 * A block is always computed whole, also when its last lanes mean nothing: one length needs no second loop, and a lane
 * never sees its neighbours.
 */
#include <string.h>

#include "math/tape_parts.h"

enum { STRIP = 16 }; /* lanes of stairs whose sum stays in registers over all steps */

static const double whole = 0x1p52;

typedef struct {
    const double *inputs;
    double *room;
    uint32_t n_inputs;
} columns;

static const double *column(const columns *c, uint32_t i)
{
    return i < c->n_inputs ? c->inputs + (size_t)i * RK_TAPE_LANES
                           : c->room + (size_t)(i - c->n_inputs) * RK_TAPE_LANES;
}

#define EACH_LANE(formula)                                                                                             \
    for (size_t i = 0; i < RK_TAPE_LANES; i++) {                                                                       \
        out[i] = (formula);                                                                                            \
    }

static void run_stairs(const rk_tape *tape, uint32_t row_at, const columns *c, double *out)
{
    const rk_tape_stairs_row *row = (const rk_tape_stairs_row *)tape->stairs.data + row_at;
    const rk_step *steps = (const rk_step *)tape->steps.data + row->first;
    double least = row->least, spare = row->spare, most = row->most, level = row->level;
    for (size_t strip = 0; strip < RK_TAPE_LANES; strip += STRIP) {
        double sum[STRIP] = {0};
        for (size_t s = 0; s < row->n; s++) {
            const double *load = column(c, steps[s].load) + strip;
            double factor = steps[s].factor, hours = steps[s].hours;
            for (size_t i = 0; i < STRIP; i++) {
                double x = load[i] * factor - 1e-9, n = (x + whole) - whole;
                n = n < x ? n + 1 : n;
                n = (n > least ? n : least) + spare;
                n = (n < most ? n : most) - level;
                sum[i] += hours * (n > 0 ? n : 0);
            }
        }
        memcpy(out + strip, sum, sizeof sum);
    }
}

static void run_part(const double *a, const double *b, const double *otherwise, double *out)
{
    EACH_LANE(b[i] == 0 ? otherwise[i] : a[i] / b[i])
}

static void run_two(uint32_t op, const double *a, const double *b, double *out)
{
    switch (op) {
    case RK_TAPE_ADD:
        EACH_LANE(a[i] + b[i])
        break;
    case RK_TAPE_SUB:
        EACH_LANE(a[i] - b[i])
        break;
    case RK_TAPE_MUL:
        EACH_LANE(a[i] * b[i])
        break;
    case RK_TAPE_DIV:
        EACH_LANE(a[i] / b[i])
        break;
    case RK_TAPE_MAX:
        EACH_LANE(a[i] > b[i] ? a[i] : b[i])
        break;
    default:
        EACH_LANE(a[i] < b[i] ? a[i] : b[i])
        break;
    }
}

static void act(const rk_tape *tape, const rk_tape_action *action, const columns *c, double *outputs)
{
    double value = action->value;
    if (action->op == RK_TAPE_ACTION_OUTPUT) {
        const double *a = column(c, action->a);
        double *out = outputs + (size_t)action->out * RK_TAPE_LANES;
        EACH_LANE(out[i] + value * a[i])
        return;
    }
    double *out = c->room + (size_t)(action->out - c->n_inputs) * RK_TAPE_LANES;
    if (action->op == RK_TAPE_STAIRS) {
        run_stairs(tape, action->a, c, out);
    } else if (action->op == RK_TAPE_SCALE) {
        const double *a = column(c, action->a);
        EACH_LANE(value * a[i])
    } else if (action->op == RK_TAPE_PART) {
        run_part(column(c, action->a), column(c, action->b), column(c, action->c), out);
    } else {
        run_two(action->op, column(c, action->a), column(c, action->b), out);
    }
}

size_t rk_tape_room(const rk_tape *tape) { return (size_t)tape->n_columns * RK_TAPE_LANES; }

size_t rk_tape_n_steps(const rk_tape *tape) { return tape->actions.n + tape->steps.n; }

void rk_tape_prepare(const rk_tape *tape, double *room)
{
    const rk_tape_action *fill = tape->constants.data;
    memset(room, 0, rk_tape_room(tape) * sizeof *room);
    for (size_t k = 0; k < tape->constants.n; k++) {
        double *out = room + (size_t)(fill[k].out - tape->n_inputs) * RK_TAPE_LANES;
        EACH_LANE(fill[k].value)
    }
}

void rk_tape_run(const rk_tape *tape, const double *inputs, double *outputs, double *room)
{
    const rk_tape_action *actions = tape->actions.data;
    columns c = {inputs, room, tape->n_inputs};
    memset(outputs, 0, (size_t)tape->n_outputs * RK_TAPE_LANES * sizeof *outputs);
    for (size_t k = 0; k < tape->actions.n; k++) {
        act(tape, &actions[k], &c, outputs);
    }
}
