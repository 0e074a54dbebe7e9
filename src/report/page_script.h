/* page_script.h - what a page of many variants can do where scripts run: tables sort by a click on their heads, and a
 * variant that is pointed at lights up in every picture and table. Without scripts the page says all the same. */
#ifndef RECKON_REPORT_PAGE_SCRIPT_H
#define RECKON_REPORT_PAGE_SCRIPT_H

#include <stddef.h>

#include "base/text.h"

/* A <script> for the end of the page. names: [n] of the variants, as the first cells of tables have them; marks of
 * variant i have the class "v" and "v" with its number: "v v3". */
void rk_page_script(const char *const *names, size_t n, rk_text *out);

#endif
