/* experiment.c - see experiment.h. */
#include "experiment/experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { DAY_S = 86400 };
const char *const rk_experiment_kind_names[2] = {"split", "interleave"};

/* ---- reading ---- */

typedef struct {
    const char *name, *scene;
    rk_number weight;
} variant_keys;

static const rk_key variant_table[] = {
    {"name", RK_KEY_TEXT, offsetof(variant_keys, name), .required = true, .help = "said in answers and in the log"},
    {"scene", RK_KEY_TEXT, offsetof(variant_keys, scene), .required = true, .help = "what its users see"},
    {"weight", RK_KEY_NUMBER, offsetof(variant_keys, weight), .certain = true, .above = true, .max = 1e6,
     .help = "its part of the users, beside the others' (1)"},
};

typedef struct {
    const char *scene;
    int kind;
    rk_number share;
    rk_when from, until;
    const rk_yaml_node *variants;
} experiment_keys;

static const rk_key experiment_table[] = {
    {"scene", RK_KEY_TEXT, offsetof(experiment_keys, scene), .required = true, .help = "requests for it take part"},
    {"kind", RK_KEY_CHOICE, offsetof(experiment_keys, kind), .choices = "split|interleave",
     .help = "a variant for each user, or both in one list (split)"},
    {"share", RK_KEY_NUMBER, offsetof(experiment_keys, share), .certain = true, .above = true, .max = 1,
     .help = "of the users that take part (1)"},
    {"from", RK_KEY_DATE, offsetof(experiment_keys, from), .help = "first day, UTC"},
    {"until", RK_KEY_DATE, offsetof(experiment_keys, until), .help = "last day, UTC"},
    {"variants", RK_KEY_LIST, offsetof(experiment_keys, variants), .required = true,
     .help = "what is compared; the first is the control"},
};

static rk_status read_variant(const rk_yaml_node *node, rk_experiment *e, rk_error *err)
{
    variant_keys keys = {0};
    rk_status status = rk_yaml_fill(node, "a variant", variant_table, RK_COUNT_OF(variant_table), &keys, err);
    if (status) {
        return status;
    }
    if (e->kind == RK_INTERLEAVE && keys.weight.is_set) {
        return rk_fail_at(err, keys.weight.at, "an interleaving has no weights: both variants are in every list");
    }
    for (size_t v = 0; v < e->n_variants; v++) {
        if (strcmp(e->variant[v].name, keys.name) == 0) {
            return rk_fail_at(err, node->at, "the variant '%.60s' is there twice", keys.name);
        }
    }
    double weight = keys.weight.is_set ? rk_decimal_real(keys.weight.value) : 1;
    e->variant[e->n_variants++] = (rk_variant){keys.name, keys.scene, weight, rk_yaml_find(node, "scene")->at};
    e->weights += weight;
    return RK_OK;
}

static rk_status read_variants(const rk_yaml_node *list, rk_experiment *e, rk_error *err)
{
    rk_status status = RK_OK;
    if (list->n < 2 || list->n > RK_VARIANTS_MAX || (e->kind == RK_INTERLEAVE && list->n != 2)) {
        return rk_fail_at(err, list->at, "%s compares %s variants, got %u",
                          e->kind == RK_INTERLEAVE ? "an interleaving" : "an experiment",
                          e->kind == RK_INTERLEAVE ? "2" : "2 to 16", list->n);
    }
    for (const rk_yaml_node *node = list->first; !status && node; node = node->next) {
        status = read_variant(node, e, err);
    }
    return status;
}

static rk_status read_experiment(const rk_yaml_node *node, rk_experiment *e, rk_error *err)
{
    experiment_keys keys = {0};
    char what[96];
    snprintf(what, sizeof what, "experiment '%.60s'", node->key->text);
    rk_status status = rk_yaml_fill(node, what, experiment_table, RK_COUNT_OF(experiment_table), &keys, err);
    if (status) {
        return status;
    }
    *e = (rk_experiment){.name = node->key->text,
                         .scene = keys.scene,
                         .kind = keys.kind == 1 ? RK_INTERLEAVE : RK_SPLIT,
                         .share = keys.share.is_set ? rk_decimal_real(keys.share.value) : 1,
                         .from_s = keys.from.is_set ? (int64_t)keys.from.value * DAY_S : INT64_MIN,
                         .end_s = keys.until.is_set ? ((int64_t)keys.until.value + 1) * DAY_S : INT64_MAX,
                         .at = rk_yaml_find(node, "scene")->at};
    if (e->end_s <= e->from_s) {
        return rk_fail_at(err, keys.until.at, "'until' is before 'from'");
    }
    return read_variants(keys.variants, e, err);
}

static rk_status check_apart(const rk_experiments *all, const rk_experiment *e, rk_error *err)
{
    for (const rk_experiment *other = all->experiment; other < e; other++) {
        if (strcmp(other->scene, e->scene) == 0 && e->from_s < other->end_s && other->from_s < e->end_s) {
            return rk_fail_at(err, e->at, "the scene '%.60s' is in the experiment '%.60s' at the same time", e->scene,
                              other->name);
        }
    }
    return RK_OK;
}

typedef struct {
    const char *salt;
    const rk_yaml_node *experiments;
} file_keys;

static const rk_key file_table[] = {
    {"salt", RK_KEY_TEXT, offsetof(file_keys, salt), .required = true,
     .help = "any words; others deal the users out anew"},
    {"experiments", RK_KEY_MAP, offsetof(file_keys, experiments), .required = true, .help = "experiments by name"},
};

static rk_status read_all(rk_experiments *all, const rk_yaml_node *map, rk_error *err)
{
    rk_status status = RK_OK;
    if (map->n > RK_EXPERIMENTS_MAX) {
        return rk_fail_at(err, map->at, "there are at most %d experiments, got %u", (int)RK_EXPERIMENTS_MAX, map->n);
    }
    all->experiment = RK_TAKE(&all->arena, rk_experiment, map->n);
    if (!all->experiment) {
        return rk_fail_memory(err, "experiments");
    }
    for (const rk_yaml_node *node = map->first; !status && node; node = node->next) {
        rk_experiment *e = &all->experiment[all->n++];
        status = read_experiment(node, e, err);
        status = status ? status : check_apart(all, e, err);
    }
    return status;
}

/* Takes the yaml over. */
static rk_status take_file(rk_yaml *yaml, rk_experiments **out, rk_error *err)
{
    file_keys keys = {0};
    rk_experiments *all = calloc(1, sizeof *all);
    if (!all) {
        rk_yaml_free(yaml);
        return rk_fail_memory(err, "experiments");
    }
    all->yaml = yaml;
    rk_status status =
        rk_yaml_fill(rk_yaml_root(yaml), "the file of experiments", file_table, RK_COUNT_OF(file_table), &keys, err);
    all->salt = keys.salt;
    status = status ? status : read_all(all, keys.experiments, err);
    if (status) {
        rk_experiments_free(all);
        return status;
    }
    *out = all;
    return RK_OK;
}

rk_status rk_experiments_read(const char *path, rk_experiments **out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_read(path, &yaml, err);
    return status ? status : take_file(yaml, out, err);
}

rk_status rk_experiments_parse(rk_slice text, const char *name, rk_experiments **out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_parse(text, name, &yaml, err);
    return status ? status : take_file(yaml, out, err);
}

void rk_experiments_free(rk_experiments *all)
{
    if (all) {
        rk_yaml_free(all->yaml);
        rk_arena_release(&all->arena);
        free(all);
    }
}

/* ---- who is where ---- */

/* [0, 1): the hash of each word, seeded with the hash of those before. */
static double point(const rk_slice *words, size_t n)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++) {
        hash = rk_hash(words[i], hash);
    }
    return (double)(hash >> 11) * 0x1p-53;
}

static bool takes_part(const rk_experiments *all, const rk_experiment *e, rk_slice user)
{
    const rk_slice words[] = {rk_slice_of(all->salt), rk_slice_of(e->name), RK_SLICE("share"), user};
    return e->share >= 1 || point(words, RK_COUNT_OF(words)) < e->share;
}

const rk_experiment *rk_experiments_find(const rk_experiments *all, rk_slice scene, rk_slice user, int64_t now_s)
{
    for (size_t i = 0; i < all->n; i++) {
        const rk_experiment *e = &all->experiment[i];
        if (rk_slice_is(scene, e->scene) && e->from_s <= now_s && now_s < e->end_s) {
            return takes_part(all, e, user) ? e : NULL;
        }
    }
    return NULL;
}

const rk_variant *rk_experiment_assign(const rk_experiments *all, const rk_experiment *e, rk_slice user,
                                       double *propensity)
{
    const rk_slice words[] = {rk_slice_of(all->salt), rk_slice_of(e->name), user};
    double left = point(words, RK_COUNT_OF(words)) * e->weights;
    size_t v = 0;
    while (v + 1 < e->n_variants && left >= e->variant[v].weight) {
        left -= e->variant[v++].weight;
    }
    *propensity = e->variant[v].weight / e->weights;
    return &e->variant[v];
}
