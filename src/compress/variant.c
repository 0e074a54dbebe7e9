/* variant.c - see variant.h. */
#include "compress/variant.h"

#include <stdlib.h>
#include <string.h>

#include "compress/compressors.h"

enum { NAME_BYTES = 40 };

rk_option_table rk_variant_options(const rk_variant_step *step)
{
    return (rk_option_table){step->compressor->options, step->compressor->n_options, step->settings};
}

/* One step of the text, as it stands. */
typedef struct {
    rk_slice name, values; /* values: between the brackets */
    bool has_values;
} piece;

static rk_status bad_step(rk_slice step, const char *why, rk_error *err)
{
    return rk_fail(err, RK_BAD_USAGE, "cannot read the step '%.*s': %s", (int)(step.n < 60 ? step.n : 60), step.at,
                   why);
}

static rk_status split_step(rk_slice step, piece *out, rk_error *err)
{
    const char *open = memchr(step.at, '(', step.n);
    *out = (piece){.name = step};
    if (step.n == 0) {
        return rk_fail(err, RK_BAD_USAGE, "a step without a name; write NAME or NAME(KEY=VALUE), joined by '+'");
    }
    if (!open) {
        return RK_OK;
    }
    if (step.at[step.n - 1] != ')') {
        return bad_step(step, "the bracket is not closed", err);
    }
    out->name.n = (size_t)(open - step.at);
    out->values = (rk_slice){open + 1, step.n - out->name.n - 2};
    out->has_values = out->values.n > 0;
    return RK_OK;
}

/* ---- values ---- */

/* "key=value", owned by the variant; NULL when memory is short. */
static const char *keep_text(rk_variant *v, const char *key, rk_slice value)
{
    rk_text text = {0};
    rk_text_addf(&text, "%s%s%.*s", key ? key : "", key ? "=" : "", (int)value.n, value.at);
    if (text.failed || !rk_vec_push(&v->texts, &text.at)) {
        rk_text_release(&text);
        return NULL;
    }
    return text.at;
}

/* One value to the step's options or, without a step, to the index. */
static rk_status set_value(rk_variant *v, const rk_variant_step *step, const char *key_value, rk_error *err)
{
    if (step) {
        return rk_options_set(rk_variant_options(step), key_value, err);
    }
    return rk_vec_push(&v->index_set, &key_value) ? RK_OK : rk_fail_memory(err, "the settings");
}

static rk_status read_values(rk_variant *v, const rk_variant_step *step, const piece *p, rk_error *err)
{
    const char *at = p->values.at, *end = p->has_values ? at + p->values.n : at;
    rk_status status = RK_OK;
    while (!status && p->has_values && at <= end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        rk_slice value = {at, (size_t)((comma ? comma : end) - at)};
        bool has_key = memchr(value.at, '=', value.n) != NULL, is_first = at == p->values.at;
        if (!has_key && !(is_first && step && step->compressor->n_options > 0)) {
            return bad_step(p->values, "a value without a key", err);
        }
        const char *text = keep_text(v, has_key ? NULL : step->compressor->options[0].name, value);
        status = text ? set_value(v, step, text, err) : rk_fail_memory(err, "the settings");
        at = value.at + value.n + 1;
    }
    return status;
}

/* ---- steps ---- */

static const rk_ann_kind *index_of(rk_slice name)
{
    const rk_ann_kind *kind;
    for (size_t i = 0; (kind = rk_ann_kind_at(i)); i++) {
        if (strlen(kind->name) == name.n && memcmp(kind->name, name.at, name.n) == 0) {
            return kind;
        }
    }
    return NULL;
}

static rk_status read_step(rk_variant *v, const piece *p, rk_error *err)
{
    char name[NAME_BYTES + 1] = "";
    memcpy(name, p->name.at, p->name.n < NAME_BYTES ? p->name.n : NAME_BYTES);
    if (v->n_steps == RK_VARIANT_STEPS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "more than %d steps", RK_VARIANT_STEPS_MAX);
    }
    rk_variant_step *step = &v->step[v->n_steps];
    rk_status status = rk_compressor_need(name, &step->compressor, err);
    if (status) {
        return status;
    }
    step->settings = calloc(1, step->compressor->settings_bytes + 1);
    if (!step->settings) {
        return rk_fail_memory(err, "the settings");
    }
    v->n_steps++;
    rk_options_defaults(rk_variant_options(step));
    return read_values(v, step, p, err);
}

static rk_status read_piece(rk_variant *v, rk_slice text, rk_error *err)
{
    piece p;
    rk_status status = split_step(text, &p, err);
    const rk_ann_kind *index = status ? NULL : index_of(p.name);
    if (!status && v->index) {
        return bad_step(text, "nothing comes after an index", err);
    }
    if (!status && index) {
        v->index = index;
        return read_values(v, NULL, &p, err);
    }
    return status ? status : read_step(v, &p, err);
}

/* The end of the step that begins at at: the next plus outside of brackets. */
static const char *end_of_step(const char *at)
{
    for (bool is_inside = false; *at && (is_inside || *at != '+'); at++) {
        is_inside = *at == '(' || (is_inside && *at != ')');
    }
    return at;
}

rk_status rk_variant_parse(const char *text, rk_variant *out, rk_error *err)
{
    rk_variant v = {.index_set.item_bytes = sizeof(char *), .texts.item_bytes = sizeof(char *)};
    rk_status status = RK_OK;
    for (const char *at = text; !status && at;) {
        const char *end = end_of_step(at);
        status = read_piece(&v, (rk_slice){at, (size_t)(end - at)}, err);
        at = *end ? end + 1 : NULL;
    }
    if (status) {
        rk_variant_release(&v);
        return status;
    }
    *out = v;
    return RK_OK;
}

void rk_variant_release(rk_variant *variant)
{
    for (size_t i = 0; i < variant->n_steps; i++) {
        rk_options_release(rk_variant_options(&variant->step[i]));
        free(variant->step[i].settings);
    }
    for (size_t i = 0; i < variant->texts.n; i++) {
        free(((char **)variant->texts.data)[i]);
    }
    rk_vec_release(&variant->texts);
    rk_vec_release(&variant->index_set);
    *variant = (rk_variant){0};
}
