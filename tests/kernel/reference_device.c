/* Generators against NEST: those without randomness by the cell that they drive, sample
 * by sample; the others by their statistics, of which NEST's file is one sample too.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "kernel/model.h"
#include "kernel/network.h"
#include "kernel/simulation.h"
#include "models/models.h"
#include "piece.h"
#include "reference_case.h"

/* Two samples differ by so many standard errors of their difference once in 16,000. */
static const double ERRORS = 4.0;

struct device {
    const struct model *model;
    const json_t *parameters;
    struct piece piece;
    double step_ms;
    long steps;
};

/* A population G of `size` generators, behind what every file begins with. */
static void write_generators(const struct device *device, double size,
                             struct tt_text *text)
{
    bool is_first = true;

    tt_text_add(text,
                "network: reference\nseed: 1\nstep: %.10g ms\npopulations:\n"
                "  G: {model: %s, size: %.0f, parameters: {",
                device->step_ms, device->model->name, size);
    for (size_t i = 0; i < device->model->parameter_count; i++) {
        const struct model_parameter *const one = &device->model->parameters[i];

        if (!json_object_get(device->parameters, one->name))
            continue;
        tt_text_add(text, "%s%s: %.17g %s", is_first ? "" : ", ", one->name,
                    reference_number(device->parameters, one->name), one->unit);
        is_first = false;
    }
    tt_text_add(text, "}}\n");
}

/* One cell of the target's model for each generator, joined one by one. */
static void write_targets(const json_t *target, double size, double delay_ms,
                          struct tt_text *text)
{
    tt_text_add(text,
                "  E: {model: %s, size: %.0f%s}\n"
                "projections:\n"
                "- {name: p, from: G, to: E, rule: one_to_one, weight: 1, delay: %.10g "
                "ms}\n",
                json_string_value(json_object_get(target, "model")), size,
                json_object_get(target, "V_th") ? ", parameters: {V_th: 1e6 mV}" : "",
                delay_ms);
}

static bool open_device(const struct tt_text *text, struct device *device)
{
    return piece_parse(tt_text_get(text), &device->piece.network) == TUTTI_OK &&
           part_open(&device->piece.network, NULL, 0, &device->piece.part) ==
               TUTTI_OK &&
           simulation_open(&device->piece.network, &device->piece.part,
                           &device->piece.simulation) == TUTTI_OK;
}

/* The cell of population 1, sample by sample and spike by spike. */
static struct reference_outcome compare_cell(struct device *device, const json_t *one)
{
    const json_t *const expect = json_object_get(one, "expect");
    const json_t *const spikes = json_object_get(expect, "spike_times_ms");
    const json_t *const samples = json_object_get(expect, "V_m");
    const double V_abs = reference_number(json_object_get(one, "tolerance"), "V_abs");
    const long every =
        lround(reference_number(one, "record_interval_ms") / device->step_ms);
    size_t seen = 0;

    for (long step = 1; step <= device->steps; step++) {
        const double now_ms = (double)step * device->step_ms;
        const uint32_t *cells;
        double v;

        if (simulation_advance(device->piece.simulation) != TUTTI_OK)
            return reference_failed("%s", tutti_last_error());
        if (simulation_spikes(device->piece.simulation, 1, &cells) > 0 &&
            fabs(reference_item(spikes, seen++) - now_ms) > 1e-6)
            return reference_failed("a spike at %.10g ms", now_ms);
        v = *simulation_state(device->piece.simulation, 1, 0);
        if (step % every == 0 &&
            !(fabs(v - reference_item(samples, (size_t)(step / every) - 1)) <= V_abs))
            return reference_failed("V_m at %.10g ms is %.12g mV", now_ms, v);
    }
    if (seen != json_array_size(spikes))
        return reference_failed("%zu spikes instead of %zu", seen,
                                json_array_size(spikes));
    return reference_passed();
}

struct sample {
    double mean, std;
};

static struct sample sample_of(const double *values, size_t count)
{
    double sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    for (size_t i = 0; i < count; i++)
        squares +=
            (values[i] - sum / (double)count) * (values[i] - sum / (double)count);
    return (struct sample){.mean = sum / (double)count,
                           .std = sqrt(squares / ((double)count - 1.0))};
}

/* Tolerances of the file: the mean within four errors, the deviation within 10 %. */
static struct reference_outcome compare_cells(struct device *device, const json_t *one)
{
    const json_t *const expect = json_object_get(one, "expect");
    const double n = reference_number(json_object_get(one, "target"), "n");
    const double mean = reference_number(expect, "V_mean");
    const double std = reference_number(expect, "V_std");
    struct sample got;

    for (long step = 1; step <= device->steps; step++)
        if (simulation_advance(device->piece.simulation) != TUTTI_OK)
            return reference_failed("%s", tutti_last_error());
    got = sample_of(simulation_state(device->piece.simulation, 1, 0), (size_t)n);
    if (!(fabs(got.mean - mean) < 4.0 * std / sqrt(n) &&
          fabs(got.std - std) < 0.1 * std))
        return reference_failed("V_m is %.6g +- %.6g mV, not %.6g +- %.6g mV", got.mean,
                                got.std, mean, std);
    return reference_passed();
}

/* What trains of spikes are measured by. */
struct trains {
    size_t count;
    double *spikes; /* of each train */
    double *last;   /* time of its last spike, in steps */
    double intervals, interval_sum, interval_squares;
};

static enum tutti_status record_trains(struct device *device, struct trains *trains)
{
    for (long step = 1; step <= device->steps; step++) {
        const uint32_t *cells;
        size_t fired;

        if (simulation_advance(device->piece.simulation) != TUTTI_OK)
            return TUTTI_BAD_CONFIG;
        fired = simulation_spikes(device->piece.simulation, 0, &cells);
        for (size_t i = 0; i < fired; i++) {
            const double interval = (double)step - trains->last[cells[i]];

            if (trains->spikes[cells[i]]++ > 0.0) {
                trains->intervals++;
                trains->interval_sum += interval;
                trains->interval_squares += interval * interval;
            }
            trains->last[cells[i]] = (double)step;
        }
    }
    return TUTTI_OK;
}

static struct reference_outcome judge_trains(const struct trains *trains,
                                             const json_t *expect, double seconds)
{
    const double n = (double)trains->count;
    const struct sample counts = sample_of(trains->spikes, trains->count);
    const double interval = trains->interval_sum / trains->intervals;
    const double deviation =
        sqrt(trains->interval_squares / trains->intervals - interval * interval);
    const double got[] = {counts.mean / seconds, counts.std * counts.std / counts.mean,
                          deviation / interval};
    const char *const names[] = {"rate_mean", "count_variance_over_mean", "isi_cv"};
    const double errors[] = {sqrt(counts.mean / n) / seconds, sqrt(2.0 / (n - 1.0)),
                             1.0 / sqrt(counts.mean * n)};

    for (size_t i = 0; i < 3; i++) {
        const double want = reference_number(expect, names[i]);

        if (!(fabs(got[i] - want) < ERRORS * sqrt(2.0) * errors[i]))
            return reference_failed("%s is %.6g, not %.6g", names[i], got[i], want);
    }
    return reference_passed();
}

static struct reference_outcome compare_trains(struct device *device, const json_t *one)
{
    struct trains trains = {.count = (size_t)reference_number(one, "n_trains")};
    struct reference_outcome outcome;

    trains.spikes = tt_alloc_array(trains.count, sizeof *trains.spikes);
    trains.last = tt_alloc_array(trains.count, sizeof *trains.last);
    if (!trains.spikes || !trains.last)
        outcome = reference_failed("no memory");
    else if (record_trains(device, &trains) != TUTTI_OK)
        outcome = reference_failed("%s", tutti_last_error());
    else
        outcome = judge_trains(&trains, json_object_get(one, "expect"),
                               reference_number(one, "duration_ms") * 1e-3);
    free(trains.spikes);
    free(trains.last);
    return outcome;
}

struct reference_outcome reference_play_device(const struct reference_case *it)
{
    const char *const name = json_string_value(json_object_get(it->one, "device"));
    const json_t *const target = json_object_get(it->one, "target");
    const json_t *const trains = json_object_get(it->one, "n_trains");
    const json_t *const cells = json_object_get(target, "n");
    const json_t *const delay = json_object_get(it->one, "delay_ms");
    const double size = trains  ? json_number_value(trains)
                        : cells ? json_number_value(cells)
                                : 1.0;
    struct device device = {.model = models_find(name),
                            .parameters = json_object_get(it->one, "parameters"),
                            .step_ms = reference_number(it->file, "resolution_ms")};
    struct reference_outcome outcome;
    struct tt_text text = {0};

    if (!device.model)
        return reference_left_out("the kernel has no generator %s", name);
    device.steps = lround(reference_number(it->one, "duration_ms") / device.step_ms);
    write_generators(&device, size, &text);
    if (target)
        write_targets(target, size, delay ? json_number_value(delay) : 1.0, &text);
    if (!open_device(&text, &device))
        outcome = reference_failed("%s", tutti_last_error());
    else if (trains)
        outcome = compare_trains(&device, it->one);
    else
        outcome =
            cells ? compare_cells(&device, it->one) : compare_cell(&device, it->one);
    piece_close(&device.piece);
    tt_text_free(&text);
    return outcome;
}
