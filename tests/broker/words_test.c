/* Command lines are split as a shell would.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "broker/words.h"

static void check(const char *line, const char *const *expected)
{
    char **words;
    size_t count = 0;

    assert_int_equal(words_split(line, &words), TUTTI_OK);
    for (; expected[count]; count++) {
        assert_non_null(words[count]);
        assert_string_equal(words[count], expected[count]);
    }
    assert_null(words[count]);
    words_free(words);
}

static void spaces_part_words_and_quotes_keep_them_together(void **state)
{
    (void)state;
    check("python3 cell.py", (const char *[]){"python3", "cell.py", NULL});
    check("  a\tb  ", (const char *[]){"a", "b", NULL});
    check("sh -c 'a | b' \"x y\"z",
          (const char *[]){"sh", "-c", "a | b", "x yz", NULL});
    check("a\\ b '' \"\\\"\"", (const char *[]){"a b", "", "\"", NULL});
    check("'$HOME' *", (const char *[]){"$HOME", "*", NULL});
}

static void refuse(const char *line, const char *sentence)
{
    char **words;

    assert_int_equal(words_split(line, &words), TUTTI_BAD_CONFIG);
    assert_null(words);
    assert_string_equal(tutti_last_error(), sentence);
}

static void what_needs_a_shell_is_refused(void **state)
{
    (void)state;
    refuse("a | b",
           "'|' in the command 'a | b' has no meaning: commands are run without a "
           "shell; write sh -c '...' if you need one");
    refuse("a 'b", "the command 'a 'b' opens a ' and does not close it");
    refuse("  ", "a command is empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spaces_part_words_and_quotes_keep_them_together),
        cmocka_unit_test(what_needs_a_shell_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
