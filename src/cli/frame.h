/* frame.h - the parts of the command frame: finding a command, its help, and a voice on standard error. */
#ifndef RECKON_CLI_FRAME_H
#define RECKON_CLI_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/run.h"
#include "base/text.h"
#include "cli/command.h"

typedef struct {
    const rk_command *const *rows; /* borrowed */
    size_t n;
} rk_command_list;

/* The command that argv[1..] begins with, and how many words its name takes; NULL when there is none. */
const rk_command *rk_command_find(rk_command_list list, int argc, char **argv, int *n_name_words);
bool rk_command_is_group(rk_command_list list, const char *word); /* "cost" */
/* For argv that begins with no command: says so and names the nearest. */
rk_status rk_command_refuse(rk_command_list list, int argc, char **argv, rk_error *err);

extern const rk_option rk_common_options[];
size_t rk_common_option_count(void);
extern const rk_option rk_plan_option; /* of commands that read a plan: an rk_vec of const char * */

void rk_help_program(rk_command_list list, rk_text *out);
void rk_help_group(rk_command_list list, const char *group, rk_text *out);
void rk_help_command(const rk_command *command, rk_text *out);

/* Log lines as "reckon: ..."; progress on one line that is redrawn about five times a second, on a terminal only. */
typedef struct {
    rk_voice voice; /* hand out &teller.voice; it points back at the teller, which must not move */
    bool draws, is_verbose;
    bool has_line;             /* a progress line stands on the terminal */
    char step[64];             /* the step being drawn */
    int64_t begin_ns, next_ns; /* of the step; when to draw again */
} rk_teller;

void rk_teller_init(rk_teller *teller, bool is_verbose);
void rk_teller_end(rk_teller *teller); /* takes the progress line away */
/* One progress line, at most n_columns wide; elapsed_s since the step began. */
void rk_progress_line(const char *step, const char *unit, uint64_t done, uint64_t total, double elapsed_s,
                      size_t n_columns, rk_text *out);

#endif
