/* What a file of models/generator sees of the kernel. A generator has no state: what it
 * gives is a function of its parameters, its lists, its random numbers and the number
 * of a step. So any thread, rank or part may ask for any cell in any step, in any
 * order, and gets the same.
 *
 * Names, presets and times of action are those of NEST 3.10. With start, stop and
 * origin in whole steps: spikes have stamps in (origin + start, origin + stop];
 * currents flow in steps that begin in [origin + start, origin + stop), later by the
 * delay of the projection; none flows in the very first step, as in NEST.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_GENERATOR_H
#define KERNEL_GENERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct generator_numbers;

/* What the lists of a population say: at these steps, which never fall, ... */
struct generator_events {
    size_t count;
    int64_t *steps;
    uint32_t *cells; /* ... this cell; NULL: every cell */
    double *values;  /* ... this value; NULL: the generator has none */
};

/* A population of generators; made by the kernel, constant while the network runs. */
struct generator_run {
    const double *parameters; /* in the order of the model's table */
    double step_ms;
    int64_t origin, begin, end; /* in steps: origin, origin + start, origin + stop */
    struct generator_events events;

    /* Random numbers of this population; `numbers` is handed back to the two. */
    const struct generator_numbers *numbers;
    /* spikes[i]: of cell `first` + i in a step, Poisson with the mean of mean(). */
    void (*poisson)(const struct generator_numbers *numbers, int64_t step,
                    uint32_t first, uint32_t size, uint16_t *spikes);
    /* Standard normal: draw number `draw` of a cell. */
    double (*normal)(const struct generator_numbers *numbers, uint32_t cell,
                     uint64_t draw);
};

struct generator {
    /* Parameters that are lists; NULL: none. `times` are multiples of the step after 0;
     * of spikes they may repeat, and each cell may have a list of its own. `values`
     * holds one number in `values_unit` for each of the times. */
    const char *times, *values, *values_unit;
    /* Parameters in ms that are multiples of the step; ends in NULL. */
    const char *const *on_grid;
    /* Expected number of spikes in a step, for poisson(); NULL: not used. */
    double (*mean)(const double *parameters, double step_ms);

    /* Of a source of spikes: how many the cells from `first` on have in a step between
     * begin + 1 and end. NULL: a source of current. */
    void (*fire)(const struct generator_run *run, int64_t step, uint32_t first,
                 uint32_t size, uint16_t *spikes);
    /* Of a source of current: pA of a cell in a step that begins at `step` steps, at
     * least begin and less than end; and whether it may differ from the one before. */
    double (*current)(const struct generator_run *run, int64_t step, uint32_t cell);
    bool (*changes)(const struct generator_run *run, int64_t step);
};

#endif
