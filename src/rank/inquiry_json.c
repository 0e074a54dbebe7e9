/* inquiry_json.c - a reply as JSON, one object; its keys are explained in inquiry.h. */
#include <math.h>
#include <stdio.h>

#include "rank/inquiry_parts.h"

static double rounded(double x) { return rint(x * 1e6) / 1e6; }

/* ---- one item ---- */

static rk_status write_marked(rk_inquirer *q, const rk_inquiry *inquiry, const rk_reply *reply, uint32_t item,
                              rk_json *json, rk_error *err)
{
    static const rk_field fields[] = {RK_FIELD_TITLE, RK_FIELD_TEXT};
    rk_text marked = {0};
    rk_status status = RK_OK;
    rk_json_object(json, "marked");
    for (size_t f = 0; !status && f < RK_COUNT_OF(fields); f++) {
        rk_slice text = rk_corpus_text(q->corpus, item, fields[f]);
        size_t n_bytes = fields[f] == RK_FIELD_TITLE ? 0 : inquiry->snippet_bytes;
        rk_text_clear(&marked);
        status = text.n > 0
                     ? rk_highlight(q->asker, &reply->question, text, n_bytes, inquiry->marks, &marked, NULL, err)
                     : RK_OK;
        if (!status && marked.n > 0) {
            rk_json_string(json, rk_field_names[fields[f]], (rk_slice){marked.at, marked.n});
        }
    }
    rk_json_end_object(json);
    rk_text_release(&marked);
    return status;
}

/* The words of the question that it has, with what each gives where that is to be explained. */
static void write_reasons(const rk_inquirer *q, const rk_inquiry *inquiry, const rk_reply *reply, uint32_t item,
                          rk_json *json)
{
    rk_json_array(json, "reasons");
    for (size_t t = 0; t < reply->question.n_terms; t++) {
        double gain = rk_reply_gain(q, reply, t, item);
        if (gain > 0) {
            rk_json_object(json, NULL);
            rk_json_cstring(json, "kind", "word");
            rk_json_string(json, "word", rk_asked_word(&reply->question.term[t]));
            if (inquiry->explains) {
                rk_json_real(json, "score", gain);
            }
            rk_json_end_object(json);
        }
    }
    rk_json_end_array(json);
}

static void write_feature(const char *name, double score, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "feature", name);
    rk_json_real(json, "score", rounded(score));
    rk_json_end_object(json);
}

/* Of fused places: what they are places by. */
static void write_values(const float *feature, rk_json *json)
{
    static const char *const names[] = {"taste", "vector"};
    rk_json_array(json, "second_look");
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "feature", names[i]);
        rk_json_real(json, "value", rounded((double)feature[rk_feature_find(names[i])]));
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

/* Features of the second look that weigh something, and the trees: their scores add up to the item's. */
static void write_features(const rk_inquiry *inquiry, const float *feature, rk_json *json)
{
    rk_json_array(json, "second_look");
    for (size_t f = 0; f < rk_n_features; f++) {
        double score = inquiry->ranker->blend.weight[f] * (double)feature[f];
        if (score < 0 || score > 0) {
            write_feature(rk_features[f].name, score, json);
        }
    }
    if (inquiry->ranker->forest.n > 0) {
        write_feature("trees", rk_forest_score(&inquiry->ranker->forest, feature), json);
    }
    rk_json_end_array(json);
}

static rk_status write_item(rk_inquirer *q, const rk_inquiry *inquiry, const rk_reply *reply, size_t i, rk_json *json,
                            rk_error *err)
{
    uint32_t item = reply->found.item[i];
    rk_status status = RK_OK;
    rk_json_object(json, NULL);
    rk_json_string(json, "id", rk_corpus_id(q->corpus, item));
    rk_json_real(json, "score", rounded((double)reply->found.score[i]));
    rk_slice title = rk_corpus_text(q->corpus, item, RK_FIELD_TITLE);
    double price = rk_corpus_price(q->corpus, item);
    if (title.n > 0) {
        rk_json_string(json, "title", title);
    }
    if (!isnan(price)) {
        rk_json_real(json, "price", rint(price * 1e4) / 1e4);
    }
    if (inquiry->marks) {
        status = write_marked(q, inquiry, reply, item, json, err);
    }
    write_reasons(q, inquiry, reply, item, json);
    if (reply->feature && reply->feature[i] && reply->is_fused) {
        write_values(reply->feature[i], json);
    } else if (reply->feature && reply->feature[i]) {
        write_features(inquiry, reply->feature[i], json);
    }
    rk_json_end_object(json);
    return status;
}

/* ---- the whole ---- */

static void write_facets(const rk_reply *reply, rk_arena *arena, rk_json *json)
{
    rk_json_object(json, "facets");
    for (size_t f = 0; f < reply->n_facets; f++) {
        const rk_facet *facet = &reply->facet[f];
        const char *key = rk_arena_copy(arena, facet->field.at, facet->field.n);
        rk_json_array(json, key ? key : "");
        for (size_t i = 0; i < facet->n; i++) {
            rk_json_array(json, NULL);
            rk_json_string(json, NULL, facet->values[i].name);
            rk_json_u64(json, NULL, facet->values[i].n);
            rk_json_end_array(json);
        }
        rk_json_end_array(json);
    }
    rk_json_end_object(json);
}

static void write_changes(const rk_reply *reply, rk_json *json)
{
    if (reply->corrected.n > 0) {
        rk_json_string(json, "corrected", reply->corrected);
    }
    if (reply->n_relaxed > 0) {
        rk_json_array(json, "relaxed");
        for (size_t i = 0; i < reply->n_relaxed; i++) {
            rk_json_object(json, NULL);
            rk_json_cstring(json, "kind", rk_relaxed_names[reply->relaxed[i].kind]);
            rk_json_string(json, "text", reply->relaxed[i].text);
            rk_json_end_object(json);
        }
        rk_json_end_array(json);
    }
    if (reply->did_you_mean.n > 0) {
        rk_json_string(json, "did_you_mean", reply->did_you_mean);
    }
    if (reply->question.n_unknown > 0) {
        rk_json_array(json, "unknown");
        for (size_t i = 0; i < reply->question.n_unknown; i++) {
            rk_json_string(json, NULL, reply->question.unknown[i]);
        }
        rk_json_end_array(json);
    }
}

rk_status rk_reply_json(rk_inquirer *q, const rk_inquiry *inquiry, const rk_reply *reply, const char *request_id,
                        rk_json *json, rk_error *err)
{
    char model[32];
    rk_arena arena = {0};
    rk_status status = RK_OK;
    snprintf(model, sizeof model, "search-%04x", (unsigned)(rk_corpus_hash(q->corpus) >> 48));
    rk_json_object(json, NULL);
    if (request_id) {
        rk_json_cstring(json, "request_id", request_id);
    }
    rk_json_cstring(json, "model", model);
    rk_json_array(json, "items");
    for (size_t i = 0; !status && i < reply->found.n; i++) {
        status = write_item(q, inquiry, reply, i, json, err);
    }
    rk_json_end_array(json);
    rk_json_u64(json, "total", reply->found.total);
    write_facets(reply, &arena, json);
    write_changes(reply, json);
    rk_json_end_object(json);
    rk_arena_release(&arena);
    return status;
}
