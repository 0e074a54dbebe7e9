/* artefact_format.c - see artefact_format.h. */
#include "store/artefact_format.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [RK_U8] = {"u8", 1},   [RK_I8] = {"i8", 1},   [RK_U16] = {"u16", 2},   [RK_F16] = {"f16", 2},
    [RK_U32] = {"u32", 4}, [RK_I32] = {"i32", 4}, [RK_F32] = {"f32", 4},   [RK_U64] = {"u64", 8},
    [RK_I64] = {"i64", 8}, [RK_F64] = {"f64", 8}, [RK_BF16] = {"bf16", 2}, [RK_I4X2] = {"i4x2", 1},
};

size_t rk_type_bytes(rk_type type) { return types[type].bytes; }

const char *rk_type_name(rk_type type) { return types[type].name; }

bool rk_type_of_name(const char *name, rk_type *type)
{
    for (size_t i = 0; i < RK_COUNT_OF(types); i++) {
        if (strcmp(name, types[i].name) == 0) {
            *type = (rk_type)i;
            return true;
        }
    }
    return false;
}

bool rk_artefact_name_valid(const char *name, size_t max)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = strspn(name, allowed);
    return n >= 1 && n <= max && name[n] == '\0';
}

void rk_artefact_hex_format(uint64_t value, char out[RK_ARTEFACT_HEX_BYTES])
{
    snprintf(out, RK_ARTEFACT_HEX_BYTES, "%016" PRIx64, value);
}

bool rk_artefact_hex_parse(const char *text, uint64_t *value)
{
    if (strspn(text, "0123456789abcdef") != RK_ARTEFACT_HEX_BYTES - 1 || text[RK_ARTEFACT_HEX_BYTES - 1] != '\0') {
        return false;
    }
    *value = strtoull(text, NULL, 16);
    return true;
}

uint64_t rk_artefact_fixed_checksum(const rk_artefact_fixed *fixed)
{
    return XXH3_64bits(fixed, offsetof(rk_artefact_fixed, self_checksum));
}

/* The parents without their paths. NULL when memory is short. */
static json_t *parents_content(const json_t *parents)
{
    json_t *content = json_deep_copy(parents);
    for (size_t i = 0; i < json_array_size(content); i++) {
        (void)json_object_del(json_array_get(content, i), "path"); /* -1 when there is none: fine */
    }
    return content;
}

/* The header as it counts for the content hash; text owned by the caller. NULL when memory is short. */
static char *content_text(json_t *header)
{
    char *text = NULL;
    json_t *content = json_copy(header); /* shallow: only references are counted */
    json_t *parents = parents_content(json_object_get(header, "parents"));
    if (content && parents && json_object_set(content, "parents", parents) == 0) {
        (void)json_object_del(content, "build");
        (void)json_object_del(content, "making");
        text = json_dumps(content, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
    }
    json_decref(parents);
    json_decref(content);
    return text;
}

bool rk_artefact_content_hash(const char *kind, json_t *header, uint64_t *hash)
{
    char *text = content_text(header);
    XXH3_state_t *state = XXH3_createState();
    bool is_done = text && state && XXH3_64bits_reset(state) == XXH_OK &&
                   XXH3_64bits_update(state, kind, sizeof((rk_artefact_fixed *)0)->kind) == XXH_OK &&
                   XXH3_64bits_update(state, text, strlen(text)) == XXH_OK;
    if (is_done) {
        *hash = XXH3_64bits_digest(state);
    }
    XXH3_freeState(state);
    free(text);
    return is_done;
}
