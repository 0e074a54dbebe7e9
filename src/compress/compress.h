/* compress.h - smaller forms of a trained model: one row per compressor, one after another as a variant's name says.
 *
 * A compressed model is a model like any other, with what it was made of as parent and its own cost: whoever scores,
 * serves, evaluates and explains sees smaller sections and no other difference. A blend's parts are compressed one by
 * one. Its meta is the original's, plus
 *   "compression": {"to":"prune(0.5)+int8","bytes_before","bytes_after",
 *                   "steps":[{"to":"prune","options":{...},...what the step measured},...]}
 * A model may be compressed again: then the steps go on where those of its file end. Bytes are what answering reads:
 * vectors, scales, biases, neighbours.
 */
#ifndef RECKON_COMPRESS_COMPRESS_H
#define RECKON_COMPRESS_COMPRESS_H

#include "base/options.h"
#include "base/run.h"
#include "model/model.h"

typedef struct {
    /* Of a number that the last step rounded, against that step's original; 0: nothing was rounded. */
    double max_error, rms_error;
    double rms_value; /* of the original's numbers, to see the errors by */
    uint64_t bytes_before, bytes_after;
} rk_compression;

/* A model that has vectors or neighbours of its own: the whole, or a part of a blend. */
typedef struct {
    const rk_model *model;
    json_t *meta; /* its description in the new file, to change where it does */
} rk_compress_leaf;

enum { RK_COMPRESS_DROPS_MAX = RK_MODEL_PARTS_MAX * 12 };
typedef char rk_section_name[RK_ARTEFACT_NAME_BYTES_MAX + 1];

/* One step at work. What it writes takes the place of the section of that name; what it neither writes nor drops is
 * copied. */
typedef struct {
    const rk_model *model;
    rk_artefact_writer *writer;
    const rk_run *run;
    rk_compression *report;
    json_t *figures; /* object: what the step measured, to be kept in the file */
    bool is_remade;  /* set it: of the original only names and what users have taken are copied */
    rk_section_name drop[RK_COMPRESS_DROPS_MAX];
    size_t n_drops;
} rk_compress_job;

typedef struct {
    const char *name, *summary;
    const rk_option *options; /* over the settings struct, whose size is settings_bytes */
    size_t n_options, settings_bytes;
    const char *wants; /* what it works on, for a message: "vectors of fp32" */
    bool (*fits)(const rk_model *leaf);
    /* One of them: for each leaf that fits, or for the whole where one does. */
    rk_status (*each)(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings, rk_error *err);
    rk_status (*whole)(rk_compress_job *job, const void *settings, rk_error *err);
} rk_compressor;

const rk_compressor *rk_compressor_at(size_t i); /* NULL past the end */
/* RK_BAD_USAGE naming the nearest. */
RK_MUST_CHECK rk_status rk_compressor_need(const char *name, const rk_compressor **out, rk_error *err);

/* Reads a model, writes a smaller one. to: a variant without an index. set: "key=value" texts for the only step of one.
 * RK_BAD_INPUT where a step finds nothing to work on. */
RK_MUST_CHECK rk_status rk_compress(const char *model_path, const char *to, const char *const *set, size_t n_set,
                                    const char *out_path, const rk_run *run, rk_compression *report, rk_error *err);

/* ---- for compressors ---- */

/* The name of a leaf's section in its file. */
const char *rk_compress_name(const rk_compress_leaf *leaf, const char *name, rk_section_name out);
RK_MUST_CHECK rk_status rk_compress_add(const rk_compress_job *job, const rk_compress_leaf *leaf, const char *name,
                                        rk_type type, uint64_t rows, uint64_t cols, const void *data, rk_error *err);
/* The section is not copied. */
void rk_compress_drop(rk_compress_job *job, const rk_compress_leaf *leaf, const char *name);
/* A leaf's section, checked against its checksum; it must be there. */
RK_MUST_CHECK rk_status rk_compress_read(const rk_compress_leaf *leaf, const char *name, const rk_section **out,
                                         rk_error *err);

#endif
