/* yaml.h - strict YAML for files that people write: a tree with places, read by a table.
 *
 * The tree refuses what hides mistakes: duplicate keys, aliases and anchors, tags, several documents, deep nesting,
 * big files. Reading by a table refuses unknown keys (naming the nearest known one), wrong types, numbers out of
 * range and missing keys; every refusal is "path:line:column: what, expected ..., got '...'".
 */
#ifndef RECKON_BASE_YAML_H
#define RECKON_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/text.h"

enum { RK_YAML_BYTES_MAX = 8 << 20, RK_YAML_NODES_MAX = 400000, RK_YAML_DEPTH_MAX = 24 };

typedef enum { RK_YAML_SCALAR, RK_YAML_LIST, RK_YAML_MAP } rk_yaml_kind;

typedef struct rk_yaml rk_yaml;
typedef struct rk_yaml_node rk_yaml_node;

/* Borrowed from the rk_yaml. Walk with: for (c = node->first; c; c = c->next). */
struct rk_yaml_node {
    rk_yaml_kind kind;
    bool is_plain;           /* a scalar without quotes: may be a number */
    uint32_t n;              /* children */
    const char *text;        /* scalar, NUL-terminated (it has no NUL inside); NULL otherwise */
    const rk_yaml_node *key; /* of this child in its map; NULL elsewhere */
    rk_yaml_node *first, *next;
    struct rk_uncertain *uncertain; /* of a map with the key 'point'; NULL otherwise */
    rk_place at;                    /* path, line, column; path borrowed from the rk_yaml */
};

/* The whole document of a file, or of text with a name for messages. Owned by the caller; end with rk_yaml_free. */
RK_MUST_CHECK rk_status rk_yaml_read(const char *path, rk_yaml **out, rk_error *err);
RK_MUST_CHECK rk_status rk_yaml_parse(rk_slice text, const char *name, rk_yaml **out, rk_error *err);
void rk_yaml_free(rk_yaml *yaml); /* accepts NULL */
const rk_yaml_node *rk_yaml_root(const rk_yaml *yaml);
/* The value of key in a map, or NULL. */
const rk_yaml_node *rk_yaml_find(const rk_yaml_node *map, const char *key);
/* As text that reads back as the same tree, comments aside; appended to out. */
void rk_yaml_print(const rk_yaml_node *root, rk_text *out);
/* "a number", "a list", "the text 'x'": what a node is, for messages; into out. */
const char *rk_yaml_describe(const rk_yaml_node *node, char *out, size_t out_bytes);

/* ---- changes ---- */
/* Makes one change, written "services.search.fleet.machine=c7g.xlarge": the value, itself YAML, replaces what stands at
 * the path or is added to its map; without a value the key is removed. An item of a list is meant by its 'name' or its
 * place, from 0; '+' is one more at its end. A key may hold dots: the longest that fits is taken. Errors name the part of the path that is not
 * there, and the nearest one that is. Nodes that were replaced stay valid. */
RK_MUST_CHECK rk_status rk_yaml_change(rk_yaml *yaml, const char *change, rk_error *err);
/* The path that rk_yaml_change would take to a node of the tree, appended to out; false when it is not in the tree. */
bool rk_yaml_path(const rk_yaml *yaml, const rk_yaml_node *node, rk_text *out);

/* ---- values with their place ---- */
/* A number of which more is known than a point: {point: 0.03, triangular: [0.01, 0.03, 0.08]}. The row that read it
 * leaves its range here; what the law means is for whoever draws. */
typedef struct rk_uncertain {
    const rk_yaml_node *node, *law; /* the map, and its other child: the key is the law's name; NULL = none */
    double min, max;                /* the range of the key, inclusive */
    bool above;                     /* min itself is not allowed */
    bool is_read;                   /* false: nobody read this map as a number */
    uint32_t index;                 /* for whoever numbers them */
} rk_uncertain;
size_t rk_yaml_n_uncertain(const rk_yaml *yaml);
rk_uncertain *rk_yaml_uncertain(const rk_yaml *yaml, size_t i); /* borrowed; in order of their places */

typedef struct {
    rk_decimal value; /* of an uncertain number its point */
    bool is_set;
    const rk_uncertain *uncertain; /* NULL = as sure as written */
    rk_place at;
} rk_number;

/* Months count from January of year 0: year * 12 + month - 1. Days as base/clock.h. */
typedef struct {
    int32_t value;
    bool is_set;
    rk_place at;
} rk_when;

/* ---- reading by a table ---- */
typedef enum {
    RK_KEY_TEXT,   /* const char *, not empty */
    RK_KEY_NUMBER, /* rk_number */
    RK_KEY_COUNT,  /* rk_number that is whole */
    RK_KEY_MONTH,  /* rk_when, "2026-10" */
    RK_KEY_DATE,   /* rk_when, "2026-10-31" */
    RK_KEY_CHOICE, /* int, index into choices; -1 when absent */
    RK_KEY_NODE,   /* const rk_yaml_node *: anything, read by the caller */
    RK_KEY_LIST,   /* const rk_yaml_node *, a list */
    RK_KEY_MAP,    /* const rk_yaml_node *, a map */
    RK_KEY_LATER,  /* known to the method, not built yet: refused by name */
} rk_key_kind;

typedef struct {
    const char *name;
    rk_key_kind kind;
    size_t field; /* offsetof in the struct that is filled */
    bool required;
    bool above;          /* min itself is not allowed */
    bool certain;        /* a number that cannot be an uncertain one */
    double min, max;     /* numbers, inclusive; max 0 with min 0 = any number >= 0 */
    const char *choices; /* CHOICE: "a|b" */
    const char *help;    /* one line for the docs; units named */
} rk_key;

/* A table with its name, for the docs and their test. */
typedef struct {
    const char *name;
    const rk_key *keys;
    size_t n_keys;
} rk_key_table;

/* Fills the struct behind `into` from a map. what: "service 'search'", for messages. Texts and nodes are borrowed from
 * the yaml. The struct must be zeroed before. */
RK_MUST_CHECK rk_status rk_yaml_fill(const rk_yaml_node *map, const char *what, const rk_key *keys, size_t n_keys,
                                     void *into, rk_error *err);
/* One scalar, by a row of a table. */
RK_MUST_CHECK rk_status rk_yaml_number(const rk_yaml_node *node, const rk_key *key, rk_number *out, rk_error *err);
RK_MUST_CHECK rk_status rk_yaml_month(const rk_yaml_node *node, rk_when *out, rk_error *err);
RK_MUST_CHECK rk_status rk_yaml_date(const rk_yaml_node *node, rk_when *out, rk_error *err);
RK_MUST_CHECK rk_status rk_yaml_text(const rk_yaml_node *node, const char *what, const char **out, rk_error *err);

#endif
