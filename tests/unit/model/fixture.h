/* fixture.h - small datasets and models for the tests of this room, in memory and as files. */
#ifndef RECKON_TESTS_MODEL_FIXTURE_H
#define RECKON_TESTS_MODEL_FIXTURE_H

#include "model/model.h"

/* A dataset in memory, without an artefact: for an algorithm's own train. */
typedef struct {
    rk_dataset dataset;
    uint64_t *user_start, *item_start;
    uint32_t *event_item, *item_event;
    float *event_value;
    int64_t *event_time;
} fixture;

/* n_events random events, popular items first; values 1..5, times a minute apart. */
fixture fixture_random(uint64_t seed, uint32_t n_users, uint32_t n_items, uint32_t n_events);
/* rating [n_users x n_items], 0 = none. */
fixture fixture_ratings(const float *rating, uint32_t n_users, uint32_t n_items);
void fixture_release(fixture *fixture);
/* As a dataset file; users are called u0, u1, ..., items i0, i1, ..., with titles "title of i0". */
void fixture_write(const fixture *fixture, const char *path);

/* A fresh folder under /tmp; path_in writes DIR/name into a buffer of 256. Removed with all in it. */
void fixture_folder(char dir[64]);
void fixture_remove(const char *dir);
char *fixture_path(char out[256], const char *dir, const char *name);

/* Trains in memory: settings "key=value", ended by NULL. */
rk_model_draft fixture_train(const fixture *fixture, const char *name, unsigned n_threads, const char *const *set);
/* Trains to a file. */
void fixture_train_file(const fixture *fixture, const char *dir, const char *name, const char *path,
                        const char *const *set);

#endif
