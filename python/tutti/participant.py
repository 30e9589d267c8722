"""The life of a participant: join - declare - start - windows - leave.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import ctypes
import traceback
from collections.abc import Callable, Iterator
from ctypes import POINTER, c_size_t, c_void_p
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Any, TypeVar

from numpy.typing import ArrayLike

from tutti import _abi
from tutti._abi import library
from tutti._blocking import DEAF, in_background
from tutti.errors import BadCall, check
from tutti.ports import MessageInput, MessageOutput, Port, SignalInput, SignalOutput
from tutti.ports import SpikeInput, SpikeOutput, set_initial
from tutti.times import Time, Window, step_of

AnyPort = TypeVar("AnyPort", bound=Port)
TimeLike = Time | str | float

# What the others are told when somebody presses Ctrl-C.
INTERRUPTED = "interrupted (Ctrl-C)"


class Convention(IntEnum):
    """Which of its two ends belongs to a window."""

    FROM = _abi.FROM  # [begin, end): NEURON, Brian2, Arbor, robots
    UP_TO = _abi.UP_TO  # (begin, end]: NEST, the kernel of Tutti


class Kind(IntEnum):
    """What a port carries."""

    SPIKES = _abi.SPIKES
    SIGNAL = _abi.SIGNAL
    MESSAGE = _abi.MESSAGE


class Interpolation(IntEnum):
    """What a signal input reads between two samples."""

    HOLD = _abi.HOLD  # the last one
    LINEAR = _abi.LINEAR
    CUBIC = _abi.CUBIC  # a polynomial through four of them


@dataclass(frozen=True)
class Source:
    """A connection that the experiment makes to an input of this participant."""

    input: str
    participant: str
    port: str
    kind: Kind
    width: int
    first: int
    to: int
    unit: str


class Participant:
    """One program's place in an experiment; made by join(), used in a `with` block.

    Leaving the block leaves the experiment. An exception inside of it stops the run,
    and everybody is told its last line.
    """

    def __init__(self, handle: c_void_p) -> None:
        self._handle: c_void_p | None = handle
        self._ports: list[Port] = []
        self._has_started = False

    # --- life

    def __enter__(self) -> Participant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        reason = _reason(error)
        if reason is None:
            self.leave()
        else:
            self.abort(reason)

    def start(self) -> None:
        """Declares the ports and waits until everybody is wired and may go.

        The first window of `for window in me` does it by itself.
        """
        self._wait(_start, "tutti-start")
        self._has_started = True

    def advance(self) -> Window | None:
        """Ends the present window and waits for the next one; None after the last."""
        limit = _abi.Time(int(DEAF * 1e9))
        window = _abi.Window()
        status = _abi.AGAIN
        while status == _abi.AGAIN:
            status = check(
                library.tutti_advance_within(self._open(), limit, ctypes.byref(window))
            )
        if status == _abi.END:
            return None
        return Window(Time(window.begin.ns), Time(window.end.ns))

    def __iter__(self) -> Iterator[Window]:
        """The windows of the run, one after the other; starts first if need be."""
        if not self._has_started:
            self.start()
        while (window := self.advance()) is not None:
            yield window

    def leave(self) -> None:
        """Says that no more will come; the ports end too. Never fails."""
        if self._handle is not None:
            library.tutti_leave(ctypes.byref(self._close()))

    def abort(self, reason: str) -> None:
        """The same because of a failure: everybody is told, and the run stops."""
        if self._handle is not None:
            library.tutti_abort(
                ctypes.byref(self._close()), reason.encode("utf-8", "replace")
            )

    def _open(self) -> c_void_p:
        if self._handle is None:
            raise BadCall("this participant has left")
        return self._handle

    def _wait(self, work: Callable[[c_void_p], None], name: str) -> None:
        """A call that may last; Ctrl-C ends it, and this participant with it."""
        handle = self._open()
        self._handle = None  # the thread's, until it has come back
        try:
            in_background(lambda: work(handle), name, lambda: _give_up(handle))
        except Exception:
            self._handle = handle
            raise
        except BaseException:
            self._close_ports()
            raise
        self._handle = handle

    def _close(self) -> c_void_p:
        handle = self._open()
        self._handle = None
        self._close_ports()
        return handle

    def _close_ports(self) -> None:
        for port in self._ports:
            port._close()

    # --- ask

    @property
    def name(self) -> str:
        """The participant's name in the experiment."""
        name: bytes = library.tutti_name(self._open())
        return name.decode()

    @property
    def run_folder(self) -> str | None:
        """For files that the participant writes; None when no launcher started it."""
        return _text(library.tutti_run_folder(self._open()))

    @property
    def stop_time(self) -> Time:
        """When the run stops."""
        return Time(library.tutti_stop_time(self._open()).ns)

    def option(self, key: str) -> str | None:
        """What the experiment file says under this participant's `options`."""
        return _text(library.tutti_option(self._open(), key.encode()))

    def sources(self) -> list[Source]:
        """All connections to inputs of this participant; between join and start.

        Waits until the sources have declared their ports.
        """
        found = POINTER(_abi.Source)()
        count = c_size_t()
        self._wait(lambda me: _ask_sources(me, found, count), "tutti-sources")
        return [_source(found[i]) for i in range(count.value)]

    # --- declare

    def set_step(
        self, step: TimeLike, convention: Convention = Convention.FROM
    ) -> None:
        """The integration step ('0.025 ms', '1/60 s') and convention; before start."""
        check(
            library.tutti_set_step(self._open(), _abi.Step(*step_of(step)), convention)
        )

    def spike_output(
        self,
        name: str,
        width: int = 1,
        *,
        lag: TimeLike | None = None,
        at_step_ends: bool = False,
    ) -> SpikeOutput:
        """Spikes of `width` indices that this participant sends."""
        port = self._add(SpikeOutput, library.tutti_spike_output, name, width)
        return _adjust(port, lag=lag, at_step_ends=at_step_ends)

    def spike_input(
        self,
        name: str,
        width: int = 1,
        *,
        lead: TimeLike | None = None,
        own_delay: TimeLike | None = None,
        at_step_ends: bool = False,
    ) -> SpikeInput:
        """Spikes of `width` indices that reach this participant."""
        port = self._add(SpikeInput, library.tutti_spike_input, name, width)
        return _adjust(port, lead=lead, own_delay=own_delay, at_step_ends=at_step_ends)

    def signal_output(
        self,
        name: str,
        width: int = 1,
        unit: str = "1",
        *,
        initial: ArrayLike | None = None,
        lag: TimeLike | None = None,
        at_step_ends: bool = False,
    ) -> SignalOutput:
        """A vector in `unit`; `initial` holds until the first sample is due."""
        port = self._add(
            SignalOutput, library.tutti_signal_output, name, width, unit.encode()
        )
        if initial is not None:
            set_initial(port, initial)
        return _adjust(port, lag=lag, at_step_ends=at_step_ends)

    def signal_input(
        self,
        name: str,
        width: int = 1,
        unit: str = "1",
        *,
        lead: TimeLike | None = None,
        at_step_ends: bool = False,
        interpolation: Interpolation = Interpolation.HOLD,
        extrapolates: bool = False,
    ) -> SignalInput:
        """A vector in `unit` that this participant reads.

        Linear and cubic interpolation need samples one or two steps of the source before
        they are due, unless the port extrapolates.
        """
        port = self._add(
            SignalInput, library.tutti_signal_input, name, width, unit.encode()
        )
        check(library.tutti_port_set_interpolation(port._open(), interpolation))
        if extrapolates:
            check(library.tutti_port_set_extrapolation(port._open()))
        return _adjust(port, lead=lead, at_step_ends=at_step_ends)

    def message_output(
        self, name: str, *, lag: TimeLike | None = None, at_step_ends: bool = False
    ) -> MessageOutput:
        """Bytes with a time that this participant sends."""
        port = self._add_message(MessageOutput, library.tutti_message_output, name)
        return _adjust(port, lag=lag, at_step_ends=at_step_ends)

    def message_input(
        self,
        name: str,
        *,
        lead: TimeLike | None = None,
        own_delay: TimeLike | None = None,
        at_step_ends: bool = False,
    ) -> MessageInput:
        """Bytes with a time that reach this participant, from one source."""
        port = self._add_message(MessageInput, library.tutti_message_input, name)
        return _adjust(port, lead=lead, own_delay=own_delay, at_step_ends=at_step_ends)

    def _add_message(self, make: type[AnyPort], declare: Any, name: str) -> AnyPort:
        handle = c_void_p()
        check(declare(self._open(), name.encode(), ctypes.byref(handle)))
        port = make(handle, name, 1)
        self._ports.append(port)
        return port

    def _add(
        self, make: type[AnyPort], declare: Any, name: str, width: int, *unit: bytes
    ) -> AnyPort:
        if not 0 <= width < 2**32:
            raise BadCall(f"port '{name}' has width {width}, must be at least 1")
        handle = c_void_p()
        check(declare(self._open(), name.encode(), width, *unit, ctypes.byref(handle)))
        port = make(handle, name, width)
        self._ports.append(port)
        return port


def join(
    name: str | None = None,
    *,
    step: TimeLike | None = None,
    convention: Convention = Convention.FROM,
    broker: str | None = None,
    rank: int = 0,
    ranks: int = 1,
) -> Participant:
    """Joins the experiment of `broker` as `name`, and waits for the broker.

    Both may be left out for a program that `tutti run` starts. Each process of a parallel
    participant joins with its own `rank`, and says with set_indices() of a port which of
    its indices live there. Refused: the broker does not know the name or has it already.
    Lost: no broker answers.
    """
    handle = c_void_p()
    in_background(
        lambda: _join(broker, name, rank, ranks, handle),
        "tutti-join",
        lambda: _give_up(handle),
    )
    me = Participant(handle)
    if step is not None:
        try:
            me.set_step(step, convention)
        except BaseException as error:
            me.abort(_last_line(error))
            raise
    return me


def _join(
    broker: str | None, name: str | None, rank: int, ranks: int, handle: c_void_p
) -> None:
    check(
        library.tutti_join_rank(
            broker.encode() if broker is not None else None,
            name.encode() if name is not None else None,
            rank,
            ranks,
            ctypes.byref(handle),
        )
    )


def _give_up(handle: c_void_p) -> None:
    """Ends what an interrupted call has left; nothing when it had failed."""
    library.tutti_abort(ctypes.byref(handle), INTERRUPTED.encode())


def _start(handle: c_void_p) -> None:
    check(library.tutti_start(handle))


def _ask_sources(handle: c_void_p, found: Any, count: c_size_t) -> None:
    check(library.tutti_sources(handle, ctypes.byref(found), ctypes.byref(count)))


def _source(source: Any) -> Source:
    return Source(
        source.input.decode(),
        source.participant.decode(),
        source.port.decode(),
        Kind(source.kind),
        source.width,
        source.first,
        source.to,
        source.unit.decode(),
    )


def _adjust(
    port: AnyPort,
    *,
    lag: TimeLike | None = None,
    lead: TimeLike | None = None,
    own_delay: TimeLike | None = None,
    at_step_ends: bool = False,
) -> AnyPort:
    """Sets what was given of the numbers behind the port's promises and needs."""
    for set_time, time in (
        (library.tutti_port_set_lag, lag),
        (library.tutti_port_set_lead, lead),
        (library.tutti_port_set_own_delay, own_delay),
    ):
        if time is not None:
            check(set_time(port._open(), _abi.Time(Time.of(time).ns)))
    if at_step_ends:
        check(library.tutti_port_set_at_step_ends(port._open()))
    return port


def _text(text: bytes | None) -> str | None:
    return None if text is None else text.decode()


def _reason(error: BaseException | None) -> str | None:
    """What the others are told; None for an orderly end."""
    if error is None or isinstance(error, SystemExit) and not error.code:
        return None
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return _last_line(error)


def _last_line(error: BaseException) -> str:
    """The error as one line that a control message may carry."""
    line = " ".join(traceback.format_exception_only(error)[-1].split())
    return "".join(letter if letter.isprintable() else "?" for letter in line)
