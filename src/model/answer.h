/* answer.h - one answer to one shopper: the command line and the server say the same words.
 *
 * A desk holds the room that answering works in: made once per thread, grown when a bigger model or a longer list
 * comes, after which answering allocates nothing. An answer borrows from the desk until the desk's next answer.
 */
#ifndef RECKON_MODEL_ANSWER_H
#define RECKON_MODEL_ANSWER_H

#include "base/text.h"
#include "model/model.h"

enum { RK_ANSWER_ITEMS_MAX = 10000, RK_ANSWER_REASONS_MAX = 8 };

typedef struct {
    uint32_t user;        /* RK_NO_ID: nobody known, history speaks alone */
    rk_history history;   /* what the shopper has taken; n 0 with a known user = what the model has seen of it.
                             Given with a known user, it takes the place of what was seen. */
    const uint32_t *skip; /* ascending: no candidates, beside the history */
    size_t n_skip;
    const unsigned char *categories; /* [categories of the model] 1: its items are candidates; NULL: all items are */
    const uint32_t *only; /* ascending: the only candidates; NULL = all, and then what was taken is left out */
    size_t n_only;
    uint32_t n;           /* how many, 1 .. RK_ANSWER_ITEMS_MAX */
    uint32_t n_reasons;   /* per item, 0 .. RK_ANSWER_REASONS_MAX */
    struct rk_near *near; /* the model's index, of this thread, to find candidates in; NULL: all items are scored */
} rk_wish;

typedef struct {
    uint32_t item;        /* that others are to be like */
    const uint32_t *skip; /* ascending: no candidates, beside the item itself */
    size_t n_skip;
    uint32_t n;           /* how many, 1 .. RK_ANSWER_ITEMS_MAX */
    struct rk_near *near; /* as above; one that knows nothing of likeness is not asked */
} rk_like_wish;

typedef struct {
    const uint32_t *item;   /* [n] best first */
    const float *score;     /* [n] predicted rating for rating models */
    const uint32_t *reason; /* [n x n_reasons], RK_NO_ID = none */
    uint32_t n, n_reasons;
    uint64_t total;      /* candidates they were chosen from */
    bool is_similar;     /* items like one, */
    uint32_t similar_to; /* this one */
} rk_answer;

typedef struct rk_desk rk_desk;
rk_desk *rk_desk_new(void); /* NULL when memory is short */
void rk_desk_free(rk_desk *desk);

RK_MUST_CHECK rk_status rk_answer_recommend(rk_desk *desk, const rk_model *model, const rk_wish *wish, rk_answer *out,
                                            rk_error *err);
RK_MUST_CHECK rk_status rk_answer_similar(rk_desk *desk, const rk_model *model, const rk_like_wish *wish,
                                          rk_answer *out, rk_error *err);

/* What is known of item i of an answer beside its score: facts [RK_FACTS_MAX]; returns how many, the same for all
 * items. */
size_t rk_answer_facts(const rk_model *model, const rk_answer *answer, uint32_t i, rk_fact *facts);

/* {"request_id":...,"model":"als-1a2b","items":[{"id","score","title","reasons":[{"kind":"bought","item"}]}],"total":n}
 * request_id NULL leaves the key out. */
void rk_answer_json(const rk_model *model, const rk_answer *answer, const char *request_id, rk_json *json);
/* One of its items, for answers that are put together. */
void rk_answer_item_json(const rk_model *model, const rk_answer *answer, uint32_t i, rk_json *json);

#endif
