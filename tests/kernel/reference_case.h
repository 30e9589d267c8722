/* Cases of the reference data, and what becomes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_REFERENCE_CASE_H
#define TESTS_REFERENCE_CASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum reference_verdict { REFERENCE_PASSED, REFERENCE_FAILED, REFERENCE_LEFT_OUT };

struct reference_outcome {
    enum reference_verdict verdict;
    char why[256]; /* of what did not pass */
};

/* A case, the file that it stands in, and the folder of all. */
struct reference_case {
    const char *folder;
    const json_t *file, *one;
};

struct reference_outcome reference_passed(void);
struct reference_outcome reference_failed(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
struct reference_outcome reference_left_out(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* "neurons": one cell, its voltages and spikes. */
struct reference_outcome reference_play_cell(const struct reference_case *it);
/* "resolution": the spikes of one cell with other steps or weights. */
struct reference_outcome reference_play_resolution(const struct reference_case *it);
/* "devices": generators. */
struct reference_outcome reference_play_device(const struct reference_case *it);
/* "network": the spikes of 100 cells. */
struct reference_outcome reference_play_network(const struct reference_case *it);

/* "synapses": weights, or what arrives. */
struct reference_outcome reference_play_synapse(const struct reference_case *it);

/* Number `key` of a map; 0 when there is none. */
double reference_number(const json_t *map, const char *key);
/* The same of a list. */
double reference_item(const json_t *list, size_t index);

#endif
