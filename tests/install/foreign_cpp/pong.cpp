// Answers each spike half a millisecond later, and says what the signal was at last.
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>
#include <stdexcept>

#include "tutti/tutti.h"

struct Leave {
    void operator()(tutti_participant *me) const
    {
        tutti_leave(&me);
    }
};

static void check(tutti_status status)
{
    if (status != TUTTI_OK)
        throw std::runtime_error(tutti_last_error());
}

static void play()
{
    tutti_participant *joined = nullptr;
    tutti_port *in = nullptr, *level = nullptr, *out = nullptr;
    tutti_window window{};
    tutti_status status;
    double volts = 0;

    check(tutti_join(nullptr, nullptr, &joined));
    const std::unique_ptr<tutti_participant, Leave> me(joined);
    check(tutti_set_step(me.get(), tutti_step{500000, 1}, TUTTI_FROM));
    check(tutti_spike_input(me.get(), "in", 3, &in));
    check(tutti_signal_input(me.get(), "level", 1, "V", &level));
    check(tutti_spike_output(me.get(), "out", 1, &out));
    check(tutti_start(me.get()));
    while ((status = tutti_advance(me.get(), &window)) == TUTTI_OK) {
        tutti_time due{};
        std::uint32_t index = 0;

        while (tutti_next_spike(in, window.end, &due, &index))
            check(tutti_send_spike(out, tutti_time{due.ns + 500000}, 0));
        check(tutti_read_signal(level, window.begin, &volts));
    }
    if (status != TUTTI_END)
        check(status);
    std::cout << "at last " << volts << " V\n";
}

int main()
{
    try {
        play();
    } catch (const std::exception &failure) {
        std::cerr << "pong: " << failure.what() << '\n';
        return 1;
    }
    return 0;
}
