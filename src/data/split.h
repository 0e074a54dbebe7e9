/* split.h - a training and a test side of one dataset, sharing its ids and names. */
#ifndef RECKON_DATA_SPLIT_H
#define RECKON_DATA_SPLIT_H

#include "base/clock.h"
#include "base/run.h"
#include "base/text.h"

typedef enum {
    RK_SPLIT_TIME,          /* the newest share of all events is the test; one instant cuts all users */
    RK_SPLIT_USER_TIME,     /* the newest share of each user's events */
    RK_SPLIT_LEAVE_ONE_OUT, /* the last event of each user with at least two */
    RK_SPLIT_RANDOM,        /* each event by a draw of its own */
    RK_SPLIT_K_FOLD,        /* all events dealt to n_folds folds at random; one of them is the test */
    RK_SPLIT_USERS,         /* all events of a user by a draw of his name, larger shares holding the smaller ones */
} rk_split_rule;
/* Of the command line: whole users have no training events, and are left out of the test unless cold ones are kept. */
#define RK_SPLIT_CHOICES "time|user-time|leave-one-out|random|k-fold"

const char *rk_split_rule_name(rk_split_rule rule); /* "user-time" */

typedef struct {
    rk_split_rule rule;
    double test_share;      /* 0 < share < 1; not for leave-one-out and k-fold */
    uint32_t n_folds, fold; /* k-fold: 2 or more, and which, from 1; a seed always deals alike */
    bool keep_cold;         /* keep test events whose user or item has no training event */
    bool keep_repeats;      /* keep test events whose user took the item in training already */
} rk_split_options;

typedef struct {
    uint64_t n_train, n_test;
    uint64_t n_cold, n_repeats; /* test events left out (or kept, by option) */
    uint32_t n_test_users;      /* with at least one test event */
    int64_t cut_time;           /* RK_SPLIT_TIME: test events are at or after it; else INT64_MIN */
} rk_split_report;

/* Both outputs have all users and items of the dataset, with the same ids. Time rules need a dataset with times. */
RK_MUST_CHECK rk_status rk_split(const char *dataset_path, const rk_split_options *options, const char *train_path,
                                 const char *test_path, const rk_run *run, rk_split_report *report, rk_error *err);
/* The events of a share of the users, drawn by name and seed: of two datasets the same ones. */
RK_MUST_CHECK rk_status rk_sample_users(const char *dataset_path, double share, const char *out_path, const rk_run *run,
                                        uint64_t *n_events, rk_error *err);
void rk_split_report_json(const rk_split_report *report, rk_json *json, const char *key);

#endif
