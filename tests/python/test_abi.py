"""What _abi.py declares is what the headers say.

SPDX-License-Identifier: Apache-2.0
"""

import os
import re
import subprocess
import sys
from ctypes import POINTER, c_bool, c_char_p, c_double, c_int, c_size_t
from ctypes import c_uint32, c_void_p
from pathlib import Path

import pytest

from tutti import _abi

ROOT = Path(__file__).resolve().parents[2]
TEXT = "\n".join(path.read_text() for path in sorted(ROOT.glob("include/tutti/*.h")))
CODE = re.sub(r"/\*.*?\*/", "", TEXT, flags=re.DOTALL)
FUNCTION = re.compile(r"TUTTI_API\s+([^;]*?)\b(tutti_\w+)\(([^;]*)\);", re.DOTALL)
STRUCTURE = re.compile(r"struct (tutti_\w+) \{(.*?)\};", re.DOTALL)

PLAIN = {
    "void": None,
    "bool": c_bool,
    "char *": c_char_p,
    "double *": POINTER(c_double),
    "double **": POINTER(POINTER(c_double)),
    "enum tutti_convention": c_int,
    "enum tutti_kind": c_int,
    "enum tutti_status": c_int,
    "int": c_int,
    "size_t": c_size_t,
    "size_t *": POINTER(c_size_t),
    "enum tutti_interpolation": c_int,
    "void *": c_void_p,
    "struct tutti_message *": POINTER(_abi.Message),
    "struct tutti_participant *": c_void_p,
    "struct tutti_participant **": POINTER(c_void_p),
    "struct tutti_port *": c_void_p,
    "struct tutti_port **": POINTER(c_void_p),
    "struct tutti_source **": POINTER(POINTER(_abi.Source)),
    "struct tutti_step": _abi.Step,
    "struct tutti_time": _abi.Time,
    "struct tutti_time *": POINTER(_abi.Time),
    "struct tutti_time **": POINTER(POINTER(_abi.Time)),
    "struct tutti_window *": POINTER(_abi.Window),
    "uint32_t": c_uint32,
    "uint32_t *": POINTER(c_uint32),
    "uint32_t **": POINTER(POINTER(c_uint32)),
    "int64_t": _abi.c_int64,
}


def ctypes_of(words: str):
    """The ctypes type of a C type, with or without a name behind it."""
    words = re.sub(r"\bconst\b", "", words)
    match = re.fullmatch(r"\s*((?:struct |enum )?\w+)\s*(\**)\s*\w*\s*", words)
    assert match, words
    return PLAIN[f"{match[1]} {match[2]}".strip()]


DECLARED = {name: (result, args) for result, name, args in FUNCTION.findall(CODE)}


def test_every_function_of_the_headers_is_declared_and_no_other():
    assert len(DECLARED) > 25
    assert set(_abi.FUNCTIONS) == set(DECLARED)


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_function_has_the_types_of_its_header(name):
    result, words = DECLARED[name]
    arguments = [] if words.strip() == "void" else words.split(",")
    expected = (ctypes_of(result), [ctypes_of(argument) for argument in arguments])
    assert _abi.FUNCTIONS[name] == expected


@pytest.mark.parametrize("structure", [_abi.Time, _abi.Window, _abi.Step, _abi.Source])
def test_a_structure_has_the_fields_of_its_header(structure):
    body = dict(STRUCTURE.findall(CODE))[f"tutti_{structure.__name__.lower()}"]
    fields = []
    for line in filter(None, (part.strip() for part in body.split(";"))):
        first, *others = line.split(",")
        kind = ctypes_of(first)
        names = [re.findall(r"\w+", first)[-1], *(word.strip() for word in others)]
        fields += [(name, kind) for name in names]
    assert structure._fields_ == fields


@pytest.mark.parametrize(
    "enum, values",
    [
        (
            "tutti_status",
            {
                "OK": _abi.OK,
                "END": _abi.END,
                "AGAIN": _abi.AGAIN,
                "BAD_CALL": _abi.BAD_CALL,
                "BAD_CONFIG": _abi.BAD_CONFIG,
                "REFUSED": _abi.REFUSED,
                "LOST": _abi.LOST,
                "NO_MEMORY": _abi.NO_MEMORY,
                "SYSTEM": _abi.SYSTEM,
            },
        ),
        ("tutti_convention", {"FROM": _abi.FROM, "UP_TO": _abi.UP_TO}),
        (
            "tutti_kind",
            {"SPIKES": _abi.SPIKES, "SIGNAL": _abi.SIGNAL, "MESSAGE": _abi.MESSAGE},
        ),
        (
            "tutti_interpolation",
            {"HOLD": _abi.HOLD, "LINEAR": _abi.LINEAR, "CUBIC": _abi.CUBIC},
        ),
    ],
)
def test_an_enum_has_the_values_of_its_header(enum, values):
    body = re.search(rf"enum {enum} \{{(.*?)\}}", CODE, re.DOTALL)[1]
    expected, following = {}, 0
    for word in filter(None, (word.strip() for word in body.split(","))):
        name, _, number = (part.strip() for part in word.partition("="))
        following = int(number) if number else following
        expected[name.removeprefix("TUTTI_")] = following
        following += 1
    assert values == expected


def message_of_import(**environment: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", "import tutti"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 1
    return answer.stderr.splitlines()[-1]


def test_a_missing_library_is_named_with_what_to_do():
    assert message_of_import(TUTTI_LIBRARY="/nowhere/libtutti.so") == (
        "ImportError: cannot load libtutti.so (/nowhere/libtutti.so: cannot open "
        "shared object file: No such file or directory): build it and run through "
        "'./dev exec', or set TUTTI_LIBRARY to the path of the library"
    )


def test_a_library_of_another_version_is_named():
    assert message_of_import(TUTTI_LIBRARY="libm.so.6") == (
        "ImportError: libm.so.6 has no function tutti_last_error: this package and "
        "the library are of different versions; build both from one source"
    )
