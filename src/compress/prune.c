/* prune.c - neighbours without their smallest weights.
 *
 * A score is a sum over rows, so what a small weight says is mostly said again by the larger ones beside it. A share of
 * each row (`by=row`) leaves every item something, and on Gowalla keeps a little more than one limit for all rows
 * (`by=all`) of the same size: NDCG@20 of .1488 against .1486 of itemknn's .1495, at half the entries.
 * The target is a share of the entries, a number of bytes, or a quality: the share of the first LIST items
 * of users' lists that must stay. For that the lists of a sample of users are made once, with all their scores, and a
 * trial only takes away from those what its limit takes away; the limit is found by halving.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compress/compressors.h"
#include "math/random.h"

enum { BY_ROW, BY_ALL };
enum { LIST = 20, USERS = 300, HALVINGS = 10, DIGIT_BITS = 16, DIGITS = 1 << DIGIT_BITS };

typedef struct {
    double keep, agree;
    uint64_t bytes;
    int by;
} settings;

static const rk_option options[] = {
    {.name = "keep",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, keep),
     .value = "SHARE",
     .fallback = "0.5",
     .help = "share of the entries that stays",
     .max = 1},
    {.name = "bytes",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, bytes),
     .value = "N",
     .fallback = "0",
     .help = "or as many entries as take that many bytes, 8 each; 0 = by share"},
    {.name = "agree",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, agree),
     .value = "SHARE",
     .fallback = "0",
     .help = "or as few entries as keep that share of the first 20 items of users' lists; 0 = not asked",
     .max = 1},
    {.name = "by",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, by),
     .value = "WHAT",
     .fallback = "row",
     .help = "the largest of each row, or one limit for all entries",
     .choices = "row|all"},
};

typedef struct {
    rk_float_rows all;
    int by;
    float *limit; /* [n_rows] entries of at least this size stay */
} rows;

/* Sizes of floats are ordered like their bits. */
static uint32_t size_bits(float weight)
{
    uint32_t bits;
    memcpy(&bits, &weight, sizeof bits);
    return bits & 0x7fffffffu;
}

/* The digit where the running count from above reaches *left, which becomes what is left to count within it. */
static uint32_t digit_at(const uint64_t *count, uint64_t *left)
{
    uint32_t digit = DIGITS - 1;
    for (; digit > 0 && count[digit] < *left; digit--) {
        *left -= count[digit];
    }
    return digit;
}

/* The size of the k-th largest (k >= 1) of weight[n]: two passes over 16 bits each. count: [DIGITS] */
static float kth_size(const float *weight, uint64_t n, uint64_t k, uint64_t *count)
{
    uint64_t left = k;
    memset(count, 0, DIGITS * sizeof *count);
    for (uint64_t e = 0; e < n; e++) {
        count[size_bits(weight[e]) >> DIGIT_BITS]++;
    }
    uint32_t high = digit_at(count, &left);
    memset(count, 0, DIGITS * sizeof *count);
    for (uint64_t e = 0; e < n; e++) {
        uint32_t bits = size_bits(weight[e]);
        count[bits % DIGITS] += bits >> DIGIT_BITS == high;
    }
    uint32_t bits = high << DIGIT_BITS | digit_at(count, &left);
    float size;
    memcpy(&size, &bits, sizeof size);
    return size;
}

static int falling(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* Sets the limits for a share of the entries. count: [DIGITS]; room: [longest row]. */
static void set_limits(rows *r, double keep, uint64_t *count, float *room)
{
    uint64_t k = (uint64_t)ceil(keep * (double)r->all.n);
    float all = r->by == BY_ALL && k > 0 ? kth_size(r->all.weight, r->all.n, k, count) : INFINITY;
    for (size_t i = 0; i < r->all.n_rows; i++) {
        uint64_t n = r->all.start[i + 1] - r->all.start[i], mine = (uint64_t)ceil(keep * (double)n);
        r->limit[i] = all;
        if (r->by == BY_ROW && mine > 0) {
            for (uint64_t e = 0; e < n; e++) {
                room[e] = fabsf(r->all.weight[r->all.start[i] + e]);
            }
            qsort(room, n, sizeof *room, falling);
            r->limit[i] = room[mine - 1];
        }
    }
}

static bool stays(const rows *r, size_t row, uint64_t e) { return fabsf(r->all.weight[e]) >= r->limit[row]; }

/* ---- by quality ---- */

typedef struct {
    const rk_model *model;
    const rows *rows;
    rk_arena arena; /* of the queries */
    uint32_t n_users;
    rk_query *query;  /* [n_users] */
    float *score;     /* [n_users x n_items] of all entries, NaN for what the user has taken */
    uint32_t *list;   /* [n_users x LIST] ascending */
    uint32_t *n_list; /* [n_users] */
    uint32_t *same;   /* [n_users] of the list, under the limits at hand */
    uint8_t *is_bad;  /* [n_users] memory was short */
} sample;

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void release_sample(sample *s)
{
    rk_arena_release(&s->arena);
    free(s->query);
    free(s->score);
    free(s->list);
    free(s->n_list);
    free(s->same);
    free(s->is_bad);
}

/* The best of scores[n_items], ascending by item; false when memory is short. */
static bool best_of(const float *scores, uint32_t n_items, uint32_t *list, uint32_t *n)
{
    rk_topk *topk = rk_topk_new(LIST);
    if (!topk) {
        return false;
    }
    rk_topk_offer(topk, 0, scores, n_items, NULL, 0);
    float best[LIST];
    *n = (uint32_t)rk_topk_take(topk, list, best);
    rk_topk_free(topk);
    qsort(list, *n, sizeof *list, ascending);
    return true;
}

static rk_status score_user(sample *s, uint32_t i, uint32_t user, rk_error *err)
{
    uint32_t n_items = rk_model_n_items(s->model);
    float *score = s->score + (size_t)i * n_items;
    rk_history seen = rk_model_seen(s->model, user);
    rk_status status = rk_model_user_query(s->model, user, &s->arena, &s->query[i], err);
    if (status) {
        return status;
    }
    rk_model_scores(s->model, &s->query[i], 0, n_items, score);
    for (size_t h = 0; h < seen.n; h++) {
        score[seen.item[h]] = NAN;
    }
    return best_of(score, n_items, s->list + (size_t)i * LIST, &s->n_list[i]) ? RK_OK : rk_fail_memory(err, "a list");
}

static rk_status draw_sample(const rk_model *model, const rows *r, uint64_t seed, sample *s, rk_error *err)
{
    uint32_t n = rk_model_n_users(model);
    uint32_t *order = malloc(((size_t)n + 1) * sizeof *order);
    *s = (sample){.model = model, .rows = r, .n_users = n < USERS ? n : USERS};
    size_t n_items = rk_model_n_items(model), n_users = s->n_users;
    s->query = calloc(n_users + 1, sizeof *s->query);
    s->score = malloc((n_users * n_items + 1) * sizeof *s->score);
    s->list = malloc((n_users * LIST + 1) * sizeof *s->list);
    s->n_list = calloc(n_users + 1, sizeof *s->n_list);
    s->same = calloc(n_users + 1, sizeof *s->same);
    s->is_bad = calloc(n_users + 1, 1);
    bool is_good = order && s->query && s->score && s->list && s->n_list && s->same && s->is_bad;
    rk_status status = is_good ? RK_OK : rk_fail_memory(err, "lists of users");
    if (!status) {
        rk_random random = rk_random_of(seed, 0x7072756e65);
        rk_random_shuffle(&random, order, n);
    }
    for (uint32_t i = 0; i < s->n_users && !status; i++) {
        status = score_user(s, i, order[i], err);
    }
    free(order);
    return status;
}

/* How much of user i's list is left when what is below the limits is taken away from his scores. */
static void try_user(void *context, rk_span span)
{
    sample *s = context;
    uint32_t n_items = rk_model_n_items(s->model);
    float *score = malloc((size_t)n_items * sizeof *score);
    for (size_t i = span.begin; i < span.end; i++) {
        const rk_query *query = &s->query[i];
        uint32_t list[LIST], n = 0;
        s->is_bad[i] = !score;
        for (size_t q = 0; score && q < query->rows.n; q++) {
            uint32_t row = query->rows.item[q];
            float each = query->rows.value ? query->rows.value[q] : 1;
            if (q == 0) {
                memcpy(score, s->score + i * n_items, n_items * sizeof *score);
            }
            for (uint64_t e = s->rows->all.start[row]; e < s->rows->all.start[row + 1]; e++) {
                score[s->rows->all.item[e]] -= stays(s->rows, row, e) ? 0 : each * s->rows->all.weight[e];
            }
        }
        s->same[i] = s->n_list[i];
        if (score && query->rows.n > 0) {
            s->is_bad[i] = !best_of(score, n_items, list, &n);
            s->same[i] = 0;
            for (uint32_t a = 0; a < n; a++) {
                s->same[i] += bsearch(&list[a], s->list + i * LIST, s->n_list[i], sizeof *list, ascending) != NULL;
            }
        }
    }
    free(score);
}

static rk_status agreement(sample *s, rk_pool *pool, double *out, rk_error *err)
{
    uint64_t same = 0, all = 0;
    bool is_bad = false;
    rk_parallel_for(pool, s->n_users, 8, try_user, s);
    for (uint32_t i = 0; i < s->n_users; i++) {
        same += s->same[i];
        all += s->n_list[i];
        is_bad |= s->is_bad[i];
    }
    *out = all > 0 ? (double)same / (double)all : 1;
    return is_bad ? rk_fail_memory(err, "lists of users") : RK_OK;
}

/* The least share whose lists agree, to 1 / 2^HALVINGS; its limits are set. */
static rk_status find_share(const rk_compress_job *job, const rk_model *model, const settings *s, rows *r,
                            uint64_t *count, float *room, double *keep, rk_error *err)
{
    sample trial;
    double low = 0, high = 1, found = 1;
    rk_status status = draw_sample(model, r, job->run->seed, &trial, err);
    for (unsigned i = 0; i < HALVINGS && !status; i++) {
        double middle = (low + high) / 2, agree = 0;
        set_limits(r, middle, count, room);
        status = agreement(&trial, job->run->pool, &agree, err);
        if (agree >= s->agree) {
            high = middle;
            found = agree;
        } else {
            low = middle;
        }
        rk_progress(job->run, "compressing", "trials", i + 1, HALVINGS);
    }
    set_limits(r, high, count, room);
    *keep = high;
    json_object_set_new(job->figures, "agreement", json_real(found));
    release_sample(&trial);
    return status;
}

/* ---- what stays ---- */

static rk_status write_rows(rk_compress_job *job, const rk_compress_leaf *leaf, const rows *r, rk_error *err)
{
    uint64_t *start = malloc((r->all.n_rows + 1) * sizeof *start), n = 0;
    uint32_t *item = malloc((r->all.n + 1) * sizeof *item);
    float *weight = malloc((r->all.n + 1) * sizeof *weight);
    rk_status status = start && item && weight ? RK_OK : rk_fail_memory(err, "neighbours");
    for (size_t i = 0; i < r->all.n_rows && !status; i++) {
        start[i] = n;
        for (uint64_t e = r->all.start[i]; e < r->all.start[i + 1]; e++) {
            if (stays(r, i, e)) {
                item[n] = r->all.item[e];
                weight[n++] = r->all.weight[e];
            }
        }
    }
    if (!status) {
        start[r->all.n_rows] = n;
        json_object_set_new(job->figures, "entries_before", json_integer((json_int_t)r->all.n));
        json_object_set_new(job->figures, "entries_after", json_integer((json_int_t)n));
    }
    status = status ? status : rk_compress_add(job, leaf, "near.start", RK_U64, r->all.n_rows + 1, 1, start, err);
    status = status ? status : rk_compress_add(job, leaf, "near.item", RK_U32, n, 1, item, err);
    status = status ? status : rk_compress_add(job, leaf, "near.weight", RK_F32, n, 1, weight, err);
    free(start);
    free(item);
    free(weight);
    return status;
}

static uint64_t longest_row(const rows *r)
{
    uint64_t most = 0;
    for (size_t i = 0; i < r->all.n_rows; i++) {
        uint64_t n = r->all.start[i + 1] - r->all.start[i];
        most = n > most ? n : most;
    }
    return most;
}

static rk_status run_prune(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings_, rk_error *err)
{
    const settings *s = settings_;
    rows r = {.by = s->by};
    rk_status status = rk_float_rows_read(leaf, &r.all, err);
    if (status) {
        return status;
    }
    r.limit = malloc((r.all.n_rows + 1) * sizeof *r.limit);
    uint64_t *count = malloc(DIGITS * sizeof *count);
    float *room = malloc((longest_row(&r) + 1) * sizeof *room);
    double keep = s->bytes > 0 && r.all.n > 0 ? fmin(1, (double)(s->bytes / 8) / (double)r.all.n) : s->keep;
    if (!r.limit || !count || !room) {
        status = rk_fail_memory(err, "the limits of rows");
    } else if (s->agree > 0) {
        status = find_share(job, leaf->model, s, &r, count, room, &keep, err);
    } else {
        set_limits(&r, keep, count, room);
    }
    status = status ? status : write_rows(job, leaf, &r, err);
    free(r.limit);
    free(count);
    free(room);
    return status;
}

const rk_compressor rk_compressor_prune = {
    .name = "prune",
    .summary = "neighbours without their smallest weights, down to a share, a size or a quality",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .wants = "neighbours of floats",
    .fits = rk_has_float_rows,
    .each = run_prune,
};
