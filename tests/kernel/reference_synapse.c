/* A plastic synapse between a generator and a cell that fires when it is told to,
 * against NEST: its weights, or what it adds to the cell.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "kernel/network.h"
#include "kernel/simulation.h"
#include "kernel/synapse.h"
#include "models/synapses.h"
#include "piece.h"
#include "reference_case.h"

/* Numbers of the kernel and of NEST that are compared. */
struct comparison {
    double relative;
    struct reference_outcome outcome;
};

static void compare(struct comparison *comparison, const char *what, size_t number,
                    double ours, double expected)
{
    if (comparison->outcome.verdict == REFERENCE_PASSED &&
        !(fabs(ours - expected) <= comparison->relative * fabs(expected)))
        comparison->outcome =
            reference_failed("%s %zu is %.13g, in NEST %.13g (%.1e)", what, number,
                             ours, expected, fabs(ours / expected - 1.0));
}

static double parameter(const struct reference_case *it, const char *name)
{
    const json_t *const own = json_object_get(it->one, "parameters");

    return reference_number(
        json_object_get(own, name) ? own : json_object_get(it->file, "parameters"),
        name);
}

/* A generator that fires at these times plus `shift`. */
static void write_generator(const char *name, const json_t *times, double shift,
                            struct tt_text *text)
{
    tt_text_add(text,
                "  %s: {model: spike_generator, size: 1, parameters: "
                "{spike_times: [",
                name);
    for (size_t i = 0; i < json_array_size(times); i++)
        tt_text_add(text, "%s%.10g ms", i ? ", " : "",
                    reference_item(times, i) + shift);
    tt_text_add(text, "]}}\n");
}

static void write_synapse(const struct reference_case *it,
                          const struct synapse *synapse, const char *unit,
                          struct tt_text *text)
{
    tt_text_add(text,
                "  - {name: plastic, from: pre, to: post, rule: one_to_one, weight: "
                "%.17g %s, delay: %.10g ms, synapse: {model: %s",
                parameter(it, "weight"), unit, parameter(it, "delay"), synapse->name);
    for (size_t i = 0; i < synapse->parameter_count; i++) {
        const struct model_parameter *const own = &synapse->parameters[i];
        const bool is_weight = strcmp(own->unit, SYNAPSE_WEIGHT_UNIT) == 0;

        tt_text_add(text, ", %s: %.17g %s", own->name, parameter(it, own->name),
                    is_weight                     ? unit
                    : strcmp(own->unit, "1") == 0 ? ""
                                                  : own->unit);
    }
    tt_text_add(text, "}}\n");
}

/* --- weights that change with the spikes of both cells ---------------------------- */

/* The target fires whenever a generator tells it to, and never else. */
static void open_pair(const struct reference_case *it, const struct synapse *synapse,
                      const json_t *post_times, struct piece *piece)
{
    const double step_ms = reference_number(it->file, "resolution_ms");
    struct tt_text text = {0};

    tt_text_add(&text, "network: pair\nseed: 1\nstep: %.10g ms\npopulations:\n",
                step_ms);
    write_generator("pre", json_object_get(it->one, "pre_spike_times_ms"), 0.0, &text);
    write_generator("order", post_times, -step_ms, &text);
    tt_text_add(&text,
                "  post: {model: iaf_psc_delta, size: 1, tau_minus: %.17g ms, "
                "parameters: {V_th: 1e5 mV, t_ref: 0 ms}}\nprojections:\n"
                "  - {name: order, from: order, to: post, rule: one_to_one, weight: "
                "1e6 mV, delay: %.10g ms}\n",
                reference_number(it->one, "tau_minus_ms"), step_ms);
    write_synapse(it, synapse, "mV", &text);
    piece_open(tt_text_get(&text), NULL, 0, piece);
    tt_text_free(&text);
}

static void take_weight(void *argument, const struct simulation_synapse *synapse)
{
    *(double *)argument = synapse->weight;
}

/* The weight of the only plastic synapse with which the spike of the source at `ms` is
 * sent. */
static double weight_at(struct piece *piece, const struct reference_case *it, double ms)
{
    const double step_ms = reference_number(it->file, "resolution_ms");
    const int64_t due = llround((ms + parameter(it, "delay")) / step_ms);
    double weight = NAN;

    while (simulation_step(piece->simulation) < due)
        if (simulation_advance(piece->simulation) != TUTTI_OK)
            return NAN;
    if (simulation_visit(piece->simulation, 1, take_weight, &weight) != TUTTI_OK)
        return NAN;
    return weight;
}

static struct reference_outcome play_trains(const struct reference_case *it,
                                            const struct synapse *synapse)
{
    const json_t *const times = json_object_get(it->one, "pre_spike_times_ms");
    const json_t *const expected =
        json_object_get(json_object_get(it->one, "expect"), "weight_at_pre_spike");
    struct comparison comparison = {
        .relative = reference_number(json_object_get(it->file, "tolerance"), "rel"),
        .outcome = reference_passed()};
    struct piece piece;

    open_pair(it, synapse, json_object_get(it->one, "post_spike_times_ms"), &piece);
    for (size_t i = 0; i < json_array_size(times); i++)
        compare(&comparison, "weight at spike", i,
                weight_at(&piece, it, reference_item(times, i)),
                reference_item(expected, i));
    piece_close(&piece);
    return comparison.outcome;
}

/* Two spikes of the source; one of the target around the first. */
static struct reference_outcome play_window(const struct reference_case *it,
                                            const struct synapse *synapse)
{
    const json_t *const times = json_object_get(it->one, "pre_spike_times_ms");
    const json_t *const lags = json_object_get(it->one, "post_minus_pre_ms");
    const json_t *const expected = json_object_get(json_object_get(it->one, "expect"),
                                                   "weight_change_at_second_pre_spike");
    struct comparison comparison = {
        .relative = reference_number(json_object_get(it->file, "tolerance"), "rel"),
        .outcome = reference_passed()};

    for (size_t i = 0; i < json_array_size(lags); i++) {
        json_t *const post =
            json_pack("[f]", reference_item(times, 0) + reference_item(lags, i));
        struct piece piece;

        open_pair(it, synapse, post, &piece);
        compare(&comparison, "weight change", i,
                weight_at(&piece, it, reference_item(times, 1)) -
                    parameter(it, "weight"),
                reference_item(expected, i));
        piece_close(&piece);
        json_decref(post);
    }
    return comparison.outcome;
}

/* --- what arrives ------------------------------------------------------------------
 */

static const char *const cell_parameters[][2] = {
    {"C_m", "pF"},     {"E_L", "mV"},        {"I_e", "pA"},
    {"V_reset", "mV"}, {"V_th", "mV"},       {"t_ref", "ms"},
    {"tau_m", "ms"},   {"tau_syn_ex", "ms"}, {"tau_syn_in", "ms"}};

static void open_cell(const struct reference_case *it, const struct synapse *synapse,
                      struct piece *piece)
{
    const json_t *const post = json_object_get(it->file, "post");
    const json_t *const values = json_object_get(post, "parameters");
    struct tt_text text = {0};

    tt_text_add(&text, "network: cell\nseed: 1\nstep: %.10g ms\npopulations:\n",
                reference_number(it->file, "resolution_ms"));
    write_generator("pre", json_object_get(it->one, "pre_spike_times_ms"), 0.0, &text);
    tt_text_add(&text, "  post: {model: %s, size: 1, initial: {V_m: %.17g mV}",
                json_string_value(json_object_get(post, "model")),
                reference_number(values, "E_L"));
    for (size_t i = 0; i < sizeof cell_parameters / sizeof *cell_parameters; i++)
        tt_text_add(&text, "%s%s: %.17g %s", i ? ", " : ", parameters: {",
                    cell_parameters[i][0],
                    reference_number(values, cell_parameters[i][0]),
                    cell_parameters[i][1]);
    tt_text_add(&text, "}}\nprojections:\n");
    write_synapse(it, synapse, "pA", &text);
    piece_open(tt_text_get(&text), NULL, 0, piece);
    tt_text_free(&text);
}

/* What a step added to the current of the cell, from the current before it. */
static double arrived(const struct reference_case *it, const struct piece *piece,
                      double before)
{
    const json_t *const values =
        json_object_get(json_object_get(it->file, "post"), "parameters");
    const double decay = exp(-reference_number(it->file, "resolution_ms") /
                             reference_number(values, "tau_syn_ex"));

    return *simulation_state(piece->simulation, 1, 1) - before * decay;
}

static struct reference_outcome play_amplitudes(const struct reference_case *it,
                                                const struct synapse *synapse)
{
    const double step_ms = reference_number(it->file, "resolution_ms");
    const json_t *const expect = json_object_get(it->one, "expect");
    const json_t *const times = json_object_get(it->one, "pre_spike_times_ms");
    const json_t *const samples = json_object_get(expect, "V_m");
    const long every = lround(reference_number(expect, "record_interval_ms") / step_ms);
    const long steps = lround(reference_number(it->one, "duration_ms") / step_ms);
    struct comparison comparison = {
        .relative = reference_number(json_object_get(it->file, "tolerance"), "rel"),
        .outcome = reference_passed()};
    struct piece piece;
    size_t spike = 0;

    open_cell(it, synapse, &piece);
    for (long step = 1; step <= steps; step++) {
        const double before = *simulation_state(piece.simulation, 1, 1);
        const double due = reference_item(times, spike) + parameter(it, "delay");

        if (simulation_advance(piece.simulation) != TUTTI_OK)
            comparison.outcome = reference_failed("%s", tutti_last_error());
        if (spike < json_array_size(times) && lround(due / step_ms) == step) {
            compare(
                &comparison, "amplitude", spike, arrived(it, &piece, before),
                reference_item(json_object_get(expect, "amplitude_per_spike"), spike));
            spike++;
        }
        if (step % every == 0 && (size_t)(step / every) <= json_array_size(samples))
            compare(&comparison, "V_m sample", (size_t)(step / every) - 1,
                    *simulation_state(piece.simulation, 1, 0),
                    reference_item(samples, (size_t)(step / every) - 1));
    }
    piece_close(&piece);
    return comparison.outcome;
}

struct reference_outcome reference_play_synapse(const struct reference_case *it)
{
    const char *const name = json_string_value(json_object_get(it->file, "synapse"));
    const json_t *const expect = json_object_get(it->one, "expect");
    const struct synapse *const synapse = name ? synapses_find(name) : NULL;

    if (!synapse)
        return reference_left_out("the kernel has no such synapse");
    if (json_object_get(expect, "amplitude_per_spike"))
        return play_amplitudes(it, synapse);
    if (json_object_get(it->one, "post_minus_pre_ms"))
        return play_window(it, synapse);
    return play_trains(it, synapse);
}
