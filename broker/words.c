/* A command line as words.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"

void words_free(char **words)
{
    for (size_t i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
}

/* Adds the word that begins at **at to `word`, and moves on behind it. */
static enum tutti_status take_word(const char *line, const char **at,
                                   struct tt_text *word)
{
    char quote = '\0';

    for (; **at && (quote || !strchr(" \t\n", **at)); (*at)++) {
        if (quote ? **at == quote : **at == '\'' || **at == '"') {
            quote = quote ? '\0' : **at;
            continue;
        }
        if (!quote && strchr("|&;<>`", **at))
            return FAIL(
                TUTTI_BAD_CONFIG,
                "'%c' in the command '%s' has no meaning: commands are run without "
                "a shell; write sh -c '...' if you need one",
                **at, line);
        if (**at == '\\' && quote != '\'' && (*at)[1])
            (*at)++;
        tt_text_add(word, "%c", **at);
    }
    if (quote)
        return FAIL(TUTTI_BAD_CONFIG,
                    "the command '%s' opens a %c and does not close it", line, quote);
    return word->is_cut ? FAIL(TUTTI_NO_MEMORY, "no memory for the command '%s'", line)
                        : TUTTI_OK;
}

static enum tutti_status split(const char *line, char **words)
{
    size_t count = 0;

    for (const char *at = line; *at;) {
        struct tt_text word = {0};
        enum tutti_status status;

        if (strchr(" \t\n", *at)) {
            at++;
            continue;
        }
        status = take_word(line, &at, &word);
        if (status == TUTTI_OK)
            words[count++] = tt_copy_text(tt_text_get(&word));
        tt_text_free(&word);
        TRY(status);
        if (!words[count - 1])
            return FAIL(TUTTI_NO_MEMORY, "no memory for the command '%s'", line);
    }
    if (!count)
        return FAIL(TUTTI_BAD_CONFIG, "a command is empty");
    return TUTTI_OK;
}

enum tutti_status words_split(const char *line, char ***words)
{
    enum tutti_status status;

    *words = tt_alloc_array(strlen(line) / 2 + 2, sizeof **words);
    if (!*words)
        return FAIL(TUTTI_NO_MEMORY, "no memory for the command '%s'", line);
    status = split(line, *words);
    if (status != TUTTI_OK) {
        words_free(*words);
        *words = NULL;
    }
    return status;
}
