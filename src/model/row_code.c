/* row_code.c - see row_code.h. */
#include "model/row_code.h"

#include <math.h>

float rk_row_scale(const float *weight, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++) {
        most = fmaxf(most, fabsf(weight[i]));
    }
    return most / (RK_ROW_LEVELS * RK_ROW_LEVELS);
}

/* Between two levels the nearer one: the root of the weight rounds to it or to its neighbour. */
int8_t rk_row_level(float weight, float scale)
{
    float size = fabsf(weight);
    int q = scale > 0 ? (int)sqrtf(size / scale) : 0;
    q = q < RK_ROW_LEVELS ? q : RK_ROW_LEVELS - 1;
    float low = rk_row_weight((int8_t)q, scale), high = rk_row_weight((int8_t)(q + 1), scale);
    q += scale > 0 && high - size < size - low;
    return (int8_t)(weight < 0 ? -q : q);
}

static uint32_t longest(unsigned width) { return width == 1 ? UINT8_MAX : UINT16_MAX; }

/* How many entries a gap takes, those that only lead there included. */
static size_t entries_of(uint32_t gap, unsigned width) { return ((size_t)gap + longest(width) - 1) / longest(width); }

size_t rk_row_code_bytes(const uint32_t *item, const int8_t *level, size_t n, unsigned *width)
{
    size_t entries[3] = {0};
    uint32_t before = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        for (unsigned w = 1; w <= 2 && level[i] != 0; w++) {
            entries[w] += entries_of(item[i] - before, w);
        }
        before = level[i] != 0 ? item[i] : before;
    }
    *width = 2 * entries[1] <= 3 * entries[2] ? 1 : 2;
    return entries[*width] > 0 ? 1 + entries[*width] * (*width + 1) : 0;
}

static uint8_t *put_entry(uint8_t *out, uint32_t gap, unsigned width, int8_t level)
{
    *out++ = (uint8_t)gap;
    if (width == 2) {
        *out++ = (uint8_t)(gap >> 8);
    }
    *out++ = (uint8_t)level;
    return out;
}

void rk_row_code_put(const uint32_t *item, const int8_t *level, size_t n, unsigned width, uint8_t *out)
{
    uint32_t before = UINT32_MAX;
    uint8_t *at = out + 1;
    for (size_t i = 0; i < n; i++) {
        if (level[i] != 0) {
            uint32_t gap = item[i] - before;
            *out = (uint8_t)width; /* a row without entries has no room for it */
            for (; gap > longest(width); gap -= longest(width)) {
                at = put_entry(at, longest(width), width, 0);
            }
            at = put_entry(at, gap, width, level[i]);
            before = item[i];
        }
    }
}
