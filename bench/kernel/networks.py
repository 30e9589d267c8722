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
