/* search_call.h - what the commands that search have in common: settings, and an index or one made for the moment. */
#ifndef RECKON_CLI_SEARCH_CALL_H
#define RECKON_CLI_SEARCH_CALL_H

#include "cli/command.h"
#include "rank/ranker.h"

typedef struct {
    double weight[RK_N_FIELDS], b[RK_N_FIELDS], k1, tie;
    const char *stemmer, *dictionary;
    bool keep_stops, bare;
    const char *model, *user; /* whose taste the second look has */
    const char
        *rank; /* the second look: a ranker's file, "words" for none, "fused", NULL for the weights of no training */
    const char *out, *queries, *synonyms, *topics, *qrels;
    bool learn;
    uint64_t folds, trees, least_items;
    /* of search */
    uint64_t n, from, n_values, snippet;
    const char *sort, *facets, *marks, *features;
    bool html, literal, explain;
} rk_search_settings;

#define RK_SEARCH_AT(name) offsetof(rk_search_settings, name)
#define RK_SEARCH_FIELD(key, fall, words)                                                                              \
    {                                                                                                                  \
#key, 0, RK_OPT_REAL, offsetof(rk_search_settings, weight) + sizeof(double) * RK_FIELD_##words, "X", fall,     \
            "weight of words there, when an index is made", .max = 1000                                                \
    }
#define RK_INDEX_OPTIONS                                                                                                 \
    RK_SEARCH_FIELD(title, "1", TITLE), RK_SEARCH_FIELD(text, "1", TEXT), RK_SEARCH_FIELD(brand, "0.5", BRAND),          \
        RK_SEARCH_FIELD(category, "0.5", CATEGORY), RK_SEARCH_FIELD(attributes, "0.2", ATTRIBUTES),                      \
        {"k1", 0, RK_OPT_REAL, RK_SEARCH_AT(k1), "X", "0.45", "where repeats stop to count", .min = 0.01, .max = 100},   \
        {"tie",   0, RK_OPT_REAL, RK_SEARCH_AT(tie), "X", "0.5", "how much a word's other fields count beside its best", \
         .max = 1},                                                                                                      \
        {"b-title", 0, RK_OPT_REAL, RK_SEARCH_AT(b), "X", "0.4", "how much length is held against an item, title",       \
         .max = 1},                                                                                                      \
        {"b-text", 0,     RK_OPT_REAL,      offsetof(rk_search_settings, b) + sizeof(double) * RK_FIELD_TEXT,            \
         "X",      "0.8", "the same, text", .max = 1},                                                                   \
        {"b-attributes",                                                                                                 \
         0,                                                                                                              \
         RK_OPT_REAL,                                                                                                    \
         offsetof(rk_search_settings, b) + sizeof(double) * RK_FIELD_ATTRIBUTES,                                         \
         "X",                                                                                                            \
         "0.6",                                                                                                          \
         "the same, attributes",                                                                                         \
         .max = 1},                                                                                                      \
        {"stemmer", 0, RK_OPT_TEXT, RK_SEARCH_AT(stemmer), "NAME", "english", "english, porter, german, ... or none"},   \
        {"synonyms",  0,                                                                                                 \
         RK_OPT_TEXT, RK_SEARCH_AT(synonyms),                                                                            \
         "FILE",      .help = "lines 'a, b' (the same) and 'a => b' (who asks for a finds b)"},                          \
        {"dictionary", 0,                                                                                                \
         RK_OPT_TEXT,  RK_SEARCH_AT(dictionary),                                                                         \
         "FILE",       .help = "Chinese words, lines 'word count', or none (default python3-jieba's, where installed)"}, \
    {                                                                                                                    \
        "keep-stops", 0, RK_OPT_FLAG, RK_SEARCH_AT(keep_stops), .help = "function words (the, of) are words, too"        \
    }

#define RK_RANK_OPTION                                                                                                 \
    {                                                                                                                  \
        "rank", 0, RK_OPT_TEXT, RK_SEARCH_AT(rank), "R.rk",                                                            \
            .help = "order of the second look, from judge --learn; fused: by places; words: none"                      \
    }

rk_index_options rk_search_call_options(const rk_call *call);
/* The index, or one made of the dataset, that the call's first word names. */
RK_MUST_CHECK rk_status rk_search_call_open(const rk_call *call, rk_index **out, rk_error *err);
/* The order of the second look, owned by the caller, zeroed on failure; *has_look: whether there is one. */
RK_MUST_CHECK rk_status rk_search_call_ranker(const rk_call *call, rk_ranker *out, bool *has_look, rk_error *err);

#endif
