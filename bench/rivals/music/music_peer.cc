// One application of a MUSIC job, steered by variables of its .music file, for
// driver.py. SPDX-License-Identifier: Apache-2.0
//
//   name           printed back                 window_s  simulated seconds of a tick
//   windows, warm  measured, not measured       latency   of the input, in windows
//   send, receive  none | spikes | signal       buffered  maxBuffered, 0 = not given
//   spikes         sent in each window          pause_us  sleep in each window
//
// The ports are spikes_out, spikes_in, signal_out and signal_in. Prints a line of JSON.
#include <mpi.h>
#include <music.hh>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <unistd.h>
#include <vector>

namespace
{

double seconds(clockid_t clock)
{
    timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

long status_kb(const char *key)
{
    char line[256];
    long value = -1;
    FILE *file = fopen("/proc/self/status", "r");

    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key)))
            value = atol(line + strlen(key));
    if (file)
        fclose(file);
    return value;
}

struct Counter : MUSIC::EventHandlerGlobalIndex {
    long count = 0;
    long long sum = 0;
    void operator()(double, MUSIC::GlobalIndex index)
    {
        ++count;
        sum += int(index);
    }
};

struct Peer {
    MUSIC::Setup *setup;
    double window_s = 1e-3;
    int windows = 1000, warm = 100, latency = 0, buffered = 0, spikes = 0, pause_us = 0;
    std::string name = "?", send = "none", receive = "none";

    MUSIC::EventOutputPort *spikes_out = nullptr;
    std::vector<double> out, in;
    Counter counter;
    int width = 1;
    long torn = 0;

    explicit Peer(MUSIC::Setup *s) : setup(s)
    {
        setup->config("name", &name), setup->config("window_s", &window_s);
        setup->config("windows", &windows), setup->config("warm", &warm);
        setup->config("latency", &latency), setup->config("buffered", &buffered);
        setup->config("spikes", &spikes), setup->config("pause_us", &pause_us);
        setup->config("send", &send), setup->config("receive", &receive);
        if (send == "spikes")
            open_spikes_out();
        if (receive == "spikes")
            open_spikes_in();
        if (send == "signal")
            open_signal_out();
        if (receive == "signal")
            open_signal_in();
    }
    void open_spikes_out()
    {
        spikes_out = setup->publishEventOutput("spikes_out");
        width = spikes_out->width();
        MUSIC::LinearIndex map(0, width);
        if (buffered)
            spikes_out->map(&map, MUSIC::Index::GLOBAL, buffered);
        else
            spikes_out->map(&map, MUSIC::Index::GLOBAL);
    }
    void open_spikes_in()
    {
        MUSIC::EventInputPort *port = setup->publishEventInput("spikes_in");
        MUSIC::LinearIndex map(0, port->width());
        if (buffered)
            port->map(&map, &counter, latency * window_s, buffered);
        else
            port->map(&map, &counter, latency * window_s);
    }
    void open_signal_out()
    {
        MUSIC::ContOutputPort *port = setup->publishContOutput("signal_out");
        out.assign(port->width(), 0);
        MUSIC::ArrayData data(out.data(), MPI_DOUBLE, 0, port->width());
        if (buffered)
            port->map(&data, buffered);
        else
            port->map(&data);
    }
    void open_signal_in()
    {
        MUSIC::ContInputPort *port = setup->publishContInput("signal_in");
        in.assign(port->width(), 0);
        MUSIC::ArrayData data(in.data(), MPI_DOUBLE, 0, port->width());
        if (buffered)
            port->map(&data, latency * window_s, buffered, false);
        else
            port->map(&data, latency * window_s, false);
    }
    void step(MUSIC::Runtime &runtime, long number)
    {
        const double now = runtime.time();

        for (int k = 0; k < spikes && spikes_out; ++k)
            spikes_out->insertEvent(now, MUSIC::GlobalIndex(k % width));
        if (!out.empty()) // only the ends: filling the array is not MUSIC's work
            out.front() = out.back() = double(number + 1);
        if (pause_us)
            usleep(pause_us);
        runtime.tick();
        if (!in.empty())
            torn += in.front() != in.back();
    }
};

} // namespace

int main(int argc, char **argv)
{
    const double begin = seconds(CLOCK_MONOTONIC);
    MUSIC::Setup *setup = new MUSIC::Setup(argc, argv);
    const double have_setup = seconds(CLOCK_MONOTONIC);
    Peer peer(setup);
    MUSIC::Runtime runtime(setup, peer.window_s);
    const double have_runtime = seconds(CLOCK_MONOTONIC);

    for (long k = 0; k < peer.warm; ++k)
        peer.step(runtime, k);

    // The median of up to 200 equal chunks does not mind that the core was taken away
    // once.
    const long chunk = std::max(1, peer.windows / 200);
    const double start = seconds(CLOCK_MONOTONIC);
    const double cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    std::vector<double> chunks;
    double last = start;
    for (long k = 0; k < peer.windows; ++k) {
        peer.step(runtime, peer.warm + k);
        if ((k + 1) % chunk == 0) {
            const double now = seconds(CLOCK_MONOTONIC);
            chunks.push_back(1e6 * (now - last) / chunk);
            last = now;
        }
    }
    const double wall = seconds(CLOCK_MONOTONIC) - start;
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    const long rss = status_kb("VmRSS:");
    std::sort(chunks.begin(), chunks.end());

    runtime.finalize(); // still delivers
    printf("{\"peer\":\"%s\",\"window_us\":%.4f,\"mean_us\":%.4f,\"cpu_percent\":%.1f,"
           "\"received\":%ld,\"index_sum\":%lld,\"torn\":%ld,\"rss_kb\":%ld,"
           "\"mpi_init_s\":%.4f,\"runtime_s\":%.6f}\n",
           peer.name.c_str(), chunks[chunks.size() / 2], 1e6 * wall / peer.windows,
           100 * cpu / wall, peer.counter.count, peer.counter.sum, peer.torn, rss,
           have_setup - begin, have_runtime - have_setup);
    return 0;
}
