/* model_write.c - a draft becomes a model file: vectors padded to whole cache lines, names copied from the dataset. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "model/model_inside.h"

void rk_model_draft_release(rk_model_draft *draft)
{
    free(draft->item_vector);
    free(draft->item_bias);
    free(draft->user_vector);
    free(draft->user_bias);
    free(draft->encode);
    rk_csr_release(&draft->near);
    rk_csr_release(&draft->seen);
    json_decref(draft->figures);
    *draft = (rk_model_draft){0};
}

static rk_status add_floats(rk_artefact_writer *w, const char *name, uint64_t rows, uint64_t cols, const float *data,
                            rk_error *err)
{
    return data ? rk_artefact_add(w, name, RK_F32, rows, cols, data, err) : RK_OK;
}

static rk_status add_vectors(rk_artefact_writer *w, const rk_model_draft *d, rk_error *err)
{
    if (d->dim == 0) {
        return RK_OK;
    }
    float row[RK_MODEL_DIM_MAX + 16] = {0};
    rk_status status = rk_artefact_begin(w, "item.vector", RK_F32, rk_model_stride(RK_F32, d->dim), err);
    for (size_t i = 0; !status && i < d->n_items; i++) {
        memcpy(row, d->item_vector + i * d->dim, d->dim * sizeof *row);
        status = rk_artefact_append(w, row, 1, err);
    }
    return status ? status : rk_artefact_end(w, err);
}

/* names: of the sections for starts, items and values. */
static rk_status add_rows(rk_artefact_writer *w, const char *const names[3], const rk_csr *rows, rk_error *err)
{
    uint64_t n = rows->start[rows->n_rows];
    rk_status status = rk_artefact_add(w, names[0], RK_U64, (uint64_t)rows->n_rows + 1, 1, rows->start, err);
    status = status ? status : rk_artefact_add(w, names[1], RK_U32, n, 1, rows->col, err);
    return status ? status : add_floats(w, names[2], n, 1, rows->value, err);
}

static rk_status add_names(rk_artefact_writer *w, const rk_dataset *dataset, rk_error *err)
{
    static const char *const tables[] = {"users.", "items.", "title."};
    for (size_t i = 0; i < rk_artefact_n_sections(dataset->artefact); i++) {
        const rk_section *section = rk_artefact_section_at(dataset->artefact, i);
        for (size_t t = 0; t < RK_COUNT_OF(tables); t++) {
            if (strncmp(section->name, tables[t], strlen(tables[t])) == 0) {
                rk_status status = rk_artefact_add_copy(w, section, err);
                if (status) {
                    return status;
                }
            }
        }
    }
    return RK_OK;
}

/* Each different category of the dataset once. */
static rk_status add_categories(rk_artefact_writer *w, const rk_dataset *dataset, rk_error *err)
{
    uint32_t n = dataset->category.n;
    rk_interner *names = rk_interner_new();
    uint32_t *category = malloc(((size_t)n + 1) * sizeof *category);
    bool is_done = names && category;
    for (uint32_t i = 0; is_done && i < n; i++) {
        rk_slice name = rk_names_get(&dataset->category, i);
        category[i] = name.n > 0 ? rk_interner_add(names, name) : RK_NO_ID;
        is_done = name.n == 0 || category[i] != RK_NO_ID;
    }
    rk_status status = is_done ? RK_OK : rk_fail_memory(err, "categories");
    if (!status && rk_interner_count(names) > 0) {
        status = rk_artefact_add(w, "item.category", RK_U32, n, 1, category, err);
        status = status ? status : rk_names_add_keys(w, "categories", names, NULL, rk_interner_count(names), true, err);
    }
    rk_interner_free(names);
    free(category);
    return status;
}

static rk_status fill_meta(json_t *meta, const rk_model_draft *d, const rk_model_kind *kind, const char *options_json,
                           rk_error *err)
{
    json_t *options = json_loads(options_json, 0, NULL);
    json_t *figures = d->figures ? json_incref(d->figures) : json_object();
    const char *form = d->near.n_rows == 0 ? "vectors" : d->dim == 0 ? "neighbours" : "vectors+neighbours";
    int failed = json_object_set_new(meta, "model", json_string(kind->name));
    failed |= json_object_set_new(meta, "form", json_string(form));
    failed |= json_object_set_new(meta, "dim", json_integer(d->dim));
    failed |= json_object_set_new(meta, "rating", json_boolean(d->is_rating));
    failed |= json_object_set_new(meta, "mu", json_real(d->mu));
    failed |= json_object_set_new(meta, "options", options);
    failed |= json_object_set_new(meta, "figures", figures);
    return failed ? rk_fail_memory(err, "the model's description") : RK_OK;
}

rk_status rk_model_write(rk_artefact_writer *w, const rk_model_draft *draft, const rk_model_kind *kind,
                         const char *options_json, const rk_dataset *dataset, rk_error *err)
{
    static const char *const seen[] = {"seen.start", "seen.item", "seen.value"};
    static const char *const near[] = {"near.start", "near.item", "near.weight"};
    rk_status status = fill_meta(rk_artefact_writer_meta(w), draft, kind, options_json, err);
    status = status ? status : rk_artefact_add_parent(w, dataset->artefact, err);
    status = status ? status : add_vectors(w, draft, err);
    status = status ? status : add_floats(w, "item.bias", draft->n_items, 1, draft->item_bias, err);
    status = status ? status : add_floats(w, "user.vector", draft->n_users, draft->dim, draft->user_vector, err);
    status = status ? status : add_floats(w, "user.bias", draft->n_users, 1, draft->user_bias, err);
    status = status ? status : add_floats(w, "encode.state", draft->n_encode, 1, draft->encode, err);
    status = status || draft->near.n_rows == 0 ? status : add_rows(w, near, &draft->near, err);
    status = status ? status : add_rows(w, seen, &draft->seen, err);
    status = status ? status : add_names(w, dataset, err);
    return status ? status : add_categories(w, dataset, err);
}
