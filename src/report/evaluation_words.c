/* evaluation_words.c - see evaluation_words.h. Of several lengths of list, breakdowns show the longest. */
#include "report/evaluation_words.h"

#include <stdio.h>
#include <string.h>

static void add_interval(double low, double high, rk_table *table) { rk_table_addf(table, "%.4f to %.4f", low, high); }

/* ---- the figures ---- */

static void print_figures(const rk_evaluation *evaluation, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"figure", false}, {"value", true}, {"95 % interval over users", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t i = 0; i < evaluation->n_figures; i++) {
        const rk_figure *figure = &evaluation->figure[i];
        rk_table_add(&table, figure->key);
        rk_table_addf(&table, "%.4f", figure->value);
        if (figure->has_interval) {
            add_interval(figure->low, figure->high, &table);
        } else {
            rk_table_add(&table, NULL);
        }
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* ---- breakdowns ---- */

/* The last of the stratum's figures of that name: the one of the longest lists. */
static const rk_figure *last_figure(const rk_eval_stratum *s, const char *name)
{
    const rk_figure *found = NULL;
    size_t n = strlen(name);
    for (size_t i = 0; i < s->n_figures; i++) {
        const char *key = s->figure[i].key;
        found = strncmp(key, name, n) == 0 && (key[n] == '@' || key[n] == '\0') ? &s->figure[i] : found;
    }
    return found;
}

static void add_figure(const rk_eval_stratum *s, const char *name, rk_table *table)
{
    const rk_figure *figure = last_figure(s, name);
    if (figure) {
        rk_table_addf(table, "%.4f", figure->value);
        add_interval(figure->low, figure->high, table);
    } else {
        rk_table_add(table, NULL);
        rk_table_add(table, NULL);
    }
}

static void add_range(const rk_eval_stratum *s, rk_table *table)
{
    rk_text text = {0};
    rk_text_add_fixed(&text, s->least, 0);
    if (s->most != s->least) {
        rk_text_add(&text, " to ");
        rk_text_add_fixed(&text, s->most, 0);
    }
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static bool has_breakdown(const rk_evaluation *evaluation, const char *by)
{
    for (size_t i = 0; i < evaluation->n_strata; i++) {
        if (strcmp(evaluation->stratum[i].by, by) == 0) {
            return true;
        }
    }
    return false;
}

/* titles: of the two figures' columns, with the k of the longest lists. */
static void name_columns(const rk_evaluation *evaluation, const char *by, const char *const names[2],
                         char titles[2][32])
{
    for (size_t f = 0; f < 2; f++) {
        snprintf(titles[f], sizeof titles[f], "%s", names[f]);
        for (size_t i = 0; i < evaluation->n_strata; i++) {
            const rk_eval_stratum *s = &evaluation->stratum[i];
            const rk_figure *figure = strcmp(s->by, by) == 0 ? last_figure(s, names[f]) : NULL;
            if (figure) {
                snprintf(titles[f], sizeof titles[f], "%s", figure->key);
            }
        }
    }
}

static void print_popularity(const rk_evaluation *evaluation, rk_table_style style, rk_text *out)
{
    static const char *const names[2] = {"recall", "list_share"};
    char titles[2][32];
    name_columns(evaluation, "popularity", names, titles);
    const rk_column columns[] = {{"items", false},     {"taken by", true},      {"number", true},
                                 {"test pairs", true}, {titles[0], true},       {"95 % interval", false},
                                 {titles[1], true},    {"95 % interval", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t i = 0; i < evaluation->n_strata; i++) {
        const rk_eval_stratum *s = &evaluation->stratum[i];
        if (strcmp(s->by, "popularity") == 0) {
            rk_table_add(&table, s->name);
            add_range(s, &table);
            rk_table_add_fixed(&table, s->items, 0);
            rk_table_add_fixed(&table, (double)s->test_pairs, 0);
            add_figure(s, names[0], &table);
            add_figure(s, names[1], &table);
        }
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void print_history(const rk_evaluation *evaluation, rk_table_style style, rk_text *out)
{
    static const char *const of_lists[2] = {"recall", "ndcg"}, *const of_ratings[2] = {"rmse", "ndcg"};
    const char *const *names = rk_evaluation_find(evaluation, "rmse") ? of_ratings : of_lists;
    char titles[2][32];
    name_columns(evaluation, "history", names, titles);
    const rk_column columns[] = {{"items taken", false},  {"users", true},          {"test pairs", true},
                                 {titles[0], true},       {"95 % interval", false}, {titles[1], true},
                                 {"95 % interval", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t i = 0; i < evaluation->n_strata; i++) {
        const rk_eval_stratum *s = &evaluation->stratum[i];
        if (strcmp(s->by, "history") == 0) {
            rk_table_add(&table, s->name);
            rk_table_add_fixed(&table, s->users, 0);
            rk_table_add_fixed(&table, (double)s->test_pairs, 0);
            add_figure(s, names[0], &table);
            add_figure(s, names[1], &table);
        }
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void print_strata(const rk_evaluation *evaluation, rk_table_style style, rk_text *out)
{
    if (has_breakdown(evaluation, "popularity")) {
        rk_text_add(out,
                    "\nby popularity of the test items; head, middle and tail hold a third of what was taken each\n");
        print_popularity(evaluation, style, out);
    }
    if (has_breakdown(evaluation, "history")) {
        rk_text_add(out, "\nby how many items the users had taken\n");
        print_history(evaluation, style, out);
    }
}

/* ---- what they were counted over ---- */

static void print_count(rk_text *out, uint64_t n, const char *words)
{
    if (n > 0) {
        rk_text_add_fixed(out, (double)n, 0);
        rk_text_add(out, words);
    }
}

static void print_unknown(const rk_evaluation *evaluation, const char *to_whom, rk_text *out)
{
    char words[96];
    print_count(out, evaluation->repeats,
                " pairs of the test set name an item that the user had taken before, which is never recommended\n");
    snprintf(words, sizeof words, " test users are unknown to %s and were left out\n", to_whom);
    print_count(out, evaluation->unknown_users, words);
    snprintf(words, sizeof words, " test items are unknown to %s and were left out\n", to_whom);
    print_count(out, evaluation->unknown_items, words);
    print_count(out, evaluation->unknown_pairs, " pairs were left out because of that\n");
}

void rk_report_evaluation(const rk_evaluation *evaluation, rk_table_style style, rk_text *out)
{
    print_figures(evaluation, style, out);
    print_strata(evaluation, style, out);
    rk_text_add(out, "\n");
    print_count(out, evaluation->users, " users with test items, ");
    rk_text_add_fixed(out, (double)evaluation->test_pairs, 0);
    rk_text_add(out, " test pairs, full ranking in ");
    rk_text_add_seconds(out, evaluation->seconds);
    rk_text_addf(out, " (%.0f users/s)\n", evaluation->seconds > 0 ? evaluation->users / evaluation->seconds : 0);
    print_unknown(evaluation, "the model", out);
}

/* ---- several models ---- */

static void add_p(double p, rk_table *table)
{
    if (p < 0.001) {
        rk_table_add(table, "< 0.001");
    } else {
        rk_table_addf(table, "%.3f", p);
    }
}

static void print_duel(const rk_contest *contest, size_t model, rk_table_style style, rk_text *out)
{
    const rk_column columns[] = {{"figure", false},    {contest->path[0], true}, {contest->path[model], true},
                                 {"difference", true}, {"95 % interval", false}, {"p", true},
                                 {"verdict", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    const rk_duel *duel = &contest->duel[model];
    for (size_t i = 0; i < duel->n_differences; i++) {
        const rk_difference *d = &duel->difference[i];
        rk_table_add(&table, d->key);
        rk_table_addf(&table, "%.4f", d->baseline);
        rk_table_addf(&table, "%.4f", d->model);
        rk_table_addf(&table, "%+.4f", d->value);
        rk_table_addf(&table, "%+.4f to %+.4f", d->low, d->high);
        add_p(d->p_holm, &table);
        rk_table_add(&table, d->verdict == RK_NO_DIFFERENCE ? NULL : rk_verdict_name(d->verdict));
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void print_basis(const rk_contest *contest, rk_text *out)
{
    const rk_evaluation *first = &contest->evaluation[0];
    const rk_duel *duel = &contest->duel[1];
    print_count(out, first->users, " users with test items, ");
    rk_text_add_fixed(out, (double)first->test_pairs, 0);
    rk_text_add(out, " test pairs; p of ");
    rk_text_add_fixed(out, (double)duel->n_flips, 0);
    rk_text_add(out, duel->n_flips == 1 ? " sign flip" : " sign flips");
    if (contest->n_tests > 1) {
        rk_text_addf(out, ", corrected for %zu questions asked at once (Holm)", contest->n_tests);
    }
    rk_text_add(out, "\n");
    print_unknown(first, "one of the models", out);
}

void rk_report_contest(const rk_contest *contest, rk_table_style style, rk_text *out)
{
    for (size_t m = 1; m < contest->n_models; m++) {
        print_duel(contest, m, style, out);
        rk_text_add(out, "\n");
    }
    for (size_t m = 0; m < contest->n_models; m++) {
        if (contest->evaluation[m].n_strata > 0) {
            rk_text_addf(out, "%s\n", contest->path[m]);
            print_strata(&contest->evaluation[m], style, out);
            rk_text_add(out, "\n");
        }
    }
    for (size_t m = 1; m < contest->n_models; m++) {
        rk_duel_sentence(contest, m, out);
        rk_text_add(out, "\n");
    }
    print_basis(contest, out);
}
