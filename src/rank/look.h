/* look.h - what stands where in the items that a first look at the index has found.
 *
 * The texts of a candidate are read again, as the index read them: how often, how early and how close together the
 * words of a question stand in each field. That is all that features (feature.h) are made of.
 */
#ifndef RECKON_RANK_LOOK_H
#define RECKON_RANK_LOOK_H

#include "model/model.h"
#include "text/question.h"

enum { RK_LOOK_WORDS_MAX = 32 }; /* further words of a question are not looked for */

/* A word, or a compound, of a question. */
typedef struct {
    rk_slice term;                 /* borrowed from the question */
    rk_slice typed;                /* as it was typed; empty: not known */
    bool is_model;                 /* letters and digits: a model number, or a number with its unit */
    double idf;                    /* over items; times the weight of a synonym */
    double field_idf[RK_N_FIELDS]; /* over items with the field, of those that have it there */
} rk_look_word;

/* One field of one item; attributes are one field, whose values follow each other. */
typedef struct {
    uint16_t times[RK_LOOK_WORDS_MAX]; /* of each word */
    uint16_t exact[RK_LOOK_WORDS_MAX]; /* of times: in the form that was typed, not only with its stem */
    uint32_t n_bytes, n_words;
    uint32_t n_asked;     /* of n_words */
    uint32_t n_pairs;     /* words asked side by side that stand side by side, in their order */
    uint32_t first, last; /* words before the first one asked, and behind the last; n_words: none */
    double whole;         /* the largest share of the question, by idf, that a text says which says nothing else */
} rk_look_field;

typedef struct {
    uint32_t item;
    const rk_segment *segment; /* that has it, */
    uint32_t within;           /* by this number */
    double score;              /* of the first look */
    rk_look_field field[RK_N_FIELDS];
    double taste;         /* share of the candidates that suit the shopper less; 0: no shopper is known */
    double vector;        /* cosine of its item vector and the mean of the best's, by their scores; 0: not known */
    const uint32_t *said; /* [n_said] hashes of the words of title and text, ascending, each once */
    size_t n_said;
} rk_look;

/* All candidates of a question. */
typedef struct {
    const rk_corpus *corpus;
    rk_look_word word[RK_LOOK_WORDS_MAX];
    size_t n_words;
    double idf;    /* of all words */
    rk_look *look; /* [n] in the order of the findings */
    size_t n;
    bool has_shopper; /* somebody of whom something is known */
} rk_looks;

/* Reads items. One per thread. */
typedef struct rk_looker rk_looker;
RK_MUST_CHECK rk_status rk_looker_new(const rk_corpus *corpus, rk_looker **out, rk_error *err);
void rk_looker_free(rk_looker *looker); /* accepts NULL */
/* Who asks. */
typedef struct {
    const rk_model *model; /* NULL: nobody's vectors and nobody's taste are known */
    uint32_t user;         /* of the model; RK_NO_ID: nobody it knows */
    rk_history history;    /* what the user has taken, where the model does not know all of it; n 0: it does */
} rk_shopper;
/* From now on candidates are seen with the eyes of a shopper, whose model and history must outlive that. */
void rk_looker_be(rk_looker *looker, const rk_shopper *shopper);
/* Whether something is known of the shopper: who is new is nobody. */
bool rk_looker_has_shopper(const rk_looker *looker);

/* The first n findings of a question that was read from text, which *out borrows. Arrays are in the arena. */
RK_MUST_CHECK rk_status rk_looker_read(rk_looker *looker, rk_slice text, const rk_question *question,
                                       const rk_findings *findings, size_t n, rk_arena *arena, rk_looks *out,
                                       rk_error *err);

#endif
