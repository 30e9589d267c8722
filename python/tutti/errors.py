"""Exceptions named after the statuses of the library, each with its sentence.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

from tutti import _abi


class Error(Exception):
    """A call failed; the text says what, where, and what to do."""


class BadCall(Error):
    """This program's mistake: wrong order, a stamp in the past, a bad index."""


class BadConfig(Error):
    """The experiment's mistake."""


class Refused(Error):
    """The broker said no: unknown name, joined twice, other protocol."""


class Lost(Error):
    """A participant or the broker is gone, or the run was stopped."""


class NoMemory(Error):
    """There is not enough memory."""


class SystemFailed(Error):
    """The operating system said no."""


BY_STATUS: dict[int, type[Error]] = {
    _abi.BAD_CALL: BadCall,
    _abi.BAD_CONFIG: BadConfig,
    _abi.REFUSED: Refused,
    _abi.LOST: Lost,
    _abi.NO_MEMORY: NoMemory,
    _abi.SYSTEM: SystemFailed,
}

for _kind in BY_STATUS.values():
    _kind.__module__ = "tutti"  # the name under which users know it


def check(status: int) -> int:
    """Passes OK, END and AGAIN on; raises what any other status is named after.

    Called from the thread that made the call: the sentence is kept per thread.
    """
    if status in BY_STATUS:
        text: bytes = _abi.library.tutti_last_error()
        raise BY_STATUS[status](text.decode("utf-8", "replace"))
    return status
