"""One network in one kernel, in two and in three: the same spikes, bit for bit.

SPDX-License-Identifier: Apache-2.0
"""

import itertools
import os
import random
import signal
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest

from conftest import Bench

SIZES = {"E": 160, "I": 40}
SEEDS = (1, 2, 3)


def network(seed: int, delay: str) -> str:
    """A small network that is busy and sensitive: a lost spike changes what follows."""
    return f"""network: small
seed: {seed}
step: 0.1 ms
populations:
  E:
    model: iaf_psc_exp
    size: {SIZES["E"]}
    initial: {{V_m: {{normal: {{mean: -60 mV, std: 5 mV}}}}}}
    poisson: {{rate: 8000 Hz, weight: 60 pA}}
  I: {{model: iaf_psc_exp, size: {SIZES["I"]}, like: E}}
projections:
  - {{name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 16, weight: 80 pA, delay: {delay}}}
  - {{name: E_I, from: E, to: I, rule: fixed_indegree, indegree: 16, weight: 80 pA, delay: {delay}}}
  - {{name: I_E, from: I, to: E, rule: fixed_indegree, indegree: 8, weight: -320 pA, delay: {delay}}}
  - {{name: I_I, from: I, to: I, rule: fixed_indegree, indegree: 8, weight: -320 pA, delay: {delay}}}
"""


def parts_of(count: int) -> list[dict[str, tuple[int, int]]]:
    """Uneven parts that together own every cell once."""
    shares = {1: [1.0], 2: [0.4, 1.0], 3: [0.2, 0.7, 1.0]}[count]
    cells = {name: 0 for name in SIZES}
    parts = []
    for share in shares:
        part = {
            name: (cells[name], round(size * share)) for name, size in SIZES.items()
        }
        cells = {name: end for name, (_, end) in part.items()}
        parts.append(part)
    return parts


def experiment(count: int, window: str, link: str, order: list[int]) -> str:
    parts = parts_of(count)
    lines = [f"experiment: split\nduration: 200 ms\nlink: {link}\nparticipants:"]
    for i in order:
        owns = ", ".join(f'{n}: "{b}:{e}"' for n, (b, e) in parts[i].items())
        given = f", owns: {{{owns}}}" if count > 1 else ""
        lines.append(f"  p{i}: {{kernel: network.yaml, window: {window}{given}}}")
    pairs = list(itertools.permutations(range(count), 2))
    lines.append("connections:" if pairs else "connections: []")
    for i, j in pairs:
        for name, (begin, end) in parts[i].items():
            cells = f"{name}[{begin}:{end}]"
            ends = f'from: "p{i}.{cells}", to: "p{j}.{cells}"'
            lines.append(f"  - {{{ends}, delay: 0 ms}}")
    lines.append("record:")
    for i in range(count):
        for name, (begin, end) in parts[i].items():
            lines.append(f'  - "p{i}.{name}[{begin}:{end}]"')
    return "\n".join(lines) + "\n"


def spikes(folder: Path, count: int) -> dict[str, np.ndarray]:
    """Sorted (time, cell) of each population, over all parts."""
    with h5py.File(folder / "recording.h5") as file:
        found = {}
        for name in SIZES:
            groups = [file[f"spikes/p{i}.{name}"] for i in range(count)]
            times = np.concatenate([group["timestamps"] for group in groups])
            cells = np.concatenate([group["node_ids"] for group in groups])
            order = np.lexsort((cells, times))
            found[name] = np.stack([times[order], cells[order].astype(float)])
    return found


def disturb(job: int, seed: int, over: threading.Event) -> None:
    """Stops and continues the kernels of a run at random until it is over."""
    draw = random.Random(seed)
    while not over.wait(draw.uniform(0, 0.01)):
        kernels = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = entry.read_text().rsplit(")", 1)
            except OSError:
                continue
            if "(tutti-kernel" in words[0] and int(words[1].split()[1]) == job:
                kernels.append(int(entry.parent.name))
        if not kernels:
            continue
        victim = draw.choice(sorted(kernels))
        try:
            os.kill(victim, signal.SIGSTOP)
            over.wait(draw.uniform(0, 0.01))
            os.kill(victim, signal.SIGCONT)
        except ProcessLookupError:
            pass


def play(
    bench: Bench, name: str, text: str, count: int, slowed: int | None = None
) -> dict[str, np.ndarray]:
    folder = bench.folder / name
    path = bench.folder / f"{name}.yaml"
    path.write_text(text)
    job = bench.start("tutti", "run", str(path), "--out", str(folder))
    over = threading.Event()
    if slowed is not None:
        threading.Thread(target=disturb, args=(job.pid, slowed, over)).start()
    ended = bench.end(job)
    over.set()
    assert ended.status == 0, ended.err
    return spikes(folder, count)


def check_equal(found: dict[str, np.ndarray], whole: dict[str, np.ndarray]) -> None:
    for name in SIZES:
        assert whole[name].shape[1] > 20, "the network must not be silent"
        assert np.array_equal(found[name], whole[name]), name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("delay", ["3 ms", "{uniform: {low: 3 ms, high: 9 ms}}"])
def test_a_split_network_spikes_as_the_whole(
    bench: Bench, seed: int, delay: str
) -> None:
    (bench.folder / "network.yaml").write_text(network(seed, delay))
    whole = play(bench, "whole", experiment(1, "3 ms", "ipc", [0]), 1)
    # Delays of 1, 1.5 and 2 windows; links, orders of start and slowness in turn.
    for count, window, link, order, slowed in [
        (2, "3 ms", "ipc", [0, 1], None),
        (2, "2 ms", "tcp", [1, 0], seed),
        (2, "1.5 ms", "shm", [1, 0], seed),
        (3, "2 ms", "shm", [1, 2, 0], None),
        (3, "1.5 ms", "ipc", [2, 0, 1], seed),
        (3, "3 ms", "tcp", [0, 2, 1], None),
    ]:
        name = f"{count}-{window[0]}-{link}"
        text = experiment(count, window, link, order)
        check_equal(play(bench, name, text, count, slowed), whole)
