/* judge.c - see judge.h. */
#include "eval/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "eval/bootstrap.h"

enum { RESAMPLES = 1000, WEIGHT = RK_JUDGE_FIGURES };

const char *const rk_judge_names[RK_JUDGE_FIGURES] = {"ndcg@10", "map", "p@10", "p@30", "mrr"};

static double gain(const double *rating, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n && i < 10; i++) {
        sum += rating[i] / log2((double)i + 2);
    }
    return sum;
}

void rk_judge_ranking(const double *rating_of, size_t n, const double *ideal, size_t n_ideal,
                      double figures[RK_JUDGE_FIGURES])
{
    size_t n_good = 0, first = 0, n_10 = 0, n_30 = 0;
    double precision = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(rating_of[i] > 0)) {
            continue;
        }
        n_good++;
        precision += (double)n_good / (double)(i + 1);
        first = first ? first : i + 1;
        n_10 += i < 10;
        n_30 += i < 30;
    }
    double best = gain(ideal, n_ideal);
    figures[RK_JUDGE_NDCG_10] = best > 0 ? gain(rating_of, n) / best : 0;
    figures[RK_JUDGE_MAP] = n_ideal > 0 ? precision / (double)n_ideal : 0;
    figures[RK_JUDGE_P_10] = (double)n_10 / 10;
    figures[RK_JUDGE_P_30] = (double)n_30 / 30;
    figures[RK_JUDGE_MRR] = first ? 1 / (double)first : 0;
}

/* ---- one query ---- */

typedef struct {
    const rk_index *index;
    const rk_judgements *j;
    rk_asker *asker;
    rk_looker *looker; /* NULL: no second look */
    const rk_ranker *rankers;
    size_t n_rankers, n_asked;
    rk_lesson *lesson; /* NULL: figures are wanted */
    rk_arena arena;
    double *rating_of_item; /* [n_items] of the query at hand */
    double *rating, *ideal; /* [RK_JUDGE_DEPTH], [ratings of a query] */
    const uint32_t *item;   /* [n_docs] number in the index; RK_NO_ID: unknown */
} bench;

static int highest_first(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static size_t read_ideal(bench *b, const rk_rating *ratings, size_t n)
{
    size_t n_ideal = 0;
    for (size_t r = 0; r < n; r++) {
        if (ratings[r].rating > 0) {
            b->ideal[n_ideal++] = ratings[r].rating;
        }
    }
    if (n_ideal > 1) {
        qsort(b->ideal, n_ideal, sizeof *b->ideal, highest_first);
    }
    return n_ideal;
}

/* Ratings of the findings, into b->rating. */
static void rate(bench *b, const rk_rating *ratings, size_t n, const rk_findings *found)
{
    for (size_t r = 0; r < n; r++) {
        uint32_t item = b->item[ratings[r].doc];
        if (item != RK_NO_ID) {
            b->rating_of_item[item] = ratings[r].rating;
        }
    }
    for (size_t i = 0; i < found->n; i++) {
        b->rating[i] = b->rating_of_item[found->item[i]];
    }
    for (size_t r = 0; r < n; r++) {
        if (b->item[ratings[r].doc] != RK_NO_ID) {
            b->rating_of_item[b->item[ratings[r].doc]] = 0;
        }
    }
}

static rk_status add_to_lesson(bench *b, rk_slice text, const rk_question *question, const rk_findings *found,
                               double ideal, rk_error *err)
{
    rk_looks looks;
    rk_status status = rk_looker_read(b->looker, text, question, found, RK_RANKER_DEPTH, &b->arena, &looks, err);
    float *feature = status ? NULL : RK_TAKE(&b->arena, float, looks.n *rk_n_features);
    if (!status && !feature) {
        status = rk_fail_memory(err, "candidates");
    }
    status = status ? status : rk_features_read(&looks, &b->arena, feature, err);
    return status ? status : rk_lesson_add(b->lesson, feature, b->rating, found->item, looks.n, ideal, err);
}

static rk_status judge_query(bench *b, const rk_rating *ratings, size_t n, double *figures, bool *has_good,
                             rk_error *err)
{
    rk_question question;
    rk_findings found;
    size_t n_ideal = read_ideal(b, ratings, n);
    *has_good = n_ideal > 0;
    if (!*has_good) {
        return RK_OK;
    }
    rk_slice text = rk_slice_of(b->j->query[ratings[0].query]);
    const rk_ranker *ranker = b->n_rankers > 0 ? &b->rankers[b->n_asked++ % b->n_rankers] : NULL;
    rk_arena_clear(&b->arena);
    rk_status status = rk_question_read(b->asker, text, &question, err);
    status = status ? status : rk_question_answer(b->asker, &question, RK_JUDGE_DEPTH, &b->arena, &found, err);
    if (!status && ranker) {
        status = rk_ranker_rank(ranker, b->looker, text, &question, &b->arena, &found, err);
    }
    if (status) {
        return status;
    }
    rate(b, ratings, n, &found);
    if (b->lesson) {
        return add_to_lesson(b, text, &question, &found, gain(b->ideal, n_ideal), err);
    }
    rk_judge_ranking(b->rating, found.n, b->ideal, n_ideal, figures);
    return RK_OK;
}

/* ---- all of them ---- */

static rk_status judge_all(bench *b, rk_judgement *out, double *table, rk_error *err)
{
    const rk_judgements *j = b->j;
    rk_status status = RK_OK;
    for (size_t at = 0, end; !status && at < j->n_ratings; at = end) {
        bool has_good = false;
        for (end = at; end < j->n_ratings && j->rating[end].query == j->rating[at].query; end++) {
            out->n_unknown += b->item[j->rating[end].doc] == RK_NO_ID;
        }
        double *row = table + out->n_queries * (RK_JUDGE_FIGURES + 1);
        status = judge_query(b, j->rating + at, end - at, row, &has_good, err);
        row[WEIGHT] = 1;
        out->n_queries += has_good;
    }
    return status;
}

static rk_status summarise(const double *table, const rk_run *run, rk_judgement *out, rk_error *err)
{
    enum { COLS = RK_JUDGE_FIGURES + 1 };
    static const size_t over[COLS] = {WEIGHT, WEIGHT, WEIGHT, WEIGHT, WEIGHT, WEIGHT};
    double mean[COLS];
    rk_interval interval[COLS];
    rk_sample sample = {.value = table, .n_rows = out->n_queries, .n_cols = COLS, .over = over};
    rk_sample_mean(&sample, mean);
    rk_status status = rk_sample_interval(&sample, RESAMPLES, run, interval, err);
    for (size_t f = 0; !status && f < RK_JUDGE_FIGURES; f++) {
        out->value[f] = mean[f];
        out->low[f] = interval[f].low;
        out->high[f] = interval[f].high;
        for (size_t q = 0; q < out->n_queries; q++) {
            out->by_query[q * RK_JUDGE_FIGURES + f] = table[q * COLS + f];
        }
    }
    return status;
}

static size_t most_ratings(const rk_judgements *j)
{
    size_t most = 0;
    for (size_t at = 0, end; at < j->n_ratings; at = end) {
        for (end = at; end < j->n_ratings && j->rating[end].query == j->rating[at].query; end++) {
        }
        most = end - at > most ? end - at : most;
    }
    return most;
}

static rk_status bench_init(bench *b, rk_error *err)
{
    const rk_judgements *j = b->j;
    uint32_t *item = calloc(j->n_docs + 1, sizeof *item);
    b->item = item;
    b->rating_of_item = calloc((size_t)rk_index_n_items(b->index) + 1, sizeof *b->rating_of_item);
    b->rating = malloc(RK_JUDGE_DEPTH * sizeof *b->rating);
    b->ideal = malloc((most_ratings(j) + 1) * sizeof *b->ideal);
    if (!item || !b->rating_of_item || !b->rating || !b->ideal) {
        return rk_fail_memory(err, "judgements");
    }
    for (size_t d = 0; d < j->n_docs; d++) {
        item[d] = rk_names_find(&rk_index_items(b->index)->items, rk_slice_of(j->doc[d]));
    }
    rk_status status = rk_asker_new(rk_index_corpus(b->index), &b->asker, err);
    bool has_second_look = b->n_rankers > 0 || b->lesson;
    return !status && has_second_look ? rk_looker_new(rk_index_corpus(b->index), &b->looker, err) : status;
}

static void bench_release(bench *b)
{
    rk_asker_free(b->asker);
    rk_looker_free(b->looker);
    rk_arena_release(&b->arena);
    free(b->rating_of_item);
    free(b->rating);
    free(b->ideal);
    free((uint32_t *)(uintptr_t)b->item);
}

static rk_status nothing_good(rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "no query has an item rated above 0: there is nothing to judge by");
}

rk_status rk_judge(const rk_index *index, const rk_judgements *j, const rk_ranker *rankers, size_t n_rankers,
                   const rk_run *run, rk_judgement *out, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    double *table = calloc((j->n_queries + 1) * (RK_JUDGE_FIGURES + 1), sizeof *table);
    bench b = {.index = index, .j = j, .rankers = rankers, .n_rankers = n_rankers};
    *out = (rk_judgement){.by_query = calloc((j->n_queries + 1) * RK_JUDGE_FIGURES, sizeof *out->by_query)};
    rk_status status = table && out->by_query ? bench_init(&b, err) : rk_fail_memory(err, "judgements");
    status = status ? status : judge_all(&b, out, table, err);
    if (!status && out->n_queries == 0) {
        status = nothing_good(err);
    }
    status = status ? status : summarise(table, run, out, err);
    out->seconds = rk_stopwatch_stop(watch).wall_s;
    bench_release(&b);
    free(table);
    if (status) {
        rk_judgement_release(out);
    }
    return status;
}

rk_status rk_judge_gather(const rk_index *index, const rk_judgements *j, rk_lesson *out, rk_error *err)
{
    double figures[RK_JUDGE_FIGURES + 1];
    bench b = {.index = index, .j = j, .lesson = out};
    rk_status status = bench_init(&b, err);
    for (size_t at = 0, end; !status && at < j->n_ratings; at = end) {
        bool has_good;
        for (end = at; end < j->n_ratings && j->rating[end].query == j->rating[at].query; end++) {
        }
        status = judge_query(&b, j->rating + at, end - at, figures, &has_good, err);
    }
    bench_release(&b);
    return !status && out->n_queries == 0 ? nothing_good(err) : status;
}

void rk_judgement_release(rk_judgement *judgement)
{
    free(judgement->by_query);
    *judgement = (rk_judgement){0};
}
