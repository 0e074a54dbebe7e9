/* cmd_suggest.c - reckon suggest: how a question that is being typed may go on. */
#include <math.h>

#include "cli/commands.h"
#include "cli/live_call.h"
#include "text/suggest.h"

typedef struct {
    uint64_t n;
} suggest_settings;

static const rk_option option_rows[] = {
    {"number", 'n', RK_OPT_COUNT, offsetof(suggest_settings, n), "N", "10", "how many", 1, RK_SUGGEST_MAX},
};

static double rounded(double score) { return rint(score * 1e6) / 1e6; }

static void tell_json(const rk_call *call, const rk_suggestion *all, size_t n)
{
    rk_json json = {.text = call->out};
    rk_json_object(&json, NULL);
    rk_json_array(&json, "suggestions");
    for (size_t i = 0; i < n; i++) {
        rk_json_object(&json, NULL);
        rk_json_string(&json, "text", all[i].text);
        rk_json_real(&json, "score", rounded(all[i].score));
        rk_json_u64(&json, "edits", all[i].edits);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

static void tell_words(const rk_call *call, const rk_suggestion *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rk_text_add_slice(call->out, all[i].text);
        rk_text_add(call->out, "\n");
    }
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const suggest_settings *settings = call->settings;
    rk_suggestion all[RK_SUGGEST_MAX];
    rk_suggester *suggester = NULL;
    rk_index *index = NULL;
    rk_live_call live = {0};
    size_t n = 0;
    bool is_live = rk_wares_is_there(call->words[0]);
    rk_status status =
        is_live ? rk_live_call_open(call->words[0], &live, err) : rk_index_open(call->words[0], &index, err);
    status = status ? status : rk_suggester_new(is_live ? live.corpus : rk_index_corpus(index), &suggester, err);
    status = status ? status : rk_suggest(suggester, rk_slice_of(call->words[1]), all, settings->n, &n, err);
    if (!status && call->common.json) {
        tell_json(call, all, n);
    } else if (!status) {
        tell_words(call, all, n);
    }
    rk_suggester_free(suggester);
    rk_live_call_close(&live);
    rk_index_close(index);
    return status;
}

const rk_command rk_command_suggest = {
    .name = "suggest",
    .summary = "how a question that is being typed may go on, the most popular first",
    .usage = "S.rk|LIVE \"TYPED SO FAR\"",
    .example = "reckon suggest shop.search.rk 'red lap' -n 5",
    .options = option_rows,
    .n_options = RK_COUNT_OF(option_rows),
    .settings_bytes = sizeof(suggest_settings),
    .min_words = 2,
    .max_words = 2,
    .run = run,
};
