/* What a kernel participant will declare.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/kernel_ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "broker/words.h"
#include "config/table.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

char *kernel_ports_folder(void)
{
    char path[4096];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    char *slash;

    if (size <= 0)
        return NULL;
    path[size] = '\0';
    slash = strrchr(path, '/');
    *slash = '\0';
    return tt_copy_text(path);
}

enum tutti_status kernel_ports_words(const struct experiment_participant *participant,
                                     bool only_ports, char ***words)
{
    char *folder = kernel_ports_folder();
    struct tt_text text = {0};
    size_t count = 0;

    *words = tt_alloc_array(6 + 2 * participant->part_count, sizeof **words);
    if (!*words || !folder) {
        free(folder);
        free(*words);
        *words = NULL;
        return FAIL(TUTTI_NO_MEMORY, "no memory to start '%s'", participant->name);
    }
    tt_text_add(&text, "%s/tutti-kernel", folder);
    free(folder);
    (*words)[count++] = tt_copy_text(tt_text_get(&text));
    (*words)[count++] = tt_copy_text(participant->kernel);
    for (size_t i = 0; i < participant->part_count; i++) {
        (*words)[count++] = tt_copy_text("--owns");
        tt_text_clear(&text);
        tt_text_add(&text, "%s=%s", participant->parts[i].population,
                    participant->parts[i].range);
        (*words)[count++] = tt_copy_text(tt_text_get(&text));
    }
    if (participant->threads) {
        (*words)[count++] = tt_copy_text("--threads");
        tt_text_clear(&text);
        tt_text_add(&text, "%u", participant->threads);
        (*words)[count++] = tt_copy_text(tt_text_get(&text));
    }
    if (only_ports)
        (*words)[count++] = tt_copy_text("--ports");
    tt_text_free(&text);
    return TUTTI_OK;
}

/* --- the answer */

struct port_keys {
    const char *name, *unit;
    int direction, kind;
    uint32_t width;
    int64_t own_delay;
    bool is_at_step_ends;
};

struct step_keys {
    int64_t ns, divisor;
};

struct answer_keys {
    const struct tt_value *step, *ports;
    int convention;
};

/* clang-format off */
static const char *const directions[] = {"in", "out", NULL};
static const char *const kinds[] = {"spikes", "signal", NULL};
static const char *const conventions[] = {"from", "up_to", NULL};

static const struct tt_row port_rows[] = {
    {.key = "name", .form = &tt_form_text, .is_required = true,
     .offset = offsetof(struct port_keys, name)},
    {.key = "direction", .form = &tt_form_choice, .choices = directions,
     .is_required = true, .offset = offsetof(struct port_keys, direction)},
    {.key = "kind", .form = &tt_form_choice, .choices = kinds, .is_required = true,
     .offset = offsetof(struct port_keys, kind)},
    {.key = "width", .form = &tt_form_size, .is_required = true,
     .offset = offsetof(struct port_keys, width)},
    {.key = "unit", .form = &tt_form_text, .offset = offsetof(struct port_keys, unit)},
    {.key = "own_delay", .form = &tt_form_integer,
     .offset = offsetof(struct port_keys, own_delay)},
    {.key = "at_step_ends", .form = &tt_form_boolean,
     .offset = offsetof(struct port_keys, is_at_step_ends)},
};
static const struct tt_row step_rows[] = {
    {.key = "ns", .form = &tt_form_integer, .is_required = true,
     .offset = offsetof(struct step_keys, ns)},
    {.key = "divisor", .form = &tt_form_integer, .is_required = true,
     .offset = offsetof(struct step_keys, divisor)},
};
static const struct tt_row answer_rows[] = {
    {.key = "step", .form = &tt_form_map, .is_required = true,
     .offset = offsetof(struct answer_keys, step)},
    {.key = "convention", .form = &tt_form_choice, .choices = conventions,
     .is_required = true, .offset = offsetof(struct answer_keys, convention)},
    {.key = "ports", .form = &tt_form_list, .is_required = true,
     .offset = offsetof(struct answer_keys, ports)},
};
/* clang-format on */
static const struct tt_table port_table = {"", "", port_rows, COUNT(port_rows)};
static const struct tt_table step_table = {"", "", step_rows, COUNT(step_rows)};
static const struct tt_table answer_table = {"", "", answer_rows, COUNT(answer_rows)};

static enum tutti_status read_ports(const struct tt_value *list,
                                    struct kernel_ports *ports)
{
    const struct tt_reader reader = {0};

    ports->ports = tt_alloc_array(list->count, sizeof *ports->ports);
    if (!ports->ports)
        return FAIL(TUTTI_NO_MEMORY, "no memory for %zu ports", list->count);
    for (size_t i = 0; i < list->count; i++) {
        struct port_keys keys = {0};

        TRY(tt_table_read(&port_table, &reader, "a port", &list->items[i], &keys));
        ports->ports[i] = (struct tt_port){
            .name = keys.name,
            .is_output = keys.direction == 1,
            .kind = keys.kind == 0 ? TUTTI_SPIKES : TUTTI_SIGNAL,
            .width = keys.width,
            .unit = keys.unit ? keys.unit : "",
            .own_delay = keys.own_delay,
            .is_at_step_ends = keys.is_at_step_ends,
        };
    }
    ports->declare.port_count = list->count;
    ports->declare.ports = ports->ports;
    return TUTTI_OK;
}

/* JSON is YAML. */
static enum tutti_status read_answer(const char *what, const struct tt_text *answer,
                                     struct kernel_ports *ports)
{
    const struct tt_reader reader = {0};
    struct answer_keys keys = {0};
    struct step_keys step = {0};

    TRY(tt_document_parse(what, tt_text_get(answer), answer->size, &ports->document));
    TRY(tt_table_read(&answer_table, &reader, "the ports",
                      tt_document_root(ports->document), &keys));
    TRY(tt_table_read(&step_table, &reader, "the step", keys.step, &step));
    ports->declare.convention = keys.convention == 0 ? TUTTI_FROM : TUTTI_UP_TO;
    ports->declare.step = (struct tutti_step){step.ns, step.divisor};
    ports->declare.has_step = true;
    return read_ports(keys.ports, ports);
}

/* --- ask */

static void in_child(const struct experiment *experiment, char **words, int answer,
                     int complaint)
{
    dup2(answer, 1);
    dup2(complaint, 2);
    if (chdir(experiment->folder) == 0)
        execv(words[0], words);
    _exit(127);
}

static void read_all(int from, struct tt_text *text)
{
    char bytes[4096];
    ssize_t size;

    while ((size = read(from, bytes, sizeof bytes)) > 0 || (size < 0 && errno == EINTR))
        if (size > 0)
            tt_text_add(text, "%.*s", (int)size, bytes);
}

/* Both outputs of a short-lived program; its exit status as of waitpid(). */
static enum tutti_status run(const struct experiment *experiment, char **words,
                             struct tt_text *answer, struct tt_text *complaint,
                             int *ended)
{
    FILE *kept = tmpfile(); /* a file, not a second pipe: neither can fill up */
    int pipes[2];
    pid_t pid;

    if (!kept || pipe(pipes) != 0) {
        if (kept)
            fclose(kept);
        return FAIL(TUTTI_SYSTEM, "%s cannot be run: %s", words[0], strerror(errno));
    }
    pid = fork();
    if (pid == 0)
        in_child(experiment, words, pipes[1], fileno(kept));
    close(pipes[1]);
    if (pid > 0) {
        read_all(pipes[0], answer);
        waitpid(pid, ended, 0);
        lseek(fileno(kept), 0, SEEK_SET);
        read_all(fileno(kept), complaint);
    }
    close(pipes[0]);
    fclose(kept);
    return pid > 0
               ? TUTTI_OK
               : FAIL(TUTTI_SYSTEM, "%s cannot be run: %s", words[0], strerror(errno));
}

static enum tutti_status judge(const char *program, const struct tt_text *answer,
                               struct tt_text *complaint, int ended,
                               struct kernel_ports *ports)
{
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 127)
        return FAIL(TUTTI_SYSTEM, "%s cannot be run: is Tutti installed completely?",
                    program);
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0) {
        while (complaint->size && complaint->bytes[complaint->size - 1] == '\n')
            complaint->bytes[--complaint->size] = '\0';
        return FAIL(TUTTI_BAD_CONFIG, "%s",
                    complaint->size ? complaint->bytes : "tutti-kernel died");
    }
    return read_answer("the answer of tutti-kernel --ports", answer, ports);
}

enum tutti_status kernel_ports_ask(const struct experiment *experiment,
                                   size_t participant, struct kernel_ports *ports)
{
    struct tt_text answer = {0}, complaint = {0};
    enum tutti_status status;
    char **words;
    int ended = 0;

    *ports = (struct kernel_ports){0};
    TRY(kernel_ports_words(&experiment->participants[participant], true, &words));
    status = run(experiment, words, &answer, &complaint, &ended);
    if (status == TUTTI_OK)
        status = judge(words[0], &answer, &complaint, ended, ports);
    words_free(words);
    tt_text_free(&answer);
    tt_text_free(&complaint);
    return status;
}

void kernel_ports_free(struct kernel_ports *ports)
{
    free(ports->ports);
    tt_document_free(&ports->document);
    *ports = (struct kernel_ports){0};
}
