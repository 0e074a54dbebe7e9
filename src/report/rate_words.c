/* rate_words.c - see rate_words.h. Rates are printed to their last nano. */
#include "report/rate_words.h"

#include <inttypes.h>

#include "math/money.h"

/* "0.000020660": nine places */
static void add_nanos(rk_table *table, int64_t nanos)
{
    rk_table_addf(table, "%" PRId64 ".%09" PRId64, nanos / 1000000000, nanos % 1000000000);
}

static void add_real(rk_table *table, double value)
{
    rk_text text = {0};
    rk_text_add_real(&text, value);
    rk_table_take(table, &text);
    rk_text_release(&text);
}

static void print_rates(const rk_rate_card *card, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"service", false},        {"variant", false},      {"machine", false},
                                      {"cpu second", true},      {"with idle", true},     {"GB", true},
                                      {"request", true},         {"request share", true}, {"GiB-month held", true},
                                      {"cpu ms a request", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; rk_rate_card_at(card, i); i++) {
        const rk_rates *rates = rk_rate_card_at(card, i);
        rk_table_add(&table, rates->service);
        rk_table_add(&table, rates->variant ? rates->variant : "-");
        rk_table_add(&table, rates->machine);
        add_nanos(&table, rates->cpu_second_nanos);
        add_nanos(&table, rates->cpu_second_with_idle_nanos);
        add_nanos(&table, rates->gb_nanos);
        add_nanos(&table, rates->request_nanos);
        add_nanos(&table, rates->request_share_nanos);
        add_nanos(&table, rates->memory_gib_month_nanos);
        add_real(&table, rates->cpu_ms_per_request);
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void add_pair(rk_table *table, int64_t by_card, int64_t by_ledger)
{
    const int64_t values[] = {by_card, by_ledger, by_card - by_ledger};
    for (size_t i = 0; i < RK_COUNT_OF(values); i++) {
        rk_text text = {0};
        rk_money_print((rk_money){values[i]}, 6, &text);
        rk_table_take(table, &text);
        rk_text_release(&text);
    }
}

static void print_checks(const rk_rate_card *card, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"service", false},    {"variant", false},      {"all requests", false},
                                      {"by the card", true}, {"by the ledger", true}, {"rounding", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (size_t i = 0; i < card->checks.n; i++) {
        const rk_rate_check *check = (const rk_rate_check *)card->checks.data + i;
        const rk_rates *rates = rk_rate_card_at(card, i);
        for (int full = 0; full < 2; full++) {
            rk_table_add(&table, rates->service);
            rk_table_add(&table, rates->variant ? rates->variant : "-");
            rk_table_add(&table, full ? "in full" : "at the margin");
            add_pair(&table, full ? check->full_by_card : check->marginal_by_card,
                     full ? check->full_by_ledger : check->marginal_by_ledger);
        }
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

void rk_report_rates(const rk_rate_card *card, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "%s: rates in %s, %s to %s, to a billionth\n\n", card->plan, card->currency, card->first_month,
                 card->last_month);
    print_rates(card, style, out);
    rk_text_add(out, "cpu second: at the planned load; with idle: paid machines that wait are spread over it; request "
                     "share: people, "
                     "licences, storage;\nGiB-month: the whole machine by its memory, in none of the others\n");
    print_checks(card, style, out);
    for (size_t i = 0; i < card->notes.n; i++) {
        rk_text_addf(out, "%s\n", ((const char *const *)card->notes.data)[i]);
    }
}
