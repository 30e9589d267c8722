/* A YAML document as a tree that remembers where everything stands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/memory.h"

enum { DEEPEST = 32, LARGEST = 4 << 20 };

struct tt_document {
    char *path;
    char *text;
    size_t size;
    struct tt_value root;
};

/* --- places */

void tt_set_error_at(struct tt_place place, const char *format, ...)
{
    char sentence[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    tt_set_error("%s:%d:%d: %s", place.file, place.line, place.column, sentence);
}

static struct tt_place place_of_mark(const struct tt_document *document,
                                     yaml_mark_t mark)
{
    return (struct tt_place){document->path, (int)mark.line + 1, (int)mark.column + 1};
}

static bool is_continuation(char byte)
{
    return (byte & 0xc0) == 0x80;
}

static struct tt_place place_of_offset(const struct tt_document *document,
                                       size_t offset)
{
    struct tt_place place = {document->path, 1, 1};

    for (size_t i = 0; i < offset && i < document->size; i++) {
        if (document->text[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (!is_continuation(document->text[i])) {
            place.column++;
        }
    }
    return place;
}

/* --- characters */

/* Bytes of the character at `text`, of which `left` remain; 0 when it is no UTF-8. */
static size_t character_size(const char *text, size_t left)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t first = (uint8_t)text[0];
    size_t size;
    uint32_t code;

    if (first < 0x80)
        return 1;
    if (first < 0xc0 || first >= 0xf8)
        return 0;
    size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size > left)
        return 0;
    code = first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (!is_continuation(text[i]))
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < smallest[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    return size;
}

static bool is_control(char byte)
{
    return (uint8_t)byte < 0x20 || byte == 0x7f;
}

static enum tutti_status check_characters(const struct tt_document *document)
{
    size_t size;

    for (size_t i = 0; i < document->size; i += size) {
        const char byte = document->text[i];

        size = character_size(document->text + i, document->size - i);
        if (size == 0)
            return FAIL_AT(place_of_offset(document, i),
                           "this byte (0x%02x) is not UTF-8; save the file as UTF-8",
                           (uint8_t)byte);
        if (is_control(byte) && byte != '\t' && byte != '\r' && byte != '\n')
            return FAIL_AT(place_of_offset(document, i),
                           "a control character (0x%02x); remove it", (uint8_t)byte);
    }
    return TUTTI_OK;
}

/* --- events */

/* What to do about the complaints of libyaml that people meet. */
static const struct {
    const char *problem, *advice;
} remedies[] = {
    {"mapping values are not allowed in this context",
     "check the indentation, or put a text that holds ': ' into quotes"},
    {"did not find expected key",
     "check the indentation of this line and of the one above"},
    {"did not find expected '-' indicator",
     "check the indentation of this line and of the one above"},
    {"could not find expected ':'", "write 'key: value'"},
    {"found character that cannot start any token",
     "indent by spaces, not by tabs, and put a text that begins with a special "
     "character into quotes"},
    {"did not find expected ',' or '}'",
     "write a ',' between the entries, close the '{', and put a range of indices such "
     "as \"cell.x[0:10]\" inside of { } into quotes"},
    {"did not find expected ',' or ']'",
     "write a ',' between the entries, close the '[', and put a range of indices such "
     "as \"cell.x[0:10]\" inside of [ ] into quotes"},
    {"found unexpected end of stream", "close the quotes"},
};

static enum tutti_status fail_by_parser(const yaml_parser_t *parser,
                                        const struct tt_document *document)
{
    const char *advice = "check this line";

    if (parser->error == YAML_MEMORY_ERROR)
        return FAIL(TUTTI_NO_MEMORY, "no memory to read '%s'", document->path);
    if (parser->error == YAML_READER_ERROR)
        return FAIL_AT(place_of_offset(document, parser->problem_offset),
                       "a character that YAML does not allow; remove it");
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
        if (strcmp(remedies[i].problem, parser->problem) == 0)
            advice = remedies[i].advice;
    return FAIL_AT(place_of_mark(document, parser->problem_mark),
                   "this is not YAML: %s; %s", parser->problem, advice);
}

static enum tutti_status next_event(yaml_parser_t *parser,
                                    const struct tt_document *document,
                                    yaml_event_t *event)
{
    if (!yaml_parser_parse(parser, event))
        return fail_by_parser(parser, document);
    return TUTTI_OK;
}

/* --- values */

static void free_value(struct tt_value *value)
{
    if (value->kind == TT_SCALAR) {
        free((char *)value->text);
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (value->kind == TT_LIST) {
            free_value((struct tt_value *)&value->items[i]);
        } else {
            free_value((struct tt_value *)&value->entries[i].key);
            free_value((struct tt_value *)&value->entries[i].value);
        }
    }
    free((void *)value->items);
    free((void *)value->entries);
}

static enum tutti_status take_scalar(const yaml_event_t *event, struct tt_value *value)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t size = event->data.scalar.length;
    char *copy;

    /* A text folded over several lines by '>' ends in a line break. */
    while (size && text[size - 1] == '\n' &&
           event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
        size--;
    for (size_t i = 0; i < size; i++)
        if (is_control(text[i]))
            return FAIL_AT(value->place,
                           "this text holds line breaks or other control characters; "
                           "write one line, or fold several into one by '>'");
    copy = tt_alloc(size + 1);
    if (!copy)
        return FAIL(TUTTI_NO_MEMORY, "no memory to read '%s'", value->place.file);
    memcpy(copy, text, size);
    value->text = copy;
    value->is_empty = size == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return TUTTI_OK;
}

static int compare_keys(const void *a, const void *b)
{
    const struct tt_value *x = *(const struct tt_value *const *)a;
    const struct tt_value *y = *(const struct tt_value *const *)b;
    const int order = strcmp(x->text, y->text);

    if (order)
        return order;
    return x < y ? -1 : x > y;
}

/* The first key of the map that stood before. */
static enum tutti_status check_duplicates(const struct tt_value *map)
{
    const struct tt_value **keys = tt_alloc_array(map->count, sizeof *keys);
    const struct tt_value *first = NULL, *again = NULL;

    if (!keys)
        return FAIL(TUTTI_NO_MEMORY, "no memory to read '%s'", map->place.file);
    for (size_t i = 0; i < map->count; i++)
        keys[i] = &map->entries[i].key;
    qsort(keys, map->count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < map->count; i++)
        if (strcmp(keys[i - 1]->text, keys[i]->text) == 0 &&
            (!again || keys[i] < again)) {
            first = keys[i - 1];
            again = keys[i];
        }
    free(keys);
    if (again)
        return FAIL_AT(again->place,
                       "the key '%s' is there twice, first in line %d; remove one",
                       again->text, first->place.line);
    return TUTTI_OK;
}

struct builder {
    yaml_parser_t parser;
    struct tt_document *document;
    int depth;
};

static enum tutti_status build_value(struct builder *builder, const yaml_event_t *event,
                                     struct tt_value *value);

/* Reads the event of a value and builds it. */
static enum tutti_status build_next(struct builder *builder, struct tt_value *value)
{
    enum tutti_status status;
    yaml_event_t event;

    TRY(next_event(&builder->parser, builder->document, &event));
    status = build_value(builder, &event, value);
    yaml_event_delete(&event);
    return status;
}

static enum tutti_status build_list(struct builder *builder, struct tt_value *list)
{
    enum tutti_status status = TUTTI_OK;
    struct tt_value *items;
    yaml_event_t event;
    size_t room = 0;

    for (;;) {
        TRY(next_event(&builder->parser, builder->document, &event));
        if (event.type == YAML_SEQUENCE_END_EVENT)
            break;
        status = tt_grow(&list->items, &room, list->count + 1, sizeof *items);
        if (status == TUTTI_OK) {
            items = (struct tt_value *)list->items;
            items[list->count] = (struct tt_value){.text = NULL};
            status = build_value(builder, &event, &items[list->count++]);
        }
        yaml_event_delete(&event);
        TRY(status);
    }
    yaml_event_delete(&event);
    return TUTTI_OK;
}

static enum tutti_status build_entry(struct builder *builder, const yaml_event_t *key,
                                     struct tt_entry *entry)
{
    TRY(build_value(builder, key, &entry->key));
    if (entry->key.kind != TT_SCALAR || entry->key.is_empty)
        return FAIL_AT(entry->key.place, "a key must be a word; write 'key: value'");
    return build_next(builder, &entry->value);
}

static enum tutti_status build_map(struct builder *builder, struct tt_value *map)
{
    enum tutti_status status = TUTTI_OK;
    struct tt_entry *entries;
    yaml_event_t event;
    size_t room = 0;

    for (;;) {
        TRY(next_event(&builder->parser, builder->document, &event));
        if (event.type == YAML_MAPPING_END_EVENT)
            break;
        status = tt_grow(&map->entries, &room, map->count + 1, sizeof *entries);
        if (status == TUTTI_OK) {
            entries = (struct tt_entry *)map->entries;
            entries[map->count] = (struct tt_entry){.key = {.text = NULL}};
            status = build_entry(builder, &event, &entries[map->count++]);
        }
        yaml_event_delete(&event);
        TRY(status);
    }
    yaml_event_delete(&event);
    return check_duplicates(map);
}

static bool has_extras(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor || event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor || event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor || event->data.mapping_start.tag;
    default:
        return event->type == YAML_ALIAS_EVENT;
    }
}

static enum tutti_status build_value(struct builder *builder, const yaml_event_t *event,
                                     struct tt_value *value)
{
    enum tutti_status status;

    value->place = place_of_mark(builder->document, event->start_mark);
    if (has_extras(event))
        return FAIL_AT(value->place,
                       "aliases (*), anchors (&) and tags (!) are not allowed here; "
                       "write the value out, or put the text into quotes");
    if (event->type == YAML_SCALAR_EVENT)
        return take_scalar(event, value);
    if (builder->depth == DEEPEST)
        return FAIL_AT(value->place, "nested more than %d deep; simplify the file",
                       DEEPEST);
    builder->depth++;
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        value->kind = TT_LIST;
        status = build_list(builder, value);
    } else {
        value->kind = TT_MAP;
        status = build_map(builder, value);
    }
    builder->depth--;
    value->text = "";
    return status;
}

/* Reads the event between the values, of a type that the grammar leaves two choices
 * for. */
static enum tutti_status next_type(struct builder *builder, yaml_event_type_t *type,
                                   struct tt_place *place)
{
    yaml_event_t event;

    TRY(next_event(&builder->parser, builder->document, &event));
    *type = event.type;
    *place = place_of_mark(builder->document, event.start_mark);
    yaml_event_delete(&event);
    return TUTTI_OK;
}

static enum tutti_status build_document(struct builder *builder)
{
    yaml_event_type_t type;
    struct tt_place place;

    TRY(next_type(builder, &type, &place)); /* the stream begins */
    TRY(next_type(builder, &type, &place));
    if (type == YAML_STREAM_END_EVENT)
        return FAIL_AT(((struct tt_place){builder->document->path, 1, 1}),
                       "the file is empty");
    TRY(build_next(builder, &builder->document->root));
    TRY(next_type(builder, &type, &place)); /* the document ends */
    TRY(next_type(builder, &type, &place));
    if (type != YAML_STREAM_END_EVENT)
        return FAIL_AT(place, "a second document begins here; keep one in each file");
    return TUTTI_OK;
}

static enum tutti_status build_from_text(struct tt_document *document)
{
    struct builder builder = {.document = document};
    enum tutti_status status;

    TRY(check_characters(document));
    if (!yaml_parser_initialize(&builder.parser))
        return FAIL(TUTTI_NO_MEMORY, "no memory to read '%s'", document->path);
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder.parser, (const uint8_t *)document->text,
                                 document->size);
    status = build_document(&builder);
    yaml_parser_delete(&builder.parser);
    return status;
}

enum tutti_status tt_document_parse(const char *path, const char *bytes, size_t size,
                                    struct tt_document **document)
{
    enum tutti_status status;

    *document = NULL;
    if (size > LARGEST)
        return FAIL(TUTTI_BAD_CONFIG, "%s:1:1: the file is larger than %d MiB", path,
                    LARGEST >> 20);
    *document = tt_alloc(sizeof **document);
    if (*document) {
        (*document)->path = tt_copy_text(path);
        (*document)->text = tt_alloc(size + 1);
    }
    if (!*document || !(*document)->path || !(*document)->text) {
        tt_document_free(document);
        return FAIL(TUTTI_NO_MEMORY, "no memory to read '%s'", path);
    }
    if (size)
        memcpy((*document)->text, bytes, size);
    (*document)->size = size;
    status = build_from_text(*document);
    if (status != TUTTI_OK)
        tt_document_free(document);
    return status;
}

/* The first LARGEST + 1 bytes of a file: more are too many anyway. */
static enum tutti_status read_bytes(FILE *file, const char *path, char *bytes,
                                    size_t *size)
{
    *size = fread(bytes, 1, LARGEST + 1, file);
    if (ferror(file))
        return FAIL(TUTTI_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
    return TUTTI_OK;
}

enum tutti_status tt_document_read(const char *path, struct tt_document **document)
{
    enum tutti_status status;
    char *bytes;
    size_t size;
    FILE *file;

    *document = NULL;
    file = fopen(path, "rb");
    if (!file)
        return FAIL(TUTTI_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
    bytes = tt_alloc(LARGEST + 1);
    if (bytes)
        status = read_bytes(file, path, bytes, &size);
    else
        status = FAIL(TUTTI_NO_MEMORY, "no memory to read '%s'", path);
    if (status == TUTTI_OK)
        status = tt_document_parse(path, bytes, size, document);
    free(bytes);
    fclose(file);
    return status;
}

void tt_document_free(struct tt_document **document)
{
    if (!*document)
        return;
    free_value(&(*document)->root);
    free((*document)->text);
    free((*document)->path);
    free(*document);
    *document = NULL;
}

const struct tt_value *tt_document_root(const struct tt_document *document)
{
    return &document->root;
}

const char *tt_document_path(const struct tt_document *document)
{
    return document->path;
}

const char *tt_document_text(const struct tt_document *document, size_t *size)
{
    if (size)
        *size = document->size;
    return document->text;
}

const struct tt_value *tt_map_find(const struct tt_value *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->entries[i].key.text, key) == 0)
            return &map->entries[i].value;
    return NULL;
}
