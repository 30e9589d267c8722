/* Who takes part in a run, how far each has come, and what is said to whom. Decides
 * only: messages come in decoded, answers go out through a mouth; times are given.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_ROSTER_H
#define BROKER_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/experiment.h"
#include "broker/plan.h"
#include "wire/message.h"

enum roster_state {
    ROSTER_AWAITED, /* has not joined */
    ROSTER_JOINED,
    ROSTER_DECLARED,
    ROSTER_READY, /* met all its peers */
    ROSTER_RUNNING,
    ROSTER_LEFT, /* said goodbye, or was lost, or gave up */
};

struct roster_member {
    char *name;         /* "column", or "column (rank 1)"; owned */
    size_t participant; /* index in the experiment */
    uint32_t rank;
    enum roster_state state;
    uint64_t line;             /* of the board, while it is there */
    struct tt_message join;    /* owned; from ROSTER_JOINED on */
    struct tt_message declare; /* owned; from ROSTER_DECLARED on */
    bool asks_sources;
    struct tt_progress progress; /* the last one */
    int64_t progress_at;         /* wall time at which it came; 0: none yet */
    struct tt_message leave;     /* owned; from ROSTER_LEFT on, if it said goodbye */
    bool has_said_leave;
};

enum roster_phase {
    ROSTER_GATHERING, /* not all are ready */
    ROSTER_RUN,
    ROSTER_OVER,  /* all have left */
    ROSTER_FAILED /* was told to all that are left */
};

/* How answers leave; `self` is the owner's. */
struct roster_mouth {
    void (*say)(void *self, uint64_t line, const struct tt_message *message);
    /* A line for the user that is no failure: somebody was refused. */
    void (*notice)(void *self, const char *text);
    void *self;
};

struct roster {
    const struct experiment *experiment; /* borrowed */
    const struct tt_units *units;        /* borrowed */
    struct roster_mouth mouth;
    uint8_t session[TT_SESSION_SIZE];
    struct roster_member *members;      /* one for each process of the experiment */
    const struct tt_declare **declared; /* of each process; NULL: not yet */
    const struct tt_declare **first;    /* of each participant's rank 0, as soon as all
                                           its ranks have declared */
    struct plan plan;
    bool is_planned;

    enum roster_phase phase;
    int64_t opened, began, ended; /* wall times */
    int64_t advanced;             /* wall time of the last sign that anything goes on */
    bool is_explained;            /* the silence since then */
    struct {
        enum tutti_status status;
        char text[2048]; /* one line */
        size_t culprit;  /* EXPERIMENT_NONE: nobody */
    } failure;
};

enum tutti_status roster_open(const struct experiment *experiment,
                              const struct tt_units *units, struct roster_mouth mouth,
                              int64_t now, struct roster *roster);
void roster_close(struct roster *roster);

/* Takes a message that came on `line`. Owns it from now on, whatever happens. */
void roster_take(struct roster *roster, uint64_t line, struct tt_message *message,
                 int64_t now);

/* Bytes on `line` that are no message: said to whoever sent them. */
void roster_refuse(struct roster *roster, uint64_t line, const char *text);

/* The program of a participant has ended, or its line is gone, without goodbye: `how`
 * says it
 * ("was killed by signal 9 (Killed)"). */
void roster_lose(struct roster *roster, size_t member, const char *how, int64_t now);

/* Ends the run: everybody is told. The first failure stays. */
void roster_fail(struct roster *roster, enum tutti_status status, size_t culprit,
                 const char *text, int64_t now);

/* The member whose line it is; EXPERIMENT_NONE. */
size_t roster_member_of(const struct roster *roster, uint64_t line);

/* Simulated time that all have reached. */
int64_t roster_reached(const struct roster *roster);

#endif
