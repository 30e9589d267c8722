/* What a user sees of a run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/view.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "broker/watch.h"

#define PLAIN_EVERY (5 * TT_SECOND)

struct view view_open(void)
{
    return (struct view){.is_terminal = isatty(2)};
}

void view_end_line(struct view *view)
{
    if (view->has_line)
        fputc('\n', stderr);
    view->has_line = false;
}

void view_notice(void *self, const char *text)
{
    struct view *view = self;

    if (view->has_line)
        fputs("\r\033[K", stderr);
    view->has_line = false;
    fprintf(stderr, "tutti: %s\n", text);
}

static void write_gathering(const struct roster *roster, struct tt_text *line)
{
    const char *separator = "";

    tt_text_add(line, "waiting for ");
    for (size_t i = 0; i < roster->experiment->process_count; i++) {
        if (roster->members[i].state >= ROSTER_READY)
            continue;
        tt_text_add(line, "%s%s%s", separator, roster->members[i].name,
                    roster->members[i].state == ROSTER_AWAITED ? " to join" : "");
        separator = ", ";
    }
}

static void measure_speed(struct view *view, int64_t began, int64_t reached,
                          int64_t now)
{
    if (!view->speed_at)
        view->speed_at = began;
    if (now - view->speed_at < TT_SECOND && view->speed > 0)
        return;
    if (now > view->speed_at)
        view->speed =
            (double)(reached - view->speed_reached) / (double)(now - view->speed_at);
    if (now - view->speed_at >= TT_SECOND) {
        view->speed_at = now;
        view->speed_reached = reached;
    }
}

void view_write_line(struct view *view, const struct roster *roster, int64_t now,
                     struct tt_text *line)
{
    const int64_t reached = roster_reached(roster);
    const size_t limiting = watch_limiting(roster);
    char reached_text[TT_TIME_TEXT], stop_text[TT_TIME_TEXT];

    if (roster->phase == ROSTER_GATHERING) {
        write_gathering(roster, line);
        return;
    }
    measure_speed(view, roster->began, reached, now);
    if (limiting != EXPERIMENT_NONE)
        view->limiting = roster->members[limiting].name;
    tt_text_add(
        line, "%s of %s, %.2f x real time",
        tt_time_text((struct tutti_time){reached}, reached_text),
        tt_time_text((struct tutti_time){roster->experiment->duration}, stop_text),
        view->speed);
    if (view->limiting)
        tt_text_add(line, ", the others wait for '%s'", view->limiting);
}

void view_progress(void *self, const struct roster *roster, int64_t now)
{
    struct view *view = self;
    struct tt_text line = {0};

    if (roster->phase == ROSTER_FAILED || roster->phase == ROSTER_OVER ||
        (!view->is_terminal && now < view->shown + PLAIN_EVERY))
        return;
    if (!view->shown && !view->is_terminal) {
        view->shown = now; /* the first line after the first five seconds */
        return;
    }
    view->shown = now;
    view_write_line(view, roster, now, &line);
    if (view->is_terminal)
        fprintf(stderr, "\r\033[K%s", tt_text_get(&line));
    else
        fprintf(stderr, "%s\n", tt_text_get(&line));
    view->has_line = view->is_terminal;
    tt_text_free(&line);
}
