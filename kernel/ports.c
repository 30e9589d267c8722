/* The ports of a part of a network.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/ports.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network.h"
#include "kernel/part.h"

static bool is_input(const struct network *network, const struct part *part,
                     uint32_t group)
{
    if (group >= network->population_count)
        return true;
    return !part_is_whole(part, network, group) &&
           network_smallest_delay(network, group) >= 0;
}

static bool has_cell(const struct part *part, const struct network *network,
                     const struct network_signal *signal)
{
    const struct part_range *const range = &part->ranges[signal->population];

    return network_is_current(network, signal->population) ||
           (range->begin < signal->end && signal->begin < range->end);
}

static void list_signals(const struct network *network, const struct part *part,
                         struct ports_port *ports, size_t *count)
{
    for (size_t i = 0; i < network->signal_count; i++) {
        const struct network_signal *const signal = &network->signals[i];

        if (has_cell(part, network, signal))
            ports[(*count)++] = (struct ports_port){
                .name = signal->name,
                .group = signal->population,
                .signal = signal,
                .is_output = true,
                .width = (uint32_t)signal->state_count * (signal->end - signal->begin)};
    }
}

enum tutti_status ports_list(const struct network *network, const struct part *part,
                             struct ports_port **ports, size_t *count)
{
    const size_t groups = network_group_count(network);
    const size_t most = 2 * groups + network->signal_count;

    *count = 0;
    *ports = tt_alloc_array(most, sizeof **ports);
    if (!*ports)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu ports", most);
    for (uint32_t group = 0; group < groups; group++) {
        if (network_is_current(network, group))
            continue;
        struct ports_port port = {.name = network_group_name(network, group),
                                  .group = group,
                                  .width = network_group_size(network, group)};

        if (group < network->population_count &&
            part->ranges[group].begin < part->ranges[group].end) {
            port.is_output = true;
            (*ports)[(*count)++] = port;
        }
        if (is_input(network, part, group)) {
            const int64_t delay = network_smallest_delay(network, group);

            port.is_output = false;
            port.own_delay = delay > 0 ? delay : 0;
            (*ports)[(*count)++] = port;
        }
    }
    list_signals(network, part, *ports, count);
    return TUTTI_OK;
}

enum tutti_status ports_write(const struct network *network, const struct part *part,
                              struct tt_text *json)
{
    struct ports_port *ports;
    size_t count;

    TRY(ports_list(network, part, &ports, &count));
    tt_text_add(json,
                "{\"step\": {\"ns\": %" PRId64 ", \"divisor\": 1},\n"
                " \"convention\": \"up_to\",\n"
                " \"ports\": [",
                network->step);
    for (size_t i = 0; i < count; i++) {
        tt_text_add(json,
                    "%s\n  {\"name\": \"%s\", \"direction\": \"%s\", \"kind\": "
                    "\"%s\", \"width\": %" PRIu32 ", \"own_delay\": %" PRId64
                    ", \"at_step_ends\": %s",
                    i ? "," : "", ports[i].name, ports[i].is_output ? "out" : "in",
                    ports[i].signal ? "signal" : "spikes", ports[i].width,
                    ports[i].own_delay * network->step,
                    ports[i].is_output ? "true" : "false");
        if (ports[i].signal)
            tt_text_add(json, ", \"unit\": \"%s\"", ports[i].signal->unit);
        tt_text_add(json, "}");
    }
    tt_text_add(json, "\n ]}\n");
    free(ports);
    if (json->is_cut)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the list of %zu ports", count);
    return TUTTI_OK;
}
