/* pq.c - product codes over the item vectors: what is scanned; the vectors stay to rank a short list by.
 *
 * The codes are the index ivf's (ann/ivf.h) with a single list: the same space, parts, words and loops. The vectors of
 * the step before are the store that is ranked by, in whatever type they are: int8+pq, fp16+pq. The rotation goes into
 * the matrix that turns a query anyway: turned beforehand, the store would have to be turned with it, and what is
 * folded in learnt in the new space, to save dim^2 products a query.
 */
#include <math.h>

#include "ann/ivf.h"
#include "compress/compressors.h"
#include "model/near.h"

enum { FOUR, EIGHT };
enum { BYTES_USUAL = 128 };

typedef struct {
    int bits;
    uint64_t rerank, bytes, parts, rotate;
} settings;

static const rk_option options[] = {
    {"bits", 0, RK_OPT_CHOICE, offsetof(settings, bits), "N", "4", "of a code", .choices = "4|8"},
    {"rerank", 0, RK_OPT_COUNT, offsetof(settings, rerank), "N", "200",
     "how many of the best by code are scored by their vectors", 1, RK_MODEL_RERANK_MAX},
    {"bytes", 0, RK_OPT_COUNT, offsetof(settings, bytes), "N", "0",
     "of an item's codes; 0: a quarter of a byte for each number, 128 at most", 0, RK_IVF_PARTS_MAX},
    {"parts", 0, RK_OPT_COUNT, offsetof(settings, parts), "N", "0",
     "in the place of bytes: how many codes an item has, a multiple of 4", 0, RK_IVF_PARTS_MAX},
    {"rotate", 0, RK_OPT_COUNT, offsetof(settings, rotate), "N", "30",
     "rounds that look for a rotation by which codes lose less; 0 = none", 0, 1000},
};

static bool can_code(const rk_model *leaf)
{
    return rk_model_dim(leaf) > 0 && rk_model_prefix(leaf)[0] == '\0' && !rk_model_section(leaf, "near.start") &&
           rk_model_n_shown(leaf) == rk_model_n_items(leaf) && rk_model_n_items(leaf) > 0 && !rk_model_is_coded(leaf);
}

/* *bytes: of an item's codes. */
static rk_status choose_bytes(const settings *s, size_t dim, uint64_t *bytes, rk_error *err)
{
    uint64_t a_byte = s->bits == EIGHT ? 1 : 2, usual = (dim + 3) / 4; /* so many codes */
    if (s->parts > 0 && s->bytes > 0) {
        return rk_fail(err, RK_BAD_USAGE, "pq: parts=%llu and bytes=%llu: one says what the other would",
                       (unsigned long long)s->parts, (unsigned long long)s->bytes);
    }
    if (s->parts % RK_IVF_PARTS_STEP != 0) {
        return rk_fail(err, RK_BAD_USAGE, "pq: parts=%llu is no multiple of %d", (unsigned long long)s->parts,
                       RK_IVF_PARTS_STEP);
    }
    if (s->bytes * a_byte > RK_IVF_PARTS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "pq: bytes=%llu: codes of 4 bits fill %d bytes at most",
                       (unsigned long long)s->bytes, RK_IVF_PARTS_MAX / 2);
    }
    *bytes = s->parts > 0 ? s->parts / a_byte : s->bytes > 0 ? s->bytes : usual < BYTES_USUAL ? usual : BYTES_USUAL;
    return RK_OK;
}

static rk_status remember(rk_compress_job *job, const rk_compress_leaf *leaf, const settings *s, const rk_ivf *codes,
                          rk_error *err)
{
    uint64_t store = 0;
    for (const char *const *name = rk_model_form_sections(); *name; name++) {
        const rk_section *section = rk_model_is_store(*name) ? rk_model_section(leaf->model, *name) : NULL;
        store += section ? section->bytes : 0;
    }
    int failed = json_object_set_new(leaf->meta, "rerank", json_integer((json_int_t)s->rerank));
    failed |= json_object_set_new(job->figures, "store_bytes", json_integer((json_int_t)store));
    failed |=
        json_object_set_new(job->figures, "item_bytes",
                            json_integer((json_int_t)(codes->n_parts * rk_ivf_line(codes->n_words) / RK_IVF_BLOCK)));
    failed |= json_object_set_new(job->figures, "lost", json_real(codes->lost));
    return failed ? rk_fail_memory(err, "the meta of a model") : RK_OK;
}

static rk_status run_pq(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings_, rk_error *err)
{
    const settings *s = settings_;
    rk_near_material m = {0};
    const rk_ann_kind *kind = NULL;
    void *index = NULL;
    const rk_section *vectors = NULL;
    rk_status status = rk_compress_read(leaf, "item.vector", &vectors, err);
    status = status ? status : rk_near_material_take(leaf->model, job->run->seed, &m, err);
    for (size_t i = 0; !status && i < m.base.n * m.base.stride; i++) {
        if (!isfinite(m.base.at[i])) {
            status = rk_fail(err, RK_BAD_INPUT, "%s: the item vectors have a number that pq cannot hold",
                             rk_artefact_path(rk_model_artefact(leaf->model)));
        }
    }
    rk_ivf_settings wish = {.lists = 1, .rounds = 1, .rotations = s->rotate, .by_bytes = s->bits == EIGHT};
    rk_ann_material from = {&m.base, &m.queries, job->run};
    status = status ? status : choose_bytes(s, m.base.dim, &wish.bytes, err);
    status = status ? status : rk_ann_kind_need("ivf", &kind, err);
    status = status ? status : kind->build(&from, &wish, &index, err);
    status = status ? status : kind->write(index, job->writer, NULL, err);
    status = status ? status : remember(job, leaf, s, index, err);
    if (kind) {
        kind->free(index);
    }
    rk_near_material_release(&m);
    return status;
}

const rk_compressor rk_compressor_pq = {
    .name = "pq",
    .summary = "product codes that are scanned in the place of vectors, which a short list is ranked by",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .wants = "all items scored by vectors alone",
    .fits = can_code,
    .each = run_pq,
};
