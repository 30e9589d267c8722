/* Writes a small recording to the file that it is given: test_sonata.py reads it with
 * programs that are not ours. With `killed` it dies before its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>

#include "store/store.h"

static enum tutti_status write_sample(struct tt_store *store)
{
    const uint32_t ids[] = {4, 5, 9};
    const struct tt_report_shape shape = {3, ids, "mV", {100000, 1}};
    struct tt_spike_record *spikes;
    struct tt_report *report;
    enum tutti_status status;
    int64_t k;

    status = tt_store_add_spikes(store, "column.E", &spikes);
    if (status == TUTTI_OK)
        status = tt_store_add_report(store, "cell.v", &shape, &report);
    if (status == TUTTI_OK)
        status = tt_store_begin(store);
    for (k = 0; status == TUTTI_OK && k < 20000; k++) {
        const struct tutti_time due = {k * 25000};
        const uint32_t id = (uint32_t)(k % 7);

        status = tt_store_put_spikes(spikes, 1, &due, &id);
    }
    for (k = 1; status == TUTTI_OK && k <= 5000; k++) {
        const struct tutti_time due = {k * 100000};
        const double values[] = {-65 + (double)k / 1000, (double)k, 0.1};

        status = tt_store_put_samples(report, 1, &due, values);
        tt_store_complete(store, due);
        if (status == TUTTI_OK && k % 100 == 0)
            status = tt_store_flush(store);
    }
    return status;
}

int main(int argument_count, char **arguments)
{
    struct tt_store *store;
    enum tutti_status status;

    if (argument_count != 2 && argument_count != 3) {
        fputs("usage: sonata_sample FILE [killed]\n", stderr);
        return 2;
    }
    status = tt_store_create(arguments[1], "experiment: sample\n", &store);
    if (status == TUTTI_OK) {
        status = write_sample(store);
        if (argument_count == 3)
            raise(SIGKILL);
        if (status == TUTTI_OK)
            status = tt_store_finish(store);
        tt_store_close(&store);
    }
    if (status != TUTTI_OK)
        fprintf(stderr, "sonata_sample: %s\n", tutti_last_error());
    return status == TUTTI_OK ? 0 : 1;
}
