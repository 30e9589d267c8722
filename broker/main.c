/* The program `tutti`.
 * SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/run.h"
#include "tutti/status.h"

struct command {
    const char *name;
    const char *brief;     /* for the list of commands */
    const char *arguments; /* for --help */
    const char *help;
    int (*run)(const struct run_options *options);
    bool starts_nothing;
};

/* clang-format off */
static const struct command commands[] = {
    {"run", "start all participants of an experiment, and run it", "EXPERIMENT",
     "Runs an experiment: starts the broker and all participants that the file gives a "
     "command or a kernel network, shows how far it is, and ends with counts and speed.",
     run_experiment, false},
    {"broker", "run the broker alone, for participants started by hand", "EXPERIMENT",
     "Runs the broker alone and prints how each participant is started, in terminals of "
     "their own or on other hosts.",
     run_experiment, true},
    {"check", "start nothing: judge the file, print windows and delays", "EXPERIMENT",
     "Starts nothing: checks the file and prints windows, delays, who limits whom, and "
     "whether everything can run to the end.",
     run_check, false},
};
static const struct argp_option options[] = {
    {"out", 'o', "FOLDER", 0, "folder for recording and logs (default: runs/NAME-N)", 0},
    {"listen", 'l', "ADDRESS", 0,
     "address of the broker: ipc://@NAME or tcp://HOST:PORT (default: an own one for each "
     "run)", 0},
    {0},
};
/* clang-format on */

static error_t take_option(int key, char *argument, struct argp_state *state)
{
    struct run_options *chosen = state->input;

    switch (key) {
    case 'o':
        chosen->out = argument;
        return 0;
    case 'l':
        chosen->listen = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (chosen->file)
            argp_error(state, "one experiment at a time; '%s' is too much", argument);
        chosen->file = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which experiment?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int run_command(const struct command *command, int argc, char **argv)
{
    const struct argp argp = {
        options, take_option, command->arguments, command->help, NULL, NULL, NULL};
    struct run_options chosen = {.starts_nothing = command->starts_nothing};
    char name[64];

    snprintf(name, sizeof name, "tutti %s", command->name);
    argv[0] = name;
    argp_parse(&argp, argc, argv, 0, NULL, &chosen);
    return command->run(&chosen);
}

static void print_help(FILE *to)
{
    fprintf(to, "usage: tutti COMMAND EXPERIMENT [OPTION...]\n\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].brief);
    fprintf(to, "\n'tutti COMMAND --help' lists the options of a command.\n");
}

int main(int argc, char **argv)
{
    if (argc >= 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
        print_help(stdout);
        return 0;
    }
    if (argc >= 2 && !strcmp(argv[1], "--version")) {
        printf("tutti %s\n", tutti_version());
        return 0;
    }
    for (size_t i = 0; argc >= 2 && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name))
            return run_command(&commands[i], argc - 1, argv + 1);
    if (argc >= 2)
        fprintf(stderr, "tutti: there is no command '%s'\n\n", argv[1]);
    print_help(stderr);
    return 2;
}
