/* guard.h - whether a request is let in: is there room, its key, its role, how often it has asked.
 *
 * Asked once for each request, before its body is read. Without a file of keys whoever reaches the port may ask all
 * there is, at most as often as its address is allowed.
 */
#ifndef RECKON_SERVE_GUARD_H
#define RECKON_SERVE_GUARD_H

#include "base/run.h"
#include "base/text.h"
#include "serve/client.h"
#include "serve/keys.h"
#include "serve/load.h"
#include "serve/problem.h"

typedef struct {
    const char *keys_path;            /* NULL: no keys are asked for */
    double client_rate, client_burst; /* requests a second of one address, without a key; rate 0: no limit */
    const char *const *proxies;       /* [n_proxies] networks of those who are believed whom they ask for */
    size_t n_proxies;
    bool has_open_metrics; /* /metrics takes no key */
    rk_load_options load;
} rk_guard_options;

/* What the guard looks at. Slices are borrowed during the call. */
typedef struct {
    rk_access needs;           /* of the route */
    rk_slice authorization;    /* the header's value; n 0: none */
    rk_address client;         /* of rk_guard_client */
    int64_t now_ns, waited_ns; /* rk_load_enter */
    size_t body_bytes;         /* that will be kept */
    bool is_patient;           /* let in whatever is under way, and not counted */
} rk_visit;

/* Who was let in. */
typedef struct {
    char key_id[RK_KEY_ID_DIGITS + 1]; /* "": without a key */
    char key_name[RK_KEY_NAME_BYTES_MAX + 1];
    bool is_counted;   /* as under way, with */
    size_t body_bytes; /* of its body */
} rk_caller;

typedef struct rk_guard rk_guard;

/* options are borrowed. Errors as rk_keyring_read and rk_network_parse. */
RK_MUST_CHECK rk_status rk_guard_open(const rk_guard_options *options, const rk_run *run, rk_guard **out,
                                      rk_error *err);
void rk_guard_close(rk_guard *guard); /* accepts NULL */
/* Reads the keys anew; who has a key in both files keeps what is left of his rate. On failure the old ones stay. */
RK_MUST_CHECK rk_status rk_guard_reload(rk_guard *guard, rk_error *err);
/* Whether any route asks for a key. */
bool rk_guard_has_keys(const rk_guard *guard);

/* Whose a request of this peer is. */
rk_address rk_guard_client(const rk_guard *guard, const struct sockaddr *peer, const rk_forwarded *said);
/* false with the problem filled: 401, 403, 429 or 503. Any thread. */
bool rk_guard_admit(rk_guard *guard, const rk_visit *visit, rk_caller *caller, rk_problem *problem);
/* The request has ended, well or not; of one that was not let in, or has left, it does nothing. */
void rk_guard_leave(rk_guard *guard, rk_caller *caller);

/* Prometheus text. */
void rk_guard_metrics(const rk_guard *guard, uint64_t n_audit_lost, rk_text *out);

#endif
