/* The commands run, broker and check.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "broker/check.h"
#include "broker/expect.h"
#include "broker/run_folder.h"
#include "broker/server.h"
#include "broker/summary.h"
#include "broker/view.h"
#include "broker/words.h"

/* All that a run holds; everything may be there in part. */
struct run {
    const struct run_options *options;
    struct experiment *experiment;
    struct tt_units *units;
    struct server server;
    struct view view;
    struct tt_text folder; /* absolute */
    struct tt_text address;
};

/* --- prepare */

static enum tutti_status check_first(const struct run *run)
{
    struct expected expected;
    const enum tutti_status status =
        expect_read(run->experiment, run->units, &expected);

    expect_free(&expected);
    return status;
}

static enum tutti_status choose_address(struct run *run)
{
    uint64_t number;

    if (run->options->listen) {
        tt_text_add(&run->address, "%s", run->options->listen);
    } else if (run->experiment->link == EXPERIMENT_TCP) {
        tt_text_add(&run->address, "tcp://127.0.0.1:*");
    } else {
        if (getrandom(&number, sizeof number, 0) != sizeof number)
            return FAIL(TUTTI_SYSTEM,
                        "the system gave no random number for an address");
        tt_text_add(&run->address, "ipc://@tutti-%016llx", (unsigned long long)number);
    }
    return TUTTI_OK;
}

/* From here on signals come as data, and only where the run looks. */
static enum tutti_status hold_signals(struct server *server)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    server->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (server->signals < 0)
        return FAIL(TUTTI_SYSTEM, "no signals can be received: %s", strerror(errno));
    return TUTTI_OK;
}

static enum tutti_status prepare(struct run *run)
{
    TRY(experiment_read(run->options->file, &run->experiment));
    TRY(tt_units_open(&run->units));
    TRY(check_first(run));
    TRY(choose_address(run));
    TRY(run_folder_make(run->experiment, run->options->out, &run->folder));
    TRY(server_open(run->experiment, run->units, &tt_transport_zmq, NULL,
                    tt_text_get(&run->address), &run->server));
    run->server.say_notice = view_notice;
    run->server.say_progress = view_progress;
    run->server.viewer = &run->view;
    return hold_signals(&run->server);
}

/* --- start */

/* The words that start a participant; NULL in *words for one that is started by hand.
 */
static enum tutti_status words_of(const struct run *run, size_t member, char ***words)
{
    const struct experiment_participant *participant =
        &run->experiment->participants[member];
    char *folder;
    struct tt_text text = {0};
    enum tutti_status status;

    *words = NULL;
    if (participant->command) {
        if (words_split(participant->command, words) == TUTTI_OK)
            return TUTTI_OK;
        return FAIL(TUTTI_BAD_CONFIG, "%s:%d:%d: %s", participant->place.file,
                    participant->place.line, participant->place.column,
                    tutti_last_error());
    }
    if (participant->kernel)
        return kernel_ports_words(participant, false, words);
    if (member != run->experiment->recorder)
        return TUTTI_OK;
    folder = kernel_ports_folder();
    if (!folder)
        return FAIL(TUTTI_SYSTEM, "the folder of our programs cannot be found");
    tt_text_add(&text, "'%s/tutti-recorder'", folder);
    status = words_split(tt_text_get(&text), words);
    free(folder);
    tt_text_free(&text);
    return status;
}

/* The words that start all ranks together: those of one, behind `mpirun -n RANKS`. */
static enum tutti_status with_ranks(const struct experiment_participant *participant,
                                    char ***words)
{
    struct tt_text start = {0};
    enum tutti_status status;
    size_t more = 0, count = 0;
    char **first, **all;

    while ((*words)[more])
        more++;
    tt_text_add(&start, "mpirun --oversubscribe -n %u", participant->ranks);
    status = words_split(tt_text_get(&start), &first);
    tt_text_free(&start);
    TRY(status);
    while (first[count])
        count++;
    all = tt_alloc_array(count + more + 1, sizeof *all);
    if (!all) {
        words_free(first);
        return FAIL(TUTTI_NO_MEMORY, "no memory to start '%s'", participant->name);
    }
    memcpy(all, first, count * sizeof *all);
    memcpy(all + count, *words, more * sizeof *all);
    free(first);
    free(*words);
    *words = all;
    return TUTTI_OK;
}

static enum tutti_status start_child(struct run *run, size_t member, char **words)
{
    const char *name = run->experiment->participants[member].name;
    /* clang-format off */
    const char *const environment[] = {
        "TUTTI_BROKER", run->server.transport->board_address(run->server.board),
        "TUTTI_NAME", name,
        "TUTTI_RUN", tt_text_get(&run->folder),
        "PYTHONUNBUFFERED", "1", /* last lines, not lost ones */
        /* In a container everybody is root, which mpirun asks to confirm. */
        "OMPI_ALLOW_RUN_AS_ROOT", "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1",
        NULL};
    /* clang-format on */
    struct tt_text log = {0};
    enum tutti_status status;

    tt_text_add(&log, "%s/%s.log", tt_text_get(&run->folder), name);
    status = launch_start(&(struct launch_order){name, words, run->experiment->folder,
                                                 tt_text_get(&log), environment},
                          &run->server.children[member]);
    tt_text_free(&log);
    return status;
}

/* How the user starts a participant that is not ours to start. */
static void say_how(const struct run *run, size_t member, char **words)
{
    struct tt_text text = {0};

    tt_text_add(&text, "start '%s' with: TUTTI_BROKER=%s TUTTI_NAME=%s TUTTI_RUN='%s'",
                run->experiment->participants[member].name,
                run->server.transport->board_address(run->server.board),
                run->experiment->participants[member].name, tt_text_get(&run->folder));
    for (size_t i = 0; words && words[i]; i++)
        tt_text_add(&text, " %s", words[i]);
    if (!words)
        tt_text_add(&text, " PROGRAM");
    if (words && strcmp(run->experiment->folder, ".") != 0)
        tt_text_add(&text, "   (in the folder %s)", run->experiment->folder);
    fprintf(stderr, "%s\n", tt_text_get(&text));
    tt_text_free(&text);
}

static enum tutti_status start_all(struct run *run)
{
    const size_t count = run->experiment->participant_count;

    run->server.children = tt_alloc_array(count, sizeof *run->server.children);
    run->server.ended = tt_alloc_array(count, sizeof *run->server.ended);
    if (!run->server.children || !run->server.ended)
        return FAIL(TUTTI_NO_MEMORY, "no memory to start %zu participants", count);
    for (size_t i = 0; i < count; i++)
        run->server.children[i] =
            (struct launch_child){.pidfd = -1, .output = -1, .log = -1};
    run->server.child_count = count;
    for (size_t i = 0; i < count; i++) {
        enum tutti_status status;
        char **words;

        TRY(words_of(run, i, &words));
        if (words && run->experiment->participants[i].ranks > 1) {
            status = with_ranks(&run->experiment->participants[i], &words);
            if (status != TUTTI_OK) {
                words_free(words);
                return status;
            }
        }
        if (!words || run->options->starts_nothing) {
            say_how(run, i, words);
            status = TUTTI_OK;
        } else {
            status = start_child(run, i, words);
        }
        words_free(words);
        TRY(status);
    }
    return TUTTI_OK;
}

/* --- afterwards */

/* Runs one of our own or the user's commands to its end, its output shown as it comes.
 */
static enum tutti_status run_to_end(const struct run *run, const char *what,
                                    char **words)
{
    const char *const environment[] = {"TUTTI_RUN", tt_text_get(&run->folder), NULL};
    struct tt_text how = {0};
    struct launch_child child;
    enum tutti_status status = TUTTI_OK;

    TRY(launch_start(
        &(struct launch_order){what, words, run->experiment->folder, NULL, environment},
        &child));
    while (!child.has_ended) {
        struct pollfd fds[2];

        launch_poll(&child, fds);
        poll(fds, 2, 1000);
        launch_look(&child);
        if (run->server.interrupted)
            launch_signal(&child, SIGKILL);
    }
    if (child.status) {
        launch_describe_end(&child, &how);
        tt_text_add(&how, "\n");
        launch_last_lines(&child, "    ", &how);
        status = FAIL(TUTTI_LOST, "%s %s", what, tt_text_get(&how));
    } else {
        launch_last_lines(&child, "", &how);
        fputs(tt_text_get(&how), stdout);
    }
    tt_text_free(&how);
    launch_close(&child);
    return status;
}

/* A recorder that did not end in order has left a recording that recovery turns into
 * one that every program opens; on a good one it does nothing. */
static void recover(const struct run *run)
{
    const size_t recorder = run->experiment->recorder;
    struct tt_text path = {0};
    char *folder;

    if (recorder == EXPERIMENT_NONE || !run->server.child_count ||
        !run->server.children[recorder].pid || !run->server.children[recorder].status)
        return;
    folder = kernel_ports_folder();
    if (folder) {
        char *program, *recording;

        tt_text_add(&path, "%s/tutti-recorder", folder);
        program = tt_copy_text(tt_text_get(&path));
        tt_text_clear(&path);
        tt_text_add(&path, "%s/recording.h5", tt_text_get(&run->folder));
        recording = tt_copy_text(tt_text_get(&path));
        if (program && recording &&
            run_to_end(run, "the recovery of the recording",
                       (char *[]){program, (char[]){"--recover"}, recording, NULL}) !=
                TUTTI_OK)
            fprintf(stderr, "tutti: %s\n", tutti_last_error());
        free(program);
        free(recording);
    }
    free(folder);
    tt_text_free(&path);
}

static enum tutti_status run_afterwards(const struct run *run)
{
    enum tutti_status status;
    char **words;

    if (!run->experiment->afterwards || run->options->starts_nothing)
        return TUTTI_OK;
    TRY(words_split(run->experiment->afterwards, &words));
    status = run_to_end(run, "the command of 'afterwards'", words);
    words_free(words);
    return status;
}

static void close_run(struct run *run)
{
    const int signals = run->server.signals;

    server_close(&run->server);
    if (signals > 0)
        close(signals);
    tt_units_close(&run->units);
    experiment_free(&run->experiment);
    tt_text_free(&run->folder);
    tt_text_free(&run->address);
}

/* The failure, and the last words of whoever is behind it. */
static void say_failure(const struct run *run, const char *sentence)
{
    const struct roster *roster = &run->server.roster;
    const size_t culprit = roster->failure.culprit;
    struct tt_text text = {0};

    tt_text_add(&text, "tutti: %s\n", sentence);
    if (run->server.child_count && culprit != EXPERIMENT_NONE) {
        const size_t child = roster->members[culprit].participant;
        const char *name = run->experiment->participants[child].name;

        if (run->server.children[child].tail_size)
            tt_text_add(&text, "last lines of '%s' (all in %s/%s.log):\n", name,
                        tt_text_get(&run->folder), name);
        launch_last_lines(&run->server.children[child], "    ", &text);
    }
    fputs(tt_text_get(&text), stderr);
    tt_text_free(&text);
}

int run_experiment(const struct run_options *options)
{
    struct run run = {.options = options, .server.signals = -1, .view = view_open()};
    enum tutti_status status = prepare(&run);
    bool has_bad_exit;
    int interrupted;

    if (status == TUTTI_OK)
        status = start_all(&run);
    if (status == TUTTI_OK) {
        status = server_run(&run.server);
        view_end_line(&run.view);
    }
    if (status != TUTTI_OK)
        say_failure(&run, tutti_last_error());
    if (run.server.roster.experiment && run.server.roster.began) {
        recover(&run);
        summary_print(&run.server.roster, tt_text_get(&run.folder));
    }
    if (status == TUTTI_OK && (status = run_afterwards(&run)) != TUTTI_OK)
        fprintf(stderr, "tutti: %s\n", tutti_last_error());
    interrupted = run.server.interrupted;
    has_bad_exit = run.server.has_bad_exit;
    close_run(&run);
    if (interrupted)
        return 128 + interrupted;
    return status != TUTTI_OK || has_bad_exit;
}

/* --- check */

int run_check(const struct run_options *options)
{
    struct run run = {.options = options, .server.signals = -1};
    struct expected expected = {0};
    struct tt_text text = {0};
    enum tutti_status status = experiment_read(options->file, &run.experiment);

    if (status == TUTTI_OK)
        status = tt_units_open(&run.units);
    if (status == TUTTI_OK)
        status = expect_read(run.experiment, run.units, &expected);
    if (status == TUTTI_OK)
        status = check_write(run.experiment, expected.declared, &expected.plan, &text);
    if (status == TUTTI_OK)
        fputs(tt_text_get(&text), stdout);
    else
        fprintf(stderr, "%s\n", tutti_last_error());
    tt_text_free(&text);
    expect_free(&expected);
    close_run(&run);
    return status != TUTTI_OK;
}
