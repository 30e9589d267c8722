/* The open HDF5 file behind a recording, and how its failures get a sentence. Private
 * to the store layer.
 *
 * After a failure nothing more is asked of HDF5: what it would still write could spoil
 * what is on disk. Its handles then stay open until the process ends.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"

#define TT_NOTHING_COMPLETE (-1) /* ns: not even time 0 */

struct tt_store_file {
    hid_t id;
    char *path;
    int64_t flushed; /* ns: what the file itself says to be complete up to */
    bool has_begun, has_failed;
    bool is_copy; /* that takes the place of `path` when it is whole */
};

/* No error stacks on the standard error, no work at exit: both belong to the caller. */
void tt_hdf5_quiet(void);

/* Why the last HDF5 call failed: the operating system's reason when there is one. */
#define TT_REASON_TEXT 256
const char *tt_hdf5_reason(char room[TT_REASON_TEXT]);

/* Makes the sentence of a failed HDF5 call and marks the file; returns TUTTI_SYSTEM. */
enum tutti_status tt_file_fail(struct tt_store_file *file);

/* TUTTI_SYSTEM, with a sentence, when the file failed before. */
enum tutti_status tt_file_check(const struct tt_store_file *file);

/* Milliseconds as SONATA has them; exact both ways below 104 days. */
double tt_ms_from_ns(int64_t ns);
int64_t tt_ns_from_ms(double ms);

/* Of a report's mapping: one of the two readers that exist wants each of the names. */
#define TT_FIRST_NAME "index_pointers"
#define TT_SECOND_NAME "index_pointer"

/* --- small things that are written once ----------------------------------------- */

struct tt_values {
    hid_t type;
    size_t count; /* 0: a scalar */
    const void *values;
};

enum tutti_status tt_write_attribute(struct tt_store_file *file, hid_t object,
                                     const char *name, const struct tt_values *values);
enum tutti_status tt_write_text_attribute(struct tt_store_file *file, hid_t object,
                                          const char *name, const char *text);

/* The group `name` in the root's `folder`, which is made if it is not there; closed by
 * the caller. */
enum tutti_status tt_make_group(struct tt_store_file *file, const char *folder,
                                const char *name, hid_t *group);

/* A dataset of fixed size with its values; closed by the caller. */
enum tutti_status tt_make_dataset(struct tt_store_file *file, hid_t group,
                                  const char *name, const struct tt_values *values,
                                  hid_t *dataset);

#endif
