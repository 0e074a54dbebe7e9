/* ingest_report.c - the account of a reading, for people and for machines. */
#include <stdlib.h>

#include "base/clock.h"
#include "data/ingest.h"
#include "data/roles.h"

void rk_ingest_report_release(rk_ingest_report *report)
{
    for (size_t i = 0; i < report->columns.n; i++) {
        free(((rk_ingest_column *)report->columns.data)[i].name);
    }
    rk_vec_release(&report->columns);
}

/* ---- JSON ---- */

static void json_rule(const rk_clean_count *count, rk_clean_rule rule, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "rule", rk_clean_rule_name(rule));
    rk_json_cstring(json, "means", rk_clean_rule_words(rule));
    rk_json_bool(json, "on", count->is_on);
    rk_json_u64(json, "matches", count->n_matches);
    rk_json_u64(json, "taken", count->n_taken);
    rk_json_array(json, "examples");
    for (unsigned i = 0; i < count->n_examples; i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "file", count->examples[i].path);
        if (count->examples[i].line > 0) {
            rk_json_u64(json, "line", count->examples[i].line);
        }
        rk_json_cstring(json, "row", count->examples[i].text);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
}

static void json_time(rk_json *json, const char *key, int64_t time)
{
    char text[32];
    rk_format_time(time, text);
    rk_json_cstring(json, key, text);
}

/* {"Country":{"distinct":38,"empty":0},...}; left out when nothing was counted. */
static void json_profile(const rk_ingest_report *report, rk_json *json)
{
    const rk_ingest_column *columns = report->columns.data;
    if (!report->has_profile) {
        return;
    }
    rk_json_object(json, "profile");
    for (size_t i = 0; i < report->columns.n; i++) {
        rk_json_object(json, columns[i].name);
        rk_json_u64(json, "distinct", columns[i].n_distinct);
        rk_json_u64(json, "empty", columns[i].n_empty);
        rk_json_end_object(json);
    }
    rk_json_end_object(json);
}

void rk_ingest_report_json(const rk_ingest_report *report, rk_json *json, const char *key)
{
    rk_json_object(json, key);
    rk_json_u64(json, "rows", report->n_rows);
    rk_json_u64(json, "kept", report->n_kept);
    rk_json_u64(json, "users", report->n_users);
    rk_json_u64(json, "items", report->n_items);
    rk_json_object(json, "distinct");
    rk_json_u64(json, "users", report->n_users_seen);
    rk_json_u64(json, "items", report->n_items_seen);
    rk_json_u64(json, "documents", report->n_documents_seen);
    rk_json_end_object(json);
    if (report->first_time <= report->last_time) {
        json_time(json, "first", report->first_time);
        json_time(json, "last", report->last_time);
    }
    if (report->total[0]) {
        rk_json_raw(json, "total_quantity_x_price", report->total);
    }
    rk_json_u64(json, "mended_encoding", report->n_mended);
    rk_json_u64(json, "bytes_in", report->bytes_in);
    rk_json_real(json, "seconds", report->wall_s);
    rk_json_object(json, "columns");
    for (size_t i = 0; i < report->columns.n; i++) {
        const rk_ingest_column *column = (const rk_ingest_column *)report->columns.data + i;
        rk_json_cstring(json, column->name, column->role >= 0 ? rk_role_name((rk_role)column->role) : NULL);
    }
    rk_json_end_object(json);
    json_profile(report, json);
    rk_json_array(json, "rules");
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        json_rule(&report->rules[rule], (rk_clean_rule)rule, json);
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
}

/* ---- people ---- */

static void print_columns(const rk_ingest_report *report, rk_text *out)
{
    bool has_one = false;
    for (size_t i = 0; i < report->columns.n; i++) {
        const rk_ingest_column *column = (const rk_ingest_column *)report->columns.data + i;
        if (column->role >= 0) {
            rk_text_addf(out, "%s%s=%s", has_one ? ", " : "columns   ", rk_role_name((rk_role)column->role),
                         column->name);
            has_one = true;
        }
    }
    rk_text_add(out, has_one ? "\n" : "");
}

static void print_rule(const rk_clean_count *count, rk_clean_rule rule, rk_text *out)
{
    if (count->n_matches == 0) {
        return;
    }
    rk_text_addf(out, "  %-17s %10llu %10llu  %s%s\n", rk_clean_rule_name(rule), (unsigned long long)count->n_matches,
                 (unsigned long long)count->n_taken, rk_clean_rule_words(rule), count->is_on ? "" : " (off: kept)");
    for (unsigned i = 0; i < count->n_examples; i++) {
        const rk_clean_example *example = &count->examples[i];
        rk_text_addf(out, "      %s", example->path);
        if (example->line > 0) {
            rk_text_addf(out, ":%llu", (unsigned long long)example->line);
        }
        rk_text_addf(out, ": %.100s\n", example->text);
    }
}

static void print_profile(const rk_ingest_report *report, rk_text *out)
{
    const rk_ingest_column *columns = report->columns.data;
    for (size_t i = 0; report->has_profile && i < report->columns.n; i++) {
        rk_text_addf(out, "%s%s: %llu different, %llu empty\n", i ? "          " : "profile   ", columns[i].name,
                     (unsigned long long)columns[i].n_distinct, (unsigned long long)columns[i].n_empty);
    }
}

void rk_ingest_report_print(const rk_ingest_report *report, rk_text *out)
{
    char first[32], last[32];
    print_columns(report, out);
    rk_text_addf(out, "read      %llu rows, ", (unsigned long long)report->n_rows);
    rk_text_add_bytes(out, (double)report->bytes_in);
    rk_text_add(out, ", in ");
    rk_text_add_seconds(out, report->wall_s);
    rk_text_addf(out, "\nkept      %llu events of %u users and %u items", (unsigned long long)report->n_kept,
                 report->n_users, report->n_items);
    if (report->first_time <= report->last_time) {
        rk_format_time(report->first_time, first);
        rk_format_time(report->last_time, last);
        rk_text_addf(out, ", %.10s to %.10s", first, last);
    }
    rk_text_add(out, "\n");
    if (report->total[0]) {
        rk_text_addf(out, "total     %s (quantity x price over all rows)\n", report->total);
    }
    if (report->n_mended > 0) {
        rk_text_addf(out, "mended    %llu rows were not UTF-8 and were read as Windows-1252\n",
                     (unsigned long long)report->n_mended);
    }
    print_profile(report, out);
    rk_text_addf(out, "  %-17s %10s %10s\n", "rule", "matches", "taken");
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        print_rule(&report->rules[rule], (rk_clean_rule)rule, out);
    }
}
