/* Single values of a document, read as what they should be. `name` is what sentences
 * call the value, mostly its key. All fail with TUTTI_BAD_CONFIG and the place.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/quantity.h"
#include "config/yaml.h"
#include "tutti/time.h"

enum tutti_status tt_value_expect(const struct tt_value *value, enum tt_value_kind kind,
                                  const char *name);
enum tutti_status tt_value_text(const struct tt_value *value, const char *name,
                                const char **text);
enum tutti_status tt_value_integer(const struct tt_value *value, const char *name,
                                   int64_t *integer);
enum tutti_status tt_value_boolean(const struct tt_value *value, const char *name,
                                   bool *boolean);
enum tutti_status tt_value_quantity(const struct tt_value *value, const char *name,
                                    const struct tt_units *units, const char *unit,
                                    double *number);
enum tutti_status tt_value_time(const struct tt_value *value, const char *name,
                                int64_t *ns);
enum tutti_status tt_value_step(const struct tt_value *value, const char *name,
                                struct tutti_step *step);

/* Fails with "unknown WHAT 'word'" and what may have been meant or, when no word is
 * near, the list of what there is. `what`: "population", "model". */
enum tutti_status tt_unknown_word(struct tt_place place, const char *what,
                                  const char *word, const char *const *known,
                                  size_t count);

/* Puts "FILE:LINE:COLUMN: 'NAME': " before the sentence of a failure that was found
 * without knowing its place, and returns `status`. TUTTI_OK passes untouched. */
enum tutti_status tt_at_place(enum tutti_status status, struct tt_place place,
                              const char *name);

#endif
