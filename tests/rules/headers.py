"""headers.py [-I...]: every header compiles alone, and twice; those of the public
contract also as strict C11 and, where a compiler for it is there, as C++.

SPDX-License-Identifier: Apache-2.0
"""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from project import ROOT, files, verdict

FOLDERS = ("include/", "lib/", "broker/", "kernel/", "models/", "adapters/")
# Rows of a macro that whoever includes the list defines: no header of its own.
LISTS = ("models/list.h",)
PATHS = [f"-I{ROOT}/include", f"-I{ROOT}/lib", f"-I{ROOT}"]
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic-errors"]


def include_line(path: str) -> str:
    for root in ("include/", "lib/"):
        path = path.removeprefix(root)
    return f'#include "{path}"\n'


def complaint(command: list[str], text: str) -> str | None:
    """What the compiler has against this program text."""
    done = subprocess.run(
        command + ["-fsyntax-only", "-"], input=text, capture_output=True, text=True
    )
    return None if done.returncode == 0 else done.stderr


def commands_for(path: str, more: list[str]) -> dict[str, list[str]]:
    c11 = ["gcc", "-x", "c", "-std=c11", *STRICT, *PATHS, *more]
    if not path.startswith("include/"):
        return {"C11": c11 + ["-D_GNU_SOURCE"]}
    commands = {"strict C11": c11}
    if shutil.which("g++"):
        commands["C++11"] = ["g++", "-x", "c++", "-std=c++11", *STRICT, *PATHS]
    return commands


def violations(path: str, more: list[str]) -> list[str]:
    broken = []
    for language, command in commands_for(path, more).items():
        said = complaint(command, include_line(path) * 2 + "extern int used;\n")
        if said:
            broken.append(
                f"{path}: does not compile alone as {language}; include or declare in "
                f"it what it uses:\n{said}"
            )
    return broken


def main() -> None:
    paths = [p for p in files() if p.endswith(".h") and p.startswith(FOLDERS)]
    paths = [p for p in paths if p not in LISTS]
    with ThreadPoolExecutor() as pool:
        results = pool.map(lambda path: violations(path, sys.argv[1:]), paths)
    verdict([sentence for result in results for sentence in result], "headers")


if __name__ == "__main__":
    main()
