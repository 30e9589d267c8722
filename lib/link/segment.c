/* Memory through which two processes of one host exchange frames.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE)

/* Before each piece. */
struct head {
    uint32_t size;
    uint32_t goes_on;
};

static size_t padded(size_t size)
{
    return sizeof(struct head) + (size + 7) / 8 * 8;
}

/* --- make and open */

static enum tutti_status make(int fd, struct tt_segment **segment)
{
    void *memory;

    if (ftruncate(fd, sizeof **segment) != 0)
        return FAIL(TUTTI_SYSTEM, "no shared memory of %zu bytes: %s", sizeof **segment,
                    strerror(errno));
    memory = mmap(NULL, sizeof **segment, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return FAIL(TUTTI_SYSTEM, "shared memory cannot be mapped: %s",
                    strerror(errno));
    *segment = memory;
    /* Now that our own mapping stands nobody gets another one that can write. */
    if (fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_SEAL) != 0) {
        tt_segment_close((const struct tt_segment **)segment);
        return FAIL(TUTTI_SYSTEM, "shared memory cannot be sealed: %s",
                    strerror(errno));
    }
    return TUTTI_OK;
}

enum tutti_status tt_segment_make(struct tt_segment **segment, int *fd)
{
    enum tutti_status status;

    *segment = NULL;
    *fd = memfd_create("tutti", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd < 0)
        return FAIL(TUTTI_SYSTEM, "no shared memory: %s", strerror(errno));
    status = make(*fd, segment);
    if (status != TUTTI_OK) {
        close(*fd);
        *fd = -1;
    }
    return status;
}

static enum tutti_status check(int fd)
{
    struct stat status;
    const int seals = fcntl(fd, F_GET_SEALS);

    if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &status) != 0 ||
        status.st_size != sizeof(struct tt_segment))
        return FAIL(TUTTI_SYSTEM, "what a peer offers is no segment of ours");
    return TUTTI_OK;
}

enum tutti_status tt_segment_open(uint32_t pid, uint32_t fd,
                                  const struct tt_segment **segment)
{
    char path[64];
    void *memory = MAP_FAILED;
    enum tutti_status status;
    int opened;

    *segment = NULL;
    snprintf(path, sizeof path, "/proc/%u/fd/%u", pid, fd);
    opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0)
        return FAIL(TUTTI_SYSTEM, "the memory of process %u cannot be shared: %s", pid,
                    strerror(errno));
    status = check(opened);
    if (status == TUTTI_OK)
        memory = mmap(NULL, sizeof **segment, PROT_READ, MAP_SHARED, opened, 0);
    if (status == TUTTI_OK && memory == MAP_FAILED)
        status = FAIL(TUTTI_SYSTEM, "the memory of process %u cannot be mapped: %s",
                      pid, strerror(errno));
    close(opened);
    if (status == TUTTI_OK)
        *segment = memory;
    return status;
}

void tt_segment_close(const struct tt_segment **segment)
{
    void *memory;

    memcpy(&memory, segment, sizeof memory);
    if (memory)
        munmap(memory, sizeof **segment);
    *segment = NULL;
}

/* --- the stream */

static void copy_in(struct tt_segment *own, uint64_t at, const void *bytes, size_t size)
{
    const size_t place = at % TT_RING_SIZE;
    const size_t before_end = TT_RING_SIZE - place;
    const size_t first = size < before_end ? size : before_end;

    memcpy(own->bytes + place, bytes, first);
    if (size > first)
        memcpy(own->bytes, (const uint8_t *)bytes + first, size - first);
}

static void copy_out(const struct tt_segment *peer, uint64_t at, void *to, size_t size)
{
    const size_t place = at % TT_RING_SIZE;
    const size_t before_end = TT_RING_SIZE - place;
    const size_t first = size < before_end ? size : before_end;

    memcpy(to, peer->bytes + place, first);
    if (size > first)
        memcpy((uint8_t *)to + first, peer->bytes, size - first);
}

bool tt_segment_put(struct tt_segment *own, const struct tt_segment *peer,
                    const void *bytes, size_t size, bool goes_on)
{
    const uint64_t written = atomic_load_explicit(&own->written, memory_order_relaxed);
    const uint64_t read = atomic_load_explicit(&peer->read, memory_order_acquire);
    const struct head head = {(uint32_t)size, goes_on};

    /* A peer that claims to have read what was never written makes no room. */
    if (written - read > TT_RING_SIZE || TT_RING_SIZE - (written - read) < padded(size))
        return false;
    copy_in(own, written, &head, sizeof head);
    copy_in(own, written + sizeof head, bytes, size);
    atomic_store_explicit(&own->written, written + padded(size), memory_order_release);
    return true;
}

enum tt_segment_news tt_segment_look(const struct tt_segment *own,
                                     const struct tt_segment *peer, size_t *size,
                                     bool *goes_on)
{
    const uint64_t read = atomic_load_explicit(&own->read, memory_order_relaxed);
    const uint64_t written = atomic_load_explicit(&peer->written, memory_order_acquire);
    struct head head;

    if (written == read)
        return TT_SEGMENT_NOTHING;
    if (written - read > TT_RING_SIZE || written - read < sizeof head)
        return TT_SEGMENT_BROKEN;
    copy_out(peer, read, &head, sizeof head); /* once: it is judged in private memory */
    if (head.size > TT_LONGEST_PIECE || padded(head.size) > written - read)
        return TT_SEGMENT_BROKEN;
    *size = head.size;
    *goes_on = head.goes_on != 0;
    return TT_SEGMENT_PIECE;
}

void tt_segment_take(struct tt_segment *own, const struct tt_segment *peer, size_t size,
                     void *to)
{
    const uint64_t read = atomic_load_explicit(&own->read, memory_order_relaxed);

    copy_out(peer, read + sizeof(struct head), to, size);
    atomic_store_explicit(&own->read, read + padded(size), memory_order_release);
}
