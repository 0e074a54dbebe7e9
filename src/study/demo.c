/* demo.c - ingest, frontier, account, report: each is done or reused, and said. */
#include "study/demo.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "study/demo_parts.h"
#include "study/story.h"

enum { PATH_BYTES_MAX = 4096 };

/* The grid, and how it is measured when there is time for it and when not. Of als the best settings that
 * scripts/choose-demo-options prints: judged by ndcg@20 on the newest fifth of the training events (0.1022; the
 * defaults: 0.087), never on the test part. */
static const char grid_head[] = "reckon: grid/1\nrepeats: 3\nseconds: 3\n";
static const char quick_head[] = "reckon: grid/1\nrepeats: 2\nseconds: 1\n";
static const char grid_variants[] =
    "variants:\n"
    "  popular: {model: popular}\n"
    "  itemknn: {model: itemknn}\n"
    "  als: {model: als, set: {factors: 128, weigh: one, lambda: 0.01, unobserved: 0.3}}\n"
    "  als+fp16: {of: als, to: fp16}\n"
    "  als+int8: {of: als, to: int8}\n";

rk_demo_options rk_demo_defaults(void) { return (rk_demo_options){.slo_ms = 10}; }

const char *rk_demo_path(rk_demo_state *demo, const char *name)
{
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/%s", demo->options->folder, name);
    const char *kept = rk_arena_copy(&demo->arena, path, strlen(path));
    return kept ? kept : "";
}

/* ---- where things are ---- */

/* The log beside the program: in a build folder, or installed. */
static rk_status find_log(rk_demo_state *demo, rk_error *err)
{
    static const char *const places[] = {"../data/online_retail.csv.gz", "../share/reckon/online_retail.csv.gz",
                                         "data/online_retail.csv.gz"};
    char program[PATH_BYTES_MAX], path[PATH_BYTES_MAX];
    if (demo->options->log_path) { /* looked at before a folder is made for it */
        rk_mapped log;
        demo->log_path = demo->options->log_path;
        rk_status status = rk_mapped_open(demo->log_path, &log, err);
        if (!status)
            rk_mapped_close(&log);
        return status;
    }
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    for (size_t i = 0; i < RK_COUNT_OF(places); i++)
        if (rk_path_beside(program, places[i], path, sizeof path) && access(path, R_OK) == 0) {
            demo->log_path = rk_arena_copy(&demo->arena, path, strlen(path));
            return demo->log_path ? RK_OK : rk_fail_memory(err, "a path");
        }
    return rk_fail(err, RK_NOT_FOUND,
                   "the bundled log online_retail.csv.gz is not beside the program; name one with --log FILE");
}

/* ---- steps ---- */

/* Keeps the step for the report and says it: "3 train: ... (8.2 s)". */
static rk_status tell(rk_demo_state *demo, const char *name, rk_text *words, double seconds, bool is_reused,
                      rk_error *err)
{
    rk_text line = {0}, title = {0};
    rk_text_addf(&title, "%zu %s", demo->steps.n + 1, name);
    rk_report_step step = {.seconds = seconds, .is_reused = is_reused};
    step.name = title.failed ? NULL : rk_arena_copy(&demo->arena, title.at, title.n);
    step.words = words->failed ? NULL : rk_arena_copy(&demo->arena, words->at ? words->at : "", words->n);
    rk_text_addf(&line, "%s: %s (", step.name ? step.name : "", step.words ? step.words : "");
    if (is_reused)
        rk_text_add(&line, "reused; took ");
    rk_text_add_seconds(&line, seconds);
    rk_text_add(&line, ")");
    bool is_short = !step.name || !step.words || line.failed || !rk_vec_push(&demo->steps, &step);
    if (!is_short)
        rk_log(demo->run, RK_LOG_INFO, "%s", line.at);
    rk_text_release(&line);
    rk_text_release(&title);
    return is_short ? rk_fail_memory(err, "the words of a step") : RK_OK;
}

static rk_status ingest(rk_demo_state *demo, rk_error *err)
{
    rk_step step = {.name = "ingest and clean"};
    rk_text words = {0};
    bool is_done;
    double seconds;
    rk_demo_ingest_files(demo, &step);
    rk_status status = rk_journal_check(demo->journal, &step, &is_done, &seconds, err);
    if (!status && !is_done) {
        rk_stopwatch watch = rk_stopwatch_start();
        status = rk_demo_ingest(demo, err);
        seconds = rk_stopwatch_stop(watch).wall_s;
        status = status ? status : rk_journal_add(demo->journal, &step, seconds, err);
    }
    status = status ? status : rk_demo_describe_ingest(demo, &words, err);
    status = status ? status : tell(demo, step.name, &words, seconds, is_done, err);
    rk_text_release(&words);
    return status;
}

static void describe_frontier(const rk_frontier_report *r, rk_text *out)
{
    rk_text_addf(out, "%zu variants split, trained, compressed, judged, measured and priced; %s", r->n, r->metric);
    for (size_t i = 0; i < r->n; i++) {
        rk_text_addf(out, "%s %s ", i ? "," : "", r->rows[i].name);
        rk_text_add_fixed(out, r->rows[i].quality.value, 4);
    }
    if (r->chosen != RK_PARETO_NONE) {
        rk_text_addf(out, "; chosen: %s", r->rows[r->chosen].name);
    }
}

/* It has a journal of its own, in its folder. */
static rk_status frontier(rk_demo_state *demo, rk_error *err)
{
    rk_frontier_options options = rk_frontier_defaults();
    rk_text grid = {0}, words = {0};
    rk_text_add(&grid, demo->options->quick ? quick_head : grid_head);
    rk_text_add(&grid, grid_variants);
    options.dataset_path = rk_demo_path(demo, "retail.rk");
    options.folder = rk_demo_path(demo, "frontier");
    options.program = demo->options->program;
    options.grid_text = grid.failed ? "" : grid.at;
    options.requests_per_day = demo->options->requests_per_day;
    options.p99_max_ms = demo->options->slo_ms;
    rk_stopwatch watch = rk_stopwatch_start();
    rk_status status = rk_frontier_run(&options, demo->run, &demo->frontier, err);
    if (!status) {
        const rk_frontier_report *r = rk_frontier_report_of(demo->frontier);
        describe_frontier(r, &words);
        status = tell(demo, "frontier", &words, rk_stopwatch_stop(watch).wall_s, r->n_reused == r->n_steps, err);
    }
    rk_text_release(&grid);
    rk_text_release(&words);
    return status;
}

/* Accounting takes milliseconds and depends on today's month: always done anew. */
static rk_status account(rk_demo_state *demo, rk_error *err)
{
    rk_text words = {0};
    rk_stopwatch watch = rk_stopwatch_start();
    rk_status status = rk_demo_account(demo, &words, err);
    status = status ? status : tell(demo, "account", &words, rk_stopwatch_stop(watch).wall_s, false, err);
    rk_text_release(&words);
    return status;
}

static rk_status report(rk_demo_state *demo, rk_error *err)
{
    rk_text words = {0};
    rk_stopwatch watch = rk_stopwatch_start();
    const char *path = rk_demo_path(demo, "report.html");
    rk_status status = rk_demo_write_study(demo, err);
    status =
        status ? status : rk_story_write(&(rk_story_sources){.folder = demo->options->folder}, path, demo->run, err);
    rk_text_add(&words, path);
    status = status ? status : tell(demo, "report", &words, rk_stopwatch_stop(watch).wall_s, false, err);
    rk_text_release(&words);
    return status;
}

rk_status rk_demo(const rk_demo_options *options, const rk_run *run, rk_error *err)
{
    rk_demo_state demo = {.options = options, .run = run, .steps = {.item_bytes = sizeof(rk_report_step)}};
    rk_status status = find_log(&demo, err);
    status = status ? status : rk_folder_make(options->folder, err);
    status = status ? status : rk_journal_open(options->folder, &demo.journal, err);
    status = status ? status : ingest(&demo, err);
    status = status ? status : frontier(&demo, err);
    status = status ? status : account(&demo, err);
    status = status ? status : report(&demo, err);
    rk_frontier_free(demo.frontier);
    rk_journal_close(demo.journal);
    rk_vec_release(&demo.steps);
    rk_arena_release(&demo.arena);
    return status;
}
