"""bench/run kernel: what a step of a cell, a synaptic event and a synapse cost, and how
fast a balanced network runs; beside NEST, which simulates the same networks. What one
thread does is told in time of its processor, what two do by the clock.

SPDX-License-Identifier: Apache-2.0
"""

import itertools
import json
from collections.abc import Iterator
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


def ours(work: Work, folder: Path) -> Run:
    seeds = itertools.count(1)
    return Run(
        f"Tutti, {work.name}",
        lambda: rounds.object_of(["bench-kernel", *arguments(work, seeds, folder)]),
    )


def theirs(work: Work, folder: Path) -> Run:
    seeds = itertools.count(1)
    return Run(
        f"NEST, {work.name}",
        lambda: nest.simulate(arguments(work, seeds, folder)),
    )


def pair(work: Work, folder: Path) -> Pair:
    return Pair(work, ours(work, folder), theirs(work, folder))


def arguments(work: Work, seeds: Iterator[int], folder: Path) -> list[str]:
    """Of bench-kernel and of simulate.py. Each round draws another network: rates differ
    by a fifth from one to the next, and so does the work."""
    path = folder / f"{work.name.replace(' ', '_')}.json"
    path.write_text(json.dumps(work.network | {"seed": next(seeds)}))
    numbers = (work.warm, work.chunk, work.chunks, work.threads)
    return [str(path), *(str(number) for number in numbers)]


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
    Cells("iaf_psc_alpha", 10000, 400.0, networks.normal(-62.0, 5.0), Goal(1 / 8, 2.0)),
    Cells("aeif_cond_exp", 1000, 700.0, networks.normal(-70.0, 5.0), Goal(1 / 4)),
    Cells("hh_psc_alpha", 1000, 650.0, networks.normal(-65.0, 5.0), Goal(1 / 4)),
]


# Of the real-time factor in parts of NEST's, and of the bytes of a synapse.
PRECISIONS = {
    "exact": (Goal(1 / 10), Goal(value=13)),
    "single": (None, Goal(value=8)),
    "packed": (Goal(1 / 20), Goal(value=5)),
    "shared": (None, Goal(value=3)),
}


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
        lambda numbers: per_step * numbers["chunk_cpu_us"],
        cells.goal,
    )


def delivery(quick: bool, folder: Path) -> list[Figure]:
    """What synapses add to a run of the same cells, for each event."""
    size, indegree = (1000, 100) if quick else (10000, 1000)
    network = networks.fan_out(size, indegree)
    connected = Work("synapses", network, 200, 200, 10)
    bare_work = Work("no synapses", networks.fan_out(size, 0), 200, 200, 10)
    ours_bare = ours(bare_work, folder)
    rivals = (theirs(connected, folder), theirs(bare_work, folder))

    def event_ns(connected: dict[str, Any], bare: dict[str, Any]) -> float:
        events = connected["spikes"] / bare_work.chunks * indegree
        added_us = connected["chunk_cpu_us"] - bare["chunk_cpu_us"]
        return 1e3 * added_us / events

    found = []
    for precision in PRECISIONS:
        own = networks.with_precision(network, precision)
        name = f"{connected.name}, {precision} weights"
        run = ours(connected._replace(name=name, network=own), folder)
        found.append(
            Figure(
                f"delivery of a synaptic event, {precision} weights, one thread",
                "ns",
                Value((run, ours_bare), event_ns),
                "NEST",
                Value(rivals, event_ns),
            )
        )
    return found


def of_network(name: str, pair: Pair, goals: dict[str, Goal | None]) -> list[Figure]:
    """What is measured of a network that runs freely: all that `goals` names."""
    chunk_us = 1e3 * networks.STEP_MS * pair.work.chunk
    chunks_s = 1e-6 * chunk_us * pair.work.chunks
    cells = networks.cell_count(pair.work.network)
    synapses = networks.synapse_count(pair.work.network)
    table = {
        "real-time factor": ("", lambda n: n["chunk_us"] / chunk_us),
        "processor time of a second": ("s", lambda n: n["chunk_cpu_us"] / chunk_us),
        "construction": ("s", lambda n: n["build_s"]),
        "memory of a synapse": ("bytes", lambda n: n["grown_bytes"] / synapses),
        "mean rate of its cells": ("Hz", lambda n: n["spikes"] / cells / chunks_s),
    }
    return [
        both(f"{name}: {what}", table[what][0], pair, table[what][1], goal)
        for what, goal in goals.items()
    ]


def balanced(quick: bool, folder: Path) -> list[Figure]:
    """Scale 0.3 is the network of 3,375 cells and 11.4 million synapses. NEST has one
    precision, to which all of ours are compared."""
    network = networks.balanced(0.03 if quick else 0.3)
    name = f"balanced network of {networks.cell_count(network):,} cells"
    work = Work(name, network, 500, 100, 5 if quick else 50, 2)
    rival = theirs(work, folder)
    found = []
    for precision, (speed, memory) in PRECISIONS.items():
        own = networks.with_precision(network, precision)
        label = f"{name}, {precision} weights"
        run = ours(work._replace(name=label, network=own), folder)
        goals = {"real-time factor": speed, "processor time of a second": None}
        goals |= {"memory of a synapse": memory}
        if precision == "exact":
            goals |= {"construction": Goal(1 / 8), "mean rate of its cells": None}
        found += of_network(label, Pair(work, run, rival), goals)
    return found


def plastic(quick: bool, folder: Path) -> list[Figure]:
    """The same with plastic synapses; what one of them takes is what is left when the
    others take what they do in the static network."""
    static_network = networks.balanced(0.03 if quick else 0.3)
    network = networks.with_plasticity(static_network)
    name = f"balanced network of {networks.cell_count(network):,} cells, STDP"
    work = Work(name, network, 500, 100, 5 if quick else 20, 2)
    it = pair(work, folder)
    before = pair(
        work._replace(name=f"{name} left out", network=static_network), folder
    )
    synapses = networks.synapse_count(network)
    share = networks.plastic_count(network) / synapses

    def plastic_bytes(it: dict[str, Any], before: dict[str, Any]) -> float:
        static_bytes = (1 - share) * before["grown_bytes"]
        return (it["grown_bytes"] - static_bytes) / (share * synapses)

    wanted = ("processor time of a second", "construction", "mean rate of its cells")
    goals = {"real-time factor": Goal(1 / 10)} | dict.fromkeys(wanted)
    memory = Figure(
        f"{name}: memory of a plastic synapse",
        "bytes",
        Value((it.ours, before.ours), plastic_bytes),
        "NEST",
        Value((it.theirs, before.theirs), plastic_bytes),
        Goal(value=12),
    )
    return [*of_network(name, it, goals), memory]


def figures(quick: bool, folder: Path) -> list[Figure]:
    return [
        *(update(cells, quick, folder) for cells in CELLS),
        *delivery(quick, folder),
        *balanced(quick, folder),
        *plastic(quick, folder),
    ]
