/* Random numbers by Philox4x32-10. A stream is keyed by the seed, the name of what it
 * belongs to and its purpose; a number by its place in the stream. Nothing depends on
 * the order of calls, so a part of a network draws what the whole draws.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random_stream {
    uint32_t key[2];
};

struct random_stream random_stream(uint64_t seed, const char *name,
                                   const char *purpose);

/* Draw number `draw` of cell `index`: four words. */
void random_words(struct random_stream stream, uint32_t index, uint64_t draw,
                  uint32_t words[4]);

/* Draws 0 .. draws - 1 of a cell: words[4 * d + k] is word k of draw first_draw + d. */
void random_fill(struct random_stream stream, uint32_t index, uint64_t first_draw,
                 size_t draws, uint32_t *words);

/* The numbers of one cell one after the other. */
struct random_sequence {
    struct random_stream stream;
    uint32_t index;
    uint64_t draw;
    uint32_t words[4];
    int left;
};

struct random_sequence random_sequence(struct random_stream stream, uint32_t index);

/* Uniform in 0 .. count - 1, without bias (Lemire 2019, ACM Transactions on Modeling
 * and Computer Simulation 29, 3); count >= 1. False for a word that would make some
 * indices likelier: the next word is to be taken instead. */
struct random_choice {
    uint32_t count, surplus;
};

static inline struct random_choice random_choice(uint32_t count)
{
    return (struct random_choice){count, (0U - count) % count};
}

static inline bool random_index(struct random_choice choice, uint32_t word,
                                uint32_t *index)
{
    const uint64_t product = (uint64_t)word * choice.count;

    *index = (uint32_t)(product >> 32);
    return (uint32_t)product >= choice.surplus;
}

/* Uniform in (0, 1). */
double random_unit(struct random_sequence *sequence);

/* The successes among `trials`, each of probability above / (above + below); exact up
 * to rounding, for trials below 2^53. Inversion, or transformed rejection (BTRS of
 * Hormann 1993, Journal of Statistical Computation and Simulation 46, 101-110). */
uint64_t random_binomial(struct random_sequence *sequence, uint64_t trials,
                         uint64_t above, uint64_t below);

/* Standard normal, from the four words of one draw. */
double random_normal(const uint32_t words[4]);

/* Poisson counts by inversion: the distribution function in steps of 2^-32. */
#define RANDOM_LARGEST_MEAN 1000.0
struct random_poisson {
    struct random_stream stream;
    uint32_t first;           /* smallest count that occurs */
    uint32_t last;            /* index of the last threshold */
    uint32_t thresholds[512]; /* words below thresholds[k] give at most first + k */
    uint16_t guide[256];      /* where to begin, by the upper 8 bits of a word */
};

/* False when `mean` is not from 0 to RANDOM_LARGEST_MEAN. */
bool random_poisson_prepare(double mean, struct random_stream stream,
                            struct random_poisson *poisson);
uint32_t random_poisson_count(const struct random_poisson *poisson, uint32_t word);

/* sums[i] += weight * (count of cell first_cell + i in that step). */
void random_poisson_add(const struct random_poisson *poisson, uint64_t step,
                        double weight, uint32_t first_cell, uint32_t cells,
                        double *sums);

#endif
