/* What the recorder makes of the connections that it gets.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka wants the three above first. */
#include <cmocka.h>

#include "adapters/recorder/track.h"

static const struct tutti_source low = {"column.E", "column", "E", TUTTI_SPIKES, 10,
                                        0,          0,        "",  {100000, 1}},
                                 high = {"column.E", "column", "E", TUTTI_SPIKES, 3,
                                         90,         10,       "",  {100000, 1}},
                                 voltage = {"cell.v", "cell", "v",  TUTTI_SIGNAL, 3,
                                            0,        0,      "mV", {25000, 1}};

static void each_input_gets_a_track_named_by_its_source(void **state)
{
    const struct tutti_source sources[] = {low, voltage};
    struct track *tracks;
    size_t count;

    (void)state;
    assert_int_equal(tracks_make(sources, 2, &tracks, &count), TUTTI_OK);
    assert_int_equal(count, 2);
    assert_string_equal(tracks[0].name, "column.E");
    assert_int_equal(tracks[0].kind, TUTTI_SPIKES);
    assert_int_equal(tracks[0].width, 10);
    assert_string_equal(tracks[1].name, "cell.v");
    assert_string_equal(tracks[1].unit, "mV");
    assert_int_equal(tracks[1].step.ns, 25000);
    tracks_free(&tracks, &count);
    assert_null(tracks);
}

static void ranges_of_a_port_keep_the_indices_of_their_source(void **state)
{
    const struct tutti_source sources[] = {high, voltage, low};
    struct track *tracks;
    size_t count;

    (void)state;
    assert_int_equal(tracks_make(sources, 3, &tracks, &count), TUTTI_OK);
    assert_int_equal(count, 2);
    assert_int_equal(tracks[0].width, 13);
    assert_int_equal(tracks[0].ids[9], 9);
    assert_int_equal(tracks[0].ids[10], 90);
    assert_int_equal(tracks[0].ids[12], 92);
    tracks_free(&tracks, &count);
}

static void expect_refusal(const struct tutti_source sources[2], const char *sentence)
{
    struct track *tracks;
    size_t count;

    assert_int_equal(tracks_make(sources, 2, &tracks, &count), TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), sentence);
    tracks_free(&tracks, &count);
}

static void sources_that_do_not_fit_together_are_refused(void **state)
{
    struct tutti_source sources[] = {low, high};

    (void)state;
    sources[1].to = 9;
    expect_refusal(sources, "index 9 at input 'column.E' of the recorder has two "
                            "sources: let the recorded ranges not overlap");
    sources[1].to = 12;
    expect_refusal(sources, "index 10 at input 'column.E' of the recorder has no "
                            "source: connect the recorded ranges one behind the other");
    sources[1].to = UINT32_MAX;
    expect_refusal(sources, "input 'column.E' of the recorder gets more indices than a "
                            "port can have");
    sources[1] = high;
    sources[1].port = "I";
    expect_refusal(sources,
                   "input 'column.E' of the recorder gets 'column.E' and 'column.I': "
                   "give each recorded port an input of its own");
}

static void nothing_to_record_is_no_track(void **state)
{
    struct track *tracks;
    size_t count;

    (void)state;
    assert_int_equal(tracks_make(NULL, 0, &tracks, &count), TUTTI_OK);
    assert_int_equal(count, 0);
    tracks_free(&tracks, &count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_input_gets_a_track_named_by_its_source),
        cmocka_unit_test(ranges_of_a_port_keep_the_indices_of_their_source),
        cmocka_unit_test(sources_that_do_not_fit_together_are_refused),
        cmocka_unit_test(nothing_to_record_is_no_track),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
