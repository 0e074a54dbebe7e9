/* load.c - one epoll loop: send what is due on whatever connection is free, read what has come, sleep until the next.
 *
 * Invariants
 *   A connection is free (open, nothing asked), busy (one request on it) or closed.
 *   Requests that are due but have no free connection wait in the schedule itself: their due times are kept by not
 *   drawing the next one, so any backlog costs no memory and keeps its intended times.
 * Sleeping is by epoll_pwait2 (nanoseconds): a generator that spins would take a processor from the server it measures.
 */
#include "measure/load.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "math/random.h"

enum { EVENTS = 64, READ_BYTES = 65536, STREAM_SCHEDULE = 2, FAILURES_MAX = 100 };

typedef enum { WIRE_CLOSED, WIRE_CONNECTING, WIRE_FREE, WIRE_BUSY } wire_state;

typedef struct {
    int fd;
    wire_state state;
    bool wants_write; /* as epoll was told */
    int64_t due_ns;   /* of its request */
    rk_slice unsent;
    rk_reply reply;
} load_wire;

struct rk_load {
    rk_load_options options;
    int epoll;
    bool has_pwait2;
    load_wire *wires; /* [connections] */
    uint32_t *free;   /* [n_free] wires to ask with, last used first: warm ones */
    uint32_t *closed; /* [n_closed] */
    size_t n_free, n_closed, n_busy;
    size_t next_request;
    uint64_t n_runs;
    char *bytes; /* [READ_BYTES] */
};

/* One run. */
typedef struct {
    rk_load *load;
    const rk_load_step *step;
    rk_load_result *result; /* of the part that is under way; without parts the whole */
    rk_load_result *whole;
    rk_random random;
    int64_t next_due_ns, end_ns; /* due times lie before end */
    double gap_ns;               /* mean time between two requests */
    double due_exact_ns;         /* next_due_ns without rounding, from the start */
    int64_t start_ns;
    int64_t every_ns, tell_ns; /* parts are told so often, the next one then; 0 = never */
    int64_t part_start_ns, part_cpu_ns;
    int failures; /* to connect, one after another */
    int failure;  /* errno of the last */
} run_state;

void rk_load_free(rk_load *load)
{
    if (!load) {
        return;
    }
    for (unsigned i = 0; load->wires && i < load->options.connections; i++) {
        if (load->wires[i].state != WIRE_CLOSED) {
            close(load->wires[i].fd);
        }
    }
    if (load->epoll >= 0) {
        close(load->epoll);
    }
    free(load->wires);
    free(load->free);
    free(load->closed);
    free(load->bytes);
    free(load);
}

rk_load *rk_load_new(const rk_load_options *options, rk_error *err)
{
    rk_load *load = calloc(1, sizeof *load);
    if (!load) {
        rk_fail_memory(err, "the load generator");
        return NULL;
    }
    size_t n = options->connections;
    load->options = *options;
    load->has_pwait2 = true;
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->wires = calloc(n, sizeof *load->wires);
    load->free = malloc(n * sizeof *load->free);
    load->closed = malloc(n * sizeof *load->closed);
    load->bytes = malloc(READ_BYTES);
    if (load->epoll < 0 || !load->wires || !load->free || !load->closed || !load->bytes) {
        rk_fail_memory(err, "the load generator");
        rk_load_free(load);
        return NULL;
    }
    while (load->n_closed < n) {
        load->closed[load->n_closed] = (uint32_t)(n - 1 - load->n_closed);
        load->n_closed++;
    }
    return load;
}

/* ---- the schedule ---- */

static void draw_next(run_state *run)
{
    if (run->gap_ns == 0) {
        return; /* as fast as wires are free: run_loop says when */
    }
    bool is_poisson = run->load->options.schedule == RK_SCHEDULE_POISSON;
    run->due_exact_ns += run->gap_ns * (is_poisson ? -log1p(-rk_random_uniform(&run->random)) : 1);
    run->next_due_ns = run->start_ns + (int64_t)run->due_exact_ns;
}

/* ---- wires ---- */

static void watch(run_state *run, load_wire *wire, bool wants_write, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (wants_write ? (uint32_t)EPOLLOUT : 0)};
    event.data.u32 = (uint32_t)(wire - run->load->wires);
    wire->wants_write = wants_write;
    epoll_ctl(run->load->epoll, operation, wire->fd, &event);
}

static void close_wire(run_state *run, load_wire *wire)
{
    rk_load *load = run->load;
    uint32_t index = (uint32_t)(wire - load->wires);
    if (wire->state == WIRE_FREE) {
        size_t at = 0;
        while (load->free[at] != index) {
            at++;
        }
        memmove(load->free + at, load->free + at + 1, (--load->n_free - at) * sizeof *load->free);
    } else {
        load->n_busy--;
    }
    close(wire->fd);
    wire->state = WIRE_CLOSED;
    load->closed[load->n_closed++] = index;
}

/* The wire's request has ended without a good answer. */
static void fail_wire(run_state *run, load_wire *wire)
{
    run->result->n_errors++;
    rk_quantile_add(&run->result->latency_ns, (uint64_t)(rk_clock_ns() - wire->due_ns));
    close_wire(run, wire);
}

static void finish_reply(run_state *run, load_wire *wire, int64_t now_ns)
{
    rk_load *load = run->load;
    rk_load_result *result = run->result;
    bool is_good = wire->reply.status >= 200 && wire->reply.status < 300;
    rk_quantile_add(&result->latency_ns, (uint64_t)(now_ns > wire->due_ns ? now_ns - wire->due_ns : 0));
    result->n_good += is_good;
    result->n_errors += !is_good;
    result->body_bytes += is_good ? wire->reply.body_bytes : 0;
    if (wire->reply.is_closing) {
        close_wire(run, wire);
        return;
    }
    wire->state = WIRE_FREE;
    load->n_busy--;
    load->free[load->n_free++] = (uint32_t)(wire - load->wires);
}

static void push_bytes(run_state *run, load_wire *wire)
{
    while (wire->unsent.n > 0) {
        ssize_t n = send(wire->fd, wire->unsent.at, wire->unsent.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            break;
        }
        if (n < 0) {
            fail_wire(run, wire);
            return;
        }
        wire->unsent = (rk_slice){wire->unsent.at + n, wire->unsent.n - (size_t)n};
    }
    bool wants_write = wire->unsent.n > 0;
    if (wants_write != wire->wants_write) {
        watch(run, wire, wants_write, EPOLL_CTL_MOD);
    }
}

static void end_connect(run_state *run, load_wire *wire)
{
    int failure = 0;
    socklen_t n = sizeof failure;
    getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &failure, &n);
    if (failure) {
        run->failure = failure;
        run->failures++;
        fail_wire(run, wire);
        return;
    }
    run->failures = 0;
    wire->state = WIRE_BUSY;
    push_bytes(run, wire);
}

static bool open_wire(run_state *run, load_wire *wire)
{
    const rk_endpoint *endpoint = run->load->options.endpoint;
    int yes = 1;
    wire->fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (wire->fd < 0) {
        run->failure = errno;
        return false;
    }
    setsockopt(wire->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(wire->fd, (const struct sockaddr *)&endpoint->address, endpoint->address_bytes) != 0 &&
        errno != EINPROGRESS) {
        run->failure = errno;
        close(wire->fd);
        return false;
    }
    wire->state = WIRE_CONNECTING;
    watch(run, wire, true, EPOLL_CTL_ADD);
    return true;
}

/* Sends the request that is due, on a free wire or a new one. false: none is to be had now. */
static bool send_due(run_state *run)
{
    rk_load *load = run->load;
    if (load->n_free == 0 && (load->n_closed == 0 || run->failures > FAILURES_MAX)) {
        return false;
    }
    bool is_open = load->n_free > 0;
    load_wire *wire = &load->wires[is_open ? load->free[--load->n_free] : load->closed[load->n_closed - 1]];
    if (!is_open && !open_wire(run, wire)) {
        run->failures++;
        run->result->n_errors++;
        rk_quantile_add(&run->result->latency_ns, (uint64_t)(rk_clock_ns() - run->next_due_ns));
        return true;
    }
    load->n_closed -= !is_open;
    load->n_busy++;
    wire->due_ns = run->next_due_ns;
    wire->unsent = rk_requests_get(load->options.requests, load->next_request);
    load->next_request = (load->next_request + 1) % rk_requests_count(load->options.requests);
    rk_reply_begin(&wire->reply, NULL);
    if (is_open) {
        wire->state = WIRE_BUSY;
        push_bytes(run, wire);
    }
    return true;
}

static void send_all_due(run_state *run, int64_t now_ns)
{
    while (run->next_due_ns <= now_ns && run->next_due_ns < run->end_ns && send_due(run)) {
        run->result->n_meant++;
        draw_next(run);
    }
}

/* The other side has ended the wire, or it has failed. */
static void end_wire(run_state *run, load_wire *wire)
{
    if (wire->state == WIRE_FREE) {
        close_wire(run, wire);
    } else if (rk_reply_end(&wire->reply)) {
        finish_reply(run, wire, rk_clock_ns());
    } else {
        fail_wire(run, wire);
    }
}

static void pull_bytes(run_state *run, load_wire *wire)
{
    ssize_t n;
    do {
        n = recv(wire->fd, run->load->bytes, READ_BYTES, 0);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return;
    }
    if (n <= 0 || wire->state != WIRE_BUSY) {
        end_wire(run, wire); /* bytes that nobody asked for end it too */
        return;
    }
    size_t used = rk_reply_feed(&wire->reply, run->load->bytes, (size_t)n);
    if (wire->reply.state == RK_REPLY_BROKEN || used < (size_t)n) {
        fail_wire(run, wire);
    } else if (wire->reply.state == RK_REPLY_DONE) {
        finish_reply(run, wire, rk_clock_ns());
    }
}

static void handle(run_state *run, const struct epoll_event *event)
{
    load_wire *wire = &run->load->wires[event->data.u32];
    if (wire->state == WIRE_CONNECTING) {
        end_connect(run, wire);
    } else if (wire->state != WIRE_CLOSED && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
        pull_bytes(run, wire);
    } else if (wire->state == WIRE_BUSY) {
        push_bytes(run, wire);
    }
}

/* ---- the loop ---- */

static int wait_events(rk_load *load, struct epoll_event *events, int64_t wait_ns)
{
    wait_ns = wait_ns > 0 ? wait_ns : 0;
    if (load->has_pwait2) {
        struct timespec wait = {wait_ns / 1000000000, wait_ns % 1000000000};
        int n = epoll_pwait2(load->epoll, events, EVENTS, &wait, NULL);
        if (n >= 0 || errno != ENOSYS) {
            return n;
        }
        load->has_pwait2 = false;
    }
    return epoll_wait(load->epoll, events, EVENTS, (int)((wait_ns + 999999) / 1000000));
}

static void begin_part(run_state *run)
{
    memset(run->result, 0, sizeof *run->result);
    run->part_cpu_ns = rk_clock_thread_ns();
}

/* until_ns: to which its requests were due. */
static void end_part(run_state *run, int64_t until_ns)
{
    run->result->seconds = (double)(until_ns - run->part_start_ns) * 1e-9;
    run->result->cpu_s = (double)(rk_clock_thread_ns() - run->part_cpu_ns) * 1e-9;
    run->part_start_ns = until_ns;
}

static void add_part(rk_load_result *into, const rk_load_result *part)
{
    rk_quantile_merge(&into->latency_ns, &part->latency_ns);
    into->n_meant += part->n_meant;
    into->n_good += part->n_good;
    into->n_errors += part->n_errors;
    into->n_unanswered += part->n_unanswered;
    into->body_bytes += part->body_bytes;
    into->seconds += part->seconds;
    into->cpu_s += part->cpu_s;
}

static void tell_part(run_state *run, int64_t until_ns)
{
    end_part(run, until_ns);
    run->step->tell(run->step->context, run->result);
    add_part(run->whole, run->result);
    begin_part(run);
}

/* The last part is told when its answers are there; a rest of less than half a part belongs to it. */
static void tell_if_due(run_state *run, int64_t now_ns)
{
    if (run->every_ns && now_ns >= run->tell_ns && run->tell_ns + run->every_ns / 2 < run->end_ns) {
        tell_part(run, now_ns);
        run->tell_ns += run->every_ns;
    }
}

static void run_loop(run_state *run, int64_t last_ns)
{
    rk_load *load = run->load;
    struct epoll_event events[EVENTS];
    for (;;) {
        int64_t now_ns = rk_clock_ns();
        tell_if_due(run, now_ns);
        run->next_due_ns = run->gap_ns > 0 ? run->next_due_ns : now_ns;
        send_all_due(run, now_ns);
        bool is_more = run->next_due_ns < run->end_ns;
        if (now_ns >= last_ns || (!is_more && load->n_busy == 0) || run->failures > FAILURES_MAX) {
            return;
        }
        bool can_send = is_more && (load->n_free > 0 || load->n_closed > 0);
        int64_t until_ns = can_send && run->next_due_ns < last_ns ? run->next_due_ns : last_ns;
        int n = wait_events(load, events, until_ns - rk_clock_ns());
        for (int i = 0; i < n; i++) {
            handle(run, &events[i]);
        }
    }
}

/* Requests without an answer at the end have waited at least until now. */
static void count_unanswered(run_state *run)
{
    rk_load *load = run->load;
    int64_t now_ns = rk_clock_ns();
    for (unsigned i = 0; i < load->options.connections; i++) {
        load_wire *wire = &load->wires[i];
        if (wire->state == WIRE_BUSY || wire->state == WIRE_CONNECTING) {
            run->result->n_unanswered++;
            rk_quantile_add(&run->result->latency_ns, (uint64_t)(now_ns - wire->due_ns));
            close_wire(run, wire);
        }
    }
    while (run->gap_ns > 0 && run->next_due_ns < run->end_ns) {
        run->result->n_meant++;
        run->result->n_unanswered++;
        rk_quantile_add(&run->result->latency_ns, (uint64_t)(now_ns - run->next_due_ns));
        draw_next(run);
    }
}

rk_status rk_load_run(rk_load *load, rk_load_step step, rk_load_result *out, rk_error *err)
{
    rk_load_result *part = step.every_s > 0 ? malloc(sizeof *part) : NULL; /* too large for a stack */
    if (step.every_s > 0 && !part) {
        return rk_fail_memory(err, "the load generator");
    }
    memset(out, 0, sizeof *out);
    prctl(PR_SET_TIMERSLACK, 1000ul, 0, 0, 0); /* 1 us: the default of 50 would show in every latency */
    run_state run = {
        .load = load,
        .step = &step,
        .result = part ? part : out,
        .whole = out,
        .random = rk_random_of(load->options.seed, STREAM_SCHEDULE + (load->n_runs++ << 8)),
        .start_ns = rk_clock_ns(),
        .gap_ns = isinf(step.rate_rps) ? 0 : 1e9 / step.rate_rps,
    };
    run.end_ns = run.start_ns + (int64_t)(step.seconds * 1e9);
    run.next_due_ns = run.start_ns;
    run.part_start_ns = run.start_ns;
    run.every_ns = (int64_t)(step.every_s * 1e9);
    run.tell_ns = run.start_ns + run.every_ns;
    begin_part(&run);
    if (run.gap_ns > 0) {
        draw_next(&run);
    }
    run_loop(&run, run.end_ns + (int64_t)(step.grace_s * 1e9));
    count_unanswered(&run);
    if (part) {
        tell_part(&run, run.end_ns);
        free(part);
    } else {
        end_part(&run, run.end_ns);
    }
    return run.failures > FAILURES_MAX
               ? rk_fail_errno(err, RK_IO, run.failure, "cannot connect to %s", load->options.endpoint->host)
               : RK_OK;
}
