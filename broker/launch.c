/* Child processes.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

/* --- start */

/* In the child, until exec: only calls that are safe after fork(). */
static void become(const struct launch_order *order, pid_t parent, int output,
                   int report)
{
    const int nothing = open("/dev/null", O_RDONLY);
    sigset_t none;
    int reason;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the line above */
        _exit(127);
    dup2(nothing, 0);
    dup2(output, 1);
    dup2(output, 2);
    if (chdir(order->folder) == 0)
        execvp(order->words[0], order->words);
    reason = errno;
    if (write(report, &reason, sizeof reason) < 0)
        _exit(126);
    _exit(127);
}

static void set_environment(const struct launch_order *order)
{
    for (size_t i = 0; order->environment && order->environment[i]; i += 2)
        setenv(order->environment[i], order->environment[i + 1], 1);
}

/* The error that kept the child from its program; 0 when it is running. */
static int await_exec(int report)
{
    int reason = 0;
    ssize_t size;

    do
        size = read(report, &reason, sizeof reason);
    while (size < 0 && errno == EINTR);
    return size == sizeof reason ? reason : 0;
}

static enum tutti_status start(const struct launch_order *order,
                               struct launch_child *child, const int output[2],
                               const int report[2])
{
    const pid_t parent = getpid();
    int reason;

    /* Before fork(): the child of a program with threads may not allocate. */
    set_environment(order);
    child->pid = fork();
    if (child->pid < 0)
        return FAIL(TUTTI_SYSTEM, "'%s' cannot be started: %s", order->name,
                    strerror(errno));
    if (child->pid == 0)
        become(order, parent, output[1], report[1]);
    setpgid(child->pid, child->pid); /* whoever of the two comes first */
    close(report[1]);
    close(output[1]);
    child->output = output[0];
    reason = await_exec(report[0]);
    close(report[0]);
    if (reason) {
        waitpid(child->pid, NULL, 0);
        child->pid = 0;
        return FAIL(TUTTI_SYSTEM,
                    "'%s' cannot be started: %s: %s (looked for in '%s' and on PATH)",
                    order->name, order->words[0], strerror(reason), order->folder);
    }
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    if (child->pidfd < 0)
        return FAIL(TUTTI_SYSTEM, "'%s' cannot be watched: pidfd_open: %s", order->name,
                    strerror(errno));
    return TUTTI_OK;
}

enum tutti_status launch_start(const struct launch_order *order,
                               struct launch_child *child)
{
    enum tutti_status status;
    int output[2], report[2];

    *child = (struct launch_child){.pidfd = -1, .output = -1, .log = -1};
    child->name = tt_copy_text(order->name);
    if (!child->name)
        return FAIL(TUTTI_NO_MEMORY, "no memory to start '%s'", order->name);
    if (order->log) {
        child->log = open(order->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (child->log < 0)
            return FAIL(TUTTI_SYSTEM, "the log '%s' cannot be written: %s", order->log,
                        strerror(errno));
    }
    if (pipe2(output, O_CLOEXEC) != 0)
        return FAIL(TUTTI_SYSTEM, "'%s' cannot be started: pipe: %s", order->name,
                    strerror(errno));
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    if (pipe2(report, O_CLOEXEC) != 0) {
        close(output[0]);
        close(output[1]);
        return FAIL(TUTTI_SYSTEM, "'%s' cannot be started: pipe: %s", order->name,
                    strerror(errno));
    }
    status = start(order, child, output, report);
    if (status != TUTTI_OK)
        launch_close(child);
    return status;
}

/* --- watch */

void launch_poll(const struct launch_child *child, struct pollfd fds[2])
{
    fds[0] =
        (struct pollfd){.fd = child->has_ended ? -1 : child->pidfd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = child->output, .events = POLLIN};
}

static void keep_output(struct launch_child *child, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        child->tail[child->tail_size++ % LAUNCH_TAIL] = bytes[i];
    /* A full disk must not end the run: the tail still has the last lines. */
    if (child->log >= 0 && write(child->log, bytes, size) != (ssize_t)size) {
        close(child->log);
        child->log = -1;
    }
}

static void read_output(struct launch_child *child)
{
    char bytes[16384];
    ssize_t size;

    if (child->output < 0)
        return;
    while ((size = read(child->output, bytes, sizeof bytes)) > 0)
        keep_output(child, bytes, (size_t)size);
    if (size == 0) {
        close(child->output);
        child->output = -1;
    }
}

bool launch_look(struct launch_child *child)
{
    siginfo_t information = {0};

    read_output(child);
    if (!child->pid || child->has_ended)
        return false;
    /* Not reaped yet: while it is a zombie, its process group cannot be anybody else's.
     */
    if (waitid(P_PID, (id_t)child->pid, &information, WEXITED | WNOHANG | WNOWAIT) !=
            0 ||
        information.si_pid == 0)
        return false;
    kill(-child->pid, SIGKILL);
    waitpid(child->pid, &child->status, 0);
    child->has_ended = true;
    read_output(child);
    return true;
}

void launch_signal(const struct launch_child *child, int signal_number)
{
    if (child->pid && !child->has_ended)
        kill(-child->pid, signal_number);
}

void launch_close(struct launch_child *child)
{
    if (child->pid && !child->has_ended) {
        kill(-child->pid, SIGKILL);
        waitpid(child->pid, &child->status, 0);
    }
    if (child->pidfd >= 0)
        close(child->pidfd);
    if (child->output >= 0)
        close(child->output);
    if (child->log >= 0)
        close(child->log);
    free(child->name);
    *child = (struct launch_child){.pidfd = -1, .output = -1, .log = -1};
}

/* --- tell */

void launch_describe_end(const struct launch_child *child, struct tt_text *text)
{
    if (WIFSIGNALED(child->status))
        tt_text_add(text, "was killed by signal %d (%s)", WTERMSIG(child->status),
                    strsignal(WTERMSIG(child->status)));
    else
        tt_text_add(text, "ended with exit status %d", WEXITSTATUS(child->status));
}

static char tail_at(const struct launch_child *child, size_t i)
{
    return child->tail[i % LAUNCH_TAIL];
}

void launch_last_lines(const struct launch_child *child, const char *indent,
                       struct tt_text *text)
{
    const size_t end = child->tail_size;
    size_t begin = end > LAUNCH_TAIL ? end - LAUNCH_TAIL : 0, at = end;
    int lines = 0;

    while (at > begin && lines <= LAUNCH_LAST_LINES)
        if (tail_at(child, --at) == '\n' && at + 1 < end &&
            ++lines == LAUNCH_LAST_LINES)
            begin = at + 1;
    while (begin < end) {
        tt_text_add(text, "%s", indent);
        while (begin < end && tail_at(child, begin) != '\n') {
            const unsigned char byte = (unsigned char)tail_at(child, begin++);

            /* Terminals obey control characters. */
            tt_text_add(text, "%c", byte < ' ' && byte != '\t' ? '?' : byte);
        }
        begin++;
        tt_text_add(text, "\n");
    }
}
