/* fuzz_jsonl.c - any line: the flat JSON reader accepts what jansson accepts, no more and no less, up to its own limits
 * of depth and number of keys.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "data/flat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Depth and number of keys. */
static bool is_own_limit(const rk_flat *flat)
{
    return flat->fault && (strstr(flat->fault, "too deeply") || strstr(flat->fault, "more than"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rk_flat *flat;
    static rk_arena scratch;
    json_error_t ignored;
    rk_flat_member member;
    if (memchr(data, '\0', size)) { /* jansson passes over some; logs with a NUL are refused before they come here */
        return 0;
    }
    flat = flat ? flat : calloc(1, sizeof *flat);
    if (!flat) {
        return 0;
    }
    flat->scratch = &scratch;
    json_t *wanted = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, &ignored);
    size_t n_members = 0;
    rk_flat_begin(flat, (rk_slice){(const char *)data, size});
    while (rk_flat_next(flat, &member)) {
        n_members++;
    }
    bool is_good = !flat->fault;
    if (!is_own_limit(flat) &&
        (is_good != json_is_object(wanted) || (is_good && n_members != json_object_size(wanted)))) {
        abort();
    }
    json_decref(wanted);
    rk_arena_clear(&scratch);
    return 0;
}
