"""bench/run window: what a window costs peers that wait for each other, through shared
memory, over local sockets and over TCP; beside MUSIC and HELICS.

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


class Sides:
    """Ours and the rivals', each as short as the bench is to be."""

    def __init__(self, quick: bool, folder: Path) -> None:
        self.shorter = 20 if quick else 1
        self.folder = folder

    def ours(
        self, link: str, peers: int = 2, lookahead: int = 1, spikes: int = 0
    ) -> Value:
        windows = (100000 if link == "shm" else 10000) // self.shorter
        ring = Ring(link, peers, lookahead, spikes, windows)
        run = Run(f"Tutti, {ring.label()}", lambda: measure(ring, self.folder))
        return key(run, "window_us")

    def music(self, peers: int, latency: int, windows: int, **more: Any) -> Value:
        case = music.ring(peers, latency, windows // self.shorter, **more)
        return key(music.run(case, self.folder), "window_us")

    def helics(self, core: str, peers: int) -> Value:
        case = helics.lock_step(core, peers, 1000 // self.shorter)
        return key(helics.run(case), "p50_us")

    def shared_memory(self) -> Value:
        run = floor.run("shm", "awake", 0, 1000000 // self.shorter)
        return key(run, "window_us")

    def mpi(self) -> Value:
        return key(music.mpi("exchange", 0, 300000 // self.shorter), "window_us")


def beside(
    what: str, ours: Value, rival: str, theirs: Value, ratio: float | None = None
) -> Figure:
    return Figure(what, "us", ours, rival, theirs, Goal(ratio) if ratio else None)


def through_memory(sides: Sides) -> list[Figure]:
    """The default on one host."""
    two, four = sides.ours("shm"), sides.ours("shm", 4)
    two_send = sides.ours("shm", spikes=10)
    two_ahead, four_ahead = sides.ours("shm", 2, 10), sides.ours("shm", 4, 10)
    music_sends = sides.music(2, 1, 200000, spikes=10)
    music_ahead = sides.music(2, 10, 1000000)
    four_music_ahead = sides.music(4, 10, 100000)
    ahead = "lookahead 10 windows"
    return [
        beside("2 peers, shm", two, "MUSIC", sides.music(2, 1, 300000), 0.8),
        beside("2 peers, shm", two, "HELICS ipc", sides.helics("ipc", 2)),
        beside("2 peers, shm", two, "bare shared memory", sides.shared_memory()),
        beside("2 peers, shm", two, "bare MPI", sides.mpi()),
        beside("2 peers, shm, 10 spikes each", two_send, "MUSIC", music_sends, 0.5),
        beside(f"2 peers, shm, {ahead}", two_ahead, "MUSIC", music_ahead, 0.6),
        beside("4 peers, shm", four, "MUSIC", sides.music(4, 1, 20000), 0.65),
        beside("4 peers, shm", four, "HELICS ipc", sides.helics("ipc", 4)),
        beside(f"4 peers, shm, {ahead}", four_ahead, "MUSIC", four_music_ahead, 0.6),
    ]


def over_local_sockets(sides: Sides) -> list[Figure]:
    two, four = sides.ours("ipc"), sides.ours("ipc", 4)
    return [
        beside("2 peers, ipc", two, "HELICS ipc", sides.helics("ipc", 2)),
        beside("4 peers, ipc", four, "HELICS ipc", sides.helics("ipc", 4)),
    ]


def over_tcp(sides: Sides) -> list[Figure]:
    two, four = sides.ours("tcp"), sides.ours("tcp", 4)
    music_tcp = sides.music(2, 1, 30000, transport=music.TCP)
    return [
        beside("2 peers, tcp", two, "MUSIC on TCP", music_tcp, 0.6),
        beside("2 peers, tcp", two, "HELICS tcp", sides.helics("tcp", 2)),
        beside("4 peers, tcp", four, "HELICS tcp", sides.helics("tcp", 4)),
    ]


def figures(quick: bool, folder: Path) -> list[Figure]:
    sides = Sides(quick, folder)
    return through_memory(sides) + over_local_sockets(sides) + over_tcp(sides)
