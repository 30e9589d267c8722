"""HELICS (the wheel of PyPI, driven from C), measured beside us.

SPDX-License-Identifier: Apache-2.0
"""

import importlib.util
import itertools
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

import rounds
from figures import Figure, Value, key
from rounds import Failed, Missing, Run

HERE = Path(__file__).resolve().parent
CORES = ("inproc", "ipc", "tcp", "zmq")
SHARED = Path("/dev/shm")


class Case(NamedTuple):
    label: str
    core: str
    peers: int = 2
    steps: int = 1000
    spikes: int = 0
    options: str = ""  # of broker and cores
    extra: str = ""  # last argument of a federate


def lock_step(core: str, peers: int, steps: int) -> Case:
    return Case(f"{core}, {peers} federates", core, peers, steps)


def packed(core: str, spikes: int, steps: int) -> Case:
    # Above 4 kB the default buffers of ipc and tcp stall the federation.
    large = 12 * spikes + 4000
    options = f"--maxsize={large} --maxcount=64" if core in ("ipc", "tcp") else ""
    label = f"{core}, {spikes} spikes packed in one value"
    return Case(label, core, 2, steps, spikes, options)


def killed(core: str, options: str) -> Case:
    label = f"{core}, a peer killed, {options or 'default options'}"
    return Case(label, core, 2, 10**6, 0, options, "die=50")


def installed() -> Path:
    """The folder of library, header and broker in the wheel."""
    found = importlib.util.find_spec("helics")
    if found is None or found.origin is None:
        raise Missing("HELICS is not installed: './dev setup test' installs it")
    return Path(found.origin).parent / "install"


def program(helics: Path) -> Path:
    library = helics / "lib64"
    flags = ["-O2", "-std=c11", f"-I{helics}/include", f"-L{library}"]
    flags += [f"-Wl,-rpath,{library}", "-lhelics", "-pthread"]
    return rounds.compile(HERE / "helics_peer.c", ["gcc", *flags], "gcc")


# Another one for each run (a port just closed cannot be bound again at once), below
# those that outgoing connections use; a federation takes a few above it.
PORTS = itertools.cycle(range(20000 + os.getpid() % 40, 32000, 40))


def free_port() -> int:
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise Failed("no port of this machine is free")


def commands(case: Case) -> list[list[str]]:
    """The broker first, then the federates; everything in one process for inproc."""
    helics = installed()
    words = [str(program(helics)), case.core]
    numbers = [str(case.peers), str(case.steps), str(case.spikes)]
    extra = [case.extra] if case.extra else []
    if case.core == "inproc":
        return [words + ["all"] + numbers + ["--broker=bench"] + extra]
    at_broker, at_core = "", case.options
    if case.core != "ipc":
        port = free_port()
        at_broker, at_core = f"--port={port}", f"--brokerport={port} {case.options}"
    broker = [str(helics / "bin/helics_broker"), f"--coretype={case.core}"]
    broker += ["--loglevel=error", "-f", str(case.peers)]
    broker += [*at_broker.split(), *case.options.split()]
    return [broker] + [
        words + [str(me)] + numbers + [at_core] + extra for me in range(case.peers)
    ]


def queues() -> set[Path]:
    """Files of the core ipc."""
    patterns = ("f*_core_*", "*ipc_broker*")
    return {path for pattern in patterns for path in SHARED.glob(pattern)}


def outputs(jobs: list[subprocess.Popen[str]]) -> str:
    """What the federates printed, once all have ended."""
    out, err, until = "", "", time.monotonic() + rounds.LIMIT_S
    for job in jobs:
        try:
            left = max(0.1, until - time.monotonic())
            texts = job.communicate(timeout=left)
        except subprocess.TimeoutExpired:
            limit = f"{rounds.LIMIT_S:g} s"
            raise Failed(f"HELICS did not end within {limit}") from None
        out, err = out + texts[0], err + texts[1]
        if job.returncode and job.returncode > 0:
            raise Failed(f"HELICS: {err.strip()[-500:]}")
    return out


def measure(case: Case) -> dict[str, Any]:
    """mean_us, p50_us, ready_s of the slowest federate; what each prints, by its number; after a
    kill noticed_s, from the death to the error at the other."""
    before, begin = queues(), time.monotonic()
    jobs: list[subprocess.Popen[str]] = []
    try:
        jobs += [rounds.launch(words) for words in commands(case)]
        lines = rounds.objects_in(outputs(jobs if len(jobs) == 1 else jobs[1:]))
    finally:
        end(jobs)
        for path in queues() - before:  # a killed core leaves its queue
            path.unlink(missing_ok=True)
    if len(lines) != case.peers or any(line.get("wrong") for line in lines):
        raise Failed(f"HELICS brought wrong data: {lines}")
    if case.extra.startswith("die"):
        both = lines[0] | lines[1]
        return dict(noticed_s=both["noticed_s"] - both["died_s"])
    return {
        "mean_us": max(line["mean_us"] for line in lines),
        "p50_us": max(line["p50_us"] for line in lines),
        "ready_s": max(line["ready_s"] for line in lines) - begin,
        "peers": {line["peer"]: line for line in lines},
    }


def end(jobs: list[subprocess.Popen[str]]) -> None:
    """The broker ends by itself within a moment, when its federates have."""
    for job in jobs:
        try:
            job.wait(timeout=3)
        except subprocess.TimeoutExpired:
            pass
        rounds.end(job)


def run(case: Case) -> Run:
    return Run(f"HELICS {case.label}", lambda: measure(case))


def alone(case: Case, unit: str, name: str) -> Figure:
    return Figure(case.label, unit, None, "HELICS", key(run(case), name))


def waiting(core: str) -> list[Figure]:
    """What a federate costs that waits for one that sleeps 2 ms in each step."""
    case = Case(f"{core}, a peer that waits", core, 2, 300, extra="pause=2000")
    it = run(case)
    return [
        Figure(
            f"{case.label}: {what}",
            unit,
            None,
            "HELICS",
            Value((it,), lambda numbers, name=name: numbers["peers"][1][name]),
        )
        for what, unit, name in (
            ("CPU", "% of a core", "cpu_percent"),
            ("memory", "kB resident", "rss_kb"),
        )
    ]


def figures(quick: bool, folder: Path) -> list[Figure]:
    """What HELICS does where we have nothing to compare yet."""
    found = []
    for core in CORES:
        found += [
            alone(lock_step(core, peers, 100 if quick else 1000), "us", "mean_us")
            for peers in (2, 4)
        ]
        found += [
            alone(packed(core, spikes, 30 if spikes > 1000 else 500), "us", "mean_us")
            for spikes in (10, 1000, 100000)
        ]
        found.append(alone(Case(f"{core}, launch to first step", core), "s", "ready_s"))
        if core != "inproc":
            found += waiting(core)
        if core != "inproc" and not quick:
            found += [
                alone(killed(core, options), "s", "noticed_s")
                for options in ("", "--tick=100ms --timeout=1s")
            ]
    return found
