/* row_code.h - a row of neighbours in bytes: the gap to the next item and a weight, two or three bytes an entry.
 *
 *   OFFSET  SIZE  MEANING
 *        0     1  width of a gap, 1 or 2 bytes; a row without entries is empty and has no width
 *        1   w+1  each entry: how much further its item is than the one before (the first: than -1), little endian,
 *                 and its weight q, a signed byte
 *
 * weight = scale q |q|: the law of squares. Most weights of a row are far below its largest; theirs are the finer steps
 * (an error of 1/2q of the weight), and the largest weights, with steps twice as wide as even ones, still err by 1/127
 * at most. Where a gap is too large for its width, entries with q = 0 stand between. So every entry is read alike,
 * without the branches of a code of variable length, which costs more than the byte it may save. Each row has the width
 * that makes it shorter.
 */
#ifndef RECKON_MODEL_ROW_CODE_H
#define RECKON_MODEL_ROW_CODE_H

#include <stddef.h>
#include <stdint.h>

enum { RK_ROW_LEVELS = 127 };

/* The scale of a row: [n] weights, finite. 0 for a row of zeros. */
float rk_row_scale(const float *weight, size_t n);
/* The nearest level. */
int8_t rk_row_level(float weight, float scale);
static inline float rk_row_weight(int8_t level, float scale)
{
    int q = level;
    return (float)(q < 0 ? -q * q : q * q) * scale;
}

/* item: [n] ascending, each once. Entries whose level is 0 are left out. *width: the shorter; returns the bytes. */
size_t rk_row_code_bytes(const uint32_t *item, const int8_t *level, size_t n, unsigned *width);
/* out: as many bytes as that. */
void rk_row_code_put(const uint32_t *item, const int8_t *level, size_t n, unsigned width, uint8_t *out);

/* Where a reader stands. Begin with {begin + 1, end, UINT32_MAX, *begin} of a row that is not empty. */
typedef struct {
    const uint8_t *at, *end;
    uint32_t item; /* of the entry before */
    unsigned width;
} rk_row_reader;

/* The item of the entry at hand: there is one while at < end. */
static inline uint32_t rk_row_item(const rk_row_reader *r)
{
    return r->item + r->at[0] + (r->width == 2 ? (uint32_t)r->at[1] << 8 : 0);
}
static inline int8_t rk_row_level_at(const rk_row_reader *r) { return (int8_t)r->at[r->width]; }
static inline void rk_row_next(rk_row_reader *r)
{
    r->item = rk_row_item(r);
    r->at += r->width + 1;
}

#endif
