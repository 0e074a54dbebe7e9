/* element.h - kinds of cost elements: one row each, one file each.
 *
 * A kind is a table of keys over its own settings, a check that resolves names against the plan, and a function that
 * books the lines of one month. Adding a kind = one file + one row in element.c.
 */
#ifndef RECKON_COST_ELEMENT_H
#define RECKON_COST_ELEMENT_H

#include "cost/account.h"
#include "cost/plan.h"

struct rk_estimating;

struct rk_element_kind {
    const char *name; /* "owned machine" */
    const char
        *marks; /* keys any of which makes an element of this kind: "own" or "incidents_per_month|availability" */
    const rk_key *keys; /* beyond the common ones */
    size_t n_keys, settings_bytes;
    /* Resolves and checks. settings is still writable here. May be NULL. */
    rk_status (*check)(rk_plan *plan, const rk_element *element, void *settings, rk_error *err);
    /* Checks what needs the other elements and the services; all are read by now. May be NULL. */
    rk_status (*link)(const rk_plan *plan, const rk_element *element, rk_error *err);
    /* Books what month m of the plan costs. Called for months of `when` only, unless is_dated. */
    rk_status (*book)(rk_account *account, const rk_element *element, uint32_t m, rk_error *err);
    /* The same in draws: adds what month m costs as figures of a tape. Called for the same months. */
    void (*estimate)(struct rk_estimating *e, const rk_element *element, uint32_t m);
    /* Pays, once, what its prepaid entries use up, and carries what was paid before the plan; NULL = it has none. */
    rk_status (*settle)(rk_account *account, const rk_element *element, rk_error *err);
    bool is_dated;       /* it reads `when` itself and is called for every month */
    bool hires_machines; /* by the hour */
};

/* Whether `when` lets it be booked in month m. */
bool rk_element_is_due(const rk_plan *plan, const rk_element *element, uint32_t m);
/* What is shared by direct cost needs all direct lines, so it is booked behind the others. */
bool rk_element_comes_last(const rk_element *element);
/* Where the value of key stands, or the element itself. */
rk_place rk_element_place(const rk_element *element, const char *key);
const rk_element_kind *rk_element_kind_at(size_t i); /* NULL past the end */
const rk_key *rk_element_common_keys(size_t *n);

/* Settings of the kind own. */
typedef struct {
    const char *own, *energy, *grid;
    rk_number count, utilisation, pue;
    rk_when bought;
    const rk_price *asset, *tariff, *feeder; /* tariff NULL = its energy is not priced; feeder: grid's entry */
} rk_owned;
const rk_owned *rk_element_owned(const rk_element *element); /* NULL = of another kind */
/* count x power_kw x pue x utilisation x hours, exact; 0 before the purchase or without power_kw. */
void rk_owned_kwh(const rk_owned *owned, const rk_plan *plan, uint32_t m, mpq_t out);
/* "1 x 6.5 kW x 1.4 x 0.35 x 744 h" */
const char *rk_owned_kwh_words(rk_account *account, const rk_owned *owned, uint32_t m);
void rk_owned_kwh_inputs(rk_account *account, rk_vec *inputs, const rk_owned *owned);
/* Months from the purchase to month m: 1 = the month after it; negative before. */
int64_t rk_owned_age(const rk_owned *owned, const rk_plan *plan, uint32_t m);
/* element_person.c: the persons of a plan in month m, of service s alone or of all, shared ones with them. */
bool rk_plan_has_persons(const rk_plan *plan);
void rk_plan_persons(const rk_plan *plan, uint32_t s, uint32_t m, mpq_t out);
void rk_account_persons_inputs(rk_account *account, uint32_t s, uint32_t m, rk_vec *inputs); /* their fte */

extern const rk_element_kind rk_element_use, rk_element_store, rk_element_network, rk_element_clean, rk_element_train,
    rk_element_rent, rk_element_own, rk_element_person, rk_element_incidents, rk_element_amount;

#endif
