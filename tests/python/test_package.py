"""The package as pip installs it from the checkout: without network, without the checkout.

SPDX-License-Identifier: Apache-2.0
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy

import tutti
from tutti import _abi

PYTHON = Path(__file__).resolve().parents[2] / "python"
LIBRARY = "TUTTI_LIBRARY"


def environment(**changes: str) -> dict[str, str]:
    ours = ("PYTHONPATH", "LD_LIBRARY_PATH", LIBRARY)
    kept = {name: text for name, text in os.environ.items() if name not in ours}
    return kept | changes


def path_of_library() -> str:
    """The file that the package of this process has loaded."""
    mapped = Path("/proc/self/maps").read_text()
    found = re.search(r"(/\S*/libtutti\.so\S*)", mapped)
    assert found
    return found[1]


def install(where: Path, library: str) -> subprocess.CompletedProcess[str]:
    """Into an environment of its own, in which only numpy is there already."""
    made = [sys.executable, "-m", "venv", "--without-pip", str(where)]
    subprocess.run(made, check=True)
    (site,) = where.glob("lib/python*/site-packages")
    (site / "numpy.pth").write_text(f"{Path(numpy.__file__).parents[1]}\n")
    pip = [sys.executable, "-m", "pip", "--python", str(where / "bin" / "python")]
    return subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", str(PYTHON)],
        env=environment(TUTTI_LIBRARY=library),
        capture_output=True,
        text=True,
    )


def test_the_installed_package_plays_a_run_with_its_own_library(
    tmp_path: Path,
) -> None:
    done = install(tmp_path / "own", path_of_library())
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "alone.py").write_text(
        "import tutti\n"
        "with tutti.join(step='1 ms') as me:\n"
        "    for window in me: pass\n"
        "print(tutti.__version__, tutti._abi.library._name)\n"
    )
    (tmp_path / "experiment.yaml").write_text(
        "experiment: package\nduration: 10 ms\n"
        "participants:\n  alone: {command: own/bin/python alone.py}\n"
    )
    played = subprocess.run(
        ["tutti", "run", "--out", "run", "experiment.yaml"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert played.returncode == 0, played.stderr
    version, library = (tmp_path / "run" / "alone.log").read_text().split()
    assert version == tutti.__version__
    assert Path(library).is_relative_to(tmp_path / "own")


def test_a_missing_library_is_named_with_what_to_do(tmp_path: Path) -> None:
    done = install(tmp_path / "own", "/nowhere/libtutti.so")
    assert done.returncode != 0
    assert (
        "the package needs libtutti.so, and /nowhere/libtutti.so is not there: run "
        "'./dev build', or set TUTTI_LIBRARY to the path of the library, or "
        "PKG_CONFIG_PATH to the folder of an installed tutti.pc"
    ) in done.stdout + done.stderr


def test_a_library_that_does_not_fit_is_not_packed(tmp_path: Path) -> None:
    wrong = re.search(r"(/\S*/libm\.so\S*)", Path("/proc/self/maps").read_text())
    assert wrong
    done = install(tmp_path / "own", wrong[1])
    assert done.returncode != 0
    name = next(iter(_abi.FUNCTIONS))
    assert f"{wrong[1]} has no function {name}: this package" in (
        done.stdout + done.stderr
    )
