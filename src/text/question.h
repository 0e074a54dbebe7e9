/* question.h - what a shopper types, and what it asks of an index.
 *
 *   red shoes            items with any of the words; the more and the rarer, the better
 *   +red shoes           "red" must be there
 *   "red shoes"          the words side by side; title:"red shoes": in the title
 *   shoes -kids          none with "kids"; also -"for kids", -brand:Acme
 *   brand:Acme colour:red category:"clothes > shoes"
 *                        a field or attribute with this value, case and accents apart; a category with those below it,
 *                        or, when no category begins so, those with such a level
 *   brand:(Acme,"Red Bull") colour:red colour:blue
 *                        any of these values; different fields must all hold
 *   price<20 price>=5 price:5..20 price:5..<20 weight_kg<1.5 released>=2024-03-01
 *                        numbers and days; 5..<20 leaves 20 itself out
 *   in:stock stock:yes stock:no
 *                        by the attribute that says so: stock, in_stock, availability or available
 * What is no question of this form is read as words: a stray quote or colon is never an error.
 */
#ifndef RECKON_TEXT_QUESTION_H
#define RECKON_TEXT_QUESTION_H

#include "base/text.h"
#include "text/corpus.h"

enum {
    RK_QUESTION_BYTES_MAX = 4096,
    RK_QUESTION_PARTS_MAX = 32,
    RK_PAGE_DEPTH_MAX = 10000, /* of `from` and `n` together */
};

typedef enum { RK_IS, RK_BELOW, RK_UP_TO, RK_ABOVE, RK_FROM, RK_BETWEEN } rk_relation;

/* What a condition is about: STOCK by the attribute that says what is to be had. */
typedef enum {
    RK_ABOUT_ID,
    RK_ABOUT_PRICE,
    RK_ABOUT_STOCK,
    RK_ABOUT_BRAND,
    RK_ABOUT_CATEGORY,
    RK_ABOUT_ATTRIBUTE
} rk_about_kind;
typedef struct {
    rk_about_kind kind;
    rk_slice attribute; /* as the corpus names it, borrowed; of STOCK, too */
} rk_about;

/* Items must have (or must not have) a value of a field. */
typedef struct {
    rk_slice whole, field, value; /* borrowed from the question's text; of a list, its part */
    rk_about about;
    rk_relation relation;
    double low, high;     /* of numbers */
    bool is_not, is_open; /* open: high itself is left out */
} rk_condition;

/* Words side by side. */
typedef struct {
    rk_slice text;
    bool is_not, in_title;
} rk_phrase;

/* A term that is searched. */
typedef struct {
    rk_slice term;  /* as the corpus has it, mostly a stem; borrowed from it */
    rk_slice typed; /* where it stands first in the question; empty: it was not typed, but means the same */
    double weight;
    uint32_t id; /* of the term, where the corpus is one index */
} rk_asked;

/* The word as who asks knows it: as it was typed, or, where it was not, the term. */
static inline rk_slice rk_asked_word(const rk_asked *asked) { return asked->typed.n > 0 ? asked->typed : asked->term; }

typedef struct {
    rk_slice text; /* as it was asked */
    rk_asked term[RK_SEARCH_TERMS_MAX];
    size_t n_terms, n_required;              /* those required stand first */
    rk_slice without[RK_QUESTION_PARTS_MAX]; /* terms that must not be there */
    size_t n_without;
    rk_phrase phrase[RK_QUESTION_PARTS_MAX];
    size_t n_phrases;
    rk_condition condition[RK_QUESTION_PARTS_MAX];
    size_t n_conditions;
    rk_slice must[RK_QUESTION_PARTS_MAX]; /* parts with a +, as they were typed */
    size_t n_must;
    rk_slice unknown[RK_QUESTION_PARTS_MAX]; /* words that no item has, as they were typed */
    size_t n_unknown;
    bool is_impossible; /* a required word is one of those */
} rk_question;

/* A reader of questions to a corpus, which outlives it, with its analyser. One per thread. */
typedef struct rk_asker rk_asker;
RK_MUST_CHECK rk_status rk_asker_new(const rk_corpus *corpus, rk_asker **out, rk_error *err);
void rk_asker_free(rk_asker *asker); /* accepts NULL */

/* text: valid as long as *out is used. RK_BAD_USAGE for one that is too long or no UTF-8, or has too many conditions.
 */
RK_MUST_CHECK rk_status rk_question_read(rk_asker *asker, rk_slice text, rk_question *out, rk_error *err);

/* Adds what another text asks for to a question: a filter that stands apart from what was typed, so that a stray quote
 * there cannot reach it. */
RK_MUST_CHECK rk_status rk_question_read_more(rk_asker *asker, rk_slice text, rk_question *question, rk_error *err);

/* ---- answers ---- */

/* What the findings are put in order by. */
typedef enum { RK_BY_RELEVANCE, RK_BY_PRICE, RK_BY_NEWNESS, RK_BY_POPULARITY, RK_BY_ATTRIBUTE } rk_sort_key;
typedef struct {
    rk_sort_key key;
    rk_slice attribute; /* RK_BY_ATTRIBUTE, and newness where one says it; borrowed from the corpus */
    bool is_descending;
} rk_sort;

/* "relevance", "price", "newness" (newest first), "popularity" (most first), or an attribute of numbers; '-' in front
 * turns it round. RK_NOT_FOUND: the items do not say. */
RK_MUST_CHECK rk_status rk_sort_read(const rk_corpus *corpus, rk_slice text, rk_sort *out, rk_error *err);

/* Which of the findings are wanted: n from the from-th on, the first is 0. */
typedef struct {
    size_t n, from;
    rk_sort sort;
} rk_page;

/* Conditions that one of must hold: those of one field, with a colon. */
typedef struct {
    rk_about about;
    uint64_t *holds; /* a bit an item */
} rk_group;

/* What a question finds. Arrays are in the arena. */
typedef struct {
    uint32_t *item; /* [n] best first */
    float *score;   /* [n] */
    size_t n;
    uint64_t total;    /* that match */
    uint64_t *bits;    /* of all that match */
    uint64_t *matched; /* the same but for the groups */
    rk_group group[RK_QUESTION_PARTS_MAX];
    size_t n_groups;
    size_t group_of[RK_QUESTION_PARTS_MAX]; /* of each condition; SIZE_MAX: a bar */
} rk_findings;

/* A page of those that match and hold all conditions; equal ones by the number of the item, those that lack what they
 * are sorted by at the end. Where there are no words, all items that hold the conditions match, in the order of their
 * numbers. RK_BAD_USAGE: a page too deep. */
RK_MUST_CHECK rk_status rk_question_page(rk_asker *asker, const rk_question *question, const rk_page *page,
                                         rk_arena *arena, rk_findings *out, rk_error *err);
/* The n best. */
RK_MUST_CHECK rk_status rk_question_answer(rk_asker *asker, const rk_question *question, size_t n, rk_arena *arena,
                                           rk_findings *out, rk_error *err);

/* What its words give to one item; 0: a required one is not there, or none. */
float rk_question_score(const rk_asker *asker, const rk_question *question, uint32_t item);
/* What one of them gives. */
float rk_asked_gain(const rk_asker *asker, const rk_asked *asked, uint32_t item);

/* ---- what is to be had ---- */

/* The attribute that says what is in stock, which "in:stock" asks for; n 0: none. */
rk_slice rk_stock_attribute(const rk_corpus *corpus);
/* Whether an item says that it is not to be had; one that says nothing is. folder: of rk_value_analysis (columns.h). */
RK_MUST_CHECK rk_status rk_corpus_is_out(const rk_corpus *corpus, rk_analyser *folder, uint32_t item, bool *out,
                                         rk_error *err);

/* ---- facets ---- */

typedef struct {
    rk_slice name; /* of a value as it was written first; of prices "5..<10", as a condition may have it */
    uint64_t n;
} rk_facet_value;

/* How often each value of a field or attribute stands among the findings, most often first: up to n_max (at least 1)
 * into values. A price is counted in up to n_max bands, ascending, that hold about as many each. The field's own
 * conditions are left aside, so that a shopper sees what else there is to choose. RK_NOT_FOUND: no such field. */
RK_MUST_CHECK rk_status rk_facet_count(rk_asker *asker, const rk_findings *findings, rk_slice field, size_t n_max,
                                       rk_arena *arena, rk_facet_value *values, size_t *n, rk_error *err);

#endif
