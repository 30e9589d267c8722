"""Experiments in real processes, and what they may not leave behind.

SPDX-License-Identifier: Apache-2.0
"""

import ctypes
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PARTICIPANT = Path(__file__).with_name("participant.py")
PR_SET_CHILD_SUBREAPER = 36  # of <sys/prctl.h>
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
    pipes: dict[str, int] = field(default_factory=dict)

    def pipe(self, name: str) -> str:
        """Path of a new FIFO of which this side has both ends."""
        path = self.folder / name
        os.mkfifo(path)
        self.pipes[name] = os.open(path, os.O_RDWR)
        return str(path)

    def await_told(self, job: subprocess.Popen) -> None:
        """Until `b`, which does `how="tell"`, has told; not longer than the job lives."""
        with process(job.pid) as lives:
            ready, _, _ = select.select([self.pipes["told"], lives], [], [], LIMIT)
        assert ready == [self.pipes["told"]]

    def let_go(self) -> None:
        """Whom `hold` stopped, goes on."""
        os.write(self.pipes["hold"], b"!")

    def write(
        self,
        *,
        duration: str = "50 ms",
        extra: str = "",
        command: str | None = None,
        record: str = "[a.out, b.out]",
        hold: bool = False,
        **options: str,
    ) -> Path:
        """An experiment of `a`, which does well, and `b` with `options`."""
        own = f"{sys.executable} {PARTICIPANT}"
        path = self.folder / "experiment.yaml"
        if options.get("how") == "tell":
            options["told"] = self.pipe("told")
        if hold:
            options["hold"] = self.pipe("hold")
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


@contextmanager
def process(pid: int) -> Iterator[int]:
    """A descriptor that is ready to read when the process has ended."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


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


def sockets() -> dict[str, str]:
    """Inode and name of our abstract sockets that anybody on this machine holds."""
    lines = Path("/proc/net/unix").read_text().splitlines()
    words = [line.split() for line in lines if re.search(r"@tutti-\S+$", line)]
    return {word[-2]: word[-1] for word in words}


def holders(inodes: set[str]) -> set[int]:
    """Processes that have one of the sockets open, as far as we may look."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(entry)[len("socket:[") : -1] in inodes:
                found.add(int(entry.parts[2]))
        except OSError:
            continue
    return found


def await_end(pids: set[int], until: float) -> None:
    """Until the processes have ended, or the time is up."""
    for pid in pids:
        with suppress(ProcessLookupError), process(pid) as lives:
            select.select([lives], [], [], max(until - time.monotonic(), 0))


def await_children(until: float) -> None:
    """Until this process has no children any more, or the time is up."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0] or signal.sigtimedwait(
            {signal.SIGCHLD}, max(until - time.monotonic(), 0)
        ):
            pass
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0  # orphans become ours
    before = sockets()
    bench = Bench(tmp_path)
    yield bench
    for pipe in bench.pipes.values():
        os.close(pipe)
    for job in bench.jobs:
        if job.poll() is None:
            os.kill(job.pid, signal.SIGKILL)
            job.communicate()
    until = time.monotonic() + 10
    await_children(until)  # the killed take an instant
    assert prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) == 0
    assert ours(tmp_path) == []
    left = sockets().keys() - before
    await_end(holders(left), until)  # runs beside this test have theirs too
    assert not left & sockets().keys()
