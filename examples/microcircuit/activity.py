"""What a recording of the microcircuit says: rates, irregularity, correlations, and what
has been published of them. SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

import circuit
from tutti.plot.recording import Spikes

SETTLED_MS = 500.0  # what came before is left out of all numbers
DISTURBED_MS = 100.0  # after a volley; left out of rates, synchrony and correlation
BIN_MS = 3.0  # of the synchrony, as in PD14
PAIR_BIN_MS = 2.0
MOST_PAIRED = 300  # cells whose pairs are correlated, and ...
MOST_COUNTED = 1000  # ... whose spikes the synchrony counts, as in PD14

# Rates: of the authors' programs at full scale. CV and synchrony: Romaro et al., Neural
# Comput 33:1993 (2021), tables A.3 to A.6; drive and scale in percent. Synchrony is the
# variance of the number of spikes of 1,000 cells in 3 ms, divided by its mean.
PUBLISHED_CV = {
    ("poisson", 100): (0.938, 0.916, 0.891, 0.873, 0.847, 0.809, 0.924, 0.819),
    ("poisson", 10): (0.937, 0.919, 0.883, 0.869, 0.853, 0.800, 0.938, 0.810),
    ("dc", 100): (0.936, 0.909, 0.875, 0.862, 0.820, 0.775, 0.923, 0.788),
}
PUBLISHED_SYNCHRONY = {
    ("poisson", 100): (2.9, 1.8, 3.0, 1.7, 4.4, 1.1, 1.2, 1.0),
    ("poisson", 10): (2.6, 2.1, 3.1, 1.9, 4.5, 1.1, 1.7, 1.0),
    ("dc", 100): (5.1, 3.3, 5.5, 2.7, 8.0, 2.0, 1.5, 1.3),
}


@dataclass(frozen=True)
class Run:
    choice: circuit.Choice
    spikes: dict[str, Spikes]  # by population
    volleys: NDArray[np.float64]  # when each began, in ms
    duration: float  # ms


@dataclass(frozen=True)
class Numbers:
    """Of one population; NaN: too few spikes to say."""

    rate: float  # 1/s
    cv: float
    synchrony: float
    correlation: float


def load(folder: Path, network: Path) -> Run:
    """A run alone carries its network file; for one in an experiment, `network` says what
    was chosen of the circuit."""
    with h5py.File(folder / "recording.h5") as file:
        text = file["provenance/experiment"][()].decode()
        duration = float(file["provenance/complete_up_to"][()])
        spikes = {
            name: _spikes(name, file[f"spikes/microcircuit.{name}"])
            for name in circuit.POPULATIONS
        }
        relay = file.get("spikes/thalamus.relay")
        volleys = np.empty(0) if relay is None else volleys_in(relay["timestamps"][:])
    choice = circuit.choice_of(text) or circuit.choice_of(network.read_text())
    if choice is None:
        raise KeyError(f"{network} was not written by circuit.py")
    return Run(choice, spikes, volleys, duration)


def _spikes(name: str, group: h5py.Group) -> Spikes:
    times, cells = group["timestamps"][:], group["node_ids"][:]
    return Spikes(name, times, cells.astype(np.int64))


def volleys_in(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """First spikes after at least 100 ms of silence."""
    return times[np.diff(times, prepend=-np.inf) > 100.0]


def undisturbed(run: Run, edges: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the bins between `edges` lie outside of all volleys and their echo."""
    begins, ends = edges[:-1], edges[1:]
    kept = begins >= SETTLED_MS
    for volley in run.volleys:
        kept &= (ends <= volley) | (begins >= volley + DISTURBED_MS)
    return kept


def irregularity(spikes: Spikes) -> float:
    """Coefficient of variation of the intervals of each cell, mean over the cells.

    Of K intervals of a Poisson process, variance / mean^2 is K / (K + 1) on average: that
    is put right. Cells of fewer than 3 intervals do not count.
    """
    settled = spikes.times >= SETTLED_MS
    kept = Spikes(spikes.name, spikes.times[settled], spikes.cells[settled])
    intervals = kept.intervals(3)
    squares = [
        part.var(ddof=1) / part.mean() ** 2 * (1 + 1 / len(part)) for part in intervals
    ]
    return float(np.mean(np.sqrt(squares))) if squares else float("nan")


def synchrony(run: Run, name: str) -> float:
    spikes = run.spikes[name]
    edges = np.arange(0.0, run.duration, BIN_MS)
    kept = undisturbed(run, edges)
    counted = spikes.times[spikes.cells < MOST_COUNTED]
    counts = np.histogram(counted, edges)[0][kept]
    if counts.sum() == 0:
        return float("nan")
    return float(counts.var() / counts.mean())


def correlation(run: Run, name: str) -> float:
    """Mean over pairs of cells of the correlation of their spike counts."""
    spikes = run.spikes[name]
    edges = np.arange(0.0, run.duration, PAIR_BIN_MS)
    bins = (np.arange(MOST_PAIRED + 1), edges)
    chosen = spikes.cells < MOST_PAIRED
    counts = np.histogram2d(spikes.cells[chosen], spikes.times[chosen], bins)[0]
    counts = counts[:, undisturbed(run, edges)]
    counts = counts[counts.std(axis=1) > 0]
    number = len(counts)
    if number < 2:
        return float("nan")
    normed = (counts - counts.mean(axis=1, keepdims=True)) / counts.std(
        axis=1, keepdims=True
    )
    # The variance of the sum holds each pair twice and each cell once.
    total = float((normed.sum(axis=0) ** 2).mean())
    return (total - number) / (number * (number - 1))


def rate(run: Run, name: str) -> float:
    edges = np.arange(0.0, run.duration, BIN_MS)
    kept = undisturbed(run, edges)
    counts = np.histogram(run.spikes[name].times, edges)[0][kept]
    seconds = kept.sum() * BIN_MS * 1e-3
    if seconds == 0:
        return float("nan")
    return float(counts.sum() / seconds / circuit.cells(name, run.choice.scale))


def numbers(run: Run) -> dict[str, Numbers]:
    return {
        name: Numbers(
            rate(run, name),
            irregularity(run.spikes[name]),
            synchrony(run, name),
            correlation(run, name),
        )
        for name in circuit.POPULATIONS
    }


def published_as(choice: circuit.Choice) -> tuple[str, int]:
    """The published variant that is nearest: drive and scale in percent."""
    is_thin = choice.drive == "poisson" and choice.scale < 0.3
    return choice.drive, 10 if is_thin else 100


def summary(run: Run, found: dict[str, Numbers]) -> str:
    """One line for each population, published values in parentheses."""
    variant = published_as(run.choice)
    head = ("population", "cells", "rate (1/s)", "CV", "synchrony", "correlation")
    lines = ["{:<10} {:>6} {:>14} {:>14} {:>14} {:>12}".format(*head)]
    for i, name in enumerate(circuit.POPULATIONS):
        it = found[name]
        lines.append(
            f"{name:<10} {circuit.cells(name, run.choice.scale):>6} "
            f"{it.rate:>6.2f} ({circuit.RATES_HZ[i]:5.2f}) "
            f"{it.cv:>6.2f} ({PUBLISHED_CV[variant][i]:5.2f}) "
            f"{it.synchrony:>6.2f} ({PUBLISHED_SYNCHRONY[variant][i]:5.2f}) "
            f"{it.correlation:>12.4f}"
        )
    lines.append(
        "(in parentheses: published rates at full scale, CV and synchrony at "
        f"{variant[1]} %)"
    )
    return "\n".join(lines)
