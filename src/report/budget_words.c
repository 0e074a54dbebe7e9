/* budget_words.c - see budget_words.h: the table, how its forecasts came about, and a sentence for whoever signs. */
#include "report/budget_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* ---- the table ---- */

static void add_row(const rk_budget_forecast *f, const rk_budget_month *month, rk_table *t)
{
    static const rk_traffic_end order[] = {RK_AT_POINT, RK_AT_LOW, RK_AT_HIGH};
    rk_table_add(t, month->name);
    for (size_t i = 0; i < RK_COUNT_OF(order); i++) {
        rk_table_add_money(t, (rk_money){month->requests_micros[order[i]]}, 0);
    }
    for (size_t i = 0; i < RK_COUNT_OF(order); i++) {
        rk_table_add_money(t, month->cost[order[i]], 2);
    }
    if (f->has_budget) {
        rk_table_add_money(t, month->budget, 2);
        rk_table_add_money(t, (rk_money){month->budget.micros - month->cost[RK_AT_POINT].micros}, 2);
    }
}

static void add_table(const rk_budget_forecast *f, rk_table_style style, rk_text *out)
{
    char from[24];
    const rk_column heads[] = {{"month", false}, {"requests", true}, {from, true},     {"to", true},  {"cost", true},
                               {"at low", true}, {"at high", true},  {"budget", true}, {"left", true}};
    rk_table t = {.columns = heads, .n_columns = f->has_budget ? 9 : 7, .has_total = true};
    snprintf(from, sizeof from, "%g %% from", 100 * f->level);
    for (uint32_t m = 0; m < f->n_months; m++) {
        add_row(f, &f->months[m], &t);
    }
    add_row(f, &f->total, &t);
    rk_table_print(&t, style, out);
    out->failed = out->failed || t.failed;
    rk_table_release(&t);
}

/* ---- how it came about ---- */

static void add_percent(rk_text *out, double share)
{
    rk_text_add_fixed(out, 100 * share, 1);
    rk_text_add(out, " %");
}

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

static void say_history(const rk_budget_service *s, rk_text *out)
{
    const rk_traffic_forecast *t = &s->traffic;
    char first[11], last[11];
    rk_format_date(t->first_day, first);
    rk_format_date(t->last_day, last);
    rk_text_addf(out, "%s: %zu day%s of history, %s to %s", s->name, t->n_days, plural(t->n_days), first, last);
    if (t->n_events > 0) {
        rk_text_addf(out, "; %zu event day%s taken out", t->n_events, plural(t->n_events));
    }
    if (t->n_missing > 0) {
        rk_text_addf(out, "; %zu missing", t->n_missing);
    }
    if (t->n_filled > 0) {
        rk_text_addf(out, ", %zu of them in the plan and taken as usual days", t->n_filled);
    }
    rk_text_add(out, "\n");
}

static void say_trend(const rk_traffic_forecast *t, rk_text *out)
{
    static const char *const words[] = {[RK_TREND_NONE] = "no trend",
                                        [RK_TREND_ADDITIVE] = "a trend that goes on",
                                        [RK_TREND_DAMPED] = "a trend that dies away"};
    rk_text_addf(out, "  model: %s, %s; %s", t->model, t->why, words[t->trend]);
    if (!isnan(t->other_error)) {
        rk_text_addf(out, ": trends that %s were off by ", t->taken == RK_TRENDS_STRAIGHT ? "go on" : "die away");
        add_percent(out, t->backtest.error);
        rk_text_addf(out, " on this history, those that %s by ", t->taken == RK_TRENDS_STRAIGHT ? "die away" : "go on");
        add_percent(out, t->other_error);
    }
    rk_text_add(out, "\n");
}

static void say_backtest(const rk_budget_forecast *f, const rk_traffic_forecast *t, rk_text *out)
{
    const rk_backtest *b = &t->backtest;
    if (b->n_blocks == 0) {
        rk_text_add(out, "  tried on the past: the history is too short for it\n");
    } else {
        rk_text_addf(out, "  tried on the past: %zu sum%s of %d days from %zu start%s, off by ", b->n_blocks,
                     plural(b->n_blocks), RK_TRAFFIC_BLOCK_DAYS, b->n_origins, plural(b->n_origins));
        add_percent(out, b->error);
        rk_text_addf(out, " on the average; intervals of %g %% held %zu", 100 * f->level, b->n_inside);
        if (t->widened > 1) {
            rk_text_addf(out, ", so they are made ");
            rk_text_add_fixed(out, t->widened, 2);
            rk_text_addf(out, " times as wide");
        }
        rk_text_add(out, "\n");
    }
    if (isnan(t->widened)) {
        rk_text_add(out,
                    "  intervals are as the model has them, with too few sums to try them: of published series, those "
                    "of 80 % held\n  the sum of 18 months in 68 of 100\n");
    }
    if (t->n_ahead > t->n_days) {
        rk_text_addf(out, "  %zu days are foretold from %zu: what repeats once a year, nobody has seen\n", t->n_ahead,
                     t->n_days);
    }
}

static void say_service(const rk_budget_forecast *f, const rk_budget_service *s, rk_text *out)
{
    if (!s->path) {
        rk_text_addf(out, "%s: no history, its traffic is as planned\n", s->name);
        return;
    }
    say_history(s, out);
    if (s->traffic.n_ahead == 0) {
        rk_text_add(out, "  the history reaches the end of the plan: nothing is foretold\n");
    } else {
        say_trend(&s->traffic, out);
        say_backtest(f, &s->traffic, out);
    }
    if (s->weekdays) {
        rk_text_addf(out, "  shape of the week, from the history: --set \"%s\"\n", s->weekdays);
    }
    rk_text_addf(out, "  these requests: --set \"%s\"\n", s->change[RK_AT_POINT]);
}

/* ---- the sentence ---- */

static void add_amount(const rk_budget_forecast *f, int64_t micros, rk_text *out)
{
    rk_money_print((rk_money){micros < 0 ? -micros : micros}, 2, out);
    rk_text_addf(out, " %s", f->currency);
}

/* "1,200.00 USD under" */
static void add_left(const rk_budget_forecast *f, rk_traffic_end end, rk_text *out)
{
    int64_t left = f->total.budget.micros - f->total.cost[end].micros;
    if (left == 0) {
        rk_text_add(out, "exact");
    } else {
        add_amount(f, left, out);
        rk_text_addf(out, " %s", left < 0 ? "over" : "under");
    }
}

static void say_shortfall(const rk_budget_forecast *f, rk_text *out)
{
    if (f->shortfall_micros[RK_AT_HIGH] == 0) {
        return;
    }
    rk_text_add(out, "machines are too few: at the point ");
    rk_money_print((rk_money){f->shortfall_micros[RK_AT_POINT]}, 0, out);
    rk_text_add(out, " requests go unanswered, at the high end ");
    rk_money_print((rk_money){f->shortfall_micros[RK_AT_HIGH]}, 0, out);
    rk_text_add(out, "\n");
}

static bool has_untried(const rk_budget_forecast *f)
{
    bool found = false;
    for (uint32_t s = 0; s < f->n_services; s++) {
        found = found ||
                (f->services[s].path && f->services[s].traffic.n_ahead > 0 && isnan(f->services[s].traffic.widened));
    }
    return found;
}

static void say_verdict(const rk_budget_forecast *f, rk_text *out)
{
    rk_text_addf(out, "\nthe plan is expected to %s ", f->basis == RK_CASH ? "pay" : "cost");
    add_amount(f, f->total.cost[RK_AT_POINT].micros, out);
    rk_text_add(out, "; with every month at its low end ");
    add_amount(f, f->total.cost[RK_AT_LOW].micros, out);
    rk_text_add(out, ", at its high end ");
    add_amount(f, f->total.cost[RK_AT_HIGH].micros, out);
    rk_text_add(out, "\n");
    if (f->has_budget) {
        rk_text_add(out, "of the budget of ");
        add_amount(f, f->total.budget.micros, out);
        rk_text_add(out, " that is ");
        add_left(f, RK_AT_POINT, out);
        rk_text_add(out, ", at the low end ");
        add_left(f, RK_AT_LOW, out);
        rk_text_add(out, ", at the high end ");
        add_left(f, RK_AT_HIGH, out);
        rk_text_add(out, "\n");
    }
    say_shortfall(f, out);
    if (has_untried(f)) {
        rk_text_addf(out,
                     "intervals that nobody could try are too narrow as a rule: expect fewer than %g of 100 months "
                     "between from and to\n",
                     100 * f->level);
    } else {
        rk_text_addf(out,
                     "of 100 months foretold like these, about %g should have their requests between from and to\n",
                     100 * f->level);
    }
}

void rk_report_budget_forecast(const rk_budget_forecast *f, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "%s: %s to %s, %s, in %s\n\n", f->name, f->months[0].name, f->months[f->n_months - 1].name,
                 f->basis == RK_CASH ? "what is paid" : "what is used up", f->currency);
    add_table(f, style, out);
    rk_text_add(out, "\n");
    for (uint32_t s = 0; s < f->n_services; s++) {
        say_service(f, &f->services[s], out);
    }
    say_verdict(f, out);
}
