"""What a connection does, seen by leaving it out.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
from variants import EXAMPLE, TO_CELL, TO_COLUMN, Recording, play

SPIKES = ["column.E", "column.I", "cell.spikes"]


def first_difference(one: Recording, other: Recording) -> dict[str, float]:
    """For each recording the time (ms) of its first difference; infinity: none."""
    differences = {}
    for name in SPIKES:
        a = set(map(tuple, one.spikes[name].tolist()))
        b = set(map(tuple, other.spikes[name].tolist()))
        differences[name] = min((time for time, _ in a ^ b), default=np.inf)
    rows = np.flatnonzero((one.voltages != other.voltages).any(axis=1))
    differences["cell.v"] = one.voltage_times[rows[0]] if len(rows) else np.inf
    return differences


def test_the_example_run_twice_gives_identical_recordings(
    whole: Recording, tmp_path: Path
) -> None:
    again = play(tmp_path, "300 ms")
    for name in SPIKES:
        assert np.array_equal(whole.spikes[name], again.spikes[name]), name
    assert np.array_equal(whole.voltages, again.voltages)


def test_without_cell_to_column_all_is_equal_up_to_its_first_spike_and_the_delay(
    whole: Recording, tmp_path: Path
) -> None:
    lesioned = play(tmp_path, "300 ms", without=TO_COLUMN)
    arrival = whole.first("cell.spikes", 1) + 1.0
    differences = first_difference(whole, lesioned)
    assert min(differences.values()) > arrival
    # The driven cells answer within 10 ms; through them all the rest feels it.
    assert differences["column.E"] < arrival + 10
    assert max(differences.values()) < np.inf


def test_without_column_to_cell_all_is_equal_up_to_the_first_spike_that_arrives(
    whole: Recording, tmp_path: Path
) -> None:
    lesioned = play(tmp_path, "300 ms", without=TO_CELL)
    arrival = whole.first("column.E", 400) + 1.5
    differences = first_difference(whole, lesioned)
    assert min(differences.values()) > arrival
    # The step that begins there has the synapse's current; every fourth is recorded.
    assert differences["cell.v"] <= arrival + 0.2
    assert differences["cell.spikes"] == whole.first("cell.spikes", 1)
    assert differences["column.E"] > whole.first("cell.spikes", 1) + 1.0
    assert len(lesioned.spikes["cell.spikes"]) == 0


def test_the_cell_and_the_column_fire_at_plausible_rates(whole: Recording) -> None:
    seconds = 0.3
    assert 1 < len(whole.spikes["column.E"]) / 8000 / seconds < 15
    assert 1 < len(whole.spikes["column.I"]) / 2000 / seconds < 20
    assert 3 < len(whole.spikes["cell.spikes"]) / seconds < 40


def test_the_picture_is_drawn_and_the_rates_are_printed(whole: Recording) -> None:
    answer = subprocess.run(
        [sys.executable, str(EXAMPLE / "plot.py"), str(whole.folder)],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[0].split() == ["population", "cells", "spikes", "rate", "CV"]
    assert [line.split()[0] for line in lines[1:4]] == SPIKES
    assert int(lines[1].split()[2]) == len(whole.spikes["column.E"])
    assert (whole.folder / "column_and_cell.png").stat().st_size > 50_000
    assert (whole.folder / "column_and_cell.pdf").stat().st_size > 20_000


def test_a_folder_without_a_recording_is_named(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, str(EXAMPLE / "plot.py"), str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"plot.py: {tmp_path} has no whole recording: ")
