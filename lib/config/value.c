/* Single values of a document, read as what they should be.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/decimal.h"

enum tutti_status tt_at_place(enum tutti_status status, struct tt_place place,
                              const char *name)
{
    if (status == TUTTI_OK)
        return TUTTI_OK;
    tt_set_error_at(place, "'%s': %s", name, tutti_last_error());
    return status;
}

enum tutti_status tt_unknown_word(struct tt_place place, const char *what,
                                  const char *word, const char *const *known,
                                  size_t count)
{
    enum { MOST = 20 }; /* a longer list helps nobody */
    const char *nearest = tt_nearest_word(word, known, count);
    struct tt_text list = {0};

    if (nearest)
        return FAIL_AT(place, "unknown %s '%s'; did you mean '%s'?", what, word,
                       nearest);
    if (count == 0)
        return FAIL_AT(place, "unknown %s '%s'; there is none", what, word);
    for (size_t i = 0; i < count && i < MOST; i++)
        tt_text_add(&list, "%s%s",
                    i == 0          ? ""
                    : i + 1 < count ? ", "
                                    : " and ",
                    known[i]);
    if (count > MOST)
        tt_text_add(&list, " and %zu more", count - MOST);
    tt_set_error_at(place, "unknown %s '%s'; there %s %s", what, word,
                    count == 1 ? "is" : "are", tt_text_get(&list));
    tt_text_free(&list);
    return TUTTI_BAD_CONFIG;
}

enum tutti_status tt_value_expect(const struct tt_value *value, enum tt_value_kind kind,
                                  const char *name)
{
    static const char *const names[] = {
        [TT_SCALAR] = "a single value",
        [TT_LIST] = "a list, '[a, b]'",
        [TT_MAP] = "a map, '{key: value}'",
    };
    static const char *const found[] = {
        [TT_SCALAR] = "a single value", [TT_LIST] = "a list", [TT_MAP] = "a map"};

    if (value->kind == TT_SCALAR && value->is_empty)
        return FAIL_AT(value->place, "'%s' has no value; it should be %s", name,
                       names[kind]);
    if (value->kind != kind)
        return FAIL_AT(value->place, "'%s' is %s, should be %s", name,
                       found[value->kind], names[kind]);
    return TUTTI_OK;
}

enum tutti_status tt_value_text(const struct tt_value *value, const char *name,
                                const char **text)
{
    TRY(tt_value_expect(value, TT_SCALAR, name));
    if (!*value->text)
        return FAIL_AT(value->place, "'%s' is an empty text; write something", name);
    *text = value->text;
    return TUTTI_OK;
}

enum tutti_status tt_value_integer(const struct tt_value *value, const char *name,
                                   int64_t *integer)
{
    char *end;
    long long result;

    TRY(tt_value_expect(value, TT_SCALAR, name));
    errno = 0;
    result = strtoll(value->text, &end, 10);
    if (tt_decimal_size(value->text) != strlen(value->text) || *end || errno)
        return FAIL_AT(value->place, "'%s' is '%s', should be a whole number", name,
                       value->text);
    *integer = result;
    return TUTTI_OK;
}

enum tutti_status tt_value_boolean(const struct tt_value *value, const char *name,
                                   bool *boolean)
{
    TRY(tt_value_expect(value, TT_SCALAR, name));
    if (strcmp(value->text, "true") && strcmp(value->text, "false"))
        return FAIL_AT(value->place, "'%s' is '%s', should be true or false", name,
                       value->text);
    *boolean = value->text[0] == 't';
    return TUTTI_OK;
}

enum tutti_status tt_value_quantity(const struct tt_value *value, const char *name,
                                    const struct tt_units *units, const char *unit,
                                    double *number)
{
    TRY(tt_value_expect(value, TT_SCALAR, name));
    return tt_at_place(tt_quantity_in(units, value->text, unit, number), value->place,
                       name);
}

enum tutti_status tt_value_time(const struct tt_value *value, const char *name,
                                int64_t *ns)
{
    TRY(tt_value_expect(value, TT_SCALAR, name));
    return tt_at_place(tt_time_parse(value->text, ns), value->place, name);
}

enum tutti_status tt_value_step(const struct tt_value *value, const char *name,
                                struct tutti_step *step)
{
    TRY(tt_value_expect(value, TT_SCALAR, name));
    return tt_at_place(tt_step_parse(value->text, step), value->place, name);
}
