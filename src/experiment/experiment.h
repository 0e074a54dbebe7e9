/* experiment.h - which user sees which variant of a scene, as configuration (strict YAML).
 *
 *   salt: spring-2026
 *   experiments:
 *     front-page:
 *       scene: home                  # requests for this scene take part
 *       share: 0.5                   # of the users; the others see the scene itself
 *       variants:
 *         - {name: control, scene: home}
 *         - {name: diverse, scene: home-diverse, weight: 2}
 *     ranker:
 *       scene: product
 *       kind: interleave             # both in one list, team draft
 *       variants: [{name: old, scene: product}, {name: new, scene: product-2}]
 *
 * A variant is a scene, and so another model (a source's `model`), other rules, or both. A user stays where he is as
 * long as salt, names, weights and share stay: he takes part when the hash of (salt, experiment, "share", user) falls
 * below the share, and the hash of (salt, experiment, user) picks the variant. A greater share adds users and moves
 * none.
 */
#ifndef RECKON_EXPERIMENT_EXPERIMENT_H
#define RECKON_EXPERIMENT_EXPERIMENT_H

#include "base/arena.h"
#include "base/yaml.h"

enum { RK_EXPERIMENTS_MAX = 64, RK_VARIANTS_MAX = 16 };

typedef struct {
    const char *name, *scene;
    double weight; /* > 0 */
    rk_place at;   /* of the scene's name */
} rk_variant;

typedef enum { RK_SPLIT, RK_INTERLEAVE } rk_experiment_kind;
extern const char *const rk_experiment_kind_names[2];

typedef struct {
    const char *name, *scene;
    rk_experiment_kind kind;
    double share;          /* of the users, 0 .. 1 */
    int64_t from_s, end_s; /* seconds since 1970: runs from, and no more at */
    rk_variant variant[RK_VARIANTS_MAX];
    size_t n_variants; /* at least 2, of an interleaving just 2 */
    double weights;    /* sum */
    rk_place at;       /* of the scene's name */
} rk_experiment;

typedef struct rk_experiments {
    rk_arena arena;
    rk_yaml *yaml; /* whose texts and places are borrowed */
    const char *salt;
    rk_experiment *experiment; /* [n] in the order of the file */
    size_t n;
} rk_experiments;

/* Errors are "path:line:column: ...". Two experiments on one scene must not run at the same time. Whether the scenes
 * exist is for the caller, who knows them. */
RK_MUST_CHECK rk_status rk_experiments_read(const char *path, rk_experiments **out, rk_error *err);
RK_MUST_CHECK rk_status rk_experiments_parse(rk_slice text, const char *name, rk_experiments **out, rk_error *err);
void rk_experiments_free(rk_experiments *experiments); /* accepts NULL */

/* The one that runs on a scene now and that the user takes part in; NULL: none. */
const rk_experiment *rk_experiments_find(const rk_experiments *experiments, rk_slice scene, rk_slice user,
                                         int64_t now_s);
/* The variant of a user who takes part, and the chance that he had to get it. */
const rk_variant *rk_experiment_assign(const rk_experiments *experiments, const rk_experiment *experiment,
                                       rk_slice user, double *propensity);

#endif
