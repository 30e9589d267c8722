/* The spikes of one port.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/spike_record.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

/* SONATA wants the order of the spikes as an enumeration. */
static enum tutti_status write_sorting(struct tt_store_file *file, hid_t group)
{
    static const struct {
        const char *name;
        uint8_t value;
    } orders[] = {{"none", 0}, {"by_id", 1}, {"by_time", 2}};
    const uint8_t by_time = 2;
    const hid_t type = H5Tenum_create(H5T_NATIVE_UINT8);
    size_t i;

    for (i = 0; i < sizeof orders / sizeof *orders; i++)
        if (H5Tenum_insert(type, orders[i].name, &orders[i].value) < 0)
            return tt_file_fail(file);
    TRY(tt_write_attribute(file, group, "sorting",
                           &(struct tt_values){type, 0, &by_time}));
    H5Tclose(type);
    return TUTTI_OK;
}

static enum tutti_status make_group(struct tt_spike_record *record, const char *name)
{
    /* Tells a row that was never written from one at time 0. */
    const double never = -1;
    const struct tt_column_shape ids = {.name = "node_ids",
                                        .type = H5T_NATIVE_UINT64,
                                        .type_size = sizeof(uint64_t),
                                        .chunk_rows = TT_CHUNK};
    const struct tt_column_shape times = {.name = "timestamps",
                                          .type = H5T_NATIVE_DOUBLE,
                                          .type_size = sizeof(double),
                                          .chunk_rows = TT_CHUNK,
                                          .fill = &never};
    struct tt_store_file *file = record->file;
    hid_t group;

    TRY(tt_make_group(file, "/spikes", name, &group));
    TRY(write_sorting(file, group));
    TRY(tt_column_make(file, group, &ids, &record->ids));
    TRY(tt_column_make(file, group, &times, &record->times));
    TRY(tt_write_text_attribute(file, record->times.dataset, "units", "ms"));
    H5Gclose(group);
    return TUTTI_OK;
}

enum tutti_status tt_spike_record_make(struct tt_store_file *file, const char *name,
                                       struct tt_spike_record **record)
{
    enum tutti_status status;

    *record = tt_alloc(sizeof **record);
    if (!*record)
        return FAIL(TUTTI_NO_MEMORY, "no memory to record '%s'", name);
    (*record)->file = file;
    status = make_group(*record, name);
    if (status == TUTTI_OK)
        status = tt_digest_make(file, name, &(*record)->digest);
    if (status != TUTTI_OK)
        tt_spike_record_close(record);
    return status;
}

/* Digests take spikes as pairs of due time and index, eight bytes each. */
static enum tutti_status digest_spikes(struct tt_digest *digest, size_t count,
                                       const struct tutti_time *due,
                                       const uint32_t *ids)
{
    struct {
        int64_t due;
        uint64_t id;
    } batch[256];
    size_t i, size = 0;

    for (i = 0; i < count; i++) {
        if (due[i].ns > digest->end || size == sizeof batch / sizeof *batch) {
            tt_digest_add(digest, batch, size * sizeof *batch);
            size = 0;
            TRY(tt_digest_turn(digest, due[i].ns));
        }
        batch[size].due = due[i].ns;
        batch[size++].id = ids[i];
    }
    tt_digest_add(digest, batch, size * sizeof *batch);
    return TUTTI_OK;
}

enum tutti_status tt_store_put_spikes(struct tt_spike_record *record, size_t count,
                                      const struct tutti_time *due, const uint32_t *ids)
{
    TRY(tt_file_check(record->file));
    TRY(digest_spikes(&record->digest, count, due, ids));
    while (count > 0) {
        size_t i, room;
        uint64_t *id_rows = tt_column_rows(&record->ids, &room);
        double *time_rows = tt_column_rows(&record->times, &room);
        const size_t part = count < room ? count : room;

        for (i = 0; i < part; i++) {
            id_rows[i] = ids[i];
            time_rows[i] = tt_ms_from_ns(due[i].ns);
        }
        TRY(tt_column_add(&record->ids, part));
        TRY(tt_column_add(&record->times, part));
        count -= part;
        due += part;
        ids += part;
    }
    return TUTTI_OK;
}

uint64_t tt_spike_record_count(const struct tt_spike_record *record)
{
    return tt_column_count(&record->times);
}

static enum tutti_status flush_columns(struct tt_spike_record *record)
{
    struct tt_column *const columns[] = {&record->ids, &record->times,
                                         &record->digest.column};
    size_t i;

    for (i = 0; i < sizeof columns / sizeof *columns; i++) {
        TRY(tt_column_write(columns[i]));
        TRY(tt_column_flush(columns[i]));
    }
    return TUTTI_OK;
}

enum tutti_status tt_spike_record_flush(struct tt_spike_record *record,
                                        int64_t complete)
{
    TRY(tt_digest_complete(&record->digest, complete));
    return flush_columns(record);
}

enum tutti_status tt_spike_record_finish(struct tt_spike_record *record,
                                         int64_t complete)
{
    TRY(tt_digest_finish(&record->digest, complete));
    return flush_columns(record);
}

void tt_spike_record_close(struct tt_spike_record **record)
{
    if (!*record)
        return;
    tt_digest_close(&(*record)->digest);
    tt_column_close(&(*record)->times);
    tt_column_close(&(*record)->ids);
    free(*record);
    *record = NULL;
}
