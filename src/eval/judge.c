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

static rk_status judge_query(bench *b, const rk_rating *ratings, size_t n, double *figures, bool *has_good,
                             rk_error *err)
{
    rk_question question;
    rk_findings found;
    size_t n_ideal = 0;
    for (size_t r = 0; r < n; r++) {
        if (ratings[r].rating > 0) {
            b->ideal[n_ideal++] = ratings[r].rating;
        }
    }
    *has_good = n_ideal > 0;
    if (!*has_good) {
        return RK_OK;
    }
    qsort(b->ideal, n_ideal, sizeof *b->ideal, highest_first);
    rk_arena_clear(&b->arena);
    rk_status status = rk_question_read(b->asker, rk_slice_of(b->j->query[ratings[0].query]), &question, err);
    status = status ? status : rk_question_answer(b->asker, &question, RK_JUDGE_DEPTH, &b->arena, &found, err);
    if (status) {
        return status;
    }
    for (size_t r = 0; r < n; r++) {
        uint32_t item = b->item[ratings[r].doc];
        if (item != RK_NO_ID) {
            b->rating_of_item[item] = ratings[r].rating;
        }
    }
    for (size_t i = 0; i < found.n; i++) {
        b->rating[i] = b->rating_of_item[found.item[i]];
    }
    rk_judge_ranking(b->rating, found.n, b->ideal, n_ideal, figures);
    for (size_t r = 0; r < n; r++) {
        if (b->item[ratings[r].doc] != RK_NO_ID) {
            b->rating_of_item[b->item[ratings[r].doc]] = 0;
        }
    }
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

rk_status rk_judge(const rk_index *index, const rk_judgements *j, const rk_run *run, rk_judgement *out, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    uint32_t *item = calloc(j->n_docs + 1, sizeof *item);
    double *table = calloc((j->n_queries + 1) * (RK_JUDGE_FIGURES + 1), sizeof *table);
    bench b = {.index = index,
               .j = j,
               .item = item,
               .rating_of_item = calloc((size_t)rk_index_n_items(index) + 1, sizeof *b.rating_of_item),
               .rating = malloc(RK_JUDGE_DEPTH * sizeof *b.rating),
               .ideal = malloc((most_ratings(j) + 1) * sizeof *b.ideal)};
    *out = (rk_judgement){.by_query = calloc((j->n_queries + 1) * RK_JUDGE_FIGURES, sizeof *out->by_query)};
    rk_status status = RK_OK;
    if (!item || !table || !b.rating_of_item || !b.rating || !b.ideal || !out->by_query) {
        status = rk_fail_memory(err, "judgements");
    }
    for (size_t d = 0; !status && d < j->n_docs; d++) {
        item[d] = rk_names_find(&rk_index_items(index)->items, rk_slice_of(j->doc[d]));
    }
    status = status ? status : rk_asker_new(index, &b.asker, err);
    status = status ? status : judge_all(&b, out, table, err);
    if (!status && out->n_queries == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "no query has an item rated above 0: there is nothing to judge by");
    }
    status = status ? status : summarise(table, run, out, err);
    out->seconds = rk_stopwatch_stop(watch).wall_s;
    rk_asker_free(b.asker);
    rk_arena_release(&b.arena);
    free(b.rating_of_item);
    free(b.rating);
    free(b.ideal);
    free(item);
    free(table);
    if (status) {
        rk_judgement_release(out);
    }
    return status;
}

void rk_judgement_release(rk_judgement *judgement)
{
    free(judgement->by_query);
    *judgement = (rk_judgement){0};
}
