/* Of which format the synapses of each projection are.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/precision.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"
#include "kernel/rules.h"

size_t precision_receptors(const struct network *network,
                           const struct network_projection *projection,
                           size_t receptors[2])
{
    const struct model *const model = network->populations[projection->to.group].model;
    double smallest, largest;

    rules_weight_bounds(projection, &smallest, &largest);
    receptors[0] = network_receptor(model, smallest);
    receptors[1] = network_receptor(model, largest);
    return receptors[0] == receptors[1] ? 1 : 2;
}

/* The widest kind and the largest weight so far. */
static void widen(const struct network_projection *projection,
                  struct precision_sums *sums, double *weight)
{
    const enum format_sums kind = format_get(projection->precision)->sums;
    double smallest, largest;

    rules_weight_bounds(projection, &smallest, &largest);
    *weight = fmax(*weight, fmax(fabs(smallest), fabs(largest)));
    if (kind < sums->kind)
        sums->kind = kind;
}

/* The smallest power of two that expresses a weight in so many units. */
static double quantum_for(double weight, double units)
{
    int exponent;
    const double fraction = frexp(weight / units, &exponent); /* from 1/2 to 1 */

    if (!(weight > 0.0))
        return 1.0;
    return ldexp(1.0, fraction > 0.5 ? exponent : exponent - 1);
}

static void choose(struct precision *precision, uint32_t population)
{
    const struct network *const network = precision->network;
    double weights[MODEL_MAX_RECEPTORS] = {0};
    struct precision_sums *const sums = precision->sums[population];

    for (size_t i = 0; i < MODEL_MAX_RECEPTORS; i++)
        sums[i].kind = FORMAT_SUMS_KINDS;
    for (size_t i = 0; i < network->projection_count; i++) {
        const struct network_projection *const projection = &network->projections[i];
        size_t receptors[2];
        const size_t count = precision_receptors(network, projection, receptors);

        for (size_t k = 0; projection->to.group == population && k < count; k++)
            widen(projection, &sums[receptors[k]], &weights[receptors[k]]);
    }
    for (size_t i = 0; i < MODEL_MAX_RECEPTORS; i++) {
        if (sums[i].kind == FORMAT_SUMS_LONG)
            sums[i].quantum =
                quantum_for(weights[i], format_get(FORMAT_SINGLE)->largest);
        else if (sums[i].kind == FORMAT_SUMS_INT)
            sums[i].quantum =
                quantum_for(weights[i], format_get(FORMAT_PACKED)->largest);
        else
            sums[i] = (struct precision_sums){.kind = FORMAT_SUMS_DOUBLE};
    }
}

enum tutti_status precision_open(const struct network *network,
                                 struct precision *precision)
{
    *precision = (struct precision){.network = network};
    precision->sums =
        tt_alloc_array(network->population_count, sizeof *precision->sums);
    if (!precision->sums)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu populations",
                    network->population_count);
    for (size_t i = 0; i < network->population_count; i++)
        choose(precision, (uint32_t)i);
    return TUTTI_OK;
}

void precision_free(struct precision *precision)
{
    free(precision->sums);
    *precision = (struct precision){0};
}

enum tutti_status precision_write(const struct network *network, struct tt_text *text)
{
    struct precision precision;
    const enum tutti_status status = precision_open(network, &precision);

    for (size_t i = 0; i < network->population_count && status == TUTTI_OK; i++) {
        const struct model *const model = network->populations[i].model;

        for (size_t k = 0; k < model->receptor_count; k++)
            if (precision.sums[i][k].quantum > 0.0)
                tt_text_add(text,
                            "weights onto receptor %s of %s are multiples of %.9g %s\n",
                            model->receptors[k].name, network->populations[i].name,
                            precision.sums[i][k].quantum, model->receptors[k].unit);
    }
    precision_free(&precision);
    return status;
}

enum format_id precision_format(const struct precision *precision,
                                const struct network_projection *projection,
                                size_t receptor)
{
    switch (precision->sums[projection->to.group][receptor].kind) {
    case FORMAT_SUMS_LONG:
        return FORMAT_SINGLE;
    case FORMAT_SUMS_INT:
        return FORMAT_PACKED;
    default:
        return projection->precision == FORMAT_SHARED ? FORMAT_SHARED : FORMAT_EXACT;
    }
}
