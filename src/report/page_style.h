/* page_style.h - the style sheet of the page, in parts (a C string literal has a length limit), ended by NULL. */
#ifndef RECKON_REPORT_PAGE_STYLE_H
#define RECKON_REPORT_PAGE_STYLE_H

extern const char *const rk_page_style[];

#endif
