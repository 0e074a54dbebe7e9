/* bench_scene.c - processor time of a scene's answer beside the model's own.
 *
 *     bench_scene MODEL.rk DATA.rk
 *
 * One thread asks for 20 items with reasons, JSON included, for users in turns: the model alone, as /v1/recommend
 * answers without a scene, then scenes that do more and more. Medians of five interleaved rounds. Prints a Markdown
 * table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "serve/ask_scene.h"

enum { ROUNDS = 5, ASKS = 200 };

static const struct {
    const char *name, *what, *yaml;
} rows[] = {
    {"", "the model alone", NULL},
    {"one", "one source", "{sources: [{from: recommended, n: 50}]}"},
    {"wide", "one source, 200 candidates", "{sources: [{from: recommended}]}"},
    {"price", "and a price band", "{sources: [{from: recommended}], filter: {price: {min: 5, max: 50}}}"},
    {"two", "and what is popular",
     "{sources: [{from: recommended}, {from: popular}], filter: {price: {min: 5, max: 50}}}"},
    {"mmr", "and MMR with caps",
     "{sources: [{from: recommended}, {from: popular}], filter: {price: {min: 5, max: 50}}, "
     "diversify: {mmr: 0.7, per_category: 5}}"},
    {"basket", "similar to a basket of three, instead", "{sources: [{from: similar, to: basket}]}"},
};

typedef struct {
    const rk_live *live;
    rk_desk *desk;
    rk_arena arena;
    rk_text out;
} asker;

static rk_status ask(asker *a, size_t row, uint32_t user, rk_error *err)
{
    const rk_names *users = rk_model_users(a->live->model), *items = rk_model_items(a->live->model);
    const rk_slice basket[] = {rk_names_get(items, user % items->n), rk_names_get(items, (user + 7) % items->n),
                               rk_names_get(items, (user + 99) % items->n)};
    const char *field;
    rk_arena_clear(&a->arena);
    rk_text_clear(&a->out);
    rk_asking with = {.desk = a->desk, .arena = &a->arena, .out = &a->out, .request_id = "1"};
    rk_slice name = rk_names_get(users, user % users->n);
    if (!rows[row].yaml) {
        return rk_ask_recommend(a->live, &(rk_recommend_ask){.user = name, .n = 20}, &with, err);
    }
    rk_scene_wish wish = {.scene = rk_slice_of(rows[row].name), .user = name, .n = 20, .basket = basket, .n_basket = 3};
    return rk_ask_scene(a->live, &wish, &with, &field, err);
}

static rk_status write_scenes(const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_text_add(&text, "scenes:\n");
    for (size_t r = 1; r < RK_COUNT_OF(rows); r++) {
        rk_text_addf(&text, "  %s: %s\n", rows[r].name, rows[r].yaml);
    }
    rk_status status = rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static rk_status measure(asker *a, double us[][ROUNDS], rk_error *err)
{
    rk_status status = RK_OK;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t r = 0; !status && r < RK_COUNT_OF(rows); r++) {
            int64_t start = rk_clock_thread_ns();
            for (uint32_t u = 0; !status && u < ASKS; u++) {
                status = ask(a, r, u * 7919, err);
            }
            us[r][round] = (double)(rk_clock_thread_ns() - start) / 1e3 / ASKS;
        }
    }
    return status;
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/bench-scenes-XXXXXX";
    asker a = {.desk = rk_desk_new()};
    static double us[RK_COUNT_OF(rows)][ROUNDS];
    rk_error err = {0};
    rk_live *live = NULL;
    int fd = mkstemp(path);
    if (argc != 3 || fd < 0 || !a.desk) {
        fprintf(stderr, "usage: bench_scene MODEL.rk DATA.rk\n");
        return 2;
    }
    close(fd);
    rk_live_source source = {.model_path = argv[1], .data_path = argv[2], .scenes_path = path};
    rk_status status = write_scenes(path, &err);
    status = status ? status : rk_live_open(&source, &(rk_run){0}, &live, &err);
    unlink(path);
    a.live = live;
    status = status ? status : measure(&a, us, &err);
    if (status) {
        fprintf(stderr, "bench_scene: %s\n", err.message);
        return 1;
    }
    printf("%u items of %u factors, one thread of %s\n\n", rk_model_n_items(live->model), rk_model_dim(live->model),
           rk_machine_read().cpu);
    printf("| answer of 20 items | us of processor | to the model's own |\n|---|---:|---:|\n");
    for (size_t r = 0; r < RK_COUNT_OF(rows); r++) {
        qsort(us[r], ROUNDS, sizeof **us, by_size);
        printf("| %s | %.0f | %.2f |\n", rows[r].what, us[r][ROUNDS / 2], us[r][ROUNDS / 2] / us[0][ROUNDS / 2]);
    }
    rk_live_release(live);
    rk_desk_free(a.desk);
    rk_arena_release(&a.arena);
    rk_text_release(&a.out);
    return 0;
}
