/* estimating.c - see estimating.h. */
#include "cost/estimating.h"

#include "base/clock.h"
#include "math/rational.h"

/* ---- numbers and prices ---- */

rk_figure rk_estimate_number(rk_estimating *e, const rk_number *number)
{
    if (!number->uncertain) {
        return rk_tape_constant(e->tape, rk_decimal_real(number->value));
    }
    uint32_t *column = &e->column[number->uncertain->index];
    if (*column == UINT32_MAX) {
        *column = e->n_inputs++;
    }
    return rk_tape_input(e->tape, *column);
}

rk_figure rk_estimate_price(rk_estimating *e, const rk_number *number, const rk_price *price)
{
    const rk_exchange *row = rk_plan_exchange_row(e->plan, price->currency);
    rk_figure figure = rk_estimate_number(e, number);
    return row ? rk_tape_mul(e->tape, figure, rk_estimate_number(e, &row->rate)) : figure;
}

rk_figure rk_estimate_person(rk_estimating *e, const rk_price *person)
{
    const rk_person_price *p = &person->as.person;
    rk_figure load = rk_tape_add(e->tape, rk_tape_constant(e->tape, 1), rk_estimate_number(e, &p->overhead));
    return rk_tape_add(e->tape, rk_tape_mul(e->tape, rk_estimate_price(e, &p->month, person), load),
                       rk_estimate_price(e, &p->training_per_month, person));
}

rk_figure rk_estimate_growing(rk_estimating *e, const rk_number *first, const rk_number *grows, uint32_t m)
{
    rk_figure sum = rk_tape_add(e->tape, rk_estimate_number(e, first),
                                rk_tape_scale(e->tape, rk_estimate_number(e, grows), m));
    return rk_tape_max(e->tape, sum, rk_tape_constant(e->tape, 0));
}

/* ---- depreciation ---- */

static rk_figure declining(rk_estimating *e, const rk_asset_price *asset, rk_figure price, rk_figure salvage, int64_t k)
{
    rk_tape *tape = e->tape;
    rk_figure step = rk_tape_scale(tape, rk_estimate_number(e, &asset->rate), 1.0 / 12);
    rk_figure keep = rk_tape_sub(tape, rk_tape_constant(tape, 1), step);
    rk_figure book = rk_tape_mul(tape, price, rk_tape_power(tape, keep, (unsigned)k - 1));
    book = rk_tape_max(tape, book, salvage);
    return rk_tape_min(tape, rk_tape_mul(tape, book, step), rk_tape_sub(tape, book, salvage));
}

rk_figure rk_estimate_depreciation(rk_estimating *e, const rk_price *price, int64_t k)
{
    const rk_asset_price *asset = &price->as.asset;
    int64_t life = asset->life_months.value.units;
    if (k < 1 || k > life) {
        return rk_tape_constant(e->tape, 0);
    }
    rk_figure new = rk_estimate_price(e, &asset->price, price);
    rk_figure salvage = rk_tape_min(e->tape, rk_estimate_price(e, &asset->salvage, price), new);
    if (asset->method == RK_DECLINING_BALANCE) {
        return declining(e, asset, new, salvage, k);
    }
    double digits = (double)(life * (life + 1)) / 2;
    double share = asset->method == RK_SUM_OF_YEARS ? (double)(life - k + 1) / digits : 1.0 / (double)life;
    return rk_tape_scale(e->tape, rk_tape_sub(e->tape, new, salvage), share);
}

/* ---- demand ---- */

void rk_estimate_add_day(rk_estimating *e, const rk_traffic *traffic, int64_t day, unsigned times,
                         rk_estimated_days *days)
{
    unsigned k = 0;
    rk_figure weight = rk_estimate_number(e, &traffic->weekdays[rk_weekday_of_days(day)]);
    for (uint32_t i = 0; i < traffic->n_events; i++) {
        const rk_event *event = &traffic->events[i];
        if (event->from.value <= day && day <= event->to.value) {
            weight = rk_tape_mul(e->tape, weight, rk_estimate_number(e, &event->factor));
        }
    }
    while (k < days->n && days->weight[k] != weight) {
        k++;
    }
    days->weight[k] = weight;
    days->n_days[k] = times + (k < days->n ? days->n_days[k] : 0);
    days->n += k == days->n;
}

void rk_estimate_days(rk_estimating *e, const rk_traffic *traffic, uint32_t m, rk_estimated_days *out)
{
    out->n = 0;
    for (unsigned d = 0; d < rk_plan_days(e->plan, m); d++) {
        rk_estimate_add_day(e, traffic, rk_plan_first_day(e->plan, m) + d, 1, out);
    }
}

rk_figure rk_estimate_days_sum(rk_estimating *e, const rk_estimated_days *days)
{
    rk_figure sum = rk_tape_constant(e->tape, 0);
    for (unsigned i = 0; i < days->n; i++) {
        sum = rk_tape_add(e->tape, sum, rk_tape_scale(e->tape, days->weight[i], days->n_days[i]));
    }
    return sum;
}

rk_figure rk_estimate_scale(rk_estimating *e, const rk_traffic *traffic, uint32_t m)
{
    rk_tape *tape = e->tape;
    const rk_number *written = rk_demand_written(traffic, m);
    if (written) {
        rk_estimated_days days;
        rk_estimate_days(e, traffic, m, &days);
        return rk_tape_div(tape, rk_estimate_number(e, written), rk_estimate_days_sum(e, &days));
    }
    rk_figure growth = rk_estimate_number(e, &traffic->growth_per_month), sum = rk_tape_constant(tape, 0);
    growth = rk_tape_power(tape, rk_tape_add(tape, rk_tape_constant(tape, 1), growth), m);
    for (unsigned i = 0; i < 7; i++) {
        sum = rk_tape_add(tape, sum, rk_estimate_number(e, &traffic->weekdays[i]));
    }
    rk_figure daily = rk_tape_mul(tape, rk_estimate_number(e, &traffic->requests_per_day), growth);
    return rk_tape_div(tape, rk_tape_scale(tape, daily, 7), sum);
}

rk_figure rk_estimate_requests(const rk_estimating *e, uint32_t s, uint32_t m)
{
    return e->requests[(size_t)s * e->plan->n_months + m];
}

/* ---- costs ---- */

static void add_cost(rk_estimating *e, rk_estimated_cost cost)
{
    e->failed = !rk_vec_push(&e->costs, &cost) || e->failed;
}

void rk_estimate_book_one(rk_estimating *e, rk_category category, uint32_t s, uint32_t m, rk_figure amount)
{
    rk_figure *direct = &e->direct[(size_t)s * e->plan->n_months + m];
    *direct = rk_tape_add(e->tape, *direct, amount);
    add_cost(e, (rk_estimated_cost){.category = category, .m = m, .s = s, .amount = amount});
}

void rk_estimate_book(rk_estimating *e, const rk_element *element, rk_category category, uint32_t m, rk_figure amount)
{
    if (element->target == RK_TARGET_SHARED) {
        add_cost(e, (rk_estimated_cost){
                        .category = category, .m = m, .s = RK_ALL_SERVICES, .element = element, .amount = amount});
    }
    for (uint32_t s = 0; s < e->plan->n_services && element->target != RK_TARGET_SHARED; s++) {
        if (element->target == RK_TARGET_EACH || element->service == s) {
            rk_estimate_book_one(e, category, s, m, amount);
        }
    }
}

void rk_estimate_book_filled(rk_estimating *e, const rk_element *element, uint32_t m, rk_estimate_fill *fill)
{
    if (element->target == RK_TARGET_SHARED) {
        rk_estimate_book(e, element, element->category, m, fill(e, element, RK_ALL_SERVICES, m));
    }
    for (uint32_t s = 0; s < e->plan->n_services && element->target != RK_TARGET_SHARED; s++) {
        if (element->target == RK_TARGET_EACH || element->service == s) {
            rk_estimate_book_one(e, element->category, s, m, fill(e, element, s, m));
        }
    }
}
