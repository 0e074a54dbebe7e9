/* registry.c - the one list of algorithms. Adding a model: its file, and a row here. */
#include <string.h>

#include "base/slice.h"
#include "model/model_inside.h"

/* clang-format off: one row a line, so that two people can add one each */
static const rk_model_kind *const kinds[] = {
    &rk_model_kind_popular,
    &rk_model_kind_recent,
    &rk_model_kind_trending,
    &rk_model_kind_als,
    &rk_model_kind_mf,
    &rk_model_kind_bpr,
    &rk_model_kind_logistic,
    &rk_model_kind_itemknn,
    &rk_model_kind_userknn,
    &rk_model_kind_ease,
    &rk_model_kind_slim,
    &rk_model_kind_session,
    &rk_model_kind_together,
    &rk_model_kind_graph,
    &rk_model_kind_content,
    &rk_model_kind_profile,
    &rk_model_kind_hybrid,
    &rk_model_kind_linear,
};
/* clang-format on */

const rk_model_kind *rk_model_kind_at(size_t i) { return i < RK_COUNT_OF(kinds) ? kinds[i] : NULL; }

const rk_model_kind *rk_model_kind_find(const char *name)
{
    for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i]->name, name) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

rk_status rk_model_kind_need(const char *name, const rk_model_kind **out, rk_error *err)
{
    const rk_model_kind *kind = rk_model_kind_find(name);
    if (kind) {
        *out = kind;
        return RK_OK;
    }
    const char *names[RK_COUNT_OF(kinds)];
    for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
        names[i] = kinds[i]->name;
    }
    const char *nearest = rk_nearest_name(name, names, RK_COUNT_OF(names));
    return rk_fail(err, RK_BAD_USAGE, "no model is called '%.40s'%s%s%s; see reckon train --list", name,
                   nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}
