/* Folders of runs.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/run_folder.h"

static const struct experiment experiment = {
    .name = "a column, and a cell", .text = "experiment: x\n", .text_size = 14};

static int enter(void **state)
{
    char *folder = strdup("run_folder_XXXXXX");

    *state = folder;
    return !folder || !mkdtemp(folder) || chdir(folder) != 0;
}

static int leave(void **state)
{
    char command[64];

    snprintf(command, sizeof command, "rm -r %s", (char *)*state);
    free(*state);
    return chdir("..") != 0 || system(command) != 0;
}

static void a_run_without_out_gets_the_next_number(void **state)
{
    struct tt_text path = {0};

    (void)state;
    assert_int_equal(run_folder_make(&experiment, NULL, &path), TUTTI_OK);
    assert_non_null(strstr(tt_text_get(&path), "/runs/a-column--and-a-cell-1"));
    assert_int_equal(run_folder_make(&experiment, NULL, &path), TUTTI_OK);
    assert_non_null(strstr(tt_text_get(&path), "/runs/a-column--and-a-cell-2"));
    assert_int_equal(access("runs/a-column--and-a-cell-2/experiment.yaml", R_OK), 0);
    tt_text_free(&path);
}

static void a_folder_with_a_recording_is_not_used_again(void **state)
{
    struct tt_text path = {0};
    FILE *file;

    (void)state;
    assert_int_equal(run_folder_make(&experiment, "some/where", &path), TUTTI_OK);
    assert_int_equal(tt_text_get(&path)[0], '/');
    file = fopen("some/where/recording.h5", "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(run_folder_make(&experiment, "some/where", &path),
                     TUTTI_BAD_CONFIG);
    assert_string_equal(
        tutti_last_error(),
        "'some/where' holds the recording of another run: choose another "
        "--out, or remove it");
    tt_text_free(&path);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    struct tt_text path = {0};

    (void)state;
    assert_int_equal(run_folder_make(&experiment, "/proc/no/way", &path), TUTTI_SYSTEM);
    assert_non_null(strstr(tutti_last_error(), "'/proc/no/way' cannot be made: "));
    tt_text_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_without_out_gets_the_next_number),
        cmocka_unit_test(a_folder_with_a_recording_is_not_used_again),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_named),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
