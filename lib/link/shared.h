/* Lines through shared memory, beside those of ZeroMQ: a pair of processes on one host
 * starts over ZeroMQ, offers each other a segment there, and goes on in memory once
 * both have mapped the other's. Where that fails it stays with ZeroMQ. A process that
 * sleeps is woken by a byte to its bell, a local datagram socket.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LINK_SHARED_H
#define LINK_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/address.h"
#include "link/backlog.h"
#include "link/segment.h"

#define TT_BELL_SIZE 32

/* What travels over ZeroMQ in the inbox instead of a frame. */
enum tt_shared_word {
    TT_SHARED_OFFER = 1, /* here is my segment for you, and my bell */
    TT_SHARED_ACCEPT,    /* I have mapped yours */
    TT_SHARED_SWITCH     /* what I send from now on is in memory */
};

struct tt_shared_note {
    char magic[4]; /* "TUTS" */
    uint32_t word;
    uint32_t pid, fd;
    char bell[TT_BELL_SIZE];
    char inbox[TT_ADDRESS_SIZE]; /* of the sender: which line it means */
};

/* The bell of a process. Zero-initialised is none (fd -1 after tt_bell_open() failed).
 */
struct tt_bell {
    int fd;
    char name[TT_BELL_SIZE];
};

enum tutti_status tt_bell_open(struct tt_bell *bell);
void tt_bell_close(struct tt_bell *bell);
/* Makes quiet what has rung. */
void tt_bell_hush(const struct tt_bell *bell);

/* One line. Zero-initialised is not shared. */
struct tt_shared {
    struct tt_segment *own;
    int own_fd;
    const struct tt_segment *peer;
    char bell[TT_BELL_SIZE]; /* of the peer */
    bool is_accepted;        /* the peer has mapped ours */
    bool sends, receives;    /* in memory, from now on */
    bool is_broken;
    size_t sent;    /* bytes of the backlog's first parcel */
    uint8_t *frame; /* that is being put together */
    size_t frame_size, frame_room;
};

enum tutti_status tt_shared_open(struct tt_shared *shared);
void tt_shared_close(struct tt_shared *shared);

/* Fills in the note for one line. */
void tt_shared_write(const struct tt_shared *shared, enum tt_shared_word word,
                     const struct tt_bell *bell, const char *inbox,
                     struct tt_shared_note *note);
/* Whether these bytes are a note, copied into *note then. */
bool tt_shared_is_note(const void *bytes, size_t size, struct tt_shared_note *note);

/* Takes a note in. True when the peer must be told that its segment is mapped. */
bool tt_shared_take(struct tt_shared *shared, const struct tt_shared_note *note);
/* Whether the line may go on in memory: both have mapped the other's segment. */
bool tt_shared_is_ready(const struct tt_shared *shared);

/* Sends what there is room for of the backlog, and rings if the peer sleeps. */
void tt_shared_flush(struct tt_shared *shared, const struct tt_bell *bell,
                     struct tt_backlog *backlog);
/* The same for a frame that has no backlog before it: false when it did not fit whole.
 */
bool tt_shared_send(struct tt_shared *shared, const struct tt_bell *bell,
                    const void *bytes, size_t size);

/* The next whole frame, borrowed until the next call; false when there is none. */
bool tt_shared_receive(struct tt_shared *shared, const struct tt_bell *bell,
                       const void **bytes, size_t *size);
/* Whether tt_shared_receive() would find a piece. */
bool tt_shared_has_news(const struct tt_shared *shared);
/* Before and after a sleep: the peer rings only for those that say so. */
void tt_shared_sleep(struct tt_shared *shared, bool wants_room);
void tt_shared_wake(struct tt_shared *shared);

#endif
