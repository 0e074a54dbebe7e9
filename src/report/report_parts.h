/* report_parts.h - the sections of the page; inside report/ only. */
#ifndef RECKON_REPORT_REPORT_PARTS_H
#define RECKON_REPORT_REPORT_PARTS_H

#include "report/page.h"
#include "report/report.h"

/* "0.1714 (0.1689 to 0.1739)" of value x scale; without an interval the value alone. */
void rk_add_estimate(rk_text *out, rk_estimate estimate, int n_digits, double scale);
const rk_report_variant *rk_report_chosen(const rk_report *report); /* NULL when none is */

/* Whether any variant brings it; all: whether every one brings everything, so that they can be compared. */
bool rk_report_has_quality(const rk_report *report);
bool rk_report_has_speed(const rk_report *report);
bool rk_report_has_all(const rk_report *report);

void rk_report_cleaning(const rk_report *report, rk_page *page);
void rk_report_quality_part(const rk_report *report, rk_page *page);
void rk_report_speed(const rk_report *report, rk_page *page);
void rk_report_cost(const rk_report *report, rk_page *page);

#endif
