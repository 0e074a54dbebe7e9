/* frame_voice.c - what a running command says on standard error.
 *
 * Progress is one line, drawn over itself; the first drawing waits a fifth of a second, so quick steps stay silent.
 * A log line first takes the progress line away. Off a terminal there is no progress at all.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/frame.h"

#define REDRAW_NS ((int64_t)200000000)
#define ERASE_LINE "\r\x1b[K"

static size_t columns_of_terminal(void)
{
    struct winsize size;
    bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return is_known ? size.ws_col - 1u : 79;
}

void rk_progress_line(const char *step, const char *unit, uint64_t done, uint64_t total, double elapsed_s,
                      size_t n_columns, rk_text *out)
{
    double n = (double)done, rate = elapsed_s > 0 ? n / elapsed_s : 0;
    size_t begin = out->n;
    rk_text_addf(out, "%s: ", step);
    rk_text_add_fixed(out, n, 0);
    if (total > 0) {
        rk_text_add(out, " of ");
        rk_text_add_fixed(out, (double)total, 0);
    }
    rk_text_addf(out, " %s, ", unit);
    if (total > 0) {
        rk_text_addf(out, "%.0f %%, ", floor(100 * n / (double)total));
    }
    rk_text_add_fixed(out, rate, rate < 10 ? 1 : 0);
    rk_text_addf(out, " %s/s", unit);
    if (total > done && rate > 0) {
        rk_text_add(out, ", ");
        rk_text_add_seconds(out, ceil((double)(total - done) / rate));
        rk_text_add(out, " left");
    }
    if (!out->failed && out->n - begin > n_columns) {
        out->n = begin + n_columns;
        out->at[out->n] = '\0';
    }
}

void rk_teller_end(rk_teller *teller)
{
    if (teller->has_line) {
        fputs(ERASE_LINE, stderr);
        fflush(stderr);
        teller->has_line = false;
    }
}

static void tell_line(void *context, rk_log_level level, const char *line)
{
    rk_teller *teller = context;
    if (level == RK_LOG_DETAIL && !teller->is_verbose) {
        return;
    }
    rk_teller_end(teller);
    fprintf(stderr, "reckon: %s%s\n", level == RK_LOG_WARNING ? "warning: " : "", line);
}

static void tell_progress(void *context, const char *step, const char *unit, uint64_t done, uint64_t total)
{
    rk_teller *teller = context;
    int64_t now_ns = rk_clock_ns();
    if (strncmp(teller->step, step, sizeof teller->step - 1) != 0) {
        snprintf(teller->step, sizeof teller->step, "%s", step);
        teller->begin_ns = now_ns;
        teller->next_ns = now_ns + REDRAW_NS;
    }
    if (total > 0 && done >= total) {
        rk_teller_end(teller);
        teller->step[0] = '\0'; /* the same step may begin again */
    } else if (now_ns >= teller->next_ns) {
        rk_text line = {0};
        rk_progress_line(step, unit, done, total, (double)(now_ns - teller->begin_ns) * 1e-9, columns_of_terminal(),
                         &line);
        fprintf(stderr, ERASE_LINE "%s", line.failed ? "" : line.at);
        fflush(stderr);
        rk_text_release(&line);
        teller->has_line = true;
        teller->next_ns = now_ns + REDRAW_NS;
    }
}

void rk_teller_init(rk_teller *teller, bool is_verbose)
{
    *teller = (rk_teller){.draws = isatty(STDERR_FILENO) == 1, .is_verbose = is_verbose};
    teller->voice = (rk_voice){teller, tell_line, teller->draws ? tell_progress : NULL};
}
