/* The experiment file as a struct: what the tables read is looked up, checked and
 * numbered. SPDX-License-Identifier: Apache-2.0 */
#include "broker/experiment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/memory.h"
#include "base/time.h"
#include "broker/experiment_keys.h"

enum {
    MOST_PARTICIPANTS = 1000,
    MOST_RANKS = 1024,
    MOST_THREADS = 1024, /* of a kernel, as it says itself */
    MOST_CONNECTIONS = 100000,
    MOST_RECORDED = 10000, /* they are compared with each other */
    LONGEST_NAME = 48      /* it becomes part of a socket's address, of 107 bytes */
};

static enum tutti_status no_memory(const struct experiment *experiment)
{
    return FAIL(TUTTI_NO_MEMORY, "no memory for the experiment '%s'", experiment->path);
}

static enum tutti_status check_count(const struct tt_value *value, size_t most,
                                     const char *name)
{
    if (value->count > most)
        return FAIL_AT(value->place, "'%s' has %zu entries, may have %zu at most", name,
                       value->count, most);
    return TUTTI_OK;
}

/* A text of `size` bytes that lives as long as the experiment. */
static enum tutti_status make_text(struct experiment *experiment, const char *bytes,
                                   size_t size, const char **text)
{
    char *copy;

    TRY(tt_grow(&experiment->made, &experiment->made_room, experiment->made_count + 1,
                sizeof *experiment->made));
    copy = tt_alloc(size + 1);
    if (!copy)
        return no_memory(experiment);
    memcpy(copy, bytes, size);
    experiment->made[experiment->made_count++] = copy;
    *text = copy;
    return TUTTI_OK;
}

/* --- participants */

static enum tutti_status check_name(const struct tt_value *key)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    if (!*key->text || key->text[strspn(key->text, allowed)])
        return FAIL_AT(key->place,
                       "'%s' cannot be the name of a participant; use letters, "
                       "digits, '_' and '-'",
                       key->text);
    if (strlen(key->text) > LONGEST_NAME)
        return FAIL_AT(key->place, "the name '%s' is longer than %d characters",
                       key->text, LONGEST_NAME);
    if (strcmp(key->text, EXPERIMENT_RECORDER) == 0)
        return FAIL_AT(key->place,
                       "the name '%s' is taken by what carries out 'record'; choose "
                       "another one",
                       key->text);
    return TUTTI_OK;
}

static enum tutti_status read_options(const struct tt_value *map,
                                      struct experiment_participant *participant)
{
    participant->options = tt_alloc_array(map->count, sizeof *participant->options);
    if (!participant->options)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the options of '%s'",
                    participant->name);
    for (size_t i = 0; i < map->count; i++) {
        const struct tt_entry *entry = &map->entries[i];

        TRY(tt_value_expect(&entry->value, TT_SCALAR, entry->key.text));
        participant->options[i] =
            (struct tt_option){entry->key.text, entry->value.text};
        participant->option_count++;
    }
    return TUTTI_OK;
}

static enum tutti_status read_parts(const struct tt_value *map,
                                    struct experiment_participant *participant)
{
    participant->parts = tt_alloc_array(map->count, sizeof *participant->parts);
    if (!participant->parts)
        return FAIL(TUTTI_NO_MEMORY, "no memory for what '%s' owns", participant->name);
    for (size_t i = 0; i < map->count; i++) {
        const struct tt_entry *entry = &map->entries[i];
        struct experiment_part *part = &participant->parts[i];

        part->population = entry->key.text;
        TRY(tt_value_text(&entry->value, part->population, &part->range));
        TRY(tt_at_place(tt_slice_parse(part->range, &part->slice), entry->value.place,
                        part->population));
        participant->part_count++;
    }
    return TUTTI_OK;
}

/* The keys of a port must fit each other. */
static enum tutti_status check_port(const struct experiment_port_keys *keys,
                                    const char *name, struct tt_place place)
{
    if ((keys->spikes >= 0) + (keys->signal >= 0) + (keys->message >= 0) != 1)
        return FAIL_AT(
            place,
            "port '%s' must have one of 'spikes', 'signal' and 'message', with "
            "'in' or 'out'",
            name);
    if (keys->message < 0 && !keys->width)
        return FAIL_AT(place, "port '%s' has no 'width'; write 'width: 1000'", name);
    if (keys->message >= 0 && keys->width)
        return FAIL_AT(place, "messages have no width; remove 'width' from port '%s'",
                       name);
    if (keys->signal >= 0 && !keys->unit)
        return FAIL_AT(place,
                       "the signal '%s' has no 'unit'; write 'unit: mV', or "
                       "'unit: 1' where there is none",
                       name);
    if (keys->signal < 0 && keys->unit)
        return FAIL_AT(place, "%s have no unit; remove 'unit' from port '%s'",
                       keys->spikes >= 0 ? "spikes" : "messages", name);
    return TUTTI_OK;
}

static enum tutti_status read_port(const struct tt_entry *entry,
                                   struct experiment_port *port)
{
    const struct tt_reader reader = {NULL};
    const struct tt_place place = entry->key.place;
    struct experiment_port_keys keys = {.spikes = -1, .signal = -1, .message = -1};
    const char *name = entry->key.text;
    struct tt_text what = {0};
    enum tutti_status status;

    tt_text_add(&what, "port '%s'", name);
    status = tt_table_read(&experiment_port_table, &reader, tt_text_get(&what),
                           &entry->value, &keys);
    tt_text_free(&what);
    TRY(status);
    TRY(check_port(&keys, name, place));
    *port = (struct experiment_port){
        .name = name,
        .place = place,
        .is_output = keys.spikes == 1 || keys.signal == 1 || keys.message == 1,
        .kind = keys.spikes >= 0   ? TUTTI_SPIKES
                : keys.signal >= 0 ? TUTTI_SIGNAL
                                   : TUTTI_MESSAGE,
        .width = keys.message >= 0 ? 1 : keys.width,
        .unit = keys.unit ? keys.unit : "",
    };
    return TUTTI_OK;
}

static enum tutti_status read_ports(const struct tt_value *map,
                                    struct experiment_participant *participant)
{
    participant->has_ports = true;
    participant->ports = tt_alloc_array(map->count, sizeof *participant->ports);
    if (!participant->ports)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the ports of '%s'",
                    participant->name);
    for (size_t i = 0; i < map->count; i++)
        TRY(read_port(&map->entries[i],
                      &participant->ports[participant->port_count++]));
    return TUTTI_OK;
}

enum tutti_status
experiment_check_window(const struct experiment_participant *participant,
                        struct tutti_step step)
{
    const int64_t window = participant->window;
    char room[TT_STEP_TEXT], length[TT_TIME_TEXT], low[TT_TIME_TEXT],
        high[TT_TIME_TEXT];
    int64_t above;

    if (window == 0)
        return TUTTI_OK;
    above = tt_step_at_or_after(step, window);
    if (tt_step_border(step, above) == window)
        return TUTTI_OK;
    tt_step_text(step, room);
    tt_time_text((struct tutti_time){window}, length);
    tt_time_text((struct tutti_time){tt_step_border(step, above - 1)}, low);
    tt_time_text((struct tutti_time){tt_step_border(step, above)}, high);
    if (above == 1)
        return FAIL_AT(participant->window_place,
                       "'window': '%s' is shorter than the step of '%s', %s; the "
                       "shortest that fits is '%s'",
                       length, participant->name, room, high);
    return FAIL_AT(participant->window_place,
                   "'window': '%s' is not a multiple of the step of '%s', %s; the "
                   "nearest that fit are '%s' and '%s'",
                   length, participant->name, room, low, high);
}

static enum tutti_status
use_participant_keys(const struct experiment_participant_keys *keys,
                     const struct tt_value *map,
                     struct experiment_participant *participant)
{
    participant->command = keys->command;
    participant->kernel = keys->kernel;
    participant->step = keys->step;
    participant->windows = (enum experiment_windows)keys->windows;
    participant->window = keys->window;
    participant->ranks = keys->ranks;
    participant->threads = keys->threads;
    if (keys->ranks > MOST_RANKS)
        return FAIL_AT(tt_map_find(map, "ranks")->place,
                       "participant '%s' has %u ranks, at most %d are possible",
                       participant->name, keys->ranks, MOST_RANKS);
    if (keys->window)
        participant->window_place = tt_map_find(map, "window")->place;
    if (keys->kernel)
        participant->kernel_place = tt_map_find(map, "kernel")->place;
    if (keys->command && keys->kernel)
        return FAIL_AT(participant->place,
                       "participant '%s' has a 'command' and a 'kernel'; remove one",
                       participant->name);
    if (keys->owns && !keys->kernel)
        return FAIL_AT(keys->owns->place,
                       "'owns' is for participants with a 'kernel', which '%s' is not",
                       participant->name);
    if (keys->threads && !keys->kernel)
        return FAIL_AT(tt_map_find(map, "threads")->place,
                       "'threads' is for participants with a 'kernel', which '%s' is "
                       "not",
                       participant->name);
    if (keys->threads > MOST_THREADS)
        return FAIL_AT(tt_map_find(map, "threads")->place,
                       "participant '%s' has %u threads, at most %d are possible",
                       participant->name, keys->threads, MOST_THREADS);
    if (keys->step.ns)
        TRY(experiment_check_window(participant, keys->step));
    if (keys->owns)
        TRY(read_parts(keys->owns, participant));
    if (keys->options)
        TRY(read_options(keys->options, participant));
    if (keys->ports)
        TRY(read_ports(keys->ports, participant));
    return TUTTI_OK;
}

static enum tutti_status read_participant(const struct tt_entry *entry,
                                          struct experiment_participant *participant)
{
    const struct tt_reader reader = {NULL};
    struct experiment_participant_keys keys = {.windows = EXPERIMENT_WINDOWS_UNSTATED};
    struct tt_text what = {0};
    enum tutti_status status;

    participant->name = entry->key.text;
    participant->place = entry->key.place;
    TRY(check_name(&entry->key));
    tt_text_add(&what, "participant '%s'", participant->name);
    status = tt_table_read(&experiment_participant_table, &reader, tt_text_get(&what),
                           &entry->value, &keys);
    tt_text_free(&what);
    TRY(status);
    return use_participant_keys(&keys, &entry->value, participant);
}

static enum tutti_status read_participants(struct experiment *experiment,
                                           const struct tt_value *map)
{
    if (map->count == 0)
        return FAIL_AT(map->place, "there is no participant; add one, 'name: {command: "
                                   "program}'");
    TRY(check_count(map, MOST_PARTICIPANTS, "participants"));
    /* One more, for the recorder. */
    experiment->participants =
        tt_alloc_array(map->count + 1, sizeof *experiment->participants);
    if (!experiment->participants)
        return no_memory(experiment);
    for (size_t i = 0; i < map->count; i++)
        TRY(read_participant(
            &map->entries[i],
            &experiment->participants[experiment->participant_count++]));
    return TUTTI_OK;
}

size_t experiment_find(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->participant_count; i++)
        if (strcmp(experiment->participants[i].name, name) == 0)
            return i;
    return EXPERIMENT_NONE;
}

size_t experiment_of_process(const struct experiment *experiment, size_t process,
                             uint32_t *rank)
{
    size_t i = experiment->participant_count - 1;

    while (experiment->participants[i].first_process > process)
        i--;
    *rank = (uint32_t)(process - experiment->participants[i].first_process);
    return i;
}

/* --- connections */

static enum tutti_status fail_unknown_participant(const struct experiment *experiment,
                                                  struct tt_place place,
                                                  const char *name)
{
    const char *known[MOST_PARTICIPANTS];

    if (strcmp(name, EXPERIMENT_RECORDER) == 0)
        return FAIL_AT(place, "nothing is connected to the recorder by hand; list the "
                              "port under 'record'");
    for (size_t i = 0; i < experiment->participant_count; i++)
        known[i] = experiment->participants[i].name;
    return tt_unknown_word(place, "participant", name, known,
                           experiment->participant_count);
}

/* Splits "column.E[0:100]" into participant, port and range. */
static enum tutti_status read_end(struct experiment *experiment,
                                  const struct tt_value *value, const char *key,
                                  struct experiment_end *end)
{
    const char *text = value->text, *dot, *name;
    size_t size;

    end->place = value->place;
    TRY(tt_at_place(tt_slice_split(text, &size, &end->slice), value->place, key));
    dot = memchr(text, '.', size);
    if (!dot || dot == text || dot + 1 == text + size)
        return FAIL_AT(value->place,
                       "'%s': '%s' is not a participant and a port; write "
                       "'PARTICIPANT.PORT'",
                       key, text);
    TRY(make_text(experiment, text, (size_t)(dot - text), &name));
    TRY(make_text(experiment, dot + 1, (size_t)(text + size - dot - 1), &end->port));
    end->participant = experiment_find(experiment, name);
    if (end->participant == EXPERIMENT_NONE)
        return fail_unknown_participant(experiment, value->place, name);
    return TUTTI_OK;
}

static enum tutti_status read_connection(struct experiment *experiment,
                                         const struct tt_value *map,
                                         struct experiment_connection *connection)
{
    const struct tt_reader reader = {NULL};
    struct experiment_connection_keys keys = {.delay = 0};

    TRY(tt_table_read(&experiment_connection_table, &reader, "this connection", map,
                      &keys));
    connection->place = map->place;
    connection->delay = keys.delay;
    TRY(read_end(experiment, keys.from, "from", &connection->from));
    return read_end(experiment, keys.to, "to", &connection->to);
}

static bool do_overlap(const struct experiment_end *a, const struct experiment_end *b)
{
    return a->participant == b->participant && strcmp(a->port, b->port) == 0 &&
           a->slice.begin < b->slice.end && b->slice.begin < a->slice.end;
}

/* An entry of `record` becomes a connection to the recorder. */
static enum tutti_status read_recorded(struct experiment *experiment,
                                       const struct tt_value *value, size_t number)
{
    struct experiment_connection *connection = &experiment->connections[number];
    struct experiment_end *from = &connection->from;
    const char *text;

    TRY(tt_value_text(value, "record", &text));
    TRY(read_end(experiment, value, "record", from));
    for (size_t i = experiment->record_first; i < number; i++)
        if (do_overlap(from, &experiment->connections[i].from))
            return FAIL_AT(value->place,
                           "'record': '%s' is recorded twice, first in line %d; remove "
                           "one",
                           text, experiment->connections[i].place.line);
    connection->place = value->place;
    connection->to = (struct experiment_end){.participant = experiment->recorder,
                                             .slice = {0, TT_OPEN_END},
                                             .place = value->place};
    return make_text(experiment, text, strcspn(text, "["), &connection->to.port);
}

static enum tutti_status read_connections(struct experiment *experiment,
                                          const struct tt_value *list,
                                          const struct tt_value *record)
{
    const size_t count = list ? list->count : 0;
    const size_t recorded = record ? record->count : 0;

    experiment->record_first = count;
    experiment->connections =
        tt_alloc_array(count + recorded, sizeof *experiment->connections);
    if (!experiment->connections)
        return no_memory(experiment);
    if (list)
        TRY(check_count(list, MOST_CONNECTIONS, "connections"));
    for (size_t i = 0; i < count; i++)
        TRY(read_connection(experiment, &list->items[i], &experiment->connections[i]));
    if (record)
        TRY(check_count(record, MOST_RECORDED, "record"));
    /* Behind the others, which were looked up without it. */
    experiment->recorder = recorded ? experiment->participant_count : EXPERIMENT_NONE;
    for (size_t i = 0; i < recorded; i++)
        TRY(read_recorded(experiment, &record->items[i], count + i));
    experiment->connection_count = count + recorded;
    if (recorded)
        experiment->participants[experiment->participant_count++] =
            (struct experiment_participant){.name = EXPERIMENT_RECORDER,
                                            .place = record->place,
                                            .ranks = 1,
                                            .windows = EXPERIMENT_WINDOWS_UNSTATED};
    return TUTTI_OK;
}

/* --- the file */

/* The path of a file that the experiment names. */
static char *path_from_folder(const struct experiment *experiment, const char *name)
{
    struct tt_text path = {0};

    if (name[0] == '/' || strcmp(experiment->folder, ".") == 0)
        tt_text_add(&path, "%s", name);
    else
        tt_text_add(&path, "%s/%s", experiment->folder, name);
    return path.bytes;
}

static enum tutti_status check_files(const struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->participant_count; i++) {
        const struct experiment_participant *participant = &experiment->participants[i];
        char *path;
        int problem;

        if (!participant->kernel)
            continue;
        path = path_from_folder(experiment, participant->kernel);
        if (!path)
            return no_memory(experiment);
        problem = access(path, R_OK) == 0 ? 0 : errno;
        free(path);
        if (problem)
            return FAIL_AT(participant->kernel_place,
                           "'kernel': cannot read '%s': %s; the path starts at the "
                           "folder of the experiment file",
                           participant->kernel, strerror(problem));
    }
    return TUTTI_OK;
}

static enum tutti_status describe_file(struct experiment *experiment)
{
    const char *path = tt_document_path(experiment->document);
    const char *slash = strrchr(path, '/');
    XXH128_canonical_t hash;

    experiment->path = path;
    experiment->text = tt_document_text(experiment->document, &experiment->text_size);
    XXH128_canonicalFromHash(&hash,
                             XXH3_128bits(experiment->text, experiment->text_size));
    memcpy(experiment->hash, hash.digest, sizeof experiment->hash);
    if (!slash)
        return make_text(experiment, ".", 1, &experiment->folder);
    return make_text(experiment, path, slash == path ? 1 : (size_t)(slash - path),
                     &experiment->folder);
}

static enum tutti_status fill(struct experiment *experiment)
{
    const struct tt_reader reader = {NULL};
    struct experiment_keys keys = {.name = NULL};

    TRY(describe_file(experiment));
    TRY(tt_table_read(&experiment_table, &reader, "the experiment",
                      tt_document_root(experiment->document), &keys));
    experiment->name = keys.name;
    experiment->duration = keys.duration;
    experiment->link = (enum experiment_link)keys.link;
    experiment->start_timeout = keys.start_timeout;
    experiment->patience = keys.patience;
    experiment->max_queue = keys.max_queue;
    experiment->afterwards = keys.afterwards;
    TRY(read_participants(experiment, keys.participants));
    TRY(read_connections(experiment, keys.connections, keys.record));
    for (size_t i = 0; i < experiment->participant_count; i++) {
        experiment->participants[i].first_process = experiment->process_count;
        experiment->process_count += experiment->participants[i].ranks;
    }
    return TUTTI_OK;
}

/* Takes the document. */
static enum tutti_status open_experiment(struct tt_document **document,
                                         struct experiment **experiment)
{
    enum tutti_status status;

    *experiment = tt_alloc(sizeof **experiment);
    if (!*experiment) {
        tt_document_free(document);
        return FAIL(TUTTI_NO_MEMORY, "no memory for the experiment");
    }
    (*experiment)->document = *document;
    *document = NULL;
    status = fill(*experiment);
    if (status != TUTTI_OK)
        experiment_free(experiment);
    return status;
}

enum tutti_status experiment_parse(const char *path, const char *bytes, size_t size,
                                   struct experiment **experiment)
{
    struct tt_document *document;

    *experiment = NULL;
    TRY(tt_document_parse(path, bytes, size, &document));
    return open_experiment(&document, experiment);
}

enum tutti_status experiment_read(const char *path, struct experiment **experiment)
{
    struct tt_document *document;
    enum tutti_status status;

    *experiment = NULL;
    TRY(tt_document_read(path, &document));
    TRY(open_experiment(&document, experiment));
    status = check_files(*experiment);
    if (status != TUTTI_OK)
        experiment_free(experiment);
    return status;
}

void experiment_free(struct experiment **experiment)
{
    if (!*experiment)
        return;
    for (size_t i = 0; i < (*experiment)->participant_count; i++) {
        free((*experiment)->participants[i].parts);
        free((*experiment)->participants[i].options);
        free((*experiment)->participants[i].ports);
    }
    for (size_t i = 0; i < (*experiment)->made_count; i++)
        free((*experiment)->made[i]);
    free((*experiment)->made);
    free((*experiment)->participants);
    free((*experiment)->connections);
    tt_document_free(&(*experiment)->document);
    free(*experiment);
    *experiment = NULL;
}
