/* tune_words.c - see tune_words.h. */
#include "report/tune_words.h"

#include <math.h>
#include <string.h>

enum { BEST_SHOWN = 5 };

/* ---- for people ---- */

/* "factors=128 lambda=0.003": what the winner would be trained with; only the searched ones. */
static void add_settings(const rk_contest *contest, const double *x, rk_text *out)
{
    for (size_t a = 0; a < contest->space.n; a++) {
        rk_text_addf(out, "%s%s=", a > 0 ? " " : "", contest->space.axis[a].option->name);
        rk_axis_format(&contest->space.axis[a], x[a], out);
    }
    rk_text_add(out, contest->space.n == 0 ? "nothing to search" : "");
}

static void take_settings(const rk_contest *contest, const double *x, rk_table *table)
{
    rk_text text = {0};
    add_settings(contest, x, &text);
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

static void add_trial(const rk_contest *contest, const rk_trial *trial, bool shows_share, rk_table *table)
{
    rk_table_addf(table, "%zu", trial->number + 1);
    if (shows_share) {
        rk_table_addf(table, "%.3g", trial->share);
    }
    rk_table_add_fixed(table, trial->value, 4);
    take_interval(trial->low, trial->high, table);
    take_seconds(trial->train_s, table);
    take_settings(contest, trial->x, table);
}

/* Numbers of the contest's best trials, best first; returns how many. */
static size_t find_best(const rk_tuning *tuning, const rk_contest *contest, const rk_trial **best)
{
    size_t n = 0;
    for (size_t t = 0; t < contest->trials.n; t++) {
        const rk_trial *trial = rk_contest_trial(contest, t);
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

static void say_trials(const rk_tuning *tuning, const rk_contest *contest, rk_text *out)
{
    rk_text_addf(out, "%s: %zu trials by %s, ", contest->model->name, contest->trials.n, tuning->search->name);
    if (contest->n_failed > 0) {
        rk_text_addf(out, "%zu failed, ", contest->n_failed);
    }
    rk_text_addf(out, "judged by %s on %s", tuning->target.key, tuning->validation);
}

static void print_one(const rk_tuning *tuning, rk_table_style style, rk_text *out)
{
    const rk_contest *contest = tuning->winner;
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
    for (size_t i = 0, n = find_best(tuning, contest, best); i < n; i++) {
        add_trial(contest, best[i], shows_share, &table);
    }
    say_trials(tuning, contest, out);
    rk_text_add(out, ": the best\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void add_leader(const rk_tuning *tuning, const rk_contest *contest, rk_table *table)
{
    const rk_trial *best = rk_contest_best(contest);
    rk_table_add(table, contest->model->name);
    rk_table_addf(table, "%zu", contest->trials.n);
    if (!best) {
        rk_table_add(table, "");
        rk_table_add(table, "all failed");
        rk_table_add(table, "");
        rk_table_add(table, "");
        rk_table_add(table, rk_contest_trial(contest, 0)->error);
        return;
    }
    rk_table_add_fixed(table, best->value, 4);
    take_interval(best->low, best->high, table);
    if (contest == tuning->winner) {
        rk_table_add(table, "the best");
    } else {
        take_interval(contest->kept.has_interval ? contest->kept.low : NAN, contest->kept.high, table);
    }
    take_seconds(best->train_s, table);
    take_settings(contest, best->x, table);
}

/* Contests from the best down, those that failed last; [n_contests] of pointers. */
static void sort_contests(const rk_tuning *tuning, const rk_contest **order)
{
    for (size_t c = 0; c < tuning->n_contests; c++) {
        const rk_contest *contest = &tuning->contests[c];
        size_t at = c;
        while (at > 0 && rk_trial_is_better(tuning, rk_contest_best(contest), rk_contest_best(order[at - 1])) &&
               order[at - 1] != tuning->winner) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = contest;
    }
}

static void print_leaders(const rk_tuning *tuning, rk_table_style style, rk_text *out)
{
    const rk_column columns[] = {{"model", false},
                                 {"trials", true},
                                 {tuning->target.key, true},
                                 {"95 % interval", false},
                                 {"of the best's, user by user", false},
                                 {"training", true},
                                 {"settings", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns), .strong_row = 1};
    rk_arena arena = {0};
    const rk_contest **order = RK_TAKE(&arena, const rk_contest *, tuning->n_contests);
    if (!order) {
        out->failed = true;
        return;
    }
    sort_contests(tuning, order);
    for (size_t c = 0; c < tuning->n_contests; c++) {
        add_leader(tuning, order[c], &table);
    }
    rk_text_addf(out, "judged by %s on %s, trials by %s\n", tuning->target.key, tuning->validation,
                 tuning->search->name);
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_arena_release(&arena);
}

void rk_report_tuning(const rk_tuning *tuning, rk_table_style style, rk_text *out)
{
    const rk_contest *winner = tuning->winner;
    rk_arena arena = {0};
    size_t n = 0;
    (tuning->n_contests > 1 ? print_leaders : print_one)(tuning, style, out);
    rk_text_addf(out, "\ntrain DATA.rk --model %s", winner->model->name);
    const char *const *words = rk_contest_words(winner, rk_contest_best(winner)->x, 1, &arena, &n);
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

static void words_json(const rk_contest *contest, const rk_trial *trial, rk_json *json)
{
    rk_arena arena = {0};
    size_t n = 0;
    const char *const *words = rk_contest_words(contest, trial->x, 1, &arena, &n);
    rk_json_array(json, "set");
    for (size_t i = 0; words && i < n; i++) {
        rk_json_cstring(json, NULL, words[i]);
    }
    rk_json_end_array(json);
    json->text->failed |= !words;
    rk_arena_release(&arena);
}

static void contest_json(const rk_contest *contest, rk_json *json)
{
    const rk_trial *best = rk_contest_best(contest);
    rk_json_object(json, NULL);
    rk_json_cstring(json, "model", contest->model->name);
    rk_json_u64(json, "trials", contest->trials.n);
    rk_json_u64(json, "failed", contest->n_failed);
    if (best) {
        rk_json_u64(json, "trial", best->number + 1);
        rk_json_real(json, "value", best->value);
        add_interval(json, "value_ci", best->low, best->high);
        rk_json_real(json, "train_s", best->train_s);
        words_json(contest, best, json);
    }
    if (contest->kept.has_interval) {
        rk_json_real(json, "of_the_best", contest->kept.value);
        add_interval(json, "of_the_best_ci", contest->kept.low, contest->kept.high);
    }
    rk_json_end_object(json);
}

void rk_tuning_json(const rk_tuning *tuning, const char *out_path, rk_text *out)
{
    const rk_contest *winner = tuning->winner;
    const rk_trial *best = rk_contest_best(winner);
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
    for (size_t c = 0; c < tuning->n_contests; c++) {
        contest_json(&tuning->contests[c], &json);
    }
    rk_json_end_array(&json);
    rk_json_u64(&json, "new_trials", tuning->n_new);
    rk_json_real(&json, "seconds", tuning->seconds);
    rk_json_cstring(&json, "path", out_path);
    rk_json_end_object(&json);
}
