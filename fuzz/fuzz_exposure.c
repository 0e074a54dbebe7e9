/* fuzz_exposure.c - any bytes as a record of what was shown: what is read is written and read again as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/exposure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_arena arena = {0};
    rk_exposure exposure, again;
    rk_error err = {0};
    rk_text first = {0}, second = {0};
    rk_place at = {"log", 1, 0};
    rk_status status = rk_exposure_parse((rk_slice){(const char *)data, size}, at, &arena, &exposure, &err);
    if (status && err.message[0] == '\0') {
        abort();
    }
    if (!status) {
        rk_exposure_write(&exposure, &first);
        if (rk_exposure_parse((rk_slice){first.at, first.n}, at, &arena, &again, &err)) {
            abort();
        }
        rk_exposure_write(&again, &second);
        if (strcmp(first.at, second.at) != 0) {
            abort();
        }
    }
    rk_text_release(&first);
    rk_text_release(&second);
    rk_arena_release(&arena);
    return 0;
}
