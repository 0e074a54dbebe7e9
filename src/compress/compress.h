/* compress.h - smaller forms of a trained model: one row per form, and what the rounding did to the vectors.
 *
 * A compressed model is a model like any other: the same names, history, biases, query vectors and encoder, smaller
 * item vectors, its original as parent, its own cost. Its meta is the original's, plus
 *   "compression": {"to":"int8","options":{...},"max_error","rms_error","rms_value","bytes_before","bytes_after"}
 * where errors are absolute, over all numbers of all item vectors, and bytes are those of the item vectors (with
 * scales): what answering reads.
 */
#ifndef RECKON_COMPRESS_COMPRESS_H
#define RECKON_COMPRESS_COMPRESS_H

#include "base/options.h"
#include "base/run.h"
#include "model/model.h"

typedef struct {
    double max_error, rms_error; /* of a number, against the original */
    double rms_value;            /* of the original's numbers, to see the errors by */
    uint64_t bytes_before, bytes_after;
} rk_compression;

/* What a compressor works on: it reads the model and writes the sections that it `replaces`; the rest is copied. */
typedef struct {
    const rk_model *model;
    rk_artefact_writer *writer;
    const rk_run *run;
    rk_compression *report;
} rk_compress_job;

typedef struct {
    const char *name, *summary;
    const rk_option *options; /* over the settings struct, whose size is settings_bytes */
    size_t n_options, settings_bytes;
    const char *const *replaces; /* names of sections, NULL at the end */
    rk_status (*run)(const rk_compress_job *job, const void *settings, rk_error *err);
} rk_compressor;

const rk_compressor *rk_compressor_at(size_t i); /* NULL past the end */
/* RK_BAD_USAGE naming the nearest. */
RK_MUST_CHECK rk_status rk_compressor_need(const char *name, const rk_compressor **out, rk_error *err);

/* Reads a model with fp32 vectors, writes a smaller one. set: "key=value" texts. RK_BAD_INPUT for a model that is
 * compressed already or has no vectors. */
RK_MUST_CHECK rk_status rk_compress(const char *model_path, const char *to, const char *const *set, size_t n_set,
                                    const char *out_path, const rk_run *run, rk_compression *report, rk_error *err);

#endif
