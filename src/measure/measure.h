/* measure.h - find how much a recommendation server can carry: an open-loop load, a search for the knee, a profile.
 *
 * The server is either running already (url) or started here from a model, as a process of its own, and always ended.
 * Takes about `seconds` of wall time plus start-up (under 2 s). Not to be called from two threads at once on one
 * machine: the runs would measure each other.
 */
#ifndef RECKON_MEASURE_MEASURE_H
#define RECKON_MEASURE_MEASURE_H

#include "base/run.h"
#include "measure/profile.h"

typedef enum { RK_DRAW_ACTIVITY, RK_DRAW_UNIFORM } rk_draw; /* users by their number of events, or all alike */
typedef enum { RK_SCHEDULE_POISSON, RK_SCHEDULE_FIXED } rk_schedule;

typedef struct {
    const char *url;         /* "http://127.0.0.1:8080" of a running server; NULL: start one from model_path */
    const char *key_file;    /* with url: whose first line is the key that it asks for; NULL: none */
    const char *model_path;  /* started from; with url: only the users' names are read */
    const char *data_path;   /* handed to the started server; NULL = none */
    const char *index_path;  /* the same: an index of the model */
    const char *paths_file;  /* request targets, one a line ("/v1/search?q=..."), instead of recommendations */
    const char *program;     /* the reckon to start; NULL = this program (/proc/self/exe) */
    double rate_rps;         /* 0 = search for the knee */
    double every_s;          /* > 0, with a rate: one long run, told in parts of so many seconds */
    double seconds;          /* of measuring, all points together */
    double slo_ms_p99;       /* the knee's objective */
    unsigned points;         /* at most so many runs in a search (8 .. 64); each gets seconds / points */
    unsigned connections;    /* kept alive */
    unsigned server_threads; /* of a started server; 0 = all */
    unsigned n_items;        /* asked for in each recommendation */
    rk_draw draw;
    rk_schedule schedule;
} rk_measure_options;

rk_measure_options rk_measure_defaults(void);

/* Seeded by run->seed. *out is initialised here and released by the caller, when RK_OK. */
RK_MUST_CHECK rk_status rk_measure(const rk_measure_options *options, const rk_run *run, rk_profile *out,
                                   rk_error *err);

#endif
