/* The commands of the program `tutti`: run, broker and check.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_RUN_H
#define BROKER_RUN_H

#include <stdbool.h>

struct run_options {
    const char *file;    /* the experiment */
    const char *out;     /* run folder; NULL: runs/NAME-N */
    const char *listen;  /* address of the broker; NULL: chosen */
    bool starts_nothing; /* `tutti broker`: every participant is started by hand */
};

/* Each prints what the user must know and returns the exit status of the program: 0, 1
 * after a failure, 128 + N when signal N stopped it. */
int run_experiment(const struct run_options *options);
int run_check(const struct run_options *options);

#endif
