/* cmd_search.c - reckon search: a question to an index of items. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/live_call.h"
#include "cli/search_call.h"
#include "rank/inquiry.h"
#include "report/table.h"

static const rk_option search_option_rows[] = {
    {"number", 'n', RK_OPT_COUNT, RK_SEARCH_AT(n), "N", "10", "how many items", .max = RK_PAGE_DEPTH_MAX},
    {"from", 0, RK_OPT_COUNT, RK_SEARCH_AT(from), "N", "0", "pass over the first N", .max = RK_PAGE_DEPTH_MAX},
    {"sort", 's', RK_OPT_TEXT, RK_SEARCH_AT(sort), "KEY", "relevance",
     "or price, newness, popularity, a numeric attribute; -price: dearest first"},
    {"facets", 0, RK_OPT_TEXT, RK_SEARCH_AT(facets), "FIELD,...",
     .help = "count the values of these fields among all that match; price: in bands"},
    {"facet-values", 0, RK_OPT_COUNT, RK_SEARCH_AT(n_values), "N", "10", "of each facet, at most", 1,
     RK_INQUIRY_VALUES_MAX},
    {"marks", 0, RK_OPT_TEXT, RK_SEARCH_AT(marks), "OPEN,CLOSE",
     .help = "mark the words that were found, in titles and texts: '<em>,</em>'"},
    {"html", 0, RK_OPT_FLAG, RK_SEARCH_AT(html), .help = "what is marked is HTML: all but the marks is escaped"},
    {"snippet", 0, RK_OPT_COUNT, RK_SEARCH_AT(snippet), "BYTES", "160", "of a text that is marked", 20, 100000},
    {"literal", 0, RK_OPT_FLAG, RK_SEARCH_AT(literal), .help = "correct and relax nothing, also when nothing is found"},
    {"explain", 0, RK_OPT_FLAG, RK_SEARCH_AT(explain), .help = "what makes up the score of each item"},
    RK_RANK_OPTION,
    {"model", 0, RK_OPT_TEXT, RK_SEARCH_AT(model), "M.rk", .help = "whose users' tastes count in the second look"},
    {"user", 'u', RK_OPT_TEXT, RK_SEARCH_AT(user), "U", .help = "with --model: the user who asks"},
    RK_INDEX_OPTIONS,
};

typedef struct {
    const rk_call *call;
    rk_index *index; /* or */
    rk_live_call live;
    const rk_corpus *corpus; /* of either */
    rk_inquirer *inquirer;
    rk_inquiry inquiry;
    rk_model *model;
    rk_ranker ranker;
    rk_marks marks;
    rk_slice facets[RK_INQUIRY_FACETS_MAX];
    rk_reply reply;
    rk_arena arena;
} session;

static rk_status read_facets(session *t, const char *list, rk_error *err)
{
    for (const char *at = list; at && *at;) {
        const char *comma = strchr(at, ',');
        if (t->inquiry.n_facets == RK_INQUIRY_FACETS_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "at most %d facets are counted at a time", (int)RK_INQUIRY_FACETS_MAX);
        }
        t->facets[t->inquiry.n_facets++] = (rk_slice){at, comma ? (size_t)(comma - at) : strlen(at)};
        at = comma ? comma + 1 : NULL;
    }
    return RK_OK;
}

static rk_status read_marks(session *t, const rk_search_settings *s, rk_error *err)
{
    const char *comma = s->marks ? strchr(s->marks, ',') : NULL;
    if (s->marks && !comma) {
        return rk_fail(err, RK_BAD_USAGE, "marks are two texts with a comma between, got '%.40s'", s->marks);
    }
    if (s->marks) {
        t->marks = (rk_marks){{s->marks, (size_t)(comma - s->marks)}, rk_slice_of(comma + 1), s->html};
        t->inquiry.marks = &t->marks;
    }
    return RK_OK;
}

/* The user who asks, if one is named. */
static rk_status read_user(session *t, rk_error *err)
{
    const rk_search_settings *s = t->call->settings;
    if (!s->model != !s->user) {
        return rk_fail(err, RK_BAD_USAGE, "search wants --model M.rk and --user U together");
    }
    rk_status status = s->model ? rk_model_open(s->model, &t->model, err) : RK_OK;
    if (status || !t->model) {
        return status;
    }
    uint32_t user = rk_names_find(rk_model_users(t->model), rk_slice_of(s->user));
    if (user == RK_NO_ID) {
        return rk_fail(err, RK_NOT_FOUND, "no user '%.60s' in %.200s", s->user, s->model);
    }
    rk_inquirer_be(t->inquirer, &(rk_shopper){.model = t->model, .user = user});
    return RK_OK;
}

static rk_status read_inquiry(session *t, rk_error *err)
{
    const rk_search_settings *s = t->call->settings;
    bool has_look;
    t->inquiry = (rk_inquiry){.text = rk_slice_of(t->call->words[1]),
                              .page = {.n = s->n, .from = s->from},
                              .facets = t->facets,
                              .n_values = s->n_values,
                              .snippet_bytes = s->snippet,
                              .is_literal = s->literal,
                              .explains = s->explain};
    rk_status status = rk_search_call_ranker(t->call, &t->ranker, &has_look, err);
    t->inquiry.ranker = !status && has_look ? &t->ranker : NULL;
    status = status ? status : rk_sort_read(t->corpus, rk_slice_of(s->sort), &t->inquiry.page.sort, err);
    t->inquiry.sort = rk_slice_of(s->sort);
    status = status ? status : read_facets(t, s->facets, err);
    return status ? status : read_marks(t, s, err);
}

/* ---- in words ---- */

static void add_title(const session *t, uint32_t item, rk_table *table)
{
    enum { TITLE_BYTES = 90 };
    rk_slice title = rk_corpus_text(t->corpus, item, RK_FIELD_TITLE);
    size_t n = title.n;
    if (n > TITLE_BYTES) {
        n = TITLE_BYTES;
        while (n > 0 && ((unsigned char)title.at[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    rk_table_addf(table, "%.*s", (int)n, title.at);
}

static rk_status add_marked_title(session *t, uint32_t item, rk_table *table, rk_error *err)
{
    rk_text marked = {0};
    rk_status status =
        rk_highlight(rk_inquirer_asker(t->inquirer), &t->reply.question,
                     rk_corpus_text(t->corpus, item, RK_FIELD_TITLE), 0, t->inquiry.marks, &marked, NULL, err);
    if (!status) {
        rk_table_add(table, marked.at ? marked.at : "");
    }
    rk_text_release(&marked);
    return status;
}

static bool has_titles(const rk_corpus *corpus)
{
    bool has = false;
    for (size_t s = 0; s < corpus->n_segments && !has; s++) {
        has = rk_index_items(corpus->segment[s].index)->title.n > 0;
    }
    return has;
}

static rk_status tell_items(session *t, rk_error *err)
{
    rk_column columns[4] = {{"score", true}, {"item", false}, {"title", false}};
    bool has_title = has_titles(t->corpus), has_price = t->inquiry.page.sort.key == RK_BY_PRICE;
    rk_table table = {.columns = columns, .n_columns = 2 + (size_t)has_title + (size_t)has_price};
    rk_status status = RK_OK;
    columns[2 + has_title] = has_price ? (rk_column){"price", true} : columns[2 + has_title];
    for (size_t i = 0; !status && i < t->reply.found.n; i++) {
        uint32_t item = t->reply.found.item[i];
        rk_slice id = rk_corpus_id(t->corpus, item);
        rk_table_addf(&table, "%.3f", (double)t->reply.found.score[i]);
        rk_table_addf(&table, "%.*s", (int)id.n, id.at);
        if (has_title && t->inquiry.marks) {
            status = add_marked_title(t, item, &table, err);
        } else if (has_title) {
            add_title(t, item, &table);
        }
        double price = rk_corpus_price(t->corpus, item);
        if (has_price && isnan(price)) {
            rk_table_add(&table, "");
        } else if (has_price) {
            rk_table_addf(&table, "%.2f", price);
        }
    }
    if (!status) {
        rk_table_print(&table, (rk_table_style){.color = t->call->color}, t->call->out);
    }
    rk_table_release(&table);
    return status;
}

static void explain_item(const session *t, size_t i)
{
    const rk_reply *reply = &t->reply;
    uint32_t item = reply->found.item[i];
    rk_slice id = rk_corpus_id(t->corpus, item);
    double sum = 0;
    rk_text_addf(t->call->out, "%.*s:", (int)id.n, id.at);
    for (size_t w = 0; w < reply->question.n_terms; w++) {
        double gain = rk_reply_gain(t->inquirer, reply, w, item);
        rk_slice word = rk_asked_word(&reply->question.term[w]);
        if (gain > 0) {
            rk_text_addf(t->call->out, "%s %.*s %.3f", sum > 0 ? " +" : "", (int)word.n, word.at, gain);
            sum += gain;
        }
    }
    rk_text_addf(t->call->out, " = %.3f by words\n", sum);
    if (reply->is_fused && reply->feature && reply->feature[i]) {
        rk_text_addf(t->call->out, "  places by words and by taste (%.3f) fused\n",
                     (double)reply->feature[i][rk_feature_find("taste")]);
        return;
    }
    for (size_t f = 0; reply->feature && reply->feature[i] && f < rk_n_features; f++) {
        double score = t->inquiry.ranker->blend.weight[f] * (double)reply->feature[i][f];
        if (score < 0 || score > 0) {
            rk_text_addf(t->call->out, "  %+.3f  %s\n", score, rk_features[f].what);
        }
    }
    if (reply->feature && reply->feature[i] && t->inquiry.ranker->forest.n > 0) {
        rk_text_addf(t->call->out, "  %+.3f  trees\n", rk_forest_score(&t->inquiry.ranker->forest, reply->feature[i]));
    }
}

static void tell_facets(const session *t)
{
    for (size_t f = 0; f < t->reply.n_facets; f++) {
        const rk_facet *facet = &t->reply.facet[f];
        rk_text_addf(t->call->out, "%.*s:", (int)facet->field.n, facet->field.at);
        for (size_t i = 0; i < facet->n; i++) {
            rk_text_addf(t->call->out, "%s %.*s (%" PRIu64 ")", i ? "," : "", (int)facet->values[i].name.n,
                         facet->values[i].name.at, facet->values[i].n);
        }
        rk_text_add(t->call->out, "\n");
    }
}

/* What was made of the question, above what it found. */
static void tell_changes(const session *t)
{
    static const char *const said[] = {"left out, no item has it", "not required", "not side by side", "left out"};
    const rk_reply *reply = &t->reply;
    if (reply->corrected.n > 0) {
        rk_text_addf(t->call->out, "nothing has what was typed; searched '%.*s'\n", (int)reply->corrected.n,
                     reply->corrected.at);
    }
    for (size_t i = 0; i < reply->n_relaxed; i++) {
        const rk_relaxed *one = &reply->relaxed[i];
        rk_text_addf(t->call->out, "nothing has all of it; %s: %.*s\n", said[one->kind], (int)one->text.n,
                     one->text.at);
    }
}

static rk_status tell_words(session *t, rk_error *err)
{
    const rk_reply *reply = &t->reply;
    tell_changes(t);
    rk_status status = tell_items(t, err);
    if (t->inquiry.page.from > 0 && reply->found.n > 0) {
        rk_text_addf(t->call->out, "%zu to %zu of %" PRIu64 " items that match\n", t->inquiry.page.from + 1,
                     t->inquiry.page.from + reply->found.n, reply->found.total);
    } else {
        rk_text_addf(t->call->out, "%zu of %" PRIu64 " items that match\n", reply->found.n, reply->found.total);
    }
    for (size_t i = 0; t->inquiry.explains && i < reply->found.n; i++) {
        explain_item(t, i);
    }
    for (size_t i = 0; i < reply->question.n_unknown; i++) {
        rk_text_addf(t->call->out, "no item has '%.*s'\n", (int)reply->question.unknown[i].n,
                     reply->question.unknown[i].at);
    }
    if (reply->did_you_mean.n > 0) {
        rk_text_addf(t->call->out, "did you mean '%.*s'?\n", (int)reply->did_you_mean.n, reply->did_you_mean.at);
    }
    tell_facets(t);
    return status;
}

/* An index, a dataset indexed for the moment, or a live index as it is now. */
static rk_status open_corpus(session *t, rk_error *err)
{
    const char *path = t->call->words[0];
    if (rk_wares_is_there(path)) {
        rk_status status = rk_live_call_open(path, &t->live, err);
        t->corpus = t->live.corpus;
        return status;
    }
    rk_status status = rk_search_call_open(t->call, &t->index, err);
    t->corpus = status ? NULL : rk_index_corpus(t->index);
    return status;
}

static void end_session(session *t)
{
    rk_inquirer_free(t->inquirer);
    rk_model_close(t->model);
    rk_ranker_release(&t->ranker);
    rk_arena_release(&t->arena);
    rk_live_call_close(&t->live);
    rk_index_close(t->index);
    free(t);
}

static rk_status run_search(const rk_call *call, rk_error *err)
{
    rk_json json = {.text = call->out};
    session *t = calloc(1, sizeof *t);
    if (!t) {
        return rk_fail_memory(err, "a search");
    }
    t->call = call;
    rk_status status = open_corpus(t, err);
    status = status ? status : rk_inquirer_new(t->corpus, &t->inquirer, err);
    status = status ? status : read_inquiry(t, err);
    status = status ? status : read_user(t, err);
    status = status ? status : rk_inquire(t->inquirer, &t->inquiry, &t->arena, &t->reply, err);
    status = status              ? status
             : call->common.json ? rk_reply_json(t->inquirer, &t->inquiry, &t->reply, NULL, &json, err)
                                 : tell_words(t, err);
    end_session(t);
    return status;
}

const rk_command rk_command_search = {
    .name = "search",
    .summary = "the best items for words, with phrases, conditions and facets",
    .usage = "S.rk|D.rk|LIVE \"WORDS\"",
    .example = "reckon search shop.rk 'red \"tea pot\" price<20 -brand:Acme'",
    .options = search_option_rows,
    .n_options = RK_COUNT_OF(search_option_rows),
    .settings_bytes = sizeof(rk_search_settings),
    .min_words = 2,
    .max_words = 2,
    .run = run_search,
};
