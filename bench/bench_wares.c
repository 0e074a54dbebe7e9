/* bench_wares.c - a live index of a million titles: how long it takes to open, how soon a put is found while others
 * search, how many products a second go in, and what it costs to search eight segments instead of one.
 *
 *     bench_wares [FOLDER]     default: where temporary files are; the disk under it is what puts wait for
 *
 * Latencies are wall time; rates of searching are processor time of one thread. Prints Markdown.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "data/synth.h"
#include "math/random.h"
#include "text/question.h"
#include "text/wares.h"

enum { ITEMS = 1000000, PARTS = 8, QUESTIONS = 2000, PUTS = 400, BATCH = 1000, BATCHES = 40, K = 10 };

static void check(rk_status status, const rk_error *err)
{
    if (status) {
        fprintf(stderr, "bench_wares: %s\n", err->message);
        exit(1);
    }
}

static double ms_since(int64_t begin) { return (double)(rk_clock_ns() - begin) * 1e-6; }

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Two or three words of a title. */
static void draw(const rk_dataset *shop, rk_random *random, char out[256])
{
    rk_slice title = rk_names_get(&shop->title, rk_random_below(random, shop->n_items));
    size_t n = 0, words = 2 + rk_random_below(random, 2);
    for (size_t i = 0; i < title.n && n < 255 && words > 0; i++) {
        words -= title.at[i] == ' ';
        if (words > 0) {
            out[n++] = title.at[i];
        }
    }
    out[n] = '\0';
}

/* A view with a reader of questions. */
typedef struct {
    rk_wares_view *view;
    rk_asker *asker;
} seat;

static seat sit_down(rk_wares *wares)
{
    seat s = {NULL, NULL};
    rk_error err;
    check(rk_wares_view_new(wares, &s.view, &err), &err);
    check(rk_asker_new(rk_wares_view_corpus(s.view), &s.asker, &err), &err);
    return s;
}

static void get_up(seat *s)
{
    rk_asker_free(s->asker);
    rk_wares_view_free(s->view);
}

/* To the products of now, if there are newer ones. */
static void move_up(seat *s, rk_wares *wares)
{
    if (rk_wares_view_is_old(s->view)) {
        get_up(s);
        *s = sit_down(wares);
    }
}

static size_t ask(const seat *s, const char *text)
{
    rk_arena arena = {0};
    rk_question question;
    rk_findings found;
    rk_error err;
    check(rk_question_read(s->asker, rk_slice_of(text), &question, &err), &err);
    check(rk_question_answer(s->asker, &question, K, &arena, &found, &err), &err);
    rk_arena_release(&arena);
    return found.n;
}

/* Questions a second of processor time. */
static double search_rate(rk_wares *wares, const rk_dataset *shop)
{
    seat s = sit_down(wares);
    int64_t begin = 0;
    for (int round = 0; round < 2; round++) { /* the first warms */
        rk_random random = rk_random_of(3, 0);
        begin = rk_clock_thread_ns();
        for (size_t q = 0; q < QUESTIONS; q++) {
            char text[256];
            draw(shop, &random, text);
            ask(&s, text);
        }
    }
    double rate = QUESTIONS * 1e9 / (double)(rk_clock_thread_ns() - begin);
    get_up(&s);
    return rate;
}

static rk_wares *open_at(const char *path, uint32_t flush_items, bool has_no_merger)
{
    rk_wares *wares = NULL;
    rk_error err;
    rk_wares_options options = rk_wares_defaults();
    options.flush_items = flush_items;
    options.has_no_merger = has_no_merger;
    check(rk_wares_open(path, &options, &wares, &err), &err);
    return wares;
}

static void create(const char *path, const char *dataset)
{
    rk_error err;
    rk_run run = {0};
    rk_wares_options options = rk_wares_defaults();
    check(rk_wares_create(path, dataset, &options, &run, &err), &err);
}

/* ---- segments ---- */

static void put_range(rk_wares *wares, const rk_dataset *shop, uint32_t begin, uint32_t end)
{
    rk_wares_product *products = calloc(end - begin, sizeof *products);
    rk_error err;
    for (uint32_t i = begin; products && i < end; i++) {
        products[i - begin] = (rk_wares_product){.id = rk_names_get(&shop->items, i),
                                                 .title = rk_names_get(&shop->title, i),
                                                 .brand = rk_names_get(&shop->brand, i),
                                                 .category = rk_names_get(&shop->category, i),
                                                 .price = shop->item_price[i]};
    }
    check(products ? rk_wares_put(wares, products, end - begin, &err) : rk_fail_memory(&err, "products"), &err);
    free(products);
}

static void compare_segments(const char *path, const rk_dataset *shop)
{
    rk_error err;
    rk_wares_state state;
    create(path, NULL);
    rk_wares *wares = open_at(path, 4 * ITEMS, true);
    for (uint32_t p = 0; p < PARTS; p++) {
        put_range(wares, shop, p * (ITEMS / PARTS), (p + 1) * (ITEMS / PARTS));
    }
    rk_wares_status(wares, &state);
    double many = search_rate(wares, shop);
    check(rk_wares_compact(wares, &err), &err);
    double one = search_rate(wares, shop);
    printf("| questions/s, %zu segments | %.0f |\n| questions/s, 1 segment | %.0f |\n| of 1 | %.2f |\n",
           state.n_in_memory + state.n_on_disk, many, one, many / one);
    rk_wares_close(wares);
}

/* ---- puts while others search ---- */

typedef struct {
    rk_wares *wares;
    const rk_dataset *shop;
    atomic_bool is_over;
    uint64_t n;
} searcher;

static void *search_on(void *context)
{
    searcher *s = context;
    rk_random random = rk_random_of(5, 0);
    seat mine = sit_down(s->wares);
    while (!atomic_load(&s->is_over)) {
        char text[256];
        draw(s->shop, &random, text);
        move_up(&mine, s->wares);
        ask(&mine, text);
        s->n++;
    }
    get_up(&mine);
    return NULL;
}

/* From the call of a put to an answer that has the product. */
static void measure_visible(rk_wares *wares, const rk_dataset *shop)
{
    static double took[PUTS], written[PUTS];
    searcher s = {.wares = wares, .shop = shop};
    pthread_t thread;
    rk_error err;
    if (pthread_create(&thread, NULL, search_on, &s)) {
        exit(1);
    }
    seat mine = sit_down(wares);
    for (size_t i = 0; i < PUTS; i++) {
        char id[32], title[64];
        snprintf(id, sizeof id, i % 2 ? "%zu" : "new-%zu", i); /* every other one takes an old one's place */
        snprintf(title, sizeof title, "zq%zux shining new thing", i);
        rk_wares_product product = {.id = rk_slice_of(id), .title = rk_slice_of(title), .price = 1};
        int64_t begin = rk_clock_ns();
        check(rk_wares_put(wares, &product, 1, &err), &err);
        written[i] = ms_since(begin);
        move_up(&mine, wares);
        title[strcspn(title, " ")] = '\0';
        size_t n = ask(&mine, title);
        took[i] = ms_since(begin);
        if (n == 0) {
            fprintf(stderr, "bench_wares: a put is not found\n");
            exit(1);
        }
    }
    atomic_store(&s.is_over, true);
    pthread_join(thread, NULL);
    get_up(&mine);
    qsort(took, PUTS, sizeof *took, ascending);
    qsort(written, PUTS, sizeof *written, ascending);
    printf("| one put on disk, ms: median, p99 | %.2f, %.2f |\n| one put on disk and found, ms: median, p99, most | "
           "%.2f, %.2f, %.2f |\n",
           written[PUTS / 2], written[PUTS * 99 / 100], took[PUTS / 2], took[PUTS * 99 / 100], took[PUTS - 1]);
}

static void measure_puts(rk_wares *wares, const rk_dataset *shop)
{
    int64_t begin = rk_clock_ns();
    for (uint32_t b = 0; b < BATCHES; b++) {
        put_range(wares, shop, b * BATCH, (b + 1) * BATCH);
    }
    double seconds = ms_since(begin) * 1e-3;
    printf("| products replaced/s, %d a call | %.0f |\n", (int)BATCH, BATCH * BATCHES / seconds);
}

int main(int argc, char **argv)
{
    char folder[512], path[600], shop_path[600];
    const char *tmp = getenv("TMPDIR");
    rk_synth_options options = rk_synth_defaults();
    rk_synth_report made;
    rk_run run = {.seed = 1};
    rk_dataset shop = {0};
    rk_error err;
    snprintf(folder, sizeof folder, "%s/reckon-bench-wares-%ld",
             argc > 1 ? argv[1]
             : tmp    ? tmp
                      : "/tmp",
             (long)getpid());
    check(rk_folder_make(folder, &err), &err);
    snprintf(shop_path, sizeof shop_path, "%s/shop.rk", folder);
    options.n_items = ITEMS;
    options.n_users = 100;
    options.n_events = 100;
    check(rk_synth(&options, shop_path, NULL, &run, &made, &err), &err);
    check(rk_dataset_open(shop_path, &shop, &err), &err);

    printf("| a million titles | |\n|---|---:|\n");
    snprintf(path, sizeof path, "%s/one", folder);
    create(path, shop_path);
    rk_wares_close(open_at(path, 0, false)); /* warms */
    int64_t begin = rk_clock_ns(), cpu = rk_clock_cpu_ns();
    rk_wares *wares = open_at(path, 0, false);
    printf("| opened in ms | %.0f (%.0f of processor time) |\n", ms_since(begin),
           (double)(rk_clock_cpu_ns() - cpu) * 1e-6);
    measure_visible(wares, &shop);
    measure_puts(wares, &shop);
    rk_wares_close(wares);
    snprintf(path, sizeof path, "%s/many", folder);
    compare_segments(path, &shop);
    rk_dataset_close(&shop);
    snprintf(path, sizeof path, "rm -r '%s'", folder);
    return system(path) == 0 ? 0 : 1;
}
