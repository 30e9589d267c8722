"""Runs the network of connections.json in NEST and prints its spikes as JSON.

In a process of its own: NEST can be used once in each.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("PYNEST_QUIET", "1")
import nest  # noqa: E402


def main() -> None:
    network = json.loads(Path(sys.argv[1]).read_text())
    nest.set_verbosity("M_ERROR")
    nest.resolution = network["step_ms"]
    cells = nest.Create(network["model"], network["size"])
    cells.set({"V_m": network["V_m"], "I_e": network["I_e"]})
    ids = cells.tolist()
    for source, target, weight, delay in network["connections"]:
        nest.Connect(
            cells[source],
            cells[target],
            "one_to_one",
            {"weight": weight, "delay": delay},
        )
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(network["duration_ms"])
    events = recorder.events
    spikes = sorted(
        (round(time, 4), ids.index(sender))
        for time, sender in zip(events["times"].tolist(), events["senders"].tolist())
    )
    print(json.dumps(spikes))


if __name__ == "__main__":
    main()
