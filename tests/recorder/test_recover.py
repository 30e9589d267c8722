"""What `tutti-recorder --recover` says and leaves.

SPDX-License-Identifier: Apache-2.0
"""

import shutil
import signal
import subprocess
from pathlib import Path

import h5py
import libsonata
import pytest


def recover(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["tutti-recorder", "--recover", path], capture_output=True, text=True
    )


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    path = tmp_path / "recording.h5"
    writer = subprocess.run(["sonata_sample", path, "killed"])
    assert writer.returncode == -signal.SIGKILL
    return path


def test_a_killed_recording_becomes_an_ordinary_one(killed: Path) -> None:
    with pytest.raises(OSError):
        h5py.File(killed)
    done = recover(killed)
    assert done.returncode == 0
    assert done.stdout == (
        f"recovered '{killed}': 20000 spikes, 5000 samples; complete up to 500 ms\n"
    )
    assert list(killed.parent.iterdir()) == [killed]
    with h5py.File(killed) as file:
        assert len(file["spikes/column.E/timestamps"]) == 20000
        mapping = file["report/cell.v/mapping"]
        assert mapping["index_pointer"] == mapping["index_pointers"]
        assert file["provenance"].attrs["tutti_version"]
    spikes = libsonata.SpikeReader(str(killed))["column.E"]
    assert spikes.sorting == "by_time"
    report = libsonata.SomaReportReader(str(killed))["cell.v"]
    assert report.get().data.shape == (5000, 3)


def test_a_whole_recording_stays_as_it_is(killed: Path) -> None:
    recover(killed)
    before = killed.read_bytes()
    done = recover(killed)
    assert done.returncode == 0
    assert done.stdout == f"'{killed}' needs no recovery; complete up to 500 ms\n"
    assert killed.read_bytes() == before


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    done = recover(tmp_path / "no.h5")
    assert done.returncode == 1
    assert done.stderr == (
        f"tutti-recorder: cannot read the recording '{tmp_path}/no.h5': "
        "No such file or directory\n"
    )


def test_a_recorder_without_a_run_says_what_it_lacks(tmp_path: Path) -> None:
    program = shutil.which("tutti-recorder")
    assert program
    done = subprocess.run(
        [program], capture_output=True, text=True, env={}, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr.startswith("tutti-recorder: ")
    assert "TUTTI_BROKER" in done.stderr
    assert list(tmp_path.iterdir()) == []
