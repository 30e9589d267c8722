"""man_page.py PROGRAM BRIEF VERSION PAGE: writes the manual page of a program from what it
says to --help, and of its commands, so that neither can lag behind the other.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = re.compile(r"  ([a-z][a-z-]*) {2,}(\S.*)")
SYNOPSIS = re.compile(r"(?:usage|  or): +(.*)", re.IGNORECASE)
OPTION = re.compile(r" {2,6}(-.*?)(?: {2,}(\S.*))?")
# argp begins what it says of an option in this column; a closing remark of its own is left
# out.
EXPLAINED = " " * 29
REMARK = (
    "Mandatory or optional arguments to long options are also mandatory or optional"
)


@dataclass
class Help:
    """What a program, or one of its commands, says to --help."""

    synopses: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    commands: list[tuple[str, str]] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)


def said(program: list[str]) -> str:
    done = subprocess.run([*program, "--help"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(
            f"no manual page: '{' '.join(program)} --help' ends with "
            f"{done.returncode}: {done.stderr.strip()}"
        )
    return done.stdout


def read(text: str) -> Help:
    """The parts of a help text: of argp, or the list of commands of a program."""
    found = Help()
    for paragraph in re.split(r"\n\s*\n", text.split(REMARK)[0]):
        prose = []
        for line in filter(None, paragraph.splitlines()):
            if match := SYNOPSIS.fullmatch(line):
                found.synopses.append(match[1])
            elif match := COMMAND.fullmatch(line):
                found.commands.append((match[1], match[2]))
            elif match := OPTION.fullmatch(line):
                found.options.append((match[1], match[2] or ""))
            elif line.startswith(EXPLAINED) and found.options:
                option, explained = found.options[-1]
                found.options[-1] = (option, f"{explained} {line.strip()}".strip())
            else:
                prose.append(line.strip())
        if prose:
            found.paragraphs.append(" ".join(prose))
    return found


def escaped(text: str) -> str:
    """Text that groff shows as it stands."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def options_of(found: Help) -> list[str]:
    lines = []
    for option, explained in found.options:
        lines += [".TP", f".B {escaped(option)}", escaped(explained)]
    return lines


def paragraphs_of(found: Help) -> list[str]:
    lines = []
    for paragraph in found.paragraphs:
        lines += [".PP", escaped(paragraph)]
    return lines


def page(program: str, brief: str, version: str) -> str:
    name = Path(program).name
    whole = read(said([program]))
    commands = [(word, read(said([program, word]))) for word, _ in whole.commands]
    lines = [f'.TH {name.upper()} 1 "" "Tutti {version}" "Tutti"', ".SH NAME"]
    lines += [f"{escaped(name)} \\- {escaped(brief)}", ".SH SYNOPSIS"]
    for synopsis in sum((found.synopses for _, found in commands), whole.synopses):
        lines += [".br", escaped(synopsis)]
    lines += [".SH DESCRIPTION", *paragraphs_of(whole)]
    if commands:
        lines.append(".SH COMMANDS")
    for word, found in commands:
        lines += [f".SS {escaped(name)} {escaped(word)}"]
        lines += paragraphs_of(found) + options_of(found)
    if whole.options:
        lines += [".SH OPTIONS", *options_of(whole)]
    return "\n".join(lines) + "\n"


def main() -> None:
    program, brief, version, target = sys.argv[1:]
    Path(target).parent.mkdir(exist_ok=True)
    Path(target).write_text(page(program, brief, version), encoding="utf-8")


if __name__ == "__main__":
    main()
