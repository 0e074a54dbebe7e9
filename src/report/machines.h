/* machines.h - machines found in price books, as a table for people. */
#ifndef RECKON_REPORT_MACHINES_H
#define RECKON_REPORT_MACHINES_H

#include "price/price_find.h"
#include "report/table.h"

/* The first n, then where their prices come from. Appended to out. */
void rk_report_machines(const rk_found *found, size_t n, rk_table_style style, rk_text *out);

#endif
