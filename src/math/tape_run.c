/* tape_run.c - running a tape: one loop over the lanes of a block for each operation.
 *
 * Most loops are plain enough for a compiler to turn into vector instructions. Stairs, where the time goes, are written
 * in pairs of doubles, which every processor that we know has: a comparison gives a mask, and adding and taking away
 * 2^52 rounds to the nearest whole number, so that
 *   ceil(x - 10^-9) = (x + (1/2 - 10^-9) + 2^52) - 2^52
 * Spare machines, the level and both bounds are one shift and one clamp, worked out once for a staircase.
 * A block is always computed whole, also when its last lanes mean nothing: one length needs no second loop, and a lane
 * never sees its neighbours.
 */
#include <string.h>

#include "math/tape_parts.h"

enum { PAIRS = 4, STRIP = 2 * PAIRS }; /* lanes of stairs whose sum stays in registers over all steps */

typedef double pair __attribute__((vector_size(16)));
typedef int64_t pair_mask __attribute__((vector_size(16)));

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

static inline pair load_pair(const double *from)
{
    pair out;
    memcpy(&out, from, sizeof out);
    return out;
}

static inline pair choose(pair_mask mask, pair yes, pair no)
{
    return (pair)(((pair_mask)yes & mask) | ((pair_mask)no & ~mask));
}

static inline pair clamp(pair x, pair low, pair high)
{
    x = choose((pair_mask)(x > low), x, low);
    return choose((pair_mask)(x < high), x, high);
}

static void run_stairs(const rk_tape *tape, uint32_t row_at, const columns *c, double *out)
{
    const rk_tape_stairs_row *row = (const rk_tape_stairs_row *)tape->stairs.data + row_at;
    const rk_step *steps = (const rk_step *)tape->steps.data + row->first;
    double shift = row->spare - row->level, top = row->most > row->level ? row->most - row->level : 0;
    double bottom = row->least + shift > 0 ? row->least + shift : 0;
    bottom = bottom < top ? bottom : top;
    const pair low = {bottom, bottom}, high = {top, top}, whole = {0x1p52, 0x1p52};
    const pair nearly_half = {0.5 - 1e-9, 0.5 - 1e-9}, back = {0x1p52 - shift, 0x1p52 - shift};
    for (size_t strip = 0; strip < RK_TAPE_LANES; strip += STRIP) {
        pair sum[PAIRS] = {{0}};
        for (size_t s = 0; s < row->n; s++) {
            const double *load = column(c, steps[s].load) + strip;
            const pair factor = {steps[s].factor, steps[s].factor}, hours = {steps[s].hours, steps[s].hours};
            for (size_t i = 0; i < PAIRS; i++) {
                pair n = ((load_pair(load + 2 * i) * factor + nearly_half) + whole) - back;
                sum[i] += hours * clamp(n, low, high);
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
