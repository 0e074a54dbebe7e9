/* fleet_parts.h - a fleet at work, for the files that count its machines, choose them and book them. */
#ifndef RECKON_COST_FLEET_PARTS_H
#define RECKON_COST_FLEET_PARTS_H

#include "cost/account.h"
#include "cost/hours.h"
#include "cost/term.h"

enum { RK_FLEET_KINDS = RK_KINDS_MAX };

/* So many hours want these machines. */
typedef struct {
    int64_t n[RK_FLEET_KINDS], all; /* by kind; of all kinds */
    int64_t hours;
} rk_stair;

typedef struct {
    rk_hours hours;                    /* of a mixed fleet: kept until the mix is chosen */
    rk_vec stairs;                     /* rk_stair, fewest machines first */
    int64_t on_demand[RK_FLEET_KINDS]; /* machine-hours above the reserved ones */
    mpq_t asked;                       /* machine-hours of work, in machines of the first kind */
    mpq_t beyond;                      /* of these beyond the fleet's max */
    mpq_t used[RK_FLEET_KINDS];        /* machine-hours filled, by kind */
    int64_t most;                      /* machines at one time, reserved ones and all */
} rk_fleet_work_month;

typedef struct {
    rk_account *account;
    const rk_fleet *plan;
    const char *name;        /* of the service, or of the shared fleet */
    const uint32_t *members; /* [n_members] services on it */
    uint32_t n_members, n_months, n_kinds;
    rk_fleet_kind kind[RK_FLEET_KINDS];
    mpq_t on_demand[RK_FLEET_KINDS], reserved[RK_FLEET_KINDS]; /* hour prices in the plan's currency */
    rk_term term[RK_FLEET_KINDS]; /* of the reserved ones; its name is set when it is booked */
    mpq_t size[RK_FLEET_KINDS];   /* one machine in those of the first kind; for the service that gains least by it */
    mpq_t utilisation;
    rk_fleet_work_month *months; /* [n_months] */
    int64_t n_reserved[RK_FLEET_KINDS];
    mpq_t all_on_demand; /* what the plan would cost without reserved machines */
    bool has_all_on_demand;
    double bound;   /* of a mixed fleet: no mix costs less */
    bool is_proven; /* of a mixed fleet: this one is the cheapest */
} rk_fleet_work;

/* A machine of the fleet's first kind, for this member. */
const rk_service *rk_fleet_member(const rk_fleet_work *f, uint32_t i);
int64_t rk_fleet_month_hours(const rk_fleet_work *f, uint32_t m);
/* RK_OK when the kind is sold on demand. */
RK_MUST_CHECK rk_status rk_fleet_need_on_demand(const rk_fleet_work *f, uint32_t k, rk_error *err);

/* fleet_mix.c: chooses the machines of a mixed fleet: reserved, stairs, hours on demand, hours used. */
RK_MUST_CHECK rk_status rk_fleet_mix(rk_fleet_work *f, rk_error *err);
/* fleet_lines.c: the lines of all months, and the figures of its services. */
RK_MUST_CHECK rk_status rk_fleet_book(rk_fleet_work *f, rk_error *err);

#endif
