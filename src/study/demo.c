/* demo.c - runs the table of steps: each is looked up in the journal, done or reused, recorded, and said. */
#include "study/demo.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "study/demo_parts.h"
#include "study/story.h"

enum { PATH_BYTES_MAX = 4096 };

const rk_demo_variant rk_demo_variants[RK_DEMO_VARIANTS] = {
    {"fp32", NULL, "als.fp32.rk", "evaluation.fp32.json", "profile.fp32.json"},
    {"fp16", "fp16", "als.fp16.rk", "evaluation.fp16.json", "profile.fp16.json"},
    {"int8", "int8", "als.int8.rk", "evaluation.int8.json", "profile.int8.json"},
};

rk_demo_options rk_demo_defaults(void) { return (rk_demo_options){.slo_ms = 10}; }

const char *rk_demo_path(rk_demo_state *demo, const char *name)
{
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/%s", demo->options->folder, name);
    const char *kept = rk_arena_copy(&demo->arena, path, strlen(path));
    return kept ? kept : "";
}

const char *rk_demo_profile_path(rk_demo_state *demo, const rk_demo_variant *variant, unsigned repeat)
{
    char name[64];
    snprintf(name, sizeof name, "profile.%s.%u.json", variant->name, repeat + 1);
    return rk_demo_path(demo, name);
}

unsigned rk_demo_repeats(const rk_demo_state *demo) { return demo->options->quick ? 2 : RK_DEMO_REPEATS_MAX; }

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

static rk_status do_step(rk_demo_state *demo, const rk_demo_step *row, rk_error *err)
{
    rk_step step = {.name = row->name};
    bool is_done;
    double seconds;
    row->files(demo, &step);
    rk_status status = rk_journal_check(demo->journal, &step, &is_done, &seconds, err);
    if (!status && !is_done) {
        rk_stopwatch watch = rk_stopwatch_start();
        status = row->make(demo, err);
        seconds = rk_stopwatch_stop(watch).wall_s;
        if (!status)
            status = rk_journal_add(demo->journal, &step, seconds, err);
    }
    rk_text words = {0};
    status = status ? status : row->describe(demo, &words, err);
    status = status ? status : tell(demo, row->name, &words, seconds, is_done, err);
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
    for (size_t i = 0; i < rk_demo_n_steps && !status; i++)
        status = do_step(&demo, &rk_demo_steps[i], err);
    status = status ? status : account(&demo, err);
    status = status ? status : report(&demo, err);
    rk_journal_close(demo.journal);
    rk_vec_release(&demo.steps);
    rk_arena_release(&demo.arena);
    return status;
}
