/* clean.c - the table of cleaning rules. */
#include "data/clean.h"

#include <string.h>

static const struct {
    const char *name, *words;
    bool is_default;
} rules[RK_N_CLEAN_RULES] = {
    [RK_RULE_RAGGED] = {"ragged", "fewer or more cells than columns", true},
    [RK_RULE_NO_USER] = {"missing-user", "no user", true},
    [RK_RULE_NO_ITEM] = {"missing-item", "no item", true},
    [RK_RULE_BAD_TIME] = {"bad-time", "not a date, or outside the time asked for", true},
    [RK_RULE_BAD_NUMBER] = {"bad-number", "value, quantity or price is not a number", true},
    [RK_RULE_DUPLICATE] = {"duplicate", "every byte as in an earlier row", true},
    [RK_RULE_CANCELLED] = {"cancelled", "the document number begins with C", true},
    [RK_RULE_NEGATIVE] = {"negative", "quantity below zero", true},
    [RK_RULE_NO_PRICE] = {"no-price", "price zero or below", true},
    [RK_RULE_NO_TITLE] = {"missing-title", "no title", false},
    [RK_RULE_DROPPED_ITEM] = {"dropped-item", "item named by --drop-items", true},
    [RK_RULE_UNKNOWN] = {"unknown", "user or item unknown to --like", true},
    [RK_RULE_ROBOT] = {"robot", "user with far more rows than others", true},
    [RK_RULE_CORE] = {"core", "user or item with too few partners", true},
};

const char *rk_clean_rule_name(rk_clean_rule rule) { return rules[rule].name; }
const char *rk_clean_rule_words(rk_clean_rule rule) { return rules[rule].words; }
bool rk_clean_rule_default(rk_clean_rule rule) { return rules[rule].is_default; }

rk_clean_rule rk_clean_rule_find(const char *name)
{
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        if (strcmp(rules[rule].name, name) == 0) {
            return (rk_clean_rule)rule;
        }
    }
    return RK_N_CLEAN_RULES;
}
