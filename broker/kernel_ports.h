/* What a kernel participant will declare, asked of tutti-kernel before anything is
 * started. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_KERNEL_PORTS_H
#define BROKER_KERNEL_PORTS_H

#include "broker/experiment.h"

/* The words that start a kernel participant, "--ports" among them for `only_ports`;
 * freed with words_free(). */
enum tutti_status kernel_ports_words(const struct experiment_participant *participant,
                                     bool only_ports, char ***words);

/* A declaration that owns its ports. */
struct kernel_ports {
    struct tt_declare declare;
    struct tt_document *document;
    struct tt_port *ports;
};

/* Runs `tutti-kernel --ports`. TUTTI_BAD_CONFIG with what it said about the network
 * file, or TUTTI_SYSTEM when it cannot be run. Ended by kernel_ports_free(). */
enum tutti_status kernel_ports_ask(const struct experiment *experiment,
                                   size_t participant, struct kernel_ports *ports);
void kernel_ports_free(struct kernel_ports *ports);

/* The folder of our own programs, freed with free(); NULL when the system does not say.
 */
char *kernel_ports_folder(void);

#endif
