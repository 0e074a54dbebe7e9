/* search_call.c - see search_call.h. */
#include "cli/search_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

rk_index_options rk_search_call_options(const rk_call *call)
{
    const rk_search_settings *s = call->settings;
    rk_index_options o = {.k1 = s->k1,
                          .tie = s->tie,
                          .analysis = {.stemmer = s->stemmer, .keep_stops = s->keep_stops},
                          .dictionary = s->dictionary,
                          .synonyms = s->synonyms};
    memcpy(o.weight, s->weight, sizeof o.weight);
    memcpy(o.b, s->b, sizeof o.b);
    return o;
}

/* A dataset is indexed into a file that is gone when this returns: the open index keeps it. */
static rk_status open_dataset(const rk_call *call, const char *path, rk_index **out, rk_error *err)
{
    char folder[4096], file[4200];
    const char *tmp = getenv("TMPDIR");
    rk_index_report report;
    rk_index_options options = rk_search_call_options(call);
    snprintf(folder, sizeof folder,
             "%s/reckon-XX"
             "XX"
             "XX",
             tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        return rk_fail(err, RK_IO, "no room for an index in %.200s", folder);
    }
    snprintf(file, sizeof file, "%s/index.rk", folder);
    rk_status status = rk_index_build(path, &options, file, &call->run, &report, err);
    status = status ? status : rk_index_open(file, out, err);
    unlink(file);
    rmdir(folder);
    return status;
}

rk_status rk_search_call_open(const rk_call *call, rk_index **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_open(call->words[0], NULL, &artefact, err);
    bool is_dataset = !status && strcmp(rk_artefact_kind(artefact), "dataset") == 0;
    rk_artefact_close(artefact);
    if (status) {
        return status;
    }
    if (is_dataset) {
        return open_dataset(call, call->words[0], out, err);
    }
    const rk_search_settings *s = call->settings;
    status = rk_index_open(call->words[0], out, err);
    if (!status && s->synonyms && (status = rk_index_use_synonyms(*out, s->synonyms, err))) {
        rk_index_close(*out);
        *out = NULL;
    }
    return status;
}

rk_status rk_search_call_ranker(const rk_call *call, rk_ranker *out, bool *has_look, rk_error *err)
{
    const rk_search_settings *s = call->settings;
    *has_look = !s->rank || strcmp(s->rank, "words") != 0;
    *out = (rk_ranker){0};
    bool is_fused = s->rank && strcmp(s->rank, "fused") == 0;
    if (s->rank && *has_look && !is_fused) {
        return rk_ranker_open(s->rank, out, err);
    }
    *out = is_fused ? rk_ranker_fused() : rk_ranker_default();
    return RK_OK;
}
