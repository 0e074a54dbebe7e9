/* bill_input.h - the bytes of a bill, decompressed: the one place where bills depend on how files are read. */
#ifndef RECKON_BILL_BILL_INPUT_H
#define RECKON_BILL_BILL_INPUT_H

#include "base/error.h"
#include "base/slice.h"

typedef struct rk_bill_input rk_bill_input;

/* A file, plain or .gz or .zst, or "-". path is borrowed until close. */
RK_MUST_CHECK rk_status rk_bill_input_open(const char *path, rk_bill_input **out, rk_error *err);
/* Text in memory, borrowed. */
RK_MUST_CHECK rk_status rk_bill_input_text(rk_slice text, rk_bill_input **out, rk_error *err);
/* *n_read below n only at the end. */
RK_MUST_CHECK rk_status rk_bill_input_read(rk_bill_input *input, char *at, size_t n, size_t *n_read, rk_error *err);
void rk_bill_input_close(rk_bill_input *input); /* accepts NULL */

#endif
