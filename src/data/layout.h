/* layout.h - how a log is to be read, from its first bytes: format, delimiter, header, roles. Private to ingest. */
#ifndef RECKON_DATA_LAYOUT_H
#define RECKON_DATA_LAYOUT_H

#include "base/arena.h"
#include "data/ingest.h"
#include "data/record.h"

/* head: the first bytes of the text, at least one whole line unless the file is shorter. columns: names and roles,
 * filled for the report. *skip: bytes before the first record (byte order mark, header). layout->names borrow from
 * arena. */
RK_MUST_CHECK rk_status rk_layout_find(const rk_ingest_options *options, const char *path, rk_slice head,
                                       rk_arena *arena, rk_layout *layout, rk_vec *columns, size_t *skip,
                                       rk_error *err);

#endif
