/* focus_report.c - the verdict on a bill for machines, and what a provider may support by name. */
#include <string.h>

#include "bill/focus.h"

static void broken_json(const rk_focus_broken *broken, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "rule", broken->id);
    rk_json_cstring(json, "column", broken->column);
    rk_json_cstring(json, "level", broken->level == RK_FOCUS_MUST ? "must" : "should");
    rk_json_u64(json, "count", broken->n);
    rk_json_array(json, "findings");
    for (size_t i = 0; i < broken->n_first; i++) {
        rk_json_object(json, NULL);
        if (broken->first[i].row > 0) {
            rk_json_u64(json, "row", broken->first[i].row);
            rk_json_u64(json, "line", broken->first[i].line);
        }
        rk_json_cstring(json, "found", broken->first[i].found);
        rk_json_cstring(json, "expected", broken->first[i].expected);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
}

void rk_focus_report_json(const rk_focus_report *report, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "specification", "FOCUS 1.2");
    rk_json_bool(&json, "conforms", rk_focus_report_conforms(report));
    rk_json_u64(&json, "rows", rk_focus_report_rows(report));
    rk_json_u64(&json, "columns", rk_focus_report_n_columns(report));
    rk_json_u64(&json, "checks_applied", rk_focus_report_n_rules(report));
    rk_json_object(&json, "sums");
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        const rk_focus_sum *sum = rk_focus_report_sum(report, i);
        if (*sum->sum) {
            rk_json_object(&json, sum->column);
            rk_json_cstring(&json, "sum", sum->sum);
            rk_json_cstring(&json, "exact", sum->exact);
            rk_json_u64(&json, "rows_without", sum->n_null);
            rk_json_end_object(&json);
        }
    }
    rk_json_end_object(&json);
    rk_json_array(&json, "broken");
    for (size_t i = 0; i < rk_focus_report_n_broken(report); i++) {
        broken_json(rk_focus_report_broken(report, i), &json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

rk_status rk_focus_criterion_find(const char *name, uint32_t *bits, rk_error *err)
{
    if (strcmp(name, "all") == 0) {
        *bits = (1u << RK_N_FOCUS_CRITERIA) - 1;
        return RK_OK;
    }
    for (unsigned i = 0; i < RK_N_FOCUS_CRITERIA; i++) {
        if (strcmp(name, rk_focus_criteria[i]) == 0) {
            *bits = 1u << i;
            return RK_OK;
        }
    }
    const char *near = rk_nearest_name(name, rk_focus_criteria, RK_N_FOCUS_CRITERIA);
    return rk_fail(err, RK_BAD_USAGE, "FOCUS has no criterion '%.60s'; %s%s%s", name,
                   near ? "did you mean '" : "docs/focus.md lists them", near ? near : "", near ? "'?" : "");
}
