/* artefact.h - the one file format of reckon: checksummed, versioned, memory-mapped, written whole or not at all.
 *
 *   OFFSET  SIZE  MEANING
 *        0     8  magic "RECKON\r\n"
 *        8     4  format version, 1
 *       12     4  header bytes H
 *       16    16  kind, NUL padded: "dataset", "model"
 *       32     8  header offset P, a multiple of 64; P + H is the size of the file, so truncation is seen at once
 *       40     8  XXH3 of the JSON header
 *       48     8  content hash
 *       56     8  XXH3 of bytes 0..55
 *       64   ...  sections in the order of the header, each at the next 64-byte boundary; zeros in between
 *        P     H  JSON header: {"sections":[{"name","type","rows","cols","offset","bytes","xxh3"}...], "meta":{...},
 *                 "parents":[{"path","kind","hash"}...], "build":"reckon 0.1.0",
 *                 "making":{"wall_s","cpu_s","peak_bytes","bytes_in","at","cpu","cores"}}
 *
 * The header comes last, so that sections stream out and nothing is kept. Numbers are little endian; a big-endian
 * machine is refused. 64-bit checksums and hashes are 16 hex digits in the JSON.
 *
 * Content hash: XXH3 over the kind and the header with sorted keys and without "build", "making" and the parents'
 * paths. It therefore says what is in the file, not when, where or how fast it was made: a rerun gives the same hash.
 * Keep times, paths and durations out of "meta" for the same reason.
 *
 * open checks the fixed part, the header, every section's place, type and shape, and the checksums of small sections
 * (up to RK_ARTEFACT_EAGER_BYTES); verify checks every byte, padding too.
 */
#ifndef RECKON_STORE_ARTEFACT_H
#define RECKON_STORE_ARTEFACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/map.h"
#include "base/run.h"
#include "base/slice.h"

enum {
    RK_ARTEFACT_EAGER_BYTES = 1 << 20,
    RK_ARTEFACT_HEADER_BYTES_MAX = 16 << 20,
    RK_ARTEFACT_SECTIONS_MAX = 4096,
    RK_ARTEFACT_NAME_BYTES_MAX = 63, /* of a section; letters, digits and ._- */
};

typedef enum { RK_U8, RK_I8, RK_U16, RK_F16, RK_U32, RK_I32, RK_F32, RK_U64, RK_I64, RK_F64, RK_BF16, RK_I4X2 } rk_type;
/* BF16: the upper half of an f32. I4X2: a byte of two whole numbers, see rk_int4_of_row. */
size_t rk_type_bytes(rk_type type);
const char *rk_type_name(rk_type type); /* "f32" */

/* ---- reading ---- */
typedef struct rk_artefact rk_artefact;

typedef struct {
    const char *name; /* borrowed from the artefact */
    rk_type type;
    uint64_t rows, cols; /* cols 1 for a plain array */
    const void *data;    /* 64-byte aligned, read only, until close */
    uint64_t bytes;
    uint64_t checksum;
} rk_section;

/* kind NULL = any. Wrong kind: "x.rk is a model, a dataset is needed here". Owned by the caller; end with close. */
RK_MUST_CHECK rk_status rk_artefact_open(const char *path, const char *kind, rk_artefact **out, rk_error *err);
/* The same, read into memory: nothing done to the file later reaches it. For programs that run on and on. */
RK_MUST_CHECK rk_status rk_artefact_load(const char *path, const char *kind, rk_artefact **out, rk_error *err);
void rk_artefact_close(rk_artefact *artefact); /* accepts NULL */
/* Every byte against its checksum; names the first section that fails. */
RK_MUST_CHECK rk_status rk_artefact_verify(const rk_artefact *artefact, const rk_run *run, rk_error *err);
/* One big section before it is trusted, for readers that must not wait for all of them. */
RK_MUST_CHECK rk_status rk_artefact_verify_section(const rk_artefact *artefact, const rk_section *section,
                                                   rk_error *err);

/* A part of an artefact as one of its own (rk_artefact_writer_part). It borrows from the whole, which must outlive it,
 * and is verified with it; end it with close, too. *out NULL: there is none. */
RK_MUST_CHECK rk_status rk_artefact_open_part(const rk_artefact *whole, const char *name, rk_artefact **out,
                                              rk_error *err);

const char *rk_artefact_path(const rk_artefact *artefact);
const char *rk_artefact_kind(const rk_artefact *artefact);
uint64_t rk_artefact_hash(const rk_artefact *artefact); /* content hash */
uint64_t rk_artefact_bytes(const rk_artefact *artefact);
const json_t *rk_artefact_meta(const rk_artefact *artefact);    /* object, borrowed */
const json_t *rk_artefact_parents(const rk_artefact *artefact); /* array, borrowed */
/* What an artefact was made of. path: where it lay then, NULL when unknown; strings borrowed. */
typedef struct {
    const char *path, *kind;
    uint64_t hash;
} rk_parent;
bool rk_artefact_parent_at(const rk_artefact *artefact, size_t i, rk_parent *out); /* false past the end */
const char *rk_artefact_build(const rk_artefact *artefact);                        /* "reckon 0.1.0" */
rk_usage rk_artefact_making(const rk_artefact *artefact);                          /* what making it used */
/* When and on what: {"at":"2026-11-23T10:15:00Z","cpu":"...","cores":2} and the rk_usage; object, borrowed. */
const json_t *rk_artefact_making_json(const rk_artefact *artefact);
size_t rk_artefact_n_sections(const rk_artefact *artefact);
const rk_section *rk_artefact_section_at(const rk_artefact *artefact, size_t i);
/* NULL when absent. */
const rk_section *rk_artefact_find(const rk_artefact *artefact, const char *name);
/* Data of a section that must have this type and shape; cols 0 or rows UINT64_MAX = any. RK_BAD_INPUT names the file,
 * the section, what it is and what was expected. */
RK_MUST_CHECK rk_status rk_artefact_need(const rk_artefact *artefact, const char *name, rk_type type, uint64_t rows,
                                         uint64_t cols, const rk_section **out, rk_error *err);

/* ---- writing ---- */
typedef struct rk_artefact_writer rk_artefact_writer;

RK_MUST_CHECK rk_status rk_artefact_create(const char *path, const char *kind, rk_artefact_writer **out, rk_error *err);
/* data: [rows x cols] of type; written out before the call returns, not kept. */
RK_MUST_CHECK rk_status rk_artefact_add(rk_artefact_writer *writer, const char *name, rk_type type, uint64_t rows,
                                        uint64_t cols, const void *data, rk_error *err);
/* The same in pieces, for data that is never whole in memory: begin, any number of appends of n_rows rows, end.
 * One section at a time. */
RK_MUST_CHECK rk_status rk_artefact_begin(rk_artefact_writer *writer, const char *name, rk_type type, uint64_t cols,
                                          rk_error *err);
RK_MUST_CHECK rk_status rk_artefact_append(rk_artefact_writer *writer, const void *data, uint64_t n_rows,
                                           rk_error *err);
RK_MUST_CHECK rk_status rk_artefact_end(rk_artefact_writer *writer, rk_error *err);
/* A verbatim copy of a section of another artefact. */
RK_MUST_CHECK rk_status rk_artefact_add_copy(rk_artefact_writer *writer, const rk_section *section, rk_error *err);
/* Copies of all sections whose names begin with one of the prefixes, a list that ends with NULL. */
RK_MUST_CHECK rk_status rk_artefact_add_copies(rk_artefact_writer *writer, const rk_artefact *from,
                                               const char *const *prefixes, rk_error *err);
json_t *rk_artefact_writer_meta(rk_artefact_writer *writer); /* object to fill, borrowed */
/* From here on all is of a part: its sections' names begin with NAME., its meta is the object NAME of the whole's.
 * NULL: of the whole again. */
RK_MUST_CHECK rk_status rk_artefact_writer_part(rk_artefact_writer *writer, const char *name, rk_error *err);
/* Whether a section of this name was begun, and how many bytes it has; bytes may be NULL. */
bool rk_artefact_writer_has(const rk_artefact_writer *writer, const char *name, uint64_t *bytes);
RK_MUST_CHECK rk_status rk_artefact_add_parent(rk_artefact_writer *writer, const rk_artefact *parent, rk_error *err);
/* Ends the writer, well or not; on failure nothing is left under the path. making: NULL = unknown, zeros. After any
 * failed call above, abort; commit would only say again that the artefact is incomplete. */
RK_MUST_CHECK rk_status rk_artefact_commit(rk_artefact_writer *writer, const rk_usage *making, rk_error *err);
void rk_artefact_abort(rk_artefact_writer *writer); /* accepts NULL */
/* An artefact that lives in memory only, for what is too short-lived for a file: created, filled and aborted alike; its
 * commit opens it. name stands where a path would. */
RK_MUST_CHECK rk_status rk_artefact_create_memory(const char *name, const char *kind, rk_artefact_writer **out,
                                                  rk_error *err);
RK_MUST_CHECK rk_status rk_artefact_commit_memory(rk_artefact_writer *writer, rk_artefact **out, rk_error *err);

/* ---- a table of names inside an artefact: sections PREFIX.start, PREFIX.bytes, PREFIX.order ---- */
typedef struct {
    uint32_t n;
    const uint64_t *start; /* [n + 1] into bytes */
    const char *bytes;
    const uint32_t *order; /* [n] ids in bytewise order of name; NULL = no look-up by name */
} rk_names;
/* optional: an absent table gives n 0. Checks that starts ascend and order is a permutation that sorts distinct names.
 */
RK_MUST_CHECK rk_status rk_names_open(const rk_artefact *artefact, const char *prefix, bool optional, rk_names *out,
                                      rk_error *err);
rk_slice rk_names_get(const rk_names *names, uint32_t id);
/* Says that these will be wanted soon, so that memory is asked for all of them at once; RK_NO_ID is passed over. */
void rk_names_expect(const rk_names *names, const uint32_t *ids, size_t n);
uint32_t rk_names_find(const rk_names *names, rk_slice name); /* RK_NO_ID when absent; needs order */
/* bytes: start[n] of them; builds order itself when with_order, and then no two names may be equal. */
RK_MUST_CHECK rk_status rk_names_add(rk_artefact_writer *writer, const char *prefix, uint32_t n, const uint64_t *start,
                                     const char *bytes, bool with_order, rk_error *err);
/* n names, the i-th being key ids[i] (i itself when ids is NULL; RK_NO_ID = ""). */
RK_MUST_CHECK rk_status rk_names_add_keys(rk_artefact_writer *writer, const char *prefix, const rk_interner *names,
                                          const uint32_t *ids, uint32_t n, bool with_order, rk_error *err);

#endif
