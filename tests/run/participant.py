"""A participant of the tests: spikes in, spikes out, and one way of going wrong.

Options: steps in ms; at (ms) is when it goes wrong; how says in which way.
SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import sys
import time

import tutti


def go_wrong(how: str) -> None:
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
        print("HERE", file=sys.stderr, flush=True)


def play() -> None:
    with tutti.join(step="1 ms") as me:
        how = me.option("how") or "well"
        at = float(me.option("at") or 5)
        work = float(me.option("work") or 0)
        incoming = me.spike_input("in", width=int(me.option("width") or 10))
        outgoing = me.spike_output("out", width=10)
        if how == "before":
            os._exit(4)
        for window in me:
            _, indices = incoming.spikes()
            if window.begin.ms >= at:
                go_wrong(how)
                at = float("inf")
            outgoing.send([window.begin.ms], [len(indices) % 10])
            if work:
                time.sleep(work)  # a computation that takes that long


if __name__ == "__main__":
    play()
