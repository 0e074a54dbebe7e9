/* what_if.c - see what_if.h. Each user is a row of sums; an estimate is a ratio of two of them. */
#include "experiment/what_if.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"
#include "math/normal.h"

const char *const rk_reward_names[RK_N_REWARDS] = {"clicks", "purchases", "revenue"};

/* Sums over one user's answers. */
typedef struct {
    double n, r, w, wr; /* answers, rewards, weights, weighted rewards */
} user_sums;

/* ---- rewards ---- */

/* Whether a later answer showed the item before the deed, and so has the credit. */
static bool is_shown_again(const rk_journal *j, const rk_journal_user *user, size_t own, const rk_deed *deed)
{
    for (size_t i = own + 1; i < user->first_shown + user->n_shown && j->shown[i].time_s <= deed->time_s; i++) {
        for (size_t k = 0; k < j->shown[i].n_items; k++) {
            if (j->shown[i].item[k] == deed->item) {
                return true;
            }
        }
    }
    return false;
}

static double worth_of(const rk_deed *deed, rk_reward reward)
{
    if (reward == RK_REWARD_CLICKS) {
        return deed->kind == RK_DEED_CLICK;
    }
    return deed->kind != RK_DEED_PURCHASE ? 0 : reward == RK_REWARD_PURCHASES ? 1 : deed->revenue;
}

/* What came of the item at the explored place of answer number `own`. */
static double reward_of(const rk_journal *j, size_t own, const rk_what_if_options *options)
{
    const rk_shown *shown = &j->shown[own];
    const rk_journal_user *user = &j->by_user[shown->user];
    uint32_t item = shown->item[shown->place - 1];
    double sum = 0;
    for (size_t d = user->first_deed; d < user->first_deed + user->n_deeds; d++) {
        const rk_deed *deed = &j->deed[d];
        if (deed->item == item && deed->time_s >= shown->time_s && deed->time_s - shown->time_s < options->window_s &&
            !is_shown_again(j, user, own, deed)) {
            sum += worth_of(deed, options->reward);
        }
    }
    return sum;
}

/* ---- which answers ---- */

static rk_status find_scene(const rk_journal *j, const char *wanted, uint32_t *scene, rk_error *err)
{
    uint32_t id = wanted ? rk_interner_find(j->names, rk_slice_of(wanted)) : RK_NO_ID;
    bool is_there = false;
    for (size_t i = 0; i < j->n_shown; i++) {
        const rk_shown *s = &j->shown[i];
        if (s->place == 0 || s->scene == RK_NO_ID) {
            continue;
        }
        id = !wanted && id == RK_NO_ID ? s->scene : id;
        is_there |= s->scene == id;
        if (!wanted && s->scene != id) {
            rk_slice a = rk_interner_key(j->names, id), b = rk_interner_key(j->names, s->scene);
            return rk_fail(err, RK_BAD_USAGE,
                           "the log holds several scenes that explore, such as '%.*s' and '%.*s'; say "
                           "which",
                           (int)a.n, a.at, (int)b.n, b.at);
        }
    }
    *scene = id;
    return is_there ? RK_OK
                    : rk_fail(err, RK_NOT_FOUND, "the log holds no answers %s%.80s%s in which a place was explored",
                              wanted ? "of the scene '" : "", wanted ? wanted : "", wanted ? "'" : "");
}

static bool is_choice(const rk_shown *shown, uint32_t item)
{
    for (size_t c = 0; c < shown->n_choices; c++) {
        if (shown->choice[c] == item) {
            return true;
        }
    }
    return false;
}

typedef struct {
    const rk_journal *journal;
    const rk_what_if_options *options;
    rk_what_if *out;
    double w2; /* sum of squared weights */
} summing;

static rk_status add_answer(summing *s, size_t own, rk_policy *policy, void *context, user_sums *sums, rk_error *err)
{
    const rk_shown *shown = &s->journal->shown[own];
    uint32_t choice = RK_NO_ID;
    rk_status status = policy(context, shown, &choice, err);
    if (status) {
        return status;
    }
    s->out->n_answers++;
    if (!is_choice(shown, choice)) {
        s->out->n_unsupported++;
        return RK_OK;
    }
    bool is_matched = choice == shown->item[shown->place - 1];
    double r = reward_of(s->journal, own, s->options), w = is_matched ? 1 / shown->place_propensity : 0;
    sums->n++;
    sums->r += r;
    sums->w += w;
    sums->wr += w * r;
    s->w2 += w * w;
    s->out->n_matched += is_matched;
    s->out->weight_most = w > s->out->weight_most ? w : s->out->weight_most;
    return RK_OK;
}

/* ---- estimates ---- */

/* The fields of user_sums that a ratio is made of. */
typedef struct {
    size_t top, bottom;
} ratio;
static const ratio logged = {offsetof(user_sums, r), offsetof(user_sums, n)},
                   ips = {offsetof(user_sums, wr), offsetof(user_sums, n)},
                   snips = {offsetof(user_sums, wr), offsetof(user_sums, w)};

static double field(const user_sums *u, size_t at) { return *(const double *)(const void *)((const char *)u + at); }

typedef struct {
    double value, bottom; /* the ratio, and the mean of its lower part */
} ratio_of_means;

static ratio_of_means mean_of(const user_sums *users, size_t n, ratio r)
{
    double top = 0, bottom = 0;
    for (size_t u = 0; u < n; u++) {
        top += field(&users[u], r.top);
        bottom += field(&users[u], r.bottom);
    }
    return (ratio_of_means){top / bottom, bottom / (double)n};
}

/* How far one user moves a ratio. */
static double influence(const user_sums *u, ratio r, ratio_of_means m)
{
    return (field(u, r.top) - m.value * field(u, r.bottom)) / m.bottom;
}

/* A ratio, less another one when that is given, with its interval. */
static rk_estimate estimate(const user_sums *users, size_t n, ratio r, const ratio *less, double z)
{
    ratio_of_means m = mean_of(users, n, r), other = less ? mean_of(users, n, *less) : (ratio_of_means){0, 1};
    double sum = 0, value = m.value - other.value;
    for (size_t u = 0; u < n; u++) {
        double i = influence(&users[u], r, m) - (less ? influence(&users[u], *less, other) : 0);
        sum += i * i;
    }
    double error = n > 1 ? sqrt(sum / ((double)n * ((double)n - 1))) : NAN;
    return (rk_estimate){value, value - z * error, value + z * error};
}

static void estimate_all(const summing *s, const rk_vec *users)
{
    rk_what_if *out = s->out;
    double z = rk_normal_quantile(0.5 + s->options->confidence / 2), w = 0;
    for (size_t u = 0; u < users->n; u++) {
        w += ((const user_sums *)users->data)[u].w;
    }
    out->n_users = users->n;
    out->effective = s->w2 > 0 ? w * w / s->w2 : 0;
    out->logged = estimate(users->data, users->n, logged, NULL, z);
    out->ips = estimate(users->data, users->n, ips, NULL, z);
    out->snips = estimate(users->data, users->n, snips, NULL, z);
    out->ips_gain = estimate(users->data, users->n, ips, &logged, z);
    out->snips_gain = estimate(users->data, users->n, snips, &logged, z);
}

rk_status rk_what_if_estimate(const rk_journal *j, const rk_what_if_options *options, rk_policy *policy, void *context,
                              rk_what_if *out, rk_error *err)
{
    rk_vec users = {.item_bytes = sizeof(user_sums)};
    summing s = {.journal = j, .options = options, .out = out};
    uint32_t scene = RK_NO_ID;
    *out = (rk_what_if){0};
    rk_status status = find_scene(j, options->scene, &scene, err);
    for (uint32_t u = 0; !status && u < rk_interner_count(j->users); u++) {
        const rk_journal_user *user = &j->by_user[u];
        user_sums sums = {0};
        for (size_t i = user->first_shown; !status && i < user->first_shown + user->n_shown; i++) {
            if (j->shown[i].place > 0 && j->shown[i].scene == scene) {
                status = add_answer(&s, i, policy, context, &sums, err);
            }
        }
        if (!status && sums.n > 0 && !rk_vec_push(&users, &sums)) {
            status = rk_fail_memory(err, "users");
        }
    }
    if (!status) {
        rk_slice name = rk_interner_key(j->names, scene);
        out->scene = name.at;
        out->scene_bytes = name.n;
        estimate_all(&s, &users);
    }
    rk_vec_release(&users);
    return status;
}
