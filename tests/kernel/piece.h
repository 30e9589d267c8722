/* A part of a network of a test, read from text and ready to run.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PIECE_H
#define TESTS_PIECE_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/simulation.h"
#include "tutti/status.h"

struct piece {
    struct network network;
    struct part part;
    struct simulation *simulation; /* NULL when only described */
};

/* Reads a network as "net.yaml". */
enum tutti_status piece_parse(const char *text, struct network *network);

/* Reads and takes a part of it; the network itself is right, else the test fails. */
enum tutti_status piece_describe(const char *text, const char *const *owns,
                                 size_t count, struct piece *piece);
/* Builds it too; the test fails when that cannot be done. */
void piece_open(const char *text, const char *const *owns, size_t count,
                struct piece *piece);
/* The whole, on so many threads. */
void piece_open_threads(const char *text, uint32_t threads, struct piece *piece);
void piece_close(struct piece *piece);

#endif
