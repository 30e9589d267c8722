"""A network that runs alone: what it records, what it says, and that it does what it
does in an experiment.

SPDX-License-Identifier: Apache-2.0
"""

import os
import pty
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

NETWORK = """\
network: patch
seed: 3
step: 0.1 ms
populations:
  E: {model: iaf_psc_exp, size: 80, poisson: {rate: 9 kHz, weight: 40 pA}}
  I: {size: 20, like: E}
  clock: {model: spike_generator, size: 2, parameters: {spike_times: [5 ms, 10 ms, 15 ms, 20 ms]}}
  P: {model: poisson_generator, size: 80, parameters: {rate: 300 Hz}}
  hum: {model: noise_generator, size: 80, parameters: {std: 50 pA}}
  wave: {model: ac_generator, size: 1, parameters: {amplitude: 50 pA, frequency: 10 Hz}}
projections:
  - {name: E_E, from: E, to: E, rule: fixed_indegree, indegree: 8, weight: 30 pA, delay: 1.5 ms}
  - {name: I_E, from: I, to: E, rule: fixed_indegree, indegree: 2, weight: -300 pA, delay: 0.5 ms}
  - {name: P_E, from: P, to: E, rule: one_to_one, weight: 60 pA, delay: 1 ms}
  - {name: hum_E, from: hum, to: E, rule: one_to_one, weight: 1, delay: 0.2 ms}
  - {name: wave_E, from: wave, to: E, rule: all_to_all, weight: 1.5, delay: 1 ms}
signals:
  v: {population: "E[2:5]", states: [V_m], interval: 0.3 ms}
  current: {population: wave, states: [I]}
"""


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "network.yaml"
    path.write_text(NETWORK)
    return path


def kernel(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["tutti-kernel", *arguments], capture_output=True, text=True, timeout=60
    )


def complaint(*arguments: str | Path) -> str:
    run = kernel(*arguments)
    assert run.returncode != 0
    return run.stderr


def test_it_records_all_spikes_and_signals(network: Path, tmp_path: Path) -> None:
    run = kernel(network, "--duration", "60 ms", "--out", tmp_path / "run")
    assert run.returncode == 0, run.stderr
    with h5py.File(tmp_path / "run" / "recording.h5") as file:
        assert set(file["spikes"]) == {"patch.E", "patch.I", "patch.P", "patch.clock"}
        assert set(file["report"]) == {"patch.v", "patch.current"}
        assert file["provenance/experiment"][()].decode() == NETWORK
        assert file["provenance/complete_up_to"][()] == 60.0
        clock = file["spikes/patch.clock"]
        assert list(clock["timestamps"]) == [5.0, 5, 10, 10, 15, 15, 20, 20]
        assert list(clock["node_ids"]) == [0, 1] * 4
        v = file["report/patch.v"]
        assert v["data"].shape == (200, 3)
        assert v["data"].attrs["units"] == b"mV"
        np.testing.assert_allclose(v["mapping/time"], [0.3, 60.3, 0.3])
        # The sample at t is the current of the step that began at t - 0.1 ms.
        times = np.arange(1.0, 61.0) - 0.1
        np.testing.assert_allclose(
            file["report/patch.current/data"][:, 0],
            50.0 * np.sin(2e-3 * np.pi * 10.0 * times),
            atol=1e-4,
        )


def test_it_ends_with_counts_rates_and_regularity(
    network: Path, tmp_path: Path
) -> None:
    run = kernel(network, "--duration", "1 s", "--out", tmp_path / "run")
    rows = {line.split()[0]: line.split()[1:] for line in run.stdout.splitlines()}
    assert rows["clock"] == ["2", "8", "4", "0.000"]
    assert "wave" not in rows  # a current has no spikes
    assert re.search(r"^1 s simulated in .* real-time factor", run.stdout, re.M)
    assert run.stderr == ""  # no progress where nobody sees it
    with h5py.File(tmp_path / "run" / "recording.h5") as file:
        times = file["spikes/patch.E/timestamps"][:]
        cells = file["spikes/patch.E/node_ids"][:]
    intervals = [np.diff(times[cells == cell]) for cell in range(80)]
    cv = np.mean([np.std(x) / np.mean(x) for x in intervals if len(x) >= 2])
    assert rows["E"][:2] == ["80", str(len(times))]
    assert float(rows["E"][2]) == pytest.approx(len(times) / 80, rel=1e-3)
    assert float(rows["E"][3]) == pytest.approx(cv, abs=1e-3)


def test_a_terminal_shows_how_far_it_is(network: Path) -> None:
    ours, theirs = pty.openpty()
    run = subprocess.run(
        ["tutti-kernel", network, "--duration", "100 ms"], stderr=theirs, timeout=60
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert run.returncode == 0
    assert re.search(
        r"\r *\d+\.\d %  \S+ ms, real-time factor \S+, \d+ s left", shown
    ), shown
    assert shown.endswith("\r" + " " * 70 + "\r")  # the line is wiped off at the end


def test_it_does_what_it_does_in_an_experiment(network: Path, tmp_path: Path) -> None:
    experiment = tmp_path / "experiment.yaml"
    experiment.write_text(
        "experiment: same\nduration: 300 ms\n"
        "participants: {patch: {kernel: network.yaml}}\n"
        "record: [patch.E, patch.I, patch.P, patch.clock, patch.v, patch.current]\n"
    )
    coupled = subprocess.run(
        ["tutti", "run", "--out", tmp_path / "coupled", experiment],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert coupled.returncode == 0, coupled.stderr
    kernel(network, "--duration", "300 ms", "--out", tmp_path / "alone")
    with (
        h5py.File(tmp_path / "coupled" / "recording.h5") as one,
        h5py.File(tmp_path / "alone" / "recording.h5") as other,
    ):
        assert len(one["spikes/patch.E/timestamps"]) > 50
        assert set(one["provenance/digests"]) == set(other["provenance/digests"])
        for name, digests in one["provenance/digests"].items():
            np.testing.assert_array_equal(digests, other["provenance/digests"][name])


@pytest.mark.parametrize("threads, ranks", [(2, 1), (1, 2), (2, 3)])
def test_threads_and_ranks_record_the_same(
    network: Path, tmp_path: Path, threads: int, ranks: int
) -> None:
    if ranks > 1 and not has_ranks():
        pytest.skip("built without MPI, or no mpirun")
    arguments = [network, "--duration", "200 ms", "--out"]
    one = kernel(*arguments, tmp_path / "one")
    launcher = ["mpirun", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
    environment = {
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }
    several = subprocess.run(
        [*launcher, "tutti-kernel", *arguments, tmp_path / "several"]
        + ["--threads", str(threads)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert several.returncode == 0, several.stderr
    # Counts, rates and CV; the last two lines tell speed and file.
    assert several.stdout.splitlines()[:-2] == one.stdout.splitlines()[:-2]
    with (
        h5py.File(tmp_path / "one" / "recording.h5") as expected,
        h5py.File(tmp_path / "several" / "recording.h5") as got,
    ):
        assert len(expected["spikes/patch.E/timestamps"]) > 50
        for name, digests in expected["provenance/digests"].items():
            np.testing.assert_array_equal(digests, got["provenance/digests"][name])


def has_ranks() -> bool:
    program = shutil.which("tutti-kernel")
    assert program
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    return "libmpi" in libraries and shutil.which("mpirun") is not None


def test_it_records_what_it_is_asked_for(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    kernel(network, "--duration", "20 ms", "--out", out, "--record", "I,v")
    with h5py.File(out / "recording.h5") as file:
        assert list(file["spikes"]) == ["patch.I"]
        assert list(file["report"]) == ["patch.v"]


def test_a_stopped_run_leaves_a_whole_recording(network: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["tutti-kernel", network, "--duration", "1000 h", "--out", tmp_path / "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    path = tmp_path / "run" / "recording.h5"
    limit = time.monotonic() + 30
    while not complete_up_to(path) > 0 and time.monotonic() < limit:
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    output, message = process.communicate(timeout=30)
    found = re.search(
        r"stopped by a signal \(Interrupt\) after (\S+) (\w+); the recording is "
        r"complete up to there",
        message,
    )
    assert found, message
    assert process.returncode == 1
    assert "real-time factor" in output
    scale = {"s": 1e3, "ms": 1.0, "us": 1e-3}[found[2]]
    with h5py.File(path) as file:
        end = file["provenance/complete_up_to"][()]
        assert end == pytest.approx(float(found[1]) * scale)
        assert 0 < file["spikes/patch.E/timestamps"][-1] <= end


def complete_up_to(path: Path) -> float:
    try:
        with h5py.File(path, swmr=True) as file:
            return float(file["provenance/complete_up_to"][()])
    except (OSError, KeyError):
        return -1.0


def test_wrong_options_are_refused(network: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert complaint(network, "--duration", "1.05 ms") == (
        "--duration is '1.05 ms', not a multiple of the step 100 us; the nearest that "
        "fit are 1 ms and 1.1 ms\n"
    )
    assert "--duration is '0 s', must be above 0 s" in complaint(
        network, "--duration", "0 s"
    )
    assert "--duration: " in complaint(network, "--duration", "long")
    assert "--record: unknown population or signal 'Q'; did you mean 'E'?" in complaint(
        network, "--duration", "1 s", "--out", out, "--record", "Q"
    )
    assert (
        "--record: unknown population or signal 'thalamus'; tutti-kernel --ports lists "
        "what there is"
    ) in complaint(network, "--duration", "1 s", "--out", out, "--record", "thalamus")
    assert "--record needs --out" in complaint(network, "--record", "E")
    assert (
        "--out needs --duration; in an experiment, record: says what is recorded"
        in complaint(network, "--out", out)
    )
    assert "--duration runs the whole network; leave out --owns" in complaint(
        network, "--duration", "1 s", "--owns", "E=0:4"
    )
    missing = tmp_path / "a" / "b"
    assert f"cannot make the folder '{missing}'" in complaint(
        network, "--duration", "1 s", "--out", missing
    )


def test_a_name_with_a_slash_cannot_be_recorded(network: Path, tmp_path: Path) -> None:
    network.write_text(NETWORK.replace("network: patch", "network: a/b"))
    assert (
        "the network is called 'a/b', and names in a recording have no '/'; rename it"
    ) in complaint(network, "--duration", "1 s", "--out", tmp_path / "run")
