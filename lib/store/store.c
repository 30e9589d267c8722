/* A recording: the file with its provenance, and the order in which things reach it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "base/status.h"
#include "store/claim.h"
#include "store/file.h"
#include "store/report.h"
#include "store/spike_record.h"

struct tt_store {
    struct tt_store_file file;
    int claim;
    struct tt_spike_record **spikes;
    struct tt_report **reports;
    size_t spike_count, report_count, spike_room, report_room;
    hid_t complete_up_to;
    int64_t complete; /* ns: what has been put */
};

/* --- create --------------------------------------------------------------------- */

static enum tutti_status open_file(struct tt_store_file *file)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);

    /* SWMR needs the latest format. HDF5's own lock would refuse to begin with it while
     * somebody looks into the file already; two writers are kept apart by the claim. */
    if (H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST) < 0 ||
        H5Pset_file_locking(access, 0, 1) < 0 ||
        H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) < 0)
        return tt_file_fail(file);
    file->id = H5Fcreate(file->path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (file->id < 0)
        return tt_file_fail(file);
    H5Pclose(access);
    return TUTTI_OK;
}

/* By these two a reader knows SONATA. */
static enum tutti_status write_format(struct tt_store_file *file)
{
    const uint32_t magic = 0x0A7A, version[] = {0, 1};

    TRY(tt_write_attribute(file, file->id, "magic",
                           &(struct tt_values){H5T_NATIVE_UINT32, 0, &magic}));
    return tt_write_attribute(file, file->id, "version",
                              &(struct tt_values){H5T_NATIVE_UINT32, 2, version});
}

static enum tutti_status write_experiment(struct tt_store_file *file, hid_t group,
                                          const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    char hash[2 * sizeof(XXH128_hash_t) + 1];
    XXH128_canonical_t bytes;
    hid_t dataset;
    size_t i;

    XXH128_canonicalFromHash(&bytes, XXH3_128bits(text, strlen(text)));
    for (i = 0; i < sizeof bytes.digest; i++) {
        hash[2 * i] = "0123456789abcdef"[bytes.digest[i] >> 4];
        hash[2 * i + 1] = "0123456789abcdef"[bytes.digest[i] & 15];
    }
    hash[2 * i] = '\0';
    if (H5Tset_size(type, strlen(text) + 1) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)
        return tt_file_fail(file);
    TRY(tt_make_dataset(file, group, "experiment", &(struct tt_values){type, 0, text},
                        &dataset));
    H5Dclose(dataset);
    H5Tclose(type);
    return tt_write_text_attribute(file, group, "experiment_xxh3_128", hash);
}

static enum tutti_status write_provenance(struct tt_store *store,
                                          const char *experiment)
{
    const double complete = tt_ms_from_ns(TT_NOTHING_COMPLETE);
    const double interval = tt_ms_from_ns(TT_DIGEST_INTERVAL);
    struct tt_store_file *file = &store->file;
    hid_t group, digests;

    TRY(tt_make_group(file, "/", "provenance", &group));
    TRY(tt_write_text_attribute(file, group, "tutti_version", tutti_version()));
    TRY(write_experiment(file, group, experiment));
    TRY(tt_make_dataset(file, group, "complete_up_to",
                        &(struct tt_values){H5T_NATIVE_DOUBLE, 0, &complete},
                        &store->complete_up_to));
    TRY(tt_write_text_attribute(file, store->complete_up_to, "units", "ms"));
    TRY(tt_make_group(file, "/provenance", "digests", &digests));
    TRY(tt_write_attribute(file, digests, "interval",
                           &(struct tt_values){H5T_NATIVE_DOUBLE, 0, &interval}));
    TRY(tt_write_text_attribute(file, digests, "units", "ms"));
    H5Gclose(digests);
    H5Gclose(group);
    return TUTTI_OK;
}

enum tutti_status tt_store_create(const char *path, const char *experiment,
                                  struct tt_store **store)
{
    enum tutti_status status;

    *store = NULL;
    tt_hdf5_quiet();
    if (tt_is_claimed(path))
        return FAIL(TUTTI_REFUSED,
                    "the recording '%s' is being written by another process: choose "
                    "another folder, or wait for its end",
                    path);
    *store = tt_alloc(sizeof **store);
    if (!*store)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record to '%s'", path);
    (*store)->claim = -1;
    (*store)->complete = TT_NOTHING_COMPLETE;
    (*store)->file.flushed = TT_NOTHING_COMPLETE;
    (*store)->file.path = tt_copy_text(path);
    status = (*store)->file.path
                 ? open_file(&(*store)->file)
                 : FAIL(TUTTI_NO_MEMORY, "no memory to record to '%s'", path);
    if (status == TUTTI_OK)
        status = write_format(&(*store)->file);
    if (status == TUTTI_OK)
        status = write_provenance(*store, experiment);
    if (status != TUTTI_OK)
        tt_store_close(store);
    return status;
}

/* --- add ------------------------------------------------------------------------ */

static enum tutti_status check_name(const struct tt_store *store, const char *name)
{
    TRY(tt_file_check(&store->file));
    if (!*name || strchr(name, '/'))
        return FAIL(TUTTI_BAD_CALL,
                    "'%s' cannot be the name of a recorded port: HDF5 wants at least "
                    "one character, and no '/'",
                    name);
    return TUTTI_OK;
}

enum tutti_status tt_store_add_spikes(struct tt_store *store, const char *name,
                                      struct tt_spike_record **record)
{
    TRY(check_name(store, name));
    TRY(tt_grow(&store->spikes, &store->spike_room, store->spike_count + 1,
                sizeof *store->spikes));
    TRY(tt_spike_record_make(&store->file, name, record));
    store->spikes[store->spike_count++] = *record;
    return TUTTI_OK;
}

enum tutti_status tt_store_add_report(struct tt_store *store, const char *name,
                                      const struct tt_report_shape *shape,
                                      struct tt_report **report)
{
    TRY(check_name(store, name));
    TRY(tt_grow(&store->reports, &store->report_room, store->report_count + 1,
                sizeof *store->reports));
    TRY(tt_report_make(&store->file, name, shape, report));
    store->reports[store->report_count++] = *report;
    return TUTTI_OK;
}

enum tutti_status tt_store_begin(struct tt_store *store)
{
    TRY(tt_file_check(&store->file));
    if (H5Fstart_swmr_write(store->file.id) < 0)
        return tt_file_fail(&store->file);
    tt_claim(store->file.path, &store->claim);
    store->file.has_begun = true;
    return TUTTI_OK;
}

/* --- flush and end -------------------------------------------------------------- */

void tt_store_complete(struct tt_store *store, struct tutti_time until)
{
    store->complete = until.ns;
}

/* Says what is complete; only after that has reached the file. */
static enum tutti_status state_complete(struct tt_store *store)
{
    const double complete = tt_ms_from_ns(store->complete);
    size_t i;

    for (i = 0; i < store->report_count; i++)
        TRY(tt_report_flush_time(store->reports[i]));
    if (store->complete == store->file.flushed)
        return TUTTI_OK;
    if (H5Dwrite(store->complete_up_to, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                 H5P_DEFAULT, &complete) < 0 ||
        H5Dflush(store->complete_up_to) < 0)
        return tt_file_fail(&store->file);
    store->file.flushed = store->complete;
    return TUTTI_OK;
}

enum tutti_status tt_store_flush(struct tt_store *store)
{
    size_t i;

    TRY(tt_file_check(&store->file));
    for (i = 0; i < store->spike_count; i++)
        TRY(tt_spike_record_flush(store->spikes[i], store->complete));
    for (i = 0; i < store->report_count; i++)
        TRY(tt_report_flush(store->reports[i], store->complete));
    return state_complete(store);
}

/* Closing the last handle of the file makes it an ordinary one. */
static enum tutti_status close_hdf5(struct tt_store *store)
{
    const hid_t file = store->file.id, complete_up_to = store->complete_up_to;

    store->file.id = 0;
    store->complete_up_to = 0;
    while (store->spike_count > 0)
        tt_spike_record_close(&store->spikes[--store->spike_count]);
    while (store->report_count > 0)
        tt_report_close(&store->reports[--store->report_count]);
    if (store->file.has_failed)
        return TUTTI_OK;
    if (complete_up_to > 0)
        H5Dclose(complete_up_to);
    if (file > 0 && H5Fclose(file) < 0)
        return tt_file_fail(&store->file);
    return TUTTI_OK;
}

enum tutti_status tt_store_finish(struct tt_store *store)
{
    size_t i;

    TRY(tt_store_flush(store));
    for (i = 0; i < store->spike_count; i++)
        TRY(tt_spike_record_finish(store->spikes[i], store->complete));
    for (i = 0; i < store->report_count; i++)
        TRY(tt_report_finish(store->reports[i], store->complete));
    TRY(close_hdf5(store));
    tt_claim_end(&store->claim);
    return TUTTI_OK;
}

void tt_store_close(struct tt_store **store)
{
    if (!*store)
        return;
    close_hdf5(*store);
    tt_claim_end(&(*store)->claim);
    free((*store)->reports);
    free((*store)->spikes);
    free((*store)->file.path);
    free(*store);
    *store = NULL;
}
