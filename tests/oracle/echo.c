/* The automaton of the oracle test.
 * SPDX-License-Identifier: Apache-2.0 */
#include "echo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/time.h"

/* One run. */
struct echo {
    const struct echo_setup *setup;
    struct tutti_port *ports[ECHO_MOST_PORTS];
    uint64_t state;
    int64_t step; /* number of the next one */
    struct tt_text *log;
};

/* The finaliser of SplitMix64: every bit of the input changes half of the result. */
static uint64_t mix(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static void take_in(struct echo *echo, uint64_t value)
{
    echo->state = mix(echo->state ^ value);
}

/* --- setup --- */

static enum tutti_status read_property(const char *word, struct echo_port *port)
{
    const struct {
        const char *name;
        int64_t *value;
    } properties[] = {{"lag", &port->lag},
                      {"lead", &port->lead},
                      {"own", &port->own_delay},
                      {"ahead", &port->ahead}};
    char name[16];
    int64_t value;

    if (sscanf(word, "%15[a-z]=%" SCNd64, name, &value) != 2)
        return FAIL(TUTTI_BAD_CONFIG, "'%s' is not PROPERTY=NS", word);
    if (strcmp(name, "ends") == 0) {
        port->is_at_step_ends = value != 0;
        return TUTTI_OK;
    }
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (strcmp(name, properties[i].name) == 0) {
            *properties[i].value = value;
            return TUTTI_OK;
        }
    return FAIL(TUTTI_BAD_CONFIG, "a port has no property '%s'", name);
}

static enum tutti_status read_port(char *word, struct echo_port *port)
{
    char *rest;
    char *part = strtok_r(word, ":", &rest);

    if (!part || strlen(part) >= sizeof port->name)
        return FAIL(TUTTI_BAD_CONFIG, "'%s' is no name of a port", word);
    strcpy(port->name, part);
    part = strtok_r(NULL, ":", &rest);
    port->width = part ? (uint32_t)strtoul(part, NULL, 10) : 0;
    while ((part = strtok_r(NULL, ":", &rest)))
        TRY(read_property(part, port));
    return TUTTI_OK;
}

static enum tutti_status read_ports(const char *ports, struct echo_setup *setup)
{
    char copy[1024];
    char *rest;
    bool is_output = false;

    if (strlen(ports) >= sizeof copy)
        return FAIL(TUTTI_BAD_CONFIG, "the ports take more than %zu bytes",
                    sizeof copy - 1);
    strcpy(copy, ports);
    for (char *word = strtok_r(copy, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest)) {
        struct echo_port *port = &setup->ports[setup->port_count];

        if (strcmp(word, "in") == 0 || strcmp(word, "out") == 0) {
            is_output = word[0] == 'o';
            continue;
        }
        if (setup->port_count == ECHO_MOST_PORTS)
            return FAIL(TUTTI_BAD_CONFIG, "more than %d ports", ECHO_MOST_PORTS);
        port->is_output = is_output;
        TRY(read_port(word, port));
        setup->port_count++;
    }
    return TUTTI_OK;
}

enum tutti_status echo_read(const char *seed, const char *step, const char *windows,
                            const char *ports, struct echo_setup *setup)
{
    *setup = (struct echo_setup){0};
    if (seed)
        setup->seed = strtoull(seed, NULL, 10);
    if (step) {
        setup->step.divisor = 1;
        if (sscanf(step, "%" SCNd64 "/%" SCNd64, &setup->step.ns,
                   &setup->step.divisor) < 1)
            return FAIL(TUTTI_BAD_CONFIG, "'%s' is no step", step);
    }
    if (windows && strcmp(windows, "up_to") == 0)
        setup->convention = TUTTI_UP_TO;
    return ports ? read_ports(ports, setup) : TUTTI_OK;
}

/* --- ports --- */

static enum tutti_status declare_port(struct tutti_participant *me,
                                      const struct echo_port *port,
                                      struct tutti_port **handle)
{
    if (port->is_output) {
        TRY(tutti_spike_output(me, port->name, port->width, handle));
        if (port->lag)
            TRY(tutti_port_set_lag(*handle, (struct tutti_time){port->lag}));
    } else {
        TRY(tutti_spike_input(me, port->name, port->width, handle));
        if (port->lead)
            TRY(tutti_port_set_lead(*handle, (struct tutti_time){port->lead}));
        if (port->own_delay)
            TRY(tutti_port_set_own_delay(*handle,
                                         (struct tutti_time){port->own_delay}));
    }
    return port->is_at_step_ends ? tutti_port_set_at_step_ends(*handle) : TUTTI_OK;
}

static enum tutti_status declare(struct tutti_participant *me, struct echo *echo)
{
    const struct echo_setup *setup = echo->setup;

    if (setup->step.divisor)
        TRY(tutti_set_step(me, setup->step, setup->convention));
    for (size_t i = 0; i < setup->port_count; i++)
        TRY(declare_port(me, &setup->ports[i], &echo->ports[i]));
    return tutti_start(me);
}

/* --- steps --- */

/* Up to where a step that ends at `end` takes spikes, as tutti_next_spike() wants it.
 */
static int64_t take_until(const struct echo *echo, const struct echo_port *port,
                          int64_t end)
{
    int64_t until = end + port->lead - port->own_delay;

    if (port->is_at_step_ends) {
        until -= tt_step_shortest(echo->setup->step);
        if (echo->setup->convention == TUTTI_FROM)
            until++; /* what is due when the step begins counts */
    }
    return until;
}

static void take_spikes(struct echo *echo, size_t which, int64_t end)
{
    const struct echo_port *port = &echo->setup->ports[which];
    const struct tutti_time until = {take_until(echo, port, end)};
    struct tutti_time due;
    uint32_t index;

    while (tutti_next_spike(echo->ports[which], until, &due, &index)) {
        take_in(echo, (uint64_t)due.ns);
        take_in(echo, index);
        tt_text_add(echo->log, "took %" PRId64 " %s %" PRId64 " %u\n", echo->step,
                    port->name, due.ns, index);
    }
}

/* Stamps that hurt: the first and the last that the step allows, their neighbours, some
 * after the step; and any. */
static int64_t draw_stamp(const struct echo *echo, const struct echo_port *port,
                          int64_t begin, int64_t end, uint64_t draw)
{
    const int64_t shift = echo->setup->convention == TUTTI_UP_TO;
    const int64_t last = end - 1 + shift;
    int64_t first = begin + shift - port->lag;

    if (port->is_at_step_ends)
        return end;
    if (first < 0)
        first = 0;
    switch (draw % 8) {
    case 0:
        return first;
    case 1:
        return last;
    case 2:
        return first < last ? first + 1 : first;
    case 3:
        return first < last ? last - 1 : last;
    case 4:
        return last + (int64_t)(draw / 8 % ((uint64_t)port->ahead + 1));
    default:
        return first + (int64_t)(draw / 8 % (uint64_t)(last - first + 1));
    }
}

static enum tutti_status emit_spikes(struct echo *echo, size_t which, int64_t begin,
                                     int64_t end)
{
    const struct echo_port *port = &echo->setup->ports[which];
    uint64_t draw = mix(echo->state ^ which);

    for (uint64_t left = draw % 4; left; left--) {
        struct tutti_time stamp;
        uint32_t index;

        draw = mix(draw);
        stamp.ns = draw_stamp(echo, port, begin, end, draw);
        draw = mix(draw);
        index = (uint32_t)(draw % port->width);
        TRY(tutti_send_spike(echo->ports[which], stamp, index));
        tt_text_add(echo->log, "sent %" PRId64 " %s %" PRId64 " %u\n", echo->step,
                    port->name, stamp.ns, index);
    }
    return TUTTI_OK;
}

static enum tutti_status play_step(struct echo *echo, int64_t begin, int64_t end)
{
    take_in(echo, (uint64_t)echo->step);
    for (size_t i = 0; i < echo->setup->port_count; i++)
        if (!echo->setup->ports[i].is_output)
            take_spikes(echo, i, end);
    for (size_t i = 0; i < echo->setup->port_count; i++)
        if (echo->setup->ports[i].is_output)
            TRY(emit_spikes(echo, i, begin, end));
    echo->step++;
    return TUTTI_OK;
}

/* Without a step windows are all there is, and what it does must not show them. */
static void write_down(struct echo *echo)
{
    for (size_t i = 0; i < echo->setup->port_count; i++) {
        const struct tutti_time *due;
        const uint32_t *indices;
        const size_t count = tutti_spikes(echo->ports[i], &due, &indices);

        for (size_t k = 0; k < count; k++)
            tt_text_add(echo->log, "took 0 %s %" PRId64 " %u\n",
                        echo->setup->ports[i].name, due[k].ns, indices[k]);
    }
}

static enum tutti_status play_window(struct echo *echo, struct tutti_window window,
                                     void (*pause)(void *self), void *self)
{
    const struct tutti_step step = echo->setup->step;

    if (!step.divisor) {
        write_down(echo);
        return TUTTI_OK;
    }
    if (tt_step_border(step, echo->step) != window.begin.ns)
        return FAIL(TUTTI_BAD_CALL,
                    "a window begins at %" PRId64 " ns, step %" PRId64 " at %" PRId64
                    " ns",
                    window.begin.ns, echo->step, tt_step_border(step, echo->step));
    while (tt_step_border(step, echo->step) < window.end.ns) {
        TRY(play_step(echo, tt_step_border(step, echo->step),
                      tt_step_border(step, echo->step + 1)));
        if (pause)
            pause(self);
    }
    return TUTTI_OK;
}

enum tutti_status echo_run(struct tutti_participant *me, const struct echo_setup *setup,
                           void (*pause)(void *self), void *self, struct tt_text *log)
{
    struct echo echo = {.setup = setup, .state = mix(setup->seed), .log = log};
    enum tutti_status status;
    struct tutti_window window;

    TRY(declare(me, &echo));
    while ((status = tutti_advance(me, &window)) == TUTTI_OK)
        TRY(play_window(&echo, window, pause, self));
    return status == TUTTI_END ? TUTTI_OK : status;
}
