/* chunk.c - records of a piece into columns and rule flags. Nothing here knows about other pieces. */
#include "data/chunk.h"

#include <math.h>
#include <string.h>

#include "data/cell.h"

typedef struct {
    rk_chunk *chunk;
    const rk_chunk_task *task;
    const rk_record *record;
    uint16_t flags;
    bool is_short; /* of memory */
} row;

void rk_clean_example_add(rk_clean_count *count, const char *path, uint64_t line, rk_slice text)
{
    if (count->n_examples == RK_CLEAN_EXAMPLES) {
        return;
    }
    rk_clean_example *example = &count->examples[count->n_examples++];
    size_t n = text.n < sizeof example->text - 1 ? text.n : sizeof example->text - 1;
    n = rk_utf8_valid_prefix((rk_slice){text.at, n}); /* never half a character */
    for (size_t i = 0; i < n; i++) {
        example->text[i] = (unsigned char)text.at[i] < 0x20 ? ' ' : text.at[i];
    }
    example->text[n] = '\0';
    example->path = path;
    example->line = line;
}

static void flag(row *r, rk_clean_rule rule)
{
    r->flags |= (uint16_t)(1u << rule);
    rk_clean_example_add(&r->chunk->counts[rule], r->chunk->path, r->record->line, r->record->raw);
}

static void push(row *r, rk_vec *column, const void *value) { r->is_short |= !rk_vec_push(column, value); }

/* ---- encoding: text that is not UTF-8 is read as Windows-1252, line by line ---- */

/* The code point of byte 0x80 + i in Windows-1252; its five holes keep their Latin-1 meaning. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
    0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178,
};

static size_t put_windows_byte(char *out, unsigned char byte)
{
    unsigned code = byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
}

/* Makes the whole piece valid UTF-8, copying it only when it is not. */
static void mend_encoding(row *r)
{
    rk_chunk *chunk = r->chunk;
    if (rk_utf8_valid_prefix(chunk->piece) == chunk->piece.n) {
        return;
    }
    char *out = RK_TAKE(&chunk->arena, char, chunk->piece.n * 3);
    if (!out) {
        r->is_short = true;
        return;
    }
    size_t n = 0;
    const char *end = chunk->piece.at + chunk->piece.n;
    for (const char *at = chunk->piece.at; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        rk_slice line = {at, (size_t)((newline ? newline + 1 : end) - at)};
        if (rk_utf8_valid_prefix(line) == line.n) {
            memcpy(out + n, line.at, line.n);
            n += line.n;
        } else {
            chunk->n_mended++;
            for (size_t i = 0; i < line.n; i++) {
                n += put_windows_byte(out + n, (unsigned char)line.at[i]);
            }
        }
        at += line.n;
    }
    chunk->piece = (rk_slice){out, n};
}

static rk_status check_text(rk_chunk *chunk)
{
    const char *nul = memchr(chunk->piece.at, '\0', chunk->piece.n);
    if (!nul) {
        return RK_OK;
    }
    rk_place at = {chunk->path, chunk->line, 1};
    for (const char *c = chunk->piece.at; c < nul; c++) {
        at.column++;
        if (*c == '\n') {
            at.line++;
            at.column = 1;
        }
    }
    return rk_fail_at(&chunk->err, at, "a NUL byte: this is not a text file");
}

/* ---- the columns of a row ---- */

static uint32_t intern(row *r, rk_interner *interner, rk_role role, rk_clean_rule missing)
{
    rk_slice cell = rk_slice_trim(r->record->cell[role]);
    uint32_t id = RK_NO_ID;
    if (cell.n == 0) {
        flag(r, missing);
    } else {
        id = rk_interner_add(interner, cell);
        r->is_short |= id == RK_NO_ID;
    }
    return id;
}

static void put_time(row *r)
{
    rk_slice cell = rk_slice_trim(r->record->cell[RK_ROLE_TIME]);
    int64_t time = 0;
    if (!rk_cell_time(cell, &time) || time < r->task->from_time || time > r->task->to_time) {
        flag(r, RK_RULE_BAD_TIME);
    }
    push(r, &r->chunk->time, &time);
}

static void add_total(row *r)
{
    int64_t quantity, price;
    if (rk_cell_micros(rk_slice_trim(r->record->cell[RK_ROLE_QUANTITY]), &quantity) &&
        rk_cell_micros(rk_slice_trim(r->record->cell[RK_ROLE_PRICE]), &price)) {
        r->chunk->total += (rk_exact_sum)quantity * price;
    }
}

static float number(row *r, rk_role role, float missing)
{
    rk_slice cell = rk_slice_trim(r->record->cell[role]);
    float value = missing;
    if (cell.n > 0 && !rk_cell_float(cell, &value)) {
        flag(r, RK_RULE_BAD_NUMBER);
        value = missing;
    }
    return value;
}

static void put_numbers(row *r)
{
    const bool *has = r->task->has;
    float quantity = has[RK_ROLE_QUANTITY] ? number(r, RK_ROLE_QUANTITY, 1.0f) : 1.0f;
    if (quantity < 0) {
        flag(r, RK_RULE_NEGATIVE);
    }
    if (has[RK_ROLE_VALUE] || has[RK_ROLE_QUANTITY]) {
        float value = has[RK_ROLE_VALUE] ? number(r, RK_ROLE_VALUE, 1.0f) : quantity;
        push(r, &r->chunk->value, &value);
    }
    if (has[RK_ROLE_PRICE]) {
        float price = number(r, RK_ROLE_PRICE, NAN);
        if (price <= 0) {
            flag(r, RK_RULE_NO_PRICE);
        }
        push(r, &r->chunk->price, &price);
        if (has[RK_ROLE_QUANTITY]) {
            add_total(r);
        }
    }
}

static void put_event(row *r)
{
    uint32_t id = rk_interner_add(r->chunk->types, rk_slice_trim(r->record->cell[RK_ROLE_EVENT]));
    if (id > UINT8_MAX && r->chunk->status == RK_OK) {
        r->chunk->status = rk_fail_at(&r->chunk->err, (rk_place){r->chunk->path, r->record->line, 0},
                                      "more than 256 kinds of event; is this the right column for event=?");
    }
    uint8_t type = (uint8_t)id;
    push(r, &r->chunk->type, &type);
}

static void put_document(row *r)
{
    rk_slice cell = rk_slice_trim(r->record->cell[RK_ROLE_DOCUMENT]);
    if (cell.n > 0) {
        r->is_short |= rk_interner_add(r->chunk->documents, cell) == RK_NO_ID;
        if (cell.at[0] == 'C' || cell.at[0] == 'c') {
            flag(r, RK_RULE_CANCELLED);
        }
    }
}

/* ---- what a good row says of its item ---- */

static rk_slice keep_text(row *r, rk_slice text)
{
    const rk_slice *piece = &r->chunk->piece;
    if (text.at >= piece->at && text.at < piece->at + piece->n) {
        return text; /* lives as long as the piece */
    }
    char *copy = rk_arena_copy(&r->chunk->arena, text.at, text.n);
    r->is_short |= !copy;
    return (rk_slice){copy, copy ? text.n : 0};
}

static const rk_role role_of_text[RK_N_ITEM_TEXTS] = {
    [RK_ITEM_TITLE] = RK_ROLE_TITLE, [RK_ITEM_CATEGORY] = RK_ROLE_CATEGORY, [RK_ITEM_BRAND] = RK_ROLE_BRAND};

/* Room for items seen for the first time. */
static void grow_items(row *r)
{
    rk_chunk *chunk = r->chunk;
    const float unknown = NAN;
    while (chunk->item_price.n < rk_interner_count(chunk->items) && !r->is_short) {
        push(r, &chunk->item_price, &unknown);
        for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
            push(r, &chunk->item_text[t], &(rk_slice){NULL, 0});
        }
    }
}

static void describe_item(row *r, uint32_t item)
{
    rk_chunk *chunk = r->chunk;
    grow_items(r);
    if ((r->flags & r->task->on_mask) || r->is_short) {
        return;
    }
    if (r->task->has[RK_ROLE_PRICE]) {
        float price = ((const float *)chunk->price.data)[chunk->price.n - 1];
        if (price > 0) {
            ((float *)chunk->item_price.data)[item] = price;
        }
    }
    for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
        rk_slice text = rk_slice_trim(r->record->cell[role_of_text[t]]);
        rk_slice *kept = &((rk_slice *)chunk->item_text[t].data)[item];
        if (text.n > 0 && !rk_slice_equal(text, *kept)) {
            *kept = keep_text(r, text);
        }
    }
}

/* ---- rows ---- */

static void add_row(rk_chunk *chunk, const rk_chunk_task *task, const rk_record *record, row *r)
{
    *r = (row){chunk, task, record, 0, false};
    const bool *has = task->has;
    if (record->is_ragged) {
        flag(r, RK_RULE_RAGGED);
    }
    uint32_t user = intern(r, chunk->users, RK_ROLE_USER, RK_RULE_NO_USER);
    uint32_t item = intern(r, chunk->items, RK_ROLE_ITEM, RK_RULE_NO_ITEM);
    push(r, &chunk->user, &user);
    push(r, &chunk->item, &item);
    if (has[RK_ROLE_TIME]) {
        put_time(r);
    }
    if (has[RK_ROLE_VALUE] || has[RK_ROLE_QUANTITY] || has[RK_ROLE_PRICE]) {
        put_numbers(r);
    }
    if (has[RK_ROLE_EVENT]) {
        put_event(r);
    }
    if (has[RK_ROLE_DOCUMENT]) {
        put_document(r);
    }
    if (has[RK_ROLE_TITLE] && rk_slice_trim(record->cell[RK_ROLE_TITLE]).n == 0) {
        flag(r, RK_RULE_NO_TITLE);
    }
    if (item != RK_NO_ID) {
        describe_item(r, item);
    }
    push(r, &chunk->flags, &r->flags);
    if (task->wants_duplicates) {
        uint64_t hash = rk_hash(record->raw, 0);
        push(r, &chunk->hash, &hash);
    }
}

static bool start_columns(rk_chunk *chunk)
{
    chunk->users = rk_interner_new();
    chunk->items = rk_interner_new();
    chunk->types = rk_interner_new();
    chunk->documents = rk_interner_new();
    chunk->user.item_bytes = chunk->item.item_bytes = sizeof(uint32_t);
    chunk->time.item_bytes = sizeof(int64_t);
    chunk->value.item_bytes = chunk->price.item_bytes = chunk->item_price.item_bytes = sizeof(float);
    chunk->type.item_bytes = sizeof(uint8_t);
    chunk->flags.item_bytes = sizeof(uint16_t);
    chunk->hash.item_bytes = sizeof(uint64_t);
    for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
        chunk->item_text[t].item_bytes = sizeof(rk_slice);
    }
    return chunk->users && chunk->items && chunk->types && chunk->documents;
}

void rk_chunk_parse(rk_chunk *chunk, const rk_chunk_task *task)
{
    row r = {.chunk = chunk};
    chunk->status = check_text(chunk);
    if (chunk->status == RK_OK && !start_columns(chunk)) {
        chunk->status = rk_fail_memory(&chunk->err, "the names of a piece of the log");
    }
    if (chunk->status) {
        return;
    }
    mend_encoding(&r);
    rk_cursor cursor;
    rk_record record;
    bool has_record = true;
    rk_cursor_start(&cursor, task->layout, chunk->path, chunk->piece, chunk->line);
    while (chunk->status == RK_OK && !r.is_short) {
        chunk->status = rk_cursor_next(&cursor, &record, &has_record, &chunk->err);
        if (chunk->status || !has_record) {
            break;
        }
        add_row(chunk, task, &record, &r);
    }
    if (r.is_short && chunk->status == RK_OK) {
        chunk->status = rk_fail_memory(&chunk->err, "a piece of the log");
    }
    rk_cursor_release(&cursor);
}

size_t rk_chunk_rows(const rk_chunk *chunk) { return chunk->user.n; }

void rk_chunk_release(rk_chunk *chunk)
{
    rk_interner_free(chunk->users);
    rk_interner_free(chunk->items);
    rk_interner_free(chunk->types);
    rk_interner_free(chunk->documents);
    rk_vec *const columns[] = {&chunk->user, &chunk->item, &chunk->time,  &chunk->value,     &chunk->price,
                               &chunk->type, &chunk->hash, &chunk->flags, &chunk->item_price};
    for (size_t c = 0; c < RK_COUNT_OF(columns); c++) {
        rk_vec_release(columns[c]);
    }
    for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
        rk_vec_release(&chunk->item_text[t]);
    }
    rk_arena_release(&chunk->arena);
}
