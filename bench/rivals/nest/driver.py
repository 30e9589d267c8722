"""Runs networks in NEST, as the wheel of PyPI has it.

SPDX-License-Identifier: Apache-2.0
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import rounds

SIMULATE = Path(__file__).with_name("simulate.py")


def simulate(words: list[str]) -> dict[str, Any]:
    """What simulate.py prints. Its threads sleep while they wait: on a machine that is
    not all ours this is its best setting, and on a quiet one it costs it nothing much.
    """
    if importlib.util.find_spec("nest") is None:
        raise rounds.Missing("NEST is not installed: './dev setup test' installs it")
    return rounds.object_of(
        [sys.executable, str(SIMULATE), *words], {"OMP_WAIT_POLICY": "passive"}
    )
