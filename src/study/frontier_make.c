/* frontier_make.c - the steps that make something: split, tune, train, compress, index. */
#include <inttypes.h>

#include "base/file.h"
#include "compress/compress.h"
#include "model/near.h"
#include "study/frontier_step.h"
#include "study/study_file.h"
#include "tune/tune.h"

const char *rk_frontier_train_path(rk_frontier *f) { return rk_frontier_path(f, "train.rk"); }
const char *rk_frontier_test_path(rk_frontier *f) { return rk_frontier_path(f, "test.rk"); }
static const char *tuned_path(rk_frontier *f, size_t v) { return rk_frontier_file(f, "tuned", v, "json"); }

rk_status rk_frontier_write_json(const char *path, rk_text *text, rk_error *err)
{
    rk_text_add(text, "\n");
    return text->failed ? rk_fail_memory(err, "a JSON text") : rk_file_write_text(path, text, err);
}

/* ---- split ---- */

static void split_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    (void)s;
    const char *const inputs[] = {f->options->dataset_path}, *const outputs[] = {rk_frontier_train_path(f),
                                                                                 rk_frontier_test_path(f)};
    out->options = rk_frontier_text(f, "%s %s %.17g seed=%" PRIu64, RK_FRONTIER_STEP_VERSION,
                                    rk_split_rule_name(f->split.rule), f->split.test_share, f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static rk_status split(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    (void)s;
    rk_split_report report;
    return rk_split(f->options->dataset_path, &f->split, rk_frontier_train_path(f), rk_frontier_test_path(f), f->run,
                    &report, err);
}

/* ---- tune ---- */

static const char *words_of(rk_frontier *f, const char *const *set, size_t n)
{
    rk_text text = {0};
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(&text, " %s", set[i]);
    }
    const char *kept = rk_frontier_text(f, "%s", text.at ? text.at : "");
    f->is_short |= text.failed;
    rk_text_release(&text);
    return kept;
}

static bool is_set(const rk_grid_variant *row, const char *option)
{
    size_t n = strlen(option);
    for (size_t i = 0; i < row->n_set; i++) {
        if (strncmp(row->set[i], option, n) == 0 && row->set[i][n] == '=') {
            return true;
        }
    }
    return false;
}

bool rk_frontier_is_tuned(const rk_frontier *f, size_t v)
{
    const rk_grid_variant *row = f->variants[v].row;
    const rk_model_kind *kind = row->model ? rk_model_kind_find(row->model) : NULL;
    for (size_t i = 0; kind && f->grid.n_trials > 0 && i < kind->n_options; i++) {
        if (kind->options[i].tune && !is_set(row, kind->options[i].name)) {
            return true;
        }
    }
    return false;
}

static void tune_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    const char *const inputs[] = {rk_frontier_train_path(f)}, *const outputs[] = {tuned_path(f, s->variant)};
    out->options =
        rk_frontier_text(f, "%s %s%s trials=%u metric=%s seed=%" PRIu64, RK_FRONTIER_STEP_VERSION, row->model,
                         words_of(f, row->set, row->n_set), f->grid.n_trials, f->target.key, f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static rk_status write_tuned(rk_frontier *f, const rk_tuning *tuning, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_arena arena = {0};
    size_t n = 0;
    const rk_trial *best = rk_tuned_best(tuning->winner);
    const char *const *words = rk_tuned_words(tuning->winner, best->x, 1, &arena, &n);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "reckon", "tuned/1");
    rk_json_u64(&json, "trials", tuning->winner->trials.n);
    rk_json_real(&json, f->target.key, best->value);
    rk_json_array(&json, "set");
    for (size_t i = 0; words && i < n; i++) {
        rk_json_cstring(&json, NULL, words[i]);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    rk_status status = words ? rk_frontier_write_json(path, &text, err) : rk_fail_memory(err, "tuned settings");
    rk_arena_release(&arena);
    rk_text_release(&text);
    return status;
}

static rk_status tune(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    rk_tuning *tuning;
    rk_tune_options options = {.dataset_path = rk_frontier_train_path(f),
                               .split = {.test_share = f->split.test_share},
                               .splits_by_itself = true,
                               .models = &row->model,
                               .n_models = 1,
                               .metric = f->target.key,
                               .search = &rk_search_tpe,
                               .budget = f->grid.n_trials,
                               .parallel = 1,
                               .set = row->set,
                               .n_set = row->n_set};
    rk_status status = rk_tune(&options, f->run, &tuning, err);
    if (!status) {
        status = write_tuned(f, tuning, tuned_path(f, s->variant), err);
        rk_tuning_free(tuning);
    }
    return status;
}

/* The settings to train with: those found, or those written. Borrowed from *root, which the caller ends. */
static rk_status read_settings(rk_frontier *f, size_t v, json_t **root, const char *const **set, size_t *n,
                               rk_error *err)
{
    const rk_grid_variant *row = f->variants[v].row;
    *root = NULL;
    *set = row->set;
    *n = row->n_set;
    if (!rk_frontier_is_tuned(f, v)) {
        return RK_OK;
    }
    rk_status status = rk_json_read(tuned_path(f, v), root, err);
    const json_t *list = json_object_get(*root, "set");
    const char **words = status ? NULL : RK_TAKE(&f->arena, const char *, json_array_size(list));
    if (!words) {
        return status ? status : rk_fail_memory(err, "tuned settings");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        words[i] = json_string_value(json_array_get(list, i));
        if (!words[i]) {
            return rk_fail(err, RK_BAD_INPUT, "%s: 'set' holds texts", tuned_path(f, v));
        }
    }
    *set = words;
    *n = json_array_size(list);
    return RK_OK;
}

const char *rk_frontier_settings_words(rk_frontier *f, size_t v)
{
    json_t *root;
    const char *const *set;
    size_t n;
    rk_error none;
    const char *words =
        read_settings(f, v, &root, &set, &n, &none) || n == 0 ? "" : rk_frontier_text(f, ",%s", words_of(f, set, n));
    json_decref(root);
    return words;
}

/* ---- train, compress ---- */

static void train_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    const char *const inputs[] = {rk_frontier_train_path(f),
                                  rk_frontier_is_tuned(f, s->variant) ? tuned_path(f, s->variant) : NULL};
    const char *const outputs[] = {rk_frontier_model(f, s->variant)};
    out->options = rk_frontier_text(f, "%s %s%s seed=%" PRIu64, RK_FRONTIER_STEP_VERSION, row->model,
                                    words_of(f, row->set, row->n_set), f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static rk_status train(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    json_t *root;
    const char *const *set;
    size_t n;
    rk_status status = read_settings(f, s->variant, &root, &set, &n, err);
    status = status ? status
                    : rk_model_train(rk_frontier_train_path(f), f->variants[s->variant].row->model, set, n,
                                     rk_frontier_model(f, s->variant), f->run, err);
    json_decref(root);
    return status;
}

static void compress_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    const char *const inputs[] = {rk_frontier_model(f, row->of)}, *const outputs[] = {rk_frontier_model(f, s->variant)};
    out->options = rk_frontier_text(f, "%s %s seed=%" PRIu64, RK_FRONTIER_STEP_VERSION, row->to, f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static rk_status compress(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    rk_compression report;
    return rk_compress(rk_frontier_model(f, row->of), row->to, NULL, 0, rk_frontier_model(f, s->variant), f->run,
                       &report, err);
}

/* ---- index ---- */

static void index_files(rk_frontier *f, const rk_frontier_step *s, rk_step *out)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    const char *const inputs[] = {rk_frontier_model(f, s->variant)};
    const char *const outputs[] = {rk_frontier_index(f, s->variant)};
    out->options = rk_frontier_text(f, RK_FRONTIER_STEP_VERSION " %s recall=%.17g seed=%" PRIu64, row->index,
                                    row->recall, f->run->seed);
    RK_SET_FILES(out, inputs, outputs);
}

static rk_status make_index(rk_frontier *f, const rk_frontier_step *s, rk_error *err)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    rk_near_options options = {.kind = row->index, .recall = row->recall, .has_no_similar = true};
    rk_near_report report;
    return rk_near_build(rk_frontier_model(f, s->variant), &options, rk_frontier_index(f, s->variant), f->run, &report,
                         err);
}

const rk_frontier_step_kind rk_frontier_step_split = {"split", split_files, split},
                            rk_frontier_step_tune = {"tune", tune_files, tune},
                            rk_frontier_step_train = {"train", train_files, train},
                            rk_frontier_step_compress = {"compress", compress_files, compress},
                            rk_frontier_step_index = {"index", index_files, make_index};
