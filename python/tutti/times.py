"""Simulated time: whole nanoseconds, read from and shown in milliseconds.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tutti.errors import BadCall

_UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:/([0-9]+))?\s*([a-z]+)\s*")


def parse(text: str) -> Fraction:
    """Nanoseconds of '0.025 ms' or '1/60 s', exactly."""
    match = _QUANTITY.fullmatch(text)
    if not match or match[3] not in _UNITS or match[2] and int(match[2]) == 0:
        raise BadCall(
            f"'{text}' is no time: write a number and s, ms, us or ns, "
            f"such as '0.025 ms' or '1/60 s'"
        )
    return Fraction(match[1]) / int(match[2] or 1) * _UNITS[match[3]]


@dataclass(frozen=True, order=True, slots=True)
class Time:
    """A point or a length of simulated time."""

    ns: int

    @classmethod
    def of(cls, time: Time | str | float) -> Time:
        """A Time as it is, a text such as '1.5 ms', or a number of milliseconds."""
        if isinstance(time, Time):
            return time
        if isinstance(time, str):
            exact = parse(time)
            if exact.denominator != 1:
                raise BadCall(f"'{time}' is not a whole number of nanoseconds")
            return cls(exact.numerator)
        if not math.isfinite(time):
            raise BadCall(f"{time} ms is no time")
        return cls(round(Fraction(time) * 10**6))

    @property
    def ms(self) -> float:
        """The nearest float in milliseconds."""
        return self.ns / 10**6

    def __add__(self, other: Time) -> Time:
        return Time(self.ns + other.ns)

    def __sub__(self, other: Time) -> Time:
        return Time(self.ns - other.ns)

    def __str__(self) -> str:
        return f"{Decimal(self.ns).scaleb(-6).normalize():f} ms"


@dataclass(frozen=True, slots=True)
class Window:
    """The span of simulated time that the participant runs without asking."""

    begin: Time
    end: Time


def step_of(step: Time | str | float) -> tuple[int, int]:
    """A step as nanoseconds and divisor: '1/60 s' keeps its exact ratio."""
    exact = parse(step) if isinstance(step, str) else Fraction(Time.of(step).ns)
    return exact.numerator, exact.denominator
