"""Limits that keep the source readable: lengths, parameters, names of files.

SPDX-License-Identifier: Apache-2.0
"""

import ast
import re
from pathlib import Path

from project import files, is_c, is_source, text_of, verdict

FILE_LINES = 600
FUNCTION_LINES = 60
PARAMETERS = 6
NAMES_THAT_SAY_NOTHING = re.compile(
    r"(^|_)(util|utils|misc|common|helper|helpers|types|manager)(_|$)"
)

# The formatter puts the braces of a function, and of nothing else, at the first column.
C_FUNCTION = re.compile(r"^\{\n(.*?)^\}$", re.MULTILINE | re.DOTALL)


def count_parameters(head: str) -> int:
    """Parameters of a C function, from the text in front of its body."""
    inside = head[head.find("(") + 1 : head.rfind(")")]
    depth, commas = 0, 0
    for letter in inside:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        commas += letter == "," and depth == 0
    return 0 if inside.strip() in ("", "void") else commas + 1


def c_violations(path: str, text: str) -> list[str]:
    broken = []
    for match in C_FUNCTION.finditer(text):
        before = re.split(r"[;}/]\n|\n\n|^#.*\n", text[: match.start()], flags=re.M)
        head = before[-1].strip()
        name = re.search(r"(\w+)\s*\(", head)
        line = text.count("\n", 0, match.start()) + 1
        what = f"{path}:{line}: {name.group(1) if name else 'function'}()"
        length = match.group(1).count("\n") + 2 + head.count("\n") + 1
        if length > FUNCTION_LINES:
            broken.append(
                f"{what} has {length} lines, at most {FUNCTION_LINES} fit on a screen: "
                f"split it by what it does"
            )
        if count_parameters(head) > PARAMETERS:
            broken.append(
                f"{what} has {count_parameters(head)} parameters, at most {PARAMETERS}: "
                f"what belongs together is a struct"
            )
    return broken


def python_violations(path: str, text: str) -> list[str]:
    broken = []
    for item in ast.walk(ast.parse(text)):
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (item.end_lineno or item.lineno) - item.lineno + 1
            if length > FUNCTION_LINES:
                broken.append(
                    f"{path}:{item.lineno}: {item.name}() has {length} lines, at most "
                    f"{FUNCTION_LINES} fit on a screen: split it by what it does"
                )
    return broken


def violations(path: str, text: str) -> list[str]:
    broken = []
    if NAMES_THAT_SAY_NOTHING.search(Path(path).stem):
        broken.append(f"{path}: its name says nothing: name it by what is in it")
    lines = text.count("\n")
    if lines > FILE_LINES:
        broken.append(
            f"{path}: {lines} lines, at most {FILE_LINES}: split it by reason to change"
        )
    if is_c(path):
        broken += c_violations(path, text)
    elif path.endswith(".py"):
        broken += python_violations(path, text)
    return broken


def main() -> None:
    broken = []
    for path in files():
        if is_source(path):
            broken += violations(path, text_of(path))
    verdict(broken, "sizes and names")


if __name__ == "__main__":
    main()
