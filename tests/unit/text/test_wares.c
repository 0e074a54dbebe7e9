/* test_wares.c - a live index is, at any time, the index of its products: random changes beside a list of them, and
 * whole replies - findings, facets, marks, corrections, explanations - of both held against each other.
 */
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
#include "rank/inquiry.h"
#include "support/test.h"
#include "support/tree.h"
#include "text/suggest.h"
#include "text/wares.h"

enum { IDS = 400, FOUND = 25, ROUNDS = 60 };

static char folder[64];
static bool has_tongue; /* a dictionary and synonyms, and Chinese titles */
static const char dictionary[] =
    "\xE7\xBA\xA2\xE8\x89\xB2 30\n\xE8\xBF\x90\xE5\x8A\xA8 20\n\xE9\x9E\x8B\xE5\xAD\x90 9\n"
    "\xE8\xBF\x90\xE5\x8A\xA8\xE9\x9E\x8B 4\n\xE5\x8F\xB0\xE7\x81\xAF 7\n\xE7\x81\xAF\xE7\xBA\xA2 5\n";
static const char synonyms[] = "sofa, couch\nlaptop => dv7-1, chair\nshoe, \xE9\x9E\x8B\xE5\xAD\x90\n";
static const char *const han[] = {"\xE7\xBA\xA2\xE8\x89\xB2\xE8\xBF\x90\xE5\x8A\xA8\xE9\x9E\x8B", /* red sports shoes */
                                  "\xE5\x8F\xB0\xE7\x81\xAF\xE7\xBA\xA2\xE8\x89\xB2",             /* table lamp, red */
                                  "\xE9\x9E\x8B\xE5\xAD\x90", "\xE8\xBF\x90\xE5\x8A\xA8"};
static const char *const words[] = {"red",  "blue",  "shoe",   "shoes", "lamp",  "running", "15",    "inch",
                                    "sofa", "green", "laptop", "table", "chair", "wooden",  "dv7-1", "café"};
static const char *const colours[] = {"red", "blue", "Green", "green"};
static const char *const categories[] = {"Home > Lamps", "Home > Sofas", "Clothes > Shoes > Running", "Shoes"};

/* ---- the list ---- */

typedef struct {
    uint64_t when; /* it was put; 0: not there */
    char title[160], text[80], brand[16], category[32], colour[16], size[8], stock[8];
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
    if (has_tongue && test_random(seed) % 2) {
        size_t at = strlen(t->title);
        snprintf(t->title + at, sizeof t->title - at, " %s", han[test_random(seed) % RK_COUNT_OF(han)]);
    }
    if (test_random(seed) % 3) {
        snprintf(t->brand, sizeof t->brand, "%s", test_random(seed) % 2 ? "Acme" : "Red Bull");
    }
    if (clock_now > 300 && test_random(seed) % 3 == 0) { /* no early segment knows of colours */
        snprintf(t->colour, sizeof t->colour, "%s", colours[test_random(seed) % RK_COUNT_OF(colours)]);
    }
    for (size_t i = 0, at = 0; i < test_random(seed) % 8; i++) {
        at += (size_t)snprintf(t->text + at, sizeof t->text - at, "%s%s", i ? " " : "",
                               words[test_random(seed) % RK_COUNT_OF(words)]);
    }
    snprintf(t->category, sizeof t->category, "%s", categories[test_random(seed) % RK_COUNT_OF(categories)]);
    snprintf(t->stock, sizeof t->stock, "%u", test_random(seed) % 3);
    if (test_random(seed) % 2) {
        snprintf(t->size, sizeof t->size, "%u", test_random(seed) % 40);
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
    rk_text_add(&text, "id,title,text,brand,category,price,colour,size_cm,stock\n");
    for (size_t i = 0; i < n; i++) {
        const thing *t = &things[order[i]];
        rk_text_addf(&text, "p%zu,%s,%s,%s,%s,", order[i], t->title, t->text, t->brand, t->category);
        if (t->price) {
            rk_text_addf(&text, "%u.%02u", t->price / 100, t->price % 100);
        }
        rk_text_addf(&text, ",%s,%s,%s\n", t->colour, t->size, t->stock);
    }
    if (n == 0) {
        rk_text_release(&text);
        return NULL;
    }
    options.dictionary = has_tongue ? "dictionary" : "none";
    options.synonyms = has_tongue ? "synonyms" : NULL;
    options.has_means = state != NULL;
    for (size_t f = 0; state && f < RK_N_FIELDS; f++) {
        options.mean[f] = state->mean[f];
    }
    rk_catalogue_options from = {.path = "list.csv",
                                 .out_path = "list.rk",
                                 .map = "item=id,title=title,text=text,brand=brand,category=category,price=price,"
                                        "attributes=colour,attributes=size_cm,attributes=stock"};
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
                                         "id:p7 %s",
                                         "lapto %s",
                                         "runing %s",
                                         "%s lamb",
                                         "redlamp",
                                         "%s category:home",
                                         "%s category:shoes in:stock",
                                         "%s colour:violet price<1",
                                         "+%s +%s +sofa size_cm:3..9 price<3",
                                         "size_cm>=20 colour:(red,blue) %s",
                                         "-%s",
                                         "-%s -unheard"};
    static const char *const more[] = {"couch", "\xE8\xBF\x90\xE5\x8A\xA8\xE9\x9E\x8B\xE5\xAD\x90",
                                       "\xE7\xBA\xA2\xE8\x89\xB2\xE5\x8F\xB0\xE7\x81\xAF", "\xE7\xBA\xA2"};
    const char *a = words[test_random(seed) % RK_COUNT_OF(words)], *b = words[test_random(seed) % RK_COUNT_OF(words)];
    a = has_tongue && test_random(seed) % 2 ? more[test_random(seed) % RK_COUNT_OF(more)] : a;
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

/* The whole reply as text, but for the name of the index; or why there is none. */
static void reply_to(const rk_corpus *corpus, const rk_inquiry *inquiry, rk_text *out)
{
    rk_arena arena = {0};
    rk_error err = {0};
    rk_inquirer *inquirer = NULL;
    rk_reply *reply = RK_TAKE(&arena, rk_reply, 1);
    rk_json json = {.text = out};
    assert_int_equal(rk_inquirer_new(corpus, &inquirer, &err), RK_OK);
    rk_status status = rk_inquire(inquirer, inquiry, &arena, reply, &err);
    status = status ? status : rk_reply_json(inquirer, inquiry, reply, NULL, &json, &err);
    if (status) {
        rk_text_add(out, err.message);
    } else {
        const char *items = strstr(out->at, "\"items\"");
        memset(out->at, ' ', (size_t)(items - out->at));
    }
    rk_inquirer_free(inquirer);
    rk_arena_release(&arena);
}

static void check_question(const rk_corpus *live, const rk_corpus *wanted, uint64_t *seed)
{
    static const char *const sorts[] = {"relevance", "relevance", "relevance", "price",
                                        "-price",    "size_cm",   "-size_cm"};
    const rk_slice facets[] = {RK_SLICE("brand"), RK_SLICE("category"), RK_SLICE("price"), RK_SLICE("stock"),
                               RK_SLICE("colour")};
    static const rk_marks marks = {{"<b>", 3}, {"</b>", 4}, true};
    char text[200];
    rk_ranker ranker = test_random(seed) % 4 ? rk_ranker_default() : rk_ranker_fused();
    ask_something(text, seed);
    rk_inquiry inquiry = {.text = rk_slice_of(text),
                          .sort = rk_slice_of(sorts[test_random(seed) % RK_COUNT_OF(sorts)]),
                          .page = {.n = 1 + test_random(seed) % FOUND, .from = test_random(seed) % 3 * 7},
                          .facets = facets,
                          .n_facets = test_random(seed) % (RK_COUNT_OF(facets) + 1),
                          .n_values = 1 + test_random(seed) % 6,
                          .ranker = test_random(seed) % 4 ? &ranker : NULL,
                          .marks = test_random(seed) % 2 ? &marks : NULL,
                          .snippet_bytes = 40,
                          .is_literal = test_random(seed) % 4 == 0};
    inquiry.explains = inquiry.ranker && test_random(seed) % 2;
    rk_text got = {0}, expected = {0};
    reply_to(live, &inquiry, &got);
    reply_to(wanted, &inquiry, &expected);
    const char *a = got.at + strspn(got.at, " "), *b = expected.at + strspn(expected.at, " ");
    if (strcmp(a, b) != 0) {
        size_t at = 0;
        while (a[at] == b[at]) {
            at++;
        }
        at -= at < 60 ? at : 60;
        fail_msg("'%s' by %.*s, %zu segments, differs from byte %zu on:\n...%.300s\nnot\n...%.300s", text,
                 (int)inquiry.sort.n, inquiry.sort.at, live->n_segments, at, a + at, b + at);
    }
    rk_text_release(&got);
    rk_text_release(&expected);
}

/* Suggestions are those of segments; what they have in common with one index is that some living item has all words. */
static void check_suggestions(const rk_corpus *corpus, uint64_t *seed)
{
    rk_suggester *suggester = NULL;
    rk_asker *asker = NULL;
    rk_error err = {0};
    rk_suggestion all[10];
    size_t n = 0;
    const char *word = words[test_random(seed) % RK_COUNT_OF(words)];
    assert_int_equal(rk_suggester_new(corpus, &suggester, &err), RK_OK);
    assert_int_equal(rk_asker_new(corpus, &asker, &err), RK_OK);
    assert_int_equal(rk_suggest(suggester, (rk_slice){word, 2}, all, 10, &n, &err), RK_OK);
    for (size_t i = 0; i < n; i++) {
        rk_arena arena = {0};
        rk_question question;
        rk_findings found;
        rk_text all_words = {0};
        for (size_t at = 0; at < all[i].text.n; at++) { /* "+red +lamp" */
            bool begins = at == 0 || all[i].text.at[at - 1] == ' ';
            rk_text_addf(&all_words, "%s%c", begins ? "+" : "", all[i].text.at[at]);
        }
        assert_int_equal(rk_question_read(asker, (rk_slice){all_words.at, all_words.n}, &question, &err), RK_OK);
        assert_int_equal(question.n_unknown, 0);
        assert_int_equal(rk_question_answer(asker, &question, 1, &arena, &found, &err), RK_OK);
        if (found.total == 0) {
            fail_msg("'%s' is suggested, and no living item has it", all_words.at);
        }
        rk_text_release(&all_words);
        rk_arena_release(&arena);
    }
    rk_asker_free(asker);
    rk_suggester_free(suggester);
}

static void check(rk_wares *live, bool is_fresh, uint64_t *seed)
{
    rk_wares_state state;
    rk_wares_view *view = NULL;
    rk_error err = {0};
    uint32_t n = 0;
    rk_wares_status(live, &state);
    for (size_t i = 0; i < IDS; i++) {
        n += things[i].when > 0;
    }
    assert_int_equal(state.n_items, n);
    assert_string_equal(state.trouble, "");
    rk_index *index = index_of_list(is_fresh ? NULL : &state);
    assert_int_equal(rk_wares_view_new(live, &view, &err), RK_OK);
    const rk_corpus *corpus = rk_wares_view_corpus(view);
    assert_int_equal(corpus->n_items, n);
    for (int i = 0; i < 40 && index; i++) {
        check_question(corpus, rk_index_corpus(index), seed);
    }
    check_suggestions(corpus, seed);
    rk_wares_view_free(view);
    rk_index_close(index);
}

/* ---- changes ---- */

static size_t attributes_of(const thing *t, rk_wares_attribute out[3])
{
    const char *const names[] = {"colour", "size_cm", "stock"}, *const values[] = {t->colour, t->size, t->stock};
    size_t n = 0;
    for (size_t a = 0; a < 3; a++) {
        if (values[a][0]) {
            out[n++] = (rk_wares_attribute){rk_slice_of(names[a]), rk_slice_of(values[a])};
        }
    }
    return n;
}

static void put(rk_wares *live, size_t n, uint64_t *seed)
{
    rk_wares_product products[64];
    rk_wares_attribute attributes[64][3];
    static char ids[64][16];
    thing drawn[64];
    rk_error err = {0};
    for (size_t i = 0; i < n; i++) {
        size_t id = 1 + test_random(seed) % (IDS - 1);
        draw(&drawn[i], seed);
        things[id] = drawn[i];
        snprintf(ids[i], sizeof ids[i], "p%zu", id);
        products[i] = (rk_wares_product){.id = rk_slice_of(ids[i]),
                                         .title = rk_slice_of(drawn[i].title),
                                         .text = rk_slice_of(drawn[i].text),
                                         .brand = rk_slice_of(drawn[i].brand),
                                         .category = rk_slice_of(drawn[i].category),
                                         .price = drawn[i].price ? (float)(drawn[i].price / 100.0) : NAN,
                                         .attributes = attributes[i],
                                         .n_attributes = attributes_of(&drawn[i], attributes[i])};
    }
    if (rk_wares_put(live, products, n, &err)) {
        fail_msg("%s", err.message);
    }
}

/* A product that stays, with all words of the dictionary: those that only the dead have are known for a while. */
static void put_anchor(rk_wares *live)
{
    rk_error err = {0};
    things[0] = (thing){.when = ++clock_now};
    snprintf(things[0].title, sizeof things[0].title, "%s %s %s", han[0], han[1], han[2]);
    snprintf(things[0].category, sizeof things[0].category, "%s", categories[0]);
    snprintf(things[0].stock, sizeof things[0].stock, "1");
    rk_wares_attribute stock = {RK_SLICE("stock"), RK_SLICE("1")};
    rk_wares_product product = {.id = RK_SLICE("p0"),
                                .title = rk_slice_of(things[0].title),
                                .category = rk_slice_of(things[0].category),
                                .price = NAN,
                                .attributes = &stock,
                                .n_attributes = 1};
    assert_int_equal(rk_wares_put(live, &product, 1, &err), RK_OK);
}

static void delete (rk_wares *live, size_t n, uint64_t *seed)
{
    rk_slice ids[64];
    static char text[64][16];
    uint64_t wanted = 0, gone = 0;
    rk_error err = {0};
    for (size_t i = 0; i < n; i++) {
        size_t id = 1 + test_random(seed) % (IDS - 1);
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
    options.index.dictionary = has_tongue ? "dictionary" : NULL;
    options.index.synonyms = has_tongue ? "synonyms" : NULL;
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
        has_tongue = run == 3;
        create(NULL);
        rk_wares *live = open_live(run > 1, run == 1 ? 40 : 100000);
        if (has_tongue) {
            put_anchor(live);
        }
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

/* Few products may be many bytes: those wait for no number. */
static void bytes_in_memory_are_enough_for_a_segment(void **state)
{
    (void)state;
    rk_error err = {0};
    rk_wares *live = NULL;
    rk_wares_state now;
    rk_wares_options options = rk_wares_defaults();
    options.has_no_merger = true;
    options.flush_bytes = 1;
    create(NULL);
    assert_int_equal(rk_wares_open("live", &options, &live, &err), RK_OK);
    rk_wares_product product = {.id = RK_SLICE("a"), .title = RK_SLICE("one"), .price = NAN};
    assert_int_equal(rk_wares_put(live, &product, 1, &err), RK_OK);
    rk_wares_status(live, &now);
    assert_true(now.n_items == 1 && now.n_on_disk == 0 && now.memory_bytes > 0);
    product.id = RK_SLICE("b");
    assert_int_equal(rk_wares_put(live, &product, 1, &err), RK_OK);
    rk_wares_status(live, &now);
    assert_true(now.n_items == 2 && now.n_on_disk == 1 && now.n_in_memory == 1);
    rk_wares_close(live);
    test_remove_tree("live");
}

/* ---- set up ---- */

static bool write_list(const char *path, const char *list)
{
    rk_text text = {0};
    rk_error err = {0};
    rk_text_add(&text, list);
    rk_status status = rk_file_write_text(path, &text, &err);
    rk_text_release(&text);
    return status == RK_OK;
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/reckon-live-XXXXXX");
    bool is_there = mkdtemp(folder) && chdir(folder) == 0;
    return is_there && write_list("dictionary", dictionary) && write_list("synonyms", synonyms) ? 0 : -1;
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
        cmocka_unit_test(bytes_in_memory_are_enough_for_a_segment),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
