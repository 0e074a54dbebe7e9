/* ingest.c - the road from files to a dataset: cut into pieces, parse in parallel, merge in order, sweep, write.
 *
 * A mapped file is cut where it lies; a stream (compressed, standard input) is read into a buffer of whole records.
 * Both go through rounds of a few pieces per thread, so that memory holds columns, not text.
 */
#include "data/ingest.h"

#include <stdlib.h>
#include <string.h>

#include "data/dataset_write.h"
#include "data/input.h"
#include "data/layout.h"
#include "data/raw.h"

enum {
    PIECE_BYTES = 1 << 20,
    PIECES_A_THREAD = 4,
    HEAD_BYTES = 1 << 16,
    BUFFER_BYTES = 16 << 20,
    RECORD_BYTES_MAX = 16 << 20,
};

typedef struct {
    const rk_ingest_options *options;
    const rk_run *run;
    rk_ingest_report *report;
    rk_error *err;
    rk_layout layout;
    rk_chunk_task task;
    rk_arena arena; /* names of columns */
    rk_raw raw;
    rk_chunk *chunks; /* [n_chunks_max] of the round */
    size_t n_chunks, n_chunks_max;
    const char *path; /* of the file being read */
    uint64_t line;
    uint64_t bytes_done, bytes_total;
} reading;

rk_ingest_options rk_ingest_defaults(void)
{
    rk_ingest_options options = {
        .clean = {.robot_deviations = 6, .min_user = 1, .min_item = 1, .from_time = INT64_MIN}};
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        options.clean.is_off[rule] = !rk_clean_rule_default((rk_clean_rule)rule);
    }
    return options;
}

/* ---- rounds ---- */

static void parse_pieces(void *context, rk_span span)
{
    reading *r = context;
    for (size_t c = span.begin; c < span.end; c++) {
        rk_chunk_parse(&r->chunks[c], &r->task);
    }
}

static uint64_t count_newlines(rk_slice text)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.at[i] == '\n';
    }
    return n;
}

static void count_lines(void *context, rk_span span)
{
    reading *r = context;
    for (size_t c = span.begin; c < span.end; c++) {
        rk_slice piece = r->chunks[c].piece;
        r->chunks[c].n_lines = count_newlines(piece) + (piece.n > 0 && piece.at[piece.n - 1] != '\n');
    }
}

/* Parses and merges the pieces cut so far. */
static rk_status finish_round(reading *r)
{
    rk_parallel_for(r->run->pool, r->n_chunks, 1, count_lines, r);
    for (size_t c = 0; c < r->n_chunks; c++) {
        r->chunks[c].line = r->line;
        r->line += r->chunks[c].n_lines;
    }
    rk_parallel_for(r->run->pool, r->n_chunks, 1, parse_pieces, r);
    rk_status status = r->n_chunks ? rk_raw_append(&r->raw, r->chunks, r->n_chunks, r->run, r->err) : RK_OK;
    for (size_t c = 0; c < r->n_chunks; c++) {
        rk_chunk_release(&r->chunks[c]);
    }
    r->n_chunks = 0;
    rk_progress(r->run, "reading", "bytes", r->bytes_done, r->bytes_total);
    return status;
}

/* Cuts whole records off text into pieces, round by round; *used: how much of it went. is_last: nothing follows. */
static rk_status take_text(reading *r, rk_slice text, bool is_last, size_t *used)
{
    rk_status status = RK_OK;
    *used = 0;
    while (*used < text.n && status == RK_OK) {
        rk_slice rest = {text.at + *used, text.n - *used};
        bool is_open;
        size_t cut = rk_record_cut(&r->layout, rest, PIECE_BYTES, &is_open);
        if (cut == rest.n && !is_last && (is_open || rest.at[rest.n - 1] != '\n')) {
            break; /* the record goes on in the next buffer */
        }
        r->chunks[r->n_chunks++] = (rk_chunk){.path = r->path, .piece = {rest.at, cut}};
        *used += cut;
        r->bytes_done += cut;
        if (r->n_chunks == r->n_chunks_max) {
            status = finish_round(r);
        }
    }
    return status == RK_OK ? finish_round(r) : status;
}

/* ---- files ---- */

static rk_status find_layout(reading *r, rk_slice head, size_t *skip)
{
    rk_layout layout;
    rk_status status = rk_layout_find(r->options, r->path, head, &r->arena, &layout, &r->report->columns, skip, r->err);
    if (status) {
        return status;
    }
    r->layout = layout;
    r->line = 1 + count_newlines((rk_slice){head.at, *skip});
    r->task = (rk_chunk_task){
        .layout = &r->layout,
        .from_time = r->options->clean.from_time,
        .to_time = r->options->clean.to_time ? r->options->clean.to_time : rk_clock_unix_s() + 86400,
        .wants_duplicates = layout.kind != RK_RECORD_LIST && !r->options->clean.is_off[RK_RULE_DUPLICATE]};
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        r->task.on_mask = (uint16_t)(r->task.on_mask | (unsigned)!r->options->clean.is_off[rule] << rule);
    }
    for (int role = 0; role < RK_N_ROLES; role++) {
        r->task.has[role] = layout.kind == RK_RECORD_JSON && layout.names[role].n > 0;
        for (size_t column = 0; layout.kind == RK_RECORD_CELLS && column < layout.n_columns; column++) {
            r->task.has[role] |= layout.role_of[column] == role;
        }
    }
    return RK_OK;
}

static rk_status read_mapped(reading *r, const char *at, size_t n)
{
    size_t skip, used;
    rk_status status = find_layout(r, (rk_slice){at, n < HEAD_BYTES ? n : HEAD_BYTES}, &skip);
    return status == RK_OK ? take_text(r, (rk_slice){at + skip, n - skip}, true, &used) : status;
}

static rk_status fill_buffer(reading *r, rk_input *input, char *buffer, size_t size, size_t *n, bool *is_end)
{
    while (*n < size) {
        size_t got;
        rk_status status = rk_input_read(input, buffer + *n, size - *n, &got, r->err);
        if (status) {
            return status;
        }
        if (got == 0) {
            *is_end = true;
            break;
        }
        *n += got;
    }
    return RK_OK;
}

static rk_status read_stream(reading *r, rk_input *input)
{
    char *buffer = malloc(BUFFER_BYTES);
    size_t n = 0, used = 0, skip = 0;
    bool is_end = false, is_first = true;
    rk_status status = buffer ? RK_OK : rk_fail_memory(r->err, "an input buffer");
    while (status == RK_OK && !is_end) {
        status = fill_buffer(r, input, buffer, BUFFER_BYTES, &n, &is_end);
        if (status == RK_OK && is_first) {
            status = find_layout(r, (rk_slice){buffer, n < HEAD_BYTES ? n : HEAD_BYTES}, &skip);
            is_first = false;
        }
        if (status) {
            break;
        }
        status = take_text(r, (rk_slice){buffer + skip, n - skip}, is_end, &used);
        if (status == RK_OK && used == 0 && n - skip >= RECORD_BYTES_MAX - HEAD_BYTES) {
            status = rk_fail_at(r->err, (rk_place){r->path, r->line, 1},
                                "a record of more than %d MB; is a quote left open here?", RECORD_BYTES_MAX >> 20);
        }
        n -= skip + used;
        memmove(buffer, buffer + skip + used, n);
        skip = 0;
        r->bytes_done = rk_input_bytes_taken(input);
    }
    free(buffer);
    return status;
}

static rk_status read_file(reading *r, const char *path)
{
    rk_input *input = NULL;
    rk_status status = rk_input_open(path, &input, r->err);
    if (status) {
        return status;
    }
    size_t n;
    const char *at = rk_input_mapped(input, &n);
    r->path = path;
    r->bytes_total = rk_input_bytes(input);
    r->bytes_done = 0;
    status = at ? read_mapped(r, at, n) : read_stream(r, input);
    r->report->bytes_in += rk_input_bytes_taken(input);
    rk_input_close(input);
    return status;
}

static rk_status read_all(reading *r)
{
    rk_status status = rk_raw_init(&r->raw, r->err);
    r->n_chunks_max = (size_t)rk_pool_threads(r->run->pool) * PIECES_A_THREAD;
    r->chunks = calloc(r->n_chunks_max, sizeof *r->chunks);
    if (!r->chunks && status == RK_OK) {
        status = rk_fail_memory(r->err, "pieces of the log");
    }
    for (size_t i = 0; i < r->options->n_paths && status == RK_OK; i++) {
        status = read_file(r, r->options->paths[i]);
    }
    free(r->chunks);
    return status;
}

/* ---- another dataset's ids ---- */

/* The id in names of each of ours; NULL when memory is short. */
static uint32_t *ids_in(const rk_names *names, const rk_interner *ours)
{
    uint32_t n = rk_interner_count(ours);
    uint32_t *ids = malloc(((size_t)n + 1) * sizeof *ids);
    for (uint32_t i = 0; ids && i < n; i++) {
        ids[i] = rk_names_find(names, rk_interner_key(ours, i));
    }
    return ids;
}

/* ---- kept rows: ids by first sight among them ---- */

typedef struct {
    uint32_t *user_id, *item_id; /* new id of each of the log's; RK_NO_ID = not kept */
    uint32_t *users, *items;     /* the log's id of each new one */
    uint32_t n_users, n_items;
} renumbering;

static uint32_t renumber(uint32_t *id_of, uint32_t *order, uint32_t *n, uint32_t id)
{
    if (id_of[id] == RK_NO_ID) {
        id_of[id] = *n;
        order[(*n)++] = id;
    }
    return id_of[id];
}

/* Moves the kept rows to the front of every column, renumbered; returns how many. like: ids are taken from there. */
static uint64_t keep_rows(rk_raw *raw, uint16_t on_mask, const uint32_t *like_user, const uint32_t *like_item,
                          renumbering *ids)
{
    uint32_t *user = raw->user.data, *item = raw->item.data;
    int64_t *time = raw->time.data;
    float *value = raw->value.data, *price = raw->price.data;
    uint8_t *type = raw->type.data;
    const uint16_t *flags = raw->flags.data;
    uint64_t n = 0;
    for (uint64_t row = 0; row < raw->n_rows; row++) {
        if (flags[row] & on_mask) {
            continue;
        }
        user[n] = like_user ? like_user[user[row]] : renumber(ids->user_id, ids->users, &ids->n_users, user[row]);
        item[n] = like_item ? like_item[item[row]] : renumber(ids->item_id, ids->items, &ids->n_items, item[row]);
        if (time) {
            time[n] = time[row];
        }
        if (value) {
            value[n] = value[row];
        }
        if (price) {
            price[n] = price[row];
        }
        if (type) {
            type[n] = type[row];
        }
        n++;
    }
    return n;
}

static rk_status make_renumbering(const rk_raw *raw, renumbering *ids, rk_error *err)
{
    size_t n_users = rk_interner_count(raw->users), n_items = rk_interner_count(raw->items);
    *ids = (renumbering){malloc((n_users + 1) * 4),
                         malloc((n_items + 1) * 4),
                         malloc((n_users + 1) * 4),
                         malloc((n_items + 1) * 4),
                         0,
                         0};
    if (!ids->user_id || !ids->item_id || !ids->users || !ids->items) {
        return rk_fail_memory(err, "new ids");
    }
    memset(ids->user_id, 0xFF, n_users * 4);
    memset(ids->item_id, 0xFF, n_items * 4);
    return RK_OK;
}

static void release_renumbering(renumbering *ids)
{
    free(ids->user_id);
    free(ids->item_id);
    free(ids->users);
    free(ids->items);
}

/* ---- writing ---- */

/* The names of interner whose ids are given, in that order, as the table `prefix`. */
static rk_status add_names(rk_artefact_writer *writer, const char *prefix, const rk_interner *interner,
                           const uint32_t *ids, uint32_t n, bool with_order, rk_error *err)
{
    uint64_t *start = malloc(((size_t)n + 1) * sizeof *start);
    rk_text bytes = {0};
    rk_status status = start ? RK_OK : rk_fail_memory(err, "names");
    for (uint32_t i = 0; i < n && status == RK_OK; i++) {
        start[i] = bytes.n;
        rk_text_add_slice(&bytes, rk_interner_key(interner, ids[i]));
    }
    if (status == RK_OK && bytes.failed) {
        status = rk_fail_memory(err, "names");
    }
    if (status == RK_OK) {
        start[n] = bytes.n;
        status = rk_names_add(writer, prefix, n, start, bytes.at ? bytes.at : "", with_order, err);
    }
    rk_text_release(&bytes);
    free(start);
    return status;
}

static rk_status add_item_texts(rk_artefact_writer *writer, const rk_raw *raw, const rk_chunk_task *task,
                                const renumbering *ids, uint32_t *scratch, rk_error *err)
{
    static const struct {
        const char *prefix;
        rk_role role;
    } texts[RK_N_ITEM_TEXTS] = {{"title", RK_ROLE_TITLE}, {"category", RK_ROLE_CATEGORY}, {"brand", RK_ROLE_BRAND}};
    rk_status status = RK_OK;
    for (int t = 0; t < RK_N_ITEM_TEXTS && status == RK_OK; t++) {
        if (!task->has[texts[t].role]) {
            continue;
        }
        for (uint32_t i = 0; i < ids->n_items; i++) {
            scratch[i] = ((const uint32_t *)raw->item_text[t].data)[ids->items[i]];
        }
        status = add_names(writer, texts[t].prefix, raw->texts, scratch, ids->n_items, false, err);
    }
    return status;
}

static rk_status add_own_names(rk_artefact_writer *writer, const rk_raw *raw, const rk_chunk_task *task,
                               const renumbering *ids, rk_error *err)
{
    rk_status status = add_names(writer, "users", raw->users, ids->users, ids->n_users, true, err);
    if (status == RK_OK) {
        status = add_names(writer, "items", raw->items, ids->items, ids->n_items, true, err);
    }
    uint32_t *scratch = malloc(((size_t)ids->n_items + 1) * sizeof *scratch);
    if (!scratch) {
        return rk_fail_memory(err, "item texts");
    }
    if (status == RK_OK) {
        status = add_item_texts(writer, raw, task, ids, scratch, err);
    }
    if (status == RK_OK && task->has[RK_ROLE_PRICE]) {
        float *price = (float *)(void *)scratch;
        for (uint32_t i = 0; i < ids->n_items; i++) {
            price[i] = ((const float *)raw->item_price.data)[ids->items[i]];
        }
        status = rk_artefact_add(writer, "item.price", RK_F32, ids->n_items, 1, price, err);
    }
    free(scratch);
    return status;
}

static rk_status add_like_names(rk_artefact_writer *writer, const rk_dataset *like, rk_error *err)
{
    static const char *const prefixes[] = {"users.", "items.", "title.", "category.", "brand.", "item.price"};
    rk_status status = rk_artefact_add_parent(writer, like->artefact, err);
    for (size_t i = 0; i < rk_artefact_n_sections(like->artefact) && status == RK_OK; i++) {
        const rk_section *section = rk_artefact_section_at(like->artefact, i);
        for (size_t p = 0; p < RK_COUNT_OF(prefixes); p++) {
            if (strncmp(section->name, prefixes[p], strlen(prefixes[p])) == 0) {
                status = rk_artefact_add_copy(writer, section, err);
                break;
            }
        }
    }
    return status;
}

static rk_status add_meta(rk_artefact_writer *writer, const rk_ingest_report *report, const rk_raw *raw, rk_error *err)
{
    json_t *meta = rk_artefact_writer_meta(writer), *rules = json_object(), *columns = json_object(),
           *types = json_array();
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        const rk_clean_count *count = &report->rules[rule];
        if (count->n_matches > 0) {
            json_object_set_new(
                rules, rk_clean_rule_name((rk_clean_rule)rule),
                json_pack("{s:I, s:I}", "matches", (json_int_t)count->n_matches, "taken", (json_int_t)count->n_taken));
        }
    }
    for (size_t i = 0; i < report->columns.n; i++) {
        const rk_ingest_column *column = (const rk_ingest_column *)report->columns.data + i;
        if (column->role >= 0) {
            json_object_set_new(columns, rk_role_name((rk_role)column->role), json_string(column->name));
        }
    }
    for (uint32_t i = 0; i < rk_interner_count(raw->types); i++) {
        rk_slice name = rk_interner_key(raw->types, i);
        json_array_append_new(types, json_stringn(name.at, name.n));
    }
    int failed = json_object_set_new(meta, "users", json_integer(report->n_users));
    failed |= json_object_set_new(meta, "items", json_integer(report->n_items));
    failed |= json_object_set_new(meta, "events", json_integer((json_int_t)report->n_kept));
    failed |= json_object_set_new(meta, "rows", json_integer((json_int_t)report->n_rows));
    failed |= json_object_set_new(meta, "columns", columns);
    failed |= json_object_set_new(meta, "cleaning", rules);
    failed |= json_object_set_new(meta, "types", types);
    return failed ? rk_fail_memory(err, "a header") : RK_OK;
}

static rk_status write_dataset(reading *r, const rk_dataset *like, const renumbering *ids, uint64_t n_kept,
                               rk_stopwatch watch)
{
    rk_artefact_writer *writer = NULL;
    rk_raw *raw = &r->raw;
    rk_events events = {
        .n_users = like ? like->n_users : ids->n_users,
        .n_items = like ? like->n_items : ids->n_items,
        .n = n_kept,
        .user = raw->user.data,
        .item = raw->item.data,
        .time = raw->time.data,
        .value = raw->value.data,
        .price = raw->price.data,
        .type = raw->type.data,
    };
    r->report->n_users = events.n_users;
    r->report->n_items = events.n_items;
    rk_status status = rk_artefact_create(r->options->out_path, "dataset", &writer, r->err);
    if (status == RK_OK) {
        status = rk_events_add(writer, &events, r->run, r->err);
    }
    if (status == RK_OK) {
        status = like ? add_like_names(writer, like, r->err) : add_own_names(writer, raw, &r->task, ids, r->err);
    }
    if (status == RK_OK) {
        status = add_meta(writer, r->report, raw, r->err);
    }
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    rk_usage usage = rk_stopwatch_stop(watch);
    usage.bytes_in = r->report->bytes_in;
    return rk_artefact_commit(writer, &usage, r->err);
}

/* ---- the report's figures ---- */

/* 10^-12 units as a plain decimal without trailing zeros. */
static void print_total(rk_exact_sum total, char *out, size_t out_bytes)
{
    char digits[48];
    size_t n = sizeof digits, used = 0;
    bool is_negative = total < 0, is_fraction = false;
    unsigned place = 0;
    for (; place < 13 || total != 0; place++) {
        int digit = (int)(total % 10);
        digit = digit < 0 ? -digit : digit;
        total /= 10;
        if (place == 12 && is_fraction) {
            digits[--n] = '.';
        }
        is_fraction |= digit != 0;
        if (place >= 12 || is_fraction) {
            digits[--n] = (char)('0' + digit);
        }
    }
    if (is_negative) {
        digits[--n] = '-';
    }
    for (; n < sizeof digits && used + 1 < out_bytes; n++) {
        out[used++] = digits[n];
    }
    out[used] = '\0';
}

static void fill_report(reading *r, uint64_t n_kept)
{
    rk_ingest_report *report = r->report;
    const int64_t *time = r->raw.time.data;
    report->n_kept = n_kept;
    for (uint64_t i = 0; time && i < n_kept; i++) {
        report->first_time = time[i] < report->first_time ? time[i] : report->first_time;
        report->last_time = time[i] > report->last_time ? time[i] : report->last_time;
    }
}

static void fill_counts(reading *r)
{
    rk_ingest_report *report = r->report;
    memcpy(report->rules, r->raw.counts, sizeof report->rules);
    report->n_rows = r->raw.n_rows;
    report->n_mended = r->raw.n_mended;
    report->n_users_seen = rk_interner_count(r->raw.users);
    report->n_items_seen = rk_interner_count(r->raw.items);
    report->n_documents_seen = rk_interner_count(r->raw.documents);
    if (r->task.has[RK_ROLE_QUANTITY] && r->task.has[RK_ROLE_PRICE]) {
        print_total(r->raw.total, report->total, sizeof report->total);
    }
}

/* ---- all ---- */

static rk_status clean_and_write(reading *r, const rk_dataset *like, rk_stopwatch watch)
{
    uint32_t *like_user = NULL, *like_item = NULL;
    renumbering ids = {0};
    rk_status status = RK_OK;
    uint64_t n_kept = 0;
    if (like) {
        like_user = ids_in(&like->users, r->raw.users);
        like_item = ids_in(&like->items, r->raw.items);
        status = like_user && like_item ? RK_OK : rk_fail_memory(r->err, "ids of --like");
    }
    if (status == RK_OK) {
        status = rk_raw_sweep(&r->raw, &r->options->clean, r->task.on_mask, like_user, like_item, r->run, r->err);
    }
    if (status == RK_OK) {
        fill_counts(r);
        status = make_renumbering(&r->raw, &ids, r->err);
    }
    if (status == RK_OK) {
        n_kept = keep_rows(&r->raw, r->task.on_mask, like_user, like_item, &ids);
        fill_report(r, n_kept);
        status = n_kept > 0 ? write_dataset(r, like, &ids, n_kept, watch)
                            : rk_fail(r->err, RK_BAD_INPUT, "%s: cleaning left none of %llu rows", r->options->paths[0],
                                      (unsigned long long)r->raw.n_rows);
    }
    release_renumbering(&ids);
    free(like_user);
    free(like_item);
    return status;
}

rk_status rk_ingest(const rk_ingest_options *options, const rk_run *run, rk_ingest_report *report, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_dataset like = {0};
    *report = (rk_ingest_report){
        .columns.item_bytes = sizeof(rk_ingest_column), .first_time = INT64_MAX, .last_time = INT64_MIN};
    reading r = {.options = options, .run = run, .report = report, .err = err};
    rk_status status = options->like_path ? rk_dataset_open(options->like_path, &like, err) : RK_OK;
    if (status == RK_OK) {
        status = read_all(&r);
    }
    if (status == RK_OK) {
        status = clean_and_write(&r, options->like_path ? &like : NULL, watch);
    }
    report->wall_s = rk_stopwatch_stop(watch).wall_s;
    rk_raw_release(&r.raw);
    rk_arena_release(&r.arena);
    rk_dataset_close(&like);
    return status;
}
