/* clean.h - the cleaning rules: one row each in clean.c, all switchable, each counted, each with examples.
 *
 * A row that is dropped is taken by the first rule, in the order below, that is on and that it meets (n_taken).
 * n_matches counts the rows of the whole input that meet the rule, whatever took them and whether it is on or not; only
 * the last two rules look at what the others leave, and match what they take.
 */
#ifndef RECKON_DATA_CLEAN_H
#define RECKON_DATA_CLEAN_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they take rows. */
typedef enum {
    RK_RULE_RAGGED,       /* fewer or more cells than columns */
    RK_RULE_NO_USER,      /* the user cell is empty */
    RK_RULE_NO_ITEM,      /* the item cell is empty */
    RK_RULE_BAD_TIME,     /* not a date, before --from, after --to or in the future */
    RK_RULE_BAD_NUMBER,   /* value, quantity or price is not a number */
    RK_RULE_DUPLICATE,    /* every byte as in an earlier row */
    RK_RULE_CANCELLED,    /* the document number begins with C */
    RK_RULE_NEGATIVE,     /* quantity below zero */
    RK_RULE_NO_PRICE,     /* price zero or below */
    RK_RULE_NO_TITLE,     /* the title cell is empty */
    RK_RULE_DROPPED_ITEM, /* item matches --drop-items */
    RK_RULE_UNKNOWN,      /* user or item unknown to --like */
    RK_RULE_ROBOT,        /* a user with far more rows than the others: see robot_deviations */
    RK_RULE_CORE,         /* a user or item with too few partners (k-core) */
    RK_N_CLEAN_RULES
} rk_clean_rule;

/* AUTO: as the rule's own default says, which may depend on the log. */
typedef enum { RK_RULE_AUTO, RK_RULE_ON, RK_RULE_OFF } rk_rule_mode;

typedef struct {
    rk_rule_mode mode[RK_N_CLEAN_RULES];
    const char *drop_items;     /* shell-style patterns, comma between: "POST,DOT,gift_*"; NULL = none */
    int64_t from_time, to_time; /* seconds; to_time 0 = a day from now */
    /* A user is a robot when the logarithm of its number of rows lies more than so many robust standard deviations
     * (1.4826 x median distance from the median, at least 0.5) above the median user's, and it has at least
     * RK_ROBOT_ROWS_MIN rows. 0 = off. */
    double robot_deviations;
    uint64_t min_user, min_item; /* distinct partners each must keep; 1 = off */
} rk_clean_options;

/* What the rule is called in options and reports ("missing-user"), and what it means in a line. */
const char *rk_clean_rule_name(rk_clean_rule rule);
const char *rk_clean_rule_words(rk_clean_rule rule);
/* Whether a rule is on unless the user says otherwise. */
bool rk_clean_rule_default(rk_clean_rule rule);
/* The rule of that name, or RK_N_CLEAN_RULES. */
rk_clean_rule rk_clean_rule_find(const char *name);

enum { RK_ROBOT_ROWS_MIN = 1000 };

enum { RK_CLEAN_EXAMPLES = 3, RK_CLEAN_EXAMPLE_BYTES = 160 };

typedef struct {
    const char *path; /* borrowed from the options */
    uint64_t line;
    char text[RK_CLEAN_EXAMPLE_BYTES]; /* the row, cut */
} rk_clean_example;

typedef struct {
    bool is_on;
    uint64_t n_matches, n_taken;
    unsigned n_examples;
    rk_clean_example examples[RK_CLEAN_EXAMPLES];
} rk_clean_count;

#endif
