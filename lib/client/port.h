/* Ports of all kinds: one row of functions for each kind.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_PORT_H
#define CLIENT_PORT_H

#include "client/participant.h"

struct tt_port_kind {
    const char *name; /* "spike" */
    enum tutti_kind kind;
    /* Output: adds a section with events that were not sent yet, up to about `room`
     * bytes, one at least; end->sent counts them. */
    enum tutti_status (*write)(struct tt_end *end, int64_t base, size_t room,
                               struct tt_frame_writer *writer);
    /* Input: takes the events of a checked section over. */
    enum tutti_status (*take)(struct tt_end *end, int64_t base,
                              const struct tt_section *section);
    /* Input: hands over what is due in the window that ends at `end`. */
    enum tutti_status (*deliver)(struct tutti_port *port, int64_t end);
    /* Input: bytes that wait. */
    size_t (*held)(const struct tt_end *end);
    /* Throws away the end's events. */
    void (*clear)(struct tt_end *end);
};

extern const struct tt_port_kind tt_port_spikes, tt_port_signal, tt_port_message;

/* For kinds whose events own nothing. */
void tt_port_clear_end(struct tt_end *end);

/* Makes a port; `unit` is "" for kinds without one. */
enum tutti_status tt_port_add(struct tutti_participant *me,
                              const struct tt_port_kind *kind,
                              const struct tt_port *declared, struct tutti_port **port);
struct tutti_port *tt_port_find(const struct tutti_participant *me, const char *name,
                                bool is_output);
void tt_port_free(struct tutti_port *port);

/* Whether a call may use the port now; FAILs with a sentence. */
enum tutti_status tt_port_may_send(const struct tutti_port *port,
                                   const struct tt_port_kind *kind);
enum tutti_status tt_port_may_read(const struct tutti_port *port,
                                   const struct tt_port_kind *kind);
/* TUTTI_BAD_CALL when `stamp` lies outside what the window allows. */
enum tutti_status tt_port_check_stamp(const struct tutti_port *port, int64_t stamp);

/* Connects a port to an end of a connection, room for its events included. */
enum tutti_status tt_port_connect(struct tutti_port *port, struct tt_end *end);

/* The times of `count` events of an output as offsets from `base`; borrowed until the
 * next call. */
enum tutti_status tt_port_offsets(struct tt_end *end, int64_t base, size_t from,
                                  size_t count, const uint32_t **offsets);

/* Signal inputs: end->held becomes the source's initial values. */
void tt_signal_hold_initial(struct tt_end *end);

#endif
