/* pseudonym.c - see pseudonym.h. */
#include "data/pseudonym.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"

struct rk_pseudonyms {
    size_t n;
    char key[RK_PSEUDONYM_KEY_MAX];
};

rk_status rk_pseudonyms_open(const char *path, rk_pseudonyms **out, rk_error *err)
{
    rk_mapped file = {0};
    rk_pseudonyms *pseudonyms = calloc(1, sizeof *pseudonyms);
    *out = NULL;
    if (!pseudonyms) {
        return rk_fail_memory(err, "a key of pseudonyms");
    }
    rk_status status = rk_mapped_open(path, &file, err);
    if (!status && (file.n_bytes < RK_PSEUDONYM_KEY_MIN || file.n_bytes > RK_PSEUDONYM_KEY_MAX)) {
        status = rk_fail(err, RK_BAD_INPUT, "%s: a key of pseudonyms has %d to %d random bytes, this file has %zu",
                         path, (int)RK_PSEUDONYM_KEY_MIN, (int)RK_PSEUDONYM_KEY_MAX, file.n_bytes);
    }
    if (status) {
        free(pseudonyms);
    } else {
        memcpy(pseudonyms->key, file.at, file.n_bytes);
        pseudonyms->n = file.n_bytes;
        *out = pseudonyms;
    }
    rk_mapped_close(&file);
    return status;
}

void rk_pseudonyms_close(rk_pseudonyms *pseudonyms)
{
    if (pseudonyms) {
        explicit_bzero(pseudonyms, sizeof *pseudonyms);
        free(pseudonyms);
    }
}

bool rk_pseudonym_make(const rk_pseudonyms *pseudonyms, rk_slice name, char out[RK_PSEUDONYM_BYTES])
{
    enum { KEPT = (RK_PSEUDONYM_BYTES - 1) / 2 };
    unsigned char digest[RK_DIGEST_BYTES];
    char digits[2 * KEPT + 1];
    bool is_done = rk_secret_hash((rk_slice){pseudonyms->key, pseudonyms->n}, name, digest);
    rk_hex_format(digest, KEPT, digits);
    out[0] = 'p';
    memcpy(out + 1, digits, 2 * KEPT);
    return is_done;
}

bool rk_pseudonym_is(rk_slice name)
{
    unsigned char bytes[(RK_PSEUDONYM_BYTES - 1) / 2];
    return name.n == RK_PSEUDONYM_BYTES && name.at[0] == 'p' &&
           rk_hex_parse((rk_slice){name.at + 1, name.n - 1}, bytes, sizeof bytes);
}

rk_status rk_pseudonyms_take(const rk_pseudonyms *pseudonyms, rk_interner **names, rk_error *err)
{
    rk_interner *taken = rk_interner_new();
    rk_status status = taken ? RK_OK : rk_fail_memory(err, "pseudonyms");
    for (uint32_t i = 0; !status && i < rk_interner_count(*names); i++) {
        char room[RK_PSEUDONYM_BYTES];
        rk_slice name = rk_interner_key(*names, i);
        if (!rk_pseudonym_is(name)) {
            if (!rk_pseudonym_make(pseudonyms, name, room)) {
                status = rk_fail(err, RK_IO, "the system refuses SHA-256");
            }
            name = (rk_slice){room, sizeof room};
        }
        uint32_t id = status ? i : rk_interner_add(taken, name);
        if (id == RK_NO_ID) {
            status = rk_fail_memory(err, "pseudonyms");
        } else if (id != i) {
            status =
                rk_fail(err, RK_BAD_INPUT, "user %.*s stands in the log under his name as well", (int)name.n, name.at);
        }
    }
    if (status) {
        rk_interner_free(taken);
        return status;
    }
    rk_interner_free(*names);
    *names = taken;
    return RK_OK;
}
