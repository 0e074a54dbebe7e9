/* bench_serve.c - processor time of an answer, one at a time: the server beside the bare HTTP library.
 *
 *     bench_serve MODEL.rk [INDEX.rk]
 *
 * Every server is a process of its own with one worker; one client asks them in turns over a kept connection, and reads
 * each whole answer before it asks again. Processor time is the server process's, read from its clock. Medians of five
 * interleaved rounds, and the shortest. "Bare" is the same HTTP library with the same settings that answers every
 * request with a constant as long as an answer of 20 items. Prints a Markdown table.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/model.h"
#include "serve/serve.h"

enum { BARE, PLAIN, INDEXED, CACHED, SERVERS }; /* only the last keeps answers */
enum { ROUNDS = 5, BARE_BYTES = 2200, ANSWER_BYTES = 262144, USERS = 997 };

typedef struct {
    const char *what, *path, *behind; /* behind a name; NULL: nothing */
    bool is_of_user, is_of_item;      /* the path ends where the name of one goes */
    int server;                       /* of servers */
    int n;                            /* requests a round */
    double us[ROUNDS];
    size_t bytes;
} kind;

typedef struct {
    pid_t pid;
    uint16_t port;
    int fd;
    clockid_t clock;
} process;

static int fail(const char *words)
{
    fprintf(stderr, "bench_serve: %s\n", words);
    return 1;
}

/* ---- servers ---- */

static enum MHD_Result answer_bare(void *context, struct MHD_Connection *connection, const char *url,
                                   const char *method, const char *version, const char *upload, size_t *upload_bytes,
                                   void **request)
{
    static int seen;
    static char body[BARE_BYTES];
    (void)context, (void)url, (void)method, (void)version, (void)upload, (void)upload_bytes;
    if (!*request) {
        *request = &seen;
        return MHD_YES;
    }
    *request = NULL;
    memset(body, 'a', sizeof body);
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof body, body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

static uint16_t start_bare(void)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_USE_ITC, 0, NULL,
                                                 NULL, answer_bare, NULL, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    return info ? info->port : 0;
}

/* What a front page and a product's page show. */
static const char scenes_text[] = "scenes:\n"
                                  "  home: {sources: [{from: recommended, n: 50}]}\n"
                                  "  product: {sources: [{from: similar, to: item, n: 50}]}\n";

static bool write_scenes(const char *path)
{
    FILE *file = fopen(path, "w");
    return file && fputs(scenes_text, file) >= 0 && fclose(file) == 0;
}

static uint16_t start_reckon(const char *model, const char *index, const char *scenes, size_t cache_bytes)
{
    static rk_serve_options options;
    static rk_run quiet;
    rk_server *server;
    rk_error err;
    options = rk_serve_defaults();
    options.model_path = model;
    options.index_path = index;
    options.scenes_path = scenes;
    options.port = 0;
    options.threads = 1;
    options.cache_bytes = cache_bytes;
    if (rk_server_start(&options, &quiet, &server, &err)) {
        fail(err.message);
        return 0;
    }
    return rk_server_port(server);
}

static bool start(process *s, int which, const char *model, const char *index, const char *scenes)
{
    int ends[2];
    if (pipe(ends) != 0 || (s->pid = fork()) < 0) {
        return false;
    }
    if (s->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        uint16_t port = which == BARE ? start_bare()
                                      : start_reckon(model, which == INDEXED ? index : NULL, scenes,
                                                     which == CACHED ? rk_serve_defaults().cache_bytes : 0);
        if (write(ends[1], &port, sizeof port) != sizeof port || port == 0) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    bool is_told = read(ends[0], &s->port, sizeof s->port) == sizeof s->port && s->port > 0;
    close(ends[0]);
    close(ends[1]);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(s->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return is_told && connect(s->fd, (const struct sockaddr *)&to, sizeof to) == 0 &&
           clock_getcpuclockid(s->pid, &s->clock) == 0;
}

/* ---- asking ---- */

/* One whole answer by its Content-Length; 0: it is no 200. */
static size_t receive(int fd, char *answer)
{
    size_t n = 0, wanted = 0;
    while (wanted == 0 || n < wanted) {
        ssize_t more = recv(fd, answer + n, ANSWER_BYTES - 1 - n, 0);
        if (more <= 0) {
            return 0;
        }
        answer[n += (size_t)more] = '\0';
        const char *end = wanted ? NULL : strstr(answer, "\r\n\r\n"),
                   *length = end ? strcasestr(answer, "content-length: ") : NULL;
        if (length) {
            wanted = (size_t)(end - answer) + 4 + strtoull(length + 16, NULL, 10);
        }
    }
    return strncmp(answer, "HTTP/1.1 200", 12) == 0 ? n : 0;
}

static double cpu_us(const process *s)
{
    struct timespec t;
    clock_gettime(s->clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static bool ask(const kind *k, const process *s, const rk_model *model, int n, size_t *bytes)
{
    static char answer[ANSWER_BYTES];
    const rk_names *names = k->is_of_item ? rk_model_items(model) : rk_model_users(model);
    for (int i = 0; i < n; i++) {
        char path[700], request[900];
        rk_slice name = rk_names_get(names, (uint32_t)((uint64_t)i * 7919 % (names->n < USERS ? names->n : USERS)));
        snprintf(path, sizeof path, "%s%.*s%s", k->path, k->is_of_user || k->is_of_item ? (int)name.n : 0, name.at,
                 k->behind ? k->behind : "");
        int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", path);
        if (send(s->fd, request, (size_t)length, MSG_NOSIGNAL) != length || (*bytes = receive(s->fd, answer)) == 0) {
            return false;
        }
    }
    return true;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const kind *kinds, size_t n)
{
    printf("| answer | bytes | cpu us: median | shortest | answers a second of cpu | times bare "
           "|\n|---|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < n; i++) {
        const kind *k = &kinds[i];
        if (k->us[0] > 0) {
            printf("| %s | %zu | %.1f | %.1f | %.0f | %.2f |\n", k->what, k->bytes, k->us[ROUNDS / 2], k->us[0],
                   1e6 / k->us[ROUNDS / 2], k->us[ROUNDS / 2] / kinds[0].us[ROUNDS / 2]);
        }
    }
}

int main(int argc, char **argv)
{
    kind kinds[] = {
        {.what = "bare HTTP library", .path = "/", .server = BARE, .n = 20000},
        {.what = "`/healthz`", .path = "/healthz", .server = PLAIN, .n = 20000},
        {.what = "nobody known: what is popular, 20",
         .path = "/v1/recommend?user=nobody-known&n=20",
         .server = PLAIN,
         .n = 5000},
        {.what = "the same, kept", .path = "/v1/recommend?user=nobody-known&n=20", .server = CACHED, .n = 20000},
        {.what = "recommend 20, every item scored",
         .path = "/v1/recommend?n=20&user=",
         .is_of_user = true,
         .server = PLAIN,
         .n = 2000},
        {.what = "recommend 20, by the index",
         .path = "/v1/recommend?n=20&user=",
         .is_of_user = true,
         .server = INDEXED,
         .n = 5000},
        {.what = "similar 20, every item scored",
         .path = "/v1/similar/",
         .behind = "?n=20",
         .is_of_item = true,
         .server = PLAIN,
         .n = 2000},
        {.what = "similar 20, by the index",
         .path = "/v1/similar/",
         .behind = "?n=20",
         .is_of_item = true,
         .server = INDEXED,
         .n = 5000},
        {.what = "scene of what is recommended, every item scored",
         .path = "/v1/recommend?n=20&scene=home&user=",
         .is_of_user = true,
         .server = PLAIN,
         .n = 2000},
        {.what = "scene of what is recommended, by the index",
         .path = "/v1/recommend?n=20&scene=home&user=",
         .is_of_user = true,
         .server = INDEXED,
         .n = 5000},
        {.what = "scene of what is similar to an item, every item scored",
         .path = "/v1/recommend?n=20&scene=product&user=nobody-known&item=",
         .is_of_item = true,
         .server = PLAIN,
         .n = 2000},
        {.what = "scene of what is similar to an item, by the index",
         .path = "/v1/recommend?n=20&scene=product&user=nobody-known&item=",
         .is_of_item = true,
         .server = INDEXED,
         .n = 5000},
        {.what = "recommend 20, kept",
         .path = "/v1/recommend?n=20&user=",
         .is_of_user = true,
         .server = CACHED,
         .n = 20000},
    };
    char scenes[] = "/tmp/bench-serve-XXXXXX";
    int fd = mkstemp(scenes);
    process servers[SERVERS] = {0};
    rk_model *model;
    rk_error err;
    bool has_index = argc > 2;
    if (argc < 2) {
        return fail("MODEL.rk [INDEX.rk]");
    }
    if (fd < 0 || close(fd) != 0 || !write_scenes(scenes)) {
        return fail("cannot write the scenes");
    }
    if (rk_model_open(argv[1], &model, &err)) {
        return fail(err.message);
    }
    for (int i = 0; i < SERVERS; i++) {
        bool is_wanted = i != INDEXED || has_index;
        if (is_wanted && !start(&servers[i], i, argv[1], has_index ? argv[2] : NULL, scenes)) {
            return fail("a server did not start");
        }
    }
    unlink(scenes);
    for (int round = -1; round < ROUNDS; round++) { /* the first one warms up */
        for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
            kind *k = &kinds[i];
            const process *s = &servers[k->server];
            if (!s->pid) {
                continue;
            }
            double before = cpu_us(s);
            if (!ask(k, s, model, k->n, &k->bytes)) {
                return fail("an answer was no 200");
            }
            k->us[round > 0 ? round : 0] = (cpu_us(s) - before) / k->n;
        }
    }
    for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
        qsort(kinds[i].us, ROUNDS, sizeof *kinds[i].us, by_size);
    }
    print(kinds, RK_COUNT_OF(kinds));
    for (int i = 0; i < SERVERS; i++) {
        if (servers[i].pid) {
            kill(servers[i].pid, SIGKILL);
            waitpid(servers[i].pid, NULL, 0);
        }
    }
    rk_model_close(model);
    return 0;
}
