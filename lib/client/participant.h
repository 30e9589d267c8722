/* What a participant is made of. Private to the client layer.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_PARTICIPANT_H
#define CLIENT_PARTICIPANT_H

#include "link/station.h"
#include "tutti/tutti.h"
#include "wire/frame.h"
#include "wire/message.h"

struct tt_port_kind;

/* The bytes of a message. */
struct tt_body {
    uint8_t *bytes;
    size_t size, room;
};

/* One end of a connection. Times are ns. */
struct tt_end {
    struct tt_wire wire; /* borrowed from the wiring message */
    struct tutti_port *port;
    struct tt_peer *peer;
    int64_t effective; /* delay + out - need */

    /* Between ranks, where not every index of the connection travels. */
    uint8_t *travels; /* spikes, at an output: for each index from wire.first on; NULL:
                         all */
    uint32_t
        *places;    /* signals: local index of each value of a sample; NULL: in order */
    uint32_t width; /* values of a sample */

    /* Events: at an output those of this window (`times` are stamps), at an input those
     * that are not yet handed over (`times` are due times), in the order in which they
     * came. */
    int64_t *times;
    uint32_t *indices;       /* spikes */
    double *values;          /* signals: wire.count of them per event */
    struct tt_body *parcels; /* messages */
    size_t count, times_room, indices_room, values_room, parcels_room;

    /* Output: what of these events has gone into frames already. */
    size_t sent, sent_bytes; /* whole events, and bytes of the message after them */
    /* Input, messages: one of which pieces are missing. */
    struct tt_body part;
    size_t held_bytes; /* of all messages here, this one too */

    /* Signals, at an input: the first `shown` events have been handed over, those from
     * `fresh` on in this window. `held` is what holds before the first sample. */
    size_t shown, fresh;
    double *held;
};

struct tt_spike {
    int64_t due;
    uint32_t connection, index;
    uint64_t sequence;
};

struct tutti_port {
    struct tutti_participant *me;
    const struct tt_port_kind *kind;
    struct tt_port declared; /* its texts and arrays are owned by the port */
    uint32_t size;           /* indices that live on this rank */
    uint32_t *indices_here;  /* of the port, for each local one; NULL: all, in order */
    uint32_t *local;         /* the other way round; UINT32_MAX: lives elsewhere */
    struct tutti_port *next; /* in the order of declaration */
    struct tt_end **ends;
    size_t end_count, ends_room;

    int64_t last_stamp; /* signal output: of the last sample */

    /* Input: what the window hands over; signal output: samples written so far (count).
     */
    struct tt_spike *spikes;
    struct tutti_time *due;
    uint32_t *indices;
    double *values;
    double *sample; /* one, while it is interpolated */
    size_t sample_room;
    struct tt_body *parcels; /* owned here from their delivery to the next one */
    size_t count, cursor;
    size_t spikes_room, due_room, indices_room, values_room, parcels_room;
};

/* Another process with which this one shares a connection (it may be this one itself).
 */
struct tt_peer {
    struct tt_peer_address address; /* borrowed from the wiring message */
    size_t line;
    uint64_t sent, received; /* frames */
    int64_t reached;         /* its promise is reached + out */
    bool is_up, has_ended, has_answered;
    int64_t waited;              /* for it, wall ns */
    uint64_t windows_held_up;    /* by it */
    struct tt_frame_rule *rules; /* of its connections to us, by number */
    struct tt_end **inputs;      /* the ends that belong to the rules */
    size_t rule_count;
};

enum tt_phase {
    TT_PHASE_JOINED,
    TT_PHASE_STARTING,
    TT_PHASE_BETWEEN, /* stands on a border */
    TT_PHASE_INSIDE,  /* in a window */
    TT_PHASE_ENDED
};

struct tt_early_frame {
    struct tt_early_frame *next;
    size_t size;
    uint8_t bytes[];
};

struct tutti_participant {
    const struct tt_transport *transport;
    struct tt_station *station;
    char *name, *run_folder;
    uint32_t rank, ranks;
    enum tt_phase phase;

    /* What the broker said. */
    struct tt_message welcome, sources, wiring;
    bool is_welcome, has_sources, is_wiring, may_go;
    bool is_wired;             /* ends and peers stand */
    bool is_met, is_answered;  /* by all peers: the hello, the end */
    enum tutti_status failure; /* TUTTI_OK: none */
    char failure_text[2048];

    enum tutti_convention convention;
    struct tutti_step step;
    bool has_step;
    struct tutti_port *ports, **last_port;

    struct tt_end *ends;
    size_t end_count;
    struct tt_peer *peers;
    size_t peer_count;
    struct tt_frame_writer writer;
    uint32_t *offsets; /* of the section that is being written */
    size_t offsets_room;
    struct tt_early_frame *early; /* frames that came before the wiring, newest first */
    size_t early_size;

    int64_t border; /* steps from 0 to the border on which the window began */
    int64_t last_border;
    struct tutti_window window;
    int64_t began;    /* wall time of the go */
    int64_t reported; /* wall time of the last progress message */
    uint64_t events_sent, events_received, strangers;
    uint64_t undelivered; /* of those sent: due after the end of their reader */
};

/* Whom to join as what. */
struct tt_join_as {
    const char *broker, *name;
    uint32_t rank, ranks;
};

/* tutti_join_rank() over any transport. */
enum tutti_status tt_join(const struct tt_transport *transport, void *network,
                          const struct tt_join_as *as, struct tutti_participant **me);

#endif
