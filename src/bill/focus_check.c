/* focus_check.c - a file against the rules of FOCUS: each row of the file against each row of the table.
 *
 * Rules of columns that the file lacks are left out at the start, but for the rule that the column must be there. What
 * is wrong is counted without end and kept a few times for each rule, so that a file of any length is checked in little
 * memory; only the rules on parents remember every value they have met.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "bill/focus.h"
#include "math/money.h"
#include "math/rational.h"

enum { FINDINGS_DEFAULT = 5, FOUND_BYTES = 80, COLUMN_BYTES_MAX = 50, VALUES_SHOWN = 6 };

/* Values of a column and the one that each stood beside first. */
typedef struct {
    rk_interner *children, *parents;
    rk_vec parent_of; /* uint32_t by child */
} family;

typedef struct {
    const rk_focus_rule *rule;
    uint64_t n;
    rk_vec first; /* rk_focus_finding */
    family family;
} tally;

struct rk_focus_report {
    rk_arena arena;
    tally *tallies; /* [n_tallies] rules that apply */
    size_t n_tallies, n_columns;
    uint64_t n_rows;
    rk_vec broken; /* rk_focus_broken */
    rk_focus_sum sums[RK_FOCUS_N_SUMS];
    bool conforms;
};

typedef struct {
    rk_bill *bill;
    const rk_bill_row *row; /* NULL: the file as a whole */
    rk_focus_report *report;
    size_t n_findings;
    mpq_t a, b, c; /* scratch */
    mpq_t sum[RK_FOCUS_N_SUMS];
    bool is_short; /* of memory */
} check;

static const rk_focus_column summed[RK_FOCUS_N_SUMS] = {RK_F_BILLED_COST, RK_F_EFFECTIVE_COST, RK_F_LIST_COST,
                                                        RK_F_CONTRACTED_COST};

/* ---- words ---- */

/* "Usage or Purchase"; of a long list the first few. */
static void add_values(rk_text *out, const char *values)
{
    unsigned n = 0, n_values = 1;
    for (const char *at = values; *at; at++) {
        n_values += *at == '|';
    }
    for (const char *at = values; *at && (n_values <= VALUES_SHOWN || n < VALUES_SHOWN); at++) {
        n += *at == '|';
        rk_text_add_slice(out, *at == '|' ? RK_SLICE(" or ") : (rk_slice){at, 1});
    }
    if (n_values > VALUES_SHOWN) {
        rk_text_addf(out, "one of %u others", n_values - VALUES_SHOWN);
    }
}

static void add_condition(rk_text *out, const rk_focus_rule *rule)
{
    for (unsigned i = 0; i < rule->n_when; i++) {
        const rk_focus_term *term = &rule->when[i];
        rk_text_add(out, i == 0 ? " when " : rule->when[i - 1].or_next ? " or " : " and ");
        rk_text_addf(out, "%s is %s", rk_focus_columns[term->column].name, term->is_not ? "not " : "");
        add_values(out, term->values ? term->values : "null");
    }
}

/* What the rule wants where its cell alone does not say. */
static void add_wanted(rk_text *out, const rk_focus_rule *rule, const char *wanted)
{
    const char *other = rk_focus_columns[rule->other].name;
    switch (rule->check) {
    case RK_FOCUS_PRESENT:
        rk_text_add(out, "the column");
        break;
    case RK_FOCUS_NULL:
        rk_text_add(out, "null");
        break;
    case RK_FOCUS_NOT_NULL:
        rk_text_add(out, "a value");
        break;
    case RK_FOCUS_NONE_OF:
        rk_text_add(out, "not ");
        add_values(out, rule->values);
        break;
    case RK_FOCUS_AFTER:
        rk_text_addf(out, "later than %s %s", other, wanted);
        break;
    case RK_FOCUS_PRODUCT:
        rk_text_addf(out, "%s %s = %s x %s", rk_focus_columns[rule->result].name, wanted,
                     rk_focus_columns[rule->factor].name, other);
        break;
    case RK_FOCUS_ONE_PARENT:
        rk_text_addf(out, "%s '%s' as before", other, wanted);
        break;
    case RK_FOCUS_PAIR:
        rk_text_addf(out, "%s '%s'", other, wanted);
        break;
    default:
        add_values(out, wanted);
    }
    add_condition(out, rule);
}

/* ---- findings ---- */

/* A blank text is told of once, by NO_PLACEHOLDER; all other rules take it for the null that it should have been. */
static rk_bill_cell cell_of(const check *c, rk_focus_column column)
{
    rk_bill_cell cell = rk_bill_cell_of(c->bill, c->row, column);
    cell.is_null = cell.is_null || rk_slice_trim(cell.text).n == 0;
    return cell;
}

static const char *keep(check *c, rk_text *text)
{
    const char *kept = text->failed ? NULL : rk_arena_copy(&c->report->arena, text->at ? text->at : "", text->n);
    c->is_short |= !kept;
    rk_text_release(text);
    return kept;
}

/* The other cells that the rule compares with. */
static void add_company(const check *c, const rk_focus_rule *rule, rk_text *out)
{
    rk_focus_column others[2] = {rule->other, rule->result};
    bool is_product = rule->check == RK_FOCUS_PRODUCT;
    bool is_pair = rule->check == RK_FOCUS_ONE_PARENT || rule->check == RK_FOCUS_PAIR;
    for (int i = 0; i < (is_product ? 2 : is_pair); i++) {
        if (others[i] != rule->column) {
            rk_text_addf(out, " with %s '", rk_focus_columns[others[i]].name);
            rk_text_add_slice(out, cell_of(c, others[i]).text);
            rk_text_add(out, "'");
        }
    }
}

static void report_cell(check *c, tally *t, rk_bill_cell cell, const char *wanted)
{
    if (t->n++ >= c->n_findings) {
        return;
    }
    rk_text found = {0}, expected = {0};
    if (cell.is_null) {
        rk_text_add(&found, c->row ? "null" : "no such column");
    } else {
        size_t n =
            cell.text.n <= FOUND_BYTES ? cell.text.n : rk_utf8_valid_prefix((rk_slice){cell.text.at, FOUND_BYTES});
        rk_text_add(&found, "'");
        rk_text_add_slice(&found, (rk_slice){cell.text.at, n});
        rk_text_add(&found, n < cell.text.n ? "...'" : "'");
        if (c->row) {
            add_company(c, t->rule, &found);
        }
    }
    add_wanted(&expected, t->rule, wanted);
    rk_focus_finding finding = {c->row ? c->row->row : 0, c->row ? c->row->line : 0, keep(c, &found),
                                keep(c, &expected)};
    c->is_short |= !rk_vec_push(&t->first, &finding);
}

/* ---- rules that look at several cells ---- */

static bool is_value(rk_slice text, const char *values)
{
    for (const char *at = values; *at;) {
        size_t n = strcspn(at, "|");
        if (n == text.n && memcmp(at, text.at, n) == 0) {
            return true;
        }
        at += n + (at[n] == '|');
    }
    return false;
}

static bool holds(const check *c, const rk_focus_term *term)
{
    rk_bill_cell cell = cell_of(c, term->column);
    bool is = term->values ? !cell.is_null && is_value(cell.text, term->values) : cell.is_null;
    return is != term->is_not;
}

static bool applies(const check *c, const rk_focus_rule *rule)
{
    for (unsigned i = 0; i < rule->n_when; i++) {
        bool is = holds(c, &rule->when[i]);
        while (rule->when[i].or_next) {
            is = holds(c, &rule->when[++i]) || is;
        }
        if (!is) {
            return false;
        }
    }
    return true;
}

static bool number_of(const check *c, rk_focus_column column, mpq_ptr out)
{
    rk_bill_cell cell = cell_of(c, column);
    return !cell.is_null && rk_bill_number(cell.text, out) != RK_CELL_BAD;
}

/* Equal within half a unit in the last place that the result is written with, six places at least. */
static void check_product(check *c, tally *t, rk_bill_cell cell)
{
    const rk_focus_rule *rule = t->rule;
    if (!number_of(c, rule->factor, c->a) || !number_of(c, rule->other, c->b) || !number_of(c, rule->result, c->c)) {
        return;
    }
    mpq_mul(c->a, c->a, c->b);
    mpq_sub(c->b, c->a, c->c);
    mpq_abs(c->b, c->b);
    unsigned places = rk_bill_places(cell_of(c, rule->result).text);
    mpz_ui_pow_ui(mpq_numref(c->c), 10, places < 6 ? 6 : places);
    mpz_mul_ui(mpq_numref(c->c), mpq_numref(c->c), 2);
    mpz_set_ui(mpq_denref(c->c), 1);
    mpq_mul(c->b, c->b, c->c);
    if (mpq_cmp_ui(c->b, 1, 1) > 0) {
        rk_text words = {0};
        rk_rational_print(c->a, &words);
        report_cell(c, t, cell, words.at ? words.at : "");
        rk_text_release(&words);
    }
}

static void check_after(check *c, tally *t, rk_bill_cell cell)
{
    int64_t end, start;
    rk_bill_cell other = cell_of(c, t->rule->other);
    if (!other.is_null && rk_bill_time(cell.text, &end) != RK_CELL_BAD &&
        rk_bill_time(other.text, &start) != RK_CELL_BAD && end <= start) {
        char words[64];
        size_t n = other.text.n < sizeof words ? other.text.n : sizeof words - 1;
        memcpy(words, other.text.at, n);
        words[n] = '\0';
        report_cell(c, t, cell, words);
    }
}

static void check_pair(check *c, tally *t, rk_bill_cell cell)
{
    rk_bill_cell other = cell_of(c, t->rule->other);
    for (size_t i = 0; i < rk_n_focus_subcategories && !other.is_null; i++) {
        const rk_focus_pair *pair = &rk_focus_subcategories[i];
        if (rk_slice_is(cell.text, pair->subcategory) && !rk_slice_is(other.text, pair->category)) {
            report_cell(c, t, cell, pair->category);
        }
    }
}

static void check_subcategory(check *c, tally *t, rk_bill_cell cell)
{
    size_t i = 0;
    while (i < rk_n_focus_subcategories && !rk_slice_is(cell.text, rk_focus_subcategories[i].subcategory)) {
        i++;
    }
    if (i == rk_n_focus_subcategories) {
        report_cell(c, t, cell, "one of the subcategories of FOCUS");
    }
}

static void check_parent(check *c, tally *t, rk_bill_cell cell)
{
    family *f = &t->family;
    rk_bill_cell other = cell_of(c, t->rule->other);
    if (other.is_null) {
        return;
    }
    uint32_t child = rk_interner_add(f->children, cell.text), parent = rk_interner_add(f->parents, other.text);
    if (child == RK_NO_ID || parent == RK_NO_ID) {
        c->is_short = true;
    } else if (child == f->parent_of.n) {
        c->is_short |= !rk_vec_push(&f->parent_of, &parent);
    } else if (((uint32_t *)f->parent_of.data)[child] != parent) {
        rk_slice first = rk_interner_key(f->parents, ((uint32_t *)f->parent_of.data)[child]);
        rk_text words = {0};
        rk_text_add_slice(&words, first);
        report_cell(c, t, cell, words.at ? words.at : "");
        rk_text_release(&words);
    }
}

static void check_rule(check *c, tally *t)
{
    const rk_focus_rule *rule = t->rule;
    rk_bill_cell cell = rule->check == RK_FOCUS_NO_PLACEHOLDER ? rk_bill_cell_of(c->bill, c->row, rule->column)
                                                               : cell_of(c, rule->column);
    const char *wanted = NULL;
    if ((rule->check != RK_FOCUS_NOT_NULL && rule->check != RK_FOCUS_NULL && cell.is_null) || !applies(c, rule)) {
        return;
    }
    switch (rule->check) {
    case RK_FOCUS_PRESENT:
        break;
    case RK_FOCUS_NULL:
    case RK_FOCUS_NOT_NULL:
        if (cell.is_null != (rule->check == RK_FOCUS_NULL)) {
            report_cell(c, t, cell, "");
        }
        break;
    case RK_FOCUS_PRODUCT:
        check_product(c, t, cell);
        break;
    case RK_FOCUS_AFTER:
        check_after(c, t, cell);
        break;
    case RK_FOCUS_PAIR:
        check_pair(c, t, cell);
        break;
    case RK_FOCUS_SUBCATEGORY:
        check_subcategory(c, t, cell);
        break;
    case RK_FOCUS_ONE_PARENT:
        check_parent(c, t, cell);
        break;
    default:
        if ((wanted = rk_focus_cell(rule->check, rule->values, cell.text)) != NULL) {
            report_cell(c, t, cell, wanted);
        }
    }
}

/* ---- the columns ---- */

static void break_column(check *c, const char *id, rk_focus_level level, rk_slice name, const char *expected)
{
    rk_focus_finding *finding = RK_TAKE(&c->report->arena, rk_focus_finding, 1);
    rk_text found = {0};
    rk_text_addf(&found, "a column '%.*s'", (int)name.n, name.at);
    const char *words = keep(c, &found), *column = rk_arena_copy(&c->report->arena, name.at, name.n);
    rk_focus_broken broken = {id, column, level, 1, finding, 1};
    if (!finding || !column || !words || !rk_vec_push(&c->report->broken, &broken)) {
        c->is_short = true;
        return;
    }
    *finding = (rk_focus_finding){0, 0, words, expected};
}

static bool is_focus(rk_slice name)
{
    size_t i = 0;
    while (i < RK_N_FOCUS_COLUMNS && !rk_slice_is(name, rk_focus_columns[i].name)) {
        i++;
    }
    return i < RK_N_FOCUS_COLUMNS;
}

static void check_columns(check *c)
{
    size_t n = rk_bill_n_columns(c->bill), n_focus = 0;
    for (size_t i = 0; i < n; i++) {
        n_focus = is_focus(rk_bill_column(c->bill, i)) ? i + 1 : n_focus; /* behind the last one */
    }
    for (size_t i = 0; i < n; i++) {
        rk_slice name = rk_bill_column(c->bill, i);
        if (!is_focus(name) && (name.n < 3 || memcmp(name.at, "x_", 2) != 0)) {
            break_column(c, "ColumnHandling-A-010-M", RK_FOCUS_MUST, name,
                         "x_ in front of a column that FOCUS does not know");
        }
        if (!is_focus(name) && i < n_focus) {
            break_column(c, "ColumnHandling-A-013-O", RK_FOCUS_SHOULD, name, "a place behind all columns of FOCUS");
        }
        if (name.n > COLUMN_BYTES_MAX) {
            break_column(c, "ColumnHandling-A-005-O", RK_FOCUS_SHOULD, name, "50 characters at most");
        }
    }
}

/* ---- the whole ---- */

static bool is_required(const rk_focus_rule *rule, uint32_t supports) { return (rule->needs & ~supports) == 0; }

static rk_status choose_rules(check *c, uint32_t supports, rk_error *err)
{
    rk_focus_report *report = c->report;
    report->tallies = calloc(rk_n_focus_rules, sizeof *report->tallies);
    if (!report->tallies) {
        return rk_fail_memory(err, "the rules of FOCUS");
    }
    for (size_t i = 0; i < rk_n_focus_rules; i++) {
        const rk_focus_rule *rule = &rk_focus_rules[i];
        bool is_there = rk_bill_find(c->bill, rule->column) >= 0;
        if (rule->check == RK_FOCUS_PRESENT ? !is_required(rule, supports) : !is_there) {
            continue;
        }
        tally *t = &report->tallies[report->n_tallies++];
        *t = (tally){.rule = rule, .first = {.item_bytes = sizeof(rk_focus_finding)}};
        t->family.parent_of.item_bytes = sizeof(uint32_t);
        if (rule->check == RK_FOCUS_PRESENT && !is_there) {
            report_cell(c, t, (rk_bill_cell){.is_null = true}, "");
        }
        if (rule->check == RK_FOCUS_ONE_PARENT) {
            t->family.children = rk_interner_new();
            t->family.parents = rk_interner_new();
            c->is_short |= !t->family.children || !t->family.parents;
        }
    }
    return c->is_short ? rk_fail_memory(err, "the rules of FOCUS") : RK_OK;
}

static void add_sums(check *c)
{
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        if (number_of(c, summed[i], c->a)) {
            mpq_add(c->sum[i], c->sum[i], c->a);
        } else {
            c->report->sums[i].n_null++;
        }
    }
}

static rk_status check_rows(check *c, const rk_run *run, rk_error *err)
{
    rk_status status = rk_bill_next(c->bill, &c->row, err);
    while (!status && c->row && !c->is_short) {
        for (size_t i = 0; i < c->report->n_tallies; i++) {
            check_rule(c, &c->report->tallies[i]);
        }
        add_sums(c);
        if (++c->report->n_rows % 10000 == 0) {
            rk_progress(run, "checking", "rows", c->report->n_rows, 0);
        }
        status = rk_bill_next(c->bill, &c->row, err);
    }
    return !status && c->is_short ? rk_fail_memory(err, "what is wrong with a bill") : status;
}

static void finish(check *c)
{
    rk_focus_report *report = c->report;
    for (size_t i = 0; i < report->n_tallies; i++) {
        const tally *t = &report->tallies[i];
        rk_focus_broken broken = {
            t->rule->id, rk_focus_columns[t->rule->column].name, t->rule->level, t->n, t->first.data, t->first.n};
        c->is_short |= t->n > 0 && !rk_vec_push(&report->broken, &broken);
    }
    report->conforms = true;
    for (size_t i = 0; i < report->broken.n; i++) {
        report->conforms = report->conforms && rk_focus_report_broken(report, i)->level != RK_FOCUS_MUST;
    }
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        rk_text words = {0};
        bool is_there = rk_bill_find(c->bill, summed[i]) >= 0;
        if (is_there) {
            rk_rational_print(c->sum[i], &words);
        }
        int64_t micros = 0;
        bool fits = is_there && rk_rational_micros(c->sum[i], &micros);
        report->sums[i].column = rk_focus_columns[summed[i]].name;
        report->sums[i].exact = keep(c, &words);
        if (fits) {
            rk_money_print_exact((rk_money){micros}, &words);
        }
        report->sums[i].sum = keep(c, &words);
    }
}

rk_status rk_focus_check(rk_bill *bill, const rk_focus_options *options, const rk_run *run, rk_focus_report **out,
                         rk_error *err)
{
    check c = {.bill = bill, .n_findings = options->n_findings ? options->n_findings : FINDINGS_DEFAULT};
    c.report = calloc(1, sizeof *c.report);
    if (!c.report) {
        return rk_fail_memory(err, "a report");
    }
    c.report->broken.item_bytes = sizeof(rk_focus_broken);
    c.report->n_columns = rk_bill_n_columns(bill);
    mpq_inits(c.a, c.b, c.c, NULL);
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        mpq_init(c.sum[i]);
    }
    check_columns(&c);
    rk_status status = choose_rules(&c, options->supports, err);
    status = status ? status : check_rows(&c, run, err);
    if (!status) {
        finish(&c);
        status = c.is_short ? rk_fail_memory(err, "a report") : RK_OK;
    }
    mpq_clears(c.a, c.b, c.c, NULL);
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        mpq_clear(c.sum[i]);
    }
    if (status) {
        rk_focus_report_free(c.report);
        return status;
    }
    *out = c.report;
    return RK_OK;
}

void rk_focus_report_free(rk_focus_report *report)
{
    if (!report) {
        return;
    }
    for (size_t i = 0; i < report->n_tallies; i++) {
        rk_vec_release(&report->tallies[i].first);
        rk_vec_release(&report->tallies[i].family.parent_of);
        rk_interner_free(report->tallies[i].family.children);
        rk_interner_free(report->tallies[i].family.parents);
    }
    free(report->tallies);
    rk_vec_release(&report->broken);
    rk_arena_release(&report->arena);
    free(report);
}

uint64_t rk_focus_report_rows(const rk_focus_report *report) { return report->n_rows; }
size_t rk_focus_report_n_columns(const rk_focus_report *report) { return report->n_columns; }
size_t rk_focus_report_n_broken(const rk_focus_report *report) { return report->broken.n; }
size_t rk_focus_report_n_rules(const rk_focus_report *report) { return report->n_tallies; }
bool rk_focus_report_conforms(const rk_focus_report *report) { return report->conforms; }
const rk_focus_sum *rk_focus_report_sum(const rk_focus_report *report, size_t i) { return &report->sums[i]; }

const rk_focus_broken *rk_focus_report_broken(const rk_focus_report *report, size_t i)
{
    return (const rk_focus_broken *)report->broken.data + i;
}
