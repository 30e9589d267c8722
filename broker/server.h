/* The broker at work: hears participants, lets the roster decide, says its answers, and
 * looks after the children. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_SERVER_H
#define BROKER_SERVER_H

#include <signal.h>

#include "broker/launch.h"
#include "broker/roster.h"
#include "link/station.h"

struct server {
    const struct tt_transport *transport;
    struct tt_board *board;
    struct roster roster;
    struct launch_child *children; /* one for each participant; pid 0: not ours */
    size_t child_count;            /* 0: no children */
    int signals;                   /* a signalfd; -1: none */
    int interrupted;               /* the signal that stopped the run; 0: none */
    bool has_bad_exit;             /* a child failed after it had left in order */
    int64_t *ended; /* wall time at which a child was seen to have ended; 0: not yet */

    /* For the user; NULL: nobody looks. `say_progress` is called ten times a second. */
    void (*say_progress)(void *viewer, const struct roster *roster, int64_t now);
    void (*say_notice)(void *viewer, const char *text);
    void *viewer;
    int64_t pinged, shown;
};

/* Opens a board at `address` ("ipc://@...", "tcp://host:*") with an empty roster. */
enum tutti_status server_open(const struct experiment *experiment,
                              const struct tt_units *units,
                              const struct tt_transport *transport, void *network,
                              const char *address, struct server *server);

/* Runs until all have left, or the run has failed and all children are gone. TUTTI_OK,
 * or the roster's failure with its sentence. */
enum tutti_status server_run(struct server *server);
void server_close(struct server *server);

#endif
