/* The exponential function for vectors, and the solver for cells side by side.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/exponential.h"
#include "kernel/model.h"
#include "kernel/solver.h"

enum { POINTS = 20000 };

/* From -708 to 709, and dense around 0. */
static double point(int i)
{
    const double even = -708.0 + 1417.0 * i / (POINTS - 1);

    return i % 2 ? even : even / 500.0;
}

static void the_exponential_is_right_within_one_unit_of_the_last_place(void **state)
{
    (void)state;
    for (int i = 0; i < POINTS; i++) {
        const long double right = expl(point(i));
        const double nearest = (double)right;
        const double unit = nextafter(nearest, INFINITY) - nearest;

        assert_true(fabsl(exponential(point(i)) - right) <= (long double)unit);
    }
}

static void the_exponential_stays_finite_and_passes_on_what_is_no_number(void **state)
{
    (void)state;
    assert_true(exponential(0.0) == 1.0);
    assert_true(exponential(1e300) == exponential(709.0));
    assert_true(exponential(-INFINITY) == exponential(-708.0));
    assert_true(isnan(exponential(NAN)));
}

#if defined __x86_64__
/* The same loop for three processors. */
#define FOR_PROCESSOR(name, attribute)                                                 \
    attribute static void name(const double *x, double *y)                             \
    {                                                                                  \
        for (int i = 0; i < POINTS; i++)                                               \
            y[i] = exponential(x[i]);                                                  \
    }
FOR_PROCESSOR(by_any, )
FOR_PROCESSOR(by_avx2, __attribute__((target("avx2"))))
FOR_PROCESSOR(by_avx512, __attribute__((target("avx512f"))))

static void the_exponential_has_the_same_bits_on_all_processors(void **state)
{
    static double x[POINTS], any[POINTS], other[POINTS];

    (void)state;
    for (int i = 0; i < POINTS; i++)
        x[i] = point(i);
    by_any(x, any);
    if (__builtin_cpu_supports("avx2")) {
        by_avx2(x, other);
        assert_memory_equal(any, other, sizeof any);
    }
    if (__builtin_cpu_supports("avx512f")) {
        by_avx512(x, other);
        assert_memory_equal(any, other, sizeof any);
    }
}
#else
static void the_exponential_has_the_same_bits_on_all_processors(void **state)
{
    (void)state;
    skip(); /* it is compiled for one */
}
#endif

/* A circle of 1 ms, turned by the constant. */
enum { X, Y, INNER_STEP, STATES };

static void turn(const double *constants, size_t lanes,
                 const struct solver_lanes *values, struct solver_lanes *slopes)
{
    for (size_t i = 0; i < lanes; i++) {
        slopes->values[X][i] = -constants[0] * values->values[Y][i];
        slopes->values[Y][i] = constants[0] * values->values[X][i];
    }
}

/* Grows without end within a finite time. */
static void blow_up(const double *constants, size_t lanes,
                    const struct solver_lanes *values, struct solver_lanes *slopes)
{
    (void)constants;
    for (size_t i = 0; i < lanes; i++) {
        slopes->values[X][i] = values->values[X][i] * values->values[X][i];
        slopes->values[Y][i] = 0.0;
    }
}

static void finish(const struct model_block *block, size_t cell, size_t lane,
                   struct solver_lanes *values)
{
    (void)lane;
    (void)values;
    block->spikes[cell] = 0;
}

enum { CELLS = 40 };

struct cells {
    double x[CELLS], y[CELLS], inner_step[CELLS], current[CELLS];
    uint16_t spikes[CELLS];
    double *states[STATES];
    double constant;
};

/* On circles of radius 1, 2, ... */
static void put_cells(struct cells *cells)
{
    *cells = (struct cells){.states = {cells->x, cells->y, cells->inner_step},
                            .constant = 2.0 * 3.14159265358979323846};
    for (int i = 0; i < CELLS; i++) {
        cells->x[i] = i + 1.0;
        cells->inner_step[i] = 1.0;
    }
}

static const char *advance(struct cells *cells, double step_ms, double tolerance,
                           void (*derive)(const double *, size_t,
                                          const struct solver_lanes *,
                                          struct solver_lanes *))
{
    const struct solver_system system = {.state_count = STATES,
                                         .slope_count = INNER_STEP,
                                         .inner_step = INNER_STEP,
                                         .derive = derive,
                                         .finish = finish};

    return solver_advance(&system,
                          &(struct model_block){.size = CELLS,
                                                .constants = &cells->constant,
                                                .states = cells->states,
                                                .current = cells->current,
                                                .spikes = cells->spikes},
                          step_ms, tolerance);
}

/* The largest distance from where ten turns begin. */
static double error_of_ten_turns(double tolerance)
{
    struct cells cells;
    double largest = 0.0;

    put_cells(&cells);
    for (int step = 0; step < 20; step++)
        assert_null(advance(&cells, 0.5, tolerance, turn));
    for (int i = 0; i < CELLS; i++) {
        const double error = hypot(cells.x[i] - (i + 1.0), cells.y[i]) / (i + 1.0);

        largest = error > largest ? error : largest;
    }
    return largest;
}

static void the_error_follows_the_tolerance(void **state)
{
    const double coarse = error_of_ten_turns(1e-4), fine = error_of_ten_turns(1e-9);

    (void)state;
    assert_true(coarse < 1e-2);
    assert_true(fine < 1e-7);
    assert_true(fine < coarse / 1e3);
}

static void every_cell_ends_its_inner_steps_on_the_grid(void **state)
{
    struct cells cells;

    (void)state;
    put_cells(&cells);
    assert_null(advance(&cells, 0.7, 1e-8, turn));
    for (int i = 0; i < CELLS; i++) {
        const double angle = 0.7 * cells.constant;

        assert_true(cells.inner_step[i] < 1.0);
        assert_true(log2(cells.inner_step[i]) == floor(log2(cells.inner_step[i])));
        assert_true(fabs(cells.x[i] - (i + 1.0) * cos(angle)) < 1e-5);
    }
}

static void a_cell_that_runs_away_is_given_up_with_a_sentence(void **state)
{
    struct cells cells;

    (void)state;
    put_cells(&cells);
    assert_string_equal(advance(&cells, 2.0, 1e-6, blow_up),
                        "the equations cannot be solved any more: a cell has run away; "
                        "use a smaller step or smaller weights");
    put_cells(&cells);
    cells.x[7] = NAN;
    assert_non_null(advance(&cells, 1e-3, 1e-6, blow_up));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exponential_is_right_within_one_unit_of_the_last_place),
        cmocka_unit_test(the_exponential_stays_finite_and_passes_on_what_is_no_number),
        cmocka_unit_test(the_exponential_has_the_same_bits_on_all_processors),
        cmocka_unit_test(the_error_follows_the_tolerance),
        cmocka_unit_test(every_cell_ends_its_inner_steps_on_the_grid),
        cmocka_unit_test(a_cell_that_runs_away_is_given_up_with_a_sentence),
    };

    return cmocka_run_group_tests_name("solver", tests, NULL, NULL);
}
