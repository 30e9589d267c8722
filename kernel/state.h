/* Saving and restoring all that the coming steps of a simulation depend on. What is
 * saved belongs to cells, not to threads or ranks: it may be restored with other
 * numbers of them, and by a part of what was saved. A simulation goes on from it as if
 * it had never been interrupted, to the last bit.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_STATE_H
#define KERNEL_STATE_H

#include "tutti/status.h"

struct simulation;

/* Writes a file, between two runs; all ranks call it, and each writes what is its own.
 * TUTTI_SYSTEM: the file cannot be written; TUTTI_NO_MEMORY. With several ranks it
 * fails also as exchange_wait(). */
enum tutti_status state_save(struct simulation *simulation, const char *path);

/* Goes on from a file, before the first run; all ranks call it. TUTTI_SYSTEM: the file
 * cannot be read; TUTTI_BAD_CONFIG: it is damaged, of another version, of another
 * network, or of a part that lacks cells that are simulated here; TUTTI_NO_MEMORY.
 * After a failure the simulation can only be closed. */
enum tutti_status state_restore(struct simulation *simulation, const char *path);

#endif
