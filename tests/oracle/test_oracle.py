"""Random small experiments under `tutti run` against the oracle, event by event.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

from drawing import draw_experiment, draw_tight_experiment, experiment_text
from oracle import Experiment, Record, Stuck, foretell

IS_NIGHTLY = bool(os.environ.get("TUTTI_NIGHTLY"))
RUNS = 600 if IS_NIGHTLY else 40
TIGHT_RUNS = 300 if IS_NIGHTLY else 20


def run_tutti(
    experiment: Experiment, folder: Path, slow: dict[str, int]
) -> subprocess.CompletedProcess[str]:
    program = shutil.which("oracle_automaton")
    assert program, "oracle_automaton is not built, or build/bin is not on the PATH"
    path = folder / "experiment.yaml"
    path.write_text(experiment_text(experiment, program, folder, slow))
    return subprocess.run(
        ["tutti", "run", str(path), "--out", str(folder / "run")],
        capture_output=True,
        text=True,
        timeout=60,
    )


def read_log(path: Path) -> Record:
    record = Record()
    for line in path.read_text().splitlines():
        verb, step, port, time, index = line.split()
        table = record.took if verb == "took" else record.sent
        table.setdefault(port, []).append((int(step), int(time), int(index)))
    return record


def check_logs(experiment: Experiment, foretold: list[Record], folder: Path) -> None:
    for participant, record in zip(experiment.participants, foretold, strict=True):
        assert read_log(folder / f"{participant.name}.log") == record, participant.name


@pytest.mark.parametrize("seed", range(RUNS))
def test_every_event_comes_where_causality_puts_it(seed: int, tmp_path: Path) -> None:
    experiment = draw_experiment(seed)
    random = Random(seed)
    slow = {
        p.name: 300 for p in experiment.participants if random.random() < 0.2 and p.step
    }
    result = run_tutti(experiment, tmp_path, slow)
    assert result.returncode == 0, result.stderr
    check_logs(experiment, foretell(experiment), tmp_path)


@pytest.mark.parametrize("seed", range(TIGHT_RUNS))
def test_what_has_no_order_is_refused_and_nothing_else(
    seed: int, tmp_path: Path
) -> None:
    experiment = draw_tight_experiment(seed)
    result = run_tutti(experiment, tmp_path, {})
    try:
        foretold = foretell(experiment)
    except Stuck:
        assert result.returncode != 0
        assert "would stop for ever" in result.stderr
    else:
        assert result.returncode == 0, result.stderr
        check_logs(experiment, foretold, tmp_path)


def test_the_experiments_hold_what_they_are_made_for() -> None:
    """Many events, all kinds of stamps: else equal logs would say little."""
    took = sent = stuck = 0
    for seed in range(40):
        for record in foretell(draw_experiment(seed)):
            took += sum(map(len, record.took.values()))
            sent += sum(map(len, record.sent.values()))
    for seed in range(20):
        try:
            foretell(draw_tight_experiment(seed))
        except Stuck:
            stuck += 1
    assert sent > 8000 and took > 5000
    assert 3 <= stuck <= 17
