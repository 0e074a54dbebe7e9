/* ingest.c - read, clean, number, write: the steps of reckon ingest in their order. */
#include "data/ingest.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/clean_rows.h"
#include "data/intake_write.h"
#include "data/pseudonym.h"

rk_ingest_options rk_ingest_defaults(void)
{
    return (rk_ingest_options){
        .clean = {.from_time = INT64_MIN, .robot_deviations = 6, .min_user = 1, .min_item = 1},
    };
}

/* The dataset's names become the first names of the intake, so that its ids stand for the same things. */
static rk_status preload(rk_interner *into, const rk_names *names, rk_error *err)
{
    for (uint32_t i = 0; i < names->n; i++) {
        if (rk_interner_add(into, rk_names_get(names, i)) != i) {
            return rk_fail_memory(err, "the names of --like");
        }
    }
    return RK_OK;
}

static rk_status make_names(rk_intake *intake, const rk_dataset *like, rk_error *err)
{
    rk_interner *users = intake->names[RK_ROLE_USER] = rk_interner_new();
    rk_interner *items = intake->names[RK_ROLE_ITEM] = rk_interner_new();
    rk_status status = users && items ? RK_OK : rk_fail_memory(err, "names");
    if (!status && like) {
        status = preload(users, &like->users, err);
    }
    if (!status && like) {
        status = preload(items, &like->items, err);
    }
    return status;
}

/* Distinct names in the rows, the empty one aside. */
static uint64_t count_seen(const rk_intake *intake, rk_role role)
{
    const rk_interner *names = intake->names[role];
    const uint32_t *ids = intake->columns.key[role];
    if (!names || !ids) {
        return 0;
    }
    uint64_t n = 0;
    uint32_t none = rk_interner_find(names, RK_SLICE(""));
    unsigned char *is_seen = calloc((size_t)rk_interner_count(names) + 1, 1);
    for (size_t row = 0; is_seen && row < intake->columns.n; row++) {
        uint32_t id = ids[row];
        if (id != RK_NO_ID && !is_seen[id]) {
            is_seen[id] = 1;
            n += id != none;
        }
    }
    free(is_seen);
    return n;
}

static void note_input(rk_intake *intake, const rk_ingest_options *options, rk_ingest_report *report)
{
    report->n_rows = intake->columns.n;
    report->bytes_in = intake->bytes_in;
    report->n_mended = intake->n_mended;
    report->n_users_seen = count_seen(intake, RK_ROLE_USER);
    report->n_items_seen = count_seen(intake, RK_ROLE_ITEM);
    report->n_documents_seen = count_seen(intake, RK_ROLE_DOCUMENT);
    if (intake->has_total) {
        rk_total_print(&intake->total, report->total, sizeof report->total);
    }
    report->has_profile = options->profile && intake->format != RK_FORMAT_LISTS && intake->format != RK_FORMAT_JSONL;
    report->columns = intake->columns_seen;
    intake->columns_seen = (rk_vec){.item_bytes = sizeof(rk_ingest_column)};
}

static rk_status check_options(const rk_ingest_options *options, rk_error *err)
{
    if (options->n_paths == 0) {
        return rk_fail(err, RK_BAD_USAGE, "name a file to ingest, or '-' for standard input");
    }
    if (options->columns && options->map) {
        return rk_fail(err, RK_BAD_USAGE, "--columns and --map say the same thing: give one of them");
    }
    if (options->like_path && options->pseudonyms_path) {
        return rk_fail(err, RK_BAD_USAGE, "--like knows users by the names of another dataset: not with --pseudonyms");
    }
    if (options->format == RK_FORMAT_JSONL && options->encoding == RK_ENCODING_WINDOWS_1252) {
        return rk_fail(err, RK_BAD_USAGE, "JSONL is UTF-8 by definition: --encoding does not apply");
    }
    return RK_OK;
}

/* A dataset must not take the place of what it is made of. */
static rk_status check_output(const rk_ingest_options *options, rk_error *err)
{
    rk_status status = options->like_path ? rk_path_keep_apart(options->out_path, options->like_path, err) : RK_OK;
    for (size_t i = 0; status == RK_OK && i < options->n_paths; i++) {
        status = rk_path_keep_apart(options->out_path, options->paths[i], err);
    }
    return status;
}

static rk_status hide_users(const char *path, rk_intake *intake, rk_error *err)
{
    rk_pseudonyms *pseudonyms = NULL;
    rk_status status = rk_pseudonyms_open(path, &pseudonyms, err);
    status = status ? status : rk_pseudonyms_take(pseudonyms, &intake->names[RK_ROLE_USER], err);
    rk_pseudonyms_close(pseudonyms);
    return status;
}

static rk_status ingest(const rk_ingest_options *options, const rk_dataset *like, const rk_run *run, rk_intake *intake,
                        rk_ingest_report *report, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    uint32_t n_users = like ? like->n_users : UINT32_MAX, n_items = like ? like->n_items : UINT32_MAX;
    rk_status status = make_names(intake, like, err);
    if (!status) {
        status = rk_intake_read(intake, options, run, err);
    }
    if (status) {
        return status;
    }
    note_input(intake, options, report);
    status = rk_clean_rows(intake, &options->clean, n_users, n_items, run, report->rules, err);
    if (!status) {
        status = rk_intake_compact(intake, like, report, err);
    }
    if (!status && report->n_kept == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "%s: none of %llu rows is left after cleaning",
                         rk_path_name(options->paths[0]), (unsigned long long)report->n_rows);
    }
    if (!status && options->pseudonyms_path) {
        status = hide_users(options->pseudonyms_path, intake, err);
    }
    if (!status) {
        status = rk_intake_write(intake, like, report, options->out_path, watch, run, err);
    }
    report->wall_s = rk_stopwatch_stop(watch).wall_s;
    return status;
}

rk_status rk_ingest(const rk_ingest_options *options, const rk_run *run, rk_ingest_report *report, rk_error *err)
{
    rk_dataset like = {0};
    rk_intake intake;
    *report = (rk_ingest_report){.columns = {.item_bytes = sizeof(rk_ingest_column)}};
    rk_status status = check_options(options, err);
    if (!status) {
        status = check_output(options, err);
    }
    if (!status && options->like_path) {
        status = rk_dataset_open(options->like_path, &like, err);
    }
    if (status) {
        return status;
    }
    rk_intake_init(&intake);
    status = ingest(options, options->like_path ? &like : NULL, run, &intake, report, err);
    rk_intake_release(&intake);
    rk_dataset_close(&like);
    return status;
}
