/* Events that tests record, and a recording read back by HDF5 alone. A reading that
 * fails ends the test. SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_READBACK_H
#define TESTS_STORE_READBACK_H

#include <hdf5.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* Ends the test with the sentence of a failure. */
void expect_ok(enum tutti_status status);

/* Spike number k of every test; times rise by 70 us. */
struct tutti_time spike_due(uint64_t k);
uint32_t spike_id(uint64_t k);

/* Puts the spikes from number `first` on. */
enum tutti_status put_spikes(struct tt_spike_record *record, uint64_t first,
                             size_t count);

/* Opens as a program that knows nothing of SWMR does, or beside the writer. */
hid_t open_plain(const char *path);
hid_t open_beside(const char *path);

/* The rows of a dataset, each converted to double; freed by the caller. */
double *read_rows(hid_t file, const char *dataset, hsize_t size[2]);
double read_number(hid_t file, const char *dataset);
/* Text of an attribute; `room` bytes of room. */
void read_text(hid_t file, const char *object, const char *attribute, char *text,
               size_t room);

/* Every row under /spikes/<name> is the spike of its number; returns how many there
 * are. */
uint64_t check_spikes(hid_t file, const char *name);

#endif
