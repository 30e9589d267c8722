"""Small experiments whose participants are Python programs.

SPDX-License-Identifier: Apache-2.0
"""

import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

HEAD = """\
experiment: small
duration: {duration}
participants:
"""


def write(
    folder: Path, programs: dict[str, str], connections: list[str], duration: str
) -> Path:
    """The experiment file in `folder`; programs without text are started by hand."""
    text = HEAD.format(duration=duration)
    for name, program in programs.items():
        if not program:
            text += f"  {name}: {{}}\n"
            continue
        (folder / f"{name}.py").write_text("import tutti\n" + dedent(program))
        text += f"  {name}: {{command: {shlex.quote(sys.executable)} {name}.py}}\n"
    if connections:
        text += "connections:\n"
    text += "".join(f"  - {{{connection}}}\n" for connection in connections)
    path = folder / "experiment.yaml"
    path.write_text(text)
    return path


def play(path: Path) -> subprocess.CompletedProcess[str]:
    """Plays an experiment; its programs leave what they found out in its folder."""
    return subprocess.run(
        ["tutti", "run", "--out", "run", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=100,
    )


@contextmanager
def broker_for(folder: Path, connections: list[str]) -> Iterator[str]:
    """The address of a broker for the participants 'one' and 'other'."""
    write(folder, {"one": "", "other": ""}, connections, "1 s")
    address = f"ipc://@tutti-test-{uuid.uuid4()}"
    with subprocess.Popen(
        ["tutti", "broker", "--listen", address, "experiment.yaml"],
        cwd=folder,
        stderr=subprocess.DEVNULL,
    ) as broker:
        try:
            yield address
        finally:
            broker.kill()
