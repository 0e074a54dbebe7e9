/* guard.c - see guard.h. */
#include "serve/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "serve/rate.h"

typedef enum { NO_KEY, BAD_KEY, WRONG_ROLE, KEY_RATE, CLIENT_RATE, LATE, BUSY, N_REASONS } reason;
static const char *const reasons[N_REASONS] = {"no_key", "bad_key", "role", "key_rate", "client_rate", "late", "busy"};

/* The keys of one reading of the file. */
typedef struct {
    rk_keyring ring;
    rk_bucket *buckets; /* [n] as the ring's keys */
} key_set;

struct rk_guard {
    const rk_guard_options *options;
    const rk_run *run;
    pthread_rwlock_t lock; /* held for reading during a look at a key */
    key_set keys;
    rk_load load;
    rk_crowd crowd;
    rk_rate client_rate;
    rk_network *proxies; /* [options->n_proxies] */
    atomic_uint_least64_t n_refused[N_REASONS];
};

/* ---- keys, read and read again ---- */

static void release_keys(key_set *keys)
{
    rk_keyring_release(&keys->ring);
    free(keys->buckets);
}

static rk_status read_keys(const char *path, key_set *out, rk_error *err)
{
    *out = (key_set){0};
    rk_keyring_init(&out->ring);
    rk_status status = rk_keyring_read(path, &out->ring, err);
    if (status) {
        return status;
    }
    out->buckets = calloc(out->ring.keys.n + 1, sizeof *out->buckets);
    if (!out->buckets) {
        release_keys(out);
        return rk_fail_memory(err, "keys");
    }
    return RK_OK;
}

/* Both rings ascend by id. */
static void keep_rates(const key_set *from, key_set *to)
{
    const rk_api_key *old = from->ring.keys.data, *new = to->ring.keys.data;
    for (size_t i = 0, j = 0; i < from->ring.keys.n && j < to->ring.keys.n;) {
        int order = strcmp(old[i].id, new[j].id);
        if (order == 0) {
            atomic_init(&to->buckets[j].full_at_ns, atomic_load(&from->buckets[i].full_at_ns));
        }
        i += order <= 0;
        j += order >= 0;
    }
}

rk_status rk_guard_reload(rk_guard *guard, rk_error *err)
{
    key_set fresh;
    if (!guard->options->keys_path) {
        return RK_OK;
    }
    rk_status status = read_keys(guard->options->keys_path, &fresh, err);
    if (status) {
        return status;
    }
    pthread_rwlock_wrlock(&guard->lock);
    key_set old = guard->keys;
    keep_rates(&old, &fresh);
    guard->keys = fresh;
    pthread_rwlock_unlock(&guard->lock);
    release_keys(&old);
    rk_log(guard->run, RK_LOG_INFO, "%s: %zu key%s", guard->options->keys_path, fresh.ring.keys.n,
           fresh.ring.keys.n == 1 ? "" : "s");
    return RK_OK;
}

rk_address rk_guard_client(const rk_guard *guard, const struct sockaddr *peer, const rk_forwarded *said)
{
    return rk_client_of(guard->proxies, guard->options->n_proxies, rk_address_of(peer), said);
}

bool rk_guard_has_keys(const rk_guard *guard) { return guard->options->keys_path != NULL; }

static rk_status read_proxies(rk_guard *guard, rk_error *err)
{
    const rk_guard_options *o = guard->options;
    rk_status status = RK_OK;
    guard->proxies = calloc(o->n_proxies + 1, sizeof *guard->proxies);
    if (!guard->proxies) {
        return rk_fail_memory(err, "trusted proxies");
    }
    for (size_t i = 0; i < o->n_proxies && !status; i++) {
        status = rk_network_parse(o->proxies[i], &guard->proxies[i], err);
    }
    return status;
}

rk_status rk_guard_open(const rk_guard_options *options, const rk_run *run, rk_guard **out, rk_error *err)
{
    uint64_t seed;
    rk_status status = rk_secret_random(&seed, sizeof seed, err);
    rk_guard *guard = !status ? calloc(1, sizeof *guard) : NULL;
    if (!guard) {
        return status ? status : rk_fail_memory(err, "the guard");
    }
    guard->options = options;
    guard->run = run;
    guard->load.options = options->load;
    guard->client_rate = rk_rate_of(options->client_rate, options->client_burst);
    pthread_rwlock_init(&guard->lock, NULL);
    rk_keyring_init(&guard->keys.ring);
    status = rk_crowd_init(&guard->crowd, seed) ? rk_guard_reload(guard, err) : rk_fail_memory(err, "the guard");
    status = status ? status : read_proxies(guard, err);
    if (status) {
        rk_guard_close(guard);
        return status;
    }
    *out = guard;
    return RK_OK;
}

void rk_guard_close(rk_guard *guard)
{
    if (!guard) {
        return;
    }
    release_keys(&guard->keys);
    rk_crowd_release(&guard->crowd);
    free(guard->proxies);
    pthread_rwlock_destroy(&guard->lock);
    free(guard);
}

/* ---- letting in ---- */

static bool refuse(rk_guard *guard, reason why)
{
    atomic_fetch_add_explicit(&guard->n_refused[why], 1, memory_order_relaxed);
    return false;
}

static bool refuse_rate(rk_guard *guard, reason why, int64_t wait_ns, const char *whose, rk_problem *problem)
{
    unsigned wait_s = (unsigned)((wait_ns + 999999999) / 1000000000);
    rk_problem_set(problem, 429, NULL, "%s may not ask that often; again in %u s", whose, wait_s);
    problem->retry_after_s = wait_s;
    return refuse(guard, why);
}

/* What follows "Bearer ", in any case (RFC 9110, 11.1); n 0: another scheme. */
static rk_slice token_of(rk_slice authorization)
{
    static const char scheme[] = "bearer ";
    enum { SCHEME_BYTES = sizeof scheme - 1 };
    if (authorization.n < SCHEME_BYTES || strncasecmp(authorization.at, scheme, SCHEME_BYTES) != 0) {
        return (rk_slice){"", 0};
    }
    return rk_slice_trim((rk_slice){authorization.at + SCHEME_BYTES, authorization.n - SCHEME_BYTES});
}

static bool check_key(rk_guard *guard, const rk_visit *visit, rk_caller *caller, rk_problem *problem)
{
    const char *fault;
    const rk_api_key *key =
        rk_keyring_find(&guard->keys.ring, token_of(visit->authorization), rk_clock_unix_s(), &fault);
    if (!key) {
        rk_problem_set(problem, 401, "Authorization", "%s", fault);
        return refuse(guard, BAD_KEY);
    }
    memcpy(caller->key_id, key->id, sizeof caller->key_id);
    memcpy(caller->key_name, key->name, strlen(key->name) + 1);
    rk_bucket *bucket = &guard->keys.buckets[key - (const rk_api_key *)guard->keys.ring.keys.data];
    int64_t wait_ns = rk_bucket_take(bucket, rk_rate_of(key->rate, key->burst), visit->now_ns);
    if (wait_ns > 0) {
        return refuse_rate(guard, KEY_RATE, wait_ns, "this key", problem);
    }
    if (key->role > visit->needs) {
        rk_problem_set(problem, 403, "Authorization", "this takes a key with the role %s, and this one may %s",
                       rk_access_name(visit->needs), rk_access_name(key->role));
        return refuse(guard, WRONG_ROLE);
    }
    return true;
}

/* An address of IPv6 is a network of 64 bits: whoever has one has them all. */
static bool check_address(rk_guard *guard, const rk_visit *visit, rk_problem *problem)
{
    size_t n_bytes = rk_address_is_ipv4(visit->client) ? 16 : 8;
    int64_t wait_ns = visit->client.is_known
                          ? rk_crowd_take(&guard->crowd, &visit->client.at, n_bytes, guard->client_rate, visit->now_ns)
                          : 0;
    return wait_ns == 0 || refuse_rate(guard, CLIENT_RATE, wait_ns, "this address", problem);
}

static bool check_load(rk_guard *guard, const rk_visit *visit, rk_caller *caller, rk_problem *problem)
{
    switch (rk_load_enter(&guard->load, visit->waited_ns, visit->body_bytes)) {
    case RK_LOAD_TAKEN:
        caller->is_counted = true;
        caller->body_bytes = visit->body_bytes;
        return true;
    case RK_LOAD_LATE:
        rk_problem_set(problem, 503, NULL, "more is asked than can be answered in time; this request has waited");
        return refuse(guard, LATE);
    default:
        rk_problem_set(problem, 503, NULL, "as many requests as agreed are under way");
        return refuse(guard, BUSY);
    }
}

void rk_guard_leave(rk_guard *guard, rk_caller *caller)
{
    if (caller->is_counted) {
        caller->is_counted = false;
        rk_load_leave(&guard->load, caller->body_bytes);
    }
}

static bool check_caller(rk_guard *guard, const rk_visit *visit, rk_caller *caller, rk_problem *problem)
{
    if (!guard->options->keys_path) {
        return check_address(guard, visit, problem);
    }
    if (visit->authorization.n == 0) {
        rk_problem_set(problem, 401, "Authorization", "this takes a key: Authorization: Bearer KEY");
        return refuse(guard, NO_KEY);
    }
    pthread_rwlock_rdlock(&guard->lock);
    bool is_admitted = check_key(guard, visit, caller, problem);
    pthread_rwlock_unlock(&guard->lock);
    return is_admitted;
}

/* The load first: it is the cheapest to look at, and when it refuses, cheapness is what matters. */
bool rk_guard_admit(rk_guard *guard, const rk_visit *visit, rk_caller *caller, rk_problem *problem)
{
    *caller = (rk_caller){0};
    if (visit->needs == RK_ACCESS_ANYONE) {
        return true;
    }
    if (!visit->is_patient && !check_load(guard, visit, caller, problem)) {
        return false;
    }
    bool is_admitted = check_caller(guard, visit, caller, problem);
    if (!is_admitted) {
        rk_guard_leave(guard, caller);
    }
    return is_admitted;
}

void rk_guard_metrics(const rk_guard *guard, uint64_t n_audit_lost, rk_text *out)
{
    rk_text_add(out, "# HELP reckon_refused_requests_total Requests that were not let in, by reason.\n"
                     "# TYPE reckon_refused_requests_total counter\n");
    for (size_t i = 0; i < N_REASONS; i++) {
        rk_text_addf(out, "reckon_refused_requests_total{reason=\"%s\"} %llu\n", reasons[i],
                     (unsigned long long)atomic_load_explicit(&guard->n_refused[i], memory_order_relaxed));
    }
    rk_text_addf(out,
                 "# HELP reckon_audit_lost_total Lines that could not be written to the audit log.\n"
                 "# TYPE reckon_audit_lost_total counter\nreckon_audit_lost_total %llu\n",
                 (unsigned long long)n_audit_lost);
}
