/* tune_words.c - see tune_words.h. */
#include "report/tune_words.h"

#include <math.h>
#include <string.h>

enum { BEST_SHOWN = 5 };

/* ---- for people ---- */

/* "factors=128 lambda=0.003": what the winner would be trained with; only the searched ones. */
static void add_settings(const rk_tuned *tuned, const double *x, rk_text *out)
{
    for (size_t a = 0; a < tuned->space.n; a++) {
        rk_text_addf(out, "%s%s=", a > 0 ? " " : "", tuned->space.axis[a].option->name);
        rk_axis_format(&tuned->space.axis[a], x[a], out);
    }
    rk_text_add(out, tuned->space.n == 0 ? "nothing to search" : "");
}

static void take_settings(const rk_tuned *tuned, const double *x, rk_table *table)
{
    rk_text text = {0};
    add_settings(tuned, x, &text);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void take_interval(double low, double high, rk_table *table)
{
    rk_text text = {0};
    if (isfinite(low) && isfinite(high)) {
        rk_text_add_fixed(&text, low, 4);
        rk_text_add(&text, " to ");
        rk_text_add_fixed(&text, high, 4);
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void take_seconds(double seconds, rk_table *table)
{
    rk_text text = {0};
    rk_text_add_seconds(&text, seconds);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void add_trial(const rk_tuned *tuned, const rk_trial *trial, bool shows_share, rk_table *table)
{
    rk_table_addf(table, "%zu", trial->number + 1);
    if (shows_share) {
        rk_table_addf(table, "%.3g", trial->share);
    }
    rk_table_add_fixed(table, trial->value, 4);
    take_interval(trial->low, trial->high, table);
    take_seconds(trial->train_s, table);
    take_settings(tuned, trial->x, table);
}

/* The model's best trials, best first; returns how many. */
static size_t find_best(const rk_tuning *tuning, const rk_tuned *tuned, const rk_trial **best)
{
    size_t n = 0;
    for (size_t t = 0; t < tuned->trials.n; t++) {
        const rk_trial *trial = rk_tuned_trial(tuned, t);
        size_t at = n;
        while (at > 0 && rk_trial_is_better(tuning, trial, best[at - 1])) {
            at--;
        }
        if (trial->error || at == BEST_SHOWN) {
            continue;
        }
        n += n < BEST_SHOWN;
        for (size_t i = n - 1; i > at; i--) {
            best[i] = best[i - 1];
        }
        best[at] = trial;
    }
    return n;
}

static void say_trials(const rk_tuning *tuning, const rk_tuned *tuned, rk_text *out)
{
    rk_text_addf(out, "%s: %zu trials by %s, ", tuned->model->name, tuned->trials.n, tuning->search->name);
    if (tuned->n_failed > 0) {
        rk_text_addf(out, "%zu failed, ", tuned->n_failed);
    }
    rk_text_addf(out, "judged by %s on %s", tuning->target.key, tuning->validation);
}

static void print_one(const rk_tuning *tuning, rk_table_style style, rk_text *out)
{
    const rk_tuned *tuned = tuning->winner;
    const rk_trial *best[BEST_SHOWN];
    bool shows_share = tuning->search->repeats; /* trials of less than a whole training */
    rk_column columns[6] = {{"trial", true}};
    size_t n_columns = 1;
    if (shows_share) {
        columns[n_columns++] = (rk_column){"share", true};
    }
    columns[n_columns++] = (rk_column){tuning->target.key, true};
    columns[n_columns++] = (rk_column){"95 % interval", false};
    columns[n_columns++] = (rk_column){"training", true};
    columns[n_columns++] = (rk_column){"settings", false};
    rk_table table = {.columns = columns, .n_columns = n_columns, .strong_row = 1};
    for (size_t i = 0, n = find_best(tuning, tuned, best); i < n; i++) {
        add_trial(tuned, best[i], shows_share, &table);
    }
    say_trials(tuning, tuned, out);
    rk_text_add(out, ": the best\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* "-0.0123 (-0.0140 to -0.0107)" and "0.002". */
static void take_difference(const rk_tuning *tuning, const rk_tuned *tuned, rk_table *table)
{
    const rk_difference *d = &tuned->difference;
    rk_text text = {0};
    if (!tuned->is_compared) {
        rk_table_add(table, tuned == tuning->winner ? "the best" : "");
        rk_table_add(table, "");
        return;
    }
    rk_text_add_fixed(&text, d->value, 4);
    rk_text_add(&text, " (");
    rk_text_add_fixed(&text, d->low, 4);
    rk_text_add(&text, " to ");
    rk_text_add_fixed(&text, d->high, 4);
    rk_text_add(&text, ")");
    rk_table_take(table, &text);
    rk_text_release(&text);
    if (d->p_holm < 0.001) {
        rk_table_add(table, "< 0.001");
    } else {
        rk_table_add_fixed(table, d->p_holm, 3);
    }
}

static void add_leader(const rk_tuning *tuning, const rk_tuned *tuned, rk_table *table)
{
    const rk_trial *best = rk_tuned_best(tuned);
    rk_table_add(table, tuned->model->name);
    rk_table_addf(table, "%zu", tuned->trials.n);
    if (!best) {
        rk_table_add(table, "");
        rk_table_add(table, "all failed");
        rk_table_add(table, "");
        rk_table_add(table, "");
        rk_table_add(table, "");
        rk_table_add(table, rk_tuned_trial(tuned, 0)->error);
        return;
    }
    rk_table_add_fixed(table, best->value, 4);
    take_interval(best->low, best->high, table);
    take_difference(tuning, tuned, table);
    take_seconds(best->train_s, table);
    take_settings(tuned, best->x, table);
}

static void print_leaders(const rk_tuning *tuning, rk_table_style style, rk_text *out)
{
    const rk_column columns[] = {{"model", false},
                                 {"trials", true},
                                 {tuning->target.key, true},
                                 {"95 % interval", false},
                                 {"to the best, user by user", false},
                                 {"p", true},
                                 {"training", true},
                                 {"settings", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns), .strong_row = 1};
    for (size_t m = 0; m < tuning->n_models; m++) {
        add_leader(tuning, tuning->ranking[m], &table);
    }
    rk_text_addf(out, "judged by %s on %s, trials by %s\n", tuning->target.key, tuning->validation,
                 tuning->search->name);
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

void rk_report_tuning(const rk_tuning *tuning, rk_table_style style, rk_text *out)
{
    const rk_tuned *winner = tuning->winner;
    rk_arena arena = {0};
    size_t n = 0;
    (tuning->n_models > 1 ? print_leaders : print_one)(tuning, style, out);
    rk_text_addf(out, "\ntrain DATA.rk --model %s", winner->model->name);
    const char *const *words = rk_tuned_words(winner, rk_tuned_best(winner)->x, 1, &arena, &n);
    out->failed |= !words;
    for (size_t i = 0; words && i < n; i++) {
        rk_text_addf(out, " --set %s", words[i]);
    }
    rk_text_addf(out, "\n%zu of the trials were made now, in ", tuning->n_new);
    rk_text_add_seconds(out, tuning->seconds);
    rk_text_add(out, "\n");
    rk_arena_release(&arena);
}

/* ---- for machines ---- */

static void add_interval(rk_json *json, const char *key, double low, double high)
{
    rk_json_array(json, key);
    rk_json_real(json, NULL, low);
    rk_json_real(json, NULL, high);
    rk_json_end_array(json);
}

static void words_json(const rk_tuned *tuned, const rk_trial *trial, rk_json *json)
{
    rk_arena arena = {0};
    size_t n = 0;
    const char *const *words = rk_tuned_words(tuned, trial->x, 1, &arena, &n);
    rk_json_array(json, "set");
    for (size_t i = 0; words && i < n; i++) {
        rk_json_cstring(json, NULL, words[i]);
    }
    rk_json_end_array(json);
    json->text->failed |= !words;
    rk_arena_release(&arena);
}

static void model_json(const rk_tuned *tuned, rk_json *json)
{
    const rk_trial *best = rk_tuned_best(tuned);
    rk_json_object(json, NULL);
    rk_json_cstring(json, "model", tuned->model->name);
    rk_json_u64(json, "trials", tuned->trials.n);
    rk_json_u64(json, "failed", tuned->n_failed);
    if (best) {
        rk_json_u64(json, "trial", best->number + 1);
        rk_json_real(json, "value", best->value);
        add_interval(json, "value_ci", best->low, best->high);
        rk_json_real(json, "train_s", best->train_s);
        words_json(tuned, best, json);
    }
    if (tuned->is_compared) {
        rk_json_real(json, "difference", tuned->difference.value);
        add_interval(json, "difference_ci", tuned->difference.low, tuned->difference.high);
        rk_json_real(json, "p", tuned->difference.p_holm);
        rk_json_cstring(json, "verdict", rk_verdict_name(tuned->difference.verdict));
    }
    rk_json_end_object(json);
}

void rk_tuning_json(const rk_tuning *tuning, const char *out_path, rk_text *out)
{
    const rk_tuned *winner = tuning->winner;
    const rk_trial *best = rk_tuned_best(winner);
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "model", winner->model->name);
    rk_json_cstring(&json, "metric", tuning->target.key);
    rk_json_real(&json, "value", best->value);
    add_interval(&json, "value_ci", best->low, best->high);
    words_json(winner, best, &json);
    rk_json_cstring(&json, "validation", tuning->validation);
    rk_json_cstring(&json, "search", tuning->search->name);
    rk_json_array(&json, "leaderboard");
    for (size_t m = 0; m < tuning->n_models; m++) {
        model_json(tuning->ranking[m], &json);
    }
    rk_json_end_array(&json);
    rk_json_u64(&json, "new_trials", tuning->n_new);
    rk_json_real(&json, "seconds", tuning->seconds);
    rk_json_cstring(&json, "path", out_path);
    rk_json_end_object(&json);
}
