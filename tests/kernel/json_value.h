/* Reads the JSON files of the reference data: JSON is YAML.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_JSON_VALUE_H
#define TESTS_JSON_VALUE_H

#include "config/yaml.h"

/* All of them fail the running test when the value is not there. */
struct tt_document *json_read(const char *path);
const struct tt_value *json_get(const struct tt_value *map, const char *key);
double json_number(const struct tt_value *value);
double json_number_of(const struct tt_value *map, const char *key);

#endif
