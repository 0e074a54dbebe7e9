/* changed_artefact.h - an artefact with a section of it written over, for targets that open one.
 *
 * Input: which section (a byte, its top bit: one row less), where in it (two bytes, a share of 65536), and what is
 * written there. Past the last section the bytes are the meta.
 */
#ifndef RECKON_FUZZ_CHANGED_ARTEFACT_H
#define RECKON_FUZZ_CHANGED_ARTEFACT_H

#include <stdlib.h>
#include <string.h>

#include "store/artefact.h"

enum { CHANGE_HEAD = 3 }; /* bytes of the input before what is written */

static inline rk_status copy_changed(rk_artefact_writer *writer, const rk_section *section, const uint8_t *data,
                                     size_t size, rk_error *err)
{
    uint64_t rows = section->rows - (section->rows > 0 && data[0] >> 7);
    uint8_t *bytes = malloc(section->bytes + 1);
    if (!bytes) {
        abort();
    }
    memcpy(bytes, section->data, section->bytes);
    uint64_t at = ((uint64_t)data[1] << 8 | data[2]) * section->bytes >> 16;
    for (size_t i = CHANGE_HEAD; i < size && at < section->bytes; i++) {
        bytes[at++] = data[i];
    }
    rk_status status = rk_artefact_add(writer, section->name, section->type, rows, section->cols, bytes, err);
    free(bytes);
    return status;
}

/* size: at least CHANGE_HEAD. NULL where the change leaves no artefact. */
static inline rk_artefact *change_artefact(const rk_artefact *from, const char *kind, const uint8_t *data, size_t size)
{
    rk_artefact_writer *writer = NULL;
    rk_artefact *artefact = NULL;
    rk_error err = {0};
    size_t n = rk_artefact_n_sections(from), which = (data[0] & 127) % (n + 1);
    rk_status status = rk_artefact_create_memory("fuzz", kind, &writer, &err);
    for (size_t i = 0; i < n && !status; i++) {
        const rk_section *section = rk_artefact_section_at(from, i);
        status =
            i == which ? copy_changed(writer, section, data, size, &err) : rk_artefact_add_copy(writer, section, &err);
    }
    if (status) {
        abort();
    }
    json_t *meta = which == n
                       ? json_loadb((const char *)data + CHANGE_HEAD, size - CHANGE_HEAD, JSON_REJECT_DUPLICATES, NULL)
                       : json_incref((json_t *)(uintptr_t)rk_artefact_meta(from));
    if (json_is_object(meta)) {
        json_object_update(rk_artefact_writer_meta(writer), meta);
    }
    json_decref(meta);
    return rk_artefact_commit_memory(writer, &artefact, &err) ? NULL : artefact;
}

#endif
