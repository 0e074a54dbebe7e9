/* frontier_grid.h - which variants a frontier is made of, as a table: three that come with reckon, or one in a file.
 *
 *     reckon: grid/1
 *     tune: 8                                      # trials for each trained variant; 0 = settings as written
 *     repeats: 3                                   # measurements of each
 *     seconds: 8                                   # that each takes
 *     variants:                                    # the simpler one first
 *       popular: {model: popular}
 *       als: {model: als, set: {factors: 128}}
 *       als+int8: {of: als, to: int8}              # what reckon compress takes as --to
 *       als+int8+hnsw: {of: als+int8, index: hnsw, recall: 0.95}   # what reckon index takes as --kind; served with it
 */
#ifndef RECKON_STUDY_FRONTIER_GRID_H
#define RECKON_STUDY_FRONTIER_GRID_H

#include "base/arena.h"
#include "base/error.h"
#include "base/yaml.h"
#include "eval/paired.h"

enum { RK_GRID_VARIANTS_MAX = RK_PAIRED_MAX, RK_GRID_REPEATS_MAX = 9 };

typedef struct {
    const char *name;  /* "als+int8" */
    const char *file;  /* the same as part of a file's name: letters, digits and +-._ */
    const char *model; /* of a trained one; NULL = made of another */
    const char *const *set;
    size_t n_set;      /* "factors=128" */
    size_t of;         /* number of the variant that it is made of; its own number: trained */
    const char *to;    /* "int8"; NULL = trained, or the same model with an index */
    const char *index; /* "hnsw", "auto": served with an index of that kind; NULL = all items are scored */
    double recall;     /* wanted of the index */
    size_t n_steps;    /* of making it: the training, each word of `to` that a + sets apart, the index */
} rk_grid_variant;

typedef struct {
    const char *name;           /* "quick" */
    rk_grid_variant *variants;  /* [n], each behind the one that it is made of */
    size_t n;                   /* 1 .. RK_GRID_VARIANTS_MAX */
    unsigned n_trials, repeats; /* repeats: 1 .. RK_GRID_REPEATS_MAX */
    double seconds;
} rk_grid;

#define RK_GRID_NAMES "quick|default|thorough"

/* One that comes with reckon. Texts and arrays go to the arena. RK_BAD_USAGE for another name. */
RK_MUST_CHECK rk_status rk_grid_of_name(const char *name, rk_arena *arena, rk_grid *out, rk_error *err);
/* Of a file; names must differ as parts of files' names, too. */
RK_MUST_CHECK rk_status rk_grid_read(const char *path, rk_arena *arena, rk_grid *out, rk_error *err);
RK_MUST_CHECK rk_status rk_grid_parse(rk_slice text, const char *name, rk_arena *arena, rk_grid *out, rk_error *err);

#endif
