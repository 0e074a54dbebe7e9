/* leak.c - signs that the model has seen the answers: a figure is worth nothing then, however narrow its interval.
 *
 * A model's header names what it was trained on by content hash, and where that lay; a compressed model's header names
 * the model it was made of, which is followed. The training data itself, for its times, is the one given or the one
 * found there with the hash that the header tells; without it only identities and repeated pairs can be seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "eval/evaluate_parts.h"

enum { LINEAGE_MAX = 64, DEPTH_MAX = 8, PATH_BYTES = 4096 };

/* The datasets that a model was trained on. */
typedef struct {
    uint64_t hash[LINEAGE_MAX];
    size_t n;
    rk_dataset found; /* one of them that is still there; artefact NULL: none is */
} lineage;

/* ---- where a model comes from ---- */

static bool is_that(const rk_artefact *artefact, const rk_parent *parent)
{
    return strcmp(rk_artefact_kind(artefact), parent->kind) == 0 && rk_artefact_hash(artefact) == parent->hash;
}

/* Opens a parent where it lay, or under the same name beside its child; NULL when it is not there any more. */
static rk_artefact *open_parent(const rk_artefact *child, const rk_parent *parent)
{
    char beside[PATH_BYTES];
    rk_artefact *artefact = NULL;
    if (!parent->path) {
        return NULL;
    }
    const char *name = strrchr(parent->path, '/');
    bool fits = rk_path_beside(rk_artefact_path(child), name ? name + 1 : parent->path, beside, sizeof beside);
    const char *const paths[] = {parent->path, fits ? beside : NULL};
    for (size_t i = 0; i < RK_COUNT_OF(paths); i++) {
        if (paths[i] && rk_artefact_open(paths[i], NULL, &artefact, NULL) == RK_OK) {
            if (is_that(artefact, parent)) {
                return artefact;
            }
            rk_artefact_close(artefact);
        }
    }
    return NULL;
}

static void add_dataset(lineage *l, const rk_artefact *child, const rk_parent *parent)
{
    if (l->n < LINEAGE_MAX) {
        l->hash[l->n++] = parent->hash;
    }
    rk_artefact *artefact = l->found.artefact ? NULL : open_parent(child, parent);
    if (artefact && rk_dataset_open(rk_artefact_path(artefact), &l->found, NULL) != RK_OK) {
        l->found = (rk_dataset){0};
    }
    rk_artefact_close(artefact);
}

static void trace(lineage *l, const rk_artefact *model, unsigned depth)
{
    rk_parent parent;
    for (size_t i = 0; rk_artefact_parent_at(model, i, &parent); i++) {
        if (strcmp(parent.kind, "dataset") == 0) {
            add_dataset(l, model, &parent);
        } else if (strcmp(parent.kind, "model") == 0 && depth < DEPTH_MAX) {
            rk_artefact *artefact = open_parent(model, &parent);
            if (artefact) {
                trace(l, artefact, depth + 1);
            }
            rk_artefact_close(artefact);
        }
    }
}

static bool has_hash(const lineage *l, uint64_t hash)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->hash[i] == hash) {
            return true;
        }
    }
    return false;
}

/* ---- warnings ---- */

rk_status rk_leak_warn(rk_leak *leak, rk_text *text, rk_error *err)
{
    char **grown = realloc(leak->warning, (leak->n_warnings + 1) * sizeof *grown);
    if (grown) {
        leak->warning = grown;
    }
    if (!grown || text->failed || !text->at) {
        rk_text_release(text);
        return rk_fail_memory(err, "a warning");
    }
    leak->warning[leak->n_warnings++] = text->at;
    *text = (rk_text){0};
    return RK_OK;
}

/* "1,234 of 5,000 test pairs (25 %)" */
static void add_share(rk_text *text, uint64_t part, uint64_t whole, const char *what)
{
    rk_text_add_fixed(text, (double)part, 0);
    rk_text_add(text, " of ");
    rk_text_add_fixed(text, (double)whole, 0);
    rk_text_addf(text, " %s (%.3g %%)", what, 100 * (double)part / (double)whole);
}

static rk_status warn_identity(const lineage *l, const rk_dataset *test, const rk_dataset *train, rk_leak *leak,
                               rk_error *err)
{
    rk_text text = {0};
    uint64_t hash = rk_artefact_hash(test->artefact);
    const char *path = rk_artefact_path(test->artefact);
    if (has_hash(l, hash)) {
        rk_text_addf(&text, "the model was trained on the test set itself, %s", path);
        return rk_leak_warn(leak, &text, err);
    }
    if (train && rk_artefact_hash(train->artefact) == hash) {
        rk_text_addf(&text, "the test set %s and the training set %s are the same data", path,
                     rk_artefact_path(train->artefact));
        return rk_leak_warn(leak, &text, err);
    }
    rk_parent parent;
    bool is_split = json_object_get(rk_artefact_meta(test->artefact), "split") != NULL;
    for (size_t i = 0; is_split && rk_artefact_parent_at(test->artefact, i, &parent); i++) {
        if (has_hash(l, parent.hash) || (train && rk_artefact_hash(train->artefact) == parent.hash)) {
            rk_text_addf(&text, "the test set %s is a part of %s, which the model was trained on", path,
                         parent.path ? parent.path : "the training set");
            return rk_leak_warn(leak, &text, err);
        }
    }
    return RK_OK;
}

static rk_status warn_times(rk_leak *leak, rk_error *err)
{
    rk_text text = {0};
    if (leak->before_newest == 0) {
        return RK_OK;
    }
    add_share(&text, leak->before_newest, leak->test_pairs, "test pairs");
    rk_text_add(&text, " are older than the newest training event, ");
    if (leak->before_own > 0) {
        rk_text_add_fixed(&text, (double)leak->before_own, 0);
    } else {
        rk_text_add(&text, "none");
    }
    rk_text_add(&text, " of them older than the same user's last: the model may have learned from what came after");
    return rk_leak_warn(leak, &text, err);
}

/* A pair that is masked can never be hit. With times, one that was taken again at another moment is a fair repeat. */
static rk_status warn_pairs(const rk_evaluation *evaluation, const rk_eval_plan *plan, rk_leak *leak, rk_error *err)
{
    rk_text text = {0};
    if (leak->same_events > 0) {
        rk_text_add_fixed(&text, (double)leak->same_events, 0);
        rk_text_addf(&text, " test event%s in the training data, too, at the same second",
                     leak->same_events == 1 ? " is" : "s are");
        return rk_leak_warn(leak, &text, err);
    }
    if (evaluation->repeats == 0 || leak->has_times || plan->drop_repeats) {
        return RK_OK;
    }
    add_share(&text, evaluation->repeats, evaluation->test_pairs, "test pairs");
    rk_text_add(&text, " are in the training data, too, and can never be hit");
    return rk_leak_warn(leak, &text, err);
}

/* ---- times ---- */

typedef struct {
    const rk_dataset *test, *training;
    int64_t newest;  /* of all training events */
    uint32_t *stamp; /* [the test's items] user + 1 for whom the item's last event was found */
    rk_leak *leak;
} time_check;

static int64_t newest_event(const rk_dataset *dataset)
{
    int64_t newest = INT64_MIN;
    for (uint64_t e = 0; e < dataset->n_events; e++) {
        newest = dataset->event_time[e] > newest ? dataset->event_time[e] : newest;
    }
    return newest;
}

/* Whether the training user took the item at that very second; his events ascend by time. */
static bool has_event(const rk_dataset *training, uint32_t user, uint32_t item, int64_t time)
{
    uint64_t begin = training->user_start[user], end = training->user_start[user + 1];
    for (uint64_t last = end; begin < last;) {
        uint64_t middle = begin + (last - begin) / 2;
        if (training->event_time[middle] < time) {
            begin = middle + 1;
        } else {
            last = middle;
        }
    }
    while (begin < end && training->event_time[begin] == time && training->event_item[begin] != item) {
        begin++;
    }
    return begin < end && training->event_time[begin] == time;
}

/* Backwards, so that the first event met of a pair is its last. */
static void check_user(const time_check *c, uint32_t user)
{
    const rk_dataset *test = c->test, *training = c->training;
    uint32_t same = rk_match_id(&test->users, user, &training->users);
    uint64_t begin = same == RK_NO_ID ? 0 : training->user_start[same];
    uint64_t end = same == RK_NO_ID ? 0 : training->user_start[same + 1];
    for (uint64_t e = test->user_start[user + 1]; e-- > test->user_start[user];) {
        uint32_t item = test->event_item[e];
        int64_t time = test->event_time[e];
        if (c->stamp[item] != user + 1) {
            c->stamp[item] = user + 1;
            c->leak->test_pairs++;
            c->leak->before_newest += time < c->newest;
            c->leak->before_own += end > begin && time < training->event_time[end - 1];
        }
        uint32_t same_item = end > begin ? rk_match_id(&test->items, item, &training->items) : RK_NO_ID;
        c->leak->same_events += same_item != RK_NO_ID && has_event(training, same, same_item, time);
    }
}

static rk_status check_times(const rk_dataset *test, const rk_dataset *training, rk_leak *leak, rk_error *err)
{
    if (!test->event_time || !training->event_time) {
        return RK_OK;
    }
    time_check c = {test, training, newest_event(training), calloc((size_t)test->n_items + 1, sizeof *c.stamp), leak};
    if (!c.stamp) {
        return rk_fail_memory(err, "the times of a test set");
    }
    leak->has_times = true;
    for (uint32_t user = 0; user < test->n_users; user++) {
        check_user(&c, user);
    }
    free(c.stamp);
    return RK_OK;
}

static rk_status check_training(const rk_dataset *test, const rk_dataset *training, rk_leak *leak, rk_error *err)
{
    leak->training = strdup(rk_artefact_path(training->artefact));
    return leak->training ? check_times(test, training, leak, err) : rk_fail_memory(err, "a path");
}

rk_status rk_leak_find(const rk_model *model, const rk_dataset *test, const rk_dataset *train, const rk_eval_plan *plan,
                       rk_evaluation *evaluation, rk_error *err)
{
    rk_leak *leak = &evaluation->leak;
    lineage l = {0};
    trace(&l, rk_model_artefact(model), 0);
    leak->trained_on = l.n > 0 ? l.hash[0] : 0;
    const rk_dataset *training = train ? train : l.found.artefact ? &l.found : NULL;
    rk_status status = training ? check_training(test, training, leak, err) : RK_OK;
    status = status ? status : warn_identity(&l, test, train, leak, err);
    status = status ? status : warn_times(leak, err);
    status = status ? status : warn_pairs(evaluation, plan, leak, err);
    rk_dataset_close(&l.found);
    return status;
}
