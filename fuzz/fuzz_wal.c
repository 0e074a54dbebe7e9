/* fuzz_wal.c - any bytes as the file of a log: it opens and goes on where its records end, or a message says what is
 * wrong.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/wal.h"

static uint64_t count(const char *folder, rk_error *err)
{
    rk_wal_reader *reader = NULL;
    rk_slice record = {"", 0};
    uint64_t n = 0, number;
    rk_status status = rk_wal_reader_open(folder, 0, &reader, err);
    while (!status && record.at) {
        status = rk_wal_next(reader, &number, &record, err);
        n += !status && record.at;
    }
    if (status && err->message[0] == '\0') {
        abort();
    }
    rk_wal_reader_close(reader);
    return n;
}

static void try_log(const char *folder)
{
    rk_wal *wal = NULL;
    rk_wal_found found;
    rk_error err = {0};
    uint64_t n = count(folder, &err), first;
    if (rk_wal_open(folder, (rk_wal_options){0}, &wal, &found, &err) == RK_OK) {
        if (found.end != n || rk_wal_append(wal, &RK_SLICE("more"), 1, &first, &err) || first != n) {
            abort();
        }
        rk_wal_close(wal);
        if (count(folder, &err) != n + 1) {
            abort();
        }
    } else if (err.message[0] == '\0') {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/dev/shm/reckon-fuzz-XXXXXX", path[64], lock[64];
    if (!mkdtemp(folder)) {
        return 0;
    }
    snprintf(path, sizeof path, "%s/00000000000000000000.wal", folder);
    snprintf(lock, sizeof lock, "%s/lock", folder);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    bool is_written = file >= 0 && write(file, data, size) == (ssize_t)size;
    close(file);
    if (is_written) {
        try_log(folder);
    }
    unlink(path);
    unlink(lock);
    rmdir(folder);
    return 0;
}
