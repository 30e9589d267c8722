"""Plays the example in variants, and reads what they recorded.

SPDX-License-Identifier: Apache-2.0
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "column_and_cell"

TO_CELL = '{from: "column.E[0:400]", to: cell.synapses, delay: 1.5 ms}'
TO_COLUMN = "{from: cell.spikes, to: column.from_cell, delay: 1 ms}"


@dataclass(frozen=True)
class Recording:
    """Everything that a run recorded, in memory."""

    folder: Path
    spikes: dict[str, NDArray[np.float64]]  # rows of (time in ms, index)
    voltages: NDArray[np.float64]
    voltage_times: NDArray[np.float64]

    def first(self, name: str, below: int) -> float:
        """Time of the first spike of an index below `below`."""
        rows = self.spikes[name]
        return float(rows[rows[:, 1] < below, 0].min())


def read(folder: Path) -> Recording:
    with h5py.File(folder / "recording.h5") as file:
        spikes = {
            name: np.column_stack((group["timestamps"][:], group["node_ids"][:]))
            for name, group in file["spikes"].items()
        }
        report = file["report"]["cell.v"]
        voltages = report["data"][:]
        begin, _, step = report["mapping"]["time"][:]
    times = begin + step * np.arange(len(voltages))
    return Recording(folder, spikes, voltages, times)


def play(folder: Path, duration: str, without: str = "") -> Recording:
    """Runs a copy of the example in `folder`, without one line of its connections."""
    for name in ("cell.py", "swc.py", "column.yaml"):
        shutil.copy(EXAMPLE / name, folder)
    text = (EXAMPLE / "experiment.yaml").read_text()
    changed = text.replace("duration: 1 s", f"duration: {duration}")
    changed = changed.replace("afterwards: python3 plot.py\n", "")
    assert changed.count("\n") == text.count("\n") - 1
    if without:
        assert f"  - {without}\n" in changed
        changed = changed.replace(f"  - {without}\n", "")
    (folder / "experiment.yaml").write_text(changed)
    run = subprocess.run(
        ["tutti", "run", "--out", "run", "experiment.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return read(folder / "run")
