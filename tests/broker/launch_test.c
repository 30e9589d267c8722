/* Children: real processes that are watched, described, and ended.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker/launch.h"

static void start(struct launch_child *child, const char *script)
{
    char *words[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(size_t)script, NULL};
    const char *const environment[] = {"GREETING", "good day", NULL};

    assert_int_equal(
        launch_start(&(struct launch_order){"cell", words, ".", NULL, environment},
                     child),
        TUTTI_OK);
}

/* Until the child has ended; 10 s at most. */
static void await(struct launch_child *child)
{
    for (int i = 0; i < 100 && !child->has_ended; i++) {
        struct pollfd fds[2];

        launch_poll(child, fds);
        poll(fds, 2, 100);
        launch_look(child);
    }
    assert_true(child->has_ended);
}

static void check_end(struct launch_child *child, const char *expected)
{
    struct tt_text text = {0};

    launch_describe_end(child, &text);
    assert_string_equal(tt_text_get(&text), expected);
    tt_text_free(&text);
}

static void check_lines(struct launch_child *child, const char *expected)
{
    struct tt_text text = {0};

    launch_last_lines(child, "> ", &text);
    assert_string_equal(tt_text_get(&text), expected);
    tt_text_free(&text);
}

static void a_child_gets_its_environment_and_its_output_is_kept(void **state)
{
    struct launch_child child;

    (void)state;
    start(&child, "echo $GREETING; echo oh >&2; exit 3");
    await(&child);
    check_end(&child, "ended with exit status 3");
    check_lines(&child, "> good day\n> oh\n");
    launch_close(&child);
}

static void only_the_last_lines_are_shown_and_no_control_characters(void **state)
{
    struct launch_child child;

    (void)state;
    start(&child, "for i in 1 2 3 4 5 6 7 8 9; do echo $i; done; printf '\\033[2J'");
    await(&child);
    check_lines(&child, "> 3\n> 4\n> 5\n> 6\n> 7\n> 8\n> 9\n> ?[2J\n");
    launch_close(&child);
}

static void a_child_that_is_killed_is_described_by_its_signal(void **state)
{
    struct launch_child child;

    (void)state;
    start(&child, "kill -9 $$");
    await(&child);
    check_end(&child, "was killed by signal 9 (Killed)");
    launch_close(&child);
}

static void what_a_child_started_ends_with_it(void **state)
{
    struct launch_child child;
    struct tt_text text = {0};
    pid_t grandchild;

    (void)state;
    start(&child, "sleep 1000 & echo $!");
    await(&child);
    launch_last_lines(&child, "", &text);
    grandchild = (pid_t)strtol(tt_text_get(&text), NULL, 10);
    tt_text_free(&text);
    assert_true(grandchild > 1);
    /* Killed; it may stay as a zombie until somebody reaps it, but its output is
     * closed. */
    for (int i = 0; i < 100 && child.output >= 0; i++) {
        struct pollfd fds[2];

        launch_poll(&child, fds);
        poll(fds, 2, 100);
        launch_look(&child);
    }
    assert_int_equal(child.output, -1);
    launch_close(&child);
}

static void a_program_that_is_not_there_is_named(void **state)
{
    struct launch_child child;
    char *words[] = {(char[]){"no-such-program"}, NULL};

    (void)state;
    assert_int_equal(
        launch_start(&(struct launch_order){"cell", words, "/", NULL, NULL}, &child),
        TUTTI_SYSTEM);
    assert_string_equal(tutti_last_error(),
                        "'cell' cannot be started: no-such-program: No such file or "
                        "directory (looked for in '/' and on PATH)");
}

static void closing_kills_what_still_runs(void **state)
{
    struct launch_child child;
    pid_t pid;

    (void)state;
    start(&child, "sleep 1000");
    pid = child.pid;
    launch_close(&child);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_gets_its_environment_and_its_output_is_kept),
        cmocka_unit_test(only_the_last_lines_are_shown_and_no_control_characters),
        cmocka_unit_test(a_child_that_is_killed_is_described_by_its_signal),
        cmocka_unit_test(what_a_child_started_ends_with_it),
        cmocka_unit_test(a_program_that_is_not_there_is_named),
        cmocka_unit_test(closing_kills_what_still_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
