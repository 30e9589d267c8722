/* Text that grows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void tt_text_add(struct tt_text *text, const char *format, ...)
{
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0 ||
        tt_grow(&text->bytes, &text->room, text->size + (size_t)size + 1, 1)) {
        text->is_cut = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->bytes + text->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    text->size += (size_t)size;
}

const char *tt_text_get(const struct tt_text *text)
{
    return text->bytes ? text->bytes : "";
}

void tt_text_clear(struct tt_text *text)
{
    text->size = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void tt_text_free(struct tt_text *text)
{
    free(text->bytes);
    *text = (struct tt_text){0};
}

const char *tt_time_text(struct tutti_time time, char room[TT_TIME_TEXT])
{
    static const struct {
        int64_t ns;
        int digits;
        const char *unit;
    } units[] = {
        {1000000000, 9, "s"}, {1000000, 6, "ms"}, {1000, 3, "us"}, {1, 0, "ns"}};
    const uint64_t size = time.ns < 0 ? 0 - (uint64_t)time.ns : (uint64_t)time.ns;
    uint64_t rest;
    size_t unit = 0;
    int digits;

    if (time.ns == INT64_MAX)
        return strcpy(room, "infinity");
    if (time.ns == 0)
        return strcpy(room, "0 ms");
    while (units[unit].digits && size < (uint64_t)units[unit].ns)
        unit++;
    /* 1.5 s but 1500.25 ms: seconds only where three decimals suffice. */
    if (unit == 0 && size % 1000000)
        unit = 1;
    rest = size % (uint64_t)units[unit].ns;
    digits = units[unit].digits;
    while (digits && rest % 10 == 0) {
        rest /= 10;
        digits--;
    }
    if (digits)
        snprintf(room, TT_TIME_TEXT, "%s%" PRIu64 ".%0*" PRIu64 " %s",
                 time.ns < 0 ? "-" : "", size / (uint64_t)units[unit].ns, digits, rest,
                 units[unit].unit);
    else
        snprintf(room, TT_TIME_TEXT, "%s%" PRIu64 " %s", time.ns < 0 ? "-" : "",
                 size / (uint64_t)units[unit].ns, units[unit].unit);
    return room;
}

const char *tt_step_text(struct tutti_step step, char room[TT_STEP_TEXT])
{
    char time[TT_TIME_TEXT];
    int number;

    tt_time_text((struct tutti_time){step.ns}, time);
    number = (int)strcspn(time, " ");
    if (step.divisor == 1)
        snprintf(room, TT_STEP_TEXT, "%s", time);
    else
        snprintf(room, TT_STEP_TEXT, "%.*s/%" PRId64 "%s", number, time, step.divisor,
                 time + number);
    return room;
}

/* Levenshtein's distance of short words; longer ones are never near. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t row[LONGEST + 1];
    const size_t size_a = strlen(a), size_b = strlen(b);

    if (size_a > LONGEST || size_b > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= size_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= size_a; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= size_b; j++) {
            const size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            size_t best = row[j] + 1;

            diagonal = row[j];
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = changed < best ? changed : best;
        }
    }
    return row[size_b];
}

const char *tt_nearest_word(const char *word, const char *const *candidates,
                            size_t count)
{
    const char *nearest = NULL;
    size_t best = strlen(word) / 3 + 1; /* more changes than that is another word */

    for (size_t i = 0; i < count; i++) {
        const size_t changes = distance(word, candidates[i]);

        if (changes <= best && (!nearest || changes < best)) {
            nearest = candidates[i];
            best = changes;
        }
    }
    return nearest;
}
