/* The ranks of a kernel: processes of one MPI job that simulate one network together,
 * and tell each other about their spikes.
 *
 * All ranks call the functions below in the same order, from one thread. Whatever
 * happens to one of them, every rank ends with exchange_close(), one that failed with
 * exchange_give_up() before it: those that are in any other function, or come to it,
 * learn of it there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_EXCHANGE_H
#define KERNEL_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "tutti/status.h"

struct arrivals_spike;
struct exchange;

/* Takes the place among the ranks that mpirun or srun gave this process; without them
 * it is the only one, and MPI is not touched. TUTTI_BAD_CONFIG: started by them, but
 * built without MPI. TUTTI_NO_MEMORY. Ended by exchange_close(). */
enum tutti_status exchange_open(struct exchange **exchange);

/* The end: waits for all ranks. TUTTI_LOST, unless this one knows it: one of them gave
 * up, with its sentence. Accepts NULL inside; *exchange becomes NULL. */
enum tutti_status exchange_close(struct exchange **exchange);

/* This rank failed: the others are told tutti_last_error(), which stays what it is.
 * True when this rank is the first of those that gave up and has to say why, before it
 * closes: the first process that ends takes the others with it. Accepts NULL. */
bool exchange_give_up(struct exchange *exchange);

/* From 0 on; rank and number of ranks. */
int exchange_rank(const struct exchange *exchange);
int exchange_ranks(const struct exchange *exchange);

/* Gives `mine` to all other ranks and waits for theirs: those of rank 0 first, each in
 * the order given. Borrowed until the next call. TUTTI_LOST: another rank gave up, with
 * its sentence. TUTTI_NO_MEMORY. */
enum tutti_status exchange_spikes(struct exchange *exchange,
                                  const struct arrivals_spike *mine, size_t count,
                                  const struct arrivals_spike **theirs,
                                  size_t *their_count);

/* Waits until all ranks have come here. Fails as exchange_spikes() does. */
enum tutti_status exchange_wait(struct exchange *exchange);

/* Hands `size` bytes of every rank to all: first those of rank 0, sizes[0] of them,
 * then those of rank 1. Borrowed until the next call. Fails as exchange_spikes() does.
 */
enum tutti_status exchange_bytes(struct exchange *exchange, const void *mine,
                                 size_t size, const void **all, const size_t **sizes);

#endif
