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
    Cells("iaf_psc_alpha", 10000, 400.0, networks.normal(-62.0, 5.0), Goal(1 / 8, 2.0)),
    Cells("aeif_cond_exp", 1000, 700.0, networks.normal(-70.0, 5.0), Goal(1 / 4)),
    Cells("hh_psc_alpha", 1000, 650.0, networks.normal(-65.0, 5.0), Goal(1 / 4)),
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


def of_network(
    name: str, pair: Pair, goals: dict[str, Goal], wanted: tuple[str, ...]
) -> list[Figure]:
    """What is measured of a network that runs freely."""
    chunk_us = 1e3 * networks.STEP_MS * pair.work.chunk
    chunks_s = 1e-6 * chunk_us * pair.work.chunks
    cells = networks.cell_count(pair.work.network)
    synapses = networks.synapse_count(pair.work.network)
    table = {
        "real-time factor": ("", lambda n: n["chunk_us"] / chunk_us),
        "construction": ("s", lambda n: n["build_s"]),
        "memory of a synapse": ("bytes", lambda n: n["grown_bytes"] / synapses),
        "mean rate of its cells": ("Hz", lambda n: n["spikes"] / cells / chunks_s),
    }
    return [
        both(f"{name}: {what}", table[what][0], pair, table[what][1], goals.get(what))
        for what in wanted
    ]


def balanced(quick: bool, folder: Path) -> list[Figure]:
    """Scale 0.3 is the network of 3,375 cells and 11.4 million synapses."""
    network = networks.balanced(0.03 if quick else 0.3)
    name = f"balanced network of {networks.cell_count(network):,} cells, exact weights"
    goals = {
        "real-time factor": Goal(1 / 10),
        "construction": Goal(1 / 8),
        "memory of a synapse": Goal(value=13),
    }
    work = Work(name, network, 500, 100, 5 if quick else 20, 2)
    wanted = (*goals, "mean rate of its cells")
    return of_network(name, pair(work, folder), goals, wanted)


def microcircuit(quick: bool, folder: Path) -> list[Figure]:
    network = networks.microcircuit(0.02 if quick else 0.1)
    name = f"microcircuit of {networks.cell_count(network):,} cells, exact weights"
    work = Work(name, network, 1000, 100, 5 if quick else 20, 2)
    wanted = ("real-time factor", "construction", "mean rate of its cells")
    return of_network(name, pair(work, folder), {}, wanted)


def figures(quick: bool, folder: Path) -> list[Figure]:
    return [
        *(update(cells, quick, folder) for cells in CELLS),
        delivery(quick, folder),
        *balanced(quick, folder),
        *microcircuit(quick, folder),
    ]
