/* fuse.c - see fuse.h. Shell sort: n is a few hundred, and equal values get one place in whatever order they come. */
#include "rank/fuse.h"

/* The larger value first. */
static void sort(const float *value, size_t stride, uint32_t *order, size_t n)
{
    for (size_t gap = n / 2; gap > 0; gap /= 2) {
        for (size_t i = gap; i < n; i++) {
            uint32_t moved = order[i];
            size_t at = i;
            for (; at >= gap && value[order[at - gap] * stride] < value[moved * stride]; at -= gap) {
                order[at] = order[at - gap];
            }
            order[at] = moved;
        }
    }
}

void rk_fuse_add(const float *value, size_t n, size_t stride, uint32_t *room, double *score)
{
    size_t place = 0;
    for (size_t i = 0; i < n; i++) {
        room[i] = (uint32_t)i;
    }
    sort(value, stride, room, n);
    for (size_t i = 0; i < n; i++) {
        place = i > 0 && value[room[i] * stride] >= value[room[i - 1] * stride] ? place : i + 1;
        score[room[i]] += 1.0 / (double)(RK_FUSE_SMOOTH + place);
    }
}
