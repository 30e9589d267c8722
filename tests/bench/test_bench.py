"""Benches end with a line that programs can read; what they measure is no test.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUN = Path(__file__).resolve().parents[2] / "bench" / "run"
FIGURE = "what unit ours rival theirs ratio goal met others failed".split()


def run(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(RUN), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, **more)


@pytest.mark.parametrize(
    "name, only", [("kernel", ""), ("microcircuit", ""), ("window", "2 peers")]
)
def test_a_bench_ends_with_one_json_object(name: str, only: str) -> None:
    ended = run(name, "--quick", "--json", "--only", only)
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout.splitlines()[-1])
    assert list(result) == ["bench", "machine", "figures"]
    assert result["bench"] == name
    assert result["machine"]["cores"] >= 1
    assert result["machine"]["memory_gb_per_s"] > 0
    for figure in result["figures"]:
        assert list(figure) == FIGURE
        assert len(figure["ours"]) == 3, figure["failed"]
        assert figure["theirs"] or figure["failed"] or not figure["rival"]
        assert figure["goal"] is None or figure["met"] in (True, False)


def test_without_json_a_bench_ends_with_its_table() -> None:
    ended = run("kernel", "--quick", "--only", "update of a cell of iaf_psc_exp")
    assert ended.returncode == 0, ended.stderr
    assert "update of a cell of iaf_psc_exp" in ended.stdout.splitlines()[-1]


def test_a_text_that_no_figure_has_is_named() -> None:
    ended = run("kernel", "--only", "snails")
    assert ended.returncode == 1
    assert ended.stderr == "bench/run: no figure of 'kernel' has 'snails' in it\n"


def test_a_program_that_is_not_built_is_named(tmp_path: Path) -> None:
    ended = run("kernel", env={**os.environ, "PATH": str(tmp_path)})
    assert ended.returncode == 1
    assert ended.stderr == (
        "bench/run: there is no program 'bench-triad': build with './dev build', and "
        "start with './dev exec bench/run'\n"
    )
