/* frontier_page.c - the page of a frontier. */
#include "report/frontier_report.h"
#include "report/page.h"

void rk_frontier_html(const rk_frontier_report *r, rk_text *out)
{
    rk_page page = {.out = out};
    rk_table quality = {0}, speed = {0};
    rk_text words = {0};
    rk_page_open(&page, r->title);
    rk_text_add(out, "<header>\n<p class=\"brand\">reckon</p>\n<h1>");
    rk_text_add_html(out, rk_slice_of(r->title));
    rk_text_add(out, "</h1>\n</header>\n<div class=\"advice\">\n<h2>Advice</h2>\n");
    rk_page_words(&page, "", r->advice);
    rk_text_add(out, "</div>\n");
    rk_page_section(&page, "variants", "The variants side by side", NULL);
    rk_frontier_quality_table(r, &quality);
    rk_table_html(&quality, out);
    rk_frontier_speed_table(r, &speed);
    rk_table_html(&speed, out);
    rk_page_end_section(&page);
    rk_text_addf(&words, "Made by %s on %s, machine: %s.", r->build, r->made_at, r->machine);
    rk_page_close(&page, words.at ? words.at : "");
    rk_text_release(&words);
    rk_table_release(&quality);
    rk_table_release(&speed);
}
