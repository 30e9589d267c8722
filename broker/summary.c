/* What is left to say when a run is over.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/summary.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static void print_speed(const struct roster *roster)
{
    const int64_t reached = roster_reached(roster);
    const double wall = (double)(roster->ended - roster->began) / TT_SECOND;
    char text[TT_TIME_TEXT];

    printf("%s simulated in %.2f s", tt_time_text((struct tutti_time){reached}, text),
           wall);
    if (wall > 0)
        printf(": %.2f x real time", (double)reached / TT_SECOND / wall);
    printf("\n");
}

static void print_events(const struct roster *roster)
{
    uint64_t undelivered = 0, strangers = 0;

    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        undelivered += roster->members[i].leave.leave.undelivered;
        strangers += roster->members[i].leave.leave.strangers;
    }
    if (undelivered)
        printf("%llu events were due after the end and not delivered\n",
               (unsigned long long)undelivered);
    if (strangers)
        printf("%llu frames that were not of this run were thrown away\n",
               (unsigned long long)strangers);
}

/* Where the wall-clock time of a process went: computing, and waiting for whom. */
static void print_waits(const struct roster *roster, const struct roster_member *member,
                        int width)
{
    const struct tt_leave *leave = &member->leave.leave;
    int64_t waited = 0;

    if (!member->has_said_leave || member->participant == roster->experiment->recorder)
        return;
    for (size_t i = 0; i < leave->wait_count; i++)
        waited += leave->waits[i].waited;
    printf("  %-*s computed %.2f s, waited %.2f s", width, member->name,
           (double)(leave->ran - waited) / TT_SECOND, (double)waited / TT_SECOND);
    for (size_t i = 0; i < leave->wait_count; i++)
        if (leave->waits[i].peer < roster->experiment->process_count)
            printf("%s %.2f s for %s", i ? "," : ":",
                   (double)leave->waits[i].waited / TT_SECOND,
                   roster->members[leave->waits[i].peer].name);
    printf("\n");
}

static void print_times(const struct roster *roster)
{
    int width = 0;

    for (size_t i = 0; i < roster->experiment->process_count; i++)
        if ((int)strlen(roster->members[i].name) > width)
            width = (int)strlen(roster->members[i].name);
    for (size_t i = 0; i < roster->experiment->process_count; i++)
        print_waits(roster, &roster->members[i], width);
}

/* The recorder's own words. */
static void print_recorded(const struct roster *roster, const char *folder)
{
    const char *const word = "recorded ";
    struct tt_text path = {0};
    char line[1024];
    FILE *log;

    if (roster->experiment->recorder == EXPERIMENT_NONE)
        return;
    tt_text_add(&path, "%s/%s.log", folder, EXPERIMENT_RECORDER);
    log = fopen(tt_text_get(&path), "r");
    while (log && fgets(line, sizeof line, log))
        if (strncmp(line, word, strlen(word)) == 0)
            printf("  %s", line + strlen(word));
    if (log)
        fclose(log);
    printf("recording: %s/recording.h5\n", folder);
    tt_text_free(&path);
}

void summary_print(const struct roster *roster, const char *folder)
{
    print_speed(roster);
    print_times(roster);
    print_recorded(roster, folder);
    print_events(roster);
    fflush(stdout);
}
