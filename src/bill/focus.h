/* focus.h - FOCUS 1.2, the FinOps Open Cost and Usage Specification: its columns, its rules, and a validator.
 *
 * The rules stand in a table (focus_table.c, made by a script from the specification); checking a file is applying each
 * row of the table to each row of the file. A rule speaks of one column: what its cells must be, and on which rows.
 * All checks but RK_FOCUS_NULL and RK_FOCUS_NOT_NULL pass over nulls; a condition takes a missing column for null.
 */
#ifndef RECKON_BILL_FOCUS_H
#define RECKON_BILL_FOCUS_H

#include "base/run.h"
#include "base/text.h"
#include "bill/bill.h"

typedef enum { RK_FOCUS_TEXT, RK_FOCUS_NUMBER, RK_FOCUS_TIME, RK_FOCUS_MAP } rk_focus_type;

typedef struct {
    const char *name;
    rk_focus_type type;
} rk_focus_column_row;

typedef enum { RK_FOCUS_MUST, RK_FOCUS_SHOULD } rk_focus_level;

typedef enum {
    RK_FOCUS_PRESENT,         /* the column */
    RK_FOCUS_NULL,            /* the cell must be null */
    RK_FOCUS_NOT_NULL,        /* */
    RK_FOCUS_DECIMAL,         /* a number */
    RK_FOCUS_NUMERIC_FORMAT,  /* a number written as FOCUS wants it */
    RK_FOCUS_DATE,            /* a moment */
    RK_FOCUS_DATE_FORMAT,     /* 2026-10-01T00:00:00Z */
    RK_FOCUS_NO_PLACEHOLDER,  /* not blank, not a word that stands for null */
    RK_FOCUS_UNIT_FORMAT,     /* a known unit as FOCUS writes it */
    RK_FOCUS_CURRENCY_FORMAT, /* three capital letters */
    RK_FOCUS_CURRENCY,        /* of ISO 4217 */
    RK_FOCUS_KEY_VALUE,       /* a flat JSON object, no key twice */
    RK_FOCUS_ZERO,            /* 0 */
    RK_FOCUS_NOT_NEGATIVE,    /* */
    RK_FOCUS_ONE_OF,          /* values */
    RK_FOCUS_NONE_OF,         /* values */
    RK_FOCUS_SUBCATEGORY,     /* of the table */
    RK_FOCUS_PAIR,            /* with the category that the table gives it */
    RK_FOCUS_PRODUCT,         /* factor x other = result */
    RK_FOCUS_AFTER,           /* later than other */
    RK_FOCUS_ONE_PARENT,      /* the same value always beside the same value of other */
} rk_focus_kind;

enum { RK_FOCUS_TERMS_MAX = 4 };

/* column is (or is not) one of values, split by '|'; NULL = null. */
typedef struct {
    rk_focus_column column;
    bool is_not, or_next; /* or_next: this or the next term must hold; otherwise both */
    const char *values;
} rk_focus_term;

typedef struct {
    const char *id;
    rk_focus_level level;
    rk_focus_kind check;
    rk_focus_column column, factor, other, result;
    const char *values;
    uint32_t needs; /* PRESENT: required of a provider that supports all of these, 1 << rk_focus_criterion */
    rk_focus_term when[RK_FOCUS_TERMS_MAX];
    unsigned n_when;
} rk_focus_rule;

typedef struct {
    const char *subcategory, *category;
} rk_focus_pair;

extern const rk_focus_column_row rk_focus_columns[]; /* [RK_N_FOCUS_COLUMNS], by name */
extern const char *const rk_focus_criteria[];        /* [RK_N_FOCUS_CRITERIA] */
extern const rk_focus_pair rk_focus_subcategories[];
extern const size_t rk_n_focus_subcategories;
extern const rk_focus_rule rk_focus_rules[];
extern const size_t rk_n_focus_rules;
extern const size_t rk_n_focus_spec_rules; /* all that the specification has */

/* ---- checking a file ---- */

typedef struct {
    uint64_t row, line; /* 0: the file as a whole */
    const char *found, *expected;
} rk_focus_finding;

/* A rule that was broken. */
typedef struct {
    const char *id, *column;
    rk_focus_level level;
    uint64_t n;                    /* how often */
    const rk_focus_finding *first; /* [n_first] */
    size_t n_first;
} rk_focus_broken;

typedef struct {
    size_t n_findings; /* kept of each rule; 0 = 5 */
    uint32_t supports; /* what the provider supports: 1 << rk_focus_criterion; then its columns are required */
} rk_focus_options;

enum { RK_FOCUS_N_SUMS = 4 };
typedef struct {
    const char *column;
    const char *sum;   /* rounded half-even to a millionth; "" when the column is missing */
    const char *exact; /* every place of it */
    uint64_t n_null;
} rk_focus_sum;

typedef struct rk_focus_report rk_focus_report;

/* Reads the whole bill. What is wrong with it as FOCUS is in the report; what is no CSV at all is an error. */
RK_MUST_CHECK rk_status rk_focus_check(rk_bill *bill, const rk_focus_options *options, const rk_run *run,
                                       rk_focus_report **out, rk_error *err);
void rk_focus_report_free(rk_focus_report *report); /* accepts NULL */

/* Borrowed from the report. */
uint64_t rk_focus_report_rows(const rk_focus_report *report);
size_t rk_focus_report_n_columns(const rk_focus_report *report);
size_t rk_focus_report_n_broken(const rk_focus_report *report); /* in the order of the rules */
const rk_focus_broken *rk_focus_report_broken(const rk_focus_report *report, size_t i);
size_t rk_focus_report_n_rules(const rk_focus_report *report); /* that were applied */
const rk_focus_sum *rk_focus_report_sum(const rk_focus_report *report, size_t i);
bool rk_focus_report_conforms(const rk_focus_report *report); /* no MUST is broken */
void rk_focus_report_json(const rk_focus_report *report, rk_text *out);

/* One cell against one check that needs no other cell; NULL = good, or what was expected. */
const char *rk_focus_cell(rk_focus_kind check, const char *values, rk_slice text);

/* "BILLED_COST|..." names to bits; unknown ones are RK_BAD_USAGE naming the nearest; "all". */
RK_MUST_CHECK rk_status rk_focus_criterion_find(const char *name, uint32_t *bits, rk_error *err);

#endif
