/* test_wares.c - a live index is, at any time, the index of its products: random changes beside a list of them. */
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "support/test.h"
#include "support/tree.h"
#include "text/wares.h"

enum { IDS = 400, FOUND = 25, ROUNDS = 60 };

static char folder[64];
static const char *const words[] = {"red",  "blue",  "shoe",   "shoes", "lamp",  "running", "15",    "inch",
                                    "sofa", "green", "laptop", "table", "chair", "wooden",  "dv7-1", "café"};
static const char *const colours[] = {"red", "blue", "green"};

/* ---- the list ---- */

typedef struct {
    uint64_t when; /* it was put; 0: not there */
    char title[160], brand[16], colour[16];
    unsigned price; /* cents; 0: none */
} thing;

static thing things[IDS];
static uint64_t clock_now;

static void draw(thing *t, uint64_t *seed)
{
    size_t n = 1 + test_random(seed) % 6;
    *t = (thing){.when = ++clock_now};
    for (size_t i = 0, at = 0; i < n; i++) {
        uint32_t a = test_random(seed) % RK_COUNT_OF(words), b = test_random(seed) % RK_COUNT_OF(words);
        at += (size_t)snprintf(t->title + at, sizeof t->title - at, "%s%s", i ? " " : "", words[a < b ? a : b]);
    }
    if (test_random(seed) % 3) {
        snprintf(t->brand, sizeof t->brand, "%s", test_random(seed) % 2 ? "Acme" : "Red Bull");
    }
    if (clock_now > 300 && test_random(seed) % 3 == 0) { /* no early segment knows of colours */
        snprintf(t->colour, sizeof t->colour, "%s", colours[test_random(seed) % 3]);
    }
    t->price = test_random(seed) % 4 ? 100 + test_random(seed) % 5000 : 0;
}

static int by_when(const void *a, const void *b)
{
    uint64_t x = things[*(const size_t *)a].when, y = things[*(const size_t *)b].when;
    return (x > y) - (x < y);
}

/* An index of the things that are there, in the order in which they were put; NULL: there are none. */
static rk_index *index_of_list(const rk_wares_state *state)
{
    size_t order[IDS], n = 0;
    rk_text text = {0};
    rk_error err = {0};
    rk_run run = {0};
    rk_catalogue_report report;
    rk_index_report built;
    rk_index *index = NULL;
    rk_index_options options = rk_index_defaults();
    for (size_t i = 0; i < IDS; i++) {
        order[n] = i;
        n += things[i].when > 0;
    }
    qsort(order, n, sizeof *order, by_when);
    rk_text_add(&text, "id,title,brand,price,colour\n");
    for (size_t i = 0; i < n; i++) {
        const thing *t = &things[order[i]];
        rk_text_addf(&text, "p%zu,%s,%s,", order[i], t->title, t->brand);
        if (t->price) {
            rk_text_addf(&text, "%u.%02u", t->price / 100, t->price % 100);
        }
        rk_text_addf(&text, ",%s\n", t->colour);
    }
    if (n == 0) {
        rk_text_release(&text);
        return NULL;
    }
    options.dictionary = "none";
    options.is_bare = true;
    options.has_means = state != NULL;
    for (size_t f = 0; state && f < RK_N_FIELDS; f++) {
        options.mean[f] = state->mean[f];
    }
    rk_catalogue_options from = {.path = "list.csv",
                                 .out_path = "list.rk",
                                 .map = "item=id,title=title,brand=brand,price=price,attributes=colour"};
    rk_status status = rk_file_write_text("list.csv", &text, &err);
    status = status ? status : rk_catalogue_ingest(&from, &run, &report, &err);
    status = status ? status : rk_index_build("list.rk", &options, "list.index", &run, &built, &err);
    status = status ? status : rk_index_open("list.index", &index, &err);
    if (status) {
        fail_msg("%s", err.message);
    }
    rk_text_release(&text);
    return index;
}

/* ---- questions ---- */

static void ask_something(char out[200], uint64_t *seed)
{
    static const char *const shapes[] = {"%s %s",
                                         "%s",
                                         "+%s %s",
                                         "\"%s %s\"",
                                         "%s -%s",
                                         "%s brand:Acme",
                                         "%s colour:red",
                                         "colour:blue -%s",
                                         "price<20 %s",
                                         "brand:\"Red Bull\"",
                                         "+%s +%s",
                                         "%s unheard",
                                         "%s -colour:green",
                                         "price:10..30",
                                         "id:p7 %s"};
    const char *a = words[test_random(seed) % RK_COUNT_OF(words)], *b = words[test_random(seed) % RK_COUNT_OF(words)];
    const char *shape = shapes[test_random(seed) % RK_COUNT_OF(shapes)];
    char *at = out;
    for (const char *s = shape; *s; s++) {
        if (*s == '%') {
            at += snprintf(at, 20, "%s", a);
            a = b;
            s++;
        } else {
            *at++ = *s;
        }
    }
    *at = '\0';
}

static void check_question(rk_wares_asker *asker, const rk_index *index, const char *text)
{
    rk_arena arena = {0};
    rk_asker *plain = NULL;
    rk_question question;
    rk_findings wanted;
    rk_wares_findings got;
    rk_error err = {0};
    assert_int_equal(rk_wares_ask(asker, rk_slice_of(text), FOUND, &arena, &got, &err), RK_OK);
    if (!index) {
        assert_int_equal(got.n, 0);
        rk_arena_release(&arena);
        return;
    }
    assert_int_equal(rk_asker_new(index, &plain, &err), RK_OK);
    assert_int_equal(rk_question_read(plain, rk_slice_of(text), &question, &err), RK_OK);
    assert_int_equal(rk_question_answer(plain, &question, FOUND, &arena, &wanted, &err), RK_OK);
    if (got.total != wanted.total || got.n != wanted.n || got.n_unknown != question.n_unknown) {
        fail_msg("'%s': %zu of %llu, not %zu of %llu; %zu unknown, not %zu", text, got.n, (unsigned long long)got.total,
                 wanted.n, (unsigned long long)wanted.total, got.n_unknown, question.n_unknown);
    }
    for (size_t i = 0; i < got.n; i++) {
        rk_slice a = rk_names_get(&got.found[i].items->items, got.found[i].item);
        rk_slice b = rk_names_get(&rk_index_items(index)->items, wanted.item[i]);
        bool is_same_score = memcmp(&got.found[i].score, &wanted.score[i], sizeof(float)) == 0;
        if (!rk_slice_equal(a, b) || !is_same_score) {
            fail_msg("'%s': place %zu is %.*s with %.9g, not %.*s with %.9g", text, i, (int)a.n, a.at,
                     (double)got.found[i].score, (int)b.n, b.at, (double)wanted.score[i]);
        }
    }
    rk_asker_free(plain);
    rk_arena_release(&arena);
}

static void check(rk_wares *live, bool is_fresh, uint64_t *seed)
{
    rk_wares_state state;
    rk_wares_asker *asker = NULL;
    rk_error err = {0};
    char text[200];
    uint32_t n = 0;
    rk_wares_status(live, &state);
    for (size_t i = 0; i < IDS; i++) {
        n += things[i].when > 0;
    }
    assert_int_equal(state.n_items, n);
    assert_string_equal(state.trouble, "");
    rk_index *index = index_of_list(is_fresh ? NULL : &state);
    assert_int_equal(rk_wares_asker_new(live, &asker, &err), RK_OK);
    for (int i = 0; i < 40; i++) {
        ask_something(text, seed);
        check_question(asker, index, text);
    }
    rk_wares_asker_free(asker);
    rk_index_close(index);
}

/* ---- changes ---- */

static void put(rk_wares *live, size_t n, uint64_t *seed)
{
    rk_wares_product products[64];
    rk_wares_attribute attributes[64];
    static char ids[64][16];
    thing drawn[64];
    rk_error err = {0};
    for (size_t i = 0; i < n; i++) {
        size_t id = test_random(seed) % IDS;
        draw(&drawn[i], seed);
        things[id] = drawn[i];
        snprintf(ids[i], sizeof ids[i], "p%zu", id);
        attributes[i] = (rk_wares_attribute){RK_SLICE("colour"), rk_slice_of(drawn[i].colour)};
        products[i] = (rk_wares_product){.id = rk_slice_of(ids[i]),
                                         .title = rk_slice_of(drawn[i].title),
                                         .brand = rk_slice_of(drawn[i].brand),
                                         .price = drawn[i].price ? (float)(drawn[i].price / 100.0) : NAN,
                                         .attributes = &attributes[i],
                                         .n_attributes = drawn[i].colour[0] ? 1 : 0};
    }
    if (rk_wares_put(live, products, n, &err)) {
        fail_msg("%s", err.message);
    }
}

static void delete (rk_wares *live, size_t n, uint64_t *seed)
{
    rk_slice ids[64];
    static char text[64][16];
    uint64_t wanted = 0, gone = 0;
    rk_error err = {0};
    for (size_t i = 0; i < n; i++) {
        size_t id = test_random(seed) % IDS;
        wanted += things[id].when > 0;
        things[id].when = 0;
        snprintf(text[i], sizeof text[i], "p%zu", id);
        ids[i] = rk_slice_of(text[i]);
    }
    assert_int_equal(rk_wares_delete(live, ids, n, &gone, &err), RK_OK);
    assert_int_equal(gone, wanted);
}

static rk_wares *open_live(bool has_no_merger, uint32_t flush_items)
{
    rk_wares *live = NULL;
    rk_error err = {0};
    rk_wares_options options = rk_wares_defaults();
    options.has_no_merger = has_no_merger;
    options.flush_items = flush_items;
    if (rk_wares_open("live", &options, &live, &err)) {
        fail_msg("%s", err.message);
    }
    return live;
}

static void create(const char *dataset)
{
    rk_error err = {0};
    rk_run run = {0};
    rk_wares_options options = rk_wares_defaults();
    options.index.is_bare = true;
    if (rk_wares_create("live", dataset, &options, &run, &err)) {
        fail_msg("%s", err.message);
    }
}

static void random_changes_give_what_one_index_of_the_survivors_gives(void **state)
{
    (void)state;
    rk_error err = {0};
    for (uint64_t seed = 1, run = 1; run <= 3; run++, seed = run) {
        memset(things, 0, sizeof things);
        clock_now = 0;
        create(NULL);
        rk_wares *live = open_live(run > 1, run == 1 ? 40 : 100000);
        for (int round = 0; round < ROUNDS; round++) {
            uint32_t what = test_random(&seed) % 12;
            if (what < 5) {
                put(live, 1 + test_random(&seed) % 5, &seed);
            } else if (what < 7) {
                put(live, 1 + test_random(&seed) % 64, &seed);
            } else if (what < 9) {
                delete (live, 1 + test_random(&seed) % 40, &seed);
            } else if (what == 9) {
                assert_int_equal(rk_wares_flush(live, &err), RK_OK);
            } else if (what == 10) {
                rk_wares_close(live);
                live = open_live(run > 1, run == 1 ? 40 : 100000);
            } else {
                assert_int_equal(rk_wares_compact(live, &err), RK_OK);
                check(live, true, &seed);
            }
            if (round % 3 == 0) {
                check(live, false, &seed);
            }
        }
        rk_wares_close(live);
        test_remove_tree("live");
    }
}

/* ---- set up ---- */

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/reckon-live-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return chdir("/") == 0 && test_remove_tree(folder) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_give_what_one_index_of_the_survivors_gives),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
