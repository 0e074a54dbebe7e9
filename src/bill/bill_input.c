/* bill_input.c - see bill_input.h. */
#include "bill/bill_input.h"

#include <stdlib.h>
#include <string.h>

#include "data/source.h"

struct rk_bill_input {
    rk_source *source; /* NULL: text */
    rk_slice text;     /* not yet read */
};

static rk_status make(rk_bill_input **out, rk_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out ? RK_OK : rk_fail_memory(err, "a bill");
}

rk_status rk_bill_input_open(const char *path, rk_bill_input **out, rk_error *err)
{
    rk_bill_input *input;
    rk_status status = make(&input, err);
    if (!status && (status = rk_source_open(path, &input->source, err)) != RK_OK) {
        free(input);
    }
    if (!status) {
        *out = input;
    }
    return status;
}

rk_status rk_bill_input_text(rk_slice text, rk_bill_input **out, rk_error *err)
{
    rk_status status = make(out, err);
    if (!status) {
        (*out)->text = text;
    }
    return status;
}

rk_status rk_bill_input_read(rk_bill_input *input, char *at, size_t n, size_t *n_read, rk_error *err)
{
    if (input->source) {
        return rk_source_read(input->source, at, n, n_read, err);
    }
    *n_read = n < input->text.n ? n : input->text.n;
    if (*n_read > 0) {
        memcpy(at, input->text.at, *n_read);
    }
    input->text.at += *n_read;
    input->text.n -= *n_read;
    return RK_OK;
}

void rk_bill_input_close(rk_bill_input *input)
{
    if (input) {
        rk_source_close(input->source);
        free(input);
    }
}
