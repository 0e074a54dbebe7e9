/* joined.c - see joined.h. Changes are few and are applied one by one; who has missed too many looks at everything. */
#include "serve/joined.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/content.h"
#include "text/columns.h"
#include "text/question.h"

enum { FOUND = 60, TITLE_BYTES = 300 };

struct rk_joined {
    rk_stock *stock;
    const rk_model *model;
    pthread_mutex_t lock;     /* of all below */
    uint64_t n_seen;          /* changes of the stock */
    rk_vec gone;              /* uint32_t, ascending */
    rk_vec arrivals;          /* rk_arrival, the oldest first; texts are owned */
    rk_content_desk *content; /* NULL: no model of content is served */
    rk_analyser *folder;
};

/* A look at the stock: what catching up works with. */
typedef struct {
    rk_joined *joined;
    rk_wares_view *view;
    const rk_corpus *corpus;
    rk_asker *asker; /* made when it is first needed */
    rk_arena arena;
} look;

/* ---- what a product is like ---- */

static void share_out(rk_arrival *a)
{
    float sum = 0;
    for (size_t i = 0; i < a->n_like; i++) {
        sum += a->weight[i];
    }
    for (size_t i = 0; i < a->n_like; i++) {
        a->weight[i] /= sum;
    }
}

static rk_status like_by_content(look *l, uint32_t item, rk_arrival *out, rk_error *err)
{
    uint32_t within, n = 0;
    const rk_dataset *d = rk_index_items(rk_corpus_segment_of(l->corpus, item, &within)->index);
    uint64_t n_pairs = d->attribute_start ? d->attribute_start[within + 1] - d->attribute_start[within] : 0;
    rk_slice *attribute = RK_TAKE(&l->arena, rk_slice, n_pairs), *value = RK_TAKE(&l->arena, rk_slice, n_pairs);
    if (!attribute || !value) {
        return rk_fail_memory(err, "a product");
    }
    rk_product product = rk_content_product(d, within, attribute, value);
    rk_status status =
        rk_content_similar(l->joined->content, &product, RK_ARRIVAL_LIKE, out->like, out->weight, &n, err);
    out->n_like = status ? 0 : n;
    return status;
}

/* The words of a title, with nothing in them that a question would take for more. */
static rk_slice plain_words(look *l, rk_slice title)
{
    size_t n = title.n < TITLE_BYTES ? title.n : TITLE_BYTES;
    while (n > 0 && n < title.n && ((unsigned char)title.at[n] & 0xc0) == 0x80) {
        n--;
    }
    char *words = rk_arena_copy(&l->arena, title.at, n);
    for (size_t i = 0; words && i < n; i++) {
        words[i] = strchr("\"():<>+-", words[i]) ? ' ' : words[i];
    }
    return (rk_slice){words, words ? n : 0};
}

static rk_status like_by_words(look *l, uint32_t item, rk_arrival *out, rk_error *err)
{
    rk_question question;
    rk_findings found;
    rk_slice words = plain_words(l, rk_corpus_text(l->corpus, item, RK_FIELD_TITLE));
    rk_status status = words.at ? RK_OK : rk_fail_memory(err, "a product");
    status = status || l->asker ? status : rk_asker_new(l->corpus, &l->asker, err);
    status = status ? status : rk_question_read(l->asker, words, &question, err);
    status = status ? status : rk_question_answer(l->asker, &question, FOUND, &l->arena, &found, err);
    for (size_t i = 0; !status && i < found.n && out->n_like < RK_ARRIVAL_LIKE; i++) {
        uint32_t known = rk_names_find(rk_model_items(l->joined->model), rk_corpus_id(l->corpus, found.item[i]));
        if (known != RK_NO_ID && found.score[i] > 0) {
            out->like[out->n_like] = known;
            out->weight[out->n_like++] = found.score[i];
        }
    }
    return status;
}

static rk_status find_like(look *l, uint32_t item, rk_arrival *out, rk_error *err)
{
    rk_status status = l->joined->content ? like_by_content(l, item, out, err) : RK_OK;
    status = status || out->n_like > 0 ? status : like_by_words(l, item, out, err);
    if (!status) {
        share_out(out);
    }
    return status;
}

/* ---- arrivals ---- */

static void release_arrival(rk_arrival *a)
{
    free((void *)(uintptr_t)a->id.at);
    free((void *)(uintptr_t)a->title.at);
    free((void *)(uintptr_t)a->category.at);
}

static bool own(rk_slice text, rk_slice *out)
{
    *out = (rk_slice){strndup(text.n ? text.at : "", text.n), text.n};
    return out->at != NULL;
}

static void cut_arrival(rk_joined *j, size_t i)
{
    rk_arrival *all = j->arrivals.data;
    release_arrival(&all[i]);
    memmove(all + i, all + i + 1, (j->arrivals.n - i - 1) * sizeof *all);
    j->arrivals.n--;
}

static void drop_arrival(rk_joined *j, rk_slice id)
{
    for (size_t i = 0; i < j->arrivals.n; i++) {
        if (rk_slice_equal(((rk_arrival *)j->arrivals.data)[i].id, id)) {
            cut_arrival(j, i);
            return;
        }
    }
}

static rk_status add_arrival(look *l, uint32_t item, rk_error *err)
{
    rk_joined *j = l->joined;
    rk_arrival one = {.n_like = 0};
    rk_status status = find_like(l, item, &one, err);
    if (status) {
        return status;
    }
    bool is_done = own(rk_corpus_id(l->corpus, item), &one.id) &&
                   own(rk_corpus_text(l->corpus, item, RK_FIELD_TITLE), &one.title) &&
                   own(rk_corpus_text(l->corpus, item, RK_FIELD_CATEGORY), &one.category) &&
                   rk_vec_push(&j->arrivals, &one);
    if (!is_done) {
        release_arrival(&one);
        return rk_fail_memory(err, "new products");
    }
    if (j->arrivals.n > RK_ARRIVALS_MAX) {
        cut_arrival(j, 0);
    }
    return RK_OK;
}

/* ---- catching up ---- */

static rk_status is_to_be_had(look *l, uint32_t item, bool *is, rk_error *err)
{
    bool is_out = false;
    rk_status status = item == RK_NO_ID ? RK_OK : rk_corpus_is_out(l->corpus, l->joined->folder, item, &is_out, err);
    *is = !status && item != RK_NO_ID && !is_out;
    return status;
}

static bool set_gone(rk_vec *gone, uint32_t item, bool is_gone)
{
    uint32_t *all = gone->data;
    size_t at = 0, end = gone->n;
    while (at < end) {
        size_t middle = at + (end - at) / 2;
        if (all[middle] < item) {
            at = middle + 1;
        } else {
            end = middle;
        }
    }
    bool is_there = at < gone->n && all[at] == item;
    if (is_there && !is_gone) {
        memmove(all + at, all + at + 1, (gone->n - at - 1) * sizeof *all);
        gone->n--;
    } else if (!is_there && is_gone) {
        if (!rk_vec_extend(gone, NULL, 1)) {
            return false;
        }
        all = gone->data;
        memmove(all + at + 1, all + at, (gone->n - at - 1) * sizeof *all);
        all[at] = item;
    }
    return true;
}

static rk_status apply(look *l, rk_slice id, rk_error *err)
{
    rk_joined *j = l->joined;
    uint32_t item = rk_corpus_find_item(l->corpus, id), known = rk_names_find(rk_model_items(j->model), id);
    bool is_here = false;
    rk_status status = is_to_be_had(l, item, &is_here, err);
    if (status) {
        return status;
    }
    if (known != RK_NO_ID) {
        return set_gone(&j->gone, known, !is_here) ? RK_OK : rk_fail_memory(err, "sold out products");
    }
    drop_arrival(j, id);
    return is_here ? add_arrival(l, item, err) : RK_OK;
}

static rk_status find_gone(look *l, rk_error *err)
{
    const rk_names *items = rk_model_items(l->joined->model);
    rk_status status = RK_OK;
    rk_vec_clear(&l->joined->gone);
    for (uint32_t i = 0; !status && i < rk_model_n_items(l->joined->model); i++) {
        bool is_here = false;
        status = is_to_be_had(l, rk_corpus_find_item(l->corpus, rk_names_get(items, i)), &is_here, err);
        if (!status && !is_here && !rk_vec_push(&l->joined->gone, &i)) {
            status = rk_fail_memory(err, "sold out products");
        }
    }
    return status;
}

/* The newest of those that the model does not know: from behind, and then in their order. */
static rk_status find_arrivals(look *l, rk_error *err)
{
    rk_joined *j = l->joined;
    const rk_corpus *c = l->corpus;
    uint32_t newest[RK_ARRIVALS_MAX];
    size_t n = 0;
    rk_status status = RK_OK;
    while (j->arrivals.n > 0) {
        cut_arrival(j, j->arrivals.n - 1);
    }
    for (size_t s = c->n_segments; !status && s-- > 0;) {
        for (uint32_t i = rk_index_n_items(c->segment[s].index); !status && i-- > 0 && n < RK_ARRIVALS_MAX;) {
            uint32_t item = c->segment[s].base + i;
            rk_slice id = rk_corpus_id(c, item);
            bool is_here = false;
            if (rk_names_find(rk_model_items(j->model), id) == RK_NO_ID && rk_corpus_find_item(c, id) == item) {
                status = is_to_be_had(l, item, &is_here, err);
                newest[n] = item;
                n += is_here;
            }
        }
    }
    while (!status && n > 0) {
        status = add_arrival(l, newest[--n], err);
    }
    return status;
}

static rk_status look_at_all(look *l, rk_error *err)
{
    rk_status status = find_gone(l, err);
    return status ? status : find_arrivals(l, err);
}

/* Holds the lock. On failure the next who asks tries again. */
static rk_status catch_up(rk_joined *j, bool is_first, rk_error *err)
{
    look l = {.joined = j};
    uint64_t n = rk_stock_n_changes(j->stock);
    rk_slice *ids = NULL;
    if (n == j->n_seen && !is_first) {
        return RK_OK;
    }
    rk_status status = rk_wares_view_new(rk_stock_wares(j->stock), &l.view, err);
    l.corpus = status ? NULL : rk_wares_view_corpus(l.view);
    status = status || is_first ? status : rk_stock_changes(j->stock, j->n_seen, n, &l.arena, &ids, err);
    if (!status && !ids) {
        status = look_at_all(&l, err);
    }
    for (uint64_t i = 0; !status && ids && i < n - j->n_seen; i++) {
        status = apply(&l, ids[i], err);
    }
    j->n_seen = status ? j->n_seen : n;
    rk_asker_free(l.asker);
    rk_wares_view_free(l.view);
    rk_arena_release(&l.arena);
    return status;
}

/* ---- a joined one ---- */

/* The model's own, or that of one of its parts. */
static rk_status open_content(rk_joined *j, rk_error *err)
{
    rk_status status = rk_content_desk_new(j->model, &j->content, err);
    for (size_t p = 0; status == RK_UNSUPPORTED && rk_model_part_at(j->model, p); p++) {
        status = rk_content_desk_new(rk_model_part_at(j->model, p), &j->content, err);
    }
    return status == RK_UNSUPPORTED ? RK_OK : status;
}

rk_status rk_joined_open(rk_stock *stock, const rk_model *model, rk_joined **out, rk_error *err)
{
    rk_joined *j = calloc(1, sizeof *j);
    if (!j) {
        return rk_fail_memory(err, "a model and its products");
    }
    *j = (rk_joined){.stock = stock,
                     .model = model,
                     .gone = {.item_bytes = sizeof(uint32_t)},
                     .arrivals = {.item_bytes = sizeof(rk_arrival)}};
    pthread_mutex_init(&j->lock, NULL);
    rk_status status = rk_analyser_new(&rk_value_analysis, &j->folder, err);
    status = status ? status : open_content(j, err);
    status = status ? status : catch_up(j, true, err);
    if (status) {
        rk_joined_close(j);
        return status;
    }
    *out = j;
    return RK_OK;
}

void rk_joined_close(rk_joined *j)
{
    if (j) {
        while (j->arrivals.n > 0) {
            cut_arrival(j, j->arrivals.n - 1);
        }
        rk_vec_release(&j->arrivals);
        rk_vec_release(&j->gone);
        rk_content_desk_free(j->content);
        rk_analyser_free(j->folder);
        pthread_mutex_destroy(&j->lock);
        free(j);
    }
}

/* ---- asking ---- */

rk_status rk_joined_gone(rk_joined *j, rk_arena *arena, uint32_t **out, size_t *n, rk_error *err)
{
    *n = 0;
    pthread_mutex_lock(&j->lock);
    rk_status status = catch_up(j, false, err);
    *out = status ? NULL : RK_TAKE(arena, uint32_t, j->gone.n);
    if (*out && j->gone.n > 0) {
        *n = j->gone.n;
        memcpy(*out, j->gone.data, *n * sizeof **out);
    }
    pthread_mutex_unlock(&j->lock);
    return status || *out ? status : rk_fail_memory(err, "sold out products");
}

static bool copy_arrival(const rk_arrival *from, rk_arena *arena, rk_arrival *out)
{
    *out = *from;
    out->id.at = rk_arena_copy(arena, from->id.at, from->id.n);
    out->title.at = rk_arena_copy(arena, from->title.at, from->title.n);
    out->category.at = rk_arena_copy(arena, from->category.at, from->category.n);
    return out->id.at && out->title.at && out->category.at;
}

rk_status rk_joined_arrivals(rk_joined *j, rk_arena *arena, rk_arrival **out, size_t *n, rk_error *err)
{
    *n = 0;
    pthread_mutex_lock(&j->lock);
    rk_status status = catch_up(j, false, err);
    const rk_arrival *all = j->arrivals.data;
    *out = status ? NULL : RK_TAKE(arena, rk_arrival, j->arrivals.n);
    bool is_done = *out != NULL;
    for (size_t i = j->arrivals.n; is_done && i-- > 0;) {
        is_done = copy_arrival(&all[i], arena, &(*out)[(*n)++]);
    }
    pthread_mutex_unlock(&j->lock);
    return status || is_done ? status : rk_fail_memory(err, "new products");
}

rk_status rk_joined_arrival(rk_joined *j, rk_slice id, rk_arena *arena, rk_arrival *out, rk_error *err)
{
    pthread_mutex_lock(&j->lock);
    rk_status status = catch_up(j, false, err);
    const rk_arrival *all = j->arrivals.data, *found = NULL;
    for (size_t i = 0; !status && i < j->arrivals.n; i++) {
        found = rk_slice_equal(all[i].id, id) ? &all[i] : found;
    }
    if (!status && !found) {
        status = rk_fail(err, RK_NOT_FOUND, "no such item '%.*s'", (int)(id.n < 80 ? id.n : 80), id.at);
    } else if (!status && !copy_arrival(found, arena, out)) {
        status = rk_fail_memory(err, "a new product");
    }
    pthread_mutex_unlock(&j->lock);
    return status;
}
