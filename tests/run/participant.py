"""A participant of the tests: spikes in, spikes out, and one way of going wrong.

Options: at (ms) is when it goes wrong; how says in which way. With `tell` it writes to
the FIFO `told` that it has come so far and, given a FIFO `hold`, goes on when that has
a byte for it.
SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import sys
from pathlib import Path

import tutti


def go_wrong(me: tutti.Participant, how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if how == "raise":
        raise ValueError("the electrode fell off")
    if how == "exit":
        print("I have had enough", file=sys.stderr, flush=True)
        os._exit(3)
    if how == "tell":
        Path(me.option("told")).write_bytes(b"!")
        if hold := me.option("hold"):
            with open(hold, "rb", buffering=0) as gate:
                gate.read(1)


def play() -> None:
    with tutti.join(step="1 ms") as me:
        how = me.option("how") or "well"
        at = float(me.option("at") or 5)
        incoming = me.spike_input("in", width=int(me.option("width") or 10))
        outgoing = me.spike_output("out", width=10)
        if how == "before":
            os._exit(4)
        for window in me:
            _, indices = incoming.spikes()
            if window.begin.ms >= at:
                go_wrong(me, how)
                at = float("inf")
            outgoing.send([window.begin.ms], [len(indices) % 10])


if __name__ == "__main__":
    play()
