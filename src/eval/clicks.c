/* clicks.c - see clicks.h. */
#include "eval/clicks.h"

#include <stdbool.h>
#include <stdlib.h>

enum { TURNS = 100 };
static const double LOOK_CLICKS = 10, DRAW_LOOKS = 5;

static int by_pair(const void *a, const void *b)
{
    const rk_showing *x = a, *y = b;
    if (x->query != y->query) {
        return x->query < y->query ? -1 : 1;
    }
    if (x->doc != y->doc) {
        return x->doc < y->doc ? -1 : 1;
    }
    return (x->place > y->place) - (x->place < y->place);
}

static size_t place_of(const rk_showing *row)
{
    return (row->place < RK_CLICKS_PLACES_MAX ? row->place : (uint32_t)RK_CLICKS_PLACES_MAX) - 1;
}

static void weigh_items(const rk_showing *rows, size_t n, const double *look, double *draw)
{
    for (size_t at = 0, end; at < n; at = end) {
        double clicks = 0, looks = DRAW_LOOKS;
        for (end = at; end < n && rows[end].query == rows[at].query && rows[end].doc == rows[at].doc; end++) {
            clicks += rows[end].clicked;
            looks += rows[end].shown * look[place_of(&rows[end])];
        }
        for (size_t i = at; i < end; i++) {
            draw[i] = clicks / looks;
        }
    }
}

static void weigh_places(const rk_showing *rows, size_t n, const double *draw, double *look)
{
    double clicks[RK_CLICKS_PLACES_MAX], chances[RK_CLICKS_PLACES_MAX];
    for (size_t k = 0; k < RK_CLICKS_PLACES_MAX; k++) {
        clicks[k] = LOOK_CLICKS / (double)(k + 1);
        chances[k] = LOOK_CLICKS;
    }
    for (size_t i = 0; i < n; i++) {
        clicks[place_of(&rows[i])] += rows[i].clicked;
        chances[place_of(&rows[i])] += rows[i].shown * draw[i];
    }
    double first = clicks[0] / chances[0];
    for (size_t k = 0; k < RK_CLICKS_PLACES_MAX; k++) {
        bool was_shown = chances[k] > LOOK_CLICKS;
        look[k] = was_shown ? clicks[k] / chances[k] / first : 1 / (double)(k + 1);
    }
    look[0] = 1;
}

rk_status rk_clicks_weigh(rk_showing *rows, size_t n, double *draw, double look[RK_CLICKS_PLACES_MAX], rk_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].place == 0 || !(rows[i].clicked >= 0) || !(rows[i].shown >= rows[i].clicked) ||
            rows[i].shown > RK_CLICKS_SHOWN_MAX) {
            return rk_fail(err, RK_BAD_INPUT, "an item was clicked %g times of %g shown, at place %u", rows[i].clicked,
                           rows[i].shown, rows[i].place);
        }
    }
    if (n > 1) {
        qsort(rows, n, sizeof *rows, by_pair);
    }
    for (size_t k = 0; k < RK_CLICKS_PLACES_MAX; k++) {
        look[k] = 1 / (double)(k + 1);
    }
    weigh_items(rows, n, look, draw);
    for (int turn = 0; turn < TURNS; turn++) {
        weigh_places(rows, n, draw, look);
        weigh_items(rows, n, look, draw);
    }
    return RK_OK;
}
