/* study_file.c - one table of keys writes the figures of a variant and reads them back, so that they cannot disagree.
 */
#include "study/study_file.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

/* ---- the keys of a variant ---- */

typedef enum { KIND_ESTIMATE, KIND_REAL, KIND_COUNT, KIND_MONEY, KIND_FLAG } kind;

typedef struct {
    const char *key; /* an estimate has its interval under KEY_ci */
    kind kind;
    size_t field;
} figure_key;

#define FIELD(name) offsetof(rk_study_variant, name)

static const figure_key figure_keys[] = {
    {"recall@20", KIND_ESTIMATE, FIELD(figures.quality.recall)},
    {"ndcg@20", KIND_ESTIMATE, FIELD(figures.quality.ndcg)},
    {"ndcg_kept", KIND_ESTIMATE, FIELD(figures.kept)},
    {"model_bytes", KIND_COUNT, FIELD(figures.model_bytes)},
    {"vector_bytes", KIND_COUNT, FIELD(figures.vector_bytes)},
    {"rps", KIND_ESTIMATE, FIELD(figures.capacity_rps)},
    {"cpu_ms_per_request", KIND_REAL, FIELD(figures.cpu_ms_per_request)},
    {"memory_bytes", KIND_COUNT, FIELD(figures.memory_bytes)},
    {"cost_per_1000", KIND_ESTIMATE, FIELD(cost)},
    {"cost_per_1000_micros", KIND_MONEY, FIELD(figures.full_per_1000)},
    {"marginal_per_1000_micros", KIND_MONEY, FIELD(figures.marginal_per_1000)},
    {"advised", KIND_FLAG, FIELD(figures.is_chosen)},
};

static void write_figure(rk_json *json, const figure_key *row, const rk_study_variant *variant)
{
    const void *field = (const char *)variant + row->field;
    switch (row->kind) {
    case KIND_ESTIMATE:
        rk_estimate_json(json, row->key, *(const rk_estimate *)field);
        return;
    case KIND_REAL:
        rk_json_real(json, row->key, *(const double *)field);
        return;
    case KIND_COUNT:
        rk_json_u64(json, row->key, *(const uint64_t *)field);
        return;
    case KIND_MONEY:
        rk_json_i64(json, row->key, ((const rk_money *)field)->micros);
        return;
    case KIND_FLAG:
        rk_json_bool(json, row->key, *(const bool *)field);
        return;
    }
}

bool rk_json_estimate(const json_t *object, const char *key, rk_estimate *out)
{
    char key_ci[48];
    const json_t *value = json_object_get(object, key);
    snprintf(key_ci, sizeof key_ci, "%s_ci", key);
    const json_t *interval = json_object_get(object, key_ci);
    if (!json_is_number(value))
        return false;
    *out = (rk_estimate){json_number_value(value), json_number_value(value), json_number_value(value)};
    if (json_array_size(interval) == 2) {
        out->low = json_number_value(json_array_get(interval, 0));
        out->high = json_number_value(json_array_get(interval, 1));
    }
    return true;
}

static bool read_figure(const json_t *object, const figure_key *row, rk_study_variant *variant)
{
    void *field = (char *)variant + row->field;
    const json_t *value = json_object_get(object, row->key);
    switch (row->kind) {
    case KIND_ESTIMATE:
        return rk_json_estimate(object, row->key, field);
    case KIND_REAL:
        *(double *)field = json_number_value(value); /* null: not known */
        return json_is_number(value) || json_is_null(value);
    case KIND_COUNT:
        *(uint64_t *)field = (uint64_t)json_integer_value(value);
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case KIND_MONEY:
        ((rk_money *)field)->micros = json_integer_value(value);
        return json_is_integer(value);
    case KIND_FLAG:
        *(bool *)field = json_is_true(value);
        return json_is_boolean(value);
    }
    return false;
}

/* ---- writing ---- */

static void write_variant(rk_json *json, const rk_study_variant *variant)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "name", variant->figures.name);
    rk_json_cstring(json, "profile", variant->profile);
    rk_json_cstring(json, "evaluation", variant->evaluation);
    for (size_t i = 0; i < RK_COUNT_OF(figure_keys); i++)
        write_figure(json, &figure_keys[i], variant);
    rk_json_object(json, "category_per_1000");
    for (size_t i = 0; i < RK_N_CATEGORIES; i++)
        rk_json_real(json, rk_category_name((rk_category)i), variant->category_per_1000[i]);
    rk_json_end_object(json);
    rk_json_end_object(json);
}

static void write_baseline(rk_json *json, const rk_report_quality *baseline)
{
    rk_json_object(json, "baseline");
    rk_json_cstring(json, "name", baseline->name);
    rk_estimate_json(json, "recall@20", baseline->recall);
    rk_estimate_json(json, "ndcg@20", baseline->ndcg);
    rk_json_end_object(json);
}

static void write_volumes(rk_json *json, const rk_study *study)
{
    rk_json_array(json, "volumes");
    for (size_t i = 0; i < study->n_volumes; i++) {
        rk_json_object(json, NULL);
        rk_json_real(json, "requests_per_day", study->volumes[i].requests_per_day);
        rk_json_array(json, "cost_per_1000_micros");
        for (size_t v = 0; v < study->n_variants; v++)
            rk_json_i64(json, NULL, study->volumes[i].per_1000[v].micros);
        rk_json_end_array(json);
        rk_json_cstring(json, "advised", study->volumes[i].advised);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void write_steps(rk_json *json, const rk_study *study)
{
    rk_json_array(json, "steps");
    for (size_t i = 0; i < study->n_steps; i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "name", study->steps[i].name);
        rk_json_cstring(json, "words", study->steps[i].words);
        rk_json_real(json, "seconds", study->steps[i].seconds);
        rk_json_bool(json, "reused", study->steps[i].is_reused);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

void rk_study_json(const rk_study *study, rk_text *out)
{
    rk_json writer = {.text = out}, *json = &writer;
    rk_json_object(json, NULL);
    rk_json_cstring(json, "reckon", "study/1");
    rk_json_cstring(json, "title", study->title);
    rk_json_cstring(json, "subtitle", study->subtitle);
    rk_json_cstring(json, "made_at", study->made_at);
    rk_json_cstring(json, "machine", study->machine);
    rk_json_cstring(json, "build", study->build);
    rk_json_cstring(json, "advice", study->advice);
    rk_json_cstring(json, "currency", study->currency);
    rk_json_cstring(json, "plan", study->plan);
    rk_json_real(json, "slo_ms_p99", study->slo_ms);
    rk_json_u64(json, "test_users", study->n_test_users);
    write_baseline(json, &study->baseline);
    rk_json_array(json, "variants");
    for (size_t i = 0; i < study->n_variants; i++)
        write_variant(json, &study->variants[i]);
    rk_json_end_array(json);
    write_volumes(json, study);
    write_steps(json, study);
    rk_json_end_object(json);
}

/* ---- reading ---- */

const char *rk_keep_words(rk_arena *arena, const char *words)
{
    return words ? rk_arena_copy(arena, words, strlen(words)) : NULL;
}

rk_status rk_json_read(const char *path, json_t **out, rk_error *err)
{
    rk_mapped file;
    json_error_t at;
    rk_status status = rk_mapped_open(path, &file, err);
    if (status)
        return status;
    json_t *root = json_loadb((const char *)file.at, file.n_bytes, JSON_REJECT_DUPLICATES, &at);
    rk_mapped_close(&file);
    rk_place place = {
        .path = path, .line = at.line > 0 ? (size_t)at.line : 0, .column = at.column > 0 ? (size_t)at.column : 0};
    if (!root)
        return rk_fail_at(err, place, "not JSON: %s", at.text);
    if (!json_is_object(root)) {
        json_decref(root);
        return rk_fail_at(err, (rk_place){.path = path}, "a JSON object is needed here");
    }
    *out = root;
    return RK_OK;
}

static rk_status read_words(const json_t *object, const char *key, const char *path, rk_arena *arena, const char **out,
                            rk_error *err)
{
    const char *words = json_string_value(json_object_get(object, key));
    if (!words)
        return rk_fail_at(err, (rk_place){.path = path}, "the text '%s' is missing", key);
    *out = rk_keep_words(arena, words);
    return *out ? RK_OK : rk_fail_memory(err, "a study");
}

static rk_status read_variant(const json_t *object, const char *path, rk_arena *arena, rk_study_variant *out,
                              rk_error *err)
{
    rk_status status = read_words(object, "name", path, arena, &out->figures.name, err);
    status = status ? status : read_words(object, "profile", path, arena, &out->profile, err);
    status = status ? status : read_words(object, "evaluation", path, arena, &out->evaluation, err);
    for (size_t i = 0; i < RK_COUNT_OF(figure_keys) && !status; i++)
        if (!read_figure(object, &figure_keys[i], out))
            status = rk_fail_at(err, (rk_place){.path = path}, "variant '%.40s' has no sound '%s'", out->figures.name,
                                figure_keys[i].key);
    const json_t *categories = json_object_get(object, "category_per_1000");
    for (size_t i = 0; i < RK_N_CATEGORIES && !status; i++)
        out->category_per_1000[i] = json_number_value(json_object_get(categories, rk_category_name((rk_category)i)));
    out->figures.quality.name = out->figures.name;
    return status;
}

static rk_status read_step(const json_t *object, const char *path, rk_arena *arena, rk_report_step *out, rk_error *err)
{
    out->seconds = json_number_value(json_object_get(object, "seconds"));
    out->is_reused = json_is_true(json_object_get(object, "reused"));
    rk_status status = read_words(object, "name", path, arena, &out->name, err);
    return status ? status : read_words(object, "words", path, arena, &out->words, err);
}

static rk_status read_volume(const json_t *object, const char *path, rk_arena *arena, size_t n_variants,
                             rk_report_volume *out, rk_error *err)
{
    const json_t *costs = json_object_get(object, "cost_per_1000_micros");
    out->requests_per_day = json_number_value(json_object_get(object, "requests_per_day"));
    if (json_array_size(costs) != n_variants)
        return rk_fail_at(err, (rk_place){.path = path}, "a volume must have one cost for each variant");
    for (size_t v = 0; v < n_variants; v++)
        out->per_1000[v].micros = json_integer_value(json_array_get(costs, v));
    return read_words(object, "advised", path, arena, &out->advised, err);
}

static rk_status read_head(const json_t *root, const char *path, rk_arena *arena, rk_study *out, rk_error *err)
{
    const struct {
        const char *key, **field;
    } rows[] = {{"title", &out->title},       {"subtitle", &out->subtitle}, {"made_at", &out->made_at},
                {"machine", &out->machine},   {"build", &out->build},       {"advice", &out->advice},
                {"currency", &out->currency}, {"plan", &out->plan}};
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_COUNT_OF(rows) && !status; i++)
        status = read_words(root, rows[i].key, path, arena, rows[i].field, err);
    const json_t *baseline = json_object_get(root, "baseline");
    status = status ? status : read_words(baseline, "name", path, arena, &out->baseline.name, err);
    if (!status && (!rk_json_estimate(baseline, "recall@20", &out->baseline.recall) ||
                    !rk_json_estimate(baseline, "ndcg@20", &out->baseline.ndcg)))
        status = rk_fail_at(err, (rk_place){.path = path}, "the baseline has no sound figures");
    out->slo_ms = json_number_value(json_object_get(root, "slo_ms_p99"));
    out->n_test_users = (uint64_t)json_integer_value(json_object_get(root, "test_users"));
    return status;
}

static rk_status read_root(const json_t *root, const char *path, rk_arena *arena, rk_study *out, rk_error *err)
{
    const char *mark = json_string_value(json_object_get(root, "reckon"));
    if (!mark || strcmp(mark, "study/1") != 0)
        return rk_fail_at(err, (rk_place){.path = path}, "not a study: \"reckon\":\"study/1\" is missing");
    const json_t *variants = json_object_get(root, "variants"), *steps = json_object_get(root, "steps");
    const json_t *volumes = json_object_get(root, "volumes");
    out->n_variants = json_array_size(variants);
    out->n_volumes = json_array_size(volumes);
    out->n_steps = json_array_size(steps);
    out->variants = RK_TAKE(arena, rk_study_variant, out->n_variants);
    out->steps = RK_TAKE(arena, rk_report_step, out->n_steps);
    out->volumes = RK_TAKE(arena, rk_report_volume, out->n_volumes);
    if (!out->variants || !out->steps || !out->volumes)
        return rk_fail_memory(err, "a study");
    if (out->n_variants > RK_REPORT_VARIANTS_MAX)
        return rk_fail_at(err, (rk_place){.path = path}, "more than %d variants", RK_REPORT_VARIANTS_MAX);
    rk_status status = read_head(root, path, arena, out, err);
    for (size_t i = 0; i < out->n_variants && !status; i++)
        status = read_variant(json_array_get(variants, i), path, arena, &out->variants[i], err);
    for (size_t i = 0; i < out->n_volumes && !status; i++)
        status = read_volume(json_array_get(volumes, i), path, arena, out->n_variants, &out->volumes[i], err);
    for (size_t i = 0; i < out->n_steps && !status; i++)
        status = read_step(json_array_get(steps, i), path, arena, &out->steps[i], err);
    return status;
}

rk_status rk_study_read(const char *path, rk_arena *arena, rk_study *out, rk_error *err)
{
    json_t *root;
    rk_status status = rk_json_read(path, &root, err);
    if (status)
        return status;
    status = read_root(root, path, arena, out, err);
    json_decref(root);
    return status;
}
