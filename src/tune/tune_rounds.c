/* tune_rounds.c - proposals, trials, results, until the budget is used.
 *
 * A group is a run of trials none of which may know the result of another: they are proposed one after the other, and
 * made in any order, some perhaps at once. What the study has already is not made again; a trial equal to an earlier
 * one has its result.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tune/tune_parts.h"

enum { GROUP_MAX = 64 };
static const double SLACK = 1e-9; /* sums of thirds */

/* The making of trials, seen from one group. */
typedef struct {
    rk_bench *bench;
    rk_tuned *tuned;
    rk_vec tried;              /* rk_tried of the model's trials */
    size_t todo[GROUP_MAX], n; /* trials of the group that are to be made */
    pthread_mutex_t lock;      /* of the lot: tuning, file, voice */
    rk_pool **pools;           /* [workers] NULL: one thread each */
    rk_status status;
    rk_error *err;
    double work_left, work_made, made_s; /* of this run */
    size_t n_done, n_planned;
} rounds;

static rk_trial *trial_at(const rk_tuned *tuned, size_t i) { return (rk_trial *)tuned->trials.data + i; }

const rk_trial *rk_tuned_best(const rk_tuned *tuned)
{
    return tuned->best < tuned->trials.n ? rk_tuned_trial(tuned, tuned->best) : NULL;
}

bool rk_trial_is_better(const rk_tuning *tuning, const rk_trial *a, const rk_trial *b)
{
    if (!a || a->error || !b || b->error) {
        return a && !a->error;
    }
    if (a->share < b->share || a->share > b->share) {
        return a->share > b->share; /* whole trainings are judged by; others are hints */
    }
    if (a->value < b->value || a->value > b->value) {
        return (a->value < b->value) == tuning->target.is_lower_better;
    }
    return a->number < b->number;
}

static rk_search search_of(const rounds *r, const rk_tuned *tuned)
{
    return (rk_search){.space = &tuned->space,
                       .seed = r->bench->run->seed,
                       .batch = r->bench->options->parallel,
                       .n_rungs = tuned->n_rungs,
                       .tried = r->tried.data,
                       .n_tried = r->tried.n};
}

/* ---- the budget ---- */

static bool is_within(const rounds *r, const rk_tuned *tuned, size_t trial, double spent)
{
    rk_search search = search_of(r, tuned);
    const rk_search_kind *kind = r->bench->options->search;
    rk_search_step step = kind->step(&search, trial);
    if (!kind->repeats && (double)trial >= rk_space_points(&tuned->space)) {
        return false;
    }
    return trial == 0 || !step.begins || spent + step.to_end <= r->bench->options->budget + SLACK;
}

static double share_of(const rounds *r, const rk_tuned *tuned, size_t trial)
{
    rk_search search = search_of(r, tuned);
    return r->bench->options->search->step(&search, trial).share;
}

/* Trials and work that a budget holds for a model. */
static size_t plan_of(const rounds *r, const rk_tuned *tuned, double *work)
{
    size_t n = 0;
    for (*work = 0; is_within(r, tuned, n, *work); n++) {
        *work += share_of(r, tuned, n);
    }
    return n;
}

/* ---- one trial ---- */

static void say(rounds *r, const rk_trial *trial)
{
    const rk_tuned *tuned = r->tuned;
    const rk_trial *best = rk_tuned_best(tuned);
    const rk_eval_target *target = &r->bench->tuning->target;
    rk_text text = {0};
    rk_text_addf(&text, "%s trial %zu: ", tuned->model->name, trial->number + 1);
    if (trial->error) {
        rk_text_addf(&text, "failed: %s", trial->error);
    } else {
        rk_text_addf(&text, "%s ", target->key);
        rk_text_add_fixed(&text, trial->value, 4);
        if (trial->share < 1) {
            rk_text_addf(&text, " after a share of %.3g", trial->share);
        }
        rk_text_add(&text, " in ");
        rk_text_add_seconds(&text, trial->seconds);
    }
    if (best) {
        rk_text_add(&text, "; best ");
        rk_text_add_fixed(&text, best->value, 4);
        rk_text_addf(&text, " (trial %zu)", best->number + 1);
    }
    if (r->n_done < r->n_planned && r->work_made > 0) {
        rk_text_add(&text, "; about ");
        rk_text_add_seconds(&text, ceil(r->made_s / r->work_made * r->work_left));
        rk_text_add(&text, " left");
    }
    rk_log(r->bench->run, trial->error ? RK_LOG_WARNING : RK_LOG_INFO, "%s", text.failed ? "?" : text.at);
    rk_text_release(&text);
}

/* The result of a trial takes its place. */
static void settle(rounds *r, rk_trial *trial)
{
    const rk_tuning *tuning = r->bench->tuning;
    rk_tuned *tuned = r->tuned;
    rk_tried *tried = (rk_tried *)r->tried.data + trial->number;
    trial->is_done = true;
    tried->loss = trial->error ? INFINITY : tuning->target.is_lower_better ? trial->value : -trial->value;
    tuned->n_failed += trial->error != NULL;
    if (rk_trial_is_better(tuning, trial, rk_tuned_best(tuned))) {
        tuned->best = trial->number;
    }
    r->n_done++;
    r->work_left -= trial->share;
    rk_progress(r->bench->run, "tuning", "trials", r->n_done, r->n_planned);
}

static rk_status keep(rounds *r, rk_trial *trial, const rk_error *why, rk_error *err)
{
    rk_bench *bench = r->bench;
    if (why->status) {
        trial->error = rk_arena_copy(&bench->tuning->arena, why->message, strlen(why->message));
        if (!trial->error) {
            return rk_fail_memory(err, "an error");
        }
    }
    bench->tuning->n_new++;
    r->work_made += trial->share;
    r->made_s += trial->seconds / (double)bench->options->parallel;
    settle(r, trial);
    say(r, trial);
    return bench->file ? rk_trial_file_add(bench->file, r->tuned->model->name, &r->tuned->space, trial, err) : RK_OK;
}

/* One of the trials to be made, on the threads of a worker. */
static void make_trial(rounds *r, size_t number, unsigned slot, rk_pool *pool)
{
    rk_error why = {0}, err = {0};
    rk_trial *trial = trial_at(r->tuned, number);
    rk_run run = {.pool = pool, .seed = r->bench->run->seed};
    rk_status status = rk_tune_try(r->bench, r->tuned, slot, &run, trial, &why, &err);
    pthread_mutex_lock(&r->lock);
    status = status ? status : keep(r, trial, &why, &err);
    if (status && !r->status) {
        r->status = rk_fail(r->err, status, "%s", err.message);
    }
    pthread_mutex_unlock(&r->lock);
}

static bool has_failed(rounds *r)
{
    pthread_mutex_lock(&r->lock);
    bool has = r->status != RK_OK;
    pthread_mutex_unlock(&r->lock);
    return has;
}

static void make_chunk(void *context, rk_span span)
{
    rounds *r = context;
    for (size_t i = span.begin; i < span.end && !has_failed(r); i++) {
        make_trial(r, r->todo[i], span.worker, r->pools[span.worker]);
    }
}

/* ---- a group ---- */

/* How many of the group may run at once: as many as were asked for, as there are threads, as fit into memory. */
static unsigned at_once(const rounds *r)
{
    size_t n_threads = rk_pool_threads(r->bench->run->pool), n = r->bench->options->parallel;
    uint64_t most = 1;
    n = n < r->n ? n : r->n;
    n = n < n_threads ? n : n_threads;
    for (size_t i = 0; n > 1 && i < r->n; i++) {
        uint64_t bytes = rk_tune_bytes(r->bench, r->tuned, trial_at(r->tuned, r->todo[i]), (unsigned)n_threads);
        most = bytes > most ? bytes : most;
    }
    double fit = rk_machine_read().memory_gib * (1 << 30) / (double)most;
    return fit > 0 && (double)n > fit ? (fit < 1 ? 1 : (unsigned)fit) : (unsigned)n;
}

static rk_status make_side_by_side(rounds *r, unsigned n_workers, rk_error *err)
{
    unsigned n_each = rk_pool_threads(r->bench->run->pool) / n_workers;
    rk_pool *outer = rk_pool_new(n_workers);
    bool is_short = !outer;
    r->pools = calloc(n_workers, sizeof(rk_pool *));
    for (unsigned w = 0; r->pools && n_each > 1 && w < n_workers; w++) {
        is_short |= !(r->pools[w] = rk_pool_new(n_each));
    }
    if (!is_short && r->pools) {
        rk_parallel_for(outer, r->n, 1, make_chunk, r);
    }
    for (unsigned w = 0; r->pools && w < n_workers; w++) {
        rk_pool_free(r->pools[w]);
    }
    rk_pool_free(outer);
    is_short |= !r->pools;
    free(r->pools);
    r->pools = NULL;
    return is_short ? rk_fail_memory(err, "threads for trials side by side") : r->status;
}

static rk_status make_all(rounds *r, rk_error *err)
{
    unsigned n_workers = r->n > 0 ? at_once(r) : 0;
    if (n_workers > 1) {
        return make_side_by_side(r, n_workers, err);
    }
    for (size_t i = 0; i < r->n && !r->status; i++) {
        make_trial(r, r->todo[i], 0, r->bench->run->pool);
    }
    return r->status;
}

/* An earlier trial with the same settings and share, whose result may be known. */
static const rk_trial *find_twin(const rounds *r, const rk_trial *trial)
{
    const rk_tuned *tuned = r->tuned;
    for (size_t t = 0; t < tuned->trials.n; t++) {
        const rk_trial *other = trial_at(tuned, t);
        bool is_same = !(other->share < trial->share || other->share > trial->share);
        for (size_t a = 0; is_same && a < tuned->space.n; a++) {
            is_same = !(other->x[a] < trial->x[a] || other->x[a] > trial->x[a]);
        }
        if (is_same && other->is_done) {
            return other;
        }
    }
    return NULL;
}

/* The next trial of the model: out of the study, or as the search has it. */
static rk_status propose(rounds *r, rk_trial *out, rk_error *err)
{
    rk_tuned *tuned = r->tuned;
    rk_bench *bench = r->bench;
    rk_search search = search_of(r, tuned);
    rk_search_step step = bench->options->search->step(&search, search.n_tried);
    double *x = RK_TAKE(&bench->tuning->arena, double, tuned->space.n);
    rk_trial trial = {.number = search.n_tried, .share = step.share, .x = x};
    bool is_there = false;
    rk_status status = x ? bench->options->search->next(&search, x, err) : rk_fail_memory(err, "a trial");
    if (!status && bench->file) {
        status = rk_trial_file_find(bench->file, tuned->model->name, &tuned->space, trial.number, &bench->tuning->arena,
                                    &trial, &is_there, err);
    }
    const rk_trial *twin = status || is_there ? NULL : find_twin(r, &trial);
    if (twin) {
        trial = *twin;
        trial.number = search.n_tried;
        trial.seconds = trial.train_s = 0;
    }
    *out = trial;
    return status;
}

static rk_status add_trial(rounds *r, rk_error *err)
{
    rk_tuned *tuned = r->tuned;
    rk_trial trial;
    rk_status status = propose(r, &trial, err);
    if (status) {
        return status;
    }
    rk_tried tried = {trial.x, trial.share, NAN};
    if (!rk_vec_push(&tuned->trials, &trial) || !rk_vec_push(&r->tried, &tried)) {
        return rk_fail_memory(err, "trials");
    }
    if (trial.is_done) {
        settle(r, trial_at(tuned, trial.number));
    } else {
        r->todo[r->n++] = trial.number;
    }
    return RK_OK;
}

/* Sets r to the model: what has been tried, and what was spent on it. */
static rk_status turn_to(rounds *r, rk_tuned *tuned, double *spent, rk_error *err)
{
    const rk_eval_target *target = &r->bench->tuning->target;
    r->tuned = tuned;
    r->n = 0;
    rk_vec_clear(&r->tried);
    *spent = 0;
    for (size_t t = 0; t < tuned->trials.n; t++) {
        const rk_trial *trial = trial_at(tuned, t);
        rk_tried tried = {trial->x, trial->share, target->is_lower_better ? trial->value : -trial->value};
        tried.loss = trial->error ? INFINITY : tried.loss;
        *spent += trial->share;
        if (!rk_vec_push(&r->tried, &tried)) {
            return rk_fail_memory(err, "trials");
        }
    }
    return RK_OK;
}

/* One group of one model; *n_more: how many trials that were. */
static rk_status make_group(rounds *r, rk_tuned *tuned, size_t *n_more, rk_error *err)
{
    double spent;
    size_t begin = tuned->trials.n, n_most = r->bench->options->parallel > 1 ? GROUP_MAX : 1;
    rk_status status = turn_to(r, tuned, &spent, err);
    /* trials must not move while some of them are being made */
    if (!status && !rk_vec_reserve(&tuned->trials, begin + GROUP_MAX)) {
        status = rk_fail_memory(err, "trials");
    }
    for (size_t t = begin; !status && t - begin < n_most && is_within(r, tuned, t, spent); t++) {
        rk_search search = search_of(r, tuned);
        rk_search_step step = r->bench->options->search->step(&search, t);
        if (step.sight > begin) {
            break;
        }
        spent += step.share;
        status = add_trial(r, err);
    }
    *n_more = tuned->trials.n - begin;
    return status ? status : make_all(r, err);
}

rk_status rk_tune_rounds(rk_bench *bench, rk_error *err)
{
    rk_tuning *tuning = bench->tuning;
    rounds r = {.bench = bench, .tried = {.item_bytes = sizeof(rk_tried)}, .err = err};
    rk_status status = RK_OK;
    bool is_going = true;
    pthread_mutex_init(&r.lock, NULL);
    for (size_t c = 0; c < tuning->n_models; c++) {
        double work;
        r.n_planned += plan_of(&r, &tuning->models[c], &work);
        r.work_left += work;
    }
    while (is_going && !status) {
        is_going = false;
        for (size_t c = 0; c < tuning->n_models && !status; c++) {
            size_t n_more = 0;
            status = make_group(&r, &tuning->models[c], &n_more, err);
            is_going |= n_more > 0;
        }
    }
    pthread_mutex_destroy(&r.lock);
    rk_vec_release(&r.tried);
    return status;
}
