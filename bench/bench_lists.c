/* bench_lists.c - processor time of a list of 20, one user after another, from smaller forms of a model.
 *
 *     bench_lists MODEL.rk SMALLER.rk...
 *
 * One thread. Models take turns, so that other work on the machine falls on all alike; a round asks each for the lists
 * of the same users, and what counts is the median of the rounds, by processor time. The query of a known user is read
 * from the file or folded in, as the model does it when serving. Prints a Markdown table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/model.h"

enum { MODELS_MAX = 24, ROUNDS = 9, USERS = 100, LIST = 20 };

typedef struct {
    rk_model *model;
    const char *path;
    double us[ROUNDS]; /* of a list */
} entry;

static rk_status ask(const rk_model *model, uint32_t user, rk_arena *arena, rk_error *err)
{
    rk_query query;
    uint32_t items[LIST], n;
    float scores[LIST];
    rk_history seen = rk_model_seen(model, user);
    rk_status status = rk_model_user_query(model, user, arena, &query, err);
    status = status ? status : rk_model_best(model, &query, seen.item, seen.n, LIST, items, scores, &n, err);
    rk_arena_clear(arena);
    return status;
}

static rk_status run_round(entry *e, size_t round, rk_error *err)
{
    rk_arena arena = {0};
    rk_status status = RK_OK;
    uint32_t n_users = rk_model_n_users(e->model), n = n_users < USERS ? n_users : USERS;
    int64_t start = rk_clock_thread_ns();
    for (uint32_t i = 0; !status && i < n; i++) {
        status = ask(e->model, (uint32_t)((uint64_t)i * n_users / n), &arena, err);
    }
    e->us[round] = (double)(rk_clock_thread_ns() - start) / 1e3 / (n > 0 ? n : 1);
    rk_arena_release(&arena);
    return status;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_rows(entry *entries, size_t n)
{
    printf("| model | MB read | us a list | shortest | x |\n|---|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < n; i++) {
        qsort(entries[i].us, ROUNDS, sizeof *entries[i].us, ascending);
        const char *slash = strrchr(entries[i].path, '/');
        printf("| %s | %.1f | %.0f | %.0f | %.2f |\n", slash ? slash + 1 : entries[i].path,
               (double)rk_model_form_bytes(entries[i].model) / 1e6, entries[i].us[ROUNDS / 2], entries[i].us[0],
               entries[0].us[ROUNDS / 2] / entries[i].us[ROUNDS / 2]);
    }
}

int main(int argc, char **argv)
{
    static entry entries[MODELS_MAX];
    rk_error err = {0};
    rk_status status = RK_OK;
    size_t n = 0;
    if (argc < 2 || argc > MODELS_MAX + 1) {
        fprintf(stderr, "usage: bench_lists MODEL.rk SMALLER.rk...\n");
        return 2;
    }
    for (; !status && n + 1 < (size_t)argc; n += !status) {
        entries[n].path = argv[n + 1];
        status = rk_model_open(argv[n + 1], &entries[n].model, &err);
    }
    for (size_t round = 0; !status && round < ROUNDS; round++) {
        for (size_t i = 0; !status && i < n; i++) {
            status = run_round(&entries[i], round, &err);
        }
    }
    if (status) {
        fprintf(stderr, "bench_lists: %s\n", err.message);
    } else {
        print_rows(entries, n);
    }
    for (size_t i = 0; i < n; i++) {
        rk_model_close(entries[i].model);
    }
    return status != RK_OK;
}
