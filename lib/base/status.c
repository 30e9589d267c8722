/* The sentence of the last failure, one for each thread.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char last_error[4096] = "no failure yet";

void tt_set_error(const char *format, ...)
{
    char text[sizeof last_error]; /* the arguments may hold the last sentence */
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    memcpy(last_error, text, sizeof text);
}

const char *tutti_last_error(void)
{
    return last_error;
}

const char *tutti_status_name(enum tutti_status status)
{
    static const char *const names[] = {
        "TUTTI_OK",       "TUTTI_END",        "TUTTI_AGAIN",
        "TUTTI_BAD_CALL", "TUTTI_BAD_CONFIG", "TUTTI_REFUSED",
        "TUTTI_LOST",     "TUTTI_NO_MEMORY",  "TUTTI_SYSTEM"};

    if ((size_t)status >= sizeof names / sizeof *names)
        return "unknown status";
    return names[status];
}

const char *tutti_version(void)
{
    return TT_VERSION;
}
