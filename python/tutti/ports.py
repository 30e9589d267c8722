"""Ports: spikes and signals as numpy arrays.

They are made by the participant, belong to it, and are used inside a window.
A plain number is a time in milliseconds; methods that end in _ns take and give whole
nanoseconds. SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_double, c_int64, c_uint32, c_void_p
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tutti import _abi
from tutti._abi import library
from tutti.errors import BadCall, check
from tutti.times import Time

Milliseconds = NDArray[np.float64]
Nanoseconds = NDArray[np.int64]
Indices = NDArray[np.uint32]
Values = NDArray[np.float64]


def _copy(pointer: Any, count: int, element: Any, dtype: Any) -> NDArray[Any]:
    """A copy of a borrowed array: the library reuses it in the next window."""
    if count == 0:
        return np.empty(0, dtype)
    source = ctypes.cast(pointer, POINTER(element))
    return np.array(np.ctypeslib.as_array(source, (count,)), dtype)


def _pointer(array: NDArray[Any], element: Any) -> Any:
    return array.ctypes.data_as(POINTER(element))


class Port:
    """What all ports have in common."""

    def __init__(self, handle: c_void_p, name: str, width: int) -> None:
        self._handle: c_void_p | None = handle
        self.name = name
        self.width = width
        self.size = width  # indices that live on this rank

    def _open(self) -> c_void_p:
        if self._handle is None:
            raise BadCall(f"port '{self.name}': its participant has left")
        return self._handle

    def _close(self) -> None:
        self._handle = None

    def set_indices(self, indices: ArrayLike) -> None:
        """On a rank of a parallel participant: the indices that live here; before start.

        Index i of all calls then means indices[i]. BadCall: beyond the width, or twice.
        """
        here = np.ascontiguousarray(np.atleast_1d(indices), np.uint32)
        check(
            library.tutti_port_set_indices(
                self._open(), _pointer(here, c_uint32), len(here)
            )
        )
        self.size = len(here)

    @property
    def is_connected(self) -> bool:
        """After start: whether the experiment connects this port to anything."""
        return bool(library.tutti_port_is_connected(self._open()))


class SpikeInput(Port):
    """Gives the spikes of the present window in their one order."""

    def spikes_ns(self) -> tuple[Nanoseconds, Indices]:
        """Due times in nanoseconds, and indices."""
        due = POINTER(_abi.Time)()
        indices = POINTER(c_uint32)()
        count = library.tutti_spikes(
            self._open(), ctypes.byref(due), ctypes.byref(indices)
        )
        return (
            _copy(due, count, c_int64, np.int64),
            _copy(indices, count, c_uint32, np.uint32),
        )

    def spikes(self) -> tuple[Milliseconds, Indices]:
        """Due times in milliseconds, and indices."""
        due, indices = self.spikes_ns()
        return due / 1e6, indices


class SpikeOutput(Port):
    """Takes the spikes of the present window, in any order."""

    def _indices(self, count: int, indices: ArrayLike | None) -> Indices:
        if indices is None:
            if self.size != 1:
                raise BadCall(
                    f"spike output '{self.name}' has {self.size} indices: "
                    f"say which of them spiked"
                )
            return np.zeros(count, np.uint32)
        given = np.atleast_1d(np.asarray(indices))
        if given.shape != (count,):
            raise BadCall(
                f"spike output '{self.name}' got {count} stamps and {given.size} "
                f"indices: one index for each stamp"
            )
        if count and (given.min() < 0 or given.max() >= self.size):
            raise BadCall(
                f"spike output '{self.name}' has indices 0 to {self.size - 1}, "
                f"got {given.min()} to {given.max()}"
            )
        return np.ascontiguousarray(given, np.uint32)

    def send(self, times: ArrayLike, indices: ArrayLike | None = None) -> None:
        """Sends spikes with stamps in milliseconds, rounded to the nearest nanosecond.

        BadCall: a stamp lies outside of what the window allows, or an index beyond the
        width; nothing is sent then.
        """
        stamps = np.ascontiguousarray(np.atleast_1d(times), np.float64)
        which = self._indices(len(stamps), indices)
        check(
            library.tutti_send_spikes_ms(
                self._open(),
                len(stamps),
                _pointer(stamps, c_double),
                _pointer(which, c_uint32),
            )
        )

    def send_ns(self, times: ArrayLike, indices: ArrayLike | None = None) -> None:
        """The same with stamps in whole nanoseconds."""
        stamps = np.ascontiguousarray(np.atleast_1d(times))
        if len(stamps) and not np.issubdtype(stamps.dtype, np.integer):
            raise BadCall(
                f"spike output '{self.name}': send_ns() takes whole nanoseconds; "
                f"send() takes milliseconds"
            )
        stamps = stamps.astype(np.int64)
        which = self._indices(len(stamps), indices)
        check(
            library.tutti_send_spikes(
                self._open(),
                len(stamps),
                _pointer(stamps, _abi.Time),
                _pointer(which, c_uint32),
            )
        )


class SignalInput(Port):
    """Gives the values of a signal at any time of the present window."""

    def read(self, at: Time | str | float) -> Values:
        """The last sample that is due by `at`; BadCall outside of the window."""
        values = np.empty(self.size)
        time = _abi.Time(Time.of(at).ns)
        check(library.tutti_read_signal(self._open(), time, _pointer(values, c_double)))
        return values

    def samples_ns(self) -> tuple[Nanoseconds, Values]:
        """All samples that this window brought: due times, and a row for each."""
        due = POINTER(_abi.Time)()
        values = POINTER(c_double)()
        count = library.tutti_signal_samples(
            self._open(), ctypes.byref(due), ctypes.byref(values)
        )
        rows = _copy(values, count * self.size, c_double, np.float64)
        return (
            _copy(due, count, c_int64, np.int64),
            rows.reshape(count, self.size),
        )


class SignalOutput(Port):
    """Takes samples of a signal; stamps rise from call to call."""

    def write(self, at: Time | str | float, values: ArrayLike) -> None:
        """Writes one sample of `width` values, stamped `at`."""
        row = signal_row(self.name, self.size, values)
        time = _abi.Time(Time.of(at).ns)
        check(library.tutti_write_signal(self._open(), time, _pointer(row, c_double)))

    def write_ns(self, times: ArrayLike, values: ArrayLike) -> None:
        """Writes a row of `values` for each of `times`, in whole nanoseconds."""
        rows = np.ascontiguousarray(values, np.float64)
        stamps = np.atleast_1d(times)
        if rows.shape != (len(stamps), self.size):
            raise BadCall(
                f"signal output '{self.name}' got values of shape {rows.shape}, "
                f"must be {(len(stamps), self.size)}"
            )
        handle = self._open()
        for stamp, row in zip(stamps.tolist(), rows):
            check(
                library.tutti_write_signal(
                    handle, _abi.Time(stamp), _pointer(row, c_double)
                )
            )


class MessageInput(Port):
    """Gives the messages of the present window, in order."""

    def messages_ns(self) -> list[tuple[int, bytes]]:
        """Due times in nanoseconds, and bytes; each message is given once."""
        found = []
        message = _abi.Message()
        until = _abi.Time(2**61 - 1)
        while library.tutti_next_message(self._open(), until, ctypes.byref(message)):
            text = (
                ctypes.string_at(message.bytes, message.size) if message.size else b""
            )
            found.append((message.due.ns, text))
        return found

    def messages(self) -> list[tuple[float, bytes]]:
        """Due times in milliseconds, and bytes; each message is given once."""
        return [(due / 1e6, text) for due, text in self.messages_ns()]


class MessageOutput(Port):
    """Takes the messages of the present window."""

    def send(self, at: Time | str | float, message: bytes) -> None:
        """Sends bytes, stamped `at`; BadCall outside of what the window allows."""
        text = bytes(message)
        time = _abi.Time(Time.of(at).ns)
        check(library.tutti_send_message(self._open(), time, text, len(text)))


def signal_row(name: str, width: int, values: ArrayLike) -> Values:
    """`values` as one row of the right width; the library reads that many."""
    row = np.ascontiguousarray(np.atleast_1d(values), np.float64)
    if row.shape != (width,):
        raise BadCall(
            f"signal output '{name}' has width {width}, got values of shape {row.shape}"
        )
    return row


def set_initial(port: SignalOutput, values: ArrayLike) -> None:
    """What readers see until the first sample is due; before start."""
    row = signal_row(port.name, port.width, values)
    check(library.tutti_set_initial_signal(port._open(), _pointer(row, c_double)))
