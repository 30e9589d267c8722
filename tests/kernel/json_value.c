/* Reads the JSON files of the reference data.
 * SPDX-License-Identifier: Apache-2.0 */
#include "json_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tutti/status.h"

struct tt_document *json_read(const char *path)
{
    struct tt_document *document = NULL;

    if (tt_document_read(path, &document) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    return document;
}

const struct tt_value *json_get(const struct tt_value *map, const char *key)
{
    const struct tt_value *const value = tt_map_find(map, key);

    if (!value)
        fail_msg("no key '%s'", key);
    return value;
}

double json_number(const struct tt_value *value)
{
    char *end;
    const double number = strtod(value->text, &end);

    if (end == value->text || *end)
        fail_msg("line %d: '%s' is no number", value->place.line, value->text);
    return number;
}

double json_number_of(const struct tt_value *map, const char *key)
{
    return json_number(json_get(map, key));
}
