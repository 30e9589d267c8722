/* tutti-kernel: simulates the network of a file, as a participant or alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "kernel/alone.h"
#include "kernel/exchange.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/participate.h"
#include "kernel/ports.h"
#include "kernel/reference.h"
#include "tutti/status.h"

struct arguments {
    const char *path;
    const char **owns; /* has room for all words of the command line */
    size_t owns_count;
    struct alone_settings alone;
    uint32_t threads;
    bool wants_ports, wants_reference;
};

/* Beyond all characters: options without a short form. */
enum {
    OWNS = 256,
    PORTS,
    REFERENCE,
    THREADS,
    DURATION,
    OUT,
    RECORD,
    RESTORE,
    SAVE,
    WEIGHTS
};

enum { MOST_THREADS = 1024 };

static const struct argp_option options[] = {
    {.name = "owns",
     .key = OWNS,
     .arg = "POPULATION=BEGIN:END",
     .doc = "Simulate these cells only; others come in through an input named like the "
            "population. Once for each population of which cells are owned."},
    {.name = "ports",
     .key = PORTS,
     .doc = "Print the ports as JSON and simulate nothing."},
    {.name = "reference",
     .key = REFERENCE,
     .doc = "Print what a network file may say, and end."},
    {.name = "threads",
     .key = THREADS,
     .arg = "NUMBER",
     .doc = "Threads of this process; 1 without it. The results do not depend on it."},
    {.name = "duration",
     .key = DURATION,
     .arg = "TIME",
     .doc = "Run alone, without an experiment: simulate the whole network for that "
            "long, such as \"1 s\", and print rates and speed."},
    {.name = "out",
     .key = OUT,
     .arg = "FOLDER",
     .doc = "With --duration: record into FOLDER/recording.h5."},
    {.name = "record",
     .key = RECORD,
     .arg = "NAMES",
     .doc = "With --out: populations and signals to record, commas between; otherwise "
            "all."},
    {.name = "restore",
     .key = RESTORE,
     .arg = "FILE",
     .doc = "With --duration: go on from a state that --save wrote, to the last bit as "
            "if there had been no break; the duration counts from there."},
    {.name = "save",
     .key = SAVE,
     .arg = "FILE",
     .doc = "With --duration: write the state at the end into FILE."},
    {.name = "weights",
     .key = WEIGHTS,
     .arg = "FILE",
     .doc = "With --duration: write the weights of plastic synapses at the end into "
            "FILE, as comma-separated values."},
    {0}};

static uint32_t take_threads(const char *text, struct argp_state *state)
{
    char *end;
    const long threads = strtol(text, &end, 10);

    if (end == text || *end || threads < 1 || threads > MOST_THREADS)
        argp_error(state, "--threads is '%s', must be a number from 1 to %d", text,
                   MOST_THREADS);
    return (uint32_t)threads;
}

/* What makes sense in a run alone only. */
static void check_alone(const struct arguments *arguments, struct argp_state *state)
{
    const struct alone_settings *const alone = &arguments->alone;

    if (alone->out && !alone->duration)
        argp_error(state, "--out needs --duration; in an experiment, record: says what "
                          "is recorded");
    if (alone->record && !alone->out)
        argp_error(state, "--record needs --out");
    if ((alone->restore || alone->save) && !alone->duration)
        argp_error(state, "--restore and --save need --duration");
    if (alone->weights && !alone->duration)
        argp_error(state, "--weights needs --duration");
    if (alone->duration && arguments->owns_count)
        argp_error(state, "--duration runs the whole network; leave out --owns");
}

static error_t take_option(int key, char *text, struct argp_state *state)
{
    struct arguments *const arguments = state->input;

    switch (key) {
    case OWNS:
        arguments->owns[arguments->owns_count++] = text;
        return 0;
    case PORTS:
        arguments->wants_ports = true;
        return 0;
    case REFERENCE:
        arguments->wants_reference = true;
        return 0;
    case THREADS:
        arguments->threads = take_threads(text, state);
        arguments->alone.threads = arguments->threads;
        return 0;
    case DURATION:
        arguments->alone.duration = text;
        return 0;
    case OUT:
        arguments->alone.out = text;
        return 0;
    case RECORD:
        arguments->alone.record = text;
        return 0;
    case RESTORE:
        arguments->alone.restore = text;
        return 0;
    case SAVE:
        arguments->alone.save = text;
        return 0;
    case WEIGHTS:
        arguments->alone.weights = text;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->path)
            argp_error(state, "one network file is enough: '%s'", text);
        arguments->path = text;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->path && !arguments->wants_reference)
            argp_error(state, "which network file?");
        check_alone(arguments, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = options,
    .parser = take_option,
    .args_doc = "NETWORK",
    .doc =
        "Simulates the network of a file as a participant of an experiment, or alone "
        "with --duration. TUTTI_BROKER and TUTTI_NAME say of which, and as whom; "
        "`tutti run` sets "
        "them."};

static enum tutti_status print_ports(const struct network *network,
                                     const struct part *part)
{
    struct tt_text json = {0};
    const enum tutti_status status = ports_write(network, part, &json);

    if (status == TUTTI_OK)
        fputs(tt_text_get(&json), stdout);
    tt_text_free(&json);
    return status;
}

static enum tutti_status print_reference(void)
{
    struct tt_text page = {0};
    const enum tutti_status status = reference_write(&page);

    if (status == TUTTI_OK)
        fputs(tt_text_get(&page), stdout);
    tt_text_free(&page);
    return status;
}

/* `exchange` is NULL where nothing is simulated. */
static enum tutti_status run_part(const struct arguments *arguments,
                                  const struct network *network,
                                  struct exchange *exchange, struct part *part)
{
    const double memory =
        (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);

    TRY(part_open(network, arguments->owns, arguments->owns_count, part));
    TRY(part_check_memory(part, network, memory));
    if (arguments->wants_ports)
        return print_ports(network, part);
    if (arguments->alone.duration)
        return alone_run(network, part, &arguments->alone, exchange);
    return participate(network, part, arguments->threads, exchange);
}

static enum tutti_status run(const struct arguments *arguments,
                             struct exchange *exchange)
{
    struct tt_units *units;
    struct network network;
    struct part part = {0};
    enum tutti_status status;

    TRY(tt_units_open(&units));
    status = network_read(arguments->path, units, &network);
    tt_units_close(&units);
    if (status == TUTTI_OK)
        status = run_part(arguments, &network, exchange, &part);
    part_free(&part);
    network_free(&network);
    return status;
}

/* Of several ranks that fail, the first one says why. */
static enum tutti_status run_rank(const struct arguments *arguments)
{
    struct exchange *exchange = NULL;
    enum tutti_status status = TUTTI_OK;

    if (!arguments->wants_ports)
        status = exchange_open(&exchange);
    if (status == TUTTI_OK)
        status = run(arguments, exchange);
    if (status == TUTTI_OK)
        return exchange_close(&exchange);
    if (exchange_give_up(exchange))
        fprintf(stderr, "%s\n", tutti_last_error());
    exchange_close(&exchange);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.owns = tt_alloc_array((size_t)argc, sizeof(char *)),
                                  .threads = 1,
                                  .alone = {.threads = 1}};
    enum tutti_status status;

    if (!arguments.owns)
        return EXIT_FAILURE;
    argp_parse(&parser, argc, argv, 0, NULL, &arguments);
    if (arguments.wants_reference) {
        status = print_reference();
        if (status != TUTTI_OK)
            fprintf(stderr, "%s\n", tutti_last_error());
    } else {
        status = run_rank(&arguments);
    }
    free(arguments.owns);
    return status == TUTTI_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
