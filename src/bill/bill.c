/* bill.c - see bill.h: a strict CSV whose columns are those of FOCUS. */
#include "bill/bill.h"

#include <stdlib.h>

#include "bill/focus.h"
#include "data/csv.h"

struct rk_bill {
    rk_csv *csv;
    rk_bill_cell *cells; /* [n_columns] */
    int found[RK_N_FOCUS_COLUMNS];
    rk_bill_row current;
};

/* Takes the CSV, in any case. */
static rk_status start(rk_csv *csv, rk_bill **out, rk_error *err)
{
    rk_bill *bill = calloc(1, sizeof *bill);
    rk_bill_cell *cells = calloc(rk_csv_n_columns(csv), sizeof *cells);
    if (!bill || !cells) {
        free(bill);
        free(cells);
        rk_csv_close(csv);
        return rk_fail_memory(err, "a bill");
    }
    bill->csv = csv;
    bill->cells = cells;
    for (int c = 0; c < RK_N_FOCUS_COLUMNS; c++) {
        bill->found[c] = rk_csv_find(csv, rk_focus_columns[c].name);
    }
    *out = bill;
    return RK_OK;
}

rk_status rk_bill_open(const char *path, rk_bill **out, rk_error *err)
{
    rk_csv *csv = NULL;
    rk_status status = rk_csv_open(path, &csv, err);
    return status ? status : start(csv, out, err);
}

rk_status rk_bill_open_text(rk_slice text, const char *name, rk_bill **out, rk_error *err)
{
    rk_csv *csv = NULL;
    rk_status status = rk_csv_open_text(text, name, ',', &csv, err);
    return status ? status : start(csv, out, err);
}

void rk_bill_close(rk_bill *bill)
{
    if (bill) {
        rk_csv_close(bill->csv);
        free(bill->cells);
        free(bill);
    }
}

const char *rk_bill_name(const rk_bill *bill) { return rk_csv_name(bill->csv); }
size_t rk_bill_n_columns(const rk_bill *bill) { return rk_csv_n_columns(bill->csv); }
rk_slice rk_bill_column(const rk_bill *bill, size_t i) { return rk_csv_column(bill->csv, i); }
int rk_bill_find(const rk_bill *bill, rk_focus_column column) { return bill->found[column]; }

rk_bill_cell rk_bill_cell_of(const rk_bill *bill, const rk_bill_row *row, rk_focus_column column)
{
    int i = bill->found[column];
    return i < 0 ? (rk_bill_cell){.is_null = true} : row->cells[i];
}

static rk_bill_cell cell_of(rk_csv_cell cell)
{
    rk_slice text = cell.text;
    bool is_null = !cell.is_quoted && (text.n == 0 || rk_slice_is(text, "NULL") || rk_slice_is(text, "null"));
    text.n = is_null ? 0 : text.n;
    return (rk_bill_cell){text, is_null};
}

rk_status rk_bill_next(rk_bill *bill, const rk_bill_row **out, rk_error *err)
{
    const rk_csv_row *row = NULL;
    rk_status status = rk_csv_next(bill->csv, &row, err);
    *out = NULL;
    if (status || !row) {
        return status;
    }
    for (size_t i = 0; i < rk_csv_n_columns(bill->csv); i++) {
        bill->cells[i] = cell_of(row->cells[i]);
    }
    bill->current = (rk_bill_row){row->row, row->line, bill->cells};
    *out = &bill->current;
    return RK_OK;
}
