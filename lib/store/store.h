/* A recording: one SONATA HDF5 file of spikes and signals with its provenance, readable
 * up to a stated time at any instant, also after a kill. docs/recording.md describes
 * the file.
 *
 * Order of calls: create - add ... - begin - (put ... - complete - flush) ... - finish
 * - close. Used from one thread; HDF5's printing of errors is switched off in that
 * thread. SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "tutti/status.h"
#include "tutti/time.h"

struct tt_store;
struct tt_spike_record;
struct tt_report;

/* Creates the file; one that exists is replaced, unless a recording is being written to
 * it. `experiment` is the text of the experiment file, "" when there is none. The store
 * is ended by tt_store_close(). TUTTI_SYSTEM: the file cannot be made. */
enum tutti_status tt_store_create(const char *path, const char *experiment,
                                  struct tt_store **store);

/* Adds /spikes/<name>/. The record is owned by the store. Before begin. */
enum tutti_status tt_store_add_spikes(struct tt_store *store, const char *name,
                                      struct tt_spike_record **record);

/* Adds /report/<name>/ for samples of `width` values, of which value i belongs to
 * `ids[i]`. `step` is the source's, {1, 1} when it has none; the report's interval is
 * measured in it. The report is owned by the store. Before begin. */
struct tt_report_shape {
    uint32_t width;
    const uint32_t *ids;
    const char *unit;
    struct tutti_step step;
};
enum tutti_status tt_store_add_report(struct tt_store *store, const char *name,
                                      const struct tt_report_shape *shape,
                                      struct tt_report **report);

/* From here on the file can be read while it is written (SWMR_READ), and nothing can be
 * added any more. */
enum tutti_status tt_store_begin(struct tt_store *store);

/* Puts spikes in the order of their due times, which never fall from call to call.
 * TUTTI_SYSTEM: they cannot be written. */
enum tutti_status tt_store_put_spikes(struct tt_spike_record *record, size_t count,
                                      const struct tutti_time *due,
                                      const uint32_t *ids);

/* Puts samples, `width` values each. TUTTI_BAD_CALL: they are not equally far apart in
 * time, which a report must be; those before the first odd one are put.
 * TUTTI_SYSTEM: they cannot be written. */
enum tutti_status tt_store_put_samples(struct tt_report *report, size_t count,
                                       const struct tutti_time *due,
                                       const double *values);

/* States that everything due up to and including `until` has been put. */
void tt_store_complete(struct tt_store *store, struct tutti_time until);

/* Makes everything put so far readable, then says up to which time the file is
 * complete. About 20 us for each record that has something new. TUTTI_SYSTEM: it cannot
 * be written; the file stays readable up to the last flush, and after this or any other
 * TUTTI_SYSTEM only tt_store_close() is left. */
enum tutti_status tt_store_flush(struct tt_store *store);

/* Flushes, ends the last digests and turns the file into one that any HDF5 program
 * opens. Only tt_store_close() is left after it, whether it succeeds or not. */
enum tutti_status tt_store_finish(struct tt_store *store);

/* Ends the store. Without a tt_store_finish() that succeeded the file stays as a kill
 * would leave it: readable up to the last flush, by tt_store_recover() made an ordinary
 * one. Accepts NULL inside; *store becomes NULL. */
void tt_store_close(struct tt_store **store);

/* Numbers of spikes or samples put so far. */
uint64_t tt_spike_record_count(const struct tt_spike_record *record);
uint64_t tt_report_count(const struct tt_report *report);

#endif
