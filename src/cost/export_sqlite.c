/* export_sqlite.c - a ledger as an SQLite database.
 *
 * The database is built in memory and its bytes are written like any other file of ours, whole or not at all. Money and
 * quantities are whole millionths, so that SUM is exact.
 */
#include <sqlite3.h>
#include <string.h>

#include "base/file.h"
#include "cost/export.h"
#include "cost/ledger_parts.h"

#define LINE_COLUMNS                                                                                                   \
    "id TEXT PRIMARY KEY, period TEXT NOT NULL, element TEXT NOT NULL, service TEXT NOT NULL,"                         \
    " product_line TEXT NOT NULL, category TEXT NOT NULL, layer TEXT NOT NULL, driver TEXT NOT NULL,"                  \
    " quantity_micros INTEGER NOT NULL, unit TEXT NOT NULL, unit_price TEXT NOT NULL, share REAL NOT NULL,"            \
    " amount_micros INTEGER NOT NULL, behaviour TEXT NOT NULL, origin TEXT NOT NULL, spend TEXT NOT NULL,"             \
    " is_cash INTEGER NOT NULL, formula TEXT NOT NULL"

static const char schema[] =
    "PRAGMA page_size = 4096;"
    "BEGIN;"
    "CREATE TABLE plan (name TEXT, currency TEXT NOT NULL, first_month TEXT NOT NULL, n_months INTEGER NOT NULL,"
    " total_micros INTEGER NOT NULL);"
    "CREATE TABLE lines (" LINE_COLUMNS ") WITHOUT ROWID;"
    "CREATE TABLE payments (" LINE_COLUMNS ") WITHOUT ROWID;"
    "CREATE TABLE inputs (line_id TEXT NOT NULL REFERENCES lines(id), position INTEGER NOT NULL, name TEXT NOT NULL,"
    " value TEXT NOT NULL, unit TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (line_id, position)) WITHOUT ROWID;"
    "CREATE TABLE fleet (service TEXT NOT NULL, period TEXT NOT NULL, machine TEXT NOT NULL,"
    " requests_micros INTEGER NOT NULL, shortfall_micros INTEGER NOT NULL, paid_hours_micros INTEGER NOT NULL,"
    " idle_hours_micros INTEGER NOT NULL, machines_max INTEGER NOT NULL, PRIMARY KEY (service, period)) WITHOUT ROWID;"
    "CREATE TABLE notes (note TEXT NOT NULL);"
    "CREATE VIEW by_category AS SELECT category, layer, SUM(amount_micros) AS amount_micros FROM lines"
    " GROUP BY category, layer;"
    "CREATE VIEW by_month AS SELECT period, SUM(amount_micros) AS amount_micros FROM lines GROUP BY period;"
    "CREATE VIEW by_product_line AS SELECT product_line, category, SUM(amount_micros) AS amount_micros FROM lines"
    " GROUP BY product_line, category;"
    "CREATE VIEW by_service AS SELECT service, element, SUM(amount_micros) AS amount_micros FROM lines"
    " GROUP BY service, element;"
    "CREATE VIEW cash_by_month AS SELECT period, SUM(amount_micros) AS amount_micros FROM (SELECT period, amount_micros"
    " FROM lines WHERE is_cash UNION ALL SELECT period, amount_micros FROM payments) GROUP BY period;";

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *statement;
    int column; /* the last one bound */
    int code;   /* the first that was not good */
} writer;

static void note_code(writer *w, int code) { w->code = w->code != SQLITE_OK || code == SQLITE_DONE ? w->code : code; }

static void begin(writer *w, const char *sql)
{
    if (w->code == SQLITE_OK) {
        note_code(w, sqlite3_prepare_v2(w->db, sql, -1, &w->statement, NULL));
    }
    w->column = 0;
}

/* value must live until the row is put. */
static void bind_text(writer *w, const char *value)
{
    if (w->code == SQLITE_OK) {
        note_code(w, sqlite3_bind_text(w->statement, ++w->column, value ? value : "", -1, SQLITE_STATIC));
    }
}

static void bind_int(writer *w, int64_t value)
{
    if (w->code == SQLITE_OK) {
        note_code(w, sqlite3_bind_int64(w->statement, ++w->column, value));
    }
}

static void bind_real(writer *w, double value)
{
    if (w->code == SQLITE_OK) {
        note_code(w, sqlite3_bind_double(w->statement, ++w->column, value));
    }
}

static void put(writer *w)
{
    if (w->code == SQLITE_OK) {
        note_code(w, sqlite3_step(w->statement));
        note_code(w, sqlite3_reset(w->statement));
    }
    w->column = 0;
}

static void end(writer *w)
{
    sqlite3_finalize(w->statement);
    w->statement = NULL;
}

static void put_plan(writer *w, const rk_ledger *ledger)
{
    begin(w, "INSERT INTO plan VALUES (?,?,?,?,?)");
    bind_text(w, ledger->plan->name);
    bind_text(w, ledger->plan->currency);
    bind_text(w, ledger->month[0]);
    bind_int(w, ledger->plan->n_months);
    bind_int(w, ledger->total_micros);
    put(w);
    end(w);
    begin(w, "INSERT INTO notes VALUES (?)");
    for (size_t i = 0; i < rk_ledger_n_notes(ledger); i++) {
        bind_text(w, rk_ledger_note(ledger, i));
        put(w);
    }
    end(w);
}

static void put_lines(writer *w, const rk_ledger *ledger, const char *insert, const rk_vec *lines)
{
    begin(w, insert);
    for (size_t i = 0; i < lines->n; i++) {
        const rk_cost_line *line = (const rk_cost_line *)lines->data + i;
        bind_text(w, line->id);
        bind_text(w, ledger->month[line->month]);
        bind_text(w, line->element);
        bind_text(w, line->service_name);
        bind_text(w, line->product_line);
        bind_text(w, rk_category_name(line->category));
        bind_text(w, rk_layer_name(line->layer));
        bind_text(w, line->driver);
        bind_int(w, line->quantity_micros);
        bind_text(w, line->unit);
        bind_text(w, line->unit_price);
        bind_real(w, line->share);
        bind_int(w, line->amount.micros);
        bind_text(w, rk_behaviour_name(line->behaviour));
        bind_text(w, rk_origin_name(line->origin));
        bind_text(w, rk_spend_name(line->spend));
        bind_int(w, line->is_cash);
        bind_text(w, line->formula);
        put(w);
    }
    end(w);
}

static void put_inputs(writer *w, const rk_ledger *ledger)
{
    begin(w, "INSERT INTO inputs VALUES (?,?,?,?,?,?)");
    for (size_t i = 0; i < ledger->lines.n; i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        for (uint32_t k = 0; k < line->n_inputs; k++) {
            bind_text(w, line->id);
            bind_int(w, k + 1);
            bind_text(w, line->inputs[k].name);
            bind_text(w, line->inputs[k].value);
            bind_text(w, line->inputs[k].unit);
            bind_text(w, line->inputs[k].from);
            put(w);
        }
    }
    end(w);
}

static void put_fleets(writer *w, const rk_ledger *ledger)
{
    begin(w, "INSERT INTO fleet VALUES (?,?,?,?,?,?,?,?)");
    for (uint32_t s = 0; s < ledger->plan->n_services; s++) {
        const rk_cost_service *service = &ledger->services[s];
        for (uint32_t m = 0; m < ledger->plan->n_months && service->machine; m++) {
            const rk_fleet_month *month = &service->months[m];
            bind_text(w, service->name);
            bind_text(w, ledger->month[m]);
            bind_text(w, service->machine);
            bind_int(w, month->requests_micros);
            bind_int(w, month->shortfall_micros);
            bind_int(w, month->paid_hours_micros);
            bind_int(w, month->idle_hours_micros);
            bind_int(w, month->n_machines_max);
            put(w);
        }
    }
    end(w);
}

static rk_status write_bytes(sqlite3 *db, const char *path, rk_error *err)
{
    sqlite3_int64 n = 0;
    unsigned char *bytes = sqlite3_serialize(db, "main", &n, 0);
    rk_file_writer *file = NULL;
    if (!bytes) {
        return rk_fail_memory(err, "a database");
    }
    rk_status status = rk_file_writer_open(path, &file, err);
    if (!status) {
        status = rk_file_writer_add(file, bytes, (size_t)n, err);
        if (status) {
            rk_file_writer_abort(file);
        } else {
            status = rk_file_writer_commit(file, err);
        }
    }
    sqlite3_free(bytes);
    return status;
}

rk_status rk_ledger_sqlite(const rk_ledger *ledger, const char *path, rk_error *err)
{
    writer w = {0};
    note_code(&w, sqlite3_open(":memory:", &w.db));
    if (w.code == SQLITE_OK) {
        note_code(&w, sqlite3_exec(w.db, schema, NULL, NULL, NULL));
    }
    put_plan(&w, ledger);
    put_lines(&w, ledger, "INSERT INTO lines VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", &ledger->lines);
    put_lines(&w, ledger, "INSERT INTO payments VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", &ledger->paid);
    put_inputs(&w, ledger);
    put_fleets(&w, ledger);
    if (w.code == SQLITE_OK) {
        note_code(&w, sqlite3_exec(w.db, "COMMIT", NULL, NULL, NULL));
    }
    rk_status status = w.code == SQLITE_OK      ? write_bytes(w.db, path, err)
                       : w.code == SQLITE_NOMEM ? rk_fail_memory(err, "a database")
                                                : rk_fail(err, RK_IO, "SQLite says '%s'", sqlite3_errstr(w.code));
    sqlite3_close(w.db);
    return status;
}
