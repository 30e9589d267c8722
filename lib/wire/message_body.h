/* Inside lib/wire: the two directions between plain structs and protobuf.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_MESSAGE_BODY_H
#define WIRE_MESSAGE_BODY_H

#include "control.pb-c.h"
#include "wire/message.h"

#define TT_LONGEST_TEXT ((size_t)4096)
#define TT_LONGEST_ARRAY ((size_t)1000000)

/* The kinds of messages have the numbers of their fields in the envelope. */
_Static_assert((int)TT_JOIN == TUTTI__ENVELOPE__MESSAGE_JOIN &&
                   (int)TT_LEAVE == TUTTI__ENVELOPE__MESSAGE_LEAVE &&
                   (int)TT_WELCOME == TUTTI__ENVELOPE__MESSAGE_WELCOME &&
                   (int)TT_FAILURE == TUTTI__ENVELOPE__MESSAGE_FAILURE,
               "enum tt_message_kind and the envelope of control.proto differ");

/* A message on its way to bytes. Borrows text and numbers from the plain message; owns
 * what it had to make. */
struct tt_outgoing {
    Tutti__Envelope envelope;
    union {
        Tutti__Join join;
        Tutti__AskSources ask_sources;
        Tutti__Declare declare;
        Tutti__Ready ready;
        Tutti__Progress progress;
        Tutti__Leave leave;
        Tutti__Welcome welcome;
        Tutti__Sources sources;
        Tutti__Wiring wiring;
        Tutti__Go go;
        Tutti__Ping ping;
        Tutti__Failure failure;
    } body;
    Tutti__Step step;
    void *rows[2], **pointers[2]; /* of at most two repeated fields */
    char *text;                   /* a cleaned copy */
};

/* Fills envelope and body. TUTTI_NO_MEMORY, TUTTI_BAD_CALL; then, too, what was made is
 * freed by tt_outgoing_free(). */
enum tutti_status tt_outgoing_fill(struct tt_outgoing *outgoing,
                                   const struct tt_message *message);
void tt_outgoing_free(struct tt_outgoing *outgoing);

/* Fills `message` with what the envelope says, checked. Text and numbers stay in the
 * envelope; arrays of structs are new: at most two, in `rows`, freed with free(), also
 * after a failure. */
enum tutti_status tt_incoming_read(const Tutti__Envelope *envelope,
                                   struct tt_message *message, void *rows[2]);

#endif
