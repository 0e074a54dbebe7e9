/* page.h - one self-contained HTML page: style, sections, figures beside their tables, footnotes.
 *
 * No script, no font, no picture from outside: the page can be mailed, printed and opened in ten years. Light or dark
 * follows the reader's system; on paper it is black on white.
 */
#ifndef RECKON_REPORT_PAGE_H
#define RECKON_REPORT_PAGE_H

#include <stddef.h>

#include "base/text.h"
#include "report/table.h"

enum { RK_PAGE_NOTES_MAX = 32 };

typedef struct {
    rk_text *out;                         /* borrowed */
    const char *notes[RK_PAGE_NOTES_MAX]; /* how each figure was made; borrowed until close */
    size_t n_notes;
} rk_page;

void rk_page_open(rk_page *page, const char *title);
/* The heading; about: a line under it; advice: in a box; NULL = none. */
void rk_page_top(rk_page *page, const char *title, const char *about, const char *advice);
/* One figure of a <dl class="tiles">: its name, the figure, what it is of. Clears value. */
void rk_page_tile(rk_page *page, const char *name, rk_text *value, const char *small);
/* Writes the footnotes under their own heading, words as the last line, and the end of the page. */
void rk_page_close(rk_page *page, const char *words);

/* lead: one sentence under the heading; NULL = none. */
void rk_page_section(rk_page *page, const char *id, const char *heading, const char *lead);
void rk_page_end_section(rk_page *page);

/* A figure is: begin, one or more pictures (any <svg> written to page->out), then the table beside them. */
void rk_page_figure(rk_page *page, const char *class);
/* caption and how may be NULL; how becomes a footnote. table NULL = no table beside. */
void rk_page_end_figure(rk_page *page, const rk_table *table, const char *caption, const char *how);

/* The caption of a figure that is written by hand, with its footnote; both may be NULL. */
void rk_page_caption(rk_page *page, const char *caption, const char *how);

/* <p class=...> with escaped words. */
void rk_page_words(rk_page *page, const char *class, const char *words);

#endif
