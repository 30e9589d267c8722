/* What every call that can fail returns, and the sentence that goes with a failure.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TUTTI_STATUS_H
#define TUTTI_STATUS_H

#if defined __GNUC__
#define TUTTI_API __attribute__((visibility("default")))
#else
#define TUTTI_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum tutti_status {
    TUTTI_OK = 0,
    TUTTI_END,      /* not a failure: the run has reached its stop time */
    TUTTI_AGAIN,    /* not a failure: the time limit of a waiting call is over */
    TUTTI_BAD_CALL, /* the program's mistake: wrong order, stamp in the past, bad index
                     */
    TUTTI_BAD_CONFIG, /* the experiment's mistake */
    TUTTI_REFUSED, /* the broker said no: unknown name, joined twice, other protocol */
    TUTTI_LOST,    /* a participant or the broker is gone; the sentence names it */
    TUTTI_NO_MEMORY,
    TUTTI_SYSTEM /* the operating system said no; the sentence says to what */
};

/* The sentence of this thread's last failure: what, where, what to do. Never NULL;
 * borrowed until the thread's next failing call. */
TUTTI_API const char *tutti_last_error(void);

/* "TUTTI_LOST" and so on; for messages. Never NULL. */
TUTTI_API const char *tutti_status_name(enum tutti_status status);

/* The library's version, "0.1.0". */
TUTTI_API const char *tutti_version(void);

#ifdef __cplusplus
}
#endif
#endif
