/* artefact_write.c - writes an artefact front to back: 64 zero bytes, the sections as they come, the header, and at
 * last the fixed part over the zeros.
 *
 * Until the commit the file has a temporary name and no magic, so that nobody can mistake it for an artefact.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/file.h"
#include "store/artefact_format.h"

struct rk_artefact_writer {
    rk_file_writer *file;
    char *path;
    rk_artefact_fixed fixed;
    json_t *header; /* owns the next three */
    json_t *sections, *parents, *meta;
    json_t *part_meta;                         /* of meta; NULL: the whole is written */
    char part[RK_ARTEFACT_NAME_BYTES_MAX + 1]; /* "NAME.", or "" */
    XXH3_state_t *state;                       /* of the section being written */
    struct {
        char name[RK_ARTEFACT_NAME_BYTES_MAX + 1]; /* "" = none is open */
        rk_type type;
        uint64_t rows, cols, offset;
    } open;
    bool is_broken; /* a call failed */
    bool is_memory;
};

static void writer_free(rk_artefact_writer *writer)
{
    XXH3_freeState(writer->state);
    json_decref(writer->header);
    free(writer->path);
    free(writer);
}

static rk_status broken(rk_artefact_writer *writer, rk_status status)
{
    writer->is_broken |= status != RK_OK;
    return status;
}

static rk_status add_bytes(rk_artefact_writer *writer, const void *bytes, size_t n, rk_error *err)
{
    return broken(writer, n ? rk_file_writer_add(writer->file, bytes, n, err) : RK_OK);
}

static rk_status pad(rk_artefact_writer *writer, rk_error *err)
{
    static const char zeros[RK_ARTEFACT_ALIGN];
    uint64_t at = rk_file_writer_offset(writer->file);
    return add_bytes(writer, zeros, (size_t)(rk_artefact_align(at) - at), err);
}

static bool header_start(rk_artefact_writer *writer)
{
    writer->header =
        json_pack("{s:[],s:{},s:[],s:s}", "sections", "meta", "parents", "build", "reckon " RECKON_VERSION);
    writer->sections = json_object_get(writer->header, "sections");
    writer->meta = json_object_get(writer->header, "meta");
    writer->parents = json_object_get(writer->header, "parents");
    return writer->header != NULL;
}

typedef rk_status open_file(const char *path, rk_file_writer **out, rk_error *err);

static rk_status create_by(open_file *open, const char *path, const char *kind, rk_artefact_writer **out, rk_error *err)
{
    static const rk_artefact_fixed zeros;
    if (!rk_artefact_machine_fits()) {
        return rk_fail(err, RK_UNSUPPORTED, "artefacts are little endian, this machine is not");
    }
    assert(rk_artefact_name_valid(kind, sizeof zeros.kind - 1));
    rk_artefact_writer *writer = calloc(1, sizeof *writer);
    if (!writer || !(writer->path = strdup(path)) || !(writer->state = XXH3_createState()) || !header_start(writer)) {
        if (writer) {
            writer_free(writer);
        }
        return rk_fail_memory(err, "an artefact writer");
    }
    memcpy(writer->fixed.kind, kind, strlen(kind));
    rk_status status = open(path, &writer->file, err);
    if (status == RK_OK) {
        status = add_bytes(writer, &zeros, sizeof zeros, err);
    }
    if (status != RK_OK) {
        rk_artefact_abort(writer);
        return status;
    }
    *out = writer;
    return RK_OK;
}

rk_status rk_artefact_create(const char *path, const char *kind, rk_artefact_writer **out, rk_error *err)
{
    return strcmp(path, "-") == 0
               ? rk_fail(err, RK_BAD_USAGE, "an artefact cannot be written to standard output, name a file")
               : create_by(rk_file_writer_open, path, kind, out, err);
}

rk_status rk_artefact_create_memory(const char *name, const char *kind, rk_artefact_writer **out, rk_error *err)
{
    rk_status status = create_by(rk_file_writer_open_memory, name, kind, out, err);
    if (!status) {
        (*out)->is_memory = true;
    }
    return status;
}

bool rk_artefact_writer_has(const rk_artefact_writer *writer, const char *name, uint64_t *bytes)
{
    size_t i;
    json_t *row;
    json_array_foreach(writer->sections, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0) {
            if (bytes) {
                *bytes = (uint64_t)json_integer_value(json_object_get(row, "bytes"));
            }
            return true;
        }
    }
    return false;
}

rk_status rk_artefact_begin(rk_artefact_writer *writer, const char *own_name, rk_type type, uint64_t cols,
                            rk_error *err)
{
    char name[2 * sizeof writer->part];
    snprintf(name, sizeof name, "%s%.*s", writer->part, RK_ARTEFACT_NAME_BYTES_MAX, own_name);
    assert(!writer->open.name[0] && rk_artefact_name_valid(name, RK_ARTEFACT_NAME_BYTES_MAX));
    if (rk_artefact_writer_has(writer, name, NULL)) {
        return broken(writer, rk_fail(err, RK_BAD_INPUT, "'%s': two sections are named '%s'", writer->path, name));
    }
    if (json_array_size(writer->sections) == RK_ARTEFACT_SECTIONS_MAX) {
        return broken(
            writer, rk_fail(err, RK_BAD_INPUT, "'%s': more than %d sections", writer->path, RK_ARTEFACT_SECTIONS_MAX));
    }
    rk_status status = pad(writer, err);
    if (status == RK_OK) {
        memcpy(writer->open.name, name, strlen(name) + 1);
        writer->open.type = type;
        writer->open.rows = 0;
        writer->open.cols = cols;
        writer->open.offset = rk_file_writer_offset(writer->file);
        (void)XXH3_64bits_reset(writer->state);
    }
    return status;
}

rk_status rk_artefact_append(rk_artefact_writer *writer, const void *data, uint64_t n_rows, rk_error *err)
{
    assert(writer->open.name[0]);
    size_t bytes;
    if (__builtin_mul_overflow(n_rows, writer->open.cols, &bytes) ||
        __builtin_mul_overflow(bytes, rk_type_bytes(writer->open.type), &bytes)) {
        return broken(writer, rk_fail(err, RK_BAD_INPUT, "'%s': section '%s' is larger than memory can be",
                                      writer->path, writer->open.name));
    }
    if (bytes > 0) {
        (void)XXH3_64bits_update(writer->state, data, bytes);
    }
    writer->open.rows += n_rows;
    return add_bytes(writer, data, bytes, err);
}

rk_status rk_artefact_end(rk_artefact_writer *writer, rk_error *err)
{
    assert(writer->open.name[0]);
    char checksum[RK_ARTEFACT_HEX_BYTES];
    rk_artefact_hex_format(XXH3_64bits_digest(writer->state), checksum);
    uint64_t offset = writer->open.offset;
    json_t *row = json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:s}", "name", writer->open.name, "type",
                            rk_type_name(writer->open.type), "rows", (json_int_t)writer->open.rows, "cols",
                            (json_int_t)writer->open.cols, "offset", (json_int_t)offset, "bytes",
                            (json_int_t)(rk_file_writer_offset(writer->file) - offset), "xxh3", checksum);
    writer->open.name[0] = '\0';
    if (json_array_append_new(writer->sections, row) != 0) {
        return broken(writer, rk_fail_memory(err, "the description of a section"));
    }
    return RK_OK;
}

rk_status rk_artefact_add(rk_artefact_writer *writer, const char *name, rk_type type, uint64_t rows, uint64_t cols,
                          const void *data, rk_error *err)
{
    rk_status status = rk_artefact_begin(writer, name, type, cols, err);
    if (status == RK_OK) {
        status = rk_artefact_append(writer, data, rows, err);
    }
    return status == RK_OK ? rk_artefact_end(writer, err) : status;
}

rk_status rk_artefact_add_copy(rk_artefact_writer *writer, const rk_section *section, rk_error *err)
{
    return rk_artefact_add(writer, section->name, section->type, section->rows, section->cols, section->data, err);
}

rk_status rk_artefact_add_copies(rk_artefact_writer *writer, const rk_artefact *from, const char *const *prefixes,
                                 rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t s = 0; s < rk_artefact_n_sections(from) && !status; s++) {
        const rk_section *section = rk_artefact_section_at(from, s);
        bool is_wanted = false;
        for (const char *const *prefix = prefixes; *prefix; prefix++) {
            is_wanted |= strncmp(section->name, *prefix, strlen(*prefix)) == 0;
        }
        status = is_wanted ? rk_artefact_add_copy(writer, section, err) : RK_OK;
    }
    return status;
}

json_t *rk_artefact_writer_meta(rk_artefact_writer *writer)
{
    return writer->part_meta ? writer->part_meta : writer->meta;
}

rk_status rk_artefact_writer_part(rk_artefact_writer *writer, const char *name, rk_error *err)
{
    writer->part[0] = '\0';
    writer->part_meta = NULL;
    if (!name) {
        return RK_OK;
    }
    assert(strlen(name) + 1 < sizeof writer->part);
    if (json_object_set_new(writer->meta, name, json_object()) != 0) {
        return broken(writer, rk_fail_memory(err, "a part of an artefact"));
    }
    snprintf(writer->part, sizeof writer->part, "%s.", name);
    writer->part_meta = json_object_get(writer->meta, name);
    return RK_OK;
}

rk_status rk_artefact_add_parent(rk_artefact_writer *writer, const rk_artefact *parent, rk_error *err)
{
    char hash[RK_ARTEFACT_HEX_BYTES];
    rk_artefact_hex_format(rk_artefact_hash(parent), hash);
    /* A path that is not UTF-8 cannot stand in JSON; the hash is what identifies the parent. */
    json_t *path = json_string(rk_artefact_path(parent));
    json_t *row =
        json_pack("{s:o,s:s,s:s}", "path", path ? path : json_null(), "kind", rk_artefact_kind(parent), "hash", hash);
    if (json_array_append_new(writer->parents, row) != 0) {
        return broken(writer, rk_fail_memory(err, "the description of a parent"));
    }
    return RK_OK;
}

/* When, on what machine, and what it used. NULL when memory is short. */
static json_t *making_json(const rk_usage *usage, bool is_memory)
{
    const rk_usage none = {0};
    const rk_usage *u = usage ? usage : &none;
    rk_machine machine = is_memory ? (rk_machine){.cores = 0} : rk_machine_read(); /* asking it takes long */
    json_t *cpu = json_string(machine.cpu);
    char at[32];
    rk_format_time(rk_clock_unix_s(), at);
    return json_pack("{s:f,s:f,s:I,s:I,s:s,s:o,s:I}", "wall_s", u->wall_s, "cpu_s", u->cpu_s, "peak_bytes",
                     (json_int_t)u->peak_bytes, "bytes_in", (json_int_t)u->bytes_in, "at", at, "cpu",
                     cpu ? cpu : json_null(), "cores", (json_int_t)machine.cores);
}

/* The header text goes out behind the sections; the fixed part learns of it. */
static rk_status add_header(rk_artefact_writer *writer, const rk_usage *making, rk_error *err)
{
    if (json_object_set_new(writer->header, "making", making_json(making, writer->is_memory)) != 0 ||
        !rk_artefact_content_hash(writer->fixed.kind, writer->header, &writer->fixed.content_hash)) {
        return rk_fail_memory(err, "the header of an artefact");
    }
    char *text = json_dumps(writer->header, JSON_COMPACT | JSON_REAL_PRECISION(17));
    if (!text) {
        return rk_fail_memory(err, "the header of an artefact");
    }
    rk_status status = RK_OK;
    size_t n = strlen(text);
    if (n > RK_ARTEFACT_HEADER_BYTES_MAX) {
        status = rk_fail(err, RK_BAD_INPUT, "'%s': a header of %zu bytes is longer than the allowed %d", writer->path,
                         n, RK_ARTEFACT_HEADER_BYTES_MAX);
    } else if ((status = pad(writer, err)) == RK_OK) {
        writer->fixed.header_offset = rk_file_writer_offset(writer->file);
        writer->fixed.header_bytes = (uint32_t)n;
        writer->fixed.header_checksum = XXH3_64bits(text, n);
        status = add_bytes(writer, text, n, err);
    }
    free(text);
    return status;
}

static rk_status add_fixed(rk_artefact_writer *writer, rk_error *err)
{
    memcpy(writer->fixed.magic, RK_ARTEFACT_MAGIC, sizeof writer->fixed.magic);
    writer->fixed.version = RK_ARTEFACT_VERSION;
    writer->fixed.self_checksum = rk_artefact_fixed_checksum(&writer->fixed);
    return rk_file_writer_patch(writer->file, 0, &writer->fixed, sizeof writer->fixed, err);
}

/* All but the file's own commit; aborts when it fails. */
static rk_status finish(rk_artefact_writer *writer, const rk_usage *making, rk_error *err)
{
    assert(!writer->open.name[0] || writer->is_broken);
    rk_status status = RK_OK;
    if (writer->is_broken) {
        status = rk_fail(err, RK_IO, "'%s' is incomplete and was not written", writer->path);
    } else if ((status = add_header(writer, making, err)) == RK_OK) {
        status = add_fixed(writer, err);
    }
    if (status != RK_OK) {
        rk_artefact_abort(writer);
    }
    return status;
}

rk_status rk_artefact_commit(rk_artefact_writer *writer, const rk_usage *making, rk_error *err)
{
    rk_status status = finish(writer, making, err);
    if (status == RK_OK) {
        status = rk_file_writer_commit(writer->file, err);
        writer_free(writer);
    }
    return status;
}

rk_status rk_artefact_commit_memory(rk_artefact_writer *writer, rk_artefact **out, rk_error *err)
{
    rk_mapped file;
    rk_status status = finish(writer, NULL, err);
    if (status == RK_OK) {
        status = rk_file_writer_commit_memory(writer->file, &file, err);
        status = status ? status : rk_artefact_open_mapped(writer->path, file, NULL, out, err);
        writer_free(writer);
    }
    return status;
}

void rk_artefact_abort(rk_artefact_writer *writer)
{
    if (writer) {
        rk_file_writer_abort(writer->file);
        writer_free(writer);
    }
}
