/* finder.c - see finder.h. Searchers are made when they are first needed, and kept: there are never more of them than
 * questions have been asked at a time. One that sees products of before is made anew, with all that wait beside it.
 */
#include "serve/finder.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "text/suggest.h"

typedef struct searcher searcher;
struct searcher {
    searcher *next;      /* that is idle */
    rk_wares_view *view; /* NULL: of the index */
    const rk_corpus *corpus;
    rk_inquirer *inquirer;
    rk_suggester *suggester;
};

struct rk_finder {
    rk_index *index; /* or */
    rk_stock *stock; /* borrowed */
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

/* *out: to be filled further, and closed on failure. */
static rk_status new_finder(const char *ranker_path, rk_finder **out, rk_error *err)
{
    rk_finder *f = calloc(1, sizeof *f);
    if (!f) {
        return rk_fail_memory(err, "an index for search");
    }
    pthread_mutex_init(&f->lock, NULL);
    f->ranker = rk_ranker_default();
    *out = f;
    return ranker_path ? rk_ranker_open(ranker_path, &f->ranker, err) : RK_OK;
}

rk_status rk_finder_open_stock(rk_stock *stock, const char *ranker_path, rk_finder **out, rk_error *err)
{
    rk_finder *f = NULL;
    rk_status status = new_finder(ranker_path, &f, err);
    if (status) {
        rk_finder_close(f);
        return status;
    }
    f->stock = stock;
    snprintf(f->label, sizeof f->label, "search-live");
    *out = f;
    return RK_OK;
}

rk_status rk_finder_open(const char *index_path, const char *ranker_path, const rk_run *run, rk_finder **out,
                         rk_error *err)
{
    rk_finder *f = NULL;
    rk_status status = new_finder(ranker_path, &f, err);
    status = status ? status : open_index(index_path, run, &f->index, err);
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
    rk_wares_view_free(s->view);
    free(s);
}

static void free_searchers(searcher *first)
{
    while (first) {
        searcher *next = first->next;
        free_searcher(first);
        first = next;
    }
}

void rk_finder_close(rk_finder *f)
{
    if (!f) {
        return;
    }
    free_searchers(f->idle);
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
    rk_status status = f->stock ? rk_wares_view_new(rk_stock_wares(f->stock), &s->view, err) : RK_OK;
    s->corpus = status ? NULL : s->view ? rk_wares_view_corpus(s->view) : rk_index_corpus(f->index);
    status = status ? status : rk_inquirer_new(s->corpus, &s->inquirer, err);
    status = status ? status : rk_suggester_new(s->corpus, &s->suggester, err);
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
    searcher *old = NULL;
    pthread_mutex_lock(&f->lock);
    if (f->idle && f->idle->view && rk_wares_view_is_old(f->idle->view)) {
        old = f->idle;
        f->idle = NULL;
    }
    searcher *s = f->idle;
    if (s) {
        f->idle = s->next;
    }
    pthread_mutex_unlock(&f->lock);
    free_searchers(old);
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

static bool asks_for_stock(rk_slice text)
{
    bool does = false;
    for (size_t i = 0; i + 6 <= text.n && !does; i++) {
        does = strncasecmp(text.at + i, "stock:", 6) == 0;
    }
    return does;
}

/* What is not to be had is not found, where the products say so and nobody asks for it. */
static bool leave_out_sold_out(const searcher *s, rk_arena *arena, rk_inquiry *inquiry)
{
    static const char rule[] = " -stock:no";
    bool is_asked = asks_for_stock(inquiry->text) || asks_for_stock(inquiry->filter);
    if (!s->view || is_asked || rk_stock_attribute(s->corpus).n == 0) {
        return true;
    }
    char *filter = rk_arena_take(arena, inquiry->filter.n + sizeof rule, 1, 1);
    if (filter) {
        memcpy(filter, inquiry->filter.n ? inquiry->filter.at : "", inquiry->filter.n);
        memcpy(filter + inquiry->filter.n, rule, sizeof rule);
        inquiry->filter = (rk_slice){filter, inquiry->filter.n + sizeof rule - 1};
    }
    return filter != NULL;
}

static rk_status inquire(rk_finder *f, searcher *s, rk_inquiry *inquiry, rk_arena *arena, rk_reply *reply,
                         rk_error *err)
{
    inquiry->ranker = &f->ranker;
    return leave_out_sold_out(s, arena, inquiry) ? rk_inquire(s->inquirer, inquiry, arena, reply, err)
                                                 : rk_fail_memory(err, "the answer");
}

rk_status rk_finder_search(rk_finder *f, rk_inquiry *inquiry, const rk_shopper *shopper, const char *request_id,
                           rk_arena *arena, rk_text *out, rk_error *err)
{
    const rk_shopper nobody = {.user = RK_NO_ID};
    rk_status status = RK_OK;
    rk_json json = {.text = out};
    rk_reply *reply = RK_TAKE(arena, rk_reply, 1);
    searcher *s = reply ? lend(f, &status, err) : NULL;
    if (!s) {
        return status ? status : rk_fail_memory(err, "the answer");
    }
    rk_inquirer_be(s->inquirer, shopper ? shopper : &nobody);
    status = inquire(f, s, inquiry, arena, reply, err);
    rk_inquirer_be(s->inquirer, &nobody);
    status = status ? status : rk_reply_json(s->inquirer, inquiry, reply, request_id, &json, err);
    take_back(f, s);
    return !status && out->failed ? rk_fail_memory(err, "the answer") : status;
}

static bool name_found(const rk_corpus *corpus, const rk_findings *found, rk_arena *arena, rk_found_ids *out)
{
    rk_slice *ids = RK_TAKE(arena, rk_slice, found->n);
    bool is_done = ids != NULL;
    for (size_t i = 0; i < found->n && is_done; i++) {
        rk_slice id = rk_corpus_id(corpus, found->item[i]);
        const char *copy = rk_arena_copy(arena, id.at, id.n);
        ids[i] = (rk_slice){copy, id.n};
        is_done = copy != NULL;
    }
    *out = (rk_found_ids){ids, found->score, found->n};
    return is_done;
}

rk_status rk_finder_find(rk_finder *f, rk_slice words, size_t n, rk_arena *arena, rk_found_ids *out, rk_error *err)
{
    rk_status status = RK_OK;
    rk_inquiry inquiry = {.text = words, .page = {.n = n}};
    rk_reply *reply = RK_TAKE(arena, rk_reply, 1);
    searcher *s = reply ? lend(f, &status, err) : NULL;
    if (!s) {
        return status ? status : rk_fail_memory(err, "the answer");
    }
    status = inquire(f, s, &inquiry, arena, reply, err);
    if (!status && !name_found(s->corpus, &reply->found, arena, out)) {
        status = rk_fail_memory(err, "the answer");
    }
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
