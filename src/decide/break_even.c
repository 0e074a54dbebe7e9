/* break_even.c - see break_even.h: a grid of factors, then bisection between two that disagree.
 *
 * The difference of two costs is no smooth function of traffic: machines come in whole numbers. So a sign is asked for,
 * never a slope, and equal costs count as no difference: a crossing lies between a factor at which the first is cheaper
 * and one at which the second is.
 */
#include "decide/break_even.h"

#include <math.h>
#include <stdlib.h>

#include "cost/demand.h"
#include "decide/traffic_change.h"
#include "math/rational.h"

enum { STEPS_EACH_WAY = 12, N_FACTORS = 2 * STEPS_EACH_WAY + 1, HALVINGS = 12 };

typedef struct {
    rk_plan_source source;
    rk_plan *plan;
} side;

/* Millionths of what is written, times the factor. */
static int64_t scaled(const rk_number *number, double factor)
{
    return (int64_t)fmin(round(rk_decimal_real(number->value) * factor * 1e6), 9e17);
}

static const char *scaled_daily(const rk_service *service, double factor, rk_arena *arena)
{
    rk_text text = {0};
    rk_text_addf(&text, "services.%s.traffic.requests_per_day=", service->name);
    rk_rational_print_micros(scaled(&service->traffic.requests_per_day, factor), &text);
    const char *kept = text.failed ? NULL : rk_arena_copy(arena, text.at, text.n);
    rk_text_release(&text);
    return kept;
}

static const char *scaled_months(const rk_plan *plan, const rk_service *service, double factor, rk_arena *arena)
{
    int64_t *micros = RK_TAKE(arena, int64_t, plan->n_months);
    for (uint32_t m = 0; micros && m < plan->n_months; m++) {
        const rk_number *written = rk_demand_written(&service->traffic, m);
        micros[m] = written ? scaled(written, factor) : RK_NOT_WRITTEN;
    }
    return micros ? rk_traffic_change(plan, service->name, micros, arena) : NULL;
}

/* The changes of each service's traffic, exact to a millionth; *n how many. NULL when memory is short. */
static const char **scaled_traffic(const rk_plan *plan, double factor, rk_arena *arena, size_t *n)
{
    const char **changes = RK_TAKE(arena, const char *, 2 * (size_t)plan->n_services);
    *n = 0;
    for (uint32_t s = 0; changes && s < plan->n_services; s++) {
        const rk_service *service = &plan->services[s];
        bool ok = true;
        if (service->traffic.requests_per_day.is_set) {
            ok = (changes[(*n)++] = scaled_daily(service, factor, arena)) != NULL;
        }
        if (service->traffic.months) {
            ok = (changes[(*n)++] = scaled_months(plan, service, factor, arena)) != NULL && ok;
        }
        if (!ok) {
            return NULL;
        }
    }
    return changes;
}

/* Total at a factor; NAN where the accountant refuses: too many machines, say. */
static rk_status cost_at(const side *of, double factor, rk_arena *arena, double *out, rk_error *err)
{
    rk_outcome outcome;
    rk_error refused;
    size_t n = 0;
    const char **changes = scaled_traffic(of->plan, factor, arena, &n);
    if (!changes) {
        return rk_fail_memory(err, "a comparison");
    }
    rk_status status = rk_what_if(&of->source, changes, n, arena, &outcome, &refused);
    *out = status ? NAN : (double)outcome.total.micros;
    return status == RK_NO_MEMORY ? rk_fail_memory(err, "a comparison") : RK_OK;
}

typedef struct {
    const side *sides; /* [2] */
    double factor[N_FACTORS], difference[N_FACTORS];
    rk_status status[N_FACTORS];
} grid;

/* Below 0: the first is cheaper. */
static rk_status difference_at(const side *sides, double factor, double *out, rk_error *err)
{
    rk_arena arena = {0};
    double a = 0, b = 0;
    rk_status status = cost_at(&sides[0], factor, &arena, &a, err);
    status = status ? status : cost_at(&sides[1], factor, &arena, &b, err);
    rk_arena_release(&arena);
    *out = a - b;
    return status;
}

static void fill_grid(void *context, rk_span span)
{
    grid *g = context;
    for (size_t i = span.begin; i < span.end; i++) {
        rk_error ignored;
        g->factor[i] = pow(2, ((double)i - STEPS_EACH_WAY) / 2);
        g->status[i] = difference_at(g->sides, g->factor[i], &g->difference[i], &ignored);
    }
}

/* Between two factors of which one has the first cheaper and the other the second. */
static rk_status close_in(const side *sides, double low, double high, bool first_below, double *out, rk_error *err)
{
    rk_status status = RK_OK;
    for (int i = 0; i < HALVINGS && !status && high / low > 1.001; i++) {
        double middle = sqrt(low * high), difference = 0;
        status = difference_at(sides, middle, &difference, err);
        if ((difference < 0) == first_below) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *out = round(sqrt(low * high) * 1e4) / 1e4; /* it is known to a thousandth */
    return status;
}

/* From step `from` outwards in direction `way`: the first pair of neighbours with opposite signs, equal costs passed
 * over. */
static rk_status search(const grid *g, int way, rk_break_even *out, rk_error *err)
{
    int known = STEPS_EACH_WAY;
    for (int i = STEPS_EACH_WAY; i >= 0 && i < N_FACTORS; i += way) {
        double now = g->difference[i], before = g->difference[known];
        if (!(now < 0) && !(now > 0)) {
            continue;
        }
        if ((now < 0 && before > 0) || (now > 0 && before < 0)) {
            int low = way > 0 ? known : i, high = way > 0 ? i : known;
            out->first_is_cheaper_below = g->difference[low] < 0;
            return close_in(g->sides, g->factor[low], g->factor[high], out->first_is_cheaper_below, &out->factor, err);
        }
        known = i;
    }
    return RK_OK;
}

/* A day: as written, or the mean of the first month. */
static double all_requests(const rk_plan *plan)
{
    double sum = 0;
    mpq_t month;
    mpq_init(month);
    for (uint32_t s = 0; s < plan->n_services; s++) {
        const rk_traffic *traffic = &plan->services[s].traffic;
        rk_demand_month(plan, traffic, 0, month);
        sum += traffic->requests_per_day.is_set ? rk_decimal_real(traffic->requests_per_day.value)
                                                : rk_rational_real(month) / rk_plan_days(plan, 0);
    }
    mpq_clear(month);
    return sum;
}

rk_status rk_break_even_find(const rk_plan_source *first, const rk_plan_source *second, const rk_run *run,
                             rk_break_even *below, rk_break_even *above, rk_error *err)
{
    side sides[2] = {{.source = *first}, {.source = *second}};
    grid g = {.sides = sides};
    *below = *above = (rk_break_even){.factor = 0};
    rk_status status = rk_plan_read(first, &sides[0].plan, err);
    status = status ? status : rk_plan_read(second, &sides[1].plan, err);
    if (!status) {
        rk_parallel_for(run->pool, N_FACTORS, 1, fill_grid, &g);
    }
    for (int i = 0; i < N_FACTORS && !status; i++) {
        status = g.status[i] ? rk_fail_memory(err, "a comparison") : RK_OK;
    }
    status = status ? status : search(&g, -1, below, err);
    status = status ? status : search(&g, 1, above, err);
    if (!status) {
        below->requests_per_day = round(below->factor * all_requests(sides[0].plan));
        above->requests_per_day = round(above->factor * all_requests(sides[0].plan));
    }
    rk_plan_free(sides[0].plan);
    rk_plan_free(sides[1].plan);
    return status;
}
