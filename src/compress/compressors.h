/* compressors.h - the rows of the table in compress.c; each is defined in its own file. Private to compress/. */
#ifndef RECKON_COMPRESS_COMPRESSORS_H
#define RECKON_COMPRESS_COMPRESSORS_H

#include "compress/compress.h"

extern const rk_compressor rk_compressor_fp16, rk_compressor_int8;

#endif
