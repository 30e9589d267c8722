/* A command line as words, split as a shell would, without a shell: quotes and
 * backslashes are understood, nothing is expanded. SPDX-License-Identifier: Apache-2.0
 */
#ifndef BROKER_WORDS_H
#define BROKER_WORDS_H

#include "tutti/status.h"

/* A NULL-terminated array, freed with words_free(). TUTTI_BAD_CONFIG: a quote that is
 * not closed, no word at all, or a sign that only a shell understands (| & ; < > ` $(
 * outside quotes). */
enum tutti_status words_split(const char *line, char ***words);
void words_free(char **words);

#endif
