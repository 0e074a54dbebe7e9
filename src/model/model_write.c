/* model_write.c - a draft becomes a model file: vectors padded to whole cache lines, names copied from the dataset. */
#include <stdio.h>
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
    rk_csr_release(&draft->owners);
    rk_csr_release(&draft->posting);
    rk_interner_free(draft->terms);
    free(draft->term_weight);
    rk_csr_release(&draft->seen);
    json_decref(draft->figures);
    for (size_t p = 0; p < draft->n_parts; p++) {
        rk_model_draft_release(&draft->parts[p].draft);
        json_decref(draft->parts[p].options);
    }
    free(draft->parts);
    *draft = (rk_model_draft){0};
}

/* Where a model's sections go: those of a part have a prefix. */
typedef struct {
    rk_artefact_writer *writer;
    const char *prefix;
} place;

typedef char section_name[RK_ARTEFACT_NAME_BYTES_MAX + 1];

static const char *named(const place *w, const char *name, section_name out)
{
    snprintf(out, sizeof(section_name), "%s%s", w->prefix, name);
    return out;
}

static rk_status add(const place *w, const char *name, rk_type type, uint64_t rows, uint64_t cols, const void *data,
                     rk_error *err)
{
    section_name full;
    return rk_artefact_add(w->writer, named(w, name, full), type, rows, cols, data, err);
}

static rk_status add_floats(const place *w, const char *name, uint64_t rows, uint64_t cols, const float *data,
                            rk_error *err)
{
    return data ? add(w, name, RK_F32, rows, cols, data, err) : RK_OK;
}

static rk_status add_vectors(const place *w, const rk_model_draft *d, rk_error *err)
{
    section_name full;
    if (d->dim == 0) {
        return RK_OK;
    }
    float row[RK_MODEL_DIM_MAX + 16] = {0};
    rk_status status =
        rk_artefact_begin(w->writer, named(w, "item.vector", full), RK_F32, rk_model_stride(RK_F32, d->dim), err);
    for (size_t i = 0; !status && i < d->n_items; i++) {
        memcpy(row, d->item_vector + i * d->dim, d->dim * sizeof *row);
        status = rk_artefact_append(w->writer, row, 1, err);
    }
    return status ? status : rk_artefact_end(w->writer, err);
}

/* names: of the sections for starts, items and values. */
static rk_status add_rows(const place *w, const char *const names[3], const rk_csr *rows, rk_error *err)
{
    uint64_t n = rows->start[rows->n_rows];
    rk_status status = add(w, names[0], RK_U64, (uint64_t)rows->n_rows + 1, 1, rows->start, err);
    status = status ? status : add(w, names[1], RK_U32, n, 1, rows->col, err);
    return status ? status : add_floats(w, names[2], n, 1, rows->value, err);
}

static rk_status add_names(rk_artefact_writer *w, const rk_dataset *dataset, rk_error *err)
{
    static const char *const tables[] = {"users.", "items.", "title.", NULL};
    return rk_artefact_add_copies(w, dataset->artefact, tables, err);
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

static const char *form_of(const rk_model_draft *d)
{
    return d->n_parts > 0        ? "blend"
           : d->near.n_rows == 0 ? "vectors"
           : d->dim == 0         ? "neighbours"
                                 : "vectors+neighbours";
}

/* options: taken. */
static rk_status fill_meta(json_t *meta, const rk_model_draft *d, const rk_model_kind *kind, json_t *options,
                           rk_error *err)
{
    json_t *figures = d->figures ? json_incref(d->figures) : json_object();
    int failed = json_object_set_new(meta, "model", json_string(kind->name));
    failed |= json_object_set_new(meta, "form", json_string(form_of(d)));
    failed |= json_object_set_new(meta, "dim", json_integer(d->dim));
    failed |= json_object_set_new(meta, "rating", json_boolean(d->is_rating));
    failed |= json_object_set_new(meta, "mu", json_real(d->mu));
    failed |= json_object_set_new(meta, "options", options);
    failed |= json_object_set_new(meta, "figures", figures);
    return failed ? rk_fail_memory(err, "the model's description") : RK_OK;
}

static bool same_floats(const float *a, const float *b, uint64_t n)
{
    return (!a && !b) || (a && b && memcmp(a, b, n * sizeof *a) == 0);
}

static bool same_rows(const rk_csr *a, const rk_csr *b)
{
    uint64_t n = a->start[a->n_rows];
    return a->n_rows == b->n_rows && memcmp(a->start, b->start, ((size_t)a->n_rows + 1) * sizeof *a->start) == 0 &&
           memcmp(a->col, b->col, n * sizeof *a->col) == 0 && same_floats(a->value, b->value, n);
}

static rk_status add_terms(const place *w, const rk_model_draft *d, rk_error *err)
{
    static const char *const names[] = {"posting.start", "posting.item", "posting.weight"};
    section_name table;
    uint32_t n = rk_interner_count(d->terms);
    rk_status status = add_floats(w, "term.weight", n, 1, d->term_weight, err);
    status = status ? status : add_rows(w, names, &d->posting, err);
    return status ? status : rk_names_add_keys(w->writer, named(w, "terms", table), d->terms, NULL, n, true, err);
}

/* seen of a part that has seen what the whole has: NULL. */
static rk_status add_draft(const place *w, const rk_model_draft *draft, const rk_csr *seen, rk_error *err)
{
    static const char *const seen_names[] = {"seen.start", "seen.item", "seen.value"};
    static const char *const near_names[] = {"near.start", "near.item", "near.weight"};
    static const char *const owner_names[] = {"owner.start", "owner.row", "owner.value"};
    rk_status status = add_vectors(w, draft, err);
    status = status ? status : add_floats(w, "item.bias", draft->n_items, 1, draft->item_bias, err);
    status = status ? status : add_floats(w, "user.vector", draft->n_users, draft->dim, draft->user_vector, err);
    status = status ? status : add_floats(w, "user.bias", draft->n_users, 1, draft->user_bias, err);
    status = status ? status : add_floats(w, "encode.state", draft->n_encode, 1, draft->encode, err);
    status = status || draft->near.n_rows == 0 ? status : add_rows(w, near_names, &draft->near, err);
    status = status || draft->owners.n_rows == 0 ? status : add_rows(w, owner_names, &draft->owners, err);
    status = status || !draft->terms ? status : add_terms(w, draft, err);
    return status || !seen ? status : add_rows(w, seen_names, seen, err);
}

static rk_status add_parts(rk_artefact_writer *writer, const rk_model_draft *draft, rk_error *err)
{
    rk_status status = RK_OK;
    json_t *list = draft->n_parts > 0 ? json_array() : NULL;
    for (size_t p = 0; !status && p < draft->n_parts; p++) {
        const rk_model_part *part = &draft->parts[p];
        char prefix[32];
        json_t *meta = json_object();
        snprintf(prefix, sizeof prefix, "part%zu.", p);
        status = fill_meta(meta, &part->draft, part->kind, json_incref(part->options), err);
        json_object_set_new(meta, "weight", json_real(part->weight));
        json_array_append_new(list, meta);
        bool is_same = same_rows(&part->draft.seen, &draft->seen);
        status = status ? status
                        : add_draft(&(place){writer, prefix}, &part->draft, is_same ? NULL : &part->draft.seen, err);
    }
    if (list) {
        json_object_set_new(rk_artefact_writer_meta(writer), "parts", list);
        json_object_set_new(rk_artefact_writer_meta(writer), "fuse_depth", json_integer(draft->fuse_depth));
    }
    return status;
}

rk_status rk_model_write(rk_artefact_writer *w, const rk_model_draft *draft, const rk_model_kind *kind,
                         const char *options_json, const rk_dataset *dataset, rk_error *err)
{
    json_t *options = json_loads(options_json, 0, NULL);
    rk_status status = fill_meta(rk_artefact_writer_meta(w), draft, kind, options, err);
    status = status ? status : rk_artefact_add_parent(w, dataset->artefact, err);
    status = status ? status : add_draft(&(place){w, ""}, draft, &draft->seen, err);
    status = status ? status : add_parts(w, draft, err);
    status = status ? status : add_names(w, dataset, err);
    return status ? status : add_categories(w, dataset, err);
}
