/* The recording of a network that runs alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/recording.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "kernel/all_fired.h"
#include "kernel/exchange.h"
#include "kernel/network.h"
#include "kernel/ports.h"
#include "kernel/signals.h"
#include "kernel/simulation.h"
#include "store/store.h"

struct track {
    bool is_wanted;
    /* One of the two is set in the rank that has the file. */
    struct tt_spike_record *spikes;
    struct tt_report *report;
};

struct recording {
    struct recording_source source;
    struct signals *signals;
    struct ports_port *ports;
    struct track *tracks; /* one for each port */
    size_t port_count;
    struct tt_text path;
    struct tt_store *store;
    struct tutti_time *stamps; /* of the spikes of one step */
    size_t stamp_room;
};

/* --- what is recorded ------------------------------------------------------------ */

static enum tutti_status unknown_port(const struct recording *recording,
                                      const char *name)
{
    const char **const known = tt_alloc_array(recording->port_count, sizeof *known);
    const char *nearest;
    size_t count = 0;

    if (!known)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu ports", recording->port_count);
    for (size_t i = 0; i < recording->port_count; i++)
        if (recording->ports[i].is_output)
            known[count++] = recording->ports[i].name;
    nearest = tt_nearest_word(name, known, count);
    if (nearest)
        tt_set_error("--record: unknown population or signal '%s'; did you mean '%s'?",
                     name, nearest);
    else
        tt_set_error("--record: unknown population or signal '%s'; tutti-kernel "
                     "--ports lists what there is",
                     name);
    free(known);
    return TUTTI_BAD_CONFIG;
}

static enum tutti_status mark_name(struct recording *recording, const char *name)
{
    for (size_t i = 0; i < recording->port_count; i++)
        if (recording->ports[i].is_output &&
            strcmp(recording->ports[i].name, name) == 0) {
            recording->tracks[i].is_wanted = true;
            return TUTTI_OK;
        }
    return unknown_port(recording, name);
}

static enum tutti_status mark_names(struct recording *recording, const char *names)
{
    char *const copy = tt_copy_text(names);
    enum tutti_status status = TUTTI_OK;
    char *rest;

    if (!copy)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the names '%s'", names);
    for (char *name = strtok_r(copy, ", ", &rest); name && status == TUTTI_OK;
         name = strtok_r(NULL, ", ", &rest))
        status = mark_name(recording, name);
    free(copy);
    return status;
}

static enum tutti_status add_report(struct recording *recording, size_t index,
                                    const char *name)
{
    const struct ports_port *const port = &recording->ports[index];
    uint32_t *const ids = tt_alloc_array(port->width, sizeof *ids);
    enum tutti_status status;

    if (!ids)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record '%s'", name);
    for (uint32_t i = 0; i < port->width; i++)
        ids[i] = i;
    status = tt_store_add_report(
        recording->store, name,
        &(struct tt_report_shape){.width = port->width,
                                  .ids = ids,
                                  .unit = port->signal->unit,
                                  .step = {recording->source.network->step, 1}},
        &recording->tracks[index].report);
    free(ids);
    return status;
}

static enum tutti_status add_track(struct recording *recording, size_t index)
{
    struct tt_text name = {0};
    enum tutti_status status;

    tt_text_add(&name, "%s.%s", recording->source.network->name,
                recording->ports[index].name);
    if (name.is_cut)
        status = FAIL(TUTTI_NO_MEMORY, "no memory to record '%s'",
                      recording->ports[index].name);
    else if (recording->ports[index].signal)
        status = add_report(recording, index, tt_text_get(&name));
    else
        status = tt_store_add_spikes(recording->store, tt_text_get(&name),
                                     &recording->tracks[index].spikes);
    tt_text_free(&name);
    return status;
}

static enum tutti_status add_tracks(struct recording *recording)
{
    for (size_t i = 0; i < recording->port_count; i++)
        if (recording->tracks[i].is_wanted)
            TRY(add_track(recording, i));
    return TUTTI_OK;
}

static enum tutti_status choose(struct recording *recording, const char *names)
{
    if (names)
        return mark_names(recording, names);
    for (size_t i = 0; i < recording->port_count; i++)
        recording->tracks[i].is_wanted = recording->ports[i].is_output;
    return TUTTI_OK;
}

/* --- opening --------------------------------------------------------------------- */

static enum tutti_status create_file(struct recording *recording, const char *folder)
{
    const struct network *const network = recording->source.network;

    if (strchr(network->name, '/'))
        return FAIL(TUTTI_BAD_CONFIG,
                    "the network is called '%s', and names in a recording have no '/'; "
                    "rename it",
                    network->name);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return FAIL(TUTTI_SYSTEM, "cannot make the folder '%s': %s", folder,
                    strerror(errno));
    tt_text_add(&recording->path, "%s/recording.h5", folder);
    if (recording->path.is_cut)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the path of the recording");
    return tt_store_create(tt_text_get(&recording->path),
                           tt_document_text(network->document, NULL),
                           &recording->store);
}

static enum tutti_status fill(struct recording *recording, const char *folder,
                              const char *names)
{
    const struct recording_source *const source = &recording->source;

    TRY(ports_list(source->network, source->part, &recording->ports,
                   &recording->port_count));
    recording->tracks = tt_alloc_array(recording->port_count, sizeof(struct track));
    if (!recording->tracks)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu ports", recording->port_count);
    TRY(signals_open(source->network, source->part, source->simulation,
                     &recording->signals));
    TRY(choose(recording, names));
    if (exchange_rank(source->exchange) != 0)
        return TUTTI_OK;
    TRY(create_file(recording, folder));
    TRY(add_tracks(recording));
    return tt_store_begin(recording->store);
}

enum tutti_status recording_open(const struct recording_source *source,
                                 const char *folder, const char *names,
                                 struct recording **recording)
{
    enum tutti_status status;

    *recording = tt_alloc(sizeof **recording);
    if (!*recording)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the recording");
    (*recording)->source = *source;
    status = fill(*recording, folder, names);
    if (status != TUTTI_OK)
        recording_close(recording);
    return status;
}

void recording_close(struct recording **recording)
{
    struct recording *const it = *recording;

    if (!it)
        return;
    tt_store_close(&it->store);
    signals_close(&it->signals);
    tt_text_free(&it->path);
    free(it->ports);
    free(it->tracks);
    free(it->stamps);
    free(it);
    *recording = NULL;
}

const char *recording_path(const struct recording *recording)
{
    return tt_text_get(&recording->path);
}

/* --- the run --------------------------------------------------------------------- */

static enum tutti_status take_spikes(struct recording *recording, size_t index,
                                     int64_t step)
{
    const struct recording_source *const source = &recording->source;
    const uint32_t *cells;
    size_t count;

    TRY(all_fired_get(source->fired, step, recording->ports[index].group, &count,
                      &cells));
    TRY(tt_grow(&recording->stamps, &recording->stamp_room, count,
                sizeof *recording->stamps));
    for (size_t i = 0; i < count; i++)
        recording->stamps[i] = (struct tutti_time){step * source->network->step};
    return count ? tt_store_put_spikes(recording->tracks[index].spikes, count,
                                       recording->stamps, cells)
                 : TUTTI_OK;
}

static enum tutti_status take_sample(struct recording *recording, size_t index,
                                     struct tutti_time now)
{
    struct tt_report *const report = recording->tracks[index].report;
    const struct network_signal *const signal = recording->ports[index].signal;
    const double *values;

    if (!signals_are_due(recording->signals, signal))
        return TUTTI_OK;
    TRY(signals_share(recording->signals, recording->source.exchange, signal, &values));
    return report ? tt_store_put_samples(report, 1, &now, values) : TUTTI_OK;
}

enum tutti_status recording_take(struct recording *recording)
{
    const struct simulation *const simulation = recording->source.simulation;
    const int64_t last = simulation_step(simulation);
    const struct tutti_time now = {last * recording->source.network->step};

    for (size_t i = 0; i < recording->port_count; i++) {
        if (recording->tracks[i].spikes)
            for (int64_t step = simulation_first_step(simulation); step <= last; step++)
                TRY(take_spikes(recording, i, step));
        if (recording->tracks[i].is_wanted && recording->ports[i].signal)
            TRY(take_sample(recording, i, now));
    }
    if (recording->store)
        tt_store_complete(recording->store, now);
    return TUTTI_OK;
}

enum tutti_status recording_flush(struct recording *recording)
{
    return recording->store ? tt_store_flush(recording->store) : TUTTI_OK;
}

enum tutti_status recording_finish(struct recording *recording)
{
    return recording->store ? tt_store_finish(recording->store) : TUTTI_OK;
}
