/* history.c - see history.h. Rows are gathered, sorted by day, and laid out with a place for every day. */
#include "data/history.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"
#include "data/cell.h"
#include "data/csv.h"

typedef struct {
    int64_t day;
    double requests; /* NaN: the cell is empty */
    uint64_t line;
} row;

typedef struct {
    int date, requests; /* columns */
} columns;

static int shown(rk_slice text) { return text.n < 40 ? (int)text.n : 40; }

static rk_status find_columns(const rk_csv *csv, columns *out, rk_error *err)
{
    rk_place at = {rk_csv_name(csv), 1, 0};
    out->date = rk_csv_find(csv, "date");
    out->requests = rk_csv_find(csv, "requests");
    if (out->date < 0 || out->requests < 0) {
        rk_slice first = rk_csv_column(csv, 0);
        return rk_fail_at(err, at,
                          "a history needs the columns 'date' and 'requests', there is no '%s' (the first is '%.*s')",
                          out->date < 0 ? "date" : "requests", shown(first), first.at);
    }
    return RK_OK;
}

static rk_status read_row(const rk_csv *csv, const rk_csv_row *from, columns c, row *out, rk_error *err)
{
    rk_place at = {rk_csv_name(csv), from->line, 0};
    rk_slice date = from->cells[c.date].text, requests = from->cells[c.requests].text;
    rk_amount amount = {.real = NAN};
    if (!rk_parse_date(date, &out->day)) {
        return rk_fail_at(err, at, "a date must look like 2026-01-31, got '%.*s'", shown(date), date.at);
    }
    if (requests.n > 0 &&
        (!rk_amount_parse(requests, &amount) || amount.real < 0 || amount.real > RK_HISTORY_REQUESTS_MAX)) {
        return rk_fail_at(err, at, "requests must be a number from 0 to %g, got '%.*s'", RK_HISTORY_REQUESTS_MAX,
                          shown(requests), requests.at);
    }
    out->requests = amount.real;
    out->line = from->line;
    return RK_OK;
}

static int by_day(const void *a, const void *b)
{
    const row *x = a, *y = b;
    return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : (x->line > y->line) - (x->line < y->line);
}

/* rows: [n] sorted. */
static rk_status check_rows(const rk_csv *csv, const row *rows, size_t n, rk_error *err)
{
    char first[11], last[11];
    size_t n_known = 0;
    for (size_t i = 0; i < n; i++) {
        n_known += isnan(rows[i].requests) ? 0 : 1;
    }
    if (n_known == 0) {
        return rk_fail_at(err, (rk_place){rk_csv_name(csv), 0, 0}, "the history has no day with a number of requests");
    }
    for (size_t i = 1; i < n; i++) {
        if (rows[i].day == rows[i - 1].day) {
            rk_format_date(rows[i].day, first);
            return rk_fail_at(err, (rk_place){rk_csv_name(csv), rows[i].line, 0}, "%s stands on line %llu already",
                              first, (unsigned long long)rows[i - 1].line);
        }
    }
    if (rows[n - 1].day - rows[0].day >= RK_HISTORY_DAYS_MAX) {
        rk_format_date(rows[0].day, first);
        rk_format_date(rows[n - 1].day, last);
        return rk_fail_at(err, (rk_place){rk_csv_name(csv), rows[0].line, 0},
                          "from %s to %s are more than %d days; is a date wrong?", first, last, RK_HISTORY_DAYS_MAX);
    }
    return RK_OK;
}

static rk_status lay_out(const row *rows, size_t n, rk_history *out, rk_error *err)
{
    size_t n_days = (size_t)(rows[n - 1].day - rows[0].day) + 1;
    double *requests = malloc(n_days * sizeof *requests);
    if (!requests) {
        return rk_fail_memory(err, "a history");
    }
    *out = (rk_history){.first_day = rows[0].day, .requests = requests, .n_days = n_days};
    for (size_t d = 0, i = 0; d < n_days; d++) {
        requests[d] = rows[i].day == rows[0].day + (int64_t)d ? rows[i++].requests : NAN;
        out->n_missing += isnan(requests[d]) ? 1 : 0;
    }
    return RK_OK;
}

static rk_status read_history(rk_csv *csv, rk_history *out, rk_error *err)
{
    rk_vec rows = {.item_bytes = sizeof(row)};
    const rk_csv_row *next = NULL;
    columns c;
    rk_status status = find_columns(csv, &c, err);
    while (!status && (status = rk_csv_next(csv, &next, err)) == RK_OK && next) {
        row r;
        status = read_row(csv, next, c, &r, err);
        if (!status && !rk_vec_push(&rows, &r)) {
            status = rk_fail_memory(err, "rows of a history");
        }
    }
    if (!status && rows.n > 1) {
        qsort(rows.data, rows.n, sizeof(row), by_day);
    }
    status = status ? status : check_rows(csv, rows.data, rows.n, err);
    status = status ? status : lay_out(rows.data, rows.n, out, err);
    rk_vec_release(&rows);
    rk_csv_close(csv);
    return status;
}

rk_status rk_history_read(const char *path, rk_history *out, rk_error *err)
{
    rk_csv *csv = NULL;
    rk_status status = rk_csv_open(path, &csv, err);
    return status ? status : read_history(csv, out, err);
}

rk_status rk_history_parse(rk_slice text, const char *name, rk_history *out, rk_error *err)
{
    rk_csv *csv = NULL;
    rk_status status = rk_csv_open_text(text, name, ',', &csv, err);
    return status ? status : read_history(csv, out, err);
}

void rk_history_release(rk_history *history)
{
    free(history->requests);
    *history = (rk_history){0};
}

double rk_history_sum(const rk_history *history, int64_t begin_day, int64_t end_day)
{
    double sum = 0;
    for (size_t d = 0; d < history->n_days; d++) {
        int64_t day = history->first_day + (int64_t)d;
        if (day >= begin_day && day < end_day && !isnan(history->requests[d])) {
            sum += history->requests[d];
        }
    }
    return sum;
}

size_t rk_months_cut(int64_t first_day, size_t n_days, size_t *end)
{
    size_t n = 0;
    for (size_t begin = 0; begin < n_days; n++) {
        int year;
        unsigned month, day;
        rk_date_of_days(first_day + (int64_t)begin, &year, &month, &day);
        size_t left = rk_days_in_month(year, month) - day + 1;
        end[n] = begin + left < n_days ? begin + left : n_days;
        begin = end[n];
    }
    return n;
}
