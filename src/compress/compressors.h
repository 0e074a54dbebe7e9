/* compressors.h - the rows of the table in compress.c; each is defined in its own file. Private to compress/. */
#ifndef RECKON_COMPRESS_COMPRESSORS_H
#define RECKON_COMPRESS_COMPRESSORS_H

#include "compress/compress.h"

extern const rk_compressor rk_compressor_fp16, rk_compressor_bf16, rk_compressor_int8, rk_compressor_int4,
    rk_compressor_prune, rk_compressor_factors, rk_compressor_distil, rk_compressor_catalogue,
    rk_compressor_pq;

/* code_rows.c: neighbours as bytes. */
RK_MUST_CHECK rk_status rk_compress_code_rows(rk_compress_job *job, const rk_compress_leaf *leaf, rk_error *err);

/* The neighbours of a leaf, borrowed. */
typedef struct {
    const uint64_t *start; /* [n_rows + 1] */
    const uint32_t *item;  /* [n] */
    const float *weight;   /* [n] */
    size_t n_rows;
    uint64_t n;
} rk_float_rows;
RK_MUST_CHECK rk_status rk_float_rows_read(const rk_compress_leaf *leaf, rk_float_rows *out, rk_error *err);

/* What compressors work on. */
static inline bool rk_has_float_vectors(const rk_model *leaf)
{
    return rk_model_dim(leaf) > 0 && rk_model_type(leaf) == RK_F32 && !rk_model_is_coded(leaf);
}
static inline bool rk_has_float_rows(const rk_model *leaf)
{
    return rk_model_section(leaf, "near.start") && !rk_model_near_is_coded(leaf);
}

#endif
