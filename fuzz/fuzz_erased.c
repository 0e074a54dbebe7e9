/* fuzz_erased.c - any bytes as the list of who was erased: refused with the place, or a list that takes another name,
 * and says the same when it is read again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/erased.h"

static void insist(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_list(const char *folder, rk_erased *erased)
{
    rk_erased *again = NULL;
    rk_erasure one = {0}, two = {0};
    rk_error err = {0};
    rk_slice name = RK_SLICE("somebody");
    size_t n = rk_erased_count(erased), n_asked = rk_erased_n_asked(erased);
    bool was_there = rk_erased_find(erased, name, NULL);
    insist(n_asked <= n);
    insist(rk_erased_add(erased, name, 7, 1700000000, &err) == RK_OK);
    insist(rk_erased_count(erased) == n + !was_there && rk_erased_n_asked(erased) > 0);
    insist(rk_erased_open(folder, &again, &err) == RK_OK);
    insist(rk_erased_count(again) == rk_erased_count(erased) && rk_erased_n_asked(again) == rk_erased_n_asked(erased));
    insist(rk_erased_find(erased, name, &one) && rk_erased_find(again, name, &two));
    insist(memcmp(one.who, two.who, sizeof one.who) == 0 && two.before == 7 && two.time_s == 1700000000 &&
           !two.is_done);
    insist(rk_erased_finish(again, (rk_slice){"", 0}, &err) == RK_OK && rk_erased_n_asked(again) == 0);
    rk_erased_close(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/dev/shm/reckon-fuzz-XXXXXX", path[64];
    rk_erased *erased = NULL;
    rk_error err = {0};
    if (!mkdtemp(folder)) {
        return 0;
    }
    snprintf(path, sizeof path, "%s/erased", folder);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    bool is_written = file >= 0 && write(file, data, size) == (ssize_t)size;
    close(file);
    if (is_written && rk_erased_open(folder, &erased, &err) == RK_OK) {
        check_list(folder, erased);
    } else {
        insist(!is_written || strstr(err.message, "erased"));
    }
    rk_erased_close(erased);
    unlink(path);
    rmdir(folder);
    return 0;
}
