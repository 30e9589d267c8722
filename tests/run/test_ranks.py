"""Parallel participants under mpirun: the same events for any number of ranks.

SPDX-License-Identifier: Apache-2.0
"""

import sys
from pathlib import Path

from conftest import Bench

PROGRAM = Path(__file__).with_name("ranks.py")


def heard(bench: Bench, senders: int, receivers: int, link: str) -> list[str]:
    """All lines of all ranks of the receiver, sorted."""
    name = f"{senders}-{receivers}-{link}"
    path = bench.folder / f"{name}.yaml"
    command = f"{sys.executable} {PROGRAM}"
    path.write_text(
        f"experiment: ranks\nduration: 200 ms\nlink: {link}\nparticipants:\n"
        f"  a: {{command: {command} send, ranks: {senders}}}\n"
        f"  b: {{command: {command} hear, ranks: {receivers}}}\n"
        "connections:\n"
        '  - {from: "a.out[2:18]", to: "b.in[4:20]", delay: 1.5 ms}\n'
    )
    folder = bench.folder / name
    ended = bench.end(bench.start("tutti", "run", str(path), "--out", str(folder)))
    assert ended.status == 0, ended.err
    logs = sorted(folder.glob("heard-*.txt"))
    assert len(logs) == receivers
    return sorted(line for log in logs for line in log.read_text().splitlines())


def test_events_do_not_depend_on_the_number_of_ranks(bench: Bench) -> None:
    whole = heard(bench, 1, 1, "ipc")
    assert len(whole) > 200
    assert heard(bench, 2, 3, "ipc") == whole
    assert heard(bench, 3, 1, "tcp") == whole


def test_a_rank_that_is_killed_is_named(bench: Bench) -> None:
    path = bench.folder / "kill.yaml"
    command = f"{sys.executable} {PROGRAM}"
    path.write_text(
        "experiment: kill\nduration: 1000 s\nparticipants:\n"
        f"  a: {{command: {command} send, ranks: 2}}\n"
        f"  b: {{command: {command} die, ranks: 2}}\n"
        "connections:\n  - {from: a.out, to: b.in, delay: 1.5 ms}\n"
    )
    ended = bench.run(path)
    assert ended.status == 1
    assert "participant 'b (rank 1)' is gone: its line to the broker" in ended.err
