/* vocabulary.h - how many words a search index can do without: the number of items below which a word is left out
 * (rk_index_options.least_items) is looked for, by the size that the index is to have or by judged questions.
 *
 * By size it is the least number that is enough; by judgements alone the largest that keeps so much of nDCG@10, which
 * is taken to fall as words go. Every trial is an index made in a folder beside the one to be written.
 */
#ifndef RECKON_TUNE_VOCABULARY_H
#define RECKON_TUNE_VOCABULARY_H

#include "text/index.h"

typedef struct {
    const char *dataset_path;
    const rk_index_options *index; /* but for least_items */
    double share;                  /* of all words that stay at most; 0: not asked */
    uint64_t bytes;                /* of the sections at most, the file's header aside; 0: not asked */
    const char *judgements_path;   /* ratings or clicks (eval/judge.h); NULL: not asked */
    double keep;                   /* share of nDCG@10 that must stay */
    const char *out_path;
} rk_vocabulary_wish;

typedef struct {
    uint32_t least_items; /* 1: every word stays */
    size_t n_tries;
    double ndcg_all, ndcg;  /* judged: of every word, and of those that stay */
    rk_index_report report; /* of the index that was written */
} rk_vocabulary;

/* Finds the number, writes the index. RK_BAD_INPUT where no number gives what is asked for. */
RK_MUST_CHECK rk_status rk_vocabulary_write(const rk_vocabulary_wish *wish, const rk_run *run, rk_vocabulary *out,
                                            rk_error *err);

#endif
