/* tutti-recorder: records a run, or recovers the recording of a recorder that was
 * killed. SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>

#include "adapters/recorder/recorder.h"
#include "base/text.h"
#include "store/recover.h"
#include "tutti/tutti.h"

static const char about[] =
    "Records the ports that an experiment lists under 'record' into recording.h5, a "
    "SONATA HDF5 file in the folder of the run. Started by 'tutti run'; by hand, with "
    "TUTTI_BROKER and TUTTI_NAME in the environment.";

static const struct argp_option options[] = {
    {"recover", 'r', "FILE", 0,
     "Make the recording of a recorder that was killed an ordinary file again", 0},
    {0}};

static error_t read_option(int key, char *value, struct argp_state *state)
{
    const char **file = state->input;

    if (key == 'r') {
        *file = value;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static enum tutti_status recover(const char *file)
{
    struct tt_recovery recovery;
    const enum tutti_status status = tt_store_recover(file, &recovery);
    char time[TT_TIME_TEXT];

    if (status != TUTTI_OK)
        return status;
    if (recovery.was_whole)
        printf("'%s' needs no recovery", file);
    else
        printf("recovered '%s': %" PRIu64 " spikes, %" PRIu64 " samples", file,
               recovery.spikes, recovery.samples);
    if (recovery.complete.ns < 0)
        printf("; nothing in it is complete\n");
    else
        printf("; complete up to %s\n", tt_time_text(recovery.complete, time));
    return TUTTI_OK;
}

int main(int argument_count, char **arguments)
{
    static const struct argp parser = {options, read_option, NULL, about,
                                       NULL,    NULL,        NULL};
    const char *file = NULL;
    enum tutti_status status;

    argp_parse(&parser, argument_count, arguments, 0, NULL, &file);
    status = file ? recover(file) : recorder_run();
    if (status != TUTTI_OK)
        fprintf(stderr, "tutti-recorder: %s\n", tutti_last_error());
    return status == TUTTI_OK ? 0 : 1;
}
