/* footprint_table.h - a footprint as words and tables for people. */
#ifndef RECKON_REPORT_FOOTPRINT_TABLE_H
#define RECKON_REPORT_FOOTPRINT_TABLE_H

#include "cost/footprint.h"
#include "report/table.h"

/* Services by month, product lines and the whole; the factors with their years and sources; what is left out. Appended
 * to out. */
void rk_report_footprint(const rk_footprint *footprint, rk_table_style style, rk_text *out);
/* Every line with its formulas. */
void rk_report_footprint_lines(const rk_footprint *footprint, rk_table_style style, rk_text *out);

#endif
