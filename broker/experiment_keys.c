/* The keys of the experiment file. SPDX-License-Identifier: Apache-2.0 */
#include "broker/experiment_keys.h"

#include "broker/experiment.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static enum tutti_status read_end(const struct tt_reader *reader,
                                  const struct tt_row *row,
                                  const struct tt_value *value, void *field)
{
    const char *text;

    (void)reader;
    TRY(tt_value_text(value, row->key, &text));
    *(const struct tt_value **)field = value;
    return TUTTI_OK;
}

/* clang-format off */
static const struct tt_form form_source =
    {"`PARTICIPANT.PORT` or `PARTICIPANT.PORT[i:j]`", read_end, "column.E[0:100]"};
static const struct tt_form form_destination =
    {"`PARTICIPANT.PORT` or `PARTICIPANT.PORT[k:l]`", read_end, "cell.apical"};

static const char *const directions[] = {"in", "out", NULL};
static const char *const windows[] = {"from", "up_to", NULL};
static const char *const links[] = {"shm", "ipc", "tcp", NULL};

static const struct tt_row port_rows[] = {
    {.key = "spikes", .form = &tt_form_choice, .choices = directions,
     .offset = offsetof(struct experiment_port_keys, spikes),
     .help = "A port for spikes, and its direction as the participant sees it."},
    {.key = "signal", .form = &tt_form_choice, .choices = directions,
     .offset = offsetof(struct experiment_port_keys, signal),
     .help = "A port for a continuous signal."},
    {.key = "message", .form = &tt_form_choice, .choices = directions,
     .offset = offsetof(struct experiment_port_keys, message),
     .help = "A port for messages. A port is one of the three."},
    {.key = "width", .form = &tt_form_size,
     .offset = offsetof(struct experiment_port_keys, width),
     .help = "Number of its indices, which are 0 to width - 1. Spikes and signals need "
             "it, messages have none."},
    {.key = "unit", .form = &tt_form_text,
     .offset = offsetof(struct experiment_port_keys, unit),
     .help = "Of a signal, in the words of UDUNITS: `mV`, `nS`, `1`. Signals need it, "
             "spikes have none."},
};
const struct tt_table experiment_port_table = {
    "A port",
    "Each entry of `ports` has the name of a port as its key.",
    port_rows, COUNT(port_rows)};

static const struct tt_row participant_rows[] = {
    {.key = "command", .form = &tt_form_text,
     .offset = offsetof(struct experiment_participant_keys, command),
     .help = "The program with its arguments, split like a line of a shell and started "
             "without one, in the folder of the experiment file."},
    {.key = "kernel", .form = &tt_form_text,
     .offset = offsetof(struct experiment_participant_keys, kernel),
     .help = "A network file: the participant is Tutti's own simulator of networks. "
             "The path starts at the folder of the experiment file. A participant with "
             "neither `command` nor `kernel` is started by hand."},
    {.key = "owns", .form = &tt_form_map,
     .offset = offsetof(struct experiment_participant_keys, owns),
     .help = "For networks that are split over several participants: the cells of each "
             "population that this one simulates, `{E: \"0:4000\"}`. Without it: all."},
    {.key = "options", .form = &tt_form_map,
     .offset = offsetof(struct experiment_participant_keys, options),
     .help = "Single values under names of your own, handed to the program as text "
             "(`tutti_option()`)."},
    {.key = "step", .form = &tt_form_step,
     .offset = offsetof(struct experiment_participant_keys, step),
     .help = "The integration step that the program declares when it joins."},
    {.key = "windows", .form = &tt_form_choice, .choices = windows,
     .offset = offsetof(struct experiment_participant_keys, windows),
     .help = "The convention that the program declares: windows of `[a, b)`, or of "
             "`(a, b]`."},
    {.key = "window", .form = &tt_form_positive_time,
     .offset = offsetof(struct experiment_participant_keys, window),
     .help = "Length of its windows, a multiple of its step. Without it: half the "
             "smallest effective delay on a cycle, or 10 ms. For tests and benches."},
    {.key = "ranks", .form = &tt_form_size, .standard = "1",
     .offset = offsetof(struct experiment_participant_keys, ranks),
     .help = "Number of processes of a parallel participant, each of which joins as a "
             "rank. They are started together by `mpirun`."},
    {.key = "threads", .form = &tt_form_size,
     .offset = offsetof(struct experiment_participant_keys, threads),
     .help = "Of a participant with a `kernel`: how many threads each of its ranks has; "
             "1 when not written. What it does never depends on it."},
    {.key = "ports", .form = &tt_form_map, .inside = &experiment_port_table,
     .offset = offsetof(struct experiment_participant_keys, ports),
     .help = "The ports that the program declares, so that `tutti check` can judge the "
             "connections before anything is started."},
};
const struct tt_table experiment_participant_table = {
    "A participant",
    "Each entry of `participants` has a name of letters, digits, `_` and `-` as its "
    "key; `recorder` is taken. What `step`, `windows` and `ports` state must be what "
    "the program declares when it joins; all three may be left out.",
    participant_rows, COUNT(participant_rows)};

static const struct tt_row connection_rows[] = {
    {.key = "from", .form = &form_source, .is_required = true,
     .offset = offsetof(struct experiment_connection_keys, from),
     .help = "An output. Ranges of indices are half-open as in Python: `[0:200]`, "
             "`[100:]`, `[:100]`, `[3]`; inside of `{ }` they need quotes."},
    {.key = "to", .form = &form_destination, .is_required = true,
     .offset = offsetof(struct experiment_connection_keys, to),
     .help = "An input. Index `n` arrives as `n - i + k`; both ranges have the same "
             "length. An input for spikes takes any number of connections, an index of "
             "an input for a signal exactly one."},
    {.key = "delay", .form = &tt_form_time, .is_required = true,
     .offset = offsetof(struct experiment_connection_keys, delay),
     .help = "From the stamp at the source to the time at which the event is due. "
             "There is no default: write `0 ms` where there is none."},
};
const struct tt_table experiment_connection_table = {
    "A connection",
    "Connections are numbered by their place in the file; events that are due at the "
    "same time arrive in that order.",
    connection_rows, COUNT(connection_rows)};

static const struct tt_row experiment_rows[] = {
    {.key = "experiment", .form = &tt_form_text, .is_required = true,
     .offset = offsetof(struct experiment_keys, name),
     .help = "What the experiment is, in a few words."},
    {.key = "duration", .form = &tt_form_positive_time, .is_required = true,
     .offset = offsetof(struct experiment_keys, duration),
     .help = "Simulated time from 0 to the end of the run."},
    {.key = "participants", .form = &tt_form_map, .is_required = true,
     .inside = &experiment_participant_table,
     .offset = offsetof(struct experiment_keys, participants),
     .help = "The programs that take part, by name."},
    {.key = "connections", .form = &tt_form_list,
     .inside = &experiment_connection_table,
     .offset = offsetof(struct experiment_keys, connections),
     .help = "What is sent to whom."},
    {.key = "record", .form = &tt_form_list,
     .offset = offsetof(struct experiment_keys, record),
     .help = "The outputs that are recorded, `[column.E, \"column.I[0:100]\"]`."},
    {.key = "link", .form = &tt_form_choice, .choices = links, .standard = "shm",
     .offset = offsetof(struct experiment_keys, link),
     .help = "How the participants reach each other: through shared memory where both are "
             "on one host, by local sockets, or by TCP."},
    {.key = "start_timeout", .form = &tt_form_positive_time, .standard = "300 s",
     .offset = offsetof(struct experiment_keys, start_timeout),
     .help = "Wall-clock time after which the run is given up when a participant has "
             "not joined or is not ready."},
    {.key = "patience", .form = &tt_form_positive_time, .standard = "60 s",
     .offset = offsetof(struct experiment_keys, patience),
     .help = "Wall-clock time after which a run is stopped in which nothing moves."},
    {.key = "max_queue", .form = &tt_form_bytes, .standard = "256 MB",
     .offset = offsetof(struct experiment_keys, max_queue),
     .help = "Bytes that may wait at one input, or for one participant, before the run "
             "is stopped."},
    {.key = "afterwards", .form = &tt_form_text,
     .offset = offsetof(struct experiment_keys, afterwards),
     .help = "A command that `tutti run` runs when the run has ended well, to plot it "
             "for instance: in the folder of the file, with the run folder in "
             "`TUTTI_RUN`."},
};
const struct tt_table experiment_table = {
    "The file", "", experiment_rows, COUNT(experiment_rows)};
/* clang-format on */

void experiment_write_page(struct tt_text *page)
{
    tt_text_add(
        page, "%s",
        "# The experiment file\n"
        "\n"
        "<!-- Written by the program from the tables that read the file; do not edit. "
        "-->\n"
        "\n"
        "One YAML file describes an experiment: who takes part, what is connected to "
        "what, and\nwhat is recorded. `tutti check FILE` reads it and starts nothing; "
        "`tutti run FILE` runs it.\n"
        "\n"
        "```yaml\n"
        "experiment: cortical column with one detailed cell\n"
        "duration: 1 s\n"
        "participants:\n"
        "  column: {kernel: column.yaml}\n"
        "  cell:\n"
        "    command: python3 cell.py\n"
        "    options: {morphology: cell.swc}\n"
        "connections:\n"
        "  - from: column.E[0:100]\n"
        "    to: cell.apical\n"
        "    delay: 1.5 ms\n"
        "  - {from: cell.spikes, to: column.from_cell, delay: 1 ms}\n"
        "record: [column.E, cell.spikes, cell.soma_v]\n"
        "```\n"
        "\n"
        "Every quantity has its unit. Times are whole nanoseconds and are written in "
        "`ns`, `us`, `ms`,\n`s`, `min` or `h`. Unknown and duplicate keys are errors; "
        "so are YAML's aliases, anchors and tags.\n");
    tt_table_write_page(&experiment_table, page);
}
