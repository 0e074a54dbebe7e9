/* command.h - a command is a row: name, words for --help, a table of options and one function.
 *
 * The frame (frame.c) parses, prints help, builds the thread pool and the voice, calls run, writes what it left in
 * `out` to standard output, prints a failure on standard error and turns its status into the exit code. A command
 * only calls the library and formats the answer.
 */
#ifndef RECKON_CLI_COMMAND_H
#define RECKON_CLI_COMMAND_H

#include "base/options.h"
#include "base/run.h"
#include "base/text.h"
#include "cost/ledger.h"

/* Options of every command. */
typedef struct {
    bool help, json, verbose;
    uint64_t threads, seed; /* threads 0 = all */
} rk_common;

typedef struct {
    const void *settings; /* the command's own struct, filled */
    rk_common common;
    rk_plan_source plan; /* of a command that reads one: the first word, with the changes of --set */
    rk_run run;               /* pool, seed, voice: hand it down */
    const char *const *words; /* what was not an option */
    size_t n_words;
    rk_text *out; /* standard output; with --json exactly one line */
    bool color;   /* standard output is a terminal that wants colour */
} rk_call;

typedef struct rk_command {
    const char *name;    /* "ingest"; "cost statement" for a verb of a group */
    const char *summary; /* one line, no full stop */
    const char *usage;   /* what follows "reckon NAME": "FILE... -o DATASET" */
    const char *example; /* a whole line, or lines split by "\n  " */
    const rk_option *options;
    size_t n_options, settings_bytes;
    size_t min_words, max_words; /* checked by the frame; max_words 0 with min_words 0 = none; SIZE_MAX = any */
    rk_status (*run)(const rk_call *call, rk_error *err);
    bool reads_plan; /* the first word is a plan; the command takes --set */
} rk_command;

/* The one list of commands: main.c. Each is defined in its own cmd_NAME.c. */
int rk_frame_main(const rk_command *const *commands, size_t n_commands, int argc, char **argv);

#endif
