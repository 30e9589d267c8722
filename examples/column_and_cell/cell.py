"""A reconstructed pyramidal cell on NEURON, played by the spikes of the column.

Its dendrites are passive, its soma has Hodgkin-Huxley channels. Each index of the spike
input `synapses` is one synapse; its own spikes leave through `spikes`, the voltages of
soma, basal and apical dendrite through `v`. SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import swc
import tutti

# Else NEURON complains on standard error that there is no display.
os.environ["NEURON_MODULE_OPTIONS"] = "-nogui"
from neuron import h  # noqa: E402

STEP_NS = 25_000
STEPS_PER_SAMPLE = 4  # of the signal output: every 0.1 ms
REST_MV = -65.0
THRESHOLD_MV = -10.0
LONGEST_SEGMENT_UM = 40.0
PLACES = ("dendrites", "tips", "soma")


class Cell:
    """The cell in NEURON. One synapse for each index of the input."""

    def __init__(
        self, morphology: swc.Morphology, synapses: int, place: str, seed: int = 1
    ) -> None:
        self._import(morphology.path)
        self.dendrites = [*self.dend, *self.apic]
        self._add_channels()
        h.distance(0, self.soma[0](0.5))
        self.segments = self._choose_segments(synapses, place, seed)
        self.synapses = [_synapse(segment) for segment in self.segments]
        self.inputs = [h.NetCon(None, synapse) for synapse in self.synapses]
        self.sites = {"soma": self.soma[0](0.5)}
        for name, part in ("basal", self.dend), ("apical", self.apic):
            if part:
                self.sites[f"{name} dendrite"] = max(part, key=_far)(0.5)
        self._spikes = h.Vector()
        self._detector = h.NetCon(self.soma[0](0.5)._ref_v, None, sec=self.soma[0])
        self._detector.threshold = THRESHOLD_MV
        self._detector.record(self._spikes)
        self._samples = [h.Vector().record(site._ref_v) for site in self.sites.values()]

    def _import(self, path: Path) -> None:
        self.soma: list[Any] = []
        self.dend: list[Any] = []
        self.apic: list[Any] = []
        self.all: list[Any] = []
        reader = h.Import3d_SWC_read()
        reader.input(str(path))
        h.Import3d_GUI(reader, False).instantiate(self)

    def _add_channels(self) -> None:
        for section in self.all:
            section.nseg = 1 + 2 * int(section.L / LONGEST_SEGMENT_UM)
            section.Ra = 150.0
            section.cm = 1.0
            if section in self.soma:
                section.insert("hh")
                section.gnabar_hh = 0.5
                section.gkbar_hh = 0.15
            else:
                section.insert("pas")
                section.g_pas = 1 / 20_000
                section.e_pas = REST_MV

    def _choose_segments(self, count: int, place: str, seed: int) -> list[Any]:
        rng = np.random.default_rng(seed)
        if place == "soma":
            return [self.soma[0](0.5)] * count
        if place == "tips":
            tips = [section for section in self.dendrites if not section.children()]
            return [tips[i](1) for i in rng.integers(len(tips), size=count)]
        # Uniform along the length of the tree.
        ends = np.cumsum([section.L for section in self.dendrites])
        at = rng.uniform(0, ends[-1], size=count)
        which = np.searchsorted(ends, at)
        return [
            self.dendrites[i](1 - (ends[i] - where) / self.dendrites[i].L)
            for i, where in zip(which, at)
        ]

    def set_weight(self, weight_ns: float) -> None:
        """The peak conductance of each synapse, in nS."""
        for connection in self.inputs:
            connection.weight[0] = weight_ns * 1e-3

    def start(self) -> None:
        """Sets the state at time 0; no further part can be added."""
        self._parallel = h.ParallelContext()
        self._parallel.set_maxstep(10)
        h.dt = STEP_NS / 1e6
        h.finitialize(REST_MV)
        for samples in self._samples:
            samples.resize(0)
        self._steps = 0

    def excite(self, index: int, time_ms: float) -> None:
        """A spike that reaches a synapse; not before the present time."""
        self.inputs[index].event(time_ms)

    def run(self, until: tutti.Time) -> None:
        """Simulates up to a border, which is a whole number of steps."""
        self._parallel.psolve(until.ms)

    def take_spikes_ns(self) -> NDArray[np.int64]:
        """The spikes since the last call.

        NEURON adds up floating-point steps and stamps a spike a little after its grid
        point: the number of the step is what is exact.
        """
        steps = np.rint(np.array(list(self._spikes)) * 1e6 / STEP_NS).astype(np.int64)
        self._spikes.resize(0)
        return steps * STEP_NS

    def take_samples_ns(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Voltages since the last call, in mV: times, and a row for each."""
        rows = np.array([list(samples) for samples in self._samples]).T
        for samples in self._samples:
            samples.resize(0)
        steps = self._steps + 1 + np.arange(len(rows))
        self._steps += len(rows)
        chosen = steps % STEPS_PER_SAMPLE == 0
        return steps[chosen] * STEP_NS, rows[chosen]


def _synapse(segment: Any) -> Any:
    synapse = h.Exp2Syn(segment)
    synapse.tau1, synapse.tau2, synapse.e = 0.3, 2.0, 0.0
    return synapse


def _far(section: Any) -> float:
    return float(h.distance(section(0.5)))


def position(segment: Any) -> list[float]:
    """Where a segment lies, in the coordinates of the SWC file (um)."""
    section = segment.sec
    points = range(section.n3d())
    along = np.array([section.arc3d(i) for i in points])
    axes = (section.x3d, section.y3d, section.z3d)
    at = segment.x * along[-1]
    return [float(np.interp(at, along, [axis(i) for i in points])) for axis in axes]


def play(cell: Cell, me: tutti.Participant) -> None:
    """Lets the cell take part from the first window to the last."""
    synapses = me.spike_input("synapses", width=len(cell.synapses))
    spikes = me.spike_output("spikes")
    voltages = me.signal_output(
        "v",
        width=len(cell.sites),
        unit="mV",
        initial=[REST_MV] * len(cell.sites),
        at_step_ends=True,
    )
    cell.start()
    for window in me:
        for due, index in zip(*synapses.spikes()):
            cell.excite(index, due)
        cell.run(window.end)
        spikes.send_ns(cell.take_spikes_ns())
        voltages.write_ns(*cell.take_samples_ns())


def describe(cell: Cell, morphology: swc.Morphology) -> str:
    """What plot.py draws of the cell, as JSON."""
    return json.dumps(
        {
            "swc": str(morphology.path),
            "synapses": [position(segment) for segment in cell.segments],
            "sites": {name: position(site) for name, site in cell.sites.items()},
        },
        indent=1,
    )


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    add("--swc", type=Path, metavar="FILE", help="morphology (default: from bmtk)")
    add("--synapses", type=int, default=400, help="number of synapses (400)")
    add("--synapses-at", choices=PLACES, default="dendrites", help="where they are")
    add("--weight", type=float, default=0.6, metavar="NS", help="peak, in nS (0.6)")
    add("--seed", type=int, default=1, help="of the places of the synapses (1)")
    add("--name", help="name in the experiment (default: TUTTI_NAME)")
    add("--broker", help="address of the broker (default: TUTTI_BROKER)")
    return parser.parse_args(words)


def main() -> int:
    wanted = arguments()
    try:
        morphology = swc.read(wanted.swc or swc.real_cell())
    except swc.BadMorphology as error:
        print(f"cell.py: {error}", file=sys.stderr)
        return 1
    cell = Cell(morphology, wanted.synapses, wanted.synapses_at, wanted.seed)
    cell.set_weight(wanted.weight)
    step = tutti.Time(STEP_NS)
    try:
        with tutti.join(wanted.name, step=step, broker=wanted.broker) as me:
            if me.run_folder is not None:
                Path(me.run_folder, "cell.json").write_text(describe(cell, morphology))
            play(cell, me)
    except tutti.Error as error:
        print(f"cell.py: {error}", file=sys.stderr)
        return 1
    return 0


h.load_file("stdrun.hoc")
h.load_file("import3d.hoc")
if __name__ == "__main__":
    sys.exit(main())
