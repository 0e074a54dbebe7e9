/* scene_policy.h - a scene as the policy of a what-if: what it would have put at the place.
 *
 * The scene is asked as the server asks it, with what was known of the user then: what the model has seen of him, and
 * what he did before the answer. Of the items that might have stood at the place, its choice is the one that it ranks
 * highest.
 */
#ifndef RECKON_EXPERIMENT_SCENE_POLICY_H
#define RECKON_EXPERIMENT_SCENE_POLICY_H

#include "experiment/what_if.h"
#include "scene/scene_set.h"

typedef struct rk_scene_policy rk_scene_policy;
/* Borrows all. RK_UNSUPPORTED: a scene with a source of what a search found; the log does not hold what was searched.
 */
RK_MUST_CHECK rk_status rk_scene_policy_new(const rk_scene_set *set, const rk_scene *scene, const rk_model *model,
                                            const rk_journal *journal, rk_scene_policy **out, rk_error *err);
void rk_scene_policy_free(rk_scene_policy *policy); /* accepts NULL */
rk_policy rk_scene_policy_choose;                   /* context: the rk_scene_policy */

#endif
