/* metrics.h - what the server counts about itself, and the Prometheus text of it.
 *
 * Counting is a few relaxed atomic additions; any thread may count or read at any time.
 */
#ifndef RECKON_SERVE_METRICS_H
#define RECKON_SERVE_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/text.h"
#include "serve/answers.h"
#include "serve/deliveries.h"
#include "serve/intake.h"
#include "serve/live.h"

enum {
    RK_METRIC_ROUTES_MAX = 32,
    RK_METRIC_STATUSES = 15, /* the last one counts every status without a column of its own */
    RK_METRIC_BUCKETS = 16,  /* 50 us .. 5 s; the histogram adds +Inf */
};

typedef struct {
    atomic_uint_least64_t by_status[RK_METRIC_STATUSES];
    atomic_uint_least64_t bucket[RK_METRIC_BUCKETS + 1]; /* not cumulated */
    atomic_uint_least64_t sum_ns;
} rk_route_metrics;

typedef struct {
    rk_route_metrics route[RK_METRIC_ROUTES_MAX]; /* as routes.h numbers them */
    atomic_uint_least64_t n_swept;                /* connections ended for being slow */
    atomic_uint_least64_t n_broken;               /* requests that never became whole and well formed */
    atomic_int_least64_t n_connections, n_active; /* now: open, and requests begun but not ended */
} rk_metrics;

void rk_metrics_count(rk_metrics *metrics, size_t route, unsigned status, int64_t latency_ns);
/* names: [n_routes] labels. */
void rk_metrics_format(const rk_metrics *metrics, const char *const *names, size_t n_routes, const rk_live *live,
                       rk_text *out);
void rk_metrics_answers(rk_answers *answers, rk_text *out);
void rk_metrics_products(const rk_delivery_counts *counts, rk_text *out);
void rk_metrics_events(const rk_intake_counts *counts, rk_recent *recent, rk_text *out);

#endif
