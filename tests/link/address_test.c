/* Addresses: what is accepted, and the sentence for what is not.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "link/address.h"

static void an_ipc_broker_gets_an_ipc_inbox_of_a_new_name(void **state)
{
    char broker[TT_ADDRESS_SIZE], first[TT_ADDRESS_SIZE], second[TT_ADDRESS_SIZE];

    (void)state;
    assert_int_equal(tt_address_of_broker("ipc://@column", broker), TUTTI_OK);
    assert_string_equal(broker, "ipc://@column");
    assert_int_equal(tt_address_of_inbox(broker, first), TUTTI_OK);
    assert_int_equal(tt_address_of_inbox(broker, second), TUTTI_OK);
    assert_memory_equal(first, "ipc://@tutti-", 13);
    assert_int_equal(strlen(first), 13 + 32);
    assert_string_not_equal(first, second);
}

static void a_tcp_broker_gets_an_inbox_on_the_network_that_leads_to_it(void **state)
{
    char room[TT_ADDRESS_SIZE];

    (void)state;
    assert_int_equal(tt_address_of_broker("tcp://localhost:5555", room), TUTTI_OK);
    assert_string_equal(room, "tcp://127.0.0.1:5555");
    assert_int_equal(tt_address_of_inbox("tcp://127.0.0.1:5555", room), TUTTI_OK);
    assert_string_equal(room, "tcp://127.0.0.1:0");
}

static void a_board_may_take_any_free_port(void **state)
{
    char room[TT_ADDRESS_SIZE];

    (void)state;
    assert_int_equal(tt_address_of_board("tcp://127.0.0.1:*", room), TUTTI_OK);
    assert_string_equal(room, "tcp://127.0.0.1:0");
    assert_int_equal(tt_address_of_board("tcp://127.0.0.1:0", room), TUTTI_OK);
    assert_string_equal(room, "tcp://127.0.0.1:0");
    assert_int_equal(tt_address_of_board("ipc://@x", room), TUTTI_OK);
}

static void expect(enum tutti_status status, const char *address, const char *why)
{
    char sentence[400];

    snprintf(sentence, sizeof sentence,
             "'%s' is no address of a broker: %s; write ipc://@NAME on one machine, or "
             "tcp://HOST:PORT",
             address, why);
    assert_int_equal(status, TUTTI_BAD_CONFIG);
    assert_string_equal(tutti_last_error(), sentence);
}

static void an_address_that_makes_no_sense_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *address, *why;
    } cases[] = {
        {"", "it begins with neither ipc:// nor tcp://"},
        {"localhost:5555", "it begins with neither ipc:// nor tcp://"},
        {"ipc:///tmp/socket", "names on one machine begin with @"},
        {"ipc://@", "the name is missing"},
        {"tcp://localhost", "the port is missing"},
        {"tcp://:5555", "the host is missing or too long"},
        {"tcp://localhost:", "the port is no number up to 65535"},
        {"tcp://localhost:70000", "the port is no number up to 65535"},
        {"tcp://localhost:5x", "the port is no number up to 65535"},
        {"tcp://localhost:0", "nobody listens at port 0"},
        {"tcp://localhost:*", "the port is no number up to 65535"},
    };
    char room[TT_ADDRESS_SIZE], longest[120];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(tt_address_of_broker(cases[i].address, room), cases[i].address,
               cases[i].why);
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "ipc://@", 7);
    longest[sizeof longest - 1] = '\0';
    expect(tt_address_of_broker(longest, room), longest, "the name is too long");
}

static void a_board_names_the_host_that_others_connect_to(void **state)
{
    char room[TT_ADDRESS_SIZE];

    (void)state;
    expect(tt_address_of_board("tcp://*:5555", room), "tcp://*:5555",
           "participants must be told one host to connect to");
    expect(tt_address_of_board("tcp://0.0.0.0:0", room), "tcp://0.0.0.0:0",
           "participants must be told one host to connect to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ipc_broker_gets_an_ipc_inbox_of_a_new_name),
        cmocka_unit_test(a_tcp_broker_gets_an_inbox_on_the_network_that_leads_to_it),
        cmocka_unit_test(a_board_may_take_any_free_port),
        cmocka_unit_test(an_address_that_makes_no_sense_is_refused_with_the_reason),
        cmocka_unit_test(a_board_names_the_host_that_others_connect_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
