/* clock.c - see clock.h.
 *
 * Dates: a year that starts on the first of March puts the leap day last, so that the day of the year is a straight
 * line through the months; 400 years are always 146,097 days (Hinnant, "chrono-compatible low-level date algorithms").
 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468, SECONDS_PER_DAY = 86400 };

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t rk_clock_ns(void) { return read_clock(CLOCK_MONOTONIC); }
int64_t rk_clock_cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }
int64_t rk_clock_thread_ns(void) { return read_clock(CLOCK_THREAD_CPUTIME_ID); }
int64_t rk_clock_unix_s(void) { return (int64_t)time(NULL); }

/* The number behind "NAME:" in /proc/self/status, which is in KiB; 0 when there is none. */
static uint64_t status_bytes(const char *name)
{
    char line[256];
    unsigned long long kib = 0;
    size_t n = strlen(name);
    FILE *file = fopen("/proc/self/status", "re");
    while (file && kib == 0 && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, n) == 0 && line[n] == ':' && sscanf(line + n + 1, "%llu", &kib) != 1) {
            break;
        }
    }
    if (file) {
        fclose(file);
    }
    return (uint64_t)kib * 1024;
}

void rk_peak_memory_reset(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (file) {
        fputs("5", file); /* the kernel's word for "the peak resident size" */
        fclose(file);
    }
}

uint64_t rk_peak_memory_bytes(void) { return status_bytes("VmHWM"); }
uint64_t rk_memory_bytes(void) { return status_bytes("VmRSS"); }

rk_stopwatch rk_stopwatch_start(void) { return (rk_stopwatch){.wall_ns = rk_clock_ns(), .cpu_ns = rk_clock_cpu_ns()}; }

rk_usage rk_stopwatch_stop(rk_stopwatch watch)
{
    return (rk_usage){
        .wall_s = (double)(rk_clock_ns() - watch.wall_ns) * 1e-9,
        .cpu_s = (double)(rk_clock_cpu_ns() - watch.cpu_ns) * 1e-9,
        .peak_bytes = rk_peak_memory_bytes(),
    };
}

static void copy_text(char *out, size_t out_bytes, const char *text)
{
    size_t n = strcspn(text, "\n");
    n = n < out_bytes ? n : out_bytes - 1;
    memcpy(out, text, n);
    out[n] = '\0';
}

/* x86 has a "model name"; ARM does not, and then the architecture's name must do. */
static void read_cpu_name(char *out, size_t out_bytes)
{
    char line[1024];
    out[0] = '\0';
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && out[0] == '\0' && fgets(line, sizeof line, file)) {
        const char *colon = strncmp(line, "model name", 10) == 0 ? strchr(line, ':') : NULL;
        if (colon) {
            copy_text(out, out_bytes, colon + 1 + strspn(colon + 1, " \t"));
        }
    }
    if (file) {
        fclose(file);
    }
    struct utsname host;
    if (out[0] == '\0') {
        copy_text(out, out_bytes, uname(&host) == 0 ? host.machine : "unknown");
    }
}

rk_machine rk_machine_read(void)
{
    rk_machine machine = {.cores = rk_cores_usable()};
    read_cpu_name(machine.cpu, sizeof machine.cpu);
    machine.memory_gib = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1024.0 * 1024.0 * 1024.0);
    return machine;
}

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int64_t rk_days_of_date(int year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_divide(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

void rk_date_of_days(int64_t days, int *year, unsigned *month, unsigned *day)
{
    int64_t era = floor_divide(days + DAYS_TO_1970, DAYS_PER_ERA);
    int64_t day_of_era = days + DAYS_TO_1970 - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

unsigned rk_days_in_month(int year, unsigned month)
{
    int64_t next = month == 12 ? rk_days_of_date(year + 1, 1, 1) : rk_days_of_date(year, month + 1, 1);
    return (unsigned)(next - rk_days_of_date(year, month, 1));
}

/* 1970-01-01 was a Thursday. */
unsigned rk_weekday_of_days(int64_t days) { return (unsigned)(((days % 7 + 7) + 3) % 7); }

void rk_format_time(int64_t unix_s, char *out)
{
    const int64_t first = rk_days_of_date(0, 1, 1) * SECONDS_PER_DAY;
    const int64_t last = rk_days_of_date(10000, 1, 1) * SECONDS_PER_DAY - 1;
    int64_t t = unix_s < first ? first : unix_s > last ? last : unix_s;
    int64_t days = floor_divide(t, SECONDS_PER_DAY);
    int64_t s = t - days * SECONDS_PER_DAY;
    int year;
    unsigned month, day;
    rk_date_of_days(days, &year, &month, &day);
    const unsigned parts[] = {(unsigned)year,    month, day, (unsigned)(s / 3600), (unsigned)(s / 60 % 60),
                              (unsigned)(s % 60)};
    memcpy(out, "0000-00-00T00:00:00Z", 21);
    char *end = out + 4;
    for (unsigned i = 0; i < 6; i++, end += 3) {
        char *digit = end;
        for (unsigned value = parts[i]; value > 0; value /= 10) {
            *--digit = (char)('0' + value % 10);
        }
    }
}

/* The numbers of a text that has just this form, digits where it has a 0. */
static bool take_form(rk_slice text, const char *form, unsigned *parts)
{
    unsigned n = 0;
    if (text.n != strlen(form)) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        bool is_digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (form[i] == '0' ? !is_digit : text.at[i] != form[i]) {
            return false;
        }
        if (is_digit) {
            parts[n] = parts[n] * 10 + (unsigned)(text.at[i] - '0');
        } else {
            n++;
        }
    }
    return true;
}

static bool is_date(const unsigned *parts)
{
    return parts[1] >= 1 && parts[1] <= 12 && parts[2] >= 1 && parts[2] <= rk_days_in_month((int)parts[0], parts[1]);
}

bool rk_parse_time(rk_slice text, int64_t *unix_s)
{
    unsigned parts[6] = {0};
    if (!take_form(text, "0000-00-00T00:00:00Z", parts) || !is_date(parts) || parts[3] > 23 || parts[4] > 59 ||
        parts[5] > 59) {
        return false;
    }
    *unix_s = rk_days_of_date((int)parts[0], parts[1], parts[2]) * SECONDS_PER_DAY + parts[3] * 3600 + parts[4] * 60 +
              parts[5];
    return true;
}

void rk_format_date(int64_t days, char *out)
{
    char time[21];
    rk_format_time(days * SECONDS_PER_DAY, time);
    memcpy(out, time, 10);
    out[10] = '\0';
}

bool rk_parse_date(rk_slice text, int64_t *days)
{
    unsigned parts[3] = {0};
    if (!take_form(text, "0000-00-00", parts) || !is_date(parts)) {
        return false;
    }
    *days = rk_days_of_date((int)parts[0], parts[1], parts[2]);
    return true;
}
