/* Memory through which two processes of one host exchange frames. Each process has a
 * segment for each peer, which it alone can write and the peer can only read: a stream
 * of pieces of frames, and how far its owner has read the peer's stream. Nothing in it
 * must be repaired when its owner dies, and it vanishes with its last user.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_SEGMENT_H
#define LINK_SEGMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

enum {
    TT_RING_SIZE = 1 << 22,    /* bytes of the stream that are there at a time */
    TT_LONGEST_PIECE = 1 << 20 /* bytes: longer frames travel in pieces */
};

/* Words that different sides write lie apart, so that no cache line goes to and fro for
 * nothing. All but `bytes` may be read while they change. */
struct tt_segment {
    _Alignas(128) _Atomic uint64_t written; /* bytes of the stream, ever */
    _Alignas(128) _Atomic uint64_t read;    /* bytes of the peer's stream, ever */
    _Alignas(128) _Atomic uint32_t sleeps;  /* the owner waits for its bell */
    _Atomic uint32_t wants_room;            /* ... and for the peer to read on */
    _Alignas(128) uint8_t bytes[TT_RING_SIZE];
};

/* A segment of our own, zeroed, that nobody else can write or shrink; *fd stays open
 * for peers to open it through /proc. TUTTI_SYSTEM. Ended by tt_segment_close(). */
enum tutti_status tt_segment_make(struct tt_segment **segment, int *fd);
/* A peer's segment. TUTTI_SYSTEM: it is not there, or is not what tt_segment_make()
 * makes. */
enum tutti_status tt_segment_open(uint32_t pid, uint32_t fd,
                                  const struct tt_segment **segment);
/* Both kinds; accepts NULL inside. */
void tt_segment_close(const struct tt_segment **segment);

/* Puts a piece of at most TT_LONGEST_PIECE bytes behind the stream of `own`; false when
 * `peer` has not read far enough for it. */
bool tt_segment_put(struct tt_segment *own, const struct tt_segment *peer,
                    const void *bytes, size_t size, bool goes_on);

/* A piece of the peer's stream, borrowed from private memory of the caller. */
enum tt_segment_news {
    TT_SEGMENT_NOTHING,
    TT_SEGMENT_PIECE,
    TT_SEGMENT_BROKEN /* the peer's memory says what cannot be */
};

/* The size of the next piece in *size and whether the frame goes on after it. */
enum tt_segment_news tt_segment_look(const struct tt_segment *own,
                                     const struct tt_segment *peer, size_t *size,
                                     bool *goes_on);
/* Copies the piece that tt_segment_look() found to `to`, and reads on. */
void tt_segment_take(struct tt_segment *own, const struct tt_segment *peer, size_t size,
                     void *to);

#endif
