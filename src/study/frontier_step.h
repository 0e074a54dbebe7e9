/* frontier_step.h - a step of a frontier run: what it is made of, what it makes; inside study/ only. */
#ifndef RECKON_STUDY_FRONTIER_STEP_H
#define RECKON_STUDY_FRONTIER_STEP_H

#include <string.h>

#include "study/frontier_parts.h"

enum { RK_FRONTIER_ALL = RK_GRID_VARIANTS_MAX }; /* the "variant" of a step that all of them need */

typedef struct rk_frontier_step rk_frontier_step;

typedef struct {
    const char *name;
    void (*files)(rk_frontier *f, const rk_frontier_step *s, rk_step *out); /* options, inputs, outputs */
    rk_status (*make)(rk_frontier *f, const rk_frontier_step *s, rk_error *err);
} rk_frontier_step_kind;

struct rk_frontier_step {
    const rk_frontier_step_kind *kind;
    size_t variant; /* RK_FRONTIER_ALL: of none */
    unsigned repeat;
    double expected_s; /* what it took the last time; 0 = unknown */
};

/* frontier_make.c */
extern const rk_frontier_step_kind rk_frontier_step_split, rk_frontier_step_tune, rk_frontier_step_train,
    rk_frontier_step_compress, rk_frontier_step_index;
/* Some option of the variant's model is worth searching and not set. */
bool rk_frontier_is_tuned(const rk_frontier *f, size_t v);
/* frontier_look.c */
extern const rk_frontier_step_kind rk_frontier_step_evaluate, rk_frontier_step_measure, rk_frontier_step_load;

/* Change it when a step does something else with the same inputs. */
#define RK_FRONTIER_STEP_VERSION "frontier/1"

const char *rk_frontier_train_path(rk_frontier *f);
const char *rk_frontier_test_path(rk_frontier *f);
RK_MUST_CHECK rk_status rk_frontier_write_json(const char *path, rk_text *text, rk_error *err);

/* Arrays of paths into a zeroed rk_step; a NULL ends a list early. */
#define RK_SET_FILES(out, files_in, files_out)                                                                         \
    do {                                                                                                               \
        memcpy((out)->inputs, files_in, sizeof(files_in));                                                             \
        memcpy((out)->outputs, files_out, sizeof(files_out));                                                          \
    } while (0)

#endif
