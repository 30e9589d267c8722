/* Ports: spikes and signals. Declared between join and start, owned by their
 * participant, used inside a window. SPDX-License-Identifier: Apache-2.0 */
#ifndef TUTTI_PORT_H
#define TUTTI_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/participant.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tutti_port;

/* --- declare */

/* A port of `width` indices, 0 to width - 1. An input and an output may share a name.
 * TUTTI_BAD_CALL: the name is taken or empty, the width is 0, or the participant
 * started. */
TUTTI_API enum tutti_status tutti_spike_output(struct tutti_participant *me,
                                               const char *name, uint32_t width,
                                               struct tutti_port **port);
TUTTI_API enum tutti_status tutti_spike_input(struct tutti_participant *me,
                                              const char *name, uint32_t width,
                                              struct tutti_port **port);

/* A vector of `width` doubles in `unit` ("mV", "nS", "1"; UDUNITS syntax). */
TUTTI_API enum tutti_status tutti_signal_output(struct tutti_participant *me,
                                                const char *name, uint32_t width,
                                                const char *unit,
                                                struct tutti_port **port);
TUTTI_API enum tutti_status tutti_signal_input(struct tutti_participant *me,
                                               const char *name, uint32_t width,
                                               const char *unit,
                                               struct tutti_port **port);

/* A port for messages: bytes with a time. An input has one source. */
TUTTI_API enum tutti_status tutti_message_output(struct tutti_participant *me,
                                                 const char *name,
                                                 struct tutti_port **port);
TUTTI_API enum tutti_status tutti_message_input(struct tutti_participant *me,
                                                const char *name,
                                                struct tutti_port **port);

/* Output: the values that readers see until the first sample is due; `values` has the
 * port's width. Zeros without it. Before start. */
TUTTI_API enum tutti_status tutti_set_initial_signal(struct tutti_port *port,
                                                     const double *values);

/* Signal input: what is read between two samples. hold: the last sample. linear, cubic:
 * the line, the polynomial through four samples (Lagrange) around the time that is
 * read; the samples after it must be there, so the port needs them one or two steps of
 * the source before they are due, less 1 ns, which shortens the effective delay by as
 * much. Where the source writes no sample in that span, the last one holds. Before the
 * first sample is due its initial values hold in any case. Hold without it; before
 * start. TUTTI_BAD_CALL: no signal input, or started. At start TUTTI_BAD_CONFIG: the
 * source has no step. */
enum tutti_interpolation { TUTTI_HOLD, TUTTI_LINEAR, TUTTI_CUBIC };
TUTTI_API enum tutti_status
tutti_port_set_interpolation(struct tutti_port *port,
                             enum tutti_interpolation interpolation);

/* Signal input, linear or cubic: does not wait for samples after the present time;
 * behind the last one its line through the last two goes on. Before start. */
TUTTI_API enum tutti_status tutti_port_set_extrapolation(struct tutti_port *port);

/* The numbers behind the promises and needs of the port (docs/time.md); all before
 * start. lag: an output learns of its events late by that much. lead: an input must
 * have its events that much before they are due. own delay: an input adds at least that
 * much itself, as a kernel does that keeps the delays of its synapses. at step ends: an
 * output writes, an input is read, at step borders only. TUTTI_BAD_CALL: wrong
 * direction, negative, or started. */
TUTTI_API enum tutti_status tutti_port_set_lag(struct tutti_port *port,
                                               struct tutti_time lag);
TUTTI_API enum tutti_status tutti_port_set_lead(struct tutti_port *port,
                                                struct tutti_time lead);
TUTTI_API enum tutti_status tutti_port_set_own_delay(struct tutti_port *port,
                                                     struct tutti_time delay);
TUTTI_API enum tutti_status tutti_port_set_at_step_ends(struct tutti_port *port);

/* Which indices of the port live on this rank: `count` different ones, copied; count 0:
 * none. Without it rank 0 has all of them, and the others none. In all calls below,
 * index i of this port then means indices[i]. An index of an output lives on one rank
 * only, one of an input on any number: each gets its events. Before start.
 * TUTTI_BAD_CALL: an index beyond the width, or twice. */
TUTTI_API enum tutti_status tutti_port_set_indices(struct tutti_port *port,
                                                   const uint32_t *indices,
                                                   uint32_t count);

/* --- ask */

/* After start: whether the experiment connects this port to anything. */
TUTTI_API bool tutti_port_is_connected(const struct tutti_port *port);

enum tutti_kind { TUTTI_SPIKES = 1, TUTTI_SIGNAL = 2, TUTTI_MESSAGE = 3 };

/* A connection that the experiment makes to an input of this participant. */
struct tutti_source {
    const char *input;       /* name of this participant's port */
    const char *participant; /* where it comes from */
    const char *port;
    enum tutti_kind kind;
    uint32_t width;         /* number of indices that the connection carries */
    uint32_t first;         /* index at the source that arrives as `to` */
    uint32_t to;            /* index at this participant's port */
    const char *unit;       /* "" for spikes */
    struct tutti_step step; /* of the source; {1, 1} when it has none */
};

/* For programs that take whatever the experiment gives them, such as a recorder: all
 * connections to inputs of this participant. Between join and start; waits until the
 * sources have declared their ports (their tutti_start()), at most start_timeout.
 * Borrowed until leave. */
TUTTI_API enum tutti_status tutti_sources(struct tutti_participant *me,
                                          const struct tutti_source **sources,
                                          size_t *count);

/* --- spikes */

/* Sends spikes. A stamp lies at or after the first one that the window allows: its
 * begin
 * ([begin, end)), one nanosecond later ((begin, end]), one step later for a port that
 * writes at step ends; minus the lag. Later stamps are legal up to 4 s ahead, any
 * order. TUTTI_BAD_CALL: a stamp below that, an index beyond the width, or no window;
 * nothing of the call is sent then. */
TUTTI_API enum tutti_status tutti_send_spikes(struct tutti_port *port, size_t count,
                                              const struct tutti_time *stamps,
                                              const uint32_t *indices);
TUTTI_API enum tutti_status tutti_send_spike(struct tutti_port *port,
                                             struct tutti_time stamp, uint32_t index);

/* The same with stamps in milliseconds as simulators with floating-point time have
 * them: rounded to the nearest nanosecond; one that then lies 1 ns before the first
 * allowed stamp is moved onto it. TUTTI_BAD_CALL also for NaN and infinity. */
TUTTI_API enum tutti_status tutti_send_spikes_ms(struct tutti_port *port, size_t count,
                                                 const double *stamps_ms,
                                                 const uint32_t *indices);

/* All spikes of the window in the one order of docs/time.md (due time, connection,
 * source index, sequence), as two arrays borrowed until the next advance; returns their
 * number. */
TUTTI_API size_t tutti_spikes(struct tutti_port *port, const struct tutti_time **due,
                              const uint32_t **indices);

/* The same one by one: the next spike due before `until` (TUTTI_FROM) or up to it
 * (TUTTI_UP_TO); false when there is none. */
TUTTI_API bool tutti_next_spike(struct tutti_port *port, struct tutti_time until,
                                struct tutti_time *due, uint32_t *index);

/* --- signals */

/* Writes one sample, `width` values copied from `values`. Stamps rise from call to call
 * and obey the rule of tutti_send_spikes(). */
TUTTI_API enum tutti_status tutti_write_signal(struct tutti_port *port,
                                               struct tutti_time stamp,
                                               const double *values);

/* The values at time `at` of the window: the last sample that is due by then, before
 * the first one the source's initial values. Any number of times, any order. `values`
 * has the port's width. TUTTI_BAD_CALL: `at` lies outside the window. */
TUTTI_API enum tutti_status tutti_read_signal(struct tutti_port *port,
                                              struct tutti_time at, double *values);

/* The samples that this window brought for one connection, in order: the first `*count`
 * times (`due`) and rows of `width` values. For recorders. Borrowed until the next
 * advance. */
TUTTI_API size_t tutti_signal_samples(struct tutti_port *port,
                                      const struct tutti_time **due,
                                      const double **values);

/* --- messages */

/* The longest message. It also obeys the max_queue of the experiment. */
#define TUTTI_LONGEST_MESSAGE ((size_t)1 << 30)

struct tutti_message {
    struct tutti_time due;
    const void *bytes; /* borrowed until the next advance */
    size_t size;
};

/* Sends a copy of `size` bytes (none is legal), stamped by the rule of
 * tutti_send_spikes(). TUTTI_BAD_CALL: longer than TUTTI_LONGEST_MESSAGE. */
TUTTI_API enum tutti_status tutti_send_message(struct tutti_port *port,
                                               struct tutti_time stamp,
                                               const void *bytes, size_t size);

/* The next message due before `until` (TUTTI_FROM) or up to it (TUTTI_UP_TO), by due
 * time, then in the order of sending; false when there is none. */
TUTTI_API bool tutti_next_message(struct tutti_port *port, struct tutti_time until,
                                  struct tutti_message *message);

#ifdef __cplusplus
}
#endif
#endif
