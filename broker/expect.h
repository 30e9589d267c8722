/* What can be known of an experiment before anybody joins: the declarations of kernels,
 * and those that the file states. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_EXPECT_H
#define BROKER_EXPECT_H

#include "broker/experiment.h"
#include "broker/kernel_ports.h"
#include "broker/plan.h"

struct expected {
    const struct tt_declare **declared; /* NULL where nothing is known */
    struct kernel_ports *kernels;
    struct tt_declare *stated;
    struct tt_port **stated_ports;
    struct plan plan;
    size_t count;
};

/* Asks kernels, and plans what is known. TUTTI_BAD_CONFIG: what is known does not fit.
 * Ended by expect_free(), also after a failure. */
enum tutti_status expect_read(const struct experiment *experiment,
                              const struct tt_units *units, struct expected *expected);
void expect_free(struct expected *expected);

#endif
