/* clock.h - time and what the process has used of the machine. */
#ifndef RECKON_BASE_CLOCK_H
#define RECKON_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

int64_t rk_clock_ns(void);           /* monotonic */
int64_t rk_clock_cpu_ns(void);       /* of this process, all threads */
int64_t rk_clock_thread_ns(void);    /* cpu of this thread */
int64_t rk_clock_unix_s(void);       /* seconds since 1970, UTC */
uint64_t rk_peak_memory_bytes(void); /* VmHWM of this process */
void rk_peak_memory_reset(void);     /* the peak counts from now on, where the kernel lets it (Linux 4.0) */
uint64_t rk_memory_bytes(void);      /* VmRSS */

/* What making something used, from start to stop. */
typedef struct {
    double wall_s, cpu_s;
    uint64_t peak_bytes; /* highest resident memory of the process so far, at stop */
    uint64_t bytes_in;   /* read by the step; set by the caller */
} rk_usage;

typedef struct {
    int64_t wall_ns, cpu_ns;
} rk_stopwatch;
rk_stopwatch rk_stopwatch_start(void);
rk_usage rk_stopwatch_stop(rk_stopwatch watch);

/* The machine, for profiles and artefacts. */
typedef struct {
    char cpu[96];   /* "AMD EPYC 9R14" */
    unsigned cores; /* this process may use */
    double memory_gib;
} rk_machine;
rk_machine rk_machine_read(void);

/* Civil dates, proleptic Gregorian, UTC. Days count from 1970-01-01. */
int64_t rk_days_of_date(int year, unsigned month, unsigned day);
void rk_date_of_days(int64_t days, int *year, unsigned *month, unsigned *day);
unsigned rk_days_in_month(int year, unsigned month);
unsigned rk_weekday_of_days(int64_t days); /* Monday = 0 */
/* "2026-11-23T10:15:00Z" into out (at least 21 bytes); clamped to the years 0000 to 9999. */
void rk_format_time(int64_t unix_s, char *out);
/* Just that form, and a moment that exists; else false and *unix_s as it was. */
bool rk_parse_time(rk_slice text, int64_t *unix_s);
/* "2026-11-23" of a day, into out (at least 11 bytes), and back. */
void rk_format_date(int64_t days, char *out);
bool rk_parse_date(rk_slice text, int64_t *days);

#endif
