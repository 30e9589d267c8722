"""Reads a reconstructed morphology in SWC format, and says what is wrong with it.

NEURON reads SWC files too, but takes many broken ones without a word.
SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

COLUMNS = ("id", "type", "x", "y", "z", "radius", "parent")
SOMA, AXON, DENDRITE, APICAL = 1, 2, 3, 4
REAL_CELL = "utils/scripts/bionet/morphologies/Scnn1a_473845048_m.swc"


class BadMorphology(Exception):
    """The file is no usable morphology; the text says where and why."""


@dataclass(frozen=True)
class Morphology:
    """A tree of points: parents come before their children, the root is point 0."""

    path: Path
    kind: NDArray[np.int64]
    xyz: NDArray[np.float64]  # um, one row for each point
    radius: NDArray[np.float64]  # um
    parent: NDArray[np.int64]  # number of a point; -1 for the root


def real_cell() -> Path:
    """A pyramidal cell of mouse V1, layer 4 (Allen Institute), as bmtk carries it."""
    package = find_spec("bmtk")
    if package is None or not package.submodule_search_locations:
        raise BadMorphology(
            "the default morphology comes with the package bmtk, which is not "
            "installed: pip install --no-deps bmtk==1.2.0, or name a file with --swc"
        )
    return Path(package.submodule_search_locations[0], REAL_CELL)


def read(path: Path) -> Morphology:
    """The morphology in `path`; BadMorphology names file and line."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise BadMorphology(
            f"{path}: {error.strerror}; name an SWC file with --swc"
        ) from None

    rows: list[list[float]] = []
    parents: list[int] = []
    place: dict[int, int] = {}  # id in the file -> point
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        where = f"{path}, line {number}"
        row = _numbers(where, words)
        parents.append(_parent(where, row, place))
        place[int(row[0])] = len(rows)
        rows.append(row)
    return _whole(path, rows, parents)


def _numbers(where: str, words: list[str]) -> list[float]:
    if len(words) != len(COLUMNS):
        raise BadMorphology(
            f"{where}: {len(words)} columns, a row has {len(COLUMNS)}: "
            f"{' '.join(COLUMNS)}"
        )
    row = []
    for column, word in zip(COLUMNS, words):
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        is_whole = column not in ("id", "type", "parent") or value % 1 == 0
        if not math.isfinite(value) or not is_whole:
            kind = "number" if is_whole else "whole number"
            raise BadMorphology(f"{where}: {column} '{word}' is no {kind}")
        row.append(value)
    if row[5] <= 0:
        raise BadMorphology(f"{where}: radius {words[5]} must be above 0")
    return row


def _parent(where: str, row: list[float], place: dict[int, int]) -> int:
    own, parent = int(row[0]), int(row[6])
    if own in place:
        raise BadMorphology(f"{where}: id {own} has been used before")
    if parent == -1:
        if place:
            raise BadMorphology(
                f"{where}: a second root (parent -1); a cell is one tree"
            )
        return -1
    if parent not in place:
        raise BadMorphology(
            f"{where}: parent {parent} does not exist above; "
            f"a row follows its parent, and the first one has parent -1"
        )
    return place[parent]


def _whole(path: Path, rows: list[list[float]], parents: list[int]) -> Morphology:
    table = np.array(rows).reshape(-1, len(COLUMNS))
    kind = table[:, 1].astype(np.int64)
    if SOMA not in kind[:1]:
        raise BadMorphology(f"{path}: the first row must be the soma (type {SOMA})")
    if not np.isin(kind, (DENDRITE, APICAL)).any():
        raise BadMorphology(
            f"{path}: no dendrite (rows of type {DENDRITE} or {APICAL})"
        )
    return Morphology(path, kind, table[:, 2:5], table[:, 5], np.array(parents))
