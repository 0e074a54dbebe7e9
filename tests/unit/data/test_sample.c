/* A sample of users is whole users, the same ones by name, and a larger one holds the smaller. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset.h"
#include "data/split.h"
#include "support/small_shop.h"

enum { USERS = 3000, ITEMS = 5 };

typedef struct {
    char folder[64], all[96], turned[96], out[96];
} place;

/* Every user takes 1 to 5 items; turned: the same users in another order. */
static int set_up(void **state)
{
    static bool is_pair[USERS * ITEMS];
    static uint32_t name[USERS];
    place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/reckon-sample-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->all, sizeof p->all, "%s/all.rk", p->folder);
    snprintf(p->turned, sizeof p->turned, "%s/turned.rk", p->folder);
    snprintf(p->out, sizeof p->out, "%s/out.rk", p->folder);
    for (uint32_t u = 0; u < USERS; u++) {
        name[u] = USERS - 1 - u;
        for (uint32_t i = 0; i < ITEMS; i++) {
            is_pair[u * ITEMS + i] = i <= u % ITEMS;
        }
    }
    small_dataset_write(&(small_dataset){USERS, ITEMS, is_pair, NULL, NULL, NULL}, p->all);
    small_dataset_write(&(small_dataset){USERS, ITEMS, is_pair, NULL, name, NULL}, p->turned);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    unlink(p->all);
    unlink(p->turned);
    unlink(p->out);
    assert_int_equal(rmdir(p->folder), 0);
    free(p);
    return 0;
}

/* Marks by name who is in the sample, and expects each of them whole; returns how many. */
static size_t sample(const place *p, const char *from, double share, uint64_t seed, bool *is_in)
{
    uint64_t n_events, n_whole = 0;
    size_t n = 0;
    rk_dataset all, part;
    assert_int_equal(rk_sample_users(from, share, p->out, &(rk_run){.seed = seed}, &n_events, NULL), RK_OK);
    assert_int_equal(rk_dataset_open(from, &all, NULL), RK_OK);
    assert_int_equal(rk_dataset_open(p->out, &part, NULL), RK_OK);
    assert_int_equal(part.n_users, all.n_users);
    memset(is_in, 0, USERS);
    for (uint32_t u = 0; u < USERS; u++) {
        uint64_t whole = all.user_start[u + 1] - all.user_start[u];
        uint64_t there = part.user_start[u + 1] - part.user_start[u];
        rk_slice name = rk_names_get(&part.users, u);
        uint64_t number;
        assert_true(there == 0 || there == whole);
        assert_true(rk_parse_u64((rk_slice){name.at + 1, name.n - 1}, &number));
        is_in[number] = there > 0;
        n += there > 0;
        n_whole += there;
    }
    assert_true(n_whole == n_events && part.n_events == n_events);
    rk_dataset_close(&all);
    rk_dataset_close(&part);
    return n;
}

static void a_share_is_about_that_share(void **state)
{
    bool is_in[USERS];
    size_t n = sample(*state, ((place *)*state)->all, 1 / 3.0, 1, is_in);
    assert_in_range(n, 900, 1100); /* four standard deviations */
}

static void the_same_names_are_drawn_from_any_dataset(void **state)
{
    place *p = *state;
    bool a[USERS], b[USERS], other[USERS];
    sample(p, p->all, 0.4, 1, a);
    sample(p, p->turned, 0.4, 1, b);
    sample(p, p->all, 0.4, 2, other);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, other, sizeof a); /* another seed, other users */
}

static void a_larger_share_holds_the_smaller(void **state)
{
    place *p = *state;
    bool small[USERS], large[USERS];
    sample(p, p->all, 1 / 9.0, 3, small);
    sample(p, p->all, 1 / 3.0, 3, large);
    for (size_t u = 0; u < USERS; u++) {
        assert_true(!small[u] || large[u]);
    }
}

static void a_sample_of_itself_is_refused(void **state)
{
    place *p = *state;
    uint64_t n;
    assert_int_equal(rk_sample_users(p->all, 0.5, p->all, &(rk_run){0}, &n, NULL), RK_BAD_USAGE);
    assert_int_equal(rk_sample_users(p->all, 1.5, p->out, &(rk_run){0}, &n, NULL), RK_BAD_USAGE);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(a_share_is_about_that_share),
        CLAIM(the_same_names_are_drawn_from_any_dataset),
        CLAIM(a_larger_share_holds_the_smaller),
        CLAIM(a_sample_of_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
