/* match.h - which element of a plan a line of a bill belongs to: the rules under the plan's key 'bill'.
 *
 * Rules are tried in the order in which they are written; the first whose patterns all fit takes the line.
 */
#ifndef RECKON_COST_MATCH_H
#define RECKON_COST_MATCH_H

#include "bill/bill.h"
#include "cost/plan.h"

typedef enum { RK_QUANTITY_PRICING, RK_QUANTITY_CONSUMED, RK_QUANTITY_NONE } rk_match_quantity;

typedef struct {
    const char *key, *pattern;
} rk_match_tag;

enum { RK_MATCH_N_PATTERNS = 9 };

typedef struct {
    const char *element; /* of lines of the ledger */
    const char *service; /* NULL: of all services together */
    rk_place at;
    int quantity;                             /* rk_match_quantity */
    rk_number units_each;                     /* units of the plan in one of the bill; not set = 1 */
    const char *pattern[RK_MATCH_N_PATTERNS]; /* by rk_match_columns; NULL = anything */
    const rk_match_tag *tags;                 /* [n_tags] */
    uint32_t n_tags;
} rk_match_rule;

struct rk_matching {
    rk_focus_column cost;
    const rk_match_rule *rules; /* [n_rules] */
    uint32_t n_rules;
};

/* The columns that the patterns of a rule look at. */
extern const rk_focus_column rk_match_columns[RK_MATCH_N_PATTERNS];

/* Reads the map of the key 'bill' into plan->matching. */
RK_MUST_CHECK rk_status rk_match_read(rk_plan *plan, const rk_yaml_node *map, rk_error *err);

/* The first rule that fits; NULL when none does. */
const rk_match_rule *rk_match_find(const struct rk_matching *matching, const rk_bill *bill, const rk_bill_row *row);

/* '*' is any text, '?' any one byte; all else itself. */
bool rk_match_glob(const char *pattern, rk_slice text);

extern const rk_key_table rk_match_tables[];
extern const size_t rk_n_match_tables;

#endif
