/* The open HDF5 file behind a recording.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"

void tt_hdf5_quiet(void)
{
    /* Refused when HDF5 runs already: then somebody else has decided it. */
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static herr_t keep_innermost(unsigned depth, const H5E_error2_t *error, void *room)
{
    static const char mark[] = "errno = ";
    const char *found = strstr(error->desc, mark);

    if (found)
        snprintf(room, TT_REASON_TEXT, "%s", strerror(atoi(found + sizeof mark - 1)));
    else if (depth == 0)
        snprintf(room, TT_REASON_TEXT, "HDF5 says: %s", error->desc);
    return 0;
}

const char *tt_hdf5_reason(char room[TT_REASON_TEXT])
{
    snprintf(room, TT_REASON_TEXT, "HDF5 gives no reason");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, room);
    return room;
}

enum tutti_status tt_file_fail(struct tt_store_file *file)
{
    char reason[TT_REASON_TEXT], time[TT_TIME_TEXT];

    tt_hdf5_reason(reason);
    file->has_failed = true;
    if (file->is_copy)
        return FAIL(
            TUTTI_SYSTEM,
            "cannot recover the recording '%s': %s; it is unchanged: make room, "
            "then try again",
            file->path, reason);
    if (!file->has_begun || file->flushed == TT_NOTHING_COMPLETE)
        return FAIL(TUTTI_SYSTEM,
                    "cannot write the recording '%s': %s; nothing is in it yet: make "
                    "room or choose another folder",
                    file->path, reason);
    return FAIL(TUTTI_SYSTEM,
                "cannot write the recording '%s': %s; it is complete up to %s: make "
                "room, then run 'tutti-recorder --recover %s'",
                file->path, reason,
                tt_time_text((struct tutti_time){file->flushed}, time), file->path);
}

enum tutti_status tt_file_check(const struct tt_store_file *file)
{
    if (file->has_failed)
        return FAIL(
            TUTTI_SYSTEM,
            "the recording '%s' cannot be continued: writing to it failed before",
            file->path);
    return TUTTI_OK;
}

double tt_ms_from_ns(int64_t ns)
{
    return (double)ns / 1e6;
}

int64_t tt_ns_from_ms(double ms)
{
    return llround(ms * 1e6);
}

static hid_t make_space(const struct tt_values *values)
{
    const hsize_t size = values->count;

    return values->count ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
}

enum tutti_status tt_write_attribute(struct tt_store_file *file, hid_t object,
                                     const char *name, const struct tt_values *values)
{
    const hid_t space = make_space(values);
    const hid_t attribute =
        H5Acreate2(object, name, values->type, space, H5P_DEFAULT, H5P_DEFAULT);

    if (attribute < 0 || H5Awrite(attribute, values->type, values->values) < 0)
        return tt_file_fail(file);
    H5Aclose(attribute);
    H5Sclose(space);
    return TUTTI_OK;
}

enum tutti_status tt_write_text_attribute(struct tt_store_file *file, hid_t object,
                                          const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1);

    if (H5Tset_size(type, strlen(text) + 1) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)
        return tt_file_fail(file);
    TRY(tt_write_attribute(file, object, name, &(struct tt_values){type, 0, text}));
    H5Tclose(type);
    return TUTTI_OK;
}

enum tutti_status tt_make_group(struct tt_store_file *file, const char *folder,
                                const char *name, hid_t *group)
{
    const htri_t is_there = H5Lexists(file->id, folder, H5P_DEFAULT);
    const hid_t parent = is_there > 0 ? H5Gopen2(file->id, folder, H5P_DEFAULT)
                                      : H5Gcreate2(file->id, folder, H5P_DEFAULT,
                                                   H5P_DEFAULT, H5P_DEFAULT);

    if (parent < 0)
        return tt_file_fail(file);
    *group = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (*group < 0)
        return tt_file_fail(file);
    H5Gclose(parent);
    return TUTTI_OK;
}

enum tutti_status tt_make_dataset(struct tt_store_file *file, hid_t group,
                                  const char *name, const struct tt_values *values,
                                  hid_t *dataset)
{
    const hid_t space = make_space(values);

    *dataset = H5Dcreate2(group, name, values->type, space, H5P_DEFAULT, H5P_DEFAULT,
                          H5P_DEFAULT);
    if (*dataset < 0 || H5Dwrite(*dataset, values->type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                                 values->values) < 0)
        return tt_file_fail(file);
    H5Sclose(space);
    return TUTTI_OK;
}
