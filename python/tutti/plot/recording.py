"""Reads recording.h5, whatever is in it (docs/recording.md says what may be).

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray


class Unreadable(Exception):
    """Says why there is nothing to draw, and what to do."""


@dataclass(frozen=True)
class Spikes:
    name: str
    times: NDArray[np.float64]  # ms, not falling
    cells: NDArray[np.int64]

    @property
    def size(self) -> int:
        """A recording does not say how many cells there are; so many at least."""
        return int(self.cells.max()) + 1 if len(self.cells) else 0

    def between(self, begin: float, end: float) -> Spikes:
        """After `begin`, up to and including `end`; at 0 too."""
        first = np.searchsorted(self.times, begin, "right" if begin > 0 else "left")
        last = np.searchsorted(self.times, end, "right")
        return Spikes(self.name, self.times[first:last], self.cells[first:last])

    def rates(self, duration: float) -> NDArray[np.float64]:
        """Of each cell, in spikes/s, over a duration in ms."""
        return np.bincount(self.cells, minlength=self.size) / (duration * 1e-3)

    def intervals(self, least: int) -> list[NDArray[np.float64]]:
        """Times between the spikes of each cell that has so many intervals, in ms."""
        order = np.lexsort((self.times, self.cells))
        cells, times = self.cells[order], self.times[order]
        trains = np.split(times, np.flatnonzero(np.diff(cells)) + 1)
        return [np.diff(train) for train in trains if len(train) > least]

    def irregularity(self) -> NDArray[np.float64]:
        """The coefficient of variation of the intervals of each cell that has at least
        two: 1 for Poisson trains, 0 for clocks (Softky and Koch 1993)."""
        return np.array([x.std() / x.mean() for x in self.intervals(2) if x.mean() > 0])


@dataclass(frozen=True)
class Signal:
    name: str
    unit: str
    times: NDArray[np.float64]  # ms
    indices: NDArray[np.int64]  # at the source, one for each column of the values
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Recording:
    end: float  # ms
    spikes: list[Spikes]
    signals: list[Signal]


def read(folder: Path) -> Recording:
    """Of a run's folder, or the file itself."""
    path = folder / "recording.h5" if folder.is_dir() else folder
    if not path.exists():
        raise Unreadable(f"'{path}' does not exist; give the folder of a recorded run")
    try:
        with h5py.File(path) as file:
            return _read(file)
    except OSError as error:
        raise Unreadable(
            f"'{path}' cannot be read ({error}); after a kill, "
            f"`tutti-recorder --recover {path}` makes it whole"
        ) from error
    except KeyError as error:
        raise Unreadable(f"'{path}' is no recording of Tutti: {error}") from error


def _read(file: h5py.File) -> Recording:
    end = float(file["provenance/complete_up_to"][()])
    spikes = [
        Spikes(name, group["timestamps"][:], group["node_ids"][:].astype(np.int64))
        for name, group in file.get("spikes", {}).items()
    ]
    signals = [_signal(name, group) for name, group in file.get("report", {}).items()]
    return Recording(end, spikes, signals)


def _signal(name: str, group: h5py.Group) -> Signal:
    values = group["data"][:]
    begin, _, interval = group["mapping/time"][:]
    unit = group["data"].attrs.get("units", "")
    return Signal(
        name,
        unit.decode() if isinstance(unit, bytes) else str(unit),
        begin + interval * np.arange(len(values)),
        group["mapping/node_ids"][:].astype(np.int64),
        values,
    )
