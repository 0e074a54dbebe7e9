/* fuzz_streams.c - any bytes as a file of sources: an error has words; a source that is read has a name and a kind. */
#include <stdlib.h>
#include <string.h>

#include "stream/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_streams streams;
    rk_error err = {0};
    rk_status status = rk_streams_parse((rk_slice){(const char *)data, size}, "sources.yaml", &streams, &err);
    if (status != RK_OK && err.message[0] == '\0') {
        abort();
    }
    for (size_t i = 0; status == RK_OK && i < streams.n; i++) {
        if (strlen(streams.specs[i].name) > RK_STREAM_NAME_MAX || !streams.specs[i].kind) {
            abort();
        }
    }
    rk_streams_release(&streams);
    return 0;
}
