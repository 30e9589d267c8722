/* Addresses as users write them, and as sockets take them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "link/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/status.h"

enum { LONGEST_NAME = 100, LONGEST_HOST = 255 };

static bool is_ipc(const char *address)
{
    return strncmp(address, "ipc://@", 7) == 0;
}

static enum tutti_status no_address(const char *address, const char *why)
{
    return FAIL(TUTTI_BAD_CONFIG,
                "'%.200s' is no address of a broker: %s; write ipc://@NAME on one "
                "machine, or tcp://HOST:PORT",
                address, why);
}

/* Abstract names only: they vanish with the process, and nobody's file is replaced. */
static enum tutti_status copy_ipc(const char *address, char room[TT_ADDRESS_SIZE])
{
    const size_t size = strlen(address);

    if (size == 7)
        return no_address(address, "the name is missing");
    if (size > LONGEST_NAME)
        return no_address(address, "the name is too long");
    memcpy(room, address, size + 1);
    return TUTTI_OK;
}

/* "tcp://HOST:PORT" -> its two parts. */
static enum tutti_status split_tcp(const char *address, char host[LONGEST_HOST + 1],
                                   const char **port)
{
    const char *colon = strrchr(address, ':');
    size_t size;

    if (strncmp(address, "tcp://", 6) != 0)
        return no_address(address, strncmp(address, "ipc://", 6) == 0
                                       ? "names on one machine begin with @"
                                       : "it begins with neither ipc:// nor tcp://");
    if (colon < address + 6)
        return no_address(address, "the port is missing");
    size = (size_t)(colon - address) - 6;
    if (size == 0 || size > LONGEST_HOST)
        return no_address(address, "the host is missing or too long");
    memcpy(host, address + 6, size);
    host[size] = '\0';
    *port = colon + 1;
    return TUTTI_OK;
}

static enum tutti_status read_port(const char *address, const char *port, long *number)
{
    char *end;

    *number = strtol(port, &end, 10);
    if (port[0] < '0' || port[0] > '9' || *end || *number > 65535)
        return no_address(address, "the port is no number up to 65535");
    return TUTTI_OK;
}

static enum tutti_status find_host(const char *address, const char *host,
                                   struct in_addr *found)
{
    const struct addrinfo wanted = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    const int problem = getaddrinfo(host, NULL, &wanted, &list);

    if (problem)
        return no_address(address, gai_strerror(problem));
    *found = ((const struct sockaddr_in *)(const void *)list->ai_addr)->sin_addr;
    freeaddrinfo(list);
    return TUTTI_OK;
}

static void write_tcp(struct in_addr host, long port, char room[TT_ADDRESS_SIZE])
{
    char number[INET_ADDRSTRLEN];

    inet_ntop(AF_INET, &host, number, sizeof number);
    snprintf(room, TT_ADDRESS_SIZE, "tcp://%s:%ld", number, port);
}

enum tutti_status tt_address_of_broker(const char *address, char room[TT_ADDRESS_SIZE])
{
    char host[LONGEST_HOST + 1];
    struct in_addr found;
    const char *port;
    long number;

    if (is_ipc(address))
        return copy_ipc(address, room);
    TRY(split_tcp(address, host, &port));
    TRY(read_port(address, port, &number));
    if (number == 0)
        return no_address(address, "nobody listens at port 0");
    TRY(find_host(address, host, &found));
    write_tcp(found, number, room);
    return TUTTI_OK;
}

enum tutti_status tt_address_of_board(const char *address, char room[TT_ADDRESS_SIZE])
{
    char host[LONGEST_HOST + 1];
    struct in_addr found;
    const char *port;
    long number = 0;

    if (is_ipc(address))
        return copy_ipc(address, room);
    TRY(split_tcp(address, host, &port));
    if (strcmp(port, "*") != 0)
        TRY(read_port(address, port, &number));
    if (strcmp(host, "*") == 0 || strcmp(host, "0.0.0.0") == 0)
        return no_address(address, "participants must be told one host to connect to");
    TRY(find_host(address, host, &found));
    write_tcp(found, number, room);
    return TUTTI_OK;
}

static enum tutti_status new_name(char room[TT_ADDRESS_SIZE])
{
    uint64_t random[2];

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return FAIL(TUTTI_SYSTEM, "the system has no random numbers: %s",
                    strerror(errno));
    snprintf(room, TT_ADDRESS_SIZE, "ipc://@tutti-%016llx%016llx",
             (unsigned long long)random[0], (unsigned long long)random[1]);
    return TUTTI_OK;
}

/* A datagram socket that is connected knows the way, without sending anything. */
static enum tutti_status near_host(const struct sockaddr_in *far, struct in_addr *near)
{
    struct sockaddr_in own = {0};
    socklen_t size = sizeof own;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const bool is_known = fd >= 0 &&
                          connect(fd, (const struct sockaddr *)far, sizeof *far) == 0 &&
                          getsockname(fd, (struct sockaddr *)&own, &size) == 0;
    const int problem = errno;

    if (fd >= 0)
        close(fd);
    if (!is_known)
        return FAIL(TUTTI_SYSTEM, "no network leads to the broker at %s: %s",
                    inet_ntoa(far->sin_addr), strerror(problem));
    *near = own.sin_addr;
    return TUTTI_OK;
}

enum tutti_status tt_address_of_inbox(const char *broker, char room[TT_ADDRESS_SIZE])
{
    struct sockaddr_in far = {.sin_family = AF_INET};
    char host[LONGEST_HOST + 1];
    struct in_addr near;
    const char *port;
    long number;

    if (is_ipc(broker))
        return new_name(room);
    TRY(split_tcp(broker, host, &port));
    TRY(read_port(broker, port, &number));
    TRY(find_host(broker, host, &far.sin_addr));
    far.sin_port = htons((uint16_t)number);
    TRY(near_host(&far, &near));
    write_tcp(near, 0, room);
    return TUTTI_OK;
}
