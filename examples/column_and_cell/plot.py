"""Draws a run of column_and_cell: python3 plot.py RUN_FOLDER

Reads the recording and what the cell wrote about itself, prints rates and regularity,
and leaves column_and_cell.png and .pdf in the run folder.
SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # draws into files, needs no display
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib.collections import LineCollection  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

import swc  # noqa: E402
from tutti.plot.recording import Spikes, Unreadable, read  # noqa: E402

E, I, CELL, VOLTAGE = "column.E", "column.I", "cell.spikes", "cell.v"
SIZES = {E: 8000, I: 2000, CELL: 1}  # as in column.yaml
DRIVEN = range(0, 200)  # the cells of E that the detailed cell excites
UNDRIVEN = range(200, 8000)

# Okabe and Ito: told apart by colour-blind eyes too.
BLUE, VERMILION, ORANGE = "#0072B2", "#D55E00", "#E69F00"
SKY, GREEN, PINK, BLACK = "#56B4E9", "#009E73", "#CC79A7", "#000000"
SITE_COLOURS = (BLACK, VERMILION, GREEN)
KIND_COLOURS = {swc.DENDRITE: "#9a9a9a", swc.APICAL: "#9a9a9a", swc.AXON: SKY}

STYLE = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.dpi": 150,
    "pdf.fonttype": 42,
}


@dataclass(frozen=True)
class Run:
    spikes: dict[str, Spikes]
    times: NDArray[np.float64]  # of the voltages, ms
    voltages: NDArray[np.float64]
    duration: float  # ms
    cell: dict[str, Any]  # cell.json


def load(folder: Path) -> Run:
    recording = read(folder)
    spikes = {each.name: each for each in recording.spikes}
    signals = {each.name: each for each in recording.signals}
    cell = json.loads((folder / "cell.json").read_text())
    voltage = signals[VOLTAGE]
    return Run(
        {name: spikes[name] for name in SIZES},
        voltage.times,
        voltage.values,
        recording.end,
        cell,
    )


# --- numbers


def irregularity(spikes: Spikes) -> float:
    """Coefficient of variation of the intervals: 1 for Poisson spikes, 0 for a clock.

    Per cell, so that different rates do not count as irregularity. Of K intervals of a
    Poisson process, variance / mean^2 is K / (K + 1) on average: that is put right,
    since a cell of a short run has few.
    """
    intervals = spikes.intervals(2)
    if not intervals:
        return float("nan")
    squares = [
        part.var(ddof=1) / part.mean() ** 2 * (1 + 1 / len(part)) for part in intervals
    ]
    return float(np.sqrt(np.mean(squares)))


def times_of(spikes: Spikes, cells: range) -> NDArray[np.float64]:
    return spikes.times[(spikes.cells >= cells.start) & (spikes.cells < cells.stop)]


def response(
    of: NDArray[np.float64], to: NDArray[np.float64], size: int, edges: Any
) -> NDArray[np.float64]:
    """Mean rate per cell (1/s) in bins of time since the spikes `to`."""
    counts = np.zeros(len(edges) - 1)
    for spike in to:
        first, last = np.searchsorted(of, spike + edges[[0, -1]])
        counts += np.histogram(of[first:last] - spike, edges)[0]
    return counts / (size * max(len(to), 1) * np.diff(edges) * 1e-3)


def summary(run: Run) -> str:
    lines = [f"{'population':<12} {'cells':>6} {'spikes':>8} {'rate':>9} {'CV':>6}"]
    for name, size in SIZES.items():
        count = len(run.spikes[name].times)
        rate = count / size / run.duration * 1e3
        cv = irregularity(run.spikes[name])
        lines.append(f"{name:<12} {size:>6} {count:>8} {rate:>6.2f} Hz {cv:>6.2f}")
    return "\n".join(lines)


# --- panels


def draw_raster(axes: Any, run: Run) -> None:
    """A sample of each population, from below: I, E, the driven part of E, the cell."""
    rows = 0
    ticks = []
    for label, name, cells, colour in (
        ("I", I, range(0, 50), VERMILION),
        ("E", E, range(200, 350), BLUE),
        ("E, driven\nby the cell", E, range(0, 50), ORANGE),
    ):
        spikes = run.spikes[name]
        inside = (spikes.cells >= cells.start) & (spikes.cells < cells.stop)
        height = spikes.cells[inside] - cells.start + rows
        axes.plot(spikes.times[inside], height, ".", ms=3.2, color=colour, mew=0)
        ticks.append((rows + len(cells) / 2, label))
        rows += len(cells) + 6
    axes.plot(
        run.spikes[CELL].times,
        np.full(len(run.spikes[CELL].times), rows + 6),
        "|",
        color=BLACK,
        ms=11,
        mew=1.6,
    )
    ticks.append((rows + 6, "cell"))
    axes.set_yticks(*zip(*ticks))
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-4, rows + 16)
    axes.set_title("Spikes of 250 of 10,000 cells, and of the detailed cell")


def draw_rates(axes: Any, run: Run) -> None:
    edges = np.arange(0, run.duration + 2.5, 5.0)
    for label, name, colour in (("E", E, BLUE), ("I", I, VERMILION)):
        counts, _ = np.histogram(run.spikes[name].times, edges)
        rate = counts / (SIZES[name] * np.diff(edges) * 1e-3)
        axes.stairs(rate, edges, baseline=None, color=colour, lw=1.2, label=label)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.25)
    axes.set_ylabel("spikes/s per cell")
    axes.legend(loc="upper right", ncols=2, borderaxespad=0)
    axes.set_title("Population rates (5 ms bins)")


def draw_voltages(axes: Any, run: Run) -> None:
    for i in (2, 1, 0):  # the soma on top
        name = list(run.cell["sites"])[i]
        axes.plot(
            run.times, run.voltages[:, i], color=SITE_COLOURS[i], lw=0.9, label=name
        )
    axes.set_ylabel("mV")
    axes.set_ylim(-80, 60)
    axes.set_yticks([-75, -50, -25, 0, 25])
    axes.set_xlabel("time (ms)")
    axes.legend(loc="upper right", ncols=3, borderaxespad=0)
    axes.set_title("Membrane potential of the detailed cell")


def draw_cell(axes: Any, run: Run) -> None:
    morphology = swc.read(Path(run.cell["swc"]))
    child = np.flatnonzero(morphology.parent >= 0)
    ends = np.stack(
        (morphology.xyz[child, :2], morphology.xyz[morphology.parent[child], :2]), 1
    )
    colours = [KIND_COLOURS.get(kind, "#9a9a9a") for kind in morphology.kind[child]]
    widths = np.clip(1.6 * morphology.radius[child], 0.7, 3)
    axes.add_collection(LineCollection(ends, colors=colours, linewidths=widths))
    synapses = np.array(run.cell["synapses"])
    axes.plot(
        *synapses[:, :2].T, "o", ms=3, color=PINK, mew=0, alpha=0.9,
        label=f"{len(synapses)} synapses from E",
    )  # fmt: skip
    for (name, at), colour in zip(run.cell["sites"].items(), SITE_COLOURS):
        axes.plot(
            *at[:2], "o", ms=11, mfc=colour, mec="white", mew=1.5, label=f"V: {name}"
        )
    axes.set_aspect("equal")
    axes.invert_yaxis()  # the reconstruction has the pia at small y
    _scale_bar(axes)
    axes.axis("off")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2)
    axes.set_title("The detailed cell (mouse V1, layer 4)")


def _scale_bar(axes: Any, length: float = 100.0) -> None:
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    y = bottom + 0.03 * (top - bottom)
    axes.plot([right - length, right], [y, y], color=BLACK, lw=2.5)
    axes.text(right - length / 2, y, f"{length:g} µm\n", ha="center", va="bottom")


def draw_response(axes: Any, run: Run) -> None:
    edges = np.arange(-20.0, 40.5, 1.0)
    to = run.spikes[CELL].times
    to = to[(to > -edges[0]) & (to < run.duration - edges[-1])]
    for label, group, colour in (
        ("E[0:200], driven by the cell", DRIVEN, ORANGE),
        ("E[200:8000], not driven", UNDRIVEN, BLUE),
    ):
        rate = response(times_of(run.spikes[E], group), to, len(group), edges)
        axes.stairs(rate, edges, baseline=None, color=colour, lw=1.6, label=label)
    axes.axvline(0, color=BLACK, lw=1, ls=":")
    axes.set_xlim(edges[0], edges[-1])
    low, high = axes.get_ylim()
    axes.set_ylim(0, high * 1.3)
    axes.set_xlabel("time since a spike of the cell (ms)")
    axes.set_ylabel("spikes/s per cell")
    axes.legend(loc="upper right", borderaxespad=0)
    axes.set_title(f"What {len(to)} spikes of the cell do to the column")


def draw(run: Run) -> Any:
    figure = plt.figure(figsize=(13, 8.5), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.5, 1))
    raster, rates, voltages = left.subplots(
        3, 1, sharex=True, height_ratios=(2.6, 1, 1.5)
    )
    draw_raster(raster, run)
    draw_rates(rates, run)
    draw_voltages(voltages, run)
    voltages.set_xlim(0, run.duration)
    left.align_ylabels()
    cell, group = right.subplots(2, 1, height_ratios=(2.1, 1))
    draw_cell(cell, run)
    draw_response(group, run)
    return figure


def main() -> int:
    named = sys.argv[1:] or [os.environ.get("TUTTI_RUN", "")]  # by `tutti run`
    if len(named) != 1 or not named[0]:
        print("usage: plot.py RUN_FOLDER", file=sys.stderr)
        return 2
    folder = Path(named[0])
    try:
        run = load(folder)
    except (OSError, KeyError, Unreadable) as error:
        print(f"plot.py: {folder} has no whole recording: {error}", file=sys.stderr)
        return 1
    print(summary(run))
    with plt.rc_context(STYLE):
        figure = draw(run)
        for ending in ("png", "pdf"):
            figure.savefig(folder / f"column_and_cell.{ending}")
    print(f"picture: {folder / 'column_and_cell.png'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
