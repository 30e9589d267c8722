/* How a failure gets its sentence.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "tutti/status.h"

/* Who discovers a failure: keeps the sentence for this thread and returns the status.
 */
#define FAIL(status, ...) (tt_set_error(__VA_ARGS__), (status))

/* Passes a failure on where nothing is held. */
#define TRY(call)                                                                      \
    do {                                                                               \
        const enum tutti_status try_status_ = (call);                                  \
        if (try_status_ != TUTTI_OK)                                                   \
            return try_status_;                                                        \
    } while (0)

/* Sentences are cut at 4 kB. */
void tt_set_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
