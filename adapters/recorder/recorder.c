/* Takes part in the run, and writes what the experiment records.
 * SPDX-License-Identifier: Apache-2.0 */
#include "adapters/recorder/recorder.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapters/recorder/track.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "store/store.h"

/* Wall time from flush to flush; a wait without anything to flush may take longer. */
#define FLUSH_INTERVAL (10 * TT_MILLISECOND)
#define IDLE_INTERVAL (100 * TT_MILLISECOND)

struct recorder {
    struct tutti_participant *me;
    struct tt_store *store;
    struct track *tracks;
    size_t track_count;
    uint32_t *ids; /* of the spikes of a window, at their source */
    size_t ids_room;
    struct tutti_time complete;
    int64_t next_flush; /* wall time */
    bool is_unflushed;
};

/* --- before the run ------------------------------------------------------------- */

static enum tutti_status declare(struct recorder *recorder)
{
    const struct tutti_source *sources;
    size_t count, i;

    TRY(tutti_sources(recorder->me, &sources, &count));
    TRY(tracks_make(sources, count, &recorder->tracks, &recorder->track_count));
    for (i = 0; i < recorder->track_count; i++) {
        struct track *track = &recorder->tracks[i];

        if (track->kind == TUTTI_SPIKES)
            TRY(tutti_spike_input(recorder->me, track->input, track->width,
                                  &track->port));
        else
            TRY(tutti_signal_input(recorder->me, track->input, track->width,
                                   track->unit, &track->port));
    }
    return TUTTI_OK;
}

static enum tutti_status join(struct recorder *recorder)
{
    const struct tutti_step no_step = {1, 1};

    TRY(tutti_join(NULL, NULL, &recorder->me));
    TRY(tutti_set_step(recorder->me, no_step, TUTTI_UP_TO));
    TRY(declare(recorder));
    return tutti_start(recorder->me);
}

/* Of the file `name` in the run's folder; in the working folder without one. */
static void run_path(const struct recorder *recorder, const char *name,
                     struct tt_text *path)
{
    const char *folder = tutti_run_folder(recorder->me);

    tt_text_add(path, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
}

/* The launcher's copy of the experiment file; a recorder started by hand has none. */
static void read_experiment(const struct recorder *recorder, struct tt_text *experiment)
{
    struct tt_text path = {0};
    char part[4096];
    FILE *file;

    run_path(recorder, "experiment.yaml", &path);
    file = tutti_run_folder(recorder->me) ? fopen(tt_text_get(&path), "r") : NULL;
    while (file && fgets(part, sizeof part, file))
        tt_text_add(experiment, "%s", part);
    if (file)
        fclose(file);
    tt_text_free(&path);
}

static enum tutti_status create_store(struct recorder *recorder)
{
    struct tt_text path = {0}, experiment = {0};
    enum tutti_status status;

    run_path(recorder, "recording.h5", &path);
    read_experiment(recorder, &experiment);
    if (path.is_cut || experiment.is_cut)
        status = FAIL(TUTTI_NO_MEMORY, "no memory for the text of the experiment");
    else
        status = tt_store_create(tt_text_get(&path), tt_text_get(&experiment),
                                 &recorder->store);
    tt_text_free(&experiment);
    tt_text_free(&path);
    return status;
}

static enum tutti_status open_store(struct recorder *recorder)
{
    size_t i;

    TRY(create_store(recorder));
    for (i = 0; i < recorder->track_count; i++) {
        struct track *track = &recorder->tracks[i];
        const struct tt_report_shape shape = {track->width, track->ids, track->unit,
                                              track->step};

        if (track->kind == TUTTI_SPIKES)
            TRY(tt_store_add_spikes(recorder->store, track->name, &track->spikes));
        else
            TRY(tt_store_add_report(recorder->store, track->name, &shape,
                                    &track->report));
    }
    return tt_store_begin(recorder->store);
}

/* --- the run -------------------------------------------------------------------- */

static enum tutti_status record_spikes(struct recorder *recorder,
                                       const struct track *track)
{
    const struct tutti_time *due;
    const uint32_t *indices;
    const size_t count = tutti_spikes(track->port, &due, &indices);
    size_t i;

    TRY(tt_grow(&recorder->ids, &recorder->ids_room, count, sizeof *recorder->ids));
    for (i = 0; i < count; i++)
        recorder->ids[i] = track->ids[indices[i]];
    return tt_store_put_spikes(track->spikes, count, due, recorder->ids);
}

static enum tutti_status record_samples(const struct track *track)
{
    const struct tutti_time *due;
    const double *values;
    const size_t count = tutti_signal_samples(track->port, &due, &values);

    return tt_store_put_samples(track->report, count, due, values);
}

static enum tutti_status record_window(struct recorder *recorder,
                                       const struct tutti_window *window)
{
    size_t i;

    for (i = 0; i < recorder->track_count; i++) {
        const struct track *track = &recorder->tracks[i];

        if (track->kind == TUTTI_SPIKES)
            TRY(record_spikes(recorder, track));
        else
            TRY(record_samples(track));
    }
    recorder->complete = window->end;
    recorder->is_unflushed = true;
    tt_store_complete(recorder->store, window->end);
    return TUTTI_OK;
}

static enum tutti_status flush_when_due(struct recorder *recorder)
{
    const int64_t now = tt_clock_now();

    if (!recorder->is_unflushed || now < recorder->next_flush)
        return TUTTI_OK;
    TRY(tt_store_flush(recorder->store));
    recorder->is_unflushed = false;
    recorder->next_flush = now + FLUSH_INTERVAL;
    return TUTTI_OK;
}

static enum tutti_status check_stop(const struct recorder *recorder,
                                    const sigset_t *stops)
{
    const struct timespec at_once = {0};
    const int number = sigtimedwait(stops, NULL, &at_once);
    char time[TT_TIME_TEXT];

    if (number < 0)
        return TUTTI_OK;
    return FAIL(TUTTI_SYSTEM,
                "the recorder was stopped by a signal (%s); the recording is complete "
                "up to %s; leave out 'record' to run without it",
                strsignal(number), tt_time_text(recorder->complete, time));
}

static enum tutti_status record(struct recorder *recorder, const sigset_t *stops)
{
    for (;;) {
        const struct tutti_time limit = {recorder->is_unflushed ? FLUSH_INTERVAL
                                                                : IDLE_INTERVAL};
        struct tutti_window window;
        const enum tutti_status status =
            tutti_advance_within(recorder->me, limit, &window);

        if (status == TUTTI_OK)
            TRY(record_window(recorder, &window));
        else if (status != TUTTI_AGAIN)
            return status;
        TRY(flush_when_due(recorder));
        TRY(check_stop(recorder, stops));
    }
}

/* --- after the run -------------------------------------------------------------- */

/* The launcher shows these lines. */
static void print_counts(const struct recorder *recorder)
{
    size_t i;

    for (i = 0; i < recorder->track_count; i++) {
        const struct track *track = &recorder->tracks[i];

        if (track->kind == TUTTI_SPIKES)
            printf("recorded %s: %" PRIu64 " spikes\n", track->name,
                   tt_spike_record_count(track->spikes));
        else
            printf("recorded %s: %" PRIu64 " samples of %" PRIu32 " values\n",
                   track->name, tt_report_count(track->report), track->width);
    }
    fflush(stdout);
}

/* From here on a signal may not end the process: the file comes first. */
static enum tutti_status record_to_file(struct recorder *recorder)
{
    enum tutti_status status, ended;
    char *sentence = NULL;
    sigset_t stops;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    TRY(open_store(recorder));
    status = record(recorder, &stops);
    if (status != TUTTI_END)
        sentence = tt_copy_text(tutti_last_error());
    print_counts(recorder);
    ended = tt_store_finish(recorder->store);
    if (status == TUTTI_END)
        return ended;
    tt_set_error("%s", sentence ? sentence : "the run failed");
    free(sentence);
    return status;
}

enum tutti_status recorder_run(void)
{
    struct recorder recorder = {0};
    enum tutti_status status = join(&recorder);

    if (status == TUTTI_OK)
        status = record_to_file(&recorder);
    tt_store_close(&recorder.store);
    /* Others are told what happened here, not what they told us. */
    if (status == TUTTI_OK || status == TUTTI_LOST || !recorder.me)
        tutti_leave(&recorder.me);
    else
        tutti_abort(&recorder.me, tutti_last_error());
    tracks_free(&recorder.tracks, &recorder.track_count);
    free(recorder.ids);
    return status;
}
