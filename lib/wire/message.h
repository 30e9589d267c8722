/* Control messages between a participant and the broker, as plain structs. On the wire
 * they are the protobuf messages of proto/control.proto; nobody outside lib/wire sees
 * those. SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/port.h"
#include "wire/frame.h"

/* Of the first message of both sides; other versions are refused with a sentence. */
#define TT_PROTOCOL_VERSION 1

/* The longest message as bytes. */
#define TT_MESSAGE_LIMIT ((size_t)16 << 20)

enum tt_message_kind {
    /* participant -> broker, in this order */
    TT_JOIN = 1,
    TT_ASK_SOURCES,
    TT_DECLARE,
    TT_READY,
    TT_PROGRESS,
    TT_LEAVE,
    /* broker -> participant */
    TT_WELCOME,
    TT_SOURCES,
    TT_WIRING,
    TT_GO,
    TT_PING,
    TT_FAILURE /* also participant -> broker: why it gives up */
};

struct tt_join {
    uint32_t protocol;
    const char *version; /* of the library */
    const char *name;
    const char *host; /* boot id: equal on one machine only */
    int64_t pid;
    const char *inbox;    /* address at which it receives frames */
    uint32_t rank, ranks; /* of a parallel participant; 0 and 1 for any other */
    bool shares_memory;   /* with peers on its host that do so too */
};

struct tt_option {
    const char *key, *value;
};

struct tt_welcome {
    uint32_t protocol;
    uint8_t session[TT_SESSION_SIZE];
    uint8_t experiment[16]; /* XXH3-128 of the experiment file */
    uint32_t process;
    int64_t stop;          /* ns */
    int64_t start_timeout; /* wall ns */
    int64_t patience;      /* wall ns */
    uint64_t max_queue;    /* bytes that may wait at one input, and for one peer */
    size_t option_count;
    const struct tt_option *options;
};

/* Indices, as ranges that rise and do not touch: range i is numbers[2 * i] to
 * numbers[2 * i + 1], half-open. */
struct tt_ranges {
    size_t count;
    const uint32_t *numbers;
};

struct tt_port {
    const char *name;
    bool is_output;
    enum tutti_kind kind;
    uint32_t width;
    const char *unit; /* "" for spikes */
    int64_t lag, lead, own_delay;
    bool is_at_step_ends;
    enum tutti_interpolation interpolation; /* signal input */
    bool extrapolates;
    size_t initial_count; /* of a signal output: 0 or width */
    const double *initial;
    bool has_ranges; /* false: rank 0 has all indices */
    struct tt_ranges ranges;
};

struct tt_declare {
    enum tutti_convention convention;
    struct tutti_step step; /* {1, 1}: none */
    bool has_step;
    size_t port_count;
    const struct tt_port *ports;
};

struct tt_sources {
    size_t count;
    const struct tutti_source *sources;
};

/* One connection as one of its ends sees it. Times in ns. */
struct tt_wire {
    uint32_t number;  /* place in the experiment file */
    uint32_t peer;    /* process at the other end */
    bool is_output;   /* this end sends */
    const char *port; /* of this end */
    const char *peer_port;
    uint32_t first, to,
        count; /* sender's first index arrives as `to`; `count` of them */
    int64_t delay, out, need;
    int64_t until;        /* at an output: what is due then or later finds no reader */
    double scale, offset; /* signals: value at the reader = value * scale + offset */
    size_t initial_count; /* signals, at the reader: the source's initial values,
                             converted */
    const double *initial;
    struct tt_ranges ranges; /* of the sender's indices those that travel between these
                                two ranks; none: all of the connection */
};

struct tt_peer_address {
    uint32_t process;
    const char *name;
    const char *inbox;
    bool shares_memory; /* with this process */
};

struct tt_wiring {
    int64_t steps_per_window;
    int64_t credit; /* R: a sender may not run beyond its reader's time + R */
    size_t peer_count;
    const struct tt_peer_address *peers;
    size_t wire_count;
    const struct tt_wire
        *wires; /* sorted by number; twice if both ends are this participant */
};

struct tt_progress {
    int64_t reached;    /* border on which the participant stands */
    int64_t window_end; /* of the window it is in, or wants to begin */
    bool is_waiting;    /* in the library for more than an instant */
    uint32_t peer;      /* for whom it waits; itself when for nobody */
    uint32_t
        connection; /* by which connection (an input, or the credit of an output) */
    bool is_credit;
    int64_t peer_reached; /* the last that it heard of this peer */
    int64_t waited;       /* wall ns since the wait began */
};

/* How long a participant has waited for another process, in the whole run. */
struct tt_wait {
    uint32_t peer;
    int64_t waited;   /* wall ns */
    uint64_t windows; /* that could not begin at once because of it */
};

struct tt_leave {
    bool is_end;          /* the stop time was reached */
    uint64_t undelivered; /* events sent that are due after their reader's end */
    uint64_t sent, received;
    uint64_t strangers; /* frames thrown away that were not of this run */
    int64_t ran;        /* wall ns from the go to here */
    size_t wait_count;
    const struct tt_wait *waits;
};

struct tt_failure {
    enum tutti_status status;
    const char *text;
};

/* All text and arrays of a decoded message are owned by the message. */
struct tt_message {
    enum tt_message_kind kind;
    union {
        struct tt_join join;
        struct tt_welcome welcome;
        struct tt_declare declare;
        struct tt_sources sources;
        struct tt_wiring wiring;
        struct tt_progress progress;
        struct tt_leave leave;
        struct tt_failure failure;
    };
    void *owned; /* what decode allocated; NULL in a message that is to be encoded */
};

/* Packs a message into *bytes, which is freed with free(). No text may be NULL. The
 * text of a failure is cleaned and cut as decode wants it; all other text is the
 * caller's duty. TUTTI_NO_MEMORY. TUTTI_BAD_CONFIG: over TT_MESSAGE_LIMIT. */
enum tutti_status tt_message_encode(const struct tt_message *message, uint8_t **bytes,
                                    size_t *size);

/* Checks everything that can be checked without knowing the experiment: kinds in range,
 * times below 2^61, text valid UTF-8 without control characters and at most 4 kB
 * (options and failures may have tabs and several lines), arrays at most 1,000,000
 * long, required fields there. TUTTI_REFUSED with the reason. The result is ended by
 * tt_message_free(). */
enum tutti_status tt_message_decode(const void *bytes, size_t size,
                                    struct tt_message *message);
void tt_message_free(struct tt_message *message);

#endif
