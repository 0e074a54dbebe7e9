/* finder.c - see finder.h. Searchers are made when they are first needed, and kept: there are never more of them than
 * questions have been asked at a time.
 */
#include "serve/finder.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "text/suggest.h"

typedef struct searcher searcher;
struct searcher {
    searcher *next; /* that is idle */
    rk_inquirer *inquirer;
    rk_suggester *suggester;
};

struct rk_finder {
    rk_index *index;
    rk_ranker ranker;
    char label[16];
    pthread_mutex_t lock;
    searcher *idle;
};

static rk_status open_index(const char *path, const rk_run *run, rk_index **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_load(path, "search", &artefact, err);
    status = status ? status : rk_artefact_verify(artefact, run, err);
    if (status) {
        rk_artefact_close(artefact);
        return status;
    }
    return rk_index_open_artefact(artefact, out, err);
}

rk_status rk_finder_open(const char *index_path, const char *ranker_path, const rk_run *run, rk_finder **out,
                         rk_error *err)
{
    rk_finder *f = calloc(1, sizeof *f);
    if (!f) {
        return rk_fail_memory(err, "an index for search");
    }
    pthread_mutex_init(&f->lock, NULL);
    f->ranker = rk_ranker_default();
    rk_status status = open_index(index_path, run, &f->index, err);
    status = status || !ranker_path ? status : rk_ranker_open(ranker_path, &f->ranker, err);
    if (status) {
        rk_finder_close(f);
        return status;
    }
    snprintf(f->label, sizeof f->label, "search-%04x", (unsigned)(rk_artefact_hash(rk_index_artefact(f->index)) >> 48));
    *out = f;
    return RK_OK;
}

static void free_searcher(searcher *s)
{
    rk_inquirer_free(s->inquirer);
    rk_suggester_free(s->suggester);
    free(s);
}

void rk_finder_close(rk_finder *f)
{
    if (!f) {
        return;
    }
    while (f->idle) {
        searcher *next = f->idle->next;
        free_searcher(f->idle);
        f->idle = next;
    }
    rk_index_close(f->index);
    rk_ranker_release(&f->ranker);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

const rk_index *rk_finder_index(const rk_finder *f) { return f->index; }
const char *rk_finder_label(const rk_finder *f) { return f->label; }

/* ---- searchers ---- */

static rk_status make_searcher(const rk_finder *f, searcher **out, rk_error *err)
{
    searcher *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "a searcher");
    }
    rk_status status = rk_inquirer_new(rk_index_corpus(f->index), &s->inquirer, err);
    status = status ? status : rk_suggester_new(rk_index_corpus(f->index), &s->suggester, err);
    if (status) {
        free_searcher(s);
        return status;
    }
    *out = s;
    return RK_OK;
}

/* NULL: none could be made. */
static searcher *lend(rk_finder *f, rk_status *status, rk_error *err)
{
    pthread_mutex_lock(&f->lock);
    searcher *s = f->idle;
    if (s) {
        f->idle = s->next;
    }
    pthread_mutex_unlock(&f->lock);
    *status = s ? RK_OK : make_searcher(f, &s, err);
    return s;
}

static void take_back(rk_finder *f, searcher *s)
{
    pthread_mutex_lock(&f->lock);
    s->next = f->idle;
    f->idle = s;
    pthread_mutex_unlock(&f->lock);
}

/* ---- answers ---- */

rk_status rk_finder_search(rk_finder *f, rk_inquiry *inquiry, const char *request_id, rk_arena *arena, rk_text *out,
                           rk_error *err)
{
    rk_status status = RK_OK;
    rk_json json = {.text = out};
    rk_reply *reply = RK_TAKE(arena, rk_reply, 1);
    searcher *s = reply ? lend(f, &status, err) : NULL;
    if (!s) {
        return status ? status : rk_fail_memory(err, "the answer");
    }
    inquiry->ranker = &f->ranker;
    status = rk_inquire(s->inquirer, inquiry, arena, reply, err);
    status = status ? status : rk_reply_json(s->inquirer, inquiry, reply, request_id, &json, err);
    take_back(f, s);
    return !status && out->failed ? rk_fail_memory(err, "the answer") : status;
}

rk_status rk_finder_find(rk_finder *f, rk_slice words, size_t n, rk_arena *arena, rk_findings *out, rk_error *err)
{
    rk_status status = RK_OK;
    rk_inquiry inquiry = {.text = words, .page = {.n = n}, .ranker = &f->ranker};
    rk_reply *reply = RK_TAKE(arena, rk_reply, 1);
    searcher *s = reply ? lend(f, &status, err) : NULL;
    if (!s) {
        return status ? status : rk_fail_memory(err, "the answer");
    }
    status = rk_inquire(s->inquirer, &inquiry, arena, reply, err);
    *out = reply->found;
    take_back(f, s);
    return status;
}

rk_status rk_finder_suggest(rk_finder *f, rk_slice typed, size_t n, const char *request_id, rk_text *out, rk_error *err)
{
    rk_status status = RK_OK;
    rk_suggestion all[RK_SUGGEST_MAX];
    rk_json json = {.text = out};
    size_t n_found = 0;
    searcher *s = lend(f, &status, err);
    if (!s) {
        return status;
    }
    status = rk_suggest(s->suggester, typed, all, n < RK_SUGGEST_MAX ? n : RK_SUGGEST_MAX, &n_found, err);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "request_id", request_id);
    rk_json_array(&json, "suggestions");
    for (size_t i = 0; !status && i < n_found; i++) {
        rk_json_object(&json, NULL);
        rk_json_string(&json, "text", all[i].text);
        rk_json_real(&json, "score", rint(all[i].score * 1e6) / 1e6);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    take_back(f, s);
    return !status && out->failed ? rk_fail_memory(err, "the answer") : status;
}
