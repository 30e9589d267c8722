/* The reference page of the network file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/reference.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "kernel/format.h"
#include "kernel/generator.h"
#include "kernel/model.h"
#include "kernel/network.h"
#include "kernel/rules.h"
#include "kernel/synapse.h"
#include "models/models.h"
#include "models/synapses.h"

static void write_parameter(const struct model_parameter *parameter,
                            struct tt_text *page)
{
    if (isinf(parameter->preset))
        tt_text_add(page, "| `%s` | %s | %s |\n", parameter->name,
                    parameter->preset > 0.0 ? "never" : "none", parameter->range);
    else if (parameter->unit)
        tt_text_add(page, "| `%s` | %.15g %s | %s |\n", parameter->name,
                    parameter->preset, parameter->unit, parameter->range);
    else
        tt_text_add(page, "| `%s` | `%s` | `true` or `false` |\n", parameter->name,
                    parameter->preset != 0.0 ? "true" : "false");
}

static const char *weights_of(const struct model_receptor *receptor)
{
    if (receptor->counts_spikes)
        return "any: each spike counts as";
    if (receptor->sign == 0)
        return "of both signs, in";
    return receptor->sign < 0 ? "below 0" : "from 0";
}

static void write_parameters(const struct model *model, struct tt_text *page)
{
    tt_text_add(page, "\n## Model `%s`\n\n%s\n", model->name, model->help);
    if (model->parameter_count == 0)
        return;
    tt_text_add(page, "\n| parameter | standard | must be |\n|---|---|---|\n");
    for (size_t i = 0; i < model->parameter_count; i++)
        write_parameter(&model->parameters[i], page);
}

static void write_generator(const struct model *model, struct tt_text *page)
{
    const struct generator *const generator = model->generator;

    write_parameters(model, page);
    if (generator->times && generator->fire)
        tt_text_add(page,
                    "| `%s` | `[]` | a list of times after 0 ms that do not fall, or a "
                    "list of such lists, one for each cell |\n",
                    generator->times);
    else if (generator->times)
        tt_text_add(page, "| `%s` | `[]` | a list of times after 0 ms that rise |\n",
                    generator->times);
    if (generator->values)
        tt_text_add(page, "| `%s` | `[]` | a list of as many values in %s |\n",
                    generator->values, generator->values_unit);
}

static void write_states(const struct model *model, struct tt_text *page)
{
    if (model->state_count == 0)
        return;
    tt_text_add(page, "\n| state | standard | must be |\n|---|---|---|\n");
    for (size_t i = 0; i < model->state_count; i++)
        if (model->states[i].is_settable)
            tt_text_add(page, "| `%s` | %.15g %s | %s |\n", model->states[i].name,
                        model->states[i].preset, model->states[i].unit,
                        model->states[i].range ? model->states[i].range : "a number");
}

static void write_model(const struct model *model, struct tt_text *page)
{
    write_parameters(model, page);
    write_states(model, page);
    tt_text_add(page, "\n| receptor | takes weights |\n|---|---|\n");
    for (size_t i = 0; i < model->receptor_count; i++)
        tt_text_add(page, "| %s | %s %s |\n", model->receptors[i].name,
                    weights_of(&model->receptors[i]), model->receptors[i].unit);
}

static void write_beginning(struct tt_text *page)
{
    tt_text_add(
        page, "%s",
        "# The network file\n"
        "\n"
        "<!-- Written by `tutti-kernel --reference` from the tables that read the "
        "file; "
        "do not edit. -->\n"
        "\n"
        "One YAML file describes a network of point neurons for `tutti-kernel`: "
        "populations, inputs\n"
        "and projections. In an experiment it is a participant, `column: {kernel: "
        "column.yaml}`:\n"
        "every population is a spike output of its name and size, every input a spike "
        "input.\n"
        "\n"
        "```yaml\n"
        "network: column\n"
        "seed: 1\n"
        "step: 0.1 ms\n"
        "populations:\n"
        "  E: {model: iaf_psc_exp, size: 800, poisson: {rate: 6 kHz, weight: 40 pA}}\n"
        "  I: {size: 200, like: E}\n"
        "inputs:\n"
        "  from_cell: {size: 1}\n"
        "projections:\n"
        "  - {name: E_I, from: E, to: I, rule: fixed_indegree, indegree: 80, weight: "
        "40 "
        "pA, delay: 1.5 ms}\n"
        "  - {name: cell_E, from: from_cell, to: \"E[0:20]\", rule: all_to_all, "
        "weight: "
        "0.5 nA}\n"
        "```\n"
        "\n"
        "Every quantity has its unit. Index ranges are half-open, as in Python. "
        "Unknown "
        "and\nduplicate keys are errors.\n"
        "\n");
}

static void write_precision(struct tt_text *page)
{
    tt_text_add(
        page, "%s",
        "\n## Precision\n"
        "\n"
        "What `precision` of a projection chooses. States of cells are always in "
        "double precision. The\nsums of a receptor are of the widest kind that "
        "a projection onto it asks for, and all synapses\nonto it are kept in "
        "that kind; so packed synapses beside exact ones are exact.\n"
        "\n"
        "| precision | what it is |\n|---|---|\n");
    for (int i = 0; i < FORMAT_COUNT; i++)
        tt_text_add(page, "| `%s` | %s |\n", format_get((enum format_id)i)->name,
                    format_get((enum format_id)i)->help);
}

static void write_generators(struct tt_text *page)
{
    tt_text_add(
        page, "%s",
        "\n## Generators\n"
        "\n"
        "A population of generators is described like one of cells. Those of spikes "
        "are "
        "spike outputs\ntoo, and every cell is one train: with `poisson_generator` the "
        "targets of one cell get the same\nspikes (in NEST each target gets its own; "
        "write `one_to_one` from as many cells, or `poisson` in\nthe target "
        "population). Spikes have stamps in (origin + start, origin + stop].\n"
        "\n"
        "Generators of current have no port. Projections from them carry in every step "
        "the current of\nthe source times `weight`, a number without a unit, later by "
        "`delay`. Currents flow in steps\nthat begin in [origin + start, origin + "
        "stop), none in the first step of all; the times of\n`amplitude_times` count "
        "from 0. With `noise_generator` too the targets of one cell share its\n"
        "noise.\n"
        "\n"
        "Names, standard values and times of action are those of NEST 3.10. All times "
        "are multiples of\nthe step.\n");
    for (size_t i = 0; models_get_generator(i); i++)
        write_generator(models_get_generator(i), page);
}

static void write_synapse(const struct synapse *synapse, struct tt_text *page)
{
    tt_text_add(page, "\n### Synapse `%s`\n\n%s\n", synapse->name, synapse->help);
    if (synapse->parameter_count == 0)
        return;
    tt_text_add(page, "\n| parameter | standard | must be |\n|---|---|---|\n");
    for (size_t i = 0; i < synapse->parameter_count; i++) {
        const struct model_parameter *const parameter = &synapse->parameters[i];
        const bool is_weight = strcmp(parameter->unit, SYNAPSE_WEIGHT_UNIT) == 0;
        const bool is_number = strcmp(parameter->unit, "1") == 0;

        tt_text_add(page, "| `%s` | %.15g%s%s | %s |\n", parameter->name,
                    parameter->preset, is_number ? "" : " ",
                    is_number   ? ""
                    : is_weight ? "in the unit of the weight"
                                : parameter->unit,
                    parameter->range);
    }
}

static void write_synapses(struct tt_text *page)
{
    tt_text_add(
        page, "%s",
        "\n## Synapses\n"
        "\n"
        "Names, presets and the order of events are those of NEST. The delay of a "
        "synapse that sees\nits targets is dendritic: it sees a spike of its source at "
        "once, one of its target a delay\nlater, and two that come to it at the same "
        "time do not pair. Such projections need delays of\nat least one step. "
        "`tau_minus` belongs to the population of the targets.\n"
        "\n"
        "Weights are doubles and change as the rule says; what a spike adds to its "
        "target is rounded\nto a multiple of 2^-32 of the unit, so that sums are exact "
        "in any order, and spikes and\nweights do not depend on threads, ranks or "
        "parts. The parameters hold for all\nsynapses of the projection; among them "
        "are "
        "the initial values of `Kplus`, `u`, `x` and `y`.\n");
    for (size_t i = 0; synapses_get(i); i++)
        write_synapse(synapses_get(i), page);
}

static void write_time(struct tt_text *page)
{
    tt_text_add(
        page, "%s",
        "\n## Time, random numbers, parts\n"
        "\n"
        "A spike is stamped with the end of the step in which the cell fires, and acts "
        "at "
        "that\ntime plus the delay of the synapse. A spike from outside acts at the "
        "first "
        "end of a step\nat or after the time at which it is due, plus the delay of the "
        "synapse; the smallest delay\nof an input's projections is the port's own "
        "delay. "
        "In every step the state moves on with\nwhat it was at the beginning, then "
        "what "
        "arrives is added, then the threshold is tested, as\nin NEST.\n"
        "\n"
        "Random numbers belong to the seed, to the name of a population or projection "
        "and "
        "to the\nindex of a cell, not to any order: renaming draws anew, adding a "
        "population changes nothing\nelse. Weights are rounded once to multiples of "
        "2^-32 of their unit, so that sums are exact\nin any order.\n"
        "\n"
        "Several participants may simulate parts of one network, each with `owns: {E: "
        "\"0:400\"}`.\nA population that `owns` does not name then has no cell in that "
        "part. Ports keep the\nwidth and the indices of the whole population; cells "
        "that "
        "a part does not own come in\nthrough an input named like the population, and "
        "synapses keep their own delays. All parts\ntogether fire the spikes of the "
        "whole, bit for bit, when they are connected with a delay\nof 0 ms.\n");
}

static void write_alone(struct tt_text *page)
{
    tt_text_add(
        page, "%s",
        "\n## Running alone\n"
        "\n"
        "```\n"
        "tutti-kernel column.yaml --duration \"1 s\" --out run --record E,v\n"
        "python3 -m tutti.plot run\n"
        "```\n"
        "\n"
        "simulates the whole network without an experiment; its inputs stay silent. At "
        "the end it prints\nthe spikes of each population, their rate, the coefficient "
        "of variation of the intervals (CV: the\nmean over cells with at least two "
        "intervals) and the real-time factor, wall time over model time.\nWith `--out` "
        "it writes `run/recording.h5` as [tutti-recorder](recording.md) would, with "
        "names\n`NETWORK.POPULATION` and `NETWORK.SIGNAL`; without `--record` all of "
        "them. Interrupt it, and the\nrecording is whole up to there.\n"
        "\n"
        "```\n"
        "mpirun -n 4 tutti-kernel column.yaml --threads 2 --duration \"1 s\" --save "
        "column.state\n"
        "tutti-kernel column.yaml --restore column.state --duration \"1 s\" --out run\n"
        "```\n"
        "\n"
        "Threads and MPI ranks share the cells; spikes, samples and digests do not "
        "depend on their\n"
        "number. The first rank prints and records. (In an experiment: `threads:` and "
        "`ranks:` of the\n"
        "participant.) `--save` writes the state at the end, `--restore` goes on from "
        "it, with any number\n"
        "of threads and ranks, to the last bit as if there had been no break; its "
        "duration counts from\n"
        "there. The state fits the network file from which it was saved, unchanged, "
        "and no other.\n"
        "\n"
        "`--weights FILE` writes a line `projection,source,target,delay_ms,weight` for "
        "each plastic synapse\nat the end: after all spikes of its source that have "
        "arrived, and those of its target up to twice\nthe longest delay ago.\n");
}

enum tutti_status reference_write(struct tt_text *page)
{
    write_beginning(page);
    tt_table_write_page(&network_table, page);
    tt_text_add(page, "\n## Rules\n\n| rule | what it does |\n|---|---|\n");
    for (size_t i = 0; rules_get(i); i++)
        tt_text_add(page, "| `%s` | %s |\n", rules_get(i)->name, rules_get(i)->help);
    for (size_t i = 0; models_get(i); i++)
        write_model(models_get(i), page);
    write_precision(page);
    write_generators(page);
    write_synapses(page);
    write_time(page);
    write_alone(page);
    if (page->is_cut)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the reference page");
    return TUTTI_OK;
}
