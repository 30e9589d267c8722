/* The file of a saved state.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/state_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

enum { ORDER = 0x01020304, LAST = 0 };

static const char magic[8] = "TUTTIST";

struct head {
    char magic[8];
    uint32_t order, version;
    struct state_file_head content;
    uint64_t checksum; /* of all before it */
};

/* What stands before the bytes of a section. */
struct front {
    uint32_t kind, number;
    uint64_t size;
    uint64_t checksum; /* of the three and the bytes */
};

struct state_file {
    FILE *stream;
    struct tt_text name;
    uint64_t left; /* bytes of the file that are not read yet */
    unsigned char *bytes;
    size_t room;
};

uint64_t state_file_checksum(uint64_t sum, const void *bytes, size_t size)
{
    const unsigned char *const all = bytes;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ all[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static uint64_t checksum_section(const struct front *front, const void *bytes)
{
    const uint64_t sum = state_file_checksum(STATE_FILE_CHECKSUM, front,
                                             offsetof(struct front, checksum));

    return state_file_checksum(sum, bytes, front->size);
}

static enum tutti_status open_stream(const char *path, const char *ending,
                                     const char *mode, struct state_file **file)
{
    struct state_file *const it = tt_alloc(sizeof *it);

    *file = it;
    if (it)
        tt_text_add(&it->name, "%s%s", path, ending);
    if (!it || it->name.is_cut) {
        state_file_close(file);
        return FAIL(TUTTI_NO_MEMORY, "no memory for the state file '%s'", path);
    }
    it->stream = fopen(tt_text_get(&it->name), mode);
    if (!it->stream) {
        const int reason = errno;

        state_file_close(file);
        return FAIL(TUTTI_SYSTEM, "state file '%s' cannot be opened: %s", path,
                    strerror(reason));
    }
    return TUTTI_OK;
}

void state_file_close(struct state_file **file)
{
    if (!*file)
        return;
    if ((*file)->stream)
        fclose((*file)->stream);
    tt_text_free(&(*file)->name);
    free((*file)->bytes);
    free(*file);
    *file = NULL;
}

/* --- write */

static enum tutti_status put_bytes(struct state_file *file, const void *bytes,
                                   size_t size)
{
    if (size > 0 && fwrite(bytes, size, 1, file->stream) != 1)
        return FAIL(TUTTI_SYSTEM, "state file '%s' cannot be written: %s",
                    tt_text_get(&file->name), strerror(errno));
    return TUTTI_OK;
}

enum tutti_status state_file_pause(struct state_file **file)
{
    enum tutti_status status = TUTTI_OK;

    if (fflush((*file)->stream))
        status = FAIL(TUTTI_SYSTEM, "state file '%s' cannot be written: %s",
                      tt_text_get(&(*file)->name), strerror(errno));
    state_file_close(file);
    return status;
}

enum tutti_status state_file_begin(const char *path,
                                   const struct state_file_head *content)
{
    struct head head = {.order = ORDER, .version = STATE_FILE_VERSION};
    enum tutti_status status;
    struct state_file *file;

    memcpy(head.magic, magic, sizeof magic);
    head.content = *content;
    head.checksum = state_file_checksum(STATE_FILE_CHECKSUM, &head,
                                        offsetof(struct head, checksum));
    TRY(open_stream(path, ".new", "wb", &file));
    status = put_bytes(file, &head, sizeof head);
    if (status == TUTTI_OK)
        status = state_file_pause(&file);
    state_file_close(&file);
    return status;
}

enum tutti_status state_file_continue(const char *path, struct state_file **file)
{
    return open_stream(path, ".new", "ab", file);
}

enum tutti_status state_file_put(struct state_file *file, uint32_t kind,
                                 uint32_t number, const void *bytes, size_t size)
{
    struct front front = {.kind = kind, .number = number, .size = size};

    front.checksum = checksum_section(&front, bytes);
    TRY(put_bytes(file, &front, sizeof front));
    return put_bytes(file, bytes, size);
}

enum tutti_status state_file_end(const char *path)
{
    struct state_file *file;
    enum tutti_status status;
    char *partial;

    TRY(state_file_continue(path, &file));
    partial = tt_copy_text(tt_text_get(&file->name));
    if (!partial)
        status = FAIL(TUTTI_NO_MEMORY, "no memory for the state file '%s'", path);
    else
        status = state_file_put(file, LAST, 0, NULL, 0);
    /* Under its name a file is whole, also after a loss of power. */
    if (status == TUTTI_OK && (fflush(file->stream) || fsync(fileno(file->stream))))
        status = FAIL(TUTTI_SYSTEM, "state file '%s' cannot be written: %s", partial,
                      strerror(errno));
    if (status == TUTTI_OK && rename(partial, path))
        status = FAIL(TUTTI_SYSTEM, "state file '%s' cannot be written: %s", path,
                      strerror(errno));
    state_file_close(&file);
    free(partial);
    return status;
}

/* --- read */

static enum tutti_status check_head(const char *path, const struct head *head)
{
    if (memcmp(head->magic, magic, sizeof magic) != 0)
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' is no saved state; give a file that --save wrote", path);
    if (head->order != ORDER)
        return FAIL(TUTTI_BAD_CONFIG,
                    "state file '%s' was written by a machine with another byte order; "
                    "save again on this one",
                    path);
    if (head->version != STATE_FILE_VERSION)
        return FAIL(TUTTI_BAD_CONFIG,
                    "state file '%s' has version %" PRIu32
                    ", this kernel reads version %d; save again with this kernel",
                    path, head->version, STATE_FILE_VERSION);
    if (head->checksum !=
        state_file_checksum(STATE_FILE_CHECKSUM, head, offsetof(struct head, checksum)))
        return FAIL(TUTTI_BAD_CONFIG, "state file '%s' is damaged; save again", path);
    return TUTTI_OK;
}

/* How many bytes follow. */
static bool measure(FILE *stream, uint64_t *left)
{
    const long here = ftell(stream);
    long end;

    if (here < 0 || fseek(stream, 0, SEEK_END))
        return false;
    end = ftell(stream);
    if (end < here || fseek(stream, here, SEEK_SET))
        return false;
    *left = (uint64_t)(end - here);
    return true;
}

enum tutti_status state_file_open(const char *path, struct state_file_head *content,
                                  struct state_file **file)
{
    enum tutti_status status;
    struct head head = {0};

    TRY(open_stream(path, "", "rb", file));
    if (fread(&head, sizeof head, 1, (*file)->stream) != 1 && ferror((*file)->stream))
        status = FAIL(TUTTI_SYSTEM, "state file '%s' cannot be read: %s", path,
                      strerror(errno));
    else
        status = check_head(path, &head);
    if (status == TUTTI_OK && !measure((*file)->stream, &(*file)->left))
        status = FAIL(TUTTI_SYSTEM, "state file '%s' cannot be read: %s", path,
                      strerror(errno));
    if (status != TUTTI_OK)
        state_file_close(file);
    else
        *content = head.content;
    return status;
}

/* False: the file ends before its last section. */
static bool take_bytes(struct state_file *file, void *bytes, uint64_t size)
{
    if (size > file->left)
        return false;
    file->left -= size;
    return size == 0 || fread(bytes, (size_t)size, 1, file->stream) == 1;
}

enum tutti_status state_file_next(struct state_file *file,
                                  struct state_file_section *section)
{
    struct front front = {0};
    bool is_whole = take_bytes(file, &front, sizeof front) && front.size <= file->left;

    if (is_whole) {
        TRY(tt_grow(&file->bytes, &file->room, (size_t)front.size, 1));
        is_whole = take_bytes(file, file->bytes, front.size);
    }
    if (!is_whole)
        return FAIL(TUTTI_BAD_CONFIG, "state file '%s' is not complete; save again",
                    tt_text_get(&file->name));
    if (front.checksum != checksum_section(&front, file->bytes))
        return FAIL(TUTTI_BAD_CONFIG, "state file '%s' is damaged; save again",
                    tt_text_get(&file->name));
    *section =
        (struct state_file_section){front.kind, front.number, front.size, file->bytes};
    return TUTTI_OK;
}
