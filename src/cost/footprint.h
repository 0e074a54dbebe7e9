/* footprint.h - energy and carbon of a plan, by the Software Carbon Intensity of the Green Software Foundation:
 *
 *   SCI = (E x I + M) per R        R = 1,000 requests
 *
 * E: energy in kWh, of rented machines, of owned ones as the ledger prices it, and of what else a factor is given for.
 * I: grams CO2e per kWh of the grid that feeds it, location-based: what the grid emits, whatever was bought or offset.
 * M: emissions of making the hardware, by the share of its life and of its size that is used.
 *
 * Like the ledger a footprint is a list of lines, each rounded once (energy to a millionth of a kWh, then emissions to
 * a milligram) and only added afterwards; so all views agree exactly. Factors stand in price books. One that is needed
 * and missing is an error at the line that asked; what is left out is said.
 */
#ifndef RECKON_COST_FOOTPRINT_H
#define RECKON_COST_FOOTPRINT_H

#include "cost/ledger.h"

typedef enum { RK_RENTED, RK_OWNED, RK_BY_UNIT } rk_footprint_part;
const char *rk_footprint_part_name(rk_footprint_part part); /* "rented machines" */

typedef struct {
    uint32_t month, service; /* as in the ledger */
    rk_footprint_part part;
    const char *name; /* of the element; "search machine" */
    int64_t kwh_micros, operational_mg, embodied_mg;
    const char *energy, *operational, *embodied; /* formulas, checkable by hand; embodied "" where there is none */
    const rk_cost_input *inputs;                 /* [n_inputs] */
    uint32_t n_inputs;
} rk_footprint_line;

typedef struct rk_footprint rk_footprint;

/* Of the plan behind a ledger, which must outlive it. *out is the caller's; end with rk_footprint_free. */
RK_MUST_CHECK rk_status rk_footprint_make(rk_ledger *ledger, const rk_run *run, rk_footprint **out, rk_error *err);
void rk_footprint_free(rk_footprint *footprint); /* accepts NULL */

/* Borrowed from the footprint. */
const rk_ledger *rk_footprint_ledger(const rk_footprint *footprint);
size_t rk_footprint_n_lines(const rk_footprint *footprint);
const rk_footprint_line *rk_footprint_line_at(const rk_footprint *footprint, size_t i);
size_t rk_footprint_n_omitted(const rk_footprint *footprint); /* what is not counted and could be */
const char *rk_footprint_omitted(const rk_footprint *footprint, size_t i);

/* ---- sums ---- */
#define RK_ALL_SERVICES UINT32_MAX
typedef struct {
    uint32_t service, month;  /* RK_ALL_SERVICES, RK_ALL_MONTHS: every one */
    const char *product_line; /* NULL: every one */
} rk_footprint_pick;

typedef struct {
    int64_t kwh_micros, operational_mg, embodied_mg, requests_micros;
    bool has_sci;       /* false: no requests, or too many to add up */
    int64_t sci_micros; /* millionths of a gram per 1,000 requests, rounded once from the sums */
} rk_footprint_sum;
rk_footprint_sum rk_footprint_sum_of(const rk_footprint *footprint, rk_footprint_pick pick);

/* One line of JSON, keys as docs/footprint.md says; appended to out. */
void rk_footprint_json(const rk_footprint *footprint, rk_text *out);

#endif
