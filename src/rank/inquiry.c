/* inquiry.c - see inquiry.h. */
#include "rank/inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "rank/inquiry_parts.h"

rk_status rk_inquirer_new(const rk_corpus *corpus, rk_inquirer **out, rk_error *err)
{
    rk_inquirer *q = calloc(1, sizeof *q);
    if (!q) {
        return rk_fail_memory(err, "a searcher");
    }
    q->corpus = corpus;
    rk_status status = rk_asker_new(corpus, &q->asker, err);
    status = status ? status : rk_looker_new(corpus, &q->looker, err);
    status = status ? status : rk_speller_new(corpus, &q->speller, err);
    if (status) {
        rk_inquirer_free(q);
        return status;
    }
    *out = q;
    return RK_OK;
}

void rk_inquirer_free(rk_inquirer *q)
{
    if (q) {
        rk_asker_free(q->asker);
        rk_looker_free(q->looker);
        rk_speller_free(q->speller);
        free(q);
    }
}

rk_asker *rk_inquirer_asker(rk_inquirer *q) { return q->asker; }

void rk_inquirer_be(rk_inquirer *q, const rk_shopper *shopper) { rk_looker_be(q->looker, shopper); }

/* ---- corrected, relaxed ---- */

/* Words that no item has, of what was typed: those of the filter are behind them. */
static size_t count_typed(const rk_question *question)
{
    uintptr_t begin = (uintptr_t)question->text.at, end = begin + question->text.n;
    size_t n = 0;
    while (n < question->n_unknown && (uintptr_t)question->unknown[n].at >= begin &&
           (uintptr_t)question->unknown[n].at < end) {
        n++;
    }
    return n;
}

/* What was meant by them; its text is empty when nothing better is known. */
static rk_status mend(rk_inquirer *q, const rk_question *question, rk_arena *arena, rk_correction *out, rk_error *err)
{
    rk_slice known[RK_SEARCH_TERMS_MAX];
    *out = (rk_correction){0};
    for (size_t i = 0; i < question->n_terms; i++) {
        known[i] = question->term[i].term;
    }
    size_t n = count_typed(question);
    return n == 0 ? RK_OK
                  : rk_spell_mend(q->speller, question->text, question->unknown, n, known, question->n_terms, arena,
                                  out, err);
}

/* What was typed, or put in its place, and the filter; then answered. */
static rk_status read_and_answer(rk_inquirer *q, const rk_inquiry *inquiry, rk_slice text, const rk_page *page,
                                 rk_arena *arena, rk_question *question, rk_findings *found, rk_error *err)
{
    rk_status status = rk_question_read(q->asker, text, question, err);
    status =
        status || inquiry->filter.n == 0 ? status : rk_question_read_more(q->asker, inquiry->filter, question, err);
    return status ? status : rk_question_page(q->asker, question, page, arena, found, err);
}

static rk_status relax(rk_inquirer *q, const rk_page *page, rk_arena *arena, rk_reply *reply, rk_error *err)
{
    return rk_question_relax(q->asker, &reply->question, page, arena, &reply->found, reply->relaxed, &reply->n_relaxed,
                             err);
}

/* A question that finds nothing is asked as it may have been meant; what finds nothing then, either, stays as it is. */
static rk_status correct(rk_inquirer *q, const rk_inquiry *inquiry, const rk_page *page, rk_arena *arena,
                         rk_reply *reply, rk_error *err)
{
    rk_correction correction;
    rk_reply *meant = RK_TAKE(arena, rk_reply, 1);
    rk_status status = meant ? mend(q, &reply->question, arena, &correction, err) : rk_fail_memory(err, "a correction");
    if (status || correction.n_changed == 0) {
        return status;
    }
    reply->did_you_mean = correction.text;
    if (reply->found.total > 0) {
        return RK_OK;
    }
    meant->corrected = correction.text;
    status = read_and_answer(q, inquiry, correction.text, page, arena, &meant->question, &meant->found, err);
    status = status ? status : relax(q, page, arena, meant, err);
    if (!status && meant->found.total > 0) {
        *reply = *meant;
    }
    return status;
}

static rk_status answer(rk_inquirer *q, const rk_inquiry *inquiry, const rk_page *page, rk_arena *arena,
                        rk_reply *reply, rk_error *err)
{
    rk_status status = read_and_answer(q, inquiry, inquiry->text, page, arena, &reply->question, &reply->found, err);
    if (status || inquiry->is_literal) {
        return status;
    }
    status = correct(q, inquiry, page, arena, reply, err);
    return status || reply->found.total > 0 ? status : relax(q, page, arena, reply, err);
}

/* ---- the second look ---- */

/* The features of the candidates, before they are put in another order; then of each finding. */
static rk_status read_features(rk_inquirer *q, rk_reply *reply, rk_arena *arena, uint32_t **items, float **feature,
                               rk_error *err)
{
    rk_looks looks;
    size_t n = reply->found.n < RK_RANKER_DEPTH ? reply->found.n : RK_RANKER_DEPTH;
    *items = RK_TAKE(arena, uint32_t, n);
    *feature = RK_TAKE(arena, float, n *rk_n_features);
    if (!*items || !*feature) {
        return rk_fail_memory(err, "an explanation");
    }
    memcpy(*items, reply->found.item, n * sizeof **items);
    rk_status status =
        rk_looker_read(q->looker, reply->question.text, &reply->question, &reply->found, n, arena, &looks, err);
    return status ? status : rk_features_read(&looks, arena, *feature, err);
}

static rk_status look_again(rk_inquirer *q, const rk_inquiry *inquiry, rk_reply *reply, rk_arena *arena, rk_error *err)
{
    size_t n = reply->found.n < RK_RANKER_DEPTH ? reply->found.n : RK_RANKER_DEPTH;
    uint32_t *items = NULL;
    float *feature = NULL;
    rk_status status = inquiry->explains ? read_features(q, reply, arena, &items, &feature, err) : RK_OK;
    status = status ? status
                    : rk_ranker_rank(inquiry->ranker, q->looker, reply->question.text, &reply->question, arena,
                                     &reply->found, err);
    reply->is_fused = rk_ranker_fuses(inquiry->ranker, q->looker);
    if (status || !inquiry->explains) {
        return status;
    }
    reply->feature = RK_TAKE(arena, const float *, reply->found.n);
    for (size_t i = 0; reply->feature && i < reply->found.n; i++) {
        for (size_t c = 0; c < n; c++) {
            reply->feature[i] = items[c] == reply->found.item[i] ? feature + c * rk_n_features : reply->feature[i];
        }
    }
    return reply->feature ? RK_OK : rk_fail_memory(err, "an explanation");
}

/* The second look sees all of the first findings; the page is cut out afterwards. */
static rk_page page_to_look_at(const rk_page *page)
{
    size_t end = page->from + page->n;
    return (rk_page){.n = end < RK_RANKER_DEPTH ? RK_RANKER_DEPTH : end, .sort = page->sort};
}

static void cut_page(const rk_page *page, rk_reply *reply)
{
    size_t from = page->from < reply->found.n ? page->from : reply->found.n, left = reply->found.n - from;
    reply->found.item += from;
    reply->found.score += from;
    reply->found.n = left < page->n ? left : page->n;
    if (reply->feature) {
        reply->feature += from;
    }
}

/* ---- facets ---- */

static rk_status count_facets(const rk_inquirer *q, const rk_inquiry *inquiry, rk_arena *arena, rk_reply *reply,
                              rk_error *err)
{
    rk_status status = RK_OK;
    size_t n_values = inquiry->n_values < RK_INQUIRY_VALUES_MAX ? inquiry->n_values : RK_INQUIRY_VALUES_MAX;
    if (inquiry->n_facets > RK_INQUIRY_FACETS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "at most %d facets are counted at a time, not %zu",
                       (int)RK_INQUIRY_FACETS_MAX, inquiry->n_facets);
    }
    for (size_t i = 0; !status && i < inquiry->n_facets; i++) {
        rk_facet *facet = &reply->facet[reply->n_facets++];
        *facet = (rk_facet){inquiry->facets[i], RK_TAKE(arena, rk_facet_value, n_values), 0};
        status = facet->values ? rk_facet_count(q->asker, &reply->found, facet->field, n_values, arena, facet->values,
                                                &facet->n, err)
                               : rk_fail_memory(err, "facets");
    }
    return status;
}

rk_status rk_inquire(rk_inquirer *q, const rk_inquiry *inquiry, rk_arena *arena, rk_reply *out, rk_error *err)
{
    rk_page wanted = inquiry->page;
    *out = (rk_reply){0};
    rk_status status = inquiry->sort.n > 0 ? rk_sort_read(q->corpus, inquiry->sort, &wanted.sort, err) : RK_OK;
    bool has_look = inquiry->ranker && wanted.sort.key == RK_BY_RELEVANCE && wanted.from <= RK_PAGE_DEPTH_MAX &&
                    wanted.n <= RK_PAGE_DEPTH_MAX;
    rk_page page = has_look ? page_to_look_at(&wanted) : wanted;
    status = status ? status : answer(q, inquiry, &page, arena, out, err);
    if (!status && has_look) {
        status = look_again(q, inquiry, out, arena, err);
        cut_page(&wanted, out);
    }
    return status ? status : count_facets(q, inquiry, arena, out, err);
}

double rk_reply_gain(const rk_inquirer *q, const rk_reply *reply, size_t term, uint32_t item)
{
    return (double)rk_asked_gain(q->asker, &reply->question.term[term], item);
}
