/* Claims about a line: all are served, in the order of their coming, many at once, also when it closes. */
#include <pthread.h>
#include <stdatomic.h>

#include "serve/line.h"
#include "support/test.h"

enum { HANDS = 4, EACH = 500 };

typedef struct {
    rk_waiting waiting;
    unsigned hand, number;
} guest;

typedef struct {
    rk_line *line;
    unsigned next[HANDS]; /* number of the guest that each hand's turn has come to */
    unsigned n_served, n_rounds;
    bool is_in_order;
} house;

static void serve(void *context, rk_waiting *first)
{
    house *h = context;
    h->n_rounds++;
    for (rk_waiting *w = first; w; w = w->next) {
        const guest *g = (const guest *)(const void *)w;
        h->is_in_order &= g->number == h->next[g->hand]++ && w->handed_ns > 0;
        h->n_served++;
    }
}

typedef struct {
    house *house;
    guest guests[EACH];
    bool are_taken;
    pthread_t thread;
} hand;

static void *bring(void *context)
{
    hand *h = context;
    h->are_taken = true;
    for (unsigned i = 0; i < EACH; i++) {
        h->are_taken &= rk_line_hand_in(h->house->line, &h->guests[i].waiting);
    }
    return NULL;
}

static void everybody_is_served_in_order(void **state)
{
    (void)state;
    static hand hands[HANDS];
    house h = {.is_in_order = true};
    rk_error err;
    assert_int_equal(rk_line_start(serve, &h, &h.line, &err), RK_OK);
    for (unsigned i = 0; i < HANDS; i++) {
        hands[i].house = &h;
        for (unsigned g = 0; g < EACH; g++) {
            hands[i].guests[g] = (guest){.hand = i, .number = g};
        }
        assert_int_equal(pthread_create(&hands[i].thread, NULL, bring, &hands[i]), 0);
    }
    for (unsigned i = 0; i < HANDS; i++) {
        pthread_join(hands[i].thread, NULL);
        assert_true(hands[i].are_taken);
    }
    rk_line_stop(h.line);
    assert_true(h.is_in_order);
    assert_int_equal(h.n_served, HANDS * EACH);
    rk_line_free(h.line);
}

static void who_waits_while_it_pauses_is_served_at_once(void **state)
{
    (void)state;
    static guest guests[EACH];
    guest late = {0};
    house h = {.is_in_order = true};
    rk_error err;
    assert_int_equal(rk_line_start(serve, &h, &h.line, &err), RK_OK);
    rk_line_pause(h.line);
    for (unsigned g = 0; g < EACH; g++) {
        guests[g] = (guest){.number = g};
        assert_true(rk_line_hand_in(h.line, &guests[g].waiting));
    }
    assert_int_equal(h.n_served, 0);
    rk_line_resume(h.line);
    rk_line_stop(h.line); /* serves them first */
    assert_int_equal(h.n_served, EACH);
    assert_in_range(h.n_rounds, 1, 2);
    assert_int_equal(rk_line_busy_ns(h.line, INT64_MAX), 0);
    assert_false(rk_line_hand_in(h.line, &late.waiting));
    rk_line_free(h.line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_served_in_order),
        cmocka_unit_test(who_waits_while_it_pauses_is_served_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
