/* table.c - cells live in an arena, row after row; width is found first, then lines are written.
 *
 * Display width follows the East Asian Width classes W and F and the blocks of combining marks, in two short range
 * tables: wcwidth() would follow the locale, and a program without one sees every such letter as unprintable.
 */
#include "report/table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    uint32_t first, last;
} range;

static const range zero_width[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0E34, 0x0E3A}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x2060, 0x2064},
    {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
};
static const range double_width[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE4F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

static bool is_within(const range *ranges, size_t n, uint32_t point)
{
    for (size_t i = 0; i < n; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

/* Bytes of the letter that starts with this byte; 1 for anything broken. */
static size_t letter_bytes(rk_slice text, size_t at)
{
    unsigned char lead = (unsigned char)text.at[at];
    size_t n = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
    if (at + n > text.n)
        return 1;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)text.at[at + i] & 0xC0) != 0x80)
            return 1;
    return n;
}

static uint32_t letter_point(rk_slice text, size_t at, size_t n)
{
    static const unsigned char lead_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t point = (unsigned char)text.at[at] & lead_mask[n];
    for (size_t i = 1; i < n; i++)
        point = point << 6 | ((unsigned char)text.at[at + i] & 0x3F);
    return point;
}

size_t rk_display_width(rk_slice text)
{
    size_t width = 0;
    for (size_t at = 0, n; at < text.n; at += n) {
        n = letter_bytes(text, at);
        uint32_t point = letter_point(text, at, n);
        if (is_within(double_width, RK_COUNT_OF(double_width), point))
            width += 2;
        else if (!is_within(zero_width, RK_COUNT_OF(zero_width), point))
            width += 1;
    }
    return width;
}

/* ---- cells ---- */

static void add_cell(rk_table *table, const char *at, size_t n)
{
    table->cells.item_bytes = sizeof(char *);
    char *cell = rk_arena_copy(&table->arena, at, n);
    if (!cell || !rk_vec_push(&table->cells, &cell))
        table->failed = true;
}

void rk_table_add(rk_table *table, const char *words)
{
    add_cell(table, words ? words : "", words ? strlen(words) : 0);
}

void rk_table_addf(rk_table *table, const char *fmt, ...)
{
    rk_text text = {0};
    va_list args;
    va_start(args, fmt);
    rk_text_addv(&text, fmt, args);
    va_end(args);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

void rk_table_add_money(rk_table *table, rk_money amount, unsigned n_digits)
{
    rk_text text = {0};
    rk_money_print(amount, n_digits, &text);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

void rk_table_add_fixed(rk_table *table, double value, int n_digits)
{
    rk_text text = {0};
    rk_text_add_fixed(&text, value, n_digits);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

void rk_table_take(rk_table *table, rk_text *text)
{
    table->failed |= text->failed;
    add_cell(table, text->at ? text->at : "", text->n);
    rk_text_clear(text);
}

size_t rk_table_n_rows(const rk_table *table) { return table->n_columns ? table->cells.n / table->n_columns : 0; }

const char *rk_table_cell(const rk_table *table, size_t row, size_t column)
{
    return ((char *const *)table->cells.data)[row * table->n_columns + column];
}

void rk_table_release(rk_table *table)
{
    rk_vec_release(&table->cells);
    rk_arena_release(&table->arena);
}

static bool is_strong(const rk_table *table, size_t row)
{
    return row + 1 == table->strong_row || (table->has_total && row + 1 == rk_table_n_rows(table));
}

/* ---- for the terminal ---- */

static size_t column_width(const rk_table *table, size_t column)
{
    size_t width = rk_display_width(rk_slice_of(table->columns[column].title));
    for (size_t row = 0; row < rk_table_n_rows(table); row++) {
        size_t n = rk_display_width(rk_slice_of(rk_table_cell(table, row, column)));
        width = n > width ? n : width;
    }
    return width;
}

static void add_blanks(rk_text *out, size_t n)
{
    for (; n > 0; n--)
        rk_text_add(out, " ");
}

static bool is_control(rk_slice words, size_t at, size_t n)
{
    uint32_t point = letter_point(words, at, n);
    return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

static void add_printable(rk_text *out, rk_slice words)
{
    for (size_t at = 0, n; at < words.n; at += n) {
        n = letter_bytes(words, at);
        rk_text_add_slice(out, is_control(words, at, n) ? RK_SLICE("?") : (rk_slice){words.at + at, n});
    }
}

/* What stands side by side: column 0 and first .. end - 1. */
typedef struct {
    const rk_table *table;
    const size_t *width;
    rk_table_style style;
    size_t first, end;
} block;

static size_t next_column(const block *b, size_t column) { return column == 0 ? b->first : column + 1; }

static void print_cell(const block *b, size_t column, const char *words, rk_text *out)
{
    size_t blanks = b->width[column] - rk_display_width(rk_slice_of(words));
    bool is_last = next_column(b, column) >= b->end, is_number = b->table->columns[column].is_number;
    if (is_number)
        add_blanks(out, blanks);
    add_printable(out, rk_slice_of(words));
    if (!is_number && !is_last) /* no blanks at the end of a line */
        add_blanks(out, blanks);
    rk_text_add(out, is_last ? "" : "  ");
}

static void print_rule(const block *b, rk_text *out)
{
    add_blanks(out, b->style.indent);
    for (size_t column = 0; column < b->end; column = next_column(b, column)) {
        for (size_t i = 0; i < b->width[column]; i++)
            rk_text_add(out, "─");
        rk_text_add(out, next_column(b, column) < b->end ? "  " : "\n");
    }
}

static void print_row(const block *b, size_t row, rk_text *out)
{
    bool has_code = b->style.color && is_strong(b->table, row);
    add_blanks(out, b->style.indent);
    rk_text_add(out, has_code ? "\033[1m" : "");
    for (size_t column = 0; column < b->end; column = next_column(b, column))
        print_cell(b, column, rk_table_cell(b->table, row, column), out);
    rk_text_add(out, has_code ? "\033[0m\n" : "\n");
}

static void print_block(const block *b, rk_text *out)
{
    add_blanks(out, b->style.indent);
    rk_text_add(out, b->style.color ? "\033[2m" : "");
    for (size_t column = 0; column < b->end; column = next_column(b, column))
        print_cell(b, column, b->table->columns[column].title, out);
    rk_text_add(out, b->style.color ? "\033[0m\n" : "\n");
    print_rule(b, out);
    for (size_t row = 0; row < rk_table_n_rows(b->table); row++) {
        if (b->table->has_total && row + 1 == rk_table_n_rows(b->table))
            print_rule(b, out);
        print_row(b, row, out);
    }
}

/* As many columns as fit, at least one behind the first. */
static size_t block_end(const block *b)
{
    size_t end = b->first, used = b->style.indent + b->width[0];
    for (; end < b->table->n_columns; end++) {
        used += 2 + b->width[end];
        if (b->style.width > 0 && used > b->style.width && end > b->first)
            break;
    }
    return end;
}

void rk_table_print(const rk_table *table, rk_table_style style, rk_text *out)
{
    rk_arena scratch = {0};
    size_t *width = RK_TAKE(&scratch, size_t, table->n_columns);
    if (!width || table->failed) {
        out->failed = true;
        rk_arena_release(&scratch);
        return;
    }
    for (size_t column = 0; column < table->n_columns; column++)
        width[column] = column_width(table, column);
    block b = {.table = table, .width = width, .style = style, .first = 1};
    do {
        rk_text_add(out, b.first > 1 ? "\n" : "");
        b.end = block_end(&b);
        print_block(&b, out);
        b.first = b.end;
    } while (b.end < table->n_columns);
    rk_arena_release(&scratch);
}

/* ---- for the page ---- */

static void html_cell(const rk_table *table, size_t row, size_t column, rk_text *out)
{
    bool is_number = table->columns[column].is_number;
    rk_text_add(out, column == 0 ? "<th scope=\"row\"" : "<td");
    rk_text_add(out, is_number ? " class=\"n\">" : ">");
    rk_text_add_html(out, rk_slice_of(rk_table_cell(table, row, column)));
    rk_text_add(out, column == 0 ? "</th>" : "</td>");
}

static void html_row(const rk_table *table, size_t row, rk_text *out)
{
    bool is_total = table->has_total && row + 1 == rk_table_n_rows(table);
    rk_text_add(out, is_total ? "<tr class=\"total\">" : is_strong(table, row) ? "<tr class=\"strong\">" : "<tr>");
    for (size_t column = 0; column < table->n_columns; column++)
        html_cell(table, row, column, out);
    rk_text_add(out, "</tr>\n");
}

void rk_table_html(const rk_table *table, rk_text *out)
{
    out->failed |= table->failed;
    rk_text_add(out, "<div class=\"scroll\"><table>");
    if (table->caption) {
        rk_text_add(out, "<caption>");
        rk_text_add_html(out, rk_slice_of(table->caption));
        rk_text_add(out, "</caption>");
    }
    rk_text_add(out, "\n<thead><tr>");
    for (size_t column = 0; column < table->n_columns; column++) {
        rk_text_add(out, table->columns[column].is_number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        rk_text_add_html(out, rk_slice_of(table->columns[column].title));
        rk_text_add(out, "</th>");
    }
    rk_text_add(out, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < rk_table_n_rows(table); row++)
        html_row(table, row, out);
    rk_text_add(out, "</tbody></table></div>\n");
}
