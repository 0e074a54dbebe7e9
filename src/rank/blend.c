/* blend.c - see blend.h. */
#include "rank/blend.h"

rk_blend rk_blend_default(void)
{
    rk_blend blend = {{0}};
    for (size_t f = 0; f < rk_n_features; f++) {
        blend.weight[f] = rk_features[f].weight;
    }
    return blend;
}

double rk_blend_score(const rk_blend *blend, const float *feature)
{
    double sum = 0;
    for (size_t f = 0; f < rk_n_features; f++) {
        sum += blend->weight[f] * (double)feature[f];
    }
    return sum;
}
