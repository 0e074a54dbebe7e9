/* frontier.c - the run from top to bottom: what is asked, the steps, the prices, the choice, the files. */
#include "study/frontier.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "data/dataset.h"
#include "report/frontier_report.h"
#include "study/frontier_parts.h"
#include "study/frontier_plan_own.h"

static const double p99_ms_assumed = 10;

rk_frontier_options rk_frontier_defaults(void)
{
    return (rk_frontier_options){.grid = "default", .metric = "ndcg@20", .quality_min = 0.99, .test_share = 0.2};
}

/* ---- words and paths ---- */

const char *rk_frontier_text(rk_frontier *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *words = rk_arena_words(&f->arena, fmt, args);
    va_end(args);
    f->is_short |= !words;
    return words ? words : "";
}

const char *rk_frontier_path(rk_frontier *f, const char *name)
{
    return rk_frontier_text(f, "%s/%s", f->options->folder, name);
}

const char *rk_frontier_file(rk_frontier *f, const char *kind, size_t variant, const char *ending)
{
    return rk_frontier_text(f, "%s/%s/%s.%s", f->options->folder, kind, f->variants[variant].row->file, ending);
}

const char *rk_frontier_model(rk_frontier *f, size_t variant)
{
    const rk_grid_variant *row = f->variants[variant].row;
    return rk_frontier_file(f, "models", row->index ? row->of : variant, "rk");
}

const char *rk_frontier_index(rk_frontier *f, size_t variant)
{
    return f->variants[variant].row->index ? rk_frontier_file(f, "indexes", variant, "rk") : NULL;
}

const char *rk_frontier_profile(rk_frontier *f, size_t variant, unsigned repeat)
{
    return rk_frontier_text(f, "%s/profiles/%s.%u.json", f->options->folder, f->variants[variant].row->file, repeat);
}

const char *rk_frontier_load_profile(rk_frontier *f, size_t variant, unsigned repeat)
{
    return rk_frontier_text(f, "%s/profiles/%s.load.%u.json", f->options->folder, f->variants[variant].row->file,
                            repeat);
}

void rk_frontier_leave_out(rk_frontier *f, size_t variant, const char *why)
{
    f->variants[variant].left_out = rk_frontier_text(f, "%s", why);
}

/* ---- what is asked ---- */

static rk_status read_grid(rk_frontier *f, rk_error *err)
{
    const rk_frontier_options *o = f->options;
    rk_status status = o->grid_text   ? rk_grid_parse(rk_slice_of(o->grid_text), "demo", &f->arena, &f->grid, err)
                       : o->grid_path ? rk_grid_read(o->grid_path, &f->arena, &f->grid, err)
                                      : rk_grid_of_name(o->grid, &f->arena, &f->grid, err);
    if (status) {
        return status;
    }
    f->variants = RK_TAKE(&f->arena, rk_frontier_variant, f->grid.n);
    for (size_t v = 0; f->variants && v < f->grid.n; v++) {
        f->variants[v].row = &f->grid.variants[v];
    }
    return f->variants ? RK_OK : rk_fail_memory(err, "a frontier");
}

static rk_status read_data(rk_frontier *f, rk_error *err)
{
    rk_dataset dataset;
    rk_text words = {0};
    rk_status status = rk_dataset_open(f->options->dataset_path, &dataset, err);
    if (status) {
        return status;
    }
    f->split = (rk_split_options){.rule = dataset.event_time ? RK_SPLIT_TIME : RK_SPLIT_RANDOM,
                                  .test_share = f->options->test_share};
    rk_text_add_fixed(&words, (double)dataset.n_events, 0);
    rk_text_add(&words, " events of ");
    rk_text_add_fixed(&words, dataset.n_users, 0);
    rk_text_add(&words, " users and ");
    rk_text_add_fixed(&words, dataset.n_items, 0);
    rk_text_add(&words, " items");
    f->report.data_words = rk_frontier_text(f, "%s", words.at ? words.at : "");
    rk_text_release(&words);
    rk_dataset_close(&dataset);
    return RK_OK;
}

static rk_status read_ask(rk_frontier *f, rk_error *err)
{
    rk_status status = rk_eval_parse_target(f->options->metric, &f->target, err);
    if (!status && f->target.is_lower_better) {
        status =
            rk_fail(err, RK_BAD_USAGE, "a frontier wants a metric of which more is better, got '%s'", f->target.key);
    }
    f->slo_ms = f->options->p99_max_ms > 0 ? f->options->p99_max_ms : p99_ms_assumed;
    f->service = "recommend"; /* of a plan that is made */
    if (!status && f->options->plan_path) {
        status = rk_frontier_own_plan_check(f, err);
    }
    status = status ? status : read_grid(f, err);
    return status ? status : read_data(f, err);
}

static rk_status make_folders(rk_frontier *f, rk_error *err)
{
    static const char *const folders[] = {"models", "indexes", "evaluations", "profiles", "plans", "tuned"};
    rk_status status = rk_folder_make(f->options->folder, err);
    for (size_t i = 0; i < RK_COUNT_OF(folders) && !status; i++) {
        status = rk_folder_make(rk_frontier_path(f, folders[i]), err);
    }
    return status;
}

/* ---- what is left ---- */

static void set_head(rk_frontier *f)
{
    char now[24];
    rk_machine here = rk_machine_read();
    rk_frontier_report *r = &f->report;
    const char *path = f->options->dataset_path, *slash = strrchr(path, '/');
    rk_format_time(rk_clock_unix_s(), now);
    r->title = "Which model is the cheapest that is good enough?";
    r->dataset = rk_frontier_text(f, "%s", slash ? slash + 1 : path);
    r->machine = rk_frontier_text(f, "%s, %u cores, %.0f GiB", here.cpu, here.cores, here.memory_gib);
    r->made_at = rk_frontier_text(f, "%s", now);
    r->build = "reckon " RECKON_VERSION;
    r->metric = f->target.key;
    r->grid = f->grid.name;
    r->repeats = f->grid.repeats;
    r->seed = f->run->seed;
    r->quality_min = f->options->quality_min;
    r->p99_max_ms = f->slo_ms;
}

static rk_status write_file(rk_frontier *f, const char *name, void (*format)(const rk_frontier_report *, rk_text *),
                            const char *end, rk_error *err)
{
    rk_text text = {0};
    format(&f->report, &text);
    rk_text_add(&text, end);
    rk_status status =
        text.failed ? rk_fail_memory(err, name) : rk_file_write_text(rk_frontier_path(f, name), &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status write_files(rk_frontier *f, rk_error *err)
{
    rk_status status = write_file(f, "frontier.csv", rk_frontier_csv, "", err);
    status = status ? status : write_file(f, "report.html", rk_frontier_html, "", err);
    return status ? status : write_file(f, "frontier.json", rk_frontier_json, "\n", err);
}

rk_status rk_frontier_run(const rk_frontier_options *options, const rk_run *run, rk_frontier **out, rk_error *err)
{
    rk_frontier *f = calloc(1, sizeof *f);
    if (!f) {
        return rk_fail_memory(err, "a frontier");
    }
    f->options = options;
    f->run = run;
    rk_status status = read_ask(f, err);
    status = status ? status : make_folders(f, err);
    status = status ? status : rk_journal_open(options->folder, &f->journal, err);
    status = status ? status : rk_frontier_steps(f, err);
    if (!status) {
        set_head(f);
    }
    status = status ? status : rk_frontier_price(f, err);
    status = status ? status : rk_frontier_load(f, err);
    if (!status && f->report.n_reused) {
        rk_log(run, RK_LOG_INFO, "%zu of %zu steps were done before, and are reused", f->report.n_reused,
               f->report.n_steps);
    }
    status = status ? status : rk_frontier_choose(f, err);
    if (!status && f->is_short) {
        status = rk_fail_memory(err, "a frontier");
    }
    status = status ? status : write_files(f, err);
    if (status) {
        rk_frontier_free(f);
        return status;
    }
    *out = f;
    return RK_OK;
}

void rk_frontier_free(rk_frontier *f)
{
    if (!f) {
        return;
    }
    rk_journal_close(f->journal);
    rk_arena_release(&f->arena);
    free(f);
}

const rk_frontier_report *rk_frontier_report_of(const rk_frontier *f) { return &f->report; }
