/* How synapses lie in memory, and how a step adds them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/format.h"

#include <assert.h>
#include <string.h>

const uint32_t format_tile[FORMAT_SUMS_KINDS] = {32768, 32768, 65536};
const size_t format_sum_bytes[FORMAT_SUMS_KINDS] = {sizeof(double), sizeof(int64_t),
                                                    sizeof(int32_t)};

static_assert(sizeof(struct format_piece) == 8, "a head is 8 bytes");

/* Bytes between fetching a line and adding it; those behind the piece are not fetched.
 */
enum { AHEAD = 3072 };

static inline __attribute__((always_inline)) void fetch(const void *at, const void *end)
{
    const unsigned char *const ahead = (const unsigned char *)at + AHEAD;

    __builtin_prefetch(ahead < (const unsigned char *)end ? (const void *)ahead : at);
}

/* The loop that everything else is laid out for, once for each kind of weight: load a
 * target, load a weight, add to memory. Chunks are read where they lie, since from a
 * copy the compiler would take them apart by shifts. */
#define DEFINE_ADD(name, weight_type, sum_type)                                        \
    struct name##_chunk {                                                              \
        uint16_t targets[FORMAT_CHUNK];                                                \
        weight_type weights[FORMAT_CHUNK];                                             \
    };                                                                                 \
                                                                                       \
    static void name(const unsigned char *restrict chunks, uint32_t count,             \
                     double weight, void *restrict sums)                               \
    {                                                                                  \
        const struct name##_chunk *restrict it = (const void *)chunks;                 \
        const struct name##_chunk *const end =                                         \
            it + (count + FORMAT_CHUNK - 1) / FORMAT_CHUNK;                            \
        sum_type *restrict const at = sums;                                            \
                                                                                       \
        (void)weight;                                                                  \
        for (; it != end; it++) {                                                      \
            fetch(it, end);                                                            \
            at[it->targets[0]] += it->weights[0];                                      \
            at[it->targets[1]] += it->weights[1];                                      \
            at[it->targets[2]] += it->weights[2];                                      \
            at[it->targets[3]] += it->weights[3];                                      \
        }                                                                              \
    }

DEFINE_ADD(add_exact, double, double)
DEFINE_ADD(add_single, int32_t, int64_t)
DEFINE_ADD(add_packed, int16_t, int32_t)

/* Without weights there are none of zero: the last chunk is counted out. */
static void add_shared(const unsigned char *restrict chunks, uint32_t count,
                       double weight, void *restrict sums)
{
    const uint16_t *restrict targets = (const void *)chunks;
    const uint16_t *const end = targets + count;
    double *restrict const at = sums;

    for (; end - targets >= FORMAT_CHUNK; targets += FORMAT_CHUNK) {
        fetch(targets, end);
        at[targets[0]] += weight;
        at[targets[1]] += weight;
        at[targets[2]] += weight;
        at[targets[3]] += weight;
    }
    for (; targets != end; targets++)
        at[*targets] += weight;
}

static bool add_packed_checked(const unsigned char *chunks, uint32_t count, void *sums,
                               uint16_t *sum)
{
    int32_t *const at = sums;

    for (uint32_t left = (count + FORMAT_CHUNK - 1) / FORMAT_CHUNK; left; left--) {
        uint16_t targets[FORMAT_CHUNK];
        int16_t weights[FORMAT_CHUNK];

        memcpy(targets, chunks, sizeof targets);
        memcpy(weights, chunks + sizeof targets, sizeof weights);
        for (int i = 0; i < FORMAT_CHUNK; i++)
            if (__builtin_add_overflow(at[targets[i]], weights[i], &at[targets[i]])) {
                *sum = targets[i];
                return false;
            }
        chunks += sizeof targets + sizeof weights;
    }
    return true;
}

/* clang-format off */
static const struct format table[] = {
    [FORMAT_EXACT] = {
        .name = "exact",
        .help = "Weights and sums in double precision, weights rounded to multiples of "
                "2^-32 of their unit: up to 13 bytes per synapse.",
        .sums = FORMAT_SUMS_DOUBLE, .weight_bytes = sizeof(double),
        .add = add_exact},
    [FORMAT_SHARED] = {
        .name = "shared",
        .help = "The same sums as `exact`, for projections all synapses of which have "
                "the same weight, which is kept once: up to 3 bytes per synapse.",
        .sums = FORMAT_SUMS_DOUBLE, .weight_bytes = 0,
        .add = add_shared},
    [FORMAT_SINGLE] = {
        .name = "single",
        .help = "Weights as 32-bit multiples of a quantum, which is the smallest power "
                "of two that can express the largest weight onto the same receptors; "
                "sums in 64 bits, which cannot overflow: up to 8 bytes per synapse.",
        .sums = FORMAT_SUMS_LONG, .weight_bytes = sizeof(int32_t),
        .largest = INT32_MAX, .add = add_single},
    [FORMAT_PACKED] = {
        .name = "packed",
        .help = "The same with 16 bits for a weight and 32 for a sum; a sum that "
                "overflows ends the run with a sentence: up to 5 bytes per synapse.",
        .sums = FORMAT_SUMS_INT, .weight_bytes = sizeof(int16_t),
        .largest = INT16_MAX, .add = add_packed, .add_checked = add_packed_checked},
};
/* clang-format on */

const struct format *format_get(enum format_id id)
{
    return &table[id];
}

size_t format_bytes(const struct format *format, uint32_t count)
{
    const size_t chunks = ((size_t)count + FORMAT_CHUNK - 1) / FORMAT_CHUNK;

    return chunks * FORMAT_CHUNK * (sizeof(uint16_t) + format->weight_bytes);
}

uint32_t format_lines(const struct format *format, uint32_t count)
{
    const size_t bytes = sizeof(struct format_piece) + format_bytes(format, count);
    const size_t lines = (bytes + 63) / 64 + 1; /* it need not begin on one */

    return lines < FORMAT_MOST_LINES ? (uint32_t)lines : FORMAT_MOST_LINES;
}

size_t format_record_bytes(const struct format *format)
{
    /* Delay, target, and the weight or its place. */
    return 2 * sizeof(uint16_t) +
           (format->weight_bytes ? format->weight_bytes : sizeof(uint16_t));
}

double format_estimate(const struct format *format, double count, double pieces)
{
    const double synapse = (double)(sizeof(uint16_t) + format->weight_bytes);
    const double spare = (FORMAT_CHUNK - 1) * synapse;
    const double records = count * (double)format_record_bytes(format);
    double finished;

    if (pieces > count)
        pieces = count;
    finished = count * synapse + pieces * (sizeof(struct format_piece) + spare);
    return records > finished ? records : finished;
}
