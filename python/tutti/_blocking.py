"""Calls that block in C, made so that Ctrl-C is heard at once.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import threading
from collections.abc import Callable

# How long Python may be deaf to signals, in seconds.
DEAF = 0.1


def in_background(work: Callable[[], None], name: str) -> None:
    """Runs `work` in a thread and waits for it; its exception is raised here.

    Python handles a signal only between two of its own instructions, in the main
    thread: a call that waits in C for minutes would hold Ctrl-C up for as long. After
    KeyboardInterrupt the thread goes on until the process ends; what it uses must not
    be touched again.
    """
    failures: list[BaseException] = []

    def body() -> None:
        try:
            work()
        except BaseException as failure:  # whatever it is belongs to the caller
            failures.append(failure)

    thread = threading.Thread(target=body, name=name, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(DEAF)
    if failures:
        raise failures[0]
