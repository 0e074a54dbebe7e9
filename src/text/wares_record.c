/* wares_record.c - products as records of a log, and back; nothing of a record is believed.
 *
 *   u8   1: put, 2: delete
 *   u32  bytes, and the bytes, of each text: the id; of a put also title, category, brand, text
 *   f32  price, u32 n attributes, and of each a name and a value like the texts: of a put
 * one op after the other up to the record's end.
 */
#include <math.h>
#include <string.h>

#include "text/wares_parts.h"

enum { PUT = 1, DELETE = 2, RECORD_BYTES = 1 << 20 }; /* a record is closed when it has so many */

/* ---- writing ---- */

static void texts_of(const rk_wares_product *p, rk_slice out[5])
{
    out[0] = p->id;
    out[1] = p->title;
    out[2] = p->category;
    out[3] = p->brand;
    out[4] = p->text;
}

static rk_status check_text(rk_slice text, rk_slice id, const char *what, rk_error *err)
{
    if (text.n > RK_WAL_RECORD_MAX / 2 || rk_utf8_valid_prefix(text) < text.n) {
        return rk_fail(err, RK_BAD_INPUT, "product '%.*s': its %s is %s", (int)(id.n < 60 ? id.n : 60), id.at, what,
                       text.n > RK_WAL_RECORD_MAX / 2 ? "too long" : "no UTF-8");
    }
    return RK_OK;
}

static rk_status check_op(const rk_wares_op *op, rk_error *err)
{
    static const char *const names[] = {"id", "title", "category", "brand", "text"};
    const rk_wares_product *p = &op->product;
    rk_slice texts[5];
    rk_status status = RK_OK;
    texts_of(p, texts);
    if (p->id.n == 0) {
        return rk_fail(err, RK_BAD_INPUT, "a product has no id");
    }
    for (size_t t = 0; !status && t < (op->is_delete ? 1 : 5); t++) {
        status = check_text(texts[t], p->id, names[t], err);
    }
    for (size_t a = 0; !status && !op->is_delete && a < p->n_attributes; a++) {
        status = check_text(p->attributes[a].name, p->id, "attribute's name", err);
        status = status ? status : check_text(p->attributes[a].value, p->id, "attribute's value", err);
    }
    return status;
}

static void add_u32(rk_text *to, size_t value)
{
    uint32_t v = (uint32_t)value;
    rk_text_add_slice(to, (rk_slice){(const char *)&v, sizeof v});
}

static void add_text(rk_text *to, rk_slice text)
{
    add_u32(to, text.n);
    rk_text_add_slice(to, text);
}

static void add_op(rk_text *to, const rk_wares_op *op)
{
    const rk_wares_product *p = &op->product;
    char kind = op->is_delete ? DELETE : PUT;
    rk_slice texts[5];
    texts_of(p, texts);
    rk_text_add_slice(to, (rk_slice){&kind, 1});
    for (size_t t = 0; t < (op->is_delete ? 1 : 5); t++) {
        add_text(to, texts[t]);
    }
    if (!op->is_delete) {
        rk_text_add_slice(to, (rk_slice){(const char *)&p->price, sizeof p->price});
        add_u32(to, p->n_attributes);
        for (size_t a = 0; a < p->n_attributes; a++) {
            add_text(to, p->attributes[a].name);
            add_text(to, p->attributes[a].value);
        }
    }
}

static rk_status close_record(rk_text *text, rk_arena *arena, rk_vec *records, rk_error *err)
{
    rk_slice record = {rk_arena_copy(arena, text->n ? text->at : "", text->n), text->n};
    bool is_done = !text->failed && record.at && rk_vec_push(records, &record);
    rk_text_clear(text);
    return is_done ? RK_OK : rk_fail_memory(err, "records of a log");
}

rk_status rk_wares_record_format(const rk_wares_op *ops, size_t n, rk_arena *arena, rk_vec *records, rk_error *err)
{
    rk_text text = {0};
    rk_status status = RK_OK;
    for (size_t i = 0; !status && i < n; i++) {
        size_t before = text.n;
        status = check_op(&ops[i], err);
        if (!status) {
            add_op(&text, &ops[i]);
        }
        if (!status && text.n - before > RK_WAL_RECORD_MAX - RECORD_BYTES) {
            rk_slice id = ops[i].product.id;
            status = rk_fail(err, RK_BAD_INPUT, "product '%.*s' has more than %d bytes", (int)(id.n < 60 ? id.n : 60),
                             id.at, (int)(RK_WAL_RECORD_MAX - RECORD_BYTES));
        }
        if (!status && text.n >= RECORD_BYTES) {
            status = close_record(&text, arena, records, err);
        }
    }
    if (!status && text.n > 0) {
        status = close_record(&text, arena, records, err);
    }
    rk_text_release(&text);
    return status;
}

/* ---- reading ---- */

typedef struct {
    const char *at, *end;
} cursor;

static bool take(cursor *c, void *out, size_t n)
{
    if ((size_t)(c->end - c->at) < n) {
        return false;
    }
    memcpy(out, c->at, n);
    c->at += n;
    return true;
}

static bool take_text(cursor *c, rk_slice *out)
{
    uint32_t n;
    if (!take(c, &n, sizeof n) || (size_t)(c->end - c->at) < n) {
        return false;
    }
    *out = (rk_slice){c->at, n};
    c->at += n;
    return rk_utf8_valid_prefix(*out) == n;
}

/* *is_short: no memory. */
static bool take_attributes(cursor *c, rk_wares_product *p, rk_arena *arena, bool *is_short)
{
    uint32_t n;
    if (!take(c, &n, sizeof n) || n > (size_t)(c->end - c->at) / 8) {
        return false;
    }
    rk_wares_attribute *attributes = RK_TAKE(arena, rk_wares_attribute, n);
    *is_short = !attributes;
    bool is_good = attributes != NULL;
    for (uint32_t a = 0; is_good && a < n; a++) {
        is_good = take_text(c, &attributes[a].name) && take_text(c, &attributes[a].value);
    }
    p->attributes = attributes;
    p->n_attributes = n;
    return is_good;
}

static bool take_op(cursor *c, rk_wares_op *out, rk_arena *arena, bool *is_short)
{
    unsigned char kind = 0;
    rk_wares_product *p = &out->product;
    *out = (rk_wares_op){.product.price = NAN};
    if (!take(c, &kind, 1) || (kind != PUT && kind != DELETE) || !take_text(c, &p->id) || p->id.n == 0) {
        return false;
    }
    out->is_delete = kind == DELETE;
    return out->is_delete ||
           (take_text(c, &p->title) && take_text(c, &p->category) && take_text(c, &p->brand) &&
            take_text(c, &p->text) && take(c, &p->price, sizeof p->price) && take_attributes(c, p, arena, is_short));
}

rk_status rk_wares_record_parse(rk_slice record, const char *place, uint64_t number, rk_arena *arena, rk_vec *ops,
                                rk_error *err)
{
    cursor c = {record.at, record.at + record.n};
    while (c.at < c.end) {
        rk_wares_op op;
        bool is_short = false;
        if (!take_op(&c, &op, arena, &is_short)) {
            return is_short ? rk_fail_memory(err, "records of a log")
                            : rk_fail(err, RK_BAD_INPUT, "%s: record %llu is no product, from its byte %zu on", place,
                                      (unsigned long long)number, (size_t)(c.at - record.at));
        }
        if (!rk_vec_push(ops, &op)) {
            return rk_fail_memory(err, "records of a log");
        }
    }
    return RK_OK;
}
