/* routes.h - the table of routes: what may be asked, and how it is described and measured.
 *
 * One row is all there is to a route: its parameters drive parsing and refusals, its words and parameters the OpenAPI
 * description, its pattern the label in /metrics. To add one, write a handler and a row.
 */
#ifndef RECKON_SERVE_ROUTES_H
#define RECKON_SERVE_ROUTES_H

#include "serve/answers.h"
#include "serve/ask.h"
#include "serve/connections.h"
#include "serve/exposures.h"
#include "serve/feeds.h"
#include "serve/meter.h"
#include "serve/metrics.h"
#include "serve/request.h"
#include "serve/swap.h"

/* One request on its way to its answer. Handlers run in the HTTP library's threads, many at once. */
typedef struct {
    const rk_live *live; /* the model of this request, whatever is reloaded meanwhile */
    const rk_metrics *metrics;
    rk_meter *meter;
    const rk_swaps *swaps;
    const rk_param_value *values; /* in the order of the route's parameters */
    rk_slice body;                /* of a route that takes one */
    rk_asking with;               /* desk, arena, request id, and the text to answer into */
    const rk_guard *guard;
    uint64_t n_audit_lost;
    rk_answers *answers; /* given before; NULL: none are kept */
    bool is_draining;
    rk_recent *recent;                    /* what shoppers did since the model was made, and */
    rk_exposures *exposures;              /* where what is shown is logged; NULL: nowhere */
    const rk_feeds *feeds;                /* NULL: none are fetched */
    const rk_intake_counts *intake;       /* how events came in; NULL: none are taken */
    const char *type;                     /* its media type; application/json unless the handler changes it */
    rk_problem problem;                   /* status 0: none; else it becomes the answer and body is dropped */
    rk_erased *erased;                    /* who is barred; NULL as the intake */
    rk_user_job *job;                     /* of this request, for RK_WAIT_USER, */
    rk_delivery *delivery;                /* and for RK_WAIT_PRODUCT */
    const rk_delivery_counts *deliveries; /* how products came in; NULL: none are taken */
    rk_wait wait;                         /* set by the handler: answer once that is over */
} rk_exchange;

typedef void rk_handler(rk_exchange *exchange);

/* For handlers: what a lower room said becomes the answer; field: of what was not found. */
void rk_exchange_fail(rk_exchange *exchange, rk_status status, const char *field, const rk_error *err);
/* false, with the problem set: the server was started without a model. */
bool rk_exchange_has_model(rk_exchange *exchange);
/* Erased: what the model still knows of him is not looked at. */
bool rk_exchange_bars(const rk_exchange *exchange, rk_slice user);

typedef struct {
    const char *method, *pattern, *name, *summary;
    rk_access needs; /* the least role of a key that may ask; nothing said: an admin's */
    const rk_param *params;
    size_t n_params;
    rk_handler *handle;
    size_t body_bytes_max; /* 0: none is wanted, and a short one is dropped */
    bool is_patient;       /* asked by who runs the server: answered in any overload */
    const char *takes;     /* OpenAPI: name of the schema of the body, of one or many; NULL: none */
    const char *gives;     /* the same of the answer; NULL: Listing, where there are parameters */
    bool is_repeatable;    /* the answer is the same until something is told or loaded: it may be kept (repeat.h) */
    const char *takes_one; /* the same as takes, of one object */
    rk_wait waits;         /* for what, when it is a disk that others may be waiting for, too */
} rk_route;

/* The role that a key needs, by the row and by what was configured. */
rk_access rk_route_needs(const rk_route *route, const rk_guard_options *options);

const rk_route *rk_route_at(size_t i); /* NULL past the end */
size_t rk_route_count(void);

/* The row for a request; HEAD finds GET. NULL: the problem says 404, or 405 with *allow (a header value in arena). */
const rk_route *rk_route_find(rk_slice method, rk_slice path, rk_arena *arena, rk_slice *variable, const char **allow,
                              rk_problem *problem);

/* Labels of the routes for /metrics; the last one is "other", for requests that found none. */
size_t rk_route_labels(const char **labels, size_t n_max);

#endif
