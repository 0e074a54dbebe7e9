/* cmd_scene.c - reckon scene: what a scene would show, before a server shows it. */
#include <stdio.h>

#include "base/map.h"
#include "cli/commands.h"
#include "report/table.h"
#include "serve/ask_scene.h"

typedef struct {
    const char *scene, *model, *data, *search, *user, *item, *basket, *category, *words;
    uint64_t n;
    bool explains;
} scene_settings;

static const rk_option options[] = {
    {"scene", 's', RK_OPT_TEXT, offsetof(scene_settings, scene), "NAME",
     .help = "which one; none: the file is checked, and its scenes are listed"},
    {"model", 'm', RK_OPT_TEXT, offsetof(scene_settings, model), "M.rk", .help = "the model that answers"},
    {"data", 'd', RK_OPT_TEXT, offsetof(scene_settings, data), "D.rk",
     .help = "dataset that says prices, brands, stock and what is popular"},
    {"search", 0, RK_OPT_TEXT, offsetof(scene_settings, search), "S.rk", .help = "index that --words are searched in"},
    {"user", 'u', RK_OPT_TEXT, offsetof(scene_settings, user), "NAME", "nobody", "who is asking"},
    {"item", 'i', RK_OPT_TEXT, offsetof(scene_settings, item), "ID", .help = "the item that is looked at"},
    {"basket", 'b', RK_OPT_TEXT, offsetof(scene_settings, basket), "ID,...", .help = "items in the basket"},
    {"category", 'c', RK_OPT_TEXT, offsetof(scene_settings, category), "NAME",
     .help = "just items of this category and of those below it"},
    {"words", 'q', RK_OPT_TEXT, offsetof(scene_settings, words), "WORDS", .help = "what is searched for"},
    {"number", 'n', RK_OPT_COUNT, offsetof(scene_settings, n), "N", "10", "how many items", .min = 1, .max = 1000},
    {"explain", 0, RK_OPT_FLAG, offsetof(scene_settings, explains),
     .help = "with --json: what each source gave to each item"},
};

/* ---- the file alone ---- */

static rk_status list_scenes(const rk_call *call, rk_error *err)
{
    static const rk_column columns[] = {{"scene", false}, {"sources", true}, {"rules", true}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    rk_scenes *scenes = NULL;
    rk_json json = {.text = call->out};
    rk_status status = rk_scenes_read(call->words[0], &scenes, err);
    if (status) {
        return status;
    }
    rk_json_object(&json, NULL);
    rk_json_array(&json, "scenes");
    for (size_t s = 0; s < scenes->n_scenes; s++) {
        rk_json_cstring(&json, NULL, scenes->scene[s].name);
        rk_table_add(&table, scenes->scene[s].name);
        rk_table_addf(&table, "%zu", scenes->scene[s].n_sources);
        rk_table_addf(&table, "%zu", scenes->scene[s].n_rules);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    if (!call->common.json) {
        rk_text_clear(call->out);
        rk_table_print(&table, (rk_table_style){.color = call->color}, call->out);
    }
    rk_table_release(&table);
    rk_scenes_free(scenes);
    return RK_OK;
}

/* ---- an answer ---- */

static void print_answer(const rk_call *call, const rk_live *live, const rk_scene_answer *answer)
{
    static const rk_column columns[] = {{"score", true}, {"item", false}, {"title", false}, {"why", false}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    const rk_names *titles = rk_model_titles(live->model);
    rk_text why = {0};
    for (size_t i = 0; i < answer->n; i++) {
        uint32_t item = answer->item[i].item;
        rk_slice id = rk_names_get(rk_model_items(live->model), item);
        rk_slice title = item < titles->n ? rk_names_get(titles, item) : (rk_slice){"", 0};
        rk_table_addf(&table, "%.4f", answer->item[i].value);
        rk_table_addf(&table, "%.*s", (int)id.n, id.at);
        rk_table_addf(&table, "%.*s", (int)title.n, title.at);
        rk_scene_why(live->scene_set, answer, i, &why);
        rk_table_take(&table, &why);
    }
    rk_table_print(&table, (rk_table_style){.color = call->color}, call->out);
    rk_text_release(&why);
    rk_table_release(&table);
}

/* The texts between commas; NULL when memory is short. */
static rk_slice *split(const char *list, rk_arena *arena, size_t *n)
{
    rk_slice left = rk_slice_of(list);
    rk_slice *all = RK_TAKE(arena, rk_slice, left.n + 1);
    *n = 0;
    for (size_t at = 0; all && at < left.n; at++) {
        size_t begin = at;
        while (at < left.n && left.at[at] != ',') {
            at++;
        }
        all[(*n)++] = (rk_slice){left.at + begin, at - begin};
    }
    return all;
}

static rk_status answer(const rk_call *call, const rk_live *live, const rk_asking *with, rk_error *err)
{
    const scene_settings *s = call->settings;
    size_t n_basket;
    const rk_slice *basket = split(s->basket, with->arena, &n_basket);
    rk_scene_wish wish = {.scene = rk_slice_of(s->scene),
                          .user = rk_slice_of(s->user),
                          .item = rk_slice_of(s->item),
                          .category = rk_slice_of(s->category),
                          .words = rk_slice_of(s->words),
                          .basket = basket,
                          .n_basket = n_basket,
                          .n = (uint32_t)s->n,
                          .explains = s->explains};
    const char *field;
    rk_scene_answer found;
    if (!basket) {
        return rk_fail_memory(err, "a basket");
    }
    if (call->common.json) {
        return rk_ask_scene(live, &wish, with, &field, err);
    }
    rk_status status = rk_ask_scene_items(live, &wish, with, &found, err);
    if (!status) {
        print_answer(call, live, &found);
    }
    return status;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const scene_settings *s = call->settings;
    rk_live_source source = {
        .model_path = s->model, .data_path = s->data, .search_path = s->search, .scenes_path = call->words[0]};
    rk_live *live = NULL;
    rk_arena arena = {0};
    if (!s->scene && !s->model) {
        return list_scenes(call, err);
    }
    if (!s->scene || !s->model) {
        return rk_fail(err, RK_BAD_USAGE, "an answer needs --scene NAME and --model M.rk");
    }
    rk_asking with = {.desk = rk_desk_new(), .arena = &arena, .out = call->out, .request_id = "1"};
    rk_status status = with.desk ? rk_live_open(&source, &call->run, &live, err) : rk_fail_memory(err, "an answer");
    status = status ? status : answer(call, live, &with, err);
    rk_live_release(live);
    rk_desk_free(with.desk);
    rk_arena_release(&arena);
    return status;
}

const rk_command rk_command_scene = {
    .name = "scene",
    .summary = "what a scene would show, and why; or whether a file of scenes is well-formed",
    .usage = "SCENES.yaml [--scene NAME --model M.rk --user NAME ...]",
    .example = "reckon scene scenes.yaml --scene home --model als.rk --data shop.rk --user 17850",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(scene_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};
