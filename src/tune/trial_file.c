/* trial_file.c - see trial.h.
 *
 * One connection, one prepared statement at a time: there are as many statements as trials, and a trial takes seconds.
 * The write lock is held from opening to closing but for the moment of each commit, and that is what keeps a second
 * writer away; readers do not notice it under a write-ahead log.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tune/trial.h"

enum { APPLICATION = 0x526b5475, VERSION = 1 }; /* "RkTu" */

static const char schema[] =
    "CREATE TABLE marks (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE trials (model TEXT NOT NULL, number INTEGER NOT NULL, share REAL NOT NULL, value REAL, low REAL,"
    " high REAL, seconds REAL NOT NULL, train_s REAL NOT NULL, error TEXT, PRIMARY KEY (model, number)) WITHOUT ROWID;"
    "CREATE TABLE settings (model TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (model, number, name)) WITHOUT ROWID;";

struct rk_trial_file {
    sqlite3 *db;
    sqlite3_stmt *statement;
    char *path;
};

/* ---- SQLite's words ---- */

static rk_status complain(const rk_trial_file *file, int code, rk_error *err)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return rk_fail_memory(err, "a study");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return rk_fail(err, RK_IO, "'%.200s' is being written by another run", file->path);
    case SQLITE_NOTADB:
        return rk_fail(err, RK_BAD_INPUT, "'%.200s' is no study: it is not an SQLite database", file->path);
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR: /* a table or column that is not there */
        return rk_fail(err, RK_BAD_INPUT, "'%.200s' is a damaged study: %.100s", file->path, sqlite3_errmsg(file->db));
    default:
        return rk_fail(err, RK_IO, "'%.200s': SQLite says '%.100s'", file->path, sqlite3_errmsg(file->db));
    }
}

static rk_status execute(rk_trial_file *file, const char *sql, rk_error *err)
{
    int code = sqlite3_exec(file->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? RK_OK : complain(file, code, err);
}

static rk_status prepare(rk_trial_file *file, const char *sql, rk_error *err)
{
    int code = sqlite3_prepare_v2(file->db, sql, -1, &file->statement, NULL);
    return code == SQLITE_OK ? RK_OK : complain(file, code, err);
}

static void finish(rk_trial_file *file)
{
    sqlite3_finalize(file->statement);
    file->statement = NULL;
}

static void bind_text(rk_trial_file *file, int at, const char *text)
{
    (void)sqlite3_bind_text(file->statement, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_real(rk_trial_file *file, int at, double value)
{
    (void)(isnan(value) ? sqlite3_bind_null(file->statement, at) : sqlite3_bind_double(file->statement, at, value));
}

static void bind_number(rk_trial_file *file, int at, size_t number)
{
    (void)sqlite3_bind_int64(file->statement, at, (sqlite3_int64)number);
}

/* Whether there is a row. */
static rk_status step(rk_trial_file *file, bool *has_row, rk_error *err)
{
    int code = sqlite3_step(file->statement);
    *has_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? RK_OK : complain(file, code, err);
}

/* A statement that gives no row; ends it. */
static rk_status run(rk_trial_file *file, rk_error *err)
{
    bool has_row;
    rk_status status = step(file, &has_row, err);
    finish(file);
    return status;
}

static rk_status read_number(rk_trial_file *file, const char *sql, int64_t *out, rk_error *err)
{
    bool has_row = false;
    rk_status status = prepare(file, sql, err);
    status = status ? status : step(file, &has_row, err);
    *out = has_row ? sqlite3_column_int64(file->statement, 0) : 0;
    finish(file);
    return status;
}

/* ---- opening ---- */

static rk_status add_mark(rk_trial_file *file, const rk_trial_mark *mark, rk_error *err)
{
    rk_status status = prepare(file, "INSERT INTO marks VALUES (?, ?)", err);
    if (status) {
        return status;
    }
    bind_text(file, 1, mark->key);
    bind_text(file, 2, mark->value);
    return run(file, err);
}

static rk_status make(rk_trial_file *file, const rk_trial_mark *marks, size_t n_marks, rk_error *err)
{
    char pragmas[96];
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION, VERSION);
    rk_status status = execute(file, pragmas, err);
    status = status ? status : execute(file, schema, err);
    for (size_t i = 0; !status && i < n_marks; i++) {
        status = add_mark(file, &marks[i], err);
    }
    return status;
}

static rk_status compare_mark(rk_trial_file *file, const rk_trial_mark *mark, rk_error *err)
{
    bool has_row = false;
    rk_status status = prepare(file, "SELECT value FROM marks WHERE key = ?", err);
    if (status) {
        return status;
    }
    bind_text(file, 1, mark->key);
    status = step(file, &has_row, err);
    if (!status && !has_row && mark->may_join) {
        finish(file);
        return add_mark(file, mark, err);
    }
    const char *there = has_row ? (const char *)sqlite3_column_text(file->statement, 0) : NULL;
    if (!status && (!there || strcmp(there, mark->value))) {
        status = rk_fail(err, RK_BAD_INPUT,
                         "'%.100s' is another study: its %s is '%.120s', not '%.120s'; give this one a file of its own",
                         file->path, mark->key, there ? there : "", mark->value);
    }
    finish(file);
    return status;
}

/* Before anything is changed: a file that is empty, or a study of ours. */
static rk_status check_kind(rk_trial_file *file, bool *is_new, rk_error *err)
{
    int64_t n_tables = 0, application = 0, version = 0;
    rk_status status = read_number(file, "SELECT count(*) FROM sqlite_master", &n_tables, err);
    status = status ? status : read_number(file, "PRAGMA application_id", &application, err);
    status = status ? status : read_number(file, "PRAGMA user_version", &version, err);
    *is_new = n_tables == 0;
    if (status || *is_new) {
        return status;
    }
    if (application != APPLICATION) {
        return rk_fail(err, RK_BAD_INPUT, "'%.200s' is an SQLite database, but no study", file->path);
    }
    if (version != VERSION) {
        return rk_fail(err, RK_BAD_INPUT, "'%.200s' is a study of version %lld, this program reads version %d",
                       file->path, (long long)version, VERSION);
    }
    return RK_OK;
}

static rk_status check_pages(rk_trial_file *file, rk_error *err)
{
    bool has_row = false;
    rk_status status = prepare(file, "PRAGMA quick_check(1)", err);
    status = status ? status : step(file, &has_row, err);
    const char *says = has_row ? (const char *)sqlite3_column_text(file->statement, 0) : NULL;
    if (!status && (!says || strcmp(says, "ok"))) {
        status = rk_fail(err, RK_BAD_INPUT, "'%.200s' is a damaged study: %.100s", file->path, says ? says : "no word");
    }
    finish(file);
    return status;
}

static rk_status open_tables(rk_trial_file *file, const rk_trial_mark *marks, size_t n_marks, rk_error *err)
{
    bool is_new = false;
    rk_status status = check_kind(file, &is_new, err);
    status =
        status ? status : execute(file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE", err);
    status = status ? status : check_kind(file, &is_new, err); /* another run may have been quicker */
    if (!status && is_new) {
        status = make(file, marks, n_marks, err);
    } else if (!status) {
        status = check_pages(file, err);
        for (size_t i = 0; !status && i < n_marks; i++) {
            status = compare_mark(file, &marks[i], err);
        }
    }
    return status ? status : execute(file, "COMMIT; BEGIN IMMEDIATE", err);
}

rk_status rk_trial_file_open(const char *path, const rk_trial_mark *marks, size_t n_marks, rk_trial_file **out,
                             rk_error *err)
{
    rk_trial_file *file = calloc(1, sizeof *file);
    if (!file || !(file->path = strdup(path))) {
        free(file);
        return rk_fail_memory(err, "a study");
    }
    int code = sqlite3_open_v2(path, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    rk_status status = code == SQLITE_OK ? RK_OK : complain(file, code, err);
    status = status ? status : open_tables(file, marks, n_marks, err);
    if (status) {
        rk_trial_file_close(file);
        return status;
    }
    *out = file;
    return RK_OK;
}

void rk_trial_file_close(rk_trial_file *file)
{
    if (file) {
        finish(file);
        sqlite3_close(file->db); /* what was not committed is rolled back */
        free(file->path);
        free(file);
    }
}

/* ---- trials ---- */

static rk_status add_settings(rk_trial_file *file, const char *model, const rk_space *space, const rk_trial *trial,
                              rk_error *err)
{
    rk_status status = RK_OK;
    rk_text value = {0};
    for (size_t a = 0; !status && a < space->n; a++) {
        rk_text_clear(&value);
        rk_axis_format(&space->axis[a], trial->x[a], &value);
        status = value.failed ? rk_fail_memory(err, "a trial")
                              : prepare(file, "INSERT INTO settings VALUES (?, ?, ?, ?)", err);
        if (!status) {
            bind_text(file, 1, model);
            bind_number(file, 2, trial->number);
            bind_text(file, 3, space->axis[a].option->name);
            bind_text(file, 4, value.at);
            status = run(file, err);
        }
    }
    rk_text_release(&value);
    return status;
}

rk_status rk_trial_file_add(rk_trial_file *file, const char *model, const rk_space *space, const rk_trial *trial,
                            rk_error *err)
{
    rk_status status = prepare(file, "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", err);
    if (status) {
        return status;
    }
    bind_text(file, 1, model);
    bind_number(file, 2, trial->number);
    bind_real(file, 3, trial->share);
    bind_real(file, 4, trial->error ? NAN : trial->value);
    bind_real(file, 5, trial->error ? NAN : trial->low);
    bind_real(file, 6, trial->error ? NAN : trial->high);
    bind_real(file, 7, trial->seconds);
    bind_real(file, 8, trial->train_s);
    bind_text(file, 9, trial->error);
    status = run(file, err);
    status = status ? status : add_settings(file, model, space, trial, err);
    return status ? status : execute(file, "COMMIT; BEGIN IMMEDIATE", err);
}

static double column_real(const rk_trial_file *file, int at)
{
    return sqlite3_column_type(file->statement, at) == SQLITE_NULL ? NAN : sqlite3_column_double(file->statement, at);
}

static rk_status read_trial(rk_trial_file *file, rk_arena *arena, rk_trial *out, rk_error *err)
{
    const char *error = (const char *)sqlite3_column_text(file->statement, 6);
    *out = (rk_trial){.number = out->number,
                      .share = column_real(file, 0),
                      .is_done = true,
                      .value = column_real(file, 1),
                      .low = column_real(file, 2),
                      .high = column_real(file, 3),
                      .seconds = column_real(file, 4),
                      .train_s = column_real(file, 5)};
    if (!(out->share > 0 && out->share <= 1)) {
        return rk_fail(err, RK_BAD_INPUT, "'%.200s' is a damaged study: trial %zu has a share of %g", file->path,
                       out->number + 1, out->share);
    }
    if (error) {
        out->error = rk_arena_copy(arena, error, strlen(error));
        return out->error ? RK_OK : rk_fail_memory(err, "a trial");
    }
    if (!isfinite(out->value)) {
        return rk_fail(err, RK_BAD_INPUT, "'%.200s' is a damaged study: trial %zu has neither value nor error",
                       file->path, out->number + 1);
    }
    return RK_OK;
}

static rk_status read_setting(rk_trial_file *file, const char *model, const rk_axis *axis, size_t number, double *x,
                              rk_error *err)
{
    bool has_row = false;
    rk_status status = prepare(file, "SELECT value FROM settings WHERE model = ? AND number = ? AND name = ?", err);
    if (status) {
        return status;
    }
    bind_text(file, 1, model);
    bind_number(file, 2, number);
    bind_text(file, 3, axis->option->name);
    status = step(file, &has_row, err);
    const char *text = has_row ? (const char *)sqlite3_column_text(file->statement, 0) : NULL;
    if (!status && !rk_axis_parse(axis, rk_slice_of(text), x)) {
        status = rk_fail(err, RK_BAD_INPUT, "'%.200s' is a damaged study: %s of trial %zu of %s is '%.40s'", file->path,
                         axis->option->name, number + 1, model, text ? text : "");
    }
    finish(file);
    return status;
}

rk_status rk_trial_file_find(rk_trial_file *file, const char *model, const rk_space *space, size_t number,
                             rk_arena *arena, rk_trial *out, bool *is_there, rk_error *err)
{
    double *x = RK_TAKE(arena, double, space->n);
    rk_trial trial = {.number = number};
    rk_status status = x ? prepare(file,
                                   "SELECT share, value, low, high, seconds, train_s, error FROM trials"
                                   " WHERE model = ? AND number = ?",
                                   err)
                         : rk_fail_memory(err, "a trial");
    if (status) {
        return status;
    }
    bind_text(file, 1, model);
    bind_number(file, 2, number);
    status = step(file, is_there, err);
    if (!status && *is_there) {
        status = read_trial(file, arena, &trial, err);
    }
    finish(file);
    for (size_t a = 0; !status && *is_there && a < space->n; a++) {
        status = read_setting(file, model, &space->axis[a], number, &x[a], err);
    }
    if (!status && *is_there) {
        trial.x = x;
        *out = trial;
    }
    return status;
}
