"""One rank of a parallel participant of the tests: a sender or a receiver.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import sys

import numpy as np
import tutti

WIDTH = 20


def place() -> tuple[int, int]:
    """Rank and number of ranks, as mpirun tells its processes."""
    rank = int(os.environ.get("OMPI_COMM_WORLD_RANK", 0))
    return rank, int(os.environ.get("OMPI_COMM_WORLD_SIZE", 1))


def play(part: str) -> None:
    rank, ranks = place()
    here = np.arange(rank, WIDTH, ranks, dtype=np.uint32)
    with tutti.join(step="1 ms", rank=rank, ranks=ranks) as me:
        if part == "send":
            out = me.spike_output("out", width=WIDTH)
            out.set_indices(here)
            for window in me:
                stamps = window.begin.ns + here.astype(np.int64) * 1000
                out.send_ns(stamps, np.arange(len(here)))
            return
        heard = me.spike_input("in", width=WIDTH)
        heard.set_indices(here)
        with open(f"{me.run_folder}/heard-{rank}.txt", "w") as log:
            for window in me:
                if part == "die" and rank == 1 and window.begin.ms >= 100:
                    os.kill(os.getpid(), signal.SIGKILL)
                due, indices = heard.spikes_ns()
                for time, index in zip(due.tolist(), here[indices].tolist()):
                    print(window.begin.ns, time, index, file=log)


if __name__ == "__main__":
    play(sys.argv[1])
