/* Reads a distribution from which weights or delays are drawn.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/status.h"
#include "kernel/network_parts.h"

struct distribution_text {
    const struct tt_value *uniform, *normal, *lognormal, *exponential, *min, *max;
    int bounds;
};

/* The parameters of any of them, in the order of the shape. */
struct shape_text {
    const struct tt_value *parameters[DISTRIBUTION_PARAMETERS];
};

#define PARAMETER(number) offsetof(struct shape_text, parameters[number])

static const struct tt_form form_plain = {.text = "number", .read = network_keep_value};
static const struct tt_form form_shape = {.text = "map", .read = network_keep_value};

static const struct tt_row uniform_rows[] = {
    {.key = "low",
     .form = &network_form_amount,
     .offset = PARAMETER(0),
     .is_required = true,
     .help = "Smallest value."},
    {.key = "high",
     .form = &network_form_amount,
     .offset = PARAMETER(1),
     .is_required = true,
     .help = "End of the values."},
};

static const struct tt_row normal_rows[] = {
    {.key = "mean",
     .form = &network_form_amount,
     .offset = PARAMETER(0),
     .is_required = true,
     .help = "Mean."},
    {.key = "std",
     .form = &network_form_amount,
     .offset = PARAMETER(1),
     .is_required = true,
     .help = "Standard deviation."},
};

static const struct tt_row lognormal_rows[] = {
    {.key = "mean",
     .form = &form_plain,
     .offset = PARAMETER(0),
     .is_required = true,
     .help = "Mean of the logarithm."},
    {.key = "std",
     .form = &form_plain,
     .offset = PARAMETER(1),
     .is_required = true,
     .help = "Standard deviation of the logarithm."},
    {.key = "factor",
     .form = &network_form_amount,
     .offset = PARAMETER(2),
     .help = "What the exponential is multiplied with, such as `-1 pA`; otherwise 1 of "
             "the unit of the target's receptors, or 1 ms."},
};

static const struct tt_row exponential_rows[] = {
    {.key = "beta",
     .form = &network_form_amount,
     .offset = PARAMETER(0),
     .is_required = true,
     .help = "Mean; below zero all values are."},
};

#define TABLE(name, heading, text)                                                     \
    static const struct tt_table name##_table = {.title = heading,                     \
                                                 .help = text,                         \
                                                 .rows = name##_rows,                  \
                                                 .count = sizeof name##_rows /         \
                                                          sizeof *name##_rows}

TABLE(uniform, "Uniform values", "Each value from `low` to `high` is as likely.");
TABLE(
    normal, "Normal values",
    "Made of 32 random bits, no value is further than 6.4 standard deviations from the "
    "mean.");
TABLE(lognormal, "Lognormal values",
      "`factor` times the exponential of a normal number, as in NEST.");
TABLE(exponential, "Exponential values",
      "Made of 32 random bits, no value is further than 23 `beta` from 0.");

static const char *const bounds_words[] = {"redraw", "clip", NULL};

static const struct tt_row distribution_rows[] = {
    {.key = "uniform",
     .form = &form_shape,
     .offset = offsetof(struct distribution_text, uniform),
     .inside = &uniform_table,
     .help = "`{uniform: {low: 0.5 ms, high: 3 ms}}`"},
    {.key = "normal",
     .form = &form_shape,
     .offset = offsetof(struct distribution_text, normal),
     .inside = &normal_table,
     .help = "`{normal: {mean: 40 pA, std: 4 pA}, min: 0 pA}`"},
    {.key = "lognormal",
     .form = &form_shape,
     .offset = offsetof(struct distribution_text, lognormal),
     .inside = &lognormal_table,
     .help = "`{lognormal: {mean: 3.5, std: 0.5}, max: 200 pA}`"},
    {.key = "exponential",
     .form = &form_shape,
     .offset = offsetof(struct distribution_text, exponential),
     .inside = &exponential_table,
     .help = "`{exponential: {beta: 2 ms}, min: 0.1 ms, max: 20 ms}`"},
    {.key = "min",
     .form = &network_form_amount,
     .offset = offsetof(struct distribution_text, min),
     .help = "No value is below it. Of delays half a step, if it is not stated: what "
             "rounds to one step at least."},
    {.key = "max",
     .form = &network_form_amount,
     .offset = offsetof(struct distribution_text, max),
     .help = "No value is above it."},
    {.key = "bounds",
     .form = &tt_form_choice,
     .offset = offsetof(struct distribution_text, bounds),
     .standard = "redraw",
     .choices = bounds_words,
     .help =
         "What becomes of a value beyond `min` or `max`: `redraw` draws again until "
         "it lies within, `clip` takes the bound."},
};

const struct tt_table network_distribution_table = {
    .title = "A distribution",
    .help = "Each synapse draws its own value. Exactly one of the first four keys is "
            "there.",
    .rows = distribution_rows,
    .count = sizeof distribution_rows / sizeof *distribution_rows};

/* A plain number, or a quantity in the unit of what is drawn. */
static enum tutti_status read_parameter(const struct tt_reader *reader,
                                        const struct network_quantity *quantity,
                                        const struct tt_row *row,
                                        const struct tt_value *value, double *parameter)
{
    if (row->form != &form_plain) {
        TRY(tt_value_quantity(value, row->key, reader->units, quantity->unit,
                              parameter));
        *parameter *= quantity->scale;
        return TUTTI_OK;
    }
    if (tt_value_quantity(value, row->key, reader->units, "1", parameter) != TUTTI_OK)
        return FAIL_AT(value->place,
                       "%s is that of the logarithm, a plain number such as 1.5",
                       row->key);
    return TUTTI_OK;
}

static enum tutti_status read_shape(const struct tt_reader *reader,
                                    const struct network_quantity *quantity,
                                    const struct tt_row *row,
                                    const struct tt_value *value,
                                    struct distribution *distribution)
{
    const struct distribution_shape *const shape = distribution_shape(row->key);
    const struct tt_table *const table = row->inside;
    struct shape_text text = {0};
    double parameters[DISTRIBUTION_PARAMETERS] = {0};
    const char *broken;

    TRY(tt_table_read(table, reader, row->key, value, &text));
    for (size_t i = 0; i < table->count; i++) {
        parameters[i] = quantity->scale;
        if (text.parameters[i])
            TRY(read_parameter(reader, quantity, &table->rows[i], text.parameters[i],
                               &parameters[i]));
    }
    broken = shape->check(parameters);
    if (broken)
        return FAIL_AT(value->place, "%s: %s", row->key, broken);
    *distribution = distribution_drawn(shape, parameters);
    return TUTTI_OK;
}

/* Exactly one of the keys that name shapes. */
static enum tutti_status read_shapes(const struct tt_reader *reader,
                                     const struct network_quantity *quantity,
                                     const struct tt_value *value,
                                     struct distribution *distribution)
{
    size_t found = 0;

    for (size_t i = 0; i < network_distribution_table.count; i++) {
        const struct tt_row *const row = &distribution_rows[i];
        const struct tt_value *const inside =
            row->inside ? tt_map_find(value, row->key) : NULL;

        if (inside && found++ == 0)
            TRY(read_shape(reader, quantity, row, inside, distribution));
    }
    if (found == 1)
        return TUTTI_OK;
    return FAIL_AT(value->place,
                   "%s: state one of uniform, normal, lognormal and exponential, such "
                   "as {%s}",
                   quantity->name, quantity->example);
}

/* A bound, which may be left out. */
static enum tutti_status read_bound(const struct tt_reader *reader,
                                    const struct network_quantity *quantity,
                                    const char *key, const struct tt_value *value,
                                    double *bound)
{
    double number;

    if (!value)
        return TUTTI_OK;
    TRY(tt_value_quantity(value, key, reader->units, quantity->unit, &number));
    *bound = number * quantity->scale;
    if (*bound >= quantity->low && *bound <= quantity->high)
        return TUTTI_OK;
    return FAIL_AT(value->place, "%s is %.15g %s, must be from %.15g %s to %.15g %s",
                   key, number, quantity->unit, quantity->low / quantity->scale,
                   quantity->unit, quantity->high / quantity->scale, quantity->unit);
}

enum tutti_status network_read_distribution(const struct tt_reader *reader,
                                            const struct network_quantity *quantity,
                                            const struct tt_value *value,
                                            struct distribution *distribution)
{
    const char *const unit = quantity->unit;
    const double scale = quantity->scale;
    struct distribution_text text = {0};
    double low = quantity->low, high = quantity->high;

    TRY(tt_table_read(&network_distribution_table, reader, quantity->name, value,
                      &text));
    TRY(read_shapes(reader, quantity, value, distribution));
    TRY(read_bound(reader, quantity, "min", text.min, &low));
    TRY(read_bound(reader, quantity, "max", text.max, &high));
    if (low > high)
        return FAIL_AT(value->place, "%s: min %.15g %s is above max %.15g %s",
                       quantity->name, low / scale, unit, high / scale, unit);
    if ((distribution->low < low && !text.min && !quantity->cuts_low) ||
        (distribution->high > high && !text.max))
        return FAIL_AT(value->place,
                       "%s may be drawn from %.6g %s to %.6g %s, must be from %.15g %s "
                       "to %.15g %s; state min and max",
                       quantity->name, distribution->low / scale, unit,
                       distribution->high / scale, unit, low / scale, unit,
                       high / scale, unit);
    if (distribution_bound(distribution, low, high,
                           (enum distribution_bounds)text.bounds))
        return TUTTI_OK;
    return FAIL_AT(value->place,
                   "%s: less than 1 %% of the values lie from %.15g %s to %.15g %s; "
                   "widen min and max, or choose another distribution",
                   quantity->name, low / scale, unit, high / scale, unit);
}
