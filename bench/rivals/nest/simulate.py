"""Builds the network of a file in NEST and times it, as bench-kernel does with ours.

    python3 simulate.py NETWORK WARM CHUNK CHUNKS THREADS

NETWORK is a network file of ours, written as JSON. WARM, CHUNK: numbers of steps. Prints
one JSON object: seconds to build, bytes that the process grew by while it built and ran,
microseconds of the median chunk on the clock and of all processors together, spikes in
all chunks.

SPDX-License-Identifier: Apache-2.0
"""

import json
import math
import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("PYNEST_QUIET", "1")
import nest  # noqa: E402

# Factor to NEST's unit: ms, mV, pA, nS, pF, Hz.
UNITS = {"ms": 1.0, "s": 1e3, "mV": 1.0, "pA": 1.0, "nA": 1e3, "nS": 1.0, "pF": 1.0}
UNITS |= {"Hz": 1.0, "kHz": 1e3, "1": 1.0}

# NEST's variants of ours that take least memory: those of a type share their parameters.
SMALL_SYNAPSES = {
    "static_synapse": "static_synapse_hpc",
    "stdp_synapse": "stdp_synapse_hom_hpc",
}


def number(quantity: Any) -> float:
    """A quantity, "1.5 ms", in NEST's unit."""
    if not isinstance(quantity, str):
        return float(quantity)
    amount, unit = quantity.split()
    return float(amount) * UNITS[unit]


def numbers(quantities: dict[str, Any]) -> dict[str, float]:
    return {name: number(quantity) for name, quantity in quantities.items()}


def drawn(value: Any) -> Any:
    """One value for all, or NEST's object that draws one for each. What lies beyond a
    bound is drawn again."""
    if not isinstance(value, dict):
        return number(value)
    normal = numbers(value["normal"])
    draw = nest.random.normal(mean=normal["mean"], std=normal["std"])
    if "min" not in value and "max" not in value:
        return draw
    return nest.math.redraw(
        draw,
        min=number(value.get("min", -math.inf)),
        max=number(value.get("max", math.inf)),
    )


def smallest_ms(delay: Any, step_ms: float) -> float:
    return step_ms if isinstance(delay, dict) else number(delay)


def create(network: dict[str, Any], delay_ms: float) -> dict[str, Any]:
    cells = {}
    for name, population in network["populations"].items():
        parameters = numbers(population.get("parameters", {}))
        if "tau_minus" in population:
            parameters["tau_minus"] = number(population["tau_minus"])
        cells[name] = nest.Create(
            population["model"], population["size"], params=parameters
        )
        for state, value in population.get("initial", {}).items():
            cells[name].set({state: drawn(value)})
        if "poisson" in population:
            poisson = numbers(population["poisson"])
            source = nest.Create("poisson_generator", params={"rate": poisson["rate"]})
            drive = dict(synapse_model="static_synapse_hpc", delay=delay_ms)
            drive |= dict(weight=poisson["weight"])
            nest.Connect(source, cells[name], "all_to_all", drive)
    return cells


def connect(projection: dict[str, Any], cells: dict[str, Any], kind: str) -> None:
    rule = {"rule": projection["rule"]}
    for name in ("indegree", "N"):
        if name in projection:
            rule[name] = projection[name]
    for name in ("allow_autapses", "allow_multapses"):
        rule[name] = projection.get(name, True)
    synapse = {name: drawn(projection[name]) for name in ("weight", "delay")}
    synapse["synapse_model"] = kind
    nest.Connect(cells[projection["from"]], cells[projection["to"]], rule, synapse)


def synapse_kind(projection: dict[str, Any]) -> str:
    """The name of NEST's type for the synapses of a projection, made when it is new: one
    for each source and model, as there is room for 134 million of one on a thread."""
    parameters = dict(projection.get("synapse", {"model": "static_synapse"}))
    model = parameters.pop("model")
    kind = f"{model}_from_{projection['from']}"
    if kind not in nest.synapse_models:
        nest.CopyModel(SMALL_SYNAPSES[model], kind)
        nest.SetDefaults(kind, numbers(parameters))
    return kind


def build(network: dict[str, Any], step_ms: float) -> None:
    projections = network["projections"]
    delays = [smallest_ms(projection["delay"], step_ms) for projection in projections]
    cells = create(network, min(delays, default=1.0))
    for projection in projections:
        connect(projection, cells, synapse_kind(projection))
    nest.Prepare()


def resident_bytes() -> float:
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return 1024.0 * int(line.split()[1])
    return 0.0


def main() -> None:
    path, *words = sys.argv[1:]
    warm, chunk, chunks, threads = (int(word) for word in words)
    with open(path) as file:
        network = json.load(file)
    step_ms = number(network["step"])
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=step_ms, local_num_threads=threads)
    nest.set(rng_seed=network["seed"], print_time=False)
    before, begin = resident_bytes(), time.perf_counter()
    build(network, step_ms)
    build_s = time.perf_counter() - begin
    nest.Run(warm * step_ms)
    chunks_us, chunks_cpu_us, spikes = [], [], 0
    for _ in range(chunks):
        begin, cpu_begin = time.perf_counter(), time.process_time()
        nest.Run(chunk * step_ms)
        chunks_us.append(1e6 * (time.perf_counter() - begin))
        chunks_cpu_us.append(1e6 * (time.process_time() - cpu_begin))
        spikes += nest.local_spike_counter  # of the last Run
    grown = resident_bytes() - before
    nest.Cleanup()
    result = dict(build_s=build_s, grown_bytes=grown)
    result |= dict(chunk_us=statistics.median(chunks_us), spikes=spikes)
    result |= dict(chunk_cpu_us=statistics.median(chunks_cpu_us))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
