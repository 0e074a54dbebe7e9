/* ingest.h - from a raw behaviour log to a clean dataset, with an account of every row that was dropped and why.
 *
 * Formats   csv, tsv (RFC 4180: quotes, doubled quotes, embedded newlines, CRLF, BOM), jsonl (one flat object a line),
 *           lists (one line a user: `user item item ...`); plain, gzip or zstd; "-" is standard input.
 * Ids       users and items are numbered in order of first sight among the kept rows, whatever the thread count.
 * Cleaning  rules in a fixed order (rk_clean_rule below); a dropped row counts for the first rule that takes it
 *           (n_taken), and for every rule it meets (n_matches), so that both questions have an answer.
 * Memory    about 35 bytes a row while reading, whatever the length of its text.
 */
#ifndef RECKON_DATA_INGEST_H
#define RECKON_DATA_INGEST_H

#include "base/run.h"
#include "base/text.h"
#include "base/vec.h"
#include "data/clean.h"

typedef enum { RK_FORMAT_AUTO, RK_FORMAT_CSV, RK_FORMAT_TSV, RK_FORMAT_JSONL, RK_FORMAT_LISTS } rk_format;
#define RK_FORMAT_CHOICES "auto|csv|tsv|jsonl|lists"

/* AUTO: UTF-8, and rows that are not are read as Windows-1252 and counted as mended. JSONL is UTF-8 always. */
typedef enum { RK_ENCODING_AUTO, RK_ENCODING_UTF8, RK_ENCODING_WINDOWS_1252 } rk_encoding;
#define RK_ENCODING_CHOICES "auto|utf-8|windows-1252"

typedef struct {
    const char *const *paths; /* [n_paths] */
    size_t n_paths;
    const char *out_path;
    rk_format format;
    const char *map;     /* "user=CustomerID,item=StockCode"; NULL = recognise common column names */
    const char *columns; /* the file has no header: "user,item,value,time"; NULL = see no_header */
    bool no_header;      /* the first row is data; --map then names columns by number, from 1 */
    char delimiter;      /* 0 = found in the first rows */
    rk_encoding encoding;
    bool profile;                /* count the distinct and the empty cells of every column (csv and tsv) */
    const char *like_path;       /* a dataset whose users and items keep their ids; others are dropped; NULL = none */
    const char *pseudonyms_path; /* key by which users' names are replaced (pseudonym.h); NULL: they stay */
    rk_clean_options clean;
} rk_ingest_options;

rk_ingest_options rk_ingest_defaults(void);

/* A column of the input and what became of it. */
typedef struct {
    char *name;                   /* owned */
    int role;                     /* rk_role, or -1: not used */
    uint64_t n_distinct, n_empty; /* with options->profile; an empty cell is no value */
} rk_ingest_column;

typedef struct {
    uint64_t n_rows, n_kept, bytes_in; /* bytes before decompression */
    uint64_t n_mended;                 /* rows whose text was not UTF-8 and was read as Windows-1252 */
    uint64_t n_users_seen, n_items_seen, n_documents_seen; /* distinct in the raw rows */
    uint32_t n_users, n_items;                             /* kept */
    int64_t first_time, last_time;                         /* of kept rows; INT64_MAX and INT64_MIN without times */
    char total[48]; /* exact sum of quantity x price over all rows; "" without both columns */
    rk_clean_count rules[RK_N_CLEAN_RULES];
    rk_vec columns;   /* of rk_ingest_column */
    bool has_profile; /* their cells were counted */
    double wall_s;
} rk_ingest_report;

/* Writes options->out_path; fills *report (release it) also when cleaning leaves nothing (RK_BAD_INPUT then). */
RK_MUST_CHECK rk_status rk_ingest(const rk_ingest_options *options, const rk_run *run, rk_ingest_report *report,
                                  rk_error *err);
void rk_ingest_report_release(rk_ingest_report *report);
void rk_ingest_report_json(const rk_ingest_report *report, rk_json *json, const char *key);
void rk_ingest_report_print(const rk_ingest_report *report, rk_text *out);

#endif
