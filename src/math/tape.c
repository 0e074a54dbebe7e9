/* tape.c - writing formulas down: folding, sharing, and at the end a list of operations over few columns.
 *
 * Invariants
 *   Figures are numbered in order of writing, so a figure's parts have smaller numbers than itself: one pass in that
 *   order computes everything.
 *   Equal nodes are one figure (hash consing: the interner's id is the figure).
 *   A factor is pulled out to the top of a product, where the outputs take it in: a price times a quantity that varies
 *   is one multiplication, however many months share it.
 */
#include "math/tape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/tape_parts.h"

typedef struct {
    uint32_t figure, output;
    size_t at; /* in order of writing, for a sum of factors that is always the same */
    double factor;
} output_term;

/* ---- nodes ---- */

static rk_tape_node node_of(const rk_tape *tape, rk_figure figure)
{
    rk_tape_node node;
    memcpy(&node, rk_interner_key(tape->nodes, figure).at, sizeof node);
    return node;
}

static rk_figure add_node(rk_tape *tape, rk_tape_node node)
{
    uint32_t id = rk_interner_add(tape->nodes, (rk_slice){(const char *)&node, sizeof node});
    tape->failed = tape->failed || id == RK_NO_ID;
    return id == RK_NO_ID ? 0 : id;
}

rk_tape *rk_tape_new(void)
{
    rk_tape *tape = calloc(1, sizeof *tape);
    if (!tape) {
        return NULL;
    }
    tape->stairs.item_bytes = sizeof(rk_tape_stairs_row);
    tape->steps.item_bytes = sizeof(rk_step);
    tape->outputs.item_bytes = sizeof(output_term);
    tape->actions.item_bytes = tape->constants.item_bytes = sizeof(rk_tape_action);
    tape->nodes = rk_interner_new();
    if (!tape->nodes || (rk_tape_constant(tape, 0), tape->failed)) { /* figure 0: what is handed out when memory is short */
        rk_tape_free(tape);
        return NULL;
    }
    return tape;
}

void rk_tape_free(rk_tape *tape)
{
    if (tape) {
        rk_interner_free(tape->nodes);
        rk_vec_release(&tape->stairs);
        rk_vec_release(&tape->steps);
        rk_vec_release(&tape->outputs);
        rk_vec_release(&tape->actions);
        rk_vec_release(&tape->constants);
        free(tape);
    }
}

/* ---- formulas ---- */

rk_figure rk_tape_constant(rk_tape *tape, double value)
{
    return add_node(tape, (rk_tape_node){.op = RK_TAPE_CONSTANT, .value = value + 0.0}); /* -0 is 0 */
}

rk_figure rk_tape_input(rk_tape *tape, uint32_t column)
{
    tape->n_inputs = column + 1 > tape->n_inputs ? column + 1 : tape->n_inputs;
    return add_node(tape, (rk_tape_node){.op = RK_TAPE_INPUT, .a = column});
}

bool rk_tape_is_constant(const rk_tape *tape, rk_figure figure, double *value)
{
    rk_tape_node node = node_of(tape, figure);
    if (value && node.op == RK_TAPE_CONSTANT) {
        *value = node.value;
    }
    return node.op == RK_TAPE_CONSTANT;
}

static bool is_value(const rk_tape *tape, rk_figure figure, double wanted)
{
    double value = 0;
    return rk_tape_is_constant(tape, figure, &value) && value == wanted;
}

rk_figure rk_tape_scale(rk_tape *tape, rk_figure a, double factor)
{
    rk_tape_node node = node_of(tape, a);
    if (node.op == RK_TAPE_CONSTANT) {
        return rk_tape_constant(tape, node.value * factor);
    }
    if (node.op == RK_TAPE_SCALE) {
        return rk_tape_scale(tape, node.a, node.value * factor);
    }
    if (factor == 0 || factor == 1) {
        return factor == 0 ? rk_tape_constant(tape, 0) : a;
    }
    return add_node(tape, (rk_tape_node){.op = RK_TAPE_SCALE, .a = a, .value = factor});
}

/* The smaller number first: a + b is b + a. */
static rk_figure add_commutative(rk_tape *tape, rk_tape_op op, rk_figure a, rk_figure b)
{
    return add_node(tape, (rk_tape_node){.op = op, .a = a < b ? a : b, .b = a < b ? b : a});
}

rk_figure rk_tape_add(rk_tape *tape, rk_figure a, rk_figure b)
{
    double x = 0, y = 0;
    bool known_a = rk_tape_is_constant(tape, a, &x), known_b = rk_tape_is_constant(tape, b, &y);
    if (known_a && known_b) {
        return rk_tape_constant(tape, x + y);
    }
    return known_a && x == 0 ? b : known_b && y == 0 ? a : add_commutative(tape, RK_TAPE_ADD, a, b);
}

rk_figure rk_tape_sub(rk_tape *tape, rk_figure a, rk_figure b)
{
    double x = 0, y = 0;
    if (rk_tape_is_constant(tape, a, &x) && rk_tape_is_constant(tape, b, &y)) {
        return rk_tape_constant(tape, x - y);
    }
    return is_value(tape, b, 0) ? a : add_node(tape, (rk_tape_node){.op = RK_TAPE_SUB, .a = a, .b = b});
}

rk_figure rk_tape_mul(rk_tape *tape, rk_figure a, rk_figure b)
{
    double factor = 1;
    if (rk_tape_is_constant(tape, a, &factor)) {
        return rk_tape_scale(tape, b, factor);
    }
    if (rk_tape_is_constant(tape, b, &factor)) {
        return rk_tape_scale(tape, a, factor);
    }
    rk_tape_node x = node_of(tape, a), y = node_of(tape, b);
    factor = (x.op == RK_TAPE_SCALE ? x.value : 1) * (y.op == RK_TAPE_SCALE ? y.value : 1);
    a = x.op == RK_TAPE_SCALE ? x.a : a;
    b = y.op == RK_TAPE_SCALE ? y.a : b;
    return rk_tape_scale(tape, add_commutative(tape, RK_TAPE_MUL, a, b), factor);
}

rk_figure rk_tape_div(rk_tape *tape, rk_figure a, rk_figure b)
{
    double x = 0, y = 0;
    bool known_b = rk_tape_is_constant(tape, b, &y);
    if (known_b && rk_tape_is_constant(tape, a, &x)) {
        return rk_tape_constant(tape, x / y);
    }
    return known_b ? rk_tape_scale(tape, a, 1 / y) : add_node(tape, (rk_tape_node){.op = RK_TAPE_DIV, .a = a, .b = b});
}

rk_figure rk_tape_max(rk_tape *tape, rk_figure a, rk_figure b)
{
    double x = 0, y = 0;
    if (rk_tape_is_constant(tape, a, &x) && rk_tape_is_constant(tape, b, &y)) {
        return x > y ? a : b;
    }
    return a == b ? a : add_commutative(tape, RK_TAPE_MAX, a, b);
}

rk_figure rk_tape_min(rk_tape *tape, rk_figure a, rk_figure b)
{
    double x = 0, y = 0;
    if (rk_tape_is_constant(tape, a, &x) && rk_tape_is_constant(tape, b, &y)) {
        return x < y ? a : b;
    }
    return a == b ? a : add_commutative(tape, RK_TAPE_MIN, a, b);
}

rk_figure rk_tape_power(rk_tape *tape, rk_figure base, unsigned exponent)
{
    rk_figure power = rk_tape_constant(tape, 1);
    for (unsigned i = 0; i < exponent; i++) { /* all but the last are there already when months ask one by one */
        power = rk_tape_mul(tape, power, base);
    }
    return power;
}

rk_figure rk_tape_part(rk_tape *tape, rk_figure a, rk_figure b, rk_figure otherwise)
{
    double y = 0;
    if (rk_tape_is_constant(tape, b, &y)) {
        return y == 0 ? otherwise : rk_tape_div(tape, a, b);
    }
    return add_node(tape, (rk_tape_node){.op = RK_TAPE_PART, .a = a, .b = b, .c = otherwise});
}

static double stairs_value(const rk_tape *tape, const rk_stairs *stairs)
{
    double sum = 0;
    for (size_t i = 0; i < stairs->n_steps; i++) {
        double load = 0;
        rk_tape_is_constant(tape, stairs->steps[i].load, &load);
        double n = fmax(stairs->least, ceil(load * stairs->steps[i].factor - 1e-9)) + stairs->spare;
        sum += stairs->steps[i].hours * fmax(0, fmin(stairs->most, n) - stairs->level);
    }
    return sum;
}

/* A step more, its load without its factor; hours of the same load are one step. first: of this staircase. */
static bool add_step(rk_tape *tape, size_t first, rk_step step)
{
    rk_tape_node node = node_of(tape, step.load);
    if (node.op == RK_TAPE_SCALE) {
        step.load = node.a;
        step.factor *= node.value;
    }
    rk_step *steps = tape->steps.data;
    for (size_t i = first; i < tape->steps.n; i++) {
        if (steps[i].load == step.load && steps[i].factor == step.factor) {
            steps[i].hours += step.hours;
            return true;
        }
    }
    return rk_vec_push(&tape->steps, &step);
}

rk_figure rk_tape_stairs(rk_tape *tape, const rk_stairs *stairs)
{
    bool varies = false, ok = true;
    for (size_t i = 0; i < stairs->n_steps; i++) {
        varies = varies || !rk_tape_is_constant(tape, stairs->steps[i].load, NULL);
    }
    if (!varies) {
        return rk_tape_constant(tape, stairs_value(tape, stairs));
    }
    rk_tape_stairs_row row = {.least = stairs->least,
                              .spare = stairs->spare,
                              .most = stairs->most,
                              .level = stairs->level,
                              .first = tape->steps.n};
    rk_tape_node node = {.op = RK_TAPE_STAIRS, .a = (uint32_t)tape->stairs.n};
    for (size_t i = 0; i < stairs->n_steps && ok; i++) {
        ok = add_step(tape, row.first, stairs->steps[i]);
    }
    row.n = tape->steps.n - row.first;
    ok = ok && rk_vec_push(&tape->stairs, &row);
    tape->failed = tape->failed || !ok;
    return ok ? add_node(tape, node) : 0;
}

void rk_tape_output(rk_tape *tape, uint32_t output, rk_figure figure, double factor)
{
    rk_tape_node node = node_of(tape, figure);
    bool scaled = node.op == RK_TAPE_SCALE;
    output_term term = {.figure = scaled ? node.a : figure,
                        .output = output,
                        .at = tape->outputs.n,
                        .factor = scaled ? factor * node.value : factor};
    tape->failed = !rk_vec_push(&tape->outputs, &term) || tape->failed;
}

/* ---- the list of operations ---- */

static int by_figure(const void *a, const void *b)
{
    const output_term *x = a, *y = b;
    if (x->figure != y->figure) {
        return x->figure < y->figure ? -1 : 1;
    }
    if (x->output != y->output) {
        return x->output < y->output ? -1 : 1;
    }
    return (x->at > y->at) - (x->at < y->at);
}

/* Terms of one figure in one output become one. */
static void merge_outputs(rk_tape *tape)
{
    output_term *term = tape->outputs.data;
    size_t n = 0;
    if (tape->outputs.n > 1) {
        qsort(term, tape->outputs.n, sizeof *term, by_figure);
    }
    for (size_t i = 0; i < tape->outputs.n; i++) {
        if (n > 0 && term[n - 1].figure == term[i].figure && term[n - 1].output == term[i].output) {
            term[n - 1].factor += term[i].factor;
        } else {
            term[n++] = term[i];
        }
    }
    tape->outputs.n = n;
}

#define NO_COLUMN UINT32_MAX

typedef struct {
    rk_tape *tape;
    uint32_t *last;   /* [n figures] the last figure that needs it; NO_COLUMN = nobody does */
    uint32_t *column; /* [n figures] where it stands, or stood when it was needed last */
    uint32_t *idle;   /* columns of the room that are free */
    uint32_t n_idle, n_terms_done;
} layout;

static bool has_parts(uint32_t op) { return op != RK_TAPE_CONSTANT && op != RK_TAPE_INPUT; }

static unsigned n_parts(uint32_t op)
{
    return !has_parts(op) || op == RK_TAPE_STAIRS ? 0 : op == RK_TAPE_SCALE ? 1 : op == RK_TAPE_PART ? 3 : 2;
}

typedef void part_visitor(layout *l, rk_figure user, rk_figure part);

static void each_part(layout *l, rk_figure user, part_visitor *visit)
{
    rk_tape_node node = node_of(l->tape, user);
    const rk_figure parts[] = {node.a, node.b, node.c};
    for (unsigned i = 0; i < n_parts(node.op); i++) {
        visit(l, user, parts[i]);
    }
    if (node.op == RK_TAPE_STAIRS) {
        const rk_tape_stairs_row *row = (const rk_tape_stairs_row *)l->tape->stairs.data + node.a;
        const rk_step *steps = (const rk_step *)l->tape->steps.data + row->first;
        for (size_t i = 0; i < row->n; i++) {
            visit(l, user, steps[i].load);
        }
    }
}

static void note_use(layout *l, rk_figure user, rk_figure part)
{
    if (l->last[part] == NO_COLUMN || l->last[part] < user) {
        l->last[part] = user;
    }
}

/* From the outputs down: parts have smaller numbers, so one pass backwards finds all that is needed. */
static void mark_needed(layout *l, uint32_t n)
{
    const output_term *term = l->tape->outputs.data;
    memset(l->last, 0xff, n * sizeof *l->last);
    for (size_t i = 0; i < l->tape->outputs.n; i++) {
        note_use(l, term[i].figure, term[i].figure);
    }
    for (uint32_t f = n; f-- > 0;) {
        if (l->last[f] != NO_COLUMN) {
            each_part(l, f, note_use);
        }
    }
}

static bool act(layout *l, rk_tape_action action) { return rk_vec_push(&l->tape->actions, &action); }

/* A column for a figure: an input's own, a constant's for good, or a free one of the room. */
static bool take_column(layout *l, rk_figure figure, const rk_tape_node *node)
{
    rk_tape *tape = l->tape;
    if (node->op == RK_TAPE_INPUT) {
        l->column[figure] = node->a;
        return true;
    }
    bool reuse = node->op != RK_TAPE_CONSTANT && l->n_idle > 0;
    l->column[figure] = reuse ? l->idle[--l->n_idle] : tape->n_inputs + tape->n_columns++;
    rk_tape_action fill = {.op = RK_TAPE_CONSTANT, .out = l->column[figure], .value = node->value};
    return node->op != RK_TAPE_CONSTANT || rk_vec_push(&tape->constants, &fill);
}

static void give_back(layout *l, rk_figure user, rk_figure part)
{
    uint32_t op = node_of(l->tape, part).op;
    if (l->last[part] == user && has_parts(op)) {
        l->idle[l->n_idle++] = l->column[part];
        l->last[part] = NO_COLUMN; /* a part named twice is given back once */
    }
}

/* Steps name columns from now on; row by row, since each belongs to one figure. */
static void place_steps(layout *l, uint32_t row_at)
{
    const rk_tape_stairs_row *row = (const rk_tape_stairs_row *)l->tape->stairs.data + row_at;
    rk_step *steps = (rk_step *)l->tape->steps.data + row->first;
    for (size_t i = 0; i < row->n; i++) {
        steps[i].load = l->column[steps[i].load];
    }
}

static bool add_outputs(layout *l, rk_figure figure)
{
    bool ok = true;
    const output_term *term = l->tape->outputs.data;
    for (; l->n_terms_done < l->tape->outputs.n && term[l->n_terms_done].figure == figure; l->n_terms_done++) {
        ok = ok && act(l, (rk_tape_action){.op = RK_TAPE_ACTION_OUTPUT,
                                           .out = term[l->n_terms_done].output,
                                           .a = l->column[figure],
                                           .value = term[l->n_terms_done].factor});
    }
    return ok;
}

static bool place(layout *l, rk_figure figure)
{
    rk_tape_node node = node_of(l->tape, figure);
    bool ok = take_column(l, figure, &node);
    unsigned n = n_parts(node.op);
    if (has_parts(node.op)) {
        ok = ok && act(l, (rk_tape_action){.op = node.op,
                                           .out = l->column[figure],
                                           .a = n > 0 ? l->column[node.a] : node.a,
                                           .b = n > 1 ? l->column[node.b] : 0,
                                           .c = n > 2 ? l->column[node.c] : 0,
                                           .value = node.value});
    }
    ok = ok && add_outputs(l, figure);
    each_part(l, figure, give_back);
    if (node.op == RK_TAPE_STAIRS) {
        place_steps(l, node.a);
    }
    if (l->last[figure] == figure) {
        give_back(l, figure, figure);
    }
    return ok;
}

rk_status rk_tape_finish(rk_tape *tape, uint32_t n_outputs, rk_error *err)
{
    uint32_t n = rk_interner_count(tape->nodes);
    uint32_t *room = calloc(3 * (size_t)n, sizeof *room);
    bool ok = room && !tape->failed;
    tape->n_outputs = n_outputs;
    if (ok) {
        layout l = {.tape = tape, .last = room, .column = room + n, .idle = room + 2 * (size_t)n};
        merge_outputs(tape);
        mark_needed(&l, n);
        for (uint32_t f = 0; f < n && ok; f++) {
            ok = l.last[f] == NO_COLUMN || place(&l, f);
        }
    }
    free(room);
    return ok ? RK_OK : rk_fail_memory(err, "formulas of draws");
}
