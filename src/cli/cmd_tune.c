/* cmd_tune.c - reckon tune: the settings that do best on a part of the training data kept apart. */
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "report/relevance_words.h"
#include "report/tune_words.h"

enum { MODELS_MAX = 32, BY_ITSELF = 0 };

typedef struct {
    const char *models, *metric, *output, *study, *csv, *valid, *judgements, *rank_output;
    uint64_t folds;
    int search, by;
    double budget, share;
    uint64_t parallel;
    rk_vec set, space;
} tune_settings;

#define AT(field) offsetof(tune_settings, field)
static const rk_option options[] = {
    {"model", 'm', RK_OPT_TEXT, AT(models), "NAME,...", .help = "which models (see train --list)"},
    {"output", 'o', RK_OPT_TEXT, AT(output), "FILE", .help = "the winner, trained on all the data", .is_output = true},
    {"budget", 0, RK_OPT_REAL, AT(budget), "N", "20", "work for each model, in whole trainings", 1, 1e6},
    {"metric", 0, RK_OPT_TEXT, AT(metric), "FIGURE", "ndcg@10", "what to make good: a figure of evaluate"},
    {"search", 0, RK_OPT_CHOICE, AT(search), "HOW", "tpe", "what to try next", .choices = RK_SEARCH_CHOICES},
    {"space", 0, RK_OPT_LIST, AT(space), "KEY=VALUES",
     .help = "search KEY over LOW..HIGH or A,B,C; MODEL.KEY for one model; repeatable"},
    {"set", 's', RK_OPT_LIST, AT(set), "KEY=VALUE", .help = "fix an option of the models; repeatable"},
    {"by", 'b', RK_OPT_CHOICE, AT(by), "RULE", "auto", "the split; auto = time, else random",
     .choices = "auto|time|user-time|leave-one-out|random"},
    {"test", 't', RK_OPT_REAL, AT(share), "SHARE", "0.1", "share of events to judge by", .min = 1e-6, .max = 0.999999},
    {"valid", 0, RK_OPT_TEXT, AT(valid), "FILE", .help = "judge by this dataset; nothing is split off"},
    {"study", 0, RK_OPT_TEXT, AT(study), "FILE", .help = "keep the trials here (SQLite) and go on from those it has"},
    {"csv", 0, RK_OPT_TEXT, AT(csv), "FILE", .help = "write all trials as a table", .is_output = true},
    {"judgements", 'j', RK_OPT_TEXT, AT(judgements), "FILE",
     .help = "ratings or clicks: tune the settings of reckon index by them, not a model"},
    {"rank-output", 0, RK_OPT_TEXT, AT(rank_output), "R.rk",
     .help = "with --judgements: weights of the second look, learned on the index that is written", .is_output = true},
    {"folds", 0, RK_OPT_COUNT, AT(folds), "N", "5", "with --judgements: parts of the queries, each judged without it",
     2, 100},
    {"parallel", 0, RK_OPT_COUNT, AT(parallel), "N", "1", "trials at a time; each has its share of the threads", 1,
     256},
};

/* "als,mf" as names in the arena. */
static rk_status split_names(const char *text, rk_arena *arena, const char **names, size_t *n, rk_error *err)
{
    for (*n = 0; text; text = *text ? text + 1 : NULL) {
        rk_slice name = rk_slice_trim((rk_slice){text, strcspn(text, ",")});
        if (*n == MODELS_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "at most %d models at once", MODELS_MAX);
        }
        names[*n] = rk_arena_copy(arena, name.at, name.n);
        if (!names[(*n)++]) {
            return rk_fail_memory(err, "names");
        }
        text += strcspn(text, ",");
    }
    return RK_OK;
}

static rk_tune_options read_options(const rk_call *call, const char *const *names, size_t n_names)
{
    const tune_settings *s = call->settings;
    return (rk_tune_options){
        .dataset_path = call->words[0],
        .valid_path = s->valid,
        .split = {.rule = s->by > BY_ITSELF ? (rk_split_rule)(s->by - 1) : RK_SPLIT_RANDOM, .test_share = s->share},
        .splits_by_itself = s->by == BY_ITSELF,
        .models = names,
        .n_models = n_names,
        .metric = s->metric,
        .search = rk_search_kind_at((size_t)s->search),
        .budget = s->budget,
        .parallel = s->parallel,
        .set = s->set.data,
        .n_set = s->set.n,
        .space = s->space.data,
        .n_space = s->space.n,
        .study_path = s->study,
        .out_path = s->output};
}

static rk_status write_csv(const rk_tuning *tuning, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_tuning_csv(tuning, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a table") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static void answer(const rk_call *call, const rk_tuning *tuning)
{
    const tune_settings *s = call->settings;
    if (call->common.json) {
        rk_tuning_json(tuning, s->output, call->out);
        return;
    }
    rk_report_tuning(tuning, (rk_table_style){.color = call->color}, call->out);
    if (s->output) {
        rk_text_addf(call->out, "%s: %s with these settings, trained on all of %s\n", s->output,
                     tuning->winner->model->name, call->words[0]);
    }
}

static rk_status tune_index(const rk_call *call, rk_error *err)
{
    const tune_settings *s = call->settings;
    rk_relevance_tuning tuning;
    if (s->models || s->valid || s->study || s->csv) {
        return rk_fail(err, RK_BAD_USAGE,
                       "tune --judgements tunes an index: --model, --valid, --study and --csv are of models");
    }
    if (s->rank_output && !s->output) {
        return rk_fail(err, RK_BAD_USAGE, "--rank-output wants -o: the index that the weights are learned on");
    }
    rk_relevance_options how = {.dataset_path = call->words[0],
                                .judgements_path = s->judgements,
                                .search = rk_search_kind_at((size_t)s->search),
                                .n_trials = (size_t)s->budget,
                                .n_folds = s->folds,
                                .set = s->set.data,
                                .n_set = s->set.n,
                                .space = s->space.data,
                                .n_space = s->space.n,
                                .out_path = s->output,
                                .ranker_path = s->rank_output};
    rk_status status = rk_tune_relevance(&how, &call->run, &tuning, err);
    if (status) {
        return status;
    }
    if (call->common.json) {
        rk_relevance_tuning_json(&tuning, call->out);
    } else {
        rk_report_relevance_tuning(&tuning, s->output, s->rank_output, (rk_table_style){.color = call->color},
                                   call->out);
    }
    rk_relevance_tuning_release(&tuning);
    return RK_OK;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const tune_settings *s = call->settings;
    if (s->judgements) {
        return tune_index(call, err);
    }
    if (s->rank_output) {
        return rk_fail(err, RK_BAD_USAGE, "--rank-output wants --judgements");
    }
    const char *names[MODELS_MAX];
    size_t n_names = 0;
    rk_arena arena = {0};
    rk_tuning *tuning = NULL;
    if (!s->models) {
        return rk_fail(err, RK_BAD_USAGE,
                       "tune needs --model NAME[,NAME...]; reckon train --list shows them. Or --judgements");
    }
    rk_status status = split_names(s->models, &arena, names, &n_names, err);
    status = status ? status : s->csv ? rk_file_check_target(s->csv, err) : RK_OK;
    if (!status) {
        rk_tune_options tune = read_options(call, names, n_names);
        status = rk_tune(&tune, &call->run, &tuning, err);
    }
    status = status ? status : s->csv ? write_csv(tuning, s->csv, err) : RK_OK;
    if (!status) {
        answer(call, tuning);
    }
    rk_tuning_free(tuning);
    rk_arena_release(&arena);
    return status;
}

const rk_command rk_command_tune = {
    .name = "tune",
    .summary = "find the settings of models that do best on a part of the data kept apart",
    .usage = "D.rk --model NAME[,NAME...] [--budget N] -o BEST.rk | D.rk --judgements FILE -o BEST.search.rk",
    .example = "reckon tune train.rk --model als --budget 20 --metric ndcg@20 --study als.db -o best.rk",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(tune_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};
