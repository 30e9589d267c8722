/* The forms that most keys need. SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/table.h"

static enum tutti_status read_text(const struct tt_reader *reader,
                                   const struct tt_row *row,
                                   const struct tt_value *value, void *field)
{
    (void)reader;
    return tt_value_text(value, row->key, field);
}

static enum tutti_status read_integer(const struct tt_reader *reader,
                                      const struct tt_row *row,
                                      const struct tt_value *value, void *field)
{
    (void)reader;
    return tt_value_integer(value, row->key, field);
}

static enum tutti_status read_size(const struct tt_reader *reader,
                                   const struct tt_row *row,
                                   const struct tt_value *value, void *field)
{
    int64_t size;

    (void)reader;
    TRY(tt_value_integer(value, row->key, &size));
    if (size < 1 || size >= UINT32_MAX)
        return FAIL_AT(value->place, "'%s' is %s, should lie between 1 and 4294967294",
                       row->key, value->text);
    *(uint32_t *)field = (uint32_t)size;
    return TUTTI_OK;
}

static enum tutti_status read_boolean(const struct tt_reader *reader,
                                      const struct tt_row *row,
                                      const struct tt_value *value, void *field)
{
    (void)reader;
    return tt_value_boolean(value, row->key, field);
}

static enum tutti_status read_quantity(const struct tt_reader *reader,
                                       const struct tt_row *row,
                                       const struct tt_value *value, void *field)
{
    return tt_value_quantity(value, row->key, reader->units, row->unit, field);
}

static enum tutti_status read_time(const struct tt_reader *reader,
                                   const struct tt_row *row,
                                   const struct tt_value *value, void *field)
{
    int64_t ns;

    (void)reader;
    TRY(tt_value_time(value, row->key, &ns));
    if (ns < 0)
        return FAIL_AT(value->place, "'%s' is '%s', must not be negative", row->key,
                       value->text);
    *(int64_t *)field = ns;
    return TUTTI_OK;
}

static enum tutti_status read_positive_time(const struct tt_reader *reader,
                                            const struct tt_row *row,
                                            const struct tt_value *value, void *field)
{
    int64_t ns;

    (void)reader;
    TRY(tt_value_time(value, row->key, &ns));
    if (ns <= 0)
        return FAIL_AT(value->place, "'%s' is '%s', must be above 0", row->key,
                       value->text);
    *(int64_t *)field = ns;
    return TUTTI_OK;
}

static enum tutti_status read_step(const struct tt_reader *reader,
                                   const struct tt_row *row,
                                   const struct tt_value *value, void *field)
{
    (void)reader;
    return tt_value_step(value, row->key, field);
}

static enum tutti_status read_bytes(const struct tt_reader *reader,
                                    const struct tt_row *row,
                                    const struct tt_value *value, void *field)
{
    (void)reader;
    TRY(tt_value_expect(value, TT_SCALAR, row->key));
    return tt_at_place(tt_bytes_parse(value->text, field), value->place, row->key);
}

static enum tutti_status read_choice(const struct tt_reader *reader,
                                     const struct tt_row *row,
                                     const struct tt_value *value, void *field)
{
    size_t count = 0;

    (void)reader;
    TRY(tt_value_expect(value, TT_SCALAR, row->key));
    for (; row->choices[count]; count++)
        if (strcmp(row->choices[count], value->text) == 0) {
            *(int *)field = (int)count;
            return TUTTI_OK;
        }
    return tt_unknown_word(value->place, row->key, value->text, row->choices, count);
}

static enum tutti_status read_map(const struct tt_reader *reader,
                                  const struct tt_row *row,
                                  const struct tt_value *value, void *field)
{
    (void)reader;
    TRY(tt_value_expect(value, TT_MAP, row->key));
    *(const struct tt_value **)field = value;
    return TUTTI_OK;
}

static enum tutti_status read_list(const struct tt_reader *reader,
                                   const struct tt_row *row,
                                   const struct tt_value *value, void *field)
{
    (void)reader;
    TRY(tt_value_expect(value, TT_LIST, row->key));
    *(const struct tt_value **)field = value;
    return TUTTI_OK;
}

/* clang-format off */
const struct tt_form tt_form_text =
    {"text", read_text, NULL};
const struct tt_form tt_form_integer =
    {"whole number", read_integer, "1"};
const struct tt_form tt_form_size =
    {"whole number above 0", read_size, "1000"};
const struct tt_form tt_form_boolean =
    {"`true` or `false`", read_boolean, "true"};
const struct tt_form tt_form_quantity =
    {"number with a unit", read_quantity, NULL};
const struct tt_form tt_form_time =
    {"time, such as `1.5 ms`", read_time, "1.5 ms"};
const struct tt_form tt_form_positive_time =
    {"time above 0, such as `1 s`", read_positive_time, "1 s"};
const struct tt_form tt_form_step =
    {"time, such as `0.1 ms`, or a ratio, `1/60 s`", read_step, "0.1 ms"};
const struct tt_form tt_form_bytes =
    {"bytes, such as `256 MB`", read_bytes, "256 MB"};
const struct tt_form tt_form_choice =
    {"one of", read_choice, NULL};
const struct tt_form tt_form_map =
    {"map", read_map, NULL};
const struct tt_form tt_form_list =
    {"list", read_list, NULL};
/* clang-format on */
