/* Peers of a HELICS federation in lock step, for driver.py.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   helics_peer CORE ME PEERS STEPS SPIKES OPTIONS [pause=US | die=STEP]
 *
 * Peer ME publishes to ME + 1 in a ring, at every step of 1 ms: SPIKES of 12 bytes
 * in one raw publication (peer 0 only), or one double when SPIKES is 0. ME = all
 * runs the broker and all peers as threads of this process (core inproc). OPTIONS
 * goes to the core. Peer 0 pauses, the last one dies. Each prints one line of JSON. */
#define _GNU_SOURCE
#include <helics/helics.h>

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define STEP_S 1e-3
#define WARM 20
#define MAX_PEERS 16

struct spike {
    uint32_t index;
    double time;
} __attribute__((packed));

/* The command line, the same for all threads. */
static const char *core, *core_options;
static int peers, steps, spikes, pause_us, die_at = -1;

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static long status_value(const char *key)
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

static void check(const HelicsError *error, const char *what)
{
    if (error->error_code == 0)
        return;
    fprintf(stderr, "helics_peer: %s: %s\n", what, error->message);
    exit(1);
}

struct peer {
    int me;
    bool sends, receives;
    HelicsFederate federate;
    HelicsPublication publication;
    HelicsInput input;
    struct spike *out, *in;
    float *step_us;
    long wrong;
    double ready_s, start_s, cpu_s;
};

static HelicsFederate join(int me)
{
    HelicsError error = helicsErrorInitialize();
    HelicsFederateInfo info = helicsCreateFederateInfo();
    HelicsFederate federate;
    char name[32], options[512];

    snprintf(name, sizeof name, "f%d", me);
    snprintf(options, sizeof options, "--federates=1 --loglevel=error %s",
             core_options);
    helicsFederateInfoSetCoreTypeFromString(info, core, &error);
    helicsFederateInfoSetCoreInitString(info, options, &error);
    helicsFederateInfoSetTimeProperty(info, HELICS_PROPERTY_TIME_PERIOD, STEP_S,
                                      &error);
    federate = helicsCreateValueFederate(name, info, &error);
    check(&error, "join");
    helicsFederateInfoFree(info);
    return federate;
}

static void start(struct peer *peer)
{
    const int before = (peer->me + peers - 1) % peers;
    const HelicsDataTypes type =
        spikes ? HELICS_DATA_TYPE_RAW : HELICS_DATA_TYPE_DOUBLE;
    HelicsError error = helicsErrorInitialize();
    char name[32];

    peer->sends = spikes == 0 || peer->me == 0;
    peer->receives = spikes == 0 || before == 0;
    peer->out = calloc((size_t)spikes + 1, sizeof *peer->out);
    peer->in = calloc((size_t)spikes + 1, sizeof *peer->in);
    peer->step_us = calloc((size_t)steps + 1, sizeof *peer->step_us);
    if (!peer->out || !peer->in || !peer->step_us)
        exit(1);
    for (int k = 0; k < spikes; k++)
        peer->out[k].index = (uint32_t)k;
    peer->federate = join(peer->me);
    snprintf(name, sizeof name, "p%d", peer->me);
    peer->publication =
        helicsFederateRegisterGlobalPublication(peer->federate, name, type, "", &error);
    snprintf(name, sizeof name, "p%d", before);
    peer->input = helicsFederateRegisterSubscription(peer->federate, name, "", &error);
    helicsFederateEnterExecutingMode(peer->federate, &error);
    check(&error, "start");
    peer->ready_s = seconds(CLOCK_MONOTONIC);
}

static void publish(struct peer *peer, int step)
{
    HelicsError error = helicsErrorInitialize();

    peer->out[0].time = step;
    if (peer->sends && spikes)
        helicsPublicationPublishBytes(peer->publication, peer->out,
                                      spikes * (int)sizeof(struct spike), &error);
    else if (peer->sends)
        helicsPublicationPublishDouble(peer->publication, step, &error);
    check(&error, "publish");
}

/* Asks until the step is granted; says so and ends when the federation does. */
static void step_to(struct peer *peer, int step)
{
    HelicsError error = helicsErrorInitialize();
    HelicsTime granted = 0;

    while (granted < (step - 0.5) * STEP_S) {
        granted = helicsFederateRequestTime(peer->federate, step * STEP_S, &error);
        if (error.error_code || granted > 1e9) {
            printf("{\"noticed_s\":%.6f,\"code\":%d}\n", seconds(CLOCK_MONOTONIC),
                   error.error_code);
            fflush(stdout);
            _exit(0);
        }
    }
}

static void receive(struct peer *peer, int step)
{
    const int bytes = spikes * (int)sizeof(struct spike);
    HelicsError error = helicsErrorInitialize();

    if (peer->receives && spikes) {
        int length = 0;

        helicsInputGetBytes(peer->input, peer->in, bytes, &length, &error);
        peer->wrong += length != bytes || peer->in[0].time != step ||
                       peer->in[spikes - 1].index != (uint32_t)spikes - 1;
    } else if (peer->receives) {
        peer->wrong += helicsInputGetDouble(peer->input, &error) != step;
    }
}

static void die(void)
{
    printf("{\"died_s\":%.6f}\n", seconds(CLOCK_MONOTONIC));
    fflush(stdout);
    raise(SIGKILL);
}

/* Returns when the last step was done. */
static double run_steps(struct peer *peer)
{
    double last = 0;

    for (int step = 1; step <= WARM + steps; step++) {
        if (step == WARM + 1) {
            peer->start_s = last = seconds(CLOCK_MONOTONIC);
            peer->cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);
        }
        if (pause_us && peer->me == 0)
            usleep((useconds_t)pause_us);
        publish(peer, step);
        if (step == die_at && peer->me == peers - 1)
            die();
        step_to(peer, step);
        receive(peer, step);
        if (step > WARM) {
            const double now = seconds(CLOCK_MONOTONIC);

            peer->step_us[step - WARM - 1] = (float)(1e6 * (now - last));
            last = now;
        }
    }
    return last;
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void *run(void *argument)
{
    struct peer peer = {.me = (int)(intptr_t)argument};
    HelicsError error = helicsErrorInitialize();
    double last;

    start(&peer);
    last = run_steps(&peer);
    peer.cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - peer.cpu_s;
    qsort(peer.step_us, (size_t)steps, sizeof *peer.step_us, by_size);
    printf("{\"peer\":%d,\"mean_us\":%.3f,\"p50_us\":%.3f,\"p99_us\":%.3f,"
           "\"cpu_percent\":%.1f,\"wrong\":%ld,\"ready_s\":%.6f,\"rss_kb\":%ld}\n",
           peer.me, 1e6 * (last - peer.start_s) / steps, peer.step_us[steps / 2],
           peer.step_us[steps * 99 / 100], 100 * peer.cpu_s / (last - peer.start_s),
           peer.wrong, peer.ready_s, status_value("VmRSS:"));
    fflush(stdout);
    helicsFederateDisconnect(peer.federate, &error);
    helicsFederateFree(peer.federate);
    free(peer.out);
    free(peer.in);
    free(peer.step_us);
    return NULL;
}

static void run_threads(void)
{
    HelicsError error = helicsErrorInitialize();
    pthread_t threads[MAX_PEERS];
    char options[64];

    snprintf(options, sizeof options, "-f %d --loglevel=error", peers);
    helicsCreateBroker(core, "bench", options, &error);
    check(&error, "broker");
    for (int k = 0; k < peers; k++)
        pthread_create(&threads[k], NULL, run, (void *)(intptr_t)k);
    for (int k = 0; k < peers; k++)
        pthread_join(threads[k], NULL);
}

int main(int argc, char **argv)
{
    if (argc < 7)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    core = argv[1];
    peers = atoi(argv[3]);
    steps = atoi(argv[4]);
    spikes = atoi(argv[5]);
    core_options = argv[6];
    for (int k = 7; k < argc; k++) {
        sscanf(argv[k], "pause=%d", &pause_us);
        sscanf(argv[k], "die=%d", &die_at);
    }
    if (peers < 2 || peers > MAX_PEERS || steps < 1 || spikes < 0)
        return 2;
    if (strcmp(argv[2], "all") == 0)
        run_threads();
    else
        run((void *)(intptr_t)atoi(argv[2]));
    helicsCloseLibrary();
    return 0;
}
