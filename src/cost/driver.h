/* driver.h - what makes a cost grow: the requests, events, GB, heads, orders and machines of a month.
 *
 * One table for both sides of the method: `per` multiplies a quantity by a driver, `share_by` splits a shared amount in
 * proportion to it. A driver is one row: what a service must say for it, and how much of it a month has.
 */
#ifndef RECKON_COST_DRIVER_H
#define RECKON_COST_DRIVER_H

#include "cost/account.h"
#include "math/tape.h"

typedef struct rk_driver rk_driver;
struct rk_estimating;

/* By the word behind 'per' or 'share_by', which stands at `at`; an unknown one is an error that names the nearest. */
RK_MUST_CHECK rk_status rk_driver_find_per(const char *name, rk_place at, const rk_driver **out, rk_error *err);
RK_MUST_CHECK rk_status rk_driver_find_share(const char *name, rk_place at, const rk_driver **out, rk_error *err);
const char *rk_driver_per(const rk_driver *driver);   /* "request" */
const char *rk_driver_share(const rk_driver *driver); /* "requests" */

/* Every service that bears the element must have figures for the driver, or an error at the element names the service
 * and the key. rule: "is per cpu_second", "is shared by cpu_seconds". Elements are all read by now. */
RK_MUST_CHECK rk_status rk_driver_check(const rk_driver *driver, const rk_plan *plan, const rk_element *element,
                                        rk_place at, const char *rule, rk_error *err);

bool rk_driver_is_time(const rk_driver *driver);        /* of the calendar: the same for all services together */
bool rk_driver_is_direct_cost(const rk_driver *driver); /* of what was booked before */

/* How much of it service s, or RK_ALL_SERVICES together, has in month m; checked before. out is initialised. */
void rk_driver_amount(const rk_driver *driver, const rk_account *account, uint32_t s, uint32_t m, mpq_t out);
/* The same in draws. */
rk_figure rk_driver_figure(const rk_driver *driver, struct rk_estimating *e, uint32_t s, uint32_t m);
rk_origin rk_driver_origin(const rk_driver *driver, const rk_plan *plan, uint32_t s);
rk_behaviour rk_driver_behaviour(const rk_driver *driver, const rk_plan *plan, uint32_t s);
/* Appends "86400.0 requests x 2180 bytes / 10^9" to words, if not NULL, and the figures in it to inputs. */
void rk_driver_tell(const rk_driver *driver, rk_account *account, uint32_t s, uint32_t m, rk_text *words,
                    rk_vec *inputs);

#endif
