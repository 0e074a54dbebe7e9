/* exam.c - see exam.h. */
#include "compress/exam.h"

#include <stdlib.h>
#include <string.h>

#include "math/random.h"

enum { LIST = 20, LEAST = 5, CHUNK_USERS = 8 };

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Users drawn, ascending, each with enough to hide some of it. */
static void draw(rk_exam *e, uint32_t n_users, uint32_t *order)
{
    uint32_t n = rk_model_n_users(e->teacher);
    rk_random random = rk_random_of(e->run->seed, 0x6578616d);
    rk_random_shuffle(&random, order, n);
    for (uint32_t i = 0; i < n && e->n < n_users; i++) {
        if (rk_model_seen(e->teacher, order[i]).n >= LEAST) {
            e->user[e->n++] = order[i];
        }
    }
    qsort(e->user, e->n, sizeof *e->user, ascending);
}

/* A fifth of what each took. */
static void hide(rk_exam *e)
{
    rk_random random = rk_random_of(e->run->seed, 0x68696465);
    for (uint32_t i = 0; i < e->n; i++) {
        rk_history seen = rk_model_seen(e->teacher, e->user[i]);
        uint32_t *known = e->known + e->start[i], *hidden = e->hidden + e->start[i];
        size_t left = seen.n / LEAST, n_hidden = 0;
        for (size_t h = 0; h < seen.n; h++) {
            bool is_hidden = rk_random_below(&random, (uint32_t)(seen.n - h)) < left;
            left -= is_hidden;
            *(is_hidden ? &hidden[n_hidden++] : &known[e->n_known[i]++]) = seen.item[h];
        }
    }
}

rk_status rk_exam_set(const rk_model *teacher, uint32_t n_users, uint64_t patience, const rk_run *run, rk_exam *out,
                      rk_error *err)
{
    uint32_t n_all = rk_model_n_users(teacher);
    n_users = n_users < n_all / 10 ? n_users : n_all / 10;
    uint32_t *order = malloc(((size_t)n_all + 1) * sizeof *order);
    *out = (rk_exam){.teacher = teacher, .run = run, .patience = patience, .best = -1};
    out->user = malloc(((size_t)n_users + 1) * sizeof *out->user);
    out->start = calloc((size_t)n_users + 1, sizeof *out->start);
    out->n_known = calloc((size_t)n_users + 1, sizeof *out->n_known);
    out->score = calloc((size_t)n_users + 1, sizeof *out->score);
    out->most = calloc((size_t)n_users + 1, sizeof *out->most);
    out->is_bad = calloc((size_t)n_users + 1, 1);
    bool is_good = order && out->user && out->start && out->n_known && out->score && out->most && out->is_bad;
    if (is_good) {
        draw(out, n_users, order);
        for (uint32_t i = 0; i < out->n; i++) {
            out->start[i + 1] = out->start[i] + rk_model_seen(teacher, out->user[i]).n;
        }
        out->known = malloc((out->start[out->n] + 1) * sizeof *out->known);
        out->hidden = malloc((out->start[out->n] + 1) * sizeof *out->hidden);
        is_good = out->known && out->hidden;
    }
    free(order);
    if (!is_good) {
        rk_exam_release(out);
        return rk_fail_memory(err, "an exam");
    }
    hide(out);
    return RK_OK;
}

void rk_exam_release(rk_exam *exam)
{
    free(exam->user);
    free(exam->start);
    free(exam->known);
    free(exam->hidden);
    free(exam->n_known);
    free(exam->score);
    free(exam->most);
    free(exam->is_bad);
    *exam = (rk_exam){0};
}

rk_history rk_exam_known(const rk_exam *e, uint32_t user)
{
    const uint32_t *found = e->n > 0 ? bsearch(&user, e->user, e->n, sizeof user, ascending) : NULL;
    size_t i = found ? (size_t)(found - e->user) : 0;
    return found ? (rk_history){e->known + e->start[i], NULL, e->n_known[i]} : rk_model_seen(e->teacher, user);
}

/* A teacher that cannot take a new history keeps the list it has. */
static rk_status relist(const rk_exam *e, uint32_t i, rk_lists *lists, rk_arena *arena, rk_error *err)
{
    rk_history known = {e->known + e->start[i], NULL, e->n_known[i]}, seen = rk_model_seen(e->teacher, e->user[i]);
    uint32_t *item = lists->item + (size_t)e->user[i] * lists->depth, n_found = 0;
    float *score = lists->score + (size_t)e->user[i] * lists->depth, *value = RK_TAKE(arena, float, known.n);
    rk_query query;
    if (!value) {
        return rk_fail_memory(err, "a history");
    }
    for (size_t h = 0, k = 0; seen.value && h < seen.n && k < known.n; h++) {
        if (seen.item[h] == known.item[k]) {
            value[k++] = seen.value[h];
        }
    }
    known.value = seen.value ? value : NULL;
    rk_status status = rk_model_encode(e->teacher, known, arena, &query, err);
    if (status == RK_UNSUPPORTED) {
        return RK_OK;
    }
    status = status ? status
                    : rk_model_best(e->teacher, &query, known.item, known.n, lists->depth, item, score, &n_found, err);
    memset(item + n_found, 0xff, (lists->depth - n_found) * sizeof *item);
    return status;
}

rk_status rk_exam_forget(const rk_exam *e, rk_lists *lists, rk_error *err)
{
    rk_arena arena = {0};
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < e->n && !status; i++) {
        rk_arena_clear(&arena);
        status = relist(e, i, lists, &arena, err);
    }
    rk_arena_release(&arena);
    return status;
}

/* ---- after an epoch ---- */

typedef struct {
    rk_exam *exam;
    const rk_contrast *student;
} sitting;

static double ndcg(const uint32_t *list, size_t n_list, const uint32_t *hidden, size_t n_hidden)
{
    double gain = 0, most = 0;
    for (size_t r = 0; r < n_list; r++) {
        bool is_hit = bsearch(&list[r], hidden, n_hidden, sizeof *hidden, ascending) != NULL;
        gain += is_hit ? 1 / log2((double)r + 2) : 0;
    }
    for (size_t r = 0; r < n_hidden && r < LIST; r++) {
        most += 1 / log2((double)r + 2);
    }
    return most > 0 ? gain / most : 0;
}

static void sit(void *context, rk_span span)
{
    const sitting *s = context;
    const rk_contrast *c = s->student;
    rk_exam *e = s->exam;
    float *score = malloc(((size_t)c->items.n + 1) * sizeof *score), best[LIST];
    rk_topk *topk = rk_topk_new(LIST);
    for (size_t i = span.begin; i < span.end; i++) {
        uint32_t list[LIST];
        e->is_bad[i] = !score || !topk;
        if (!e->is_bad[i]) {
            c->dots->rows_f32(score, c->items.vector, c->width, c->items.n, c->users.vector + e->user[i] * c->width,
                              c->dim);
            rk_topk_offer(topk, 0, score, c->items.n, e->known + e->start[i], e->n_known[i]);
            size_t n = rk_topk_take(topk, list, best), n_all = e->start[i + 1] - e->start[i];
            e->score[i] = ndcg(list, n, e->hidden + e->start[i], n_all - e->n_known[i]);
        }
    }
    rk_topk_free(topk);
    free(score);
}

/* Not worse than the best by more than a standard error. */
static bool is_as_good(const rk_exam *e, double mean)
{
    double squares = 0, short_of = e->best - mean;
    for (uint32_t i = 0; i < e->n; i++) {
        double apart = e->most[i] - e->score[i] - short_of;
        squares += apart * apart;
    }
    return e->n > 1 && short_of * short_of * e->n * (e->n - 1) <= squares;
}

rk_status rk_exam_look(void *context, const rk_contrast *c, uint64_t epoch, bool *is_best, bool *is_over, rk_error *err)
{
    rk_exam *e = context;
    double sum = 0;
    bool is_bad = false;
    rk_parallel_for(e->run->pool, e->n, CHUNK_USERS, sit, &(sitting){e, c});
    for (uint32_t i = 0; i < e->n; i++) {
        sum += e->score[i];
        is_bad |= e->is_bad[i];
    }
    double mean = e->n > 0 ? sum / e->n : 0;
    rk_log(e->run, RK_LOG_DETAIL, "epoch %llu, NDCG@20 of what is hidden %.6f", (unsigned long long)epoch, mean);
    bool is_most = mean > e->best;
    *is_best = is_most || is_as_good(e, mean);
    if (is_most) {
        e->best = mean;
        memcpy(e->most, e->score, e->n * sizeof *e->most);
    }
    e->best_epoch = *is_best ? epoch : e->best_epoch;
    e->n_epochs = epoch;
    *is_over = e->patience > 0 && epoch >= e->best_epoch + e->patience;
    return is_bad ? rk_fail_memory(err, "an exam") : RK_OK;
}
