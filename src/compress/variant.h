/* variant.h - the name of a smaller model: steps one after another, and how to search what comes out.
 *
 *   variant  step { "+" step } [ "+" index ]
 *   step     NAME [ "(" [ VALUE | KEY=VALUE { "," KEY=VALUE } ] ")" ]
 *
 * "distil(32)+int8+hnsw": a compressor's only value without a key is that of its first option; the index is a kind of
 * ann/. The same name and the same original give the same bytes, so that a name is all a table of variants must keep.
 */
#ifndef RECKON_COMPRESS_VARIANT_H
#define RECKON_COMPRESS_VARIANT_H

#include "ann/ann.h"
#include "compress/compress.h"

enum { RK_VARIANT_STEPS_MAX = 8 };

typedef struct {
    const rk_compressor *compressor;
    void *settings; /* owned: the compressor's struct, filled */
} rk_variant_step;

typedef struct {
    rk_variant_step step[RK_VARIANT_STEPS_MAX];
    size_t n_steps;           /* 0: the model as it is, searched by the index */
    const rk_ann_kind *index; /* NULL: every item is scored */
    rk_vec index_set;         /* of const char *: "key=value" texts for rk_near_build */
    rk_vec texts;             /* of char *, owned: every value, which settings point into */
} rk_variant;

/* RK_BAD_USAGE with the step that cannot be read, naming the nearest compressor or option. */
RK_MUST_CHECK rk_status rk_variant_parse(const char *text, rk_variant *out, rk_error *err);
void rk_variant_release(rk_variant *variant); /* accepts a zeroed one */
rk_option_table rk_variant_options(const rk_variant_step *step);

#endif
