/* What a user sees of a run: one line while it goes on, sentences when something
 * happens. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_VIEW_H
#define BROKER_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/roster.h"

/* Everything goes to standard error: a terminal gets a line that is written over,
 * anything else a line every 5 s. */
struct view {
    bool is_terminal;
    bool has_line; /* a progress line stands there */
    int64_t shown;
    int64_t speed_at, speed_reached; /* the last second, for the speed */
    double speed;
    const char *limiting; /* the last one found, so that the line does not flicker */
};

struct view view_open(void);
/* The two callbacks of the server. */
void view_progress(void *view, const struct roster *roster, int64_t now);
void view_notice(void *view, const char *text);
/* Ends the progress line. */
void view_end_line(struct view *view);

/* The progress line itself. */
void view_write_line(struct view *view, const struct roster *roster, int64_t now,
                     struct tt_text *line);

#endif
