/* Lines through shared memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/shared.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "link/station.h"

static const char magic[4] = {'T', 'U', 'T', 'S'};

/* --- the bell */

/* An abstract address: nothing of it stays in a file system. */
static socklen_t bell_address(const char *name, struct sockaddr_un *address)
{
    const size_t size = strnlen(name, TT_BELL_SIZE);

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path + 1, name, size);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size);
}

enum tutti_status tt_bell_open(struct tt_bell *bell)
{
    struct sockaddr_un address;
    uint64_t number;
    socklen_t size;

    bell->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bell->fd < 0 || getrandom(&number, sizeof number, 0) != sizeof number)
        return FAIL(TUTTI_SYSTEM, "no socket to be woken by: %s", strerror(errno));
    snprintf(bell->name, sizeof bell->name, "tutti-bell-%016llx",
             (unsigned long long)number);
    size = bell_address(bell->name, &address);
    if (bind(bell->fd, (struct sockaddr *)&address, size) != 0) {
        tt_bell_close(bell);
        return FAIL(TUTTI_SYSTEM, "no socket to be woken by: %s", strerror(errno));
    }
    return TUTTI_OK;
}

void tt_bell_close(struct tt_bell *bell)
{
    if (bell->fd >= 0)
        close(bell->fd);
    bell->fd = -1;
}

void tt_bell_hush(const struct tt_bell *bell)
{
    char bytes[64];

    while (recv(bell->fd, bytes, sizeof bytes, 0) >= 0)
        continue;
}

/* A bell that is full has rung; one that is gone hears nothing. */
static void ring(const struct tt_bell *bell, const char *name)
{
    struct sockaddr_un address;
    const socklen_t size = bell_address(name, &address);

    (void)sendto(bell->fd, "", 1, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
}

/* --- open, offer, accept */

enum tutti_status tt_shared_open(struct tt_shared *shared)
{
    return tt_segment_make(&shared->own, &shared->own_fd);
}

void tt_shared_close(struct tt_shared *shared)
{
    if (shared->own)
        close(shared->own_fd);
    tt_segment_close((const struct tt_segment **)&shared->own);
    tt_segment_close(&shared->peer);
    free(shared->frame);
    *shared = (struct tt_shared){0};
}

void tt_shared_write(const struct tt_shared *shared, enum tt_shared_word word,
                     const struct tt_bell *bell, const char *inbox,
                     struct tt_shared_note *note)
{
    *note = (struct tt_shared_note){
        .word = word, .pid = (uint32_t)getpid(), .fd = (uint32_t)shared->own_fd};
    memcpy(note->magic, magic, sizeof magic);
    memcpy(note->bell, bell->name, sizeof note->bell);
    snprintf(note->inbox, sizeof note->inbox, "%s", inbox);
}

bool tt_shared_is_note(const void *bytes, size_t size, struct tt_shared_note *note)
{
    if (size != sizeof *note || memcmp(bytes, magic, sizeof magic) != 0)
        return false;
    memcpy(note, bytes, sizeof *note);
    note->bell[TT_BELL_SIZE - 1] = '\0';
    note->inbox[TT_ADDRESS_SIZE - 1] = '\0';
    return true;
}

bool tt_shared_take(struct tt_shared *shared, const struct tt_shared_note *note)
{
    switch (note->word) {
    case TT_SHARED_OFFER:
        if (shared->peer ||
            tt_segment_open(note->pid, note->fd, &shared->peer) != TUTTI_OK)
            return false; /* it stays with ZeroMQ */
        memcpy(shared->bell, note->bell, sizeof shared->bell);
        return true;
    case TT_SHARED_ACCEPT:
        shared->is_accepted = true;
        return false;
    case TT_SHARED_SWITCH:
        shared->receives = shared->peer != NULL;
        return false;
    default:
        return false;
    }
}

bool tt_shared_is_ready(const struct tt_shared *shared)
{
    return shared->own && shared->peer && shared->is_accepted && !shared->sends;
}

/* --- send */

static void wake_reader(const struct tt_shared *shared, const struct tt_bell *bell)
{
    /* Our write first, then the look whether it sleeps; it does the same two the other
     * way round, so that one of both sees the other. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&shared->peer->sleeps, memory_order_relaxed))
        ring(bell, shared->bell);
}

/* Puts the bytes from *sent on, piece by piece; whether all are in. */
static bool put(struct tt_shared *shared, const uint8_t *bytes, size_t size,
                size_t *sent)
{
    bool is_whole = false;

    while (!is_whole) {
        const size_t left = size - *sent;
        const size_t piece = left < TT_LONGEST_PIECE ? left : TT_LONGEST_PIECE;

        if (!tt_segment_put(shared->own, shared->peer, bytes + *sent, piece,
                            piece < left))
            return false;
        *sent += piece;
        is_whole = piece == left;
    }
    return true;
}

void tt_shared_flush(struct tt_shared *shared, const struct tt_bell *bell,
                     struct tt_backlog *backlog)
{
    if (!backlog->first)
        return;
    while (backlog->first &&
           put(shared, backlog->first->bytes, backlog->first->size, &shared->sent)) {
        tt_backlog_drop_first(backlog);
        shared->sent = 0;
    }
    wake_reader(shared, bell);
}

bool tt_shared_send(struct tt_shared *shared, const struct tt_bell *bell,
                    const void *bytes, size_t size)
{
    /* A frame that may not fit goes through the backlog, which can stop in its middle.
     */
    if (size > TT_LONGEST_PIECE ||
        !tt_segment_put(shared->own, shared->peer, bytes, size, false))
        return false;
    wake_reader(shared, bell);
    return true;
}

/* --- receive */

bool tt_shared_has_news(const struct tt_shared *shared)
{
    return shared->receives && !shared->is_broken &&
           atomic_load_explicit(&shared->peer->written, memory_order_relaxed) !=
               atomic_load_explicit(&shared->own->read, memory_order_relaxed);
}

/* One piece more of the frame; whether it is whole. */
static bool take_piece(struct tt_shared *shared, size_t size, bool goes_on)
{
    if (shared->frame_size + size > TT_LARGEST_FRAME ||
        tt_grow(&shared->frame, &shared->frame_room, shared->frame_size + size + 1,
                1) != TUTTI_OK) {
        shared->is_broken = true;
        return false;
    }
    tt_segment_take(shared->own, shared->peer, size,
                    shared->frame + shared->frame_size);
    shared->frame_size += size;
    return !goes_on;
}

/* Whether the peer may be waiting for room: nobody does while half of the ring is free.
 */
static bool is_crowded(const struct tt_shared *shared)
{
    return atomic_load_explicit(&shared->peer->written, memory_order_relaxed) -
               atomic_load_explicit(&shared->own->read, memory_order_relaxed) >
           TT_RING_SIZE / 2;
}

bool tt_shared_receive(struct tt_shared *shared, const struct tt_bell *bell,
                       const void **bytes, size_t *size)
{
    bool is_whole = false, was_crowded, goes_on;
    size_t piece;

    if (!tt_shared_has_news(shared))
        return false;
    was_crowded = is_crowded(shared);
    while (!is_whole && !shared->is_broken) {
        const enum tt_segment_news news =
            tt_segment_look(shared->own, shared->peer, &piece, &goes_on);

        if (news == TT_SEGMENT_NOTHING)
            break;
        shared->is_broken = news == TT_SEGMENT_BROKEN;
        is_whole = news == TT_SEGMENT_PIECE && take_piece(shared, piece, goes_on);
    }
    if (was_crowded) {
        atomic_thread_fence(memory_order_seq_cst); /* see wake_reader() */
        if (atomic_load_explicit(&shared->peer->wants_room, memory_order_relaxed))
            ring(bell, shared->bell);
    }
    if (!is_whole)
        return false;
    *bytes = shared->frame;
    *size = shared->frame_size;
    shared->frame_size = 0;
    return true;
}

void tt_shared_sleep(struct tt_shared *shared, bool wants_room)
{
    atomic_store_explicit(&shared->own->wants_room, wants_room, memory_order_relaxed);
    atomic_store_explicit(&shared->own->sleeps, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst); /* see wake_reader() */
}

void tt_shared_wake(struct tt_shared *shared)
{
    atomic_store_explicit(&shared->own->sleeps, 0, memory_order_relaxed);
    atomic_store_explicit(&shared->own->wants_room, 0, memory_order_relaxed);
}
