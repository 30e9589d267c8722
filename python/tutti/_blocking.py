"""Calls that block in C, made so that Ctrl-C is heard at once.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import threading
from collections.abc import Callable

# How long Python may be deaf to signals, in seconds.
DEAF = 0.1


def in_background(
    work: Callable[[], None], name: str, give_up: Callable[[], None]
) -> None:
    """Runs `work` in a thread and waits for it; its exception is raised here.

    Python handles a signal only between two of its own instructions, in the main
    thread: a call that waits in C for minutes would hold Ctrl-C up for as long. After
    KeyboardInterrupt the thread goes on, and calls `give_up` when the work has ended:
    a notebook lives on, and nobody else would end what the work began. What the work
    uses must not be touched again by others.
    """
    failures: list[BaseException] = []
    lock = threading.Lock()
    is_over = is_alone = False

    def body() -> None:
        nonlocal is_over
        try:
            work()
        except BaseException as failure:  # whatever it is belongs to the caller
            failures.append(failure)
        with lock:
            is_over = True
        if is_alone:
            give_up()

    thread = threading.Thread(target=body, name=name, daemon=True)
    try:
        thread.start()
        while thread.is_alive():
            thread.join(DEAF)
    except BaseException:
        with lock:
            is_alone = not is_over
        if not is_alone:
            give_up()
        raise
    if failures:
        raise failures[0]
