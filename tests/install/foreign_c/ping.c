/* Sends a spike at the beginning of each window, and a signal; counts the answers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tutti/tutti.h"

struct ping {
    struct tutti_participant *me;
    struct tutti_port *out, *level, *in;
};

static enum tutti_status join(struct ping *ping)
{
    const struct tutti_step step = {1000000, 1};
    enum tutti_status status = tutti_join(NULL, NULL, &ping->me);

    if (status == TUTTI_OK)
        status = tutti_set_step(ping->me, step, TUTTI_FROM);
    if (status == TUTTI_OK)
        status = tutti_spike_output(ping->me, "out", 3, &ping->out);
    if (status == TUTTI_OK)
        status = tutti_signal_output(ping->me, "level", 1, "mV", &ping->level);
    if (status == TUTTI_OK)
        status = tutti_spike_input(ping->me, "in", 1, &ping->in);
    return status == TUTTI_OK ? tutti_start(ping->me) : status;
}

static enum tutti_status play(struct ping *ping)
{
    struct tutti_window window;
    unsigned windows = 0;
    size_t answers = 0;
    enum tutti_status status;

    while ((status = tutti_advance(ping->me, &window)) == TUTTI_OK) {
        const struct tutti_time *due;
        const uint32_t *indices;
        const double level = 1000 + windows++;

        answers += tutti_spikes(ping->in, &due, &indices);
        status = tutti_send_spike(ping->out, window.begin, 1);
        if (status == TUTTI_OK)
            status = tutti_write_signal(ping->level, window.begin, &level);
        if (status != TUTTI_OK)
            return status;
    }
    printf("%u windows, %zu answers\n", windows, answers);
    return status == TUTTI_END ? TUTTI_OK : status;
}

int main(void)
{
    struct ping ping = {0};
    enum tutti_status status = join(&ping);

    if (status == TUTTI_OK)
        status = play(&ping);
    if (status != TUTTI_OK)
        fprintf(stderr, "ping: %s\n", tutti_last_error());
    tutti_leave(&ping.me);
    return status == TUTTI_OK ? 0 : 1;
}
