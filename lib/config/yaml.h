/* A YAML document as a tree that remembers where everything stands. Stricter than YAML:
 * duplicate keys, aliases, anchors, tags and several documents are refused, the text is
 * UTF-8, at most 4 MiB, nested at most 32 deep.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct tt_document;

/* Lines and columns count from 1. `file` is borrowed from the document. */
struct tt_place {
    const char *file;
    int line, column;
};

enum tt_value_kind { TT_SCALAR, TT_LIST, TT_MAP };

struct tt_value {
    enum tt_value_kind kind;
    struct tt_place place;
    const char *text;               /* of a scalar; "" otherwise; never NULL */
    bool is_empty;                  /* nothing is written where the scalar should be */
    size_t count;                   /* of a list or a map */
    const struct tt_value *items;   /* of a list */
    const struct tt_entry *entries; /* of a map, in the order of the file */
};

struct tt_entry {
    struct tt_value key; /* a scalar */
    struct tt_value value;
};

/* Reads a file. TUTTI_BAD_CONFIG: "FILE:LINE:COLUMN: what, what to do"; TUTTI_SYSTEM:
 * the file cannot be read. Ended by tt_document_free(). */
enum tutti_status tt_document_read(const char *path, struct tt_document **document);

/* The same from memory; `path` is what errors call the file. Takes copies. */
enum tutti_status tt_document_parse(const char *path, const char *bytes, size_t size,
                                    struct tt_document **document);
void tt_document_free(struct tt_document **document);

/* All borrowed until the document is freed. The text ends in a NUL that `size` (NULL:
 * not wanted) does not count. */
const struct tt_value *tt_document_root(const struct tt_document *document);
const char *tt_document_path(const struct tt_document *document);
const char *tt_document_text(const struct tt_document *document, size_t *size);

/* The value of a key; NULL when the map does not have it. */
const struct tt_value *tt_map_find(const struct tt_value *map, const char *key);

/* FAIL with "FILE:LINE:COLUMN: " before the sentence; `place` is a struct tt_place. */
#define FAIL_AT(place, ...) (tt_set_error_at(place, __VA_ARGS__), TUTTI_BAD_CONFIG)

void tt_set_error_at(struct tt_place place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
