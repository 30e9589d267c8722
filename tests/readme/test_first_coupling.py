"""Everything that docs/first-coupling.md shows is run, in its order, as it stands.

SPDX-License-Identifier: Apache-2.0
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "first-coupling.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
NAME = re.compile(r"(?:#|/\*) (\S+\.\w+)")


def checkout(folder: Path) -> Path:
    """A folder that looks like the checkout from which our programs were built."""
    program = shutil.which("tutti")
    assert program, "tutti is not built, or build/bin is not on the PATH"
    folder.mkdir()
    (folder / "build").symlink_to(Path(program).resolve().parents[1])
    (folder / "python").symlink_to(ROOT / "python")
    return folder


def environment(home: Path) -> dict[str, str]:
    """That of a stranger, but for numpy, which pip may not fetch in a test."""
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PYTHONPATH": str(Path(numpy.__file__).parents[1]),
        "TUTTI_LIBRARY": str(home / "tutti" / "lib" / "libtutti.so"),
    }


def test_the_first_coupling_runs_as_it_stands(tmp_path: Path) -> None:
    place = checkout(tmp_path / "checkout")
    script = "set -eu\n"
    for language, text in BLOCKS:
        if language == "sh":
            script += text
        elif language != "text":
            name = NAME.match(text)
            assert name, text
            (place / name[1]).write_text(text)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=place,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (shown,) = [text for language, text in BLOCKS if language == "text"]
    *counts, heard = re.split(r"(?<=spikes)\n", shown)
    assert len(counts) == 2
    for count in counts:
        assert count in done.stdout + done.stderr
    # The run, and then the pacemaker that was started by hand.
    assert done.stdout.count(heard) == 2
