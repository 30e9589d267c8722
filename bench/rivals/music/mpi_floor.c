/* What bare MPI costs below MUSIC: ping-pong, exchange and stream of two ranks.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   mpi_floor start | pingpong BYTES N | exchange BYTES N | stream BYTES N
 *
 * Prints the median over 200 chunks of the microseconds per round (rank 0) as JSON. */
#include <mpi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void one_round(char kind, int rank, char *out, char *in, int bytes)
{
    const int other = 1 - rank;
    MPI_Request request;

    if (kind == 'e') { /* both send, both receive: what lock step needs per window */
        MPI_Isend(out, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD, &request);
        MPI_Recv(in, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        MPI_Wait(&request, MPI_STATUS_IGNORE);
        return;
    }
    if (rank == 0)
        MPI_Send(out, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD);
    else
        MPI_Recv(in, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (kind == 's')
        return;
    if (rank == 0)
        MPI_Recv(in, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    else
        MPI_Send(out, bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD);
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "start";
    const int bytes = argc > 2 ? atoi(argv[2]) : 0,
              rounds = argc > 3 ? atoi(argv[3]) : 1000;
    const int chunk = rounds > 200 ? rounds / 200 : 1;
    double chunks[200], last, median = 0;
    int rank, done = 0;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (strcmp(kind, "start") != 0 && rank < 2) {
        char *out = malloc(bytes + 1), *in = malloc(bytes + 1);

        memset(out, 1, bytes + 1);
        memset(in, 1, bytes + 1);
        for (int k = 0; k < rounds / 10 + 1; ++k)
            one_round(kind[0], rank, out, in, bytes);
        last = MPI_Wtime();
        for (int k = 1; k <= rounds && done < 200; ++k) {
            one_round(kind[0], rank, out, in, bytes);
            if (k % chunk == 0) {
                const double now = MPI_Wtime();
                chunks[done++] = 1e6 * (now - last) / chunk;
                last = now;
            }
        }
        for (int k = chunk * done; k < rounds; ++k)
            one_round(kind[0], rank, out, in, bytes);
        qsort(chunks, done, sizeof chunks[0], by_size);
        median = chunks[done / 2];
        free(out);
        free(in);
    }
    if (rank == 0)
        printf("{\"peer\":\"mpi\",\"window_us\":%.4f}\n", median);
    MPI_Finalize();
    return 0;
}
