/* mix_cbc.c - the same integer program put to COIN-OR's Cbc, where it is built in and the own search gave up.
 *
 * Hours are bundled, largest needs first, so that the program stays small; a bundle needs what its largest hour needs.
 * Only the reserved numbers are taken: the hours on demand are solved exactly for any of them. One thread and a fixed
 * number of nodes, no clock, so that the answer is always the same.
 */
#define COIN_BIG_INDEX 0 /* its headers ask for it by #if */
#include <Cbc_C_Interface.h>
#include <math.h>
#include <stdlib.h>

#include "cost/mix.h"

enum { BUNDLES_MAX = 96 };

typedef struct {
    double need, hours;
} bundle;

/* Columns: reserved of every kind, then on demand of every kind bundle by bundle. Rows: two for each bundle. */
typedef struct {
    const rk_mix_problem *problem;
    bundle bundles[BUNDLES_MAX];
    int n_bundles, n_columns, n_rows;
    int *start, *row;
    double *value, *low, *high, *price, *row_low, *row_high;
    void *block;
} program;

static void bundle_hours(program *p)
{
    const rk_mix_problem *problem = p->problem;
    size_t each = problem->n_hours / BUNDLES_MAX + 1;
    for (size_t i = 0; i < problem->n_hours; i++) {
        if (i % each == 0) {
            p->bundles[p->n_bundles++] = (bundle){(double)problem->hour[i].need, 0};
        }
        p->bundles[p->n_bundles - 1].hours += (double)problem->hour[i].hours;
    }
}

static bool allocate(program *p)
{
    int kinds = (int)p->problem->n_kinds;
    p->n_columns = kinds * (1 + p->n_bundles);
    p->n_rows = 2 * p->n_bundles;
    size_t entries = (size_t)kinds * 4 * (size_t)p->n_bundles, columns = (size_t)p->n_columns, rows = (size_t)p->n_rows;
    double *at = calloc(entries + 3 * columns + 2 * rows + entries + columns + 1, sizeof *at);
    p->block = at;
    if (!at) {
        return false;
    }
    p->value = at;
    p->low = p->value + entries;
    p->high = p->low + columns;
    p->price = p->high + columns;
    p->row_low = p->price + columns;
    p->row_high = p->row_low + rows;
    p->row = (int *)(void *)(p->row_high + rows);
    p->start = p->row + entries;
    return true;
}

/* Sizes are counted in those of the first kind. */
static void add_column(program *p, int column, uint32_t k, int first, int end, double price)
{
    const rk_mix_problem *problem = p->problem;
    double unit = (double)problem->kind[0].size;
    int n = p->start[column];
    for (int b = first; b < end; b++) {
        p->row[n] = 2 * b;
        p->value[n++] = (double)problem->kind[k].size / unit;
        p->row[n] = 2 * b + 1;
        p->value[n++] = 1;
    }
    p->start[column + 1] = n;
    p->high[column] = price < 0 ? 0 : 1e9;
    p->price[column] = price < 0 ? 0 : price;
}

static void fill(program *p)
{
    const rk_mix_problem *problem = p->problem;
    uint32_t kinds = problem->n_kinds;
    double money = 1; /* prices near 1, as solvers like them */
    for (uint32_t k = 0; k < kinds; k++) {
        money = fmax(money, (double)problem->kind[k].on_demand);
    }
    for (uint32_t k = 0; k < kinds; k++) {
        add_column(p, (int)k, k, 0, p->n_bundles,
                   (double)problem->kind[k].reserved * (double)problem->plan_hours / money);
    }
    for (int b = 0; b < p->n_bundles; b++) {
        for (uint32_t k = 0; k < kinds; k++) {
            add_column(p, (int)kinds * (b + 1) + (int)k, k, b, b + 1,
                       (double)problem->kind[k].on_demand * p->bundles[b].hours / money);
        }
        p->row_low[2 * b] = p->bundles[b].need / (double)problem->kind[0].size;
        p->row_high[2 * b] = HUGE_VAL;
        p->row_low[2 * b + 1] = (double)problem->min;
        p->row_high[2 * b + 1] = problem->max == INT64_MAX ? HUGE_VAL : (double)problem->max;
    }
}

static bool solve(const program *p, int64_t *reserved)
{
    Cbc_Model *model = Cbc_newModel();
    if (!model) {
        return false;
    }
    Cbc_loadProblem(model, p->n_columns, p->n_rows, p->start, p->row, p->value, p->low, p->high, p->price, p->row_low,
                    p->row_high);
    for (int c = 0; c < p->n_columns; c++) {
        Cbc_setInteger(model, c);
    }
    Cbc_setParameter(model, "logLevel", "0");
    Cbc_setParameter(model, "threads", "0");
    Cbc_setParameter(model, "maxNodes", "2000");
    Cbc_solve(model);
    const double *solution = Cbc_numberSavedSolutions(model) > 0 ? Cbc_getColSolution(model) : NULL;
    for (uint32_t k = 0; solution && k < p->problem->n_kinds; k++) {
        reserved[k] = (int64_t)llround(solution[k]);
    }
    Cbc_deleteModel(model);
    return solution != NULL;
}

bool rk_mix_cbc(const rk_mix_problem *problem, int64_t *reserved)
{
    program p = {.problem = problem};
    bundle_hours(&p);
    bool found = false;
    if (allocate(&p)) {
        fill(&p);
        found = solve(&p, reserved);
    }
    free(p.block);
    return found;
}
