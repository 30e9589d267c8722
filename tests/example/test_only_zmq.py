"""A peer that imports zmq alone takes part like any other.

SPDX-License-Identifier: Apache-2.0
"""

import re
import subprocess
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "only_zmq"


def test_it_imports_nothing_else_from_outside() -> None:
    imports = re.findall(
        r"^(?:import|from) (\w+)", (EXAMPLE / "peer.py").read_text(), re.M
    )
    assert imports == ["os", "struct", "zmq"]


@pytest.mark.parametrize("link", ["ipc", "tcp"])
def test_each_spike_is_answered_at_its_time(tmp_path: Path, link: str) -> None:
    text = (EXAMPLE / "experiment.yaml").read_text()
    for name in ("peer.py", "source.py"):
        (tmp_path / name).write_text((EXAMPLE / name).read_text())
    (tmp_path / "experiment.yaml").write_text(f"{text}link: {link}\n")
    done = subprocess.run(
        ["tutti", "run", "experiment.yaml", "--out", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    log = (tmp_path / "run" / "source.log").read_text()
    assert log == "14 answers, each 6 ms after its spike\n"
