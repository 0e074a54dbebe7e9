/* judge.h - how good a search is, by what people judged: ratings of items for queries, or TREC topics and qrels.
 *
 * Every query is asked of the whole index; items that nobody judged count as no good. Figures are means over the
 * queries that have a good item, one rated above 0, at all:
 *
 *   ndcg@10     sum over the first 10 of rating / log2(rank + 1), divided by the same sum of the best ratings first
 *   map         mean over the good items of (good ones so far) / rank, in the first 1,000
 *   p@10, p@30  share of the first k that are good
 *   mrr         1 / rank of the first good one
 *
 * Judged items that the index does not know cannot be found and count against it, as in trec_eval.
 */
#ifndef RECKON_EVAL_JUDGE_H
#define RECKON_EVAL_JUDGE_H

#include "base/text.h"
#include "rank/ranker.h"

enum { RK_JUDGE_DEPTH = 1000 };

typedef struct {
    uint32_t query;
    uint32_t doc; /* number of its name among docs */
    double rating;
} rk_rating;

typedef struct {
    char **query; /* owned, [n_queries] texts */
    size_t n_queries;
    char **doc; /* owned, [n_docs] ids, each once */
    size_t n_docs;
    rk_rating *rating; /* owned, [n_ratings] by query */
    size_t n_ratings;
} rk_judgements;

/* A CSV with the columns query, docid, rating (in any order, others ignored); a pair judged twice counts as the last.
 * Or, in the place of ratings, position, clicks and impressions (absent: 1 each): then an item's rating is its draw
 * (clicks.h). */
RK_MUST_CHECK rk_status rk_judgements_read(const char *path, rk_judgements *out, rk_error *err);
/* Topics: <DOC> or <top> elements with <DOCNO> or <num> and text; qrels: "topic 0 docid rating" a line. */
RK_MUST_CHECK rk_status rk_judgements_read_trec(const char *topics_path, const char *qrels_path, rk_judgements *out,
                                                rk_error *err);
void rk_judgements_release(rk_judgements *judgements); /* accepts a zeroed one */

typedef enum {
    RK_JUDGE_NDCG_10,
    RK_JUDGE_MAP,
    RK_JUDGE_P_10,
    RK_JUDGE_P_30,
    RK_JUDGE_MRR,
    RK_JUDGE_FIGURES
} rk_judge_figure;
extern const char *const rk_judge_names[RK_JUDGE_FIGURES];

typedef struct {
    double value[RK_JUDGE_FIGURES], low[RK_JUDGE_FIGURES], high[RK_JUDGE_FIGURES];
    size_t n_queries; /* with a good item */
    size_t n_unknown; /* judged pairs whose item the index does not know */
    double *by_query; /* owned, [n_queries x RK_JUDGE_FIGURES] */
    double seconds;
} rk_judgement;

/* Figures of one ranking: items best first. rating_of[i]: of items[i], 0 = not judged; ideal: all ratings above 0 of
 * the query, highest first. */
void rk_judge_ranking(const double *rating_of, size_t n, const double *ideal, size_t n_ideal,
                      double figures[RK_JUDGE_FIGURES]);

/* rankers: [n_rankers] orders of the second look; query i of those with a good item is answered by
 * rankers[i mod n_rankers]. n_rankers 0: no second look. */
RK_MUST_CHECK rk_status rk_judge(const rk_index *index, const rk_judgements *judgements, const rk_ranker *rankers,
                                 size_t n_rankers, const rk_run *run, rk_judgement *out, rk_error *err);
void rk_judgement_release(rk_judgement *judgement);

/* What there is to learn from judgements: the candidates of every query with a good item, in the order of rk_judge.
 * *out: initialised by rk_lesson_of. */
RK_MUST_CHECK rk_status rk_judge_gather(const rk_index *index, const rk_judgements *judgements, rk_lesson *out,
                                        rk_error *err);

/* The same as a CSV for other learners: query and item (numbers from 0), rating, then the
 * features by name. */
RK_MUST_CHECK rk_status rk_judge_export(const rk_index *index, const rk_judgements *judgements, rk_text *out,
                                        rk_error *err);

typedef struct {
    rk_ranker ranker; /* learned from all queries */
    rk_learned blend, forest;
    rk_judgement folds; /* every query answered by a ranker learned without its fold */
} rk_judge_lesson;
/* n_folds >= 2; query i of those with a good item is in fold i mod n_folds. most_trees: 0: a blend alone. */
RK_MUST_CHECK rk_status rk_judge_learn(const rk_index *index, const rk_judgements *judgements, size_t n_folds,
                                       size_t most_trees, const rk_run *run, rk_judge_lesson *out, rk_error *err);
void rk_judge_lesson_release(rk_judge_lesson *lesson); /* accepts a zeroed one */

#endif
