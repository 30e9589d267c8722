/* Simulated time: whole nanoseconds in types of their own.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TUTTI_TIME_H
#define TUTTI_TIME_H

#include <stdint.h>

/* A point or a length of simulated time. Every time and delay stays below 2^61 ns;
 * infinity is INT64_MAX. */
struct tutti_time {
    int64_t ns;
};

/* The span of simulated time that a participant runs without asking. Which of its two
 * ends belongs to it is the participant's convention. */
struct tutti_window {
    struct tutti_time begin, end;
};

/* An integration step of ns / divisor nanoseconds: {100000, 1} is 0.1 ms, {1000000000,
 * 60} a sixtieth of a second, whose border k lies at floor(k * 10^9 / 60) ns. */
struct tutti_step {
    int64_t ns;
    int64_t divisor; /* at least 1 */
};

enum tutti_convention {
    TUTTI_FROM, /* windows are [begin, end): NEURON, Brian2, Arbor, robots */
    TUTTI_UP_TO /* windows are (begin, end]: NEST, our kernel, recorders */
};

#endif
