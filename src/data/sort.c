/* sort.c - insertion for a few, radix by bytes for more; only bytes in which the keys differ are looked at. A user's
 * history is 10 to 10,000 events whose times differ in three or four bytes, so this is three or four short passes where
 * a comparison sort guesses a branch per comparison wrong half of the time.
 */
#include "data/sort.h"

#include <string.h>

enum { FEW = 40, BYTE_VALUES = 256 };

static void insertion(uint64_t *keys, size_t n, unsigned low_bit)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        size_t at = i;
        for (; at > 0 && keys[at - 1] >> low_bit > key >> low_bit; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = key;
    }
}

static void pass(const uint64_t *from, uint64_t *to, size_t n, unsigned shift)
{
    size_t place[BYTE_VALUES] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++) {
        place[from[i] >> shift & (BYTE_VALUES - 1)]++;
    }
    for (size_t b = 0; b < BYTE_VALUES; b++) {
        size_t count = place[b];
        place[b] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++) {
        to[place[from[i] >> shift & (BYTE_VALUES - 1)]++] = from[i];
    }
}

void rk_sort_u64(uint64_t *keys, size_t n, unsigned low_bit, uint64_t *scratch)
{
    if (n <= FEW) {
        insertion(keys, n, low_bit);
        return;
    }
    uint64_t differs = 0, *from = keys, *to = scratch;
    for (size_t i = 1; i < n; i++) {
        differs |= keys[i] ^ keys[0];
    }
    for (unsigned shift = low_bit; shift < 64 && differs >> shift; shift += 8) {
        if (differs >> shift & (BYTE_VALUES - 1)) {
            pass(from, to, n, shift);
            uint64_t *swap = from;
            from = to;
            to = swap;
        }
    }
    if (from != keys) {
        memcpy(keys, from, n * sizeof *keys);
    }
}
