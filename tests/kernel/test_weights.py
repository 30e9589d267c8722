"""The table of plastic weights that a run alone writes.

SPDX-License-Identifier: Apache-2.0
"""

import csv
import subprocess
from pathlib import Path

import pytest

NETWORK = """\
network: patch
seed: 3
step: 0.1 ms
populations:
  E: {model: iaf_psc_exp, size: 80, poisson: {rate: 9 kHz, weight: 40 pA}}
projections:
  - {name: E_E, from: "E[0:40]", to: E, rule: fixed_indegree, indegree: 8, weight: 30 pA, delay: {uniform: {low: 0.5 ms, high: 2 ms}}, synapse: {model: stdp_synapse}}
  - {name: still, from: E, to: E, rule: one_to_one, weight: 1 pA, delay: 1 ms}
"""


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "network.yaml"
    path.write_text(NETWORK)
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["tutti-kernel", *arguments], capture_output=True, text=True, timeout=60
    )


def weights(network: Path, out: Path, threads: int) -> str:
    ended = run(
        network,
        "--duration",
        "300 ms",
        "--weights",
        out,
        "--threads",
        str(threads),
    )
    assert ended.returncode == 0, ended.stderr
    return out.read_text()


def test_each_plastic_synapse_has_a_line(network: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(weights(network, tmp_path / "w.csv", 1).splitlines()))
    assert len(rows) == 80 * 8
    assert {row["projection"] for row in rows} == {"E_E"}
    places = [(int(r["source"]), int(r["target"]), float(r["delay_ms"])) for r in rows]
    assert places == sorted(places)
    assert all(source < 40 for source, _, _ in places)
    assert {row["weight"] for row in rows} != {"30"}


def test_the_table_does_not_depend_on_threads(network: Path, tmp_path: Path) -> None:
    tables = [weights(network, tmp_path / f"{n}.csv", n) for n in (1, 2, 3)]
    assert tables[0] == tables[1] == tables[2]


def test_a_network_without_plastic_synapses_has_no_table(tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(NETWORK.replace(", synapse: {model: stdp_synapse}", ""))
    ended = run(path, "--duration", "1 ms", "--weights", tmp_path / "w.csv")
    assert ended.returncode != 0
    assert ended.stderr == (
        "--weights: network 'patch' has no plastic projection; give one a synapse such "
        "as {model: stdp_synapse}\n"
    )


def test_a_file_that_cannot_be_written_is_named(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "no" / "w.csv"
    ended = run(network, "--duration", "1 ms", "--weights", out)
    assert ended.returncode != 0
    assert ended.stderr == (
        f"cannot write weights to '{out}': No such file or directory; give another "
        "file\n"
    )


def test_the_option_is_for_a_run_alone(network: Path) -> None:
    ended = run(network, "--weights", "w.csv")
    assert ended.returncode != 0
    assert "--weights needs --duration" in ended.stderr
