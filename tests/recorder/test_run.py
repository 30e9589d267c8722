"""The recorder in a run: everything is in the file, however the run is cut or ends.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import h5py
import numpy as np
import pytest

SOURCE = Path(__file__).with_name("source.py")
NEVER = "1e9"


def write_experiment(
    folder: Path, window: str = "10 ms", left_out: str = NEVER
) -> Path:
    path = folder / "experiment.yaml"
    path.write_text(f"""\
experiment: recorded
duration: 250 ms
participants:
  source:
    command: {sys.executable} {SOURCE} {NEVER} {left_out}
    window: {window}
record: ["source.spikes[0:3]", "source.spikes[10:12]", source.v]
""")
    return path


def run(experiment: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["tutti", "run", "--out", out, experiment],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_what_was_sent_is_recorded(tmp_path: Path) -> None:
    experiment = write_experiment(tmp_path)
    done = run(experiment, tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "source.spikes: 625 spikes\n" in done.stdout
    assert "source.v: 2500 samples of 2 values\n" in done.stdout
    with h5py.File(tmp_path / "run" / "recording.h5") as file:
        k = np.arange(2500)
        k = k[np.isin(k % 20, [0, 1, 2, 10, 11])]
        assert np.array_equal(file["spikes/source.spikes/node_ids"], k % 20)
        times = file["spikes/source.spikes/timestamps"][()]
        assert np.array_equal(times, k * 100_000 / 1e6)
        assert np.array_equal(file["report/source.v/data"][:, 0], np.arange(2500))
        axis = file["report/source.v/mapping/time"][()]
        assert axis == pytest.approx([0, 250, 0.1])
        provenance = file["provenance"]
        assert provenance["complete_up_to"][()] == 250
        assert provenance["experiment"].asstr()[()] == experiment.read_text()


def test_digests_do_not_depend_on_windows(tmp_path: Path) -> None:
    digests = []
    for window in ["0.1 ms", "7 ms"]:
        out = tmp_path / f"run {window}"
        done = run(write_experiment(tmp_path, window), out)
        assert done.returncode == 0, done.stderr
        with h5py.File(out / "recording.h5") as file:
            group = file["provenance/digests"]
            digests.append({name: group[name][()].tobytes() for name in group})
    assert digests[0] == digests[1]
    assert {len(digest) for digest in digests[0].values()} == {3 * 16}


def test_a_sample_left_out_ends_the_run_with_both_times(tmp_path: Path) -> None:
    done = run(write_experiment(tmp_path, left_out="120"), tmp_path / "run")
    assert done.returncode == 1
    assert (
        "cannot record signal 'source.v': its samples must be equally far apart, but "
        "one is due at 120.1 ms where 120 ms was expected; write it once every step, "
        "or take it out of 'record'"
    ) in done.stderr
    with h5py.File(tmp_path / "run" / "recording.h5") as file:
        assert len(file["report/source.v/data"]) == 1200


def test_a_signal_ends_the_recorder_with_its_file_closed(tmp_path: Path) -> None:
    out = tmp_path / "run"
    address = f"ipc://@tutti-test-{uuid.uuid4()}"
    broker = subprocess.Popen(
        ["tutti", "broker", "--listen", address, "--out", out]
        + [write_experiment(tmp_path)],
        stderr=subprocess.DEVNULL,
    )
    # Started by hand: the test knows the recorder's process.
    environment = os.environ | {"TUTTI_BROKER": address, "TUTTI_RUN": str(out)}
    source = subprocess.Popen(
        [sys.executable, SOURCE, "100", NEVER],
        env=environment | {"TUTTI_NAME": "source"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    recorder = subprocess.Popen(
        ["tutti-recorder"],
        env=environment | {"TUTTI_NAME": "recorder"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert source.stdout is not None
        assert source.stdout.readline() == b"waiting\n"
        recorder.send_signal(signal.SIGTERM)
        _, said = recorder.communicate(timeout=20)
    finally:
        for process in (source, recorder, broker):
            process.kill()
            process.wait()
    assert recorder.returncode == 1
    with h5py.File(out / "recording.h5") as file:
        complete = file["provenance/complete_up_to"][()]
        assert said == (
            "tutti-recorder: the recorder was stopped by a signal (Terminated); the "
            f"recording is complete up to {complete:g} ms; leave out 'record' to run "
            "without it\n"
        )
        times = file["spikes/source.spikes/timestamps"]
        assert np.array_equal(times, np.sort(times))
        assert times[-1] <= complete
