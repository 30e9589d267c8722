"""bench/run kernel: what a step of a cell, a synaptic event and a synapse cost, and how
fast a balanced network runs; beside NEST, which simulates the same networks.

SPDX-License-Identifier: Apache-2.0
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import rounds
from figures import Figure, Goal, Value
from kernel import networks
from rivals.nest import driver as nest
from rounds import Run


class Work(NamedTuple):
    """A network, and how many steps of it are timed."""

    name: str
    network: dict[str, Any]
    warm: int  # steps
    chunk: int
    chunks: int
    threads: int = 1


class Pair(NamedTuple):
    """The same work done by us and by NEST."""

    work: Work
    ours: Run
    theirs: Run


def pair(work: Work, folder: Path) -> Pair:
    path = folder / f"{work.name.replace(' ', '_')}.json"
    path.write_text(json.dumps(work.network))
    steps = [str(work.warm), str(work.chunk), str(work.chunks)]
    words = ["bench-kernel", str(path), *steps]
    return Pair(
        work,
        Run(f"Tutti, {work.name}", lambda: rounds.object_of(words)),
        Run(
            f"NEST, {work.name}",
            lambda: nest.simulate([str(path), *steps, str(work.threads)]),
        ),
    )


def both(what: str, unit: str, pair: Pair, of: Any, goal: Goal | None = None) -> Figure:
    """The same number of both sides: `of` computes it from what a run gave."""
    ours, theirs = Value((pair.ours,), of), Value((pair.theirs,), of)
    return Figure(what, unit, ours, "NEST", theirs, goal)


class Cells(NamedTuple):
    """Cells whose update is timed: a current that makes them fire some 10 to 50 times a
    second, and where they begin."""

    model: str
    size: int
    current_pa: float
    start: Any
    goal: Goal


CELLS = [
    Cells("iaf_psc_exp", 10000, 400.0, networks.normal(-62.0, 5.0), Goal(1 / 8, 1.5)),
]


def update(cells: Cells, quick: bool, folder: Path) -> Figure:
    size = cells.size // 10 if quick else cells.size
    network = networks.alone(cells.model, size, cells.current_pa, cells.start)
    chunks = 5 if quick else 25
    work = Work(f"cells of {cells.model}", network, 200, 200, chunks)
    per_step = 1e3 / (size * work.chunk)
    return both(
        f"update of a cell of {cells.model} for one step, one thread",
        "ns",
        pair(work, folder),
        lambda numbers: per_step * numbers["chunk_us"],
        cells.goal,
    )


def delivery(quick: bool, folder: Path) -> Figure:
    """What synapses add to a run of the same cells, for each event."""
    size, indegree = (1000, 100) if quick else (10000, 1000)
    with_them = Work("synapses", networks.fan_out(size, indegree), 200, 200, 10)
    without = Work("no synapses", networks.fan_out(size, 0), 200, 200, 10)
    connected, bare = pair(with_them, folder), pair(without, folder)

    def event_ns(connected: dict[str, Any], bare: dict[str, Any]) -> float:
        events = connected["spikes"] / with_them.chunks * indegree
        return 1e3 * (connected["chunk_us"] - bare["chunk_us"]) / events

    return Figure(
        "delivery of a synaptic event, exact weights, one thread",
        "ns",
        Value((connected.ours, bare.ours), event_ns),
        "NEST",
        Value((connected.theirs, bare.theirs), event_ns),
    )


def balanced(quick: bool, folder: Path) -> list[Figure]:
    """Scale 0.3 is the network of 3,375 cells and 11.4 million synapses."""
    network = networks.balanced(0.03 if quick else 0.3)
    name = f"balanced network of {networks.cell_count(network):,} cells"
    it = pair(Work(f"{name}, exact", network, 500, 100, 10, 2), folder)
    chunk_us = 1e3 * networks.STEP_MS * it.work.chunk
    synapses = networks.synapse_count(network)

    def of(what: str, unit: str, of: Any, goal: Goal | None = None) -> Figure:
        return both(f"{name}, exact: {what}", unit, it, of, goal)

    return [
        of("real-time factor", "", lambda n: n["chunk_us"] / chunk_us, Goal(1 / 10)),
        of("construction", "s", lambda n: n["build_s"], Goal(1 / 8)),
        of(
            "memory of a synapse",
            "bytes",
            lambda n: n["grown_bytes"] / synapses,
            Goal(value=13),
        ),
    ]


def figures(quick: bool, folder: Path) -> list[Figure]:
    return [
        *(update(cells, quick, folder) for cells in CELLS),
        delivery(quick, folder),
        *balanced(quick, folder),
    ]
