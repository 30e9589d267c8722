"""One figure of a recording: raster, rates over time, signals, and how rates and
irregularity are spread over the cells.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

from typing import Any

import matplotlib

matplotlib.use("Agg")  # draws into files, needs no display
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from .recording import Recording, Signal, Spikes  # noqa: E402

# Okabe and Ito: told apart by colour-blind eyes too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
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
ROWS = 100  # cells of a population in the raster, at most
LINES = 5  # of a signal, at most
BINS = 200  # of the rates, at most
SHORTEST_BIN = 1.0  # ms


def colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def draw(recording: Recording, begin: float, end: float) -> Any:
    """The figure of what lies between two times, in ms."""
    spikes = [one.between(begin, end) for one in recording.spikes]
    tall = [3.2, 1.6] if spikes else []
    heights = tall + [1.6] * len(recording.signals) + ([1.8] if spikes else [])
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(8, sum(heights) + 1), layout="constrained")
        grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
        rows = len(heights) - bool(spikes)
        for row in range(rows):
            axes = figure.add_subplot(grid[row, :])
            if row < len(tall):
                (draw_raster, draw_rates)[row](axes, spikes, begin, end)
            else:
                draw_signal(axes, recording.signals[row - len(tall)], begin, end)
            axes.set_xlim(begin, end)
            axes.tick_params(labelbottom=row == rows - 1)
            axes.set_xlabel("time (ms)" if row == rows - 1 else "")
        if spikes:
            draw_spread(figure.add_subplot(grid[-1, 0]), spikes, begin, end)
            draw_irregularity(figure.add_subplot(grid[-1, 1]), spikes)
    return figure


def place_legend(axes: Any, columns: int) -> None:
    """Beside the title, where it covers nothing."""
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=0,
        ncols=columns,
    )


def draw_raster(axes: Any, spikes: list[Spikes], begin: float, end: float) -> None:
    """A sample of each population, the first one on top."""
    base, ticks = 0, []
    for index, one in reversed(list(enumerate(spikes))):
        rows = min(one.size, ROWS)
        shown = np.linspace(0, one.size - 1, rows).round().astype(np.int64)
        place = np.full(one.size, -1)
        place[shown] = np.arange(rows)
        row = place[one.cells]
        size = 2.0 if end - begin < 2000 else 0.8
        axes.plot(
            one.times[row >= 0],
            base + row[row >= 0],
            "|" if rows <= 20 else ".",
            markersize=8 if rows <= 20 else size,
            markeredgewidth=0.8 if rows <= 20 else 0,
            color=colour(index),
        )
        ticks.append((base + max(rows - 1, 0) / 2, f"{one.name}\n{rows} of {one.size}"))
        base += max(rows, 1) + 4
    axes.set_yticks([place for place, _ in ticks], [label for _, label in ticks])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-2, base - 2)
    axes.set_title("spikes")


def draw_rates(axes: Any, spikes: list[Spikes], begin: float, end: float) -> None:
    bin_ms = max((end - begin) / BINS, SHORTEST_BIN)
    edges = np.arange(begin, end + bin_ms / 2, bin_ms)
    for index, one in enumerate(spikes):
        if not one.size or len(edges) < 2:
            continue
        counts = np.histogram(one.times, edges)[0]
        rate = counts / (one.size * np.diff(edges) * 1e-3)
        axes.stairs(rate, edges, baseline=None, color=colour(index), label=one.name)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("rate per cell (1/s)")
    axes.set_title(f"rates in bins of {bin_ms:.3g} ms")
    if axes.get_legend_handles_labels()[0]:
        place_legend(axes, len(spikes))


def draw_signal(axes: Any, signal: Signal, begin: float, end: float) -> None:
    inside = (signal.times >= begin) & (signal.times <= end)
    shown = min(len(signal.indices), LINES)
    for column in range(shown):
        axes.plot(
            signal.times[inside],
            signal.values[inside, column],
            linewidth=0.8,
            color=colour(column),
            label=str(signal.indices[column]),
        )
    axes.set_ylabel(signal.unit)
    more = len(signal.indices) - shown
    axes.set_title(
        signal.name + (f", {shown} of {shown + more} indices" if more else "")
    )
    if shown > 1:
        place_legend(axes, shown)


def draw_spread(axes: Any, spikes: list[Spikes], begin: float, end: float) -> None:
    """Fraction of the cells that fire at most so often."""
    for index, one in enumerate(spikes):
        rates = np.sort(one.rates(end - begin))
        if len(rates):
            axes.ecdf(rates, color=colour(index), label=one.name)
    axes.set_xlim(left=0)
    axes.set_xlabel("rate (1/s)")
    axes.set_ylabel("fraction of cells")
    axes.set_title("rates of cells")


def draw_irregularity(axes: Any, spikes: list[Spikes]) -> None:
    for index, one in enumerate(spikes):
        values = one.irregularity()
        if len(values):
            label = f"{one.name} {values.mean():.2f}"
            axes.ecdf(values, color=colour(index), label=label)
    axes.set_xlim(left=0)
    axes.set_xlabel("CV of the intervals")
    axes.set_title("irregularity, with means")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right")
