/* run.c - see run.h. A step may always speak; whether anybody listens is not its business. */
#include "base/run.h"

#include <stdarg.h>
#include <stdio.h>

void rk_log(const rk_run *run, rk_log_level level, const char *fmt, ...)
{
    if (!run || !run->voice || !run->voice->log) {
        return;
    }
    char line[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    run->voice->log(run->voice->context, level, line);
}

void rk_progress(const rk_run *run, const char *step, const char *unit, uint64_t done, uint64_t total)
{
    if (run && run->voice && run->voice->progress) {
        run->voice->progress(run->voice->context, step, unit, done, total);
    }
}
