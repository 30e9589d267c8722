/* The spikes of one port: /spikes/<name>/. What callers of the store see of it is in
 * store.h; the rest is private to the store layer. SPDX-License-Identifier: Apache-2.0
 */
#ifndef STORE_SPIKE_RECORD_H
#define STORE_SPIKE_RECORD_H

#include "store/digest.h"
#include "store/store.h"

struct tt_spike_record {
    struct tt_store_file *file;
    struct tt_column ids, times;
    struct tt_digest digest;
};

/* Ended by tt_spike_record_close(), also after a failure. */
enum tutti_status tt_spike_record_make(struct tt_store_file *file, const char *name,
                                       struct tt_spike_record **record);
enum tutti_status tt_spike_record_flush(struct tt_spike_record *record,
                                        int64_t complete);
enum tutti_status tt_spike_record_finish(struct tt_spike_record *record,
                                         int64_t complete);
void tt_spike_record_close(struct tt_spike_record **record);

#endif
