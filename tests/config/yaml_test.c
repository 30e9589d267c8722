/* A YAML document as a tree that remembers where everything stands.
 * SPDX-License-Identifier: Apache-2.0 */
#include "config/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_error(const char *text, const char *sentence)
{
    struct tt_document *document;

    assert_int_equal(tt_document_parse("f.yaml", text, strlen(text), &document),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), sentence);
    assert_null(document);
}

static void a_tree_knows_its_texts_and_places(void **state)
{
    static const char text[] = "a: 1\n"
                               "list:\n"
                               "  - x\n"
                               "  - {k: 'q u', e: }\n";
    struct tt_document *document;
    const struct tt_value *root, *list, *map;

    (void)state;
    assert_int_equal(tt_document_parse("f.yaml", text, sizeof text - 1, &document),
                     TUTTI_OK);
    root = tt_document_root(document);
    assert_int_equal(root->kind, TT_MAP);
    assert_int_equal(root->count, 2);
    assert_string_equal(root->entries[0].key.text, "a");
    assert_string_equal(root->entries[0].value.text, "1");
    assert_int_equal(root->entries[0].value.place.column, 4);
    list = tt_map_find(root, "list");
    assert_int_equal(list->kind, TT_LIST);
    assert_int_equal(list->count, 2);
    map = &list->items[1];
    assert_int_equal(map->place.line, 4);
    assert_int_equal(map->place.column, 5);
    assert_string_equal(map->place.file, "f.yaml");
    assert_string_equal(tt_map_find(map, "k")->text, "q u");
    assert_false(tt_map_find(map, "k")->is_empty);
    assert_true(tt_map_find(map, "e")->is_empty);
    assert_null(tt_map_find(map, "z"));
    tt_document_free(&document);
    assert_null(document);
}

static void the_text_is_kept_byte_for_byte(void **state)
{
    static const char text[] = "a: 1 # \xc3\xa9\r\n";
    struct tt_document *document;
    size_t size;

    (void)state;
    assert_int_equal(tt_document_parse("f.yaml", text, sizeof text - 1, &document),
                     TUTTI_OK);
    assert_string_equal(tt_document_text(document, &size), text);
    assert_int_equal(size, sizeof text - 1);
    assert_string_equal(tt_document_path(document), "f.yaml");
    tt_document_free(&document);
}

static void columns_count_characters_not_bytes(void **state)
{
    (void)state;
    expect_error("{\xc3\xa9: 1, \xc3\xa9: 2}",
                 "f.yaml:1:8: the key '\xc3\xa9' is there twice, first in line 1; "
                 "remove one");
}

static void a_folded_text_is_one_line(void **state)
{
    static const char text[] = "command: >\n  python3 cell.py\n  --fast\n";
    struct tt_document *document;

    (void)state;
    assert_int_equal(tt_document_parse("f.yaml", text, sizeof text - 1, &document),
                     TUTTI_OK);
    assert_string_equal(tt_map_find(tt_document_root(document), "command")->text,
                        "python3 cell.py --fast");
    tt_document_free(&document);
}

static void what_is_no_yaml_is_refused_with_advice(void **state)
{
    (void)state;
    expect_error("a: b: c\n",
                 "f.yaml:1:5: this is not YAML: mapping values are not allowed in this "
                 "context; check the indentation, or put a text that holds ': ' into "
                 "quotes");
    expect_error("a: 1\n b: 2\n",
                 "f.yaml:2:3: this is not YAML: mapping values are not allowed in this "
                 "context; check the indentation, or put a text that holds ': ' into "
                 "quotes");
    expect_error("a:\n  b: 1\n c: 2\n",
                 "f.yaml:3:2: this is not YAML: did not find expected key; check the "
                 "indentation of this line and of the one above");
    expect_error("a:\n- b\nc\n",
                 "f.yaml:4:1: this is not YAML: could not find expected ':'; write "
                 "'key: value'");
    expect_error("a:\n\tb: 1\n",
                 "f.yaml:2:1: this is not YAML: found character that cannot start any "
                 "token; indent by spaces, not by tabs, and put a text that begins "
                 "with a special character into quotes");
    expect_error("{from: a.x[0:1], to: b}",
                 "f.yaml:1:11: this is not YAML: did not find expected ',' or '}'; "
                 "write a ',' between the entries, close the '{', and put a range of "
                 "indices such as \"cell.x[0:10]\" inside of { } into quotes");
    expect_error("[a.x[0:1]]",
                 "f.yaml:1:5: this is not YAML: did not find expected ',' or ']'; "
                 "write a ',' between the entries, close the '[', and put a range of "
                 "indices such as \"cell.x[0:10]\" inside of [ ] into quotes");
    expect_error("a: 'b\n",
                 "f.yaml:2:1: this is not YAML: found unexpected end of stream; close "
                 "the quotes");
    expect_error("a: \"\\q\"\n",
                 "f.yaml:1:5: this is not YAML: found unknown escape character; check "
                 "this line");
    expect_error("a:\n  - b\n  c: 1\n",
                 "f.yaml:3:3: this is not YAML: did not find expected '-' indicator; "
                 "check the indentation of this line and of the one above");
}

static void a_duplicate_key_is_refused(void **state)
{
    (void)state;
    expect_error("a: 1\nb: 2\nc: 3\nb: 4\na: 5\n",
                 "f.yaml:4:1: the key 'b' is there twice, first in line 2; remove one");
}

static void aliases_anchors_and_tags_are_refused(void **state)
{
    static const char *const texts[] = {"a: *x\n", "a: &x 1\n", "a: &x [1]\n",
                                        "a: &x {b: 1}\n", "a: !!str 1\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_error(texts[i],
                     "f.yaml:1:4: aliases (*), anchors (&) and tags (!) are not "
                     "allowed here; write the value out, or put the text into quotes");
}

static void a_key_is_a_word(void **state)
{
    static const char sentence[] =
        "f.yaml:1:3: a key must be a word; write 'key: value'";

    (void)state;
    expect_error("? [a, b]\n: 1\n", sentence);
    expect_error("? {a: b}\n: 1\n", sentence);
}

static void one_file_is_one_document(void **state)
{
    (void)state;
    expect_error("", "f.yaml:1:1: the file is empty");
    expect_error("# nothing\n", "f.yaml:1:1: the file is empty");
    expect_error("a: 1\n---\nb: 2\n",
                 "f.yaml:2:1: a second document begins here; keep one in each file");
}

static void the_text_is_utf8_without_control_characters(void **state)
{
    (void)state;
    expect_error("a: 1\nb: \xe9t\xe9\n",
                 "f.yaml:2:4: this byte (0xe9) is not UTF-8; save the file as UTF-8");
    expect_error("\xc0\xaf", "f.yaml:1:1: this byte (0xc0) is not UTF-8; save the file "
                             "as UTF-8");
    expect_error("\xed\xa0\x80", "f.yaml:1:1: this byte (0xed) is not UTF-8; save the "
                                 "file as UTF-8");
    expect_error("a: \x01\n", "f.yaml:1:4: a control character (0x01); remove it");
    expect_error("a: \xef\xbf\xbf\n",
                 "f.yaml:1:4: a character that YAML does not allow; remove it");
    expect_error("a: \"\\0\"\n",
                 "f.yaml:1:4: this text holds line breaks or other control characters; "
                 "write one line, or fold several into one by '>'");
    expect_error("a: |\n  b\n  c\n",
                 "f.yaml:1:4: this text holds line breaks or other control characters; "
                 "write one line, or fold several into one by '>'");
}

static void a_nul_byte_is_refused(void **state)
{
    struct tt_document *document;

    (void)state;
    assert_int_equal(tt_document_parse("f.yaml", "a: \0", 4, &document),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(),
                        "f.yaml:1:4: a control character (0x00); remove it");
}

static void deep_nesting_is_refused(void **state)
{
    char text[33 + 1] = "";

    (void)state;
    memset(text, '[', 33);
    expect_error(text, "f.yaml:1:33: nested more than 32 deep; simplify the file");
}

static void a_large_file_is_refused(void **state)
{
    enum { SIZE = (4 << 20) + 1 };
    char *text = malloc(SIZE + 1);

    (void)state;
    memset(text, ' ', SIZE);
    text[SIZE] = '\0';
    expect_error(text, "f.yaml:1:1: the file is larger than 4 MiB");
    free(text);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    struct tt_document *document;

    (void)state;
    assert_int_equal(tt_document_read("no/such.yaml", &document), TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(),
                        "cannot read 'no/such.yaml': No such file or directory");
    assert_int_equal(tt_document_read(".", &document), TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(), "cannot read '.': Is a directory");
    assert_null(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_knows_its_texts_and_places),
        cmocka_unit_test(the_text_is_kept_byte_for_byte),
        cmocka_unit_test(columns_count_characters_not_bytes),
        cmocka_unit_test(a_folded_text_is_one_line),
        cmocka_unit_test(what_is_no_yaml_is_refused_with_advice),
        cmocka_unit_test(a_duplicate_key_is_refused),
        cmocka_unit_test(aliases_anchors_and_tags_are_refused),
        cmocka_unit_test(a_key_is_a_word),
        cmocka_unit_test(one_file_is_one_document),
        cmocka_unit_test(the_text_is_utf8_without_control_characters),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_large_file_is_refused),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
