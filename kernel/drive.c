/* Random spikes from outside onto many cells at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/drive.h"

#include <Random123/philox.h>
#include <stdbool.h>

#include "kernel/vectors.h"

enum {
    LANES = DRIVE_MOST / 4, /* draws, of four words for four cells */
    FEW = 32                /* thresholds; with more, a guide finds the count sooner */
};

struct lanes {
    uint64_t mixed[4][LANES]; /* words, each in the low half of its place */
    uint32_t words[4][LANES];
    uint32_t counts[4][LANES];
    uint32_t ordered[DRIVE_MOST]; /* counts by cell */
};

/* Philox4x32-10 (Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3), as
 * random_words(), for all lanes side by side: loops for which processors have
 * instructions, above all where they multiply 64-bit numbers. */
static inline __attribute__((always_inline)) void
mix_rounds(struct random_stream stream, struct lanes *lanes)
{
    uint64_t *restrict const a = lanes->mixed[0];
    uint64_t *restrict const b = lanes->mixed[1];
    uint64_t *restrict const c = lanes->mixed[2];
    uint64_t *restrict const d = lanes->mixed[3];

    for (uint32_t round = 0; round < 10; round++) {
        const uint32_t low = stream.key[0] + round * PHILOX_W32_0;
        const uint32_t high = stream.key[1] + round * PHILOX_W32_1;

        for (uint32_t i = 0; i < LANES; i++) {
            const uint64_t from_a = (uint64_t)(uint32_t)a[i] * PHILOX_M4x32_0;
            const uint64_t from_c = (uint64_t)(uint32_t)c[i] * PHILOX_M4x32_1;

            a[i] = from_c >> 32 ^ b[i] ^ low;
            b[i] = (uint32_t)from_c;
            c[i] = from_a >> 32 ^ d[i] ^ high;
            d[i] = (uint32_t)from_a;
        }
    }
    for (uint32_t k = 0; k < 4; k++)
        for (uint32_t i = 0; i < LANES; i++)
            lanes->words[k][i] = (uint32_t)lanes->mixed[k][i];
}

#if defined __x86_64__
__attribute__((target("avx512f,avx512dq"))) static void
mix_by_512(struct random_stream stream, struct lanes *lanes)
{
    mix_rounds(stream, lanes);
}

__attribute__((target("avx2"))) static void mix_by_256(struct random_stream stream,
                                                       struct lanes *lanes)
{
    mix_rounds(stream, lanes);
}
#endif

/* Clones would not do: compilers choose none by avx512dq, which multiplies. */
static void mix(struct random_stream stream, struct lanes *lanes)
{
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512dq")) {
        mix_by_512(stream, lanes);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        mix_by_256(stream, lanes);
        return;
    }
#endif
    mix_rounds(stream, lanes);
}

/* How many thresholds each word has reached: random_poisson_count() without a branch.
 */
VECTORS_CLONES
static void count(const struct random_poisson *poisson, struct lanes *lanes)
{
    const uint32_t *restrict const words = lanes->words[0];
    uint32_t *restrict const counts = lanes->counts[0];

    for (uint32_t i = 0; i < 4 * LANES; i++)
        counts[i] = poisson->first;
    for (uint32_t k = 0; k < poisson->last; k++) {
        const uint32_t threshold = poisson->thresholds[k];

        for (uint32_t i = 0; i < 4 * LANES; i++)
            counts[i] += words[i] >= threshold;
    }
}

VECTORS_CLONES
static void add(double weight, struct lanes *lanes, uint32_t size,
                double *restrict inputs)
{
    for (uint32_t i = 0; i < LANES; i++) {
        lanes->ordered[4 * i] = lanes->counts[0][i];
        lanes->ordered[4 * i + 1] = lanes->counts[1][i];
        lanes->ordered[4 * i + 2] = lanes->counts[2][i];
        lanes->ordered[4 * i + 3] = lanes->counts[3][i];
    }
    for (uint32_t i = 0; i < size; i++)
        inputs[i] += weight * (int32_t)lanes->ordered[i];
}

/* Draws belong to four cells of global indices 4 n .. 4 n + 3. */
static bool is_aligned(const uint32_t *cells, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += DEAL_PACK)
        if (cells[i] % 4)
            return false;
    return true;
}

void drive_add(const struct random_poisson *poisson, int64_t step, double weight,
               const uint32_t *cells, uint32_t size, double *inputs)
{
    struct lanes lanes;

    if (!is_aligned(cells, size) || poisson->last > FEW) {
        for (uint32_t i = 0; i < size; i += DEAL_PACK)
            random_poisson_add(poisson, (uint64_t)step, weight, cells[i],
                               size - i < DEAL_PACK ? size - i : DEAL_PACK, inputs + i);
        return;
    }
    for (uint32_t i = 0; i < LANES; i++) {
        lanes.mixed[0][i] = 4 * i < size ? cells[4 * i] / 4 : 0;
        lanes.mixed[1][i] = (uint32_t)step;
        lanes.mixed[2][i] = (uint64_t)step >> 32;
        lanes.mixed[3][i] = 0;
    }
    mix(poisson->stream, &lanes);
    count(poisson, &lanes);
    add(weight, &lanes, size, inputs);
}
