/* test_retrieval.c - the best items for a query are those of adding up every list; a hostile index is an error. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "math/dot.h"
#include "support/test.h"
#include "text/block.h"
#include "text/index.h"
#include "text/index_parts.h"
#include "text/list_kernel.h"

enum { WORDS = 300, ITEMS = 6000, LONGEST = 12 };

static char folder[64];
static unsigned char times[ITEMS][WORDS]; /* of each word in each title */
static size_t title_bytes[ITEMS];

static void word_of(size_t w, char out[16]) { snprintf(out, 16, "q%czx%c", 'a' + (int)(w % 20), 'a' + (int)(w / 20)); }

/* Titles of random words, common ones first; item 0 has none of them. */
static void write_products(void)
{
    rk_error err;
    rk_text text = {0};
    uint64_t seed = 5;
    rk_text_add(&text, "id,title\n0,nothing\n");
    title_bytes[0] = 7;
    for (size_t i = 1; i < ITEMS; i++) {
        size_t n = 1 + test_random(&seed) % LONGEST, begin;
        rk_text_addf(&text, "%zu,", i);
        begin = text.n;
        for (size_t k = 0; k < n; k++) {
            char word[16];
            uint32_t a = test_random(&seed) % WORDS, b = test_random(&seed) % WORDS, c = test_random(&seed) % WORDS;
            uint32_t w = a * b / WORDS * c / WORDS;
            word_of(w, word);
            times[i][w]++;
            rk_text_addf(&text, "%s%s", k ? " " : "", word);
        }
        title_bytes[i] = text.n - begin;
        rk_text_add(&text, "\n");
    }
    assert_int_equal(rk_file_write_text("products.csv", &text, &err), RK_OK);
    rk_text_release(&text);
}

static int set_up(void **state)
{
    rk_run run = {0};
    rk_error err = {0};
    rk_catalogue_report report;
    rk_index_report built;
    rk_index *index = NULL;
    strcpy(folder, "/tmp/reckon-search-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder)) {
        return -1;
    }
    write_products();
    rk_catalogue_options products = {.path = "products.csv", .out_path = "products.rk"};
    rk_index_options options = rk_index_defaults();
    options.analysis.stemmer = "none";
    rk_status status = rk_catalogue_ingest(&products, &run, &report, &err);
    status = status ? status : rk_index_build("products.rk", &options, "index.rk", &run, &built, &err);
    status = status ? status : rk_index_open("index.rk", &index, &err);
    if (status) {
        print_error("%s\n", err.message);
        return -1;
    }
    *state = index;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"products.csv", "products.rk", "index.rk", "bad.rk"};
    rk_index_close(*state);
    for (size_t i = 0; i < RK_COUNT_OF(files); i++) {
        unlink(files[i]);
    }
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

/* ---- the reference: from the counts, by the formula ---- */

static double mean_bytes(void)
{
    double sum = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        sum += (double)title_bytes[i];
    }
    return sum / ITEMS;
}

static uint32_t gain_by_formula(size_t item, size_t w, double weight, double n_with)
{
    static double mean;
    rk_index_options o = rk_index_defaults();
    mean = mean > 0 ? mean : mean_bytes();
    double b = o.b[RK_FIELD_TITLE], length = (double)title_bytes[item] / mean;
    float tf = 0, each = (float)(o.weight[RK_FIELD_TITLE] / (1 - b + b * length));
    for (int i = 0; i < times[item][w]; i++) {
        tf += each;
    }
    double level = rk_level_value(rk_level_of((double)tf)), idf = log1p((ITEMS - n_with + 0.5) / (n_with + 0.5));
    double gain = rint(weight * idf * ((o.k1 + 1) * level / (o.k1 + level)) * 65536);
    return gain < 1 ? 1 : (uint32_t)gain;
}

typedef struct {
    size_t n, n_required;
    size_t word[8];
    double weight[8];
} question;

static uint32_t scores[ITEMS];

static void score_all(const question *q, const uint64_t *barred)
{
    memset(scores, 0, sizeof scores);
    for (size_t t = 0; t < q->n; t++) {
        double n_with = 0;
        for (size_t i = 0; i < ITEMS; i++) {
            n_with += times[i][q->word[t]] > 0;
        }
        for (size_t i = 0; i < ITEMS; i++) {
            if (times[i][q->word[t]] > 0) {
                scores[i] += gain_by_formula(i, q->word[t], q->weight[t], n_with);
            }
        }
    }
    for (size_t i = 0; i < ITEMS; i++) {
        for (size_t t = 0; t < q->n_required; t++) {
            scores[i] = times[i][q->word[t]] > 0 ? scores[i] : 0;
        }
        scores[i] = barred && (barred[i / 64] >> (i % 64) & 1) ? 0 : scores[i];
    }
}

static int better_first(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return scores[x] > scores[y] ? -1 : scores[x] < scores[y] ? 1 : (x > y) - (x < y);
}

static question ask(uint64_t *seed)
{
    question q = {.n = 1 + test_random(seed) % 5};
    for (size_t t = 0; t < q.n; t++) {
        bool is_new = false;
        while (!is_new) {
            uint32_t a = test_random(seed) % WORDS, b = test_random(seed) % WORDS;
            q.word[t] = test_random(seed) % 2 ? a * b / WORDS : a / 8;
            is_new = true;
            for (size_t o = 0; o < t; o++) {
                is_new &= q.word[o] != q.word[t];
            }
        }
        q.weight[t] = test_random(seed) % 3 ? 1 : 0.25 * (1 + test_random(seed) % 12);
    }
    q.n_required = test_random(seed) % 3 == 0 ? q.n : test_random(seed) % 3 == 0 ? test_random(seed) % (q.n + 1) : 0;
    return q;
}

/* The question's terms in the index; false: one is in no title. */
static bool find_terms(const rk_index *index, const question *q, rk_search_term *terms)
{
    bool has_all = true;
    for (size_t t = 0; t < q->n; t++) {
        char word[16];
        word_of(q->word[t], word);
        terms[t] = (rk_search_term){rk_index_find(index, rk_slice_of(word)), q->weight[t]};
        has_all &= terms[t].term != UINT32_MAX;
    }
    return has_all;
}

static void the_best_are_those_of_adding_up_every_list(void **state)
{
    rk_index *index = *state;
    rk_search_desk *desk = rk_search_desk_new();
    uint64_t seed = 11;
    static uint64_t barred[ITEMS / 64 + 1];
    static uint32_t order[ITEMS], items[ITEMS];
    static float got[ITEMS];
    static const size_t lengths[] = {1, 10, 10, 10, 100, ITEMS};
    size_t n_asked = 0;
    for (size_t round = 0; round < 10500; round++) {
        rk_search_term terms[8];
        question q = ask(&seed);
        if (!find_terms(index, &q, terms)) {
            continue;
        }
        bool has_bars = test_random(&seed) % 4 == 0;
        for (size_t i = 0; has_bars && i < RK_COUNT_OF(barred); i++) {
            barred[i] = (uint64_t)test_random(&seed) << 33 ^ test_random(&seed);
        }
        score_all(&q, has_bars ? barred : NULL);
        size_t n_all = 0, k = lengths[test_random(&seed) % RK_COUNT_OF(lengths)];
        for (uint32_t i = 0; i < ITEMS; i++) {
            order[n_all] = i;
            n_all += scores[i] > 0;
        }
        qsort(order, n_all, sizeof *order, better_first);
        rk_search search = {terms, q.n, q.n_required, has_bars ? barred : NULL};
        size_t n = rk_search_best(desk, index, &search, k, items, got);
        assert_int_equal(n, n_all < k ? n_all : k);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(items[i], order[i]);
            assert_true(got[i] == (float)scores[order[i]] / 65536.0F);
        }
        n_asked++;
    }
    assert_true(n_asked >= 10000);
    rk_search_desk_free(desk);
}

static void all_matches_and_single_scores_agree(void **state)
{
    rk_index *index = *state;
    rk_search_desk *desk = rk_search_desk_new();
    uint64_t seed = 12;
    static uint64_t bits[ITEMS / 64 + 1];
    for (size_t round = 0; round < 200; round++) {
        rk_search_term terms[8];
        question q = ask(&seed);
        if (!find_terms(index, &q, terms)) {
            continue;
        }
        score_all(&q, NULL);
        rk_search search = {terms, q.n, q.n_required, NULL};
        uint64_t n = rk_search_all(desk, index, &search, bits), n_wanted = 0;
        for (uint32_t i = 0; i < ITEMS; i++) {
            assert_int_equal(bits[i / 64] >> (i % 64) & 1, scores[i] > 0);
            n_wanted += scores[i] > 0;
        }
        assert_int_equal(n, n_wanted);
        for (uint32_t i = (uint32_t)round % 7; i < ITEMS; i += 97) {
            assert_true(rk_search_score(index, &search, i) == (float)scores[i] / 65536.0F);
        }
    }
    rk_search_desk_free(desk);
}

static void blocks_unpack_to_what_was_packed(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (unsigned round = 0; round < 2000; round++) {
        uint32_t ids[RK_BLOCK], back[RK_BLOCK], words[4 * 32 + 4], before = test_random(&seed) % 1000, at = before;
        unsigned width = round % 26;
        for (size_t i = 0; i < RK_BLOCK; i++) {
            at += 1 + (width ? test_random(&seed) % (1u << width) : 0);
            ids[i] = at;
        }
        unsigned bits = rk_block_bits(ids, before);
        rk_block_pack(ids, before, bits, words);
        rk_block_unpack(words, before, bits, back);
        assert_memory_equal(ids, back, sizeof ids);
        assert_true(bits <= width + 1);
    }
}

static void assert_same(const rk_list_kernels *kernels, uint64_t *seed)
{
    const rk_list_kernels *plain = &rk_list_kernels_generic;
    uint32_t packed[4 * 32], ids[RK_BLOCK], other[RK_BLOCK], item = test_random(seed);
    uint8_t levels[RK_BLOCK], least = (uint8_t)test_random(seed);
    uint64_t marks[2], others[2];
    unsigned bits = test_random(seed) % 33;
    uint32_t n = test_random(seed) % (RK_BLOCK + 1);
    double value[RK_BLOCK], weight = test_random(seed) % 1000 * 0.37;
    for (size_t i = 0; i < RK_BLOCK; i++) {
        levels[i] = (uint8_t)test_random(seed);
        packed[i] = test_random(seed);
        value[i] = test_random(seed) % 4096 / 64.0;
    }
    plain->unpack(packed, item, bits, ids);
    kernels->unpack(packed, item, bits, other);
    assert_memory_equal(ids, other, sizeof ids);
    assert_int_equal(plain->count_before(ids, item), kernels->count_before(ids, item));
    plain->mark(levels, n, least, marks);
    kernels->mark(levels, n, least, others);
    assert_memory_equal(marks, others, sizeof marks);
    for (uint32_t i = 0; i < RK_BLOCK; i++) {
        assert_int_equal(marks[i / 64] >> (i % 64) & 1, i < n && levels[i] >= least);
    }
    plain->weigh(ids, value, n, weight);
    kernels->weigh(other, value, n, weight);
    assert_memory_equal(ids, other, n * sizeof *ids);
}

static void kernels_give_the_same(void **state)
{
    (void)state;
    const rk_kernels *all[4];
    size_t n = rk_kernels_all(all, RK_COUNT_OF(all));
    uint64_t seed = 21;
    for (size_t i = 0; i < n; i++) {
        setenv("RECKON_KERNELS", all[i]->name, 1);
        for (size_t round = 0; round < 2000; round++) {
            assert_same(rk_list_kernels_best(), &seed);
        }
    }
    unsetenv("RECKON_KERNELS");
}

/* The index with one section changed. */
static void assert_refused(const char *section, size_t at, int change)
{
    rk_artefact *in;
    rk_artefact_writer *out;
    rk_error err = {0};
    rk_index *index = NULL;
    assert_int_equal(rk_artefact_open("index.rk", "search", &in, &err), RK_OK);
    assert_int_equal(rk_artefact_create("bad.rk", "search", &out, &err), RK_OK);
    json_t *meta = json_deep_copy(rk_artefact_meta(in));
    json_object_update(rk_artefact_writer_meta(out), meta);
    json_decref(meta);
    for (size_t i = 0; i < rk_artefact_n_sections(in); i++) {
        const rk_section *s = rk_artefact_section_at(in, i);
        if (strcmp(s->name, section) != 0) {
            assert_int_equal(rk_artefact_add_copy(out, s, &err), RK_OK);
            continue;
        }
        unsigned char *copy = malloc(s->bytes);
        memcpy(copy, s->data, s->bytes);
        copy[at * rk_type_bytes(s->type)] = (unsigned char)(copy[at * rk_type_bytes(s->type)] + change);
        assert_int_equal(rk_artefact_add(out, s->name, s->type, s->rows, s->cols, copy, &err), RK_OK);
        free(copy);
    }
    assert_int_equal(rk_artefact_commit(out, NULL, &err), RK_OK);
    rk_artefact_close(in);
    assert_int_equal(rk_index_open("bad.rk", &index, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "damaged index"));
    assert_null(index);
}

/* Without rare words: what is left answers as before, and to what is not left nothing does. */
static void rare_words_are_left_out_and_no_other_list_changes(void **state)
{
    enum { LEAST = 40, BEST = 20 };
    const rk_index *all = *state;
    rk_index *less = NULL;
    rk_index_report built;
    rk_error err = {0};
    rk_index_options options = rk_index_defaults();
    options.analysis.stemmer = "none";
    options.least_items = LEAST;
    rk_search_desk *desk = rk_search_desk_new();
    assert_int_equal(rk_index_build("products.rk", &options, "bad.rk", &(rk_run){0}, &built, &err), RK_OK);
    assert_int_equal(rk_index_open("bad.rk", &less, &err), RK_OK);
    uint32_t n_kept = 0;
    for (uint32_t t = 0; t < rk_index_n_terms(all); t++) {
        uint32_t docs = rk_index_docs(all, t), other = rk_index_find(less, rk_index_term(all, t));
        uint32_t word = rk_names_find(&less->words.names, rk_index_term(all, t));
        assert_int_equal(other == RK_NO_ID, docs < LEAST);
        assert_int_equal(word == RK_NO_ID, docs < LEAST);
        if (other == RK_NO_ID) {
            continue;
        }
        uint32_t a[BEST], b[BEST];
        float x[BEST], y[BEST];
        rk_search_term one = {t, 1}, same = {other, 1};
        size_t n = rk_search_best(desk, all, &(rk_search){.terms = &one, .n_terms = 1}, BEST, a, x);
        assert_int_equal(rk_search_best(desk, less, &(rk_search){.terms = &same, .n_terms = 1}, BEST, b, y), n);
        assert_memory_equal(a, b, n * sizeof *a);
        assert_memory_equal(x, y, n * sizeof *x);
        assert_int_equal(rk_index_field_docs(less, other, RK_FIELD_TITLE), docs);
        n_kept++;
    }
    assert_int_equal(rk_index_n_terms(less), n_kept);
    assert_int_equal(built.n_terms, n_kept);
    assert_int_equal(built.n_dropped, rk_index_n_terms(all) - n_kept);
    assert_true(built.n_dropped > 10 && n_kept > 10);
    rk_search_desk_free(desk);
    rk_index_close(less);
}

static void a_hostile_index_is_an_error(void **state)
{
    (void)state;
    assert_refused("term.docs", 0, 1);
    assert_refused("term.block", 1, 1);
    assert_refused("term.posting", 1, 1);
    assert_refused("term.most", 0, -1);
    assert_refused("block.most", 0, -1);
    assert_refused("block.last", 0, 1);
    assert_refused("block.bits", 0, 1);
    assert_refused("block.at", 1, 1);
    assert_refused("posting.id", 0, 1);
    assert_refused("posting.level", 0, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_unpack_to_what_was_packed),
        cmocka_unit_test(kernels_give_the_same),
        cmocka_unit_test(the_best_are_those_of_adding_up_every_list),
        cmocka_unit_test(all_matches_and_single_scores_agree),
        cmocka_unit_test(rare_words_are_left_out_and_no_other_list_changes),
        cmocka_unit_test(a_hostile_index_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
