/* intake.c - read ahead, parse in parallel, join in order.
 *
 * One loop a batch: whoever comes first fills the next batch, the others, and it thereafter, parse the chunks of this
 * one. Then the new keys of each piece are made global in the order of the chunks, so ids are those of first sight
 * whatever ran when, and the pieces' columns are copied, ids translated, behind the rows that are there already.
 */
#include "data/intake.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { DAY_S = 86400 }; /* clocks and zones differ: only beyond it lies the future */

typedef struct {
    rk_intake *intake;
    const rk_ingest_options *options;
    const rk_run *run;
    rk_feed *feed;
    rk_batch batches[2]; /* this one and the next */
    rk_batch *now, *next;
    rk_plan plan;
    rk_lane *lanes; /* [n_lanes] */
    size_t n_lanes;
    rk_piece pieces[RK_CHUNKS];
    size_t offset[RK_CHUNKS]; /* where the rows of each piece go */
    atomic_size_t next_task;  /* 0: fill, i: parse chunk i - 1 */
    uint64_t line;            /* of the first byte of now's text */
    rk_status fill_status;
    rk_error fill_error;
    rk_intmap **profile; /* [n_profile] hashes seen in each column */
    size_t n_profile;
} reading;

void rk_intake_init(rk_intake *intake)
{
    *intake = (rk_intake){.jumps = {.item_bytes = sizeof(rk_line_jump)},
                          .candidates = {.item_bytes = sizeof(rk_candidate)},
                          .columns_seen = {.item_bytes = sizeof(rk_ingest_column)}};
}

void rk_intake_release(rk_intake *intake)
{
    rk_columns_release(&intake->columns);
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        rk_interner_free(intake->names[k]);
    }
    rk_vec_release(&intake->jumps);
    rk_vec_release(&intake->candidates);
    for (size_t c = 0; c < intake->columns_seen.n; c++) {
        free(((rk_ingest_column *)intake->columns_seen.data)[c].name);
    }
    rk_vec_release(&intake->columns_seen);
}

rk_place rk_intake_place(const rk_intake *intake, uint64_t row)
{
    const rk_line_jump *jumps = intake->jumps.data;
    size_t low = 0, high = intake->jumps.n; /* the last jump at or before row */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (jumps[middle].row <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    uint64_t step = intake->format == RK_FORMAT_LISTS ? 0 : row - jumps[low].row;
    return (rk_place){jumps[low].path, (size_t)(jumps[low].line + step), 0};
}

/* ---- failing with the place ---- */

static size_t count_lines(const char *text, size_t n)
{
    size_t n_lines = 0;
    for (const char *at = text; (at = memchr(at, '\n', n - (size_t)(at - text))) != NULL; at++) {
        n_lines++;
    }
    return n_lines;
}

static rk_status fail_in_text(const reading *r, size_t at, const char *what, rk_error *err)
{
    const char *text = r->now->text, *newline = memrchr(text, '\n', at);
    rk_place place = {rk_path_name(r->options->paths[r->now->file]), (size_t)r->line + count_lines(text, at),
                      at - (newline ? (size_t)(newline + 1 - text) : 0) + 1};
    return rk_fail_at(err, place, "%s", what);
}

/* ---- a file begins ---- */

static rk_status keep_columns(reading *r, const rk_layout *layout, rk_error *err)
{
    for (size_t c = 0; c < layout->n_columns; c++) {
        rk_ingest_column column = {.name = strndup(layout->names[c].at, layout->names[c].n), .role = -1};
        for (size_t role = RK_N_ROLES; role-- > 0;) {
            column.role = layout->casting.column[role] == c ? (int)role : column.role;
        }
        if (!column.name || !rk_vec_push(&r->intake->columns_seen, &column)) {
            free(column.name);
            return rk_fail_memory(err, "column names");
        }
    }
    return RK_OK;
}

static bool wants_hash(const reading *r, const rk_layout *layout)
{
    return layout->format != RK_FORMAT_LISTS && r->options->clean.mode[RK_RULE_DUPLICATE] != RK_RULE_OFF &&
           (rk_casting_has(&layout->casting, RK_ROLE_TIME) || r->options->clean.mode[RK_RULE_DUPLICATE] == RK_RULE_ON);
}

/* Which columns there are is settled by the first file. */
static rk_status settle_columns(reading *r, const rk_layout *layout, rk_error *err)
{
    rk_columns *all = &r->intake->columns;
    const rk_casting *casting = &layout->casting;
    r->intake->format = layout->format;
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        all->has_key[k] = rk_casting_has(casting, (rk_role)k);
        if (all->has_key[k] && !r->intake->names[k]) {
            r->intake->names[k] = rk_interner_new();
        }
        if (all->has_key[k] && !r->intake->names[k]) {
            return rk_fail_memory(err, "names");
        }
    }
    bool has_quantity = rk_casting_has(casting, RK_ROLE_QUANTITY);
    all->has_time = rk_casting_has(casting, RK_ROLE_TIME);
    all->has_value = rk_casting_has(casting, RK_ROLE_VALUE) || has_quantity;
    all->has_price = rk_casting_has(casting, RK_ROLE_PRICE);
    all->has_hash = wants_hash(r, layout);
    r->intake->has_total = has_quantity && all->has_price;
    for (size_t i = 0; i < RK_CHUNKS; i++) {
        r->pieces[i].columns = *all; /* all are empty still: only which there are is copied */
    }
    return keep_columns(r, layout, err);
}

/* The others must have the same roles. */
static rk_status check_columns(const reading *r, const rk_layout *layout, rk_error *err)
{
    const char *path = rk_path_name(r->options->paths[r->now->file]), *first = rk_path_name(r->options->paths[0]);
    const rk_layout *wanted = rk_feed_layout(r->feed, 0);
    if ((wanted->format == RK_FORMAT_LISTS) != (layout->format == RK_FORMAT_LISTS)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: this file is %s, '%s' is %s", path, rk_format_name(layout->format),
                       first, rk_format_name(wanted->format));
    }
    for (size_t role = 0; role < RK_N_ROLES; role++) {
        bool has = rk_casting_has(&layout->casting, (rk_role)role),
             had = rk_casting_has(&wanted->casting, (rk_role)role);
        if (has != had) {
            return rk_fail(err, RK_BAD_INPUT, "%s: this file has %s column for the %s, '%s' has %s", path,
                           has ? "a" : "no", rk_role_name((rk_role)role), first, had ? "one" : "none");
        }
    }
    return RK_OK;
}

static rk_status begin_file(reading *r, rk_error *err)
{
    const rk_layout *layout = rk_feed_layout(r->feed, r->now->file);
    bool is_first = r->now->file == 0;
    rk_status status = is_first ? settle_columns(r, layout, err) : check_columns(r, layout, err);
    if (status) {
        return status;
    }
    rk_text words = {0};
    rk_layout_describe(layout, &words);
    rk_log(r->run, layout->is_guessed ? RK_LOG_INFO : RK_LOG_DETAIL, "%s: %s",
           rk_path_name(r->options->paths[r->now->file]), words.failed ? "" : words.at);
    rk_text_release(&words);
    int64_t to = r->options->clean.to_time;
    r->plan = (rk_plan){
        .layout = layout,
        .path = rk_path_name(r->options->paths[r->now->file]),
        .encoding = r->options->encoding,
        .from_time = r->options->clean.from_time,
        .to_time = to ? to : rk_clock_unix_s() + DAY_S,
        .wants_profile = r->options->profile && layout->n_columns == r->intake->columns_seen.n && layout->delimiter,
    };
    r->line = 1;
    return RK_OK;
}

/* ---- one batch ---- */

/* One lane takes task after task, in ascending order. */
static void run_lane(void *context, rk_span span)
{
    reading *r = context;
    rk_lane *lane = &r->lanes[span.begin];
    for (size_t k = 0; k < RK_N_KEYS; k++) {
        rk_keys_trim(&lane->keys[k]);
    }
    for (size_t task; (task = atomic_fetch_add(&r->next_task, 1)) <= r->now->n_chunks;) {
        if (task == 0) {
            r->fill_status = rk_feed_fill(r->feed, r->now, r->next, &r->fill_error);
            continue;
        }
        size_t begin = r->now->chunk[task - 1], end = r->now->chunk[task];
        rk_lane_parse(lane, &r->plan, r->now->text + begin, end - begin, &r->pieces[task - 1]);
        r->pieces[task - 1].lane = span.begin;
    }
}

/* Makes the piece's new keys of one role known. */
static bool join_keys(const rk_piece *piece, rk_keys *keys, size_t role, rk_interner *names)
{
    for (uint32_t id = piece->first_new[role]; id < piece->end_new[role]; id++) {
        uint32_t global = rk_interner_add(names, rk_keys_get(keys, id));
        if (global == RK_NO_ID || !rk_vec_push(&keys->global, &global)) {
            return false;
        }
    }
    return true;
}

/* Lines and examples of the piece, whose first row is row and stands on line. */
static bool join_places(rk_intake *intake, const rk_piece *piece, uint64_t row, uint64_t line)
{
    const rk_line_jump *jumps = piece->jumps.data;
    const rk_candidate *candidates = piece->candidates.data;
    for (size_t j = 0; j < piece->jumps.n; j++) {
        rk_line_jump jump = {row + jumps[j].row, line + jumps[j].line, jumps[j].path};
        if (intake->jumps.n > 0 && intake->format != RK_FORMAT_LISTS) { /* nothing new? */
            rk_place place = rk_intake_place(intake, jump.row);
            if (place.path == jump.path && place.line == jump.line) {
                continue;
            }
        }
        if (!rk_vec_push(&intake->jumps, &jump)) {
            return false;
        }
    }
    for (size_t c = 0; c < piece->candidates.n; c++) {
        rk_candidate candidate = candidates[c];
        candidate.row += row;
        if (intake->n_candidates[candidate.rule] < RK_CANDIDATES) {
            intake->n_candidates[candidate.rule]++;
            if (!rk_vec_push(&intake->candidates, &candidate)) {
                return false;
            }
        }
    }
    return true;
}

static bool join_profile(reading *r, const rk_piece *piece)
{
    rk_ingest_column *columns = r->intake->columns_seen.data;
    if (r->n_profile < piece->n_profile) {
        r->profile = calloc(piece->n_profile, sizeof(rk_intmap *));
        r->n_profile = r->profile ? piece->n_profile : 0;
        for (size_t c = 0; c < r->n_profile; c++) {
            r->profile[c] = rk_intmap_new(1024);
        }
    }
    for (size_t c = 0; c < piece->n_profile; c++) {
        const uint64_t *hash = piece->profile[c].data;
        for (size_t i = 0; i < piece->profile[c].n; i++) {
            columns[c].n_empty += hash[i] == 0;
            if (hash[i] && (!r->profile || !r->profile[c] || !rk_intmap_put(r->profile[c], hash[i], NULL))) {
                return false;
            }
        }
        columns[c].n_distinct = r->profile && r->profile[c] ? rk_intmap_count(r->profile[c]) : 0;
    }
    return true;
}

static rk_status join_piece(reading *r, size_t i, rk_error *err)
{
    const rk_piece *piece = &r->pieces[i];
    rk_intake *intake = r->intake;
    if (piece->fault) {
        r->line -= count_lines(r->now->text, r->now->chunk[i]); /* back to the line of the text's first byte */
        return fail_in_text(r, r->now->chunk[i] + piece->fault_at, piece->fault, err);
    }
    bool is_done = !piece->is_short;
    for (size_t k = 0; k < RK_N_KEYS && is_done; k++) {
        is_done = !intake->columns.has_key[k] || join_keys(piece, &r->lanes[piece->lane].keys[k], k, intake->names[k]);
    }
    r->offset[i] = intake->columns.n;
    is_done = is_done && join_places(intake, piece, intake->columns.n, r->line) && join_profile(r, piece);
    if (!is_done) {
        return rk_fail_memory(err, "the rows read");
    }
    intake->columns.n += piece->columns.n;
    intake->n_mended += piece->n_mended;
    rk_total_add(&intake->total, &piece->total);
    r->line += piece->n_lines;
    return intake->columns.n <= UINT32_MAX ? RK_OK
                                           : rk_fail(err, RK_BAD_INPUT, "more than 4,294,967,295 rows are not read");
}

static void copy_ids(uint32_t *to, const uint32_t *from, size_t n, const uint32_t *global)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = from[i] == RK_NO_ID ? RK_NO_ID : global[from[i]];
    }
}

static void copy_rows(void *context, rk_span span)
{
    reading *r = context;
    rk_columns *all = &r->intake->columns;
    for (size_t i = span.begin; i < span.end; i++) {
        const rk_columns *c = &r->pieces[i].columns;
        size_t to = r->offset[i], n = c->n;
        if (n == 0) {
            continue;
        }
        for (size_t k = 0; k < RK_N_KEYS; k++) {
            if (all->has_key[k]) {
                copy_ids(all->key[k] + to, c->key[k], n, r->lanes[r->pieces[i].lane].keys[k].global.data);
            }
        }
        if (all->has_time) {
            memcpy(all->time + to, c->time, n * sizeof *c->time);
        }
        if (all->has_value) {
            memcpy(all->value + to, c->value, n * sizeof *c->value);
        }
        if (all->has_price) {
            memcpy(all->price + to, c->price, n * sizeof *c->price);
        }
        if (all->has_hash) {
            memcpy(all->hash + to, c->hash, n * sizeof *c->hash);
        }
        memcpy(all->flags + to, c->flags, n * sizeof *c->flags);
    }
}

static rk_status join(reading *r, rk_error *err)
{
    rk_status status = RK_OK;
    if (r->now->begins_file) {
        r->line += rk_feed_layout(r->feed, r->now->file)->n_head_lines;
    }
    for (size_t i = 0; i < r->now->n_chunks && !status; i++) {
        status = join_piece(r, i, err);
    }
    if (!status && !rk_columns_reserve(&r->intake->columns, r->intake->columns.n)) {
        status = rk_fail_memory(err, "the rows read");
    }
    if (!status) {
        rk_parallel_for(r->run->pool, r->now->n_chunks, 1, copy_rows, r);
    }
    return status;
}

/* ---- all batches ---- */

static rk_status read_batch(reading *r, rk_error *err)
{
    rk_status status = RK_OK;
    if (r->now->begins_file && !r->now->fault) {
        status = begin_file(r, err);
    }
    if (!status && r->now->fault) {
        r->line = r->now->begins_file ? 1 : r->line;
        status = fail_in_text(r, r->now->fault_at, r->now->fault, err);
    }
    if (status) {
        return status;
    }
    r->fill_status = RK_OK;
    atomic_store(&r->next_task, 0);
    rk_parallel_for(r->run->pool, r->n_lanes, 1, run_lane, r);
    status = join(r, err);
    if (!status && r->fill_status) {
        status = r->fill_status;
        *err = r->fill_error;
    }
    return status;
}

static rk_status read_all(reading *r, rk_error *err)
{
    rk_status status = rk_feed_fill(r->feed, &(rk_batch){0}, r->now, err);
    while (!status && !r->now->is_end) {
        status = read_batch(r, err);
        rk_batch *done = r->now;
        r->now = r->next;
        r->next = done;
        rk_progress(r->run, "reading", "rows", r->intake->columns.n, 0);
    }
    return status;
}

static void release(reading *r)
{
    rk_feed_close(r->feed);
    for (size_t i = 0; r->lanes && i < r->n_lanes; i++) {
        rk_lane_release(&r->lanes[i]);
    }
    for (size_t i = 0; i < RK_CHUNKS; i++) {
        rk_piece_release(&r->pieces[i]);
    }
    for (size_t c = 0; c < r->n_profile; c++) {
        rk_intmap_free(r->profile[c]);
    }
    free(r->lanes);
    free(r->profile);
    free(r->batches[0].text);
    free(r->batches[1].text);
    free(r);
}

rk_status rk_intake_read(rk_intake *intake, const rk_ingest_options *options, const rk_run *run, rk_error *err)
{
    rk_error ignored;
    reading *r = calloc(1, sizeof *r);
    if (!r) {
        return rk_fail_memory(err, "reading");
    }
    *r = (reading){.intake = intake, .options = options, .run = run, .now = r->batches, .next = r->batches + 1};
    r->n_lanes = rk_pool_threads(run->pool);
    r->lanes = calloc(r->n_lanes, sizeof *r->lanes);
    for (size_t i = 0; i < RK_CHUNKS; i++) {
        rk_piece_init(&r->pieces[i]);
    }
    for (size_t i = 0; r->lanes && i < r->n_lanes; i++) {
        rk_lane_init(&r->lanes[i]);
    }
    rk_status status = r->lanes ? rk_feed_open(options, &r->feed, err) : rk_fail_memory(err, "reading");
    if (!status) {
        status = read_all(r, err ? err : &ignored);
        intake->bytes_in = rk_feed_bytes_in(r->feed);
    }
    release(r);
    return status;
}
