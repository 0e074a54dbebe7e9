/* lookup.h - the words of a question: users, items and histories by name. */
#ifndef RECKON_MODEL_LOOKUP_H
#define RECKON_MODEL_LOOKUP_H

#include "model/model.h"

/* RK_NOT_FOUND "no user 'x' in m.rk, did you mean 'y'?". */
RK_MUST_CHECK rk_status rk_model_find_user(const rk_model *model, const char *name, uint32_t *user, rk_error *err);
RK_MUST_CHECK rk_status rk_model_find_item(const rk_model *model, rk_slice name, uint32_t *item, rk_error *err);

/* Whether a category is this one or lies below it: begins with it and then > / | or . (a blank may stand before). */
bool rk_category_is_within(rk_slice category, rk_slice name);
/* allowed: [categories] 1 for the category of this name and those below it, which begin with it and then > / | or . (a
 * blank may stand before); in the arena. RK_NOT_FOUND, also when the model knows no categories. */
RK_MUST_CHECK rk_status rk_model_find_categories(const rk_model *model, rk_slice name, rk_arena *arena,
                                                 unsigned char **allowed, rk_error *err);

/* "item,item=value,...": ascending, in the arena. No value is 1, or the place in the list for a model of what follows
 * what (told_in_order); a rating model must be told each. With values false
 * "=" is part of a name and the value stays NULL. RK_BAD_USAGE for an item named twice or a value that is no number. */
RK_MUST_CHECK rk_status rk_model_read_items(const rk_model *model, const char *list, bool with_values, rk_arena *arena,
                                            rk_history *out, rk_error *err);

#endif
