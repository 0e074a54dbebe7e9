/* profile.h - what a server was seen to do under load: the serving profile, "profile/1" of the design.
 *
 * Points ascend by offered rate. Latency is counted from the moment a request was meant to start, so a stalled server
 * cannot hide its stall (no coordinated omission).
 */
#ifndef RECKON_MEASURE_PROFILE_H
#define RECKON_MEASURE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/vec.h"

/* One offered load. A repeated point holds the medians of its repeats. */
typedef struct {
    double offered_rps, achieved_rps; /* achieved: answered with 2xx, errors left out */
    double latency_ms_p50, latency_ms_p90, latency_ms_p99, latency_ms_p999, latency_ms_max;
    double cpu_ms_per_request;           /* of the server; NaN = unknown */
    double generator_cpu_ms_per_request; /* of the load generator */
    double seconds;                      /* measured time of one repeat */
    uint64_t requests, errors;           /* of all repeats */
    uint64_t unanswered;                 /* of the requests: still waiting when the run was over */
    uint64_t memory_bytes;               /* resident, of the server, behind the last repeat; 0 = unknown */
    unsigned repeats;
    bool within_slo; /* p99 <= slo and achieved >= 99 % of offered */
} rk_profile_point;

typedef struct {
    char target[256]; /* the URL asked, or "reckon serve" when measure started it */
    char model[64];   /* "als-1a2b"; "" = unknown */
    rk_machine machine;
    int64_t started_unix_s;
    double slo_ms_p99;
    double seconds; /* of the whole search */
    unsigned connections;
    unsigned server_threads; /* that answered; 0 = unknown: taken to be all cores */
    uint64_t seed;
    bool is_shared;        /* the generator ran on the server's machine and took part of it */
    rk_vec points;         /* of rk_profile_point */
    rk_vec parts;          /* of rk_profile_point: a long run at one rate piece by piece; else empty */
    double knee_rps;       /* highest achieved rate inside the objective; 0 = no point was */
    bool is_knee_bounded;  /* a point above the knee failed; false: the search ended before the server did */
    uint64_t memory_bytes; /* resident memory of the server at the end; 0 = unknown */
    double response_bytes; /* mean body of a good answer, on the wire */
} rk_profile;

void rk_profile_init(rk_profile *profile);
void rk_profile_release(rk_profile *profile);
/* Puts the points in order of offered rate, as a reader of a profile expects them. */
void rk_profile_sort(rk_profile *profile);
const rk_profile_point *rk_profile_point_at(const rk_profile *profile, size_t i); /* NULL past the end */

/* Cores that the server could use: its threads, but no more than the machine has; 0 = unknown. */
unsigned rk_profile_cores(const rk_profile *profile);

/* One line of JSON, with a newline. */
void rk_profile_format(const rk_profile *profile, rk_text *out);
/* Atomic; path "-" is standard output. */
RK_MUST_CHECK rk_status rk_profile_write(const rk_profile *profile, const char *path, rk_error *err);
/* Unknown keys are let pass; wrong types are errors, and so are missing keys of the profile/1 contract (the others are
 * then NaN, 0 or false). Released by the caller when RK_OK. */
RK_MUST_CHECK rk_status rk_profile_read(const char *path, rk_profile *out, rk_error *err);

#endif
