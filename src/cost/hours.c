/* hours.c - see hours.h. */
#include "cost/hours.h"

#include <stdlib.h>

#include "cost/demand.h"
#include "math/rational.h"

/* One service of the fleet. */
typedef struct {
    const rk_traffic *traffic;
    mpq_t factor;              /* scale / (3600 x sum of the hour weights x capacity) */
    mpq_t weight[RK_DAYS_MAX]; /* of the first day of each class */
} member;

static void member_init(member *at, const rk_plan *plan, const rk_service *service, uint32_t m)
{
    mpq_t sum, weight;
    mpq_inits(sum, weight, at->factor, NULL);
    at->traffic = &service->traffic;
    for (unsigned h = 0; h < 24; h++) {
        rk_rational_set(weight, at->traffic->hours[h].value);
        mpq_add(sum, sum, weight);
    }
    mpq_set_ui(weight, 3600, 1);
    mpq_mul(sum, sum, weight);
    mpq_mul(sum, sum, service->capacity.rps);
    rk_demand_scale(plan, at->traffic, m, at->factor);
    mpq_div(at->factor, at->factor, sum);
    for (unsigned d = 0; d < RK_DAYS_MAX; d++) {
        mpq_init(at->weight[d]);
    }
    mpq_clears(sum, weight, NULL);
}

static void member_release(member *at)
{
    mpq_clear(at->factor);
    for (unsigned d = 0; d < RK_DAYS_MAX; d++) {
        mpq_clear(at->weight[d]);
    }
}

/* Whether class c has the weights that every member has in its place n. */
static bool is_alike(const member *members, uint32_t n_members, unsigned c, unsigned n)
{
    bool same = true;
    for (uint32_t i = 0; i < n_members && same; i++) {
        same = mpq_equal(members[i].weight[c], members[i].weight[n]);
    }
    return same;
}

/* Days into classes; n_days: [RK_DAYS_MAX]. Returns the number of classes. */
static unsigned classify(const rk_plan *plan, member *members, uint32_t n_members, uint32_t m, unsigned *n_days)
{
    int64_t first = rk_plan_first_day(plan, m);
    unsigned n = 0;
    for (unsigned d = 0; d < rk_plan_days(plan, m); d++) {
        unsigned c = 0;
        for (uint32_t i = 0; i < n_members; i++) {
            rk_demand_weight(members[i].traffic, first + d, members[i].weight[n]);
        }
        while (c < n && !is_alike(members, n_members, c, n)) {
            c++;
        }
        n_days[c] = c < n ? n_days[c] + 1 : 1;
        n += c == n;
    }
    return n;
}

static void set_load(const member *members, uint32_t n_members, unsigned c, unsigned h, mpq_t load)
{
    mpq_t part;
    mpq_init(part);
    for (uint32_t i = 0; i < n_members; i++) {
        rk_rational_set(part, members[i].traffic->hours[h].value);
        mpq_mul(part, part, members[i].weight[c]);
        mpq_mul(part, part, members[i].factor);
        mpq_add(load, load, part);
    }
    mpq_clear(part);
}

rk_status rk_hours_count(const rk_plan *plan, const uint32_t *services, uint32_t n_services, uint32_t m, rk_hours *out,
                         rk_error *err)
{
    unsigned n_days[RK_DAYS_MAX];
    *out = (rk_hours){0};
    member *members = calloc(n_services, sizeof *members);
    if (!members) {
        return rk_fail_memory(err, "a fleet");
    }
    for (uint32_t i = 0; i < n_services; i++) {
        member_init(&members[i], plan, &plan->services[services[i]], m);
    }
    unsigned n_classes = classify(plan, members, n_services, m, n_days);
    out->hour = calloc((size_t)n_classes * 24, sizeof *out->hour);
    for (unsigned i = 0; out->hour && i < n_classes * 24; i++) {
        mpq_init(out->hour[i].load);
        set_load(members, n_services, i / 24, i % 24, out->hour[i].load);
        out->hour[i].n = n_days[i / 24];
        out->n++;
    }
    for (uint32_t i = 0; i < n_services; i++) {
        member_release(&members[i]);
    }
    free(members);
    return out->hour ? RK_OK : rk_fail_memory(err, "a fleet");
}

void rk_hours_release(rk_hours *hours)
{
    for (unsigned i = 0; i < hours->n; i++) {
        mpq_clear(hours->hour[i].load);
    }
    free(hours->hour);
    *hours = (rk_hours){0};
}
