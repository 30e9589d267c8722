/* The kernel against NEST: plays all cases of a folder of reference data and prints,
 * for each file, how many passed, failed and were left out, and why. Ends with status 1
 * when one failed or nothing was played. SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "reference_case.h"

/* Who plays the cases of a folder; NULL: nobody does, for the reason given. */
struct reader {
    const char *folder;
    struct reference_outcome (*play)(const struct reference_case *it);
    const char *reason;
};

/* clang-format off */
static const struct reader readers[] = {
    {"astrocyte",    NULL, "the kernel has no astrocytes"},
    {"compartments", NULL, "the kernel has no cells of several compartments"},
    {"devices",      reference_play_device,     NULL},
    {"eprop",        NULL, "the kernel has no e-prop learning"},
    {"gap",          NULL, "the kernel has no gap junctions"},
    {"network",      reference_play_network,    NULL},
    {"neurons",      reference_play_cell,       NULL},
    {"precise",      NULL, "the kernel has no cells with spikes off the grid"},
    {"rate",         NULL, "the kernel has no rate cells"},
    {"resolution",   reference_play_resolution, NULL},
    {"spatial",      NULL, "the kernel has no spatial rules"},
    {"synapses",     reference_play_synapse,    NULL},
};
/* clang-format on */

struct reference_outcome reference_passed(void)
{
    return (struct reference_outcome){.verdict = REFERENCE_PASSED};
}

struct reference_outcome reference_failed(const char *format, ...)
{
    struct reference_outcome outcome = {.verdict = REFERENCE_FAILED};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(outcome.why, sizeof outcome.why, format, arguments);
    va_end(arguments);
    return outcome;
}

struct reference_outcome reference_left_out(const char *format, ...)
{
    struct reference_outcome outcome = {.verdict = REFERENCE_LEFT_OUT};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(outcome.why, sizeof outcome.why, format, arguments);
    va_end(arguments);
    return outcome;
}

double reference_number(const json_t *map, const char *key)
{
    return json_number_value(json_object_get(map, key));
}

double reference_item(const json_t *list, size_t index)
{
    return json_number_value(json_array_get(list, index));
}

struct count {
    size_t cases, of[REFERENCE_LEFT_OUT + 1];
};

static const struct reader *find_reader(const char *folder)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(readers[i].folder, folder) == 0)
            return &readers[i];
    return NULL;
}

static struct reference_outcome play(const struct reader *reader,
                                     const struct reference_case *it)
{
    if (!reader)
        return reference_left_out("nobody reads this folder");
    if (!reader->play)
        return reference_left_out("%s", reader->reason);
    return reader->play(it);
}

/* The reasons of a file, each once. */
static void note(struct tt_text *reasons, const char *id,
                 const struct reference_outcome *outcome)
{
    if (outcome->verdict == REFERENCE_FAILED)
        tt_text_add(reasons, "    %s failed: %s\n", id, outcome->why);
    else if (outcome->verdict == REFERENCE_LEFT_OUT &&
             !strstr(tt_text_get(reasons), outcome->why))
        tt_text_add(reasons, "    left out: %s\n", outcome->why);
}

static void play_file(const char *folder, const char *section, const char *name,
                      struct count *all)
{
    const struct reader *const reader = find_reader(section);
    struct tt_text path = {0}, reasons = {0};
    struct count here = {0};
    json_error_t error;
    json_t *file;

    tt_text_add(&path, "%s/%s/%s", folder, section, name);
    file = json_load_file(tt_text_get(&path), 0, &error);
    if (!file) {
        printf("%s/%s: cannot be read: %s\n", section, name, error.text);
        all->cases++;
        all->of[REFERENCE_FAILED]++;
    }
    for (size_t i = 0; i < json_array_size(json_object_get(file, "cases")); i++) {
        const struct reference_case it = {
            .folder = folder,
            .file = file,
            .one = json_array_get(json_object_get(file, "cases"), i)};
        const struct reference_outcome outcome = play(reader, &it);

        here.cases++;
        here.of[outcome.verdict]++;
        note(&reasons, json_string_value(json_object_get(it.one, "id")), &outcome);
    }
    printf("%s/%s: %zu cases, %zu run, %zu passed, %zu failed, %zu left out\n%s",
           section, name, here.cases, here.cases - here.of[REFERENCE_LEFT_OUT],
           here.of[REFERENCE_PASSED], here.of[REFERENCE_FAILED],
           here.of[REFERENCE_LEFT_OUT], tt_text_get(&reasons));
    all->cases += here.cases;
    for (size_t i = 0; i <= REFERENCE_LEFT_OUT; i++)
        all->of[i] += here.of[i];
    json_decref(file);
    tt_text_free(&path);
    tt_text_free(&reasons);
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The names in a folder in order; an empty list when it is none. */
static struct dirent **names_in(const char *folder, int *count)
{
    struct dirent **names = NULL;

    *count = scandir(folder, &names, is_shown, alphasort);
    if (*count < 0)
        *count = 0;
    return names;
}

static void free_names(struct dirent **names, int count)
{
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

static void play_section(const char *folder, const char *section, struct count *all)
{
    struct tt_text path = {0};
    struct dirent **names;
    int count;

    tt_text_add(&path, "%s/%s", folder, section);
    names = names_in(tt_text_get(&path), &count);
    for (int i = 0; i < count; i++)
        if (strstr(names[i]->d_name, ".json"))
            play_file(folder, section, names[i]->d_name, all);
    free_names(names, count);
    tt_text_free(&path);
}

int main(int argument_count, char **arguments)
{
    const char *const folder = argument_count > 1 ? arguments[1] : REFERENCE;
    struct count all = {0};
    struct dirent **names;
    int count;

    names = names_in(folder, &count);
    for (int i = 0; i < count; i++)
        play_section(folder, names[i]->d_name, &all);
    free_names(names, count);
    printf("%s: %zu cases, %zu run, %zu passed, %zu failed, %zu left out\n", folder,
           all.cases, all.cases - all.of[REFERENCE_LEFT_OUT], all.of[REFERENCE_PASSED],
           all.of[REFERENCE_FAILED], all.of[REFERENCE_LEFT_OUT]);
    return all.of[REFERENCE_FAILED] > 0 || all.of[REFERENCE_PASSED] == 0;
}
