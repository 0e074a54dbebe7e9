/* capacity.h - what one machine answers of a service inside its objective: as written, as measured, or scaled.
 *
 *   capacity on V vCPU = X(V) x measured / X at the measured numbers of cores x speed of a core / speed as measured
 *
 * X is the scaling law (measure/usl.h) of profiles taken on different numbers of cores. The ratio of measured to X is
 * linear between these numbers and stays what it is beyond them, so that a measured number of cores has its measured
 * capacity. Parameters of the law are rounded to the places below before they meet exact numbers, and a scaled capacity
 * to a millionth of a request a second: the ledger hangs on no last bit of a double.
 */
#ifndef RECKON_COST_CAPACITY_H
#define RECKON_COST_CAPACITY_H

#include "cost/plan.h"

enum { RK_LAMBDA_PLACES = 6, RK_SIGMA_PLACES = 9, RK_KAPPA_PLACES = 12, RK_PROFILES_MAX = 64 };

extern const rk_key_table rk_capacity_tables[];
extern const size_t rk_n_capacity_tables;

/* What a service says in its keys capacity, profile and slo; NULL = not there. */
typedef struct {
    const rk_yaml_node *capacity, *slo;
    const char *profile;
} rk_capacity_keys;

/* Into service->capacity, its source, and what a profile measured besides. The mpq of service->capacity is initialised.
 */
RK_MUST_CHECK rk_status rk_capacity_read(rk_plan *plan, const rk_capacity_keys *keys, rk_service *service,
                                         rk_error *err);
/* On this machine, named at `at`. out->rps is initialised; out may be &service->capacity. What was measured on another
 * machine, or scaled beyond the measurements, is noted. */
RK_MUST_CHECK rk_status rk_capacity_on(rk_plan *plan, const rk_service *service, const rk_price *machine, rk_place at,
                                       rk_capacity *out, rk_error *err);
void rk_capacity_source_release(rk_capacity_source *source); /* accepts NULL */

#endif
