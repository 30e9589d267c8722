/* Compares a file with the reference page that the parser's tables print; without a
 * file, prints the page: `experiment_page > docs/experiment.md`.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/experiment.h"

static int compare(const char *path, const struct tt_text *page)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(page->size + 2);
    size_t size = 0;
    int is_same = 0;

    if (file && bytes) {
        size = fread(bytes, 1, page->size + 1, file);
        is_same = size == page->size && memcmp(bytes, page->bytes, size) == 0;
    }
    if (!is_same)
        fprintf(stderr, "%s is not what the tables print; write it anew: %s > %s\n",
                path, "experiment_page", path);
    if (file)
        fclose(file);
    free(bytes);
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argument_count, char **arguments)
{
    struct tt_text page = {0};
    int result = EXIT_SUCCESS;

    experiment_write_page(&page);
    if (argument_count > 1)
        result = compare(arguments[1], &page);
    else
        fputs(tt_text_get(&page), stdout);
    tt_text_free(&page);
    return result;
}
