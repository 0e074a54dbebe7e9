/* budget.h - what may be spent: money for every month, of everything or of one category or product line. */
#ifndef RECKON_COST_BUDGET_H
#define RECKON_COST_BUDGET_H

#include "base/vec.h"
#include "base/yaml.h"
#include "cost/ledger.h"

struct rk_plan;

typedef struct {
    rk_dimension dimension; /* RK_BY_CATEGORY or RK_BY_PRODUCT_LINE; without meaning when name is NULL */
    const char *name;       /* NULL = everything */
    const rk_money *months; /* [n_months] */
    rk_money total;
} rk_budget_row;

struct rk_budget {
    rk_basis basis; /* of what it is held against */
    rk_vec rows;    /* rk_budget_row: everything first where it is given, then categories, then product lines */
};

/* Reads the key 'budget' into plan->budget. A total falls in equal parts, to the millionth, on the months that have no
 * figure of their own. */
RK_MUST_CHECK rk_status rk_budget_read(struct rk_plan *plan, const rk_yaml_node *map, rk_error *err);

extern const rk_key_table rk_budget_tables[];
extern const size_t rk_n_budget_tables;

#endif
