/* demand.c - see demand.h. */
#include "cost/demand.h"

#include "base/clock.h"
#include "math/rational.h"

void rk_day_classes_init(rk_day_classes *classes)
{
    for (unsigned i = 0; i < RK_DAYS_MAX; i++) {
        mpq_init(classes->day[i].weight);
    }
    classes->n = 0;
}

void rk_day_classes_release(rk_day_classes *classes)
{
    for (unsigned i = 0; i < RK_DAYS_MAX; i++) {
        mpq_clear(classes->day[i].weight);
    }
}

void rk_demand_events(const rk_traffic *traffic, int64_t day, mpq_t out)
{
    mpq_set_ui(out, 1, 1);
    for (uint32_t e = 0; e < traffic->n_events; e++) {
        const rk_event *event = &traffic->events[e];
        if (event->from.value <= day && day <= event->to.value) {
            rk_rational_mul(out, event->factor.value);
        }
    }
}

void rk_demand_weight(const rk_traffic *traffic, int64_t day, mpq_t out)
{
    rk_demand_events(traffic, day, out);
    rk_rational_mul(out, traffic->weekdays[rk_weekday_of_days(day)].value);
}

static void add_day(rk_day_classes *classes, const mpq_t weight)
{
    for (unsigned i = 0; i < classes->n; i++) {
        if (mpq_equal(classes->day[i].weight, weight)) {
            classes->day[i].n_days++;
            return;
        }
    }
    mpq_set(classes->day[classes->n].weight, weight);
    classes->day[classes->n++].n_days = 1;
}

void rk_day_classes_fill(rk_day_classes *classes, const rk_plan *plan, const rk_traffic *traffic, uint32_t m)
{
    int64_t first = rk_plan_first_day(plan, m);
    mpq_t weight;
    mpq_init(weight);
    classes->n = 0;
    for (unsigned d = 0; d < rk_plan_days(plan, m); d++) {
        rk_demand_weight(traffic, first + d, weight);
        add_day(classes, weight);
    }
    mpq_clear(weight);
}

const rk_number *rk_demand_written(const rk_traffic *traffic, uint32_t m)
{
    return traffic->months && traffic->months[m].is_set ? &traffic->months[m] : NULL;
}

void rk_demand_weights_sum(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out)
{
    rk_day_classes classes;
    mpq_t days;
    mpq_init(days);
    rk_day_classes_init(&classes);
    rk_day_classes_fill(&classes, plan, traffic, m);
    mpq_set_ui(out, 0, 1);
    for (unsigned i = 0; i < classes.n; i++) {
        mpq_set_ui(days, classes.day[i].n_days, 1);
        mpq_mul(days, days, classes.day[i].weight);
        mpq_add(out, out, days);
    }
    rk_day_classes_release(&classes);
    mpq_clear(days);
}

/* A month without a weight has no requests: reading the plan saw to that. */
static void written_scale(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out)
{
    mpq_t sum;
    mpq_init(sum);
    rk_demand_weights_sum(plan, traffic, m, sum);
    rk_rational_set(out, traffic->months[m].value);
    if (mpq_sgn(sum) != 0) {
        mpq_div(out, out, sum);
    }
    mpq_clear(sum);
}

void rk_demand_scale(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out)
{
    mpq_t sum, weight;
    if (rk_demand_written(traffic, m)) {
        written_scale(plan, traffic, m, out);
        return;
    }
    mpq_inits(sum, weight, NULL);
    mpq_set_ui(weight, 1, 1);
    rk_rational_set(out, traffic->growth_per_month.value);
    mpq_add(out, out, weight);
    rk_rational_power(out, out, m);
    rk_rational_mul(out, traffic->requests_per_day.value);
    for (unsigned i = 0; i < 7; i++) {
        rk_rational_set(weight, traffic->weekdays[i].value);
        mpq_add(sum, sum, weight);
    }
    mpq_set_ui(weight, 7, 1);
    mpq_div(weight, weight, sum);
    mpq_mul(out, out, weight);
    mpq_clears(sum, weight, NULL);
}

void rk_demand_month(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out)
{
    mpq_t sum;
    mpq_init(sum);
    rk_demand_weights_sum(plan, traffic, m, sum);
    rk_demand_scale(plan, traffic, m, out);
    mpq_mul(out, out, sum);
    mpq_clear(sum);
}

void rk_demand_peak(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out)
{
    rk_day_classes classes;
    mpq_t most, sum, weight, hour;
    mpq_inits(most, sum, weight, hour, NULL);
    rk_day_classes_init(&classes);
    rk_day_classes_fill(&classes, plan, traffic, m);
    for (unsigned i = 0; i < classes.n; i++) {
        if (mpq_cmp(classes.day[i].weight, most) > 0) {
            mpq_set(most, classes.day[i].weight);
        }
    }
    for (unsigned h = 0; h < 24; h++) {
        rk_rational_set(weight, traffic->hours[h].value);
        mpq_add(sum, sum, weight);
        if (mpq_cmp(weight, hour) > 0) {
            mpq_set(hour, weight);
        }
    }
    rk_demand_scale(plan, traffic, m, out);
    mpq_mul(out, out, most);
    mpq_mul(out, out, hour);
    mpq_set_ui(weight, 3600, 1);
    mpq_mul(sum, sum, weight);
    mpq_div(out, out, sum);
    rk_day_classes_release(&classes);
    mpq_clears(most, sum, weight, hour, NULL);
}
