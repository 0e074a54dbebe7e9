/* slo.c - see slo.h.
 *
 * Among the measured points inside the objective the one with the highest achieved rate is where the capacity starts;
 * if a point of higher offered rate follows and is outside, the capacity lies on the straight line between the two,
 * where p99 reaches the limit or the errors reach their budget, whichever comes first. Nothing is read off beyond the
 * last point; the cpu time of a request is that of the point where the capacity starts. Figures in a profile are decimals of at most 17 digits and are taken as exactly that.
 */
#include "cost/slo.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "math/rational.h"
#include "measure/profile.h"

/* One point, exact. */
typedef struct {
    mpq_t rps, p99, errors;
    bool is_known; /* false: a latency or rate is missing, as when nothing was answered */
} spot;

static void spot_init(spot *s, const rk_profile_point *p)
{
    mpq_inits(s->rps, s->p99, s->errors, NULL);
    s->is_known = isfinite(p->achieved_rps) && isfinite(p->latency_ms_p99);
    if (s->is_known) {
        rk_rational_set(s->rps, rk_decimal_of_real(p->achieved_rps));
        rk_rational_set(s->p99, rk_decimal_of_real(p->latency_ms_p99));
    }
    if (p->errors > 0) { /* of an unknown number of requests: all of them */
        mpq_set_ui(s->errors, p->errors, p->requests >= p->errors ? p->requests : p->errors);
        mpq_canonicalize(s->errors);
    }
}

static void spot_release(spot *s) { mpq_clears(s->rps, s->p99, s->errors, NULL); }

/* out = min(out, (limit - at) / (next - at)) when next is beyond the limit */
static void shorten(mpq_t out, const mpq_t limit, const mpq_t at, const mpq_t next)
{
    mpq_t along, span;
    if (mpq_cmp(next, limit) <= 0) {
        return;
    }
    mpq_inits(along, span, NULL);
    mpq_sub(along, limit, at);
    mpq_sub(span, next, at);
    mpq_div(along, along, span);
    if (mpq_cmp(along, out) < 0) {
        mpq_set(out, along);
    }
    mpq_clears(along, span, NULL);
}

/* rps of `at`, moved towards `next` as far as the objective allows, if that is forwards. */
static void move_along(mpq_t rps, const spot *at, const spot *next, const mpq_t limit, const mpq_t budget)
{
    mpq_t along, span;
    mpq_inits(along, span, NULL);
    mpq_set(rps, at->rps);
    mpq_set_ui(along, 1, 1);
    shorten(along, limit, at->p99, next->p99);
    shorten(along, budget, at->errors, next->errors);
    mpq_sub(span, next->rps, at->rps);
    if (mpq_sgn(span) > 0) {
        mpq_mul(span, span, along);
        mpq_add(rps, rps, span);
    }
    mpq_clears(along, span, NULL);
}

/* Index of the best point inside, or -1. */
static int best_inside(const spot *spots, size_t n, const mpq_t limit, const mpq_t budget)
{
    int best = -1;
    for (size_t i = 0; i < n; i++) {
        bool inside =
            mpq_cmp(spots[i].p99, limit) <= 0 && mpq_cmp(spots[i].errors, budget) <= 0 && mpq_sgn(spots[i].rps) > 0;
        if (inside && (best < 0 || mpq_cmp(spots[i].rps, spots[best].rps) >= 0)) {
            best = (int)i;
        }
    }
    return best;
}

static rk_status impossible(const rk_profile *profile, const char *path, const rk_slo *slo, rk_place at, rk_error *err)
{
    const rk_profile_point *best = rk_profile_point_at(profile, 0);
    for (size_t i = 1; i < profile->points.n; i++) {
        const rk_profile_point *p = rk_profile_point_at(profile, i);
        best = p->latency_ms_p99 < best->latency_ms_p99 ? p : best;
    }
    return rk_fail_at(
        err, at,
        "the objective of p99 <= %.6g ms is met nowhere in %s: its best is %.6g ms at %.6g requests/s with %llu errors",
        rk_decimal_real(slo->latency_ms_p99.value), path, best->latency_ms_p99, best->achieved_rps,
        (unsigned long long)best->errors);
}

static void describe(const rk_profile *profile, const char *path, const rk_slo *slo, int best, mpq_srcptr rps,
                     rk_slo_answer *out)
{
    const rk_profile_point *p = rk_profile_point_at(profile, (size_t)best);
    out->is_bounded = (size_t)best + 1 < profile->points.n;
    snprintf(out->words, sizeof out->words,
             "%.160s: %.6g requests/s at p99 <= %.6g ms (measured: %.6g requests/s at %.6g ms%s)", path,
             rk_rational_real(rps), rk_decimal_real(slo->latency_ms_p99.value), p->achieved_rps, p->latency_ms_p99,
             out->is_bounded ? ", the next point was outside" : ", the last point; not extrapolated");
    out->has_bytes = profile->response_bytes > 0; /* false for NaN */
    if (out->has_bytes) {
        out->response_bytes = rk_decimal_of_real(profile->response_bytes);
    }
    out->has_cpu = p->cpu_ms_per_request > 0;
    if (out->has_cpu) {
        out->cpu_ms_per_request = rk_decimal_of_real(p->cpu_ms_per_request);
    }
    out->memory_bytes = (double)profile->memory_bytes;
    out->cores = rk_profile_cores(profile);
}

rk_status rk_slo_capacity(const char *profile_path, const rk_slo *slo, rk_place at, mpq_t rps, rk_slo_answer *out,
                          rk_error *err)
{
    rk_profile profile;
    rk_status status = rk_profile_read(profile_path, &profile, err);
    if (status == RK_NOT_FOUND) {
        return rk_fail_at(err, at, "no such profile '%.300s'", profile_path);
    }
    if (status) {
        return status;
    }
    size_t n = profile.points.n;
    mpq_t limit, budget;
    mpq_inits(limit, budget, NULL);
    rk_rational_set(limit, slo->latency_ms_p99.value);
    rk_rational_set(budget, slo->errors.value);
    spot *spots = calloc(n + 1, sizeof *spots);
    for (size_t i = 0; spots && i < n; i++) {
        spot_init(&spots[i], rk_profile_point_at(&profile, i));
    }
    int best = spots ? best_inside(spots, n, limit, budget) : -1;
    if (!spots) {
        status = rk_fail_memory(err, "a profile");
    } else if (n == 0) {
        status = rk_fail_at(err, at, "the profile '%.300s' has no points", profile_path);
    } else if (best < 0) {
        status = impossible(&profile, profile_path, slo, at, err);
    } else {
        mpq_set(rps, spots[best].rps);
        if ((size_t)best + 1 < n && spots[best + 1].is_known) {
            move_along(rps, &spots[best], &spots[best + 1], limit, budget);
        }
        describe(&profile, profile_path, slo, best, rps, out);
    }
    for (size_t i = 0; spots && i < n; i++) {
        spot_release(&spots[i]);
    }
    free(spots);
    mpq_clears(limit, budget, NULL);
    rk_profile_release(&profile);
    return status;
}
