/* account.h - the accountant at work: demand per service and month, and the one place where a line is booked.
 *
 * A kind of element says what was used and at what price, as exact fractions; booking rounds the quantity, then the
 * amount, once each, shares both out, and writes the formula.
 */
#ifndef RECKON_COST_ACCOUNT_H
#define RECKON_COST_ACCOUNT_H

#include <gmp.h>

#include "cost/plan.h"

typedef struct {
    const rk_plan *plan;
    const rk_run *run;
    rk_ledger *ledger;
    mpq_ptr requests; /* [n_services x n_months] demand of the month */
    int64_t *direct;  /* [n_services x n_months] millionths: lines of the service alone, booked so far */
    bool failed;      /* memory was short for a text or an input: the next booking says so */
} rk_account;

/* At work on a ledger: its demand, exact. Release also when it failed. */
RK_MUST_CHECK rk_status rk_account_init(rk_account *account, rk_ledger *ledger, const rk_run *run, rk_error *err);
void rk_account_release(rk_account *account);

/* Demand of service s in month m. */
mpq_srcptr rk_account_requests(const rk_account *account, uint32_t s, uint32_t m);

/* What one month of one element costs, before rounding. Texts are copied when booked. */
typedef struct {
    const rk_element *element; /* target, sharing, layer; its name unless `name` says otherwise */
    const char *name;
    rk_category category;
    uint32_t m; /* month */
    mpq_srcptr quantity, unit_price;
    const rk_money *amount; /* not NULL: this, instead of quantity x unit_price */
    const char *unit, *driver;
    const char *quantity_words; /* how the quantity came about: "400 + 35 x 2"; NULL = as it stands */
    const char *price_words;    /* how the unit price came about: "9500 x 1.32 + 120"; NULL = as it stands */
    rk_behaviour behaviour;
    rk_spend spend;
    bool is_prepaid; /* not paid in its month: rk_account_pay, or a month before the plan, stands for it */
    rk_origin origin;
    mpq_srcptr runs;      /* of training that it is for; 0 = they are counted in another entry; NULL = of none */
    const rk_vec *inputs; /* of rk_cost_input, in the ledger's arena */
    mpq_srcptr weights;   /* [n_services] a shared entry is split by these, not by its element's; NULL = by the latter */
    const char *weights_words;
} rk_entry;

/* To the element's service, to each, or shared out. RK_BAD_INPUT when it does not fit 64 bits. */
RK_MUST_CHECK rk_status rk_account_book(rk_account *account, const rk_entry *entry, rk_error *err);
/* To service s, whatever the element's target. */
RK_MUST_CHECK rk_status rk_account_book_one(rk_account *account, const rk_entry *entry, uint32_t s, rk_error *err);

/* An entry that differs from service to service: fill makes it that of service s, or of RK_ALL_SERVICES. */
typedef struct rk_filling {
    void (*fill)(rk_account *account, const struct rk_filling *filling, uint32_t s, rk_entry *entry);
    const void *settings; /* of the element */
    rk_vec *inputs;       /* entry->inputs; cut back to what it holds now before each fill */
    mpq_ptr quantity;     /* entry->quantity */
} rk_filling;
/* All together and shared out, or one by one. */
RK_MUST_CHECK rk_status rk_account_book_filled(rk_account *account, const rk_filling *filling, rk_entry *entry,
                                               rk_error *err);

/* What is paid in month entry->m and used up by prepaid entries of other months: same sharing, same rounding. */
RK_MUST_CHECK rk_status rk_account_pay(rk_account *account, const rk_entry *entry, rk_error *err);
RK_MUST_CHECK rk_status rk_account_pay_one(rk_account *account, const rk_entry *entry, uint32_t s, rk_error *err);
/* What was paid before the plan for prepaid entries in it: its book value on the first day; entry->m is 0. */
RK_MUST_CHECK rk_status rk_account_carry(rk_account *account, const rk_entry *entry, rk_error *err);

/* parts[n_services] of total by the element's target and sharing, adding up to it; an element of each: total to all. */
RK_MUST_CHECK rk_status rk_account_share(const rk_account *account, const rk_element *element, uint32_t m,
                                         int64_t total, int64_t *parts, rk_error *err);

/* Figures for `inputs`; those that are not set are left out. */
void rk_account_input(rk_account *account, rk_vec *inputs, const char *name, const rk_number *number, const char *unit);
/* A figure of a price book that is no money (kW, months), with its unit. */
void rk_account_input_book(rk_account *account, rk_vec *inputs, const char *name, const rk_number *number,
                           const char *unit, const rk_price *price);
/* Money of a price book, per unit ("" = a sum). */
void rk_account_input_price(rk_account *account, rk_vec *inputs, const char *name, const rk_number *number,
                            const char *unit, const rk_price *price);
void rk_account_input_text(rk_account *account, rk_vec *inputs, const char *name, const char *value, const char *unit,
                           const char *from);
void rk_account_input_exchange(rk_account *account, rk_vec *inputs, const rk_price *price); /* when there is one */
/* number in the price's currency -> exact in the plan's; adds the exchange rate to the inputs. */
void rk_account_convert(rk_account *account, rk_vec *inputs, const rk_price *price, mpq_t value);
/* A formatted text, or what text holds (it is released), that lives as long as the ledger. */
const char *rk_account_words(rk_account *account, const char *fmt, ...) RK_PRINTF(2, 3);
const char *rk_account_keep(rk_account *account, rk_text *text);

/* Pay of one person for one month, exact, in the plan's currency; words like "(9500 x 1.32 + 120)". */
void rk_account_person(rk_account *account, rk_vec *inputs, const rk_price *person, mpq_t out, const char **words);

/* fleet.c: machines of every service. */
RK_MUST_CHECK rk_status rk_account_fleets(rk_account *account, rk_error *err);
/* unit.c: what unit costs are made of, once all lines are booked. */
RK_MUST_CHECK rk_status rk_account_units(rk_account *account, rk_error *err);
/* Price of the machine time of one request at the planned utilisation, on demand or else reserved; of a
 * mixed fleet on the kind that does it cheapest; 0 without a fleet. */
void rk_account_machine_time(const rk_plan *plan, const rk_service *service, mpq_t out);

#endif
