/* model_open.c - a model file, mapped and checked.
 *
 * Everything that a later call trusts is proved here once: shapes against the counts of the name tables, starts that
 * ascend and end where the array does, ids in range and ascending. Numbers are not judged: a NaN in a vector makes NaN
 * scores, which are no candidates (topk.h), not a crash.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "math/blas.h"
#include "model/codes.h"
#include "model/model_inside.h"
#include "model/shown.h"

enum { ROW_BYTES = 64 };

size_t rk_model_stride(rk_type type, uint32_t dim)
{
    size_t per_row = ROW_BYTES / rk_type_bytes(type);
    dim = type == RK_I4X2 ? (dim + 1) / 2 : dim;
    return (dim + per_row - 1) / per_row * per_row;
}

static rk_status fail(const rk_model *m, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: %s", rk_artefact_path(m->artefact), what);
}

typedef char section_name[RK_ARTEFACT_NAME_BYTES_MAX + 1];

/* The name of a section of this model: a part's stand under a prefix. */
static const char *named(const rk_model *m, const char *name, section_name out)
{
    snprintf(out, sizeof(section_name), "%s%s", m->prefix, name);
    return out;
}

static const rk_section *find(const rk_model *m, const char *name)
{
    section_name full;
    return rk_artefact_find(m->artefact, named(m, name, full));
}

static rk_status need(const rk_model *m, const char *name, rk_type type, uint64_t rows, uint64_t cols,
                      const rk_section **out, rk_error *err)
{
    section_name full;
    return rk_artefact_need(m->artefact, named(m, name, full), type, rows, cols, out, err);
}

/* ---- meta ---- */

static rk_status open_meta(rk_model *m, rk_error *err)
{
    const json_t *meta = m->meta;
    const char *name = json_string_value(json_object_get(meta, "model"));
    const char *form = json_string_value(json_object_get(meta, "form"));
    const json_t *dim = json_object_get(meta, "dim");
    const json_t *mu = json_object_get(meta, "mu");
    if (!name || !form || !json_is_integer(dim)) {
        return fail(m, "its meta lacks model, form or dim", err);
    }
    m->kind = rk_model_kind_find(name);
    if (!m->kind) {
        return rk_fail(err, RK_BAD_INPUT, "%s: made by the algorithm '%.40s', which this reckon does not know",
                       rk_artefact_path(m->artefact), name);
    }
    if (strcmp(form, "vectors") != 0 && strcmp(form, "neighbours") != 0 && strcmp(form, "vectors+neighbours") != 0 &&
        strcmp(form, "blend") != 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s: has the form '%.40s', which this reckon does not know",
                       rk_artefact_path(m->artefact), form);
    }
    json_int_t d = json_integer_value(dim);
    if (d < 0 || d > RK_MODEL_DIM_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: dim is %" JSON_INTEGER_FORMAT ", 0 to %d is possible",
                       rk_artefact_path(m->artefact), d, (int)RK_MODEL_DIM_MAX);
    }
    m->dim = (uint32_t)d;
    m->mu = json_number_value(mu);
    m->is_rating = json_is_true(json_object_get(meta, "rating"));
    snprintf(m->label, sizeof m->label, "%.40s-%04x", name, (unsigned)(rk_artefact_hash(m->artefact) >> 48));
    return RK_OK;
}

static rk_status open_names(rk_model *m, rk_error *err)
{
    rk_status status = rk_names_open(m->artefact, "users", false, &m->users, err);
    if (!status) {
        status = rk_names_open(m->artefact, "items", false, &m->items, err);
    }
    if (!status) {
        status = rk_names_open(m->artefact, "title", true, &m->titles, err);
    }
    if (status) {
        return status;
    }
    if (!m->users.order || !m->items.order) {
        return fail(m, "its users or items cannot be looked up by name", err);
    }
    m->n_users = m->users.n;
    m->n_items = m->items.n;
    if (m->titles.n != 0 && m->titles.n != m->n_items) {
        return fail(m, "it has not one title for each item", err);
    }
    return RK_OK;
}

static rk_status open_categories(rk_model *m, rk_error *err)
{
    const rk_section *section = NULL;
    if (!rk_artefact_find(m->artefact, "item.category")) {
        return RK_OK;
    }
    rk_status status = rk_names_open(m->artefact, "categories", false, &m->categories, err);
    status = status ? status : rk_artefact_need(m->artefact, "item.category", RK_U32, m->n_items, 1, &section, err);
    if (status) {
        return status;
    }
    m->item_category = section->data;
    for (uint32_t i = 0; i < m->n_items; i++) {
        if (m->item_category[i] != RK_NO_ID && m->item_category[i] >= m->categories.n) {
            return fail(m, "item.category holds an unknown category", err);
        }
    }
    return RK_OK;
}

static rk_status open_shown(rk_model *m, rk_error *err)
{
    const rk_section *section = NULL;
    if (!rk_artefact_find(m->artefact, "item.shown")) {
        return RK_OK;
    }
    rk_status status = rk_artefact_need(m->artefact, "item.shown", RK_U32, UINT64_MAX, 1, &section, err);
    const char *what = status ? NULL : rk_shown_open(m, section);
    return what ? fail(m, what, err) : status;
}

/* ---- numbers ---- */

/* *data stays NULL where the section is absent. */
static rk_status open_floats(const rk_model *m, const char *name, uint64_t rows, uint64_t cols, const float **data,
                             rk_error *err)
{
    const rk_section *section = NULL;
    if (!find(m, name)) {
        return RK_OK;
    }
    rk_status status = need(m, name, RK_F32, rows, cols, &section, err);
    if (!status) {
        *data = section->data;
    }
    return status;
}

static rk_status open_vectors(rk_model *m, rk_error *err)
{
    m->type = RK_F32;
    if (m->dim == 0) {
        return RK_OK;
    }
    const rk_section *found = find(m, "item.vector");
    if (found && (found->type == RK_F16 || found->type == RK_BF16 || found->type == RK_I8 || found->type == RK_I4X2)) {
        m->type = found->type;
    }
    const rk_section *section = NULL;
    m->stride = rk_model_stride(m->type, m->dim);
    rk_status status = need(m, "item.vector", m->type, m->n_items, m->stride, &section, err);
    if (status) {
        return status;
    }
    m->item_vector = section->data;
    if (rk_model_is_scaled(m)) {
        status = need(m, "item.scale", RK_F32, m->n_items, 1, &section, err);
        m->item_scale = status ? NULL : section->data;
    }
    return status ? status : open_floats(m, "user.vector", m->n_users, m->dim, &m->user_vector, err);
}

static rk_status open_biases(rk_model *m, rk_error *err)
{
    rk_status status = open_floats(m, "item.bias", m->n_items, 1, &m->item_bias, err);
    if (!status) {
        status = open_floats(m, "user.bias", m->n_users, 1, &m->user_bias, err);
    }
    m->encode_state = find(m, "encode.state");
    if (!status && m->encode_state) {
        status = need(m, "encode.state", RK_F32, UINT64_MAX, 1, &m->encode_state, err);
    }
    return status;
}

/* ---- rows of items: what was taken, what is near ---- */

/* The sections NAME.start [n_rows + 1] and NAME.ENTRY, numbers below n_cols. */
typedef struct {
    const char *name, *entry;
    uint32_t n_rows, n_cols;
} shape;

static rk_status bad_rows(const rk_model *m, const shape *rows, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: %s.%s", rk_artefact_path(m->artefact), rows->name, what);
}

static rk_status check_rows(const rk_model *m, const shape *rows, const uint64_t *start, const rk_section *entries,
                            rk_error *err)
{
    const uint32_t *entry = entries->data;
    char words[64];
    snprintf(words, sizeof words, "%s holds an unknown or misplaced %s", rows->entry, rows->entry);
    if (start[0] != 0 || start[rows->n_rows] != entries->rows) {
        return bad_rows(m, rows, "start does not span its items", err);
    }
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        uint64_t begin = start[r], end = start[r + 1];
        if (begin > end || end > entries->rows) {
            return bad_rows(m, rows, "start does not ascend", err);
        }
        for (uint64_t e = begin; e < end; e++) {
            if (entry[e] >= rows->n_cols || (e > begin && entry[e] <= entry[e - 1])) {
                return bad_rows(m, rows, words, err);
            }
        }
    }
    return RK_OK;
}

/* *n: entries. */
static rk_status open_rows(const rk_model *m, shape rows, const uint64_t **start, const uint32_t **entry, uint64_t *n,
                           rk_error *err)
{
    char words[32];
    const rk_section *starts = NULL, *entries = NULL;
    snprintf(words, sizeof words, "%s.start", rows.name);
    rk_status status = need(m, words, RK_U64, (uint64_t)rows.n_rows + 1, 1, &starts, err);
    snprintf(words, sizeof words, "%s.%s", rows.name, rows.entry);
    status = status ? status : need(m, words, RK_U32, UINT64_MAX, 1, &entries, err);
    if (status) {
        return status;
    }
    *start = starts->data;
    *entry = entries->data;
    *n = entries->rows;
    return check_rows(m, &rows, *start, entries, err);
}

static rk_status open_seen(rk_model *m, rk_error *err)
{
    uint64_t n = 0;
    rk_status status =
        open_rows(m, (shape){"seen", "item", m->n_users, m->n_items}, &m->seen_start, &m->seen_item, &n, err);
    return status ? status : open_floats(m, "seen.value", n, 1, &m->seen_value, err);
}

static rk_status open_coded(rk_model *m, rk_error *err)
{
    const rk_section *start = NULL, *code = NULL, *scale = NULL;
    rk_status status = need(m, "near.start", RK_U64, (uint64_t)m->n_near_rows + 1, 1, &start, err);
    status = status ? status : need(m, "near.code", RK_U8, UINT64_MAX, 1, &code, err);
    status = status ? status : need(m, "near.scale", RK_F32, m->n_near_rows, 1, &scale, err);
    if (status) {
        return status;
    }
    m->near_start = start->data;
    m->near_code = code->data;
    m->near_scale = scale->data;
    const char *what = rk_rows_check(m, code->bytes);
    return what ? fail(m, what, err) : RK_OK;
}

static rk_status open_near(rk_model *m, rk_error *err)
{
    uint64_t n = 0;
    const rk_section *weight = NULL;
    if (!find(m, "near.start")) {
        return RK_OK;
    }
    uint64_t rows = find(m, "near.start")->rows;
    bool has_features = m->kind->rows_are_features && rows > 0 && rows <= UINT32_MAX;
    m->n_near_rows = has_features ? (uint32_t)(rows - 1) : m->kind->rows_are_users ? m->n_users : m->n_items;
    if (find(m, "near.code")) {
        return open_coded(m, err);
    }
    rk_status status =
        open_rows(m, (shape){"near", "item", m->n_near_rows, m->n_items}, &m->near_start, &m->near_item, &n, err);
    status = status ? status : need(m, "near.weight", RK_F32, n, 1, &weight, err);
    m->near_weight = status ? NULL : weight->data;
    m->n_near = n;
    return status;
}

static rk_status open_owners(rk_model *m, rk_error *err)
{
    uint64_t n = 0;
    if (!find(m, "owner.start")) {
        return RK_OK;
    }
    rk_status status =
        open_rows(m, (shape){"owner", "row", m->n_items, m->n_near_rows}, &m->owner_start, &m->owner_row, &n, err);
    return status ? status : open_floats(m, "owner.value", n, 1, &m->owner_value, err);
}

static rk_status make_norms(rk_model *m, rk_error *err)
{
    float row[RK_MODEL_DIM_MAX];
    if (m->dim == 0) {
        return RK_OK;
    }
    m->inverse_norm = malloc(((size_t)m->n_items + 1) * sizeof *m->inverse_norm);
    if (!m->inverse_norm) {
        return rk_fail_memory(err, "item norms");
    }
    for (uint32_t i = 0; i < m->n_items; i++) {
        rk_model_item_vector(m, i, row);
        float square = m->kernels->dot_f32(row, row, m->dim);
        m->inverse_norm[i] = square > 0 ? 1 / sqrtf(square) : 0;
    }
    return RK_OK;
}

static rk_status open_terms(rk_model *m, rk_error *err)
{
    section_name table;
    uint64_t n = 0;
    const rk_section *weight = NULL;
    if (!find(m, "term.weight")) {
        return RK_OK;
    }
    rk_status status = rk_names_open(m->artefact, named(m, "terms", table), false, &m->terms, err);
    status = status ? status : need(m, "term.weight", RK_F32, m->terms.n, 1, &weight, err);
    status = status ? status
                    : open_rows(m, (shape){"posting", "item", m->terms.n, m->n_items}, &m->posting_start,
                                &m->posting_item, &n, err);
    if (status) {
        return status;
    }
    m->term_weight = weight->data;
    status = need(m, "posting.weight", RK_F32, n, 1, &weight, err);
    m->posting_weight = status ? NULL : weight->data;
    return status;
}

/* ---- parts ---- */

/* A part knows the names of the whole; what its users have taken, too, unless it says otherwise. */
static rk_status open_part(const rk_model *m, size_t at, rk_model **out, rk_error *err)
{
    static rk_status (*const steps[])(rk_model *, rk_error *) = {open_meta,   open_vectors, open_biases, open_near,
                                                                 open_owners, open_terms,   make_norms};
    rk_model *part = calloc(1, sizeof *part);
    if (!part) {
        return rk_fail_memory(err, "a part of a model");
    }
    *out = part;
    *part = (rk_model){.artefact = m->artefact,
                       .meta = json_array_get(json_object_get(m->meta, "parts"), at),
                       .kernels = m->kernels,
                       .n_users = m->n_users,
                       .n_items = m->n_items,
                       .users = m->users,
                       .items = m->items,
                       .titles = m->titles,
                       .categories = m->categories,
                       .item_category = m->item_category,
                       .shown = m->shown,
                       .n_shown = m->n_shown,
                       .row = m->row,
                       .seen_start = m->seen_start,
                       .seen_item = m->seen_item,
                       .seen_value = m->seen_value};
    snprintf(part->prefix, sizeof part->prefix, "part%zu.", at);
    rk_status status = RK_OK;
    for (size_t i = 0; !status && i < RK_COUNT_OF(steps); i++) {
        status = steps[i](part, err);
    }
    if (!status && find(part, "seen.start")) {
        part->seen_value = NULL;
        status = open_seen(part, err);
    }
    return !status && part->is_rating ? fail(m, "a part foretells ratings", err) : status;
}

static rk_status open_parts(rk_model *m, rk_error *err)
{
    const json_t *parts = json_object_get(m->meta, "parts");
    size_t n = json_array_size(parts);
    rk_status status = RK_OK;
    if (n == 0) {
        return RK_OK;
    }
    if (n > RK_MODEL_PARTS_MAX || m->dim > 0 || m->near_start) {
        return fail(m, "it has too many parts, or parts and something of its own", err);
    }
    m->parts = calloc(n, sizeof(rk_model *));
    m->part_weight = calloc(n, sizeof *m->part_weight);
    m->n_parts = m->parts && m->part_weight ? n : 0;
    if (m->n_parts == 0) {
        return rk_fail_memory(err, "the parts of a model");
    }
    const json_t *depth = json_object_get(m->meta, "fuse_depth");
    json_int_t d = json_integer_value(depth);
    m->fuse_depth = d > 0 && d <= RK_MODEL_FUSE_DEPTH_MAX ? (uint32_t)d : 0;
    for (size_t p = 0; !status && p < n; p++) {
        const json_t *weight = json_object_get(json_array_get(parts, p), "weight");
        status = open_part(m, p, &m->parts[p], err);
        m->part_weight[p] = (float)json_number_value(weight);
        if (!status && (!json_is_number(weight) || !isfinite(m->part_weight[p]))) {
            status = fail(m, "a part has no weight", err);
        }
    }
    return status;
}

rk_status rk_model_open_artefact(rk_artefact *artefact, rk_model **out, rk_error *err)
{
    static rk_status (*const steps[])(rk_model *, rk_error *) = {
        open_meta, open_names,  open_categories, open_shown, open_vectors,  open_biases, open_seen,
        open_near, open_owners, open_terms,      open_parts, rk_codes_open, make_norms};
    rk_model *m = calloc(1, sizeof *m);
    rk_blas_init(); /* answering solves small systems: BLAS threads would only spin beside the server's */
    if (!m) {
        rk_artefact_close(artefact);
        return rk_fail_memory(err, "a model");
    }
    m->artefact = artefact;
    m->meta = rk_artefact_meta(artefact);
    m->kernels = rk_kernels_best();
    rk_status status = RK_OK;
    for (size_t i = 0; !status && i < RK_COUNT_OF(steps); i++) {
        status = steps[i](m, err);
    }
    if (status) {
        rk_model_close(m);
        return status;
    }
    *out = m;
    return RK_OK;
}

rk_status rk_model_open(const char *path, rk_model **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_open(path, "model", &artefact, err);
    return status ? status : rk_model_open_artefact(artefact, out, err);
}

rk_status rk_model_load(const char *path, rk_model **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_load(path, "model", &artefact, err);
    return status ? status : rk_model_open_artefact(artefact, out, err);
}

void rk_model_close(rk_model *model)
{
    if (model) {
        for (size_t p = 0; p < model->n_parts; p++) {
            rk_model_close(model->parts[p]);
        }
        if (model->prefix[0] == '\0') {
            free(model->row);
            rk_codes_close(model);
            rk_artefact_close(model->artefact);
        }
        free(model->parts);
        free(model->part_weight);
        free(model->inverse_norm);
        free(model);
    }
}

/* ---- what it holds ---- */

const rk_artefact *rk_model_artefact(const rk_model *model) { return model->artefact; }
const char *rk_model_label(const rk_model *model) { return model->label; }
const rk_model_kind *rk_model_kind_of(const rk_model *model) { return model->kind; }
uint32_t rk_model_n_users(const rk_model *model) { return model->n_users; }
uint32_t rk_model_n_items(const rk_model *model) { return model->n_items; }
uint32_t rk_model_dim(const rk_model *model) { return model->dim; }
rk_type rk_model_type(const rk_model *model) { return model->type; }
const rk_names *rk_model_users(const rk_model *model) { return &model->users; }
const rk_names *rk_model_items(const rk_model *model) { return &model->items; }
const rk_names *rk_model_titles(const rk_model *model) { return &model->titles; }
const rk_names *rk_model_categories(const rk_model *model) { return &model->categories; }

uint32_t rk_model_category(const rk_model *model, uint32_t item)
{
    return model->item_category ? model->item_category[item] : RK_NO_ID;
}

double rk_model_mu(const rk_model *model) { return model->mu; }
bool rk_model_is_rating(const rk_model *model) { return model->is_rating; }
const float *rk_model_item_bias(const rk_model *model) { return model->item_bias; }

const rk_section *rk_model_section(const rk_model *model, const char *name) { return find(model, name); }
const char *rk_model_prefix(const rk_model *model) { return model->prefix; }

const char *const *rk_model_form_sections(void)
{
    static const char *const sections[] = {
        "item.vector", "item.scale", "item.bias", "near.start", "near.item", "near.weight", "near.code", "near.scale",
        "ivf.turn",    "ivf.centre", "ivf.part",  "ivf.word",   "ivf.start", "ivf.item",    "ivf.code",  NULL};
    return sections;
}

bool rk_model_is_store(const char *name) { return strcmp(name, "item.vector") == 0 || strcmp(name, "item.scale") == 0; }

uint64_t rk_model_scanned(const char *name, uint64_t bytes, uint32_t n_items, uint32_t n_shown)
{
    return rk_model_is_store(name) && n_items > 0 ? bytes / n_items * n_shown : bytes;
}

uint64_t rk_model_form_bytes(const rk_model *model)
{
    uint64_t bytes = 0;
    for (const char *const *name = rk_model_form_sections(); *name; name++) {
        const rk_section *section = model->codes && rk_model_is_store(*name) ? NULL : find(model, *name);
        bytes += section ? rk_model_scanned(*name, section->bytes, model->n_items, rk_model_n_shown(model)) : 0;
    }
    for (size_t p = 0; p < model->n_parts; p++) {
        bytes += rk_model_form_bytes(model->parts[p]);
    }
    return bytes;
}

uint64_t rk_model_n_near(const rk_model *model) { return model->n_near; }
bool rk_model_near_is_coded(const rk_model *model) { return model->near_code != NULL; }
bool rk_model_is_personal(const rk_model *model) { return model->dim > 0 || model->near_start || model->n_parts > 0; }

rk_history rk_model_seen(const rk_model *model, uint32_t user)
{
    uint64_t begin = model->seen_start[user];
    return (rk_history){
        .item = model->seen_item + begin,
        .value = model->seen_value ? model->seen_value + begin : NULL,
        .n = model->seen_start[user + 1] - begin,
    };
}

void rk_model_item_vector(const rk_model *model, uint32_t item, float *out)
{
    rk_model_row(model, rk_row_of(model, item), out);
}

void rk_model_expect_vectors(const rk_model *model, const uint32_t *items, size_t n)
{
    size_t bytes = model->dim > 0 ? model->stride * rk_type_bytes(model->type) : 0;
    for (size_t i = 0; i < n; i++) {
        size_t which = rk_row_of(model, items[i]);
        const char *row = (const char *)model->item_vector + which * bytes;
        for (size_t b = 0; b < bytes; b += ROW_BYTES) {
            __builtin_prefetch(row + b);
        }
        if (model->item_scale) {
            __builtin_prefetch(&model->item_scale[which]);
        }
    }
}

void rk_model_row(const rk_model *model, size_t which, float *out)
{
    size_t at = which * model->stride;
    if (model->dim == 0) {
        return;
    }
    if (model->type == RK_F32) {
        memcpy(out, (const float *)model->item_vector + at, model->dim * sizeof *out);
    } else if (model->type == RK_F16) {
        const rk_half *row = (const rk_half *)model->item_vector + at;
        for (uint32_t d = 0; d < model->dim; d++) {
            out[d] = rk_half_value(row[d]);
        }
    } else if (model->type == RK_BF16) {
        const rk_bf16 *row = (const rk_bf16 *)model->item_vector + at;
        for (uint32_t d = 0; d < model->dim; d++) {
            out[d] = rk_bf16_value(row[d]);
        }
    } else if (model->type == RK_I8) {
        const int8_t *row = (const int8_t *)model->item_vector + at;
        float scale = model->item_scale[which];
        for (uint32_t d = 0; d < model->dim; d++) {
            out[d] = (float)row[d] * scale;
        }
    } else {
        const uint8_t *row = (const uint8_t *)model->item_vector + at;
        for (uint32_t d = 0; d < model->dim; d++) {
            out[d] = (float)rk_int4_at(row, d) * model->item_scale[which];
        }
    }
}
