/* Text that grows: sentences, reports, JSON lines.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "tutti/time.h"

/* Zero-initialised is empty. An allocation that fails sets `is_cut`; the text stays
 * valid. */
struct tt_text {
    char *bytes; /* ends in NUL once something was added; see tt_text_get() */
    size_t size; /* without the NUL */
    size_t room;
    bool is_cut;
};

void tt_text_add(struct tt_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Never NULL. */
const char *tt_text_get(const struct tt_text *text);
void tt_text_clear(struct tt_text *text); /* keeps the room */
void tt_text_free(struct tt_text *text);

/* "12.5 ms", "infinity": exact, in the largest of s, ms, us, ns that needs the fewest
 * digits. `room` of 32 bytes are enough. Returns `room`. */
#define TT_TIME_TEXT 32
const char *tt_time_text(struct tutti_time time, char room[TT_TIME_TEXT]);

/* The same for a step: "0.1 ms", or "1/60 s" where it is a ratio. */
#define TT_STEP_TEXT 64
const char *tt_step_text(struct tutti_step step, char room[TT_STEP_TEXT]);

/* The candidate nearest to `word` by edit distance, NULL when none is near enough to be
 * what was meant. */
const char *tt_nearest_word(const char *word, const char *const *candidates,
                            size_t count);

#endif
