/* ivf.c - the row of ivf in the table of kinds: options, file, asking. See ivf.h.
 *
 *   SECTION     TYPE  SHAPE               MEANING
 *   ivf.turn    f32   [dim x dim]         of queries
 *   ivf.centre  f32   [lists x dim]       in the turned space
 *   ivf.part    u32   [parts + 1]         first number of each part, ascending from 0 to dim
 *   ivf.word    f32   [dim x words]       words, by number; 16, or 256
 *   ivf.start   u32   [lists + 1]         first block of each list, ascending from 0 to blocks
 *   ivf.item    u32   [blocks x 32]       each item once; 2^32 - 1 = nothing
 *   ivf.code    u8    [blocks x 16 parts] two halves of a byte a part; of 256 words [blocks x 32 parts]
 *   ivf.rung    u32   [rungs x 2]         lists, candidates
 */
#include "ann/ivf.h"

#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "base/map.h"
#include "math/dot.h"

enum { AHEAD = 8, LINE_FLOATS = 16 };

static const rk_option ivf_options[] = {
    {"lists", 0, RK_OPT_COUNT, offsetof(rk_ivf_settings, lists), "N", "0",
     "how many lists; 0: 2 x the root of the items", 0, RK_IVF_LISTS_MAX},
    {"bytes", 0, RK_OPT_COUNT, offsetof(rk_ivf_settings, bytes), "N", "0",
     "bytes of an item's code; 0: a quarter of a byte for each number", 0, RK_IVF_PARTS_MAX / 2},
    {"rounds", 0, RK_OPT_COUNT, offsetof(rk_ivf_settings, rounds), "N", "10",
     "rounds in which centres find their places", 1, 1000},
};

void rk_ivf_free(rk_ivf *ivf)
{
    if (ivf && ivf->is_own) {
        const void *const all[] = {ivf->turn,  ivf->centre, ivf->part, ivf->word,
                                   ivf->start, ivf->item,   ivf->code, ivf->rung};
        for (size_t i = 0; i < RK_COUNT_OF(all); i++) {
            free((void *)(uintptr_t)all[i]);
        }
    }
    free(ivf);
}

static void ivf_free(void *index) { rk_ivf_free(index); }

static rk_status ivf_build(const rk_ann_material *from, const void *settings, void **index, rk_error *err)
{
    rk_ivf *ivf = calloc(1, sizeof *ivf);
    rk_status status = ivf ? rk_ivf_build(from, settings, ivf, err) : rk_fail_memory(err, "an index");
    if (status) {
        rk_ivf_free(ivf);
        return status;
    }
    *index = ivf;
    return RK_OK;
}

/* ---- the file ---- */

static rk_status ivf_write(const void *index, rk_artefact_writer *writer, json_t *meta, rk_error *err)
{
    const rk_ivf *v = index;
    const struct {
        const char *name;
        rk_type type;
        uint64_t rows, cols;
        const void *data;
    } sections[] = {
        {"ivf.turn", RK_F32, v->dim, v->dim, v->turn},
        {"ivf.centre", RK_F32, v->n_lists, v->dim, v->centre},
        {"ivf.part", RK_U32, v->n_parts + 1, 1, v->part},
        {"ivf.word", RK_F32, v->dim, v->n_words, v->word},
        {"ivf.start", RK_U32, v->n_lists + 1, 1, v->start},
        {"ivf.item", RK_U32, v->n_blocks, RK_IVF_BLOCK, v->item},
        {"ivf.code", RK_U8, v->n_blocks, v->n_parts * rk_ivf_line(v->n_words), v->code},
        {"ivf.rung", RK_U32, v->n_rungs, 2, v->rung},
    };
    rk_status status = RK_OK;
    (void)meta;
    for (size_t i = 0; !status && i < RK_COUNT_OF(sections); i++) {
        status = rk_artefact_add(writer, sections[i].name, sections[i].type, sections[i].rows, sections[i].cols,
                                 sections[i].data, err);
    }
    return status;
}

static rk_status damaged(const rk_artefact *artefact, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: %s", rk_artefact_path(artefact), what);
}

static rk_status open_sections(const rk_artefact *a, const rk_ann_rows *base, rk_ivf *v, rk_error *err)
{
    const rk_section *turn, *centre, *part, *word, *start, *item, *code, *rung;
    rk_status status = rk_artefact_need(a, "ivf.turn", RK_F32, base->dim, base->dim, &turn, err);
    status = status ? status : rk_artefact_need(a, "ivf.centre", RK_F32, UINT64_MAX, base->dim, &centre, err);
    status = status ? status : rk_artefact_need(a, "ivf.part", RK_U32, UINT64_MAX, 1, &part, err);
    status = status ? status : rk_artefact_need(a, "ivf.word", RK_F32, base->dim, 0, &word, err);
    status = status ? status : rk_artefact_need(a, "ivf.start", RK_U32, centre->rows + 1, 1, &start, err);
    status = status ? status : rk_artefact_need(a, "ivf.item", RK_U32, UINT64_MAX, RK_IVF_BLOCK, &item, err);
    status = status ? status : rk_artefact_need(a, "ivf.rung", RK_U32, UINT64_MAX, 2, &rung, err);
    if (status) {
        return status;
    }
    size_t n_parts = (size_t)part->rows - 1;
    if (part->rows < 1 || n_parts < 1 || n_parts > RK_IVF_PARTS_MAX || n_parts % RK_IVF_PARTS_STEP != 0 ||
        (word->cols != RK_IVF_WORDS && word->cols != RK_IVF_WORDS_MAX) || centre->rows < 1 ||
        centre->rows > RK_IVF_LISTS_MAX || rung->rows >= RK_ANN_STEPS_MAX) {
        return damaged(a, "so many lists, parts, words or rungs are not possible", err);
    }
    status = rk_artefact_need(a, "ivf.code", RK_U8, item->rows, n_parts * rk_ivf_line((size_t)word->cols), &code, err);
    *v = (rk_ivf){.n = base->n,
                  .dim = base->dim,
                  .n_lists = (size_t)centre->rows,
                  .n_parts = n_parts,
                  .n_words = (size_t)word->cols,
                  .n_blocks = (size_t)item->rows,
                  .n_rungs = (size_t)rung->rows,
                  .turn = turn->data,
                  .centre = centre->data,
                  .part = part->data,
                  .word = word->data,
                  .start = start->data,
                  .item = item->data,
                  .rung = rung->data};
    v->code = status ? NULL : code->data;
    return status;
}

/* From 0 to last, never down. */
static bool ascends(const uint32_t *at, size_t n, size_t last)
{
    bool is_good = at[0] == 0 && at[n - 1] == last;
    for (size_t i = 1; i < n; i++) {
        is_good &= at[i] >= at[i - 1];
    }
    return is_good;
}

/* Each item once: a search that has seen all lists has seen all items. */
static rk_status check_items(const rk_artefact *artefact, const rk_ivf *v, rk_error *err)
{
    uint64_t *seen = calloc((v->n + 63) / 64, sizeof *seen);
    size_t n_seen = 0;
    bool is_good = true;
    if (!seen) {
        return rk_fail_memory(err, "an index");
    }
    for (size_t i = 0; is_good && i < v->n_blocks * RK_IVF_BLOCK; i++) {
        uint32_t item = v->item[i];
        if (item != RK_NO_ID) {
            is_good = item < v->n && !rk_bit(seen, item);
            seen[is_good ? item / 64 : 0] |= is_good ? UINT64_C(1) << (item % 64) : 0;
            n_seen++;
        }
    }
    free(seen);
    return is_good && n_seen == v->n ? RK_OK : damaged(artefact, "ivf.item does not hold every item once", err);
}

static rk_status ivf_open(const rk_artefact *artefact, const json_t *meta, const rk_ann_rows *base, void **index,
                          rk_error *err)
{
    rk_ivf *v = calloc(1, sizeof *v);
    (void)meta;
    rk_status status = v ? open_sections(artefact, base, v, err) : rk_fail_memory(err, "an index");
    if (!status && (!ascends(v->part, v->n_parts + 1, v->dim) || !ascends(v->start, v->n_lists + 1, v->n_blocks))) {
        status = damaged(artefact, "its parts or lists do not ascend to their end", err);
    }
    for (size_t i = 0; !status && i < v->n_rungs; i++) {
        if (v->rung[i].lists < 1 || v->rung[i].lists > v->n_lists || v->rung[i].candidates < 1 ||
            v->rung[i].candidates > v->n) {
            status = damaged(artefact, "a rung has lists or candidates that are not there", err);
        }
    }
    status = status ? status : check_items(artefact, v, err);
    if (status) {
        rk_ivf_free(v);
        return status;
    }
    *index = v;
    return RK_OK;
}

static uint64_t ivf_bytes(const void *index)
{
    const rk_ivf *v = index;
    return v->n_blocks * (v->n_parts * rk_ivf_line(v->n_words) + RK_IVF_BLOCK * sizeof *v->item) +
           (v->dim + v->n_lists + v->n_words) * v->dim * sizeof(float) + (v->n_lists + 1) * sizeof *v->start;
}

static size_t ivf_efforts(const void *index, const rk_ann_rows *base, uint32_t *effort)
{
    const rk_ivf *v = index;
    (void)base;
    for (uint32_t i = 0; i <= v->n_rungs; i++) {
        effort[i] = i + 1;
    }
    return v->n_rungs + 1;
}

/* ---- asking ---- */

static rk_status ivf_desk_new(const void *index, const rk_ann_rows *base, void **desk, rk_error *err)
{
    rk_ivf_desk *room = NULL;
    (void)base;
    rk_status status = rk_ivf_desk_new(index, &room, err);
    *desk = room;
    return status;
}

static void ivf_desk_free(void *desk) { rk_ivf_desk_free(desk); }

static void fetch(const float *row, size_t dim)
{
    for (size_t d = 0; d < dim && d < 8 * LINE_FLOATS; d += LINE_FLOATS) {
        __builtin_prefetch(row + d);
    }
}

/* Candidates lie all over the base: each is on its way before its turn. */
static void score(const rk_ann_rows *base, const rk_ivf_desk *desk, const float *query, rk_topk *topk)
{
    const rk_kernels *kernels = rk_kernels_best();
    size_t n = desk->n_candidates;
    for (size_t i = 0; i < n + AHEAD; i++) {
        if (i < n) {
            fetch(rk_ann_row(base, rk_ivf_number(desk->candidate[i])), base->dim);
        }
        if (i >= AHEAD) {
            uint32_t item = rk_ivf_number(desk->candidate[i - AHEAD]);
            rk_topk_offer_one(topk, item, kernels->dot_f32(query, rk_ann_row(base, item), base->dim));
        }
    }
}

static rk_status ivf_search(const void *index, const rk_ann_rows *base, void *desk, const rk_ann_question *question,
                            rk_topk *topk, rk_error *err)
{
    const rk_ivf *v = index;
    if (question->effort > v->n_rungs) {
        rk_ann_compare_all(base, question, topk);
        return RK_OK;
    }
    const rk_ivf_rung *rung = &v->rung[question->effort - 1];
    size_t n_wanted = (size_t)rung->candidates * question->k / RK_ANN_RECALL_AT;
    n_wanted = n_wanted > question->k ? n_wanted : question->k;
    n_wanted = n_wanted < v->n ? n_wanted : v->n; /* where most are barred, lists are opened until so many are found */
    rk_status status = rk_ivf_collect(v, desk, question->query, rung->lists, n_wanted, n_wanted, question->barred, err);
    if (!status) {
        score(base, desk, question->query, topk);
    }
    return status;
}

const rk_ann_kind rk_ann_ivf = {
    .name = "ivf",
    .summary = "lists of near items, looked through by half-byte codes: little memory, quick to make",
    .options = ivf_options,
    .n_options = RK_COUNT_OF(ivf_options),
    .settings_bytes = sizeof(rk_ivf_settings),
    .build = ivf_build,
    .free = ivf_free,
    .write = ivf_write,
    .open = ivf_open,
    .bytes = ivf_bytes,
    .efforts = ivf_efforts,
    .desk_new = ivf_desk_new,
    .desk_free = ivf_desk_free,
    .search = ivf_search,
};
