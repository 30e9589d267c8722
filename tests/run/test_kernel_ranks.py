"""One network in one process, in several threads and in several ranks: the same spikes,
samples and digests, bit for bit.

SPDX-License-Identifier: Apache-2.0
"""

import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

from conftest import Bench

# Of several packs each, so that every rank of four has cells of both populations.
NETWORK = """network: small
seed: 1
step: 0.1 ms
populations:
  E:
    model: iaf_psc_exp
    size: 300
    initial: {V_m: {normal: {mean: -60 mV, std: 5 mV}}}
    poisson: {rate: 8000 Hz, weight: 60 pA}
  I: {model: iaf_psc_exp, size: 270, like: E}
  clock: {model: spike_generator, size: 1, parameters: {spike_times: [10 ms, 20 ms, 30 ms]}}
inputs:
  from_other: {size: 10}
projections:
  - {name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 16, weight: 80 pA, delay: {uniform: {low: 1 ms, high: 9 ms}}, synapse: {model: stdp_synapse, Wmax: 160 pA}}
  - {name: E_I, from: E, to: I, rule: fixed_indegree, indegree: 16, weight: 80 pA, delay: 1 ms, synapse: {model: tsodyks_synapse}}
  - {name: I_E, from: I, to: E, rule: fixed_outdegree, outdegree: 8, weight: -320 pA, delay: 1 ms}
  - {name: I_I, from: I, to: I, rule: fixed_indegree, indegree: 8, weight: -320 pA, delay: 1.5 ms}
  - {name: clock_E, from: clock, to: E, rule: all_to_all, weight: 100 pA, delay: 2 ms}
  - {name: other_E, from: from_other, to: E, rule: fixed_indegree, indegree: 2, weight: 300 pA, delay: 1 ms}
signals:
  v: {population: "E[10:290]", states: [V_m], interval: 1 ms}
"""

OTHER = """network: other
seed: 2
step: 0.1 ms
populations:
  O:
    model: iaf_psc_exp
    size: 10
    initial: {V_m: {normal: {mean: -60 mV, std: 5 mV}}}
    poisson: {rate: 8000 Hz, weight: 60 pA}
inputs:
  from_E: {size: 300}
projections:
  - {name: E_O, from: from_E, to: O, rule: all_to_all, weight: 20 pA, delay: 1 ms}
"""


def write_experiment(bench: Bench, name: str, kernel: str) -> Path:
    """The network as `a`, coupled in both directions with another one."""
    (bench.folder / "network.yaml").write_text(NETWORK)
    (bench.folder / "other.yaml").write_text(OTHER)
    path = bench.folder / f"{name}.yaml"
    path.write_text(
        "experiment: ranks\nduration: 200 ms\nparticipants:\n"
        f"  a: {{{kernel}}}\n"
        "  b: {kernel: other.yaml}\n"
        "connections:\n"
        "  - {from: a.E, to: b.from_E, delay: 0.5 ms}\n"
        "  - {from: b.O, to: a.from_other, delay: 0.5 ms}\n"
        "record: [a.E, a.I, a.clock, a.v, b.O]\n"
    )
    return path


def recorded(path: Path) -> dict[str, np.ndarray]:
    """Everything in a recording but the text of its experiment."""
    found = {}

    def take(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and name != "provenance/experiment":
            found[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(take)
    return found


def play(bench: Bench, name: str, kernel: str) -> dict[str, np.ndarray]:
    path = write_experiment(bench, name, kernel)
    folder = bench.folder / name
    ended = bench.end(bench.start("tutti", "run", str(path), "--out", str(folder)))
    assert ended.status == 0, ended.err
    return recorded(folder / "recording.h5")


def check_equal(found: dict[str, np.ndarray], whole: dict[str, np.ndarray]) -> None:
    assert found.keys() == whole.keys()
    for name, values in whole.items():
        assert np.array_equal(found[name], values), name


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    bench = Bench(tmp_path_factory.mktemp("whole"))
    found = play(bench, "whole", "kernel: network.yaml")
    for name in ("a.E", "a.I", "b.O"):
        assert len(found[f"spikes/{name}/timestamps"]) > 100, "it must not be silent"
    return found


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_coupled_threads_and_ranks_do_not_show(
    bench: Bench, whole: dict[str, np.ndarray], ranks: int, threads: int
) -> None:
    kernel = f"kernel: network.yaml, ranks: {ranks}, threads: {threads}"
    check_equal(play(bench, "parts", kernel), whole)


def kernel(ranks: int, *words: str | Path, cwd: Path) -> subprocess.CompletedProcess:
    """tutti-kernel as so many ranks of one job."""
    start = ["mpirun", "-q", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
    # In a container everybody is root, which mpirun asks to confirm.
    confirmed = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return subprocess.run(
        [*start, "tutti-kernel", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **confirmed},
        capture_output=True,
        text=True,
        timeout=60,
    )


def play_alone(folder: Path, ranks: int, threads: int) -> tuple[str, dict, str]:
    """What is printed of the populations, what is recorded, and the weights at the end."""
    (folder / "network.yaml").write_text(NETWORK)
    name = f"{ranks}-{threads}"
    words = ("--duration", "300 ms", "--threads", str(threads), "--out", name)
    written = ("--weights", f"{name}.csv")
    ended = kernel(ranks, "network.yaml", *words, *written, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    table = ended.stdout.split("300 ms simulated")[0]
    weights = (folder / f"{name}.csv").read_text()
    return table, recorded(folder / name / "recording.h5"), weights


def test_alone_threads_and_ranks_do_not_show(tmp_path: Path) -> None:
    table, whole, weights = play_alone(tmp_path, 1, 1)
    assert len(whole["spikes/small.E/timestamps"]) > 1000, "it must not be silent"
    changed = [line for line in weights.splitlines()[1:] if not line.endswith(",80")]
    assert len(changed) > 4000, "the synapses must learn"
    for ranks in (1, 2, 4):
        for threads in (1, 2, 4):
            said, found, learned = play_alone(tmp_path, ranks, threads)
            assert said == table
            assert learned == weights
            check_equal(found, whole)


def test_ranks_that_fail_alike_say_so_once(tmp_path: Path) -> None:
    ended = kernel(2, "none.yaml", "--duration", "1 ms", cwd=tmp_path)
    assert ended.returncode != 0
    assert ended.stderr == "cannot read 'none.yaml': No such file or directory\n"


def test_of_a_rank_that_fails_the_others_hear(tmp_path: Path) -> None:
    """Only the first rank writes, so only it can fail here."""
    (tmp_path / "network.yaml").write_text(NETWORK)
    words = ("--duration", "1 ms", "--out", "no/folder")
    ended = kernel(3, "network.yaml", *words, cwd=tmp_path)
    assert ended.returncode != 0
    assert (
        ended.stderr
        == "cannot make the folder 'no/folder': No such file or directory\n"
    )


def test_the_number_of_threads_is_checked(tmp_path: Path) -> None:
    for threads in ("0", "1025", "many"):
        ended = kernel(1, "network.yaml", "--threads", threads, cwd=tmp_path)
        assert (
            f"--threads is '{threads}', must be a number from 1 to 1024" in ended.stderr
        )
