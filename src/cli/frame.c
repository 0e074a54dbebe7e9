/* frame.c - what every command shares. */
#include <stdio.h>

#include "cli/command.h"

int rk_frame_main(const rk_command *const *commands, size_t n_commands, int argc, char **argv)
{
    (void)commands;
    (void)n_commands;
    (void)argc;
    (void)argv;
    return 0;
}
