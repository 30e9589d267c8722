/* The board's half of the row of ZeroMQ; station.h has the contracts.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_ZMQ_BOARD_H
#define LINK_ZMQ_BOARD_H

#include "link/station.h"

enum tutti_status zmq_board_open(void *network, const char *address,
                                 struct tt_board **board);
void zmq_board_close(struct tt_board **board, int64_t linger);
const char *zmq_board_address(const struct tt_board *board);
bool zmq_board_hear(struct tt_board *board, uint64_t *from, const void **bytes,
                    size_t *size);
enum tutti_status zmq_board_say(struct tt_board *board, uint64_t to, const void *bytes,
                                size_t size);
enum tutti_status zmq_board_ping(struct tt_board *board, uint64_t to, const void *bytes,
                                 size_t size);
void zmq_board_wait(struct tt_board *board, int64_t until, struct pollfd *fds,
                    size_t fd_count);
int64_t zmq_board_now(const struct tt_board *board);

#endif
