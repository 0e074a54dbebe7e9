/* inspect.c - see inspect.h. Long lists inside meta are cut for people, never for machines. */
#include "store/inspect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/artefact_format.h"

enum { LINE_BYTES_MAX = 100, META_DEPTH_MAX = 4, LINEAGE_MAX = 8 };

/* jansson iterates over objects that it takes for writable; nothing here writes. */
static json_t *iterable(const json_t *object) { return (json_t *)(uintptr_t)object; }

/* ---- JSON ---- */

static void copy_value(rk_json *json, const char *key, const json_t *value)
{
    size_t i;
    const char *name;
    json_t *member;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        rk_json_object(json, key);
        json_object_foreach(iterable(value), name, member) { copy_value(json, name, member); }
        rk_json_end_object(json);
        break;
    case JSON_ARRAY:
        rk_json_array(json, key);
        json_array_foreach(value, i, member) { copy_value(json, NULL, member); }
        rk_json_end_array(json);
        break;
    case JSON_STRING:
        rk_json_string(json, key, (rk_slice){json_string_value(value), json_string_length(value)});
        break;
    case JSON_INTEGER:
        rk_json_i64(json, key, json_integer_value(value));
        break;
    case JSON_REAL:
        rk_json_real(json, key, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        rk_json_bool(json, key, json_is_true(value));
        break;
    case JSON_NULL:
        rk_json_null(json, key);
        break;
    }
}

static void section_json(const rk_section *section, rk_json *json)
{
    char checksum[RK_ARTEFACT_HEX_BYTES];
    rk_artefact_hex_format(section->checksum, checksum);
    rk_json_object(json, NULL);
    rk_json_cstring(json, "name", section->name);
    rk_json_cstring(json, "type", rk_type_name(section->type));
    rk_json_u64(json, "rows", section->rows);
    rk_json_u64(json, "cols", section->cols);
    rk_json_u64(json, "bytes", section->bytes);
    rk_json_cstring(json, "xxh3", checksum);
    rk_json_end_object(json);
}

void rk_artefact_json(const rk_artefact *artefact, rk_json *json)
{
    char hash[RK_ARTEFACT_HEX_BYTES];
    rk_artefact_hex_format(rk_artefact_hash(artefact), hash);
    rk_json_cstring(json, "path", rk_artefact_path(artefact));
    rk_json_cstring(json, "kind", rk_artefact_kind(artefact));
    rk_json_cstring(json, "hash", hash);
    rk_json_u64(json, "bytes", rk_artefact_bytes(artefact));
    rk_json_array(json, "sections");
    for (size_t i = 0; i < rk_artefact_n_sections(artefact); i++) {
        section_json(rk_artefact_section_at(artefact, i), json);
    }
    rk_json_end_array(json);
    copy_value(json, "meta", rk_artefact_meta(artefact));
    copy_value(json, "parents", rk_artefact_parents(artefact));
    rk_json_cstring(json, "build", rk_artefact_build(artefact));
    copy_value(json, "making", rk_artefact_making_json(artefact));
}

/* ---- words ---- */

static void add_count(rk_text *out, uint64_t n) { rk_text_add_fixed(out, (double)n, 0); }

static void add_padding(rk_text *out, size_t have, size_t wanted)
{
    while (have++ < wanted) {
        rk_text_add(out, " ");
    }
}

static void print_section(const rk_section *section, size_t name_width, rk_text *out)
{
    rk_text shape = {0}, bytes = {0};
    add_count(&shape, section->rows);
    if (section->cols != 1) {
        rk_text_add(&shape, " x ");
        add_count(&shape, section->cols);
    }
    rk_text_add_bytes(&bytes, (double)section->bytes);
    rk_text_addf(out, "  %-*s  %-4s  %18s  %9s\n", (int)name_width, section->name, rk_type_name(section->type),
                 shape.failed ? "?" : shape.at, bytes.failed ? "?" : bytes.at);
    rk_text_release(&shape);
    rk_text_release(&bytes);
}

static void print_sections(const rk_artefact *artefact, rk_text *out)
{
    size_t n = rk_artefact_n_sections(artefact), width = strlen("section");
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(rk_artefact_section_at(artefact, i)->name);
        width = length > width ? length : width;
    }
    rk_text_addf(out, "\n  %-*s  %-4s  %18s  %9s\n", (int)width, "section", "type", "shape", "size");
    for (size_t i = 0; i < n; i++) {
        print_section(rk_artefact_section_at(artefact, i), width, out);
    }
}

/* One value as compact JSON, cut at a line's length. */
static void print_value(const json_t *value, rk_text *out)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    copy_value(&json, NULL, value);
    rk_slice shown = {text.at, text.n};
    if (json_is_string(value)) {
        shown = (rk_slice){json_string_value(value), json_string_length(value)};
    }
    bool is_cut = shown.n > LINE_BYTES_MAX;
    if (is_cut) {
        shown.n = rk_utf8_valid_prefix((rk_slice){shown.at, LINE_BYTES_MAX});
    }
    rk_text_add_slice(out, shown);
    rk_text_add(out, is_cut ? " ...\n" : "\n");
    rk_text_release(&text);
}

static void print_object(const json_t *object, unsigned depth, rk_text *out)
{
    const char *key;
    json_t *value;
    size_t width = 0;
    json_object_foreach(iterable(object), key, value) { width = strlen(key) > width ? strlen(key) : width; }
    json_object_foreach(iterable(object), key, value)
    {
        add_padding(out, 0, 2 * (size_t)depth + 2);
        rk_text_add(out, key);
        if (json_is_object(value) && json_object_size(value) > 0 && depth < META_DEPTH_MAX) {
            rk_text_add(out, "\n");
            print_object(value, depth + 1, out);
        } else {
            add_padding(out, strlen(key), width + 2);
            print_value(value, out);
        }
    }
}

static void print_making(const rk_artefact *artefact, rk_text *out)
{
    const json_t *making = rk_artefact_making_json(artefact);
    const char *at = json_string_value(json_object_get(making, "at"));
    const char *cpu = json_string_value(json_object_get(making, "cpu"));
    rk_usage usage = rk_artefact_making(artefact);
    rk_text_addf(out, "\nmade by %s", rk_artefact_build(artefact));
    if (at && cpu) {
        rk_text_addf(out, " at %s on %s, %lld cores", at, cpu,
                     (long long)json_integer_value(json_object_get(making, "cores")));
    }
    rk_text_add(out, "\nwhich took ");
    rk_text_add_seconds(out, usage.wall_s);
    rk_text_add(out, ", ");
    rk_text_add_seconds(out, usage.cpu_s);
    rk_text_add(out, " of processor time, up to ");
    rk_text_add_bytes(out, (double)usage.peak_bytes);
    rk_text_add(out, " of memory, and read ");
    rk_text_add_bytes(out, (double)usage.bytes_in);
    rk_text_add(out, "\n");
}

static void print_parents(const rk_artefact *artefact, unsigned depth, rk_text *out);

/* What a parent was made of in its turn, where its file still lies there as it was, and what making it took. */
static void print_lineage(const rk_parent *parent, unsigned depth, rk_text *out)
{
    rk_artefact *artefact = NULL;
    rk_error err;
    if (!parent->path || depth == LINEAGE_MAX || rk_artefact_open(parent->path, parent->kind, &artefact, &err)) {
        return;
    }
    rk_parent next;
    if (rk_artefact_hash(artefact) == parent->hash && rk_artefact_parent_at(artefact, 0, &next)) {
        add_padding(out, 0, 2 * (size_t)depth);
        rk_text_add(out, "which took ");
        rk_text_add_seconds(out, rk_artefact_making(artefact).cpu_s);
        rk_text_add(out, " of processor time\n");
        print_parents(artefact, depth, out);
    }
    rk_artefact_close(artefact);
}

static void print_parents(const rk_artefact *artefact, unsigned depth, rk_text *out)
{
    rk_parent parent;
    for (size_t i = 0; rk_artefact_parent_at(artefact, i, &parent); i++) {
        add_padding(out, 0, 2 * (size_t)depth);
        rk_text_addf(out, "from %s %016" PRIx64 ", then at %s\n", parent.kind, parent.hash,
                     parent.path ? parent.path : "?");
        print_lineage(&parent, depth + 1, out);
    }
}

void rk_artefact_print(const rk_artefact *artefact, rk_text *out)
{
    rk_text_addf(out, "%s: %s, ", rk_artefact_path(artefact), rk_artefact_kind(artefact));
    rk_text_add_bytes(out, (double)rk_artefact_bytes(artefact));
    rk_text_addf(out, ", content %016" PRIx64 "\n", rk_artefact_hash(artefact));
    print_sections(artefact, out);
    if (json_object_size(rk_artefact_meta(artefact)) > 0) {
        rk_text_add(out, "\n");
        print_object(rk_artefact_meta(artefact), 0, out);
    }
    print_making(artefact, out);
    print_parents(artefact, 0, out);
}
