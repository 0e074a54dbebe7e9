/* question.h - what a shopper types, and what it asks of an index.
 *
 *   red shoes            items with any of the words; the more and the rarer, the better
 *   +red shoes           "red" must be there
 *   "red shoes"          the words side by side
 *   shoes -kids          none with "kids"; also -"for kids", -brand:Acme
 *   brand:Acme category:"clothes > shoes" colour:red
 *                        a field or attribute with this value, case and accents apart; a category with those below it
 *   price<20 price>=5 price:5..20 weight_kg<1.5
 *                        numbers
 * What is no question of this form is read as words: a stray quote or colon is never an error.
 */
#ifndef RECKON_TEXT_QUESTION_H
#define RECKON_TEXT_QUESTION_H

#include "base/text.h"
#include "text/index.h"

enum { RK_QUESTION_BYTES_MAX = 4096, RK_QUESTION_PARTS_MAX = 32 };

typedef enum { RK_IS, RK_BELOW, RK_UP_TO, RK_ABOVE, RK_FROM, RK_BETWEEN } rk_relation;

/* Items must have (or must not have) a value of a field. */
typedef struct {
    rk_slice field, value; /* borrowed from the question's text */
    rk_relation relation;
    double low, high; /* of numbers */
    bool is_not;
} rk_condition;

/* Words side by side. */
typedef struct {
    rk_slice text;
    bool is_not;
} rk_phrase;

typedef struct {
    rk_search_term term[RK_SEARCH_TERMS_MAX];
    size_t n_terms, n_required;
    uint32_t without[RK_QUESTION_PARTS_MAX]; /* terms that must not be there */
    size_t n_without;
    rk_phrase phrase[RK_QUESTION_PARTS_MAX];
    size_t n_phrases;
    rk_condition condition[RK_QUESTION_PARTS_MAX];
    size_t n_conditions;
    rk_slice unknown[RK_QUESTION_PARTS_MAX]; /* words that no item has, as they were typed */
    size_t n_unknown;
    bool is_impossible; /* a required word is one of those */
} rk_question;

/* A reader of questions to one index, with the index's own analyser. One per thread. */
typedef struct rk_asker rk_asker;
RK_MUST_CHECK rk_status rk_asker_new(const rk_index *index, rk_asker **out, rk_error *err);
void rk_asker_free(rk_asker *asker); /* accepts NULL */

/* text: valid as long as *out is used. RK_BAD_USAGE for one that is too long or no UTF-8. */
RK_MUST_CHECK rk_status rk_question_read(rk_asker *asker, rk_slice text, rk_question *out, rk_error *err);

/* What a question finds. Arrays are in the arena. */
typedef struct {
    uint32_t *item; /* [n] best first */
    float *score;   /* [n] */
    size_t n;
    uint64_t total; /* that match */
    uint64_t *bits; /* of all that match */
} rk_findings;

/* The n best that match and hold all conditions. Where there are no words, all items that hold the conditions match, in
 * the order of their numbers. */
RK_MUST_CHECK rk_status rk_question_answer(rk_asker *asker, const rk_question *question, size_t n, rk_arena *arena,
                                           rk_findings *out, rk_error *err);

/* How often each value of a field or attribute stands among the findings, most often first: up to n_max into names and
 * counts. Returns how many. */
RK_MUST_CHECK rk_status rk_facet_count(const rk_index *index, const rk_findings *findings, rk_slice field, size_t n_max,
                                       rk_arena *arena, rk_slice *names, uint64_t *counts, size_t *n, rk_error *err);

#endif
