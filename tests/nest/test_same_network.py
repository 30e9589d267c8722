"""The same deterministic network in our kernel and in NEST: the same spikes.

A recurrent network of 80 cells, given connection by connection, driven by constant currents
near threshold; it is chaotic, so that one different spike would soon change all others.
SPDX-License-Identifier: Apache-2.0
"""

import json
import random
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

SIZE = 80
STEP_MS = 0.1
DURATION_MS = 300
# Weights of excitatory and inhibitory cells, and the mean current, in each model's units.
MODELS = {
    "iaf_psc_exp": (60.0, -260.0, 420.0),
    "iaf_psc_alpha": (45.0, -200.0, 420.0),
    "iaf_psc_delta": (0.7, -3.0, 420.0),
}


def network(model: str, seed: int) -> dict:
    draw = random.Random(seed)
    excitatory, inhibitory, current = MODELS[model]
    connections = []
    for target in range(SIZE):
        for source in draw.sample(range(SIZE), 16):
            weight = excitatory if source < SIZE * 4 // 5 else inhibitory
            weight *= draw.uniform(0.5, 1.5)
            delay = draw.randrange(5, 31) * STEP_MS
            connections.append((source, target, round(weight, 3), round(delay, 1)))
    return dict(
        model=model,
        size=SIZE,
        step_ms=STEP_MS,
        duration_ms=DURATION_MS,
        V_m=[round(draw.uniform(-70, -56), 3) for _ in range(SIZE)],
        I_e=[round(draw.uniform(0.85, 1.2) * current, 3) for _ in range(SIZE)],
        connections=connections,
    )


def spikes_of_nest(folder: Path, given: dict) -> list[tuple[float, int]]:
    path = folder / "connections.json"
    path.write_text(json.dumps(given))
    program = Path(__file__).with_name("simulate.py")
    done = subprocess.run(
        [sys.executable, str(program), str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [tuple(spike) for spike in json.loads(done.stdout.splitlines()[-1])]


def spikes_of_ours(folder: Path, given: dict) -> list[tuple[float, int]]:
    """Each cell is a population of its own, for each has its own current."""
    unit = "mV" if given["model"] == "iaf_psc_delta" else "pA"
    lines = [f"network: small\nseed: 1\nstep: {STEP_MS} ms\npopulations:"]
    for cell, (start, current) in enumerate(zip(given["V_m"], given["I_e"])):
        lines.append(
            f"  c{cell}: {{model: {given['model']}, size: 1, "
            f"parameters: {{I_e: {current} pA}}, initial: {{V_m: {start} mV}}}}"
        )
    lines.append("projections:")
    for number, (source, target, weight, delay) in enumerate(given["connections"]):
        lines.append(
            f"  - {{name: p{number}, from: c{source}, to: c{target}, rule: one_to_one, "
            f"weight: {weight} {unit}, delay: {delay} ms}}"
        )
    (folder / "network.yaml").write_text("\n".join(lines) + "\n")
    subprocess.run(
        ["tutti-kernel", "network.yaml", "--duration", f"{DURATION_MS} ms"]
        + ["--out", "alone"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=True,
    )
    found = []
    with h5py.File(folder / "alone" / "recording.h5") as file:
        for name, group in file["spikes"].items():
            cell = int(name.rpartition(".")[2].removeprefix("c"))
            found += [
                (round(time, 4), cell) for time in group["timestamps"][:].tolist()
            ]
    return sorted(found)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("model", MODELS)
def test_every_spike_is_the_same(tmp_path: Path, model: str, seed: int) -> None:
    given = network(model, seed)
    ours = spikes_of_ours(tmp_path, given)
    assert len(ours) > 3 * SIZE, "the network must not be silent"
    assert ours == spikes_of_nest(tmp_path, given)
