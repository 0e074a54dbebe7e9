/* tape_parts.h - what writing down and running share. Private to math/. */
#ifndef RECKON_MATH_TAPE_PARTS_H
#define RECKON_MATH_TAPE_PARTS_H

#include "base/map.h"
#include "base/vec.h"
#include "math/tape.h"

typedef enum {
    RK_TAPE_CONSTANT,
    RK_TAPE_INPUT,
    RK_TAPE_ADD,
    RK_TAPE_SUB,
    RK_TAPE_MUL,
    RK_TAPE_DIV,
    RK_TAPE_MAX,
    RK_TAPE_MIN,
    RK_TAPE_SCALE, /* value x a */
    RK_TAPE_PART,
    RK_TAPE_STAIRS,
} rk_tape_op;

/* How a figure comes about; also its name: equal bytes are the same figure. No padding. */
typedef struct {
    uint32_t op;
    uint32_t a, b, c; /* figures; of an input its column, of stairs their place */
    double value;
} rk_tape_node;
_Static_assert(sizeof(rk_tape_node) == 24, "a node is compared by its bytes");

typedef struct {
    double least, spare, most, level;
    size_t first, n; /* of the tape's steps */
} rk_tape_stairs_row;

/* One operation of a run: columns by number, inputs first, then the room's. */
typedef struct {
    uint32_t op;
    uint32_t out, a, b, c;
    double value;
} rk_tape_action;

enum { RK_TAPE_ACTION_OUTPUT = RK_TAPE_STAIRS + 1 }; /* output `out` += value x a */

struct rk_tape {
    rk_interner *nodes;   /* rk_tape_node, by figure */
    rk_vec stairs;        /* rk_tape_stairs_row */
    rk_vec steps;         /* rk_step; after _finish load is a column */
    rk_vec outputs;       /* output_term, tape.c */
    rk_vec actions;       /* rk_tape_action, in order */
    rk_vec constants;     /* rk_tape_action: columns of the room that never change */
    uint32_t n_inputs, n_columns, n_outputs;
    bool failed;
};

#endif
