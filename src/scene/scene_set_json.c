/* scene_set_json.c - an answer in JSON and in words: what stands where, and why. */
#include <math.h>

#include "scene/scene_set_parts.h"

static rk_slice item_name(const rk_scene_set *set, uint32_t item)
{
    return rk_names_get(rk_model_items(set->goods->from.model), item);
}

static void begin_reason(rk_json *json, const char *kind)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "kind", kind);
}

/* What source a reason comes from, where it is not the model that is served. */
static void add_model(const rk_scene_set *set, const rk_scene_source *source, rk_json *json)
{
    if (source->model != RK_NO_ID) {
        rk_json_cstring(json, "model", set->scenes->model[source->model].name);
    }
}

/* What of the history speaks for it; where nothing does, that the model does. */
static void bought_reasons(const rk_scene_set *set, const rk_scene_source *source, const rk_scene_item *item,
                           rk_json *json)
{
    if (item->reason[0] == RK_NO_ID) {
        begin_reason(json, "recommended");
        add_model(set, source, json);
        rk_json_end_object(json);
    }
    for (size_t r = 0; r < RK_SCENE_REASONS; r++) {
        if (item->reason[r] != RK_NO_ID) {
            begin_reason(json, "bought");
            rk_json_string(json, "item", item_name(set, item->reason[r]));
            add_model(set, source, json);
            rk_json_end_object(json);
        }
    }
}

static void source_reason(const rk_scene_set *set, const rk_scene_item *item, rk_json *json)
{
    const rk_scene_source *source = &item->scene->source[item->source];
    if (source->from == RK_FROM_RECOMMENDED) {
        bought_reasons(set, source, item, json);
        return;
    }
    begin_reason(json, rk_scene_from_names[source->from]);
    if (item->because != RK_NO_ID) {
        rk_json_string(json, "item", item_name(set, item->because));
    }
    add_model(set, source, json);
    rk_json_end_object(json);
}

static void write_reasons(const rk_scene_set *set, const rk_scene_answer *answer, size_t i, rk_json *json)
{
    const rk_scene_item *item = &answer->item[i];
    rk_json_array(json, "reasons");
    if (item->source != RK_NO_ID) {
        source_reason(set, item, json);
    } else if (item->is_fill) {
        begin_reason(json, "popular");
        rk_json_end_object(json);
    }
    if (item->rule != RK_NO_ID) {
        const rk_scene_rule *rule = &item->scene->rule[item->rule];
        begin_reason(json, "rule");
        rk_json_cstring(json, "rule", rule->name);
        rk_json_cstring(json, "effect", rk_rule_effect_names[rule->effect]);
        rk_json_end_object(json);
    } else if (i + 1 < item->by_value && !item->is_fill) {
        begin_reason(json, "diversity"); /* it stands higher than it would by value: those between were more alike */
        rk_json_u64(json, "place_by_value", item->by_value);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static double rounded(double value) { return rint(value * 1e6) / 1e6; } /* a float's seventeen digits say nothing */

static void write_shares(const rk_scene_item *item, rk_json *json)
{
    const rk_scene *scene = item->scene;
    rk_json_u64(json, "place_by_value", item->by_value);
    rk_json_array(json, "shares");
    for (size_t s = 0; s < scene->n_sources; s++) {
        if (item->share[s] > 0) {
            rk_json_object(json, NULL);
            rk_json_cstring(json, "from", rk_scene_from_names[scene->source[s].from]);
            rk_json_u64(json, "source", s);
            rk_json_real(json, "value", rounded((double)item->share[s]));
            rk_json_end_object(json);
        }
    }
    rk_json_end_array(json);
}

void rk_scene_answer_json(const rk_scene_set *set, const rk_scene_answer *answer, const char *request_id, bool explains,
                          rk_json *json)
{
    const rk_model *model = set->goods->from.model;
    if (request_id) {
        rk_json_cstring(json, "request_id", request_id);
    }
    rk_json_cstring(json, "model", rk_model_label(model));
    rk_json_cstring(json, "scene", answer->scene->name);
    rk_json_array(json, "items");
    for (size_t i = 0; i < answer->n; i++) {
        const rk_scene_item *item = &answer->item[i];
        rk_json_object(json, NULL);
        rk_json_string(json, "id", item_name(set, item->item));
        rk_json_real(json, "score", rounded(item->value));
        if (item->item < rk_model_titles(model)->n) {
            rk_json_string(json, "title", rk_names_get(rk_model_titles(model), item->item));
        }
        if (item->team) {
            rk_json_cstring(json, "team", item->team);
        }
        write_reasons(set, answer, i, json);
        if (explains) {
            write_shares(item, json);
        }
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_u64(json, "total", answer->total);
}

/* ---- words ---- */

static void add_item(const rk_scene_set *set, const char *before, uint32_t item, rk_text *out)
{
    rk_text_add(out, before);
    rk_text_add_slice(out, item_name(set, item));
}

static void source_words(const rk_scene_set *set, const rk_scene_item *item, rk_text *out)
{
    const rk_scene_source *source = &item->scene->source[item->source];
    bool is_told = source->from == RK_FROM_RECOMMENDED && item->reason[0] != RK_NO_ID;
    rk_text_add(out, is_told ? "bought" : rk_scene_from_names[source->from]);
    for (size_t r = 0; is_told && r < RK_SCENE_REASONS && item->reason[r] != RK_NO_ID; r++) {
        add_item(set, r ? ", " : " ", item->reason[r], out);
    }
    if (item->because != RK_NO_ID) {
        add_item(set, " to ", item->because, out);
    }
}

void rk_scene_why(const rk_scene_set *set, const rk_scene_answer *answer, size_t i, rk_text *out)
{
    const rk_scene_item *item = &answer->item[i];
    if (item->source != RK_NO_ID) {
        source_words(set, item, out);
    } else if (item->is_fill) {
        rk_text_add(out, "popular, to fill");
    }
    if (item->rule != RK_NO_ID) {
        const rk_scene_rule *rule = &item->scene->rule[item->rule];
        rk_text_addf(out, "%s%s (%s)", item->source != RK_NO_ID || item->is_fill ? "; " : "", rule->name,
                     rk_rule_effect_names[rule->effect]);
    } else if (i + 1 < item->by_value && !item->is_fill) {
        rk_text_addf(out, "; unlike those above (%u by value)", item->by_value);
    }
}
