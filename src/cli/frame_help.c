/* frame_help.c - help for the program, for a group of commands and for one command, all from the same rows. */
#include <string.h>

#include "cli/frame.h"

enum { ROWS_MAX = 64 }; /* options of one command */

/* Length of the group in front of a name: "cost statement" -> 4; 0 = none. */
static size_t group_length(const char *name)
{
    const char *space = strchr(name, ' ');
    return space ? (size_t)(space - name) : 0;
}

static size_t name_width(rk_command_list list)
{
    size_t width = 0;
    for (size_t i = 0; i < list.n; i++) {
        size_t n = strlen(list.rows[i]->name);
        width = n > width ? n : width;
    }
    return width;
}

/* The rows of one group (n_group bytes of group; 0 = the commands of one word). */
static void add_rows(rk_command_list list, const char *group, size_t n_group, rk_text *out)
{
    int width = (int)name_width(list);
    for (size_t i = 0; i < list.n; i++) {
        const rk_command *row = list.rows[i];
        if (group_length(row->name) == n_group && !strncmp(row->name, group, n_group)) {
            rk_text_addf(out, "  %-*s   %s\n", width, row->name, row->summary);
        }
    }
}

static bool is_first_of_group(rk_command_list list, size_t at)
{
    const char *name = list.rows[at]->name;
    size_t n = group_length(name);
    for (size_t i = 0; n > 0 && i < at; i++) {
        if (group_length(list.rows[i]->name) == n && !strncmp(list.rows[i]->name, name, n)) {
            return false;
        }
    }
    return n > 0;
}

void rk_help_program(rk_command_list list, rk_text *out)
{
    rk_text_add(out, "usage: reckon COMMAND [options] [FILE...]\n"
                     "\n"
                     "Trains and serves recommenders from a shop's own log, and accounts for every cent they cost.\n"
                     "\n"
                     "commands\n");
    add_rows(list, "", 0, out);
    for (size_t i = 0; i < list.n; i++) {
        if (is_first_of_group(list, i)) {
            const char *group = list.rows[i]->name;
            size_t n = group_length(group);
            rk_text_add(out, "\n");
            rk_text_add_slice(out, (rk_slice){group, n});
            rk_text_add(out, "\n");
            add_rows(list, group, n, out);
        }
    }
    rk_text_add(
        out, "\n'reckon COMMAND --help' shows a command's options and an example; 'reckon --version' the version.\n");
}

void rk_help_group(rk_command_list list, const char *group, rk_text *out)
{
    rk_text_addf(out, "usage: reckon %s COMMAND [options] [FILE...]\n\ncommands\n", group);
    add_rows(list, group, strlen(group), out);
    rk_text_addf(out, "\n'reckon %s COMMAND --help' shows a command's options and an example.\n", group);
}

void rk_help_command(const rk_command *command, rk_text *out)
{
    rk_option rows[ROWS_MAX];
    rk_option_table own = {.rows = rows, .n = 0};
    for (; own.n < command->n_options && own.n + 1 < ROWS_MAX; own.n++) {
        rows[own.n] = command->options[own.n];
    }
    if (command->reads_plan) {
        rows[own.n++] = rk_plan_option;
    }
    rk_option_table common = {.rows = rk_common_options, .n = rk_common_option_count()};
    rk_text_addf(out, "usage: reckon %s %s\n\n%s\n", command->name, command->usage, command->summary);
    if (own.n > 0) {
        rk_text_add(out, "\noptions\n");
        rk_options_help(own, out);
    }
    rk_text_add(out, "\ncommon options\n");
    rk_options_help(common, out);
    if (command->example) {
        rk_text_addf(out, "\nexample\n  %s\n", command->example);
    }
}
