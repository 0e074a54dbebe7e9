/* cmd_experiment.c - reckon experiment: what an experiment brought, with intervals, less what it costs to serve. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "experiment/outcome.h"
#include "experiment/scene_policy.h"
#include "report/table.h"
#include "serve/live.h"

enum { DAY_S = 86400 };

typedef struct {
    const char *name, *exposures, *control, *rates, *service, *purchases, *clicks;
    const char *what_if, *shown, *scenes, *model, *data;
    int reward;
    rk_vec cost;
    uint64_t before_days;
    double window_days, margin;
} experiment_settings;

static const rk_option options[] = {
    {"experiment", 'x', RK_OPT_TEXT, offsetof(experiment_settings, name), "NAME",
     .help = "which one, where the log holds several"},
    {"exposures", 0, RK_OPT_TEXT, offsetof(experiment_settings, exposures), "DIR",
     .help = "log of what was shown (default: exposures in the folder of events)"},
    {"control", 0, RK_OPT_TEXT, offsetof(experiment_settings, control), "NAME",
     .help = "variant that the others are compared with (default: 'control', or the first that was shown)"},
    {"window", 'w', RK_OPT_REAL, offsetof(experiment_settings, window_days), "DAYS", "7",
     "what a user does so long after his first exposure counts", .min = 0.001, .max = 3650},
    {"before", 0, RK_OPT_COUNT, offsetof(experiment_settings, before_days), "DAYS", "0",
     "adjust figures by what each user did so long before it (CUPED)", .max = 3650},
    {"rates", 'r', RK_OPT_TEXT, offsetof(experiment_settings, rates), "CARD.json",
     .help = "prices of processor time and bytes (reckon cost rates), for what each variant took"},
    {"service", 0, RK_OPT_TEXT, offsetof(experiment_settings, service), "NAME",
     .help = "service of the card (default: its first)"},
    {"cost", 0, RK_OPT_LIST, offsetof(experiment_settings, cost), "VARIANT=0.12",
     .help = "or: what 1,000 answers of a variant cost; may be given again"},
    {"margin", 0, RK_OPT_REAL, offsetof(experiment_settings, margin), "SHARE", "1",
     "of revenue that is kept, for the net", .min = 0, .max = 1},
    {"what-if", 0, RK_OPT_TEXT, offsetof(experiment_settings, what_if), "SCENE",
     .help = "what would this scene have brought, from answers in which a place was explored"},
    {"scenes", 0, RK_OPT_TEXT, offsetof(experiment_settings, scenes), "S.yaml", .help = "its file"},
    {"model", 'm', RK_OPT_TEXT, offsetof(experiment_settings, model), "M.rk",
     .help = "the model that answered then, or another one"},
    {"data", 'd', RK_OPT_TEXT, offsetof(experiment_settings, data), "D.rk",
     .help = "its dataset, as the server has it"},
    {"shown", 0, RK_OPT_TEXT, offsetof(experiment_settings, shown), "SCENE",
     .help = "answers of which scene, where several explore"},
    {"reward", 0, RK_OPT_CHOICE, offsetof(experiment_settings, reward), "WHAT", "clicks", "of the item at the place",
     .choices = "clicks|purchases|revenue"},
    {"purchases", 0, RK_OPT_TEXT, offsetof(experiment_settings, purchases), "TYPE,...",
     "purchase,order,buy,transaction", "types of purchases; no type is one, too"},
    {"clicks", 0, RK_OPT_TEXT, offsetof(experiment_settings, clicks), "TYPE,...", "click,view", "types of clicks"},
};

/* ---- tables ---- */

static void add_estimate(rk_table *table, rk_estimate e, double scale, int n_digits)
{
    char between[80] = "";
    if (!isnan(e.low)) {
        snprintf(between, sizeof between, "%.*f to %.*f", n_digits, e.low * scale, n_digits, e.high * scale);
    }
    rk_table_add_fixed(table, e.value * scale, n_digits);
    rk_table_addf(table, "%s", between);
}

static void print_variants(const rk_outcome *o, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {
        {"variant", false}, {"users", true}, {"answers", true}, {"cpu ms an answer", true}, {"cost of 1,000", true},
    };
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns) - !o->has_cost};
    for (size_t v = 0; v < o->n_variants; v++) {
        const rk_variant_result *r = &o->variant[v];
        rk_table_add(&table, r->name);
        rk_table_add_fixed(&table, (double)r->n_users, 0);
        rk_table_add_fixed(&table, (double)r->n_answers, 0);
        rk_table_add_fixed(&table, (double)r->cpu_ns / 1e6 / (double)r->n_answers, 3);
        if (o->has_cost) {
            rk_table_addf(&table, "%.6g", r->cost_per_1000);
        }
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* Shares as percentages; money a user may be small: four digits. */
static void print_figures(const rk_outcome *o, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {
        {"figure", false},  {"variant", false}, {"value", true},    {"interval", true}, {"difference", true},
        {"interval", true}, {"uplift %", true}, {"interval", true}, {"p", true},
    };
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t f = 0; f < RK_N_FIGURES; f++) {
        for (size_t v = 0; v < o->n_variants && (o->has_cost || !rk_figure_rows[f].needs_cost); v++) {
            const rk_figure_result *r = &o->variant[v].figure[f];
            int n_digits = f == RK_FIGURE_COST ? 7 : 4;
            rk_table_add(&table, v == 0 ? rk_figure_rows[f].name : "");
            rk_table_add(&table, o->variant[v].name);
            add_estimate(&table, r->value, 1, n_digits);
            if (v > 0) {
                add_estimate(&table, r->difference, 1, n_digits);
                add_estimate(&table, r->uplift, 100, 1);
                rk_table_addf(&table, "%.2g", r->p);
            }
            for (size_t c = 0; v == 0 && c < 5; c++) {
                rk_table_add(&table, "");
            }
        }
    }
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

static void print_preference(const rk_outcome *o, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {{"variant", false}, {"users who prefer it", true}, {"credits", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    const rk_preference *p = &o->preference;
    for (size_t t = 0; t < 2; t++) {
        rk_table_add(&table, p->name[t]);
        rk_table_add_fixed(&table, (double)p->n_wins[t], 0);
        rk_table_add_fixed(&table, (double)p->n_credits[t], 0);
    }
    rk_table_add(&table, "neither");
    rk_table_add_fixed(&table, (double)p->n_ties, 0);
    rk_table_add(&table, "");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* What makes the figures doubtful. */
static void print_doubts(const rk_outcome *o, rk_text *out)
{
    static const double unlikely = 0.001;
    if (o->mismatch_p < unlikely) {
        rk_text_addf(out,
                     "\nthe numbers of users do not fit the weights (p = %.2g): find out why before you believe any "
                     "difference\n",
                     o->mismatch_p);
    }
    if (o->n_switched > 0) {
        rk_text_addf(out, "\n%llu users were shown another variant later, and count where they were first\n",
                     (unsigned long long)o->n_switched);
    }
}

static void print_outcome(const rk_outcome *o, rk_table_style style, rk_text *out)
{
    char since[24];
    rk_format_time(o->first_s, since);
    rk_text_addf(out, "%s: %s, ", o->name, rk_experiment_kind_names[o->kind]);
    rk_text_add_fixed(out, (double)o->n_users, 0);
    rk_text_addf(out, " users since %.10s\n\n", since);
    if (o->kind == RK_INTERLEAVE) {
        print_preference(o, style, out);
    } else {
        print_variants(o, style, out);
        rk_text_add(out, "\n");
        print_figures(o, style, out);
        print_doubts(o, out);
    }
    for (size_t v = 1; v < (o->kind == RK_INTERLEAVE ? 2 : o->n_variants); v++) {
        rk_text_add(out, "\n");
        rk_outcome_sentence(o, v, out);
        rk_text_add(out, "\n");
    }
}

/* ---- the command ---- */

static rk_status read_journal(const rk_call *call, rk_journal **out, rk_error *err)
{
    const experiment_settings *s = call->settings;
    char beside[4096];
    rk_journal_options wanted = {call->words[0], s->exposures, s->purchases, s->clicks};
    if (!s->exposures) {
        int n = snprintf(beside, sizeof beside, "%s/exposures", call->words[0]);
        if (n < 0 || n >= (int)sizeof beside) {
            return rk_fail(err, RK_BAD_USAGE, "the path '%.80s' is too long", call->words[0]);
        }
        wanted.exposures = beside;
    }
    return rk_journal_read(&wanted, &call->run, out, err);
}

static rk_status measure(const rk_call *call, const rk_journal *journal, const rk_rate_card *card, rk_error *err)
{
    const experiment_settings *s = call->settings;
    rk_outcome_options wanted = rk_outcome_defaults();
    rk_outcome outcome;
    wanted.name = s->name;
    wanted.window_s = (int64_t)(s->window_days * DAY_S);
    wanted.before_s = (int64_t)s->before_days * DAY_S;
    wanted.margin = s->margin;
    wanted.rates = card;
    wanted.service = s->service;
    wanted.cost = s->cost.data;
    wanted.n_cost = s->cost.n;
    rk_status status = rk_outcome_measure(journal, &wanted, s->control, &outcome, err);
    if (status) {
        return status;
    }
    rk_json json = {.text = call->out};
    if (call->common.json) {
        rk_outcome_json(&outcome, &json);
    } else {
        print_outcome(&outcome, (rk_table_style){.color = call->color}, call->out);
    }
    rk_outcome_release(&outcome);
    return RK_OK;
}

/* ---- what if ---- */

static void print_what_if(const rk_what_if *w, const experiment_settings *s, rk_table_style style, rk_text *out)
{
    static const rk_column columns[] = {
        {"", false}, {"an answer", true}, {"interval", true}, {"gain", true}, {"interval", true},
    };
    const rk_estimate none = {0, NAN, NAN};
    const struct {
        const char *name;
        rk_estimate value, gain;
    } rows[] = {{"as shown", w->logged, none}, {"ips", w->ips, w->ips_gain}, {"snips", w->snips, w->snips_gain}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    for (size_t r = 0; r < RK_COUNT_OF(rows); r++) {
        rk_table_add(&table, rows[r].name);
        add_estimate(&table, rows[r].value, 1, 5);
        if (r > 0) {
            add_estimate(&table, rows[r].gain, 1, 5);
        } else {
            rk_table_add(&table, "");
            rk_table_add(&table, "");
        }
    }
    rk_text_addf(out, "%s in the place explored in %.*s: %s\n\n", s->what_if, (int)w->scene_bytes, w->scene,
                 rk_reward_names[s->reward]);
    rk_table_print(&table, style, out);
    rk_table_release(&table);
    rk_text_addf(out,
                 "\n%llu answers of %llu users; in %llu it would have shown what was shown, which are worth %.0f even "
                 "ones; in %llu it would have shown none of the choices, which are left out\n",
                 (unsigned long long)w->n_answers, (unsigned long long)w->n_users, (unsigned long long)w->n_matched,
                 w->effective, (unsigned long long)w->n_unsupported);
}

static rk_status estimate(const rk_call *call, const rk_journal *journal, const rk_live *live, rk_error *err)
{
    const experiment_settings *s = call->settings;
    rk_what_if_options wanted = {s->shown, (rk_reward)s->reward, (int64_t)(s->window_days * DAY_S),
                                 rk_outcome_defaults().confidence};
    rk_scene_policy *policy = NULL;
    rk_what_if found;
    const rk_scene *scene = rk_scene_set_find(live->scene_set, rk_slice_of(s->what_if));
    if (!scene) {
        return rk_fail(err, RK_NOT_FOUND, "%s has no scene '%.80s'", s->scenes, s->what_if);
    }
    rk_status status = rk_scene_policy_new(live->scene_set, scene, live->model, journal, &policy, err);
    status = status ? status : rk_what_if_estimate(journal, &wanted, rk_scene_policy_choose, policy, &found, err);
    rk_scene_policy_free(policy);
    if (!status && call->common.json) {
        rk_json json = {.text = call->out};
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "what_if", s->what_if);
        rk_what_if_json(&found, wanted.reward, &json);
        rk_json_end_object(&json);
    } else if (!status) {
        print_what_if(&found, s, (rk_table_style){.color = call->color}, call->out);
    }
    return status;
}

static rk_status run_what_if(const rk_call *call, rk_error *err)
{
    const experiment_settings *s = call->settings;
    rk_live_source source = {.model_path = s->model, .data_path = s->data, .scenes_path = s->scenes};
    rk_live *live = NULL;
    rk_journal *journal = NULL;
    if (!s->scenes || !s->model) {
        return rk_fail(err, RK_BAD_USAGE, "--what-if needs --scenes S.yaml and --model M.rk");
    }
    rk_status status = rk_live_open(&source, &call->run, &live, err);
    status = status ? status : read_journal(call, &journal, err);
    status = status ? status : estimate(call, journal, live, err);
    rk_journal_free(journal);
    rk_live_release(live);
    return status;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const experiment_settings *s = call->settings;
    rk_rate_card card;
    rk_journal *journal = NULL;
    if (s->what_if) {
        return run_what_if(call, err);
    }
    if (s->rates && s->cost.n > 0) {
        return rk_fail(err, RK_BAD_USAGE, "costs come from --rates or from --cost, not from both");
    }
    rk_status status = s->rates ? rk_rate_card_read(s->rates, &card, err) : RK_OK;
    if (status) {
        return status;
    }
    status = read_journal(call, &journal, err);
    status = status ? status : measure(call, journal, s->rates ? &card : NULL, err);
    rk_journal_free(journal);
    if (s->rates) {
        rk_rate_card_release(&card);
    }
    return status;
}

const rk_command rk_command_experiment = {
    .name = "experiment",
    .summary =
        "what an experiment brought: each variant against the control, with intervals, less what serving it costs",
    .usage = "EVENTS [--rates CARD.json | --cost VARIANT=0.12 | --what-if SCENE --scenes S.yaml --model M.rk]",
    .example = "reckon experiment events --rates card.json --margin 0.3",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(experiment_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};
