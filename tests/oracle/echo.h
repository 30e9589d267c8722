/* The automaton of the oracle test: in every step of its own it takes the spikes that
 * are due in it and emits spikes that are a hash of all it has taken so far. So one
 * event that comes in another step, in another order, or not at all changes all that
 * follows. It writes down what it took and emitted. tests/oracle/oracle.py says the
 * same in Python. SPDX-License-Identifier: Apache-2.0 */
#ifndef ORACLE_ECHO_H
#define ORACLE_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "tutti/tutti.h"

#define ECHO_MOST_PORTS 8

struct echo_port {
    char name[16];
    uint32_t width;
    bool is_output;
    int64_t lag, lead, own_delay; /* ns */
    bool is_at_step_ends;
    int64_t
        ahead; /* an output stamps up to that many ns after its step, now and then */
};

struct echo_setup {
    uint64_t seed;
    struct tutti_step step; /* {0, 0}: none; then it only writes down what comes */
    enum tutti_convention convention;
    size_t port_count;
    struct echo_port ports[ECHO_MOST_PORTS];
};

/* Reads a setup from text. Any of them NULL: not given. `step` is "NS" or "NS/DIVISOR";
 * `windows` "from" or "up_to"; `ports` as "in x:4:lead=100 out y:2:lag=30:ends=1".
 * TUTTI_BAD_CONFIG names the part that it does not understand. */
enum tutti_status echo_read(const char *seed, const char *step, const char *windows,
                            const char *ports, struct echo_setup *setup);

/* Plays the automaton from declaring ports to the end of the run: `me` has joined and
 * is left by the caller. What happened is added to `log`, a line each: "took STEP PORT
 * DUE INDEX", "sent STEP PORT STAMP INDEX". TUTTI_END is returned as TUTTI_OK. `pause`
 * is called after every step; NULL for none. */
enum tutti_status echo_run(struct tutti_participant *me, const struct echo_setup *setup,
                           void (*pause)(void *self), void *self, struct tt_text *log);

#endif
