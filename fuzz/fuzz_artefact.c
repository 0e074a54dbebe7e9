/* fuzz_artefact.c - any bytes as an artefact: opened, verified and walked, or refused; never a crash.
 *
 * Checksums would stop a fuzzer at the door, so every input is tried twice: as it is, and with the fixed part's
 * magic, version and checksums made right, which lets it reach the header and the sections.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "store/artefact_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads everything a section promises. */
static unsigned walk(const rk_artefact *artefact)
{
    unsigned sum = 0;
    for (size_t i = 0; i < rk_artefact_n_sections(artefact); i++) {
        const rk_section *section = rk_artefact_section_at(artefact, i);
        for (uint64_t b = 0; b < section->bytes; b++) {
            sum += ((const unsigned char *)section->data)[b];
        }
    }
    rk_names names;
    rk_error err;
    if (rk_names_open(artefact, "items", true, &names, &err) == RK_OK && names.order) {
        for (uint32_t i = 0; i < names.n; i++) {
            sum += rk_names_find(&names, rk_names_get(&names, i)) != i;
        }
    }
    return sum;
}

static void try_file(const uint8_t *data, size_t size)
{
    char path[64];
    rk_artefact *artefact;
    rk_error err;
    int file = memfd_create("artefact", 0);
    if (file < 0) {
        return;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (write(file, data, size) == (ssize_t)size && rk_artefact_open(path, NULL, &artefact, &err) == RK_OK) {
        volatile unsigned sink = walk(artefact) + (unsigned)rk_artefact_verify(artefact, NULL, &err);
        (void)sink;
        rk_artefact_close(artefact);
    }
    close(file);
}

/* Makes the fixed part fit the file, as far as its header offset allows. */
static void seal(uint8_t *data, size_t size)
{
    rk_artefact_fixed fixed;
    memcpy(&fixed, data, sizeof fixed);
    memcpy(fixed.magic, RK_ARTEFACT_MAGIC, sizeof fixed.magic);
    fixed.version = RK_ARTEFACT_VERSION;
    if (fixed.header_offset <= size) {
        fixed.header_bytes = (uint32_t)(size - fixed.header_offset);
        fixed.header_checksum = XXH3_64bits(data + fixed.header_offset, fixed.header_bytes);
    }
    fixed.self_checksum = rk_artefact_fixed_checksum(&fixed);
    memcpy(data, &fixed, sizeof fixed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_file(data, size);
    uint8_t *copy = size >= sizeof(rk_artefact_fixed) ? malloc(size) : NULL;
    if (copy) {
        memcpy(copy, data, size);
        seal(copy, size);
        try_file(copy, size);
        free(copy);
    }
    return 0;
}
