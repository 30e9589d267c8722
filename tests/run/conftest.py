"""Experiments in real processes, and what they may not leave behind.

SPDX-License-Identifier: Apache-2.0
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PARTICIPANT = Path(__file__).with_name("participant.py")
LIMIT = 60  # seconds that any run of these tests may take


@dataclass
class Ended:
    """What is left of a run."""

    status: int
    out: str
    err: str
    folder: Path

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()


@dataclass
class Bench:
    """Makes experiments of two or more participants in a folder of its own."""

    folder: Path
    jobs: list[subprocess.Popen] = field(default_factory=list)

    def write(
        self,
        *,
        duration: str = "50 ms",
        extra: str = "",
        command: str | None = None,
        record: str = "[a.out, b.out]",
        **options: str,
    ) -> Path:
        """An experiment of `a`, which does well, and `b` with `options`."""
        own = f"{sys.executable} {PARTICIPANT}"
        path = self.folder / "experiment.yaml"
        listed = ", ".join(f"{key}: '{value}'" for key, value in options.items())
        path.write_text(
            "experiment: trial\n"
            f"duration: {duration}\n{extra}"
            "participants:\n"
            f"  a: {{command: {own}}}\n"
            f"  b: {{command: '{command or own}', options: {{{listed}}}}}\n"
            "connections:\n"
            "  - {from: a.out, to: b.in, delay: 2 ms}\n"
            "  - {from: b.out, to: a.in, delay: 2 ms}\n"
            f"record: {record}\n"
        )
        return path

    def start(self, *words: str, **more: object) -> subprocess.Popen:
        job = subprocess.Popen(
            list(words),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )
        self.jobs.append(job)
        return job

    def run_folder(self) -> Path:
        return self.folder / "run"

    def start_run(self, path: Path, *words: str, **more: object) -> subprocess.Popen:
        out = str(self.run_folder())
        return self.start("tutti", "run", str(path), "--out", out, *words, **more)

    def end(self, job: subprocess.Popen) -> Ended:
        out, err = job.communicate(timeout=LIMIT)
        return Ended(job.returncode, out, err, self.run_folder())

    def run(self, path: Path, *words: str, **more: object) -> Ended:
        return self.end(self.start_run(path, *words, **more))


def ours(folder: Path) -> list[str]:
    """Processes that work for an experiment of this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            environment = (entry / "environ").read_bytes()
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except (OSError, ValueError):
            continue
        if f"TUTTI_RUN={folder}".encode() in environment and words:
            found.append(words.replace("\0", " "))
    return found


def sockets() -> set[str]:
    """Names of our abstract sockets that anybody on this machine holds."""
    return set(re.findall(r"@tutti-\S+", Path("/proc/net/unix").read_text()))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    before = sockets()
    bench = Bench(tmp_path)
    yield bench
    for job in bench.jobs:
        if job.poll() is None:
            os.kill(job.pid, signal.SIGKILL)
            job.communicate()
    until = time.monotonic() + 10
    while ours(tmp_path) and time.monotonic() < until:  # the killed take an instant
        time.sleep(0.01)
    assert ours(tmp_path) == []
    left = sockets() - before
    while left and time.monotonic() < until:  # runs beside this test have theirs too
        time.sleep(0.05)
        left &= sockets()
    assert not left
