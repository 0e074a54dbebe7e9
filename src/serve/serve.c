/* serve.c - a server as a whole process: signals.
 *
 * A handler may only write one byte to a pipe; the thread that called rk_serve reads it and acts. The pipe's end is the
 * one piece of static state in this room: a signal handler is handed nothing else.
 */
#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile sig_atomic_t signal_pipe = -1;

static void on_signal(int number)
{
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    if (write(signal_pipe, &byte, 1) < 0) {
        byte = 0; /* a full pipe: signals enough are waiting */
    }
    errno = kept;
}

static const int caught[] = {SIGTERM, SIGINT, SIGHUP};

typedef struct {
    int fds[2];
    struct sigaction before[RK_COUNT_OF(caught)], pipe_before;
} signal_watch;

static rk_status watch_signals(signal_watch *watch, rk_error *err)
{
    if (pipe2(watch->fds, O_CLOEXEC) != 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot open a pipe");
    }
    fcntl(watch->fds[1], F_SETFL, O_NONBLOCK);
    signal_pipe = watch->fds[1];
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < RK_COUNT_OF(caught); i++) {
        sigaction(caught[i], &action, &watch->before[i]);
    }
    action.sa_handler = SIG_IGN; /* a client that went away is not a reason to end */
    sigaction(SIGPIPE, &action, &watch->pipe_before);
    return RK_OK;
}

static void unwatch_signals(signal_watch *watch)
{
    for (size_t i = 0; i < RK_COUNT_OF(caught); i++) {
        sigaction(caught[i], &watch->before[i], NULL);
    }
    sigaction(SIGPIPE, &watch->pipe_before, NULL);
    signal_pipe = -1;
    close(watch->fds[0]);
    close(watch->fds[1]);
}

/* 0 when the pipe has failed. */
static int next_signal(const signal_watch *watch)
{
    unsigned char byte = 0;
    ssize_t n;
    do {
        n = read(watch->fds[0], &byte, 1);
    } while (n < 0 && errno == EINTR);
    return n == 1 ? byte : 0;
}

/* Every connection is a descriptor: the soft limit of 1024 is for programs that use select. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* The keeper's end of the pipe: as if SIGTERM had come. */
static void end_doomed(void) { on_signal(SIGTERM); }

static rk_status serve(const rk_serve_options *options, const rk_run *run, rk_error *err)
{
    signal_watch watch;
    rk_serve_options mine = *options;
    mine.on_doom = end_doomed;
    rk_status status = watch_signals(&watch, err);
    if (status != RK_OK) {
        return status;
    }
    raise_descriptor_limit();
    rk_server *server = NULL;
    status = rk_server_start(&mine, run, &server, err);
    if (status == RK_OK) {
        int number;
        while ((number = next_signal(&watch)) == SIGHUP) {
            rk_server_reload_later(server);
        }
        status = rk_server_doom(server, err);
        if (status == RK_OK) {
            rk_log(run, RK_LOG_INFO, "ending on %s: answering what has begun", number == SIGINT ? "SIGINT" : "SIGTERM");
        }
        rk_server_stop(server);
    }
    unwatch_signals(&watch);
    return status;
}

rk_status rk_serve(const rk_serve_options *options, const rk_run *run, rk_error *err)
{
    enum { SLOW_MS = 1000 }; /* where nothing else is agreed */
    if (!options->logs_json) {
        return serve(options, run, err);
    }
    rk_serve_options told = *options;
    rk_run heard = *run;
    int64_t slow_ms = options->guard.load.slo_ms > 0 ? (int64_t)options->guard.load.slo_ms : SLOW_MS;
    rk_json_log_options writing = {.sample = options->log_sample, .slow_ns = slow_ms * 1000000};
    rk_status status = rk_json_log_new(STDERR_FILENO, &writing, &told.json_log, err);
    if (status == RK_OK) {
        heard.voice = rk_json_log_voice(told.json_log);
        status = serve(&told, &heard, err);
        rk_json_log_free(told.json_log);
    }
    return status;
}
