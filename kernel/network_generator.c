/* Reads what only generators have: lists, and times that are multiples of the step.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "kernel/network_parts.h"
#include "kernel/random.h"

static const double ms = 1e6; /* ns */

/* The lists of one population while they are read. */
struct lists {
    const struct tt_reader *reader;
    const struct network *network;
    const struct network_population *population;
    const struct generator *generator;
    struct generator_events *events;
};

bool network_is_list(const struct model *model, const char *key)
{
    const struct generator *const generator = model->generator;

    return generator && ((generator->times && strcmp(generator->times, key) == 0) ||
                         (generator->values && strcmp(generator->values, key) == 0));
}

void network_free_events(struct generator_events *events)
{
    free(events->steps);
    free(events->cells);
    free(events->values);
    *events = (struct generator_events){0};
}

static enum tutti_status fail_no_memory(const struct lists *lists)
{
    return FAIL(TUTTI_NO_MEMORY, "no memory for the %s of population '%s'",
                lists->generator->times, lists->population->name);
}

static enum tutti_status fail_off_grid(struct tt_place place, const char *what,
                                       int64_t time, int64_t step)
{
    const int64_t below = time - time % step;

    return FAIL_AT(place,
                   "%s is %.15g ms, not a multiple of the step %.15g ms; the nearest "
                   "that fit are %.15g ms and %.15g ms",
                   what, (double)time / ms, (double)step / ms, (double)below / ms,
                   (double)(below + step) / ms);
}

/* --- lists ---------------------------------------------------------------------- */

static enum tutti_status read_time(const struct lists *lists,
                                   const struct tt_value *item, int64_t *step)
{
    const char *const name = lists->generator->times;
    int64_t time;

    TRY(tt_value_time(item, name, &time));
    if (time <= 0)
        return FAIL_AT(item->place, "%s: %.15g ms is not after 0 ms", name,
                       (double)time / ms);
    if (time % lists->network->step != 0)
        return fail_off_grid(item->place, name, time, lists->network->step);
    *step = time / lists->network->step;
    return TUTTI_OK;
}

/* Spikes may fall together, changes of a current may not. */
static enum tutti_status check_order(const struct lists *lists,
                                     const struct tt_value *item, int64_t before,
                                     int64_t step)
{
    const bool may_repeat = lists->generator->fire != NULL;

    if (step > before || (may_repeat && step == before))
        return TUTTI_OK;
    return FAIL_AT(item->place, "%s: '%s' comes after %.15g ms; times must %s",
                   lists->generator->times, item->text,
                   (double)before * (double)lists->network->step / ms,
                   may_repeat ? "not fall" : "rise");
}

/* Appends the times of one list, of one cell or of all. */
static enum tutti_status read_times(const struct lists *lists,
                                    const struct tt_value *list, uint32_t cell)
{
    struct generator_events *const events = lists->events;
    int64_t before = 0;

    for (size_t i = 0; i < list->count; i++) {
        int64_t step;

        TRY(read_time(lists, &list->items[i], &step));
        TRY(check_order(lists, &list->items[i], before, step));
        before = step;
        events->steps[events->count] = step;
        if (events->cells)
            events->cells[events->count] = cell;
        events->count++;
    }
    return TUTTI_OK;
}

/* The events of the cells one after the other become one list in the order of time:
 * sorted by counting would need the longest time, so they are merged as pairs. */
struct pair {
    int64_t step;
    uint32_t cell;
};

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *const one = a, *const other = b;

    if (one->step != other->step)
        return one->step < other->step ? -1 : 1;
    return (one->cell > other->cell) - (one->cell < other->cell);
}

static enum tutti_status sort_events(const struct lists *lists)
{
    struct generator_events *const events = lists->events;
    struct pair *const pairs = tt_alloc_array(events->count, sizeof *pairs);

    if (!pairs)
        return fail_no_memory(lists);
    for (size_t i = 0; i < events->count; i++)
        pairs[i] = (struct pair){events->steps[i], events->cells[i]};
    qsort(pairs, events->count, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < events->count; i++) {
        events->steps[i] = pairs[i].step;
        events->cells[i] = pairs[i].cell;
    }
    free(pairs);
    return TUTTI_OK;
}

/* A list of lists: one for each cell. */
static enum tutti_status read_cells(const struct lists *lists,
                                    const struct tt_value *list)
{
    const uint32_t size = lists->population->size;
    size_t count = 0;

    if (!lists->generator->fire || list->count != size)
        return FAIL_AT(
            list->place,
            lists->generator->fire
                ? "%s has %zu lists, must have one for each of the %" PRIu32
                  " cells of '%s', or be one list of times for all"
                : "%s has %zu lists, must be one list of times for all %" PRIu32
                  " cells of '%s'",
            lists->generator->times, list->count, size, lists->population->name);
    for (size_t i = 0; i < list->count; i++) {
        TRY(tt_value_expect(&list->items[i], TT_LIST, lists->generator->times));
        count += list->items[i].count;
    }
    lists->events->steps = tt_alloc_array(count, sizeof(int64_t));
    lists->events->cells = tt_alloc_array(count, sizeof(uint32_t));
    if (!lists->events->steps || !lists->events->cells)
        return fail_no_memory(lists);
    for (size_t i = 0; i < list->count; i++)
        TRY(read_times(lists, &list->items[i], (uint32_t)i));
    return sort_events(lists);
}

static enum tutti_status read_values(const struct lists *lists,
                                     const struct tt_value *list)
{
    const struct generator *const generator = lists->generator;

    TRY(tt_value_expect(list, TT_LIST, generator->values));
    if (list->count != lists->events->count)
        return FAIL_AT(list->place, "%s has %zu values for the %zu times of %s",
                       generator->values, list->count, lists->events->count,
                       generator->times);
    lists->events->values = tt_alloc_array(list->count, sizeof(double));
    if (!lists->events->values)
        return fail_no_memory(lists);
    for (size_t i = 0; i < list->count; i++)
        TRY(tt_value_quantity(&list->items[i], generator->values, lists->reader->units,
                              generator->values_unit, &lists->events->values[i]));
    return TUTTI_OK;
}

static enum tutti_status read_lists(const struct lists *lists,
                                    const struct tt_value *times,
                                    const struct tt_value *values)
{
    TRY(tt_value_expect(times, TT_LIST, lists->generator->times));
    if (times->count && times->items[0].kind == TT_LIST)
        return read_cells(lists, times);
    lists->events->steps = tt_alloc_array(times->count, sizeof(int64_t));
    if (!lists->events->steps)
        return fail_no_memory(lists);
    TRY(read_times(lists, times, 0));
    return values ? read_values(lists, values) : TUTTI_OK;
}

static void *copy_array(const void *array, size_t size)
{
    void *const copy = array ? tt_alloc(size) : NULL;

    return copy ? memcpy(copy, array, size) : NULL;
}

static enum tutti_status copy_events(const struct lists *lists,
                                     const struct generator_events *from)
{
    struct generator_events *const to = lists->events;

    to->count = from->count;
    to->steps = copy_array(from->steps, from->count * sizeof *to->steps);
    to->cells = copy_array(from->cells, from->count * sizeof *to->cells);
    to->values = copy_array(from->values, from->count * sizeof *to->values);
    if ((from->steps && !to->steps) || (from->cells && !to->cells) ||
        (from->values && !to->values))
        return fail_no_memory(lists);
    return TUTTI_OK;
}

static enum tutti_status find_lists(const struct lists *lists,
                                    const struct tt_value *map,
                                    const struct generator_events *shared)
{
    const char *const names[] = {lists->generator->times, lists->generator->values};
    const struct tt_value *const times = map ? tt_map_find(map, names[0]) : NULL;
    const struct tt_value *const values =
        map && names[1] ? tt_map_find(map, names[1]) : NULL;

    if (names[1] && !times != !values)
        return FAIL_AT(map->place, "population '%s' has %s without %s",
                       lists->population->name, names[times ? 0 : 1],
                       names[times ? 1 : 0]);
    return times ? read_lists(lists, times, values) : copy_events(lists, shared);
}

/* --- what the step asks for ----------------------------------------------------- */

static enum tutti_status check_grid(const struct network *network,
                                    const struct tt_entry *entry,
                                    const struct tt_value *map,
                                    const struct network_population *population)
{
    const char *const *const names = population->model->generator->on_grid;

    for (size_t i = 0; names[i]; i++) {
        const double time = network_parameter(population, names[i]);
        const struct tt_value *const value = map ? tt_map_find(map, names[i]) : NULL;
        const struct tt_place place = value ? value->place : entry->value.place;

        if (!isinf(time) && llround(time * ms) % network->step != 0)
            return fail_off_grid(place, names[i], llround(time * ms), network->step);
    }
    return TUTTI_OK;
}

static enum tutti_status check_mean(const struct network *network,
                                    const struct tt_entry *entry,
                                    const struct network_population *population)
{
    const struct generator *const generator = population->model->generator;
    const double mean = generator->mean ? generator->mean(population->parameters,
                                                          (double)network->step / ms)
                                        : 0.0;

    if (mean <= RANDOM_LARGEST_MEAN)
        return TUTTI_OK;
    return FAIL_AT(entry->value.place,
                   "population '%s' would fire %.15g spikes per cell and step, at most "
                   "%.15g are possible; share the rate among more cells",
                   population->name, mean, RANDOM_LARGEST_MEAN);
}

enum tutti_status network_read_generator(const struct tt_reader *reader,
                                         const struct network *network,
                                         const struct tt_entry *entry,
                                         const struct tt_value *map,
                                         struct network_population *population)
{
    const struct generator *const generator = population->model->generator;
    const struct generator_events shared = population->events;
    struct generator_events events = {0};
    const struct lists lists = {.reader = reader,
                                .network = network,
                                .population = population,
                                .generator = generator,
                                .events = &events};
    enum tutti_status status = TUTTI_OK;

    population->events = events;
    if (!generator)
        return TUTTI_OK;
    TRY(check_grid(network, entry, map, population));
    TRY(check_mean(network, entry, population));
    if (generator->times)
        status = find_lists(&lists, map, &shared);
    if (status != TUTTI_OK)
        network_free_events(&events);
    population->events = events;
    return status;
}
