"""What the rules share: which files belong to the project, and how a verdict is given.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files() -> list[str]:
    """Paths, from the root, of all files that git tracks and that are still there."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [p for p in listed.stdout.split("\0") if p and (ROOT / p).is_file()]


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def is_c(path: str) -> bool:
    return path.endswith((".c", ".h"))


def is_source(path: str) -> bool:
    """Whether people write this file as program text; data and prose are not."""
    if path.endswith((".c", ".h", ".py", ".proto", ".cmake", ".sh", "CMakeLists.txt")):
        return True
    return "." not in Path(path).name and (ROOT / path).read_bytes()[:2] == b"#!"


def verdict(broken: list[str], rule: str) -> None:
    """Prints every violation and ends the program: with 1 if there is one."""
    for sentence in broken:
        print(sentence)
    print(f"{rule}: {len(broken)} violation{'' if len(broken) == 1 else 's'}")
    sys.exit(1 if broken else 0)
