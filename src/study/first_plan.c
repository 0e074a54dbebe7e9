/* first_plan.c - see first_plan.h. */
#include "study/first_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cost/ledger.h"
#include "cost/slo.h"
#include "measure/profile.h"
#include "study/first_plan_text.h"

enum { PATH_BYTES_MAX = 4096, N_FILES = 3 };
enum { PROFILE_FILE, PRICES_FILE, PLAN_FILE };
static const char *const file_names[N_FILES] = {"profile.json", "prices.yaml", "plan.yaml"};

typedef struct {
    const rk_first_plan_ask *ask;
    const rk_run *run;
    char path[N_FILES][PATH_BYTES_MAX];
    bool is_written[N_FILES];
    rk_slo_answer capacity;
    rk_bill_sums sums;
    rk_first_item *items; /* [sums.sums.n] */
    rk_first_texts texts;
    char start[8];
    rk_first_plan *out;
} work;

static rk_status no_memory(rk_error *err) { return rk_fail_memory(err, "a first plan"); }

static void print_month(int32_t month, char *out)
{
    char date[11];
    rk_format_date(rk_days_of_date(month / 12, (unsigned)(month % 12) + 1, 1), date);
    memcpy(out, date, 7);
    out[7] = '\0';
}

/* ---- what is read ---- */

static rk_status read_capacity(work *w, rk_error *err)
{
    rk_slo slo = {.latency_ms_p99 = {.value = rk_decimal_of_real(w->ask->slo_ms), .is_set = true},
                  .errors = {.value = {.units = 1, .places = 3}, .is_set = true}};
    mpq_t rps;
    mpq_init(rps);
    rk_status status =
        rk_slo_capacity(w->ask->profile, &slo, (rk_place){w->ask->profile, 0, 0}, rps, &w->capacity, err);
    mpq_clear(rps);
    w->texts.capacity_words = w->capacity.words;
    w->texts.has_bytes = w->capacity.has_bytes;
    return status;
}

static rk_status read_bill(work *w, rk_error *err)
{
    rk_bill *bill = NULL;
    rk_first_texts *t = &w->texts;
    if (!w->ask->bill) {
        return RK_OK;
    }
    rk_status status = rk_bill_open(w->ask->bill, &bill, err);
    status = status ? status : rk_bill_sums_make(bill, w->run, &w->sums, err);
    rk_bill_close(bill);
    if (status) {
        return status;
    }
    if (w->ask->currency && w->sums.n_rows > 0 && strcmp(w->ask->currency, w->sums.currency) != 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s: the bill is in %s, --currency says %s: a first plan keeps the bill's",
                       w->ask->bill, w->sums.currency, w->ask->currency);
    }
    t->sums = &w->sums;
    t->n_items = w->sums.sums.n;
    t->n_months_billed = (unsigned)(w->sums.last_month - w->sums.first_month) + 1;
    print_month(w->sums.first_month, t->first_month);
    print_month(w->sums.last_month, t->last_month);
    w->items = calloc(t->n_items + 1, sizeof *w->items);
    for (size_t i = 0; w->items && i < t->n_items; i++) {
        rk_first_item_make(rk_bill_sums_at(&w->sums, i), t->n_months_billed, &w->items[i]);
        *(w->items[i].left_out ? &w->out->n_left_out : &w->out->n_elements) += 1;
    }
    t->items = w->items;
    return w->items ? RK_OK : no_memory(err);
}

static rk_status find_start(work *w, rk_error *err)
{
    rk_profile profile;
    rk_status status = RK_OK;
    char date[11];
    int64_t day = 0;
    if (w->ask->start) {
        snprintf(date, sizeof date, "%.7s-01", w->ask->start);
        if (strlen(w->ask->start) != 7 || !rk_parse_date(rk_slice_of(date), &day)) {
            return rk_fail(err, RK_BAD_USAGE, "--start must be a month like 2026-10, got '%.20s'", w->ask->start);
        }
        memcpy(w->start, w->ask->start, sizeof w->start);
    } else if (w->sums.n_rows > 0) {
        memcpy(w->start, w->texts.first_month, sizeof w->start);
    } else if ((status = rk_profile_read(w->ask->profile, &profile, err)) == RK_OK) {
        char time[24];
        rk_format_time(profile.started_unix_s, time);
        memcpy(w->start, time, 7);
        rk_profile_release(&profile);
    }
    return status;
}

/* ---- what is written ---- */

static rk_status name_files(work *w, rk_error *err)
{
    for (int f = 0; f < N_FILES; f++) {
        int n = snprintf(w->path[f], PATH_BYTES_MAX, "%s/%s", w->ask->folder, file_names[f]);
        if (n < 0 || n >= PATH_BYTES_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "the path '%.60s...' is too long", w->ask->folder);
        }
        bool is_own = f == PROFILE_FILE && rk_path_is_same(w->path[f], w->ask->profile);
        if (!is_own && access(w->path[f], F_OK) == 0) {
            return rk_fail(err, RK_BAD_USAGE, "'%s' is there already; cost init writes over nothing", w->path[f]);
        }
    }
    return RK_OK;
}

static rk_status write_file(work *w, int f, rk_text *text, rk_error *err)
{
    rk_status status = text->failed ? no_memory(err) : rk_file_write_text(w->path[f], text, err);
    w->is_written[f] = status == RK_OK;
    rk_text_release(text);
    return status;
}

static rk_status copy_profile(work *w, rk_error *err)
{
    rk_mapped mapped;
    rk_text text = {0};
    if (rk_path_is_same(w->path[PROFILE_FILE], w->ask->profile)) {
        return RK_OK;
    }
    rk_status status = rk_mapped_load(w->ask->profile, &mapped, err);
    if (!status) {
        rk_text_add_slice(&text, (rk_slice){(const char *)mapped.at, mapped.n_bytes});
        rk_mapped_close(&mapped);
        status = write_file(w, PROFILE_FILE, &text, err);
    }
    return status;
}

static rk_status write_files(work *w, rk_error *err)
{
    rk_text prices = {0}, plan = {0};
    rk_status status = rk_folder_make(w->ask->folder, err);
    status = status ? status : copy_profile(w, err);
    if (!status && w->out->n_elements > 0) {
        rk_first_prices_text(&w->texts, &prices);
        status = write_file(w, PRICES_FILE, &prices, err);
    }
    if (!status) {
        rk_first_plan_text(&w->texts, &plan);
        status = write_file(w, PLAN_FILE, &plan, err);
    }
    return status;
}

/* The plan must stand as it was written. */
static rk_status account(work *w, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_plan_source source = {.path = w->path[PLAN_FILE]};
    rk_status status = rk_cost_run(&source, w->run, &ledger, err);
    if (!status) {
        w->out->total = rk_ledger_total(ledger);
    }
    rk_ledger_free(ledger);
    return status;
}

static rk_status prepare(work *w, rk_error *err)
{
    const rk_first_plan_ask *ask = w->ask;
    if (!ask->machine && !ask->bill) {
        return rk_fail(err, RK_BAD_USAGE, "nothing would cost anything: name a --bill, a --machine or both");
    }
    rk_status status = name_files(w, err);
    status = status ? status : read_capacity(w, err);
    status = status ? status : read_bill(w, err);
    status = status ? status : find_start(w, err);
    if (!status && !ask->machine && w->out->n_elements == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "%s: the bill has no cost that can be planned", ask->bill);
    }
    w->texts.start = w->start;
    w->texts.currency = w->sums.n_rows > 0 ? w->sums.currency : ask->currency ? ask->currency : "USD";
    return status;
}

rk_status rk_first_plan_write(const rk_first_plan_ask *ask, const rk_run *run, rk_first_plan *out, rk_error *err)
{
    work *w = calloc(1, sizeof *w);
    if (!w) {
        return no_memory(err);
    }
    *out = (rk_first_plan){.n_elements = 0};
    *w = (work){.ask = ask, .run = run, .out = out, .texts = {.ask = ask, .profile = file_names[PROFILE_FILE]}};
    rk_status status = prepare(w, err);
    status = status ? status : write_files(w, err);
    status = status ? status : account(w, err);
    for (int f = 0; f < N_FILES && status; f++) {
        if (w->is_written[f]) {
            (void)unlink(w->path[f]);
        }
    }
    if (!status) {
        memcpy(out->start, w->start, sizeof out->start);
        snprintf(out->currency, sizeof out->currency, "%s", w->texts.currency);
    }
    rk_bill_sums_release(&w->sums);
    free(w->items);
    free(w);
    return status;
}
