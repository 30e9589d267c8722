/* The folder of a run.
 * SPDX-License-Identifier: Apache-2.0 */
#include "broker/run_folder.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"

/* The name as a word that is a file name everywhere. */
static void add_word(struct tt_text *text, const char *name)
{
    for (; *name; name++)
        tt_text_add(text, "%c", isalnum((unsigned char)*name) ? *name : '-');
}

/* Makes a folder and its parents; whether the last one was made new. */
static enum tutti_status make_folder(const char *path, bool *is_new)
{
    struct tt_text part = {0};
    enum tutti_status status = TUTTI_OK;

    for (const char *slash = path; slash && status == TUTTI_OK;) {
        slash = strchr(slash + 1, '/');
        tt_text_clear(&part);
        tt_text_add(&part, "%.*s", slash ? (int)(slash - path) : (int)strlen(path),
                    path);
        *is_new = mkdir(tt_text_get(&part), 0777) == 0;
        if (!*is_new && errno != EEXIST)
            status = FAIL(TUTTI_SYSTEM, "the run folder '%s' cannot be made: %s", path,
                          strerror(errno));
    }
    tt_text_free(&part);
    return status;
}

static enum tutti_status make_numbered(const struct experiment *experiment,
                                       struct tt_text *path)
{
    bool is_new = false;

    for (int number = 1; !is_new; number++) {
        tt_text_clear(path);
        tt_text_add(path, "runs/");
        add_word(path, experiment->name);
        tt_text_add(path, "-%d", number);
        TRY(make_folder(tt_text_get(path), &is_new));
    }
    return TUTTI_OK;
}

static enum tutti_status make_given(const char *out, struct tt_text *path)
{
    struct tt_text recording = {0};
    bool is_new, is_used;

    TRY(make_folder(out, &is_new));
    tt_text_add(&recording, "%s/recording.h5", out);
    is_used = access(tt_text_get(&recording), F_OK) == 0;
    tt_text_free(&recording);
    if (is_used)
        return FAIL(TUTTI_BAD_CONFIG,
                    "'%s' holds the recording of another run: choose another --out, or "
                    "remove it",
                    out);
    tt_text_clear(path);
    tt_text_add(path, "%s", out);
    return TUTTI_OK;
}

static enum tutti_status copy_experiment(const struct experiment *experiment,
                                         const char *folder)
{
    struct tt_text path = {0};
    bool is_written = false;
    FILE *file;

    tt_text_add(&path, "%s/experiment.yaml", folder);
    file = fopen(tt_text_get(&path), "w");
    if (file) {
        is_written = fwrite(experiment->text, 1, experiment->text_size, file) ==
                     experiment->text_size;
        is_written &= fclose(file) == 0;
    }
    tt_text_free(&path);
    if (!is_written)
        return FAIL(TUTTI_SYSTEM, "the run folder '%s' cannot be written: %s", folder,
                    strerror(errno));
    return TUTTI_OK;
}

enum tutti_status run_folder_make(const struct experiment *experiment, const char *out,
                                  struct tt_text *path)
{
    char *absolute;

    TRY(out ? make_given(out, path) : make_numbered(experiment, path));
    absolute = realpath(tt_text_get(path), NULL);
    if (!absolute)
        return FAIL(TUTTI_SYSTEM, "the run folder '%s' cannot be found: %s",
                    tt_text_get(path), strerror(errno));
    tt_text_clear(path);
    tt_text_add(path, "%s", absolute);
    free(absolute);
    return copy_experiment(experiment, tt_text_get(path));
}
