/* actions_words.c - see actions_words.h. */
#include "report/actions_words.h"

static void add_money(rk_text *out, rk_money amount, const char *currency)
{
    rk_money_print(amount, 2, out);
    rk_text_addf(out, " %s", currency);
}

static void add_table(const rk_actions *actions, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"", true}, {"action", false}, {"saves a year", true}, {"together", false}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < actions->n_actions; i++) {
        const rk_action *action = &actions->actions[i];
        rk_table_addf(&table, "%zu", i + 1);
        rk_table_add(&table, action->what);
        rk_table_add_money(&table, action->yearly, 2);
        rk_table_add(&table, action->in_combination ? "yes" : "");
    }
    rk_table_print(&table, style, out);
    out->failed = out->failed || table.failed;
    rk_table_release(&table);
}

/* One action: what it costs in another coin, which lines move, and the words to try it with. */
static void add_detail(const rk_actions *actions, size_t i, rk_text *out)
{
    const rk_action *action = &actions->actions[i];
    rk_text_addf(out, "\n%zu. %s\n   gives up %s\n", i + 1, action->what, action->gives_up);
    for (size_t l = 0; l < action->n_lines; l++) {
        const rk_outcome_change *line = &action->lines[l];
        rk_text_addf(out, "   %s, %s: ", line->element, line->service);
        rk_money_print(line->before, 2, out);
        rk_text_add(out, " -> ");
        add_money(out, line->after, actions->currency);
        rk_text_add(out, "\n");
    }
    for (size_t c = 0; c < action->n_changes; c++) {
        rk_text_addf(out, "   --set '%s'\n", action->changes[c]);
    }
}

static void add_refused(const rk_actions *actions, rk_text *out)
{
    for (size_t i = 0; i < actions->n_refused; i++) {
        const rk_action *action = &actions->refused[i];
        rk_text_addf(out, "%scannot be done: %s: %s\n", i == 0 ? "\n" : "", action->what, action->reason);
    }
}

void rk_report_actions(const rk_actions *actions, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "%s: %zu proposals tried over %u month%s; ", actions->name, actions->n_tried, actions->n_months,
                 actions->n_months == 1 ? "" : "s");
    if (actions->n_actions == 0) {
        rk_text_add(out, "none of them makes the plan cheaper\n");
        add_refused(actions, out);
        return;
    }
    rk_text_addf(out, "%zu would save\n\n", actions->n_actions);
    add_table(actions, style, out);
    rk_text_add(out, "\ntogether, those marked yes save ");
    rk_money_print(actions->together_yearly, 2, out);
    rk_text_add(out, " of ");
    add_money(out, actions->total_yearly, actions->currency);
    rk_text_add(out, " a year; savings overlap, so this is not their sum\n");
    for (size_t i = 0; i < actions->n_actions; i++) {
        add_detail(actions, i, out);
    }
    add_refused(actions, out);
}
