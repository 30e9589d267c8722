/* A recurrent network against NEST, spike by spike, through a network file.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "kernel/model.h"
#include "kernel/network.h"
#include "kernel/simulation.h"
#include "models/models.h"
#include "piece.h"
#include "reference_case.h"

static void write_parameters(const struct model *model, const json_t *file, size_t cell,
                             struct tt_text *text)
{
    const json_t *const values = json_object_get(file, "parameters");

    tt_text_add(text, "parameters: {I_e: %.17g pA",
                reference_item(json_object_get(file, "I_e_pA"), cell));
    for (size_t i = 0; i < model->parameter_count; i++)
        if (model->parameters[i].unit &&
            json_is_number(json_object_get(values, model->parameters[i].name)))
            tt_text_add(text, ", %s: %.17g %s", model->parameters[i].name,
                        reference_number(values, model->parameters[i].name),
                        model->parameters[i].unit);
    tt_text_add(text, "}, initial: {V_m: %.17g mV}",
                reference_item(json_object_get(file, "V_m0_mV"), cell));
}

/* A population for each cell, a projection for each connection. */
static void write_network(const struct model *model, const json_t *file,
                          struct tt_text *text)
{
    const json_t *const connections = json_object_get(file, "connections");
    const json_t *const sources = json_object_get(connections, "source");
    const json_t *const targets = json_object_get(connections, "target");

    tt_text_add(text, "network: reference\nseed: 1\nstep: %.10g ms\npopulations:\n",
                reference_number(file, "resolution_ms"));
    for (size_t i = 0; i < json_array_size(json_object_get(file, "I_e_pA")); i++) {
        tt_text_add(text, "  c%zu: {model: %s, size: 1, ", i, model->name);
        write_parameters(model, file, i, text);
        tt_text_add(text, "}\n");
    }
    tt_text_add(text, "projections:\n");
    for (size_t i = 0; i < json_array_size(sources); i++)
        tt_text_add(text,
                    "  - {name: p%zu, from: c%.0f, to: c%.0f, rule: one_to_one, "
                    "weight: %.17g %s, delay: %.10g ms}\n",
                    i, reference_item(sources, i), reference_item(targets, i),
                    reference_item(json_object_get(connections, "weight"), i),
                    model->receptors[0].unit,
                    reference_item(json_object_get(connections, "delay_ms"), i));
}

struct run {
    struct piece piece;
    const json_t *expect;
    double step_ms;
    double equal_until_ms; /* spikes after it are only counted */
    size_t seen;
};

/* All spikes of the last step, in the order of the cells. */
static struct reference_outcome compare_spikes(struct run *run)
{
    const json_t *const times = json_object_get(run->expect, "spike_times_ms");
    const json_t *const senders = json_object_get(run->expect, "spike_senders");
    const double now_ms = (double)simulation_step(run->piece.simulation) * run->step_ms;

    for (size_t i = 0; i < run->piece.network.population_count; i++) {
        const uint32_t *cells;

        if (simulation_spikes(run->piece.simulation, i, &cells) == 0)
            continue;
        if (now_ms <= run->equal_until_ms &&
            (reference_item(senders, run->seen) != (double)i ||
             fabs(reference_item(times, run->seen) - now_ms) > 1e-6))
            return reference_failed("spike %zu: cell %zu at %.10g ms, not cell %.0f at "
                                    "%.10g ms",
                                    run->seen, i, now_ms,
                                    reference_item(senders, run->seen),
                                    reference_item(times, run->seen));
        run->seen++;
    }
    return reference_passed();
}

/* V_m, which is the first state, where NEST recorded it. */
static struct reference_outcome compare_voltages(const struct run *run, size_t sample)
{
    const json_t *const cells = json_object_get(run->expect, "V_m_first_three");

    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *const samples = json_array_get(cells, i);
        const double v = *simulation_state(run->piece.simulation, i, 0);

        if (sample < json_array_size(samples) &&
            !(fabs(v - reference_item(samples, sample)) <= 1e-6))
            return reference_failed("V_m of cell %zu is %.12g mV, not %.12g mV", i, v,
                                    reference_item(samples, sample));
    }
    return reference_passed();
}

static struct reference_outcome run_network(struct run *run, double duration_ms)
{
    const size_t every = (size_t)lround(
        reference_number(run->expect, "record_interval_ms") / run->step_ms);
    const size_t steps = (size_t)lround(duration_ms / run->step_ms);
    const size_t wanted =
        json_array_size(json_object_get(run->expect, "spike_times_ms"));
    const bool is_exact = run->equal_until_ms >= duration_ms;

    for (size_t step = 1; step <= steps; step++) {
        struct reference_outcome outcome;

        if (simulation_advance(run->piece.simulation) != TUTTI_OK)
            return reference_failed("%s", tutti_last_error());
        outcome = compare_spikes(run);
        if (outcome.verdict == REFERENCE_PASSED && is_exact && step % every == 0)
            outcome = compare_voltages(run, step / every - 1);
        if (outcome.verdict != REFERENCE_PASSED)
            return outcome;
    }
    if (fabs((double)run->seen - (double)wanted) >
        (is_exact ? 0.0 : 0.05 * (double)wanted))
        return reference_failed("%zu spikes instead of %zu", run->seen, wanted);
    return reference_passed();
}

struct reference_outcome reference_play_network(const struct reference_case *it)
{
    const char *const name = json_string_value(json_object_get(it->file, "model"));
    const struct model *const model = models_find(name);
    const double duration_ms = reference_number(it->one, "duration_ms");
    struct run run = {.expect = json_object_get(it->one, "expect"),
                      .step_ms = reference_number(it->file, "resolution_ms")};
    struct reference_outcome outcome;
    struct tt_text text = {0};

    if (!model)
        return reference_left_out("the kernel has no model %s", name);
    /* The tolerance of the file: linear cells fire every spike of NEST, the others,
     * whose solver differs, those of the first 50 ms, and then as many. */
    run.equal_until_ms = strncmp(name, "iaf_psc_", 8) == 0 ? duration_ms : 50.0;
    write_network(model, it->file, &text);
    if (piece_parse(tt_text_get(&text), &run.piece.network) != TUTTI_OK ||
        part_open(&run.piece.network, NULL, 0, &run.piece.part) != TUTTI_OK ||
        simulation_open(&run.piece.network, &run.piece.part, &run.piece.simulation) !=
            TUTTI_OK)
        outcome = reference_failed("%s", tutti_last_error());
    else
        outcome = run_network(&run, duration_ms);
    piece_close(&run.piece);
    tt_text_free(&text);
    return outcome;
}
