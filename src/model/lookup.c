/* lookup.c - see lookup.h. */
#include "model/lookup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Only when a name is unknown: every name as a string, to find the nearest. NULL: none is near. */
static const char *nearest(const rk_names *names, rk_slice word, rk_arena *arena)
{
    const char **all = RK_TAKE(arena, const char *, names->n);
    char *sought = rk_arena_copy(arena, word.at, word.n);
    for (uint32_t i = 0; all && i < names->n; i++) {
        rk_slice name = rk_names_get(names, i);
        all[i] = rk_arena_copy(arena, name.at, name.n);
        if (!all[i]) {
            return NULL;
        }
    }
    return all && sought ? rk_nearest_name(sought, all, names->n) : NULL;
}

static rk_status find(const rk_model *model, const char *what, const rk_names *names, rk_slice name, uint32_t *id,
                      rk_error *err)
{
    *id = rk_names_find(names, name);
    if (*id != RK_NO_ID) {
        return RK_OK;
    }
    rk_arena arena = {0};
    const char *near = nearest(names, name, &arena);
    rk_status status = rk_fail(err, RK_NOT_FOUND, "no %s '%.*s' in %.200s%s%.60s%s", what,
                               (int)(name.n < 60 ? name.n : 60), name.at, rk_artefact_path(rk_model_artefact(model)),
                               near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
    rk_arena_release(&arena);
    return status;
}

rk_status rk_model_find_user(const rk_model *model, const char *name, uint32_t *user, rk_error *err)
{
    return find(model, "user", rk_model_users(model), rk_slice_of(name), user, err);
}

rk_status rk_model_find_item(const rk_model *model, rk_slice name, uint32_t *item, rk_error *err)
{
    return find(model, "item", rk_model_items(model), name, item, err);
}

bool rk_category_is_within(rk_slice category, rk_slice name)
{
    if (category.n < name.n || memcmp(category.at, name.at, name.n) != 0) {
        return false;
    }
    size_t next = name.n + (name.n < category.n && category.at[name.n] == ' ');
    return category.n == name.n || (next < category.n && strchr(">/|.", category.at[next]) != NULL);
}

rk_status rk_model_find_categories(const rk_model *model, rk_slice name, rk_arena *arena, unsigned char **allowed,
                                   rk_error *err)
{
    const rk_names *names = rk_model_categories(model);
    uint32_t unused;
    bool has_any = false;
    if (names->n == 0) {
        return rk_fail(err, RK_NOT_FOUND, "no category '%.*s': %.200s knows no categories",
                       (int)(name.n < 60 ? name.n : 60), name.at, rk_artefact_path(rk_model_artefact(model)));
    }
    *allowed = RK_TAKE(arena, unsigned char, names->n);
    if (!*allowed) {
        return rk_fail_memory(err, "categories");
    }
    for (uint32_t c = 0; c < names->n; c++) {
        (*allowed)[c] = name.n > 0 && rk_category_is_within(rk_names_get(names, c), name);
        has_any |= (*allowed)[c];
    }
    return has_any ? RK_OK : find(model, "category", names, name, &unused, err);
}

typedef struct {
    uint32_t item;
    float value;
} entry;

static int by_item(const void *a, const void *b)
{
    uint32_t x = ((const entry *)a)->item, y = ((const entry *)b)->item;
    return (x > y) - (x < y);
}

/* One "item" or "item=value"; value: what it is without one. */
static rk_status read_entry(const rk_model *model, rk_slice word, bool with_values, double value, entry *out,
                            rk_error *err)
{
    const char *equals = with_values ? memrchr(word.at, '=', word.n) : NULL;
    rk_slice name = {word.at, equals ? (size_t)(equals - word.at) : word.n};
    if (equals) {
        rk_slice text = {equals + 1, word.n - name.n - 1};
        if (!rk_parse_real(text, &value) || !isfinite((float)value)) {
            return rk_fail(err, RK_BAD_USAGE, "what follows '=' must be a number, got '%.*s'",
                           (int)(word.n < 60 ? word.n : 60), word.at);
        }
    } else if (with_values && rk_model_is_rating(model)) {
        return rk_fail(err, RK_BAD_USAGE, "a rating model must be told how '%.*s' was rated: %.*s=4",
                       (int)(word.n < 60 ? word.n : 60), word.at, (int)(word.n < 60 ? word.n : 60), word.at);
    }
    out->value = (float)value;
    return rk_model_find_item(model, name, &out->item, err);
}

static size_t count_words(const char *list)
{
    size_t n = 1;
    for (; *list; list++) {
        n += *list == ',';
    }
    return n;
}

rk_status rk_model_read_items(const rk_model *model, const char *list, bool with_values, rk_arena *arena,
                              rk_history *out, rk_error *err)
{
    size_t n = count_words(list);
    entry *entries = RK_TAKE(arena, entry, n);
    uint32_t *items = RK_TAKE(arena, uint32_t, n);
    float *values = RK_TAKE(arena, float, n);
    if (!entries || !items || !values) {
        return rk_fail_memory(err, "a list of items");
    }
    for (size_t i = 0; i < n; i++) {
        rk_slice word = {list, strcspn(list, ",")};
        double untold = rk_model_kind_of(model)->told_in_order ? (double)i + 1 : 1;
        rk_status status = read_entry(model, word, with_values, untold, &entries[i], err);
        if (status) {
            return status;
        }
        list += word.n + (i + 1 < n);
    }
    qsort(entries, n, sizeof *entries, by_item);
    for (size_t i = 0; i < n; i++) {
        items[i] = entries[i].item;
        values[i] = entries[i].value;
        if (i > 0 && items[i] == items[i - 1]) {
            rk_slice name = rk_names_get(rk_model_items(model), items[i]);
            return rk_fail(err, RK_BAD_USAGE, "item '%.*s' is named twice", (int)(name.n < 60 ? name.n : 60), name.at);
        }
    }
    *out = (rk_history){items, with_values ? values : NULL, n};
    return RK_OK;
}
