/* artefact.h - the one file format of reckon: checksummed, versioned, memory-mapped, written whole or not at all.
 *
 *   OFFSET  SIZE  MEANING
 *        0     8  magic "RECKON\r\n"
 *        8     4  format version, little endian, 1
 *       12     4  header bytes H
 *       16    16  kind, NUL padded: "dataset", "model"
 *       32     8  file bytes (a truncated file is seen at once)
 *       40     8  XXH3 of the JSON header
 *       48     8  content hash: XXH3 over kind, the header without its "making" object, and the section checksums
 *       56     8  XXH3 of bytes 0..55
 *       64     H  JSON header: {"sections":[{"name","type","rows","cols","offset","bytes","xxh3"}...], "meta":{...},
 *                 "parents":[{"path","hash"}...], "build":"reckon 0.1.0", "making":{wall_s,cpu_s,peak_bytes,bytes_in}}
 *      ...        sections, each at a 64-byte boundary, zero padded
 *
 * Little endian only; opening on a big-endian machine is refused. open checks the fixed part, the header, every
 * section's bounds and type, and the checksums of small sections (up to RK_ARTEFACT_EAGER_BYTES); verify checks all.
 */
#ifndef RECKON_STORE_ARTEFACT_H
#define RECKON_STORE_ARTEFACT_H

#include <jansson.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/run.h"

enum { RK_ARTEFACT_EAGER_BYTES = 1 << 20, RK_ARTEFACT_HEADER_BYTES_MAX = 16 << 20, RK_ARTEFACT_SECTIONS_MAX = 4096 };

typedef enum { RK_U8, RK_I8, RK_U16, RK_F16, RK_U32, RK_I32, RK_F32, RK_U64, RK_I64, RK_F64 } rk_type;
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
void rk_artefact_close(rk_artefact *artefact); /* accepts NULL */
/* Every byte against its checksum; names the first section that fails. */
RK_MUST_CHECK rk_status rk_artefact_verify(const rk_artefact *artefact, const rk_run *run, rk_error *err);

const char *rk_artefact_path(const rk_artefact *artefact);
const char *rk_artefact_kind(const rk_artefact *artefact);
uint64_t rk_artefact_hash(const rk_artefact *artefact); /* content hash */
uint64_t rk_artefact_bytes(const rk_artefact *artefact);
const json_t *rk_artefact_meta(const rk_artefact *artefact);    /* object, borrowed */
const json_t *rk_artefact_parents(const rk_artefact *artefact); /* array, borrowed */
rk_usage rk_artefact_making(const rk_artefact *artefact);
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
/* A verbatim copy of a section of another artefact. */
RK_MUST_CHECK rk_status rk_artefact_add_copy(rk_artefact_writer *writer, const rk_section *section, rk_error *err);
json_t *rk_artefact_writer_meta(rk_artefact_writer *writer); /* object to fill, borrowed */
RK_MUST_CHECK rk_status rk_artefact_add_parent(rk_artefact_writer *writer, const rk_artefact *parent, rk_error *err);
/* Ends the writer, well or not; on failure nothing is left under the path. */
RK_MUST_CHECK rk_status rk_artefact_commit(rk_artefact_writer *writer, const rk_usage *making, rk_error *err);
void rk_artefact_abort(rk_artefact_writer *writer); /* accepts NULL */

/* ---- a table of names inside an artefact: sections PREFIX.start, PREFIX.bytes, PREFIX.order ---- */
typedef struct {
    uint32_t n;
    const uint64_t *start; /* [n + 1] into bytes */
    const char *bytes;
    const uint32_t *order; /* [n] ids in bytewise order of name; NULL = no look-up by name */
} rk_names;
/* optional: an absent table gives n 0. Checks that starts ascend and order is a permutation that sorts. */
RK_MUST_CHECK rk_status rk_names_open(const rk_artefact *artefact, const char *prefix, bool optional, rk_names *out,
                                      rk_error *err);
rk_slice rk_names_get(const rk_names *names, uint32_t id);
uint32_t rk_names_find(const rk_names *names, rk_slice name); /* RK_NO_ID when absent; needs order */
/* bytes: start[n] of them; builds order itself when with_order. */
RK_MUST_CHECK rk_status rk_names_add(rk_artefact_writer *writer, const char *prefix, uint32_t n, const uint64_t *start,
                                     const char *bytes, bool with_order, rk_error *err);

#endif
