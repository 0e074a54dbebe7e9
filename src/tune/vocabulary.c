/* vocabulary.c - see vocabulary.h. The number doubles until it is past what is asked for, then halves the gap. */
#include "tune/vocabulary.h"

#include <stdio.h>
#include <unistd.h>

#include "eval/judge.h"
#include "tune/scratch.h"

typedef struct {
    uint64_t bytes;
    uint32_t n_terms, n_items;
    double ndcg;
} measure;

typedef struct {
    const rk_vocabulary_wish *wish;
    rk_run run; /* says nothing of its trials */
    rk_judgements judgements;
    char path[4200];
    measure all, kept; /* of every word; of the last number that was not past */
    size_t n_tries;
} search;

/* Of the sections: the header tells what making it cost, and differs from time to time. */
static uint64_t bytes_of(const rk_artefact *artefact)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < rk_artefact_n_sections(artefact); i++) {
        bytes += rk_artefact_section_at(artefact, i)->bytes;
    }
    return bytes;
}

static rk_status try_least(search *s, uint32_t least, measure *out, rk_error *err)
{
    const rk_vocabulary_wish *wish = s->wish;
    rk_index_options options = *wish->index;
    rk_index_report report;
    rk_index *index = NULL;
    rk_judgement judgement = {0};
    rk_ranker ranker = rk_ranker_default();
    options.least_items = least;
    s->n_tries++;
    rk_status status = rk_index_build(wish->dataset_path, &options, s->path, &s->run, &report, err);
    status = status ? status : rk_index_open(s->path, &index, err);
    if (!status && wish->judgements_path) {
        status = rk_judge(index, &s->judgements, &ranker, 1, &s->run, &judgement, err);
    }
    if (!status) {
        *out = (measure){bytes_of(rk_index_artefact(index)), report.n_terms, report.n_items,
                         judgement.value[RK_JUDGE_NDCG_10]};
    }
    rk_judgement_release(&judgement);
    rk_index_close(index);
    unlink(s->path);
    return status;
}

typedef bool past_fn(const search *s, const measure *m);

static bool is_small(const search *s, const measure *m)
{
    const rk_vocabulary_wish *wish = s->wish;
    return (wish->share <= 0 || m->n_terms <= wish->share * s->all.n_terms) &&
           (wish->bytes == 0 || m->bytes <= wish->bytes);
}

static bool is_poor(const search *s, const measure *m) { return m->ndcg < s->wish->keep * s->all.ndcg; }

/* The least number that is past, from 2 on; 0: none is, as far as one that leaves no word. s->all is not past. */
static rk_status find_edge(search *s, past_fn *is_past, uint32_t *edge, measure *at_edge, rk_error *err)
{
    uint32_t low = 1, high = 1, most = s->all.n_items + 1;
    bool is_found = false;
    rk_status status = RK_OK;
    measure m;
    *edge = 0;
    s->kept = s->all;
    while (!status && !is_found && high < most) {
        low = high;
        high = high < most / 2 ? 2 * high : most;
        status = try_least(s, high, &m, err);
        is_found = !status && is_past(s, &m);
        *(is_found ? at_edge : &s->kept) = m;
    }
    while (!status && is_found && high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        status = try_least(s, middle, &m, err);
        bool is_lower = !status && is_past(s, &m);
        *(is_lower ? at_edge : &s->kept) = m;
        *(is_lower ? &high : &low) = middle;
    }
    *edge = is_found ? high : 0;
    return status;
}

static rk_status by_size(search *s, rk_vocabulary *out, rk_error *err)
{
    const rk_vocabulary_wish *wish = s->wish;
    measure m = s->all;
    uint32_t edge = 1;
    rk_status status = is_small(s, &m) ? RK_OK : find_edge(s, is_small, &edge, &m, err);
    if (!status && edge == 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s: an index without any word has %llu bytes, and %llu are asked for",
                       wish->dataset_path, (unsigned long long)s->kept.bytes, (unsigned long long)wish->bytes);
    }
    if (!status && wish->judgements_path && is_poor(s, &m)) {
        return rk_fail(err, RK_BAD_INPUT,
                       "%s: words of %u items and more are few enough, with an nDCG@10 of %.4f: less than %g of the "
                       "%.4f of all words",
                       wish->dataset_path, edge, m.ndcg, wish->keep, s->all.ndcg);
    }
    out->least_items = edge;
    out->ndcg = m.ndcg;
    return status;
}

static rk_status by_quality(search *s, rk_vocabulary *out, rk_error *err)
{
    measure m;
    uint32_t edge = 0;
    rk_status status = find_edge(s, is_poor, &edge, &m, err);
    out->least_items = edge > 0 ? edge - 1 : 1; /* all is kept without any word: nothing tells words apart */
    out->ndcg = edge > 0 ? s->kept.ndcg : s->all.ndcg;
    return status;
}

static rk_status look(search *s, rk_vocabulary *out, rk_error *err)
{
    const rk_vocabulary_wish *wish = s->wish;
    bool has_size = wish->share > 0 || wish->bytes > 0;
    rk_status status = try_least(s, 1, &s->all, err);
    if (!status && wish->judgements_path && !(s->all.ndcg > 0)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: no judged item is found by any word: there is no quality to keep",
                       wish->judgements_path);
    }
    status = status ? status : (has_size ? by_size : by_quality)(s, out, err);
    out->ndcg_all = s->all.ndcg;
    out->n_tries = s->n_tries;
    return status;
}

rk_status rk_vocabulary_write(const rk_vocabulary_wish *wish, const rk_run *run, rk_vocabulary *out, rk_error *err)
{
    search s = {.wish = wish, .run = *run};
    rk_scratch scratch = {0};
    rk_vocabulary found = {0};
    s.run.voice = NULL;
    rk_status status = wish->judgements_path ? rk_judgements_read(wish->judgements_path, &s.judgements, err) : RK_OK;
    status = status ? status : rk_scratch_open(wish->out_path, &scratch, err);
    if (!status) {
        snprintf(s.path, sizeof s.path, "%s/trial.rk", scratch.path);
        status = look(&s, &found, err);
        rk_scratch_close(&scratch);
    }
    if (!status) {
        rk_index_options options = *wish->index;
        options.least_items = found.least_items;
        status = rk_index_build(wish->dataset_path, &options, wish->out_path, run, &found.report, err);
    }
    rk_judgements_release(&s.judgements);
    if (!status) {
        *out = found;
    }
    return status;
}
