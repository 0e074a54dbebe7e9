/* strata.c - the same figures for popular and rare items, for new and old users.
 *
 * Items: each stratum's columns are in the table already, for they are figures of a part of every user's list. Users:
 * the figures of some rows; they are resampled by themselves, so that an interval is that of the group.
 */
#include <stdlib.h>
#include <string.h>

#include "eval/evaluate_parts.h"

static const char *const part_names[RK_STRATA] = {"head", "middle", "tail", "cold"};

static const struct {
    const char *name;
    uint32_t least, most; /* items that the users had taken */
} history_groups[] = {{"0", 0, 0}, {"1-5", 1, 5}, {"6-20", 6, 20}, {"21-100", 21, 100}, {"101+", 101, UINT32_MAX}};

enum { STRATA_MAX = RK_STRATA + RK_COUNT_OF(history_groups) };

/* ---- by popularity ---- */

static uint32_t users_of_part(const rk_user_table *t, rk_stratum part)
{
    double n = 0;
    for (size_t c = 0; c < t->n_columns; c++) {
        const rk_user_column *column = &t->column[c];
        bool is_weight = !column->metric && column->over == RK_OVER_PART && column->part == part;
        for (size_t r = 0; is_weight && r < t->n_rows; r++) {
            n += t->value[r * t->n_columns + c];
        }
    }
    return (uint32_t)n;
}

static rk_status by_popularity(const rk_user_table *t, const rk_estimate *estimate, const rk_run *run,
                               rk_eval_stratum *stratum, size_t *n, rk_error *err)
{
    (void)run;
    rk_status status = RK_OK;
    for (rk_stratum part = RK_HEAD; part < RK_STRATA && status == RK_OK; part++) {
        rk_eval_stratum *s = &stratum[*n];
        if (t->taken.n_items_of[part] > 0) {
            *s = (rk_eval_stratum){.by = "popularity",
                                   .name = part_names[part],
                                   .least = t->taken.least[part],
                                   .most = t->taken.most[part],
                                   .items = t->taken.n_items_of[part],
                                   .users = users_of_part(t, part),
                                   .test_pairs = t->part_pairs[part]};
            ++*n;
            status = rk_user_table_figures(t, (rk_figures_wish){estimate, part}, &s->figure, &s->n_figures, err);
        }
    }
    return status;
}

/* ---- by history ---- */

/* row: [n_rows]; those of the group that are judged. */
static size_t rows_of_group(const rk_user_table *t, rk_eval_stratum *s, uint32_t *row)
{
    size_t n = 0;
    for (size_t r = 0; r < t->n_rows; r++) {
        if (t->n_test[r] > 0 && t->n_taken[r] >= s->least && t->n_taken[r] <= s->most) {
            row[n++] = (uint32_t)r;
            s->test_pairs += t->n_test[r];
        }
    }
    s->users = (uint32_t)n;
    return n;
}

static rk_status fill_group(const rk_user_table *t, const rk_run *run, rk_estimate *room, uint32_t *row,
                            rk_eval_stratum *s, rk_error *err)
{
    rk_status status = rk_user_table_estimate(t, row, s->users, run, room, err);
    return status ? status
                  : rk_user_table_figures(t, (rk_figures_wish){room, RK_STRATA}, &s->figure, &s->n_figures, err);
}

static rk_status by_history(const rk_user_table *t, const rk_estimate *estimate, const rk_run *run,
                            rk_eval_stratum *stratum, size_t *n, rk_error *err)
{
    (void)estimate;
    rk_estimate *room = malloc(RK_SAMPLE_COLS_MAX * sizeof *room);
    uint32_t *row = malloc((t->n_rows + 1) * sizeof *row);
    rk_status status = room && row ? RK_OK : rk_fail_memory(err, "groups of users");
    for (size_t g = 0; g < RK_COUNT_OF(history_groups) && status == RK_OK; g++) {
        rk_eval_stratum *s = &stratum[*n];
        *s = (rk_eval_stratum){"history", history_groups[g].name, history_groups[g].least, history_groups[g].most};
        if (rows_of_group(t, s, row) > 0) {
            ++*n;
            status = fill_group(t, run, room, row, s, err);
        }
    }
    free(room);
    free(row);
    return status;
}

/* ---- the table of breakdowns ---- */

static const struct {
    const char *name;
    rk_status (*make)(const rk_user_table *t, const rk_estimate *estimate, const rk_run *run, rk_eval_stratum *stratum,
                      size_t *n, rk_error *err);
} breakdowns[RK_BY_KINDS] = {
    [RK_BY_POPULARITY] = {"popularity", by_popularity},
    [RK_BY_HISTORY] = {"history", by_history},
};

rk_status rk_strata_make(const rk_user_table *table, const rk_estimate *estimate, const rk_run *run,
                         rk_eval_stratum **stratum, size_t *n_strata, rk_error *err)
{
    *stratum = calloc(STRATA_MAX, sizeof **stratum);
    rk_status status = *stratum ? RK_OK : rk_fail_memory(err, "strata");
    for (rk_eval_by by = 0; by < RK_BY_KINDS && status == RK_OK; by++) {
        if (table->plan->by[by]) {
            status = breakdowns[by].make(table, estimate, run, *stratum, n_strata, err);
        }
    }
    return status;
}

static rk_status refuse_breakdown(rk_slice word, rk_error *err)
{
    char text[40];
    const char *names[RK_BY_KINDS];
    for (size_t by = 0; by < RK_BY_KINDS; by++) {
        names[by] = breakdowns[by].name;
    }
    size_t n = word.n < sizeof text - 1 ? word.n : sizeof text - 1;
    memcpy(text, word.at, n);
    text[n] = '\0';
    const char *nearest = rk_nearest_name(text, names, RK_BY_KINDS);
    return nearest ? rk_fail(err, RK_BAD_USAGE, "figures cannot be broken down by '%s'; nearest is '%s'", text, nearest)
                   : rk_fail(err, RK_BAD_USAGE, "figures cannot be broken down by '%s', only by popularity or history",
                             text);
}

rk_status rk_eval_parse_by(const char *text, rk_eval_plan *plan, rk_error *err)
{
    for (const char *at = text;; at++) {
        rk_slice word = rk_slice_trim((rk_slice){at, strcspn(at, ",")});
        rk_eval_by by = 0;
        while (by < RK_BY_KINDS && !rk_slice_is(word, breakdowns[by].name)) {
            by++;
        }
        if (by == RK_BY_KINDS) {
            return refuse_breakdown(word, err);
        }
        plan->by[by] = true;
        at += strcspn(at, ",");
        if (*at == '\0') {
            return RK_OK;
        }
    }
}
