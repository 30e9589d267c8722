"""The detailed cell in NEURON, without any other participant.

SPDX-License-Identifier: Apache-2.0
"""

from dataclasses import dataclass

import cell as example
import numpy as np
import pytest
import swc

import tutti

VOLLEY_MS = 100.0  # all synapses at once, when the cell has come to rest
SYNAPSES = 100
WEAK_NS = 0.01  # far from a spike, so that the response is the dendrites' work


@dataclass(frozen=True)
class Response:
    """How the soma answers to a volley of all synapses."""

    height: float  # mV
    half_ms: float  # time of half the height
    peak_ms: float


def respond(*places: str) -> list[Response]:
    """One cell per place, side by side in NEURON."""
    morphology = swc.read(swc.real_cell())
    cells = [example.Cell(morphology, SYNAPSES, place) for place in places]
    for one in cells:
        one.set_weight(WEAK_NS)
    for one in cells:
        one.start()
    cells[0].run(tutti.Time.of(VOLLEY_MS))
    for one in cells:
        for index in range(SYNAPSES):
            one.excite(index, VOLLEY_MS)
    cells[0].run(tutti.Time.of(VOLLEY_MS + 40))
    return [_response(one) for one in cells]


def _response(one: example.Cell) -> Response:
    times, rows = one.take_samples_ns()
    assert len(one.take_spikes_ns()) == 0
    after = times >= VOLLEY_MS * 1e6
    since = times[after] / 1e6 - VOLLEY_MS
    voltage = rows[after, 0] - rows[after, 0][0]
    peak = int(voltage.argmax())
    half = int(np.argmax(voltage > voltage[peak] / 2))
    return Response(voltage[peak], since[half], since[peak])


def test_synapses_at_the_tips_delay_and_shrink_the_response_of_the_soma() -> None:
    soma, dendrites, tips = respond("soma", "dendrites", "tips")
    assert tips.height < 0.6 * soma.height
    assert tips.half_ms > soma.half_ms + 0.8
    assert tips.peak_ms > soma.peak_ms + 1.5
    assert tips.height <= dendrites.height < soma.height


def test_a_spike_is_stamped_with_a_whole_step_inside_of_its_window() -> None:
    one = example.Cell(swc.read(swc.real_cell()), 20, "soma")
    one.set_weight(5.0)
    one.start()
    spikes = []
    for begin in range(0, 1_000_000_000, 500_000):
        if begin % 50_000_000 == 0:
            for index in range(20):
                one.excite(index, begin / 1e6)
        one.run(tutti.Time(begin + 500_000))
        stamps = one.take_spikes_ns()
        assert (begin <= stamps).all() and (stamps < begin + 500_000).all()
        assert (stamps % example.STEP_NS == 0).all()
        spikes += list(stamps)
    assert len(spikes) == 20


def test_windows_of_any_length_give_the_same_spikes_and_voltages() -> None:
    def play(window_ns: int) -> tuple[list[int], list[float]]:
        one = example.Cell(swc.read(swc.real_cell()), 50, "dendrites")
        one.set_weight(2.0)
        one.start()
        rng = np.random.default_rng(3)
        due = np.sort(rng.integers(0, 200_000_000, 400))
        which = rng.integers(0, 50, 400)
        spikes: list[int] = []
        voltages: list[float] = []
        for begin in range(0, 200_000_000, window_ns):
            first, last = np.searchsorted(due, [begin, begin + window_ns])
            for time, index in zip(due[first:last], which[first:last]):
                one.excite(int(index), time / 1e6)
            one.run(tutti.Time(begin + window_ns))
            spikes += one.take_spikes_ns().tolist()
            voltages += one.take_samples_ns()[1][:, 0].tolist()
        return spikes, voltages

    short = play(25_000)
    assert len(short[0]) > 1
    assert short == play(5_000_000)


@pytest.mark.parametrize("place", example.PLACES)
def test_every_synapse_lies_on_the_cell(place: str) -> None:
    morphology = swc.read(swc.real_cell())
    one = example.Cell(morphology, 50, place)
    for segment in one.segments:
        at = example.position(segment)
        distance = np.linalg.norm(morphology.xyz - at, axis=1).min()
        assert distance < 10  # the soma is one point of 5.4 um radius


def test_the_places_of_the_synapses_follow_from_the_seed() -> None:
    def places(seed: int) -> list[list[float]]:
        one = example.Cell(swc.read(swc.real_cell()), 20, "dendrites", seed)
        return [example.position(segment) for segment in one.segments]

    assert places(1) == places(1)
    assert places(1) != places(2)
