/* replay.c - runs a fuzz target over its stored corpus and over simple mutations of it, as an ordinary test.
 *
 * usage: fuzz_NAME NAME CORPUS/NAME/README - every file of that folder is an input (the README too: it is only bytes).
 * Each input is also tried truncated at several places and with single bytes flipped, deterministically.
 */
#include <dirent.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* exact size, so that a sanitizer sees a read past the end */
    if (copy) {
        memcpy(copy, data, size);
        (void)LLVMFuzzerTestOneInput(copy, size);
        free(copy);
    }
}

static void try_mutations(uint8_t *data, size_t size)
{
    uint32_t state = 12345;
    try_copy(data, size);
    for (int i = 0; i < 64 && size > 0; i++) {
        state = state * 1664525u + 1013904223u;
        size_t at = (state >> 8) % size;
        uint8_t kept = data[at];
        data[at] = (uint8_t)(state >> 24);
        try_copy(data, size);
        data[at] = kept;
        try_copy(data, at);
    }
}

static int try_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return -1;
    }
    uint8_t *data = malloc(1 << 20);
    if (data) {
        try_mutations(data, fread(data, 1, 1 << 20, file));
    }
    free(data);
    fclose(file);
    return data ? 0 : -1;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 2;
    }
    const char *folder = dirname(argv[2]);
    DIR *dir = opendir(folder);
    if (!dir) {
        return 2;
    }
    int n = 0, failed = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[4096];
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        failed += try_file(path) != 0;
        n++;
    }
    closedir(dir);
    printf("1..1\n%sok 1 - %s survives %d stored inputs and their mutations\n", failed ? "not " : "", argv[1], n);
    return 0;
}
