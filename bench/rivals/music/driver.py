"""MUSIC (Debian's libmusic) and the bare MPI below it, measured beside us.

SPDX-License-Identifier: Apache-2.0
"""

import time
from pathlib import Path
from typing import Any, NamedTuple

import rounds
from figures import Figure, Value, key
from rounds import Failed, Run

HERE = Path(__file__).resolve().parent
MPIRUN = ["mpirun", "--oversubscribe", "--allow-run-as-root"]
TCP = ["--mca", "pml", "ob1", "--mca", "btl", "tcp,self"]
PACKAGES = "libmusic-dev, music-bin, libopenmpi-dev, openmpi-bin and g++"
WINDOW_S = 1e-3  # simulated; the cost does not depend on it


class Case(NamedTuple):
    label: str
    sections: dict[str, dict[str, Any]]  # of the .music file
    connections: list[str]
    settings: dict[str, int | str]  # of all sections
    transport: list[str] = []  # arguments of mpirun
    received: dict[str, int] = {}  # spikes that a peer must have seen


def ring(
    peers: int, latency: int, windows: int, spikes: int = 0, transport: list[str] = []
) -> Case:
    """Peers that wait for each other; `latency` in windows."""
    names = "ABCDEFGH"[:peers]
    settings = dict(windows=windows, warm=500, latency=latency, spikes=spikes)
    return Case(
        f"{peers} peers in a loop, latency {latency} windows, {spikes} spikes each"
        + (", TCP" if transport else ""),
        {name: {} for name in names},
        [
            f"{a}.spikes_out -> {b}.spikes_in [{max(10, spikes)}]"
            for a, b in zip(names, names[1:] + names[:1])
        ],
        settings | dict(send="spikes", receive="spikes"),
        transport,
    )


def one_way(
    label: str, kind: str, width: int, windows: int, **settings: int | str
) -> Case:
    """A sends, B receives."""
    settings = dict(windows=windows, warm=max(2, windows // 20), buffered=1) | settings
    spikes = int(settings.get("spikes", 0)) * (windows + int(settings["warm"]))
    return Case(
        label,
        {"A": dict(send=kind), "B": dict(receive=kind)},
        [f"A.{kind}_out -> B.{kind}_in [{width}]"],
        settings,
        received={"B": spikes},
    )


def music_file(case: Case, program: Path, folder: Path) -> Path:
    settings = {"window_s": WINDOW_S} | case.settings
    lines = [f"{key}={value}" for key, value in settings.items()]
    for name, own in case.sections.items():
        lines.append(f"[{name}]")
        variables = dict(binary=program, np=1, name=name) | own
        lines += [f"  {key}={value}" for key, value in variables.items()]
    path = folder / "case.music"
    path.write_text("\n".join(lines + case.connections) + "\n")
    return path


def measure(case: Case, folder: Path) -> dict[str, Any]:
    """window_us of the slowest peer, wall_s, and what else the peers print, by name."""
    flags = ["-O2", "-std=c++17", "-lmusic"]
    program = rounds.compile(HERE / "music_peer.cc", ["mpicxx", *flags], PACKAGES)
    path = music_file(case, program, folder)
    ranks = len(case.sections)
    words = [*MPIRUN, *case.transport, "-np", str(ranks), "music", str(path)]
    begin = time.monotonic()
    lines = rounds.objects_in(rounds.output_of(words))
    wall_s = time.monotonic() - begin
    if len(lines) != ranks:
        raise Failed(f"{len(lines)} of {ranks} peers of MUSIC said how it went")
    for line in lines:
        expected = case.received.get(line["peer"], line["received"])
        if line["received"] != expected or line["torn"]:
            raise Failed(f"MUSIC brought wrong data: {line}")
    peers = {line["peer"]: line for line in lines}
    return dict(window_us=max(x["window_us"] for x in lines), wall_s=wall_s) | peers


def run(case: Case, folder: Path) -> Run:
    return Run(f"MUSIC, {case.label}", lambda: measure(case, folder))


def mpi(kind: str, size: int, count: int) -> Run:
    """Bare MPI, two ranks: `kind` is pingpong, exchange or stream of `size` bytes."""

    def measure() -> dict[str, Any]:
        flags = ["-O2", "-std=c11"]
        program = rounds.compile(HERE / "mpi_floor.c", ["mpicc", *flags], PACKAGES)
        words = [*MPIRUN, "-np", "2", str(program), kind, str(size), str(count)]
        return rounds.object_of(words)

    return Run(f"MPI, {kind} of {size} bytes", measure)


def throughput(case: Case, items: int, unit: str, folder: Path) -> Figure:
    it = run(case, folder)
    rate = Value((it,), lambda numbers: items / numbers["window_us"])
    return Figure(case.label, f"million {unit}/s", None, "MUSIC", rate)


def signals(folder: Path, shorter: int) -> list[Figure]:
    return [
        throughput(
            one_way(f"signal of width {width}", "signal", width, windows // shorter),
            width,
            "values",
            folder,
        )
        for width, windows in ((1, 200000), (1000, 50000), (100000, 1000))
    ]


def spikes(folder: Path, shorter: int) -> list[Figure]:
    return [
        throughput(
            one_way(
                f"{count} spikes in each window",
                "spikes",
                100000,
                windows // shorter,
                spikes=count,
            ),
            count,
            "spikes",
            folder,
        )
        for count, windows in ((10, 200000), (1000, 5000), (100000, 100))
    ]


def loops(folder: Path, shorter: int) -> list[Figure]:
    cases = [
        one_way("one way, buffered 1", "spikes", 10, 300000 // shorter),
        one_way("one way, buffered 10", "spikes", 10, 1000000 // shorter, buffered=10),
        ring(4, 1, 20000 // shorter),
        ring(4, 10, 100000 // shorter),
    ]
    return [
        Figure(case.label, "us", None, "MUSIC", key(run(case, folder), "window_us"))
        for case in cases
    ]


def life(folder: Path, shorter: int) -> list[Figure]:
    """Start to end, and what a peer costs that waits for one that sleeps."""
    found = []
    for peers in (2, 4):
        case = ring(peers, 1, 1)
        case = case._replace(label=f"{peers} peers, mpirun to exit, one window")
        wall = key(
            run(case._replace(settings=case.settings | dict(warm=0)), folder), "wall_s"
        )
        found.append(Figure(case.label, "s", None, "MUSIC", wall))
    waits = one_way(
        "a peer that waits 2 ms in each window", "spikes", 10, 500 // shorter
    )
    waits.sections["A"]["pause_us"] = 2000
    it = run(waits, folder)
    for what, unit, name in (
        ("CPU", "% of a core", "cpu_percent"),
        ("memory", "kB resident", "rss_kb"),
    ):
        of = Value((it,), lambda numbers, name=name: numbers["B"][name])
        found.append(Figure(f"{waits.label}: {what}", unit, None, "MUSIC", of))
    return found


def floor(folder: Path, shorter: int) -> list[Figure]:
    sizes = {"pingpong": (0,), "exchange": (0, 80, 8000, 800000), "stream": (0, 160000)}
    runs = [
        mpi(
            kind,
            size,
            (300000 if size < 1000 else 40000000 // (size + 1000)) // shorter,
        )
        for kind, some in sizes.items()
        for size in some
    ]
    return [Figure(it.label, "us", None, "MPI", key(it, "window_us")) for it in runs]


def figures(quick: bool, folder: Path) -> list[Figure]:
    """What MUSIC does where we have nothing to compare yet, and bare MPI."""
    shorter = 20 if quick else 1
    return [
        figure
        for group in (loops, spikes, signals, life, floor)
        for figure in group(folder, shorter)
    ]
