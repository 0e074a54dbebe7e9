/* scale_shops.c - one shop after the other: made up, trained on, served under load, written down, taken away. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "data/synth.h"
#include "measure/measure.h"
#include "model/model.h"
#include "study/scale_parts.h"
#include "study/study_file.h"

/* Change it when a shop's figures come about in another way. */
static const char step_version[] = "scale/1";
enum { EVENTS_PER_USER = 20, EMPTY = 50, POINTS_KEPT_MAX = 64 };

/* Shops of `items` and, by each, so many users; beside the middle one others with its items or its users. */
typedef struct {
    uint32_t items[6];
    size_t n, middle;
    double seconds;
} size_table;

static const size_table quick_sizes = {{1000, 2000, 4000, 8000}, 4, 1, 1},
                        whole_sizes = {{4000, 8000, 16000, 32000, 64000}, 5, 2, 6};

/* Files of the shop that is being worked on. */
typedef struct {
    const char *data, *model, *figures;
} shop_files;

static shop_files files_of(rk_scaling *s, const rk_scale_shop *shop)
{
    const char *folder = s->options->folder;
    return (shop_files){rk_scaling_text(s, "%s/shop.rk", folder), rk_scaling_text(s, "%s/model.rk", folder),
                        rk_scaling_text(s, "%s/shops/%ux%u.json", folder, shop->users, shop->items)};
}

/* ---- training ---- */

static rk_status make_and_train(rk_scaling *s, const shop_files *files, rk_scale_shop *shop, rk_error *err)
{
    rk_synth_options options = rk_synth_defaults();
    rk_synth_report made;
    options.n_users = shop->users;
    options.n_items = shop->items;
    options.n_events = (uint64_t)shop->users * EVENTS_PER_USER;
    rk_status status = rk_synth(&options, files->data, NULL, s->run, &made, err);
    if (status) {
        return status;
    }
    shop->events = made.n_events;
    uint64_t before = rk_memory_bytes();
    rk_peak_memory_reset();
    rk_stopwatch watch = rk_stopwatch_start();
    status =
        rk_model_train(files->data, s->options->model, s->options->set, s->options->n_set, files->model, s->run, err);
    rk_usage usage = rk_stopwatch_stop(watch);
    shop->figure[RK_SCALE_TRAINING_S] = usage.wall_s;
    shop->figure[RK_SCALE_TRAINING_BYTES] = usage.peak_bytes > before ? (double)(usage.peak_bytes - before) : 0;
    return status;
}

/* ---- serving ---- */

/* Of the busiest rate inside the limit, or of the slowest rate where none was. */
static double cpu_ms_of(const rk_profile *profile)
{
    double cpu_ms = NAN;
    for (size_t i = 0; i < profile->points.n; i++) {
        const rk_profile_point *point = rk_profile_point_at(profile, i);
        cpu_ms = i == 0 || point->within_slo ? point->cpu_ms_per_request : cpu_ms;
    }
    return cpu_ms;
}

static rk_status serve(rk_scaling *s, const shop_files *files, const size_table *sizes, rk_scale_shop *shop,
                       rk_profile *profile, rk_error *err)
{
    rk_measure_options options = rk_measure_defaults();
    options.model_path = files->model;
    options.program = s->options->program;
    options.slo_ms_p99 = s->options->p99_max_ms;
    options.seconds = sizes->seconds;
    options.points = sizes->seconds < 4 ? 8 : options.points;
    rk_status status = rk_measure(&options, s->run, profile, err);
    if (!status) {
        shop->figure[RK_SCALE_RESIDENT_BYTES] = (double)profile->memory_bytes;
        shop->figure[RK_SCALE_CPU_MS] = cpu_ms_of(profile);
        shop->capacity_rps = profile->knee_rps;
    }
    return status;
}

/* ---- on paper ---- */

static rk_status write_shop(const rk_scale_shop *shop, const rk_profile *profile, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_json_object(&json, NULL);
    rk_json_u64(&json, "users", shop->users);
    rk_json_u64(&json, "items", shop->items);
    rk_json_u64(&json, "events", shop->events);
    for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
        rk_json_real(&json, rk_scale_figure_key((rk_scale_figure)f), shop->figure[f]);
    }
    rk_json_real(&json, "rps", shop->capacity_rps);
    rk_json_array(&json, "points");
    for (size_t i = 0; i < profile->points.n; i++) {
        const rk_profile_point *point = rk_profile_point_at(profile, i);
        rk_json_object(&json, NULL);
        rk_json_real(&json, "achieved_rps", point->achieved_rps);
        rk_json_real(&json, "cpu_ms_per_request", point->cpu_ms_per_request);
        rk_json_bool(&json, "within_slo", point->within_slo);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    rk_text_add(&text, "\n");
    rk_status status = text.failed ? rk_fail_memory(err, "a shop") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static double number_of(const json_t *root, const char *key)
{
    const json_t *value = json_object_get(root, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static rk_status read_shop(const char *path, rk_scale_shop *shop, rk_error *err)
{
    json_t *root;
    rk_status status = rk_json_read(path, &root, err);
    if (status) {
        return status;
    }
    double events = number_of(root, "events");
    shop->events = events > 0 ? (uint64_t)events : 0;
    for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
        shop->figure[f] = number_of(root, rk_scale_figure_key((rk_scale_figure)f));
    }
    shop->capacity_rps = fmax(number_of(root, "rps"), 0);
    json_decref(root);
    return RK_OK;
}

/* Processor time a second against requests a second, both in logarithms, inside the limit. */
static rk_status read_traffic(rk_scaling *s, const char *path, rk_error *err)
{
    double x[2 * POINTS_KEPT_MAX], y[POINTS_KEPT_MAX];
    size_t n = 0;
    json_t *root;
    rk_least_squares fit;
    rk_status status = rk_json_read(path, &root, err);
    if (status) {
        return status;
    }
    const json_t *points = json_object_get(root, "points");
    for (size_t i = 0; i < json_array_size(points) && n < POINTS_KEPT_MAX; i++) {
        const json_t *point = json_array_get(points, i);
        double rps = number_of(point, "achieved_rps"), cpu_ms = number_of(point, "cpu_ms_per_request");
        if (json_is_true(json_object_get(point, "within_slo")) && rps > 0 && cpu_ms > 0) {
            x[2 * n] = 1;
            x[2 * n + 1] = log(rps);
            y[n++] = log(rps * cpu_ms);
        }
    }
    json_decref(root);
    s->report.has_traffic = rk_least_squares_fit(x, y, n, 2, &fit);
    if (s->report.has_traffic) {
        s->report.by_traffic = rk_least_squares_coefficient(&fit, 1);
    }
    return RK_OK;
}

/* ---- one shop ---- */

static rk_status make_shop(rk_scaling *s, const size_table *sizes, const shop_files *files, rk_scale_shop *shop,
                           rk_error *err)
{
    rk_profile profile;
    rk_model *model;
    rk_status status = make_and_train(s, files, shop, err);
    status = status ? status : rk_model_open(files->model, &model, err);
    if (status) {
        return status;
    }
    shop->figure[RK_SCALE_MODEL_BYTES] = (double)rk_artefact_bytes(rk_model_artefact(model));
    rk_model_close(model);
    status = serve(s, files, sizes, shop, &profile, err);
    if (status) {
        return status;
    }
    status = write_shop(shop, &profile, files->figures, err);
    rk_profile_release(&profile);
    return status;
}

static const char *options_words(rk_scaling *s, double seconds)
{
    rk_machine machine = rk_machine_read();
    rk_text text = {0};
    rk_text_addf(&text, "%s %s", step_version, s->options->model);
    for (size_t i = 0; i < s->options->n_set; i++) {
        rk_text_addf(&text, " %s", s->options->set[i]);
    }
    rk_text_addf(&text, " seconds=%g slo=%g cpu=%s cores=%u seed=%" PRIu64, seconds, s->options->p99_max_ms,
                 machine.cpu, machine.cores, s->run->seed);
    const char *words = rk_scaling_text(s, "%s", text.failed ? "" : text.at);
    rk_text_release(&text);
    return words;
}

static rk_status do_shop(rk_scaling *s, const size_table *sizes, rk_scale_shop *shop, bool *is_done, rk_error *err)
{
    shop_files files = files_of(s, shop);
    rk_step step = {.name = rk_scaling_text(s, "shop %ux%u", shop->users, shop->items),
                    .options = options_words(s, sizes->seconds),
                    .outputs = {files.figures}};
    double seconds;
    rk_status status = rk_journal_check(s->journal, &step, is_done, &seconds, err);
    if (!status && !*is_done) {
        rk_stopwatch watch = rk_stopwatch_start();
        status = make_shop(s, sizes, &files, shop, err);
        unlink(files.data);
        unlink(files.model);
        status = status ? status : rk_journal_add(s->journal, &step, rk_stopwatch_stop(watch).wall_s, err);
    }
    return status ? status : read_shop(files.figures, shop, err);
}

static void tell(rk_scaling *s, const rk_scale_shop *shop, size_t i, size_t n, double seconds, double left)
{
    rk_text words = {0};
    rk_text_addf(&words, "shop %zu of %zu, %u users and %u items: ", i + 1, n, shop->users, shop->items);
    rk_text_add_seconds(&words, seconds);
    if (i + 1 < n) {
        rk_text_add(&words, "; about ");
        rk_text_add_seconds(&words, left);
        rk_text_add(&words, " left");
    }
    rk_log(s->run, RK_LOG_INFO, "%s", words.failed ? "" : words.at);
    rk_text_release(&words);
}

static void add_shop(rk_scaling *s, rk_scale_sweep sweep, double users, uint32_t items)
{
    s->shops[s->report.n_shops++] = (rk_scale_shop){.sweep = sweep, .users = (uint32_t)fmax(1, users), .items = items};
}

static void list_shops(rk_scaling *s, const size_table *sizes)
{
    double each = s->options->users_per_item;
    uint32_t middle = sizes->items[sizes->middle];
    add_shop(s, RK_SWEEP_EMPTY, EMPTY, EMPTY);
    for (size_t i = 0; i < sizes->n; i++) {
        add_shop(s, i == sizes->middle ? RK_SWEEP_ALL : RK_SWEEP_BOTH, each * sizes->items[i], sizes->items[i]);
    }
    for (size_t i = 0; i < sizes->n; i++) {
        if (i != sizes->middle) {
            add_shop(s, RK_SWEEP_USERS, each * sizes->items[i], middle);
            add_shop(s, RK_SWEEP_ITEMS, each * middle, sizes->items[i]);
        }
    }
    s->largest = sizes->n; /* behind the empty one */
}

/* What a shop is likely to take beside others: serving it, and training by its events. */
static double weight_of(const size_table *sizes, const rk_scale_shop *shop)
{
    return sizes->seconds + 2 + 1e-4 * shop->users + 2e-5 * shop->items;
}

rk_status rk_scaling_shops(rk_scaling *s, rk_error *err)
{
    const size_table *sizes = s->options->quick ? &quick_sizes : &whole_sizes;
    double left = 0, done = 0, done_s = 0;
    list_shops(s, sizes);
    for (size_t i = 0; i < s->report.n_shops; i++) {
        left += weight_of(sizes, &s->shops[i]);
    }
    rk_status status = RK_OK;
    for (size_t i = 0; i < s->report.n_shops && !status; i++) {
        bool is_done = false;
        rk_stopwatch watch = rk_stopwatch_start();
        status = do_shop(s, sizes, &s->shops[i], &is_done, err);
        double seconds = rk_stopwatch_stop(watch).wall_s, own = weight_of(sizes, &s->shops[i]);
        left -= own;
        if (!status && !is_done) {
            done += own;
            done_s += seconds;
            tell(s, &s->shops[i], i, s->report.n_shops, seconds, left * done_s / done);
        }
    }
    s->report.shops = s->shops;
    return status ? status : read_traffic(s, files_of(s, &s->shops[s->largest]).figures, err);
}
