/* outcome.c - users are gathered one after the other into a row of figures each; what follows is sums over rows. */
#include "experiment/outcome.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "experiment/outcome_parts.h"
#include "math/beta.h"
#include "math/chi_square.h"

enum { DAY_S = 86400, ANSWERS = 1000 };

const rk_figure_row rk_figure_rows[RK_N_FIGURES] = {
    [RK_FIGURE_CONVERSION] = {"conversion", "users with a purchase", false, true},
    [RK_FIGURE_PURCHASES] = {"purchases", "a user", false, true},
    [RK_FIGURE_REVENUE] = {"revenue", "a user", false, true},
    [RK_FIGURE_CLICKS] = {"clicks", "on what was shown, an answer", false, false},
    [RK_FIGURE_COST] = {"cost", "of serving, a user", true, false},
    [RK_FIGURE_NET] = {"net", "margin x revenue - cost, a user", true, true},
};

rk_outcome_options rk_outcome_defaults(void)
{
    return (rk_outcome_options){.window_s = 7 * DAY_S, .margin = 1, .confidence = 0.95};
}

void rk_outcome_release(rk_outcome *o) { rk_arena_release(&o->arena); }

/* ---- which experiment ---- */

static rk_slice name_of(const measuring *m, uint32_t id) { return rk_interner_key(m->journal->names, id); }

static rk_status find_experiment(measuring *m, const char *wanted, rk_error *err)
{
    const rk_journal *j = m->journal;
    uint32_t id = wanted ? rk_interner_find(j->names, rk_slice_of(wanted)) : RK_NO_ID, other = RK_NO_ID;
    bool is_there = false;
    for (size_t i = 0; i < j->n_shown; i++) {
        uint32_t e = j->shown[i].experiment;
        id = !wanted && id == RK_NO_ID ? e : id;
        is_there |= e != RK_NO_ID && e == id;
        other = e != RK_NO_ID && e != id ? e : other;
    }
    if (!wanted && is_there && other != RK_NO_ID) {
        rk_slice a = name_of(m, id), b = name_of(m, other);
        return rk_fail(err, RK_BAD_USAGE, "the log holds several experiments, such as '%.*s' and '%.*s'; say which",
                       (int)a.n, a.at, (int)b.n, b.at);
    }
    m->experiment = id;
    return is_there ? RK_OK
                    : rk_fail(err, RK_NOT_FOUND, "the log holds no exposures of %s%.80s%s",
                              wanted ? "the experiment '" : "any experiment", wanted ? wanted : "", wanted ? "'" : "");
}

static size_t variant_index(measuring *m, uint32_t name)
{
    size_t v = 0;
    while (v < m->n_variants && m->names[v] != name) {
        v++;
    }
    if (v == m->n_variants && v < RK_VARIANTS_MAX) {
        m->names[m->n_variants++] = name;
    }
    return v;
}

/* ---- one user ---- */

bool shown_has(const rk_shown *shown, uint32_t item, size_t *at)
{
    for (size_t i = 0; i < shown->n_items; i++) {
        if (shown->item[i] == item) {
            *at = i;
            return true;
        }
    }
    return false;
}

const rk_shown *shown_before(const measuring *m, const rk_journal_user *user, const rk_deed *deed, size_t *at)
{
    for (size_t i = user->n_shown; i-- > 0;) {
        const rk_shown *s = &m->journal->shown[user->first_shown + i];
        if (s->experiment == m->experiment && s->time_s <= deed->time_s && shown_has(s, deed->item, at)) {
            return s;
        }
    }
    return NULL;
}

/* What a deed adds to a user's figures; all of them, and none of the clicks, before the exposure. */
static void add_deed(const measuring *m, const rk_journal_user *user, const rk_deed *deed, user_row *row)
{
    size_t at;
    bool is_after = deed->time_s >= row->first_s && deed->time_s - row->first_s < m->options->window_s;
    bool is_before = deed->time_s < row->first_s && row->first_s - deed->time_s <= m->options->before_s;
    double *sum = is_after ? row->y : row->x;
    if (!is_after && !is_before) {
        return;
    }
    if (deed->kind == RK_DEED_PURCHASE) {
        sum[RK_FIGURE_CONVERSION] = 1;
        sum[RK_FIGURE_PURCHASES]++;
        sum[RK_FIGURE_REVENUE] += deed->revenue;
    } else if (is_after && deed->kind == RK_DEED_CLICK && shown_before(m, user, deed, &at)) {
        sum[RK_FIGURE_CLICKS]++;
    }
}

static void add_answers(const measuring *m, const rk_journal_user *user, user_row *row)
{
    for (size_t i = 0; i < user->n_shown; i++) {
        const rk_shown *s = &m->journal->shown[user->first_shown + i];
        if (s->experiment != m->experiment || s->time_s - row->first_s >= m->options->window_s) {
            continue;
        }
        row->used.requests++;
        row->used.cpu_ns += s->cpu_ns;
        row->used.bytes += s->bytes;
        row->is_switched |= s->variant != m->names[row->variant];
    }
}

/* false: memory is short. */
static bool gather_user(measuring *m, const rk_journal_user *user, rk_vec *rows)
{
    user_row row = {0};
    size_t first = 0;
    const rk_shown *shown = m->journal->shown + user->first_shown;
    while (first < user->n_shown && shown[first].experiment != m->experiment) {
        first++;
    }
    if (first == user->n_shown || shown[first].variant == RK_NO_ID) {
        return true;
    }
    row.first_s = shown[first].time_s;
    row.propensity = shown[first].propensity;
    row.variant = (uint32_t)variant_index(m, shown[first].variant);
    if (row.variant == RK_VARIANTS_MAX) {
        return true; /* more names than a file can have: not of one experiment */
    }
    add_answers(m, user, &row);
    for (size_t d = 0; d < user->n_deeds; d++) {
        add_deed(m, user, &m->journal->deed[user->first_deed + d], &row);
    }
    for (size_t f = 0; f < RK_N_FIGURES; f++) {
        row.d[f] = 1;
    }
    row.d[RK_FIGURE_CLICKS] = (double)row.used.requests;
    return rk_vec_push(rows, &row);
}

/* ---- cost ---- */

/* "variant=0.12" */
static rk_status read_cost(const measuring *m, const char *text, double cost[RK_VARIANTS_MAX], rk_error *err)
{
    const char *equals = strchr(text, '=');
    rk_slice name = {text, equals ? (size_t)(equals - text) : 0};
    for (size_t v = 0; equals && v < m->n_variants; v++) {
        if (rk_slice_equal(name, name_of(m, m->names[v]))) {
            return rk_parse_real(rk_slice_of(equals + 1), &cost[v]) && cost[v] >= 0
                       ? RK_OK
                       : rk_fail(err, RK_BAD_USAGE, "a cost looks like VARIANT=0.12, got '%.80s'", text);
        }
    }
    return equals ? rk_fail(err, RK_NOT_FOUND, "no variant '%.*s' in the log", (int)name.n, name.at)
                  : rk_fail(err, RK_BAD_USAGE, "a cost looks like VARIANT=0.12, got '%.80s'", text);
}

static const rk_rates *rates_of(const measuring *m, size_t v)
{
    const rk_rate_card *card = m->options->rates;
    char variant[256];
    rk_slice name = name_of(m, m->names[v]);
    const rk_rates *first = rk_rate_card_at(card, 0);
    const char *service = m->options->service ? m->options->service : first ? first->service : "";
    snprintf(variant, sizeof variant, "%.*s", (int)name.n, name.at);
    const rk_rates *own = rk_rate_card_find(card, service, variant);
    return own ? own : rk_rate_card_find(card, service, NULL);
}

/* What serving each user cost, and what is left of what he brought. */
static rk_status add_costs(measuring *m, user_row *rows, size_t n, rk_error *err)
{
    double cost[RK_VARIANTS_MAX];
    const rk_rates *rates[RK_VARIANTS_MAX] = {0};
    rk_status status = RK_OK;
    for (size_t v = 0; v < m->n_variants; v++) {
        cost[v] = NAN;
        rates[v] = m->options->rates ? rates_of(m, v) : NULL;
        if (m->options->rates && !rates[v]) {
            return rk_fail(err, RK_NOT_FOUND, "the rate card has no rates of the service '%.80s'", m->options->service);
        }
    }
    for (size_t c = 0; !status && c < m->options->n_cost; c++) {
        status = read_cost(m, m->options->cost[c], cost, err);
    }
    m->has_cost = m->options->rates || m->options->n_cost > 0;
    for (size_t i = 0; !status && m->has_cost && i < n; i++) {
        user_row *row = &rows[i];
        double each = cost[row->variant] / ANSWERS;
        if (isnan(each) && !rates[row->variant]) {
            rk_slice name = name_of(m, m->names[row->variant]);
            return rk_fail(err, RK_BAD_USAGE, "there is no cost of the variant '%.*s'", (int)name.n, name.at);
        }
        row->y[RK_FIGURE_COST] = isnan(each)
                                     ? (double)rk_rate_card_cost_of(rates[row->variant], &row->used, RK_MARGINAL) / 1e9
                                     : each * (double)row->used.requests;
    }
    for (size_t i = 0; !status && i < n; i++) {
        rows[i].y[RK_FIGURE_NET] = m->options->margin * rows[i].y[RK_FIGURE_REVENUE] - rows[i].y[RK_FIGURE_COST];
        rows[i].x[RK_FIGURE_NET] = m->options->margin * rows[i].x[RK_FIGURE_REVENUE];
    }
    return status;
}

/* ---- the control, and names ---- */

/* Moves the control to the front. */
static rk_status put_control(measuring *m, const char *control, user_row *rows, size_t n, rk_error *err)
{
    size_t at = 0;
    rk_slice wanted = rk_slice_of(control ? control : "control");
    while (at < m->n_variants && !rk_slice_equal(name_of(m, m->names[at]), wanted)) {
        at++;
    }
    if (at == m->n_variants) {
        return control ? rk_fail(err, RK_NOT_FOUND, "no variant '%.80s' in the log", control) : RK_OK;
    }
    uint32_t name = m->names[at];
    memmove(m->names + 1, m->names, at * sizeof *m->names);
    m->names[0] = name;
    for (size_t i = 0; i < n; i++) {
        rows[i].variant = rows[i].variant == at ? 0 : rows[i].variant + (rows[i].variant < at);
    }
    return RK_OK;
}

static const char *keep_name(rk_outcome *out, rk_slice name) { return rk_arena_copy(&out->arena, name.at, name.n); }

/* ---- the whole ---- */

/* The chance of numbers of users as uneven as these, by the propensities they were dealt with. */
static double find_mismatch(const user_row *rows, size_t n, const rk_outcome *out)
{
    double expected = 0, chi_square = 0;
    for (size_t i = 0; i < n; i++) {
        if (fabs(rows[i].propensity - out->variant[rows[i].variant].propensity) > 1e-9) {
            return NAN; /* weights were changed under way */
        }
    }
    for (size_t v = 0; v < out->n_variants; v++) {
        expected += out->variant[v].propensity;
    }
    if (fabs(expected - 1) > 1e-6 || out->n_variants < 2) {
        return NAN; /* a variant that nobody was shown */
    }
    for (size_t v = 0; v < out->n_variants; v++) {
        double wanted = out->variant[v].propensity * (double)n, off = (double)out->variant[v].n_users - wanted;
        chi_square += off * off / wanted;
    }
    return rk_chi_square_above((unsigned)out->n_variants - 1, chi_square);
}

static void count_users(const measuring *m, const user_row *rows, size_t n, rk_outcome *out)
{
    out->n_users = n;
    out->first_s = INT64_MAX;
    out->newest_s = m->journal->newest_s;
    for (size_t i = 0; i < n; i++) {
        rk_variant_result *v = &out->variant[rows[i].variant];
        v->n_users++;
        v->n_answers += rows[i].used.requests;
        v->cpu_ns += rows[i].used.cpu_ns;
        v->bytes += rows[i].used.bytes;
        v->propensity += rows[i].propensity;
        out->n_switched += rows[i].is_switched;
        out->first_s = rows[i].first_s < out->first_s ? rows[i].first_s : out->first_s;
    }
    for (size_t v = 0; v < out->n_variants; v++) {
        out->variant[v].propensity /= (double)out->variant[v].n_users;
    }
}

static rk_status measure_split(measuring *m, const char *control, rk_vec *gathered, rk_outcome *out, rk_error *err)
{
    user_row *rows = gathered->data;
    size_t n = gathered->n;
    rk_status status = put_control(m, control, rows, n, err);
    status = status ? status : add_costs(m, rows, n, err);
    if (status) {
        return status;
    }
    out->n_variants = m->n_variants;
    out->variant = RK_TAKE(&out->arena, rk_variant_result, m->n_variants);
    if (!out->variant) {
        return rk_fail_memory(err, "variants");
    }
    for (size_t v = 0; v < m->n_variants; v++) {
        out->variant[v].name = keep_name(out, name_of(m, m->names[v]));
        if (!out->variant[v].name) {
            return rk_fail_memory(err, "variants");
        }
    }
    out->has_cost = m->has_cost;
    out->currency = m->options->rates ? m->options->rates->currency : NULL;
    count_users(m, rows, n, out);
    out->mismatch_p = find_mismatch(rows, n, out);
    measure_figures(m, rows, n, out);
    return RK_OK;
}

static bool is_interleaved(const measuring *m)
{
    for (size_t i = 0; i < m->journal->n_shown; i++) {
        if (m->journal->shown[i].experiment == m->experiment) {
            return m->journal->shown[i].team != NULL;
        }
    }
    return false;
}

rk_status rk_outcome_measure(const rk_journal *journal, const rk_outcome_options *options, const char *control,
                             rk_outcome *out, rk_error *err)
{
    measuring m = {.journal = journal, .options = options};
    rk_vec rows = {.item_bytes = sizeof(user_row)};
    *out = (rk_outcome){.mismatch_p = NAN};
    rk_status status = find_experiment(&m, options->name, err);
    if (!status) {
        out->name = keep_name(out, name_of(&m, m.experiment));
        out->kind = is_interleaved(&m) ? RK_INTERLEAVE : RK_SPLIT;
        status = out->name ? RK_OK : rk_fail_memory(err, "an experiment");
    }
    if (!status && out->kind == RK_INTERLEAVE) {
        status = measure_preference(&m, out, err);
    } else if (!status) {
        for (uint32_t u = 0; !status && u < rk_interner_count(journal->users); u++) {
            status = gather_user(&m, &journal->by_user[u], &rows) ? RK_OK : rk_fail_memory(err, "users");
        }
        status = status ? status : measure_split(&m, control, &rows, out, err);
    }
    rk_vec_release(&rows);
    if (status) {
        rk_outcome_release(out);
        *out = (rk_outcome){0};
    }
    return status;
}
