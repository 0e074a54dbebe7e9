/* bench_questions.c - milliseconds of one thread that questions with conditions, orders and facets take, among a
 * million products.
 *
 *     bench_questions [ITEMS]
 *
 * Products have titles of drawn words, one of 2,000 brands, of 240 categories in three levels, of 12 colours, a size
 * and a price. Each row is one kind of question, drawn anew each time; the first rows are also asked of the loop one
 * would write first, which reads and folds the brand of every product and compares its price.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "data/catalogue.h"
#include "math/random.h"
#include "text/columns.h"
#include "text/question.h"

enum { ROUNDS = 200, SLOW_ROUNDS = 3, BRANDS = 2000, COLOURS = 12, WORDS = 3000 };

static const char *const colours[COLOURS] = {"red",  "blue",  "green", "black",  "white", "grey",
                                             "pink", "brown", "beige", "orange", "gold",  "teal"};

static void check(rk_status status, const rk_error *err)
{
    if (status) {
        fprintf(stderr, "bench_questions: %s\n", err->message);
        exit(1);
    }
}

/* Low numbers come often. */
static uint32_t draw(rk_random *random, uint32_t n)
{
    double u = rk_random_uniform(random);
    return (uint32_t)(u * u * u * n);
}

static void add_word(rk_text *text, uint32_t word)
{
    rk_text_addf(text, "%c%c%c%c", "bdfgklmnprstvz"[word % 14], "aeiou"[word / 14 % 5],
                 "bdfgklmnprstvz"[word / 70 % 14], "aeiou"[word / 980 % 5]);
}

static void write_products(const char *path, size_t n)
{
    rk_random random = rk_random_of(1, 0);
    rk_text text = {0};
    rk_error err;
    rk_text_add(&text, "id,title,brand,category,price,colour,size_cm\n");
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(&text, "%zu,", i);
        for (uint32_t w = 0, n_words = 3 + rk_random_below(&random, 4); w < n_words; w++) {
            rk_text_add(&text, w ? " " : "");
            add_word(&text, draw(&random, WORDS));
        }
        uint32_t category = rk_random_below(&random, 240);
        rk_text_addf(&text, ",Brand %u,dept %u > aisle %u > shelf %u,%u.%02u,%s,%u\n", draw(&random, BRANDS),
                     category / 40, category / 8, category, 1 + draw(&random, 900), rk_random_below(&random, 100),
                     colours[rk_random_below(&random, COLOURS)], 5 + rk_random_below(&random, 200));
    }
    check(rk_file_write_text(path, &text, &err), &err);
    rk_text_release(&text);
}

static rk_index *make_index(size_t n)
{
    char folder[] = "/tmp/reckon-bench-XXXXXX", path[3][64];
    rk_run run = {0};
    rk_error err;
    rk_catalogue_report report;
    rk_index_report built;
    rk_index_options options = rk_index_defaults();
    rk_index *index = NULL;
    if (!mkdtemp(folder)) {
        fprintf(stderr, "bench_questions: no room in /tmp\n");
        exit(1);
    }
    for (size_t i = 0; i < RK_COUNT_OF(path); i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", folder, (const char *[]){"p.csv", "p.rk", "s.rk"}[i]);
    }
    options.is_bare = true;
    write_products(path[0], n);
    rk_catalogue_options from = {.path = path[0], .out_path = path[1]};
    check(rk_catalogue_ingest(&from, &run, &report, &err), &err);
    check(rk_index_build(path[1], &options, path[2], &run, &built, &err), &err);
    check(rk_index_open(path[2], &index, &err), &err);
    printf("%u products indexed in %.1f s of processor time\n\n", built.n_items, built.cpu_s);
    for (size_t i = 0; i < RK_COUNT_OF(path); i++) {
        unlink(path[i]);
    }
    rmdir(folder);
    return index;
}

/* ---- kinds of questions ---- */

typedef struct {
    const char *name;
    bool has_words, has_brand, has_category, has_price, has_colours;
    const char *sort, *facets[3];
} kind;

static const kind kinds[] = {
    {"brand", .has_brand = true},
    {"brand, price", .has_brand = true, .has_price = true},
    {"2 words", .has_words = true},
    {"2 words, brand", .has_words = true, .has_brand = true},
    {"2 words, brand, price", .has_words = true, .has_brand = true, .has_price = true},
    {"2 words, department, 3 colours, price", .has_words = true, .has_category = true, .has_price = true,
     .has_colours = true},
    {"2 words by price", .has_words = true, .sort = "price"},
    {"2 words by size", .has_words = true, .sort = "-size_cm"},
    {"department by price", .has_category = true, .sort = "price"},
    {"2 words, 3 facets", .has_words = true, .facets = {"brand", "category", "price"}},
    {"2 words, brand, 3 facets", .has_words = true, .has_brand = true, .facets = {"brand", "colour", "price"}},
    {"department, 3 facets", .has_category = true, .facets = {"brand", "colour", "price"}},
};

typedef struct {
    uint32_t brand, low, high;
} drawn;

static drawn draw_question(const kind *k, rk_random *random, rk_text *out)
{
    drawn d = {draw(random, BRANDS), 1 + draw(random, 400), 0};
    d.high = d.low + 50;
    rk_text_clear(out);
    for (int w = 0; k->has_words && w < 2; w++) {
        add_word(out, draw(random, WORDS));
        rk_text_add(out, " ");
    }
    if (k->has_brand) {
        rk_text_addf(out, "brand:\"brand %u\" ", d.brand);
    }
    if (k->has_category) {
        rk_text_addf(out, "category:\"dept %u\" ", rk_random_below(random, 6));
    }
    if (k->has_price) {
        rk_text_addf(out, "price:%u..%u ", d.low, d.high);
    }
    if (k->has_colours) {
        rk_text_add(out, "colour:(red,blue,black) ");
    }
    return d;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The loop one would write first; returns milliseconds of a question. */
static double ask_every_product(const rk_index *index, const kind *k)
{
    const rk_dataset *d = rk_index_items(index);
    rk_analyser *folder = NULL;
    rk_random random = rk_random_of(2, 0);
    rk_text question = {0}, value = {0}, wanted = {0};
    rk_error err;
    uint64_t n_found = 0;
    check(rk_analyser_new(&rk_value_analysis, &folder, &err), &err);
    int64_t begin = rk_clock_thread_ns();
    for (int round = 0; round < SLOW_ROUNDS; round++) {
        drawn q = draw_question(k, &random, &question);
        rk_text_clear(&wanted);
        rk_text_addf(&wanted, "brand %u ", q.brand);
        for (uint32_t i = 0; i < d->n_items; i++) {
            check(rk_value_fold(folder, rk_names_get(&d->brand, i), false, &value, &err), &err);
            bool is_in = value.n == wanted.n && memcmp(value.at, wanted.at, value.n) == 0;
            n_found +=
                is_in && (!k->has_price || (d->item_price[i] >= (float)q.low && d->item_price[i] <= (float)q.high));
        }
    }
    double ms = (double)(rk_clock_thread_ns() - begin) / 1e6 / SLOW_ROUNDS;
    rk_text_release(&question);
    rk_text_release(&value);
    rk_text_release(&wanted);
    rk_analyser_free(folder);
    return n_found > 0 ? ms : NAN;
}

static void ask_once(rk_asker *asker, const rk_index *index, const kind *k, rk_slice text, rk_arena *arena,
                     uint64_t *total)
{
    rk_question question;
    rk_findings found;
    rk_facet_value values[10];
    rk_error err;
    size_t n;
    rk_page page = {.n = 10};
    check(k->sort ? rk_sort_read(rk_index_corpus(index), rk_slice_of(k->sort), &page.sort, &err) : RK_OK, &err);
    check(rk_question_read(asker, text, &question, &err), &err);
    check(rk_question_page(asker, &question, &page, arena, &found, &err), &err);
    for (size_t f = 0; f < RK_COUNT_OF(k->facets) && k->facets[f]; f++) {
        check(rk_facet_count(asker, &found, rk_slice_of(k->facets[f]), 10, arena, values, &n, &err), &err);
    }
    *total += found.total;
}

static void measure(const rk_index *index, rk_asker *asker, const kind *k)
{
    static int64_t took[ROUNDS];
    rk_random random = rk_random_of(2, 0);
    rk_arena arena = {0};
    rk_text text = {0};
    uint64_t total = 0;
    int64_t sum = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        draw_question(k, &random, &text);
        int64_t begin = rk_clock_thread_ns();
        ask_once(asker, index, k, (rk_slice){text.at, text.n}, &arena, &total);
        took[round] = rk_clock_thread_ns() - begin;
        sum += took[round];
        rk_arena_clear(&arena);
    }
    qsort(took, ROUNDS, sizeof *took, ascending);
    double mean = (double)sum / 1e6 / ROUNDS;
    printf("| %s | %.0f | %.3f | %.3f | %.3f |", k->name, (double)total / ROUNDS, (double)took[ROUNDS / 2] / 1e6, mean,
           (double)took[ROUNDS * 99 / 100] / 1e6);
    bool has_loop = k->has_brand && !k->has_words;
    if (has_loop) {
        double slow = ask_every_product(index, k);
        printf(" %.0f | %.0f |\n", slow, slow / mean);
    } else {
        printf(" | |\n");
    }
    rk_text_release(&text);
    rk_arena_release(&arena);
}

int main(int n_args, char **args)
{
    rk_error err;
    uint64_t n = 1000000;
    rk_asker *asker = NULL;
    if (n_args > 2 || (n_args == 2 && !rk_parse_u64(rk_slice_of(args[1]), &n))) {
        fprintf(stderr, "usage: bench_questions [ITEMS]\n");
        return 2;
    }
    rk_index *index = make_index(n);
    check(rk_asker_new(rk_index_corpus(index), &asker, &err), &err);
    printf("| asked | found | median ms | mean ms | p99 ms | every product: mean ms | ratio |\n"
           "|---|---:|---:|---:|---:|---:|---:|\n");
    for (size_t k = 0; k < RK_COUNT_OF(kinds); k++) {
        measure(index, asker, &kinds[k]);
    }
    rk_asker_free(asker);
    rk_index_close(index);
    return 0;
}
