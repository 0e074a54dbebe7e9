/* record_cells.h - CSV and TSV: finding delimiters and line ends 64 bytes at a time. Private to the record reader. */
#ifndef RECKON_DATA_RECORD_CELLS_H
#define RECKON_DATA_RECORD_CELLS_H

#include "data/record.h"

rk_status rk_cells_next(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err);
/* The end of the record at `at` (behind its newline), or NULL when a quote stays open up to end; *quote then says
 * where it opened. */
const char *rk_cells_record_end(const char *at, const char *end, char delimiter, const char **quote);

/* JSON lines: see record_json.c. */
rk_status rk_json_next(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err);

#endif
