/* Child processes: each in a process group of its own that ends with us, its output in
 * a log. SPDX-License-Identifier: Apache-2.0 */
#ifndef BROKER_LAUNCH_H
#define BROKER_LAUNCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/text.h"
#include "tutti/status.h"

#define LAUNCH_TAIL 4096
#define LAUNCH_LAST_LINES 8

/* What a child is started with. All borrowed for the call. */
struct launch_order {
    const char *name;
    char *const *words; /* program and arguments; NULL-terminated */
    const char *folder; /* working folder */
    const char *log;    /* path; NULL: its output is kept in the tail only */
    /* NULL-terminated names and values in turn, added to our environment. */
    const char *const *environment;
};

struct launch_child {
    char *name;
    pid_t pid;              /* 0: none */
    int pidfd, output, log; /* -1: closed */
    bool has_ended;
    int status; /* of waitpid(), once it has ended */
    char tail[LAUNCH_TAIL];
    size_t tail_size; /* bytes ever written; the tail is a ring */
};

/* Starts a child. TUTTI_SYSTEM: the program cannot be started, with the reason. */
enum tutti_status launch_start(const struct launch_order *order,
                               struct launch_child *child);

/* Two descriptors to poll for; -1 (which poll ignores) where nothing is to be expected.
 */
void launch_poll(const struct launch_child *child, struct pollfd fds[2]);
/* Takes in what is there: output into log and tail, and the end. True when it ended
 * now: what else lives in its process group has been killed then. */
bool launch_look(struct launch_child *child);

/* Sends a signal to the child's process group. */
void launch_signal(const struct launch_child *child, int signal_number);
/* Kills it, if it lives, and frees what it holds. */
void launch_close(struct launch_child *child);

/* "was killed by signal 9 (Killed)", "ended with exit status 1". */
void launch_describe_end(const struct launch_child *child, struct tt_text *text);
/* Its last lines, at most LAUNCH_LAST_LINES, each indented by `indent` and ended. */
void launch_last_lines(const struct launch_child *child, const char *indent,
                       struct tt_text *text);

#endif
