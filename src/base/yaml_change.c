/* yaml_change.c - changing a tree by a path, and finding the path to a node: "what if" without writing a file.
 *
 * A path is walked step by step; each step takes the longest name that begins the rest of the path and ends at a dot,
 * at '=' or with the path, so names that hold dots need no quotes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml_parts.h"

typedef struct {
    rk_yaml *yaml;
    rk_slice rest;     /* of the path */
    const char *place; /* "--set PATH", for the places of the value */
    rk_error *err;
} walk;

/* What a child is called on a path: its key, or the 'name' of an item of a list; NULL = only its place in the list. */
static const char *name_of(const rk_yaml_node *child)
{
    const rk_yaml_node *name = child->key                    ? child->key
                               : child->kind == RK_YAML_MAP ? rk_yaml_find(child, "name")
                                                            : NULL;
    return name && name->kind == RK_YAML_SCALAR ? name->text : NULL;
}

/* Bytes of the rest that the name takes, 0 when it does not begin it. */
static size_t fit(rk_slice rest, const char *name)
{
    size_t n = strlen(name);
    bool begins = n > 0 && n <= rest.n && memcmp(rest.at, name, n) == 0;
    return begins && (n == rest.n || rest.at[n] == '.') ? n : 0;
}

/* The pointer to the child that the rest begins with, NULL when there is none; *taken its bytes. */
static rk_yaml_node **find_child(rk_yaml_node *parent, rk_slice rest, size_t *taken)
{
    rk_yaml_node **found = NULL;
    uint32_t i = 0;
    *taken = 0;
    for (rk_yaml_node **at = &parent->first; *at; at = &(*at)->next, i++) {
        char place[16];
        const char *name = name_of(*at);
        size_t n = name ? fit(rest, name) : 0;
        snprintf(place, sizeof place, "%u", i);
        if (n == 0 && parent->kind == RK_YAML_LIST) {
            n = fit(rest, place);
        }
        if (n > *taken) {
            *taken = n;
            found = at;
        }
    }
    return found;
}

static rk_slice first_step(rk_slice rest)
{
    const char *dot = memchr(rest.at, '.', rest.n);
    return dot ? (rk_slice){rest.at, (size_t)(dot - rest.at)} : rest;
}

static rk_status no_step(const walk *w, const rk_yaml_node *parent)
{
    rk_slice step = first_step(w->rest);
    char wanted[64];
    const char **names = calloc(parent->n + 1, sizeof *names);
    size_t n = 0;
    snprintf(wanted, sizeof wanted, "%.*s", (int)(step.n < 60 ? step.n : 60), step.at);
    for (const rk_yaml_node *c = parent->first; names && c; c = c->next) {
        const char *name = name_of(c);
        if (name) {
            names[n++] = name;
        }
    }
    const char *near = names ? rk_nearest_name(wanted, names, n) : NULL;
    free(names);
    return rk_fail(w->err, RK_BAD_INPUT, "%s: there is no '%s'%s%s%s", w->place, wanted, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
}

/* A key for a new child. */
static rk_yaml_node *new_key(walk *w)
{
    rk_yaml_node *key = RK_TAKE(&w->yaml->arena, rk_yaml_node, 1);
    if (key) {
        *key = (rk_yaml_node){.is_plain = true, .at = {w->place, 1, 1}};
        key->text = rk_arena_copy(&w->yaml->arena, w->rest.at, w->rest.n);
    }
    return key && key->text ? key : NULL;
}

/* Puts value where *at stands, or behind the last child; value NULL takes away. */
static rk_status put(walk *w, rk_yaml_node *parent, rk_yaml_node **at, rk_yaml_node *value)
{
    if (at && !value) {
        *at = (*at)->next;
        parent->n--;
        return RK_OK;
    }
    if (at) {
        value->key = (*at)->key;
        value->next = (*at)->next;
        *at = value;
        return RK_OK;
    }
    bool is_item = parent->kind == RK_YAML_LIST && rk_slice_is(w->rest, "+");
    bool is_key = parent->kind == RK_YAML_MAP && !memchr(w->rest.at, '.', w->rest.n);
    if (!value || (!is_item && !is_key)) {
        return no_step(w, parent);
    }
    value->key = is_key ? new_key(w) : NULL;
    if (is_key && !value->key) {
        return rk_fail_memory(w->err, "a change");
    }
    for (at = &parent->first; *at; at = &(*at)->next) {
    }
    *at = value;
    parent->n++;
    return RK_OK;
}

static rk_status walk_and_put(walk *w, rk_yaml_node *value)
{
    rk_yaml_node *parent = w->yaml->root;
    for (;;) {
        size_t taken = 0;
        rk_yaml_node **at = find_child(parent, w->rest, &taken);
        if (!at || taken == w->rest.n) {
            return put(w, parent, at, value);
        }
        parent = *at;
        w->rest = (rk_slice){w->rest.at + taken + 1, w->rest.n - taken - 1};
        if (parent->kind == RK_YAML_SCALAR || w->rest.n == 0) {
            return no_step(w, parent);
        }
    }
}

rk_status rk_yaml_change(rk_yaml *yaml, const char *change, rk_error *err)
{
    const char *equals = strchr(change, '=');
    if (!equals || equals == change) {
        return rk_fail(err, RK_BAD_USAGE, "a change is written PATH=VALUE, got '%.80s'", change);
    }
    size_t n = (size_t)(equals - change);
    rk_text place = {0};
    rk_yaml_node *value = NULL;
    rk_text_addf(&place, "--set %.*s", (int)n, change);
    walk w = {.yaml = yaml, .rest = {change, n}, .err = err};
    w.place = place.failed ? NULL : rk_arena_copy(&yaml->arena, place.at, place.n);
    rk_text_release(&place);
    if (!w.place) {
        return rk_fail_memory(err, "a change");
    }
    rk_status status = equals[1] ? rk_yaml_parse_into(yaml, rk_slice_of(equals + 1), w.place, &value, err) : RK_OK;
    return status ? status : walk_and_put(&w, value);
}

/* ---- the way back ---- */

static bool add_path(const rk_yaml_node *at, const rk_yaml_node *node, rk_text *out)
{
    size_t before = out->n;
    uint32_t i = 0;
    for (const rk_yaml_node *c = at->first; c; c = c->next, i++) {
        const char *name = name_of(c);
        rk_text_add(out, before ? "." : "");
        if (name) {
            rk_text_add(out, name);
        } else {
            rk_text_addf(out, "%u", i);
        }
        if (c == node || add_path(c, node, out)) {
            return true;
        }
        out->n = before;
    }
    return false;
}

bool rk_yaml_path(const rk_yaml *yaml, const rk_yaml_node *node, rk_text *out)
{
    rk_text path = {0};
    bool found = add_path(yaml->root, node, &path);
    if (found) {
        rk_text_add_slice(out, (rk_slice){path.at, path.n});
    }
    rk_text_release(&path);
    return found;
}
