"""The networks of the kernel's bench: network files of ours as Python objects. Written as
JSON, which is YAML too, they are what both simulators read.

SPDX-License-Identifier: Apache-2.0
"""

import math
from typing import Any

STEP_MS = 0.1


def network(
    name: str, populations: dict[str, Any], projections: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "network": name,
        "seed": 1,
        "step": f"{STEP_MS} ms",
        "populations": populations,
        "projections": projections,
    }


def normal(mean_mv: float, std_mv: float) -> dict[str, Any]:
    return {"normal": {"mean": f"{mean_mv} mV", "std": f"{std_mv} mV"}}


def cells(model: str, size: int, current_pa: float, start: Any) -> dict[str, Any]:
    """Cells that a constant current makes fire, each by itself."""
    return {
        "model": model,
        "size": size,
        "parameters": {"I_e": f"{current_pa} pA"},
        "initial": {"V_m": start},
    }


def alone(model: str, size: int, current_pa: float, start: Any) -> dict[str, Any]:
    return network(model, {"cells": cells(model, size, current_pa, start)}, [])


def fan_out(size: int, indegree: int) -> dict[str, Any]:
    """The same firing with and without synapses: too weak to change a spike."""
    population = cells("iaf_psc_exp", size, 450.0, normal(-62.0, 5.0))
    projection = {
        "name": "cells_cells",
        "from": "cells",
        "to": "cells",
        "rule": "fixed_indegree",
        "indegree": indegree,
        "weight": "1e-6 pA",
        "delay": "1.5 ms",
    }
    return network("fan out", {"cells": population}, [projection] if indegree else [])


# The balanced network of Brunel (J Comput Neurosci 8, 2000) with the parameters of NEST's
# hpc_benchmark (Morrison et al., Neural Comput 19, 2007; Kunkel et al., Front Neuroinform
# 8:78, 2014): 9,000 + 2,250 cells with as many inputs each at full scale.
TAU_M, TAU_S, C_M, V_TH = 10.0, 0.32582722403722841, 250.0, 20.0
PSP_MV, G, ETA, DELAY_MS = 0.14, -5.0, 1.685, 1.5


def psp_peak() -> float:
    """mV at the peak of the potential that an alpha current of 1 pA causes."""
    b = 1 / TAU_S - 1 / TAU_M

    def potential(t: float) -> float:
        membrane, synapse = math.exp(-t / TAU_M), math.exp(-t / TAU_S)
        return math.e / (TAU_S * C_M) * ((membrane - synapse) / b - t * synapse) / b

    low, high = 0.0, 20.0
    for _ in range(200):
        third = (high - low) / 3
        if potential(low + third) < potential(high - third):
            low += third
        else:
            high -= third
    return potential(low)


def balanced(scale: float) -> dict[str, Any]:
    """Both the number of cells and that of inputs are `scale` of the whole; weights grow
    so that the mean drive stays."""
    k_e, k_i = round(9000 * scale), round(2250 * scale)
    weight = PSP_MV / psp_peak() / scale
    threshold = V_TH * C_M / (k_e * TAU_M * weight * math.e * TAU_S)  # per ms and input
    parameters = {
        "E_L": "0 mV",
        "C_m": f"{C_M} pF",
        "tau_m": f"{TAU_M} ms",
        "t_ref": "0.5 ms",
        "V_th": f"{V_TH} mV",
        "V_reset": "0 mV",
        "tau_syn_ex": f"{TAU_S} ms",
        "tau_syn_in": f"{TAU_S} ms",
    }
    population = {
        "model": "iaf_psc_alpha",
        "parameters": parameters,
        "initial": {"V_m": normal(5.7, 7.2)},
        "poisson": {
            "rate": f"{ETA * threshold * k_e * 1e3} Hz",
            "weight": f"{weight} pA",
        },
    }
    populations = {"E": population | {"size": k_e}, "I": population | {"size": k_i}}
    projections = [
        {
            "name": f"{source}_{target}",
            "from": source,
            "to": target,
            "rule": "fixed_indegree",
            "indegree": k_e if source == "E" else k_i,
            "weight": f"{weight if source == 'E' else G * weight} pA",
            "delay": f"{DELAY_MS} ms",
            "allow_autapses": False,
        }
        for source in ("E", "I")
        for target in ("E", "I")
    ]
    return network("balanced", populations, projections)


def with_plasticity(network: dict[str, Any]) -> dict[str, Any]:
    """The balanced network with plastic synapses between its excitatory cells.
    Potentiation and depression balance at the weight that they have, half of the largest,
    and change it slowly: faster ones make some of these networks run away, in both
    simulators, and then they have other work."""
    populations, projections = dict(network["populations"]), []
    populations["E"] = populations["E"] | {"tau_minus": "30 ms"}
    for projection in network["projections"]:
        if projection["name"] == "E_E":
            weight = float(projection["weight"].split()[0])
            rule = {
                "model": "stdp_synapse",
                "tau_plus": "15 ms",
                "Wmax": f"{2 * weight} pA",
            }
            rule |= {"lambda": 0.0005, "alpha": 0.5, "mu_plus": 1, "mu_minus": 1}
            projection = projection | {"synapse": rule}
        projections.append(projection)
    return network | {"populations": populations, "projections": projections}


def with_precision(network: dict[str, Any], precision: str) -> dict[str, Any]:
    """The same network with weights of that precision."""
    projections = [
        projection | {"precision": precision} for projection in network["projections"]
    ]
    return network | {"projections": projections}


# The cortical microcircuit of Potjans and Diesmann (Cereb Cortex 24, 2014): tables 4 and 5.
LAYERS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
BACKGROUND = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)  # inputs of 8 Hz
# Of the full model: rates in Hz, for the current of thinned ones, and where V_m starts.
RATES = (0.943, 3.026, 4.368, 5.882, 7.733, 8.664, 1.096, 7.851)
STARTS = (
    (-68.28, 5.36), (-63.16, 4.57), (-63.33, 4.74), (-63.45, 4.94),
    (-63.11, 4.94), (-61.66, 4.55), (-66.72, 5.46), (-61.43, 4.48),
)  # fmt: skip
PROBABILITY = (  # row: target, column: source
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000),
    (0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443),
)
PSC_PA = 87.81  # 0.15 mV at the peak of the potential
TAU_SYN_MS, HZ = 0.5, 8.0


def full_synapses(target: int, source: int) -> float:
    """Of the full model, from the probability that a pair has any (its equation 1)."""
    pairs = SIZES[target] * SIZES[source]
    return math.log(1 - PROBABILITY[target][source]) / math.log(1 - 1 / pairs)


def mean_weight(target: int, source: int) -> float:
    doubled = 2.0 if (target, source) == (0, 2) else 1.0
    return PSC_PA * doubled * (-4.0 if source % 2 else 1.0)


def layer(index: int, scale: float) -> dict[str, Any]:
    """A current takes the place of the mean input that thinning takes away; weights grow
    by the root, so that its variance stays (van Albada et al., PLoS Comput Biol 11,
    2015)."""
    lost = 1 - math.sqrt(scale)
    background = BACKGROUND[index] * PSC_PA * HZ
    mean = background + sum(
        full_synapses(index, source)
        / SIZES[index]
        * mean_weight(index, source)
        * RATES[source]
        for source in range(len(LAYERS))
    )
    return {
        "model": "iaf_psc_exp",
        "size": round(SIZES[index] * scale),
        "parameters": {
            "C_m": "250 pF",
            "tau_m": "10 ms",
            "tau_syn_ex": f"{TAU_SYN_MS} ms",
            "tau_syn_in": f"{TAU_SYN_MS} ms",
            "E_L": "-65 mV",
            "V_th": "-50 mV",
            "V_reset": "-65 mV",
            "t_ref": "2 ms",
            "I_e": f"{lost * mean * TAU_SYN_MS * 1e-3} pA",
        },
        "initial": {"V_m": normal(*STARTS[index])},
        "poisson": {
            "rate": f"{HZ * BACKGROUND[index] * scale} Hz",
            "weight": f"{PSC_PA / math.sqrt(scale)} pA",
        },
    }


def between_layers(target: int, source: int, scale: float) -> dict[str, Any]:
    mean_pa = mean_weight(target, source) / math.sqrt(scale)
    delay_ms = 0.75 if source % 2 else 1.5
    return {
        "name": f"{LAYERS[source]}_{LAYERS[target]}",
        "from": LAYERS[source],
        "to": LAYERS[target],
        "rule": "fixed_total_number",
        "N": round(full_synapses(target, source) * scale**2),
        "weight": {
            "normal": {"mean": f"{mean_pa} pA", "std": f"{0.1 * abs(mean_pa)} pA"},
            "max" if source % 2 else "min": "0 pA",
        },
        "delay": {
            "normal": {"mean": f"{delay_ms} ms", "std": f"{delay_ms / 2} ms"},
            "min": f"{STEP_MS / 2} ms",
        },
    }


def microcircuit(scale: float) -> dict[str, Any]:
    """Cells and inputs of each are `scale` of the full model's."""
    every = range(len(LAYERS))
    populations = {LAYERS[index]: layer(index, scale) for index in every}
    projections = [
        between_layers(target, source, scale)
        for target in every
        for source in every
        if PROBABILITY[target][source] > 0.0
    ]
    return network("microcircuit", populations, projections)


def synapse_count(network: dict[str, Any]) -> int:
    populations = network["populations"]
    return sum(
        (
            projection["N"]
            if "N" in projection
            else projection["indegree"] * populations[projection["to"]]["size"]
        )
        for projection in network["projections"]
    )


def plastic_count(network: dict[str, Any]) -> int:
    projections = [it for it in network["projections"] if "synapse" in it]
    return synapse_count(network | {"projections": projections})


def cell_count(network: dict[str, Any]) -> int:
    return sum(population["size"] for population in network["populations"].values())


def synapses_per_spike(network: dict[str, Any]) -> float:
    """All cells have as many, on average."""
    return synapse_count(network) / cell_count(network)
