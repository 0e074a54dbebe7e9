/* fuzz_model.c - models of every algorithm and every compressed form with a section written over: refused at the door,
 * or every answer is made of items that are there, each once.
 *
 * Input: which model, then as changed_artefact.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "changed_artefact.h"
#include "compress/compress.h"
#include "data/ingest.h"
#include "model/answer.h"
#include "model/why.h"

enum { N_USERS = 24, N_ITEMS = 40, MODELS_MAX = 40, K = 12 };

typedef struct {
    rk_artefact *whole[MODELS_MAX];
    size_t n;
    rk_desk *desk;
} shop;

/* What comes in other forms than its algorithm leaves it in by itself. */
static const struct {
    const char *algorithm, *set, *to; /* to NULL: as it was trained */
} forms[] = {
    {"graph", "vectors=6", NULL},          {"als", "factors=6", "fp16"},
    {"als", "factors=6", "bf16"},          {"als", "factors=6", "int8"},
    {"als", "factors=6", "int4"},          {"als", "factors=6", "pq(4)"},
    {"als", "factors=6", "int8+pq(4)"},    {"als", "factors=6", "catalogue(5)"},
    {"mf", "factors=6", "int8"},           {"als", "factors=6", "distil(factors=6)"},
    {"itemknn", "neighbours=9", "int8"},   {"itemknn", "neighbours=9", "prune(0.5)+int8"},
    {"userknn", "neighbours=9", "int8"},   {"session", "neighbours=9", "int8"},
};

static void must(rk_status status, const rk_error *err)
{
    if (status) {
        fprintf(stderr, "%s\n", err->message);
        abort();
    }
}

static void name_file(char out[64], const char *what)
{
    snprintf(out, 64, "/dev/shm/reckon-fuzz-%ld.%s", (long)getpid(), what);
}

static void write_shop(const char *log, const char *dataset)
{
    rk_text text = {0};
    rk_error err = {0};
    rk_run run = {0};
    rk_ingest_options ingest = rk_ingest_defaults();
    rk_ingest_report report;
    uint32_t state = 5;
    rk_text_add(&text, "user,item,rating,time,title,category\n");
    for (unsigned i = 0; i < 12 * N_USERS; i++) {
        state = state * 1664525u + 1013904223u;
        unsigned item = i < N_ITEMS ? i : (state >> 16) % N_ITEMS * ((state >> 24) % 8) / 8;
        rk_text_addf(&text, "u%u,i%u,%u,%u,%s %s pot %u,home > %s\n", i % N_USERS, item, 1 + (state >> 10) % 5,
                     1700000000 + 3600 * i, item % 2 ? "red" : "blue", item % 3 ? "tea" : "coffee", item % 7,
                     item % 5 ? "kitchen" : "garden");
    }
    must(rk_file_write_text(log, &text, &err), &err);
    rk_text_release(&text);
    ingest.paths = &log;
    ingest.n_paths = 1;
    ingest.out_path = dataset;
    must(rk_ingest(&ingest, &run, &report, &err), &err);
    rk_ingest_report_release(&report);
}

static void keep(shop *s, const char *path)
{
    rk_error err = {0};
    if (s->n == MODELS_MAX) {
        abort();
    }
    must(rk_artefact_load(path, "model", &s->whole[s->n], &err), &err);
    s->n++;
}

static void make_models(shop *s, const char *dataset)
{
    char model[64], small[64];
    rk_run run = {0};
    rk_error err = {0};
    rk_compression report;
    name_file(model, "m.rk");
    name_file(small, "s.rk");
    for (size_t i = 0; rk_model_kind_at(i); i++) { /* those that need more than a log are left out */
        if (rk_model_train(dataset, rk_model_kind_at(i)->name, NULL, 0, model, &run, &err) == RK_OK) {
            keep(s, model);
        }
    }
    for (size_t i = 0; i < RK_COUNT_OF(forms); i++) {
        const char *path = model;
        must(rk_model_train(dataset, forms[i].algorithm, &forms[i].set, 1, model, &run, &err), &err);
        if (forms[i].to) {
            must(rk_compress(model, forms[i].to, NULL, 0, small, &run, &report, &err), &err);
            path = small;
        }
        keep(s, path);
    }
    unlink(model);
    unlink(small);
}

static void open_shop(shop *s)
{
    char log[64], dataset[64];
    name_file(log, "csv");
    name_file(dataset, "d.rk");
    write_shop(log, dataset);
    make_models(s, dataset);
    unlink(log);
    unlink(dataset);
    s->desk = rk_desk_new();
    if (!s->desk) {
        abort();
    }
}

/* Whatever a call says, it says it in words, and items are there, each once. */
static void check_answer(const rk_model *model, rk_status status, const rk_answer *answer, const rk_error *err)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    if (status) {
        if (err->message[0] == '\0') {
            abort();
        }
        return;
    }
    for (uint32_t i = 0; i < answer->n; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (answer->item[i] == answer->item[j]) {
                abort();
            }
        }
        if (answer->item[i] >= rk_model_n_items(model)) {
            abort();
        }
    }
    rk_answer_json(model, answer, NULL, &json);
    rk_text_release(&text);
}

static void ask_all(shop *s, const rk_model *model)
{
    static const uint32_t taken[] = {0, 3, 4, 9};
    rk_error err = {0};
    rk_answer answer = {0};
    for (uint32_t user = 0; user < rk_model_n_users(model) && user < 4; user++) {
        rk_wish wish = {.user = user, .n = K, .n_reasons = 2};
        check_answer(model, rk_answer_recommend(s->desk, model, &wish, &answer, &err), &answer, &err);
    }
    if (rk_model_n_items(model) > taken[3]) {
        rk_wish wish = {.user = RK_NO_ID, .history = {taken, NULL, 4}, .n = K, .n_reasons = 2};
        rk_arena arena = {0};
        rk_why why;
        check_answer(model, rk_answer_recommend(s->desk, model, &wish, &answer, &err), &answer, &err);
        for (uint32_t item = 0; item < 3; item++) {
            rk_like_wish like = {.item = item, .n = K};
            check_answer(model, rk_answer_similar(s->desk, model, &like, &answer, &err), &answer, &err);
            answer.n = 0;
            check_answer(model, rk_model_why(model, item, wish.history, true, item, 3, &arena, &why, &err), &answer,
                         &err);
        }
        rk_arena_release(&arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static shop s; /* one for all inputs of a process */
    rk_model *model = NULL;
    rk_error err = {0};
    if (s.n == 0) {
        open_shop(&s);
    }
    if (size < 1 + CHANGE_HEAD) {
        return 0;
    }
    rk_artefact *artefact = change_artefact(s.whole[data[0] % s.n], "model", data + 1, size - 1);
    if (artefact && rk_model_open_artefact(artefact, &model, &err) == RK_OK) {
        ask_all(&s, model);
        rk_model_close(model);
    } else if (artefact && err.message[0] == '\0') {
        abort();
    }
    return 0;
}
