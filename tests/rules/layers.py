"""The layer table: which folder may include which, and the one home of each package.

SPDX-License-Identifier: Apache-2.0
"""

import ast
import re
import sys

from project import files, is_c, text_of, verdict

# Folder -> folders whose headers it may include besides its own. The longest prefix of
# a file's path decides. docs/architecture.md explains the table; this is the table.
MAY_INCLUDE = {
    "include":           [],
    "lib/base":          ["include"],
    "lib/config":        ["include", "lib/base"],
    "lib/wire":          ["include", "lib/base"],
    "lib/link":          ["include", "lib/base"],
    "lib/store":         ["include", "lib/base"],
    "lib/client":        ["include", "lib/base", "lib/wire", "lib/link"],
    "broker":            ["include", "lib/base", "lib/wire", "lib/link", "lib/config"],
    "models":            ["kernel/model.h", "kernel/generator.h", "kernel/synapse.h"],
    "kernel":            ["include", "lib/base", "lib/config", "lib/store", "models"],
    "adapters":          ["include"],
    "adapters/recorder": ["include", "lib/base", "lib/store"],
    "adapters/player":   ["include", "lib/base", "lib/store"],
    "bench":             [],
    "bench/kernel":      ["include", "lib/base", "lib/config", "kernel"],
    "bench/window":      ["include"],
    "examples":          ["include"],
    "tests":             ["include", "lib", "broker", "models", "kernel", "adapters"],
}  # fmt: skip

# Header of a package from outside -> the folders that are its home.
HOMES = {
    r"zmq\.h":                  ["lib/link"],
    r"(protobuf-c/.*|.*\.pb-c\.h)": ["lib/wire"],
    r"(hdf5|H5.*|hdf5_hl)\.h":  ["lib/store"],
    r"yaml\.h":                 ["lib/config"],
    r"udunits2\.h":             ["lib/config"],
    r"xxhash\.h":               ["broker", "lib/store"],
    r"Random123/.*":            ["kernel"],
    r"gsl/.*":                  ["kernel"],
    r"cmocka\.h":               ["tests"],
    r"helics/.*":               ["bench"],
    r"jansson\.h":              ["tests"],
    r"mpi\.h":                  ["kernel", "bench"],
}  # fmt: skip

# The packages that a test may use to look at results from outside.
TESTS_MAY_USE = ("hdf5.h", "zmq.h", "yaml.h", "xxhash.h")

C_STANDARD = set(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp "
    "signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn "
    "string tgmath threads time uchar wchar wctype".split()
)
SYSTEM = set(
    "argp dirent dlfcn fcntl ftw glob libgen netdb poll pthread sched semaphore spawn "
    "strings syscall termios ucontext unistd wordexp getopt malloc endian byteswap".split()
)

# Python packages that each folder may import besides the standard library and its own
# modules; folders that are not listed may import what they like.
# The first row that holds a file is in force.
MAY_IMPORT = {
    "python/tutti/plot": {"h5py", "matplotlib", "numpy", "tutti"},
    "python/tutti": {"numpy", "tutti"},
    "tests/rules": set(),
}
ABI_HOME = "python/tutti/_abi.py"
ABI_WORDS = re.compile(r"\b(CDLL|CFUNCTYPE|argtypes|restype|Structure)\b")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path: str) -> str | None:
    """The row of the table that is in force for a path."""
    rows = [row for row in MAY_INCLUDE if path.startswith(row + "/")]
    return max(rows, key=len, default=None)


def home_of_include(name: str, path: str) -> str:
    """Where a quoted include of the file `path` lies, from the root of the checkout.
    A folder of tests is a root of its own."""
    layer = name.split("/")[0]
    if layer == name and path.startswith("tests/"):
        return path.rsplit("/", 1)[0] + "/" + name
    if layer == "tutti":
        return "include/" + name
    if f"lib/{layer}" in MAY_INCLUDE:
        return "lib/" + name
    return name


def check_quoted(path: str, where: str, row: str, name: str) -> str | None:
    if "../" in name:
        return f'{where}: "{name}" climbs; write the path from the layer\'s root'
    target = home_of_include(name, path)
    target_row = folder_of(target)
    if "/" not in target or target_row is None:
        return (
            f'{where}: "{name}" is in no folder of the layer table; write the path '
            f'from the layer\'s root, as in "base/status.h"'
        )
    allowed = MAY_INCLUDE[row]
    if target_row == row or target in allowed:
        return None
    if any(
        target_row == other or target_row.startswith(other + "/") for other in allowed
    ):
        return None
    return (
        f'{where}: {row} may not include "{name}" ({target_row}); it may include '
        f"{', '.join(allowed) or 'nothing but itself'}: move the code, or go through "
        f"one of these"
    )


def check_angled(where: str, row: str, name: str) -> str | None:
    for pattern, homes in HOMES.items():
        if re.fullmatch(pattern, name):
            if row in homes or (row == "tests" and name in TESTS_MAY_USE):
                return None
            return (
                f"{where}: <{name}> has its home in {' and '.join(homes)}, not in "
                f"{row}: call what its home offers"
            )
    stem = name.removesuffix(".h")
    if stem in C_STANDARD:
        return None
    if row == "include":
        return f"{where}: <{name}>: public headers include the C standard library only"
    if stem in SYSTEM or name.startswith(
        ("sys/", "netinet/", "linux/", "arpa/", "net/")
    ):
        return None
    return f"{where}: <{name}> has no home yet: give it one in tests/rules/layers.py"


def violations(path: str, text: str, known: set[str]) -> list[str]:
    """Everything in one C file that breaks the table. `known` are all paths there are."""
    row = folder_of(path)
    if row is None:
        return [f"{path}: its folder is in no row of tests/rules/layers.py: add one"]
    broken: list[str | None] = []
    includes = list(INCLUDE.finditer(text))
    for match in includes:
        where = f"{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
        quote, name = match.groups()
        if quote == '"' and not re.fullmatch(r".*\.pb-c\.h", name):
            broken.append(check_quoted(path, where, row, name))
        else:
            broken.append(check_angled(where, row, name))
    own = path.removesuffix(".c") + ".h"
    if path.endswith(".c") and own in known:
        first = home_of_include(includes[0].group(2), path) if includes else "nothing"
        if first != own:
            broken.append(
                f"{path}: includes {first} first; its own header {own} comes first, so "
                f"that it is seen to stand alone"
            )
    return [sentence for sentence in broken if sentence]


def imported(text: str) -> list[tuple[int, str]]:
    """Line and package of every import that is not relative."""
    found = []
    for item in ast.walk(ast.parse(text)):
        if isinstance(item, ast.Import):
            found += [(item.lineno, alias.name.split(".")[0]) for alias in item.names]
        elif isinstance(item, ast.ImportFrom) and item.level == 0:
            found.append((item.lineno, (item.module or "").split(".")[0]))
    return found


def python_violations(path: str, text: str, known: set[str]) -> list[str]:
    """What one Python file imports or declares that is not for its folder."""
    broken = []
    row = next((row for row in MAY_IMPORT if path.startswith(row + "/")), None)
    if row:
        own = {p[len(row) + 1 : -len(".py")] for p in known if p.startswith(row + "/")}
        allowed = sys.stdlib_module_names | MAY_IMPORT[row] | own
        names = ", ".join(sorted(MAY_IMPORT[row])) or "nothing"
        broken += [
            f"{path}:{line}: {row} may import {names} besides the standard library, "
            f"not {name}"
            for line, name in imported(text)
            if name not in allowed
        ]
    if path.startswith("python/") and path != ABI_HOME:
        broken += [
            f"{path}:{number}: what mirrors the C library ({match.group()}) has its "
            f"home in {ABI_HOME}: declare it there"
            for number, line in enumerate(text.splitlines(), start=1)
            if (match := ABI_WORDS.search(line))
        ]
    return broken


def main() -> None:
    paths = files()
    known = set(paths)
    broken = []
    for path in paths:
        if is_c(path):
            broken += violations(path, text_of(path), known)
        elif path.endswith(".py"):
            broken += python_violations(path, text_of(path), known)
    verdict(broken, "layer table")


if __name__ == "__main__":
    main()
