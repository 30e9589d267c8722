"""bench/run microcircuit: the cortical microcircuit at full scale, as
examples/microcircuit writes it, and at a tenth beside NEST. Each round draws it anew.

SPDX-License-Identifier: Apache-2.0
"""

import sys
from pathlib import Path
from typing import Any, NamedTuple

from figures import Figure, Goal, Value
from kernel import bench as kernel
from kernel import networks
from rounds import Run

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "microcircuit"))
import circuit  # noqa: E402

WARM, CHUNK = 3000, 1000  # steps


class Variant(NamedTuple):
    """A circuit, and what its real-time factor and its bytes may be at most."""

    drive: str
    precision: str
    threads: int
    speed: Goal | None = None
    memory: Goal | None = None


VARIANTS = [
    Variant("dc", "packed", 2, Goal(value=0.85), Goal(value=5)),
    Variant("poisson", "packed", 2, Goal(value=0.95)),
    Variant("dc", "single", 2, Goal(value=1.2), Goal(value=8)),
    Variant("poisson", "single", 2, Goal(value=1.25)),
    Variant("dc", "exact", 2, Goal(value=2.1), Goal(value=13)),
    Variant("poisson", "exact", 2, Goal(value=2.2)),
    Variant("dc", "packed", 1, Goal(value=1.9)),
    Variant("poisson", "packed", 1, Goal(value=2.0)),
]
LONGEST_BUILD = Goal(value=6)  # seconds, two threads


def cortex(choice: circuit.Choice) -> dict[str, Any]:
    """The circuit without the thalamus, from which nothing would come."""
    network = circuit.network(choice)
    del network["inputs"]
    inner = [it for it in network["projections"] if it["from"] != "thalamus"]
    return network | {"projections": inner}


def of_variant(variant: Variant, run: Run, work: kernel.Work) -> list[Figure]:
    chunk_us = 1e3 * networks.STEP_MS * CHUNK
    synapses = networks.synapse_count(work.network)
    per_spike = networks.synapses_per_spike(work.network)

    def event_ns(numbers: dict[str, Any]) -> float:
        # A small circuit, as --quick has it, is silent without Poisson spikes.
        events = max(numbers["spikes"], 1) / work.chunks * per_spike
        return 1e3 * numbers["chunk_cpu_us"] / events

    def figure(what: str, unit: str, of: Any, goal: Goal | None = None) -> Figure:
        return Figure(f"{work.name}: {what}", unit, Value((run,), of), goal=goal)

    found = [
        figure(
            "real-time factor", "", lambda n: n["chunk_us"] / chunk_us, variant.speed
        ),
        figure("processor time of an event", "ns", event_ns),
    ]
    if variant.memory:
        build = LONGEST_BUILD if variant.threads == 2 else None
        found += [
            figure("construction", "s", lambda n: n["build_s"], build),
            figure(
                "memory of a synapse",
                "bytes",
                lambda n: n["grown_bytes"] / synapses,
                variant.memory,
            ),
            figure("most memory", "GiB", lambda n: n["peak_bytes"] / 2**30),
        ]
    return found


def whole(quick: bool, folder: Path) -> list[Figure]:
    found = []
    for variant in VARIANTS:
        drive, precision, threads = variant[:3]
        choice = circuit.Choice(0.02 if quick else 1.0, drive, precision)
        name = f"{drive}, {precision}, {threads} thread{'s' * (threads > 1)}"
        chunks = 2 if quick else 10
        work = kernel.Work(name, cortex(choice), WARM, CHUNK, chunks, threads)
        found += of_variant(variant, kernel.ours(work, folder), work)
    return found


def thinned(quick: bool, folder: Path) -> list[Figure]:
    network = cortex(circuit.Choice(0.02 if quick else 0.1))
    name = f"{networks.cell_count(network):,} cells, poisson, exact, 2 threads"
    work = kernel.Work(name, network, 1000, 100, 5 if quick else 20, 2)
    wanted = ("real-time factor", "construction", "mean rate of its cells")
    pair = kernel.pair(work, folder)
    return kernel.of_network(name, pair, dict.fromkeys(wanted))


def figures(quick: bool, folder: Path) -> list[Figure]:
    return [*whole(quick, folder), *thinned(quick, folder)]
