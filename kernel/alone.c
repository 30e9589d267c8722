/* A network that runs by itself: the loop, what it says meanwhile and at its end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/alone.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "config/quantity.h"
#include "kernel/all_fired.h"
#include "kernel/exchange.h"
#include "kernel/network.h"
#include "kernel/part.h"
#include "kernel/precision.h"
#include "kernel/recording.h"
#include "kernel/signals.h"
#include "kernel/simulation.h"
#include "kernel/state.h"
#include "kernel/statistics.h"
#include "kernel/weights.h"

#define LOOK_INTERVAL                                                                  \
    (100 * TT_MILLISECOND) /* of wall time: progress, flush, signals */

struct alone {
    const struct network *network;
    const struct part *part;
    struct exchange *exchange;
    struct simulation *simulation;
    struct all_fired fired;
    struct recording *recording;   /* NULL: nothing is recorded */
    struct statistics *statistics; /* one for each population; empty without spikes */
    int64_t first_step, last_step; /* done before the run, and after it */
    int64_t opened, began, next_look; /* wall time */
};

/* --- before ---------------------------------------------------------------------- */

static enum tutti_status read_duration(const struct network *network, const char *text,
                                       int64_t *steps)
{
    int64_t duration;
    char step[TT_TIME_TEXT], below[TT_TIME_TEXT], above[TT_TIME_TEXT];

    if (tt_time_parse(text, &duration) != TUTTI_OK)
        return FAIL(TUTTI_BAD_CONFIG, "--duration: %s", tutti_last_error());
    if (duration <= 0)
        return FAIL(TUTTI_BAD_CONFIG, "--duration is '%s', must be above 0 s", text);
    *steps = duration / network->step;
    if (duration % network->step == 0)
        return TUTTI_OK;
    tt_time_text((struct tutti_time){network->step}, step);
    tt_time_text((struct tutti_time){*steps * network->step}, below);
    tt_time_text((struct tutti_time){(*steps + 1) * network->step}, above);
    return FAIL(TUTTI_BAD_CONFIG,
                "--duration is '%s', not a multiple of the step %s; the nearest that "
                "fit are %s and %s",
                text, step, below, above);
}

static enum tutti_status open_statistics(struct alone *alone)
{
    const struct network *const network = alone->network;

    alone->statistics =
        tt_alloc_array(network->population_count, sizeof *alone->statistics);
    if (!alone->statistics)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the statistics of %zu populations",
                    network->population_count);
    for (size_t i = 0; i < network->population_count; i++)
        if (!network_is_current(network, (uint32_t)i))
            TRY(statistics_open(network->populations[i].size, &alone->statistics[i]));
    return TUTTI_OK;
}

static enum tutti_status set_up(struct alone *alone,
                                const struct alone_settings *settings)
{
    int64_t steps;

    alone->opened = tt_clock_now();
    TRY(read_duration(alone->network, settings->duration, &steps));
    if (settings->weights)
        TRY(weights_check(alone->network));
    TRY(open_statistics(alone));
    TRY(simulation_open_rank(alone->network, alone->part, settings->threads,
                             alone->exchange, &alone->simulation));
    if (settings->restore)
        TRY(state_restore(alone->simulation, settings->restore));
    alone->first_step = simulation_step(alone->simulation);
    alone->last_step = alone->first_step + steps;
    alone->fired.simulation = alone->simulation;
    if (settings->out)
        TRY(recording_open(&(struct recording_source){.network = alone->network,
                                                      .part = alone->part,
                                                      .simulation = alone->simulation,
                                                      .exchange = alone->exchange,
                                                      .fired = &alone->fired},
                           settings->out, settings->record, &alone->recording));
    return TUTTI_OK;
}

/* --- meanwhile ------------------------------------------------------------------- */

static bool is_first(const struct alone *alone)
{
    return exchange_rank(alone->exchange) == 0;
}

static int64_t time_now(const struct alone *alone)
{
    return simulation_step(alone->simulation) * alone->network->step;
}

/* Of this run, which may have begun from a saved state. */
static int64_t time_simulated(const struct alone *alone)
{
    return time_now(alone) - alone->first_step * alone->network->step;
}

static void show_progress(const struct alone *alone, int64_t now)
{
    const double done =
        (double)(simulation_step(alone->simulation) - alone->first_step) /
        (double)(alone->last_step - alone->first_step);
    const double wall = (double)(now - alone->began) * 1e-9;

    if (isatty(STDERR_FILENO) && is_first(alone))
        fprintf(stderr, "\r%5.1f %%  %.15g ms, real-time factor %.3g, %.0f s left   ",
                100.0 * done, (double)time_now(alone) * 1e-6,
                wall / ((double)time_simulated(alone) * 1e-9), wall / done - wall);
}

static enum tutti_status check_stop(const struct alone *alone, const sigset_t *stops)
{
    const struct timespec at_once = {0};
    const int number = sigtimedwait(stops, NULL, &at_once);
    char time[TT_TIME_TEXT];

    if (number < 0)
        return TUTTI_OK;
    return FAIL(TUTTI_SYSTEM, "stopped by a signal (%s) after %s%s", strsignal(number),
                tt_time_text((struct tutti_time){time_now(alone)}, time),
                alone->recording ? "; the recording is complete up to there" : "");
}

static enum tutti_status look_around(struct alone *alone, const sigset_t *stops)
{
    const int64_t now = tt_clock_now();

    if (now < alone->next_look)
        return TUTTI_OK;
    alone->next_look = now + LOOK_INTERVAL;
    show_progress(alone, now);
    if (alone->recording)
        TRY(recording_flush(alone->recording));
    return check_stop(alone, stops);
}

static enum tutti_status count_spikes(struct alone *alone, int64_t step)
{
    for (uint32_t i = 0; i < alone->network->population_count; i++) {
        const uint32_t *cells;
        size_t count;

        if (network_is_current(alone->network, i))
            continue;
        TRY(all_fired_get(&alone->fired, step, i, &count, &cells));
        statistics_add(&alone->statistics[i], step, count, cells);
    }
    return TUTTI_OK;
}

/* Up to the next sample of a signal at most. */
static enum tutti_status run_piece(struct alone *alone)
{
    struct simulation *const simulation = alone->simulation;

    TRY(simulation_run(simulation,
                       signals_next_step(alone->network, simulation_step(simulation),
                                         alone->last_step)));
    TRY(all_fired_take(&alone->fired));
    for (int64_t step = simulation_first_step(simulation);
         step <= simulation_step(simulation) && is_first(alone); step++)
        TRY(count_spikes(alone, step));
    return alone->recording ? recording_take(alone->recording) : TUTTI_OK;
}

static enum tutti_status run(struct alone *alone)
{
    enum tutti_status status = TUTTI_OK;
    sigset_t stops;

    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigprocmask(SIG_BLOCK, &stops, NULL);
    alone->began = tt_clock_now();
    while (status == TUTTI_OK &&
           simulation_step(alone->simulation) < alone->last_step) {
        status = run_piece(alone);
        if (status == TUTTI_OK)
            status = look_around(alone, &stops);
    }
    if (isatty(STDERR_FILENO) && is_first(alone))
        fprintf(stderr, "\r%70s\r", "");
    return status;
}

/* --- after ----------------------------------------------------------------------- */

static void print_population(const struct alone *alone, size_t index)
{
    const struct network_population *const population =
        &alone->network->populations[index];
    const struct statistics *const statistics = &alone->statistics[index];
    const double irregularity = statistics_irregularity(statistics);

    printf("%-16s %10" PRIu32 " %12" PRIu64 " %12.4g ", population->name,
           population->size, statistics->spikes,
           statistics_rate(statistics, time_simulated(alone)));
    if (isnan(irregularity))
        printf("%8s\n", "-");
    else
        printf("%8.3f\n", irregularity);
}

static void print_end(const struct alone *alone, int64_t ended)
{
    const double wall = (double)(ended - alone->began) * 1e-9;
    struct tt_text rounding = {0};
    char time[TT_TIME_TEXT];

    if (time_simulated(alone) == 0 || !is_first(alone))
        return;
    printf("%-16s %10s %12s %12s %8s\n", "population", "cells", "spikes", "rate (1/s)",
           "CV");
    for (size_t i = 0; i < alone->network->population_count; i++)
        if (!network_is_current(alone->network, (uint32_t)i))
            print_population(alone, i);
    if (precision_write(alone->network, &rounding) == TUTTI_OK)
        fputs(tt_text_get(&rounding), stdout);
    tt_text_free(&rounding);
    printf("%s simulated in %.3g s: real-time factor %.3g; built in %.3g s\n",
           tt_time_text((struct tutti_time){time_simulated(alone)}, time), wall,
           wall / ((double)time_simulated(alone) * 1e-9),
           (double)(alone->began - alone->opened) * 1e-9);
    if (alone->recording)
        printf("recorded in %s\n", recording_path(alone->recording));
    fflush(stdout);
}

/* The file becomes whole also when the run failed, whose sentence then stays. */
static enum tutti_status end_recording(struct alone *alone, enum tutti_status status)
{
    char *const sentence = status == TUTTI_OK ? NULL : tt_copy_text(tutti_last_error());
    const enum tutti_status finished = recording_finish(alone->recording);

    if (status == TUTTI_OK)
        return finished;
    tt_set_error("%s", sentence ? sentence : "the run failed");
    free(sentence);
    return status;
}

enum tutti_status alone_run(const struct network *network, const struct part *part,
                            const struct alone_settings *settings,
                            struct exchange *exchange)
{
    struct alone alone = {.network = network, .part = part, .exchange = exchange};
    enum tutti_status status = set_up(&alone, settings);

    if (status == TUTTI_OK) {
        status = run(&alone);
        if (status == TUTTI_OK && settings->save)
            status = state_save(alone.simulation, settings->save);
        if (status == TUTTI_OK && settings->weights)
            status =
                weights_write(network, alone.simulation, exchange, settings->weights);
        print_end(&alone, tt_clock_now());
        if (alone.recording)
            status = end_recording(&alone, status);
    }
    recording_close(&alone.recording);
    all_fired_free(&alone.fired);
    simulation_close(&alone.simulation);
    for (size_t i = 0; alone.statistics && i < network->population_count; i++)
        statistics_free(&alone.statistics[i]);
    free(alone.statistics);
    return status;
}
