/* Maps of a file are read by tables of rows, one for each key: the table finds unknown
 * and missing keys, fills a struct, and writes the reference page.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "config/value.h"

struct tt_row;
struct tt_table;

/* What the functions of the rows are handed. */
struct tt_reader {
    const struct tt_units *units; /* NULL when no row reads a quantity */
};

/* How a value is written, and how it gets into a struct. Own forms are welcome. */
struct tt_form {
    const char *text; /* for the reference page: "a time, such as `1.5 ms`" */
    /* Reads `value` into the field at `field`, of the type that the form states. */
    enum tutti_status (*read)(const struct tt_reader *reader, const struct tt_row *row,
                              const struct tt_value *value, void *field);
    const char *example; /* for sentences: "1.5 ms"; NULL: none */
};

struct tt_row {
    const char *key;
    const struct tt_form *form;
    size_t offset; /* of the field, by offsetof() */
    bool is_required;
    const char *standard;          /* read as if it were written when the key is not
                                      there; NULL: the field stays as it is */
    const char *unit;              /* tt_form_quantity: of the field */
    const char *const *choices;    /* tt_form_choice: ends in NULL */
    const struct tt_table *inside; /* of the maps under this key: for the page */
    const char *help;              /* a sentence or two, in Markdown */
};

struct tt_table {
    const char *title; /* heading on the reference page: "A participant" */
    const char *help;  /* what is said below the heading, in Markdown; may be "" */
    const struct tt_row *rows;
    size_t count;
};

/* The forms that most keys need, and the type of their field. */
extern const struct tt_form tt_form_text;     /* const char *, borrowed, not empty */
extern const struct tt_form tt_form_integer;  /* int64_t */
extern const struct tt_form tt_form_size;     /* uint32_t, at least 1 */
extern const struct tt_form tt_form_boolean;  /* bool */
extern const struct tt_form tt_form_quantity; /* double, in the row's unit */
extern const struct tt_form tt_form_time;     /* int64_t ns, not negative */
extern const struct tt_form tt_form_positive_time; /* int64_t ns, above 0 */
extern const struct tt_form tt_form_step;          /* struct tutti_step */
extern const struct tt_form tt_form_bytes;         /* uint64_t, at least 1 */
extern const struct tt_form tt_form_choice;        /* int: index in `choices` */
/* const struct tt_value *, borrowed: a map (list) that the caller walks himself. */
extern const struct tt_form tt_form_map;
extern const struct tt_form tt_form_list;

/* Fills *target from a map. `what` names the map in sentences: "participant 'cell'".
 * TUTTI_BAD_CONFIG: not a map, unknown key (with what may have been meant), key
 * missing, or what the forms say. Text in *target is borrowed from the document; that
 * of a row's `standard` from the table. */
enum tutti_status tt_table_read(const struct tt_table *table,
                                const struct tt_reader *reader, const char *what,
                                const struct tt_value *map, void *target);

/* Appends the reference of the table and of all tables inside it, in Markdown. */
void tt_table_write_page(const struct tt_table *table, struct tt_text *page);

#endif
