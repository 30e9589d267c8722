"""What this machine needs at least for a window: two processes, pinned to a core each,
exchange spikes in lock step with no library between them.

SPDX-License-Identifier: Apache-2.0
"""

from pathlib import Path
from typing import Any

import rounds
from figures import Figure, key
from rounds import Failed, Run

HERE = Path(__file__).resolve().parent


def run(transport: str, waits: str, spikes: int, windows: int) -> Run:
    """`transport`: shm or tcp; `waits`: awake (polls) or asleep (sleeps at once). Gives
    window_us."""

    def measure() -> dict[str, Any]:
        flags = ["-O3", "-march=native", "-std=c11"]
        program = rounds.compile(HERE / "floor.c", ["gcc", *flags], "gcc")
        words = [transport, waits, str(spikes), str(windows)]
        numbers = rounds.object_of([str(program), *words])
        if numbers["wrong"]:
            raise Failed(f"{numbers['wrong']} spikes were wrong")
        return numbers

    return Run(f"bare {transport}, {waits}, {spikes} spikes", measure)


def figures(quick: bool, folder: Path) -> list[Figure]:
    shorter = 20 if quick else 1
    runs = [
        run(transport, waits, spikes, windows // shorter)
        for transport, waits, spikes, windows in (
            ("shm", "awake", 0, 1000000),
            ("shm", "awake", 10, 1000000),
            ("shm", "awake", 1000, 100000),
            ("shm", "awake", 100000, 2000),
            ("shm", "asleep", 10, 20000),
            ("tcp", "awake", 10, 50000),
            ("tcp", "awake", 1000, 30000),
            ("tcp", "asleep", 10, 10000),
        )
    ]
    return [Figure(it.label, "us", None, "floor", key(it, "window_us")) for it in runs]
