/* Addresses as users write them, and as sockets take them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_ADDRESS_H
#define LINK_ADDRESS_H

#include "tutti/status.h"

#define TT_ADDRESS_SIZE 128

/* The address of a broker that is to be connected to: "ipc://@name", or
 * "tcp://host:port" with the host as a number. TUTTI_BAD_CONFIG: it is neither, or the
 * host is unknown. */
enum tutti_status tt_address_of_broker(const char *address, char room[TT_ADDRESS_SIZE]);

/* The address at which a board listens; port 0 or * is a free one. TUTTI_BAD_CONFIG
 * also for the host *, at which nobody could be told to connect. */
enum tutti_status tt_address_of_board(const char *address, char room[TT_ADDRESS_SIZE]);

/* The address at which a station listens: beside an ipc broker a new name, else a free
 * port of the network that leads to the broker. `broker` comes from
 * tt_address_of_broker(). */
enum tutti_status tt_address_of_inbox(const char *broker, char room[TT_ADDRESS_SIZE]);

#endif
