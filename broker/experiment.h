/* The experiment file as a struct. docs/experiment.md, written by the same tables that
 * read the file, says what may stand in it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_EXPERIMENT_H
#define BROKER_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "config/quantity.h"
#include "config/slice.h"
#include "config/yaml.h"
#include "tutti/port.h"
#include "wire/message.h"

#define EXPERIMENT_RECORDER "recorder" /* the reserved name */
#define EXPERIMENT_NONE SIZE_MAX       /* no such participant */

enum experiment_link { EXPERIMENT_SHM, EXPERIMENT_IPC, EXPERIMENT_TCP };

/* What the file says of the windows: nothing, or what the program must declare. */
enum experiment_windows {
    EXPERIMENT_WINDOWS_FROM = TUTTI_FROM,
    EXPERIMENT_WINDOWS_UP_TO = TUTTI_UP_TO,
    EXPERIMENT_WINDOWS_UNSTATED
};

/* A port that the file states. */
struct experiment_port {
    const char *name;
    struct tt_place place;
    bool is_output;
    enum tutti_kind kind;
    uint32_t width;
    const char *unit; /* "" for spikes */
};

/* The cells of a population that a kernel owns: `owns: {E: "0:4000"}`. */
struct experiment_part {
    const char *population;
    const char *range; /* as written */
    struct tt_slice slice;
};

/* Started by hand when it has neither command nor kernel, by the launcher otherwise. */
struct experiment_participant {
    const char *name;
    struct tt_place place;
    const char *command; /* as written; NULL: none */
    const char *kernel;  /* path of the network file as written; NULL: none */
    struct tt_place kernel_place;
    size_t part_count; /* 0: owns the whole network */
    struct experiment_part *parts;
    size_t option_count;
    struct tt_option *options; /* goes into the welcome as it is */
    struct tutti_step step;    /* {0, 0}: not stated */
    enum experiment_windows windows;
    int64_t window; /* ns, overrides W; 0: not stated */
    struct tt_place window_place;
    uint32_t ranks;       /* processes, at least 1 */
    uint32_t threads;     /* of a kernel, in each process; 0: not stated */
    size_t first_process; /* number of the process of its rank 0 */
    bool has_ports;       /* the file states the ports that connections may use */
    size_t port_count;
    struct experiment_port *ports;
};

struct experiment_end {
    size_t participant; /* index in the experiment */
    const char *port;
    struct tt_slice slice; /* as written; its end may be TT_OPEN_END */
    struct tt_place place;
};

/* Number `i` of the array is connection number i. */
struct experiment_connection {
    struct tt_place place;
    struct experiment_end from, to;
    int64_t delay; /* ns, not negative */
};

/* Everything in it is borrowed until experiment_free(). */
struct experiment {
    const char *name;
    int64_t duration; /* ns, above 0 */
    enum experiment_link link;
    int64_t start_timeout, patience; /* wall ns, above 0 */
    uint64_t max_queue;              /* bytes, at least 1 */
    const char *afterwards;          /* a command, as written; NULL: none */

    /* In the order of the file; the recorder, if anything is recorded, comes last. */
    size_t participant_count;
    struct experiment_participant *participants;
    size_t process_count; /* ranks of all participants */
    size_t recorder;      /* its index; EXPERIMENT_NONE when nothing is recorded */

    /* In the order of the file; behind them one for each entry of `record`, with delay
     * 0, from the recorded port to the recorder's input of the name
     * "participant.port". */
    size_t connection_count;
    struct experiment_connection *connections;
    size_t record_first; /* number of the first of these; connection_count: none */

    const char *path;   /* of the file, as given */
    const char *folder; /* of the file: "." or the path up to its last slash */
    const char *text;   /* of the file */
    size_t text_size;
    uint8_t hash[16]; /* XXH3-128 of the text, as its canonical big-endian bytes */

    struct tt_document *document; /* owns what is borrowed above */
    char **made;                  /* names that do not stand alone in the file */
    size_t made_count, made_room;
};

/* Reads and checks a file, including that the network files it names are there.
 * TUTTI_BAD_CONFIG: "FILE:LINE:COLUMN: what, what to do". TUTTI_SYSTEM: it cannot be
 * read. Ended by experiment_free(). */
enum tutti_status experiment_read(const char *path, struct experiment **experiment);

/* The same from memory, without looking at any other file. */
enum tutti_status experiment_parse(const char *path, const char *bytes, size_t size,
                                   struct experiment **experiment);
void experiment_free(struct experiment **experiment);

/* Index of the participant with this name; EXPERIMENT_NONE when there is none. */
size_t experiment_find(const struct experiment *experiment, const char *name);

/* Whether the window that the file gives a participant, if any, is a whole number of
 * steps. TUTTI_BAD_CONFIG: no, with the nearest windows that are. */
enum tutti_status
experiment_check_window(const struct experiment_participant *participant,
                        struct tutti_step step);

/* The participant of a process, 0 to process_count - 1, and its rank there. */
size_t experiment_of_process(const struct experiment *experiment, size_t process,
                             uint32_t *rank);

/* Appends the reference page of the experiment file, docs/experiment.md. */
void experiment_write_page(struct tt_text *page);

#endif
