/* Formulas over blocks of lanes against the same formulas computed one number at a time. */
#include "support/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/tape.h"
#include "support/faults.h"

enum { N_INPUTS = 5, N_RANDOM = 400, N_OUTPUTS = 7 };

/* Inputs to outputs; both [columns x lanes]. */
static void run(const rk_tape *tape, const double *inputs, double *outputs)
{
    double *room = malloc((rk_tape_room(tape) + 1) * sizeof *room);
    assert_non_null(room);
    rk_tape_prepare(tape, room);
    rk_tape_run(tape, inputs, outputs, room);
    free(room);
}

static void finish(rk_tape *tape, uint32_t n_outputs)
{
    rk_error err;
    assert_int_equal(rk_tape_finish(tape, n_outputs, &err), RK_OK);
}

static double draw(uint64_t *state) { return test_random(state) % 1000 / 250.0; }

static void what_varies_not_is_computed_at_once(void **state)
{
    (void)state;
    double value = 0;
    rk_tape *tape = rk_tape_new();
    rk_figure two = rk_tape_constant(tape, 2), three = rk_tape_constant(tape, 3), x = rk_tape_input(tape, 0);
    assert_true(rk_tape_is_constant(tape, rk_tape_power(tape, rk_tape_add(tape, two, three), 3), &value));
    assert_true(value == 125);
    assert_true(rk_tape_is_constant(tape, rk_tape_part(tape, two, rk_tape_constant(tape, 0), three), &value));
    assert_true(value == 3);
    assert_true(rk_tape_is_constant(tape, rk_tape_scale(tape, x, 0), &value) && value == 0);
    rk_stairs stairs = {.steps = (rk_step[]){{three, 0.5, 10}, {two, 0.5, 1}}, .n_steps = 2, .spare = 1, .most = 9};
    assert_true(rk_tape_is_constant(tape, rk_tape_stairs(tape, &stairs), &value));
    assert_true(value == 10 * 3 + 2); /* ceil(1.5) + 1 for ten hours, ceil(1) + 1 for one */
    assert_false(rk_tape_is_constant(tape, x, NULL));
    rk_tape_free(tape);
}

static void the_same_formula_is_one_figure(void **state)
{
    (void)state;
    rk_tape *tape = rk_tape_new();
    rk_figure x = rk_tape_input(tape, 0), y = rk_tape_input(tape, 1);
    assert_int_equal(rk_tape_add(tape, x, y), rk_tape_add(tape, y, x));
    assert_int_equal(rk_tape_scale(tape, rk_tape_scale(tape, x, 2), 3), rk_tape_scale(tape, x, 6));
    assert_int_equal(rk_tape_power(tape, x, 3), rk_tape_mul(tape, rk_tape_mul(tape, x, x), x));
    assert_int_equal(rk_tape_add(tape, x, rk_tape_constant(tape, 0)), x);
    for (unsigned m = 0; m < 12; m++) { /* twelve months of one product are one multiplication and one sum */
        rk_tape_output(tape, 0, rk_tape_scale(tape, rk_tape_mul(tape, x, y), 0.5), 1);
    }
    finish(tape, 1);
    assert_int_equal(rk_tape_n_steps(tape), 2);
    rk_tape_free(tape);
}

static void what_no_output_asks_for_is_not_run(void **state)
{
    (void)state;
    rk_tape *tape = rk_tape_new();
    rk_figure x = rk_tape_input(tape, 0);
    rk_tape_power(tape, x, 100);
    rk_tape_output(tape, 1, x, 3);
    finish(tape, 2);
    assert_int_equal(rk_tape_n_steps(tape), 1);
    rk_tape_free(tape);
}

static double step_value(const rk_stairs *stairs, const double *loads)
{
    double sum = 0;
    for (size_t i = 0; i < stairs->n_steps; i++) {
        double n = ceil(loads[i] * stairs->steps[i].factor - 1e-9);
        n = n > stairs->least ? n : stairs->least;
        n += stairs->spare;
        n = n < stairs->most ? n : stairs->most;
        sum += n > stairs->level ? stairs->steps[i].hours * (n - stairs->level) : 0;
    }
    return sum;
}

static void stairs_count_whole_things_hour_by_hour(void **state)
{
    (void)state;
    static double in[2 * RK_TAPE_LANES], out[RK_TAPE_LANES];
    uint64_t seed = 5;
    rk_tape *tape = rk_tape_new();
    rk_step steps[30];
    for (size_t s = 0; s < 30; s++) {
        rk_figure load = rk_tape_mul(tape, rk_tape_input(tape, s % 2), rk_tape_input(tape, s / 2 % 2));
        steps[s] = (rk_step){load, 0.25 * (double)(s + 1), (double)(s * 3)};
    }
    rk_stairs stairs = {.steps = steps, .n_steps = 30, .least = 2, .spare = 1, .most = 12, .level = 2};
    rk_figure sum = rk_tape_stairs(tape, &stairs), square = rk_tape_mul(tape, sum, sum);
    rk_tape_output(tape, 0, rk_tape_div(tape, square, sum), 1); /* of 0 / 0 nothing can be said: least is 2 */
    finish(tape, 1);
    for (size_t i = 0; i < RK_COUNT_OF(in); i++) {
        in[i] = test_random(&seed) % 17 / 4.0; /* many loads are whole numbers of machines */
    }
    in[0] = 4 + 3e-10; /* rounding noise buys no machine */
    in[1] = 1e12;      /* ... and the most is never passed */
    run(tape, in, out);
    for (size_t lane = 0; lane < RK_TAPE_LANES; lane++) {
        double loads[30];
        for (size_t s = 0; s < 30; s++) {
            loads[s] = in[s % 2 * RK_TAPE_LANES + lane] * in[s / 2 % 2 * RK_TAPE_LANES + lane];
        }
        assert_true(fabs(out[lane] - step_value(&stairs, loads)) <= 1e-12 * out[lane]);
    }
    rk_tape_free(tape);
}

/* A heap of random formulas, each with its value in every lane, computed beside it. */
typedef struct {
    rk_tape *tape;
    rk_figure figure[N_RANDOM];
    double value[N_RANDOM][RK_TAPE_LANES];
} heap;

static double apply(unsigned op, double a, double b, double c)
{
    switch (op) {
    case 0:
        return a + b;
    case 1:
        return a - b;
    case 2:
        return a * b;
    case 3:
        return a / (1 + b * b);
    case 4:
        return a > b ? a : b;
    case 5:
        return a < b ? a : b;
    case 6:
        return a * 0.75;
    default:
        return b == 0 ? c : a / b;
    }
}

static rk_figure write_down(rk_tape *tape, unsigned op, rk_figure a, rk_figure b, rk_figure c)
{
    switch (op) {
    case 0:
        return rk_tape_add(tape, a, b);
    case 1:
        return rk_tape_sub(tape, a, b);
    case 2:
        return rk_tape_mul(tape, a, b);
    case 3:
        return rk_tape_div(tape, a, rk_tape_add(tape, rk_tape_constant(tape, 1), rk_tape_power(tape, b, 2)));
    case 4:
        return rk_tape_max(tape, a, b);
    case 5:
        return rk_tape_min(tape, a, b);
    case 6:
        return rk_tape_scale(tape, a, 0.75);
    default:
        return rk_tape_part(tape, a, b, c);
    }
}

static void grow(heap *h, const double *in, uint64_t *seed)
{
    for (size_t k = 0; k < N_RANDOM; k++) {
        unsigned op = test_random(seed) % 8;
        size_t a = k ? test_random(seed) % k : 0, b = k ? test_random(seed) % k : 0, c = k ? test_random(seed) % k : 0;
        double constant = test_random(seed) % 3;
        h->figure[k] = k < N_INPUTS       ? rk_tape_input(h->tape, (uint32_t)k)
                       : k < N_INPUTS + 3 ? rk_tape_constant(h->tape, constant)
                                          : write_down(h->tape, op, h->figure[a], h->figure[b], h->figure[c]);
        for (size_t lane = 0; lane < RK_TAPE_LANES; lane++) {
            double value = k < N_INPUTS       ? in[k * RK_TAPE_LANES + lane]
                           : k < N_INPUTS + 3 ? constant
                                              : apply(op, h->value[a][lane], h->value[b][lane], h->value[c][lane]);
            h->value[k][lane] = value;
        }
    }
}

/* Values that a rounding error more or less turns into others (a quotient by almost 0) say nothing. */
static bool is_near(double got, double wanted, double size)
{
    return fabs(got - wanted) <= 1e-9 * size || !(size < 1e6);
}

static void any_formula_is_what_one_number_at_a_time_gives(void **state)
{
    (void)state;
    static double in[N_INPUTS * RK_TAPE_LANES], out[N_OUTPUTS * RK_TAPE_LANES];
    static heap h;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        uint64_t at = seed;
        size_t n_compared = 0;
        for (size_t i = 0; i < RK_COUNT_OF(in); i++) {
            in[i] = 1 + draw(&at);
        }
        h.tape = rk_tape_new();
        grow(&h, in, &at);
        for (uint32_t o = 0; o < N_OUTPUTS; o++) { /* figures of different depth, two in each output */
            rk_tape_output(h.tape, o, h.figure[6 + 2 * o], 2);
            rk_tape_output(h.tape, o, h.figure[20 + 2 * o], 1);
        }
        finish(h.tape, N_OUTPUTS);
        run(h.tape, in, out);
        for (size_t o = 0; o < N_OUTPUTS; o++) {
            for (size_t lane = 0; lane < RK_TAPE_LANES; lane++) {
                double a = h.value[6 + 2 * o][lane], b = h.value[20 + 2 * o][lane];
                assert_true(is_near(out[o * RK_TAPE_LANES + lane], 2 * a + b, 1 + fabs(a) + fabs(b)));
                n_compared += fabs(a) + fabs(b) < 1e6;
            }
        }
        assert_true(n_compared > RK_TAPE_LANES);
        rk_tape_free(h.tape);
    }
}

static void a_lane_is_the_same_in_any_company(void **state)
{
    (void)state;
    static double in[N_INPUTS * RK_TAPE_LANES], alone[N_INPUTS * RK_TAPE_LANES], out[RK_TAPE_LANES],
        out_alone[RK_TAPE_LANES];
    static heap h;
    uint64_t seed = 77;
    for (size_t i = 0; i < RK_COUNT_OF(in); i++) {
        in[i] = 1 + draw(&seed);
    }
    h.tape = rk_tape_new();
    grow(&h, in, &seed);
    rk_tape_output(h.tape, 0, h.figure[40], 1);
    finish(h.tape, 1);
    run(h.tape, in, out);
    for (size_t i = 0; i < N_INPUTS; i++) {
        alone[i * RK_TAPE_LANES + 3] = in[i * RK_TAPE_LANES + 200];
    }
    run(h.tape, alone, out_alone);
    assert_memory_equal(&out_alone[3], &out[200], sizeof out[0]);
    rk_tape_free(h.tape);
}

static bool attempt(void *context)
{
    rk_tape *tape = rk_tape_new();
    rk_status status = RK_NO_MEMORY;
    (void)context;
    if (tape) {
        rk_figure x = rk_tape_input(tape, 0), sum = x;
        for (unsigned i = 1; i < 50; i++) {
            rk_stairs stairs = {.steps = &(rk_step){sum, 1, i}, .n_steps = 1, .most = 9};
            sum = rk_tape_add(tape, rk_tape_stairs(tape, &stairs), rk_tape_scale(tape, sum, i));
            rk_tape_output(tape, i % 3, sum, 1);
        }
        rk_error err;
        status = rk_tape_finish(tape, 3, &err);
    }
    rk_tape_free(tape);
    return status == RK_OK;
}

static void every_short_allocation_is_told_at_the_end(void **state)
{
    (void)state;
    assert_true(fault_each(attempt, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_varies_not_is_computed_at_once),
        cmocka_unit_test(the_same_formula_is_one_figure),
        cmocka_unit_test(what_no_output_asks_for_is_not_run),
        cmocka_unit_test(stairs_count_whole_things_hour_by_hour),
        cmocka_unit_test(any_formula_is_what_one_number_at_a_time_gives),
        cmocka_unit_test(a_lane_is_the_same_in_any_company),
        cmocka_unit_test(every_short_allocation_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
