/* ledger.h - every cost as a line; statements, unit costs and charts are sums of lines.
 *
 * A line's amount is rounded once, half-even, to a millionth of the currency; views only add, so by category = by
 * layer = by product line = by month = total, exactly. Lines come in a fixed order: fleets service by service, then
 * elements as written, those shared by direct cost behind the others; inside each by month, then part, then service. The same plan gives the same ids.
 */
#ifndef RECKON_COST_LEDGER_H
#define RECKON_COST_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/run.h"
#include "base/vec.h"
#include "math/money.h"

typedef enum { RK_HARDWARE, RK_SOFTWARE, RK_DATA, RK_LABOUR, RK_OPERATIONS, RK_N_CATEGORIES } rk_category;
typedef enum { RK_LAYER_DATA, RK_LAYER_MODEL, RK_LAYER_SERVICE, RK_LAYER_APPLICATION, RK_N_LAYERS } rk_layer;
typedef enum { RK_FIXED, RK_STEP, RK_VARIABLE } rk_behaviour;
typedef enum { RK_MEASURED, RK_PRICED, RK_ASSUMED, RK_BILLED } rk_origin;
typedef enum { RK_OPEX, RK_CAPEX } rk_spend;   /* running expense; something bought for longer, or the wear of it */
typedef enum { RK_ACCRUAL, RK_CASH } rk_basis; /* what a month uses up; what is paid in it */

enum { RK_MONTHS_MAX = 240 }; /* of a plan */
#define RK_ALL_MONTHS UINT32_MAX

const char *rk_category_name(rk_category category);
const char *rk_layer_name(rk_layer layer);
const char *rk_behaviour_name(rk_behaviour behaviour);
const char *rk_origin_name(rk_origin origin);
const char *rk_spend_name(rk_spend spend);
const char *rk_basis_name(rk_basis basis);

/* One figure that went into a line, and where it stands written. */
typedef struct {
    const char *name, *value; /* "utilisation", "0.6" */
    const char *unit;         /* "" for a pure number */
    const char *from;         /* "plan.yaml:29", "prices.yaml:14, c7i.xlarge, list prices ..., valid from 2026-07-20" */
} rk_cost_input;

typedef struct {
    const char *id;   /* "2026-10/event-log/recommend" */
    uint32_t month;   /* 0 = first of the plan */
    uint32_t service; /* index in the plan */
    const char *element, *service_name, *product_line;
    uint32_t ordinal;  /* of the element of the plan that made it, 1 = the first; 0 = a fleet */
    const char *cause; /* the element of the plan that made it: "training server" of "training server energy" */
    rk_category category;
    rk_layer layer;
    rk_behaviour behaviour;
    rk_spend spend;
    bool is_cash;            /* paid in its month; otherwise a payment of another month stands for the line */
    bool is_training;        /* of training runs, `runs_micros` of them, in millionths */
    rk_origin origin;        /* of the quantity */
    const char *driver;      /* what was used: "c7i.xlarge", "storage.ssd", "sre" */
    int64_t quantity_micros; /* millionths of unit; of a shared line: this service's part */
    const char *unit;        /* "machine-hour" */
    const char *unit_price;  /* exact, in the plan's currency: "0.118", "3125/3" */
    const char *formula;     /* one line, checkable by hand */
    bool is_shared;          /* a part of an element that services share; a fleet's part by its work is direct */
    bool is_fleet;           /* of the machines that answer; no element of the plan made it */
    double share;            /* this service's part of the element, 1 on direct lines */
    int64_t runs_micros;
    rk_money amount;
    const rk_cost_input *inputs; /* [n_inputs] */
    uint32_t n_inputs;
} rk_cost_line;

typedef struct {
    int64_t paid_micros, idle_micros; /* machine-hours */
} rk_kind_hours;

/* Machines of one service in one month; of a shared fleet, and of its hours the service's part. */
typedef struct {
    int64_t requests_micros;    /* millionths of a request, demanded */
    int64_t shortfall_micros;   /* of these beyond the fleet's max */
    int64_t paid_hours_micros;  /* machine-hours */
    int64_t idle_hours_micros;  /* paid and not used */
    int64_t n_machines_max;     /* most at one time; of a shared fleet for all its services */
    int64_t response_gb_micros; /* GB answered, in millionths; 0 when response_bytes is unknown */
    const rk_kind_hours *by_kind; /* [kinds of a mixed fleet], together the hours above; NULL = of one kind */
} rk_fleet_month;

typedef struct {
    const char *name, *product_line;
    const char *machine; /* NULL without a fleet */
    double capacity_rps; /* of one machine inside the SLO; 0 without */
    rk_origin capacity_origin;
    const char *capacity_words; /* how it was found */
    int64_t n_reserved;
    const rk_fleet_month *months; /* [n_months] */
} rk_cost_service;

/* What one machine of a fleet does for one of its services. */
typedef struct {
    const char *machine, *service;
    double rps;
    rk_origin origin;
    const char *words; /* how it was found */
} rk_fleet_capacity;

/* Machines on which one service runs, or several. */
typedef struct {
    const char *name; /* of the service, or of the shared fleet */
    bool is_shared;
    uint32_t n_services, n_kinds;
    const uint32_t *service;           /* [n_services] indices in the plan */
    const double *peak_rps;            /* [n_services] most requests/s in any hour */
    const char *const *machine;        /* [n_kinds] */
    const int64_t *n_reserved;         /* [n_kinds] */
    const rk_fleet_capacity *capacity; /* [n_services x n_kinds] */
    double utilisation;                /* planned with */
    const rk_fleet_month *months;      /* [n_months] of all its services together */
    rk_money cost;                     /* of its lines */
    rk_money all_on_demand;            /* what it would cost without reserved machines */
    bool has_all_on_demand;            /* false: not all of its machines are sold so */
    double bound;   /* mixed: no mix costs less, in the plan's currency, by the linear relaxation */
    bool is_proven; /* mixed: none is cheaper; false: the search gave up before it knew */
} rk_cost_fleet;

typedef struct rk_ledger rk_ledger;

/* A plan, and what is changed in it before it is read: the same plan under another condition. */
typedef struct {
    const char *path;           /* of the file; named in messages, and the base of its relative paths */
    rk_slice text;              /* at not NULL: read instead of the file */
    const char *const *changes; /* [n_changes] as rk_yaml_change takes them, made in this order */
    size_t n_changes;
} rk_plan_source;

/* Reads the plan, its price books and profiles, and accounts for it. *out is the caller's; end with rk_ledger_free. */
RK_MUST_CHECK rk_status rk_cost_run(const rk_plan_source *source, const rk_run *run, rk_ledger **out, rk_error *err);
void rk_ledger_free(rk_ledger *ledger); /* accepts NULL */

/* Everything below is borrowed from the ledger. */
const char *rk_ledger_name(const rk_ledger *ledger);     /* of the plan */
const char *rk_ledger_currency(const rk_ledger *ledger); /* "USD" */
uint32_t rk_ledger_n_months(const rk_ledger *ledger);
const char *rk_ledger_month(const rk_ledger *ledger, uint32_t month); /* "2026-10" */
size_t rk_ledger_n_lines(const rk_ledger *ledger);
const rk_cost_line *rk_ledger_line(const rk_ledger *ledger, size_t i);
/* What is paid and not used up in the same month: purchases, sums that are spread, upfronts. Their ids have "paid". */
size_t rk_ledger_n_payments(const rk_ledger *ledger);
const rk_cost_line *rk_ledger_payment(const rk_ledger *ledger, size_t i);
const rk_cost_line *rk_ledger_find(const rk_ledger *ledger, const char *id); /* line or payment; NULL when absent */
/* The same, or an error that names the nearest id. */
RK_MUST_CHECK rk_status rk_ledger_need(const rk_ledger *ledger, const char *id, const rk_cost_line **out,
                                       rk_error *err);
/* What a view on a basis sums: entry i of rk_ledger_n_entries, or NULL where that line is not of the basis. */
size_t rk_ledger_n_entries(const rk_ledger *ledger, rk_basis basis);
const rk_cost_line *rk_ledger_entry(const rk_ledger *ledger, rk_basis basis, size_t i);
uint32_t rk_ledger_n_services(const rk_ledger *ledger);
const rk_cost_service *rk_ledger_service(const rk_ledger *ledger, uint32_t i);
int64_t rk_ledger_month_hours(const rk_ledger *ledger, uint32_t month);
size_t rk_ledger_n_fleets(const rk_ledger *ledger); /* in order of their first services */
const rk_cost_fleet *rk_ledger_fleet(const rk_ledger *ledger, size_t i);
size_t rk_ledger_n_notes(const rk_ledger *ledger); /* warnings: what a reader must know before trusting the total */
const char *rk_ledger_note(const rk_ledger *ledger, size_t i);

/* ---- views ---- */
typedef enum {
    RK_BY_CATEGORY,
    RK_BY_LAYER,
    RK_BY_PRODUCT_LINE,
    RK_BY_MONTH,
    RK_BY_YEAR,
    RK_BY_SERVICE,
    RK_BY_ELEMENT,
    RK_BY_ORIGIN,
    RK_BY_BEHAVIOUR,
    RK_BY_SPEND,
    RK_N_DIMENSIONS
} rk_dimension;
const char *rk_dimension_name(rk_dimension dimension);  /* "product_line" */
const char *rk_dimension_words(rk_dimension dimension); /* "product line" */
/* "service,month", each one of the names; an error names the nearest. */
RK_MUST_CHECK rk_status rk_dimensions_parse(const char *words, rk_dimension *rows, rk_dimension *columns,
                                            rk_error *err);

/* Sums of lines in a grid, rows and columns in order of first appearance (months and services: as planned). On a cash
 * basis: of the lines that are paid in their month, and of the payments. */
typedef struct {
    uint32_t n_rows, n_columns;
    const char **row, **column; /* names */
    rk_money *cell;             /* [n_rows x n_columns] */
    rk_money *row_sum, *column_sum, total;
} rk_view;
RK_MUST_CHECK rk_status rk_ledger_view(const rk_ledger *ledger, rk_basis basis, rk_dimension rows,
                                       rk_dimension columns, rk_view *out, rk_error *err);
void rk_view_release(rk_view *view);
rk_money rk_ledger_total(const rk_ledger *ledger);
rk_money rk_ledger_cash(const rk_ledger *ledger); /* all that is paid within the plan */

/* What an element has on the books: opening + paid - used_up = closing, exactly. Over all of them
 *   total + closing - opening = cash
 * A closing value is what is left of the lines' rounded amounts: within half a millionth a line of the exact one. */
typedef struct {
    const char *element; /* as the plan calls it */
    rk_money opening;    /* on the first day of the plan: bought or paid before, and not used up yet */
    rk_money paid;       /* within the plan, for more than its month */
    rk_money used_up;    /* lines that are not cash: depreciation, parts of a spread sum */
    rk_money closing;
} rk_book_row;
/* Into out, of rk_book_row, in order of the plan; the caller releases it. */
RK_MUST_CHECK rk_status rk_ledger_books(const rk_ledger *ledger, rk_vec *out, rk_error *err);

/* The plan held against its budget: rows as the plan has them, everything first. */
typedef struct {
    rk_basis basis;
    rk_dimension dimension; /* of the name */
    const char *name;       /* a category or a product line; NULL = everything */
    const rk_money *budget; /* [n_months] */
    rk_money planned[RK_MONTHS_MAX];
    rk_money budget_total, planned_total;
} rk_budget_view;
size_t rk_ledger_n_budgets(const rk_ledger *ledger); /* 0 without a budget */
RK_MUST_CHECK rk_status rk_ledger_budget(const rk_ledger *ledger, size_t i, rk_budget_view *out, rk_error *err);

/* ---- for machines: appended to out; report/statement.h is for people ---- */
void rk_ledger_json(const rk_ledger *ledger, rk_text *out); /* one line, keys as docs/cost.md says */
/* One view: {"basis": ..., "rows": "service", "columns": "month", "total": ..., "cells": {row: {column: millionths}}} */
void rk_ledger_view_json(const rk_ledger *ledger, rk_basis basis, rk_dimension rows, rk_dimension columns,
                         rk_text *out);
void rk_ledger_csv(const rk_ledger *ledger, rk_text *out);  /* one row a line, every field */
void rk_ledger_capacity_json(const rk_ledger *ledger, rk_text *out);
void rk_ledger_unit_json(const rk_ledger *ledger, rk_text *out);
void rk_cost_line_json(const rk_ledger *ledger, const rk_cost_line *line, rk_text *out);

#endif
