/* wares_manifest.c - the manifest: an artefact of kind "live", replaced whole.
 *
 *   dead.I  u64 [(n_items + 63) / 64]  a bit for each dead item of segment I; absent: none
 *   lost.I  u32 [n x 7]                terms that the dead have, ascending, how many of the dead have each, and how
 *                                      many have it in each field
 *   unsaid.I u32 [n x 2]               words that they have, ascending, and how many have each
 * Meta: segments (file, content hash, sums of the dead), weight, b, k1, tie, stemmer, keep_stops, bare, mean where it
 * was measured, and where the log goes on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/wares_parts.h"

enum { SEGMENTS_MAX = 1000, FILE_BYTES_MAX = 40 };

static bool path_in(const char *folder, const char *name, char out[RK_WARES_PATH_BYTES])
{
    int n = snprintf(out, RK_WARES_PATH_BYTES, "%s/%s", folder, name);
    return n > 0 && n < RK_WARES_PATH_BYTES;
}

/* ---- writing ---- */

static json_t *by_field(const double values[RK_N_FIELDS])
{
    json_t *object = json_object();
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        json_object_set_new(object, rk_field_names[f], json_real(values[f]));
    }
    return object;
}

static json_t *segment_json(const rk_wares_part *part)
{
    const char *slash = strrchr(part->segment->path, '/');
    char hash[24];
    json_t *sums = json_array();
    snprintf(hash, sizeof hash, "%016" PRIx64, rk_artefact_hash(part->segment->index->artefact));
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        rk_field_sum none = {0}, sum = part->dead ? part->dead->sums[f] : none;
        json_array_append_new(sums, json_integer((json_int_t)sum.n));
        json_array_append_new(sums, json_integer((json_int_t)sum.bytes));
    }
    return json_pack("{s:s,s:s,s:I,s:o}", "file", slash ? slash + 1 : part->segment->path, "hash", hash, "items",
                     (json_int_t)part->segment->index->n_items, "dead_sums", sums);
}

enum { LOST_COLS = 1 + RK_DEAD_COUNTS, UNSAID_COLS = 2 };

/* Rows of a number and its counts, [n x n_counts], where the first of them is not 0. */
static rk_status write_counts(rk_artefact_writer *writer, const char *name, const uint32_t *counts, size_t n,
                              size_t n_counts, rk_error *err)
{
    rk_vec rows = {.item_bytes = (1 + n_counts) * sizeof(uint32_t)};
    bool is_short = false;
    for (size_t i = 0; i < n && !is_short; i++) {
        uint32_t *row = counts[i * n_counts] > 0 ? rk_vec_extend(&rows, NULL, 1) : NULL;
        is_short = counts[i * n_counts] > 0 && !row;
        if (row) {
            row[0] = (uint32_t)i;
            memcpy(row + 1, counts + i * n_counts, n_counts * sizeof *row);
        }
    }
    rk_status status = is_short ? rk_fail_memory(err, "the dead of a segment")
                                : rk_artefact_add(writer, name, RK_U32, rows.n, 1 + n_counts,
                                                  rows.n ? rows.data : (const void *)counts, err);
    rk_vec_release(&rows);
    return status;
}

static rk_status write_dead(rk_artefact_writer *writer, size_t i, const rk_wares_part *part, rk_error *err)
{
    const rk_index *x = part->segment->index;
    const rk_wares_dead *dead = part->dead;
    char name[32];
    if (!dead) {
        return RK_OK;
    }
    snprintf(name, sizeof name, "dead.%zu", i);
    rk_status status = rk_artefact_add(writer, name, RK_U64, ((uint64_t)x->n_items + 63) / 64, 1, dead->bits, err);
    snprintf(name, sizeof name, "lost.%zu", i);
    status = status ? status : write_counts(writer, name, dead->docs, x->n_terms, RK_DEAD_COUNTS, err);
    snprintf(name, sizeof name, "unsaid.%zu", i);
    return status ? status : write_counts(writer, name, dead->words, x->words.names.n, 1, err);
}

static void fill_meta(json_t *meta, const rk_wares_head *head, const rk_wares_snapshot *snapshot)
{
    const rk_index_options *o = &head->index;
    json_object_set_new(meta, "weight", by_field(o->weight));
    json_object_set_new(meta, "b", by_field(o->b));
    json_object_set_new(meta, "k1", json_real(o->k1));
    json_object_set_new(meta, "tie", json_real(o->tie));
    json_object_set_new(meta, "stemmer", json_string(o->analysis.stemmer ? o->analysis.stemmer : "none"));
    json_object_set_new(meta, "keep_stops", json_boolean(o->analysis.keep_stops));
    json_object_set_new(meta, "bare", json_boolean(o->is_bare));
    json_object_set_new(meta, "log_from", json_integer((json_int_t)head->log_from));
    json_object_set_new(meta, "next_file", json_integer((json_int_t)head->next_file));
    if (snapshot->has_means) {
        json_object_set_new(meta, "mean", by_field(snapshot->mean));
    }
}

rk_status rk_wares_manifest_write(const char *folder, const rk_wares_head *head, const rk_wares_snapshot *snapshot,
                                  rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    const rk_wares_part *parts = snapshot->parts;
    json_t *segments = json_array();
    char path[RK_WARES_PATH_BYTES];
    rk_status status =
        path_in(folder, "live.rk", path) ? RK_OK : rk_fail(err, RK_BAD_INPUT, "the folder's path is too long");
    status = status ? status : rk_artefact_create(path, "live", &writer, err);
    for (size_t p = 0; !status && p < snapshot->n_parts && parts[p].segment->path; p++) {
        status = write_dead(writer, p, &parts[p], err);
        json_array_append_new(segments, segment_json(&parts[p]));
    }
    if (status) {
        json_decref(segments);
        rk_artefact_abort(writer);
        return status;
    }
    json_t *meta = rk_artefact_writer_meta(writer);
    fill_meta(meta, head, snapshot);
    json_object_set_new(meta, "segments", segments);
    return rk_artefact_commit(writer, NULL, err);
}

/* ---- reading ---- */

typedef struct {
    const char *folder;
    rk_artefact *artefact;
    rk_wares_head *head;
    rk_wares_draft *draft;
} reading;

static rk_status damaged(const reading *r, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged manifest: %s", rk_artefact_path(r->artefact), what);
}

static bool read_fields(const json_t *object, double values[RK_N_FIELDS])
{
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        const json_t *value = json_object_get(object, rk_field_names[f]);
        if (!json_is_number(value) || !(json_number_value(value) >= 0) || json_number_value(value) > 1e6) {
            return false;
        }
        values[f] = json_number_value(value);
    }
    return true;
}

static rk_status read_meta(reading *r, rk_error *err)
{
    const json_t *meta = rk_artefact_meta(r->artefact), *mean = json_object_get(meta, "mean");
    const char *stemmer = json_string_value(json_object_get(meta, "stemmer"));
    json_int_t log_from = json_integer_value(json_object_get(meta, "log_from"));
    json_int_t next_file = json_integer_value(json_object_get(meta, "next_file"));
    rk_wares_head *head = r->head;
    rk_index_options *o = &head->index;
    *head = (rk_wares_head){.log_from = (uint64_t)log_from, .next_file = (uint64_t)next_file};
    o->k1 = json_number_value(json_object_get(meta, "k1"));
    o->tie = json_number_value(json_object_get(meta, "tie"));
    o->is_bare = json_is_true(json_object_get(meta, "bare"));
    o->dictionary = "none";
    if (!read_fields(json_object_get(meta, "weight"), o->weight) || !read_fields(json_object_get(meta, "b"), o->b) ||
        !(o->k1 > 0 && o->k1 < 1e6) || !(o->tie >= 0 && o->tie <= 1) || log_from < 0 || next_file < 0 || !stemmer ||
        strlen(stemmer) >= sizeof head->stemmer || (mean && !read_fields(mean, r->draft->mean))) {
        return damaged(r, "its meta lacks weights, b, k1, tie, stemmer or numbers", err);
    }
    r->draft->has_means = mean != NULL;
    snprintf(head->stemmer, sizeof head->stemmer, "%s", stemmer);
    o->analysis =
        (rk_analysis){.stemmer = head->stemmer, .keep_stops = json_is_true(json_object_get(meta, "keep_stops"))};
    return RK_OK;
}

/* A name of our own making, so that no path leads out of the folder. */
static bool is_good_name(const char *name)
{
    uint64_t number;
    size_t n = name ? strlen(name) : 0;
    return n > 11 && n < FILE_BYTES_MAX && memcmp(name, "segment-", 8) == 0 && memcmp(name + n - 3, ".rk", 3) == 0 &&
           rk_parse_u64((rk_slice){name + 8, n - 11}, &number);
}

static bool read_sums(const json_t *list, rk_wares_dead *dead)
{
    bool is_good = json_array_size(list) == 2 * RK_N_FIELDS;
    for (size_t i = 0; is_good && i < 2 * RK_N_FIELDS; i++) {
        json_int_t value = json_integer_value(json_array_get(list, i));
        *(i % 2 ? &dead->sums[i / 2].bytes : &dead->sums[i / 2].n) = (uint64_t)value;
        is_good = value >= 0;
    }
    return is_good;
}

/* The sections that say who of a segment is dead. */
typedef struct {
    const rk_section *bits, *lost, *unsaid;
} dead_sections;

/* Counts of a term: no more of the dead have it than have it at all, in any field. */
static bool fill_term(const rk_index *x, const uint32_t *row, rk_wares_dead *dead)
{
    uint32_t term = row[0];
    if (term >= x->n_terms || row[1] > x->term_docs[term] || row[1] > dead->n ||
        dead->docs[(size_t)term * RK_DEAD_COUNTS] != 0) {
        return false;
    }
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        if (row[2 + f] > rk_index_field_docs(x, term, f) || row[2 + f] > row[1]) {
            return false;
        }
    }
    memcpy(dead->docs + (size_t)term * RK_DEAD_COUNTS, row + 1, RK_DEAD_COUNTS * sizeof *row);
    return true;
}

/* Bits below n_items only, of terms and words that there are. */
static bool fill_dead(const rk_index *x, const dead_sections *s, rk_wares_dead *dead)
{
    size_t n_words = (size_t)s->bits->rows;
    const uint32_t *row = s->lost->data, *pair = s->unsaid->data;
    memcpy(dead->bits, s->bits->data, n_words * sizeof *dead->bits);
    for (size_t w = 0; w < n_words; w++) {
        dead->n += (uint32_t)__builtin_popcountll(dead->bits[w]);
    }
    bool is_good = x->n_items % 64 == 0 || dead->bits[n_words - 1] >> (x->n_items % 64) == 0;
    for (uint64_t i = 0; is_good && i < s->lost->rows; i++, row += LOST_COLS) {
        is_good = fill_term(x, row, dead);
    }
    for (uint64_t i = 0; is_good && i < s->unsaid->rows; i++, pair += UNSAID_COLS) {
        is_good = pair[0] < x->words.names.n && pair[1] <= x->words.items[pair[0]] && pair[1] <= dead->n &&
                  dead->words[pair[0]] == 0;
        if (is_good) {
            dead->words[pair[0]] = pair[1];
        }
    }
    for (rk_field f = 0; f < RK_N_FIELDS; f++) {
        is_good &= dead->sums[f].n <= x->sums[f].n && dead->sums[f].bytes <= x->sums[f].bytes;
    }
    return is_good;
}

/* A section of a segment, whole. */
static rk_status need(const reading *r, const char *what, size_t i, rk_type type, uint64_t rows, uint64_t cols,
                      const rk_section **out, rk_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "%s.%zu", what, i);
    rk_status status = rk_artefact_need(r->artefact, name, type, rows, cols, out, err);
    return status ? status : rk_artefact_verify_section(r->artefact, *out, err);
}

static rk_status read_dead(reading *r, size_t i, const json_t *row, const rk_index *x, rk_wares_dead **out,
                           rk_error *err)
{
    char name[32];
    dead_sections s;
    snprintf(name, sizeof name, "dead.%zu", i);
    if (!rk_artefact_find(r->artefact, name)) {
        return RK_OK;
    }
    rk_status status = need(r, "dead", i, RK_U64, ((uint64_t)x->n_items + 63) / 64, 1, &s.bits, err);
    status = status ? status : need(r, "lost", i, RK_U32, UINT64_MAX, LOST_COLS, &s.lost, err);
    status = status ? status : need(r, "unsaid", i, RK_U32, UINT64_MAX, UNSAID_COLS, &s.unsaid, err);
    if (status) {
        return status;
    }
    rk_wares_dead *dead = rk_wares_dead_new(x);
    if (!dead) {
        return rk_fail_memory(err, "the dead of a segment");
    }
    if (!read_sums(json_object_get(row, "dead_sums"), dead) || !fill_dead(x, &s, dead)) {
        rk_wares_dead_release(dead);
        return damaged(r, "the dead of a segment are not of that segment", err);
    }
    *out = dead;
    return RK_OK;
}

static bool is_same_scoring(const rk_index_options *a, const rk_index_options *b)
{
    return memcmp(a->weight, b->weight, sizeof a->weight) == 0 && memcmp(a->b, b->b, sizeof a->b) == 0 &&
           memcmp(&a->k1, &b->k1, sizeof a->k1) == 0 && memcmp(&a->tie, &b->tie, sizeof a->tie) == 0 &&
           strcmp(a->analysis.stemmer, b->analysis.stemmer) == 0 && a->analysis.keep_stops == b->analysis.keep_stops;
}

static rk_status read_segment(reading *r, size_t i, const json_t *row, rk_error *err)
{
    char path[RK_WARES_PATH_BYTES], hash[24];
    rk_wares_segment *segment = NULL;
    rk_wares_dead *dead = NULL;
    const char *file = json_string_value(json_object_get(row, "file"));
    const char *wanted = json_string_value(json_object_get(row, "hash"));
    if (!is_good_name(file) || !wanted || !path_in(r->folder, file, path)) {
        return damaged(r, "a segment has no name or no hash", err);
    }
    rk_status status = rk_wares_segment_open(path, &segment, err);
    if (status) {
        return status;
    }
    const rk_index *x = segment->index;
    snprintf(hash, sizeof hash, "%016" PRIx64, rk_artefact_hash(x->artefact));
    bool is_ours = strcmp(hash, wanted) == 0 && is_same_scoring(&x->options, &r->head->index) && r->draft->has_means &&
                   memcmp(x->mean_bytes, r->draft->mean, sizeof x->mean_bytes) == 0;
    status = is_ours ? read_dead(r, i, row, x, &dead, err)
                     : rk_fail(err, RK_BAD_INPUT, "%s is not the segment that the manifest names", path);
    if (status) {
        rk_wares_segment_release(segment);
        return status;
    }
    return rk_wares_draft_add(r->draft, segment, dead, err);
}

rk_status rk_wares_manifest_read(const char *folder, rk_wares_head *head, rk_wares_draft *draft, rk_error *err)
{
    char path[RK_WARES_PATH_BYTES];
    reading r = {.folder = folder, .head = head, .draft = draft};
    *draft = (rk_wares_draft){.parts = {.item_bytes = sizeof(rk_wares_part)}};
    rk_status status =
        path_in(folder, "live.rk", path) ? RK_OK : rk_fail(err, RK_BAD_INPUT, "the folder's path is too long");
    status = status ? status : rk_artefact_open(path, "live", &r.artefact, err);
    status = status ? status : read_meta(&r, err);
    const json_t *segments = status ? NULL : json_object_get(rk_artefact_meta(r.artefact), "segments");
    if (!status && (!json_is_array(segments) || json_array_size(segments) > SEGMENTS_MAX)) {
        status = damaged(&r, "it has no list of segments", err);
    }
    for (size_t i = 0; !status && i < json_array_size(segments); i++) {
        status = read_segment(&r, i, json_array_get(segments, i), err);
    }
    rk_artefact_close(r.artefact);
    return status;
}

bool rk_wares_manifest_names(const char *folder, const char *segment_path)
{
    char path[RK_WARES_PATH_BYTES];
    rk_artefact *artefact = NULL;
    const char *slash = strrchr(segment_path, '/');
    if (!path_in(folder, "live.rk", path) || rk_artefact_open(path, "live", &artefact, NULL)) {
        return true;
    }
    const json_t *segments = json_object_get(rk_artefact_meta(artefact), "segments");
    bool is_named = false;
    for (size_t i = 0; i < json_array_size(segments); i++) {
        const char *file = json_string_value(json_object_get(json_array_get(segments, i), "file"));
        is_named |= file && slash && strcmp(file, slash + 1) == 0;
    }
    rk_artefact_close(artefact);
    return is_named;
}
