/* cmd_ingest.c - reckon ingest: a raw log to a clean dataset. */
#include "base/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "data/catalogue.h"
#include "data/cell.h"
#include "data/ingest.h"

typedef struct {
    const char *out, *map, *columns, *delimiter, *like, *report, *drop_items, *from, *to, *catalogue, *into, *pseudonyms;
    int format, encoding;
    bool header, profile;
    rk_vec off, on;
    double robots;
    uint64_t min_user, min_item;
} ingest_settings;

#define FIELD(name) offsetof(ingest_settings, name)
static const rk_option options[] = {
    {"output", 'o', RK_OPT_TEXT, FIELD(out), "D.rk", .help = "dataset to write (required)", .is_output = true},
    {"format", 'f', RK_OPT_CHOICE, FIELD(format), "NAME", "auto", "how the log is written",
     .choices = RK_FORMAT_CHOICES},
    {"map", 'm', RK_OPT_TEXT, FIELD(map), "ROLE=COL,...",
     .help = "columns: user item time value quantity price event document title category brand text"},
    {"columns", 0, RK_OPT_TEXT, FIELD(columns), "ROLE,...",
     .help = "the log has no header; these are its columns, '-' passes over one"},
    {"header", 0, RK_OPT_FLAG, FIELD(header), .fallback = "yes",
     .help = "look for a header; without one --map counts columns from 1"},
    {"delimiter", 0, RK_OPT_TEXT, FIELD(delimiter), "CHAR", .help = "between cells (default: found in the first rows)"},
    {"encoding", 0, RK_OPT_CHOICE, FIELD(encoding), "NAME", "auto", "rows that are not UTF-8 are read as Windows-1252",
     .choices = RK_ENCODING_CHOICES},
    {"like", 0, RK_OPT_TEXT, FIELD(like), "D.rk",
     .help = "keep the ids of this dataset; drop users and items unknown to it"},
    {"catalogue", 0, RK_OPT_TEXT, FIELD(catalogue), "FILE", .help = "read products instead of a log; --map may say attributes=PATTERN, too"},
    {"into", 0, RK_OPT_TEXT, FIELD(into), "D.rk",
     .help = "with --catalogue: the dataset whose items they are; its events go along"},
    {"pseudonyms", 0, RK_OPT_TEXT, FIELD(pseudonyms), "KEYFILE",
     .help = "replace users' names by keyed hashes, as serve --pseudonyms does"},
    {"report", 0, RK_OPT_TEXT, FIELD(report), "FILE", .help = "write the cleaning report as JSON", .is_output = true},
    {"profile", 0, RK_OPT_FLAG, FIELD(profile), .help = "count the different and the empty cells of every column"},
    {"off", 0, RK_OPT_LIST, FIELD(off), "RULE", .help = "switch a cleaning rule off (repeat); rules: see the report"},
    {"on", 0, RK_OPT_LIST, FIELD(on), "RULE", .help = "switch a rule on that is off by itself (missing-title)"},
    {"drop-items", 0, RK_OPT_TEXT, FIELD(drop_items), "PATTERN,...", .help = "drop items by name, as POST,DOT,gift_*"},
    {"from", 0, RK_OPT_TEXT, FIELD(from), "DATE", .help = "drop rows before this time"},
    {"to", 0, RK_OPT_TEXT, FIELD(to), "DATE", .help = "drop rows after this time (default a day from now)"},
    {"robots", 0, RK_OPT_REAL, FIELD(robots), "D", "6",
     "drop users whose log of rows is beyond median + D robust deviations; 0 = keep", .min = 0, .max = 1000},
    {"min-user", 0, RK_OPT_COUNT, FIELD(min_user), "N", "1", "keep users with N items or more (k-core)", .min = 1,
     .max = 1e9},
    {"min-item", 0, RK_OPT_COUNT, FIELD(min_item), "N", "1", "keep items with N users or more (k-core)", .min = 1,
     .max = 1e9},
};

static rk_status switch_rules(const rk_vec *names, rk_rule_mode mode, rk_clean_options *clean, rk_error *err)
{
    const char *known[RK_N_CLEAN_RULES];
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        known[rule] = rk_clean_rule_name((rk_clean_rule)rule);
    }
    for (size_t i = 0; i < names->n; i++) {
        const char *name = ((const char *const *)names->data)[i];
        rk_clean_rule rule = rk_clean_rule_find(name);
        if (rule == RK_N_CLEAN_RULES) {
            const char *nearest = rk_nearest_name(name, known, RK_COUNT_OF(known));
            return rk_fail(err, RK_BAD_USAGE, "no cleaning rule '%.40s'%s%s%s", name, nearest ? "; did you mean '" : "",
                           nearest ? nearest : "", nearest ? "'?" : "");
        }
        clean->mode[rule] = mode;
    }
    return RK_OK;
}

static rk_status read_time(const char *text, const char *option, int64_t *out, rk_error *err)
{
    if (text && !rk_moment_parse(rk_slice_of(text), out)) {
        return rk_fail(err, RK_BAD_USAGE, "--%s wants a date such as 2011-12-01, got '%.40s'", option, text);
    }
    return RK_OK;
}

static rk_status read_delimiter(const char *text, char *out, rk_error *err)
{
    const char *delimiter = text && rk_slice_is(rk_slice_of(text), "\\t") ? "\t" : text;
    rk_slice word = rk_slice_of(delimiter);
    if (delimiter && (word.n != 1 || *delimiter == '"' || *delimiter == '\n' || *delimiter == '\r')) {
        return rk_fail(err, RK_BAD_USAGE, "--delimiter wants one character, no quote or line end, got '%.40s'", text);
    }
    *out = delimiter ? *delimiter : '\0';
    return RK_OK;
}

static rk_status fill_options(const rk_call *call, rk_ingest_options *ingest, rk_error *err)
{
    const ingest_settings *s = call->settings;
    *ingest = rk_ingest_defaults();
    ingest->paths = call->words;
    ingest->n_paths = call->n_words;
    ingest->out_path = s->out;
    ingest->format = (rk_format)s->format;
    ingest->map = s->map;
    ingest->columns = s->columns;
    ingest->no_header = !s->header;
    ingest->encoding = (rk_encoding)s->encoding;
    ingest->profile = s->profile;
    ingest->like_path = s->like;
    ingest->pseudonyms_path = s->pseudonyms;
    ingest->clean.drop_items = s->drop_items;
    ingest->clean.robot_deviations = s->robots;
    ingest->clean.min_user = s->min_user;
    ingest->clean.min_item = s->min_item;
    if (s->into) {
        return rk_fail(err, RK_BAD_USAGE, "--into goes with --catalogue FILE");
    }
    rk_status status = read_delimiter(s->delimiter, &ingest->delimiter, err);
    if (status == RK_OK) {
        status = switch_rules(&s->off, RK_RULE_OFF, &ingest->clean, err);
    }
    if (status == RK_OK) {
        status = switch_rules(&s->on, RK_RULE_ON, &ingest->clean, err);
    }
    if (status == RK_OK) {
        status = read_time(s->from, "from", &ingest->clean.from_time, err);
    }
    return status == RK_OK ? read_time(s->to, "to", &ingest->clean.to_time, err) : status;
}

static rk_status write_report(const rk_ingest_report *report, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_ingest_report_json(report, &json, NULL);
    rk_text_add(&text, "\n");
    rk_status status = rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status run_catalogue(const rk_call *call, rk_error *err)
{
    const ingest_settings *s = call->settings;
    rk_catalogue_options products = {
        .path = s->catalogue, .into_path = s->into, .out_path = s->out, .format = (rk_format)s->format, .map = s->map};
    rk_catalogue_report report;
    rk_json json = {.text = call->out};
    if (call->n_words > 0) {
        return rk_fail(err, RK_BAD_USAGE, "'%.80s': --catalogue names its one file itself", call->words[0]);
    }
    rk_status status = read_delimiter(s->delimiter, &products.delimiter, err);
    status = status ? status : rk_catalogue_ingest(&products, &call->run, &report, err);
    if (!status && call->common.json) {
        rk_catalogue_report_json(&report, &json, NULL);
    } else if (!status) {
        rk_catalogue_report_print(&report, call->out);
    }
    return status;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const ingest_settings *settings = call->settings;
    if (!settings->out) {
        return rk_fail(err, RK_BAD_USAGE, "ingest wants -o D.rk, the dataset to write");
    }
    if (settings->catalogue) {
        return run_catalogue(call, err);
    }
    rk_ingest_options ingest;
    rk_ingest_report report;
    rk_status status = fill_options(call, &ingest, err);
    if (status) {
        return status;
    }
    status = rk_ingest(&ingest, &call->run, &report, err);
    if (status == RK_OK && settings->report) {
        status = write_report(&report, settings->report, err);
    }
    if (status == RK_OK) {
        rk_json json = {.text = call->out};
        if (call->common.json) {
            rk_ingest_report_json(&report, &json, NULL);
        } else {
            rk_ingest_report_print(&report, call->out);
        }
    }
    rk_ingest_report_release(&report);
    return status;
}

const rk_command rk_command_ingest = {
    .name = "ingest",
    .summary = "read a shop's log, clean it, write a dataset",
    .usage = "FILE... -o D.rk [--map user=COL,item=COL,...]",
    .example = "reckon ingest orders.csv.gz --map user=CustomerID,item=StockCode,time=InvoiceDate -o shop.rk",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(ingest_settings),
    .min_words = 0, /* --catalogue names its file itself */
    .max_words = SIZE_MAX,
    .run = run,
};
