/* bench_events.c - events a second that a server acknowledges, by connections and events in a request.
 *
 *     bench_events MODEL.rk [FOLDER]     FOLDER: where the log goes; default: where temporary files are
 *
 * Server and clients share the machine and the process: every client is a thread that sends a request, waits for its
 * answer and sends the next. Processor time of the server is what its threads took: all but the clients'. Prints a
 * Markdown table.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "serve/serve.h"

enum { CLIENTS_MAX = 256, USERS = 50000, ITEMS = 20000 };
static const double SECONDS = 3;

typedef struct {
    uint16_t port;
    uint32_t me;
    size_t batch;
    double until;
    uint64_t n;
    int64_t cpu_ns;
} client;

static double now(void) { return (double)rk_clock_ns() * 1e-9; }

static void write_request(const client *c, uint64_t round, rk_text *body, rk_text *request)
{
    rk_text_clear(body);
    rk_text_clear(request);
    for (size_t k = 0; k < c->batch; k++) {
        uint64_t number = c->n + k;
        rk_text_addf(body, "{\"event_id\":\"%llu-%u-%llu\",\"user\":\"u%llu\",\"item\":\"%llu\",\"type\":\"view\"}\n",
                     (unsigned long long)round, c->me, (unsigned long long)number,
                     (unsigned long long)(number * 7919 % USERS), (unsigned long long)(number * 104729 % ITEMS));
    }
    rk_text_addf(request, "POST /v1/events HTTP/1.1\r\nHost: bench\r\nContent-Length: %zu\r\n\r\n", body->n);
    rk_text_add_slice(request, (rk_slice){body->at, body->n});
}

/* One short answer; true when it says 200. */
static bool receive(int fd)
{
    char answer[1024];
    size_t n = 0;
    while (n + 1 < sizeof answer) {
        ssize_t more = recv(fd, answer + n, sizeof answer - 1 - n, 0);
        if (more <= 0) {
            return false;
        }
        answer[n += (size_t)more] = '\0';
        const char *body = strstr(answer, "\r\n\r\n");
        if (body && strchr(body, '}')) {
            return strncmp(answer, "HTTP/1.1 200", 12) == 0;
        }
    }
    return false;
}

static void *run_client(void *context)
{
    client *c = context;
    rk_text body = {0}, request = {0};
    uint64_t round = (uint64_t)rk_clock_ns();
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(c->port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), at_once = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    bool is_well = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    while (is_well && now() < c->until) {
        write_request(c, round, &body, &request);
        is_well = send(fd, request.at, request.n, MSG_NOSIGNAL) == (ssize_t)request.n && receive(fd);
        c->n += is_well ? c->batch : 0;
    }
    close(fd);
    rk_text_release(&body);
    rk_text_release(&request);
    c->cpu_ns = rk_clock_thread_ns();
    return is_well ? NULL : c;
}

static bool measure(uint16_t port, size_t n_clients, size_t batch)
{
    static client clients[CLIENTS_MAX];
    pthread_t threads[CLIENTS_MAX];
    double begin = now();
    int64_t cpu_ns = rk_clock_cpu_ns();
    uint64_t n = 0;
    bool is_well = true;
    for (size_t c = 0; c < n_clients; c++) {
        clients[c] = (client){.port = port, .me = (uint32_t)c, .batch = batch, .until = begin + SECONDS};
        if (pthread_create(&threads[c], NULL, run_client, &clients[c])) {
            n_clients = c;
        }
    }
    for (size_t c = 0; c < n_clients; c++) {
        void *failed;
        pthread_join(threads[c], &failed);
        is_well = is_well && !failed;
        n += clients[c].n;
        cpu_ns += clients[c].cpu_ns;
    }
    double seconds = now() - begin, server_s = (double)(rk_clock_cpu_ns() - cpu_ns) * 1e-9;
    printf("| %zu | %zu | %.0f | %.1f |\n", n_clients, batch, (double)n / seconds, server_s * 1e6 / (double)n);
    fflush(stdout);
    return is_well;
}

int main(int argc, char **argv)
{
    static const size_t cases[][2] = {{1, 1}, {16, 1}, {64, 1}, {256, 1}, {1, 100}, {16, 100}, {64, 100}};
    const char *tmp = getenv("TMPDIR");
    char folder[4000], words[4100];
    rk_server *server = NULL;
    rk_error err = {0};
    rk_run run = {0};
    bool is_well = true;
    if (argc < 2) {
        fprintf(stderr, "usage: bench_events MODEL.rk [FOLDER]\n");
        return 2;
    }
    snprintf(folder, sizeof folder, "%s/reckon-events-XXXXXX", argc > 2 ? argv[2] : tmp && *tmp ? tmp : "/tmp");
    rk_serve_options options = rk_serve_defaults();
    options.model_path = argv[1];
    options.port = 0;
    options.events_path = folder;
    if (!mkdtemp(folder) || rk_server_start(&options, &run, &server, &err)) {
        fprintf(stderr, "bench_events: %s\n", err.status ? err.message : "no room for a log");
        return 1;
    }
    printf("| connections | events each | acknowledged a second | server: cpu us an event |\n|---:|---:|---:|---:|\n");
    for (size_t i = 0; is_well && i < RK_COUNT_OF(cases); i++) {
        is_well = measure(rk_server_port(server), cases[i][0], cases[i][1]);
    }
    rk_server_stop(server);
    snprintf(words, sizeof words, "rm -rf '%s'", folder);
    return system(words) == 0 && is_well ? 0 : 1;
}
