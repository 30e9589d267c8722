/* What can be known of an experiment before anybody joins.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/expect.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

static enum tutti_status expect_one(const struct experiment *experiment, size_t i,
                                    struct expected *expected)
{
    const struct experiment_participant *participant = &experiment->participants[i];

    if (participant->kernel) {
        TRY(kernel_ports_ask(experiment, i, &expected->kernels[i]));
        expected->declared[i] = &expected->kernels[i].declare;
        return TUTTI_OK;
    }
    expected->stated_ports[i] =
        tt_alloc_array(participant->port_count, sizeof **expected->stated_ports);
    if (!expected->stated_ports[i])
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu ports",
                    participant->port_count);
    expected->declared[i] =
        wiring_stated(participant, expected->stated_ports[i], &expected->stated[i]);
    return TUTTI_OK;
}

enum tutti_status expect_read(const struct experiment *experiment,
                              const struct tt_units *units, struct expected *expected)
{
    const size_t count = experiment->participant_count;

    *expected = (struct expected){.count = count};
    expected->declared = tt_alloc_array(count, sizeof *expected->declared);
    expected->kernels = tt_alloc_array(count, sizeof *expected->kernels);
    expected->stated = tt_alloc_array(count, sizeof *expected->stated);
    expected->stated_ports = tt_alloc_array(count, sizeof *expected->stated_ports);
    if (!expected->declared || !expected->kernels || !expected->stated ||
        !expected->stated_ports)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu participants", count);
    for (size_t i = 0; i < count; i++)
        TRY(expect_one(experiment, i, expected));
    return plan_make(experiment, units, expected->declared, &expected->plan);
}

void expect_free(struct expected *expected)
{
    for (size_t i = 0; i < expected->count; i++) {
        if (expected->kernels)
            kernel_ports_free(&expected->kernels[i]);
        if (expected->stated_ports)
            free(expected->stated_ports[i]);
    }
    free(expected->declared);
    free(expected->kernels);
    free(expected->stated);
    free(expected->stated_ports);
    plan_free(&expected->plan);
    *expected = (struct expected){0};
}
