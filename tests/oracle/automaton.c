/* The automaton of the oracle test as a participant. Its setup comes from the options
 * of the experiment file; `log` there names the file that it writes, `slow` makes it
 * sleep up to that many microseconds after each step.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/status.h"
#include "echo.h"

static void be_slow(void *self)
{
    const unsigned *longest = self;

    usleep((unsigned)rand() % *longest);
}

static enum tutti_status write_log(const char *path, const struct tt_text *log)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return FAIL(TUTTI_SYSTEM, "cannot write '%s'", path);
    if (fputs(tt_text_get(log), file) < 0 || fclose(file) != 0)
        return FAIL(TUTTI_SYSTEM, "cannot write '%s'", path);
    return TUTTI_OK;
}

static enum tutti_status play(struct tutti_participant *me)
{
    const char *path = tutti_option(me, "log");
    const char *slow = tutti_option(me, "slow");
    unsigned longest = slow ? (unsigned)strtoul(slow, NULL, 10) : 0;
    struct echo_setup setup;
    struct tt_text log = {0};
    enum tutti_status status;

    if (!path)
        return FAIL(TUTTI_BAD_CONFIG, "the options name no file `log`");
    TRY(echo_read(tutti_option(me, "seed"), tutti_option(me, "step"),
                  tutti_option(me, "windows"), tutti_option(me, "ports"), &setup));
    srand((unsigned)setup.seed);
    status = echo_run(me, &setup, longest ? be_slow : NULL, &longest, &log);
    if (status == TUTTI_OK)
        status = write_log(path, &log);
    tt_text_free(&log);
    return status;
}

int main(void)
{
    struct tutti_participant *me;
    enum tutti_status status = tutti_join(NULL, NULL, &me);

    if (status == TUTTI_OK)
        status = play(me);
    if (status != TUTTI_OK)
        fprintf(stderr, "automaton: %s\n", tutti_last_error());
    tutti_leave(&me);
    return status == TUTTI_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
