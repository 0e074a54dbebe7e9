/* cmd_recommend.c - reckon recommend, reckon similar: one answer, with its reasons; or lists for everybody. */
#include <stdio.h>

#include "cli/commands.h"
#include "model/answer.h"
#include "model/best_lists.h"
#include "model/content.h"
#include "model/lookup.h"
#include "model/near.h"
#include "report/table.h"

typedef struct {
    const char *user, *history, *only, *exclude, *category, *item, *text, *output, *index;
    uint64_t n, n_reasons;
    bool all;
} ask_settings;

#define OPTION_N                                                                                                       \
    {                                                                                                                  \
        "number", 'n', RK_OPT_COUNT, offsetof(ask_settings, n), "N", "10", "how many items", 1, RK_ANSWER_ITEMS_MAX    \
    }
#define OPTION_INDEX                                                                                                   \
    {                                                                                                                  \
        "index", 0, RK_OPT_TEXT, offsetof(ask_settings, index), "I.rk",                                                \
            .help = "look in this index of the model (reckon index), not through the whole catalogue"                  \
    }

static const rk_option recommend_options[] = {
    {"user", 'u', RK_OPT_TEXT, offsetof(ask_settings, user), "NAME", .help = "a user of the training data"},
    {"history", 0, RK_OPT_TEXT, offsetof(ask_settings, history), "ITEM[=VALUE],...",
     .help = "what the shopper took or rated, known or not; takes the place of what the model has seen"},
    {"only", 0, RK_OPT_TEXT, offsetof(ask_settings, only), "ITEM,...", .help = "score just these items"},
    {"exclude", 0, RK_OPT_TEXT, offsetof(ask_settings, exclude), "ITEM,...", .help = "never these items"},
    {"category", 'c', RK_OPT_TEXT, offsetof(ask_settings, category), "NAME",
     .help = "just items of this category and of those below it (NAME > ..., NAME/...)"},
    OPTION_INDEX,
    OPTION_N,
    {"reasons", 0, RK_OPT_COUNT, offsetof(ask_settings, n_reasons), "N", "2", "reasons for each item", 0,
     RK_ANSWER_REASONS_MAX},
    {"all", 'a', RK_OPT_FLAG, offsetof(ask_settings, all),
     .help = "for every user that the model knows, without reasons"},
    {"output", 'o', RK_OPT_TEXT, offsetof(ask_settings, output), "FILE.csv|FILE.jsonl",
     .help = "with --all, where to (default: as CSV, with --json as JSON lines, to standard output)",
     .is_output = true},
};

static const rk_option similar_options[] = {
    {"item", 'i', RK_OPT_TEXT, offsetof(ask_settings, item), "NAME", .help = "similar to which item"},
    {"text", 't', RK_OPT_TEXT, offsetof(ask_settings, text), "WORDS",
     .help = "or to a product of this title; for models of words (content)"},
    OPTION_INDEX,
    OPTION_N,
};

/* The same question to the same model has the same id. */
static uint64_t id_of(const rk_model *model, const ask_settings *s)
{
    const char *const words[] = {rk_model_label(model), s->user, s->history, s->only, s->exclude,
                                 s->category,           s->item, s->text};
    uint64_t id = s->n;
    for (size_t i = 0; i < RK_COUNT_OF(words); i++) {
        id = rk_hash(rk_slice_of(words[i]), id);
    }
    return id;
}

static void add_name(rk_table *table, const rk_names *names, uint32_t id)
{
    rk_slice name = id < names->n ? rk_names_get(names, id) : (rk_slice){"", 0};
    rk_table_addf(table, "%.*s", (int)name.n, name.at);
}

static void add_reasons(const rk_model *model, const rk_answer *answer, uint32_t i, rk_table *table)
{
    rk_text why = {0};
    for (uint32_t r = 0; r < answer->n_reasons; r++) {
        uint32_t reason = answer->reason[i * answer->n_reasons + r];
        if (reason != RK_NO_ID) {
            rk_text_add(&why, r > 0 ? ", " : "");
            rk_text_add_slice(&why, rk_names_get(rk_model_items(model), reason));
        }
    }
    rk_table_take(table, &why);
    rk_text_release(&why);
}

static void print_answer(const rk_call *call, const rk_model *model, const rk_answer *answer)
{
    bool has_titles = rk_model_titles(model)->n > 0, has_reasons = answer->n_reasons > 0 && rk_model_is_personal(model);
    rk_column columns[4 + RK_FACTS_MAX] = {{"score", true}, {"item", false}};
    rk_table table = {.columns = columns, .n_columns = 2};
    rk_fact facts[RK_FACTS_MAX];
    size_t n_facts = answer->n > 0 ? rk_answer_facts(model, answer, 0, facts) : 0;
    if (has_titles) {
        columns[table.n_columns++] = (rk_column){"title", false};
    }
    for (size_t f = 0; f < n_facts; f++) {
        columns[table.n_columns++] = (rk_column){facts[f].name, true};
    }
    if (has_reasons) {
        columns[table.n_columns++] = (rk_column){"because of", false};
    }
    for (uint32_t i = 0; i < answer->n; i++) {
        rk_table_addf(&table, "%.4f", (double)answer->score[i]);
        add_name(&table, rk_model_items(model), answer->item[i]);
        if (has_titles) {
            add_name(&table, rk_model_titles(model), answer->item[i]);
        }
        n_facts = rk_answer_facts(model, answer, i, facts);
        for (size_t f = 0; f < n_facts; f++) {
            rk_table_addf(&table, "%.4g", facts[f].value);
        }
        if (has_reasons) {
            add_reasons(model, answer, i, &table);
        }
    }
    rk_table_print(&table, (rk_table_style){.color = call->color}, call->out);
    rk_table_release(&table);
}

static void write_answer(const rk_call *call, const rk_model *model, const rk_answer *answer)
{
    char id[17];
    rk_json json = {.text = call->out};
    if (!call->common.json) {
        print_answer(call, model, answer);
        return;
    }
    snprintf(id, sizeof id, "%016llx", (unsigned long long)id_of(model, call->settings));
    rk_answer_json(model, answer, id, &json);
}

static rk_status find_user(const rk_model *model, const char *name, uint32_t *user, rk_error *err)
{
    rk_error lower = {0};
    rk_status status = rk_model_find_user(model, name, user, &lower);
    return status == RK_OK ? RK_OK
                           : rk_fail(err, status, "%.350s; for somebody new tell --history ITEM,...", lower.message);
}

/* The names of the question as numbers. */
static rk_status read_wish(const rk_model *model, const ask_settings *s, rk_arena *arena, rk_wish *wish, rk_error *err)
{
    rk_history skip = {0}, only = {0};
    rk_status status = RK_OK;
    *wish = (rk_wish){.user = RK_NO_ID, .n = (uint32_t)s->n, .n_reasons = (uint32_t)s->n_reasons};
    if (!s->user && !s->history && !s->all) {
        return rk_fail(err, RK_BAD_USAGE, "recommend needs --user NAME, --history ITEM,... for somebody new, or --all");
    }
    if (s->user) {
        status = find_user(model, s->user, &wish->user, err);
    }
    if (!status && s->history) {
        status = rk_model_read_items(model, s->history, true, arena, &wish->history, err);
    }
    if (!status && s->only) {
        status = rk_model_read_items(model, s->only, false, arena, &only, err);
    }
    if (!status && s->exclude) {
        status = rk_model_read_items(model, s->exclude, false, arena, &skip, err);
    }
    if (!status && s->category) {
        unsigned char *allowed = NULL;
        status = rk_model_find_categories(model, rk_slice_of(s->category), arena, &allowed, err);
        wish->categories = allowed;
    }
    wish->skip = skip.item;
    wish->n_skip = skip.n;
    wish->only = only.item;
    wish->n_only = only.n;
    return status;
}

static rk_status answer_recommend(const rk_model *model, const ask_settings *s, rk_desk *desk, rk_arena *arena,
                                  rk_answer *answer, rk_error *err)
{
    rk_wish wish;
    rk_near *near = NULL;
    rk_status status = read_wish(model, s, arena, &wish, err);
    status = status || !s->index ? status : rk_near_open(s->index, model, &near, err);
    wish.near = near;
    status = status ? status : rk_answer_recommend(desk, model, &wish, answer, err);
    rk_near_close(near);
    return status;
}

static rk_status answer_text(const rk_model *model, const ask_settings *s, rk_arena *arena, rk_answer *answer,
                             rk_error *err)
{
    rk_content_desk *words = NULL;
    rk_product product = {.title = rk_slice_of(s->text)};
    uint32_t *items = RK_TAKE(arena, uint32_t, s->n);
    float *scores = RK_TAKE(arena, float, s->n);
    *answer = (rk_answer){.item = items, .score = scores, .total = rk_model_n_items(model)};
    rk_status status = items && scores ? rk_content_desk_new(model, &words, err) : rk_fail_memory(err, "an answer");
    status = status ? status : rk_content_similar(words, &product, (uint32_t)s->n, items, scores, &answer->n, err);
    rk_content_desk_free(words);
    return status;
}

static rk_status answer_similar(const rk_model *model, const ask_settings *s, rk_desk *desk, rk_arena *arena,
                                rk_answer *answer, rk_error *err)
{
    uint32_t item;
    if (!s->item == !s->text) {
        return rk_fail(err, RK_BAD_USAGE, "similar needs --item NAME, or --text WORDS");
    }
    if (s->text) {
        return answer_text(model, s, arena, answer, err);
    }
    rk_near *near = NULL;
    rk_status status = rk_model_find_item(model, rk_slice_of(s->item), &item, err);
    status = status || !s->index ? status : rk_near_open(s->index, model, &near, err);
    rk_like_wish wish = {.item = item, .n = (uint32_t)s->n, .near = near};
    status = status ? status : rk_answer_similar(desk, model, &wish, answer, err);
    rk_near_close(near);
    return status;
}

typedef rk_status ask(const rk_model *model, const ask_settings *s, rk_desk *desk, rk_arena *arena, rk_answer *answer,
                      rk_error *err);

static rk_status run(const rk_call *call, ask *how, rk_error *err)
{
    rk_model *model = NULL;
    rk_desk *desk = NULL;
    rk_arena arena = {0};
    rk_answer answer;
    rk_status status = rk_model_open(call->words[0], &model, err);
    if (status) {
        return status;
    }
    desk = rk_desk_new();
    status = desk ? how(model, call->settings, desk, &arena, &answer, err) : rk_fail_memory(err, "an answer");
    if (status == RK_OK) {
        write_answer(call, model, &answer);
    }
    rk_arena_release(&arena);
    rk_desk_free(desk);
    rk_model_close(model);
    return status;
}

static rk_status write_lists(const rk_call *call, const rk_model *model, rk_arena *arena, rk_error *err)
{
    const ask_settings *s = call->settings;
    rk_wish wish;
    rk_best_lists_format format = call->common.json ? RK_BEST_LISTS_JSONL : RK_BEST_LISTS_CSV;
    rk_status status = read_wish(model, s, arena, &wish, err);
    if (!status && s->output) {
        status = rk_best_lists_format_of(s->output, &format, err);
    }
    return status ? status : rk_best_lists_write(model, &wish, format, s->output ? s->output : "-", &call->run, err);
}

static rk_status run_all(const rk_call *call, rk_error *err)
{
    const ask_settings *s = call->settings;
    rk_model *model = NULL;
    rk_arena arena = {0};
    if (s->index) {
        return rk_fail(err, RK_BAD_USAGE,
                       "--all looks through the catalogue for many users at once: it takes no --index");
    }
    if (s->user || s->history) {
        return rk_fail(err, RK_BAD_USAGE, "--all asks for everybody: %s asks for one",
                       s->user ? "--user" : "--history");
    }
    rk_status status = rk_model_open(call->words[0], &model, err);
    status = status ? status : write_lists(call, model, &arena, err);
    rk_arena_release(&arena);
    rk_model_close(model);
    return status;
}

static rk_status run_recommend(const rk_call *call, rk_error *err)
{
    const ask_settings *s = call->settings;
    if (!s->all && s->output) {
        return rk_fail(err, RK_BAD_USAGE, "-o takes the lists of --all; one answer goes to standard output");
    }
    return s->all ? run_all(call, err) : run(call, answer_recommend, err);
}
static rk_status run_similar(const rk_call *call, rk_error *err) { return run(call, answer_similar, err); }

const rk_command rk_command_recommend = {
    .name = "recommend",
    .summary = "what to show one shopper, with reasons, or every one",
    .usage = "MODEL.rk --user NAME | --history ITEM,... | --all [-o FILE]",
    .example = "reckon recommend als.rk --user 17850 -n 5",
    .options = recommend_options,
    .n_options = RK_COUNT_OF(recommend_options),
    .settings_bytes = sizeof(ask_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_recommend,
};

const rk_command rk_command_similar = {
    .name = "similar",
    .summary = "the items most like one item",
    .usage = "MODEL.rk --item NAME",
    .example = "reckon similar als.rk --item 84879 -n 5",
    .options = similar_options,
    .n_options = RK_COUNT_OF(similar_options),
    .settings_bytes = sizeof(ask_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_similar,
};
