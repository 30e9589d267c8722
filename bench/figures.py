"""Figures: what is compared with whom and to which goal, as a table and as JSON.

SPDX-License-Identifier: Apache-2.0
"""

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

from rounds import Round, Run


class Value(NamedTuple):
    """A number of each round: `of` takes what the runs gave, in their order."""

    runs: tuple[Run, ...]
    of: Callable[..., float]


class Goal(NamedTuple):
    """What the median may be at most: in parts of the rival's, in the figure's unit."""

    ratio: float | None = None
    value: float | None = None


class Figure(NamedTuple):
    what: str
    unit: str
    ours: Value | None
    rival: str | None = None
    theirs: Value | None = None
    goal: Goal | None = None

    def values(self) -> list[Value]:
        return [value for value in (self.ours, self.theirs) if value]


def key(run: Run, name: str, factor: float = 1.0) -> Value:
    """A number that one run gives."""
    return Value((run,), lambda numbers: factor * numbers[name])


def runs_of(figures: list[Figure]) -> list[Run]:
    """Every run that the figures need, once, in their order."""
    runs = {
        run.label: run
        for figure in figures
        for value in figure.values()
        for run in value.runs
    }
    return list(runs.values())


def spread(value: Value | None, rounds: list[Round]) -> list[float] | None:
    """Smallest, median and largest of the rounds in which all its runs succeeded."""
    if value is None:
        return None
    numbers = [
        value.of(*(round.samples[run.label].numbers for run in value.runs))
        for round in rounds
        if all(run.label in round.samples for run in value.runs)
    ]
    if not numbers:
        return None
    return [min(numbers), statistics.median(numbers), max(numbers)]


def is_met(
    goal: Goal | None, ours: list[float] | None, ratio: float | None
) -> bool | None:
    """None where there is no goal. What could not be measured is not met."""
    if goal is None:
        return None
    by_ratio = goal.ratio is None or (ratio is not None and ratio <= goal.ratio)
    by_value = goal.value is None or (ours is not None and ours[1] <= goal.value)
    return by_ratio and by_value


def result(figure: Figure, rounds: list[Round]) -> dict[str, Any]:
    """A figure as it stands in the JSON object."""
    labels = [run.label for value in figure.values() for run in value.runs]
    ours, theirs = spread(figure.ours, rounds), spread(figure.theirs, rounds)
    ratio = ours[1] / theirs[1] if ours and theirs and theirs[1] > 0 else None
    shares = [
        round.samples[label].others
        for round in rounds
        for label in labels
        if label in round.samples
    ]
    failed = {
        label: round.failed[label]
        for round in rounds
        for label in labels
        if label in round.failed
    }
    return {
        "what": figure.what,
        "unit": figure.unit,
        "ours": rounded(ours),
        "rival": figure.rival,
        "theirs": rounded(theirs),
        "ratio": ratio and float(f"{ratio:.4g}"),
        "goal": figure.goal
        and {
            name: limit
            for name, limit in figure.goal._asdict().items()
            if limit is not None
        },
        "met": is_met(figure.goal, ours, ratio),
        "others": float(f"{max(shares, default=0.0):.3f}"),
        "failed": failed,
    }


def rounded(numbers: list[float] | None) -> list[float] | None:
    return numbers and [float(f"{number:.5g}") for number in numbers]


def short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:,.0f}"


def in_words(numbers: list[float] | None) -> str:
    if numbers is None:
        return "-"
    low, median, high = (short(number) for number in numbers)
    return f"{low} / **{median}** / {high}"


def goal_in_words(row: dict[str, Any]) -> str:
    if row["goal"] is None:
        return ""
    parts = []
    if "ratio" in row["goal"]:
        parts.append(f"{row['goal']['ratio']:.3g} x")
    if "value" in row["goal"]:
        parts.append(f"{row['goal']['value']:g} {row['unit']}")
    return f"{' and '.join(parts)}: {'met' if row['met'] else 'NOT met'}"


def row_of(row: dict[str, Any]) -> list[str]:
    rival = f"{row['rival']} {in_words(row['theirs'])}" if row["rival"] else ""
    return [
        row["what"] + (f", {row['unit']}" if row["unit"] else ""),
        in_words(row["ours"]),
        rival,
        "-" if row["ratio"] is None else short(row["ratio"]),
        goal_in_words(row),
        f"{100 * row['others']:.0f} %",
    ]


def table(results: list[dict[str, Any]]) -> str:
    """The same for people, in Markdown; then what failed, and why."""
    head = ["figure", "ours", "rival", "ratio", "at most", "others"]
    rows = [head, *(row_of(row) for row in results)]
    wide = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "| " + " | ".join(f"{cell:{w}}" for cell, w in zip(row, wide)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in wide) + "|")
    failed = {
        label: reason for row in results for label, reason in row["failed"].items()
    }
    lines += [f"failed: {label}: {reason}" for label, reason in failed.items()]
    return "\n".join(lines)
