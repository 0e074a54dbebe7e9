/* artefact_read.c - opens an artefact, by mmap or in memory, believing nothing.
 *
 * Trust grows in this order, each step reading only what the step before has vouched for: the fixed part (magic,
 * version, own checksum), the size of the file, the header's checksum, its JSON, every section's place and shape, the
 * checksums of small sections. The layout is canonical - section i starts at the 64-byte boundary behind section
 * i - 1, the header behind the last - so that overlaps, gaps and strays are one comparison.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/file.h"
#include "store/artefact_format.h"

struct rk_artefact {
    char *path;
    rk_mapped file;
    rk_artefact_fixed fixed;
    json_t *header, *meta, *parents, *making; /* header owns the others */
    const char *build;
    rk_section *section; /* names live in header */
    size_t n_sections;
};

static rk_place place_of(const rk_artefact *artefact) { return (rk_place){.path = artefact->path}; }

/* ---- the fixed part ---- */

/* Says what a foreign file begins with, as far as it can be printed. */
static rk_status foreign(const rk_artefact *artefact, rk_error *err)
{
    char start[13] = "";
    for (size_t i = 0; i < artefact->file.n_bytes && i < sizeof start - 1; i++) {
        unsigned char c = artefact->file.at[i];
        start[i] = c >= ' ' && c < 127 ? (char)c : '.';
    }
    return rk_fail_at(err, place_of(artefact), "not a reckon artefact: it starts with '%s'", start);
}

static rk_status check_version(const rk_artefact *artefact, rk_error *err)
{
    uint32_t version = artefact->fixed.version;
    if (version == RK_ARTEFACT_VERSION) {
        return RK_OK;
    }
    if (__builtin_bswap32(version) == RK_ARTEFACT_VERSION) {
        return rk_fail_at(err, place_of(artefact), "written with the other byte order");
    }
    return rk_fail_at(err, place_of(artefact), "format version %u, this program reads version %d%s", version,
                      RK_ARTEFACT_VERSION, version > RK_ARTEFACT_VERSION ? ": a newer reckon made it" : "");
}

static rk_status check_size(const rk_artefact *artefact, rk_error *err)
{
    const rk_artefact_fixed *fixed = &artefact->fixed;
    uint64_t size = artefact->file.n_bytes, needed;
    if (__builtin_add_overflow(fixed->header_offset, (uint64_t)fixed->header_bytes, &needed) ||
        fixed->header_offset < sizeof *fixed || fixed->header_offset % RK_ARTEFACT_ALIGN != 0 ||
        fixed->header_bytes > RK_ARTEFACT_HEADER_BYTES_MAX) {
        return rk_fail_at(err, place_of(artefact), "the header cannot be at byte %llu with %u bytes",
                          (unsigned long long)fixed->header_offset, fixed->header_bytes);
    }
    if (size < needed) {
        return rk_fail_at(err, place_of(artefact), "truncated: %llu of %llu bytes are there", (unsigned long long)size,
                          (unsigned long long)needed);
    }
    if (size > needed) {
        return rk_fail_at(err, place_of(artefact), "%llu bytes too many at the end",
                          (unsigned long long)(size - needed));
    }
    return RK_OK;
}

static rk_status check_kind(const rk_artefact *artefact, const char *wanted, rk_error *err)
{
    const char *kind = artefact->fixed.kind;
    if (kind[sizeof artefact->fixed.kind - 1] || !rk_artefact_name_valid(kind, sizeof artefact->fixed.kind - 1)) {
        return rk_fail_at(err, place_of(artefact), "its kind is not a name");
    }
    if (wanted && strcmp(kind, wanted) != 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s is a %s, a %s is needed here", artefact->path, kind, wanted);
    }
    return RK_OK;
}

static rk_status read_fixed(rk_artefact *artefact, const char *kind, rk_error *err)
{
    const rk_mapped *file = &artefact->file;
    if (file->n_bytes == 0) {
        return rk_fail_at(err, place_of(artefact), "not a reckon artefact: the file is empty");
    }
    if (file->n_bytes < 8 || memcmp(file->at, RK_ARTEFACT_MAGIC, 8) != 0) {
        return foreign(artefact, err);
    }
    if (file->n_bytes < sizeof artefact->fixed) {
        return rk_fail_at(err, place_of(artefact), "truncated: %zu bytes, not even the first %zu", file->n_bytes,
                          sizeof artefact->fixed);
    }
    memcpy(&artefact->fixed, file->at, sizeof artefact->fixed);
    rk_status status = check_version(artefact, err);
    if (status == RK_OK && artefact->fixed.self_checksum != rk_artefact_fixed_checksum(&artefact->fixed)) {
        status = rk_fail_at(err, place_of(artefact), "damaged: the checksum of the first %zu bytes does not match",
                            sizeof artefact->fixed);
    }
    if (status == RK_OK) {
        status = check_size(artefact, err);
    }
    return status == RK_OK ? check_kind(artefact, kind, err) : status;
}

/* ---- the header ---- */

static rk_status parse_header(rk_artefact *artefact, rk_error *err)
{
    const char *text = (const char *)artefact->file.at + artefact->fixed.header_offset;
    size_t n = artefact->fixed.header_bytes;
    if (XXH3_64bits(text, n) != artefact->fixed.header_checksum) {
        return rk_fail_at(err, place_of(artefact), "damaged: the checksum of the header does not match");
    }
    json_error_t at;
    artefact->header = json_loadb(text, n, JSON_REJECT_DUPLICATES, &at);
    if (!artefact->header) {
        return rk_fail_at(err, place_of(artefact), "the header is not JSON: %.100s at its byte %d", at.text,
                          at.position);
    }
    json_t *sections;
    if (json_unpack_ex(artefact->header, &at, 0, "{s:o,s:o,s:o,s:o,s:s}", "sections", &sections, "meta",
                       &artefact->meta, "parents", &artefact->parents, "making", &artefact->making, "build",
                       &artefact->build) != 0) {
        return rk_fail_at(err, place_of(artefact), "the header is incomplete: %.100s", at.text);
    }
    if (!json_is_array(sections) || !json_is_object(artefact->meta) || !json_is_array(artefact->parents) ||
        !json_is_object(artefact->making)) {
        return rk_fail_at(err, place_of(artefact), "the header is not of the shape that this format has");
    }
    artefact->n_sections = json_array_size(sections);
    return artefact->n_sections <= RK_ARTEFACT_SECTIONS_MAX
               ? RK_OK
               : rk_fail_at(err, place_of(artefact), "%zu sections, at most %d are allowed", artefact->n_sections,
                            RK_ARTEFACT_SECTIONS_MAX);
}

/* ---- sections ---- */

/* What the header says about section i; nothing is checked against the file yet. */
static rk_status read_section(const rk_artefact *artefact, size_t i, rk_section *out, uint64_t *offset, rk_error *err)
{
    json_t *row = json_array_get(json_object_get(artefact->header, "sections"), i);
    const char *type, *checksum;
    json_int_t rows, cols, at, bytes;
    json_error_t what;
    if (json_unpack_ex(row, &what, 0, "{s:s,s:s,s:I,s:I,s:I,s:I,s:s}", "name", &out->name, "type", &type, "rows", &rows,
                       "cols", &cols, "offset", &at, "bytes", &bytes, "xxh3", &checksum) != 0) {
        return rk_fail_at(err, place_of(artefact), "section %zu is not described in full: %.100s", i + 1, what.text);
    }
    if (!rk_artefact_name_valid(out->name, RK_ARTEFACT_NAME_BYTES_MAX)) {
        return rk_fail_at(err, place_of(artefact), "section %zu has the impossible name '%.40s'", i + 1, out->name);
    }
    if (!rk_type_of_name(type, &out->type)) {
        return rk_fail_at(err, place_of(artefact), "section '%s' has the unknown type '%.40s'", out->name, type);
    }
    if (!rk_artefact_hex_parse(checksum, &out->checksum)) {
        return rk_fail_at(err, place_of(artefact), "section '%s' has the malformed checksum '%.40s'", out->name,
                          checksum);
    }
    if (rows < 0 || cols < 0 || at < 0 || bytes < 0) {
        return rk_fail_at(err, place_of(artefact), "section '%s' has a negative shape or place", out->name);
    }
    out->rows = (uint64_t)rows;
    out->cols = (uint64_t)cols;
    out->bytes = (uint64_t)bytes;
    *offset = (uint64_t)at;
    return RK_OK;
}

static rk_status check_shape(const rk_artefact *artefact, const rk_section *section, rk_error *err)
{
    uint64_t bytes;
    if (__builtin_mul_overflow(section->rows, section->cols, &bytes) ||
        __builtin_mul_overflow(bytes, (uint64_t)rk_type_bytes(section->type), &bytes) || bytes != section->bytes) {
        return rk_fail_at(err, place_of(artefact), "section '%s' of %llu bytes cannot be %s [%llu x %llu]",
                          section->name, (unsigned long long)section->bytes, rk_type_name(section->type),
                          (unsigned long long)section->rows, (unsigned long long)section->cols);
    }
    return RK_OK;
}

/* end: of the section before. */
static rk_status check_place(const rk_artefact *artefact, const rk_section *section, uint64_t offset, uint64_t end,
                             rk_error *err)
{
    const char *wrong = NULL;
    if (offset % RK_ARTEFACT_ALIGN != 0) {
        wrong = "is not on a 64-byte boundary";
    } else if (offset < end) {
        wrong = "overlaps what stands before it";
    } else if (offset != rk_artefact_align(end)) {
        wrong = "leaves a gap before it";
    } else if (offset > artefact->fixed.header_offset || section->bytes > artefact->fixed.header_offset - offset) {
        wrong = "reaches into the header or beyond";
    }
    return wrong ? rk_fail_at(err, place_of(artefact), "section '%s' at byte %llu %s", section->name,
                              (unsigned long long)offset, wrong)
                 : RK_OK;
}

static rk_status check_name_is_new(const rk_artefact *artefact, size_t i, rk_error *err)
{
    const rk_section *section = artefact->section;
    for (size_t j = 0; j < i; j++) {
        if (strcmp(section[j].name, section[i].name) == 0) {
            return rk_fail_at(err, place_of(artefact), "two sections are named '%s'", section[i].name);
        }
    }
    return RK_OK;
}

/* Fills section i; *end moves from the end of the section before to its own. */
static rk_status add_section(rk_artefact *artefact, size_t i, uint64_t *end, rk_error *err)
{
    rk_section *section = &artefact->section[i];
    uint64_t offset = 0;
    rk_status status = read_section(artefact, i, section, &offset, err);
    if (status == RK_OK) {
        status = check_shape(artefact, section, err);
    }
    if (status == RK_OK) {
        status = check_place(artefact, section, offset, *end, err);
    }
    if (status == RK_OK) {
        status = check_name_is_new(artefact, i, err);
    }
    if (status == RK_OK) {
        section->data = artefact->file.at + offset;
        *end = offset + section->bytes;
    }
    return status;
}

static rk_status read_sections(rk_artefact *artefact, rk_error *err)
{
    artefact->section = calloc(artefact->n_sections ? artefact->n_sections : 1, sizeof *artefact->section);
    if (!artefact->section) {
        return rk_fail_memory(err, "the section table");
    }
    uint64_t end = sizeof artefact->fixed;
    for (size_t i = 0; i < artefact->n_sections; i++) {
        rk_status status = add_section(artefact, i, &end, err);
        if (status != RK_OK) {
            return status;
        }
    }
    return rk_artefact_align(end) == artefact->fixed.header_offset
               ? RK_OK
               : rk_fail_at(err, place_of(artefact), "bytes %llu to %llu belong to no section", (unsigned long long)end,
                            (unsigned long long)artefact->fixed.header_offset);
}

rk_status rk_artefact_verify_section(const rk_artefact *artefact, const rk_section *section, rk_error *err)
{
    return XXH3_64bits(section->data, section->bytes) == section->checksum
               ? RK_OK
               : rk_fail_at(err, place_of(artefact), "damaged: the checksum of section '%s' does not match",
                            section->name);
}

static rk_status verify_small(const rk_artefact *artefact, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < artefact->n_sections && status == RK_OK; i++) {
        if (artefact->section[i].bytes <= RK_ARTEFACT_EAGER_BYTES) {
            status = rk_artefact_verify_section(artefact, &artefact->section[i], err);
        }
    }
    return status;
}

/* ---- open, close, verify ---- */

typedef rk_status take_file(const char *path, rk_mapped *out, rk_error *err);

rk_status rk_artefact_open_mapped(const char *path, rk_mapped file, const char *kind, rk_artefact **out, rk_error *err)
{
    rk_artefact *artefact = calloc(1, sizeof *artefact);
    if (!artefact || !(artefact->path = strdup(path))) {
        free(artefact);
        rk_mapped_close(&file);
        return rk_fail_memory(err, "an artefact");
    }
    artefact->file = file;
    rk_status status = read_fixed(artefact, kind, err);
    if (status == RK_OK) {
        status = parse_header(artefact, err);
    }
    if (status == RK_OK) {
        status = read_sections(artefact, err);
    }
    if (status == RK_OK) {
        status = verify_small(artefact, err);
    }
    if (status != RK_OK) {
        rk_artefact_close(artefact);
        return status;
    }
    *out = artefact;
    return RK_OK;
}

static rk_status open_by(take_file *take, const char *path, const char *kind, rk_artefact **out, rk_error *err)
{
    rk_mapped file;
    if (!rk_artefact_machine_fits()) {
        return rk_fail(err, RK_UNSUPPORTED, "artefacts are little endian, this machine is not");
    }
    rk_status status = take(path, &file, err);
    return status ? status : rk_artefact_open_mapped(path, file, kind, out, err);
}

rk_status rk_artefact_open(const char *path, const char *kind, rk_artefact **out, rk_error *err)
{
    return open_by(rk_mapped_open, path, kind, out, err);
}

rk_status rk_artefact_load(const char *path, const char *kind, rk_artefact **out, rk_error *err)
{
    return open_by(rk_mapped_load, path, kind, out, err);
}

void rk_artefact_close(rk_artefact *artefact)
{
    if (artefact) {
        json_decref(artefact->header);
        rk_mapped_close(&artefact->file);
        free(artefact->section);
        free(artefact->path);
        free(artefact);
    }
}

/* ---- a part ---- */

/* The sections whose names begin with PREFIX., without it. */
static rk_status take_sections(const rk_artefact *whole, const char *prefix, rk_artefact *part, rk_error *err)
{
    size_t n = strlen(prefix);
    part->section = calloc(whole->n_sections + 1, sizeof *part->section);
    if (!part->section) {
        return rk_fail_memory(err, "the section table");
    }
    for (size_t i = 0; i < whole->n_sections; i++) {
        const char *name = whole->section[i].name;
        if (strncmp(name, prefix, n) == 0 && name[n] == '.' && name[n + 1]) {
            rk_section *section = &part->section[part->n_sections++];
            *section = whole->section[i];
            section->name = name + n + 1;
        }
    }
    return RK_OK;
}

rk_status rk_artefact_open_part(const rk_artefact *whole, const char *name, rk_artefact **out, rk_error *err)
{
    json_t *meta = json_object_get(whole->meta, name);
    *out = NULL;
    if (!json_is_object(meta)) {
        return RK_OK;
    }
    rk_artefact *part = calloc(1, sizeof *part);
    if (!part || !(part->path = strdup(whole->path))) {
        free(part);
        return rk_fail_memory(err, "an artefact");
    }
    part->fixed = whole->fixed;
    part->header = json_incref(whole->header);
    part->meta = meta;
    part->parents = whole->parents;
    part->making = whole->making;
    part->build = whole->build;
    rk_status status = take_sections(whole, name, part, err);
    if (status) {
        rk_artefact_close(part);
        return status;
    }
    *out = part;
    return RK_OK;
}

/* Between two sections, and before the header, only zeros. */
static rk_status verify_padding(const rk_artefact *artefact, rk_error *err)
{
    for (size_t i = 0; i < artefact->n_sections; i++) {
        const rk_section *section = &artefact->section[i];
        const unsigned char *at = (const unsigned char *)section->data + section->bytes;
        for (; (size_t)(at - artefact->file.at) % RK_ARTEFACT_ALIGN != 0; at++) {
            if (*at != 0) {
                return rk_fail_at(err, place_of(artefact), "damaged: a byte behind section '%s' is not zero",
                                  section->name);
            }
        }
    }
    return RK_OK;
}

typedef struct {
    const rk_artefact *artefact;
    bool *is_bad; /* [n_sections] */
} verify_loop;

static void verify_some(void *context, rk_span span)
{
    const verify_loop *loop = context;
    for (size_t i = span.begin; i < span.end; i++) {
        loop->is_bad[i] = rk_artefact_verify_section(loop->artefact, &loop->artefact->section[i], NULL) != RK_OK;
    }
}

static rk_status verify_sections(const rk_artefact *artefact, const rk_run *run, rk_error *err)
{
    bool *is_bad = calloc(artefact->n_sections + 1, sizeof *is_bad);
    if (!is_bad) {
        return rk_fail_memory(err, "the verdict on each section");
    }
    rk_parallel_for(run ? run->pool : NULL, artefact->n_sections, 1, verify_some, &(verify_loop){artefact, is_bad});
    rk_status status = RK_OK;
    for (size_t i = 0; i < artefact->n_sections && status == RK_OK; i++) {
        status = is_bad[i] ? rk_artefact_verify_section(artefact, &artefact->section[i], err) : RK_OK;
    }
    free(is_bad);
    return status;
}

rk_status rk_artefact_verify(const rk_artefact *artefact, const rk_run *run, rk_error *err)
{
    uint64_t hash;
    rk_status status = verify_sections(artefact, run, err);
    if (status == RK_OK) {
        status = verify_padding(artefact, err);
    }
    if (status == RK_OK && !rk_artefact_content_hash(artefact->fixed.kind, artefact->header, &hash)) {
        status = rk_fail_memory(err, "the content hash");
    }
    if (status == RK_OK && hash != artefact->fixed.content_hash) {
        status = rk_fail_at(err, place_of(artefact), "its content hash is not that of its content");
    }
    return status;
}

/* ---- looking at it ---- */

const char *rk_artefact_path(const rk_artefact *artefact) { return artefact->path; }
const char *rk_artefact_kind(const rk_artefact *artefact) { return artefact->fixed.kind; }
uint64_t rk_artefact_hash(const rk_artefact *artefact) { return artefact->fixed.content_hash; }
uint64_t rk_artefact_bytes(const rk_artefact *artefact) { return artefact->file.n_bytes; }
const json_t *rk_artefact_meta(const rk_artefact *artefact) { return artefact->meta; }
const json_t *rk_artefact_parents(const rk_artefact *artefact) { return artefact->parents; }

bool rk_artefact_parent_at(const rk_artefact *artefact, size_t i, rk_parent *out)
{
    const json_t *row = json_array_get(artefact->parents, i);
    const char *kind = json_string_value(json_object_get(row, "kind"));
    const char *hash = json_string_value(json_object_get(row, "hash"));
    *out = (rk_parent){json_string_value(json_object_get(row, "path")), kind ? kind : "", 0};
    if (hash) {
        (void)rk_artefact_hex_parse(hash, &out->hash); /* one that is no hash is nobody's */
    }
    return row != NULL;
}
const char *rk_artefact_build(const rk_artefact *artefact) { return artefact->build; }
const json_t *rk_artefact_making_json(const rk_artefact *artefact) { return artefact->making; }
size_t rk_artefact_n_sections(const rk_artefact *artefact) { return artefact->n_sections; }

const rk_section *rk_artefact_section_at(const rk_artefact *artefact, size_t i) { return &artefact->section[i]; }

static uint64_t making_count(const rk_artefact *artefact, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(artefact->making, key));
    return n > 0 ? (uint64_t)n : 0;
}

rk_usage rk_artefact_making(const rk_artefact *artefact)
{
    return (rk_usage){
        .wall_s = json_number_value(json_object_get(artefact->making, "wall_s")),
        .cpu_s = json_number_value(json_object_get(artefact->making, "cpu_s")),
        .peak_bytes = making_count(artefact, "peak_bytes"),
        .bytes_in = making_count(artefact, "bytes_in"),
    };
}

const rk_section *rk_artefact_find(const rk_artefact *artefact, const char *name)
{
    for (size_t i = 0; i < artefact->n_sections; i++) {
        if (strcmp(artefact->section[i].name, name) == 0) {
            return &artefact->section[i];
        }
    }
    return NULL;
}

/* "f32 [100 x any]" */
static void format_shape(char *out, size_t n, rk_type type, uint64_t rows, uint64_t cols)
{
    char r[24] = "any", c[24] = "any";
    if (rows != UINT64_MAX) {
        snprintf(r, sizeof r, "%llu", (unsigned long long)rows);
    }
    if (cols != 0) {
        snprintf(c, sizeof c, "%llu", (unsigned long long)cols);
    }
    snprintf(out, n, "%s [%s x %s]", rk_type_name(type), r, c);
}

rk_status rk_artefact_need(const rk_artefact *artefact, const char *name, rk_type type, uint64_t rows, uint64_t cols,
                           const rk_section **out, rk_error *err)
{
    char wanted[72], is[72];
    const rk_section *section = rk_artefact_find(artefact, name);
    if (!section) {
        return rk_fail_at(err, place_of(artefact), "it has no section '%s'", name);
    }
    if (section->type != type || (rows != UINT64_MAX && section->rows != rows) || (cols && section->cols != cols)) {
        format_shape(wanted, sizeof wanted, type, rows, cols);
        format_shape(is, sizeof is, section->type, section->rows, section->cols);
        return rk_fail_at(err, place_of(artefact), "section '%s' is %s, expected %s", name, is, wanted);
    }
    *out = section;
    return RK_OK;
}
