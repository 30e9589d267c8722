/* The file of a saved state: a head, then sections, each with a checksum, the last one
 * marked as such. Numbers have the byte order of the machine; a file of another order
 * is refused. It gets its name when it is complete: until then it is called PATH.new.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_STATE_FILE_H
#define KERNEL_STATE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

enum { STATE_FILE_VERSION = 1 };

struct state_file;

/* What the whole file is about. */
struct state_file_head {
    uint64_t network; /* checksum of the text of the network file */
    int64_t step;     /* the last that is done */
};

/* A section: `kind` and `number` mean what the writer says; all kinds are above 0. */
struct state_file_section {
    uint32_t kind, number;
    uint64_t size;
    const unsigned char *bytes; /* borrowed until the next section */
};

/* FNV-1a of 64 bits (Fowler, Noll, Vo; RFC 9923), going on from `sum`, which at first
 * is STATE_FILE_CHECKSUM. */
#define STATE_FILE_CHECKSUM UINT64_C(0xcbf29ce484222325)
uint64_t state_file_checksum(uint64_t sum, const void *bytes, size_t size);

/* --- write: begin - (continue - put ... - pause) ... - end; TUTTI_SYSTEM: the file
 * cannot be written. */

/* Makes PATH.new, with a head alone. */
enum tutti_status state_file_begin(const char *path,
                                   const struct state_file_head *head);
/* Opens PATH.new, to be ended by state_file_close(). */
enum tutti_status state_file_continue(const char *path, struct state_file **file);
enum tutti_status state_file_put(struct state_file *file, uint32_t kind,
                                 uint32_t number, const void *bytes, size_t size);
/* What was put is in the file; ends it, so that somebody else may continue. */
enum tutti_status state_file_pause(struct state_file **file);
/* Marks PATH.new as complete and calls it PATH. */
enum tutti_status state_file_end(const char *path);

/* --- read */

/* TUTTI_SYSTEM: the file cannot be read; TUTTI_BAD_CONFIG: it is no saved state, or one
 * of another version. Ended by state_file_close(). */
enum tutti_status state_file_open(const char *path, struct state_file_head *head,
                                  struct state_file **file);
/* The next section; kind 0 behind the last one. TUTTI_BAD_CONFIG: the file is damaged
 * or not complete. TUTTI_NO_MEMORY. */
enum tutti_status state_file_next(struct state_file *file,
                                  struct state_file_section *section);

/* Accepts NULL inside; *file becomes NULL. */
void state_file_close(struct state_file **file);

#endif
