/* Any bytes are a network or a sentence with a place; a small network also runs.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/quantity.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/ports.h"
#include "kernel/simulation.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void run(const struct network *network)
{
    const double small = 1e6; /* bytes: larger networks are slow, not interesting */
    struct simulation *simulation = NULL;
    struct tt_text json = {0};
    struct part part;

    if (part_open(network, NULL, 0, &part) == TUTTI_OK &&
        ports_write(network, &part, &json) == TUTTI_OK &&
        part_check_memory(&part, network, small) == TUTTI_OK &&
        simulation_open(network, &part, &simulation) == TUTTI_OK)
        for (int step = 0; step < 5; step++)
            if (simulation_advance(simulation) != TUTTI_OK)
                abort();
    simulation_close(&simulation);
    tt_text_free(&json);
    part_free(&part);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct tt_units *units; /* read once, for speed */
    struct network network;

    if (!units && tt_units_open(&units) != TUTTI_OK)
        abort();
    if (network_parse("fuzz.yaml", (const char *)bytes, size, units, &network) ==
        TUTTI_OK)
        run(&network);
    else if (!strstr(tutti_last_error(), "fuzz.yaml:"))
        abort(); /* a sentence without its place */
    network_free(&network);
    return 0;
}
