/* Claims about answers that are kept: what is found is what was put last under that question, however full the room; it
 * never takes more than was agreed; what is asked stays longer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "serve/answers.h"
#include "support/test.h"

enum { ROOM = 1 << 20 };

static rk_answers *new_answers(size_t bytes)
{
    rk_answers *a;
    rk_error err;
    assert_int_equal(rk_answers_new(bytes, &a, &err), RK_OK);
    return a;
}

/* Question q has one answer, of a length and of bytes that follow from q. */
static rk_slice answer_of(uint32_t q, char *room)
{
    size_t n = q * 2654435761u % 3000;
    memset(room, 'a' + (int)(q % 26), n);
    n += (size_t)sprintf(room + n, "%u", q);
    return (rk_slice){room, n};
}

static rk_slice question_of(uint32_t q, char *room)
{
    int n = sprintf(room, "%*s%u", (int)(q % 40), "", q);
    return (rk_slice){room, (size_t)n};
}

/* Of n_questions, n steps: what is found must be right; what is not found is put. */
static void ask_at_random(rk_answers *a, uint64_t stream, uint32_t n_questions, int n)
{
    char question[64], answer[3100];
    rk_text out = {0};
    rk_random random = rk_random_of(7, stream);
    for (int i = 0; i < n; i++) {
        double x = rk_random_uniform(&random);
        uint32_t q = (uint32_t)(x * x * x * n_questions);
        rk_slice wanted = answer_of(q, answer), asked = question_of(q, question);
        rk_text_clear(&out);
        if (!rk_answers_find(a, asked, &out)) {
            assert_int_equal(out.n, 0);
            rk_answers_add(a, asked, wanted);
        } else {
            assert_int_equal(out.n, wanted.n);
            assert_memory_equal(out.at, wanted.at, wanted.n);
        }
        if (rk_random_below(&random, 5000) == 0) {
            rk_answers_clear(a);
        }
    }
    rk_text_release(&out);
}

static void what_is_found_is_right_in_a_room_of_any_fullness(void **state)
{
    (void)state;
    const uint32_t n_questions[] = {3, 100, 1000, 20000};
    for (size_t i = 0; i < 4; i++) {
        rk_answers_counts counts;
        rk_answers *a = new_answers(i % 2 ? RK_ANSWERS_BYTES_MIN : ROOM);
        ask_at_random(a, i, n_questions[i], 40000);
        rk_answers_count(a, &counts);
        assert_int_equal(counts.n_hits + counts.n_misses, 40000);
        assert_true(counts.n_hits > 0 && counts.bytes <= ROOM);
        assert_true((counts.n_evicted > 0) == (n_questions[i] > 500));
        rk_answers_free(a);
    }
}

static void what_is_asked_stays(void **state)
{
    (void)state;
    char room[3100], question[64];
    rk_text out = {0};
    rk_answers *a = new_answers(ROOM);
    unsigned n_found = 0;
    rk_answers_add(a, RK_SLICE("dear"), RK_SLICE("me"));
    for (uint32_t q = 0; q < 20000; q++) { /* thirty times the room */
        rk_answers_add(a, question_of(q, question), answer_of(q, room));
        n_found += rk_answers_find(a, RK_SLICE("dear"), &out);
    }
    assert_int_equal(n_found, 20000);
    rk_text_clear(&out);
    assert_false(rk_answers_find(a, question_of(0, question), &out));
    rk_text_release(&out);
    rk_answers_free(a);
}

static void clearing_forgets_all(void **state)
{
    (void)state;
    rk_text out = {0};
    rk_answers_counts counts;
    rk_answers *a = new_answers(ROOM);
    rk_answers_add(a, RK_SLICE("q"), RK_SLICE("a"));
    rk_answers_clear(a);
    assert_false(rk_answers_find(a, RK_SLICE("q"), &out));
    rk_answers_count(a, &counts);
    assert_int_equal(counts.n, 0);
    assert_int_equal(counts.bytes, 0);
    rk_answers_free(a);
    rk_answers_clear(NULL);
}

static void too_little_room_is_none(void **state)
{
    (void)state;
    assert_null(new_answers(0));
    assert_null(new_answers(RK_ANSWERS_BYTES_MIN - 1));
}

typedef struct {
    rk_answers *answers;
    uint64_t stream;
} asker;

static void *ask_many(void *context)
{
    asker *me = context;
    ask_at_random(me->answers, me->stream, 2000, 20000);
    return NULL;
}

static void many_ask_at_once(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    asker askers[THREADS];
    rk_answers *a = new_answers(ROOM);
    for (uint64_t t = 0; t < THREADS; t++) {
        askers[t] = (asker){a, 100 + t};
        assert_int_equal(pthread_create(&threads[t], NULL, ask_many, &askers[t]), 0);
    }
    for (size_t t = 0; t < THREADS; t++) {
        pthread_join(threads[t], NULL);
    }
    rk_answers_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_is_right_in_a_room_of_any_fullness),
        cmocka_unit_test(what_is_asked_stays),
        cmocka_unit_test(clearing_forgets_all),
        cmocka_unit_test(too_little_room_is_none),
        cmocka_unit_test(many_ask_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
