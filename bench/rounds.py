"""Programs that are measured: how they are run, ended, repeated, and who disturbed them.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

LIMIT_S = 60.0  # that any program may take
TRIES = 20  # of a run that strangers disturb
BUILT = Path(__file__).resolve().parent.parent / "build" / "rivals"


class Failed(Exception):
    """A run that did not end in time or whose results are wrong."""


class Missing(Exception):
    """A program that is not there, ours or a rival's."""


class Run(NamedTuple):
    """One thing that a round does. Runs are told apart by their labels."""

    label: str
    measure: Callable[[], dict[str, Any]]


class Sample(NamedTuple):
    """What one run gave."""

    numbers: dict[str, Any]
    others: float  # share of the machine that foreign processes had meanwhile


class Round(NamedTuple):
    """What the runs of a round gave, by label, and why others gave nothing."""

    samples: dict[str, Sample]
    failed: dict[str, str]


class Others:
    """Share of the machine's processors that foreign processes used since it was made."""

    def __init__(self) -> None:
        self.total, self.busy, self.own = self.now()

    @staticmethod
    def now() -> tuple[float, float, float]:
        with open("/proc/stat") as stat:
            counts = [int(word) for word in stat.readline().split()[1:9]]
        total = sum(counts) / os.sysconf("SC_CLK_TCK")
        idle = (counts[3] + counts[4]) / os.sysconf("SC_CLK_TCK")
        own = 0.0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            used = resource.getrusage(who)
            own += used.ru_utime + used.ru_stime
        return total, total - idle, own

    def share(self) -> float:
        total, busy, own = self.now()
        foreign = (busy - self.busy) - (own - self.own)
        return min(1.0, max(0.0, foreign / max(total - self.total, 1e-9)))


def launch(words: list[str], more: Mapping[str, str] = {}) -> subprocess.Popen[str]:
    """Starts a program in a session of its own; `more` joins its environment."""
    try:
        return subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **more},
            text=True,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise Missing(
            f"there is no program '{words[0]}': build with './dev build', and start "
            "with './dev exec bench/run'"
        ) from None


def end(job: subprocess.Popen[str]) -> None:
    """Ends a program with all that it started; it is asked first, as mpirun and tutti
    end their children only then."""
    if job.poll() is None:
        os.killpg(job.pid, signal.SIGTERM)
        try:
            job.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(job.pid, signal.SIGKILL)
            job.wait()
    for stream in (job.stdout, job.stderr):
        if stream:
            stream.close()


def output_of(words: list[str], more: Mapping[str, str] = {}) -> str:
    """What a program prints; it is ended when it takes too long."""
    job = launch(words, more)
    try:
        out, err = job.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise Failed(f"{words[0]} did not end within {LIMIT_S:g} s") from None
    finally:
        end(job)
    if job.returncode:
        raise Failed(f"{words[0]}: {err.strip()[-500:] or f'exit {job.returncode}'}")
    return out


def objects_in(text: str) -> list[dict[str, Any]]:
    """The lines of a program's output that are JSON objects."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def object_of(words: list[str], more: Mapping[str, str] = {}) -> dict[str, Any]:
    """The one JSON object that a program prints."""
    objects = objects_in(output_of(words, more))
    if len(objects) != 1:
        raise Failed(f"{words[0]} printed {len(objects)} results, must be one")
    return objects[0]


def compile(source: Path, words: list[str], package: str) -> Path:
    """The program made of `source`, anew when that has changed; `words` are compiler and
    flags. Missing: the compiler or the `package` that it needs is not there."""
    BUILT.mkdir(parents=True, exist_ok=True)
    program = BUILT / source.stem
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    try:
        output_of([words[0], "-o", str(program), str(source), *words[1:]])
    except (Failed, Missing) as reason:
        raise Missing(f"cannot build {source.name}: install {package} ({reason})")
    return program


def sample(run: Run, quiet: float) -> Sample:
    """A run, repeated while strangers used more than `quiet` of the machine; of these
    tries the quietest."""
    best: Sample | None = None
    for _ in range(TRIES):
        watch = Others()
        now = Sample(run.measure(), 0.0)._replace(others=watch.share())
        if best is None or now.others < best.others:
            best = now
        if now.others <= quiet:
            break
    assert best
    return best


def alternate(runs: list[Run], rounds: int, quiet: float) -> list[Round]:
    """Every run once in each round, so that a slow minute hits all of them."""
    done = []
    for number in range(1, rounds + 1):
        done.append(Round({}, {}))
        for run in runs:
            if sys.stderr.isatty():
                print(f"round {number} of {rounds}: {run.label}", file=sys.stderr)
            try:
                done[-1].samples[run.label] = sample(run, quiet)
            except (Failed, Missing) as reason:
                done[-1].failed[run.label] = str(reason)
    return done
