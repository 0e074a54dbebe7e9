/* what_if.c - see what_if.h. */
#include "decide/what_if.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"

/* ---- outcomes ---- */

/* Rows by element and service; the sums of lines fit, since their total does. */
static bool sum_lines(const rk_ledger *ledger, rk_interner *names, rk_vec *rows)
{
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        rk_text key = {0};
        rk_text_addf(&key, "%s\n%s", line->element, line->service_name);
        uint32_t id = key.failed ? RK_NO_ID : rk_interner_add(names, (rk_slice){key.at, key.n});
        rk_text_release(&key);
        rk_element_total row = {.element = line->element, .service = line->service_name};
        if (id == RK_NO_ID || (id == rows->n && !rk_vec_push(rows, &row))) {
            return false;
        }
        ((rk_element_total *)rows->data)[id].amount.micros += line->amount.micros;
    }
    return true;
}

/* The rows into the arena, their names too: the ledger may go. */
static bool keep_rows(const rk_vec *rows, rk_arena *arena, rk_outcome *out)
{
    rk_element_total *kept = RK_TAKE(arena, rk_element_total, rows->n);
    bool ok = kept != NULL;
    for (size_t i = 0; ok && i < rows->n; i++) {
        const rk_element_total *row = (const rk_element_total *)rows->data + i;
        kept[i].element = rk_arena_copy(arena, row->element, strlen(row->element));
        kept[i].service = rk_arena_copy(arena, row->service, strlen(row->service));
        kept[i].amount = row->amount;
        ok = kept[i].element && kept[i].service;
    }
    out->elements = kept;
    out->n_elements = rows->n;
    return ok;
}

rk_status rk_outcome_of(const rk_ledger *ledger, rk_arena *arena, rk_outcome *out, rk_error *err)
{
    rk_vec rows = {.item_bytes = sizeof(rk_element_total)};
    rk_interner *names = rk_interner_new();
    *out = (rk_outcome){.total = rk_ledger_total(ledger)};
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
            const rk_fleet_month *month = &rk_ledger_service(ledger, s)->months[m];
            if (__builtin_add_overflow(out->requests_micros, month->requests_micros, &out->requests_micros)) {
                out->requests_micros = INT64_MAX;
            }
            if (__builtin_add_overflow(out->shortfall_micros, month->shortfall_micros, &out->shortfall_micros)) {
                out->shortfall_micros = INT64_MAX;
            }
        }
    }
    bool ok = names && sum_lines(ledger, names, &rows) && keep_rows(&rows, arena, out);
    rk_interner_free(names);
    rk_vec_release(&rows);
    return ok ? RK_OK : rk_fail_memory(err, "an outcome");
}

rk_status rk_what_if_ledger(const rk_plan_source *source, const char *const *changes, size_t n_changes, rk_ledger **out,
                            rk_error *err)
{
    static const rk_run quiet;
    rk_plan_source changed = *source;
    const char **all = calloc(source->n_changes + n_changes + 1, sizeof *all);
    if (!all) {
        return rk_fail_memory(err, "changes");
    }
    for (size_t i = 0; i < source->n_changes + n_changes; i++) {
        all[i] = i < source->n_changes ? source->changes[i] : changes[i - source->n_changes];
    }
    changed.changes = all;
    changed.n_changes += n_changes;
    rk_status status = rk_cost_run(&changed, &quiet, out, err);
    free(all);
    return status;
}

rk_status rk_what_if(const rk_plan_source *source, const char *const *changes, size_t n_changes, rk_arena *arena,
                     rk_outcome *out, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_status status = rk_what_if_ledger(source, changes, n_changes, &ledger, err);
    status = status ? status : rk_outcome_of(ledger, arena, out, err);
    rk_ledger_free(ledger);
    return status;
}

/* ---- differences ---- */

static rk_money amount_in(const rk_outcome *outcome, const rk_element_total *like)
{
    for (size_t i = 0; i < outcome->n_elements; i++) {
        const rk_element_total *row = &outcome->elements[i];
        if (strcmp(row->element, like->element) == 0 && strcmp(row->service, like->service) == 0) {
            return row->amount;
        }
    }
    return (rk_money){0};
}

rk_status rk_outcome_compare(const rk_outcome *before, const rk_outcome *after, rk_arena *arena,
                             const rk_outcome_change **out, size_t *n, rk_error *err)
{
    rk_outcome_change *rows = RK_TAKE(arena, rk_outcome_change, before->n_elements + after->n_elements);
    if (!rows) {
        return rk_fail_memory(err, "differences");
    }
    *out = rows;
    *n = 0;
    for (size_t i = 0; i < before->n_elements; i++) {
        const rk_element_total *row = &before->elements[i];
        rk_money then = amount_in(after, row);
        if (then.micros != row->amount.micros) {
            rows[(*n)++] = (rk_outcome_change){row->element, row->service, row->amount, then};
        }
    }
    for (size_t i = 0; i < after->n_elements; i++) {
        const rk_element_total *row = &after->elements[i];
        if (amount_in(before, row).micros == 0) {
            rows[(*n)++] = (rk_outcome_change){row->element, row->service, (rk_money){0}, row->amount};
        }
    }
    return RK_OK;
}
