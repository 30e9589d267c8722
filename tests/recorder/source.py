"""A participant that spikes and writes a voltage every 0.1 ms, for test_run.py.

Arguments: the time in ms from which it waits for a line on its standard input before each
window, after it has said "waiting"; and the time in ms of a sample that it leaves out.

SPDX-License-Identifier: Apache-2.0
"""

import sys

import tutti

STEP = 100_000


def main(wait_from: int, left_out: int) -> None:
    with tutti.join(step="0.1 ms") as me:
        spikes = me.spike_output("spikes", width=20)
        voltage = me.signal_output("v", width=2, unit="mV")
        for window in me:
            if window.begin.ns >= wait_from:
                print("waiting", flush=True)
                if not sys.stdin.readline():
                    return
            steps = range(window.begin.ns // STEP, -(-window.end.ns // STEP))
            spikes.send_ns([k * STEP for k in steps], [k % 20 for k in steps])
            kept = [k for k in steps if k * STEP != left_out]
            voltage.write_ns([k * STEP for k in kept], [[k, -65.0] for k in kept])


if __name__ == "__main__":
    main(*(int(float(argument) * 1e6) for argument in sys.argv[1:]))
