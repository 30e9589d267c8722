"""Tutti for Python: join an experiment, exchange spikes and signals as numpy arrays.

SPDX-License-Identifier: Apache-2.0

    import tutti

    with tutti.join("cell", step="0.025 ms") as me:
        apical = me.spike_input("apical", width=1000)
        out = me.spike_output("spikes")
        for window in me:
            times, indices = apical.spikes()
            ...  # simulate to window.end
            out.send(spike_times)
"""

from tutti._abi import library as _library
from tutti.errors import BadCall, BadConfig, Error, Lost, NoMemory, Refused
from tutti.errors import SystemFailed
from tutti.participant import Convention, Interpolation, Kind, Participant, Source
from tutti.participant import join
from tutti.ports import MessageInput, MessageOutput, SignalInput, SignalOutput
from tutti.ports import SpikeInput, SpikeOutput
from tutti.times import Time, Window

__version__: str = _library.tutti_version().decode()

__all__ = [
    "BadCall",
    "BadConfig",
    "Convention",
    "Error",
    "Interpolation",
    "Kind",
    "Lost",
    "MessageInput",
    "MessageOutput",
    "NoMemory",
    "Participant",
    "Refused",
    "SignalInput",
    "SignalOutput",
    "Source",
    "SpikeInput",
    "SpikeOutput",
    "SystemFailed",
    "Time",
    "Window",
    "join",
]
