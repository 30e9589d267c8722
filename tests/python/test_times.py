"""Times and steps of the Python package are exact.

SPDX-License-Identifier: Apache-2.0
"""

import pytest

import tutti
from tutti.times import step_of


@pytest.mark.parametrize(
    "given, ns",
    [
        ("0.025 ms", 25_000),
        ("1.5ms", 1_500_000),
        ("2 s", 2_000_000_000),
        (".5 us", 500),
        ("7 ns", 7),
        (0.1, 100_000),
        (1000, 1_000_000_000),
        (0.30000000000000004, 300_000),
        (tutti.Time(3), 3),
    ],
)
def test_a_time_is_read_to_the_nanosecond(given, ns):
    assert tutti.Time.of(given) == tutti.Time(ns)


@pytest.mark.parametrize(
    "given, step",
    [
        ("0.1 ms", (100_000, 1)),
        ("1/60 s", (50_000_000, 3)),
        (0.025, (25_000, 1)),
        (tutti.Time(5), (5, 1)),
    ],
)
def test_a_step_keeps_its_ratio(given, step):
    assert step_of(given) == step


@pytest.mark.parametrize("text", ["1.5", "ms", "-1 ms", "1 min", "1/0 s", "1e3 ms", ""])
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(tutti.BadCall) as failure:
        tutti.Time.of(text)
    assert str(failure.value) == (
        f"'{text}' is no time: write a number and s, ms, us or ns, such as "
        f"'0.025 ms' or '1/60 s'"
    )


def test_a_time_between_two_nanoseconds_is_refused():
    with pytest.raises(tutti.BadCall) as failure:
        tutti.Time.of("0.5 ns")
    assert str(failure.value) == "'0.5 ns' is not a whole number of nanoseconds"


def test_a_time_that_is_no_number_is_refused():
    with pytest.raises(tutti.BadCall) as failure:
        tutti.Time.of(float("nan"))
    assert str(failure.value) == "nan ms is no time"


def test_times_are_added_compared_and_shown_exactly():
    third = tutti.Time(100_000) + tutti.Time(200_000)
    assert third == tutti.Time.of("0.3 ms")
    assert third - tutti.Time(1) < third
    assert str(third) == "0.3 ms"
    assert str(tutti.Time(2**60 + 1)) == "1152921504606.846977 ms"
    assert tutti.Time(25_000).ms == 0.025
