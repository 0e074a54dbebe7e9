/* frontier_grid.c - see frontier_grid.h. The grids that come with reckon are written as a file would be, and read
 * alike.
 *
 * A larger grid holds the variants of the smaller ones; what it tunes or measures otherwise is done again.
 */
#include "study/frontier_grid.h"

#include <string.h>

#include "ann/ann.h"
#include "model/model.h"

enum { NAME_BYTES_MAX = 60 };

/* ---- those that come with reckon ---- */

typedef enum { QUICK, DEFAULT, THOROUGH, N_LEVELS } level;

static const struct {
    const char *name, *head;
} levels[N_LEVELS] = {
    {"quick", "reckon: grid/1\ntune: 0\nrepeats: 2\nseconds: 2\nvariants:\n"},
    {"default", "reckon: grid/1\ntune: 4\nrepeats: 3\nseconds: 8\nvariants:\n"},
    {"thorough", "reckon: grid/1\ntune: 24\nrepeats: 5\nseconds: 15\nvariants:\n"},
};

static const struct {
    level from; /* the smallest grid that has it */
    const char *line;
} rows[] = {
    {QUICK, "popular: {model: popular}"},
    {QUICK, "itemknn: {model: itemknn}"},
    {QUICK, "als: {model: als, set: {weigh: one}}"},
    {QUICK, "als+fp16: {of: als, to: fp16}"},
    {QUICK, "als+int8: {of: als, to: int8}"},
    {DEFAULT, "als+int4: {of: als, to: int4}"},
    {DEFAULT, "itemknn+int8: {of: itemknn, to: int8}"},
    {DEFAULT, "itemknn+prune(0.3)+int8: {of: itemknn, to: prune(0.3)+int8}"},
    {DEFAULT, "als-16: {model: als, set: {factors: 16, weigh: one}}"},
    {DEFAULT, "als-256: {model: als, set: {factors: 256, weigh: one}}"},
    {DEFAULT, "als-256+int8: {of: als-256, to: int8}"},
    {DEFAULT, "als-256+int4: {of: als-256, to: int4}"},
    {DEFAULT, "als-256+int8+ivf: {of: als-256+int8, index: ivf, recall: 0.95}"},
    {THOROUGH, "als-256+int8+hnsw: {of: als-256+int8, index: hnsw, recall: 0.95}"},
    {THOROUGH, "als-256+int8+pq(4): {of: als-256, to: int8+pq(4)}"},
    {THOROUGH, "als-256+distil(64)+int8: {of: als-256, to: distil(64)+int8}"},
    {DEFAULT, "bpr: {model: bpr}"},
    {DEFAULT, "bpr+int8: {of: bpr, to: int8}"},
    {THOROUGH, "ease: {model: ease}"},
    {THOROUGH, "ease+prune(0.3)+int8: {of: ease, to: prune(0.3)+int8}"},
    {THOROUGH, "ease+distil(64)+int8: {of: ease, to: distil(64)+int8}"},
    {THOROUGH, "ease+distil(64)+int8+ivf: {of: ease+distil(64)+int8, index: ivf, recall: 0.95}"},
    {DEFAULT, "graph: {model: graph}"},
    {DEFAULT, "graph+int8: {of: graph, to: int8}"},
    {DEFAULT, "graph+distil(64)+int8: {of: graph, to: distil(64)+int8}"},
    {THOROUGH, "userknn: {model: userknn}"},
    {THOROUGH, "slim: {model: slim}"},
    {THOROUGH, "logistic: {model: logistic}"},
    {THOROUGH, "logistic+int8: {of: logistic, to: int8}"},
};

rk_status rk_grid_of_name(const char *name, rk_arena *arena, rk_grid *out, rk_error *err)
{
    size_t wanted = 0;
    while (wanted < N_LEVELS && strcmp(levels[wanted].name, name) != 0) {
        wanted++;
    }
    if (wanted == N_LEVELS) {
        return rk_fail(err, RK_BAD_USAGE, "no grid '%.40s': there are " RK_GRID_NAMES, name);
    }
    rk_text text = {0};
    rk_text_add(&text, levels[wanted].head);
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        if (rows[i].from <= (level)wanted) {
            rk_text_addf(&text, "  %s\n", rows[i].line);
        }
    }
    rk_status status = text.failed ? rk_fail_memory(err, "a grid")
                                   : rk_grid_parse((rk_slice){text.at, text.n}, levels[wanted].name, arena, out, err);
    rk_text_release(&text);
    return status;
}

/* ---- reading ---- */

typedef struct {
    const char *mark;
    rk_number tune, repeats, seconds;
    const rk_yaml_node *variants;
} grid_keys;

static const rk_key grid_table[] = {
    {"reckon", RK_KEY_TEXT, offsetof(grid_keys, mark), .required = true, .help = "grid/1"},
    {"tune", RK_KEY_COUNT, offsetof(grid_keys, tune), .max = 10000, .certain = true, .help = "trials for each"},
    {"repeats", RK_KEY_COUNT, offsetof(grid_keys, repeats), .min = 1, .max = RK_GRID_REPEATS_MAX, .certain = true},
    {"seconds", RK_KEY_NUMBER, offsetof(grid_keys, seconds), .min = 1, .max = 600, .certain = true},
    {"variants", RK_KEY_MAP, offsetof(grid_keys, variants), .required = true},
};

typedef struct {
    const char *model, *of, *to, *index;
    rk_number recall;
    const rk_yaml_node *set;
} variant_keys;

static const rk_key variant_table[] = {
    {"model", RK_KEY_TEXT, offsetof(variant_keys, model), .help = "that is trained"},
    {"set", RK_KEY_MAP, offsetof(variant_keys, set), .help = "its settings"},
    {"of", RK_KEY_TEXT, offsetof(variant_keys, of), .help = "the variant that it is made of"},
    {"to", RK_KEY_TEXT, offsetof(variant_keys, to), .help = "what that is compressed to"},
    {"index", RK_KEY_TEXT, offsetof(variant_keys, index), .help = "kind of the index that it is served with"},
    {"recall", RK_KEY_NUMBER, offsetof(variant_keys, recall), .min = 0, .max = 1, .certain = true,
     .help = "share of the ten best that the index is to find"},
};

typedef struct {
    rk_arena *arena;
    rk_grid *grid;
} reader;

static const char *keep(reader *r, const char *words) { return rk_arena_copy(r->arena, words, strlen(words)); }

/* "als+prune(32)" -> "als+prune-32": no name that a shell or a file system trips over. */
static rk_status name_file(reader *r, rk_grid_variant *variant, rk_place at, rk_error *err)
{
    char file[NAME_BYTES_MAX + 1];
    size_t n = 0;
    if (strlen(variant->name) > NAME_BYTES_MAX) {
        return rk_fail_at(err, at, "a variant's name has at most %d bytes, got '%.60s...'", NAME_BYTES_MAX,
                          variant->name);
    }
    for (const char *c = variant->name; *c; c++) {
        bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                        strchr("+-._", *c) != NULL;
        if (*c != ')' && *c != '"') {
            file[n++] = is_plain ? *c : '-';
        }
    }
    file[n] = '\0';
    if (n == 0 || file[0] == '.') {
        return rk_fail_at(err, at, "'%.60s' is no name for a variant: it cannot begin a file's name", variant->name);
    }
    for (const rk_grid_variant *other = r->grid->variants; other < variant; other++) {
        if (strcmp(other->file, file) == 0) {
            return rk_fail_at(err, at, "'%.60s' and '%.60s' would have the same files: rename one", other->name,
                              variant->name);
        }
    }
    variant->file = keep(r, file);
    return variant->file ? RK_OK : rk_fail_memory(err, "a grid");
}

static rk_status read_settings(reader *r, const rk_yaml_node *map, rk_grid_variant *out, rk_error *err)
{
    const char **set = RK_TAKE(r->arena, const char *, map ? map->n : 0);
    out->set = set;
    for (const rk_yaml_node *c = map ? map->first : NULL; c && set; c = c->next) {
        if (c->kind != RK_YAML_SCALAR) {
            char got[80];
            return rk_fail_at(err, c->at, "'%.40s' wants one value, got %s", c->key->text,
                              rk_yaml_describe(c, got, sizeof got));
        }
        rk_text text = {0};
        rk_text_addf(&text, "%s=%s", c->key->text, c->text);
        set[out->n_set] = text.failed ? NULL : keep(r, text.at);
        rk_text_release(&text);
        if (!set[out->n_set++]) {
            return rk_fail_memory(err, "a grid");
        }
    }
    return set ? RK_OK : rk_fail_memory(err, "a grid");
}

static rk_status read_trained(reader *r, const variant_keys *keys, const rk_yaml_node *node, rk_grid_variant *out,
                              rk_error *err)
{
    const rk_model_kind *kind;
    rk_error unknown;
    if (keys->to || keys->of || keys->index || keys->recall.is_set) {
        return rk_fail_at(err, node->at,
                          "variant '%.60s' is trained (model) or made of another (of, to or index), not both",
                          out->name);
    }
    rk_status status = rk_model_kind_need(keys->model, &kind, &unknown);
    if (status) {
        return rk_fail_at(err, node->at, "%s", unknown.message);
    }
    out->of = r->grid->n;
    out->model = kind->name;
    out->n_steps = 1;
    return read_settings(r, keys->set, out, err);
}

static rk_status set_index(reader *r, const variant_keys *keys, const rk_yaml_node *node, rk_grid_variant *out,
                           rk_error *err)
{
    static const double recall_wanted = 0.99; /* as reckon index */
    const rk_ann_kind *kind;
    rk_error unknown;
    if (strcmp(keys->index, "auto") != 0 && rk_ann_kind_need(keys->index, &kind, &unknown)) {
        return rk_fail_at(err, node->at, "%s", unknown.message);
    }
    out->index = keep(r, keys->index);
    out->recall = keys->recall.is_set ? rk_decimal_real(keys->recall.value) : recall_wanted;
    return out->index ? RK_OK : rk_fail_memory(err, "a grid");
}

static rk_status read_made(reader *r, const variant_keys *keys, const rk_yaml_node *node, rk_grid_variant *out,
                           rk_error *err)
{
    if (!keys->of || !keys->to == !keys->index || keys->set || (keys->to && keys->recall.is_set)) {
        return rk_fail_at(err, node->at,
                          "variant '%.60s' wants model, with or without set; or of and to; or of and index, with or "
                          "without recall",
                          out->name);
    }
    size_t of = 0;
    while (of < r->grid->n && strcmp(r->grid->variants[of].name, keys->of) != 0) {
        of++;
    }
    if (of == r->grid->n) {
        return rk_fail_at(err, node->at, "variant '%.60s' is made of '%.60s', which is none of those before it",
                          out->name, keys->of);
    }
    if (r->grid->variants[of].index) {
        return rk_fail_at(err, node->at,
                          "variant '%.60s' is made of '%.60s', which has an index: an index is the last step",
                          out->name, keys->of);
    }
    out->of = of;
    out->n_steps = r->grid->variants[of].n_steps + 1;
    if (keys->index) {
        return set_index(r, keys, node, out, err);
    }
    out->to = keep(r, keys->to);
    for (const char *c = keys->to; *c; c++) {
        out->n_steps += *c == '+';
    }
    return out->to ? RK_OK : rk_fail_memory(err, "a grid");
}

static rk_status read_variant(reader *r, const rk_yaml_node *node, rk_error *err)
{
    variant_keys keys = {0};
    rk_grid_variant *out = &r->grid->variants[r->grid->n];
    out->name = keep(r, node->key->text);
    if (!out->name) {
        return rk_fail_memory(err, "a grid");
    }
    rk_status status = rk_yaml_fill(node, "a variant", variant_table, RK_COUNT_OF(variant_table), &keys, err);
    status = status ? status : name_file(r, out, node->at, err);
    status = status ? status : (keys.model ? read_trained : read_made)(r, &keys, node, out, err);
    r->grid->n++;
    return status;
}

static rk_status read_grid(const rk_yaml *yaml, const char *name, rk_arena *arena, rk_grid *out, rk_error *err)
{
    grid_keys keys = {0};
    reader r = {arena, out};
    const rk_yaml_node *root = rk_yaml_root(yaml);
    rk_status status = rk_yaml_fill(root, "a grid", grid_table, RK_COUNT_OF(grid_table), &keys, err);
    if (status) {
        return status;
    }
    if (strcmp(keys.mark, "grid/1") != 0) {
        return rk_fail_at(err, root->at, "a grid begins with 'reckon: grid/1', got '%.40s'", keys.mark);
    }
    if (keys.variants->n < 1 || keys.variants->n > RK_GRID_VARIANTS_MAX) {
        return rk_fail_at(err, keys.variants->at, "a grid has 1 to %d variants, got %u", RK_GRID_VARIANTS_MAX,
                          keys.variants->n);
    }
    *out = (rk_grid){.name = keep(&r, name),
                     .variants = RK_TAKE(arena, rk_grid_variant, keys.variants->n),
                     .n_trials = keys.tune.is_set ? (unsigned)rk_decimal_real(keys.tune.value) : 0,
                     .repeats = keys.repeats.is_set ? (unsigned)rk_decimal_real(keys.repeats.value) : 3,
                     .seconds = keys.seconds.is_set ? rk_decimal_real(keys.seconds.value) : 8};
    if (!out->name || !out->variants) {
        return rk_fail_memory(err, "a grid");
    }
    for (const rk_yaml_node *c = keys.variants->first; c && !status; c = c->next) {
        status = read_variant(&r, c, err);
    }
    return status;
}

rk_status rk_grid_parse(rk_slice text, const char *name, rk_arena *arena, rk_grid *out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_parse(text, name, &yaml, err);
    status = status ? status : read_grid(yaml, name, arena, out, err);
    rk_yaml_free(yaml);
    return status;
}

rk_status rk_grid_read(const char *path, rk_arena *arena, rk_grid *out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_read(path, &yaml, err);
    status = status ? status : read_grid(yaml, path, arena, out, err);
    rk_yaml_free(yaml);
    return status;
}
