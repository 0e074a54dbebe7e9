/* slo.h - how much one machine carries inside an objective, read from a measured profile. */
#ifndef RECKON_COST_SLO_H
#define RECKON_COST_SLO_H

#include <gmp.h>

#include "base/yaml.h"

typedef struct {
    rk_number latency_ms_p99;
    rk_number errors; /* share of requests that may fail */
} rk_slo;

typedef struct {
    rk_decimal response_bytes, cpu_ms_per_request;
    bool has_bytes, has_cpu;
    bool is_bounded; /* false: the last measured point still met the objective, so the capacity is at least this */
    double memory_bytes, cores; /* 0 = unknown */
    char words[320];            /* how the figure came about */
} rk_slo_answer;

/* rps: the highest measured throughput with p99 and errors inside the slo, on the straight line to the next measured
 * point where that one is outside. An objective that no point meets is an error at `at` with the best figures seen.
 * rps is initialised by the caller. */
RK_MUST_CHECK rk_status rk_slo_capacity(const char *profile_path, const rk_slo *slo, rk_place at, mpq_t rps,
                                        rk_slo_answer *out, rk_error *err);

#endif
