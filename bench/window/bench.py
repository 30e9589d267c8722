"""bench/run window: what a window costs peers that wait for each other, over local
sockets and over TCP; beside MUSIC and HELICS.

SPDX-License-Identifier: Apache-2.0
"""

from pathlib import Path
from typing import Any, NamedTuple

import rounds
from figures import Figure, Goal, Value, key
from rivals.floor import driver as floor
from rivals.helics import driver as helics
from rivals.music import driver as music
from rounds import Failed, Run

WARM = 200  # windows
WINDOW_MS = 1


class Ring(NamedTuple):
    """Peers, each of which waits for the one before it."""

    link: str
    peers: int
    lookahead: int  # windows: a peer may be ahead of the one before it
    spikes: int  # in each window
    windows: int

    def label(self) -> str:
        return (
            f"{self.peers} peers in a loop, {self.link}, lookahead {self.lookahead} "
            f"windows, {self.spikes} spikes each"
        )


def experiment(ring: Ring) -> str:
    options = dict(warm=WARM, windows=ring.windows, spikes=ring.spikes)
    listed = ", ".join(f'{name}: "{value}"' for name, value in options.items())
    lines = [
        f"experiment: {ring.label()}".replace(",", ""),
        f"duration: {(WARM + ring.windows) * WINDOW_MS} ms",
        f"link: {ring.link}",
        "participants:",
    ]
    for peer in range(ring.peers):
        how = f"command: bench-window, window: {WINDOW_MS} ms, options: {{{listed}}}"
        lines.append(f"  peer{peer}: {{{how}}}")
    lines.append("connections:")
    for peer in range(ring.peers):
        after, delay_ms = (peer + 1) % ring.peers, ring.lookahead * WINDOW_MS
        lines.append(
            f"  - {{from: peer{peer}.out, to: peer{after}.in, delay: {delay_ms} ms}}"
        )
    return "\n".join(lines) + "\n"


def measure(ring: Ring, folder: Path) -> dict[str, Any]:
    """window_us of the slowest peer. Each run is in a folder of its own."""
    number = len(list(folder.glob("ring-*.yaml")))
    path, out = folder / f"ring-{number}.yaml", folder / f"ring-{number}"
    path.write_text(experiment(ring))
    rounds.output_of(["tutti", "run", str(path), "--out", str(out)])
    lines = [
        line
        for log in sorted(out.glob("peer*.log"))
        for line in rounds.objects_in(log.read_text())
    ]
    # What is due after the end is not handed over.
    expected = ring.spikes * (WARM + ring.windows - ring.lookahead)
    if len(lines) != ring.peers or any(
        line["wrong"] or line["received"] != expected for line in lines
    ):
        raise Failed(f"wrong spikes, {expected} were due at each peer: {lines}")
    return dict(window_us=max(line["window_us"] for line in lines))


def run(ring: Ring, folder: Path) -> Run:
    return Run(f"Tutti, {ring.label()}", lambda: measure(ring, folder))


def figures(quick: bool, folder: Path) -> list[Figure]:
    shorter = 20 if quick else 1

    def ours(link: str, peers: int = 2, lookahead: int = 1, spikes: int = 0) -> Run:
        return run(Ring(link, peers, lookahead, spikes, 10000 // shorter), folder)

    def beside(
        what: str, ours: Run, rival: str, theirs: Value, goal: float | None = None
    ) -> Figure:
        limit = Goal(goal) if goal else None
        return Figure(what, "us", key(ours, "window_us"), rival, theirs, limit)

    def music_window(peers: int, latency: int, windows: int, **more: Any) -> Value:
        case = music.ring(peers, latency, windows // shorter, **more)
        return key(music.run(case, folder), "window_us")

    def helics_step(core: str, peers: int) -> Value:
        case = helics.lock_step(core, peers, 1000 // shorter)
        return key(helics.run(case), "mean_us")

    two, ten, ahead = ours("ipc"), ours("ipc", spikes=10), ours("ipc", lookahead=10)
    four, four_ahead = ours("ipc", 4), ours("ipc", 4, 10)
    tcp, four_tcp = ours("tcp"), ours("tcp", 4)
    bare = floor.run("shm", "awake", 0, 1000000 // shorter)
    exchange = music.mpi("exchange", 0, 300000 // shorter)
    return [
        beside("2 peers, ipc", two, "MUSIC", music_window(2, 1, 300000), 0.8),
        beside("2 peers, ipc", two, "HELICS ipc", helics_step("ipc", 2)),
        beside("2 peers, ipc", two, "bare shared memory", key(bare, "window_us")),
        beside("2 peers, ipc", two, "bare MPI", key(exchange, "window_us")),
        beside(
            "2 peers, ipc, 10 spikes each way",
            ten,
            "MUSIC",
            music_window(2, 1, 200000, spikes=10),
            0.5,
        ),
        beside(
            "2 peers, ipc, lookahead 10 windows",
            ahead,
            "MUSIC",
            music_window(2, 10, 1000000),
            0.6,
        ),
        beside("4 peers, ipc", four, "MUSIC", music_window(4, 1, 20000), 0.65),
        beside("4 peers, ipc", four, "HELICS ipc", helics_step("ipc", 4)),
        beside(
            "4 peers, ipc, lookahead 10 windows",
            four_ahead,
            "MUSIC",
            music_window(4, 10, 100000),
            0.6,
        ),
        beside(
            "2 peers, tcp",
            tcp,
            "MUSIC on TCP",
            music_window(2, 1, 30000, transport=music.TCP),
            0.6,
        ),
        beside("2 peers, tcp", tcp, "HELICS tcp", helics_step("tcp", 2)),
        beside("4 peers, tcp", four_tcp, "HELICS tcp", helics_step("tcp", 4)),
    ]
