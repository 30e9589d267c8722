"""Fires every 7 ms, and checks that each spike is answered 6 ms later.

Two ms to the peer, which takes one, and three back.
SPDX-License-Identifier: Apache-2.0
"""

import tutti

TIMES = range(1, 100, 7)  # ms

with tutti.join(step="0.5 ms") as me:
    spikes = me.spike_output("spikes")
    answers = me.spike_input("answers")
    heard: list[float] = []
    for window in me:
        spikes.send([t for t in TIMES if window.begin.ms <= t < window.end.ms])
        heard += answers.spikes()[0].tolist()
    expected = [time + 6 for time in TIMES if time + 6 < 100]
    assert heard == expected, f"heard {heard} instead of {expected}"
    print(f"{len(heard)} answers, each 6 ms after its spike")
