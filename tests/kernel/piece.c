/* A part of a network of a test.
 * SPDX-License-Identifier: Apache-2.0 */
#include "piece.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"
#include "config/quantity.h"

enum tutti_status piece_parse(const char *text, struct network *network)
{
    struct tt_units *units;
    enum tutti_status status;

    TRY(tt_units_open(&units));
    status = network_parse("net.yaml", text, strlen(text), units, network);
    tt_units_close(&units);
    return status;
}

enum tutti_status piece_describe(const char *text, const char *const *owns,
                                 size_t count, struct piece *piece)
{
    piece->simulation = NULL;
    if (piece_parse(text, &piece->network) != TUTTI_OK)
        fail_msg("%s", tutti_last_error());
    return part_open(&piece->network, owns, count, &piece->part);
}

void piece_open(const char *text, const char *const *owns, size_t count,
                struct piece *piece)
{
    if (piece_describe(text, owns, count, piece) ||
        simulation_open(&piece->network, &piece->part, &piece->simulation))
        fail_msg("%s", tutti_last_error());
}

void piece_open_threads(const char *text, uint32_t threads, struct piece *piece)
{
    if (piece_describe(text, NULL, 0, piece) ||
        simulation_open_threads(&piece->network, &piece->part, threads,
                                &piece->simulation))
        fail_msg("%s", tutti_last_error());
}

void piece_close(struct piece *piece)
{
    simulation_close(&piece->simulation);
    part_free(&piece->part);
    network_free(&piece->network);
}
