/* layout.h - how one input file is laid out: format, delimiter, header, and which column plays which role. */
#ifndef RECKON_DATA_LAYOUT_H
#define RECKON_DATA_LAYOUT_H

#include "base/arena.h"
#include "data/ingest.h"
#include "data/roles.h"

typedef struct {
    rk_format format;            /* never AUTO */
    char delimiter;              /* csv, tsv */
    bool has_header, is_guessed; /* guessed: the roles come from the columns' names alone */
    size_t n_columns;
    rk_slice *names; /* [n_columns], in arena; "1", "2", ... without a header; the keys of JSONL */
    rk_casting casting;
    size_t n_head_bytes; /* byte order mark and header, to be passed over */
    size_t n_head_lines;
    rk_arena arena;
} rk_layout;

/* From the first n bytes of the file (all of it, when is_whole). name: for messages. End with release. */
RK_MUST_CHECK rk_status rk_layout_find(const char *text, size_t n, bool is_whole, const char *name,
                                       const rk_ingest_options *options, rk_layout *out, rk_error *err);
void rk_layout_release(rk_layout *layout);
/* "csv with ',', 8 columns: user = CustomerID, item = StockCode, ..." */
void rk_layout_describe(const rk_layout *layout, rk_text *out);
const char *rk_format_name(rk_format format);

#endif
