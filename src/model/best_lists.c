/* best_lists.c - see best_lists.h.
 *
 * A thread seats 128 users, fills their selectors from a shortlist (shortlist.h) or, where the model or the processor
 * has none, from every block of scores, and writes their lists into the text of its chunk; the texts of a slab of
 * chunks go into the file in order. What nobody may be shown is a veil over the items, NaN where no candidate is; what
 * a user has taken is only looked up when it would enter.
 */
#include "model/best_lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/bulk.h"
#include "model/shortlist.h"

enum { SEATS = RK_BULK_SEATS, ALIGN = 64, CHUNKS_MAX = 32, SLAB_BYTES = 1 << 25, ROW_BYTES = 40 };

/* One thread's room. */
typedef struct {
    rk_bulk *bulk;
    rk_shortlist_user users[SEATS];
    void *room;      /* of the shortlist; NULL: there is none */
    uint32_t *items; /* [wish->n] */
    float *scores;   /* [wish->n] */
    rk_error err;
} desk;

typedef struct {
    const rk_model *model;
    const rk_wish *wish;
    rk_best_lists_format format;
    float *veil; /* [n_items] 0 or NaN; NULL: all are candidates */
    rk_shortlist *shortlist;
    desk *desks; /* [n_desks] */
    unsigned n_desks;
    uint32_t first; /* user of the slab */
    rk_text texts[CHUNKS_MAX];
    size_t n_chunks; /* in a slab */
} job;

rk_status rk_best_lists_format_of(const char *path, rk_best_lists_format *format, rk_error *err)
{
    const char *ending = strrchr(path, '.');
    bool is_csv = ending && strcmp(ending, ".csv") == 0;
    if (!is_csv && !(ending && strcmp(ending, ".jsonl") == 0)) {
        return rk_fail(err, RK_BAD_USAGE, "lists are written to FILE.csv or FILE.jsonl, not to '%.200s'", path);
    }
    *format = is_csv ? RK_BEST_LISTS_CSV : RK_BEST_LISTS_JSONL;
    return RK_OK;
}

/* ---- rooms ---- */

static bool desk_init(desk *d, const job *j)
{
    bool is_good = (d->bulk = rk_bulk_new(j->model)) != NULL;
    for (size_t s = 0; s < SEATS; s++) {
        is_good &= (d->users[s].topk = rk_topk_new(j->wish->n)) != NULL;
    }
    if (j->shortlist) {
        d->room = aligned_alloc(ALIGN, rk_shortlist_room(j->shortlist, SEATS));
        is_good &= d->room != NULL;
    }
    d->items = malloc(j->wish->n * sizeof *d->items);
    d->scores = malloc(j->wish->n * sizeof *d->scores);
    return is_good && d->items && d->scores;
}

/* Lifts or draws the veil for what the wish says of every user alike. */
static bool draw_veil(job *j)
{
    const rk_wish *wish = j->wish;
    uint32_t n_items = rk_model_n_items(j->model);
    rk_filter filter = {.categories = wish->categories};
    if (!wish->only && !wish->categories && wish->n_skip == 0) {
        return true;
    }
    j->veil = calloc((size_t)n_items + 1, sizeof *j->veil);
    if (!j->veil) {
        return false;
    }
    for (uint32_t i = 0; i < n_items; i++) {
        j->veil[i] = !wish->only && rk_filter_allows(j->model, &filter, i) ? 0 : NAN;
    }
    for (size_t i = 0; wish->only && i < wish->n_only; i++) {
        j->veil[wish->only[i]] = rk_filter_allows(j->model, &filter, wish->only[i]) ? 0 : NAN;
    }
    for (size_t i = 0; i < wish->n_skip; i++) {
        j->veil[wish->skip[i]] = NAN;
    }
    return true;
}

static rk_status make_rooms(job *j, const rk_run *run, rk_error *err)
{
    size_t most = SLAB_BYTES / ((size_t)ROW_BYTES * SEATS * j->wish->n) + 1;
    j->n_chunks = most < CHUNKS_MAX ? most : CHUNKS_MAX;
    j->n_desks = rk_pool_threads(run->pool);
    j->n_chunks = j->n_chunks < j->n_desks && j->n_desks < CHUNKS_MAX ? j->n_desks : j->n_chunks;
    j->desks = calloc(j->n_desks, sizeof *j->desks);
    bool is_good = j->desks && draw_veil(j);
    if (is_good && rk_shortlist_fits(j->model)) {
        rk_status status = rk_shortlist_new(j->model, j->veil, &j->shortlist, err);
        if (status) {
            return status;
        }
    }
    for (unsigned w = 0; is_good && w < j->n_desks; w++) {
        is_good = desk_init(&j->desks[w], j);
    }
    return is_good ? RK_OK : rk_fail_memory(err, "rooms to make lists in");
}

static void release(job *j)
{
    for (unsigned w = 0; j->desks && w < j->n_desks; w++) {
        desk *d = &j->desks[w];
        rk_bulk_free(d->bulk);
        for (size_t s = 0; s < SEATS; s++) {
            rk_topk_free(d->users[s].topk);
        }
        free(d->room);
        free(d->items);
        free(d->scores);
    }
    rk_shortlist_free(j->shortlist);
    for (size_t c = 0; c < CHUNKS_MAX; c++) {
        rk_text_release(&j->texts[c]);
    }
    free(j->desks);
    free(j->veil);
}

/* ---- the words ---- */

static double score_of(const job *j, const rk_query *query, float score)
{
    double all = rk_model_is_rating(j->model) ? rk_model_mu(j->model) + (double)query->bias : 0;
    return rint(1e6 * (double)(float)(all + (double)score)) / 1e6;
}

static void add_csv(const job *j, const desk *d, const rk_query *query, size_t n, rk_text *text)
{
    rk_slice user = rk_names_get(rk_model_users(j->model), query->user);
    for (size_t i = 0; i < n; i++) {
        rk_text_add_cell(text, user, true);
        rk_text_addf(text, ",%zu", i + 1);
        rk_text_add_cell(text, rk_names_get(rk_model_items(j->model), d->items[i]), false);
        rk_text_add(text, ",");
        rk_text_add_real(text, score_of(j, query, d->scores[i]));
        rk_text_add(text, "\n");
    }
}

static void add_jsonl(const job *j, const desk *d, const rk_query *query, size_t n, rk_text *text)
{
    rk_json json = {.text = text};
    rk_json_object(&json, NULL);
    rk_json_string(&json, "user", rk_names_get(rk_model_users(j->model), query->user));
    rk_json_array(&json, "items");
    for (size_t i = 0; i < n; i++) {
        rk_json_object(&json, NULL);
        rk_json_string(&json, "id", rk_names_get(rk_model_items(j->model), d->items[i]));
        rk_json_real(&json, "score", score_of(j, query, d->scores[i]));
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    rk_text_add(text, "\n");
}

/* ---- the work ---- */

static void offer_all(const job *j, desk *d, size_t n_seats)
{
    uint32_t n_items = rk_model_n_items(j->model);
    for (uint32_t first = 0; first < n_items; first += RK_BULK_ITEMS) {
        uint32_t n = n_items - first < RK_BULK_ITEMS ? n_items - first : RK_BULK_ITEMS;
        float *scores = rk_bulk_scores(d->bulk, first, n);
        for (size_t at = 0; at < n_seats; at++, scores += RK_BULK_ITEMS) {
            const rk_shortlist_user *user = &d->users[at];
            for (uint32_t i = 0; j->veil && i < n; i++) {
                scores[i] += j->veil[first + i];
            }
            rk_topk_offer(user->topk, first, scores, n, user->taken.item, user->taken.n);
        }
    }
}

static rk_status make_lists(job *j, desk *d, rk_span span)
{
    size_t n_seats = span.end - span.begin;
    rk_text *text = &j->texts[span.chunk];
    rk_bulk_clear(d->bulk);
    for (size_t at = 0; at < n_seats; at++) {
        uint32_t user = j->first + (uint32_t)(span.begin + at);
        rk_status status = rk_bulk_seat(d->bulk, user, &d->users[at].query, &d->err);
        if (status) {
            return status;
        }
        d->users[at].taken = j->wish->only ? (rk_history){0} : rk_model_seen(j->model, user);
    }
    if (j->shortlist) {
        rk_shortlist_offer(j->shortlist, d->users, n_seats, d->room);
    } else {
        offer_all(j, d, n_seats);
    }
    rk_text_clear(text);
    for (size_t at = 0; at < n_seats; at++) {
        size_t n = rk_topk_take(d->users[at].topk, d->items, d->scores);
        (j->format == RK_BEST_LISTS_CSV ? add_csv : add_jsonl)(j, d, d->users[at].query, n, text);
    }
    return text->failed ? rk_fail_memory(&d->err, "lists") : RK_OK;
}

static void make_chunk(void *context, rk_span span)
{
    job *j = context;
    desk *d = &j->desks[span.worker];
    if (!d->err.status) {
        (void)make_lists(j, d, span); /* err tells */
    }
}

static rk_status write_slab(job *j, size_t n_users, rk_file_writer *file, rk_pool *pool, rk_error *err)
{
    rk_status status = RK_OK;
    rk_parallel_for(pool, n_users, SEATS, make_chunk, j);
    for (unsigned w = 0; !status && w < j->n_desks; w++) {
        const rk_error *lower = &j->desks[w].err;
        status = lower->status ? rk_fail(err, lower->status, "%s", lower->message) : RK_OK;
    }
    for (size_t c = 0; !status && c < rk_chunk_count(n_users, SEATS); c++) {
        status = rk_file_writer_add(file, j->texts[c].at, j->texts[c].n, err);
    }
    return status;
}

static rk_status write_all(job *j, rk_file_writer *file, const rk_run *run, rk_error *err)
{
    static const char header[] = "user,rank,item,score\n";
    rk_status status = RK_OK;
    uint32_t n_users = rk_model_n_users(j->model), slab = (uint32_t)(j->n_chunks * SEATS);
    if (j->format == RK_BEST_LISTS_CSV) {
        status = rk_file_writer_add(file, header, sizeof header - 1, err);
    }
    for (j->first = 0; !status && j->first < n_users; j->first += slab) {
        uint32_t n = n_users - j->first < slab ? n_users - j->first : slab;
        status = write_slab(j, n, file, run->pool, err);
        rk_progress(run, "lists", "users", j->first + n, n_users);
    }
    return status;
}

rk_status rk_best_lists_write(const rk_model *model, const rk_wish *wish, rk_best_lists_format format, const char *path,
                              const rk_run *run, rk_error *err)
{
    job j = {.model = model, .wish = wish, .format = format};
    rk_file_writer *file = NULL;
    rk_status status = rk_file_writer_open(path, &file, err);
    status = status ? status : make_rooms(&j, run, err);
    status = status ? status : write_all(&j, file, run, err);
    if (!status) {
        status = rk_file_writer_commit(file, err);
        file = NULL;
    }
    rk_file_writer_abort(file);
    release(&j);
    return status;
}
