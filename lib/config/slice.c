/* Ranges of indices, half-open as in Python. SPDX-License-Identifier: Apache-2.0 */
#include "config/slice.h"

#include <stdbool.h>
#include <string.h>

/* A whole number below TT_OPEN_END, at `*text`, which moves behind it; false and
 * unchanged when there is none. */
static bool read_index(const char **text, uint32_t *index)
{
    uint64_t value = 0;
    const char *begin = *text;

    for (; **text >= '0' && **text <= '9'; (*text)++) {
        value = value * 10 + (uint64_t)(**text - '0');
        if (value >= TT_OPEN_END)
            return false;
    }
    if (*text == begin)
        return false;
    *index = (uint32_t)value;
    return true;
}

/* The range in the first `size` bytes of `text`. */
static enum tutti_status read_range(const char *text, size_t size,
                                    struct tt_slice *slice)
{
    const char *at = text;
    struct tt_slice result = {0, TT_OPEN_END};
    const bool has_begin = read_index(&at, &result.begin);
    bool has_end = false;

    if (*at == ':') {
        at++;
        has_end = read_index(&at, &result.end);
    } else if (has_begin) {
        result.end = result.begin + 1;
    }
    if (at != text + size || (!has_begin && !has_end))
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%.*s' is not a range of indices; write '0:200', '100:', ':100' "
                    "or '3'",
                    (int)size, text);
    if (result.begin >= result.end)
        return FAIL(TUTTI_BAD_CONFIG,
                    "the range '%.*s' is empty; its end is the first index that is not "
                    "in it",
                    (int)size, text);
    *slice = result;
    return TUTTI_OK;
}

enum tutti_status tt_slice_parse(const char *text, struct tt_slice *slice)
{
    return read_range(text, strlen(text), slice);
}

enum tutti_status tt_slice_split(const char *text, size_t *name_size,
                                 struct tt_slice *slice)
{
    const size_t size = strlen(text);
    const size_t name = strcspn(text, "[");

    if (name == 0)
        return FAIL(TUTTI_BAD_CONFIG, "'%s' does not begin with a name", text);
    if (name == size) {
        *slice = (struct tt_slice){0, TT_OPEN_END};
    } else {
        if (text[size - 1] != ']')
            return FAIL(TUTTI_BAD_CONFIG, "the '[' in '%s' is not closed by a ']'",
                        text);
        TRY(read_range(text + name + 1, size - name - 2, slice));
    }
    *name_size = name;
    return TUTTI_OK;
}
