/* child.c - fork, exec, and a file in which the server says its port.
 *
 * The folder with the port file and the server's messages exists only while the server starts.
 */
#include "measure/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { START_S = 60, STOP_S = 15, STEP_MS = 2 };

typedef struct {
    char folder[96], port_file[128], log_file[128];
} nest_paths;

static void sleep_ms(long ms) { nanosleep(&(struct timespec){0, ms * 1000000}, NULL); }

static rk_status nest_make(nest_paths *out, rk_error *err)
{
    const char *top = getenv("TMPDIR");
    int n = snprintf(out->folder, sizeof out->folder,
                     "%s/reckon-measure-XX"
                     "XX"
                     "XX",
                     top && *top ? top : "/tmp");
    if (n >= (int)sizeof out->folder) {
        return rk_fail(err, RK_BAD_USAGE, "TMPDIR is too long, got '%.80s'", top);
    }
    if (!mkdtemp(out->folder)) {
        return rk_fail_errno(err, RK_IO, errno, "cannot make the folder %s", out->folder);
    }
    snprintf(out->port_file, sizeof out->port_file, "%s/port", out->folder);
    snprintf(out->log_file, sizeof out->log_file, "%s/log", out->folder);
    return RK_OK;
}

static void nest_remove(const nest_paths *nest)
{
    unlink(nest->port_file);
    unlink(nest->log_file);
    rmdir(nest->folder);
}

/* In the child, between fork and exec: only calls that are safe there. */
_Noreturn static void become_server(const char *program, char *const *words, const char *log_file, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int log = open(log_file, O_WRONLY | O_CREAT | O_TRUNC, 0600), nothing = open("/dev/null", O_RDWR);
    if (getppid() == parent && log >= 0 && nothing >= 0 && dup2(nothing, 0) == 0 && dup2(nothing, 1) == 1 &&
        dup2(log, 2) == 2) {
        execv(program, words);
    }
    _exit(127);
}

static rk_status launch(const rk_child_options *options, const nest_paths *nest, rk_child *out, rk_error *err)
{
    const char *program = options->program ? options->program : "/proc/self/exe";
    char threads[16];
    snprintf(threads, sizeof threads, "%u", options->threads);
    const char *words[20] = {"reckon",        "serve",    "--model", options->model_path, "--port", "0", "--port-file",
                             nest->port_file, "--slo-ms", "0", /* what it cannot do in time is to be seen, */
                             "--cache-bytes", "0"};            /* and what an answer costs that is made */
    size_t n = 12;
    if (options->data_path) {
        words[n++] = "--data";
        words[n++] = options->data_path;
    }
    if (options->threads > 0) {
        words[n++] = "--threads";
        words[n++] = threads;
    }
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot start a process");
    }
    if (pid == 0) {
        char *argv[16];
        memcpy(argv, words, sizeof argv); /* execv wants char *, and changes none */
        become_server(program, argv, nest->log_file, parent);
    }
    out->pid = pid;
    return RK_OK;
}

/* The last line the server wrote. */
static void last_words(const char *log_file, char *out, size_t out_bytes)
{
    rk_mapped log;
    rk_error ignored;
    snprintf(out, out_bytes, "no message");
    if (rk_mapped_open(log_file, &log, &ignored) != RK_OK) {
        return;
    }
    rk_slice text = rk_slice_trim((rk_slice){(const char *)log.at, log.n_bytes});
    const char *line_end = text.n ? memrchr(text.at, '\n', text.n) : NULL;
    size_t skipped = line_end ? (size_t)(line_end + 1 - text.at) : 0;
    static const char prefix[] = "reckon: ";
    if (text.n - skipped >= sizeof prefix - 1 && memcmp(text.at + skipped, prefix, sizeof prefix - 1) == 0) {
        skipped += sizeof prefix - 1;
    }
    if (text.n > skipped) {
        snprintf(out, out_bytes, "%.*s", (int)(text.n - skipped), text.at + skipped);
    }
    rk_mapped_close(&log);
}

static rk_status fail_ended(const nest_paths *nest, int how, rk_error *err)
{
    char words[400];
    last_words(nest->log_file, words, sizeof words);
    if (!WIFEXITED(how)) {
        return rk_fail(err, RK_IO, "the server was ended by signal %d: %s", WTERMSIG(how), words);
    }
    if (WEXITSTATUS(how) == 127) {
        return rk_fail(err, RK_IO, "the server's program could not be started");
    }
    rk_status status = WEXITSTATUS(how) == 3 ? RK_BAD_INPUT : WEXITSTATUS(how) == 2 ? RK_BAD_USAGE : RK_IO;
    return rk_fail(err, status, "%s", words);
}

static bool read_port(const char *path, unsigned *port)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    bool is_read = fscanf(file, "%5u", port) == 1; /* the file appears whole */
    fclose(file);
    return is_read;
}

static rk_status await_port(const nest_paths *nest, rk_child *child, rk_error *err)
{
    int64_t end_ns = rk_clock_ns() + START_S * INT64_C(1000000000);
    while (!read_port(nest->port_file, &child->port)) {
        int how;
        if (waitpid(child->pid, &how, WNOHANG) == child->pid) {
            child->pid = 0;
            return fail_ended(nest, how, err);
        }
        if (rk_clock_ns() > end_ns) {
            return rk_fail(err, RK_IO, "the server did not listen within %d s", START_S);
        }
        sleep_ms(STEP_MS);
    }
    return RK_OK;
}

rk_status rk_child_start(const rk_child_options *options, rk_child *out, rk_error *err)
{
    nest_paths nest;
    rk_status status = nest_make(&nest, err);
    if (status != RK_OK) {
        return status;
    }
    *out = (rk_child){0};
    status = launch(options, &nest, out, err);
    if (status == RK_OK) {
        status = await_port(&nest, out, err);
    }
    if (status != RK_OK) {
        rk_child_stop(out);
    }
    nest_remove(&nest);
    return status;
}

void rk_child_stop(rk_child *child)
{
    if (child->pid <= 0) {
        return;
    }
    int64_t end_ns = rk_clock_ns() + STOP_S * INT64_C(1000000000);
    kill(child->pid, SIGTERM);
    pid_t ended;
    while ((ended = waitpid(child->pid, NULL, WNOHANG)) == 0 && rk_clock_ns() < end_ns) {
        sleep_ms(STEP_MS);
    }
    if (ended == 0) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    child->pid = 0;
}
