/* test_artefact.c - what is written comes back; what is damaged, foreign or forged is refused with a reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/file.h"
#include "store/artefact_format.h"
#include "store/inspect.h"
#include "support/faults.h"
#include "support/test.h"

typedef struct {
    char folder[64], path[96];
} fixture;

static int make_folder(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "/tmp/reckon-artefact-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/x.rk", f->folder);
    *state = f;
    return 0;
}

static int remove_folder(void **state)
{
    fixture *f = *state;
    unlink(f->path);
    assert_int_equal(rmdir(f->folder), 0); /* also: no temporary file was left */
    free(f);
    return 0;
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

/* The whole file, owned by the caller. */
static unsigned char *read_bytes(const char *path, size_t *n)
{
    rk_error err;
    rk_mapped mapped;
    assert_int_equal(rk_mapped_open(path, &mapped, &err), RK_OK);
    unsigned char *bytes = malloc(mapped.n_bytes);
    memcpy(bytes, mapped.at, mapped.n_bytes);
    *n = mapped.n_bytes;
    rk_mapped_close(&mapped);
    return bytes;
}

static const float vectors[6] = {1, 2, 3, 4, 5, 6};
static const uint8_t letters[5] = {'a', 'b', 'c', 'd', 'e'};

/* A small artefact with an odd-sized section, an empty one and a names table. */
static uint64_t write_small(const char *path, const rk_usage *making)
{
    static const uint64_t start[4] = {0, 3, 3, 8};
    rk_error err;
    rk_artefact_writer *writer;
    assert_int_equal(rk_artefact_create(path, "model", &writer, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "item.vector", RK_F32, 2, 3, vectors, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "letters", RK_U8, 5, 1, letters, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "nothing", RK_I64, 0, 1, NULL, &err), RK_OK);
    assert_int_equal(rk_names_add(writer, "items", 3, start, "mugplate", true, &err), RK_OK);
    json_object_set_new(rk_artefact_writer_meta(writer), "mu", json_real(0.1));
    assert_int_equal(rk_artefact_commit(writer, making, &err), RK_OK);
    rk_artefact *artefact;
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_OK);
    uint64_t hash = rk_artefact_hash(artefact);
    rk_artefact_close(artefact);
    return hash;
}

static void what_is_written_comes_back(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err = {0};
    rk_artefact *artefact;
    const rk_section *section;
    write_small(path, &(rk_usage){.wall_s = 1.5, .cpu_s = 2.5, .peak_bytes = 1000, .bytes_in = 77});
    assert_int_equal(rk_artefact_open(path, "model", &artefact, &err), RK_OK);
    assert_string_equal(rk_artefact_kind(artefact), "model");
    assert_string_equal(rk_artefact_build(artefact), "reckon " RECKON_VERSION);
    assert_int_equal(rk_artefact_n_sections(artefact), 6);
    assert_int_equal(rk_artefact_need(artefact, "item.vector", RK_F32, 2, 3, &section, &err), RK_OK);
    assert_memory_equal(section->data, vectors, sizeof vectors);
    assert_int_equal((uintptr_t)section->data % 64, 0);
    assert_int_equal(rk_artefact_need(artefact, "letters", RK_U8, UINT64_MAX, 0, &section, &err), RK_OK);
    assert_memory_equal(section->data, letters, sizeof letters);
    assert_int_equal(rk_artefact_find(artefact, "nothing")->rows, 0);
    assert_null(rk_artefact_find(artefact, "absent"));
    assert_true(json_real_value(json_object_get(rk_artefact_meta(artefact), "mu")) == 0.1);
    rk_usage making = rk_artefact_making(artefact);
    assert_true(making.wall_s == 1.5 && making.cpu_s == 2.5 && making.peak_bytes == 1000 && making.bytes_in == 77);
    assert_int_equal(rk_artefact_verify(artefact, NULL, &err), RK_OK);
    rk_artefact_close(artefact);
}

static void pieces_make_the_same_file_as_the_whole(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err;
    uint64_t hash[2];
    for (int in_pieces = 0; in_pieces < 2; in_pieces++) {
        rk_artefact_writer *writer;
        assert_int_equal(rk_artefact_create(path, "model", &writer, &err), RK_OK);
        if (in_pieces) {
            assert_int_equal(rk_artefact_begin(writer, "v", RK_F32, 2, &err), RK_OK);
            assert_int_equal(rk_artefact_append(writer, vectors, 1, &err), RK_OK);
            assert_int_equal(rk_artefact_append(writer, vectors + 2, 2, &err), RK_OK);
            assert_int_equal(rk_artefact_append(writer, NULL, 0, &err), RK_OK);
            assert_int_equal(rk_artefact_end(writer, &err), RK_OK);
        } else {
            assert_int_equal(rk_artefact_add(writer, "v", RK_F32, 3, 2, vectors, &err), RK_OK);
        }
        assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
        rk_artefact *artefact;
        assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_OK);
        hash[in_pieces] = rk_artefact_hash(artefact);
        rk_artefact_close(artefact);
    }
    assert_true(hash[0] == hash[1]);
}

static void cost_and_parents_path_do_not_change_the_hash(void **state)
{
    fixture *f = *state;
    char child[96], moved[96];
    rk_error err;
    snprintf(child, sizeof child, "%s/child.rk", f->folder);
    snprintf(moved, sizeof moved, "%s/moved.rk", f->folder);
    uint64_t slow = write_small(f->path, &(rk_usage){.wall_s = 9});
    uint64_t fast = write_small(f->path, NULL);
    assert_true(slow == fast);
    uint64_t hash[2];
    for (int i = 0; i < 2; i++) {
        const char *parent_path = i ? moved : f->path;
        rk_artefact *parent, *made;
        rk_artefact_writer *writer;
        assert_int_equal(rk_artefact_open(parent_path, "model", &parent, &err), RK_OK);
        assert_int_equal(rk_artefact_create(child, "model", &writer, &err), RK_OK);
        assert_int_equal(rk_artefact_add_parent(writer, parent, &err), RK_OK);
        assert_int_equal(rk_artefact_add_copy(writer, rk_artefact_section_at(parent, 0), &err), RK_OK);
        assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
        uint64_t parent_hash = rk_artefact_hash(parent);
        rk_artefact_close(parent);
        assert_int_equal(rk_artefact_open(child, "model", &made, &err), RK_OK);
        hash[i] = rk_artefact_hash(made);
        assert_string_equal(json_string_value(json_object_get(json_array_get(rk_artefact_parents(made), 0), "path")),
                            parent_path);
        rk_parent row;
        assert_true(rk_artefact_parent_at(made, 0, &row));
        assert_string_equal(row.path, parent_path);
        assert_string_equal(row.kind, "model");
        assert_true(row.hash == parent_hash);
        assert_false(rk_artefact_parent_at(made, 1, &row));
        rk_artefact_close(made);
        assert_int_equal(rename(parent_path, i ? f->path : moved), 0);
    }
    assert_true(hash[0] == hash[1]);
    assert_true(hash[0] != slow);
    unlink(child);
}

static void every_flipped_byte_is_found(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err;
    size_t n;
    write_small(path, NULL);
    unsigned char *bytes = read_bytes(path, &n);
    static const unsigned char flips[] = {0x01, 0x20, 0xff};
    for (size_t i = 0; i < n * RK_COUNT_OF(flips); i++) {
        unsigned char *at = &bytes[i / RK_COUNT_OF(flips)], kept = *at;
        *at ^= flips[i % RK_COUNT_OF(flips)];
        write_bytes(path, bytes, n);
        *at = kept;
        rk_artefact *artefact;
        rk_status status = rk_artefact_open(path, NULL, &artefact, &err);
        if (status == RK_OK) {
            status = rk_artefact_verify(artefact, NULL, &err);
            rk_artefact_close(artefact);
        }
        assert_int_equal(status, RK_BAD_INPUT);
        assert_non_null(strstr(err.message, path));
    }
    free(bytes);
}

static void every_truncation_is_refused(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err;
    size_t n;
    write_small(path, NULL);
    unsigned char *bytes = read_bytes(path, &n);
    for (size_t i = 0; i < n; i++) {
        write_bytes(path, bytes, i);
        rk_artefact *artefact;
        assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_BAD_INPUT);
    }
    free(bytes);
}

static void big_sections_are_checked_by_verify_only(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err;
    rk_artefact_writer *writer;
    size_t rows = RK_ARTEFACT_EAGER_BYTES / 4 + 1, n;
    float *big = calloc(rows, 4);
    assert_int_equal(rk_artefact_create(path, "model", &writer, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "big", RK_F32, rows, 1, big, &err), RK_OK);
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
    free(big);
    unsigned char *bytes = read_bytes(path, &n);
    bytes[64 + 4 * rows / 2] = 1;
    write_bytes(path, bytes, n);
    free(bytes);
    rk_artefact *artefact;
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_OK);
    assert_int_equal(rk_artefact_verify(artefact, NULL, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "the checksum of section 'big' does not match"));
    assert_int_equal(rk_artefact_verify_section(artefact, rk_artefact_find(artefact, "big"), &err), RK_BAD_INPUT);
    rk_artefact_close(artefact);
}

/* ---- forgeries: checksums right, content wrong ---- */

enum { FORGED_BODY = 192 }; /* bytes between the fixed part and the header */

static void forge(const char *path, const char *header, rk_artefact_fixed fixed)
{
    unsigned char file[4096] = {0};
    size_t n = strlen(header), at = sizeof fixed + FORGED_BODY;
    assert_true(at + n <= sizeof file);
    fixed.header_checksum = XXH3_64bits(header, n);
    fixed.self_checksum = rk_artefact_fixed_checksum(&fixed);
    memcpy(file, &fixed, sizeof fixed);
    memcpy(file + at, header, n);
    write_bytes(path, file, at + n);
}

static rk_artefact_fixed forged_fixed(const char *header)
{
    return (rk_artefact_fixed){.magic = "RECKON\r", /* the NUL is mended below */
                               .version = RK_ARTEFACT_VERSION,
                               .header_bytes = (uint32_t)strlen(header),
                               .kind = "model",
                               .header_offset = sizeof(rk_artefact_fixed) + FORGED_BODY};
}

static void expect_refusal(const char *path, const char *message)
{
    rk_error err = {0};
    rk_artefact *artefact;
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_BAD_INPUT);
    if (!strstr(err.message, message) || !strstr(err.message, path)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
}

#define HEADER(sections) "{\"sections\":" sections ",\"meta\":{},\"parents\":[],\"making\":{},\"build\":\"x\"}"
#define ROW(name, type, rows, cols, offset, bytes)                                                                     \
    "{\"name\":\"" name "\",\"type\":\"" type "\",\"rows\":" #rows ",\"cols\":" #cols ",\"offset\":" #offset           \
    ",\"bytes\":" #bytes ",\"xxh3\":\"c77b3abb6f87acd9\"}"

static void forged_headers_are_refused_with_the_reason(void **state)
{
    const char *path = ((fixture *)*state)->path;
    static const struct {
        const char *header, *message;
    } cases[] = {
        {"", "the header is not JSON"},
        {"[1", "the header is not JSON"},
        {"[]", "the header is incomplete"},
        {"{\"sections\":[],\"sections\":[]}", "duplicate object key"},
        {HEADER("{}"), "not of the shape"},
        {HEADER("[]"), "bytes 64 to 256 belong to no section"},
        {HEADER("[7]"), "section 1 is not described in full"},
        {HEADER("[" ROW("a b", "u8", 64, 1, 64, 64) "]"), "impossible name 'a b'"},
        {HEADER("[" ROW("a", "u9", 64, 1, 64, 64) "]"), "section 'a' has the unknown type 'u9'"},
        {HEADER("[" ROW("a", "u8", -1, 1, 64, 64) "]"), "negative"},
        {HEADER("[" ROW("a", "u8", 63, 1, 64, 64) "]"), "section 'a' of 64 bytes cannot be u8 [63 x 1]"},
        {HEADER("[" ROW("a", "f64", 4611686018427387904, 4, 64, 0) "]"), "cannot be f64"},
        {HEADER("[" ROW("a", "f64", 4611686018427387904, 1, 64, 0) "]"), "cannot be f64"},
        {HEADER("[" ROW("a", "u8", 64, 1, 65, 64) "]"), "section 'a' at byte 65 is not on a 64-byte boundary"},
        {HEADER("[" ROW("a", "u8", 64, 1, 0, 64) "]"), "section 'a' at byte 0 overlaps"},
        {HEADER("[" ROW("a", "u8", 64, 1, 64, 64) "," ROW("b", "u8", 9, 1, 64, 9) "]"),
         "section 'b' at byte 64 overlaps"},
        {HEADER("[" ROW("a", "u8", 64, 1, 128, 64) "]"), "section 'a' at byte 128 leaves a gap"},
        {HEADER("[" ROW("a", "u8", 193, 1, 64, 193) "]"), "section 'a' at byte 64 reaches into the header"},
        {HEADER("[" ROW("a", "u8", 9223372036854775807, 1, 64, 9223372036854775807) "]"), "reaches into the header"},
        {HEADER("[" ROW("a", "u8", 64, 1, 64, 64) "," ROW("a", "u8", 9, 1, 128, 9) "]"), "two sections are named 'a'"},
        {HEADER("[" ROW("a", "u8", 192, 1, 64, 192) "]"), "the checksum of section 'a' does not match"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_artefact_fixed fixed = forged_fixed(cases[i].header);
        fixed.magic[7] = '\n';
        forge(path, cases[i].header, fixed);
        expect_refusal(path, cases[i].message);
    }
}

static void forged_fixed_parts_are_refused_with_the_reason(void **state)
{
    const char *path = ((fixture *)*state)->path;
    const char *header = HEADER("[]");
    rk_artefact_fixed good = forged_fixed(header);
    good.magic[7] = '\n';
    rk_artefact_fixed bad = good;
    bad.version = 2;
    forge(path, header, bad);
    expect_refusal(path, "format version 2, this program reads version 1: a newer reckon made it");
    bad.version = 0x01000000;
    forge(path, header, bad);
    expect_refusal(path, "written with the other byte order");
    bad = good;
    bad.header_offset = UINT64_MAX - 63;
    bad.header_bytes = 64;
    forge(path, header, bad);
    expect_refusal(path, "the header cannot be at byte");
    bad.header_offset = 0;
    forge(path, header, bad);
    expect_refusal(path, "the header cannot be at byte 0");
    bad = good;
    bad.header_bytes += 10;
    forge(path, header, bad);
    expect_refusal(path, "truncated: ");
    bad.header_bytes -= 13;
    forge(path, header, bad);
    expect_refusal(path, "3 bytes too many at the end");
    bad = good;
    memset(bad.kind, 'k', sizeof bad.kind);
    forge(path, header, bad);
    expect_refusal(path, "its kind is not a name");
}

static void a_forged_content_hash_is_found_by_verify(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err = {0};
    rk_artefact *artefact;
    size_t n;
    rk_artefact_fixed fixed;
    write_small(path, NULL);
    unsigned char *bytes = read_bytes(path, &n);
    memcpy(&fixed, bytes, sizeof fixed);
    fixed.content_hash++;
    fixed.self_checksum = rk_artefact_fixed_checksum(&fixed);
    memcpy(bytes, &fixed, sizeof fixed);
    write_bytes(path, bytes, n);
    free(bytes);
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_OK);
    assert_int_equal(rk_artefact_verify(artefact, NULL, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "its content hash is not that of its content"));
    rk_artefact_close(artefact);
}

static void foreign_files_are_refused_with_the_reason(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err;
    rk_artefact *artefact;
    write_bytes(path, "", 0);
    expect_refusal(path, "the file is empty");
    write_bytes(path, "user,item,rating\n1,2,3\n", 23);
    expect_refusal(path, "not a reckon artefact: it starts with 'user,item,ra'");
    write_bytes(path, "RECKON\r\n", 8);
    expect_refusal(path, "truncated: 8 bytes");
    unlink(path);
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_NOT_FOUND);
    write_small(path, NULL);
    assert_int_equal(rk_artefact_open(path, "dataset", &artefact, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "x.rk is a model, a dataset is needed here"));
}

static void needs_that_are_not_met_say_both_shapes(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err;
    rk_artefact *artefact;
    const rk_section *section;
    write_small(path, NULL);
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_OK);
    assert_int_equal(rk_artefact_need(artefact, "item.vector", RK_F32, 7, 0, &section, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "section 'item.vector' is f32 [2 x 3], expected f32 [7 x any]"));
    assert_int_equal(rk_artefact_need(artefact, "item.vector", RK_I8, UINT64_MAX, 3, &section, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "expected i8 [any x 3]"));
    assert_int_equal(rk_artefact_need(artefact, "absent", RK_I8, 1, 1, &section, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "it has no section 'absent'"));
    rk_artefact_close(artefact);
}

static void a_failed_writer_leaves_nothing(void **state)
{
    const char *path = ((fixture *)*state)->path;
    rk_error err;
    rk_artefact_writer *writer;
    assert_int_equal(rk_artefact_create(path, "model", &writer, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "a", RK_U8, 5, 1, letters, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "a", RK_U8, 5, 1, letters, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "two sections are named 'a'"));
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_IO);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rk_artefact_create(path, "model", &writer, &err), RK_OK);
    rk_artefact_abort(writer);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(rk_artefact_create("-", "model", &writer, &err), RK_BAD_USAGE);
}

/* Writes, opens, looks a name up, verifies and prints; jansson's allocations fail too. */
static bool write_and_read(void *context)
{
    static const uint64_t start[3] = {0, 3, 8};
    const char *path = context;
    rk_error err;
    rk_artefact_writer *writer;
    rk_artefact *artefact;
    rk_names names;
    if (rk_artefact_create(path, "model", &writer, &err) != RK_OK) {
        return false;
    }
    rk_status status = rk_artefact_add(writer, "letters", RK_U8, 5, 1, letters, &err);
    if (status == RK_OK) {
        status = rk_names_add(writer, "items", 2, start, "mugplate", true, &err);
    }
    if (status != RK_OK) {
        rk_artefact_abort(writer);
        return false;
    }
    if (rk_artefact_commit(writer, NULL, &err) != RK_OK || rk_artefact_open(path, NULL, &artefact, &err) != RK_OK) {
        return false;
    }
    rk_text out = {0};
    status = rk_names_open(artefact, "items", false, &names, &err);
    if (status == RK_OK) {
        assert_int_equal(rk_names_find(&names, RK_SLICE("plate")), 1);
        rk_artefact_print(artefact, &out);
        status = rk_artefact_verify(artefact, NULL, &err);
    }
    bool is_done = status == RK_OK && !out.failed;
    rk_text_release(&out);
    rk_artefact_close(artefact);
    return is_done;
}

/* Sections of the same names in the whole and in a part do not meet. */
static void a_part_is_an_artefact_of_its_own(void **state)
{
    fixture *f = *state;
    rk_error err;
    rk_artefact_writer *writer;
    rk_artefact *whole, *part, *none;
    const rk_section *section;
    assert_int_equal(rk_artefact_create(f->path, "model", &writer, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "letters", RK_U8, 5, 1, letters, &err), RK_OK);
    json_object_set_new(rk_artefact_writer_meta(writer), "name", json_string("whole"));
    assert_int_equal(rk_artefact_writer_part(writer, "inner", &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "letters", RK_U8, 2, 1, letters, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "item.vector", RK_F32, 2, 3, vectors, &err), RK_OK);
    json_object_set_new(rk_artefact_writer_meta(writer), "name", json_string("part"));
    assert_int_equal(rk_artefact_writer_part(writer, NULL, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "behind", RK_U8, 1, 1, letters, &err), RK_OK);
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
    assert_int_equal(rk_artefact_open(f->path, "model", &whole, &err), RK_OK);
    assert_int_equal(rk_artefact_open_part(whole, "inner", &part, &err), RK_OK);
    assert_int_equal(rk_artefact_open_part(whole, "name", &none, &err), RK_OK); /* no object */
    assert_null(none);
    assert_int_equal(rk_artefact_open_part(whole, "other", &none, &err), RK_OK);
    assert_null(none);
    assert_int_equal(rk_artefact_n_sections(whole), 4);
    assert_int_equal(rk_artefact_n_sections(part), 2);
    assert_string_equal(json_string_value(json_object_get(rk_artefact_meta(part), "name")), "part");
    assert_string_equal(json_string_value(json_object_get(rk_artefact_meta(whole), "name")), "whole");
    assert_int_equal(rk_artefact_need(part, "letters", RK_U8, 2, 1, &section, &err), RK_OK);
    assert_int_equal(rk_artefact_need(part, "item.vector", RK_F32, 2, 3, &section, &err), RK_OK);
    assert_memory_equal(section->data, vectors, sizeof vectors);
    assert_int_equal(rk_artefact_need(whole, "letters", RK_U8, 5, 1, &section, &err), RK_OK);
    assert_null(rk_artefact_find(part, "behind"));
    rk_artefact_close(part);
    rk_artefact_close(whole);
}

static void every_failed_allocation_is_survived(void **state)
{
    fixture *f = *state;
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_each(write_and_read, f->path) > 50);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(what_is_written_comes_back),
        CASE(pieces_make_the_same_file_as_the_whole),
        CASE(cost_and_parents_path_do_not_change_the_hash),
        CASE(every_flipped_byte_is_found),
        CASE(every_truncation_is_refused),
        CASE(big_sections_are_checked_by_verify_only),
        CASE(forged_headers_are_refused_with_the_reason),
        CASE(forged_fixed_parts_are_refused_with_the_reason),
        CASE(a_forged_content_hash_is_found_by_verify),
        CASE(foreign_files_are_refused_with_the_reason),
        CASE(needs_that_are_not_met_say_both_shapes),
        CASE(a_failed_writer_leaves_nothing),
        CASE(a_part_is_an_artefact_of_its_own),
        CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
