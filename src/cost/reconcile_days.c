/* reconcile_days.c - see reconcile_days.h. */
#include "cost/reconcile_days.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { DAYS_MIN = 7 };
static const double score_max = 3.5, mad_scale = 0.6745, mean_scale = 1.2533141373155001; /* sqrt(pi / 2) */

typedef struct {
    uint32_t name;
    int64_t day;
    double cost;
} day_cost;

bool rk_days_init(rk_days *days)
{
    *days = (rk_days){.names = rk_interner_new(), .index = rk_intmap_new(0), .costs = {.item_bytes = sizeof(day_cost)}};
    return days->names && days->index;
}

void rk_days_release(rk_days *days)
{
    rk_interner_free(days->names);
    rk_intmap_free(days->index);
    rk_vec_release(&days->costs);
}

bool rk_days_add(rk_days *days, rk_slice name, int64_t day, double cost)
{
    uint32_t id = rk_interner_add(days->names, name);
    uint32_t *at = id == RK_NO_ID ? NULL : rk_intmap_put(days->index, (uint64_t)id << 32 | (uint32_t)day, NULL);
    if (!at) {
        return false;
    }
    if (*at == 0) {
        day_cost new = {id, day, 0};
        if (!rk_vec_push(&days->costs, &new)) {
            return false;
        }
        *at = (uint32_t)days->costs.n;
    }
    ((day_cost *)days->costs.data)[*at - 1].cost += cost;
    return true;
}

static int by_name_and_day(const void *a, const void *b)
{
    const day_cost *x = a, *y = b;
    return x->name != y->name ? (x->name > y->name) - (x->name < y->name) : (x->day > y->day) - (x->day < y->day);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts values. */
static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_size);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* What a distance from the median is divided by; 0 = all days are equal. */
static double scale_of(const day_cost *days, size_t n, double middle, double *scratch)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        scratch[i] = fabs(days[i].cost - middle);
        sum += scratch[i];
    }
    double mad = median(scratch, n);
    return mad > 0 ? mad / mad_scale : mean_scale * sum / (double)n;
}

static bool flag_name(const rk_days *all, const day_cost *days, size_t n, double *scratch, rk_arena *arena, rk_vec *out)
{
    for (size_t i = 0; i < n; i++) {
        scratch[i] = days[i].cost;
    }
    double middle = median(scratch, n), scale = scale_of(days, n, middle, scratch);
    const char *name = NULL;
    for (size_t i = 0; i < n && scale > 0; i++) {
        double score = (days[i].cost - middle) / scale;
        if (fabs(score) <= score_max) {
            continue;
        }
        rk_slice key = rk_interner_key(all->names, days[i].name);
        name = name ? name : rk_arena_copy(arena, key.at, key.n);
        rk_anomaly anomaly = {.what = name, .cost = days[i].cost, .median = middle, .score = score};
        char time[24];
        rk_format_time(days[i].day * 86400, time);
        memcpy(anomaly.day, time, 10);
        if (!name || !rk_vec_push(out, &anomaly)) {
            return false;
        }
    }
    return true;
}

bool rk_days_flag(const rk_days *days, rk_arena *arena, rk_vec *out)
{
    size_t n = days->costs.n;
    day_cost *sorted = calloc(n + 1, sizeof *sorted);
    double *scratch = calloc(n + 1, sizeof *scratch);
    bool is_good = sorted && scratch;
    if (is_good && n > 0) {
        memcpy(sorted, days->costs.data, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_name_and_day);
    }
    for (size_t i = 0, end; i < n && is_good; i = end) {
        for (end = i; end < n && sorted[end].name == sorted[i].name; end++) {
        }
        is_good = end - i < DAYS_MIN || flag_name(days, sorted + i, end - i, scratch, arena, out);
    }
    free(sorted);
    free(scratch);
    return is_good;
}
