"""Drawing a recording: a run of the kernel, looked at by numbers and by its files.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("h5py")
pytest.importorskip("matplotlib")

from tutti.plot.figure import draw
from tutti.plot.recording import Spikes, Unreadable, read

NETWORK = """\
network: patch
seed: 3
step: 0.1 ms
populations:
  E: {model: iaf_psc_exp, size: 300, poisson: {rate: 9 kHz, weight: 40 pA}}
  clock: {model: spike_generator, size: 3, parameters: {spike_times: [5 ms, 10 ms, 15 ms, 20 ms]}}
signals:
  v: {population: "E[2:10]", states: [V_m], interval: 0.5 ms}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "network.yaml").write_text(NETWORK)
    subprocess.run(
        ["tutti-kernel", folder / "network.yaml", "--duration", "200 ms"]
        + ["--out", folder / "run"],
        check=True,
        timeout=60,
    )
    return folder / "run"


def plot(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tutti.plot", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_picture_of_each_kind_lies_beside_the_recording(run: Path) -> None:
    drawn = plot(run)
    assert drawn.returncode == 0, drawn.stderr
    assert drawn.stdout == f"drawn: {run}/recording.png and .pdf\n"
    assert (run / "recording.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert (run / "recording.pdf").read_bytes()[:5] == b"%PDF-"


def test_the_figure_shows_what_was_recorded(run: Path) -> None:
    recording = read(run)
    figure = draw(recording, 0, recording.end)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == [
        "spikes",
        "rates in bins of 1 ms",
        "patch.v, 5 of 8 indices",
        "rates of cells",
        "irregularity, with means",
    ]
    raster, _, voltage, _, irregularity = figure.axes
    labels = [label.get_text() for label in raster.get_yticklabels()]
    assert labels == ["patch.clock\n3 of 3", "patch.E\n100 of 300"]
    clock = raster.lines[0]
    assert sorted(clock.get_xdata()) == [5] * 3 + [10] * 3 + [15] * 3 + [20] * 3
    assert voltage.get_ylabel() == "mV"
    assert voltage.lines[0].get_xdata()[[0, -1]].tolist() == [0.5, 200.0]
    names = [text.get_text() for text in irregularity.get_legend().get_texts()]
    assert "patch.clock 0.00" in names


def test_a_part_of_the_time_can_be_drawn(run: Path) -> None:
    figure = draw(read(run), 10, 15)
    assert sorted(figure.axes[0].lines[0].get_xdata()) == [15] * 3
    assert figure.axes[0].get_xlim() == (10, 15)


def test_rates_and_irregularity_are_those_of_the_cells() -> None:
    spikes = Spikes("s", np.array([1.0, 1, 2, 5, 6]), np.array([0, 2, 0, 0, 2]))
    assert spikes.rates(10.0).tolist() == [300.0, 0.0, 200.0]
    # Intervals of 1 and 3 ms: mean 2, deviation 1; cell 2 has one interval only.
    assert spikes.irregularity().tolist() == [0.5]


def test_what_cannot_be_drawn_is_said(run: Path, tmp_path: Path) -> None:
    missing = plot(tmp_path)
    assert missing.returncode == 1
    assert (
        f"'{tmp_path}/recording.h5' does not exist; give the folder of a recorded run"
        in missing.stderr
    )
    assert (
        "--from 300 --to 200 is no part of the run, which is recorded from 0 to 200 ms"
        in plot(run, "--from", "300").stderr
    )
    broken = tmp_path / "recording.h5"
    broken.write_bytes(b"no HDF5")
    with pytest.raises(Unreadable, match=r"after a kill, `tutti-recorder --recover"):
        read(tmp_path)
