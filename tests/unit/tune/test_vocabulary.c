/* test_vocabulary.c - the number of items that a word must have, against trying all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "eval/judge.h"
#include "math/random.h"
#include "support/test.h"
#include "tune/vocabulary.h"

enum { ITEMS = 60, WORDS = 40 };

typedef struct {
    char folder[40], csv[64], shop[64], ratings[64], index[64], trial[64];
    rk_index_options options;
} place;

/* Word w stands in about ITEMS / (w + 1) titles; every fifth item is asked for by a word that few have. */
static void write_files(const place *p)
{
    rk_text items = {0}, ratings = {0};
    rk_random random = rk_random_of(6, 0);
    rk_error err;
    rk_text_add(&items, "id,title\n");
    rk_text_add(&ratings, "query,docid,rating\n");
    for (unsigned i = 0; i < ITEMS; i++) {
        rk_text_addf(&items, "%u,all", i);
        for (unsigned w = 0; w < WORDS; w++) {
            if (rk_random_below(&random, w + 1) == 0) {
                rk_text_addf(&items, " word%c%c", 'a' + (char)(w / 8), 'a' + (char)(w % 8));
                if (i % 5 == 0) {
                    rk_text_addf(&ratings, "word%c%c,%u,1\n", 'a' + (char)(w / 8), 'a' + (char)(w % 8), i);
                }
            }
        }
        rk_text_add(&items, "\n");
    }
    assert_int_equal(rk_file_write_text(p->csv, &items, &err), RK_OK);
    assert_int_equal(rk_file_write_text(p->ratings, &ratings, &err), RK_OK);
    rk_text_release(&items);
    rk_text_release(&ratings);
}

static int make_place(void **state)
{
    place *p = calloc(1, sizeof *p);
    rk_catalogue_report report;
    rk_error err;
    strcpy(p->folder, "/tmp/reckon-words-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->csv, sizeof p->csv, "%s/p.csv", p->folder);
    snprintf(p->shop, sizeof p->shop, "%s/p.rk", p->folder);
    snprintf(p->ratings, sizeof p->ratings, "%s/r.csv", p->folder);
    snprintf(p->index, sizeof p->index, "%s/i.rk", p->folder);
    snprintf(p->trial, sizeof p->trial, "%s/t.rk", p->folder);
    p->options = rk_index_defaults();
    p->options.dictionary = "none";
    write_files(p);
    rk_catalogue_options from = {.path = p->csv, .out_path = p->shop};
    assert_int_equal(rk_catalogue_ingest(&from, &(rk_run){0}, &report, &err), RK_OK);
    *state = p;
    return 0;
}

static int remove_place(void **state)
{
    place *p = *state;
    const char *const files[] = {p->csv, p->shop, p->ratings, p->index, p->trial};
    for (size_t i = 0; i < RK_COUNT_OF(files); i++) {
        unlink(files[i]);
    }
    assert_int_equal(rmdir(p->folder), 0); /* nothing of a search is left */
    free(p);
    return 0;
}

typedef struct {
    uint64_t bytes;
    uint32_t n_terms;
    double ndcg;
} figures;

static figures slow_figures(const place *p, uint32_t least)
{
    rk_index_options options = p->options;
    rk_index_report report;
    rk_index *index;
    rk_judgements judgements;
    rk_judgement judged;
    rk_ranker ranker = rk_ranker_default();
    rk_error err;
    options.least_items = least;
    assert_int_equal(rk_index_build(p->shop, &options, p->trial, &(rk_run){0}, &report, &err), RK_OK);
    assert_int_equal(rk_index_open(p->trial, &index, &err), RK_OK);
    assert_int_equal(rk_judgements_read(p->ratings, &judgements, &err), RK_OK);
    assert_int_equal(rk_judge(index, &judgements, &ranker, 1, &(rk_run){0}, &judged, &err), RK_OK);
    figures f = {0, report.n_terms, judged.value[RK_JUDGE_NDCG_10]};
    for (size_t i = 0; i < rk_artefact_n_sections(rk_index_artefact(index)); i++) {
        f.bytes += rk_artefact_section_at(rk_index_artefact(index), i)->bytes;
    }
    rk_judgement_release(&judged);
    rk_judgements_release(&judgements);
    rk_index_close(index);
    return f;
}

static rk_vocabulary found(const place *p, rk_vocabulary_wish wish)
{
    rk_vocabulary v;
    rk_error err = {0};
    wish.dataset_path = p->shop;
    wish.index = &p->options;
    wish.out_path = p->index;
    if (rk_vocabulary_write(&wish, &(rk_run){0}, &v, &err)) {
        fail_msg("%s", err.message);
    }
    return v;
}

static void a_share_takes_the_least_number_that_is_enough(void **state)
{
    const place *p = *state;
    uint32_t all = slow_figures(p, 1).n_terms;
    for (double share = 0.05; share < 1.01; share += 0.19) {
        uint32_t least = 1;
        while (slow_figures(p, least).n_terms > share * all) {
            least++;
        }
        rk_vocabulary v = found(p, (rk_vocabulary_wish){.share = share});
        assert_int_equal(v.least_items, least);
        assert_int_equal(v.report.n_terms, slow_figures(p, least).n_terms);
    }
}

static void bytes_take_the_least_number_that_is_enough(void **state)
{
    const place *p = *state;
    uint64_t all = slow_figures(p, 1).bytes, none = slow_figures(p, ITEMS + 1).bytes;
    for (uint64_t bytes = none; bytes <= all + 100; bytes += (all - none) / 4) {
        uint32_t least = 1;
        while (slow_figures(p, least).bytes > bytes) {
            least++;
        }
        assert_int_equal(found(p, (rk_vocabulary_wish){.bytes = bytes}).least_items, least);
    }
}

/* Between the number that is taken and the next the quality falls below what is asked for. */
static void judgements_take_the_largest_number_that_keeps_so_much(void **state)
{
    const place *p = *state;
    double all = slow_figures(p, 1).ndcg;
    assert_true(all > 0.1);
    for (double keep = 0.2; keep < 1.01; keep += 0.2) {
        rk_vocabulary v = found(p, (rk_vocabulary_wish){.judgements_path = p->ratings, .keep = keep});
        figures kept = slow_figures(p, v.least_items), next = slow_figures(p, v.least_items + 1);
        assert_true(kept.ndcg >= keep * all && next.ndcg < keep * all);
        assert_true(v.ndcg == kept.ndcg && v.ndcg_all == all);
    }
}

static void expect_refusal(const place *p, rk_vocabulary_wish wish, const char *message)
{
    rk_vocabulary v;
    rk_error err = {0};
    wish.dataset_path = p->shop;
    wish.index = &p->options;
    wish.out_path = p->index;
    assert_int_equal(rk_vocabulary_write(&wish, &(rk_run){0}, &v, &err), RK_BAD_INPUT);
    if (!strstr(err.message, message)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
    assert_int_equal(access(p->index, F_OK), -1);
}

static void what_cannot_be_is_refused(void **state)
{
    const place *p = *state;
    expect_refusal(p, (rk_vocabulary_wish){.bytes = 100}, "bytes, and 100 are asked for");
    expect_refusal(p, (rk_vocabulary_wish){.share = 0.05, .judgements_path = p->ratings, .keep = 0.99},
                   "are few enough, with an nDCG@10 of");
    FILE *file = fopen(p->ratings, "w");
    fputs("query,docid,rating\nnothing,1,1\n", file);
    fclose(file);
    expect_refusal(p, (rk_vocabulary_wish){.judgements_path = p->ratings, .keep = 0.9}, "there is no quality to keep");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        CASE(a_share_takes_the_least_number_that_is_enough),
        CASE(bytes_take_the_least_number_that_is_enough),
        CASE(judgements_take_the_largest_number_that_keeps_so_much),
        CASE(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
