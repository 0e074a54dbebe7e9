/* books.c - what stands on the books: opening + paid - used up = closing, element by element. */
#include "base/map.h"
#include "cost/ledger_parts.h"

static rk_book_row *row_of(rk_interner *names, const char *element, rk_vec *rows)
{
    uint32_t id = rk_interner_add(names, rk_slice_of(element));
    if (id == RK_NO_ID || (id == rows->n && !rk_vec_push(rows, &(rk_book_row){.element = element}))) {
        return NULL;
    }
    return (rk_book_row *)rows->data + id;
}

/* Adds the amounts of those lines of a list that are cash, or are not, to one field of the rows. */
static bool add_list(const rk_vec *list, bool is_cash, size_t field, rk_interner *names, rk_vec *rows)
{
    const rk_cost_line *lines = list->data;
    for (size_t i = 0; i < list->n; i++) {
        if (lines[i].is_cash != is_cash) {
            continue;
        }
        rk_book_row *row = row_of(names, lines[i].cause, rows);
        if (!row) {
            return false;
        }
        ((rk_money *)(void *)((char *)row + field))->micros += lines[i].amount.micros;
    }
    return true;
}

rk_status rk_ledger_books(const rk_ledger *ledger, rk_vec *out, rk_error *err)
{
    rk_vec rows = {.item_bytes = sizeof(rk_book_row)};
    rk_interner *names = rk_interner_new();
    bool ok = names != NULL;
    for (uint32_t e = 0; ok && e < ledger->plan->n_elements; e++) /* in the plan's order, empty rows fall out below */ {
        ok = row_of(names, ledger->plan->elements[e].name, &rows) != NULL;
    }
    ok = ok && add_list(&ledger->carried, false, offsetof(rk_book_row, opening), names, &rows) &&
         add_list(&ledger->paid, true, offsetof(rk_book_row, paid), names, &rows) &&
         add_list(&ledger->lines, false, offsetof(rk_book_row, used_up), names, &rows);
    rk_interner_free(names);
    size_t n = 0;
    rk_book_row *row = rows.data;
    for (size_t i = 0; ok && i < rows.n; i++) {
        row[i].closing.micros = row[i].opening.micros + row[i].paid.micros - row[i].used_up.micros;
        if (row[i].opening.micros || row[i].paid.micros || row[i].used_up.micros) {
            row[n++] = row[i];
        }
    }
    rows.n = n;
    if (ok) {
        *out = rows;
    } else {
        rk_vec_release(&rows);
    }
    return ok ? RK_OK : rk_fail_memory(err, "the books of a ledger");
}
