/* intake_write.c - see intake_write.h.
 *
 * What an item is called: of all titles that its kept rows give, the most frequent, because a log's last word on an
 * item is as likely "damaged" or "found again" as its name; of equally frequent ones the one that came up last.
 * Categories, brands and texts likewise. The price is the last one in time.
 */
#include "data/intake_write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset_write.h"
#include "math/csr.h"

/* ---- compaction ---- */

static void move_row(rk_columns *c, size_t from, size_t to)
{
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        if (c->key[k]) {
            c->key[k][to] = c->key[k][from];
        }
    }
    if (c->time) {
        c->time[to] = c->time[from];
    }
    if (c->value) {
        c->value[to] = c->value[from];
    }
    if (c->price) {
        c->price[to] = c->price[from];
    }
}

/* Whether some row was taken away. */
static bool move_rows_together(rk_columns *c)
{
    size_t n = 0, n_before = c->n;
    while (n < c->n && c->flags[n] == 0) {
        n++;
    }
    for (size_t row = n; row < c->n; row++) {
        if (c->flags[row] == 0) {
            move_row(c, row, n++);
        }
    }
    c->n = n;
    return n < n_before;
}

/* Gives ids new numbers in order of first sight, and *names the names in that order. */
static rk_status renumber(uint32_t *ids, size_t n, rk_interner **names, rk_error *err)
{
    uint32_t n_old = rk_interner_count(*names), n_new = 0;
    uint32_t *number = malloc(((size_t)n_old + 1) * sizeof *number);
    uint32_t *old = malloc(((size_t)n_old + 1) * sizeof *old);
    bool is_done = number && old, is_same = true;
    for (uint32_t i = 0; is_done && i < n_old; i++) {
        number[i] = RK_NO_ID;
    }
    for (size_t row = 0; is_done && row < n; row++) {
        uint32_t id = ids[row];
        if (number[id] == RK_NO_ID) {
            is_same = is_same && id == n_new;
            old[n_new] = id;
            number[id] = n_new++;
        }
    }
    if (is_done && (!is_same || n_new < n_old)) {
        rk_interner *kept = rk_interner_new();
        is_done = kept != NULL;
        for (uint32_t i = 0; is_done && i < n_new; i++) {
            is_done = rk_interner_add(kept, rk_interner_key(*names, old[i])) == i;
        }
        rk_interner_free(is_done ? *names : kept);
        *names = is_done ? kept : *names;
        for (size_t row = 0; is_done && !is_same && row < n; row++) {
            ids[row] = number[ids[row]];
        }
    }
    free(old);
    free(number);
    return is_done ? RK_OK : rk_fail_memory(err, "numbering names");
}

static void note_times(const rk_columns *c, rk_ingest_report *report)
{
    report->first_time = INT64_MAX;
    report->last_time = INT64_MIN;
    for (size_t row = 0; c->time && row < c->n; row++) {
        report->first_time = c->time[row] < report->first_time ? c->time[row] : report->first_time;
        report->last_time = c->time[row] > report->last_time ? c->time[row] : report->last_time;
    }
}

rk_status rk_intake_compact(rk_intake *intake, const rk_dataset *like, rk_ingest_report *report, rk_error *err)
{
    rk_columns *c = &intake->columns;
    rk_status status = RK_OK;
    bool is_gappy = move_rows_together(c); /* else the names are those of first sight already */
    for (rk_role role = RK_ROLE_USER; role <= RK_ROLE_ITEM && is_gappy && !like && !status; role++) {
        status = renumber(c->key[role], c->n, &intake->names[role], err);
    }
    if (status) {
        return status;
    }
    report->n_kept = c->n;
    report->n_users = like ? like->n_users : rk_interner_count(intake->names[RK_ROLE_USER]);
    report->n_items = like ? like->n_items : rk_interner_count(intake->names[RK_ROLE_ITEM]);
    note_times(c, report);
    return RK_OK;
}

/* ---- names ---- */

/* best: [n_items] the key that most rows of the item have; RK_NO_ID where none has one. */
static rk_status choose_keys(const uint32_t *item, const uint32_t *key, size_t n, uint32_t n_items, uint32_t n_keys,
                             uint32_t *best, rk_error *err)
{
    uint32_t *row = malloc((n + 1) * sizeof *row), *col = malloc((n + 1) * sizeof *col);
    rk_csr pairs = {0};
    size_t m = 0;
    for (size_t i = 0; row && col && i < n; i++) {
        if (key[i] != RK_NO_ID) {
            row[m] = item[i];
            col[m++] = key[i];
        }
    }
    rk_status status = row && col ? rk_csr_of_triples(n_items, n_keys, m, row, col, NULL, &pairs, err)
                                  : rk_fail_memory(err, "choosing titles");
    for (uint32_t i = 0; i < n_items && !status; i++) {
        float most = 0;
        best[i] = RK_NO_ID;
        for (uint64_t e = pairs.start[i]; e < pairs.start[i + 1]; e++) {
            float count = pairs.value ? pairs.value[e] : 1.0f;
            if (count >= most) {
                most = count;
                best[i] = pairs.col[e];
            }
        }
    }
    rk_csr_release(&pairs);
    free(row);
    free(col);
    return status;
}

static rk_status add_item_names(rk_artefact_writer *writer, const rk_intake *intake, uint32_t n_items, rk_error *err)
{
    static const struct {
        rk_role role;
        const char *prefix;
    } tables[] = {
        {RK_ROLE_TITLE, "title"}, {RK_ROLE_CATEGORY, "category"}, {RK_ROLE_BRAND, "brand"}, {RK_ROLE_TEXT, "text"}};
    const rk_columns *c = &intake->columns;
    uint32_t *best = malloc(((size_t)n_items + 1) * sizeof *best);
    rk_status status = best ? RK_OK : rk_fail_memory(err, "choosing titles");
    for (size_t t = 0; t < RK_COUNT_OF(tables) && !status; t++) {
        rk_role role = tables[t].role;
        if (!c->key[role]) {
            continue;
        }
        status = choose_keys(c->key[RK_ROLE_ITEM], c->key[role], c->n, n_items, rk_interner_count(intake->names[role]),
                             best, err);
        if (!status) {
            status = rk_names_add_keys(writer, tables[t].prefix, intake->names[role], best, n_items, false, err);
        }
    }
    free(best);
    return status;
}

static rk_status add_item_prices(rk_artefact_writer *writer, const rk_columns *c, uint32_t n_items, rk_error *err)
{
    float *price = malloc(((size_t)n_items + 1) * sizeof *price);
    int64_t *time = malloc(((size_t)n_items + 1) * sizeof *time);
    rk_status status = price && time ? RK_OK : rk_fail_memory(err, "item prices");
    for (uint32_t i = 0; i < n_items && !status; i++) {
        price[i] = NAN;
        time[i] = INT64_MIN;
    }
    for (size_t row = 0; row < c->n && !status; row++) {
        uint32_t item = c->key[RK_ROLE_ITEM][row];
        int64_t now = c->time ? c->time[row] : 0;
        if (now >= time[item] && !isnan(c->price[row])) {
            time[item] = now;
            price[item] = c->price[row];
        }
    }
    if (!status) {
        status = rk_artefact_add(writer, "item.price", RK_F32, n_items, 1, price, err);
    }
    free(price);
    free(time);
    return status;
}

/* ---- events ---- */

/* *types: owned, [n]; NULL without event types. */
static rk_status make_types(const rk_intake *intake, uint8_t **types, rk_error *err)
{
    const rk_columns *c = &intake->columns;
    *types = NULL;
    if (!c->key[RK_ROLE_EVENT]) {
        return RK_OK;
    }
    uint32_t none = rk_interner_add(intake->names[RK_ROLE_EVENT], RK_SLICE("")); /* what an empty cell means */
    uint32_t n_types = rk_interner_count(intake->names[RK_ROLE_EVENT]);
    if (n_types > 256) {
        return rk_fail(err, RK_BAD_INPUT,
                       "%u different event types, at most 255 are possible; is the column for event "
                       "the right one?",
                       n_types - 1);
    }
    *types = malloc(c->n + 1);
    for (size_t row = 0; *types && row < c->n; row++) {
        uint32_t id = c->key[RK_ROLE_EVENT][row];
        (*types)[row] = (uint8_t)(id == RK_NO_ID ? none : id);
    }
    return *types && none != RK_NO_ID ? RK_OK : rk_fail_memory(err, "event types");
}

static rk_status add_events(rk_artefact_writer *writer, const rk_intake *intake, const rk_ingest_report *report,
                            const rk_run *run, rk_error *err)
{
    const rk_columns *c = &intake->columns;
    uint8_t *types;
    rk_status status = make_types(intake, &types, err);
    rk_events events = {
        .n_users = report->n_users,
        .n_items = report->n_items,
        .n = c->n,
        .user = c->key[RK_ROLE_USER],
        .item = c->key[RK_ROLE_ITEM],
        .time = c->time,
        .value = c->value,
        .price = c->price,
        .type = types,
        .scratch = c->hash, /* what it was for is done */
    };
    if (!status) {
        status = rk_events_add(writer, &events, run, err);
    }
    if (!status && types) {
        const rk_interner *names = intake->names[RK_ROLE_EVENT];
        status = rk_names_add_keys(writer, "types", names, NULL, rk_interner_count(names), false, err);
    }
    free(types);
    return status;
}

/* ---- all of it ---- */

static rk_status copy_items_of(rk_artefact_writer *writer, const rk_dataset *like, rk_error *err)
{
    static const char *const users[] = {"users.", NULL};
    rk_status status = rk_artefact_add_parent(writer, like->artefact, err);
    status = status ? status : rk_artefact_add_copies(writer, like->artefact, users, err);
    return status ? status : rk_artefact_add_copies(writer, like->artefact, rk_dataset_item_sections, err);
}

static rk_status add_items(rk_artefact_writer *writer, const rk_intake *intake, const rk_ingest_report *report,
                           rk_error *err)
{
    rk_status status =
        rk_names_add_keys(writer, "users", intake->names[RK_ROLE_USER], NULL, report->n_users, true, err);
    if (!status) {
        status = rk_names_add_keys(writer, "items", intake->names[RK_ROLE_ITEM], NULL, report->n_items, true, err);
    }
    if (!status) {
        status = add_item_names(writer, intake, report->n_items, err);
    }
    if (!status && intake->columns.price) {
        status = add_item_prices(writer, &intake->columns, report->n_items, err);
    }
    return status;
}

static void fill_meta(json_t *meta, const rk_ingest_report *report)
{
    json_t *mapping = json_object(), *cleaning = json_object();
    const rk_ingest_column *columns = report->columns.data;
    for (size_t c = 0; c < report->columns.n; c++) {
        if (columns[c].role >= 0) {
            json_object_set_new(mapping, rk_role_name((rk_role)columns[c].role), json_string(columns[c].name));
        }
    }
    for (rk_clean_rule rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        if (report->rules[rule].n_taken > 0) {
            json_object_set_new(cleaning, rk_clean_rule_name(rule),
                                json_integer((json_int_t)report->rules[rule].n_taken));
        }
    }
    json_object_set_new(meta, "users", json_integer(report->n_users));
    json_object_set_new(meta, "items", json_integer(report->n_items));
    json_object_set_new(meta, "events", json_integer((json_int_t)report->n_kept));
    json_object_set_new(meta, "rows", json_integer((json_int_t)report->n_rows));
    json_object_set_new(meta, "columns", mapping);
    json_object_set_new(meta, "dropped", cleaning);
}

rk_status rk_intake_write(const rk_intake *intake, const rk_dataset *like, const rk_ingest_report *report,
                          const char *path, rk_stopwatch watch, const rk_run *run, rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create(path, "dataset", &writer, err);
    if (!status) {
        status = add_events(writer, intake, report, run, err);
    }
    if (!status) {
        status = like ? copy_items_of(writer, like, err) : add_items(writer, intake, report, err);
    }
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    fill_meta(rk_artefact_writer_meta(writer), report);
    rk_usage making = rk_stopwatch_stop(watch);
    making.bytes_in = report->bytes_in;
    return rk_artefact_commit(writer, &making, err);
}
