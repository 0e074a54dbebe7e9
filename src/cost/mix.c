/* mix.c - see mix.h: branch and bound on the reserved machines, and inside each hour on those on demand.
 *
 * Two facts make it quick. Once the reserved machines are chosen, the hours have nothing to do with one another: each
 * is a small covering problem over a handful of kinds. And what the hours cost at least is known in closed form: a unit
 * of size costs no less than the best ratio of price to size, so with R units reserved at least
 *     best on-demand ratio x sum over hours of max(0, need - R)
 * which is convex in R, and reserving more pays off up to the need that enough hours have. So both searches walk along
 * one kind after another, the last-named outermost and its number upwards, and leave a branch when its bound is no
 * better than what they have. Bounds are doubles, and are believed only beyond their own rounding; costs are whole
 * numbers. Walking upwards makes the first of equally cheap mixes the one that mix.h promises.
 */
#include "cost/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double noise = 1e-9; /* bounds are right to better than this */

enum { WORK_MAX = 60000000, FILL_MAX = 100000, CORNERS_MAX = 2 * RK_KINDS_MAX };

/* ---- one hour ---- */

/* What a unit of size and a machine are worth at least, so that no kind is worth more than its price: a corner of the
 * dual of the hour's linear program. */
typedef struct {
    double unit, machine;
} corner;

typedef struct {
    const rk_mix_problem *problem;
    double ratio[RK_KINDS_MAX + 1];                /* least price of a unit of size among the first k kinds; HUGE_VAL */
    corner corners[RK_KINDS_MAX + 1][CORNERS_MAX]; /* of the first k kinds, none when none is sold */
    unsigned n_corners[RK_KINDS_MAX + 1];
    int64_t now[RK_KINDS_MAX], best[RK_KINDS_MAX];
    rk_mix_cost least; /* found, or known to be possible */
    bool has_one;
    uint64_t steps; /* taken in this hour */
} filling;

static int64_t ceil_div(int64_t a, int64_t b) { return a <= 0 ? 0 : (a - 1) / b + 1; }

/* What n machines leave of a need; nothing is as good as less than nothing. */
static int64_t left_of(int64_t need, int64_t n, int64_t size)
{
    int64_t done;
    return need <= 0 || __builtin_mul_overflow(n, size, &done) || done >= need ? 0 : need - done;
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* What is left to do below one branch. */
typedef struct {
    int64_t need, fewest, most;
    rk_mix_cost paid;
} rest;

static void offer(filling *f, rk_mix_cost cost)
{
    if (f->has_one ? cost < f->least : cost <= f->least) {
        f->has_one = true;
        f->least = cost;
        memcpy(f->best, f->now, sizeof f->best);
    }
}

/* The linear program of what is left, over the first k kinds: its dual has its best at a corner. */
static double least_below(const filling *f, uint32_t k, const rest *r)
{
    double need = (double)larger(0, r->need), fewest = (double)larger(0, r->fewest), least = 0;
    if (f->n_corners[k] == 0 && (need > 0 || fewest > 0)) {
        return HUGE_VAL;
    }
    for (unsigned i = 0; i < f->n_corners[k]; i++) {
        least = fmax(least, f->corners[k][i].unit * need + f->corners[k][i].machine * fewest);
    }
    return (double)r->paid + least;
}

/* The smallest number of kind k that could beat what there is, when more of it make the bound of the need fall. */
static int64_t skip_to(const filling *f, uint32_t k, const rest *r, int64_t limit)
{
    const rk_mix_kind *kind = &f->problem->kind[k];
    double fall = (double)kind->size * f->ratio[k] - (double)kind->on_demand;
    double excess = (double)r->paid + (double)r->need * f->ratio[k] - (double)f->least * (1 + noise);
    if (!isfinite(f->ratio[k])) {
        return r->need > 0 ? smaller(limit, ceil_div(r->need, kind->size)) : 0;
    }
    return fall > 0 && excess > 0 && excess / fall < (double)limit ? larger(0, (int64_t)(excess / fall) - 1) : 0;
}

static void fill_kinds(filling *f, uint32_t n_kinds, rest r)
{
    const rk_mix_kind *kind = &f->problem->kind[n_kinds - 1];
    int64_t enough = larger(ceil_div(r.need, kind->size), larger(0, r.fewest));
    if (n_kinds == 1) {
        if (enough <= r.most && (enough == 0 || kind->on_demand != RK_NOT_SOLD)) {
            f->now[0] = enough;
            offer(f, r.paid + (rk_mix_cost)enough * kind->on_demand);
        }
        return;
    }
    int64_t limit = kind->on_demand == RK_NOT_SOLD ? 0 : smaller(enough, r.most);
    double before = HUGE_VAL;
    for (int64_t n = skip_to(f, n_kinds - 1, &r, limit); n <= limit && f->steps < FILL_MAX; n++) {
        rest below = {left_of(r.need, n, kind->size), r.fewest - n, r.most - n,
                      r.paid + (rk_mix_cost)n * kind->on_demand};
        double bound = least_below(f, n_kinds - 1, &below);
        f->steps++;
        if (bound <= (double)f->least * (1 + noise)) {
            f->now[n_kinds - 1] = n;
            fill_kinds(f, n_kinds - 1, below);
        } else if (bound > before) { /* convex: it only rises from here */
            return;
        }
        before = bound;
    }
}

/* Kinds alone: some mix costs no more than the cheapest of them, which is there should the search be cut short. */
static bool fill_alone(filling *f, const rest *r)
{
    bool has_one = false;
    f->least = ((rk_mix_cost)1) << 120;
    for (uint32_t k = 0; k < f->problem->n_kinds; k++) {
        const rk_mix_kind *kind = &f->problem->kind[k];
        int64_t n = larger(ceil_div(r->need, kind->size), larger(0, r->fewest));
        rk_mix_cost cost = (rk_mix_cost)n * kind->on_demand;
        if (n <= r->most && (n == 0 || kind->on_demand != RK_NOT_SOLD) && cost < f->least) {
            has_one = true;
            f->least = cost;
            memset(f->best, 0, sizeof f->best);
            f->best[k] = n;
        }
    }
    return has_one;
}

/* Whether no kind of the first k is worth more than it costs. */
static bool is_corner(const rk_mix_problem *problem, uint32_t n_kinds, corner c)
{
    bool holds = c.unit >= 0 && c.machine >= 0;
    for (uint32_t k = 0; k < n_kinds && holds; k++) {
        const rk_mix_kind *kind = &problem->kind[k];
        double price = (double)kind->on_demand;
        holds = kind->on_demand == RK_NOT_SOLD || c.unit * (double)kind->size + c.machine <= price * (1 + 1e-12);
    }
    return holds;
}

static void add_corner(filling *f, uint32_t n_kinds, corner c)
{
    if (f->n_corners[n_kinds] < CORNERS_MAX && is_corner(f->problem, n_kinds, c)) {
        f->corners[n_kinds][f->n_corners[n_kinds]++] = c;
    }
}

/* Where two kinds are worth just what they cost, and where one is worth it by its size or as a machine alone. */
static void set_corners(filling *f, uint32_t n_kinds)
{
    const rk_mix_problem *problem = f->problem;
    for (uint32_t i = 0; i < n_kinds; i++) {
        double price = (double)problem->kind[i].on_demand, size = (double)problem->kind[i].size;
        if (problem->kind[i].on_demand == RK_NOT_SOLD) {
            continue;
        }
        add_corner(f, n_kinds, (corner){price / size, 0});
        add_corner(f, n_kinds, (corner){0, price});
        for (uint32_t j = 0; j < i; j++) {
            double unit = (price - (double)problem->kind[j].on_demand) / (size - (double)problem->kind[j].size);
            if (problem->kind[j].on_demand != RK_NOT_SOLD && problem->kind[j].size != problem->kind[i].size) {
                add_corner(f, n_kinds, (corner){unit, price - unit * size});
            }
        }
    }
}

static void set_ratios(filling *f, const rk_mix_problem *problem)
{
    memset(f, 0, sizeof *f);
    f->problem = problem;
    f->ratio[0] = HUGE_VAL;
    for (uint32_t k = 0; k < problem->n_kinds; k++) {
        const rk_mix_kind *kind = &problem->kind[k];
        double ratio = kind->on_demand == RK_NOT_SOLD ? HUGE_VAL : (double)kind->on_demand / (double)kind->size;
        f->ratio[k + 1] = fmin(f->ratio[k], ratio);
        set_corners(f, k + 1);
    }
}

static bool fill_one(filling *f, const int64_t *reserved, int64_t need)
{
    const rk_mix_problem *problem = f->problem;
    rest r = {need, problem->min, problem->max, 0};
    for (uint32_t k = 0; k < problem->n_kinds; k++) {
        r.need = left_of(r.need, reserved[k], problem->kind[k].size);
        r.fewest -= reserved[k];
        r.most -= reserved[k];
    }
    f->has_one = false;
    f->steps = 0;
    bool has_alone = fill_alone(f, &r);
    memset(f->now, 0, sizeof f->now);
    if (r.most >= 0) {
        fill_kinds(f, problem->n_kinds, r);
    }
    return f->has_one || (has_alone && f->steps >= FILL_MAX);
}

bool rk_mix_fill(const rk_mix_problem *problem, const int64_t *reserved, int64_t need, int64_t *on_demand,
                 rk_mix_cost *cost)
{
    filling f;
    set_ratios(&f, problem);
    bool has_one = fill_one(&f, reserved, need);
    memcpy(on_demand, f.best, problem->n_kinds * sizeof *on_demand);
    *cost = f.least;
    return has_one;
}

/* ---- all hours ---- */

typedef struct {
    const rk_mix_problem *problem;
    filling fill;
    double *hours_to, *need_to;        /* [n_hours + 1] sums over the hours before: of hours, of hours x need */
    double reserved[RK_KINDS_MAX + 1]; /* least reserved price of a unit of size for the whole plan, first k kinds */
    double worth[RK_KINDS_MAX + 1];    /* size up to which reserving at that price pays off */
    int64_t now[RK_KINDS_MAX];
    rk_mix_answer *answer;
    rk_mix_cost least; /* found, or known to be possible */
    double
        each[RK_KINDS_MAX + 1]; /* least price of a machine for the whole plan: of the first k kinds reserved, or any */
    uint64_t work_max;
    bool gave_up, is_cut; /* the search; the one inside an hour */
} search;

/* Hours with a need above size, which are the first ones. */
static size_t hours_above(const search *s, double size)
{
    size_t low = 0, high = s->problem->n_hours;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((double)s->problem->hour[middle].need > size) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Least cost on demand of the hours from `first` on, with so much reserved. */
static double on_demand_below(const search *s, size_t first, double size)
{
    size_t end = hours_above(s, size);
    if (end <= first) {
        return 0;
    }
    double open = s->need_to[end] - s->need_to[first] - (s->hours_to[end] - s->hours_to[first]) * size;
    return open <= 0 ? 0 : open * s->fill.ratio[s->problem->n_kinds];
}

/* Least cost of all that is still open: reserving more of the first k kinds, and on demand. */
static double open_below(const search *s, uint32_t k, double size)
{
    double up_to = s->worth[k];
    return size >= up_to ? on_demand_below(s, 0, size) : s->reserved[k] * (up_to - size) + on_demand_below(s, 0, up_to);
}

/* Reserving a unit pays off while the hours that need it would pay more on demand. */
static void set_worth(search *s)
{
    const rk_mix_problem *problem = s->problem;
    double hour = s->fill.ratio[problem->n_kinds];
    s->reserved[0] = s->each[0] = HUGE_VAL;
    for (uint32_t k = 0; k < problem->n_kinds; k++) {
        double price = (double)problem->kind[k].on_demand;
        s->each[0] = problem->kind[k].on_demand == RK_NOT_SOLD ? s->each[0] : fmin(s->each[0], price);
    }
    s->each[0] *= (double)problem->plan_hours;
    for (uint32_t k = 0; k <= problem->n_kinds; k++) {
        if (k > 0) {
            const rk_mix_kind *kind = &problem->kind[k - 1];
            double ratio = kind->reserved == RK_NOT_SOLD || problem->is_fixed
                               ? HUGE_VAL
                               : (double)kind->reserved * (double)problem->plan_hours / (double)kind->size;
            s->reserved[k] = fmin(s->reserved[k - 1], ratio);
            s->each[k] = fmin(s->each[k - 1], ratio * (double)kind->size);
        }
        s->worth[k] = 0;
        for (size_t i = 0; i < problem->n_hours && isfinite(s->reserved[k]); i++) {
            bool pays = !isfinite(hour) || s->hours_to[i + 1] * hour > s->reserved[k];
            if (pays) {
                s->worth[k] = fmax(0, (double)problem->hour[i].need);
                break;
            }
        }
    }
}

/* One choice of reserved machines, hour by hour, given up as soon as it cannot win. */
static void look_at(search *s)
{
    const rk_mix_problem *problem = s->problem;
    rk_mix_cost cost = 0;
    double size = 0;
    for (uint32_t k = 0; k < problem->n_kinds; k++) {
        cost += (rk_mix_cost)s->now[k] * larger(0, problem->kind[k].reserved) * problem->plan_hours;
        size += (double)s->now[k] * (double)problem->kind[k].size;
    }
    for (size_t i = 0; i < problem->n_hours; i++) {
        if ((double)cost + on_demand_below(s, i, size) > (double)s->least * (1 + noise) ||
            !fill_one(&s->fill, s->now, problem->hour[i].need)) {
            return;
        }
        s->answer->work += 1 + s->fill.steps;
        s->is_cut = s->is_cut || s->fill.steps >= FILL_MAX;
        cost += s->fill.least * problem->hour[i].hours;
    }
    if (s->answer->has_one ? cost < s->least : cost <= s->least) {
        s->answer->has_one = true;
        s->answer->cost = s->least = cost;
        memcpy(s->answer->reserved, s->now, sizeof s->now);
    }
}

static void reserve_kinds(search *s, uint32_t n_kinds, double size, int64_t n_machines, double paid)
{
    if (s->answer->work > s->work_max) {
        s->gave_up = true;
        return;
    }
    if (n_kinds == 0) {
        look_at(s);
        return;
    }
    const rk_mix_problem *problem = s->problem;
    const rk_mix_kind *kind = &problem->kind[n_kinds - 1];
    double hour = (double)larger(0, kind->reserved) * (double)problem->plan_hours, before = HUGE_VAL;
    int64_t most = problem->n_hours > 0 ? ceil_div(problem->hour[0].need, kind->size) : 0;
    most = kind->reserved == RK_NOT_SOLD ? 0 : smaller(larger(most, problem->min), problem->max - n_machines);
    for (int64_t n = 0; n <= most && !s->gave_up; n++) {
        double with = size + (double)n * (double)kind->size, now = paid + (double)n * hour;
        double count =
            problem->min > n_machines + n ? (double)(problem->min - n_machines - n) * s->each[n_kinds - 1] : 0;
        double bound = now + fmax(open_below(s, n_kinds - 1, with), count);
        if (bound <= (double)s->least * (1 + noise)) {
            s->now[n_kinds - 1] = n;
            reserve_kinds(s, n_kinds - 1, with, n_machines + n, now);
        } else if (bound > before) { /* convex: it only rises from here */
            break;
        }
        before = bound;
    }
    s->now[n_kinds - 1] = 0;
}

/* So many reserved of one kind, besides what is there: looked at, not kept. True when that is the best so far. */
static bool try_with(search *s, uint32_t k, int64_t n)
{
    rk_mix_cost before = s->least;
    int64_t was = s->now[k];
    s->now[k] = n;
    if (n >= 0 && n <= s->problem->max && s->problem->kind[k].reserved != RK_NOT_SOLD) {
        look_at(s);
    }
    s->now[k] = was;
    return s->least < before;
}

/* From the best known, one kind up or down in steps that shrink, as long as it helps. */
static void improve(search *s)
{
    for (int64_t step = 64; step > 0; step /= 4) {
        bool helped = s->answer->has_one;
        while (helped && s->answer->work < s->work_max / 2) {
            helped = false;
            memcpy(s->now, s->answer->reserved, sizeof s->now);
            for (uint32_t k = 0; k < s->problem->n_kinds && !helped; k++) {
                helped = try_with(s, k, s->now[k] + step) || try_with(s, k, s->now[k] - step);
            }
        }
    }
    memset(s->now, 0, sizeof s->now);
}

/* Something to beat: nothing reserved, and every kind alone about as often as pays off, or as machines are needed. */
static void start(search *s)
{
    const rk_mix_problem *problem = s->problem;
    look_at(s);
    for (uint32_t k = 0; k < problem->n_kinds; k++) {
        int64_t about = (int64_t)(s->worth[problem->n_kinds] / (double)problem->kind[k].size);
        (void)try_with(s, k, smaller(about, problem->max));
        (void)try_with(s, k, smaller(about + 1, problem->max));
        (void)try_with(s, k, problem->min);
    }
    improve(s);
}

static void choose(search *s)
{
    const rk_mix_problem *problem = s->problem;
    s->least = ((rk_mix_cost)1) << 120;
    start(s);
    s->answer->has_one = false; /* known to be possible, and found again by the walk if nothing is better */
    int64_t known[RK_KINDS_MAX];
    memcpy(known, s->answer->reserved, sizeof known);
    reserve_kinds(s, problem->n_kinds, 0, 0, 0);
    if (s->gave_up && !s->answer->has_one && s->least < ((rk_mix_cost)1) << 120) {
        memcpy(s->answer->reserved, known, sizeof known);
        s->answer->cost = s->least;
        s->answer->has_one = true;
    }
#ifdef RECKON_HAS_CBC
    if (s->gave_up && rk_mix_cbc(problem, s->now)) {
        look_at(s);
    }
#endif
}

/* The linear relaxation, of the needs or of the least number of machines: whichever asks for more. */
static double bound_of(const search *s)
{
    const rk_mix_problem *problem = s->problem;
    double paid = 0, size = 0, n = 0, count = 0;
    for (uint32_t k = 0; k < problem->n_kinds && problem->is_fixed; k++) {
        const rk_mix_kind *kind = &problem->kind[k];
        paid += (double)kind->fixed * (double)larger(0, kind->reserved) * (double)problem->plan_hours;
        size += (double)kind->fixed * (double)kind->size;
        n += (double)kind->fixed;
    }
    if ((double)problem->min > n && isfinite(s->each[problem->n_kinds])) {
        count = ((double)problem->min - n) * s->each[problem->n_kinds];
    }
    return paid + fmax(open_below(s, problem->n_kinds, size), count);
}

rk_status rk_mix_solve(const rk_mix_problem *problem, rk_mix_answer *out, rk_error *err)
{
    search s = {.problem = problem, .answer = out, .work_max = problem->work_max ? problem->work_max : WORK_MAX};
    double *sums = calloc(2 * (problem->n_hours + 1), sizeof *sums);
    if (!sums) {
        return rk_fail_memory(err, "a mix of machines");
    }
    *out = (rk_mix_answer){0};
    s.hours_to = sums;
    s.need_to = sums + problem->n_hours + 1;
    for (size_t i = 0; i < problem->n_hours; i++) {
        double hours = (double)problem->hour[i].hours;
        s.hours_to[i + 1] = s.hours_to[i] + hours;
        s.need_to[i + 1] = s.need_to[i] + hours * (double)problem->hour[i].need;
    }
    set_ratios(&s.fill, problem);
    set_worth(&s);
    if (problem->is_fixed) {
        s.least = ((rk_mix_cost)1) << 120;
        for (uint32_t k = 0; k < problem->n_kinds; k++) {
            s.now[k] = problem->kind[k].fixed;
        }
        look_at(&s);
    } else {
        choose(&s);
    }
    out->bound = bound_of(&s);
    out->is_proven = !s.gave_up && !s.is_cut;
    free(sums);
    return RK_OK;
}
