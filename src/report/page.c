/* page.c - the frame of the page. Everything that is not our own markup goes through rk_text_add_html. */
#include "report/page.h"

#include "report/page_style.h"

static void add_escaped(rk_page *page, const char *words) { rk_text_add_html(page->out, rk_slice_of(words)); }

void rk_page_open(rk_page *page, const char *title)
{
    rk_text_add(page->out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                           "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    add_escaped(page, title);
    rk_text_add(page->out, "</title>\n<style>\n");
    for (const char *const *part = rk_page_style; *part; part++)
        rk_text_add(page->out, *part);
    rk_text_add(page->out, "</style>\n</head>\n<body>\n<main>\n");
}

void rk_page_top(rk_page *page, const char *title, const char *about, const char *advice)
{
    rk_text_add(page->out, "<header>\n<p class=\"brand\">reckon</p>\n<h1>");
    add_escaped(page, title);
    rk_text_add(page->out, "</h1>\n");
    if (about)
        rk_page_words(page, "about", about);
    rk_text_add(page->out, "</header>\n");
    if (advice) {
        rk_text_add(page->out, "<div class=\"advice\">\n<h2>Advice</h2>\n");
        rk_page_words(page, "", advice);
        rk_text_add(page->out, "</div>\n");
    }
}

void rk_page_tile(rk_page *page, const char *name, rk_text *value, const char *small)
{
    rk_text_add(page->out, "<div><dt>");
    add_escaped(page, name);
    rk_text_add(page->out, "</dt><dd>");
    rk_text_add_html(page->out, (rk_slice){value->at, value->n});
    rk_text_add(page->out, "<small>");
    add_escaped(page, small);
    rk_text_add(page->out, "</small></dd></div>\n");
    page->out->failed |= value->failed;
    rk_text_clear(value);
}

void rk_page_section(rk_page *page, const char *id, const char *heading, const char *lead)
{
    rk_text_addf(page->out, "<section id=\"%s\">\n<h2>", id);
    add_escaped(page, heading);
    rk_text_add(page->out, "</h2>\n");
    if (lead)
        rk_page_words(page, "lead", lead);
}

void rk_page_end_section(rk_page *page) { rk_text_add(page->out, "</section>\n"); }

void rk_page_figure(rk_page *page, const char *class)
{
    rk_text_addf(page->out, "<figure>\n<div class=\"%s\">\n<div class=\"pictures\">\n", class);
}

/* A footnote's number, linked both ways. */
static void add_note(rk_page *page, const char *how)
{
    if (page->n_notes == RK_PAGE_NOTES_MAX)
        return;
    page->notes[page->n_notes++] = how;
    rk_text_addf(page->out, "<sup><a id=\"from-%zu\" href=\"#how-%zu\" aria-label=\"how this was made\">%zu</a></sup>",
                 page->n_notes, page->n_notes, page->n_notes);
}

void rk_page_caption(rk_page *page, const char *caption, const char *how)
{
    if (!caption && !how)
        return;
    rk_text_add(page->out, "<figcaption>");
    add_escaped(page, caption);
    if (how)
        add_note(page, how);
    rk_text_add(page->out, "</figcaption>\n");
}

void rk_page_end_figure(rk_page *page, const rk_table *table, const char *caption, const char *how)
{
    rk_text_add(page->out, "</div>\n");
    if (table)
        rk_table_html(table, page->out);
    rk_text_add(page->out, "</div>\n");
    rk_page_caption(page, caption, how);
    rk_text_add(page->out, "</figure>\n");
}

void rk_page_words(rk_page *page, const char *class, const char *words)
{
    rk_text_addf(page->out, "<p class=\"%s\">", class);
    add_escaped(page, words);
    rk_text_add(page->out, "</p>\n");
}

void rk_page_close(rk_page *page, const char *words)
{
    if (page->n_notes) {
        rk_page_section(page, "how", "How each figure was made", NULL);
        rk_text_add(page->out, "<ol class=\"notes\">\n");
        for (size_t i = 0; i < page->n_notes; i++) {
            rk_text_addf(page->out, "<li id=\"how-%zu\">", i + 1);
            add_escaped(page, page->notes[i]);
            rk_text_addf(page->out, " <a href=\"#from-%zu\" aria-label=\"back to the figure\">↑</a></li>\n", i + 1);
        }
        rk_text_add(page->out, "</ol>\n");
        rk_page_end_section(page);
    }
    rk_text_add(page->out, "</main>\n<footer>");
    add_escaped(page, words);
    rk_text_add(page->out, "</footer>\n</body>\n</html>\n");
}
