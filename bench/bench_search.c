/* bench_search.c - questions a second to an index of a million titles, one thread, beside adding up every list.
 *
 *     bench_search [INDEX.rk [QUESTIONS.txt]]     QUESTIONS: "any red shoes" or "all red shoes" a line
 *
 * Questions are two or three words of one title, drawn, so that common words come often. The slow side is the loop one
 * would write first: a score for every item from every posting of the words, then a selector over all items.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/synth.h"
#include "math/random.h"
#include "math/topk.h"
#include "text/index_parts.h"

enum { QUESTIONS = 2000, SLOW = 50, K = 10, ITEMS = 1000000, WORDS_MAX = 3 };

typedef struct {
    rk_search_term term[WORDS_MAX];
    size_t n;
} words;

static void check(rk_status status, const rk_error *err)
{
    if (status) {
        fprintf(stderr, "bench_search: %s\n", err->message);
        exit(1);
    }
}

/* n different words of one title, drawn until a title has as many. */
static words draw(const rk_index *index, rk_analyser *analyser, rk_random *random, size_t n)
{
    words out = {.n = 0};
    rk_error err;
    while (out.n < n) {
        const rk_token *tokens;
        size_t n_tokens = 0;
        uint32_t item = rk_random_below(random, rk_index_n_items(index));
        check(rk_analyse(analyser, rk_names_get(&rk_index_items(index)->title, item), &tokens, &n_tokens, &err), &err);
        out.n = 0;
        for (int tries = 0; n_tokens > 0 && out.n < n && tries < 40; tries++) {
            const rk_token *one = &tokens[rk_random_below(random, (uint32_t)n_tokens)];
            uint32_t term = one->n_words == 1 ? rk_index_find(index, one->term) : UINT32_MAX;
            bool is_new = term != UINT32_MAX;
            for (size_t i = 0; i < out.n; i++) {
                is_new &= out.term[i].term != term;
            }
            if (is_new) {
                out.term[out.n++] = (rk_search_term){term, 1};
            }
        }
    }
    return out;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Every posting of a word adds to its item's score; n_with counts the words that an item has. */
static void add_list(const rk_index *x, uint32_t term, float *score, uint8_t *n_with)
{
    uint32_t ids[RK_BLOCK], n = x->term_docs[term], first = x->term_block[term];
    const uint8_t *levels = x->posting_level + x->term_posting[term];
    for (uint32_t b = first; b < x->term_block[term + 1]; b++) {
        uint32_t here = b + 1 < x->term_block[term + 1] ? RK_BLOCK : n - (b - first) * RK_BLOCK;
        const uint32_t *at = x->posting_id + (size_t)x->block_at[b] * 4;
        if (x->block_bits[b] == RK_RAW_BITS) {
            memcpy(ids, at, here * sizeof *ids);
        } else {
            rk_block_unpack(at, b > first ? x->block_last[b - 1] : 0, x->block_bits[b], ids);
        }
        for (uint32_t i = 0; i < here; i++) {
            score[ids[i]] += (float)x->gain[levels[(b - first) * RK_BLOCK + i]];
            n_with[ids[i]]++;
        }
    }
}

static double add_up_all(const rk_index *index, const words *all, size_t n, bool is_all)
{
    uint32_t n_items = rk_index_n_items(index), items[K];
    float *score = malloc(n_items * sizeof *score), best[K];
    uint8_t *n_with = malloc(n_items);
    rk_topk *topk = rk_topk_new(K);
    int64_t begin = rk_clock_thread_ns();
    for (size_t q = 0; score && n_with && topk && q < n; q++) {
        memset(score, 0, n_items * sizeof *score);
        memset(n_with, 0, n_items);
        for (size_t t = 0; t < all[q].n; t++) {
            add_list(index, all[q].term[t].term, score, n_with);
        }
        for (uint32_t i = 0; is_all && i < n_items; i++) {
            score[i] = n_with[i] == all[q].n ? score[i] : 0;
        }
        rk_topk_offer(topk, 0, score, n_items, NULL, 0);
        rk_topk_take(topk, items, best);
    }
    double per_s = (double)n * 1e9 / (double)(rk_clock_thread_ns() - begin);
    rk_topk_free(topk);
    free(score);
    free(n_with);
    return per_s;
}

typedef struct {
    words all[QUESTIONS];
    size_t n, n_words;
    bool is_all;
} questions;

/* Nanoseconds of all questions, the second time; of each into took. bits: what matches is counted, too; NULL: not. */
static int64_t ask(const rk_index *index, rk_search_desk *desk, const questions *of, uint64_t *bits, int64_t *took)
{
    uint32_t items[K];
    float scores[K];
    int64_t total = 0;
    for (int round = 0; round < 2; round++) { /* the first warms */
        total = 0;
        for (size_t q = 0; q < of->n; q++) {
            rk_search search = {of->all[q].term, of->all[q].n, of->is_all ? of->all[q].n : 0, NULL};
            int64_t begin = rk_clock_thread_ns();
            rk_search_best(desk, index, &search, K, items, scores);
            if (bits) {
                rk_search_all(desk, index, &search, bits);
            }
            took[q] = rk_clock_thread_ns() - begin;
            total += took[q];
        }
    }
    return total;
}

static void measure(const rk_index *index, const questions *of)
{
    static int64_t took[QUESTIONS];
    rk_search_desk *desk = rk_search_desk_new();
    uint64_t *bits = calloc((size_t)rk_index_n_items(index) / 64 + 1, sizeof *bits);
    if (desk && bits) {
        double counted = (double)of->n * 1e9 / (double)ask(index, desk, of, bits, took);
        double fast = (double)of->n * 1e9 / (double)ask(index, desk, of, NULL, took);
        double slow = add_up_all(index, of->all, of->n < SLOW ? of->n : SLOW, of->is_all);
        qsort(took, of->n, sizeof *took, ascending);
        printf("| %s of %zu | %.0f | %.3f | %.3f | %.0f | %.0f | %.1f |\n", of->is_all ? "all" : "any", of->n_words,
               fast, (double)took[of->n / 2] / 1e6, (double)took[of->n * 99 / 100] / 1e6, counted, slow, fast / slow);
        fflush(stdout);
    }
    rk_search_desk_free(desk);
    free(bits);
}

static void measure_drawn(const rk_index *index, rk_analyser *analyser)
{
    static questions of;
    for (size_t n = 2; n <= WORDS_MAX; n++) {
        rk_random random = rk_random_of(7, n);
        of.n = QUESTIONS;
        of.n_words = n;
        for (size_t q = 0; q < QUESTIONS; q++) {
            of.all[q] = draw(index, analyser, &random, n);
        }
        for (int is_all = 0; is_all < 2; is_all++) {
            of.is_all = is_all;
            measure(index, &of);
        }
    }
}

/* Words behind "any" or "all", as the index knows them; n 0: it knows none, or not all. */
static words read_words(const rk_index *index, rk_analyser *analyser, const char *line)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_error err;
    words out = {.n = 0};
    check(rk_analyse(analyser, rk_slice_of(line), &tokens, &n, &err), &err);
    for (size_t i = 0; i < n && out.n < WORDS_MAX; i++) {
        uint32_t term = rk_index_find(index, tokens[i].term);
        bool is_new = term != UINT32_MAX && tokens[i].n_words == 1;
        for (size_t k = 0; k < out.n; k++) {
            is_new &= out.term[k].term != term;
        }
        if (is_new) {
            out.term[out.n++] = (rk_search_term){term, 1};
        }
    }
    return out;
}

/* "any red shoes" or "all red shoes" a line, each kind together. */
static void measure_file(const rk_index *index, rk_analyser *analyser, const char *path)
{
    static questions of;
    char line[1000];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        size_t n_words = 0;
        for (const char *at = line; (at = strchr(at, ' ')); at++) {
            n_words++;
        }
        bool is_all = strncmp(line, "all ", 4) == 0;
        if (of.n > 0 && (of.n_words != n_words || of.is_all != is_all)) {
            measure(index, &of);
            of.n = 0;
        }
        of.n_words = n_words;
        of.is_all = is_all;
        words asked = read_words(index, analyser, line + 4);
        if (asked.n > 0 && of.n < QUESTIONS) {
            of.all[of.n++] = asked;
        }
    }
    if (file && of.n > 0) {
        measure(index, &of);
        fclose(file);
    }
}

int main(int argc, char **argv)
{
    char folder[64] = "/tmp/reckon-bench-search-"
                      "XX"
                      "XXXX",
         shop[96], path[96];
    rk_synth_options options = rk_synth_defaults();
    rk_index_options how = rk_index_defaults();
    rk_synth_report made;
    rk_index_report built;
    rk_index *index = NULL;
    rk_analyser *analyser = NULL;
    rk_error err;
    rk_run run = {.seed = 1};
    if (argc > 1) { /* an index of one's own */
        check(rk_index_open(argv[1], &index, &err), &err);
    } else if (mkdtemp(folder)) {
        snprintf(shop, sizeof shop, "%s/shop.rk", folder);
        snprintf(path, sizeof path, "%s/index.rk", folder);
        options.n_items = ITEMS;
        options.n_users = 100;
        options.n_events = 100;
        check(rk_synth(&options, shop, NULL, &run, &made, &err), &err);
        check(rk_index_build(shop, &how, path, &run, &built, &err), &err);
        check(rk_index_open(path, &index, &err), &err);
        unlink(shop);
        unlink(path);
        rmdir(folder);
        printf("%u titles, %.1f MB of text, %llu postings; indexed in %.2f s of processor time: %.0f titles/s, %.1f "
               "MB/s\n\n",
               built.n_items, (double)built.text_bytes / 1e6, (unsigned long long)built.n_postings, built.cpu_s,
               built.n_items / built.cpu_s, (double)built.text_bytes / 1e6 / built.cpu_s);
    }
    check(rk_analyser_new(&rk_index_options_of(index)->analysis, &analyser, &err), &err);
    printf("| words | questions/s | median ms | p99 ms | with the total: questions/s | every posting: questions/s | "
           "ratio |\n|---|---:|---:|---:|---:|---:|---:|\n");
    if (argc > 2) {
        measure_file(index, analyser, argv[2]);
    } else {
        measure_drawn(index, analyser);
    }
    rk_analyser_free(analyser);
    rk_index_close(index);
    return 0;
}
