/* postgres.c - a table of PostgreSQL that grows: every row that is inserted becomes an event, once.
 *
 * Asking for keys above the last one seen would lose rows: a transaction may draw a key and commit it after another
 * that drew a later one. Instead each round takes a window of transactions. Let h be the oldest transaction that is
 * still running; the rows written by transactions from the last round's h up to this one are all there and stay as they
 * are. So a round reads exactly those, in the order of their keys, a page at a time, and the next round begins at h.
 * The first round has no lower end: it is the table as it stands.
 *
 * The column xmin has 32 bits and no index. The bits are compared modulo 2^32 as the server itself does; and only rows
 * with keys not far below the largest seen are looked at, which the index on the key finds.
 *
 * The place, in FOLDER/NAME.place, is written when the rows are on our disk.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "stream/kind.h"

enum { POLL_MS = 500, LOOK_BACK = 10000 };

typedef struct {
    const char *user, *item, *time, *type, *quantity, *price, *value, *event_id;
} column_names;

static const rk_key column_keys[] = {
    {"user", RK_KEY_TEXT, offsetof(column_names, user), true, .help = "column of the user"},
    {"item", RK_KEY_TEXT, offsetof(column_names, item), true, .help = "column of the item"},
    {"time", RK_KEY_TEXT, offsetof(column_names, time), .help = "column of a timestamp; without: when it is read"},
    {"type", RK_KEY_TEXT, offsetof(column_names, type), .help = "column of the type of the event"},
    {"quantity", RK_KEY_TEXT, offsetof(column_names, quantity), .help = "column of a number"},
    {"price", RK_KEY_TEXT, offsetof(column_names, price), .help = "column of a number"},
    {"value", RK_KEY_TEXT, offsetof(column_names, value), .help = "column of a rating"},
    {"event_id", RK_KEY_TEXT, offsetof(column_names, event_id),
     .help = "column of an id that other sources of the same event give, too"},
};

typedef struct {
    const char *connection, *table, *key, *type;
    const rk_yaml_node *columns;
    rk_number poll_ms, look_back;
} postgres_settings;

static const rk_key keys[] = {
    {"connection", RK_KEY_TEXT, offsetof(postgres_settings, connection), true,
     .help = "as libpq takes it: 'host=db dbname=shop user=reckon' or postgresql://..."},
    {"table", RK_KEY_TEXT, offsetof(postgres_settings, table), true, .help = "table or schema.table"},
    {"key", RK_KEY_TEXT, offsetof(postgres_settings, key), true,
     .help = "column of a whole number with an index, given by a sequence"},
    {"columns", RK_KEY_MAP, offsetof(postgres_settings, columns), true, .help = "which column is what of an event"},
    {"type", RK_KEY_TEXT, offsetof(postgres_settings, type), .help = "type of all its events, where no column says it"},
    {"poll_ms", RK_KEY_COUNT, offsetof(postgres_settings, poll_ms), .min = 10, .max = 3600000,
     .help = "between two looks when nothing is new; 500"},
    {"look_back", RK_KEY_COUNT, offsetof(postgres_settings, look_back), .min = 1, .max = 1000000000000,
     .help = "keys below the largest seen that a late row may have; 10000"},
};

/* Rows of transactions in [from, to) with keys above key are next; to 0: no round is under way. from 0: all before. */
typedef struct {
    int64_t from, to, key, top;
} place;

typedef struct {
    const rk_stream_spec *spec;
    PGconn *server;
    char *select; /* of a page; PQ-allocated parts are in it. NULL: not connected yet */
    place settled, taken;
    int64_t next_look_ns;
    char path[4096]; /* of the place */
} reader;

static rk_status check(const void *settings, rk_place at, rk_error *err)
{
    const postgres_settings *s = settings;
    column_names columns = {0};
    rk_status status = rk_yaml_fill(s->columns, "'columns'", column_keys, RK_COUNT_OF(column_keys), &columns, err);
    if (!status && s->type && columns.type) {
        status = rk_fail_at(err, at, "the type of an event is a column or 'type', not both");
    }
    return status;
}

static int64_t count_of(const rk_number *number, int64_t fallback)
{
    return number->is_set ? (int64_t)rk_decimal_real(number->value) : fallback;
}

/* ---- the place ---- */

static rk_status write_place(const reader *r, rk_error *err)
{
    const place *p = &r->taken;
    rk_text text = {0};
    rk_text_addf(&text, "from %" PRId64 "\nto %" PRId64 "\nkey %" PRId64 "\ntop %" PRId64 "\n", p->from, p->to, p->key,
                 p->top);
    rk_status status = rk_file_write_text(r->path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status read_place(reader *r, rk_error *err)
{
    rk_mapped file;
    rk_error trouble = {0};
    char words[160] = "";
    place *p = &r->settled;
    int n = -1;
    rk_status status = rk_mapped_open(r->path, &file, &trouble);
    if (status == RK_NOT_FOUND) {
        p->top = INT64_MIN;
        return RK_OK;
    }
    if (status) {
        return rk_fail(err, status, "%s", trouble.message);
    }
    memcpy(words, file.at, file.n_bytes < sizeof words ? file.n_bytes : sizeof words - 1);
    rk_mapped_close(&file);
    int n_read = sscanf(words, "from %" SCNd64 "\nto %" SCNd64 "\nkey %" SCNd64 "\ntop %" SCNd64 "\n%n", &p->from,
                        &p->to, &p->key, &p->top, &n);
    return n_read == 4 && n > 0 && words[n] == '\0'
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT,
                         "%s: not the place of a source; without it the table is read from its start", r->path);
}

/* ---- the server ---- */

static rk_status refused(const reader *r, const char *what, rk_error *err)
{
    char words[300];
    snprintf(words, sizeof words, "%s", PQerrorMessage(r->server));
    words[strcspn(words, "\n")] = '\0';
    return rk_fail(err, RK_IO, "postgres: %s: %s", what, words);
}

/* "schema"."table" */
static void add_name(rk_text *out, PGconn *server, const char *name, size_t n)
{
    char *quoted = PQescapeIdentifier(server, name, n);
    out->failed |= !quoted;
    rk_text_add(out, quoted ? quoted : "");
    PQfreemem(quoted);
}

static void add_table(rk_text *out, PGconn *server, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot) {
        add_name(out, server, name, (size_t)(dot - name));
        rk_text_add(out, ".");
        name = dot + 1;
    }
    add_name(out, server, name, strlen(name));
}

/* , 'user', t."customer"::text */
static void add_member(rk_text *out, PGconn *server, const char *member, const char *column, const char *before,
                       const char *behind)
{
    if (column) {
        rk_text_addf(out, "%s'%s', %st.", out->at[out->n - 1] == '(' ? "" : ", ", member, before);
        add_name(out, server, column, strlen(column));
        rk_text_add(out, behind);
    }
}

static void add_event(rk_text *out, PGconn *server, const postgres_settings *s, const column_names *c)
{
    rk_text_add(out, "json_strip_nulls(json_build_object(");
    add_member(out, server, "user", c->user, "", "::text");
    add_member(out, server, "item", c->item, "", "::text");
    add_member(out, server, "event_id", c->event_id, "", "::text");
    add_member(out, server, "time", c->time, "floor(extract(epoch from ", "))::bigint");
    add_member(out, server, "type", c->type, "", "::text");
    add_member(out, server, "quantity", c->quantity, "", "");
    add_member(out, server, "price", c->price, "", "");
    add_member(out, server, "value", c->value, "", "");
    if (s->type) {
        char *type = PQescapeLiteral(server, s->type, strlen(s->type));
        out->failed |= !type;
        rk_text_addf(out, ", 'type', %s", type ? type : "");
        PQfreemem(type);
    }
    rk_text_add(out, "))::text");
}

/* $1: the key before; $2, $3: the window of transactions. */
static rk_status make_select(reader *r, rk_error *err)
{
    const postgres_settings *s = r->spec->settings;
    column_names columns = {0};
    rk_text text = {0}, key = {0};
    rk_status status = rk_yaml_fill(s->columns, "'columns'", column_keys, RK_COUNT_OF(column_keys), &columns, err);
    rk_text_add(&key, "t.");
    add_name(&key, r->server, s->key, strlen(s->key));
    rk_text_addf(&text, "select %s::bigint, ", key.at);
    add_event(&text, r->server, s, &columns);
    rk_text_add(&text, " from ");
    add_table(&text, r->server, s->table);
    /* What is ahead of the window's end, by up to 2^30, is for a later round. */
    rk_text_addf(&text,
                 " t where %s > $1::bigint and case when $2::bigint = 0"
                 " then ((t.xmin::text::bigint - $3::bigint) & 4294967295) >= 1073741824"
                 " else (($3::bigint - t.xmin::text::bigint) & 4294967295) between 1 and $3::bigint - $2::bigint end"
                 " order by %s limit %d",
                 key.at, key.at, RK_STREAM_TAKE_MAX);
    if (!status && (text.failed || key.failed)) {
        status = rk_fail_memory(err, "a question to PostgreSQL");
    }
    free(r->select);
    r->select = status ? NULL : text.at;
    if (status) {
        rk_text_release(&text);
    }
    rk_text_release(&key);
    return status;
}

static rk_status log_in(reader *r, rk_error *err)
{
    const postgres_settings *s = r->spec->settings;
    const char *const names[] = {"connect_timeout", "fallback_application_name", "dbname", NULL};
    const char *const values[] = {"10", "reckon", s->connection, NULL};
    if (r->server && PQstatus(r->server) == CONNECTION_OK) {
        return RK_OK;
    }
    PQfinish(r->server);
    r->taken = r->settled;
    r->server = PQconnectdbParams(names, values, 1);
    if (!r->server || PQstatus(r->server) != CONNECTION_OK) {
        return r->server ? refused(r, "no connection", err) : rk_fail_memory(err, "a connection to PostgreSQL");
    }
    return make_select(r, err);
}

static rk_status ask(reader *r, const char *sql, const int64_t *numbers, int n, PGresult **out, rk_error *err)
{
    char texts[3][24];
    const char *values[3];
    for (int i = 0; i < n; i++) {
        snprintf(texts[i], sizeof texts[i], "%" PRId64, numbers[i]);
        values[i] = texts[i];
    }
    *out = PQexecParams(r->server, sql, n, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(*out) == PGRES_TUPLES_OK) {
        return RK_OK;
    }
    PQclear(*out);
    *out = NULL;
    return refused(r, "the table could not be read", err);
}

/* ---- rounds ---- */

/* The next window, unless no transaction has ended since the last. */
static rk_status begin_round(reader *r, rk_error *err)
{
    const postgres_settings *s = r->spec->settings;
    int64_t look_back = count_of(&s->look_back, LOOK_BACK);
    place *p = &r->taken;
    PGresult *result;
    rk_status status = ask(r, "select txid_snapshot_xmin(txid_current_snapshot())", NULL, 0, &result, err);
    if (status) {
        return status;
    }
    int64_t oldest = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    if (oldest < p->from) {
        return rk_fail(err, RK_BAD_INPUT, "postgres: the server is not the one that '%s' was written for", r->path);
    }
    if (oldest > p->from) {
        p->to = oldest;
        p->key = p->top > INT64_MIN + look_back ? p->top - look_back : INT64_MIN;
    }
    return RK_OK;
}

static rk_status read_rows(reader *r, const PGresult *result, rk_stream_sheet *sheet, rk_error *err)
{
    rk_status status = RK_OK;
    place *p = &r->taken;
    for (int row = 0; row < PQntuples(result) && !status; row++) {
        const char *key = PQgetvalue(result, row, 0);
        rk_slice event = {PQgetvalue(result, row, 1), (size_t)PQgetlength(result, row, 1)};
        status = rk_stream_add(sheet, r->spec, key, event, err);
        p->key = strtoll(key, NULL, 10);
        p->top = p->key > p->top ? p->key : p->top;
    }
    return status;
}

static void look_later(reader *r)
{
    const postgres_settings *s = r->spec->settings;
    r->next_look_ns = rk_clock_ns() + count_of(&s->poll_ms, POLL_MS) * INT64_C(1000000);
}

static rk_status read_page(reader *r, rk_stream_sheet *sheet, rk_error *err)
{
    place *p = &r->taken;
    PGresult *result;
    rk_status status = ask(r, r->select, (const int64_t[]){p->key, p->from, p->to}, 3, &result, err);
    if (status) {
        return status;
    }
    status = read_rows(r, result, sheet, err);
    if (PQntuples(result) < RK_STREAM_TAKE_MAX) {
        p->from = p->to;
        p->to = 0;
        look_later(r);
    }
    PQclear(result);
    return status;
}

/* true: it is time to look. */
static bool wait_for_look(const reader *r, unsigned wait_ms)
{
    int64_t left_ns = r->next_look_ns - rk_clock_ns(), may_ns = wait_ms * INT64_C(1000000);
    int64_t sleep_ns = left_ns < may_ns ? left_ns : may_ns;
    if (sleep_ns > 0) {
        nanosleep(&(struct timespec){(time_t)(sleep_ns / 1000000000), (long)(sleep_ns % 1000000000)}, NULL);
    }
    return left_ns <= may_ns;
}

static rk_status take(void *state, unsigned wait_ms, rk_stream_sheet *sheet, rk_error *err)
{
    reader *r = state;
    if (r->taken.to == 0 && !wait_for_look(r, wait_ms)) {
        return RK_OK;
    }
    rk_status status = log_in(r, err);
    if (!status && r->taken.to == 0) {
        status = begin_round(r, err);
    }
    if (!status && r->taken.to == 0) {
        look_later(r);
        return RK_OK;
    }
    status = status ? status : read_page(r, sheet, err);
    if (status) {
        r->taken = r->settled;
    }
    return status;
}

static rk_status settle(void *state, rk_error *err)
{
    reader *r = state;
    rk_status status = write_place(r, err);
    if (!status) {
        r->settled = r->taken;
    }
    return status;
}

/* ---- life ---- */

static void close_reader(void *state)
{
    reader *r = state;
    PQfinish(r->server);
    free(r->select);
    free(r);
}

static rk_status open_reader(const rk_stream_spec *spec, const char *folder, void **state, rk_error *err)
{
    reader *r = calloc(1, sizeof *r);
    if (!r) {
        return rk_fail_memory(err, "a reader of PostgreSQL");
    }
    r->spec = spec;
    int n = snprintf(r->path, sizeof r->path, "%s/%s.place", folder, spec->name);
    rk_status status = n > 0 && (size_t)n < sizeof r->path
                           ? read_place(r, err)
                           : rk_fail(err, RK_BAD_INPUT, "the path of the folder '%.80s' is too long", folder);
    if (status) {
        free(r);
        return status;
    }
    r->taken = r->settled;
    *state = r;
    return RK_OK;
}

const rk_stream_kind rk_stream_postgres = {
    "postgres",  "libpq", keys,   RK_COUNT_OF(keys), sizeof(postgres_settings), check,
    open_reader, take,    settle, close_reader};
