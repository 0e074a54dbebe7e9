/* product.h - the products of a catalogue file, one after the other, as fields: CSV, TSV or one JSON object a line.
 *
 * Strict UTF-8. In JSONL a list of texts, numbers and bools is as many fields of the same name; null, objects and lists
 * of other things are passed over. Empty cells are no fields.
 */
#ifndef RECKON_DATA_PRODUCT_H
#define RECKON_DATA_PRODUCT_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "data/ingest.h"

enum { RK_PRODUCT_LINE_BYTES_MAX = 8 << 20 };

typedef struct {
    rk_slice name, value; /* value: blanks at both ends taken off, not empty */
} rk_product_field;

typedef struct rk_product_reader rk_product_reader;

/* format: auto, csv, tsv or jsonl. delimiter 0: the one of , tab ; | that the header has most of. path: plain, .gz or
 * .zst, or "-". Owned by the caller; end with close. path is borrowed until then. */
RK_MUST_CHECK rk_status rk_product_reader_open(const char *path, rk_format format, char delimiter,
                                               rk_product_reader **out, rk_error *err);
RK_MUST_CHECK rk_status rk_product_reader_open_text(rk_slice text, const char *name, rk_format format, char delimiter,
                                                    rk_product_reader **out, rk_error *err);
void rk_product_reader_close(rk_product_reader *reader); /* accepts NULL */

/* The next product: fields [n], borrowed until the next call; place: where it stands. *fields NULL at the end. */
RK_MUST_CHECK rk_status rk_product_next(rk_product_reader *reader, const rk_product_field **fields, size_t *n,
                                        rk_place *place, rk_error *err);
/* The names that a header gives; at NULL past the end, and for JSONL. */
rk_slice rk_product_reader_column(const rk_product_reader *reader, size_t i);
const char *rk_product_reader_name(const rk_product_reader *reader); /* for messages */
uint64_t rk_product_reader_bytes_in(const rk_product_reader *reader);

#endif
