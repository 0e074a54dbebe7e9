/* reckon.h - the public face of libreckon: a shop's log in, recommendations and an account of their cost out.
 *
 * A tour
 *
 *     reckon_error err;
 *     reckon_run run = {.seed = 1};                      // all processors, silent
 *     reckon_model *model = NULL;
 *     reckon_item best[10];
 *     size_t n;
 *
 *     if (reckon_ingest("log.csv", "user=customer,item=sku,time=date", "shop.rk", &run, &err) ||
 *         reckon_train("shop.rk", "als", "factors=64", "als.rk", &run, &err) ||
 *         reckon_model_open("als.rk", &model, &err) ||
 *         reckon_recommend(model, "17850", 10, best, &n, &err))
 *         fprintf(stderr, "%s\n", err.message);          // one line, with the place
 *     reckon_model_close(model);
 *
 * Ownership   handles end with their close; texts given out end with reckon_free; strings inside results are borrowed
 *             from the model and live until its close. Arguments are borrowed during the call only.
 * Errors      0 is success. Otherwise err->message says what, where and how to mend it; results are untouched.
 * Threads     a model may be used by many threads at once. The same seed gives the same bytes for any n_threads.
 * Files       results are written to a temporary name, synced, and renamed: whole or not at all.
 */
#ifndef RECKON_H
#define RECKON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    RECKON_OK = 0,
    RECKON_BAD_USAGE, /* an argument makes no sense */
    RECKON_BAD_INPUT, /* a file is malformed: the user can mend it */
    RECKON_NOT_FOUND, /* a file, a user, an item */
    RECKON_IO,        /* disk full, permission */
    RECKON_NO_MEMORY,
    RECKON_UNSUPPORTED, /* known, but not built in */
    RECKON_STOPPED,
} reckon_status;

typedef struct {
    reckon_status status;
    char message[512]; /* one line, no newline */
} reckon_error;

typedef struct {
    unsigned n_threads; /* 0 = all processors this process may use */
    uint64_t seed;
    void *context;                                /* handed to the callbacks */
    void (*log)(void *context, const char *line); /* NULL = silent */
    void (*progress)(void *context, const char *step, const char *unit, uint64_t done, uint64_t total);
} reckon_run;

typedef struct reckon_model reckon_model;

typedef struct {
    const char *id;    /* the shop's own name of the item; borrowed from the model */
    const char *title; /* "" when unknown; borrowed from the model */
    double score;      /* higher is better; comparable within one answer only */
} reckon_item;

const char *reckon_version(void); /* "0.1.0" */
void reckon_free(char *text);     /* accepts NULL */

/* Reads a log (CSV, TSV, JSONL or lists; plain, gzip or zstd), cleans it with the default rules, writes a dataset.
 * map: "user=COLUMN,item=COLUMN,time=COLUMN,..."; NULL = recognise the common names. */
reckon_status reckon_ingest(const char *log_path, const char *map, const char *dataset_path, const reckon_run *run,
                            reckon_error *err);

/* Splits by "time", "user-time", "leave-one-out" or "random"; share (0..1) goes to the test side. */
reckon_status reckon_split(const char *dataset_path, const char *by, double share, const char *train_path,
                           const char *test_path, const reckon_run *run, reckon_error *err);

/* Trains the model of that name. options: "key=value,key=value" or NULL; `reckon train --list` shows them. */
reckon_status reckon_train(const char *dataset_path, const char *model_name, const char *options,
                           const char *model_path, const reckon_run *run, reckon_error *err);

/* Writes a smaller model: to is "fp16" or "int8". */
reckon_status reckon_compress(const char *model_path, const char *to, const char *small_path, const reckon_run *run,
                              reckon_error *err);

/* Full-ranking quality at cut-offs k[n_k]; *json (owned by the caller) has the keys of `reckon evaluate --json`. */
reckon_status reckon_evaluate(const char *model_path, const char *test_path, const unsigned *k, size_t n_k,
                              const reckon_run *run, char **json, reckon_error *err);

/* Maps a model file; validates it first. Until close the file must not be written into, only replaced by a rename. */
reckon_status reckon_model_open(const char *model_path, reckon_model **out, reckon_error *err);
void reckon_model_close(reckon_model *model); /* accepts NULL */

/* The best items for a user of the training data, what they already have left out. items: room for n; *n_found of them
 * are filled, best first. */
reckon_status reckon_recommend(const reckon_model *model, const char *user, size_t n, reckon_item *items,
                               size_t *n_found, reckon_error *err);
/* The same for a history of item names, seen by the model or not as a user. Names it does not know are skipped. */
reckon_status reckon_recommend_history(const reckon_model *model, const char *const *history, size_t n_history,
                                       size_t n, reckon_item *items, size_t *n_found, reckon_error *err);
/* The items most like one. */
reckon_status reckon_similar(const reckon_model *model, const char *item, size_t n, reckon_item *items, size_t *n_found,
                             reckon_error *err);

/* The cost statement of a plan; *json (owned by the caller) as `reckon cost statement --json` prints it. */
reckon_status reckon_cost_statement(const char *plan_path, char **json, reckon_error *err);

#ifdef __cplusplus
}
#endif

#endif
