/* child.c - fork, exec, and a pipe in which the server says its port.
 *
 * Nothing of it has a name in a folder: the port comes through a pipe that is handed down, and the server's messages go
 * to a file in memory, from which its last words are read whenever it has ended.
 */
#include "measure/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { START_S = 60, STOP_S = 15, STEP_MS = 2 };

static void sleep_ms(long ms) { nanosleep(&(struct timespec){0, ms * 1000000}, NULL); }

/* What the server is given: its words, and the files that stand for its port file and its messages. */
typedef struct {
    const char *program;
    char *const *words;
    int port, log;
} launching;

enum { PORT_FD = 3 };

/* In the child, between fork and exec: only calls that are safe there. */
_Noreturn static void become_server(launching l, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int nothing = open("/dev/null", O_RDWR); /* kept over exec where it is 0 or 1 itself */
    /* A descriptor that is already where it belongs would keep its close-on-exec flag: 10 and above are not. */
    int port = fcntl(l.port, F_DUPFD_CLOEXEC, 10), log = fcntl(l.log, F_DUPFD_CLOEXEC, 10);
    if (getppid() == parent && nothing >= 0 && dup2(nothing, 0) == 0 && dup2(nothing, 1) == 1 && dup2(log, 2) == 2 &&
        dup2(port, PORT_FD) == PORT_FD) {
        execv(l.program, l.words);
    }
    _exit(127);
}

static rk_status launch(const rk_child_options *options, int port, rk_child *out, rk_error *err)
{
    char threads[16];
    snprintf(threads, sizeof threads, "%u", options->threads);
    const char *words[20] = {"reckon",        "serve",    "--model", options->model_path, "--port", "0", "--port-file",
                             "/dev/fd/3",     "--slo-ms", "0", /* what it cannot do in time is to be seen, */
                             "--cache-bytes", "0"};            /* and what an answer costs that is made */
    size_t n = 12;
    if (options->data_path) {
        words[n++] = "--data";
        words[n++] = options->data_path;
    }
    if (options->index_path) {
        words[n++] = "--index";
        words[n++] = options->index_path;
    }
    if (options->threads > 0) {
        words[n++] = "--threads";
        words[n++] = threads;
    }
    char *argv[RK_COUNT_OF(words)];
    memcpy(argv, words, sizeof argv); /* execv wants char *, and changes none */
    launching l = {options->program ? options->program : "/proc/self/exe", argv, port, out->log};
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot start a process");
    }
    if (pid == 0) {
        become_server(l, parent);
    }
    out->pid = pid;
    return RK_OK;
}

/* The last line the server wrote. */
static void last_words(int log, char *out, size_t out_bytes)
{
    enum { TAIL_BYTES = 4096 };
    char bytes[TAIL_BYTES];
    off_t end = lseek(log, 0, SEEK_END);
    ssize_t n = end > 0 ? pread(log, bytes, TAIL_BYTES, end > TAIL_BYTES ? end - TAIL_BYTES : 0) : 0;
    rk_slice text = rk_slice_trim((rk_slice){bytes, n > 0 ? (size_t)n : 0});
    const char *line_end = text.n ? memrchr(text.at, '\n', text.n) : NULL;
    size_t skipped = line_end ? (size_t)(line_end + 1 - text.at) : 0;
    static const char prefix[] = "reckon: ";
    if (text.n - skipped >= sizeof prefix - 1 && memcmp(text.at + skipped, prefix, sizeof prefix - 1) == 0) {
        skipped += sizeof prefix - 1;
    }
    snprintf(out, out_bytes, "%.*s", (int)(text.n - skipped), text.at + skipped);
    if (out[0] == '\0') {
        snprintf(out, out_bytes, "no message");
    }
}

static rk_status fail_ended(int log, int how, rk_error *err)
{
    char words[400];
    last_words(log, words, sizeof words);
    if (!WIFEXITED(how)) {
        return rk_fail(err, RK_IO, "the server was ended by signal %d: %s", WTERMSIG(how), words);
    }
    if (WEXITSTATUS(how) == 127) {
        return rk_fail(err, RK_IO, "the server's program could not be started");
    }
    rk_status status = WEXITSTATUS(how) == 3 ? RK_BAD_INPUT : WEXITSTATUS(how) == 2 ? RK_BAD_USAGE : RK_IO;
    return rk_fail(err, status, "%s", words);
}

rk_status rk_child_check(rk_child *child, unsigned patience_ms, rk_error *err)
{
    int how = 0;
    pid_t ended = 0;
    for (unsigned ms = 0; child->pid > 0 && (ended = waitpid(child->pid, &how, WNOHANG)) == 0 && ms < patience_ms;
         ms += STEP_MS) {
        sleep_ms(STEP_MS);
    }
    if (ended <= 0) {
        return RK_OK;
    }
    child->pid = 0;
    return fail_ended(child->log, how, err);
}

/* The server writes its port and a newline at once. false: it has not yet. */
static bool read_port(int from, rk_text *said, unsigned *port)
{
    char bytes[16];
    ssize_t n = read(from, bytes, sizeof bytes);
    if (n > 0) {
        rk_text_add_slice(said, (rk_slice){bytes, (size_t)n});
    }
    return said->n > 0 && !said->failed && said->at[said->n - 1] == '\n' && sscanf(said->at, "%5u", port) == 1;
}

static rk_status await_port(int from, rk_child *child, rk_error *err)
{
    int64_t end_ns = rk_clock_ns() + START_S * INT64_C(1000000000);
    rk_text said = {0};
    rk_status status = RK_OK;
    fcntl(from, F_SETFL, O_NONBLOCK);
    while (!status && !read_port(from, &said, &child->port)) {
        struct pollfd ready = {from, POLLIN, 0};
        status = rk_child_check(child, 0, err);
        if (!status && rk_clock_ns() > end_ns) {
            status = rk_fail(err, RK_IO, "the server did not listen within %d s", START_S);
        } else if (!status && poll(&ready, 1, 100) > 0 && !(ready.revents & POLLIN)) {
            sleep_ms(STEP_MS); /* nobody will write any more: it is about to be dead */
        }
    }
    rk_text_release(&said);
    return status;
}

static rk_status launch_and_await(const rk_child_options *options, rk_child *out, rk_error *err)
{
    int port[2];
    out->log = memfd_create("server", MFD_CLOEXEC);
    if (out->log < 0 || pipe2(port, O_CLOEXEC) != 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot open what the server writes to");
    }
    rk_status status = launch(options, port[1], out, err);
    close(port[1]);
    status = status ? status : await_port(port[0], out, err);
    close(port[0]);
    return status;
}

rk_status rk_child_start(const rk_child_options *options, rk_child *out, rk_error *err)
{
    *out = (rk_child){0};
    rk_status status = launch_and_await(options, out, err);
    if (status != RK_OK) {
        rk_child_stop(out);
    }
    return status;
}

static void end_process(pid_t pid)
{
    int64_t end_ns = rk_clock_ns() + STOP_S * INT64_C(1000000000);
    kill(pid, SIGTERM);
    pid_t ended;
    while ((ended = waitpid(pid, NULL, WNOHANG)) == 0 && rk_clock_ns() < end_ns) {
        sleep_ms(STEP_MS);
    }
    if (ended == 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
}

void rk_child_stop(rk_child *child)
{
    if (child->pid > 0) {
        end_process(child->pid);
    }
    if (child->log > 0) {
        close(child->log);
    }
    *child = (rk_child){0};
}
