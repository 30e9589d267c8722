/* Random numbers by Philox4x32-10, and our distributions.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/random.h"

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

#include "kernel/vectors.h"

/* FNV-1a, closed by a mixer that spreads every bit over the whole key. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

struct random_stream random_stream(uint64_t seed, const char *name, const char *purpose)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (int shift = 0; shift < 64; shift += 8) {
        const unsigned char byte = (unsigned char)(seed >> shift);

        hash = hash_bytes(hash, &byte, 1);
    }
    /* With the NUL, so that the border between name and purpose counts. */
    hash = hash_bytes(hash, name, strlen(name) + 1);
    hash = hash_bytes(hash, purpose, strlen(purpose) + 1);
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 33;
    return (struct random_stream){{(uint32_t)hash, (uint32_t)(hash >> 32)}};
}

void random_words(struct random_stream stream, uint32_t index, uint64_t draw,
                  uint32_t words[4])
{
    const philox4x32_ctr_t counter = {
        {index, (uint32_t)draw, (uint32_t)(draw >> 32), 0}};
    const philox4x32_key_t key = {{stream.key[0], stream.key[1]}};
    const philox4x32_ctr_t drawn = philox4x32(counter, key);

    for (int i = 0; i < 4; i++)
        words[i] = drawn.v[i];
}

/* Many draws side by side. */
enum { LANES = 64 };
struct lanes {
    uint32_t a[LANES], b[LANES], c[LANES], d[LANES];
};

/* Ten rounds, each a loop over the lanes for which processors have instructions. */
VECTORS_CLONES
static void mix_lanes(struct random_stream stream, uint32_t count, struct lanes *lanes)
{
    uint32_t key[] = {stream.key[0], stream.key[1]};

    for (int round = 0; round < 10; round++) {
        for (uint32_t i = 0; i < count; i++) {
            const uint64_t from_a = (uint64_t)PHILOX_M4x32_0 * lanes->a[i];
            const uint64_t from_c = (uint64_t)PHILOX_M4x32_1 * lanes->c[i];

            lanes->a[i] = (uint32_t)(from_c >> 32) ^ lanes->b[i] ^ key[0];
            lanes->b[i] = (uint32_t)from_c;
            lanes->c[i] = (uint32_t)(from_a >> 32) ^ lanes->d[i] ^ key[1];
            lanes->d[i] = (uint32_t)from_a;
        }
        key[0] += PHILOX_W32_0;
        key[1] += PHILOX_W32_1;
    }
}

void random_fill(struct random_stream stream, uint32_t index, uint64_t first_draw,
                 size_t draws, uint32_t *words)
{
    enum { FEW = 8 }; /* sooner done one by one */
    struct lanes lanes;
    size_t done = 0;

    for (; draws <= FEW && done < draws; done++)
        random_words(stream, index, first_draw + done, words + 4 * done);
    for (; done < draws; done += LANES) {
        const uint32_t count = draws - done < LANES ? (uint32_t)(draws - done) : LANES;
        uint32_t *const here = words + 4 * done;
        /* Whole registers, also where the rest of them is thrown away. */
        const uint32_t filled = (count + 15) / 16 * 16;

        for (uint32_t i = 0; i < filled; i++) {
            const uint64_t draw = first_draw + done + i;

            lanes.a[i] = index;
            lanes.b[i] = (uint32_t)draw;
            lanes.c[i] = (uint32_t)(draw >> 32);
            lanes.d[i] = 0;
        }
        mix_lanes(stream, filled, &lanes);
        for (uint32_t i = 0; i < count; i++) {
            here[4 * i] = lanes.a[i];
            here[4 * i + 1] = lanes.b[i];
            here[4 * i + 2] = lanes.c[i];
            here[4 * i + 3] = lanes.d[i];
        }
    }
}

struct random_sequence random_sequence(struct random_stream stream, uint32_t index)
{
    return (struct random_sequence){.stream = stream, .index = index};
}

static uint32_t next_word(struct random_sequence *sequence)
{
    if (sequence->left == 0) {
        random_words(sequence->stream, sequence->index, sequence->draw++,
                     sequence->words);
        sequence->left = 4;
    }
    return sequence->words[4 - sequence->left--];
}

/* In (0, 1]. */
static double unit_interval(uint32_t high, uint32_t low)
{
    const uint64_t bits = ((uint64_t)high << 32 | low) >> 11;

    return (double)(bits + 1) * 0x1p-53;
}

double random_unit(struct random_sequence *sequence)
{
    const uint64_t high = next_word(sequence);

    return ((double)(high << 20 | next_word(sequence) >> 12) + 0.5) * 0x1p-52;
}

/* What Stirling's formula leaves of log k!: log k! - (k + 1/2) log(k + 1) + (k + 1) -
 * log(2 pi) / 2, by its series in 1 / (k + 1). */
static double stirling_rest(double k)
{
    const double half_log_2_pi = 0.91893853320467274178;
    const double x = 1.0 / (k + 1.0), x2 = x * x;
    double factorial = 1.0;

    if (k < 10.0) {
        for (double factor = 2.0; factor <= k; factor += 1.0)
            factorial *= factor;
        return log(factorial) - (k + 0.5) * log(k + 1.0) + (k + 1.0) - half_log_2_pi;
    }
    return x * (1.0 / 12 - x2 * (1.0 / 360 - x2 / 1260));
}

/* By inversion: few successes. */
static double few_successes(struct random_sequence *sequence, double n, double p)
{
    const double odds = p / (1.0 - p);
    double left = random_unit(sequence);
    double share = exp(n * log1p(-p)); /* of k successes */
    double k = 0.0;

    while (left > share && k < n) {
        left -= share;
        k += 1.0;
        share *= odds * (n - k + 1.0) / k;
    }
    return k;
}

/* Algorithm BTRS of Hormann 1993, for n p >= 10 and p <= 1/2. */
static double many_successes(struct random_sequence *sequence, double n, double p)
{
    const double odds = p / (1.0 - p), deviation = sqrt(n * p * (1.0 - p));
    const double b = 1.15 + 2.53 * deviation;
    const double a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double alpha = (2.83 + 5.1 / b) * deviation;
    const double m = floor((n + 1.0) * p);

    for (;;) {
        const double u = random_unit(sequence) - 0.5, v = random_unit(sequence);
        const double edge = 0.5 - fabs(u);
        const double k = floor((2.0 * a / edge + b) * u + n * p + 0.5);

        if (k < 0.0 || k > n)
            continue;
        if (edge >= 0.07 && v <= 0.92 - 4.2 / b)
            return k;
        if (log(v * alpha / (a / (edge * edge) + b)) <=
            (m + 0.5) * log((m + 1.0) / (odds * (n - m + 1.0))) +
                (n + 1.0) * log((n - m + 1.0) / (n - k + 1.0)) +
                (k + 0.5) * log(odds * (n - k + 1.0) / (k + 1.0)) + stirling_rest(m) +
                stirling_rest(n - m) - stirling_rest(k) - stirling_rest(n - k))
            return k;
    }
}

uint64_t random_binomial(struct random_sequence *sequence, uint64_t trials,
                         uint64_t above, uint64_t below)
{
    const uint64_t rarer = above < below ? above : below;
    const double n = (double)trials;
    const double p = (double)rarer / ((double)above + (double)below);
    uint64_t count;

    if (rarer == 0 || trials == 0)
        return above ? trials : 0;
    count = (uint64_t)(n * p < 10.0 ? few_successes(sequence, n, p)
                                    : many_successes(sequence, n, p));
    return above < below ? count : trials - count;
}

double random_normal(const uint32_t words[4])
{
    const double pi = 3.14159265358979323846;
    const double radius = sqrt(-2.0 * log(unit_interval(words[0], words[1])));

    return radius * cos(2.0 * pi * unit_interval(words[2], words[3]));
}

bool random_poisson_prepare(double mean, struct random_stream stream,
                            struct random_poisson *poisson)
{
    enum { ROOM = sizeof poisson->thresholds / sizeof *poisson->thresholds };
    const double below = mean - 6.5 * sqrt(mean) - 5.0; /* rarer than 2^-32 */
    double sum = 0.0;
    uint32_t k = 0;
    int sign; /* lgamma() would write it into a global variable, from each thread */

    if (!(mean >= 0.0 && mean <= RANDOM_LARGEST_MEAN))
        return false;
    *poisson = (struct random_poisson){.stream = stream,
                                       .first = below > 0.0 ? (uint32_t)below : 0};
    for (; k < ROOM - 1; k++) {
        const double count = (double)poisson->first + k;

        sum += mean > 0.0 ? exp(count * log(mean) - mean - lgamma_r(count + 1.0, &sign))
                          : (double)(count < 0.5);
        if (!(nearbyint(sum * 0x1p32) < 0x1p32 - 1.0))
            break;
        poisson->thresholds[k] = (uint32_t)nearbyint(sum * 0x1p32);
        /* Beyond the mean, terms that no longer change the sum end the table. */
        if (count > mean && k > 0 &&
            poisson->thresholds[k] == poisson->thresholds[k - 1])
            break;
    }
    poisson->last = k;
    for (uint32_t high = 0, at = 0; high < 256; high++) {
        while (at < k && poisson->thresholds[at] <= high << 24)
            at++;
        poisson->guide[high] = (uint16_t)at;
    }
    return true;
}

uint32_t random_poisson_count(const struct random_poisson *poisson, uint32_t word)
{
    uint32_t k = poisson->guide[word >> 24];

    while (k < poisson->last && word >= poisson->thresholds[k])
        k++;
    return poisson->first + k;
}

void random_poisson_add(const struct random_poisson *poisson, uint64_t step,
                        double weight, uint32_t first_cell, uint32_t cells,
                        double *sums)
{
    const uint64_t end = (uint64_t)first_cell + cells;

    /* Four cells share a draw: those of a pack of global indices. */
    for (uint64_t pack = first_cell / 4; pack * 4 < end; pack++) {
        uint32_t words[4];

        random_words(poisson->stream, (uint32_t)pack, step, words);
        for (uint64_t cell = pack * 4; cell < pack * 4 + 4; cell++)
            if (cell >= first_cell && cell < end)
                sums[cell - first_cell] +=
                    weight * random_poisson_count(poisson, words[cell % 4]);
    }
}
