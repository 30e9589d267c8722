/* Maps of a file are read by tables of rows. SPDX-License-Identifier: Apache-2.0 */
#include "config/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* --- read */

static const struct tt_row *find_row(const struct tt_table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].key, key) == 0)
            return &table->rows[i];
    return NULL;
}

/* unknown key 'conections' in participant 'cell'; did you mean 'connections'? */
static enum tutti_status fail_unknown_key(const struct tt_table *table,
                                          const char *what, const struct tt_value *key)
{
    const char **known = tt_alloc_array(table->count, sizeof *known);
    const char *nearest = NULL;
    struct tt_text list = {0};

    for (size_t i = 0; i < table->count; i++) {
        if (known)
            known[i] = table->rows[i].key;
        tt_text_add(&list, "%s%s", i == 0 ? "" : ", ", table->rows[i].key);
    }
    if (known)
        nearest = tt_nearest_word(key->text, known, table->count);
    if (nearest)
        tt_set_error_at(key->place, "unknown key '%s' in %s; did you mean '%s'?",
                        key->text, what, nearest);
    else
        tt_set_error_at(key->place, "unknown key '%s' in %s; the keys are: %s",
                        key->text, what, tt_text_get(&list));
    tt_text_free(&list);
    free(known);
    return TUTTI_BAD_CONFIG;
}

static enum tutti_status fail_missing_key(const struct tt_row *row, const char *what,
                                          const struct tt_value *map)
{
    if (row->form->example)
        return FAIL_AT(map->place, "%s has no '%s'; write '%s: %s'", what, row->key,
                       row->key, row->form->example);
    return FAIL_AT(map->place, "%s has no '%s', which it must have", what, row->key);
}

static enum tutti_status read_row(const struct tt_row *row,
                                  const struct tt_reader *reader,
                                  const struct tt_value *value, void *target)
{
    return row->form->read(reader, row, value, (char *)target + row->offset);
}

enum tutti_status tt_table_read(const struct tt_table *table,
                                const struct tt_reader *reader, const char *what,
                                const struct tt_value *map, void *target)
{
    if (map->kind != TT_MAP)
        return FAIL_AT(map->place, "%s must be a map, 'key: value'", what);
    for (size_t i = 0; i < map->count; i++) {
        const struct tt_row *row = find_row(table, map->entries[i].key.text);

        if (!row)
            return fail_unknown_key(table, what, &map->entries[i].key);
        TRY(read_row(row, reader, &map->entries[i].value, target));
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct tt_row *row = &table->rows[i];
        const struct tt_value standard = {.place = map->place, .text = row->standard};

        if (tt_map_find(map, row->key))
            continue;
        if (row->is_required)
            return fail_missing_key(row, what, map);
        if (row->standard)
            TRY(read_row(row, reader, &standard, target));
    }
    return TUTTI_OK;
}

/* --- reference page */

enum { MOST_TABLES = 64 };

/* Adds a table and those inside it to the list, each once. */
static void collect(const struct tt_table *table, const struct tt_table **tables,
                    size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (tables[i] == table)
            return;
    if (*count == MOST_TABLES)
        return;
    tables[(*count)++] = table;
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].inside)
            collect(table->rows[i].inside, tables, count);
}

/* As GitHub makes the anchor of a heading. */
static void write_anchor(const char *title, struct tt_text *page)
{
    for (; *title; title++)
        if (isalnum((unsigned char)*title) || *title == ' ')
            tt_text_add(page, "%c",
                        *title == ' ' ? '-' : tolower((unsigned char)*title));
}

static void write_form(const struct tt_row *row, struct tt_text *page)
{
    tt_text_add(page, "%s", row->form->text);
    for (size_t i = 0; row->choices && row->choices[i]; i++)
        tt_text_add(page, "%s`%s`", i ? ", " : " ", row->choices[i]);
    if (row->unit)
        tt_text_add(page, " that converts to `%s`", row->unit);
    if (row->inside) {
        tt_text_add(page, ": [%s](#", row->inside->title);
        write_anchor(row->inside->title, page);
        tt_text_add(page, ")");
    }
}

static void write_row(const struct tt_row *row, struct tt_text *page)
{
    tt_text_add(page, "| `%s` | ", row->key);
    write_form(row, page);
    if (row->is_required)
        tt_text_add(page, " | required");
    else if (row->standard)
        tt_text_add(page, " | `%s`", row->standard);
    else
        tt_text_add(page, " | ");
    tt_text_add(page, " | %s |\n", row->help);
}

void tt_table_write_page(const struct tt_table *table, struct tt_text *page)
{
    const struct tt_table *tables[MOST_TABLES];
    size_t count = 0;

    collect(table, tables, &count);
    for (size_t i = 0; i < count; i++) {
        tt_text_add(page, "\n## %s\n\n", tables[i]->title);
        if (*tables[i]->help)
            tt_text_add(page, "%s\n\n", tables[i]->help);
        tt_text_add(page, "| key | value | default | meaning |\n|---|---|---|---|\n");
        for (size_t k = 0; k < tables[i]->count; k++)
            write_row(&tables[i]->rows[k], page);
    }
}
