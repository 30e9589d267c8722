/* Any bytes are an experiment or a sentence, and what is one can be wired and freed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/experiment.h"
#include "broker/wiring.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Wires what the file states of its ports. */
static void wire(const struct experiment *experiment, const struct tt_units *units)
{
    const size_t count = experiment->participant_count;
    const struct tt_declare **declared = calloc(count, sizeof *declared);
    struct tt_declare *stated = calloc(count, sizeof *stated);
    struct tt_port **ports = calloc(count, sizeof *ports);
    struct wiring wiring;

    for (size_t i = 0; i < count; i++) {
        ports[i] = calloc(experiment->participants[i].port_count + 1, sizeof **ports);
        declared[i] = wiring_stated(&experiment->participants[i], ports[i], &stated[i]);
    }
    if (wiring_resolve(experiment, units, declared, &wiring) == TUTTI_OK)
        wiring_free(&wiring);
    for (size_t i = 0; i < count; i++)
        free(ports[i]);
    free(ports);
    free(stated);
    free(declared);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct tt_units *units; /* read once, for speed */
    struct experiment *experiment;

    if (!units && tt_units_open(&units) != TUTTI_OK)
        abort();
    if (experiment_parse("fuzz.yaml", (const char *)bytes, size, &experiment) ==
        TUTTI_OK) {
        wire(experiment, units);
        experiment_free(&experiment);
    } else if (!strstr(tutti_last_error(), "fuzz.yaml:")) {
        abort(); /* a sentence without its place */
    }
    return 0;
}
