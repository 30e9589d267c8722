"""Writes the network file of the cortical microcircuit, at any scale:

    python3 circuit.py --scale 0.1 > circuit.yaml

PD14 is Potjans and Diesmann, Cereb Cortex 24:785 (2014). Numbers without another source
are those of its table 5. SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
CELLS = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
BACKGROUND_INPUTS = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)
BACKGROUND_HZ = 8.0

# Row: target, column: source, in the order of POPULATIONS.
PROBABILITY = (
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)
THALAMIC_CELLS = 902
THALAMIC_PROBABILITY = (0.0, 0.0, 0.0983, 0.0619, 0.0, 0.0, 0.0512, 0.0196)

STEP_MS = 0.1
TAU_M_MS, TAU_SYN_MS, C_M_PF = 10.0, 0.5, 250.0
PSP_MV = 0.15  # peak of the potential that one excitatory spike causes
INHIBITION = -4.0  # weight of inhibitory synapses in parts of the excitatory ones
STRONGER = {("L4E", "L23E"): 2.0}
WEIGHT_STD, DELAY_STD = 0.1, 0.5  # in parts of the mean
# The table rounds the second to 0.8; the programs of the model's authors have 0.75.
EXCITATORY_DELAY_MS, INHIBITORY_DELAY_MS = 1.5, 0.75

# Means and standard deviations of V_m when the run begins, and the rates (1/s) of the
# model at full scale: from the authors' programs, INM-6/microcircuit-PD14-model.
INITIAL_MV = (
    (-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94),
    (-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46), (-61.43, 4.48),
)  # fmt: skip
RATES_HZ = (0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829)

DRIVES = ("poisson", "dc")
PRECISIONS = ("exact", "single", "packed")


@dataclass(frozen=True)
class Choice:
    """What can be chosen of the circuit."""

    scale: float = 0.1  # of the cells, and of the inputs of each
    drive: str = "poisson"
    precision: str = "exact"
    seed: int = 1

    def command(self) -> str:
        return (
            f"circuit.py --scale {self.scale:g} --drive {self.drive} "
            f"--precision {self.precision} --seed {self.seed}"
        )


def cells(population: str, scale: float) -> int:
    return max(1, round(CELLS[POPULATIONS.index(population)] * scale))


def thalamic_cells(scale: float) -> int:
    return max(1, round(THALAMIC_CELLS * scale))


def weight_pa() -> float:
    """Jump of the current that causes PSP_MV."""
    ratio = TAU_M_MS / TAU_SYN_MS
    rise = TAU_M_MS - TAU_SYN_MS
    peak = ratio ** (-TAU_SYN_MS / rise) - ratio ** (-TAU_M_MS / rise)
    return PSP_MV * C_M_PF * rise / (TAU_M_MS * TAU_SYN_MS * peak)


def synapses(probability: float, sources: int, targets: int) -> float:
    """Of the full model: the number with which a pair has at least one synapse with that
    probability (PD14, equation 1)."""
    pairs = sources * targets
    return math.log(1 - probability) / math.log(1 - 1 / pairs)


def mean_weight_pa(source: str, target: str) -> float:
    sign = 1.0 if source.endswith("E") else INHIBITION
    return sign * STRONGER.get((source, target), 1.0) * weight_pa()


def connected() -> list[tuple[str, str, float]]:
    """Source, target, and the number of synapses between them in the full model."""
    return [
        (source, target, synapses(PROBABILITY[t][s], CELLS[s], CELLS[t]))
        for t, target in enumerate(POPULATIONS)
        for s, source in enumerate(POPULATIONS)
        if PROBABILITY[t][s] > 0.0
    ]


def recurrent_pa(target: str) -> float:
    """Mean current into a cell of the full model from the other cells."""
    rates = dict(zip(POPULATIONS, RATES_HZ))
    number = CELLS[POPULATIONS.index(target)]
    return sum(
        count / number * rates[source] * mean_weight_pa(source, to) * TAU_SYN_MS * 1e-3
        for source, to, count in connected()
        if to == target
    )


def background_pa(target: str) -> float:
    inputs = BACKGROUND_INPUTS[POPULATIONS.index(target)]
    return inputs * BACKGROUND_HZ * weight_pa() * TAU_SYN_MS * 1e-3


def quantity(value: float, unit: str) -> str:
    return f"{value:.10g} {unit}"


def population(name: str, choice: Choice) -> dict[str, Any]:
    """Thinned inputs get weights that are larger by the root, so that the variance of
    their sum stays; a constant current takes the place of the mean that is then lost
    (van Albada, Helias and Diesmann, PLoS Comput Biol 11:e1004490, 2015)."""
    lost = 1 - math.sqrt(choice.scale)
    constant = lost * recurrent_pa(name)
    i = POPULATIONS.index(name)
    described: dict[str, Any] = {"model": "iaf_psc_exp"}
    described["size"] = cells(name, choice.scale)
    if choice.drive == "poisson":
        constant += lost * background_pa(name)
        described["poisson"] = {
            "rate": quantity(BACKGROUND_HZ * BACKGROUND_INPUTS[i] * choice.scale, "Hz"),
            "weight": quantity(weight_pa() / math.sqrt(choice.scale), "pA"),
        }
    else:
        constant += background_pa(name)
    described["parameters"] = {
        "C_m": quantity(C_M_PF, "pF"),
        "tau_m": quantity(TAU_M_MS, "ms"),
        "tau_syn_ex": quantity(TAU_SYN_MS, "ms"),
        "tau_syn_in": quantity(TAU_SYN_MS, "ms"),
        "E_L": "-65 mV",
        "V_th": "-50 mV",
        "V_reset": "-65 mV",
        "t_ref": "2 ms",
        "I_e": quantity(constant, "pA"),
    }
    mean, std = INITIAL_MV[i]
    described["initial"] = {"V_m": normal(mean, std, "mV")}
    return described


def normal(mean: float, std: float, unit: str) -> dict[str, Any]:
    return {"normal": {"mean": quantity(mean, unit), "std": quantity(std, unit)}}


def weights(mean_pa: float, scale: float) -> dict[str, Any]:
    """Drawn anew while they have the wrong sign, as in the authors' programs."""
    mean = mean_pa / math.sqrt(scale)
    bound = {"min": "0 pA"} if mean_pa > 0 else {"max": "0 pA"}
    return normal(mean, WEIGHT_STD * abs(mean), "pA") | bound


def projection(
    source: str, target: str, full_count: float, choice: Choice
) -> dict[str, Any]:
    mean_ms = EXCITATORY_DELAY_MS if source.endswith("E") else INHIBITORY_DELAY_MS
    return {
        "name": f"{source}_{target}",
        "from": source,
        "to": target,
        "rule": "fixed_total_number",
        "N": max(1, round(full_count * choice.scale**2)),
        "weight": weights(mean_weight_pa(source, target), choice.scale),
        # What rounds to no step is drawn anew.
        "delay": normal(mean_ms, DELAY_STD * mean_ms, "ms")
        | {"min": quantity(STEP_MS / 2, "ms")},
        "precision": choice.precision,
    }


def thalamic_projection(target: str, choice: Choice) -> dict[str, Any]:
    """Without a delay of its own: the connection of the experiment has it."""
    i = POPULATIONS.index(target)
    full_count = synapses(THALAMIC_PROBABILITY[i], THALAMIC_CELLS, CELLS[i])
    return {
        "name": f"thalamus_{target}",
        "from": "thalamus",
        "to": target,
        "rule": "fixed_total_number",
        "N": max(1, round(full_count * choice.scale**2)),
        "weight": weights(weight_pa(), choice.scale),
        "precision": choice.precision,
    }


def network(choice: Choice) -> dict[str, Any]:
    """The network file as an object."""
    return {
        "network": "microcircuit",
        "seed": choice.seed,
        "step": quantity(STEP_MS, "ms"),
        "populations": {name: population(name, choice) for name in POPULATIONS},
        "inputs": {"thalamus": {"size": thalamic_cells(choice.scale)}},
        "projections": [
            *(projection(*between, choice) for between in connected()),
            *(
                thalamic_projection(target, choice)
                for target, probability in zip(POPULATIONS, THALAMIC_PROBABILITY)
                if probability > 0.0
            ),
        ],
    }


def flow(value: Any) -> str:
    """A value on one line of YAML; all texts here are plain ones."""
    if isinstance(value, dict):
        entries = (f"{key}: {flow(entry)}" for key, entry in value.items())
        return "{" + ", ".join(entries) + "}"
    return str(value)


def text(choice: Choice) -> str:
    described = network(choice)
    lines = [
        f"# Written by `python3 {choice.command()}`; do not edit.",
        "# SPDX-License-Identifier: Apache-2.0",
        *(f"{key}: {described[key]}" for key in ("network", "seed", "step")),
        "populations:",
    ]
    for name, entry in described["populations"].items():
        lines.append(f"  {name}:")
        lines += [f"    {key}: {flow(part)}" for key, part in entry.items()]
    lines += ["inputs:", f"  thalamus: {flow(described['inputs']['thalamus'])}"]
    lines += ["projections:", *(f"  - {flow(it)}" for it in described["projections"])]
    return "\n".join(lines) + "\n"


def choice_of(network_text: str) -> Choice | None:
    """What was chosen for a network file, by its first line; None: another file."""
    found = re.match(r"# Written by `python3 circuit\.py (.*)`", network_text)
    return arguments(found[1].split()) if found else None


def positive(word: str) -> float:
    scale = float(word)
    if not 0.0 < scale <= 1.0:
        raise argparse.ArgumentTypeError(f"{word} is not above 0 and at most 1")
    return scale


def arguments(words: Sequence[str] | None = None) -> Choice:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    add = parser.add_argument
    standard = Choice()
    add("--scale", type=positive, default=standard.scale, help="1: 77,169 cells (0.1)")
    add("--drive", choices=DRIVES, default=standard.drive, help="the rest of the brain")
    add("--precision", choices=PRECISIONS, default=standard.precision)
    add("--seed", type=int, default=standard.seed, help="of all random numbers (1)")
    return Choice(**vars(parser.parse_args(words)))


if __name__ == "__main__":
    print(text(arguments()), end="")
