"""A network that is saved and goes on, alone, with other threads and ranks.

SPDX-License-Identifier: Apache-2.0
"""

import os
import subprocess
from pathlib import Path

import h5py
import numpy as np

NETWORK = """\
network: patch
seed: 3
step: 0.1 ms
populations:
  E: {model: iaf_psc_exp, size: 200, poisson: {rate: 9 kHz, weight: 50 pA}}
  I: {size: 100, like: E}
projections:
  - {name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 8, weight: 30 pA, delay: {uniform: {low: 1 ms, high: 9 ms}}, synapse: {model: stdp_synapse, lambda: 0.1, Wmax: 60 pA}}
  - {name: E_I, from: E, to: I, rule: fixed_indegree, indegree: 8, weight: 30 pA, delay: 2 ms}
  - {name: I_E, from: I, to: E, rule: fixed_indegree, indegree: 4, weight: -200 pA, delay: 1.5 ms}
signals:
  v: {population: "E[2:190]", states: [V_m], interval: 0.5 ms}
"""


def kernel(
    folder: Path, *words: str, ranks: int = 1
) -> subprocess.CompletedProcess[str]:
    (folder / "network.yaml").write_text(NETWORK)
    start = ["mpirun", "-q", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
    # In a container everybody is root, which mpirun asks to confirm.
    confirmed = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return subprocess.run(
        [*start, "tutti-kernel", "network.yaml", *words],
        cwd=folder,
        env=os.environ | confirmed,
        capture_output=True,
        text=True,
        timeout=60,
    )


def play(folder: Path, out: str, *words: str, ranks: int = 1) -> dict[str, np.ndarray]:
    """What is recorded of spikes and samples."""
    ended = kernel(folder, *words, "--out", out, ranks=ranks)
    assert ended.returncode == 0, ended.stderr
    with h5py.File(folder / out / "recording.h5") as file:
        found = {"v": file["report/patch.v/data"][()]}
        for name in ("E", "I"):
            for part in ("timestamps", "node_ids"):
                found[f"{name} {part}"] = file[f"spikes/patch.{name}/{part}"][()]
    return found


def check_sum(
    whole: dict[str, np.ndarray], one: dict[str, np.ndarray], two: dict[str, np.ndarray]
) -> None:
    assert len(whole["E timestamps"]) > 500, "it must not be silent"
    for name, values in whole.items():
        assert np.array_equal(values, np.concatenate([one[name], two[name]])), name


def test_two_halves_are_the_whole(tmp_path: Path) -> None:
    whole = play(tmp_path, "whole", "--duration", "300 ms")
    one = play(tmp_path, "one", "--duration", "130 ms", "--save", "s")
    go_on = ("--duration", "170 ms", "--restore", "s")
    check_sum(whole, one, play(tmp_path, "two", *go_on))
    check_sum(whole, one, play(tmp_path, "threads", *go_on, "--threads", "3"))
    check_sum(whole, one, play(tmp_path, "ranks", *go_on, ranks=2))


def test_what_ranks_save_one_process_restores(tmp_path: Path) -> None:
    whole = play(tmp_path, "whole", "--duration", "200 ms")
    save = ("--duration", "90 ms", "--save", "s", "--threads", "2")
    one = play(tmp_path, "one", *save, ranks=3)
    check_sum(
        whole, one, play(tmp_path, "two", "--duration", "110 ms", "--restore", "s")
    )


def test_a_state_that_cannot_be_used_is_refused_once(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("no state")
    ended = kernel(tmp_path, "--duration", "1 ms", "--restore", "s", ranks=2)
    assert ended.returncode != 0
    assert ended.stderr == "'s' is no saved state; give a file that --save wrote\n"


def test_a_state_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    ended = kernel(tmp_path, "--duration", "1 ms", "--save", "no/s", ranks=2)
    assert ended.returncode != 0
    assert ended.stderr == (
        "state file 'no/s' cannot be opened: No such file or directory\n"
    )


def test_saving_is_for_runs_alone(tmp_path: Path) -> None:
    for option in ("--save", "--restore"):
        ended = kernel(tmp_path, option, "s")
        assert ended.returncode != 0
        assert "--restore and --save need --duration" in ended.stderr
