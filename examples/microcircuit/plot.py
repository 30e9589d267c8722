"""Draws a run of the microcircuit: python3 plot.py RUN_FOLDER [--network circuit.yaml]

Prints rates, CV, synchrony and correlations of the populations beside the published ones,
and leaves microcircuit.png and .pdf in the run folder. SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")  # draws into files, needs no display
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

import activity  # noqa: E402
import circuit  # noqa: E402

# Okabe and Ito: told apart by colour-blind eyes too.
BLUE, VERMILION, BLACK = "#0072B2", "#D55E00", "#000000"
LAYER_COLOURS = {"L4E": VERMILION, "L23E": BLUE, "L5E": "#009E73", "L6E": "#CC79A7"}
SHOWN_MS = 1000.0  # of the raster: the end of the run
RASTER_ROWS = 700  # in all
NARROWEST_ROWS = 12
RESPONSE_BIN_MS = 1.0

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


def label(population: str) -> str:
    return population.replace("L23", "L2/3")


def colour(population: str) -> str:
    return BLUE if population.endswith("E") else VERMILION


def rows_of(population: str) -> int:
    share = circuit.cells(population, 1.0) / sum(circuit.CELLS)
    return max(NARROWEST_ROWS, round(RASTER_ROWS * share))


def draw_raster(axes: Any, run: activity.Run) -> None:
    """A sample of each population in its layer, the surface of the cortex on top."""
    begin = max(0.0, run.duration - SHOWN_MS)
    top = 0.0
    ticks = []
    for name in circuit.POPULATIONS:
        spikes, rows = run.spikes[name], rows_of(name)
        shown = (spikes.cells < rows) & (spikes.times > begin)
        axes.plot(
            spikes.times[shown],
            top + spikes.cells[shown],
            "|",
            ms=2.2,
            mew=0.7,
            color=colour(name),
        )
        ticks.append((top + rows / 2, label(name)))
        top += rows + (8 if name.endswith("I") else 2)
    for volley in run.volleys[run.volleys > begin]:
        axes.axvspan(volley, volley + 10.0, color="#E69F00", alpha=0.35, lw=0)
    axes.set_yticks(*zip(*ticks))
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(top, -6)
    axes.set_xlim(begin, run.duration)
    shaded = "; shaded: volleys of the thalamus" if len(run.volleys) else ""
    total = sum(circuit.cells(name, run.choice.scale) for name in circuit.POPULATIONS)
    axes.set_title(f"Spikes of a sample of {total:,} cells{shaded}")


def draw_rates(axes: Any, run: activity.Run) -> None:
    edges = np.arange(max(0.0, run.duration - SHOWN_MS), run.duration + 2.5, 5.0)
    for name, hue in LAYER_COLOURS.items():
        counts = np.histogram(run.spikes[name].times, edges)[0]
        rates = counts / circuit.cells(name, run.choice.scale) / 5e-3
        axes.stairs(rates, edges, baseline=None, color=hue, lw=1.2, label=label(name))
    axes.set_ylabel("spikes/s per cell")
    axes.set_xlabel("time (ms)")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.2)
    axes.legend(loc="upper right", ncols=4, borderaxespad=0)
    axes.set_title("Rates of the excitatory populations (5 ms bins)")


def draw_numbers(
    axes: Any, title: str, ours: list[float], published: tuple[float, ...] | None
) -> None:
    """Bars from the top layer to the bottom one, published values as diamonds."""
    places = np.arange(len(circuit.POPULATIONS))
    colours = [colour(name) for name in circuit.POPULATIONS]
    axes.barh(places, ours, color=colours, height=0.7)
    if published:
        axes.plot(published, places, "D", ms=5, color=BLACK, mfc="white", mew=1.3)
    axes.set_yticks(places, [label(name) for name in circuit.POPULATIONS])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_title(title)


def responses(
    run: activity.Run, name: str, edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean rate per cell (1/s) in bins of time since the volleys."""
    times = run.spikes[name].times
    counts = np.zeros(len(edges) - 1)
    for volley in run.volleys:
        counts += np.histogram(times - volley, edges)[0]
    size = circuit.cells(name, run.choice.scale)
    return counts / (size * len(run.volleys) * np.diff(edges) * 1e-3)


def draw_responses(axes: Any, run: activity.Run) -> None:
    edges = np.arange(-30.0, 70.0 + RESPONSE_BIN_MS, RESPONSE_BIN_MS)
    axes.axvspan(0.0, 10.0, color="#E69F00", alpha=0.35, lw=0)
    for name, hue in LAYER_COLOURS.items():
        axes.stairs(
            responses(run, name, edges),
            edges,
            baseline=None,
            color=hue,
            lw=1.4,
            label=label(name),
        )
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
    axes.set_xlabel("time since the thalamus began (ms)")
    axes.set_ylabel("spikes/s per cell")
    axes.legend(loc="upper right", borderaxespad=0)
    axes.set_title(f"What {len(run.volleys)} volleys do")


def draw(run: activity.Run, found: dict[str, activity.Numbers]) -> Any:
    figure = plt.figure(figsize=(14, 9), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.35, 1))
    raster, rates = left.subplots(2, 1, sharex=True, height_ratios=(3.6, 1))
    draw_raster(raster, run)
    draw_rates(rates, run)
    left.align_ylabels()
    responded = len(run.volleys) > 0
    upper, lower = (
        right.subfigures(2, 1, height_ratios=(2, 1)) if responded else (right, None)
    )
    variant = activity.published_as(run.choice)
    panels = upper.subplots(2, 2)
    every = [found[name] for name in circuit.POPULATIONS]
    draw_numbers(
        panels[0, 0], "Rate (1/s)", [it.rate for it in every], circuit.RATES_HZ
    )
    draw_numbers(
        panels[0, 1],
        "CV of the intervals",
        [it.cv for it in every],
        activity.PUBLISHED_CV[variant],
    )
    draw_numbers(
        panels[1, 0],
        "Synchrony",
        [it.synchrony for it in every],
        activity.PUBLISHED_SYNCHRONY[variant],
    )
    draw_numbers(
        panels[1, 1], "Correlation of pairs", [it.correlation for it in every], None
    )
    upper.supxlabel("diamonds: published; blue: excitatory, red: inhibitory", size=9)
    if lower is not None:
        draw_responses(lower.subplots(), run)
    return figure


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    in_experiment = os.environ.get("TUTTI_RUN")  # set by `tutti run`
    add(
        "folder",
        type=Path,
        metavar="RUN_FOLDER",
        nargs="?" if in_experiment else None,
        default=in_experiment,
    )
    add(
        "--network",
        type=Path,
        default=Path(__file__).with_name("circuit.yaml"),
        help="network file of a run that was an experiment (circuit.yaml)",
    )
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    folder = Path(wanted.folder)
    try:
        run = activity.load(folder, wanted.network)
    except (OSError, KeyError) as error:
        print(f"plot.py: {folder} has no whole recording: {error}", file=sys.stderr)
        return 1
    found = activity.numbers(run)
    print(activity.summary(run, found))
    with plt.rc_context(STYLE):
        figure = draw(run, found)
        for ending in ("png", "pdf"):
            figure.savefig(folder / f"microcircuit.{ending}")
    print(f"picture: {folder / 'microcircuit.png'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
