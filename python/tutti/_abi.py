"""The C library as ctypes sees it: the only place that knows include/tutti/*.h.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_bool, c_char_p, c_double, c_int, c_int64, c_size_t
from ctypes import c_uint32, c_void_p
from pathlib import Path
from typing import Any

LIBRARY = "libtutti.so"

# enum tutti_status
OK, END, AGAIN = 0, 1, 2
BAD_CALL, BAD_CONFIG, REFUSED, LOST, NO_MEMORY, SYSTEM = 3, 4, 5, 6, 7, 8
# enum tutti_convention
FROM, UP_TO = 0, 1
# enum tutti_kind
SPIKES, SIGNAL, MESSAGE = 1, 2, 3
# enum tutti_interpolation
HOLD, LINEAR, CUBIC = 0, 1, 2


class Time(ctypes.Structure):
    """struct tutti_time"""

    _fields_ = [("ns", c_int64)]


class Window(ctypes.Structure):
    """struct tutti_window"""

    _fields_ = [("begin", Time), ("end", Time)]


class Step(ctypes.Structure):
    """struct tutti_step"""

    _fields_ = [("ns", c_int64), ("divisor", c_int64)]


class Source(ctypes.Structure):
    """struct tutti_source"""

    _fields_ = [
        ("input", c_char_p),
        ("participant", c_char_p),
        ("port", c_char_p),
        ("kind", c_int),
        ("width", c_uint32),
        ("first", c_uint32),
        ("to", c_uint32),
        ("unit", c_char_p),
        ("step", Step),
    ]


class Message(ctypes.Structure):
    """struct tutti_message"""

    _fields_ = [("due", Time), ("bytes", c_void_p), ("size", c_size_t)]


_status = c_int
_me = c_void_p
_port = c_void_p
_out_handle = POINTER(c_void_p)
_times = POINTER(Time)
_indices = POINTER(c_uint32)
_values = POINTER(c_double)

# name: (result, arguments), in the order of the headers
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "tutti_last_error": (c_char_p, []),
    "tutti_status_name": (c_char_p, [_status]),
    "tutti_version": (c_char_p, []),
    "tutti_join": (_status, [c_char_p, c_char_p, _out_handle]),
    "tutti_join_rank": (_status, [c_char_p, c_char_p, c_int, c_int, _out_handle]),
    "tutti_option": (c_char_p, [_me, c_char_p]),
    "tutti_name": (c_char_p, [_me]),
    "tutti_run_folder": (c_char_p, [_me]),
    "tutti_stop_time": (Time, [_me]),
    "tutti_set_step": (_status, [_me, Step, c_int]),
    "tutti_start": (_status, [_me]),
    "tutti_advance": (_status, [_me, POINTER(Window)]),
    "tutti_advance_within": (_status, [_me, Time, POINTER(Window)]),
    "tutti_leave": (None, [_out_handle]),
    "tutti_abort": (None, [_out_handle, c_char_p]),
    "tutti_spike_output": (_status, [_me, c_char_p, c_uint32, _out_handle]),
    "tutti_spike_input": (_status, [_me, c_char_p, c_uint32, _out_handle]),
    "tutti_signal_output": (
        _status,
        [_me, c_char_p, c_uint32, c_char_p, _out_handle],
    ),
    "tutti_signal_input": (
        _status,
        [_me, c_char_p, c_uint32, c_char_p, _out_handle],
    ),
    "tutti_set_initial_signal": (_status, [_port, _values]),
    "tutti_port_set_lag": (_status, [_port, Time]),
    "tutti_port_set_lead": (_status, [_port, Time]),
    "tutti_port_set_own_delay": (_status, [_port, Time]),
    "tutti_port_set_at_step_ends": (_status, [_port]),
    "tutti_port_set_interpolation": (_status, [_port, c_int]),
    "tutti_port_set_extrapolation": (_status, [_port]),
    "tutti_port_set_indices": (_status, [_port, _indices, c_uint32]),
    "tutti_port_is_connected": (c_bool, [_port]),
    "tutti_sources": (_status, [_me, POINTER(POINTER(Source)), POINTER(c_size_t)]),
    "tutti_send_spikes": (_status, [_port, c_size_t, _times, _indices]),
    "tutti_send_spike": (_status, [_port, Time, c_uint32]),
    "tutti_send_spikes_ms": (_status, [_port, c_size_t, _values, _indices]),
    "tutti_spikes": (c_size_t, [_port, POINTER(_times), POINTER(_indices)]),
    "tutti_next_spike": (c_bool, [_port, Time, _times, _indices]),
    "tutti_write_signal": (_status, [_port, Time, _values]),
    "tutti_read_signal": (_status, [_port, Time, _values]),
    "tutti_signal_samples": (c_size_t, [_port, POINTER(_times), POINTER(_values)]),
    "tutti_message_output": (_status, [_me, c_char_p, _out_handle]),
    "tutti_message_input": (_status, [_me, c_char_p, _out_handle]),
    "tutti_send_message": (_status, [_port, Time, c_void_p, c_size_t]),
    "tutti_next_message": (c_bool, [_port, Time, POINTER(Message)]),
}


def _candidates() -> list[str]:
    """Where the library may be, most wanted first; a bare name asks the loader."""
    package = Path(__file__).resolve().parent
    beside = package / LIBRARY
    built = package.parents[1] / "build" / "lib" / LIBRARY
    return [str(beside)] * beside.exists() + [LIBRARY] + [str(built)] * built.exists()


def _load() -> ctypes.CDLL:
    """The library with all functions declared; ImportError says where it was sought."""
    asked = os.environ.get("TUTTI_LIBRARY")
    reasons = []
    for path in [asked] if asked else _candidates():
        try:
            library = ctypes.CDLL(path)
            break
        except OSError as error:
            reasons.append(str(error))
    else:
        raise ImportError(
            f"cannot load {LIBRARY} ({'; '.join(reasons)}): build it and run through "
            f"'./dev exec', or set TUTTI_LIBRARY to the path of the library"
        )
    for name, (result, arguments) in FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError(
                f"{library._name} has no function {name}: this package and the library "
                f"are of different versions; build both from one source"
            ) from None
        function.restype = result
        function.argtypes = arguments
    return library


library = _load()
