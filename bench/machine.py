"""The machine on which figures are taken, and the versions of what is measured.

SPDX-License-Identifier: Apache-2.0
"""

import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Any

import rounds

ROOT = Path(__file__).resolve().parent.parent


def first_line(*words: str) -> str | None:
    """What a program says first; None where it is not there or fails."""
    try:
        out = rounds.output_of(list(words))
    except (rounds.Failed, rounds.Missing):
        return None
    return out.strip().split("\n")[0] or None


def python_package(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    git = ("git", "-c", "safe.directory=*", "-C", str(ROOT))
    return {
        "tutti": first_line(*git, "describe", "--always", "--dirty"),
        "compiler": first_line("cc", "--version"),
        "python": platform.python_version(),
        "NEST": python_package("nest-simulator"),
        "HELICS": python_package("helics"),
        "MUSIC": first_line("dpkg-query", "-W", "-f=${Version}", "libmusic-dev"),
        "MPI": first_line("mpirun", "--version"),
    }


def cpu() -> str:
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    return found.group(1) if found else platform.machine()


def describe() -> dict[str, Any]:
    """Memory rate: the triad over all cores."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": cores,
        "cpu": cpu(),
        "memory_gib": round(memory / 2**30, 1),
        "memory_gb_per_s": rounds.object_of(["bench-triad", str(cores)])["gb_per_s"],
        "kernel": platform.release(),
        "load": os.getloadavg()[0],
        "versions": versions(),
    }


def in_words(machine: dict[str, Any]) -> str:
    known = [f"{name} {text}" for name, text in machine["versions"].items() if text]
    return (
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB at "
        f"{machine['memory_gb_per_s']} GB/s (triad), Linux {machine['kernel']}, load "
        f"{machine['load']:.1f}\n" + "; ".join(known)
    )
