"""The thalamus as a closed loop: reads layer 5, and stimulates layer 4 when that is quiet.

Its cells fire in volleys: for 10 ms each of them at 120 spikes/s, which is the stimulus
of the programs of the model's authors. SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import circuit
import tutti

STEP_NS = 100_000
VOLLEY_NS = 10_000_000
VOLLEY_HZ = 120.0
SETTLED_NS = 500_000_000  # the circuit first forgets how it began
PAUSE_NS = 300_000_000  # at least, from volley to volley
LOOK_BACK_NS = 15_000_000
QUIET = 0.5  # in parts of the mean rate so far


class Watch:
    """Tells when layer 5 is quiet, from the spikes of each window."""

    def __init__(self) -> None:
        self._latest: deque[tuple[int, int]] = deque()
        self._total = 0
        self._end_ns = 0

    def see(self, end_ns: int, spikes: int) -> None:
        """What a window that ends there has brought."""
        self._end_ns = end_ns
        self._total += spikes
        self._latest.append((end_ns, spikes))
        while self._latest[0][0] <= end_ns - LOOK_BACK_NS:
            self._latest.popleft()

    def is_quiet(self) -> bool:
        expected = self._total * LOOK_BACK_NS / max(self._end_ns, LOOK_BACK_NS)
        return sum(spikes for _, spikes in self._latest) < QUIET * expected


class Volleys:
    """Spikes of all thalamic cells, volley after volley."""

    def __init__(self, cells: int, seed: int) -> None:
        self._cells = cells
        self._rng = np.random.default_rng(seed)
        self._next_ns = SETTLED_NS
        self._times = np.empty(0, np.int64)
        self._which = np.empty(0, np.int64)
        self.count = 0

    def may_begin(self, time_ns: int) -> bool:
        return time_ns >= self._next_ns

    def begin(self, time_ns: int) -> None:
        mean = self._cells * VOLLEY_HZ * VOLLEY_NS * 1e-9
        spikes = self._rng.poisson(mean)
        steps = self._rng.integers(VOLLEY_NS // STEP_NS, size=spikes)
        self._times = time_ns + np.sort(steps) * STEP_NS
        self._which = self._rng.integers(self._cells, size=spikes)
        self._next_ns = time_ns + PAUSE_NS
        self.count += 1

    def take(self, end_ns: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The spikes that are left before `end_ns`: times and cells."""
        due = int(np.searchsorted(self._times, end_ns))
        taken = self._times[:due], self._which[:due]
        self._times, self._which = self._times[due:], self._which[due:]
        return taken


def play(me: tutti.Participant, wanted: argparse.Namespace) -> int:
    """Takes part from the first window to the last; returns the number of volleys."""
    width = circuit.cells("L5E", wanted.scale)
    cells = circuit.thalamic_cells(wanted.scale)
    layer_5 = me.spike_input("L5E", width=width)
    relay = me.spike_output("relay", width=cells)
    watch, volleys = Watch(), Volleys(cells, wanted.seed)
    for window in me:
        begin_ns, end_ns = window.begin.ns, window.end.ns
        if not wanted.silent and volleys.may_begin(begin_ns) and watch.is_quiet():
            volleys.begin(begin_ns)
        relay.send_ns(*volleys.take(end_ns))
        watch.see(end_ns, len(layer_5.spikes_ns()[0]))
    return volleys.count


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--scale", type=circuit.positive, default=0.1, help="of the circuit (0.1)")
    add("--silent", action="store_true", help="read, but never stimulate")
    add("--seed", type=int, default=1, help="of the volleys (1)")
    return parser.parse_args(words)


def main() -> int:
    wanted = arguments()
    try:
        with tutti.join(step=tutti.Time(STEP_NS)) as me:
            print(f"volleys: {play(me, wanted)}")
    except tutti.Error as error:
        print(f"peer.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
