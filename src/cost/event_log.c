/* event_log.c - see event_log.h.
 *
 * The sum over evenings is turned round: the events of a day are held on all evenings from that day on until they are
 * too old, and as many of these as lie in the month count. So a month is one pass over the days it may still hold.
 */
#include "cost/event_log.h"

#include "cost/demand.h"
#include "cost/driver.h"
#include "math/rational.h"

typedef struct {
    int64_t first, last; /* days of the month */
    int64_t retention_days;
} window;

/* On how many evenings of the month the events of this day are held. */
static int64_t evenings(const window *w, int64_t day)
{
    int64_t from = day > w->first ? day : w->first;
    int64_t to = w->retention_days > 0 && day + w->retention_days - 1 < w->last ? day + w->retention_days - 1 : w->last;
    return to >= from ? to - from + 1 : 0;
}

/* Of whole days with one event each, the evenings added up. */
static int64_t flat_evenings(const window *w, int64_t from, int64_t to)
{
    int64_t sum = 0;
    for (int64_t day = from; day <= to; day++) {
        sum += evenings(w, day);
    }
    return sum;
}

static void add_flat(mpq_t out, const mpq_t per_day, int64_t n)
{
    mpq_t part;
    mpq_init(part);
    mpq_set_si(part, n, 1);
    mpq_mul(part, part, per_day);
    mpq_add(out, out, part);
    mpq_clear(part);
}

/* Days from..to of month k, all of it in that month, by their traffic. */
static void add_month(const rk_plan *plan, const window *w, const rk_service *service, uint32_t k, int64_t from,
                      int64_t to, mpq_t out)
{
    mpq_t sum, weight, n;
    mpq_inits(sum, weight, n, NULL);
    for (int64_t day = from; day <= to; day++) {
        rk_demand_weight(&service->traffic, day, weight);
        mpq_set_si(n, evenings(w, day), 1);
        mpq_mul(weight, weight, n);
        mpq_add(sum, sum, weight);
    }
    rk_demand_scale(plan, &service->traffic, k, weight);
    mpq_mul(sum, sum, weight);
    rk_rational_mul(sum, service->events_per_request.value);
    mpq_add(out, out, sum);
    mpq_clears(sum, weight, n, NULL);
}

/* Events of the mean day of the first month. */
static void first_rate(const rk_account *account, const rk_service *service, uint32_t s, mpq_t out)
{
    mpq_t days;
    mpq_init(days);
    mpq_set_ui(days, rk_plan_days(account->plan, 0), 1);
    mpq_div(out, rk_account_requests(account, s, 0), days);
    rk_rational_mul(out, service->events_per_request.value);
    mpq_clear(days);
}

static void add_service(const rk_account *account, const window *w, uint32_t s, int64_t begin, uint32_t m, mpq_t out)
{
    const rk_plan *plan = account->plan;
    const rk_service *service = &plan->services[s];
    int64_t plan_day = rk_plan_first_day(plan, 0);
    mpq_t rate;
    mpq_init(rate);
    if (service->events_per_day.is_set) {
        rk_rational_set(rate, service->events_per_day.value);
        add_flat(out, rate, flat_evenings(w, begin, w->last));
        mpq_clear(rate);
        return;
    }
    if (begin < plan_day) {
        first_rate(account, service, s, rate);
        add_flat(out, rate, flat_evenings(w, begin, plan_day - 1));
    }
    for (uint32_t k = 0; k <= m; k++) {
        int64_t first = rk_plan_first_day(plan, k), last = first + rk_plan_days(plan, k) - 1;
        if (last >= begin) {
            add_month(plan, w, service, k, first > begin ? first : begin, last, out);
        }
    }
    mpq_clear(rate);
}

/* The evenings of month m, and the first day that they still hold. */
static int64_t begin_month(const rk_plan *plan, const rk_event_log *log, uint32_t m, window *w)
{
    *w = (window){.first = rk_plan_first_day(plan, m), .retention_days = log->retention_days};
    w->last = w->first + rk_plan_days(plan, m) - 1;
    int64_t oldest = w->retention_days > 0 ? w->first - w->retention_days + 1 : log->first_day;
    return oldest > log->first_day ? oldest : log->first_day;
}

void rk_event_log_evenings(const rk_account *account, const rk_event_log *log, uint32_t s, uint32_t m, mpq_t out)
{
    const rk_plan *plan = account->plan;
    window w;
    int64_t begin = begin_month(plan, log, m, &w);
    mpq_set_ui(out, 0, 1);
    if (s == RK_ALL_SERVICES && plan->events_per_day.is_set) {
        mpq_t rate;
        mpq_init(rate);
        rk_rational_set(rate, plan->events_per_day.value);
        add_flat(out, rate, flat_evenings(&w, begin, w.last));
        mpq_clear(rate);
        return;
    }
    for (uint32_t i = 0; i < plan->n_services; i++) {
        if (s == RK_ALL_SERVICES || s == i) {
            add_service(account, &w, i, begin, m, out);
        }
    }
}

/* ---- in draws ---- */

static rk_figure flat_figure(rk_estimating *e, const rk_number *daily, const window *w, int64_t begin)
{
    return rk_tape_scale(e->tape, rk_estimate_number(e, daily), (double)flat_evenings(w, begin, w->last));
}

static rk_figure month_figure(rk_estimating *e, const window *w, const rk_service *service, uint32_t k, int64_t begin)
{
    rk_estimated_days days = {.n = 0};
    int64_t first = rk_plan_first_day(e->plan, k), last = first + rk_plan_days(e->plan, k) - 1;
    for (int64_t day = first > begin ? first : begin; day <= last; day++) {
        rk_estimate_add_day(e, &service->traffic, day, (unsigned)evenings(w, day), &days);
    }
    return rk_tape_mul(e->tape, rk_estimate_days_sum(e, &days), rk_estimate_scale(e, &service->traffic, k));
}

static rk_figure service_figure(rk_estimating *e, const window *w, uint32_t s, int64_t begin, uint32_t m)
{
    const rk_service *service = &e->plan->services[s];
    int64_t plan_day = rk_plan_first_day(e->plan, 0);
    if (service->events_per_day.is_set) {
        return flat_figure(e, &service->events_per_day, w, begin);
    }
    rk_figure sum = rk_tape_constant(e->tape, 0);
    if (begin < plan_day) {
        double n = (double)flat_evenings(w, begin, plan_day - 1) / rk_plan_days(e->plan, 0);
        sum = rk_tape_scale(e->tape, rk_estimate_requests(e, s, 0), n);
    }
    for (uint32_t k = 0; k <= m; k++) {
        sum = rk_tape_add(e->tape, sum, month_figure(e, w, service, k, begin));
    }
    return rk_tape_mul(e->tape, sum, rk_estimate_number(e, &service->events_per_request));
}

rk_figure rk_event_log_figure(rk_estimating *e, const rk_event_log *log, uint32_t s, uint32_t m)
{
    window w;
    int64_t begin = begin_month(e->plan, log, m, &w);
    rk_figure sum = rk_tape_constant(e->tape, 0);
    if (s == RK_ALL_SERVICES && e->plan->events_per_day.is_set) {
        return flat_figure(e, &e->plan->events_per_day, &w, begin);
    }
    for (uint32_t i = 0; i < e->plan->n_services; i++) {
        if (s == RK_ALL_SERVICES || s == i) {
            sum = rk_tape_add(e->tape, sum, service_figure(e, &w, i, begin, m));
        }
    }
    return sum;
}
