/* Rules that draw synapses. All draws belong to one cell, its anchor: a target, or for
 * rules by source a source. Its synapses are the same whoever else is built, so a part
 * of a network draws what the whole draws, and drawing again gives the same again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef KERNEL_RULES_H
#define KERNEL_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/network_projection.h"
#include "kernel/random.h"
#include "tutti/status.h"

struct network;

/* Rooms hold at least so many words and values, whatever the rule. */
enum { RULES_LEAST_WORDS = 256 };

/* The synapses of one anchor, drawn into room that is used again and again. */
struct rules_room {
    const struct network_projection *projection;
    uint32_t count;
    uint32_t *partners; /* of each: its source, or for rules by source its target */
    double *weights;    /* of each: a multiple of 2^-32 */
    uint16_t *delays;   /* of each, in steps */

    uint32_t most;        /* partners of an anchor at most */
    uint32_t *words;      /* random words of one anchor */
    double *values;       /* the same as numbers */
    uint32_t drawing;     /* counts the anchors drawn */
    uint32_t *drawn_in;   /* of each cell of the partners' range: the last drawing that
                             took it */
    uint32_t *outdegrees; /* fixed_total_number: of each source of the range */
    double gap_scale;     /* pairwise_bernoulli */
    struct random_stream partner_stream, weight_stream, delay_stream;
};

struct rule {
    const char *name, *help;
    const char *number; /* the key that it needs, such as "indegree"; NULL: none */
    bool is_by_source;  /* anchors are sources, partners are targets */
    /* NULL, or how the projection cannot obey the rule: follows "projection 'x': ". */
    const char *(*check)(const struct network_projection *projection);
    /* How many synapses a target has on average. */
    double (*mean_indegree)(const struct network_projection *projection);
    /* NULL, or sets what draw() needs of a room just opened. */
    enum tutti_status (*prepare)(const struct network *network,
                                 struct rules_room *room);
    /* How many partners an anchor has at most; NULL: that of mean_indegree(). */
    uint32_t (*most)(const struct rules_room *room);
    /* Sets count and partners of the cell `anchor`, an index of its whole group. */
    void (*draw)(struct rules_room *room, uint32_t anchor);
    /* Of rules whose weights and delays may be lists, else NULL: how long a list is,
     * and the place in it of synapse `i` of the anchor. */
    uint64_t (*list_size)(const struct network_projection *projection);
    uint64_t (*list_place)(const struct rules_room *room, uint32_t anchor, uint32_t i);
};

/* Row `index` of the table; NULL behind the last one. */
const struct rule *rules_get(size_t index);

/* The cells of which an anchor draws its partners: the range of sources or of targets.
 */
struct network_range rules_partners(const struct network_projection *projection);

/* Room for one thread to draw a projection with. TUTTI_NO_MEMORY. Ended by
 * rules_close(), also after a failure. */
enum tutti_status rules_open(const struct network *network,
                             const struct network_projection *projection,
                             struct rules_room *room);
void rules_close(struct rules_room *room);

/* Draws count and partners of an anchor. */
void rules_draw_partners(struct rules_room *room, uint32_t anchor);
/* Draws the weights and delays of the partners drawn last, which are `anchor`'s. */
void rules_draw_synapses(struct rules_room *room, uint32_t anchor);

/* Whether all synapses of a projection have the same weight. */
bool rules_has_one_weight(const struct network_projection *projection);
/* The smallest and the largest weight that it can draw. */
void rules_weight_bounds(const struct network_projection *projection, double *smallest,
                         double *largest);
/* How many synapses it has, onto `targets` of its targets: exactly, or on average where
 * the number is drawn. */
double rules_synapse_count(const struct network_projection *projection,
                           uint32_t targets);

#endif
