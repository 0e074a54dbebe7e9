/* artefact_format.h - what reading and writing an artefact share: the fixed part and the names of things. Private. */
#ifndef RECKON_STORE_ARTEFACT_FORMAT_H
#define RECKON_STORE_ARTEFACT_FORMAT_H

#include <assert.h>
#include <stdbool.h>

#include "base/file.h"
#include "store/artefact.h"

#define RK_ARTEFACT_MAGIC "RECKON\r\n"

enum { RK_ARTEFACT_VERSION = 1, RK_ARTEFACT_ALIGN = 64, RK_ARTEFACT_HEX_BYTES = 17 };

/* The first 64 bytes, as drawn in artefact.h. */
typedef struct {
    char magic[8];
    uint32_t version, header_bytes;
    char kind[16];
    uint64_t header_offset, header_checksum, content_hash, self_checksum;
} rk_artefact_fixed;
static_assert(sizeof(rk_artefact_fixed) == RK_ARTEFACT_ALIGN, "the fixed part has no holes");

/* Opens what lies in memory; file is the artefact's, or closed. path: for messages. */
RK_MUST_CHECK rk_status rk_artefact_open_mapped(const char *path, rk_mapped file, const char *kind, rk_artefact **out,
                                                rk_error *err);

/* XXH3 of everything in front of self_checksum. */
uint64_t rk_artefact_fixed_checksum(const rk_artefact_fixed *fixed);

/* The content hash of artefact.h; kind: [16]. false when memory is short. */
bool rk_artefact_content_hash(const char *kind, json_t *header, uint64_t *hash);

/* 16 lower-case hex digits and a NUL, both ways; parse is false for anything else. */
void rk_artefact_hex_format(uint64_t value, char out[RK_ARTEFACT_HEX_BYTES]);
bool rk_artefact_hex_parse(const char *text, uint64_t *value);

/* Letters, digits and ._-, 1 .. max bytes. */
bool rk_artefact_name_valid(const char *name, size_t max);

bool rk_type_of_name(const char *name, rk_type *type);

/* The next 64-byte boundary at or behind offset; 0 when there is none below 2^64. */
static inline uint64_t rk_artefact_align(uint64_t offset)
{
    return (offset + RK_ARTEFACT_ALIGN - 1) & ~(uint64_t)(RK_ARTEFACT_ALIGN - 1);
}

/* The format is the memory of a little-endian machine. */
static inline bool rk_artefact_machine_fits(void) { return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__; }

#endif
