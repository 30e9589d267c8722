/* The samples of one port: /report/<name>/. What callers of the store see of it is in
 * store.h; the rest is private to the store layer. SPDX-License-Identifier: Apache-2.0
 */
#ifndef STORE_REPORT_H
#define STORE_REPORT_H

#include "store/digest.h"
#include "store/store.h"

struct tt_report {
    struct tt_store_file *file;
    char *name;
    uint32_t width;
    struct tutti_step grid; /* in which the interval is measured */
    int64_t first;          /* border of the grid on which the first sample lies */
    int64_t interval;       /* borders from sample to sample; 0 until two are there */
    struct tt_column data;
    hid_t time;      /* mapping/time */
    uint64_t stated; /* samples that mapping/time tells of */
    struct tt_digest digest;
};

/* Ended by tt_report_close(), also after a failure. */
enum tutti_status tt_report_make(struct tt_store_file *file, const char *name,
                                 const struct tt_report_shape *shape,
                                 struct tt_report **report);
enum tutti_status tt_report_flush(struct tt_report *report, int64_t complete);
/* After the data have been flushed: how many there are. */
enum tutti_status tt_report_flush_time(struct tt_report *report);
enum tutti_status tt_report_finish(struct tt_report *report, int64_t complete);
void tt_report_close(struct tt_report **report);

#endif
