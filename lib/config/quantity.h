/* Quantities as people write them: "1.5 ms", "200 pA", "1/60 s". Times are exact
 * decimals, all other units are those of UDUNITS. The sentences of failures have no
 * place; who reads a file uses the functions of config/table.h, which add it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFIG_QUANTITY_H
#define CONFIG_QUANTITY_H

#include <stdint.h>

#include "base/status.h"
#include "tutti/time.h"

/* The database of units, read once by each owner. */
struct tt_units;

/* TUTTI_SYSTEM: the database of UDUNITS is not installed. Ended by tt_units_close(). */
enum tutti_status tt_units_open(struct tt_units **units);
void tt_units_close(struct tt_units **units);

/* The number of `unit` in a quantity: "0.2 nA" in "pA" is 200. Correctly rounded when
 * the units differ by a power of ten; strtod() of the text when they are the same.
 * `unit` "1": a plain number. TUTTI_BAD_CONFIG: no number, unit missing, unknown or of
 * another dimension. */
enum tutti_status tt_quantity_in(const struct tt_units *units, const char *text,
                                 const char *unit, double *value);

/* value in `to` = value in `from` * scale + offset. Equal names give 1 and 0.
 * TUTTI_BAD_CONFIG: unknown unit, or not convertible. */
enum tutti_status tt_unit_conversion(const struct tt_units *units, const char *from,
                                     const char *to, double *scale, double *offset);

/* A time in ns, us, ms, s, min or h as whole nanoseconds; may be negative.
 * TUTTI_BAD_CONFIG: not a number and a unit of time, not whole (with the two nearest
 * times that are), or too long. */
enum tutti_status tt_time_parse(const char *text, int64_t *ns);

/* A positive step: a time, or a ratio such as "1/60 s". */
enum tutti_status tt_step_parse(const char *text, struct tutti_step *step);

/* A number of bytes: "64 MB", "1 GiB"; B, kB, MB, GB, KiB, MiB, GiB. */
enum tutti_status tt_bytes_parse(const char *text, uint64_t *bytes);

#endif
