/* bench_overload.c - a server that is asked for several times what it can do: with an objective, and without.
 *
 *     bench_overload MODEL.rk [CONNECTIONS [SLO_MS]]     default: 400 connections, 100 ms
 *
 * One thread holds all connections and asks again on each as soon as it is answered, refused ones too, and at once:
 * the rudest clients there are. The server has one worker, so that each side has a core of two. Prints a Markdown
 * table; latencies are of whole requests, as the clients see them.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "model/model.h"
#include "serve/serve.h"

enum { CONNECTIONS_MAX = 900, SECONDS = 5, ANSWER_BYTES = 65536 };

typedef struct {
    int fd;
    double sent_s;
    size_t n;
    char answer[ANSWER_BYTES];
} connection;

typedef struct {
    const rk_names *users;
    uint64_t n_asked;
    rk_vec answered_ms, refused_ms; /* double */
} bench;

static double now_s(void) { return (double)rk_clock_ns() * 1e-9; }

static bool ask(bench *b, connection *c)
{
    char request[700];
    rk_slice user = rk_names_get(b->users, (uint32_t)(b->n_asked++ * 7919 % b->users->n));
    int n = snprintf(request, sizeof request, "GET /v1/recommend?user=%.*s&n=20 HTTP/1.1\r\nHost: bench\r\n\r\n",
                     (int)user.n, user.at);
    c->n = 0;
    c->sent_s = now_s();
    return send(c->fd, request, (size_t)n, MSG_NOSIGNAL) == n;
}

/* Whether the answer is whole. */
static bool is_whole(const connection *c)
{
    static const char length[] = "Content-Length: ";
    const char *body = strstr(c->answer, "\r\n\r\n"), *at = strstr(c->answer, length);
    return body && at && c->n >= (size_t)(body + 4 - c->answer) + strtoul(at + sizeof length - 1, NULL, 10);
}

static bool receive(bench *b, connection *c)
{
    ssize_t more = recv(c->fd, c->answer + c->n, sizeof c->answer - 1 - c->n, 0);
    if (more <= 0) {
        return false;
    }
    c->answer[c->n += (size_t)more] = '\0';
    if (!is_whole(c)) {
        return true;
    }
    double ms = (now_s() - c->sent_s) * 1e3;
    bool is_answered = strncmp(c->answer, "HTTP/1.1 200", 12) == 0;
    return (is_answered || strncmp(c->answer, "HTTP/1.1 503", 12) == 0) &&
           rk_vec_push(is_answered ? &b->answered_ms : &b->refused_ms, &ms) && ask(b, c);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const rk_vec *values, double q)
{
    return values->n > 0 ? ((const double *)values->data)[(size_t)(q * (double)(values->n - 1))] : 0;
}

static void report(bench *b, const char *words, double seconds, double cpu_s)
{
    qsort(b->answered_ms.data, b->answered_ms.n, sizeof(double), by_value);
    qsort(b->refused_ms.data, b->refused_ms.n, sizeof(double), by_value);
    printf("| %s | %.0f | %.0f | %.1f | %.1f | %.1f | %.1f | %.0f |\n", words, (double)b->answered_ms.n / seconds,
           (double)b->refused_ms.n / seconds, quantile(&b->answered_ms, 0.5), quantile(&b->answered_ms, 0.99),
           quantile(&b->answered_ms, 1), quantile(&b->refused_ms, 0.99), 100 * cpu_s / seconds);
    fflush(stdout);
}

static bool open_all(bench *b, uint16_t port, connection *connections, size_t n, int queue)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    for (size_t i = 0; i < n; i++) {
        int at_once = 1;
        connections[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(connections[i].fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
        if (connect(connections[i].fd, (struct sockaddr *)&to, sizeof to) != 0 ||
            epoll_ctl(queue, EPOLL_CTL_ADD, connections[i].fd, &event) != 0 || !ask(b, &connections[i])) {
            return false;
        }
    }
    return true;
}

static bool measure(bench *b, uint16_t port, connection *connections, size_t n, const char *words)
{
    enum { EVENTS = 256 };
    struct epoll_event events[EVENTS];
    int queue = epoll_create1(0);
    bool is_well = open_all(b, port, connections, n, queue);
    double begin_s = now_s();
    int64_t cpu_ns = rk_clock_cpu_ns() - rk_clock_thread_ns();
    while (is_well && now_s() < begin_s + SECONDS) {
        int n_events = epoll_wait(queue, events, EVENTS, 100);
        for (int i = 0; is_well && i < n_events; i++) {
            is_well = receive(b, events[i].data.ptr);
        }
    }
    cpu_ns = rk_clock_cpu_ns() - rk_clock_thread_ns() - cpu_ns;
    report(b, words, now_s() - begin_s, (double)cpu_ns * 1e-9);
    for (size_t i = 0; i < n; i++) {
        close(connections[i].fd);
    }
    close(queue);
    return is_well;
}

static bool run_case(const char *model_path, const rk_model *model, size_t n, unsigned slo_ms)
{
    bench b = {.users = rk_model_users(model),
               .answered_ms = {.item_bytes = sizeof(double)},
               .refused_ms = {.item_bytes = sizeof(double)}};
    connection *connections = calloc(n, sizeof *connections);
    rk_server *server = NULL;
    rk_error err = {0};
    rk_run run = {0};
    rk_serve_options options = rk_serve_defaults();
    char words[32] = "none";
    options.model_path = model_path;
    options.port = 0;
    options.threads = 1;
    options.guard.load.slo_ms = slo_ms;
    if (slo_ms > 0) {
        snprintf(words, sizeof words, "%u ms", slo_ms);
    }
    bool is_well = connections && rk_server_start(&options, &run, &server, &err) == RK_OK &&
                   measure(&b, rk_server_port(server), connections, n, words);
    if (err.status) {
        fprintf(stderr, "bench_overload: %s\n", err.message);
    }
    rk_server_stop(server);
    rk_vec_release(&b.answered_ms);
    rk_vec_release(&b.refused_ms);
    free(connections);
    return is_well;
}

int main(int argc, char **argv)
{
    rk_model *model = NULL;
    rk_error err;
    long n = argc > 2 ? atol(argv[2]) : 400, slo_ms = argc > 3 ? atol(argv[3]) : 100;
    if (argc < 2 || n < 1 || n > CONNECTIONS_MAX || slo_ms < 1 || slo_ms > 60000) {
        fprintf(stderr, "usage: bench_overload MODEL.rk [CONNECTIONS [SLO_MS]]\n");
        return 2;
    }
    if (rk_model_open(argv[1], &model, &err) != RK_OK) {
        fprintf(stderr, "bench_overload: %s\n", err.message);
        return 1;
    }
    printf("| objective | answered/s | refused/s | answered: p50 ms | p99 ms | worst ms | refused: p99 ms | server: "
           "cpu %% |\n"
           "|---|---:|---:|---:|---:|---:|---:|---:|\n");
    bool is_well = run_case(argv[1], model, (size_t)n, 0) && run_case(argv[1], model, (size_t)n, (unsigned)slo_ms);
    rk_model_close(model);
    return is_well ? 0 : 1;
}
