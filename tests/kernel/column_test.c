/* The column of the example: alive, irregular, and moved by its input.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/yaml.h"
#include "piece.h"

enum {
    E,
    I,
    FROM_CELL,
    CELLS = 8000,
    GROUP = 200,  /* cells that the input reaches */
    START = 2000, /* steps that are left out */
    STEPS = 10000,
    EVERY = 500, /* steps between spikes of the input */
    ANSWER = 60  /* steps after one of them */
};

/* Intervals of each cell. */
struct intervals {
    int64_t last[CELLS];
    double count[CELLS], sum[CELLS], squares[CELLS];
};

struct activity {
    struct intervals intervals[2]; /* E, I */
    double spikes[2];
    double answers;     /* spikes of the group shortly after the input's */
    double group;       /* all spikes of the group */
    double busiest_bin; /* largest share of E that fires within 3 ms */
};

static void note_spike(struct intervals *intervals, uint32_t cell, int64_t step)
{
    const double interval = (double)(step - intervals->last[cell]);

    if (intervals->last[cell]) {
        intervals->count[cell] += 1.0;
        intervals->sum[cell] += interval;
        intervals->squares[cell] += interval * interval;
    }
    intervals->last[cell] = step;
}

static void note_step(struct simulation *simulation, struct activity *activity)
{
    const int64_t step = simulation_step(simulation);

    for (size_t population = E; population <= I; population++) {
        const uint32_t *cells;
        const size_t count = simulation_spikes(simulation, population, &cells);

        activity->spikes[population] += (double)count;
        for (size_t i = 0; i < count; i++) {
            note_spike(&activity->intervals[population], cells[i], step);
            if (population == E && cells[i] < GROUP) {
                activity->group += 1.0;
                activity->answers += step % EVERY < ANSWER;
            }
        }
    }
}

/* Runs the column with a spike of its input every 50 ms. */
static void run_column(struct activity *activity)
{
    struct tt_document *document;
    struct piece piece;
    double bin = 0.0;

    memset(activity, 0, sizeof *activity);
    assert_int_equal(tt_document_read(COLUMN, &document), TUTTI_OK);
    piece_open(tt_document_text(document, NULL), NULL, 0, &piece);
    tt_document_free(&document);
    for (int64_t step = 1; step <= STEPS; step++) {
        const uint32_t *cells;

        if (step % EVERY == 0)
            assert_int_equal(simulation_receive(piece.simulation, FROM_CELL, 0, step),
                             TUTTI_OK);
        assert_int_equal(simulation_advance(piece.simulation), TUTTI_OK);
        if (step <= START)
            continue;
        note_step(piece.simulation, activity);
        bin = step % 30 == 0 ? 0.0 : bin;
        bin += (double)simulation_spikes(piece.simulation, E, &cells) / CELLS;
        activity->busiest_bin = fmax(activity->busiest_bin, bin);
    }
    piece_close(&piece);
}

/* Mean over the cells with at least three intervals. */
static double irregularity(const struct intervals *intervals)
{
    double cells = 0.0, sum = 0.0;

    for (int i = 0; i < CELLS; i++) {
        const double mean = intervals->sum[i] / intervals->count[i];

        if (intervals->count[i] < 3.0)
            continue;
        sum += sqrt(intervals->squares[i] / intervals->count[i] - mean * mean) / mean;
        cells += 1.0;
    }
    return sum / cells;
}

static void the_column_is_asynchronous_irregular_and_answers_its_input(void **state)
{
    static struct activity activity;
    const double seconds = (STEPS - START) * 1e-4;

    (void)state;
    run_column(&activity);
    for (int population = E; population <= I; population++) {
        const double rate =
            activity.spikes[population] / (population == E ? 8000.0 : 2000.0) / seconds;

        assert_true(rate > 2.0 && rate < 6.0);
        /* A Poisson process gives 1; a window this short finds somewhat less. */
        assert_true(irregularity(&activity.intervals[population]) > 0.7);
        assert_true(irregularity(&activity.intervals[population]) < 1.3);
    }
    /* Two to six spikes/s are about 1.2 % within 3 ms. */
    assert_true(activity.busiest_bin < 0.04);
    /* The 12 % of the time after spikes of the input have twice that of the spikes. */
    assert_true(activity.answers > 0.24 * activity.group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_column_is_asynchronous_irregular_and_answers_its_input),
    };

    return cmocka_run_group_tests_name("column", tests, NULL, NULL);
}
