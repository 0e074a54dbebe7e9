/* fuzz_keys.c - any bytes as a file of keys, and as a token. What is read is written and reads back the same; no token
 * of these bytes opens anything, since nobody has made a hash for it.
 */
#include <stdlib.h>
#include <string.h>

#include "serve/keys.h"

static void check(const rk_keyring *ring)
{
    rk_text first = {0}, second = {0};
    rk_keyring again;
    rk_error err;
    rk_keyring_init(&again);
    rk_keyring_format(ring, &first);
    if (first.failed || rk_keyring_parse((rk_slice){first.at, first.n}, "again", &again, &err)) {
        abort();
    }
    rk_keyring_format(&again, &second);
    if (second.n != first.n || memcmp(second.at, first.at, first.n) != 0) {
        abort();
    }
    rk_keyring_release(&again);
    rk_text_release(&first);
    rk_text_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_keyring ring;
    rk_slice bytes = {(const char *)data, size};
    rk_error err;
    const char *fault;
    rk_keyring_init(&ring);
    if (rk_keyring_parse(bytes, "fuzz", &ring, &err) == RK_OK) {
        check(&ring);
    } else if (err.message[0] == '\0' || ring.keys.n > 0) {
        abort();
    }
    if (rk_keyring_find(&ring, bytes, 0, &fault)) {
        abort();
    }
    rk_keyring_release(&ring);
    return 0;
}
